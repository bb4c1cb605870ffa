//! The unit of work that is read, written to the journal and resumed as one.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use lambdasweep_model::{AccountId, Region};

/// A unit. Units are ordered so that going through them in order meets the organisation, then
/// accounts, and within each its Regions, in order; then what these refer to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Unit {
    /// The organisation.
    Organization,
    /// The global part of one account.
    Account(AccountId),
    /// One account in one Region.
    AccountRegion(AccountId, Region),
    /// Resources that units of accounts refer to, by the account that owns them and its Region. The
    /// account may be outside of the organisation: the unit does not make it one that is judged.
    Referenced(AccountId, Region),
}

/// What the names of units of referenced resources begin with.
const REFERENCED: &str = "referenced/";

/// The text names no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a valid unit: it takes `organization`, an account id, an account id and a Region with a slash between them, or `referenced` before such a pair"
)]
pub struct UnitError(String);

impl Unit {
    /// The account whose resources are judged by the unit's rows, if there is one.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Organization | Self::Referenced(..) => None,
            Self::Account(account) | Self::AccountRegion(account, _) => Some(account),
        }
    }

    fn place(&self) -> (bool, Option<&AccountId>, Option<&Region>) {
        match self {
            Self::Organization => (false, None, None),
            Self::Account(account) => (false, Some(account), None),
            Self::AccountRegion(account, region) => (false, Some(account), Some(region)),
            Self::Referenced(account, region) => (true, Some(account), Some(region)),
        }
    }
}

impl Ord for Unit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for Unit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization => f.write_str("organization"),
            Self::Account(account) => write!(f, "{account}"),
            Self::AccountRegion(account, region) => write!(f, "{account}/{region}"),
            Self::Referenced(account, region) => write!(f, "{REFERENCED}{account}/{region}"),
        }
    }
}

impl FromStr for Unit {
    type Err = UnitError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let error = || UnitError(lambdasweep_model::printable(value));
        let referenced = value.strip_prefix(REFERENCED);
        match referenced.unwrap_or(value).split_once('/') {
            None if value == "organization" => Ok(Self::Organization),
            None if referenced.is_some() => Err(error()),
            None => Ok(Self::Account(value.parse().map_err(|_| error())?)),
            Some((account, region)) => {
                let account = account.parse().map_err(|_| error())?;
                let region = region.parse().map_err(|_| error())?;
                Ok(match referenced {
                    Some(_) => Self::Referenced(account, region),
                    None => Self::AccountRegion(account, region),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Unit;

    #[test]
    fn an_accounts_units_stand_together() {
        let order = [
            "organization",
            "111111111111",
            "111111111111/eu-west-1",
            "111111111111/us-east-1",
            "222222222222",
            "222222222222/eu-west-1",
            "referenced/111111111111/eu-west-1",
            "referenced/999999999999/eu-west-1",
        ];
        let units: BTreeSet<Unit> = order
            .into_iter()
            .rev()
            .filter_map(|unit| unit.parse().ok())
            .collect();
        assert_eq!(units.iter().map(Unit::to_string).collect::<Vec<_>>(), order);
    }

    #[test]
    fn what_is_referred_to_belongs_to_no_account_that_is_judged() {
        let unit: Unit = "referenced/999999999999/eu-west-1".parse().expect("a unit");
        assert_eq!(unit.account(), None);
        for bad in [
            "referenced/",
            "referenced/999999999999",
            "referenced//eu-west-1",
        ] {
            assert!(bad.parse::<Unit>().is_err(), "{bad}");
        }
    }
}
