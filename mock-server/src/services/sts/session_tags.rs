//! Session tags, and which of them are transitive.
//!
//! Source: "Pass session tags in AWS STS", IAM User Guide; the texts are recorded from AWS
//! (LocalStack's snapshot of `test_sts.py`), except those about reserved keys.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_policy::Context;

use super::super::members;
use crate::call::{AwsError, Input, Session};

/// The tags that a request for a session passes.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Passed {
    /// Keys and values.
    pub(super) tags: Vec<(String, String)>,
    /// The keys of the transitive tags.
    pub(super) transitive: Vec<String>,
}

/// The tags of a new session.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct SessionTags {
    /// All tags: those that were passed and those that came with the calling session.
    pub(super) tags: BTreeMap<String, String>,
    /// The keys of the transitive tags, in lower case.
    pub(super) transitive: BTreeSet<String>,
}

fn refused(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValue", message).status(400)
}

impl Passed {
    /// The tags of a request.
    pub(super) fn of_input(input: &Input) -> Self {
        Self {
            tags: members::tags(input)
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            transitive: members::texts(input, "TransitiveTagKeys")
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Adds the condition keys about the tags to a context.
    pub(super) fn known_to(&self, context: Context) -> Context {
        let context = self.tags.iter().fold(context, |context, (key, value)| {
            context.with(&format!("aws:RequestTag/{key}"), value)
        });
        let keys = self.tags.iter().map(|(key, _)| key.clone()).collect();
        [
            ("aws:TagKeys", keys),
            ("sts:TransitiveTagKeys", self.transitive.clone()),
        ]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .fold(context, |context, (key, values)| {
            context.with_all(key, values)
        })
    }

    /// The tags of the session: these, and the transitive ones of the calling session. Keys are
    /// case-insensitive.
    ///
    /// # Errors
    /// If a key is passed twice, is reserved for AWS or is a transitive key of the calling session,
    /// or if a transitive key is not among the passed tags.
    pub(super) fn of_session(&self, caller: Option<&Session>) -> Result<SessionTags, AwsError> {
        let mut session = SessionTags::default();
        let mut keys = BTreeSet::new();
        for (key, value) in &self.tags {
            if !keys.insert(key.to_lowercase()) {
                return Err(refused(
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                ));
            }
            if members::is_reserved(key) {
                return Err(refused(format!(
                    "The tag key {key} begins with aws:, which is reserved for AWS."
                )));
            }
            session.tags.insert(key.clone(), value.clone());
        }
        if let Some(caller) = caller {
            if caller.transitive_tags.iter().any(|key| keys.contains(key)) {
                return Err(refused(
                    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
                ));
            }
            let handed_on = caller
                .tags
                .iter()
                .filter(|(key, _)| caller.transitive_tags.contains(&key.to_lowercase()));
            session
                .tags
                .extend(handed_on.map(|(key, value)| (key.clone(), value.clone())));
            session.transitive.clone_from(&caller.transitive_tags);
        }
        for key in self.transitive.iter().map(|key| key.to_lowercase()) {
            if !keys.contains(&key) {
                return Err(refused(
                    "The specified transitive tag key must be included in the requested tags.",
                ));
            }
            session.transitive.insert(key);
        }
        Ok(session)
    }
}
