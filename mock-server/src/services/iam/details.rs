//! Roles and policies of an account in one answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::role_policies::attached;
use super::roles::{arn, boundary, last_used};
use super::store::Role;
use super::{encoded, lock, managed, page, policies, store, tags};
use crate::call::{Answer, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "GetAccountAuthorizationDetails" => details,
        _ => return None,
    })
}

/// Roles first, then customer managed policies, then those of AWS; one marker counts through all.
fn details(call: &Call<'_>, input: &Input) -> Answer {
    let filter: Vec<&str> = input
        .get("Filter")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let wanted = |kind: &str| filter.is_empty() || filter.contains(&kind);
    let store = store(call);
    let store = lock(&store);
    let roles = store
        .roles
        .iter()
        .filter(|_| wanted("Role"))
        .map(|(name, role)| of_role(call, name, role));
    let policies = store.policies.iter().filter(|_| wanted("LocalManagedPolicy")).map(|(arn, policy)| {
        let versions = policy.versions.iter().map(|(number, document)| {
            let created = policy.dated.get(number).unwrap_or(&policy.created);
            json!({"Document": encoded(document), "VersionId": format!("v{number}"), "IsDefaultVersion": *number == policy.default_version, "CreateDate": created})
        });
        let mut shown = policies::shown(&store, arn, policy, false);
        shown["PolicyVersionList"] = versions.collect();
        shown
    });
    // Of AWS's own policies those that something is attached to or bounded by.
    let used: BTreeSet<&str> = store
        .roles
        .values()
        .filter(|_| wanted("AWSManagedPolicy"))
        .flat_map(|role| role.attached.iter().chain(&role.boundary))
        .map(String::as_str)
        .collect();
    let managed = used.into_iter().filter_map(|arn| {
        let policy = managed::find(arn)?;
        let mut shown = policies::shown_of_aws(&store, arn, policy, false);
        let document = encoded(managed::document(arn)?);
        shown["PolicyVersionList"] =
            json!([{"Document": document, "VersionId": policy.version, "IsDefaultVersion": true, "CreateDate": policy.updated}]);
        Some(shown)
    });
    let mut answer = page(input, "all", roles.chain(policies).chain(managed));
    let (roles, policies): (Vec<Value>, Vec<Value>) = answer["all"]
        .take()
        .as_array()
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .partition(|it| it.get("RoleName").is_some());
    answer["RoleDetailList"] = json!(roles);
    answer["Policies"] = json!(policies);
    answer["UserDetailList"] = json!([]);
    answer["GroupDetailList"] = json!([]);
    if let Some(answer) = answer.as_object_mut() {
        answer.shift_remove("all");
    }
    Ok(answer)
}

fn of_role(call: &Call<'_>, name: &str, role: &Role) -> Value {
    let inline: Vec<Value> = role
        .inline
        .iter()
        .map(|(name, document)| json!({"PolicyName": name, "PolicyDocument": encoded(document)}))
        .collect();
    json!({
        "Path": role.path,
        "RoleName": name,
        "RoleId": role.id,
        "Arn": arn(call, name, role),
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": encoded(&role.trust),
        "InstanceProfileList": [],
        "RolePolicyList": inline,
        "AttachedManagedPolicies": role.attached.iter().map(|arn| attached(arn)).collect::<Vec<_>>(),
        "PermissionsBoundary": boundary(role),
        "Tags": tags::listed(&role.tags),
        "RoleLastUsed": last_used(role),
    })
}
