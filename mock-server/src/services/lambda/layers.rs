//! Layers: publishing, reading, listing and deleting versions, and which of them a function may
//! have.

use lambdasweep_policy::{Context, Decision, Document, Principal, Request};
use serde_json::{Map, Value, json};

use super::store::{Layer, Store};
use super::{
    absent, archive, copy, invalid, lock, not_let_in, nothing, packages, page, store, text,
    timestamp,
};
use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::services::lambda::packages::Packages;
use crate::services::organizations::places::caller;

mod policy;

/// How many layers a function may have. Source: "Lambda quotas".
const MOST_OF_A_FUNCTION: usize = 5;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "DeleteLayerVersion" => delete,
        "GetLayerVersion" => get,
        "GetLayerVersionByArn" => get_by_arn,
        "ListLayerVersions" => list_versions,
        "ListLayers" => list,
        "PublishLayerVersion" => publish,
        _ => return policy::handler(operation),
    })
}

/// A layer as given in a request: by its name, or by its ARN, which may be that of a version.
#[derive(Debug, Clone, Copy)]
struct Named<'a> {
    region: &'a str,
    account: &'a str,
    name: &'a str,
    version: Option<&'a str>,
}

impl<'a> Named<'a> {
    fn read(call: &'a Call<'_>, given: &'a str) -> Self {
        let parts: Vec<&str> = given.splitn(8, ':').collect();
        match parts.as_slice() {
            ["arn", _, "lambda", region, account, "layer", name] => Self {
                region,
                account,
                name,
                version: None,
            },
            ["arn", _, "lambda", region, account, "layer", name, version] => Self {
                region,
                account,
                name,
                version: Some(version),
            },
            _ => Self {
                region: call.region,
                account: call.account(),
                name: given,
                version: None,
            },
        }
    }

    /// The layer that `LayerName` names, which must belong to the caller's account.
    ///
    /// # Errors
    /// AccessDeniedException for a layer of another account, whose policy can only allow the use of
    /// a version; ResourceNotFoundException for one of another Region.
    fn own(call: &'a Call<'_>, input: &'a Input) -> Result<Self, AwsError> {
        let named = Self::read(call, text(input, "LayerName").unwrap_or_default());
        if named.account != call.account() {
            Err(denied(call, &named.arn(call)))
        } else if named.region != call.region {
            Err(absent())
        } else {
            Ok(named)
        }
    }

    fn arn(&self, call: &Call<'_>) -> String {
        format!(
            "arn:{}:lambda:{}:{}:layer:{}",
            call.partition(),
            self.region,
            self.account,
            self.name
        )
    }
}

/// AWS's error for a caller that no policy of the layer allows. Source: what AWS answered to
/// ListLayerVersions in issue 31 of mooyoul/serverless-latest-layer-version, and to GetLayerVersion
/// for layers of other accounts likewise.
fn denied(call: &Call<'_>, arn: &str) -> AwsError {
    let action = match call.operation {
        "CreateFunction" | "UpdateFunctionConfiguration" | "GetLayerVersionByArn" => {
            "GetLayerVersion"
        }
        operation => operation,
    };
    not_let_in(call, action, arn)
}

/// The version number of a request. Source of the text: what AWS answered to numbers below 1.
fn number(input: &Input) -> Result<u64, AwsError> {
    let given = input
        .get("VersionNumber")
        .and_then(Value::as_i64)
        .unwrap_or(0);
    u64::try_from(given)
        .ok()
        .filter(|given| *given > 0)
        .ok_or_else(|| invalid("Layer Version Cannot be less than 1"))
}

/// Whether a version's policy lets a caller use it.
fn lets_in(layer: &Layer, arn: &str, visitor: Option<&Principal>) -> bool {
    let (Some(policy), Some(principal)) = (&layer.policy, visitor) else {
        return false;
    };
    let Ok(document) = Document::parse(&policy.document.to_string()) else {
        return false;
    };
    let context = Context::default();
    let request = Request {
        principal,
        action: "lambda:GetLayerVersion",
        resource: arn,
        resource_account: None,
        context: &context,
    };
    document.decide(&request) == Decision::Allowed
}

/// Reads a version of the caller's account, or of another account whose policy lets the caller use
/// it.
///
/// # Errors
/// AccessDeniedException for a version of another account that does not exist or is not shared: AWS
/// does not tell which.
fn look<T>(
    call: &Call<'_>,
    named: Named<'_>,
    take: impl FnOnce(&Layer) -> T,
) -> Result<Option<T>, AwsError> {
    let number = named
        .version
        .and_then(|version| version.parse::<u64>().ok())
        .unwrap_or(0);
    let is_own = named.account == call.account();
    let visitor = if is_own { None } else { caller(call) };
    let store = call.world.regional::<Store>(named.account, named.region);
    let store = lock(&store);
    let layer = store
        .layers
        .get(named.name)
        .filter(|_| named.region == call.region)
        .and_then(|versions| versions.get(&number));
    let arn = || format!("{}:{}", named.arn(call), named.version.unwrap_or_default());
    match layer {
        Some(layer) if is_own || call.allowed || lets_in(layer, &arn(), visitor.as_ref()) => {
            Ok(Some(take(layer)))
        }
        None if is_own => Ok(None),
        _ => Err(denied(call, &arn())),
    }
}

/// The entries of a function's `Layers` for the given versions.
///
/// This locks stores, so none may be locked already.
///
/// # Errors
/// InvalidParameterValueException with AWS's message for too many layers, two versions of one
/// layer, a layer of another Region, or a missing version; AccessDeniedException for a version of
/// another account that the caller may not use.
pub(super) fn attach(call: &Call<'_>, arns: &[&str]) -> Result<Vec<Value>, AwsError> {
    if arns.len() > MOST_OF_A_FUNCTION {
        return Err(invalid(format!(
            "Cannot reference more than {MOST_OF_A_FUNCTION} layers."
        )));
    }
    let mut rows = Vec::with_capacity(arns.len());
    let mut seen: Vec<(String, &str)> = Vec::with_capacity(arns.len());
    for arn in arns {
        // Layers owned by AWS belong to no account and cannot be read.
        if arn.contains(":lambda:::awslayer:") {
            rows.push(json!({"Arn": arn}));
            continue;
        }
        let named = Named::read(call, arn);
        if named.region != call.region {
            return Err(invalid(format!(
                "Layers are not in the same region as the function. Layers are expected to be in region {}.",
                call.region
            )));
        }
        let size = look(call, named, |layer| {
            layer
                .version
                .get("Content")
                .and_then(|content| content.get("CodeSize"))
                .cloned()
        })?;
        let size = size.ok_or_else(|| invalid(format!("Layer version {arn} does not exist.")))?;
        let layer = named.arn(call);
        if let Some((_, other)) = seen.iter().find(|(known, _)| *known == layer) {
            return Err(invalid(format!(
                "Two different versions of the same layer are not allowed to be referenced in the same function. {other} and {arn} are versions of the same layer."
            )));
        }
        seen.push((layer, arn));
        rows.push(json!({"Arn": arn, "CodeSize": size}));
    }
    Ok(rows)
}

/// A version as the API returns it, with the URL of its package.
fn shown(call: &Call<'_>, named: Named<'_>, layer: &Layer) -> Value {
    let mut version = layer.version.clone();
    if let Some(content) = version.get_mut("Content").and_then(Value::as_object_mut) {
        let sha256 = content
            .get("CodeSha256")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let location = packages::location(call.base_url, sha256, named.name);
        content.insert("Location".to_owned(), json!(location));
    }
    Value::Object(version)
}

/// Stores the package of a request, and returns its `CodeSha256` and `CodeSize`. For a package in
/// S3, which is not simulated, they are derived from its address.
fn take(call: &Call<'_>, input: &Input) -> Result<(String, usize), AwsError> {
    let no_content = Input::new();
    let content = input
        .get("Content")
        .and_then(Value::as_object)
        .unwrap_or(&no_content);
    if let Some(zip) = text(content, "ZipFile") {
        return Ok(call.world.part::<Packages>().keep(archive::uploaded(zip)?));
    }
    if content.contains_key("S3Bucket") && content.contains_key("S3Key") {
        return Ok(packages::facts(json!(content).to_string().as_bytes()));
    }
    // AWS's text is not known.
    Err(invalid("Please provide a source for layer code."))
}

fn publish(call: &Call<'_>, input: &Input) -> Answer {
    let named = Named::own(call, input)?;
    let (sha256, size) = take(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    let number = last_version(&store, named.name) + 1;
    store
        .last_layer_versions
        .insert(named.name.to_owned(), number);
    let layer_arn = named.arn(call);
    let mut version = Map::new();
    copy(
        &mut version,
        input,
        &[
            "CompatibleRuntimes",
            "CompatibleArchitectures",
            "LicenseInfo",
        ],
    );
    for (member, value) in [
        ("LayerArn", json!(layer_arn)),
        ("LayerVersionArn", json!(format!("{layer_arn}:{number}"))),
        (
            "Description",
            json!(text(input, "Description").unwrap_or_default()),
        ),
        ("CreatedDate", json!(timestamp(call))),
        ("Version", json!(number)),
        ("Content", json!({"CodeSha256": sha256, "CodeSize": size})),
    ] {
        version.insert(member.to_owned(), value);
    }
    let layer = Layer {
        version,
        policy: None,
    };
    let answer = shown(call, named, &layer);
    store
        .layers
        .entry(named.name.to_owned())
        .or_default()
        .insert(number, layer);
    Ok(answer)
}

/// The highest version that a layer ever had.
fn last_version(store: &Store, name: &str) -> u64 {
    let there = store
        .layers
        .get(name)
        .and_then(|versions| versions.keys().next_back())
        .copied()
        .unwrap_or(0);
    there.max(store.last_layer_versions.get(name).copied().unwrap_or(0))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let number = number(input)?.to_string();
    let named = Named {
        version: Some(&number),
        ..Named::read(call, text(input, "LayerName").unwrap_or_default())
    };
    look(call, named, |layer| shown(call, named, layer))?.ok_or_else(absent)
}

fn get_by_arn(call: &Call<'_>, input: &Input) -> Answer {
    let named = Named::read(call, text(input, "Arn").unwrap_or_default());
    look(call, named, |layer| shown(call, named, layer))?.ok_or_else(absent)
}

/// A version as in lists.
fn item(layer: &Layer) -> Value {
    let mut item = Map::new();
    copy(
        &mut item,
        &layer.version,
        &[
            "LayerVersionArn",
            "Version",
            "Description",
            "CreatedDate",
            "CompatibleRuntimes",
            "CompatibleArchitectures",
            "LicenseInfo",
        ],
    );
    Value::Object(item)
}

/// Whether a version is declared compatible with the requested runtime and architecture.
fn matches(layer: &Layer, input: &Input) -> bool {
    [
        ("CompatibleRuntime", "CompatibleRuntimes"),
        ("CompatibleArchitecture", "CompatibleArchitectures"),
    ]
    .iter()
    .all(|(asked, member)| {
        let Some(asked) = text(input, asked) else {
            return true;
        };
        layer
            .version
            .get(*member)
            .and_then(Value::as_array)
            .is_some_and(|said| said.iter().any(|it| it == asked))
    })
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let newest = |(name, versions): (&String, &std::collections::BTreeMap<u64, Layer>)| {
        let layer = versions
            .values()
            .rev()
            .find(|layer| matches(layer, input))?;
        Some((
            name.clone(),
            json!({"LayerName": name, "LayerArn": super::arn(call, "layer", name), "LatestMatchingVersion": item(layer)}),
        ))
    };
    let (layers, next) = page(input, 50, store.layers.iter().filter_map(newest));
    Ok(json!({"Layers": layers, "NextMarker": next}))
}

/// Lists the versions of a layer of the caller's account. Others cannot be listed, since no policy
/// can allow it: only `lambda:GetLayerVersion` may be granted. Source: see [`denied`].
fn list_versions(call: &Call<'_>, input: &Input) -> Answer {
    let named = Named::own(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let versions = store
        .layers
        .get(named.name)
        .into_iter()
        .flatten()
        .rev()
        .filter(|(_, layer)| matches(layer, input));
    // Newest first: the keys of the marker increase as version numbers decrease.
    let (versions, next) = page(
        input,
        50,
        versions.map(|(number, layer)| (format!("{:020}", u64::MAX - number), item(layer))),
    );
    Ok(json!({"LayerVersions": versions, "NextMarker": next}))
}

/// Deletes a version, if it exists. Functions that use it keep it.
fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let number = number(input)?;
    let named = Named::own(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let last = last_version(&store, named.name);
    let Some(versions) = store
        .layers
        .get_mut(named.name)
        .filter(|versions| versions.contains_key(&number))
    else {
        return nothing();
    };
    versions.remove(&number);
    store.modified = true;
    store
        .last_layer_versions
        .insert(named.name.to_owned(), last);
    store.layers.retain(|_, versions| !versions.is_empty());
    nothing()
}
