//! Tags of roles and of customer managed policies.
//!
//! Keys preserve case but are compared case-insensitively: a tag whose key differs only in case
//! replaces the existing one. Source: "Tags for AWS Identity and Access Management resources", IAM
//! User Guide.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::members;
use super::{documents, page, policies, roles, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// The maximum number of tags of a resource. Source: "IAM and AWS STS quotas".
const MOST: usize = 50;

/// Tags by key.
type Tags = BTreeMap<String, String>;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "ListRoleTags" => list_role,
        "TagRole" => tag_role,
        "UntagRole" => untag_role,
        "ListPolicyTags" => list_policy,
        "TagPolicy" => tag_policy,
        "UntagPolicy" => untag_policy,
        _ => return None,
    })
}

/// Tags as a list of keys and values.
pub(super) fn listed(tags: &Tags) -> Vec<Value> {
    tags.iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}

/// Tags as a member that is omitted if there are none.
pub(super) fn shown(tags: &Tags) -> Value {
    if tags.is_empty() {
        Value::Null
    } else {
        json!(listed(tags))
    }
}

/// The tags of a request.
///
/// # Errors
///
/// InvalidInput if two have the same key, or if a key is reserved for AWS. Source of the first
/// text: pull request 1346 of github-aws-runners; the second is not recorded.
pub(super) fn given(input: &Input) -> Result<Vec<(String, String)>, AwsError> {
    let given: Vec<(String, String)> = members::tags(input)
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let mut seen = BTreeSet::new();
    for (key, _) in &given {
        if !seen.insert(key.to_lowercase()) {
            let message =
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(AwsError::new("InvalidInputException", message));
        }
        if members::is_reserved(key) {
            return Err(AwsError::new(
                "InvalidInputException",
                format!("The tag key {key} begins with aws:, which is reserved for AWS."),
            ));
        }
    }
    Ok(given)
}

/// Adds all tags, or none on an error.
///
/// # Errors
///
/// LimitExceeded if there would be too many.
pub(super) fn put(tags: &mut Tags, given: Vec<(String, String)>) -> Result<(), AwsError> {
    let replaced = |key: &str| {
        given
            .iter()
            .any(|(other, _)| other.to_lowercase() == key.to_lowercase())
    };
    let kept = tags.keys().filter(|key| !replaced(key)).count();
    if kept + given.len() > MOST {
        return Err(documents::exceeded(
            "The number of tags has reached the maximum limit.",
        ));
    }
    tags.retain(|key, _| !replaced(key));
    tags.extend(given);
    Ok(())
}

fn take(tags: &mut Tags, input: &Input) {
    let keys: Vec<String> = members::texts(input, "TagKeys")
        .map(str::to_lowercase)
        .collect();
    tags.retain(|key, _| !keys.contains(&key.to_lowercase()));
}

fn list_role(call: &Call<'_>, input: &Input) -> Answer {
    roles::with(call, input, |_, role| {
        page(input, "Tags", listed(&role.tags).into_iter())
    })
}

fn tag_role(call: &Call<'_>, input: &Input) -> Answer {
    let given = given(input)?;
    roles::change(call, input, |role| {
        put(&mut role.tags, given).map(|()| json!({}))
    })
}

fn untag_role(call: &Call<'_>, input: &Input) -> Answer {
    roles::change(call, input, |role| {
        take(&mut role.tags, input);
        Ok(json!({}))
    })
}

fn list_policy(call: &Call<'_>, input: &Input) -> Answer {
    if super::managed::find(text(input, "PolicyArn")).is_some() {
        return page(input, "Tags", std::iter::empty());
    }
    policies::with(call, input, |_, policy| {
        page(input, "Tags", listed(&policy.tags).into_iter())
    })
}

fn tag_policy(call: &Call<'_>, input: &Input) -> Answer {
    let given = given(input)?;
    policies::change(call, input, |policy| {
        put(&mut policy.tags, given).map(|()| json!({}))
    })
}

fn untag_policy(call: &Call<'_>, input: &Input) -> Answer {
    policies::change(call, input, |policy| {
        take(&mut policy.tags, input);
        Ok(json!({}))
    })
}
