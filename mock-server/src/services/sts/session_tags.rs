//! Tags of sessions, and which of them go on into the sessions that a session begins.
//!
//! Source: "Pass session tags in AWS STS", IAM User Guide; the words are recorded from AWS
//! (LocalStack's snapshot of `test_sts.py`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::call::{AwsError, Call, Input};

/// The tags of a session that is to begin.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct SessionTags {
    /// All tags: those that were passed and those that came with the calling session.
    pub(super) tags: BTreeMap<String, String>,
    /// The keys of those that go on, in small letters.
    pub(super) transitive: BTreeSet<String>,
}

fn refused(message: &str) -> AwsError {
    AwsError::new("InvalidParameterValue", message).status(400)
}

/// Puts together passed tags and those that the calling session hands on. Keys are the same
/// whatever their case.
///
/// # Errors
/// Where a key is passed twice, is one that the calling session hands on, or is to go on without
/// having been passed.
pub(super) fn combine(
    passed: impl IntoIterator<Item = (String, String)>,
    going_on: &[&str],
    inherited: Option<&SessionTags>,
) -> Result<SessionTags, AwsError> {
    let mut combined = SessionTags::default();
    let mut keys = BTreeSet::new();
    for (key, value) in passed {
        if !keys.insert(key.to_lowercase()) {
            return Err(refused(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        combined.tags.insert(key, value);
    }
    if let Some(inherited) = inherited {
        if inherited.transitive.iter().any(|key| keys.contains(key)) {
            return Err(refused(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
            ));
        }
        let handed_on = inherited
            .tags
            .iter()
            .filter(|(key, _)| inherited.transitive.contains(&key.to_lowercase()));
        combined
            .tags
            .extend(handed_on.map(|(key, value)| (key.clone(), value.clone())));
        combined.transitive.clone_from(&inherited.transitive);
    }
    for key in going_on.iter().map(|key| key.to_lowercase()) {
        if !keys.contains(&key) {
            return Err(refused(
                "The specified transitive tag key must be included in the requested tags.",
            ));
        }
        combined.transitive.insert(key);
    }
    Ok(combined)
}

/// The tags of the session that a call asks for.
pub(super) fn of_call(call: &Call<'_>, input: &Input) -> Result<SessionTags, AwsError> {
    let list = |name: &str| {
        input
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let part = |tag: &Value, name: &str| {
        tag.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let passed = list("Tags").map(|tag| (part(tag, "Key"), part(tag, "Value")));
    let going_on: Vec<&str> = list("TransitiveTagKeys")
        .filter_map(Value::as_str)
        .collect();
    let inherited = call.caller.session.as_ref().map(|session| SessionTags {
        tags: session.tags.clone(),
        transitive: session.transitive_tags.clone(),
    });
    combine(passed, &going_on, inherited.as_ref())
}
