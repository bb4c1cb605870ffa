//! Accounts: joining the organisation, their place in it, and leaving it.

use std::sync::PoisonError;

use serde_json::{Value, json};

use super::super::members;
use super::errors::{
    invalid, management_cannot_leave, no_account, not_all_features, not_found, violation,
};
use super::store::{Account, Store};
use super::{
    attachments, fresh_id, manager, member, org_arn, page, policy_types, read, reader, tags, text,
    tree, write,
};
use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::services::iam::store::Role;
use crate::services::iam::store::Store as Iam;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "ListAccounts" => list,
        "ListAccountsForParent" => list_for_parent,
        "DescribeAccount" => describe,
        "CreateAccount" => create,
        "DescribeCreateAccountStatus" => describe_status,
        "ListCreateAccountStatus" => list_statuses,
        "MoveAccount" => move_to,
        "CloseAccount" => close,
        "RemoveAccountFromOrganization" => remove,
        "LeaveOrganization" => leave,
        _ => return None,
    })
}

/// The members that lists of accounts and of delegated administrators return for an account.
pub(super) fn core(call: &Call<'_>, store: &Store, id: &str, account: &Account) -> Value {
    // `Status` is the older member and has fewer values.
    let status = match account.state.as_str() {
        "PENDING_ACTIVATION" | "CLOSED" => None,
        state => Some(state),
    };
    json!({
        "Id": id,
        "Arn": org_arn(call, store, "account", id),
        "Email": account.email,
        "Name": account.name,
        "Status": status,
        "State": account.state,
        "JoinedMethod": account.joined_method,
        "JoinedTimestamp": account.joined,
    })
}

fn account(call: &Call<'_>, store: &Store, id: &str, account: &Account) -> Value {
    let mut path = store.ancestors(&account.parent);
    path.insert(0, store.id.clone());
    let mut told = core(call, store, id, account);
    told["Paths"] = json!([format!("{}/", path.join("/"))]);
    told
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    page(
        input,
        "Accounts",
        store
            .accounts
            .iter()
            .map(|(id, it)| account(call, &store, id, it)),
    )
}

fn list_for_parent(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let parent = text(input, "ParentId");
    tree::parent_exists(&store, parent)?;
    let below = store.accounts.iter().filter(|(_, it)| it.parent == parent);
    page(
        input,
        "Accounts",
        below.map(|(id, it)| account(call, &store, id, it)),
    )
}

fn describe(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let id = text(input, "AccountId");
    let found = store.accounts.get(id).ok_or_else(no_account)?;
    Ok(json!({"Account": account(call, &store, id, found)}))
}

/// Twelve digits that no account of the organisation has.
fn fresh_account(call: &Call<'_>, store: &Store) -> String {
    let digits = |salt: u64| {
        let begin = 0xcbf2_9ce4_8422_2325_u64 ^ salt;
        let hash = call.request_id.bytes().fold(begin, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{:012}", 100_000_000_000 + hash % 900_000_000_000)
    };
    (0..)
        .map(digits)
        .find(|id| !store.accounts.contains_key(id))
        .unwrap_or_default()
}

/// Adds an account below the root, with the policies that AWS attaches to everything.
pub(super) fn admit(store: &mut Store, id: &str, account: Account) {
    store.accounts.insert(
        id.to_owned(),
        Account {
            parent: store.root_id.clone(),
            ..account
        },
    );
    policy_types::attach_defaults(store, id);
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let role = if text(input, "RoleName").is_empty() {
        "OrganizationAccountAccessRole"
    } else {
        text(input, "RoleName")
    };
    if role.to_ascii_lowercase().starts_with("awsservicerolefor") {
        return Err(invalid(
            "INVALID_ROLE_NAME",
            "You provided a role name that isn't valid. A role name can't begin with the reserved prefix AWSServiceRoleFor.",
        ));
    }
    let tags = tags::given(input)?;
    let email = text(input, "Email");
    let mut status = json!({
        "Id": format!("car-{}", fresh_id(call, 32)),
        "AccountName": text(input, "AccountName"),
        "State": "SUCCEEDED",
        "RequestedTimestamp": call.now.floor(),
        "CompletedTimestamp": call.now.floor(),
    });
    let id = fresh_account(call, &store);
    let taken = store
        .accounts
        .values()
        .any(|account| account.email.eq_ignore_ascii_case(email));
    if taken {
        status["State"] = json!("FAILED");
        status["FailureReason"] = json!("EMAIL_ALREADY_EXISTS");
    } else {
        status["AccountId"] = json!(id);
        let account = Account {
            name: text(input, "AccountName").to_owned(),
            email: email.to_owned(),
            state: "ACTIVE".to_owned(),
            joined_method: "CREATED".to_owned(),
            joined: call.now.floor(),
            parent: String::new(),
        };
        admit(&mut store, &id, account);
        store.set_tags(&id, tags);
    }
    store.create_statuses.insert(
        status["Id"].as_str().unwrap_or_default().to_owned(),
        status.clone(),
    );
    let management = store.management_account.clone();
    drop(store);
    if !taken {
        let_management_in(call, &id, role, &management);
    }
    Ok(json!({"CreateAccountStatus": status}))
}

/// Creates the role with full access that AWS gives a new account for the management account.
fn let_management_in(call: &Call<'_>, account: &str, role: &str, management: &str) {
    let iam = call.world.global::<Iam>(account);
    let mut iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
    iam.modified = true;
    let principal = format!("arn:{}:iam::{management}:root", call.partition());
    iam.roles.insert(
        role.to_owned(),
        Role::trusting(
            role,
            &principal,
            "arn:aws:iam::aws:policy/AdministratorAccess",
        ),
    );
}

fn describe_status(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let status = store
        .create_statuses
        .get(text(input, "CreateAccountRequestId"));
    let status = status.ok_or_else(|| {
        not_found(
            "CreateAccountStatusNotFoundException",
            "a create account request",
        )
    })?;
    Ok(json!({"CreateAccountStatus": status}))
}

fn list_statuses(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let wanted: Vec<&Value> = members::list(input, "States").collect();
    let fitting = store
        .create_statuses
        .values()
        .filter(|status| wanted.is_empty() || wanted.contains(&&status["State"]));
    page(input, "CreateAccountStatuses", fitting.cloned())
}

fn move_to(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let (id, from, to) = (
        text(input, "AccountId"),
        text(input, "SourceParentId"),
        text(input, "DestinationParentId"),
    );
    let parent = store
        .accounts
        .get(id)
        .ok_or_else(no_account)?
        .parent
        .clone();
    if !store.is_container(from) {
        return Err(not_found(
            "SourceParentNotFoundException",
            "a source parent",
        ));
    }
    if !store.is_container(to) {
        return Err(not_found(
            "DestinationParentNotFoundException",
            "a destination parent",
        ));
    }
    if parent == to {
        return Err(AwsError::new(
            "DuplicateAccountException",
            "That account is already present in the specified destination.",
        ));
    }
    if parent != from {
        return Err(AwsError::new(
            "SourceParentNotFoundException",
            "The account isn't in the source parent that you specified.",
        ));
    }
    if let Some(account) = store.accounts.get_mut(id) {
        to.clone_into(&mut account.parent);
    }
    Ok(json!({}))
}

fn close(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    if store.billing_only {
        return Err(not_all_features());
    }
    let id = text(input, "AccountId");
    if id == store.management_account {
        return Err(violation(
            "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
            "You can't close the management account of the organization.",
        ));
    }
    let account = store.accounts.get_mut(id).ok_or_else(no_account)?;
    match account.state.as_str() {
        "SUSPENDED" | "CLOSED" => {
            return Err(AwsError::new(
                "AccountAlreadyClosedException",
                "The provided account is already closed.",
            ));
        }
        "PENDING_CLOSURE" => {
            return Err(AwsError::new(
                "ConflictException",
                "The provided account is being closed.",
            ));
        }
        _ => "SUSPENDED".clone_into(&mut account.state),
    }
    Ok(json!({}))
}

/// Checks that an account can leave the organisation or be removed from it.
fn may_go(store: &Store, id: &str) -> Result<(), AwsError> {
    if id == store.management_account {
        return Err(management_cannot_leave());
    }
    if store.delegated.contains_key(id) {
        return Err(violation(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "You can't remove an account that is a delegated administrator; deregister it first.",
        ));
    }
    Ok(())
}

fn dismiss(store: &mut Store, id: &str) {
    store.accounts.remove(id);
    attachments::forget(store, id);
}

fn remove(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let id = text(input, "AccountId");
    if !store.accounts.contains_key(id) {
        return Err(no_account());
    }
    may_go(&store, id)?;
    dismiss(&mut store, id);
    Ok(json!({}))
}

fn leave(call: &Call<'_>, _: &Input) -> Answer {
    let mut store = write(call);
    member(call, &store)?;
    may_go(&store, call.account())?;
    dismiss(&mut store, call.account());
    Ok(json!({}))
}
