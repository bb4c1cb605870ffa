//! Updating a function's code or its configuration.

use serde_json::{Map, Value, json};

use super::super::configuration::Change;
use super::super::store::Function;
use super::super::{
    OF_FUNCTION, Target, check_revision, copy, execution_role, invalid, lock, store, text,
    timestamp, unique,
};
use super::code::Code;
use super::runtimes::For;
use super::{check_ready, members, runtimes, versions};
use crate::call::{Answer, AwsError, Call, Input};

/// The function's configuration, where it can be updated now.
fn updatable(
    call: &Call<'_>,
    input: &Input,
    target: &Target,
    function: &Function,
) -> Result<Map<String, Value>, AwsError> {
    check_ready(call, target, &function.configuration.at(call.now))?;
    check_revision(
        input,
        function.configuration.revision_at(call.now).as_deref(),
        OF_FUNCTION,
    )?;
    Ok(function.configuration.read())
}

/// A function whose runtime is blocked can only be updated to another runtime.
fn check_runtime(call: &Call<'_>, configuration: &Map<String, Value>) -> Result<(), AwsError> {
    text(configuration, "Runtime").map_or(Ok(()), |runtime| {
        runtimes::check(runtime, For::Update, call.now)
    })
}

/// Writes an updated configuration, and begins the change.
fn write(call: &Call<'_>, function: &mut Function, mut configuration: Map<String, Value>) {
    let before = function.configuration.read();
    function.changed |= configuration != before;
    configuration.insert("LastModified".to_owned(), json!(timestamp(call)));
    configuration.insert("RevisionId".to_owned(), json!(unique(call)));
    // An update always succeeds here, regardless of the result of the creation.
    configuration.insert("LastUpdateStatus".to_owned(), json!("Successful"));
    configuration.retain(|name, _| {
        !["LastUpdateStatusReason", "LastUpdateStatusReasonCode"].contains(&name.as_str())
    });
    function.configuration.write(&configuration);
    function
        .configuration
        .begin(Change::Update, call.now + call.world.transition());
}

pub(super) fn code(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::whole(call, input)?;
    let store = store(call);
    // The package is checked without holding the store's lock.
    let package_type = target
        .function(call, &lock(&store))?
        .configuration
        .text("PackageType");
    let taken = Code::take(input, package_type.as_deref().unwrap_or("Zip"), For::Update)?;

    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    let mut configuration = updatable(call, input, &target, function)?;
    check_runtime(call, &configuration)?;
    copy(&mut configuration, input, &["Architectures"]);
    let image = if let Code::Image(image) = &taken {
        Some(image.clone())
    } else {
        None
    };
    let dry_run = input.get("DryRun") == Some(&json!(true));
    let (code_sha256, code_size) = if dry_run {
        taken.facts()
    } else {
        taken.keep(call)
    };
    configuration.insert("CodeSha256".to_owned(), json!(code_sha256));
    configuration.insert("CodeSize".to_owned(), json!(code_size));
    if dry_run {
        return Ok(Value::Object(configuration));
    }
    if image.is_some() {
        function.image_uri = image;
    }
    write(call, function, configuration);
    let answer = if input.get("Publish") == Some(&json!(true)) {
        versions::push(call, function, "", true)
    } else {
        function.configuration.begun()
    };
    Ok(Value::Object(answer))
}

pub(super) fn configuration(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::whole(call, input)?;
    let store = store(call);
    target.function(call, &lock(&store))?;
    if let Some(role) = text(input, "Role") {
        execution_role::check(call, role)?;
    }
    let layers = members::layers(call, input)?;

    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    let mut configuration = updatable(call, input, &target, function)?;
    if input.contains_key("DurableConfig") && !configuration.contains_key("DurableConfig") {
        // "Lambda durable functions", Lambda Developer Guide: a function can only be made durable
        // when it is created. The message is not AWS's.
        return Err(invalid(
            "DurableConfig cannot be added to a function that was created without it.",
        ));
    }
    members::put(call, &mut configuration, input, layers)?;
    check_runtime(call, &configuration)?;
    write(call, function, configuration);
    Ok(Value::Object(function.configuration.begun()))
}
