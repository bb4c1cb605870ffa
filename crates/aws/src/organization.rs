//! Reads the organisation: its organizational units and its accounts with their place in the tree.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::types::{
    Account as SdkAccount, OrganizationalUnit as SdkUnit, PolicyTypeStatus, PolicyTypeSummary, Root,
};
use lambdasweep_model::{AccountId, brief};

use crate::caller::Caller;
use crate::connection::Connection;
use crate::error::CallError;
use crate::operation::{Member, Operation};
use crate::quota::Quota;

const SOURCE: &str = "Quotas for AWS Organizations";
/// `ListRoots`, `DescribeOrganization`.
const ROOT: Quota = Quota::global("Organizations root", 1.0, SOURCE);
/// `ListAccountsForParent`, `ListParents`, `ListOrganizationalUnitsForParent`.
const TREE: Quota = Quota::global("Organizations tree", 5.0, SOURCE);
const ACCOUNTS: Quota = Quota::global("Organizations ListAccounts", 8.0, SOURCE);

const DESCRIBE_ORGANIZATION: Operation =
    Operation::new("organizations:DescribeOrganization", &ROOT).sends(&[
        Member::text("Organization.Id"),
        Member::text("Organization.MasterAccountId"),
    ]);
const LIST_ROOTS: Operation = Operation::new("organizations:ListRoots", &ROOT)
    .lists("Roots", 100)
    .items_have(&[Member::text("Roots[].Id")])
    // Without it no policy type would count as enabled.
    .sends(&[Member::list("Roots[].PolicyTypes")]);
const LIST_UNITS: Operation =
    Operation::new("organizations:ListOrganizationalUnitsForParent", &TREE)
        .lists("OrganizationalUnits", 100_000)
        .items_have(&[
            Member::text("OrganizationalUnits[].Id"),
            Member::text("OrganizationalUnits[].Name"),
        ]);
const LIST_ACCOUNTS: Operation = Operation::new("organizations:ListAccounts", &ACCOUNTS)
    .lists("Accounts", 500_000)
    .items_have(&[Member::text("Accounts[].Id")]);
const LIST_CHILDREN: Operation = Operation::new("organizations:ListAccountsForParent", &TREE)
    .lists("Accounts", 500_000)
    .items_have(&[Member::text("Accounts[].Id")]);

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
    /// What AWS left out or contradicted: each entry says why something of the organisation is not
    /// known.
    pub defects: Vec<Defect>,
}

/// Something that AWS did not tell, or told in two ways: what it is about counts as not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// The code for coverage.
    pub code: DefectCode,
    /// What is wrong, in words; safe to print.
    pub message: String,
}

/// The kinds of defects. Those that come first leave most unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefectCode {
    /// An account is listed without a valid id.
    UnidentifiedAccount,
    /// An account that must be in the list of accounts is not.
    UnlistedAccount,
    /// An account is listed twice, in different states or places.
    ConflictingAccount,
    /// An account is in a state that this release does not know.
    UnknownAccountState,
    /// An organizational unit is listed without a valid id.
    UnidentifiedUnit,
    /// An organizational unit is listed below two parents, or below itself.
    ConflictingUnit,
    /// An account is said to be in a unit that is not listed.
    UnknownParent,
}

impl DefectCode {
    /// The code as it stands in coverage.
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
    /// The parent's id; none for the root.
    pub parent: Option<String>,
    /// The name.
    pub name: String,
    /// Names from the root down, each after a slash; `/` for the root.
    pub path: String,
    /// Ids from the root down, joined by slashes.
    pub id_path: String,
    /// The policy types that are enabled, which only the root tells; one that is being enabled or
    /// disabled has its status after it, in brackets.
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
    /// ACTIVE, SUSPENDED, PENDING_CLOSURE, PENDING_ACTIVATION, CLOSED; another word where AWS says
    /// one that is new; UNKNOWN where it says none or two.
    pub state: String,
    /// CREATED or INVITED.
    pub joined_method: Option<String>,
    /// When it joined, RFC 3339.
    pub joined_at: Option<String>,
    /// What holds it.
    pub parent: Option<String>,
    /// Why it is not known whether the account is active.
    pub defect: Option<Defect>,
}

/// The account states of AWS Organizations. Source: `AccountState` in the service's model.
const STATES: &[&str] = &[
    "ACTIVE",
    "SUSPENDED",
    "PENDING_CLOSURE",
    "PENDING_ACTIVATION",
    "CLOSED",
];

impl Account {
    /// An account of which no more is known than that it is there and active.
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
    /// Accounts that somebody named, of an organisation that could not be read; they count as
    /// active until they are entered.
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
/// What AWS leaves out of an answer, or contradicts, is told by [`Organization::defects`] and
/// [`Account::defect`]; the rest stays known.
///
/// # Errors
/// Where a call is refused or fails, or the organisation itself, its management account or its root
/// has no id.
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
            "the answer lacks the ids of the organisation and its management account",
        ));
    };

    let mut defects = Vec::new();
    let units = list_units(&client, &caller, &mut defects).await?;
    let mut accounts = list_accounts(&client, &caller, &mut defects).await?;
    // Older endpoints do not send an account's path with the account: then the tree is asked, unit
    // by unit.
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

/// Whether a text has the form of an id: a prefix, then lower-case letters, digits and dashes.
fn is_id(text: &str, prefix: &str) -> bool {
    text.len() <= 130
        && text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
}

/// Adds the accounts that have to be there and are not listed, which are active since calls are
/// made from them or paid by them; and takes note of accounts whose place is not known.
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

async fn list_units(
    client: &aws_sdk_organizations::Client,
    caller: &Caller,
    defects: &mut Vec<Defect>,
) -> Result<Vec<OrganizationalUnit>, CallError> {
    let mut units: Vec<OrganizationalUnit> = Vec::new();
    let send = |token| client.list_roots().set_next_token(token).send();
    let id = |root: &Root| root.id().unwrap_or_default().to_owned();
    let (roots, ended) = caller
        .list(&LIST_ROOTS, send, |page| (page.roots, page.next_token), id)
        .await;
    ended?;
    for root in &roots {
        let Some(id) = root.id().filter(|id| is_id(id, "r-")).map(str::to_owned) else {
            continue;
        };
        let name = root.name().unwrap_or("Root").to_owned();
        let policy_types = root.policy_types().iter().map(policy_type).collect();
        units.push(OrganizationalUnit {
            id_path: id.clone(),
            id,
            parent: None,
            name,
            path: "/".to_owned(),
            policy_types,
        });
    }
    if units.is_empty() {
        return Err(caller.incomplete(&LIST_ROOTS, "the answer has no root with a valid id"));
    }
    // Breadth first: a unit's children follow it, and the list grows while it is walked.
    let mut at = 0;
    let mut torn = BTreeSet::new();
    while at < units.len() {
        let parent = units[at].clone();
        for child in list_children(client, caller, &parent.id).await? {
            add_unit(&mut units, &parent, &child, &mut torn, defects);
        }
        at += 1;
    }
    // What is in two places is in none that could be relied on, and so is what it holds.
    units.retain(|unit| !unit.id_path.split('/').any(|id| torn.contains(id)));
    Ok(units)
}

/// Adds a unit below its parent. One that was listed before, anywhere, is not walked again: an
/// organisation is a tree. `torn` gets the ids of units that have two parents.
fn add_unit(
    units: &mut Vec<OrganizationalUnit>,
    parent: &OrganizationalUnit,
    child: &SdkUnit,
    torn: &mut BTreeSet<String>,
    defects: &mut Vec<Defect>,
) {
    let Some(id) = child.id().filter(|id| is_id(id, "ou-")).map(str::to_owned) else {
        let message = format!(
            "an organizational unit below {} is listed without a valid id",
            parent.id
        );
        defects.push(Defect {
            code: DefectCode::UnidentifiedUnit,
            message,
        });
        return;
    };
    match units.iter().find(|unit| unit.id == id) {
        None => {
            let name = child.name().unwrap_or_default().to_owned();
            let path = format!("{}/{name}", parent.path.trim_end_matches('/'));
            let id_path = format!("{}/{id}", parent.id_path);
            units.push(OrganizationalUnit {
                id,
                parent: Some(parent.id.clone()),
                name,
                path,
                id_path,
                policy_types: Vec::new(),
            });
        }
        Some(known) if known.parent.as_deref() == Some(&parent.id) => {}
        Some(known) => {
            let before = known.parent.as_deref().unwrap_or("nothing");
            let message = format!(
                "the organizational unit {id} is listed below {before} and below {}",
                parent.id
            );
            defects.push(Defect {
                code: DefectCode::ConflictingUnit,
                message,
            });
            torn.insert(id);
        }
    }
}

fn policy_type(summary: &PolicyTypeSummary) -> String {
    let name = summary.r#type().map_or("", |it| it.as_str());
    match summary.status() {
        Some(PolicyTypeStatus::Enabled) => name.to_owned(),
        Some(status) => format!("{name} ({})", status.as_str()),
        None => format!("{name} (UNKNOWN)"),
    }
}

async fn list_children(
    client: &aws_sdk_organizations::Client,
    caller: &Caller,
    parent: &str,
) -> Result<Vec<SdkUnit>, CallError> {
    let send = |token| {
        client
            .list_organizational_units_for_parent()
            .parent_id(parent)
            .set_next_token(token)
            .send()
    };
    let id = |unit: &SdkUnit| unit.id().unwrap_or_default().to_owned();
    let (units, ended) = caller
        .list_as_told(
            &LIST_UNITS,
            send,
            |page| (page.organizational_units, page.next_token),
            id,
        )
        .await;
    ended.map(|()| units)
}

async fn list_accounts(
    client: &aws_sdk_organizations::Client,
    caller: &Caller,
    defects: &mut Vec<Defect>,
) -> Result<BTreeMap<AccountId, Account>, CallError> {
    let send = |token| client.list_accounts().set_next_token(token).send();
    let (listed, ended) = caller
        .list_as_told(
            &LIST_ACCOUNTS,
            send,
            |page| (page.accounts, page.next_token),
            account_id,
        )
        .await;
    ended?;
    let mut accounts = BTreeMap::new();
    for account in &listed {
        add_account(&mut accounts, account, defects);
    }
    Ok(accounts)
}

fn account_id(account: &SdkAccount) -> String {
    account.id().unwrap_or_default().to_owned()
}

/// Adds an account. The list may tell of one twice, as where it changes while it is read; it has to
/// say the same.
fn add_account(
    accounts: &mut BTreeMap<AccountId, Account>,
    listed: &SdkAccount,
    defects: &mut Vec<Defect>,
) {
    let Some(account) = account(listed) else {
        let name = brief(listed.name().unwrap_or_default(), 50);
        let message = format!("an account is listed without a valid id, by the name of \"{name}\"");
        defects.push(Defect {
            code: DefectCode::UnidentifiedAccount,
            message,
        });
        return;
    };
    let Some(known) = accounts.get_mut(&account.id) else {
        accounts.insert(account.id.clone(), account);
        return;
    };
    let code = DefectCode::ConflictingAccount;
    if known.state != account.state {
        let message = format!(
            "it is listed twice, as {} and as {}",
            known.state, account.state
        );
        known.defect = Some(Defect { code, message });
        "UNKNOWN".clone_into(&mut known.state);
    }
    if known.parent != account.parent {
        // Whether a scope of organizational units has it in, and which policies bind it, depends on
        // its place.
        let message = format!(
            "account {} is listed twice, in different places of the organisation",
            known.id
        );
        defects.push(Defect { code, message });
        known.parent = None;
    }
}

/// What AWS tells of an account; nothing where it has no valid id.
fn account(listed: &SdkAccount) -> Option<Account> {
    let id: AccountId = listed.id()?.parse().ok()?;
    // Endpoints that do not send State yet send Status.
    let said = listed
        .state()
        .map(|it| it.as_str())
        .or_else(|| listed.status().map(|it| it.as_str()));
    let state = said.map_or_else(|| "UNKNOWN".to_owned(), |said| brief(said, 50));
    let defect = (!STATES.contains(&state.as_str())).then(|| Defect {
        code: DefectCode::UnknownAccountState,
        message: said.map_or_else(
            || "AWS does not tell the account's state".to_owned(),
            |_| format!("its state {state} is not known to this release"),
        ),
    });
    let place = |path: &String| {
        path.trim_end_matches('/')
            .rsplit('/')
            .find(|id| is_id(id, "ou-") || is_id(id, "r-"))
            .map(str::to_owned)
    };
    Some(Account {
        id,
        name: listed.name().unwrap_or_default().to_owned(),
        email: listed.email().map(str::to_owned),
        state,
        joined_method: listed.joined_method().map(|it| it.as_str().to_owned()),
        joined_at: listed
            .joined_timestamp()
            .and_then(|it| jiff::Timestamp::from_second(it.secs()).ok())
            .map(|it| it.to_string()),
        parent: listed.paths().first().and_then(place),
        defect,
    })
}

async fn list_parents(
    client: &aws_sdk_organizations::Client,
    caller: &Caller,
    units: &[OrganizationalUnit],
) -> Result<BTreeMap<String, String>, CallError> {
    let mut parents = BTreeMap::new();
    for unit in units {
        let send = |token| {
            client
                .list_accounts_for_parent()
                .parent_id(&unit.id)
                .set_next_token(token)
                .send()
        };
        let (accounts, ended) = caller
            .list_as_told(
                &LIST_CHILDREN,
                send,
                |page| (page.accounts, page.next_token),
                account_id,
            )
            .await;
        ended?;
        parents.extend(
            accounts
                .iter()
                .map(|account| (account_id(account), unit.id.clone())),
        );
    }
    Ok(parents)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use aws_sdk_organizations::types::{
        Account as SdkAccount, AccountState, OrganizationalUnit as SdkUnit,
    };

    use super::{DefectCode, OrganizationalUnit, add_account, add_unit, complete};

    fn listed(id: &str, state: &str, path: &str) -> SdkAccount {
        SdkAccount::builder()
            .id(id)
            .name("Somebody")
            .state(AccountState::from(state))
            .paths(path)
            .build()
    }

    fn root() -> OrganizationalUnit {
        OrganizationalUnit {
            id: "r-ab12".to_owned(),
            parent: None,
            name: "Root".to_owned(),
            path: "/".to_owned(),
            id_path: "r-ab12".to_owned(),
            policy_types: Vec::new(),
        }
    }

    const PLACE: &str = "o-a1b2c3d4e5/r-ab12/111111111111/";

    /// Nothing that AWS lists is dropped, and nothing that it contradicts is believed.
    #[test]
    fn accounts_that_are_not_told_whole_are_defects() {
        use DefectCode::{
            ConflictingAccount, UnidentifiedAccount, UnknownAccountState, UnknownParent,
            UnlistedAccount,
        };
        let one = listed("111111111111", "ACTIVE", PLACE);
        let suspended = listed("111111111111", "SUSPENDED", PLACE);
        let moved = listed(
            "111111111111",
            "ACTIVE",
            "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/111111111111/",
        );
        let nameless = SdkAccount::builder().name("Nobody\u{1b}[2J").build();
        let stateless = SdkAccount::builder()
            .id("111111111111")
            .paths(PLACE)
            .build();
        type Codes<'a> = &'a [DefectCode];
        let cases: [(&str, &[&SdkAccount], Codes<'_>, &str, Codes<'_>); 10] = [
            ("one", &[&one], &[], "ACTIVE", &[]),
            ("the same twice", &[&one, &one], &[], "ACTIVE", &[]),
            (
                "two states",
                &[&one, &suspended],
                &[],
                "UNKNOWN",
                &[ConflictingAccount],
            ),
            (
                "two states, the other way round",
                &[&suspended, &one],
                &[],
                "UNKNOWN",
                &[ConflictingAccount],
            ),
            (
                "two places",
                &[&one, &moved],
                &[ConflictingAccount, UnknownParent],
                "ACTIVE",
                &[],
            ),
            (
                "no id",
                &[&one, &nameless],
                &[UnidentifiedAccount],
                "ACTIVE",
                &[],
            ),
            (
                "an id that is none",
                &[&one, &listed("11111111111x", "ACTIVE", PLACE)],
                &[UnidentifiedAccount],
                "ACTIVE",
                &[],
            ),
            (
                "a new state",
                &[&listed("111111111111", "FROZEN", PLACE)],
                &[],
                "FROZEN",
                &[UnknownAccountState],
            ),
            (
                "no state",
                &[&stateless],
                &[],
                "UNKNOWN",
                &[UnknownAccountState],
            ),
            ("not listed", &[], &[UnlistedAccount], "ACTIVE", &[]),
        ];
        for (what, answers, expected, state, own) in cases {
            let (mut accounts, mut defects) = (BTreeMap::new(), Vec::new());
            for answer in answers {
                add_account(&mut accounts, answer, &mut defects);
            }
            let id = "111111111111".parse().expect("an id");
            complete(
                &mut accounts,
                &[root()],
                &[(&id, "the management account")],
                &mut defects,
            );
            let codes: Vec<_> = defects.iter().map(|defect| defect.code).collect();
            assert_eq!(codes, expected, "{what}");
            assert_eq!(accounts.len(), 1, "{what}");
            let account = &accounts[&id];
            assert_eq!(
                (account.state.as_str(), account.is_active()),
                (state, state == "ACTIVE"),
                "{what}"
            );
            assert_eq!(
                account
                    .defect
                    .iter()
                    .map(|defect| defect.code)
                    .collect::<Vec<_>>(),
                own,
                "{what}"
            );
            assert!(
                defects
                    .iter()
                    .all(|defect| !defect.message.contains('\u{1b}')),
                "{defects:?}"
            );
        }
    }

    #[test]
    fn units_that_are_no_tree_are_defects() {
        let unit = |id: &str| SdkUnit::builder().id(id).name("Prod").build();
        let (mut units, mut defects, mut torn) = (vec![root()], Vec::new(), BTreeSet::new());
        add_unit(
            &mut units,
            &root(),
            &unit("ou-ab12-11111111"),
            &mut torn,
            &mut defects,
        );
        add_unit(
            &mut units,
            &root(),
            &unit("ou-ab12-11111111"),
            &mut torn,
            &mut defects,
        );
        assert_eq!(
            (units.len(), defects.len(), torn.len()),
            (2, 0, 0),
            "the same twice"
        );
        let child = units[1].clone();
        for (what, listed, code) in [
            (
                "below itself",
                unit("ou-ab12-11111111"),
                DefectCode::ConflictingUnit,
            ),
            (
                "the root below a unit",
                unit("r-ab12"),
                DefectCode::UnidentifiedUnit,
            ),
            (
                "no id",
                SdkUnit::builder().name("Prod").build(),
                DefectCode::UnidentifiedUnit,
            ),
            (
                "a path for an id",
                unit("ou-ab12/../x"),
                DefectCode::UnidentifiedUnit,
            ),
        ] {
            let (mut defects, mut torn) = (Vec::new(), BTreeSet::new());
            add_unit(&mut units, &child, &listed, &mut torn, &mut defects);
            assert_eq!(
                defects.iter().map(|defect| defect.code).collect::<Vec<_>>(),
                [code],
                "{what}"
            );
            assert_eq!(
                (units.len(), torn.len()),
                (2, usize::from(code == DefectCode::ConflictingUnit)),
                "{what}"
            );
        }
    }
}
