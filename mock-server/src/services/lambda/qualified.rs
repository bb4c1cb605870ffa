//! What a qualifier stands for, what Lambda says where it stands for nothing, and how long Lambda's changes take.
//!
//! This is all that layers, policies, concurrency, mappings and the like ask of a function.

use serde_json::{Map, Value, json};

use super::store::{Function, Store};
use super::{Target, not_found, text, unique};
use crate::call::{AwsError, Call, Input};

/// How long a change is under way, in seconds.
const TRANSITION: f64 = 0.1;

/// How long a change is under way, in seconds.
pub(super) fn transition(_: &Call<'_>) -> f64 {
    TRANSITION
}

impl Target {
    /// What Lambda says where the target is not there: an alias is told by its ARN, all else is a function.
    ///
    /// Source: answers recorded from AWS for AddPermission, RemovePermission and the operations of provisioned concurrency. A qualifier that could be
    /// an alias counts as one even where there is no such function; one with `$` in it, which no alias has, does not.
    pub(super) fn missing(&self, call: &Call<'_>) -> AwsError {
        let of_alias = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let could_be = |name: &str| name.bytes().all(of_alias) && name.bytes().any(|byte| !byte.is_ascii_digit());
        if self.qualifier.as_deref().is_some_and(could_be) {
            AwsError::new("ResourceNotFoundException", format!("Cannot find alias arn: {}", self.arn(call))).member("Type", "User")
        } else {
            not_found(&self.arn(call))
        }
    }

    /// The target's function, where its qualifier is there too; see [`Target::missing`].
    pub(super) fn existing<'a>(&self, call: &Call<'_>, store: &'a Store) -> Result<&'a Function, AwsError> {
        self.function(call, store).map_err(|_| self.missing(call))
    }

    /// [`Target::existing`], to change it.
    pub(super) fn existing_mut<'a>(&self, call: &Call<'_>, store: &'a mut Store) -> Result<&'a mut Function, AwsError> {
        self.existing(call, store)?;
        self.function_mut(call, store)
    }
}

impl Function {
    /// Whether the function is a container image.
    pub(super) fn is_image(&self) -> bool {
        text(&self.configuration, "PackageType") == Some("Image")
    }

    /// The configuration of a published version.
    pub(super) fn version(&self, number: &str) -> Option<&Map<String, Value>> {
        self.versions.iter().find(|version| text(version, "Version") == Some(number))
    }

    /// The versions that a qualifier leads to: an alias's own first, then those that it routes to; a version leads to itself.
    pub(super) fn versions_behind<'a>(&'a self, qualifier: &'a str) -> Vec<&'a str> {
        let Some(alias) = self.aliases.get(qualifier) else { return vec![qualifier] };
        let routed = alias["RoutingConfig"]["AdditionalVersionWeights"].as_object();
        alias["FunctionVersion"].as_str().into_iter().chain(routed.into_iter().flatten().map(|(version, _)| version.as_str())).collect()
    }

    /// The RevisionId of what a qualifier stands for; the empty one for `$LATEST`.
    pub(super) fn revision_of(&self, qualifier: &str) -> Option<&str> {
        match self.aliases.get(qualifier) {
            Some(alias) => alias["RevisionId"].as_str(),
            None => text(self.version(qualifier).unwrap_or(&self.configuration), "RevisionId"),
        }
    }

    /// Gives `$LATEST` another RevisionId.
    pub(super) fn revise(&mut self, call: &Call<'_>) {
        self.configuration.insert("RevisionId".to_owned(), json!(unique(call)));
    }

    /// What the function's code takes of the account's storage, in bytes: each version keeps its own.
    pub(super) fn code_size(&self) -> u64 {
        let all = std::iter::once(&self.configuration).chain(&self.versions);
        all.filter_map(|configuration| configuration.get("CodeSize")?.as_u64()).sum()
    }
}

/// The ARN's function as a target; `member` is the input's member that holds the ARN.
pub(super) fn by_arn(call: &Call<'_>, input: &Input, member: &str) -> Result<Target, AwsError> {
    let named = Input::from_iter([("FunctionName".to_owned(), input.get(member).cloned().unwrap_or_default())]);
    Target::of(call, &named)
}
