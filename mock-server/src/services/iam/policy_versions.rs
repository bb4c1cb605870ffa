//! Versions of managed policies.

use serde_json::{Value, json};

use super::policies::{change, parsed, with};
use super::store::ManagedPolicy;
use super::{documents, encoded, managed, no_entity, page, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// How many versions a policy keeps. Source: "IAM and AWS STS quotas".
const MOST_VERSIONS: usize = 5;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "GetPolicyVersion" => get,
        "CreatePolicyVersion" => create,
        "DeletePolicyVersion" => delete,
        "SetDefaultPolicyVersion" => set_default,
        "ListPolicyVersions" => list,
        _ => return None,
    })
}

pub(super) fn shown(number: u64, policy: &ManagedPolicy, document: Option<&str>) -> Value {
    json!({
        "Document": document.map(encoded),
        "VersionId": format!("v{number}"),
        "IsDefaultVersion": number == policy.default_version,
        "CreateDate": policy.dated.get(&number).unwrap_or(&policy.created),
    })
}

/// The default version of an AWS managed policy, which is the only one in the catalogue.
pub(super) fn shown_of_aws(policy: managed::Policy, document: Option<&str>) -> Value {
    json!({
        "Document": document.map(encoded),
        "VersionId": policy.version,
        "IsDefaultVersion": true,
        "CreateDate": policy.updated,
    })
}

fn number(input: &Input) -> u64 {
    text(input, "VersionId")
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

fn no_version(input: &Input) -> AwsError {
    no_entity(format!(
        "Policy {} version {} does not exist or is not attachable.",
        text(input, "PolicyArn"),
        text(input, "VersionId")
    ))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    if let Some(policy) = managed::find(arn) {
        if text(input, "VersionId") != policy.version {
            return Err(no_version(input));
        }
        return Ok(json!({"PolicyVersion": shown_of_aws(policy, managed::document(arn))}));
    }
    with(call, input, |_, policy| {
        let document = policy
            .versions
            .get(&number(input))
            .ok_or_else(|| no_version(input))?;
        Ok(json!({"PolicyVersion": shown(number(input), policy, Some(document))}))
    })
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    parsed(text(input, "PolicyArn"))?;
    documents::boundary_or_managed(text(input, "PolicyDocument"))?;
    change(call, input, |policy| {
        if policy.versions.len() >= MOST_VERSIONS {
            return Err(documents::exceeded(
                "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
            ));
        }
        // Version numbers are never reused.
        let next = policy
            .versions
            .keys()
            .max()
            .copied()
            .unwrap_or(0)
            .max(policy.last_version)
            + 1;
        policy
            .versions
            .insert(next, text(input, "PolicyDocument").to_owned());
        policy.dated.insert(next, call.now.floor());
        policy.last_version = next;
        policy.updated = call.now.floor();
        if input.get("SetAsDefault") == Some(&json!(true)) {
            policy.default_version = next;
        }
        Ok(json!({"PolicyVersion": shown(next, policy, None)}))
    })
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    change(call, input, |policy| {
        if !policy.versions.contains_key(&number(input)) {
            return Err(no_version(input));
        }
        if policy.default_version == number(input) {
            return Err(AwsError::new(
                "DeleteConflictException",
                "Cannot delete the default version of a policy.",
            ));
        }
        policy.last_version = policy
            .last_version
            .max(policy.versions.keys().max().copied().unwrap_or(0));
        policy.versions.remove(&number(input));
        policy.dated.remove(&number(input));
        Ok(json!({}))
    })
}

fn set_default(call: &Call<'_>, input: &Input) -> Answer {
    change(call, input, |policy| {
        if !policy.versions.contains_key(&number(input)) {
            return Err(no_version(input));
        }
        policy.default_version = number(input);
        policy.updated = call.now.floor();
        Ok(json!({}))
    })
}

/// The newest version comes first.
fn list(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    if let Some(policy) = managed::find(arn) {
        return page(
            input,
            "Versions",
            std::iter::once(shown_of_aws(policy, None)),
        );
    }
    with(call, input, |_, policy| {
        page(
            input,
            "Versions",
            policy
                .versions
                .keys()
                .rev()
                .map(|number| shown(*number, policy, None)),
        )
    })
}
