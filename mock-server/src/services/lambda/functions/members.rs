//! The members of a request that make up a configuration: which are copied, and which AWS returns
//! in another form.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::layers::attach;
use super::super::{copy, invalid, text};
use super::runtimes;
use crate::call::{AwsError, Call, Input};

/// Members that are copied to the configuration unchanged.
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
    "CapacityProviderConfig",
    "TenancyConfig",
    "DurableConfig",
    "RuntimeConfig",
    "AcceleratorConfig",
];

/// The VPC that every subnet is in: VPCs are not simulated.
pub(crate) const VPC_ID: &str = "vpc-0a1b2c3d4e5f60718";

/// The state of `$LATEST` on managed instances, where only published versions run. Source: the
/// emulation of LocalStack, which is tested against AWS.
pub(super) const NOT_INVOCABLE: &str = "ActiveNonInvocable";

/// The maximum total size of the variables, in bytes. Source: recorded from AWS.
const MOST_ENVIRONMENT: usize = 4096;
/// How many characters of a too large environment the error message shows, so that a large request
/// is not sent back whole.
const MOST_SHOWN: usize = 8_192;

/// Variables that Lambda sets. Source: "Working with Lambda environment variables", Lambda
/// Developer Guide.
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// Applies a request to a configuration; `layers` are the request's layers, if it has any.
///
/// # Errors
/// InvalidParameterValueException if AWS rejects a value. The configuration may be partly changed
/// then.
pub(super) fn put(
    call: &Call<'_>,
    configuration: &mut Map<String, Value>,
    input: &Input,
    layers: Option<Vec<Value>>,
) -> Result<(), AwsError> {
    check_package_type(configuration, input)?;
    copy(configuration, input, SETTABLE);
    remove_where(configuration, "KMSKeyArn", |key| key == "");
    remove_where(configuration, "FileSystemConfigs", |configs| {
        configs.as_array().is_some_and(Vec::is_empty)
    });
    remove_where(configuration, "DeadLetterConfig", |config| {
        config["TargetArn"].as_str().is_none_or(str::is_empty)
    });
    if let Some(environment) = input.get("Environment") {
        configuration.insert("Environment".to_owned(), checked_environment(environment)?);
    }
    if let Some(vpc) = input.get("VpcConfig") {
        configuration.insert("VpcConfig".to_owned(), answered_vpc(vpc)?);
    }
    if let Some(layers) = layers {
        configuration.insert("Layers".to_owned(), json!(layers));
    }
    remove_where(configuration, "Layers", |layers| {
        layers.as_array().is_some_and(Vec::is_empty)
    });
    if let Some(apply_on) = input.get("SnapStart").and_then(|it| it.get("ApplyOn")) {
        configuration.insert(
            "SnapStart".to_owned(),
            json!({"ApplyOn": apply_on, "OptimizationStatus": "Off"}),
        );
    }
    check_snap_start(configuration)?;
    if let Some(runtime) = text(input, "Runtime") {
        // Each runtime has its own versions, whose names are hashes.
        let hash: String = Sha256::digest(runtime)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let arn = format!(
            "arn:{}:lambda:{}::runtime:{hash}",
            call.partition(),
            call.region
        );
        configuration.insert(
            "RuntimeVersionConfig".to_owned(),
            json!({"RuntimeVersionArn": arn}),
        );
    }
    if let Some(image) = input.get("ImageConfig") {
        configuration.insert(
            "ImageConfigResponse".to_owned(),
            json!({"ImageConfig": image}),
        );
        remove_where(configuration, "ImageConfigResponse", |it| {
            it["ImageConfig"].as_object().is_none_or(Map::is_empty)
        });
    }
    if configuration.contains_key("CapacityProviderConfig")
        && text(configuration, "State") == Some("Active")
    {
        configuration.insert("State".to_owned(), json!(NOT_INVOCABLE));
    }
    put_logging(configuration, input.get("LoggingConfig"))
}

fn remove_where(configuration: &mut Map<String, Value>, name: &str, is: impl Fn(&Value) -> bool) {
    if configuration.get(name).is_some_and(is) {
        configuration.shift_remove(name);
    }
}

/// Images contain their own handler, runtime and layers. Source of the text: what AWS answered in
/// issue 5439 of pulumi/pulumi-aws.
fn check_package_type(configuration: &Map<String, Value>, input: &Input) -> Result<(), AwsError> {
    let has_layers = input
        .get("Layers")
        .and_then(Value::as_array)
        .is_some_and(|layers| !layers.is_empty());
    let of_package = has_layers || input.contains_key("Handler") || input.contains_key("Runtime");
    if of_package && text(configuration, "PackageType") == Some("Image") {
        return Err(invalid(
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
        ));
    }
    Ok(())
}

/// Source of the texts: recorded from AWS for the size; issue 264 of
/// mattermost/mattermost-cloud-monitoring for reserved names.
fn checked_environment(environment: &Value) -> Result<Value, AwsError> {
    let none = Map::new();
    let variables = environment["Variables"].as_object().unwrap_or(&none);
    let reserved: Vec<&str> = variables
        .keys()
        .map(String::as_str)
        .filter(|name| RESERVED.contains(name))
        .collect();
    if !reserved.is_empty() {
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    let measured = json!(variables).to_string();
    if measured.len() > MOST_ENVIRONMENT {
        let measured: String = measured.chars().take(MOST_SHOWN).collect();
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {measured}"
        )));
    }
    Ok(json!({"Variables": variables}))
}

/// Source of the form: recorded from AWS, where a removed VPC is returned as empty lists; of the
/// text: AWS's, as quoted by its users.
fn answered_vpc(vpc: &Value) -> Result<Value, AwsError> {
    let list = |name: &str| vpc[name].as_array().cloned().unwrap_or_default();
    let (subnets, groups) = (list("SubnetIds"), list("SecurityGroupIds"));
    if subnets.is_empty() != groups.is_empty() {
        return Err(invalid(
            "SubnetIds and SecurityIds must coexist or be both empty list.",
        ));
    }
    Ok(json!({
        "VpcId": if subnets.is_empty() { "" } else { VPC_ID },
        "SubnetIds": subnets,
        "SecurityGroupIds": groups,
        "Ipv6AllowedForDualStack": vpc["Ipv6AllowedForDualStack"].as_bool().unwrap_or(false),
    }))
}

/// Images can use SnapStart since July 2026 ("AWS Lambda SnapStart now supports container images",
/// What's New). Source of the text: issue 617 of aws-samples/bedrock-chat.
fn check_snap_start(configuration: &Map<String, Value>) -> Result<(), AwsError> {
    let applied = configuration
        .get("SnapStart")
        .is_some_and(|it| it["ApplyOn"] == "PublishedVersions");
    match text(configuration, "Runtime") {
        Some(runtime) if applied && !runtimes::can_snap_start(runtime) => Err(invalid(format!(
            "{runtime} is not supported for SnapStart enabled functions."
        ))),
        _ => Ok(()),
    }
}

/// Sets the log format and log group. An update keeps what it omits; only the JSON format has
/// levels. Source: recorded from AWS; of the text: pull request 28045 of aws/aws-cdk.
fn put_logging(
    configuration: &mut Map<String, Value>,
    given: Option<&Value>,
) -> Result<(), AwsError> {
    let Some(given) = given.and_then(Value::as_object) else {
        return Ok(());
    };
    let mut config = configuration
        .get("LoggingConfig")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    copy(&mut config, given, &["LogFormat", "LogGroup"]);
    let levels = ["ApplicationLogLevel", "SystemLogLevel"];
    if text(&config, "LogFormat") == Some("JSON") {
        for level in levels {
            let value = given
                .get(level)
                .or_else(|| config.get(level))
                .cloned()
                .unwrap_or_else(|| json!("INFO"));
            config.insert(level.to_owned(), value);
        }
    } else if levels.iter().any(|level| given.contains_key(*level)) {
        return Err(invalid(
            "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the LogFormat to \"Json\" and try again.",
        ));
    } else {
        config.retain(|name, _| !levels.contains(&name.as_str()));
    }
    configuration.insert("LoggingConfig".to_owned(), Value::Object(config));
    Ok(())
}

/// The layers of a request in the form of a configuration; `None` if it has no `Layers`. This may
/// lock other stores, so none may be locked already.
pub(super) fn layers(call: &Call<'_>, input: &Input) -> Result<Option<Vec<Value>>, AwsError> {
    let Some(arns) = input.get("Layers").and_then(Value::as_array) else {
        return Ok(None);
    };
    let arns: Vec<&str> = arns.iter().filter_map(Value::as_str).collect();
    attach(call, &arns).map(Some)
}
