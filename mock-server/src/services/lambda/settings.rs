//! Concurrency, runtime management, recursion, tags, and the account's limits.

use serde_json::{Map, Value, json};

use super::{Target, absent, copy, invalid, lock, nothing, page, store, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// How many executions an account may run at once, and how many of them cannot be reserved. Source: "Lambda quotas".
const CONCURRENT_EXECUTIONS: u64 = 1_000;
const UNRESERVED_AT_LEAST: u64 = 100;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "DeleteFunctionConcurrency" => delete_concurrency,
        "GetFunctionConcurrency" => get_concurrency,
        "PutFunctionConcurrency" => put_concurrency,
        "DeleteProvisionedConcurrencyConfig" => delete_provisioned,
        "GetProvisionedConcurrencyConfig" => get_provisioned,
        "ListProvisionedConcurrencyConfigs" => list_provisioned,
        "PutProvisionedConcurrencyConfig" => put_provisioned,
        "GetRuntimeManagementConfig" => get_runtime_management,
        "PutRuntimeManagementConfig" => put_runtime_management,
        "GetFunctionRecursionConfig" => get_recursion,
        "PutFunctionRecursionConfig" => put_recursion,
        "GetAccountSettings" => account_settings,
        "ListTags" => list_tags,
        "TagResource" => tag,
        "UntagResource" => untag,
        _ => return None,
    })
}

fn get_concurrency(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    Ok(json!({"ReservedConcurrentExecutions": target.function(call, &store)?.reserved_concurrency}))
}

fn put_concurrency(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let wanted = input.get("ReservedConcurrentExecutions").and_then(Value::as_u64).unwrap_or(0);
    let store = store(call);
    let mut store = lock(&store);
    target.function(call, &store)?;
    let others: u64 =
        store.functions.iter().filter(|(name, _)| **name != target.name).filter_map(|(_, function)| function.reserved_concurrency).sum();
    if others + wanted + UNRESERVED_AT_LEAST > CONCURRENT_EXECUTIONS {
        return Err(invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [{UNRESERVED_AT_LEAST}]."
        )));
    }
    target.function_mut(call, &mut store)?.reserved_concurrency = Some(wanted);
    Ok(json!({"ReservedConcurrentExecutions": wanted}))
}

fn delete_concurrency(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    target.function_mut(call, &mut store)?.reserved_concurrency = None;
    nothing()
}

fn no_provisioned() -> AwsError {
    AwsError::new("ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function")
        .member("Type", "User")
}

fn get_provisioned(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    target.function(call, &store)?.provisioned.get(target.plain_qualifier()).cloned().ok_or_else(no_provisioned)
}

fn put_provisioned(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    if target.plain_qualifier().is_empty() {
        return Err(invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions."));
    }
    let wanted = input.get("ProvisionedConcurrentExecutions").cloned().unwrap_or_default();
    let config = json!({
        "RequestedProvisionedConcurrentExecutions": wanted,
        "AvailableProvisionedConcurrentExecutions": wanted,
        "AllocatedProvisionedConcurrentExecutions": wanted,
        "Status": "READY",
        "LastModified": super::timestamp(call),
    });
    let store = store(call);
    let mut store = lock(&store);
    target.function_mut(call, &mut store)?.provisioned.insert(target.plain_qualifier().to_owned(), config.clone());
    Ok(config)
}

fn delete_provisioned(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    target.function_mut(call, &mut store)?.provisioned.remove(target.plain_qualifier());
    nothing()
}

fn list_provisioned(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let whole = Target { name: target.name.clone(), qualifier: None };
    let item = |(qualifier, config): (&String, &Value)| {
        let mut config = config.clone();
        config["FunctionArn"] = json!(format!("{}:{qualifier}", whole.arn(call)));
        (qualifier.clone(), config)
    };
    let (configs, next) = page(input, 50, function.provisioned.iter().map(item));
    Ok(json!({"ProvisionedConcurrencyConfigs": configs, "NextMarker": next}))
}

fn get_runtime_management(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let config = function.runtime_management.get(target.qualifier.as_deref().unwrap_or("$LATEST"));
    let arn = Target { qualifier: Some(target.qualifier.clone().unwrap_or_else(|| "$LATEST".to_owned())), ..target }.arn(call);
    Ok(json!({
        "UpdateRuntimeOn": config.and_then(|it| it["UpdateRuntimeOn"].as_str()).unwrap_or("Auto"),
        "RuntimeVersionArn": config.and_then(|it| it["RuntimeVersionArn"].as_str()),
        "FunctionArn": arn,
    }))
}

fn put_runtime_management(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let manual = text(input, "UpdateRuntimeOn") == Some("Manual");
    if manual != text(input, "RuntimeVersionArn").is_some() {
        return Err(invalid("RuntimeVersionArn is given with the mode Manual, and only with it."));
    }
    let mut config = Map::new();
    copy(&mut config, input, &["UpdateRuntimeOn", "RuntimeVersionArn"]);
    {
        let store = store(call);
        let mut store = lock(&store);
        let function = target.function_mut(call, &mut store)?;
        function.runtime_management.insert(target.qualifier.clone().unwrap_or_else(|| "$LATEST".to_owned()), Value::Object(config));
    }
    get_runtime_management(call, input)
}

fn get_recursion(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    Ok(json!({"RecursiveLoop": target.function(call, &store)?.recursive_loop.as_deref().unwrap_or("Terminate")}))
}

fn put_recursion(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    target.function_mut(call, &mut store)?.recursive_loop = text(input, "RecursiveLoop").map(str::to_owned);
    Ok(json!({"RecursiveLoop": text(input, "RecursiveLoop")}))
}

fn account_settings(call: &Call<'_>, _: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let reserved: u64 = store.functions.values().filter_map(|function| function.reserved_concurrency).sum();
    let code_size: u64 = store.functions.values().map(|function| function.code_size()).sum();
    Ok(json!({
        "AccountLimit": {
            "TotalCodeSize": 80_530_636_800_u64,
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": CONCURRENT_EXECUTIONS,
            "UnreservedConcurrentExecutions": CONCURRENT_EXECUTIONS.saturating_sub(reserved),
        },
        "AccountUsage": {"TotalCodeSize": code_size, "FunctionCount": store.functions.len()},
    }))
}

/// The function of a resource's ARN; tags belong to functions here.
fn tagged(call: &Call<'_>, input: &Input) -> Result<Target, AwsError> {
    let mut named = Input::new();
    named.insert("FunctionName".to_owned(), input.get("Resource").cloned().unwrap_or_default());
    let target = Target::of(call, &named)?;
    if target.qualifier.is_some() {
        Err(invalid("Tags on function aliases and versions are not supported. Please specify a function ARN."))
    } else {
        Ok(target)
    }
}

fn list_tags(call: &Call<'_>, input: &Input) -> Answer {
    let target = tagged(call, input)?;
    let store = store(call);
    let store = lock(&store);
    Ok(json!({"Tags": target.function(call, &store).map_err(|_| absent())?.tags}))
}

fn tag(call: &Call<'_>, input: &Input) -> Answer {
    let target = tagged(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    for (key, value) in input.get("Tags").and_then(Value::as_object).into_iter().flatten() {
        function.tags.insert(key.clone(), value.as_str().unwrap_or_default().to_owned());
    }
    if function.tags.len() > 50 {
        return Err(invalid("A resource has 50 tags at the most."));
    }
    nothing()
}

fn untag(call: &Call<'_>, input: &Input) -> Answer {
    let target = tagged(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    for key in input.get("TagKeys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        function.tags.remove(key);
    }
    nothing()
}
