//! The organisation as a whole.

use serde_json::{Value, json};

use super::errors::{no_organization, violation};
use super::store::{Account, Store};
use super::{fresh_id, manager, member, org_arn, page, policy_types, read, reader, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateOrganization" => create,
        "DescribeOrganization" => describe,
        "DeleteOrganization" => delete,
        "ListRoots" => list_roots,
        _ => return None,
    })
}

fn organization(call: &Call<'_>, store: &Store) -> Value {
    let management = store.accounts.get(&store.management_account);
    // Lists the policy types that could be enabled, but only service control policies. Source:
    // "Organization", Organizations API Reference.
    let available = if store.billing_only {
        json!([])
    } else {
        json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}])
    };
    json!({
        "Id": store.id,
        "Arn": format!("arn:{}:organizations::{}:organization/{}", call.partition(), store.management_account, store.id),
        "FeatureSet": store.feature_set(),
        "MasterAccountArn": org_arn(call, store, "account", &store.management_account),
        "MasterAccountId": store.management_account,
        "MasterAccountEmail": management.map(|it| it.email.as_str()),
        "AvailablePolicyTypes": available,
    })
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    if !store.id.is_empty() && store.accounts.contains_key(call.account()) {
        return Err(AwsError::new(
            "AlreadyInOrganizationException",
            "The provided account is already a member of an organization.",
        ));
    }
    if !store.id.is_empty() {
        return Err(violation(
            "ACCOUNT_CREATION_NOT_COMPLETE",
            "This mock keeps one organization, and there is one already.",
        ));
    }
    let root_id = format!("r-{}", fresh_id(call, 4));
    let billing_only = text(input, "FeatureSet") == "CONSOLIDATED_BILLING";
    *store = Store {
        id: format!("o-{}", fresh_id(call, 10)),
        management_account: call.account().to_owned(),
        root_id: root_id.clone(),
        billing_only,
        ..Store::default()
    };
    let account = Account {
        name: "management".to_owned(),
        email: format!("{}@example.com", call.account()),
        state: "ACTIVE".to_owned(),
        joined_method: "INVITED".to_owned(),
        joined: call.now.floor(),
        parent: root_id,
    };
    store.accounts.insert(call.account().to_owned(), account);
    if !billing_only {
        policy_types::add_full_access(&mut store);
    }
    Ok(json!({"Organization": organization(call, &store)}))
}

fn describe(call: &Call<'_>, _: &Input) -> Answer {
    let store = read(call);
    member(call, &store)?;
    Ok(json!({"Organization": organization(call, &store)}))
}

/// Only member accounts prevent the deletion: units and policies are deleted with the organisation.
/// Source: "DeleteOrganization", API Reference.
fn delete(call: &Call<'_>, _: &Input) -> Answer {
    let mut store = write(call);
    if store.id.is_empty() {
        return Err(no_organization());
    }
    manager(call, &store)?;
    if store.accounts.len() > 1 {
        return Err(AwsError::new(
            "OrganizationNotEmptyException",
            "To delete an organization you must first remove all member accounts (except the master).",
        ));
    }
    *store = Store::default();
    Ok(json!({}))
}

/// The root with the policy types that are enabled in it.
pub(super) fn root(call: &Call<'_>, store: &Store) -> Value {
    let types: Vec<Value> = store
        .enabled_policy_types
        .iter()
        .map(|kind| json!({"Type": kind, "Status": "ENABLED"}))
        .collect();
    json!({"Id": store.root_id, "Arn": org_arn(call, store, "root", &store.root_id), "Name": "Root", "PolicyTypes": types})
}

fn list_roots(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    page(input, "Roots", std::iter::once(root(call, &store)))
}
