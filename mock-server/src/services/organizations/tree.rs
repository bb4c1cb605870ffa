//! The organisation, its root, units and accounts.

use serde_json::{Value, json};

use super::store::{Account, Store, Unit};
use super::{fresh_id, manager, member, not_found, org_arn, page, read, reader, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::services::iam::store::Role;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateOrganization" => create_organization,
        "DescribeOrganization" => describe_organization,
        "DeleteOrganization" => delete_organization,
        "ListRoots" => list_roots,
        "ListAccounts" => list_accounts,
        "ListAccountsForParent" => list_accounts_for_parent,
        "ListOrganizationalUnitsForParent" => list_units,
        "ListChildren" => list_children,
        "ListParents" => list_parents,
        "DescribeOrganizationalUnit" => describe_unit,
        "CreateOrganizationalUnit" => create_unit,
        "DescribeAccount" => describe_account,
        "CreateAccount" => create_account,
        "DescribeCreateAccountStatus" => describe_create_status,
        "ListCreateAccountStatus" => list_create_statuses,
        "MoveAccount" => move_account,
        "CloseAccount" => close_account,
        "RemoveAccountFromOrganization" => remove_account,
        _ => return None,
    })
}

fn organization(call: &Call<'_>, store: &Store) -> Value {
    let management = store.accounts.get(&store.management_account);
    json!({
        "Id": store.id,
        "Arn": format!("arn:{}:organizations::{}:organization/{}", call.partition(), store.management_account, store.id),
        "FeatureSet": "ALL",
        "MasterAccountArn": org_arn(call, store, "account", &store.management_account),
        "MasterAccountId": store.management_account,
        "MasterAccountEmail": management.map(|it| it.email.as_str()),
        "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    })
}

fn create_organization(call: &Call<'_>, _: &Input) -> Answer {
    let mut store = write(call);
    if !store.id.is_empty() && store.accounts.contains_key(call.account()) {
        return Err(AwsError::new("AlreadyInOrganizationException", "The provided account is already a member of an organization."));
    }
    if !store.id.is_empty() {
        return Err(AwsError::new("ConstraintViolationException", "This mock keeps one organization.")
            .member("Reason", "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"));
    }
    let root_id = format!("r-{}", fresh_id(call, 4));
    *store = Store {
        id: format!("o-{}", fresh_id(call, 10)),
        management_account: call.account().to_owned(),
        root_id: root_id.clone(),
        ..Store::default()
    };
    let account = Account {
        name: "management".to_owned(),
        email: format!("{}@example.com", call.account()),
        state: "ACTIVE".to_owned(),
        joined_method: "INVITED".to_owned(),
        joined: call.now.floor(),
        parent: root_id.clone(),
    };
    store.accounts.insert(call.account().to_owned(), account);
    super::policies::add_full_access(&mut store);
    Ok(json!({"Organization": organization(call, &store)}))
}

fn describe_organization(call: &Call<'_>, _: &Input) -> Answer {
    let store = read(call);
    member(call, &store)?;
    Ok(json!({"Organization": organization(call, &store)}))
}

fn delete_organization(call: &Call<'_>, _: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    if store.accounts.len() > 1 || !store.units.is_empty() {
        return Err(AwsError::new(
            "OrganizationNotEmptyException",
            "To delete an organization you must first remove all member accounts (except the master).",
        ));
    }
    *store = Store::default();
    Ok(json!({}))
}

fn list_roots(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let types: Vec<Value> = store.enabled_policy_types.iter().map(|kind| json!({"Type": kind, "Status": "ENABLED"})).collect();
    let root = json!({"Id": store.root_id, "Arn": org_arn(call, &store, "root", &store.root_id), "Name": "Root", "PolicyTypes": types});
    Ok(page(input, "Roots", std::iter::once(root)))
}

fn account(call: &Call<'_>, store: &Store, id: &str, account: &Account) -> Value {
    let mut path = store.ancestors(&account.parent);
    path.insert(0, store.id.clone());
    // Status is the older spelling and knows fewer states.
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
        "Paths": [format!("{}/", path.join("/"))],
        "JoinedMethod": account.joined_method,
        "JoinedTimestamp": account.joined,
    })
}

fn list_accounts(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    Ok(page(input, "Accounts", store.accounts.iter().map(|(id, it)| account(call, &store, id, it))))
}

fn parent_exists(store: &Store, id: &str) -> Result<(), AwsError> {
    if id == store.root_id || store.units.contains_key(id) { Ok(()) } else { Err(not_found("ParentNotFoundException", "a parent")) }
}

fn list_accounts_for_parent(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let parent = text(input, "ParentId");
    parent_exists(&store, parent)?;
    let below = store.accounts.iter().filter(|(_, it)| it.parent == parent);
    Ok(page(input, "Accounts", below.map(|(id, it)| account(call, &store, id, it))))
}

fn unit(call: &Call<'_>, store: &Store, id: &str, unit: &Unit) -> Value {
    let mut path = store.ancestors(&unit.parent);
    path.insert(0, store.id.clone());
    path.push(id.to_owned());
    json!({"Id": id, "Arn": org_arn(call, store, "ou", id), "Name": unit.name, "Path": format!("{}/", path.join("/"))})
}

fn list_units(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let parent = text(input, "ParentId");
    parent_exists(&store, parent)?;
    let below = store.units.iter().filter(|(_, it)| it.parent == parent);
    Ok(page(input, "OrganizationalUnits", below.map(|(id, it)| unit(call, &store, id, it))))
}

fn list_children(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let parent = text(input, "ParentId");
    parent_exists(&store, parent)?;
    let kind = text(input, "ChildType");
    let units = store.units.iter().filter(|(_, it)| kind == "ORGANIZATIONAL_UNIT" && it.parent == parent).map(|(id, _)| id);
    let accounts = store.accounts.iter().filter(|(_, it)| kind == "ACCOUNT" && it.parent == parent).map(|(id, _)| id);
    Ok(page(input, "Children", units.chain(accounts).map(|id| json!({"Id": id, "Type": kind}))))
}

fn list_parents(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let child = text(input, "ChildId");
    let parent = store.accounts.get(child).map(|it| &it.parent).or_else(|| store.units.get(child).map(|it| &it.parent));
    let parent = parent.ok_or_else(|| not_found("ChildNotFoundException", "a child"))?;
    let kind = if *parent == store.root_id { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    Ok(page(input, "Parents", std::iter::once(json!({"Id": parent, "Type": kind}))))
}

fn describe_unit(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let id = text(input, "OrganizationalUnitId");
    let found = store.units.get(id).ok_or_else(|| not_found("OrganizationalUnitNotFoundException", "an organizational unit"))?;
    Ok(json!({"OrganizationalUnit": unit(call, &store, id, found)}))
}

fn create_unit(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let (parent, name) = (text(input, "ParentId").to_owned(), text(input, "Name").to_owned());
    parent_exists(&store, &parent)?;
    if store.units.values().any(|unit| unit.parent == parent && unit.name == name) {
        return Err(AwsError::new("DuplicateOrganizationalUnitException", "An organizational unit with the same name already exists."));
    }
    let id = format!("ou-{}-{}", store.root_id.trim_start_matches("r-"), fresh_id(call, 8));
    store.units.insert(id.clone(), Unit { name, parent });
    super::policies::attach_full_access(&mut store, &id);
    let created = store.units.get(&id).cloned().unwrap_or_default();
    Ok(json!({"OrganizationalUnit": unit(call, &store, &id, &created)}))
}

fn describe_account(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let id = text(input, "AccountId");
    let found = store.accounts.get(id).ok_or_else(|| not_found("AccountNotFoundException", "an account"))?;
    Ok(json!({"Account": account(call, &store, id, found)}))
}

fn create_account(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let id = {
        let digits = |salt: u64| {
            let hash = call
                .request_id
                .bytes()
                .fold(0xcbf2_9ce4_8422_2325_u64 ^ salt, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
            format!("{:012}", 100_000_000_000 + hash % 900_000_000_000)
        };
        (0..).map(digits).find(|id| !store.accounts.contains_key(id)).unwrap_or_default()
    };
    let status_id = format!("car-{}", fresh_id(call, 32));
    let root = store.root_id.clone();
    store.accounts.insert(
        id.clone(),
        Account {
            name: text(input, "AccountName").to_owned(),
            email: text(input, "Email").to_owned(),
            state: "ACTIVE".to_owned(),
            joined_method: "CREATED".to_owned(),
            joined: call.now.floor(),
            parent: root,
        },
    );
    super::policies::attach_full_access(&mut store, &id);
    let status = json!({
        "Id": status_id,
        "AccountName": text(input, "AccountName"),
        "State": "SUCCEEDED",
        "RequestedTimestamp": call.now.floor(),
        "CompletedTimestamp": call.now.floor(),
        "AccountId": id,
    });
    store.create_statuses.insert(status_id, status.clone());
    let management = store.management_account.clone();
    drop(store);
    // AWS gives a new account a role that lets the management account in, with all rights.
    let name = if text(input, "RoleName").is_empty() { "OrganizationAccountAccessRole" } else { text(input, "RoleName") };
    let iam = call.world.iam(&id);
    let mut iam = iam.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    iam.modified = true;
    iam.roles.insert(
        name.to_owned(),
        Role::trusting(name, &format!("arn:{}:iam::{management}:root", call.partition()), "arn:aws:iam::aws:policy/AdministratorAccess"),
    );
    Ok(json!({"CreateAccountStatus": status}))
}

fn describe_create_status(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    manager(call, &store)?;
    let status = store.create_statuses.get(text(input, "CreateAccountRequestId"));
    let status = status.ok_or_else(|| not_found("CreateAccountStatusNotFoundException", "a create account request"))?;
    Ok(json!({"CreateAccountStatus": status}))
}

fn list_create_statuses(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    manager(call, &store)?;
    Ok(page(input, "CreateAccountStatuses", store.create_statuses.values().cloned()))
}

fn move_account(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let (from, to) = (text(input, "SourceParentId"), text(input, "DestinationParentId"));
    if !(to == store.root_id || store.units.contains_key(to)) {
        return Err(not_found("DestinationParentNotFoundException", "a destination parent"));
    }
    let account = store.accounts.get_mut(text(input, "AccountId")).ok_or_else(|| not_found("AccountNotFoundException", "an account"))?;
    if account.parent != from {
        return Err(not_found("SourceParentNotFoundException", "a source parent"));
    }
    account.parent = to.to_owned();
    Ok(json!({}))
}

fn close_account(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let account = store.accounts.get_mut(text(input, "AccountId")).ok_or_else(|| not_found("AccountNotFoundException", "an account"))?;
    account.state = "SUSPENDED".to_owned();
    Ok(json!({}))
}

fn remove_account(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    store.accounts.remove(text(input, "AccountId")).ok_or_else(|| not_found("AccountNotFoundException", "an account"))?;
    Ok(json!({}))
}
