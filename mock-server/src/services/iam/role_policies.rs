//! The policies of roles: inline ones, and managed ones that are attached.

use serde_json::{Value, json};

use super::roles::{change_own, exists, with};
use super::{documents, encoded, lock, managed, no_entity, page, policies, store, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// The maximum number of managed policies of a role, unless the quota was raised. Source: "IAM and
/// AWS STS quotas".
const MOST_ATTACHED: usize = 10;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "ListRolePolicies" => list_inline,
        "GetRolePolicy" => get_inline,
        "PutRolePolicy" => put_inline,
        "DeleteRolePolicy" => delete_inline,
        "ListAttachedRolePolicies" => list_attached,
        "AttachRolePolicy" => attach,
        "DetachRolePolicy" => detach,
        _ => return None,
    })
}

fn list_inline(call: &Call<'_>, input: &Input) -> Answer {
    with(call, input, |_, role| {
        page(
            input,
            "PolicyNames",
            role.inline.keys().map(|name| json!(name)),
        )
    })
}

fn no_policy(input: &Input) -> AwsError {
    no_entity(format!(
        "The role policy with name {} cannot be found.",
        text(input, "PolicyName")
    ))
}

fn get_inline(call: &Call<'_>, input: &Input) -> Answer {
    let name = text(input, "PolicyName");
    with(call, input, |role_name, role| {
        let document = role.inline.get(name).ok_or_else(|| no_policy(input))?;
        Ok(json!({"RoleName": role_name, "PolicyName": name, "PolicyDocument": encoded(document)}))
    })
}

fn put_inline(call: &Call<'_>, input: &Input) -> Answer {
    let (name, document) = (text(input, "PolicyName"), text(input, "PolicyDocument"));
    change_own(call, input, |role| {
        let others = role
            .inline
            .iter()
            .filter(|(other, _)| *other != name)
            .map(|(_, document)| documents::size(document))
            .sum();
        documents::inline(document, text(input, "RoleName"), others)?;
        role.inline.insert(name.to_owned(), document.to_owned());
        Ok(json!({}))
    })
}

fn delete_inline(call: &Call<'_>, input: &Input) -> Answer {
    change_own(call, input, |role| {
        role.inline
            .remove(text(input, "PolicyName"))
            .map(|_| json!({}))
            .ok_or_else(|| no_policy(input))
    })
}

fn list_attached(call: &Call<'_>, input: &Input) -> Answer {
    let prefix = text(input, "PathPrefix");
    let is_below = |arn: &&String| policies::path_of(arn).starts_with(prefix);
    with(call, input, |_, role| {
        page(
            input,
            "AttachedPolicies",
            role.attached
                .iter()
                .filter(is_below)
                .map(|arn| attached(arn)),
        )
    })
}

pub(super) fn attached(arn: &str) -> Value {
    json!({"PolicyName": arn.rsplit('/').next(), "PolicyArn": arn})
}

fn attach(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    policies::parsed(arn)?;
    exists(call, input)?;
    let of_aws = managed::find(arn);
    if of_aws.is_none() && !lock(&store(call)).policies.contains_key(arn) {
        return Err(no_entity(format!(
            "Policy {arn} does not exist or is not attachable."
        )));
    }
    change_own(call, input, |role| {
        // Source: issue 6131 of aws/aws-cdk.
        if of_aws.is_some_and(|policy| policy.is_of_service()) {
            return Err(AwsError::new(
                "PolicyNotAttachableException",
                "Cannot attach a Service Role Policy to a Customer Role.",
            ));
        }
        if !role.attached.contains(arn) && role.attached.len() >= MOST_ATTACHED {
            return Err(documents::exceeded(format!(
                "Cannot exceed quota for PoliciesPerRole: {MOST_ATTACHED}"
            )));
        }
        role.attached.insert(arn.to_owned());
        Ok(json!({}))
    })
}

fn detach(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    policies::parsed(arn)?;
    change_own(call, input, |role| match role.attached.remove(arn) {
        true => Ok(json!({})),
        false => Err(policies::missing(arn)),
    })
}
