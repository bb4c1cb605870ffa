//! Functions and versions: reading, listing and deleting them. The other files of this folder
//! create and change them.

use serde_json::{Map, Value, json};

use super::names::could_be_alias;
use super::store::{Configuration, Function};
use super::{
    Target, conflict, decode_marker, encode_marker, invalid, lock, not_found, packages, page,
    store, text,
};
use crate::call::{Answer, AwsError, Call, Handler, Input};

mod code;
mod create;
mod members;
mod runtimes;
mod update;
mod versions;

pub(crate) use members::VPC_ID;
pub(crate) use runtimes::{check_name as check_runtime, on_offer as runtimes_on_offer};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateFunction" => create::create,
        "DeleteFunction" => delete,
        "GetFunction" => get,
        "GetFunctionConfiguration" => get_configuration,
        "ListFunctions" => list,
        "ListVersionsByFunction" => list_versions,
        "PublishVersion" => versions::publish,
        "UpdateFunctionCode" => update::code,
        "UpdateFunctionConfiguration" => update::configuration,
        _ => return None,
    })
}

/// What `GetFunction` returns and `ListFunctions` omits (botocore's documentation of
/// ListFunctions).
const NOT_LISTED: &[&str] = &[
    "State",
    "StateReason",
    "StateReasonCode",
    "LastUpdateStatus",
    "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
    "RuntimeVersionConfig",
];

/// Deletes a function, or one version of it.
///
/// Source of codes, texts and their order: recorded from AWS, where `$LATEST` and aliases are
/// rejected even if there is no such function; the text about aliases that refer to a version:
/// issue 45 of karl-cardenas-coding/go-lambda-cleanup.
fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    match target.qualifier.as_deref() {
        Some("$LATEST") => {
            return Err(invalid(
                "$LATEST version cannot be deleted without deleting the function.",
            ));
        }
        Some(name) if could_be_alias(name) => {
            return Err(invalid("Deletion of aliases is not currently supported."));
        }
        _ => {}
    }
    let store = store(call);
    let mut store = lock(&store);
    let Some(function) = store.functions.get_mut(&target.name) else {
        return Err(not_found(&target.unqualified_arn(call)));
    };
    match target.qualifier.as_deref() {
        Some(version) => versions::delete(function, version)?,
        None => {
            let highest = function.highest_version();
            store.functions.remove(&target.name);
            if highest > 0 {
                store.last_versions.insert(target.name, highest);
            }
        }
    }
    store.modified = true;
    Ok(json!({"StatusCode": 204}))
}

/// The role of a function, version or alias of the caller's account and the call's Region.
pub(crate) fn role_of(call: &Call<'_>, function_arn: &str) -> Option<String> {
    let target = Target::read(call, function_arn, None).ok()?;
    let store = store(call);
    let store = lock(&store);
    target
        .function(call, &store)
        .ok()?
        .behind(target.plain_qualifier())
        .text("Role")
}

/// The configuration of a qualifier, with the ARN by which it was requested.
fn configuration_of(call: &Call<'_>, target: &Target, function: &Function) -> Map<String, Value> {
    let mut configuration = function.behind(target.plain_qualifier()).at(call.now);
    if target.qualifier.is_some() {
        configuration.insert("FunctionArn".to_owned(), json!(target.arn(call)));
    }
    configuration
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let configuration = configuration_of(call, &target, function);
    let code_sha256 = text(&configuration, "CodeSha256").unwrap_or_default();
    let code = match &function.image_uri {
        Some(image) => {
            json!({"RepositoryType": "ECR", "ImageUri": image, "ResolvedImageUri": code::resolved_image(image, code_sha256)})
        }
        None => {
            json!({"RepositoryType": "S3", "Location": packages::location(call.base_url, code_sha256, &target.name)})
        }
    };
    let concurrency = function
        .reserved_concurrency
        .map(|reserved| json!({"ReservedConcurrentExecutions": reserved}));
    let tags = (!function.tags.is_empty()).then(|| json!(function.tags));
    let mut answer = Map::new();
    answer.insert("Code".to_owned(), code);
    answer.insert("Tags".to_owned(), tags.unwrap_or_default());
    answer.insert("Concurrency".to_owned(), concurrency.unwrap_or_default());
    // Moved, not copied as by `json!`: copying a configuration is slow.
    answer.insert("Configuration".to_owned(), Value::Object(configuration));
    Ok(Value::Object(answer))
}

fn get_configuration(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    Ok(Value::Object(configuration_of(call, &target, function)))
}

/// A configuration as in lists: a change in progress only shows in the `RevisionId`.
fn listed(configuration: &Configuration, now: f64, qualified: bool) -> Value {
    let mut listed = configuration.at(now);
    for name in NOT_LISTED {
        // Keeps the order of the others.
        listed.shift_remove(*name);
    }
    if qualified {
        let version = listed
            .get("Version")
            .and_then(Value::as_str)
            .unwrap_or("$LATEST");
        let arn = listed
            .get("FunctionArn")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !arn.ends_with(&format!(":{version}")) {
            let arn = format!("{arn}:{version}");
            listed.insert("FunctionArn".to_owned(), json!(arn));
        }
    }
    Value::Object(listed)
}

/// A page of a list; the items are moved, not copied.
fn listing(name: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut answer = Map::new();
    answer.insert(name.to_owned(), Value::Array(items));
    answer.insert("NextMarker".to_owned(), json!(next));
    Value::Object(answer)
}

/// Whether a function is a replica of one in the Region that `MasterRegion` names, or of one
/// anywhere for `ALL`.
fn replicated_from(region: &str, function: &Function) -> bool {
    let master = function.configuration.text("MasterArn");
    master.is_some_and(|master| region == "ALL" || master.split(':').nth(3) == Some(region))
}

/// Lists functions, at most 50 per page regardless of the requested number. The marker is the last
/// function's name and, with all versions, its last version.
fn list(call: &Call<'_>, input: &Input) -> Answer {
    let all = text(input, "FunctionVersion") == Some("ALL");
    let master_region = text(input, "MasterRegion");
    if master_region.is_some() && !all {
        // botocore's documentation of ListFunctions: "If specified, you must set FunctionVersion to
        // ALL". The message is not AWS's.
        return Err(invalid(
            "FunctionVersion must be ALL where MasterRegion is given.",
        ));
    }
    let most = input
        .get("MaxItems")
        .and_then(Value::as_u64)
        .and_then(|it| usize::try_from(it).ok())
        .unwrap_or(50)
        .clamp(1, 50);
    let marker = text(input, "Marker")
        .and_then(decode_marker)
        .unwrap_or_default();
    let (after, skip) = marker
        .split_once('\n')
        .map_or((marker.as_str(), 0), |(name, skip)| {
            (name, skip.parse::<usize>().unwrap_or(0))
        });
    let store = store(call);
    let store = lock(&store);
    let mut functions = Vec::new();
    for (name, function) in store.functions.range(after.to_owned()..) {
        if master_region.is_some_and(|region| !replicated_from(region, function)) {
            continue;
        }
        let begin = if name == after { skip } else { 0 };
        let versions = if all { function.versions.len() } else { 0 };
        for at in begin..=versions {
            if functions.len() == most {
                return Ok(listing(
                    "Functions",
                    functions,
                    Some(encode_marker(&format!("{name}\n{at}"))),
                ));
            }
            // $LATEST first, then the published versions.
            let configuration = if at == 0 {
                &function.configuration
            } else {
                &function.versions[at - 1]
            };
            functions.push(listed(configuration, call.now, all));
        }
    }
    Ok(listing("Functions", functions, None))
}

/// Lists `$LATEST` and the published versions. The marker is the number of the last version.
fn list_versions(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::whole(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let all = std::iter::once(&function.configuration).chain(&function.versions);
    let (versions, next) = page(
        input,
        50,
        all.map(|it| (format!("{:020}", it.version()), it)),
    );
    Ok(listing(
        "Versions",
        versions
            .into_iter()
            .map(|it| listed(it, call.now, true))
            .collect(),
        next,
    ))
}

/// Whether a function can be changed now.
///
/// Source of code and texts: recorded from AWS for updates while another is in progress,
/// PublishVersion among them (issue 6718 of aws/aws-cli); for states, "Lambda function states",
/// Lambda Developer Guide, and what AWS answers in many public issues.
pub(super) fn check_ready(
    call: &Call<'_>,
    target: &Target,
    configuration: &Map<String, Value>,
) -> Result<(), AwsError> {
    if text(configuration, "State") == Some("Pending") {
        return Err(in_state("Pending"));
    }
    if text(configuration, "LastUpdateStatus") == Some("InProgress") {
        let arn = target.unqualified_arn(call);
        return Err(conflict(format!(
            "The operation cannot be performed at this time. An update is in progress for resource: {arn}"
        )));
    }
    Ok(())
}

/// Lambda's error for an operation that the function's state does not allow.
pub(super) fn in_state(state: &str) -> AwsError {
    conflict(format!(
        "The operation cannot be performed at this time. The function is currently in the following state: {state}"
    ))
}
