//! Asynchronous invocation settings.

use serde_json::{Map, Value, json};

use super::store::Store;
use super::{Target, Written, copy, invalid, lock, not_there, nothing, page, store};
use crate::call::{Answer, AwsError, Call, Handler, Input};

const SETTABLE: &[&str] = &[
    "MaximumRetryAttempts",
    "MaximumEventAgeInSeconds",
    "DestinationConfig",
];

/// The services that can be destinations. Source: "Capturing records of Lambda asynchronous
/// invocations": a queue, a topic, a function, an event bus; a bucket for failures only.
const DESTINATIONS: &[&str] = &["lambda", "sqs", "sns", "events"];

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "DeleteFunctionEventInvokeConfig" => delete,
        "GetFunctionEventInvokeConfig" => get,
        "ListFunctionEventInvokeConfigs" => list,
        "PutFunctionEventInvokeConfig" => put,
        "UpdateFunctionEventInvokeConfig" => update,
        _ => return None,
    })
}

fn missing(call: &Call<'_>, target: &Target) -> AwsError {
    not_there(format!(
        "The function {} doesn't have an EventInvokeConfig",
        target.full_arn(call)
    ))
}

fn no_function() -> AwsError {
    not_there("The function doesn't exist.")
}

/// The settings as the API returns them: both destinations are present, and empty if not set.
fn shown(config: &Value) -> Value {
    let mut config = config.clone();
    let given = config["DestinationConfig"].take();
    config["DestinationConfig"] = ["OnSuccess", "OnFailure"]
        .into_iter()
        .map(|side| {
            (
                side.to_owned(),
                given
                    .get(side)
                    .filter(|destination| destination.is_object())
                    .cloned()
                    .unwrap_or_else(|| json!({})),
            )
        })
        .collect();
    config
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target
        .function(call, &store)
        .map_err(|_| missing(call, &target))?;
    function
        .event_invoke_configs
        .get(target.full_qualifier())
        .map(shown)
        .ok_or_else(|| missing(call, &target))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target
        .function(call, &store)
        .map_err(|_| missing(call, &target))?;
    if !function
        .event_invoke_configs
        .contains_key(target.full_qualifier())
    {
        return Err(missing(call, &target));
    }
    target
        .function_mut(call, &mut store)?
        .event_invoke_configs
        .remove(target.full_qualifier());
    nothing()
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store).map_err(|_| no_function())?;
    let (configs, next) = page(
        input,
        50,
        function
            .event_invoke_configs
            .iter()
            .map(|(name, config)| (name.clone(), shown(config))),
    );
    Ok(json!({"FunctionEventInvokeConfigs": configs, "NextMarker": next}))
}

fn put(call: &Call<'_>, input: &Input) -> Answer {
    write(call, input, false)
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    write(call, input, true)
}

/// The destination that a side of a request's `DestinationConfig` names.
fn destination<'a>(input: &'a Input, side: &str) -> Option<&'a str> {
    input
        .get("DestinationConfig")?
        .get(side)?
        .get("Destination")?
        .as_str()
        .filter(|arn| !arn.is_empty())
}

/// Checks that destinations are of a supported kind. Whether a queue, topic, bus or bucket exists
/// is not checked.
fn check_destinations(
    call: &Call<'_>,
    input: &Input,
    target: &Target,
    store: &Store,
) -> Result<(), AwsError> {
    let service = |arn: &str| arn.split(':').nth(2).unwrap_or_default().to_owned();
    let can_be = |side: &str, arn: &str| {
        let service = service(arn);
        arn.starts_with("arn:")
            && (DESTINATIONS.contains(&service.as_str()) || side == "OnFailure" && service == "s3")
    };
    let given: Vec<(&str, &str)> = ["OnSuccess", "OnFailure"]
        .into_iter()
        .filter_map(|side| destination(input, side).map(|arn| (side, arn)))
        .collect();
    if given.iter().any(|(side, arn)| !can_be(side, arn)) {
        // AWS's message contains the string form of its own objects.
        let said = |side: &str, name: &str| match input
            .get("DestinationConfig")
            .and_then(|config| config.get(side))
        {
            Some(_) => format!(
                "{name}(destination={})",
                destination(input, side).unwrap_or("null")
            ),
            None => "null".to_owned(),
        };
        return Err(invalid(format!(
            "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
            said("OnSuccess", "OnSuccess"),
            said("OnFailure", "OnFailure")
        )));
    }
    for (_, arn) in given
        .into_iter()
        .filter(|(_, arn)| service(arn) == "lambda")
    {
        let written = Written::read(arn);
        if written.account == Some(call.account()) && written.region == Some(call.region) {
            let named = Target {
                name: written.name.to_owned(),
                qualifier: written.qualifier.map(str::to_owned),
            };
            named
                .function(call, store)
                .map_err(|_| invalid(format!("The destination ARN {arn} is invalid.")))?;
            if named.name == target.name {
                return Err(invalid(
                    "You can't specify the function as a destination for itself.",
                ));
            }
        }
    }
    Ok(())
}

fn write(call: &Call<'_>, input: &Input, keep: bool) -> Answer {
    let target = Target::of(call, input)?;
    if SETTABLE
        .iter()
        .all(|member| input.get(*member).is_none_or(Value::is_null))
    {
        return Err(invalid(
            "You must specify at least one of error handling or destination setting.",
        ));
    }
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function(call, &store).map_err(|_| no_function())?;
    let before = function
        .event_invoke_configs
        .get(target.full_qualifier())
        .and_then(Value::as_object)
        .cloned();
    let mut config: Map<String, Value> = match (keep, before) {
        (true, Some(before)) => before,
        (true, None) => return Err(missing(call, &target)),
        (false, _) => Map::new(),
    };
    check_destinations(call, input, &target, &store)?;
    copy(&mut config, input, SETTABLE);
    config.insert("LastModified".to_owned(), json!(call.now.floor()));
    config.insert("FunctionArn".to_owned(), json!(target.full_arn(call)));
    let config = Value::Object(config);
    let answer = shown(&config);
    target
        .function_mut(call, &mut store)?
        .event_invoke_configs
        .insert(target.full_qualifier().to_owned(), config);
    Ok(answer)
}
