//! Lambda's state in one account and Region: plain records that seeds build and handlers change.
//!
//! Objects of the API are stored as such, by the API's member names, so that members without
//! behaviour need no code. Packages are stored in the world, once for all functions and layers
//! ([`super::packages`]).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use super::changing::Changing;
pub use super::configuration::Configuration;

/// Lambda's state in one account and Region.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Store {
    /// Functions, by name.
    pub functions: BTreeMap<String, Function>,
    /// Layer versions, by layer name and version.
    pub layers: BTreeMap<String, BTreeMap<u64, Layer>>,
    /// Code signing configurations, by ARN, as the API returns them.
    pub code_signing_configs: BTreeMap<String, Value>,
    /// Event source mappings, by UUID.
    pub event_source_mappings: BTreeMap<String, Changing>,
    /// Tags of code signing configurations and event source mappings, by ARN. Those of functions
    /// are the function's.
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
    /// The highest version that each layer ever had: numbers are not reused.
    pub last_layer_versions: BTreeMap<String, u64>,
    /// The highest version of deleted functions: a function that is created again continues from
    /// there. Source: "Manage Lambda function versions", Lambda Developer Guide.
    pub last_versions: BTreeMap<String, u64>,
    /// How many executions the account may run at once here; without one, AWS's default of 1,000.
    pub concurrent_executions: Option<u64>,
    /// Whether a client has changed the seeded state; an unchanged store may be dropped and seeded
    /// again.
    pub modified: bool,
}

impl crate::store::Store for Store {
    fn weight(&self) -> usize {
        let functions = self.functions.values();
        let versions: usize = functions.map(|function| 1 + function.versions.len()).sum();
        versions + self.layers.len() + 1
    }

    fn modified(&self) -> bool {
        self.modified
    }
}

/// A function.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Function {
    /// The configuration of `$LATEST`, by the API's member names.
    pub configuration: Configuration,
    /// Published versions, oldest first, as configurations.
    pub versions: Vec<Configuration>,
    /// Aliases, by name, as the API returns them.
    pub aliases: BTreeMap<String, Value>,
    /// Resource policies, by qualifier; empty for the function itself.
    pub policies: BTreeMap<String, Policy>,
    /// Function URLs, by alias; empty for the function itself; as the API returns them.
    pub urls: BTreeMap<String, Value>,
    /// Asynchronous invocation settings, by qualifier (`$LATEST` for the function itself), as the
    /// API returns them.
    pub event_invoke_configs: BTreeMap<String, Value>,
    /// Provisioned concurrency, by version or alias.
    pub provisioned: BTreeMap<String, Changing>,
    /// Runtime management, by qualifier (`$LATEST` for the function itself).
    pub runtime_management: BTreeMap<String, Value>,
    /// Reserved concurrency.
    pub reserved_concurrency: Option<u64>,
    /// The ARN of the code signing configuration.
    pub code_signing_config: Option<String>,
    /// `Allow` or `Terminate`.
    pub recursive_loop: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// The image, for container images.
    pub image_uri: Option<String>,
    /// Scaling of functions on managed instances, by version, as in requests.
    pub scaling: BTreeMap<String, Value>,
    /// Whether code or configuration have changed since the newest version was published.
    pub changed: bool,
    /// The number of the last version that was published and has since been deleted, or 0: numbers
    /// are not reused.
    pub last_version: u64,
}

impl Function {
    /// The configuration of a published version, by its number as in requests.
    pub fn version(&self, number: &str) -> Option<&Configuration> {
        self.versions
            .iter()
            .find(|version| version.version().to_string() == number)
    }

    /// Whether an alias or a published version has this name.
    pub fn has_qualifier(&self, qualifier: &str) -> bool {
        self.aliases.contains_key(qualifier) || self.version(qualifier).is_some()
    }

    /// The configuration of a qualifier: an alias's version, a version, or `$LATEST`.
    pub fn behind(&self, qualifier: &str) -> &Configuration {
        let version = self
            .aliases
            .get(qualifier)
            .and_then(|alias| alias["FunctionVersion"].as_str())
            .unwrap_or(qualifier);
        self.version(version).unwrap_or(&self.configuration)
    }

    /// The versions that a qualifier refers to: an alias's own first, then those that it also
    /// routes to; a version refers to itself.
    pub fn versions_behind<'a>(&'a self, qualifier: &'a str) -> Vec<&'a str> {
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

    /// The `RevisionId` of a qualifier; the empty one is `$LATEST`.
    pub(super) fn revision_of(&self, qualifier: &str, now: f64) -> Option<String> {
        match self.aliases.get(qualifier) {
            Some(alias) => alias["RevisionId"].as_str().map(str::to_owned),
            None => self
                .version(qualifier)
                .unwrap_or(&self.configuration)
                .revision_at(now),
        }
    }

    /// Whether the function is a container image.
    pub fn is_image(&self) -> bool {
        self.configuration.text("PackageType").as_deref() == Some("Image")
    }

    /// Whether each tenant has its own execution environments, which is fixed when the function is
    /// created.
    pub fn is_per_tenant(&self) -> bool {
        self.configuration
            .read()
            .get("TenancyConfig")
            .is_some_and(|tenancy| tenancy["TenantIsolationMode"] == "PER_TENANT")
    }

    /// Whether a version starts from a snapshot.
    pub fn has_snapshot(&self, version: &str) -> bool {
        let snap_start = self
            .version(version)
            .and_then(|version| version.read().remove("SnapStart"));
        snap_start.is_some_and(|snap_start| snap_start["ApplyOn"] == "PublishedVersions")
    }

    /// The highest number that a version of the function ever had.
    pub fn highest_version(&self) -> u64 {
        self.versions
            .iter()
            .map(Configuration::version)
            .max()
            .unwrap_or(0)
            .max(self.last_version)
    }

    /// Drops everything that belongs to a deleted version or alias.
    pub fn forget(&mut self, qualifier: &str) {
        self.policies.remove(qualifier);
        self.provisioned.remove(qualifier);
        let kept = [
            &mut self.urls,
            &mut self.event_invoke_configs,
            &mut self.runtime_management,
            &mut self.scaling,
        ];
        for settings in kept {
            settings.remove(qualifier);
        }
    }

    /// How much of the account's code storage the function uses, in bytes: each version has its own
    /// code.
    pub fn code_size(&self) -> u64 {
        self.configuration.code_size()
            + self
                .versions
                .iter()
                .map(Configuration::code_size)
                .sum::<u64>()
    }
}

/// A resource policy.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Policy {
    /// The document.
    pub document: Value,
    /// Changes with every update of the policy.
    pub revision_id: String,
}

/// A version of a layer.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Layer {
    /// The version as `GetLayerVersion` returns it.
    pub version: Map<String, Value>,
    /// Its resource policy.
    pub policy: Option<Policy>,
}
