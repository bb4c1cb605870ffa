//! The unit of work: what is read, journalled and resumed as one.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use lambdasweep_model::{AccountId, Region};

/// A unit. Units are ordered so that going through them in order meets the organisation, then
/// accounts, and within each its Regions, in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Unit {
    /// The organisation.
    Organization,
    /// The global part of one account.
    Account(AccountId),
    /// One account in one Region.
    AccountRegion(AccountId, Region),
}

/// What was given names no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no unit: it takes `organization`, an account id, or an account id and a Region with a slash between them"
)]
pub struct UnitError(String);

impl Unit {
    /// The account, if the unit belongs to one.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Organization => None,
            Self::Account(account) | Self::AccountRegion(account, _) => Some(account),
        }
    }
}

impl Unit {
    fn place(&self) -> (Option<&AccountId>, Option<&Region>) {
        match self {
            Self::Organization => (None, None),
            Self::Account(account) => (Some(account), None),
            Self::AccountRegion(account, region) => (Some(account), Some(region)),
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
        }
    }
}

impl FromStr for Unit {
    type Err = UnitError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let error = || UnitError(lambdasweep_model::printable(value));
        match value.split_once('/') {
            None if value == "organization" => Ok(Self::Organization),
            None => Ok(Self::Account(value.parse().map_err(|_| error())?)),
            Some((account, region)) => Ok(Self::AccountRegion(
                account.parse().map_err(|_| error())?,
                region.parse().map_err(|_| error())?,
            )),
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
        ];
        let units: BTreeSet<Unit> = order
            .into_iter()
            .rev()
            .filter_map(|unit| unit.parse().ok())
            .collect();
        assert_eq!(units.iter().map(Unit::to_string).collect::<Vec<_>>(), order);
    }
}
