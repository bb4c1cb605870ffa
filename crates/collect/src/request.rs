//! What a scan is asked to read.

use std::collections::BTreeSet;

use jiff::civil::Date;
use lambdasweep_aws::{Account, Organization};
use lambdasweep_model::{AccountId, Fact, Region, ScanId};
use serde::{Deserialize, Serialize};

/// What a scan is asked to read. It is kept with the scan, and a resumed scan goes on with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanRequest {
    /// The scan.
    pub scan_id: ScanId,
    /// The date that dates are judged by.
    pub as_of: Date,
    /// The role that is assumed in each account.
    pub role_name: String,
    /// Only these accounts; empty for all.
    pub accounts: BTreeSet<AccountId>,
    /// Only accounts below these organizational units (ids, or paths of names); empty for all.
    pub organizational_units: BTreeSet<String>,
    /// Accounts to leave out.
    pub exclude_accounts: BTreeSet<AccountId>,
    /// Only these Regions; empty for every Region that an account has enabled.
    pub regions: BTreeSet<Region>,
    /// The facts to read.
    pub facts: BTreeSet<Fact>,
    /// The checks to evaluate.
    pub checks: BTreeSet<String>,
}

/// The request names what is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// An account is not in the organisation.
    #[error("account {0} is not in the organisation; check its id, or leave it out")]
    UnknownAccount(AccountId),
    /// An organizational unit is not in the organisation.
    #[error("there is no organizational unit `{0}`; give an id (ou-…) or a path of names (/Workloads/Prod)")]
    UnknownUnit(String),
    /// No account is left.
    #[error("no account is left to scan; loosen --accounts, --ous or --exclude-accounts")]
    Nothing,
    /// A Region is not among those that AWS lists.
    #[error("`{region}` is not a Region of this partition; {}", hint.as_ref().map_or_else(|| "give names as AWS writes them, such as us-east-1".to_owned(), |hint| format!("did you mean {hint}?")))]
    UnknownRegion {
        /// What was asked for.
        region: String,
        /// The most similar Region.
        hint: Option<String>,
    },
}

impl ScanRequest {
    /// Whether an account is to be read.
    pub fn includes(&self, organization: &Organization, account: &Account) -> bool {
        let below = |wanted: &String| {
            account.parent.as_deref().and_then(|parent| organization.unit(parent)).is_some_and(|unit| {
                let within = |path: &str, prefix: &str| path == prefix || path.starts_with(&format!("{}/", prefix.trim_end_matches('/')));
                unit.id_path.split('/').any(|id| id == wanted) || (wanted.starts_with('/') && within(&unit.path, wanted))
            })
        };
        (self.accounts.is_empty() || self.accounts.contains(&account.id))
            && !self.exclude_accounts.contains(&account.id)
            && (self.organizational_units.is_empty() || self.organizational_units.iter().any(below))
    }

    /// Whether it says by their ids which accounts are meant, and needs nothing of the organisation to know them.
    pub fn names_accounts_only(&self) -> bool {
        !self.accounts.is_empty() && self.organizational_units.is_empty()
    }

    /// Whether a Region is to be read.
    pub fn includes_region(&self, region: &Region) -> bool {
        self.regions.is_empty() || self.regions.contains(region)
    }

    /// Checks that everything that the request names is in the organisation.
    ///
    /// # Errors
    /// Where something is not there, or nothing is left to scan.
    pub fn check(&self, organization: &Organization) -> Result<(), ScopeError> {
        for account in self.accounts.iter().chain(&self.exclude_accounts) {
            if !organization.accounts.iter().any(|it| &it.id == account) {
                return Err(ScopeError::UnknownAccount(account.clone()));
            }
        }
        for wanted in &self.organizational_units {
            if !organization.units.iter().any(|unit| &unit.id == wanted || &unit.path == wanted) {
                return Err(ScopeError::UnknownUnit(lambdasweep_model::printable(wanted)));
            }
        }
        if organization.accounts.iter().any(|account| self.includes(organization, account)) { Ok(()) } else { Err(ScopeError::Nothing) }
    }
}
