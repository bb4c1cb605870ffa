//! What a qualifier stands for, what Lambda says where it stands for nothing.
//!
//! This is all that layers, policies, concurrency, mappings and the like ask of a function.

use serde_json::json;

use super::store::{Function, Store};
use super::{Target, not_found, unique};
use crate::call::{AwsError, Call, Input};

impl Target {
    /// What Lambda says where the target is not there: an alias is told by its ARN, all else is a
    /// function.
    ///
    /// Source: answers recorded from AWS for AddPermission, RemovePermission and the operations of
    /// provisioned concurrency. A qualifier that could be an alias counts as one even where there
    /// is no such function; one with `$` in it, which no alias has, does not.
    pub(super) fn missing(&self, call: &Call<'_>) -> AwsError {
        let of_alias = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let could_be = |name: &str| {
            name.bytes().all(of_alias) && name.bytes().any(|byte| !byte.is_ascii_digit())
        };
        if self.qualifier.as_deref().is_some_and(could_be) {
            AwsError::new(
                "ResourceNotFoundException",
                format!("Cannot find alias arn: {}", self.arn(call)),
            )
            .member("Type", "User")
        } else {
            not_found(&self.arn(call))
        }
    }

    /// The target's function, where its qualifier is there too; see [`Target::missing`].
    pub(super) fn existing<'a>(
        &self,
        call: &Call<'_>,
        store: &'a Store,
    ) -> Result<&'a Function, AwsError> {
        self.function(call, store).map_err(|_| self.missing(call))
    }

    /// [`Target::existing`], to change it.
    pub(super) fn existing_mut<'a>(
        &self,
        call: &Call<'_>,
        store: &'a mut Store,
    ) -> Result<&'a mut Function, AwsError> {
        self.existing(call, store)?;
        self.function_mut(call, store)
    }
}

impl Function {
    /// Whether the function is a container image.
    pub(super) fn is_image(&self) -> bool {
        self.configuration.text("PackageType").as_deref() == Some("Image")
    }

    /// Whether each tenant has environments of its own, which cannot be changed once the function
    /// is there.
    pub(super) fn is_per_tenant(&self) -> bool {
        self.configuration
            .read()
            .get("TenancyConfig")
            .is_some_and(|tenancy| tenancy["TenantIsolationMode"] == "PER_TENANT")
    }

    /// Whether a version starts from a snapshot.
    pub(super) fn has_snapshot(&self, version: &str) -> bool {
        let snap_start = self
            .version(version)
            .and_then(|version| version.read().remove("SnapStart"));
        snap_start.is_some_and(|snap_start| snap_start["ApplyOn"] == "PublishedVersions")
    }

    /// The versions that a qualifier leads to: an alias's own first, then those that it routes to;
    /// a version leads to itself.
    pub(super) fn versions_behind<'a>(&'a self, qualifier: &'a str) -> Vec<&'a str> {
        let Some(alias) = self.aliases.get(qualifier) else {
            return vec![qualifier];
        };
        let routed = alias["RoutingConfig"]["AdditionalVersionWeights"].as_object();
        alias["FunctionVersion"]
            .as_str()
            .into_iter()
            .chain(
                routed
                    .into_iter()
                    .flatten()
                    .map(|(version, _)| version.as_str()),
            )
            .collect()
    }

    /// The RevisionId of what a qualifier stands for; the empty one for `$LATEST`.
    pub(super) fn revision_of(&self, qualifier: &str, now: f64) -> Option<String> {
        match self.aliases.get(qualifier) {
            Some(alias) => alias["RevisionId"].as_str().map(str::to_owned),
            None => self
                .version(qualifier)
                .unwrap_or(&self.configuration)
                .revision_at(now),
        }
    }

    /// Gives `$LATEST` another RevisionId.
    pub(super) fn revise(&mut self, call: &Call<'_>) {
        let mut members = self.configuration.read();
        members.insert("RevisionId".to_owned(), json!(unique(call)));
        self.configuration.write(&members);
    }
}

/// The ARN's function as a target; `member` is the input's member that holds the ARN.
pub(super) fn by_arn(call: &Call<'_>, input: &Input, member: &str) -> Result<Target, AwsError> {
    let named = Input::from_iter([(
        "FunctionName".to_owned(),
        input.get(member).cloned().unwrap_or_default(),
    )]);
    Target::of(call, &named)
}
