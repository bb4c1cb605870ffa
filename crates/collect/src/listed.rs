//! Accounts listed in a file, each with its own role, ExternalId and Regions.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use lambdasweep_model::{AccountId, Region};
use serde::{Deserialize, Serialize};

/// An ExternalId. It is sent to AWS and kept in the journal of an unfinished scan, and not written
/// anywhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExternalId(String);

/// The value is not a valid ExternalId; the message does not repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid ExternalId: it takes 2 to 1224 letters, digits and characters of _+=,.@:/-")]
pub struct ExternalIdError;

impl ExternalId {
    /// The ExternalId.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Source: "AssumeRole", AWS STS API Reference: `[\w+=,.@:\/-]*`, 2 to 1224 characters.
impl FromStr for ExternalId {
    type Err = ExternalIdError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let fine = (2..=1224).contains(&value.len())
            && value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte));
        if fine {
            Ok(Self(value.to_owned()))
        } else {
            Err(ExternalIdError)
        }
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternalId(…)")
    }
}

/// What a line of the file applies to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// One account, in the organisation or not.
    Account(AccountId),
    /// The accounts below an organizational unit: its id (ou-…), or its path of names.
    Unit(String),
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedAccount {
    /// Its location for messages: `accounts.csv:7`.
    pub place: String,
    /// What it applies to.
    pub target: Target,
    /// The role's ARN or name; `None` for that of the request.
    pub role: Option<String>,
    /// The ExternalId that the role requires; `None` for that of the request.
    pub external_id: Option<ExternalId>,
    /// The Regions to read instead of those of the request; empty for those of the request.
    pub regions: BTreeSet<Region>,
}

impl ListedAccount {
    /// How specific the line is for an account that it applies to: higher is more specific. The
    /// account's place is given as the names and the ids of its units from the root down.
    pub(crate) fn nearness(
        &self,
        account: &AccountId,
        path: Option<&str>,
        id_path: Option<&str>,
    ) -> Option<usize> {
        match &self.target {
            Target::Account(id) => (id == account).then_some(usize::MAX),
            Target::Unit(unit) if unit.starts_with('/') => {
                let names = |path: &str| {
                    path.split('/')
                        .filter(|name| !name.is_empty())
                        .map(str::to_owned)
                        .collect::<Vec<_>>()
                };
                let unit = names(unit);
                names(path?).starts_with(&unit).then_some(unit.len())
            }
            Target::Unit(unit) => id_path?.split('/').position(|id| id == unit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ExternalId, ListedAccount, Target};

    #[test]
    fn external_ids_are_those_of_sts_and_never_shown() {
        for fine in ["ab", "Unique/ID:1_2+3=4,5.6@7-8", &"x".repeat(1224)] {
            let id: ExternalId = fine.parse().expect(fine);
            assert!(!format!("{id:?}").contains(fine));
        }
        for bad in ["", "a", "a b", "ä1", "a\n", &"x".repeat(1225)] {
            assert!(
                !bad.parse::<ExternalId>()
                    .expect_err(bad)
                    .to_string()
                    .contains("a b")
            );
        }
    }

    #[test]
    fn the_nearest_line_speaks_for_an_account() {
        let account = "111122223333".parse().expect("an account");
        let nearness = |target: Target| {
            let line = ListedAccount {
                place: String::new(),
                target,
                role: None,
                external_id: None,
                regions: [].into(),
            };
            line.nearness(
                &account,
                Some("/Workloads/Prod"),
                Some("r-a1/ou-a1-work/ou-a1-prod"),
            )
        };
        let unit = |unit: &str| nearness(Target::Unit(unit.to_owned()));
        assert_eq!((unit("/"), unit("r-a1")), (Some(0), Some(0)));
        assert_eq!((unit("/Workloads"), unit("ou-a1-work")), (Some(1), Some(1)));
        assert_eq!(
            (unit("/Workloads/Prod/"), unit("ou-a1-prod")),
            (Some(2), Some(2))
        );
        assert_eq!(
            (unit("/Work"), unit("ou-a1"), unit("/Workloads/Prod/Shop")),
            (None, None, None)
        );
        assert_eq!(nearness(Target::Account(account.clone())), Some(usize::MAX));
    }
}
