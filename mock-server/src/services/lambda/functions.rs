//! Functions and versions.

use base64::Engine;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::store::Function;
use super::{
    Target, arn, conflict, copy, decode_marker, encode_marker, execution_role, invalid, lock, not_found, nothing, page, store, text,
    timestamp, unique,
};
use crate::call::{Answer, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateFunction" => create,
        "DeleteFunction" => delete,
        "GetFunction" => get,
        "GetFunctionConfiguration" => get_configuration,
        "ListFunctions" => list,
        "ListVersionsByFunction" => list_versions,
        "PublishVersion" => publish,
        "UpdateFunctionCode" => update_code,
        "UpdateFunctionConfiguration" => update_configuration,
        _ => return None,
    })
}

/// What `GetFunction` tells and `ListFunctions` leaves out (botocore's documentation of ListFunctions).
const NOT_LISTED: &[&str] = &[
    "State",
    "StateReason",
    "StateReasonCode",
    "LastUpdateStatus",
    "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
    "RuntimeVersionConfig",
];

const SETTABLE: &[&str] = &[
    "Role",
    "Handler",
    "Description",
    "Timeout",
    "MemorySize",
    "Runtime",
    "DeadLetterConfig",
    "KMSKeyArn",
    "TracingConfig",
    "FileSystemConfigs",
    "EphemeralStorage",
    "LoggingConfig",
    "CapacityProviderConfig",
    "DurableConfig",
    "TenancyConfig",
];

/// The network that every subnet is in: networks are not kept here.
pub(crate) const VPC_ID: &str = "vpc-0a1b2c3d4e5f60718";

/// Members of a request that a configuration answers with in another form.
fn reshape(configuration: &mut Map<String, Value>, input: &Input) {
    copy(configuration, input, SETTABLE);
    if let Some(environment) = input.get("Environment") {
        configuration.insert("Environment".to_owned(), environment.clone());
    }
    if let Some(vpc) = input.get("VpcConfig") {
        let mut vpc = vpc.clone();
        let in_vpc = vpc.get("SubnetIds").and_then(Value::as_array).is_some_and(|subnets| !subnets.is_empty());
        vpc["VpcId"] = json!(if in_vpc { VPC_ID } else { "" });
        configuration.insert("VpcConfig".to_owned(), vpc);
    }
    if let Some(layers) = input.get("Layers").and_then(Value::as_array) {
        configuration.insert("Layers".to_owned(), layers.iter().map(|arn| json!({"Arn": arn, "CodeSize": 1024})).collect());
    }
    if let Some(apply_on) = input.get("SnapStart").and_then(|it| it.get("ApplyOn")) {
        configuration.insert("SnapStart".to_owned(), json!({"ApplyOn": apply_on, "OptimizationStatus": "Off"}));
    }
    if let Some(image) = input.get("ImageConfig") {
        configuration.insert("ImageConfigResponse".to_owned(), json!({"ImageConfig": image}));
    }
}

/// The hash and the size of what was uploaded. The code itself is not kept.
fn code_facts(code: &Input) -> (String, u64) {
    let engine = base64::engine::general_purpose::STANDARD;
    let bytes = match text(code, "ZipFile").and_then(|zip| engine.decode(zip).ok()) {
        Some(bytes) => bytes,
        None => ["S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri"]
            .iter()
            .filter_map(|name| text(code, name))
            .collect::<Vec<_>>()
            .join("/")
            .into_bytes(),
    };
    (engine.encode(Sha256::digest(&bytes)), bytes.len() as u64)
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let package_type = text(input, "PackageType").unwrap_or("Zip");
    let code = input.get("Code").and_then(Value::as_object).cloned().unwrap_or_default();
    if package_type == "Zip" && (text(input, "Runtime").is_none() || text(input, "Handler").is_none()) {
        return Err(invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages."));
    }
    execution_role::check(call, text(input, "Role").unwrap_or_default())?;
    let (sha256, size) = code_facts(&code);
    let function_arn = arn(call, "function", &target.name);
    let mut configuration = Map::new();
    configuration.insert("FunctionName".to_owned(), json!(target.name));
    configuration.insert("FunctionArn".to_owned(), json!(function_arn));
    for (name, value) in [
        ("Description", json!("")),
        ("Timeout", json!(3)),
        ("MemorySize", json!(128)),
        ("TracingConfig", json!({"Mode": "PassThrough"})),
        ("EphemeralStorage", json!({"Size": 512})),
        ("Architectures", input.get("Architectures").cloned().unwrap_or_else(|| json!(["x86_64"]))),
        ("SnapStart", json!({"ApplyOn": "None", "OptimizationStatus": "Off"})),
        ("LoggingConfig", json!({"LogFormat": "Text", "LogGroup": format!("/aws/lambda/{}", target.name)})),
    ] {
        configuration.insert(name.to_owned(), value);
    }
    reshape(&mut configuration, input);
    for (name, value) in [
        ("PackageType", json!(package_type)),
        ("CodeSha256", json!(sha256)),
        ("CodeSize", json!(size)),
        ("Version", json!("$LATEST")),
        ("LastModified", json!(timestamp(call))),
        ("RevisionId", json!(unique(call))),
        ("State", json!("Active")),
        ("LastUpdateStatus", json!("Successful")),
    ] {
        configuration.insert(name.to_owned(), value);
    }
    if package_type == "Zip" {
        configuration.insert("RuntimeVersionConfig".to_owned(), json!({"RuntimeVersionArn": runtime_version(call)}));
    }
    let store = store(call);
    let mut store = lock(&store);
    if store.functions.contains_key(&target.name) {
        return Err(conflict(format!("Function already exist: {}", target.name)));
    }
    store.modified = true;
    let mut function = Function {
        configuration,
        tags: input
            .get("Tags")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect(),
        image_uri: text(&code, "ImageUri").map(str::to_owned),
        code_signing_config: text(input, "CodeSigningConfigArn").map(str::to_owned),
        ..Function::default()
    };
    let published = (input.get("Publish") == Some(&json!(true))).then(|| push_version(&mut function, ""));
    let answer = published.unwrap_or_else(|| function.configuration.clone());
    store.functions.insert(target.name, function);
    Ok(Value::Object(answer))
}

fn runtime_version(call: &Call<'_>) -> String {
    format!("arn:{}:lambda:{}::runtime:0cdcfbdefbc5e7d3343f73c2e2dd3cba17d61dea0686b404502a0c9ce83931b9", call.partition(), call.region)
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    target.function(call, &store)?;
    store.modified = true;
    match target.plain_qualifier() {
        "" => {
            store.functions.remove(&target.name);
        }
        version => {
            if let Some(function) = store.functions.get_mut(&target.name) {
                function.versions.retain(|it| it.get("Version").and_then(Value::as_str) != Some(version));
            }
        }
    }
    nothing()
}

/// The role of a function, version or alias of the caller's account and the call's Region.
pub(crate) fn role_of(call: &Call<'_>, function_arn: &str) -> Option<String> {
    let named = Input::from_iter([("FunctionName".to_owned(), json!(function_arn))]);
    let target = Target::of(call, &named).ok()?;
    let store = store(call);
    let store = lock(&store);
    let configuration = configuration_of(call, &target, target.function(call, &store).ok()?);
    configuration.get("Role").and_then(Value::as_str).map(str::to_owned)
}

/// The configuration that a qualifier stands for.
pub(super) fn configuration_of(call: &Call<'_>, target: &Target, function: &Function) -> Map<String, Value> {
    let qualifier = target.plain_qualifier();
    let version = function.aliases.get(qualifier).and_then(|alias| alias["FunctionVersion"].as_str()).unwrap_or(qualifier);
    let published = function.versions.iter().find(|it| it.get("Version").and_then(Value::as_str) == Some(version));
    let mut configuration = published.unwrap_or(&function.configuration).clone();
    if !qualifier.is_empty() || target.qualifier.is_some() {
        configuration.insert("FunctionArn".to_owned(), json!(target.arn(call)));
    }
    configuration
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let code = match &function.image_uri {
        Some(image) => {
            let resolved = format!("{}@sha256:{}", image.split([':', '@']).next().unwrap_or_default(), "0".repeat(64));
            json!({"RepositoryType": "ECR", "ImageUri": image, "ResolvedImageUri": resolved})
        }
        None => {
            json!({"RepositoryType": "S3", "Location": format!("{}/_mock/code/{}?X-Amz-Signature=mock&X-Amz-Expires=600", call.base_url, target.name)})
        }
    };
    let concurrency = function.reserved_concurrency.map(|reserved| json!({"ReservedConcurrentExecutions": reserved}));
    let tags = (!function.tags.is_empty()).then(|| json!(function.tags));
    Ok(json!({"Configuration": configuration_of(call, &target, function), "Code": code, "Tags": tags, "Concurrency": concurrency}))
}

fn get_configuration(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    Ok(Value::Object(configuration_of(call, &target, function)))
}

fn listed(configuration: &Map<String, Value>, qualified: bool) -> Value {
    let mut listed: Map<String, Value> = configuration
        .iter()
        .filter(|(name, _)| !NOT_LISTED.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if qualified {
        let version = listed.get("Version").and_then(Value::as_str).unwrap_or("$LATEST");
        let arn = listed.get("FunctionArn").and_then(Value::as_str).unwrap_or_default();
        if !arn.ends_with(&format!(":{version}")) {
            let arn = format!("{arn}:{version}");
            listed.insert("FunctionArn".to_owned(), json!(arn));
        }
    }
    Value::Object(listed)
}

/// Lists functions, 50 a page whatever is asked for. The marker is the last function's name and, with all versions, its last version.
fn list(call: &Call<'_>, input: &Input) -> Answer {
    let all = text(input, "FunctionVersion") == Some("ALL");
    let most = input.get("MaxItems").and_then(Value::as_u64).and_then(|it| usize::try_from(it).ok()).unwrap_or(50).clamp(1, 50);
    let marker = text(input, "Marker").and_then(decode_marker).unwrap_or_default();
    let (after, skip) = marker.split_once('\n').map_or((marker.as_str(), 0), |(name, skip)| (name, skip.parse::<usize>().unwrap_or(0)));
    let store = store(call);
    let store = lock(&store);
    let mut functions = Vec::new();
    for (name, function) in store.functions.range(after.to_owned()..) {
        let begin = if name == after { skip } else { 0 };
        let versions = if all { function.versions.len() } else { 0 };
        for at in begin..=versions {
            if functions.len() == most {
                return Ok(json!({"Functions": functions, "NextMarker": encode_marker(&format!("{name}\n{at}"))}));
            }
            // $LATEST first, then the published versions.
            let configuration = if at == 0 { &function.configuration } else { &function.versions[at - 1] };
            functions.push(listed(configuration, all));
        }
    }
    Ok(json!({"Functions": functions}))
}

fn list_versions(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let all = std::iter::once(&function.configuration).chain(&function.versions).enumerate();
    let (versions, next) = page(input, 50, all.map(|(at, it)| (format!("{at:09}"), listed(it, true))));
    Ok(json!({"Versions": versions, "NextMarker": next}))
}

/// Publishes `$LATEST`, unless the newest version is the same.
pub(super) fn push_version(function: &mut Function, description: &str) -> Map<String, Value> {
    let number = |it: &Map<String, Value>| it.get("Version").and_then(Value::as_str).and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
    if let Some(newest) = function.versions.last()
        && newest.get("CodeSha256") == function.configuration.get("CodeSha256")
        && newest.get("RevisionOfLatest") == function.configuration.get("RevisionId")
    {
        return newest.clone();
    }
    let version = function.versions.iter().map(number).max().unwrap_or(0) + 1;
    let mut published = function.configuration.clone();
    let arn = published.get("FunctionArn").and_then(Value::as_str).unwrap_or_default().to_owned();
    published.insert("FunctionArn".to_owned(), json!(format!("{arn}:{version}")));
    published.insert("Version".to_owned(), json!(version.to_string()));
    // Not a member of the API; it is what tells whether anything has changed since.
    published.insert("RevisionOfLatest".to_owned(), function.configuration.get("RevisionId").cloned().unwrap_or_default());
    if !description.is_empty() {
        published.insert("Description".to_owned(), json!(description));
    }
    if let Some(snap_start) = published.get_mut("SnapStart")
        && snap_start["ApplyOn"] == json!("PublishedVersions")
    {
        snap_start["OptimizationStatus"] = json!("On");
    }
    function.versions.push(published.clone());
    published
}

fn publish(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    if text(input, "CodeSha256").is_some_and(|sha| Some(sha) != function.configuration.get("CodeSha256").and_then(Value::as_str)) {
        return Err(invalid(
            "CodeSHA256 is different from current CodeSHA256 in $LATEST. Please try again with the CodeSHA256 in $LATEST.",
        ));
    }
    Ok(Value::Object(push_version(function, text(input, "Description").unwrap_or_default())))
}

fn touch(call: &Call<'_>, function: &mut Function) {
    function.configuration.insert("LastModified".to_owned(), json!(timestamp(call)));
    function.configuration.insert("RevisionId".to_owned(), json!(unique(call)));
}

fn check_revision(input: &Input, function: &Function) -> Result<(), crate::call::AwsError> {
    let current = function.configuration.get("RevisionId").and_then(Value::as_str);
    match text(input, "RevisionId") {
        Some(given) if Some(given) != current => Err(crate::call::AwsError::new(
            "PreconditionFailedException",
            "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId",
        )),
        _ => Ok(()),
    }
}

fn update_code(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    check_revision(input, function)?;
    let (sha256, size) = code_facts(input);
    function.configuration.insert("CodeSha256".to_owned(), json!(sha256));
    function.configuration.insert("CodeSize".to_owned(), json!(size));
    copy(&mut function.configuration, input, &["Architectures"]);
    if let Some(image) = text(input, "ImageUri") {
        function.image_uri = Some(image.to_owned());
    }
    touch(call, function);
    if input.get("Publish") == Some(&json!(true)) {
        return Ok(Value::Object(push_version(function, "")));
    }
    Ok(Value::Object(function.configuration.clone()))
}

fn update_configuration(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    target.function(call, &lock(&store)).map_err(|_| not_found(&target.arn(call)))?;
    if let Some(role) = text(input, "Role") {
        execution_role::check(call, role)?;
    }
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store).map_err(|_| not_found(&target.arn(call)))?;
    check_revision(input, function)?;
    reshape(&mut function.configuration, input);
    touch(call, function);
    Ok(Value::Object(function.configuration.clone()))
}
