//! Creating a function.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::configuration::Change;
use super::super::settings::tags;
use super::super::store::Function;
use super::super::{
    Target, code_signing, conflict, execution_role, invalid, lock, store, text, timestamp, unique,
};
use super::code::Code;
use super::runtimes::For;
use super::{members, runtimes, versions};
use crate::call::{Answer, AwsError, Call, Input};

/// The longest name, in characters. Source: recorded from AWS.
const LONGEST_NAME: usize = 64;

pub(super) fn create(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::whole(call, input)?;
    check_name(&target.name)?;
    let package_type = text(input, "PackageType").unwrap_or("Zip");
    if package_type == "Zip"
        && (text(input, "Runtime").is_none() || text(input, "Handler").is_none())
    {
        return Err(invalid(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        ));
    }
    if let Some(runtime) = text(input, "Runtime") {
        runtimes::check(runtime, For::Creation, call.now)?;
    }
    let mut configuration = defaults(call, &target, input, package_type);
    members::put(
        call,
        &mut configuration,
        input,
        members::layers(call, input)?,
    )?;
    let tags = tags::with(&BTreeMap::new(), input.get("Tags"))?;
    code_signing::check_package(
        package_type == "Image" && input.contains_key("CodeSigningConfigArn"),
    )?;
    let no_code = Input::new();
    let code = input
        .get("Code")
        .and_then(Value::as_object)
        .unwrap_or(&no_code);
    let taken = Code::take(code, package_type, For::Creation)?;
    execution_role::check(call, text(input, "Role").unwrap_or_default())?;

    let store = store(call);
    let mut store = lock(&store);
    if store.functions.contains_key(&target.name) {
        return Err(conflict(format!("Function already exist: {}", target.name)));
    }
    let signing = text(input, "CodeSigningConfigArn");
    if let Some(arn) = signing {
        code_signing::check(&store, arn)?;
    }
    let (code_sha256, code_size) = taken.keep(call);
    configuration.insert("CodeSha256".to_owned(), json!(code_sha256));
    configuration.insert("CodeSize".to_owned(), json!(code_size));
    let mut function = Function {
        configuration: configuration.into(),
        tags,
        image_uri: text(code, "ImageUri")
            .filter(|_| package_type == "Image")
            .map(str::to_owned),
        code_signing_config: signing.map(str::to_owned),
        last_version: store.last_versions.remove(&target.name).unwrap_or(0),
        ..Function::default()
    };
    function
        .configuration
        .begin(Change::Creation, call.now + call.world.transition());
    let mut answer = function.configuration.begun();
    if input.get("Publish") == Some(&json!(true)) {
        let version = versions::push(call, &mut function, "", true);
        // Returned with the function's own ARN, unlike other responses about a version. Source:
        // recorded from AWS.
        let arn = answer.remove("FunctionArn").unwrap_or_default();
        answer = version;
        answer.insert("FunctionArn".to_owned(), arn);
    }
    store.modified = true;
    store.functions.insert(target.name, function);
    Ok(Value::Object(answer))
}

/// The pattern of names allows longer ones, as ARNs. Source of code and text: recorded from AWS.
fn check_name(name: &str) -> Result<(), AwsError> {
    if name.len() <= LONGEST_NAME {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to {LONGEST_NAME}"
    )))
}

/// The default values of a configuration.
fn defaults(
    call: &Call<'_>,
    target: &Target,
    input: &Input,
    package_type: &str,
) -> Map<String, Value> {
    let mut configuration = Map::new();
    for (name, value) in [
        ("FunctionName", json!(target.name)),
        ("FunctionArn", json!(target.unqualified_arn(call))),
        ("Description", json!("")),
        ("Timeout", json!(3)),
        ("MemorySize", json!(128)),
        ("LastModified", json!(timestamp(call))),
        ("Version", json!("$LATEST")),
        ("TracingConfig", json!({"Mode": "PassThrough"})),
        ("RevisionId", json!(unique(call))),
        ("State", json!("Active")),
        ("LastUpdateStatus", json!("Successful")),
        ("PackageType", json!(package_type)),
        (
            "Architectures",
            input
                .get("Architectures")
                .cloned()
                .unwrap_or_else(|| json!(["x86_64"])),
        ),
        ("EphemeralStorage", json!({"Size": 512})),
        (
            "SnapStart",
            json!({"ApplyOn": "None", "OptimizationStatus": "Off"}),
        ),
        (
            "LoggingConfig",
            json!({"LogFormat": "Text", "LogGroup": format!("/aws/lambda/{}", target.name)}),
        ),
    ] {
        configuration.insert(name.to_owned(), value);
    }
    configuration
}
