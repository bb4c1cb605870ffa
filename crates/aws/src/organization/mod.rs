//! Reads the organisation: its organizational units and its accounts with their place in the tree.

mod accounts;
mod units;

use std::collections::BTreeMap;

use lambdasweep_model::AccountId;

use self::accounts::{list_accounts, list_parents};
use self::units::list_units;
use crate::caller::Caller;
use crate::connection::Connection;
use crate::error::CallError;
use crate::operation::{Member, Operation};
use crate::quota::Quota;

const SOURCE: &str = "Quotas for AWS Organizations";
const DESCRIBE: Quota = Quota::global("Organizations DescribeOrganization", 1.0, SOURCE);
/// `ListAccountsForParent`, `ListParents`, `ListOrganizationalUnitsForParent`.
const TREE: Quota = Quota::global("Organizations tree", 5.0, SOURCE);
const ACCOUNTS: Quota = Quota::global("Organizations ListAccounts", 8.0, SOURCE);

const DESCRIBE_ORGANIZATION: Operation =
    Operation::new("organizations:DescribeOrganization", &DESCRIBE).sends(&[
        Member::text("Organization.Id"),
        Member::text("Organization.MasterAccountId"),
    ]);

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// `o-…`.
    pub id: String,
    /// The management account.
    pub management_account: String,
    /// The root first, then every organizational unit after its parent.
    pub units: Vec<OrganizationalUnit>,
    /// All accounts, whatever their state, sorted by id.
    pub accounts: Vec<Account>,
    /// Why it could not be read, if only the accounts that were named are known.
    pub unread: Option<CallError>,
    /// Missing or contradictory data from AWS: each entry says why some part of the organisation is
    /// unknown.
    pub defects: Vec<Defect>,
}

/// Missing or contradictory data from AWS; the part of the organisation that it concerns counts as
/// not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// The code for coverage.
    pub code: DefectCode,
    /// What is wrong, in words; safe to print.
    pub message: String,
}

/// The kinds of defects, those with the greatest effect first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefectCode {
    /// An account is listed without a valid id.
    UnidentifiedAccount,
    /// An account that must be in the list of accounts is missing.
    UnlistedAccount,
    /// An account is listed twice, in different states or places.
    ConflictingAccount,
    /// An account is in a state that this release does not know.
    UnknownAccountState,
    /// An organizational unit is listed without a valid id.
    UnidentifiedUnit,
    /// An organizational unit is listed below two parents, or below itself.
    ConflictingUnit,
    /// An account's parent is a unit that is not listed.
    UnknownParent,
}

impl DefectCode {
    /// The code in coverage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnidentifiedAccount => "UnidentifiedAccount",
            Self::UnlistedAccount => "UnlistedAccount",
            Self::ConflictingAccount => "ConflictingAccount",
            Self::UnknownAccountState => "UnknownAccountState",
            Self::UnidentifiedUnit => "UnidentifiedUnit",
            Self::ConflictingUnit => "ConflictingUnit",
            Self::UnknownParent => "UnknownParent",
        }
    }
}

/// The root or an organizational unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationalUnit {
    /// `r-…` or `ou-…`.
    pub id: String,
    /// The parent's id; `None` for the root.
    pub parent: Option<String>,
    /// The name.
    pub name: String,
    /// Names from the root down, each after a slash; `/` for the root.
    pub path: String,
    /// Ids from the root down, joined by slashes.
    pub id_path: String,
    /// The policy types that are enabled, which only the root has; a type that is being enabled or
    /// disabled is followed by its status in parentheses.
    pub policy_types: Vec<String>,
}

/// An account of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
    /// The name.
    pub name: String,
    /// The root user's e-mail address.
    pub email: Option<String>,
    /// ACTIVE, SUSPENDED, PENDING_CLOSURE, PENDING_ACTIVATION, CLOSED, or a new value of AWS;
    /// UNKNOWN if AWS returned none or two.
    pub state: String,
    /// CREATED or INVITED.
    pub joined_method: Option<String>,
    /// When it joined, RFC 3339.
    pub joined_at: Option<String>,
    /// The id of the root or unit that contains it.
    pub parent: Option<String>,
    /// Why it is unknown whether the account is active.
    pub defect: Option<Defect>,
}

impl Account {
    /// An account that is only known to exist and to be active.
    pub fn named(id: AccountId) -> Self {
        Self {
            id,
            name: String::new(),
            email: None,
            state: "ACTIVE".to_owned(),
            joined_method: None,
            joined_at: None,
            parent: None,
            defect: None,
        }
    }

    /// Whether it can be entered.
    pub fn is_active(&self) -> bool {
        self.state == "ACTIVE"
    }
}

impl Organization {
    /// Accounts that were named, of an organisation that could not be read; they count as active
    /// until they are entered.
    pub fn unread(accounts: impl IntoIterator<Item = AccountId>, why: CallError) -> Self {
        let accounts = accounts.into_iter().map(Account::named).collect();
        let (id, management_account) = (String::new(), String::new());
        Self {
            id,
            management_account,
            units: Vec::new(),
            accounts,
            unread: Some(why),
            defects: Vec::new(),
        }
    }

    /// The unit with an id.
    pub fn unit(&self, id: &str) -> Option<&OrganizationalUnit> {
        self.units.iter().find(|unit| unit.id == id)
    }
}

/// Reads the organisation with the connection's own credentials: the management account's, or a
/// delegated administrator's.
///
/// Missing or contradictory data is reported by [`Organization::defects`] and [`Account::defect`];
/// the rest remains usable.
///
/// # Errors
/// If a call is denied or fails, or the organisation itself, its management account or its
/// root has no id.
pub async fn discover(connection: &Connection) -> Result<Organization, CallError> {
    let client = connection.organizations();
    let caller = Caller::new(connection.pacer(), connection.account().as_str(), "");
    let described = caller
        .call(&DESCRIBE_ORGANIZATION, || {
            client.describe_organization().send()
        })
        .await?;
    let described = described.organization();
    let (Some(id), Some(management_account)) = (
        described
            .and_then(|it| it.id())
            .filter(|id| is_id(id, "o-")),
        described.and_then(|it| it.master_account_id()?.parse::<AccountId>().ok()),
    ) else {
        return Err(caller.incomplete(
            &DESCRIBE_ORGANIZATION,
            "the response lacks the ids of the organisation and its management account",
        ));
    };

    let (mut defects, mut of_accounts) = (Vec::new(), Vec::new());
    // They have quotas of their own, so that neither waits for the other.
    let (units, accounts) = tokio::join!(
        list_units(&client, &caller, &mut defects),
        list_accounts(&client, &caller, &mut of_accounts)
    );
    let (units, mut accounts) = (units?, accounts?);
    defects.append(&mut of_accounts);
    // Older endpoints do not return an account's path: then the tree is read unit by unit.
    if accounts.values().any(|account| account.parent.is_none()) {
        let parents = list_parents(&client, &caller, &units).await?;
        for account in accounts
            .values_mut()
            .filter(|account| account.parent.is_none())
        {
            account.parent = parents.get(account.id.as_str()).cloned();
        }
    }
    let must_be_there = [
        (&management_account, "the management account"),
        (connection.account(), "the caller's own account"),
    ];
    complete(&mut accounts, &units, &must_be_there, &mut defects);
    defects.sort_by_key(|defect| defect.code);
    let (id, management_account) = (id.to_owned(), management_account.to_string());
    Ok(Organization {
        id,
        management_account,
        units,
        accounts: accounts.into_values().collect(),
        unread: None,
        defects,
    })
}

/// Whether a string has the form of an id: a prefix, then lower-case letters, digits and dashes.
fn is_id(text: &str, prefix: &str) -> bool {
    text.len() <= 130
        && text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
}

/// Adds accounts that must exist but are not listed; they are active, since calls are made from
/// them or billed to them. Also records accounts whose place is unknown.
fn complete(
    accounts: &mut BTreeMap<AccountId, Account>,
    units: &[OrganizationalUnit],
    must_be_there: &[(&AccountId, &str)],
    defects: &mut Vec<Defect>,
) {
    for account in accounts.values().filter(|account| account.is_active()) {
        let parent = account.parent.as_deref();
        if !units.iter().any(|unit| Some(unit.id.as_str()) == parent) {
            let place = parent.map_or_else(
                || "no place in the organisation".to_owned(),
                |parent| format!("the parent {parent}, which is not listed"),
            );
            defects.push(Defect {
                code: DefectCode::UnknownParent,
                message: format!("account {} has {place}", account.id),
            });
        }
    }
    for (id, what) in must_be_there {
        if !accounts.contains_key(*id) {
            let message = format!("the list of accounts lacks {id}, {what}");
            defects.push(Defect {
                code: DefectCode::UnlistedAccount,
                message,
            });
            accounts.insert((*id).clone(), Account::named((*id).clone()));
        }
    }
}

#[cfg(test)]
mod tests;
