//! Reads the organisation's accounts, and the organizational unit of each.

use std::collections::BTreeMap;

use aws_sdk_organizations::types::Account as SdkAccount;
use lambdasweep_model::{AccountId, brief};

use super::{ACCOUNTS, Account, Defect, DefectCode, OrganizationalUnit, TREE, is_id};
use crate::caller::Caller;
use crate::error::CallError;
use crate::operation::{Member, Operation};

const LIST_ACCOUNTS: Operation = Operation::new("organizations:ListAccounts", &ACCOUNTS)
    .lists("Accounts", 500_000)
    .items_have(&[Member::text("Accounts[].Id")]);
const LIST_CHILDREN: Operation = Operation::new("organizations:ListAccountsForParent", &TREE)
    .lists("Accounts", 500_000)
    .items_have(&[Member::text("Accounts[].Id")]);

/// The account states of AWS Organizations. Source: `AccountState` in the service's model.
const STATES: &[&str] = &[
    "ACTIVE",
    "SUSPENDED",
    "PENDING_CLOSURE",
    "PENDING_ACTIVATION",
    "CLOSED",
];

pub(super) async fn list_accounts(
    client: &aws_sdk_organizations::Client,
    caller: &Caller,
    defects: &mut Vec<Defect>,
) -> Result<BTreeMap<AccountId, Account>, CallError> {
    let send = |token| client.list_accounts().set_next_token(token).send();
    let (listed, ended) = caller
        .list_with_conflicts(
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

/// Adds an account. An account may be listed twice, for example if the list changes while it is
/// read; both entries must agree.
pub(super) fn add_account(
    accounts: &mut BTreeMap<AccountId, Account>,
    listed: &SdkAccount,
    defects: &mut Vec<Defect>,
) {
    let Some(account) = account(listed) else {
        let name = brief(listed.name().unwrap_or_default(), 50);
        let message = format!("an account with the name \"{name}\" is listed without a valid id");
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
        // Its place decides whether it is in a scope of organizational units, and which policies
        // apply to it.
        let message = format!(
            "account {} is listed twice, in different places in the organisation",
            known.id
        );
        defects.push(Defect { code, message });
        known.parent = None;
    }
}

/// An account as AWS describes it; `None` if it has no valid id.
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
            || "AWS returned no state for the account".to_owned(),
            |_| format!("its state {state} is unknown to this release"),
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

pub(super) async fn list_parents(
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
            .list_with_conflicts(
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
