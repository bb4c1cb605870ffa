//! The account at a glance: authorization details, summary, alias.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::roles::{arn, attached, boundary, last_used};
use super::store::unique_id;
use super::{encoded, lock, managed, no_entity, page, store, tags, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "GetAccountAuthorizationDetails" => details,
        "GetAccountSummary" => summary,
        "ListAccountAliases" => list_aliases,
        "CreateAccountAlias" => create_alias,
        "DeleteAccountAlias" => delete_alias,
        _ => return None,
    })
}

/// Roles first, then customer managed policies, then those of AWS; one marker counts through all.
fn details(call: &Call<'_>, input: &Input) -> Answer {
    let filter: Vec<&str> = input.get("Filter").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let wanted = |kind: &str| filter.is_empty() || filter.contains(&kind);
    let store = store(call);
    let store = lock(&store);
    let roles = store.roles.iter().filter(|_| wanted("Role")).map(|(name, role)| {
        let inline: Vec<Value> =
            role.inline.iter().map(|(name, document)| json!({"PolicyName": name, "PolicyDocument": encoded(document)})).collect();
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
            "Tags": tags(&role.tags),
            "RoleLastUsed": last_used(role),
        })
    });
    let policies = store.policies.iter().filter(|_| wanted("LocalManagedPolicy")).map(|(arn, policy)| {
        let versions = policy.versions.iter().map(|(number, document)| {
            json!({"Document": encoded(document), "VersionId": format!("v{number}"), "IsDefaultVersion": *number == policy.default_version, "CreateDate": policy.created})
        });
        json!({
            "PolicyName": policy.name,
            "PolicyId": policy.id,
            "Arn": arn,
            "Path": policy.path,
            "DefaultVersionId": format!("v{}", policy.default_version),
            "AttachmentCount": store.roles.values().filter(|role| role.attached.contains(arn)).count(),
            "IsAttachable": true,
            "CreateDate": policy.created,
            "UpdateDate": policy.created,
            "PolicyVersionList": versions.collect::<Vec<_>>(),
        })
    });
    // Of AWS's own policies those that something is attached to, as far as the mock knows them.
    let used: BTreeMap<&str, usize> =
        store.roles.values().filter(|_| wanted("AWSManagedPolicy")).fold(BTreeMap::new(), |mut used, role| {
            role.attached.iter().for_each(|arn| *used.entry(arn.as_str()).or_default() += 1);
            role.boundary.iter().for_each(|arn| *used.entry(arn.as_str()).or_default() += 0);
            used
        });
    let managed = used.into_iter().filter_map(|(arn, attachments)| {
        let document = managed::document(arn)?;
        let (path, name) = arn.split_once(":policy/").and_then(|(_, name)| name.rsplit_once('/').or(Some(("", name))))?;
        let created = 1_423_260_000.0;
        Some(json!({
            "PolicyName": name,
            "PolicyId": unique_id("ANPA", arn),
            "Arn": arn,
            "Path": if path.is_empty() { "/".to_owned() } else { format!("/{path}/") },
            "DefaultVersionId": "v1",
            "AttachmentCount": attachments,
            "IsAttachable": true,
            "CreateDate": created,
            "UpdateDate": created,
            "PolicyVersionList": [{"Document": encoded(document), "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": created}],
        }))
    });
    let mut answer = page(input, "all", roles.chain(policies).chain(managed));
    let (roles, policies): (Vec<Value>, Vec<Value>) =
        answer["all"].take().as_array().cloned().unwrap_or_default().into_iter().partition(|it| it.get("RoleName").is_some());
    answer["RoleDetailList"] = json!(roles);
    answer["Policies"] = json!(policies);
    answer["UserDetailList"] = json!([]);
    answer["GroupDetailList"] = json!([]);
    if let Some(answer) = answer.as_object_mut() {
        answer.shift_remove("all");
    }
    Ok(answer)
}

fn summary(call: &Call<'_>, _: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    Ok(
        json!({"SummaryMap": {"Roles": store.roles.len(), "Policies": store.policies.len(), "Users": 0, "Groups": 0, "RolesQuota": 1000, "PoliciesQuota": 1500}}),
    )
}

fn list_aliases(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    Ok(page(input, "AccountAliases", store.alias.iter().map(|alias| json!(alias))))
}

fn create_alias(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    store.alias = Some(text(input, "AccountAlias").to_owned());
    Ok(json!({}))
}

fn delete_alias(call: &Call<'_>, input: &Input) -> Answer {
    let alias = text(input, "AccountAlias");
    let store = store(call);
    let mut store = lock(&store);
    if store.alias.as_deref() != Some(alias) {
        return Err::<Value, AwsError>(no_entity(format!("The account alias with name {alias} cannot be found.")));
    }
    store.modified = true;
    store.alias = None;
    Ok(json!({}))
}
