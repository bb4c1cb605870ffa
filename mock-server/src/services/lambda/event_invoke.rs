//! Settings of asynchronous invocation.

use serde_json::{Map, Value, json};

use super::{Target, arn, copy, lock, nothing, page, store};
use crate::call::{Answer, AwsError, Call, Handler, Input};

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

fn qualifier(target: &Target) -> String {
    target.qualifier.clone().unwrap_or_else(|| "$LATEST".to_owned())
}

fn missing(call: &Call<'_>, target: &Target) -> AwsError {
    let arn = format!("{}:{}", arn(call, "function", &target.name), qualifier(target));
    AwsError::new("ResourceNotFoundException", format!("The function {arn} doesn't have an EventInvokeConfig")).member("Type", "User")
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    target.function(call, &store)?.event_invoke_configs.get(&qualifier(&target)).cloned().ok_or_else(|| missing(call, &target))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    target.function_mut(call, &mut store)?.event_invoke_configs.remove(&qualifier(&target)).ok_or_else(|| missing(call, &target))?;
    nothing()
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let (configs, next) = page(input, 50, function.event_invoke_configs.iter().map(|(name, config)| (name.clone(), config.clone())));
    Ok(json!({"FunctionEventInvokeConfigs": configs, "NextMarker": next}))
}

fn put(call: &Call<'_>, input: &Input) -> Answer {
    write(call, input, false)
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    write(call, input, true)
}

fn write(call: &Call<'_>, input: &Input, keep: bool) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    let before = function.event_invoke_configs.get(&qualifier(&target)).and_then(Value::as_object).cloned();
    let mut config: Map<String, Value> = match (keep, before) {
        (true, Some(before)) => before,
        (true, None) => return Err(missing(call, &target)),
        (false, _) => Map::new(),
    };
    copy(&mut config, input, &["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"]);
    config.insert("LastModified".to_owned(), json!(call.now.floor()));
    config.insert("FunctionArn".to_owned(), json!(format!("{}:{}", arn(call, "function", &target.name), qualifier(&target))));
    function.event_invoke_configs.insert(qualifier(&target), Value::Object(config.clone()));
    Ok(Value::Object(config))
}
