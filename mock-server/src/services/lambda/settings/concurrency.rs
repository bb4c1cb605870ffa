//! Reserved concurrency, and how an account's concurrency is divided.

use serde_json::{Value, json};

use super::super::names::for_functions_only;
use super::super::store::{Function, Store};
use super::super::{Target, lock, not_found, nothing, store};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// How many executions an account may run at once. Source: "Lambda quotas".
const CONCURRENT_EXECUTIONS: u64 = 1_000;
/// How many of them cannot be reserved. Source: "Lambda quotas".
pub(super) const UNRESERVED_AT_LEAST: u64 = 100;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "DeleteFunctionConcurrency" => delete,
        "GetFunctionConcurrency" => get,
        "PutFunctionConcurrency" => put,
        _ => return None,
    })
}

/// How many executions the account may run at once in a Region.
pub(super) fn limit(store: &Store) -> u64 {
    store.concurrent_executions.unwrap_or(CONCURRENT_EXECUTIONS)
}

/// The provisioned concurrency of all of a function's versions and aliases but for one of them.
pub(super) fn provisioned(function: &Function, but_for: Option<&str>) -> u64 {
    let others = function.provisioned.iter().filter(|(qualifier, _)| {
        Some(qualifier.as_str()) != but_for && function.has_qualifier(qualifier)
    });
    others
        .filter_map(|(_, config)| {
            config
                .afterwards()?
                .get("RequestedProvisionedConcurrentExecutions")?
                .as_u64()
        })
        .sum()
}

/// The concurrency that is not available to other functions: what the function has reserved, which
/// includes its provisioned concurrency, or else what it has provisioned.
fn taken(function: &Function) -> u64 {
    function
        .reserved_concurrency
        .unwrap_or_else(|| provisioned(function, None))
}

/// What is left of the account's concurrency when one function is left out.
pub(super) fn unreserved_without(store: &Store, name: &str) -> u64 {
    let others = store.functions.iter().filter(|(other, _)| *other != name);
    limit(store).saturating_sub(others.map(|(_, function)| taken(function)).sum())
}

/// What is left of the account's concurrency.
pub(super) fn unreserved(store: &Store) -> u64 {
    limit(store).saturating_sub(store.functions.values().map(taken).sum())
}

/// A function that must be named without a qualifier, even `$LATEST`.
fn unqualified(call: &Call<'_>, input: &Input) -> Result<Target, AwsError> {
    let target = Target::of(call, input)?;
    if target.qualifier.is_none() {
        Ok(target)
    } else {
        Err(for_functions_only())
    }
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    Ok(json!({"ReservedConcurrentExecutions": target.function(call, &store)?.reserved_concurrency}))
}

fn put(call: &Call<'_>, input: &Input) -> Answer {
    let target = unqualified(call, input)?;
    let wanted = input
        .get("ReservedConcurrentExecutions")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    let store = store(call);
    let mut store = lock(&store);
    // A missing one is reported as `$LATEST`, as AWS does for concurrency.
    let function = target
        .function(call, &store)
        .map_err(|_| not_found(&target.full_arn(call)))?;
    // Reserving 0 disables the function, which takes nothing from other functions.
    if wanted > 0 && unreserved_without(&store, &target.name) < wanted + UNRESERVED_AT_LEAST {
        // Recorded from AWS without a `Type`.
        let message = format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [{UNRESERVED_AT_LEAST}]."
        );
        return Err(AwsError::new("InvalidParameterValueException", message));
    }
    let provisioned = provisioned(function, None);
    if wanted < provisioned {
        // With AWS's spaces, and without a `Type`.
        let message = format!(
            " ReservedConcurrentExecutions  {wanted} should not be lower than function's total provisioned concurrency [{provisioned}]."
        );
        return Err(AwsError::new("InvalidParameterValueException", message));
    }
    target.function_mut(call, &mut store)?.reserved_concurrency = Some(wanted);
    Ok(json!({"ReservedConcurrentExecutions": wanted}))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = unqualified(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    target.function_mut(call, &mut store)?.reserved_concurrency = None;
    nothing()
}
