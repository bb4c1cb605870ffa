//! Lambda's state in one account and Region.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Lambda's state in one account and Region.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Store {
    /// Functions, by name.
    pub functions: BTreeMap<String, Function>,
    /// Layer versions, by layer name and version.
    pub layers: BTreeMap<String, BTreeMap<u64, Layer>>,
    /// Code signing configurations, by ARN, as the API gives them.
    pub code_signing_configs: BTreeMap<String, Value>,
    /// Event source mappings, by UUID, as the API gives them.
    pub event_source_mappings: BTreeMap<String, Value>,
    /// Whether a client has changed what the seed made; a store that was not changed may be dropped and made again.
    pub modified: bool,
}

/// A function.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Function {
    /// The configuration of `$LATEST`, by the API's member names.
    pub configuration: Map<String, Value>,
    /// Published versions, oldest first, as configurations.
    pub versions: Vec<Map<String, Value>>,
    /// Aliases, by name, as the API gives them.
    pub aliases: BTreeMap<String, Value>,
    /// Resource policies, by qualifier; empty for the function itself.
    pub policies: BTreeMap<String, Policy>,
    /// Function URLs, by alias; empty for the function itself; as the API gives them.
    pub urls: BTreeMap<String, Value>,
    /// Asynchronous invocation settings, by qualifier (`$LATEST` for the function itself), as the API gives them.
    pub event_invoke_configs: BTreeMap<String, Value>,
    /// Provisioned concurrency, by qualifier.
    pub provisioned: BTreeMap<String, Value>,
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
}

/// A resource policy.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Policy {
    /// The document.
    pub document: Value,
    /// Changes with every change.
    pub revision_id: String,
}

/// A version of a layer.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Layer {
    /// The version as `GetLayerVersion` gives it.
    pub version: Map<String, Value>,
    /// Its policy's statements.
    pub policy: Option<Policy>,
}
