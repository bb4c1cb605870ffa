//! Further settings of a generated function: concurrency, tracing, tags, the CORS settings of its
//! URL, and how its code is signed.

use super::Flaw;
use super::chance::Chance;
use super::traits::{Special, Traits, Url};

/// Executions are reserved and provisioned in multiples of this, so that the unreserved tenth of
/// an account's limit can be met exactly.
const STEP: u64 = 9;

/// Settings of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How many executions are reserved, if any are; 0 stops the function.
    pub(crate) executions: u64,
    /// The provisioned concurrency of the alias `live`.
    pub(crate) provisioned: Provisioned,
    pub(crate) traced: bool,
    pub(crate) tags: Tags,
    pub(crate) cors: Cors,
    pub(crate) signing: Signing,
    pub(crate) key: Key,
    pub(crate) updates: Updates,
    /// For how many days a durable function keeps its histories.
    pub(crate) retention: u64,
    /// Whether a customer managed key encrypts the histories of a durable function.
    pub(crate) durable_key: bool,
    pub(crate) described: bool,
    pub(crate) size: Size,
    /// Whether its policy names a role that was deleted.
    pub(crate) names_deleted: bool,
}

/// How much of the limit of 4 KB the environment takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Small,
    /// Much, but not too much.
    Large,
    /// Nearly all.
    Full,
}

impl Size {
    /// How many characters fill the environment up.
    pub(crate) fn filling(self) -> usize {
        match self {
            Self::Small => 0,
            Self::Large => 2_500,
            Self::Full => 3_500,
        }
    }
}

/// When a function gets new versions of its runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Updates {
    Automatic,
    /// When the function is deployed.
    OnDeployment,
    /// Never.
    Pinned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provisioned {
    None,
    Ready,
    /// The environments could not be allocated.
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tags {
    None,
    /// Only tags that AWS adds.
    OfAws,
    Own,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cors {
    None,
    WithoutOrigins,
    NamedOrigin,
    AnyOrigin,
    AnyOriginWithCredentials,
}

/// How a function's code is signed, if it has a code signing configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    /// Enforced, and the package is signed.
    Enforced,
    /// Enforced since the package was deployed, which is not signed.
    EnforcedLater,
    /// Untrusted code is deployed with a warning.
    Warning,
}

/// The account of the customer managed key for the environment, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Own,
    /// The organisation's central account.
    Central,
    /// Outside the organisation.
    Partner,
}

/// How much of the concurrency of an account-Region is unreserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    Plenty,
    /// Exactly a tenth.
    Tenth,
    /// Less than a tenth.
    Little,
}

impl Room {
    pub(crate) fn draw(seed: u64, account: u64, region: u64) -> Self {
        match Chance::new(seed, "room", &[account, region]).below(20) {
            0 => Self::Little,
            1 => Self::Tenth,
            _ => Self::Plenty,
        }
    }

    /// What the first function of the account-Region reserves, if it has to.
    pub(crate) fn executions_of_first(self) -> Option<u64> {
        // Lambda keeps 100 executions unreserved.
        (self != Self::Plenty).then_some(200 * STEP)
    }

    /// The limit of an account-Region in which so many executions are taken.
    pub(crate) fn limit(self, taken: u64) -> u64 {
        match self {
            Self::Plenty => 1_000 + 2 * taken,
            Self::Tenth => taken / STEP * (STEP + 1),
            Self::Little => taken + 150,
        }
    }
}

impl Settings {
    /// Settings without faults.
    pub(crate) const GOOD: Self = Self {
        executions: STEP,
        provisioned: Provisioned::None,
        traced: true,
        tags: Tags::Own,
        cors: Cors::None,
        signing: Signing::Enforced,
        key: Key::Own,
        updates: Updates::Automatic,
        retention: 14,
        durable_key: true,
        described: true,
        size: Size::Small,
        names_deleted: false,
    };

    /// Draws the settings of a function.
    pub(crate) fn draw(seed: u64, place: &[u64]) -> Self {
        let mut chance = Chance::new(seed, "settings", place);
        Self {
            executions: STEP * chance.below(20) as u64,
            provisioned: match chance.below(10) {
                0 => Provisioned::Failed,
                1..3 => Provisioned::Ready,
                _ => Provisioned::None,
            },
            traced: chance.percent(50),
            tags: match chance.below(20) {
                0..3 => Tags::None,
                3..6 => Tags::OfAws,
                _ => Tags::Own,
            },
            cors: match chance.below(10) {
                0..3 => Cors::None,
                3..5 => Cors::WithoutOrigins,
                5..7 => Cors::NamedOrigin,
                7..9 => Cors::AnyOrigin,
                _ => Cors::AnyOriginWithCredentials,
            },
            signing: match chance.below(5) {
                0 => Signing::Warning,
                1 => Signing::EnforcedLater,
                _ => Signing::Enforced,
            },
            key: match chance.below(10) {
                0 => Key::Partner,
                1 => Key::Central,
                _ => Key::Own,
            },
            updates: match chance.below(10) {
                0 => Updates::OnDeployment,
                1 => Updates::Pinned,
                _ => Updates::Automatic,
            },
            // 30 days are not too long.
            retention: *chance.pick(&[&14, &30, &31, &90]),
            names_deleted: chance.percent(5),
            durable_key: chance.percent(50),
            described: chance.percent(50),
            size: match chance.below(30) {
                0 => Size::Full,
                1 => Size::Large,
                _ => Size::Small,
            },
        }
    }
}

impl Traits {
    /// How many executions the alias `live` has provisioned. A function that is stopped cannot have
    /// any.
    pub(crate) fn provisioned(&self) -> Option<u64> {
        let is_stopped = self.reserved && self.settings.executions == 0;
        let has = self.settings.provisioned != Provisioned::None;
        (has && self.versions > 0 && !is_stopped).then_some(STEP)
    }

    /// How many of the account's executions are not available to other functions.
    pub(crate) fn taken(&self) -> u64 {
        if self.reserved {
            self.settings.executions
        } else {
            self.provisioned().unwrap_or(0)
        }
    }

    /// Whether its code is not signed although only signed code can be deployed.
    pub(crate) fn is_unsigned_under_enforce(&self) -> bool {
        self.code_signing && self.settings.signing == Signing::EnforcedLater
    }

    /// Whether the environment's key belongs to an account outside the organisation.
    pub(crate) fn has_foreign_key(&self) -> bool {
        self.environment && self.customer_key && self.settings.key == Key::Partner
    }

    /// The faults of its settings.
    pub(crate) fn flaws_of_settings(&self) -> Vec<Flaw> {
        let settings = &self.settings;
        let has_url = !matches!(self.url, Url::None | Url::Leftover);
        let any_origin = matches!(
            settings.cors,
            Cors::AnyOrigin | Cors::AnyOriginWithCredentials
        );
        let signed = self.code_signing.then_some(settings.signing);
        let failed = settings.provisioned == Provisioned::Failed && self.provisioned().is_some();
        let qualifier = if self.on_alias { "live" } else { "$LATEST" };
        let flaws = [
            (
                "code-signing-warn-only",
                "",
                signed == Some(Signing::Warning),
            ),
            (
                "function-disabled",
                "",
                self.reserved && settings.executions == 0,
            ),
            ("function-untagged", "", settings.tags != Tags::Own),
            ("function-untraced", "", !settings.traced),
            (
                "function-url-cors-any-origin",
                qualifier,
                has_url && any_origin,
            ),
            ("provisioned-concurrency-failed", "live", failed),
            ("dead-letter-target-absent", "", !self.dead_letter),
            ("description-absent", "", !settings.described),
            (
                "durable-without-customer-key",
                "",
                self.special == Special::Durable && !settings.durable_key,
            ),
            (
                "durable-retention-long",
                "",
                self.special == Special::Durable && settings.retention > 30,
            ),
            ("insights-absent", "", self.runtime.is_some()),
            (
                "runtime-updates-not-auto",
                "",
                self.runtime.is_some() && settings.updates == Updates::OnDeployment,
            ),
            (
                "runtime-version-pinned",
                "",
                self.runtime.is_some() && settings.updates == Updates::Pinned,
            ),
            ("vpc-absent", "", !self.vpc),
        ];
        flaws
            .into_iter()
            .filter(|(.., is)| *is)
            .map(|(check, fault, _)| (check, Some(fault.to_owned())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Room;

    /// Lambda keeps 100 executions unreserved, whatever is reserved.
    #[test]
    fn limits_leave_what_their_names_say() {
        for taken in [1_800, 1_809, 9_000, 90_000] {
            let unreserved = |room: Room| room.limit(taken) - taken;
            assert!(unreserved(Room::Plenty) * 2 > taken);
            assert_eq!(unreserved(Room::Tenth) * 10, Room::Tenth.limit(taken));
            assert!(unreserved(Room::Little) * 10 < Room::Little.limit(taken));
            assert!(unreserved(Room::Tenth) >= 100 && unreserved(Room::Little) >= 100);
        }
    }
}
