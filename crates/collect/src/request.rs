//! The request: what a scan has to read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lambdasweep_aws::{Account, Organization};
use lambdasweep_model::{AccountId, Arn, Region, ScanId, printable};
use lambdasweep_tables::Fact;
use serde::{Deserialize, Serialize};

use crate::listed::{ListedAccount, Target};

/// What a scan has to read. It is stored with the scan, and a resumed scan uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanRequest {
    /// The scan.
    pub scan_id: ScanId,
    /// The date that deprecation dates are compared with.
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
    /// Only the accounts listed in a file, each with its own role; empty without such a file.
    #[serde(default)]
    pub listed: Vec<ListedAccount>,
    /// Regions that the file gives to an account, available after the accounts' places in the
    /// organisation are known.
    #[serde(skip)]
    pub own_regions: BTreeMap<AccountId, BTreeSet<Region>>,
    /// The accounts that are trusted, by what they are trusted with (`access`, `layers`, `images`).
    #[serde(default)]
    pub trusted: BTreeMap<String, BTreeSet<AccountId>>,
    /// The facts to read.
    pub facts: BTreeSet<Fact>,
    /// The checks to evaluate.
    pub checks: BTreeSet<String>,
}

/// The request names something that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// An account is not in the organisation.
    #[error("account {0} is not in the organisation; check its id, or leave it out")]
    UnknownAccount(AccountId),
    /// An organizational unit is not in the organisation.
    #[error(
        "the organizational unit `{0}` does not exist; give an id (ou-…) or a path of names (/Workloads/Prod)"
    )]
    UnknownUnit(String),
    /// An organizational unit is named, but there is no organisation.
    #[error(
        "account {0} does not belong to an organisation, so there is no organizational unit `{1}`; omit --ous"
    )]
    NoOrganization(AccountId, String),
    /// An account is named that the file does not list.
    #[error(
        "--accounts-file lists neither account {0} nor a unit that contains it; add it there, or leave it out"
    )]
    NotListed(AccountId),
    /// A line of the file names something that does not exist or that an earlier line names.
    #[error("{place}: {problem}")]
    Listed {
        /// The file and the line.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// No account is left.
    #[error("no account is left to scan; change --accounts, --ous or --exclude-accounts")]
    Nothing,
    /// A Region is not among those that AWS lists.
    #[error("{}`{region}` is not a Region of this partition; {}", place.as_ref().map_or_else(String::new, |place| format!("{place}: ")), hint.as_ref().map_or_else(|| "give names as AWS writes them, such as us-east-1".to_owned(), |hint| format!("did you mean {hint}?")))]
    UnknownRegion {
        /// The file and the line that names it, if any.
        place: Option<String>,
        /// The requested name.
        region: String,
        /// The most similar Region.
        hint: Option<String>,
    },
}

impl ScanRequest {
    /// Whether an account is to be read.
    pub fn includes(&self, organization: &Organization, account: &Account) -> bool {
        let below = |wanted: &String| {
            account
                .parent
                .as_deref()
                .and_then(|parent| organization.unit(parent))
                .is_some_and(|unit| {
                    let within = |path: &str, prefix: &str| {
                        path == prefix
                            || path.starts_with(&format!("{}/", prefix.trim_end_matches('/')))
                    };
                    unit.id_path.split('/').any(|id| id == wanted)
                        || (wanted.starts_with('/') && within(&unit.path, wanted))
                })
        };
        (self.listed.is_empty() || self.line_for(organization, account).is_some())
            && (self.accounts.is_empty() || self.accounts.contains(&account.id))
            && !self.exclude_accounts.contains(&account.id)
            && (self.organizational_units.is_empty() || self.organizational_units.iter().any(below))
    }

    /// The line of the file that applies to an account: its own, or that of the nearest unit above
    /// it.
    pub(crate) fn line_of(
        &self,
        account: &AccountId,
        path: Option<&str>,
        id_path: Option<&str>,
    ) -> Option<&ListedAccount> {
        let near = self
            .listed
            .iter()
            .filter_map(|line| Some((line.nearness(account, path, id_path)?, line)));
        near.max_by_key(|(nearness, _)| *nearness)
            .map(|(_, line)| line)
    }

    fn line_for(&self, organization: &Organization, account: &Account) -> Option<&ListedAccount> {
        let place = account
            .parent
            .as_deref()
            .and_then(|parent| organization.unit(parent));
        self.line_of(
            &account.id,
            place.map(|unit| unit.path.as_str()),
            place.map(|unit| unit.id_path.as_str()),
        )
    }

    /// Whether it names the accounts by their ids, so that they are known without reading the
    /// organisation.
    pub fn names_accounts_only(&self) -> bool {
        let listed = self
            .listed
            .iter()
            .all(|line| matches!(line.target, Target::Account(_)));
        (!self.accounts.is_empty() || !self.listed.is_empty())
            && listed
            && self.organizational_units.is_empty()
    }

    /// Adds the accounts that the file lists and that are not in the organisation: those of other
    /// organisations, or of none.
    pub(crate) fn add_listed(&self, organization: &mut Organization) {
        for line in &self.listed {
            let Target::Account(id) = &line.target else {
                continue;
            };
            if organization
                .accounts
                .iter()
                .all(|account| account.id != *id)
            {
                organization.accounts.push(Account::named(id.clone()));
            }
        }
        organization.accounts.sort_by(|a, b| a.id.cmp(&b.id));
    }

    /// The accounts to read if nothing is known about the organisation: those that are named, or
    /// the caller's own.
    ///
    /// # Errors
    /// If the request names organizational units, or no account is left.
    pub fn accounts_alone(&self, own: &AccountId) -> Result<BTreeSet<AccountId>, ScopeError> {
        if let Some(unit) = self.organizational_units.first() {
            return Err(ScopeError::NoOrganization(own.clone(), printable(unit)));
        }
        let mut listed = BTreeSet::new();
        for line in &self.listed {
            match &line.target {
                Target::Account(id) => listed.insert(id.clone()),
                Target::Unit(unit) => {
                    let problem = format!(
                        "account {own} does not belong to an organisation, so the organizational unit `{}` does not exist",
                        printable(unit)
                    );
                    return Err(ScopeError::Listed {
                        place: line.place.clone(),
                        problem,
                    });
                }
            };
        }
        if let Some(missing) = self
            .accounts
            .iter()
            .find(|id| !listed.is_empty() && !listed.contains(id))
        {
            return Err(ScopeError::NotListed(missing.clone()));
        }
        let named = match (self.accounts.is_empty(), listed.is_empty()) {
            (false, _) => self.accounts.clone(),
            (true, false) => listed,
            (true, true) => BTreeSet::from([own.clone()]),
        };
        let left: BTreeSet<AccountId> = named.difference(&self.exclude_accounts).cloned().collect();
        if left.is_empty() {
            Err(ScopeError::Nothing)
        } else {
            Ok(left)
        }
    }

    /// The Regions to read in an account; empty for all enabled Regions.
    pub fn regions_of(&self, account: &AccountId) -> &BTreeSet<Region> {
        self.own_regions.get(account).unwrap_or(&self.regions)
    }

    /// Whether a Region of an account is to be read.
    pub fn includes_region(&self, account: &AccountId, region: &Region) -> bool {
        let regions = self.regions_of(account);
        regions.is_empty() || regions.contains(region)
    }

    /// Every Region that is named, and the line of the file that names it, if any.
    pub fn named_regions(&self) -> impl Iterator<Item = (Option<&str>, &Region)> {
        let listed = self.listed.iter().flat_map(|line| {
            line.regions
                .iter()
                .map(|region| (Some(line.place.as_str()), region))
        });
        self.regions
            .iter()
            .map(|region| (None, region))
            .chain(listed)
    }

    /// Checks that the roles of the file are in the given partition.
    ///
    /// # Errors
    /// If one is in another partition.
    pub(crate) fn check_partition(&self, partition: &str) -> Result<(), ScopeError> {
        let arns = self
            .listed
            .iter()
            .filter_map(|line| Some((line, line.role.as_deref()?.parse::<Arn>().ok()?)));
        match arns.into_iter().find(|(_, arn)| arn.partition != partition) {
            None => Ok(()),
            Some((line, arn)) => Err(ScopeError::Listed {
                place: line.place.clone(),
                problem: format!(
                    "`{}` is in another partition than the scan, which is in {partition}",
                    printable(&arn.to_string())
                ),
            }),
        }
    }

    /// Checks that everything that the request names exists in the organisation.
    ///
    /// # Errors
    /// If something does not exist, or nothing is left to scan.
    pub fn check(&self, organization: &Organization) -> Result<(), ScopeError> {
        for account in self.accounts.iter().chain(&self.exclude_accounts) {
            if !organization.accounts.iter().any(|it| &it.id == account) {
                return Err(ScopeError::UnknownAccount(account.clone()));
            }
        }
        self.check_listed(organization)?;
        for wanted in &self.organizational_units {
            if !organization
                .units
                .iter()
                .any(|unit| &unit.id == wanted || &unit.path == wanted)
            {
                return Err(ScopeError::UnknownUnit(printable(wanted)));
            }
        }
        if organization
            .accounts
            .iter()
            .any(|account| self.includes(organization, account))
        {
            Ok(())
        } else {
            Err(ScopeError::Nothing)
        }
    }

    fn check_listed(&self, organization: &Organization) -> Result<(), ScopeError> {
        let mut units: BTreeMap<&str, &str> = BTreeMap::new();
        for line in &self.listed {
            let Target::Unit(wanted) = &line.target else {
                continue;
            };
            let refused = |problem| {
                Err(ScopeError::Listed {
                    place: line.place.clone(),
                    problem,
                })
            };
            let Some(unit) = organization
                .units
                .iter()
                .find(|unit| &unit.id == wanted || &unit.path == wanted)
            else {
                return refused(format!(
                    "the organizational unit `{}` does not exist",
                    printable(wanted)
                ));
            };
            if let Some(earlier) = units.insert(&unit.id, &line.place) {
                return refused(format!(
                    "the organizational unit {} was listed before, in {earlier}",
                    printable(wanted)
                ));
            }
        }
        let listed = |id: &AccountId| {
            organization
                .accounts
                .iter()
                .any(|it| it.id == *id && self.line_for(organization, it).is_some())
        };
        match self
            .accounts
            .iter()
            .find(|id| !self.listed.is_empty() && !listed(id))
        {
            None => Ok(()),
            Some(account) => Err(ScopeError::NotListed(account.clone())),
        }
    }
}
