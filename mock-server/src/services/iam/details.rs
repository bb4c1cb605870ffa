//! All roles and policies of an account: GetAccountAuthorizationDetails.

use serde_json::{Value, json};

use super::super::members;
use super::policies::Uses;
use super::role_policies::attached;
use super::roles::{boundary, core, last_used};
use super::store::Role;
use super::{encoded, lock, managed, page, policies, policy_versions, store, tags};
use crate::call::{Answer, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "GetAccountAuthorizationDetails" => details,
        _ => return None,
    })
}

/// Roles, then customer managed policies, then AWS managed policies; one marker covers all three.
fn details(call: &Call<'_>, input: &Input) -> Answer {
    let filter: Vec<&str> = members::texts(input, "Filter").collect();
    let wanted = |kind: &str| filter.is_empty() || filter.contains(&kind);
    let store = store(call);
    let store = lock(&store);
    let uses = Uses::of(&store);
    let roles = store
        .roles
        .iter()
        .filter(|_| wanted("Role"))
        .map(|(name, role)| of_role(call, name, role));
    let policies = store
        .policies
        .iter()
        .filter(|_| wanted("LocalManagedPolicy"))
        .map(|(arn, policy)| {
            let mut shown = policies::shown(&uses, arn, policy, false);
            let versions = policy.versions.iter();
            shown["PolicyVersionList"] = versions
                .map(|(number, document)| policy_versions::shown(*number, policy, Some(document)))
                .collect();
            shown
        });
    // Only those AWS managed policies that are attached or used as a boundary.
    let managed = uses
        .arns()
        .filter(|_| wanted("AWSManagedPolicy"))
        .filter_map(|arn| {
            let policy = managed::find(arn)?;
            let mut shown = policies::shown_of_aws(&uses, arn, policy, false);
            shown["PolicyVersionList"] = json!([policy_versions::shown_of_aws(
                policy,
                Some(managed::document(arn)?)
            )]);
            Some(shown)
        });
    let mut answer = page(input, "all", roles.chain(policies).chain(managed))?;
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
    let mut detail = core(call, name, role);
    detail["InstanceProfileList"] = json!([]);
    detail["RolePolicyList"] = json!(inline);
    detail["AttachedManagedPolicies"] = role.attached.iter().map(|arn| attached(arn)).collect();
    detail["PermissionsBoundary"] = boundary(role);
    detail["Tags"] = json!(tags::listed(&role.tags));
    detail["RoleLastUsed"] = last_used(role);
    detail
}
