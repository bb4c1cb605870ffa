//! Runtime management, recursion, and the account's limits; concurrency and tags have separate
//! files.

use serde_json::{Map, Value, json};

use super::{Target, copy, invalid, lock, store, text};
use crate::call::{Answer, Call, Handler, Input};

mod concurrency;
mod provisioned;
pub(super) mod tags;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "GetRuntimeManagementConfig" => get_runtime_management,
        "PutRuntimeManagementConfig" => put_runtime_management,
        "GetFunctionRecursionConfig" => get_recursion,
        "PutFunctionRecursionConfig" => put_recursion,
        "GetAccountSettings" => account_settings,
        _ => {
            return concurrency::handler(operation)
                .or_else(|| provisioned::handler(operation))
                .or_else(|| tags::handler(operation));
        }
    })
}

fn get_runtime_management(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let config = function.runtime_management.get(target.full_qualifier());
    Ok(json!({
        "UpdateRuntimeOn": config.and_then(|it| it["UpdateRuntimeOn"].as_str()).unwrap_or("Auto"),
        "RuntimeVersionArn": config.and_then(|it| it["RuntimeVersionArn"].as_str()),
        "FunctionArn": target.full_arn(call),
    }))
}

fn put_runtime_management(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let manual = text(input, "UpdateRuntimeOn") == Some("Manual");
    if manual != text(input, "RuntimeVersionArn").is_some() {
        // AWS's text is not known; the rule is the API reference's.
        return Err(invalid(
            "RuntimeVersionArn is given with the mode Manual, and only with it.",
        ));
    }
    let mut config = Map::new();
    copy(
        &mut config,
        input,
        &["UpdateRuntimeOn", "RuntimeVersionArn"],
    );
    {
        let store = store(call);
        let mut store = lock(&store);
        let function = target.function_mut(call, &mut store)?;
        function
            .runtime_management
            .insert(target.full_qualifier().to_owned(), Value::Object(config));
    }
    get_runtime_management(call, input)
}

fn get_recursion(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    Ok(
        json!({"RecursiveLoop": target.function(call, &store)?.recursive_loop.as_deref().unwrap_or("Terminate")}),
    )
}

fn put_recursion(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    target.function_mut(call, &mut store)?.recursive_loop =
        text(input, "RecursiveLoop").map(str::to_owned);
    Ok(json!({"RecursiveLoop": text(input, "RecursiveLoop")}))
}

/// The account's limits and usage. Every version of a function or layer has its own code.
fn account_settings(call: &Call<'_>, _: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let layers = store.layers.values().flat_map(|versions| versions.values());
    let of_layers: u64 = layers
        .filter_map(|layer| layer.version.get("Content")?.get("CodeSize")?.as_u64())
        .sum();
    let of_functions: u64 = store
        .functions
        .values()
        .map(super::store::Function::code_size)
        .sum();
    Ok(json!({
        "AccountLimit": {
            "TotalCodeSize": 80_530_636_800_u64,
            "CodeSizeUnzipped": super::archive::MOST_UNZIPPED,
            "CodeSizeZipped": super::archive::MOST_ZIPPED,
            "ConcurrentExecutions": concurrency::limit(&store),
            "UnreservedConcurrentExecutions": concurrency::unreserved(&store),
        },
        "AccountUsage": {"TotalCodeSize": of_functions + of_layers, "FunctionCount": store.functions.len()},
    }))
}
