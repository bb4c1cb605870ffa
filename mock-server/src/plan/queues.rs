//! Queues that functions use as failure targets: where each is, and what is wrong with it.

use super::chance::Chance;

/// An account outside the organisation.
pub(crate) const PARTNER: &str = "999988887777";

/// A queue that functions use as a failure target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// In the function's account.
    Own,
    /// In the function's account, encrypted with the AWS managed key of SQS.
    AwsKey,
    /// In the function's account, with a policy that denies requests without TLS.
    Secured,
    /// In the organisation's central account, with a policy that allows the organisation to send.
    Central,
    /// Outside the organisation, with a policy that allows the organisation to send and to read
    /// attributes.
    Partner,
    /// Deleted.
    Gone,
    /// A FIFO queue, to which Lambda cannot deliver.
    Fifo,
    /// In the function's account, with a policy that denies sending to all roles.
    Guarded,
    /// In the central account, without a policy.
    CentralClosed,
    /// In the central account, with a policy that allows the organisation to send, but encrypted
    /// with the AWS managed key of SQS, which no other account can use.
    CentralAwsKey,
    /// In the function's account, encrypted with a customer managed key.
    CustomerKey,
    /// Outside the organisation, with a policy that allows nobody.
    PartnerClosed,
}

/// The kinds that any failure target of a function can have.
const GOOD: [Target; 4] = [Target::Own, Target::Own, Target::Secured, Target::AwsKey];
const BAD: [Target; 4] = [
    Target::Gone,
    Target::Fifo,
    Target::Guarded,
    Target::CustomerKey,
];
/// Further kinds for destinations.
const GOOD_ELSEWHERE: [Target; 2] = [Target::Central, Target::Partner];
const BAD_ELSEWHERE: [Target; 3] = [
    Target::CentralClosed,
    Target::CentralAwsKey,
    Target::PartnerClosed,
];

/// Whether a service control policy denies sending to queues to an account's principals.
pub(crate) fn denied_by_organization(unit: &str) -> bool {
    unit == "ou-a1b2-sandbox0"
}

/// The failure targets of a function, and whether its role may send there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Targets {
    pub(crate) dead_letter: Target,
    pub(crate) destination: Target,
    /// If the role may not send, the targets are good, so that they have no other fault.
    pub(crate) role_may_send: bool,
}

impl Targets {
    /// Targets without faults.
    pub(crate) const GOOD: Self = Self {
        dead_letter: Target::Own,
        destination: Target::Own,
        role_may_send: true,
    };

    /// Draws the targets of a function; `bad` percent of them have a fault. `in_central` is whether
    /// the function is in the central account itself.
    pub(crate) fn draw(
        seed: u64,
        bad: u64,
        place: [u64; 3],
        in_central: bool,
        has_own_role: bool,
    ) -> Self {
        let mut chance = Chance::new(seed, "queues", &place);
        let mut pick = |own: &[Target], elsewhere: &[Target]| {
            let at = chance.below(own.len() + elsewhere.len());
            let other = at.checked_sub(own.len()).map(|at| elsewhere[at]);
            let drawn = other.unwrap_or_else(|| own[at]);
            let is_central = drawn.account("own", "central") == "central";
            if is_central && in_central {
                own[0]
            } else {
                drawn
            }
        };
        let good = (pick(&GOOD, &[]), pick(&GOOD, &GOOD_ELSEWHERE));
        let not_good = (pick(&BAD, &[]), pick(&BAD, &BAD_ELSEWHERE));
        let role_may_send = !(has_own_role && chance.percent(bad) && chance.percent(25));
        let mut is_bad = || role_may_send && chance.percent(bad);
        let (of_dead_letter, of_destination) = (is_bad(), is_bad());
        Self {
            dead_letter: if of_dead_letter { not_good.0 } else { good.0 },
            destination: if of_destination { not_good.1 } else { good.1 },
            role_may_send,
        }
    }
}

impl Target {
    /// The queue's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Own => "failures",
            Self::AwsKey => "failures-encrypted",
            Self::Secured => "failures-secured",
            Self::Central => "central-failures",
            Self::Partner => "partner-failures",
            Self::Gone => "failures-retired",
            Self::Fifo => "failures.fifo",
            Self::Guarded => "failures-guarded",
            Self::CentralClosed => "central-closed",
            Self::CentralAwsKey => "central-encrypted",
            Self::CustomerKey => "failures-customer-key",
            Self::PartnerClosed => "partner-closed",
        }
    }

    /// The queue's account, for a function in the account `own`.
    pub(crate) fn account<'a>(self, own: &'a str, central: &'a str) -> &'a str {
        match self {
            Self::Central | Self::CentralClosed | Self::CentralAwsKey => central,
            Self::Partner | Self::PartnerClosed => PARTNER,
            _ => own,
        }
    }

    /// The fault for a function whose role may not send. Nothing is known about a queue outside the
    /// organisation if nobody may read its attributes.
    pub(crate) fn flaw_if_denied(self) -> Option<&'static str> {
        match self {
            Self::PartnerClosed => None,
            _ => self.flaw().or(Some("failure-target-denied")),
        }
    }

    /// The fault for a function whose role may send. Whether a customer managed key allows it
    /// depends on its key policy, and nothing is known about a queue outside the organisation if
    /// nobody may read its attributes.
    pub(crate) fn flaw(self) -> Option<&'static str> {
        match self {
            Self::Gone => Some("failure-target-missing"),
            Self::Fifo => Some("failure-target-fifo"),
            Self::Guarded | Self::CentralClosed | Self::CentralAwsKey => {
                Some("failure-target-denied")
            }
            Self::Own
            | Self::AwsKey
            | Self::Secured
            | Self::Central
            | Self::Partner
            | Self::CustomerKey
            | Self::PartnerClosed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Target, Targets};

    #[test]
    fn without_bad_ones_all_are_good_and_all_kinds_come_up() {
        let drawn = |bad: u64| -> Vec<Targets> {
            (0..2_000)
                .map(|at| Targets::draw(7, bad, [3, 0, at], false, true))
                .collect()
        };
        let all_good = drawn(0).iter().all(|it| {
            it.role_may_send && it.dead_letter.flaw().is_none() && it.destination.flaw().is_none()
        });
        assert!(all_good);
        let drawn = drawn(50);
        for target in [
            Target::Gone,
            Target::Fifo,
            Target::Guarded,
            Target::CustomerKey,
        ] {
            assert!(
                drawn.iter().any(|it| it.dead_letter == target),
                "{target:?}"
            );
            assert!(
                drawn.iter().any(|it| it.destination == target),
                "{target:?}"
            );
        }
        assert!(drawn.iter().any(|it| !it.role_may_send));
        assert!(
            drawn
                .iter()
                .filter(|it| !it.role_may_send)
                .all(|it| it.destination.flaw().is_none())
        );
        let central = (0..2_000).map(|at| Targets::draw(7, 50, [1, 0, at], true, true));
        assert!(
            central
                .map(|it| it.destination)
                .all(|it| it.account("own", "central") != "central")
        );
    }
}
