//! Reads the organisation: its organizational units and its accounts with their place in the tree.

use std::collections::BTreeMap;

use aws_sdk_organizations::types::{OrganizationalUnit as SdkUnit, PolicyTypeStatus, PolicyTypeSummary};
use lambdasweep_model::AccountId;

use crate::caller::Caller;
use crate::connection::Connection;
use crate::error::CallError;
use crate::operation::{Bucket, Operation};

const DESCRIBE_ORGANIZATION: Operation = Operation::new("organizations:DescribeOrganization", Bucket::OrganizationsRoot);
const LIST_ROOTS: Operation = Operation::new("organizations:ListRoots", Bucket::OrganizationsRoot);
const LIST_UNITS: Operation = Operation::new("organizations:ListOrganizationalUnitsForParent", Bucket::OrganizationsTree);
const LIST_ACCOUNTS: Operation = Operation::new("organizations:ListAccounts", Bucket::OrganizationsListAccounts);
const LIST_CHILDREN: Operation = Operation::new("organizations:ListAccountsForParent", Bucket::OrganizationsTree);

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
    /// Why it could not be read, where all that is known of it are accounts that were named.
    pub unread: Option<CallError>,
}

/// The root or an organizational unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationalUnit {
    /// `r-…` or `ou-…`.
    pub id: String,
    /// The parent's id; none for the root.
    pub parent: Option<String>,
    /// The name.
    pub name: String,
    /// Names from the root down, each after a slash; `/` for the root.
    pub path: String,
    /// Ids from the root down, joined by slashes.
    pub id_path: String,
    /// The policy types that are enabled, which only the root tells; one that is being enabled or disabled has its status after it, in brackets.
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
    /// ACTIVE, SUSPENDED, PENDING_CLOSURE, PENDING_ACTIVATION, CLOSED.
    pub state: String,
    /// CREATED or INVITED.
    pub joined_method: Option<String>,
    /// When it joined, RFC 3339.
    pub joined_at: Option<String>,
    /// What holds it.
    pub parent: Option<String>,
}

impl Organization {
    /// Accounts that somebody named, of an organisation that could not be read; they count as active until they are entered.
    pub fn unread(accounts: impl IntoIterator<Item = AccountId>, why: CallError) -> Self {
        let account = |id| Account {
            id,
            name: String::new(),
            email: None,
            state: "ACTIVE".to_owned(),
            joined_method: None,
            joined_at: None,
            parent: None,
        };
        let accounts = accounts.into_iter().map(account).collect();
        Self { id: String::new(), management_account: String::new(), units: Vec::new(), accounts, unread: Some(why) }
    }

    /// The unit with an id.
    pub fn unit(&self, id: &str) -> Option<&OrganizationalUnit> {
        self.units.iter().find(|unit| unit.id == id)
    }
}

/// Reads the organisation with the connection's own credentials: the management account's, or a delegated administrator's.
///
/// # Errors
/// Where a call is refused or fails.
pub async fn discover(connection: &Connection) -> Result<Organization, CallError> {
    let client = connection.organizations();
    let caller = Caller::new(connection.pacer(), connection.account().as_str(), "");
    let described = caller.call(&DESCRIBE_ORGANIZATION, || client.describe_organization().send()).await?;
    let described = described.organization();
    let id = described.and_then(|it| it.id()).unwrap_or_default().to_owned();
    let management_account = described.and_then(|it| it.master_account_id()).unwrap_or_default().to_owned();

    let units = list_units(&client, &caller).await?;
    let mut accounts = list_accounts(&client, &caller).await?;
    // Older endpoints do not send an account's path with the account: then the tree is asked, unit by unit.
    if accounts.iter().any(|account| account.parent.is_none()) {
        let parents = list_parents(&client, &caller, &units).await?;
        for account in &mut accounts {
            account.parent = parents.get(account.id.as_str()).cloned();
        }
    }
    accounts.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Organization { id, management_account, units, accounts, unread: None })
}

async fn list_units(client: &aws_sdk_organizations::Client, caller: &Caller) -> Result<Vec<OrganizationalUnit>, CallError> {
    let mut units = Vec::new();
    let mut token = None;
    loop {
        let page = caller.call(&LIST_ROOTS, || client.list_roots().set_next_token(token.clone()).send()).await?;
        for root in &caller.page(&LIST_ROOTS, page.roots, &mut token, page.next_token)? {
            let id = root.id().unwrap_or_default().to_owned();
            let name = root.name().unwrap_or("Root").to_owned();
            let policy_types = root.policy_types().iter().map(policy_type).collect();
            units.push(OrganizationalUnit { id_path: id.clone(), id, parent: None, name, path: "/".to_owned(), policy_types });
        }
        if token.is_none() {
            break;
        }
    }
    // Breadth first: a unit's children follow it, and the list grows while it is walked.
    let mut at = 0;
    while at < units.len() {
        let parent = units[at].clone();
        for child in list_children(client, caller, &parent.id).await? {
            let id = child.id().unwrap_or_default().to_owned();
            let name = child.name().unwrap_or_default().to_owned();
            let path = format!("{}/{name}", parent.path.trim_end_matches('/'));
            let id_path = format!("{}/{id}", parent.id_path);
            if units.iter().all(|unit| unit.id != id) {
                units.push(OrganizationalUnit { id, parent: Some(parent.id.clone()), name, path, id_path, policy_types: Vec::new() });
            }
        }
        at += 1;
    }
    Ok(units)
}

fn policy_type(summary: &PolicyTypeSummary) -> String {
    let name = summary.r#type().map_or("", |it| it.as_str());
    match summary.status() {
        Some(PolicyTypeStatus::Enabled) => name.to_owned(),
        Some(status) => format!("{name} ({})", status.as_str()),
        None => format!("{name} (UNKNOWN)"),
    }
}

async fn list_children(client: &aws_sdk_organizations::Client, caller: &Caller, parent: &str) -> Result<Vec<SdkUnit>, CallError> {
    let mut units = Vec::new();
    let mut token = None;
    loop {
        let send = || client.list_organizational_units_for_parent().parent_id(parent).set_next_token(token.clone()).send();
        let page = caller.call(&LIST_UNITS, send).await?;
        // A page may be empty and still be followed by another.
        units.extend(caller.page(&LIST_UNITS, page.organizational_units, &mut token, page.next_token)?);
        if token.is_none() {
            return Ok(units);
        }
    }
}

async fn list_accounts(client: &aws_sdk_organizations::Client, caller: &Caller) -> Result<Vec<Account>, CallError> {
    let mut accounts = Vec::new();
    let mut token = None;
    loop {
        let page = caller.call(&LIST_ACCOUNTS, || client.list_accounts().set_next_token(token.clone()).send()).await?;
        for account in &caller.page(&LIST_ACCOUNTS, page.accounts, &mut token, page.next_token)? {
            let Some(id) = account.id().and_then(|id| id.parse::<AccountId>().ok()) else {
                tracing::warn!("an account without a valid id was left out");
                continue;
            };
            // Endpoints that do not send State yet send Status.
            let status = account.status().map(|it| it.as_str().to_owned());
            accounts.push(Account {
                id,
                name: account.name().unwrap_or_default().to_owned(),
                email: account.email().map(str::to_owned),
                state: account.state().map(|it| it.as_str().to_owned()).or(status).unwrap_or_else(|| "UNKNOWN".to_owned()),
                joined_method: account.joined_method().map(|it| it.as_str().to_owned()),
                joined_at: account.joined_timestamp().and_then(|it| jiff::Timestamp::from_second(it.secs()).ok()).map(|it| it.to_string()),
                parent: account
                    .paths()
                    .first()
                    .and_then(|path| path.trim_end_matches('/').rsplit('/').find(|id| id.starts_with("ou-") || id.starts_with("r-")))
                    .map(str::to_owned),
            });
        }
        if token.is_none() {
            return Ok(accounts);
        }
    }
}

async fn list_parents(
    client: &aws_sdk_organizations::Client,
    caller: &Caller,
    units: &[OrganizationalUnit],
) -> Result<BTreeMap<String, String>, CallError> {
    let mut parents = BTreeMap::new();
    for unit in units {
        let mut token = None;
        loop {
            let send = || client.list_accounts_for_parent().parent_id(&unit.id).set_next_token(token.clone()).send();
            let page = caller.call(&LIST_CHILDREN, send).await?;
            for account in &caller.page(&LIST_CHILDREN, page.accounts, &mut token, page.next_token)? {
                parents.insert(account.id().unwrap_or_default().to_owned(), unit.id.clone());
            }
            if token.is_none() {
                break;
            }
        }
    }
    Ok(parents)
}
