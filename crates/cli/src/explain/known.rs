//! Which condition keys of a call are known, when all that is known of it is who calls, what, and
//! what the scan knows of both.
//!
//! Source: "AWS global condition context keys", IAM User Guide, section by section under
//! "Availability".

use std::collections::BTreeSet;

use lambdasweep_policy::{Condition, Kind, Operator, Principal, Quantifier};

/// What is known of the caller's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// It is a member of the scanned organisation, and the principal says where.
    Member,
    /// It is not in the scanned organisation, which has this id; it may be in another.
    Outside(String),
    /// The organisation was not read.
    Unknown,
}

/// What is known of a call.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) kind: Kind,
    pub(super) place: Place,
    /// The keys that are given, in lower case.
    pub(super) given: BTreeSet<String>,
}

impl Known {
    pub(super) fn of(
        principal: &Principal,
        place: Place,
        given: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            kind: principal.kind(),
            place,
            given: given
                .into_iter()
                .map(|key| key.to_ascii_lowercase())
                .collect(),
        }
    }

    /// Whether a condition can be decided. A key that a call of this kind never has is known as
    /// well: it is absent.
    pub(super) fn decides(&self, condition: &Condition) -> bool {
        let key = condition.key.to_ascii_lowercase();
        if self.given.contains(&key) {
            return true;
        }
        let has_account = !matches!(self.kind, Kind::Service | Kind::Anonymous | Kind::Federated);
        match key.as_str() {
            "aws:principalarn"
            | "aws:principalaccount"
            | "aws:principaltype"
            | "aws:principalisawsservice"
            | "aws:principalservicename"
            | "aws:username"
            | "aws:resourceaccount" => true,
            "aws:principalorgid" | "aws:principalorgpaths" if has_account => match &self.place {
                Place::Member => true,
                Place::Outside(organization) => names_only(condition, organization),
                Place::Unknown => false,
            },
            // Only a service that calls for somebody has a source.
            "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourceorgpaths" => {
                self.kind != Kind::Service
            }
            _ => {
                key.starts_with("aws:principal")
                    && matches!(self.kind, Kind::Service | Kind::Anonymous)
            }
        }
    }
}

/// Whether a condition asks for one organisation by name, so that whoever is not in it is told from
/// its members, wherever else it may be.
fn names_only(condition: &Condition, organization: &str) -> bool {
    let named = |value: &str| {
        value
            .strip_prefix(organization)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    !condition.values.is_empty()
        && condition.values.iter().all(|value| named(value.as_str()))
        && !condition.if_exists
        && condition.quantifier != Quantifier::ForAllValues
        && !matches!(condition.operator, Operator::Null | Operator::Unknown)
}

#[cfg(test)]
mod tests {
    use lambdasweep_policy::{Condition, Principal};

    use super::{Known, Place};

    #[test]
    fn keys_are_known_by_who_calls() {
        let known = |principal: &str, place: Place| {
            let principal = Principal::parse(principal).expect("a principal");
            Known::of(&principal, place, ["AWS:SourceIp".to_owned()])
        };
        let user = known(
            "arn:aws:iam::444455556666:user/ana",
            Place::Outside("o-a1b2c3d4e5".to_owned()),
        );
        let member = known("arn:aws:iam::444455556666:user/ana", Place::Member);
        let stranger = known("arn:aws:iam::444455556666:user/ana", Place::Unknown);
        let (service, anonymous) = (
            known("s3.amazonaws.com", Place::Unknown),
            known("*", Place::Unknown),
        );
        let condition =
            |operator: &str, key: &str, value: &str| Condition::new(operator, key, [value]);
        let own = condition("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5");
        for (who, decided, left) in [
            (
                &user,
                vec![&own],
                vec!["aws:PrincipalTag/team", "aws:SourceVpc"],
            ),
            (&member, vec![&own], vec!["aws:PrincipalTag/team"]),
            (&stranger, vec![], vec!["aws:PrincipalOrgID"]),
            (
                &service,
                vec![&own],
                vec![
                    "aws:SourceArn",
                    "aws:SourceAccount",
                    "lambda:FunctionUrlAuthType",
                ],
            ),
            (
                &anonymous,
                vec![&own],
                vec!["lambda:FunctionUrlAuthType", "aws:CurrentTime"],
            ),
        ] {
            assert!(
                decided.iter().all(|condition| who.decides(condition)),
                "{who:?}"
            );
            assert!(
                who.decides(&condition("IpAddress", "aws:sourceip", "203.0.113.0/24")),
                "it is given"
            );
            for key in left {
                assert!(
                    !who.decides(&condition("StringEquals", key, "x")),
                    "{who:?} {key}"
                );
            }
        }
        for (operator, value) in [
            ("StringEqualsIfExists", "o-a1b2c3d4e5"),
            ("StringEquals", "o-zzzzzzzzzz"),
            ("StringLike", "o-*"),
            ("Null", "true"),
        ] {
            assert!(
                !user.decides(&condition(operator, "aws:PrincipalOrgID", value)),
                "{operator} {value}"
            );
        }
        assert!(user.decides(&condition(
            "ForAnyValue:StringLike",
            "aws:PrincipalOrgPaths",
            "o-a1b2c3d4e5/r-ab12/*"
        )));
        assert!(
            user.decides(&condition("ArnLike", "aws:SourceArn", "arn:aws:s3:::x")),
            "a user has no source"
        );
    }
}
