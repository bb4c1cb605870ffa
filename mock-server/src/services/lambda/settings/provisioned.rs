//! Provisioned concurrency of versions and aliases.

use serde_json::{Map, Value, json};

use super::super::store::{Changing, Function};
use super::super::{Target, conflict, invalid, lock, nothing, page, store};
use super::concurrency::{UNRESERVED_AT_LEAST, provisioned, unreserved_without};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "DeleteProvisionedConcurrencyConfig" => delete,
        "GetProvisionedConcurrencyConfig" => get,
        "ListProvisionedConcurrencyConfigs" => list,
        "PutProvisionedConcurrencyConfig" => put,
        _ => return None,
    })
}

/// A target that has to be an alias or a published version.
fn published(call: &Call<'_>, input: &Input, otherwise: &str) -> Result<Target, AwsError> {
    let target = Target::of(call, input)?;
    if target.plain_qualifier().is_empty() {
        Err(invalid(otherwise))
    } else {
        Ok(target)
    }
}

const ALIAS_OR_VERSION: &str =
    "The function resource provided must be an alias or a published version.";
const UNPUBLISHED: &str =
    "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = published(call, input, ALIAS_OR_VERSION)?;
    let store = store(call);
    let store = lock(&store);
    let config = target
        .existing(call, &store)?
        .provisioned
        .get(target.plain_qualifier())
        .and_then(|config| config.at(call.now));
    config.map(|config| json!(config)).ok_or_else(|| {
        AwsError::new(
            "ProvisionedConcurrencyConfigNotFoundException",
            "No Provisioned Concurrency Config found for this function",
        )
        .member("Type", "User")
    })
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = published(call, input, ALIAS_OR_VERSION)?;
    let store = store(call);
    let mut store = lock(&store);
    target
        .existing_mut(call, &mut store)?
        .provisioned
        .remove(target.plain_qualifier());
    nothing()
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let whole = target.unqualified_arn(call);
    let item = |(qualifier, config): (&String, &Changing)| {
        let mut config = config.at(call.now)?.clone();
        config.insert(
            "FunctionArn".to_owned(),
            json!(format!("{whole}:{qualifier}")),
        );
        Some((qualifier.clone(), config))
    };
    let there = function
        .provisioned
        .iter()
        .filter(|(qualifier, _)| function.has_qualifier(qualifier));
    let (configs, next) = page(input, 50, there.filter_map(item));
    Ok(json!({"ProvisionedConcurrencyConfigs": configs, "NextMarker": next}))
}

/// Rejects tenant isolation and SnapStart. Sources: "Improving startup performance with Lambda
/// SnapStart" and "Using tenant isolation", Lambda Developer Guide; AWS's texts are not known.
fn check_kind(function: &Function, qualifier: &str) -> Result<(), AwsError> {
    if function.is_per_tenant() {
        return Err(invalid(
            "Provisioned concurrency is not supported for functions with tenant isolation.",
        ));
    }
    if function
        .versions_behind(qualifier)
        .iter()
        .any(|version| function.has_snapshot(version))
    {
        return Err(invalid(
            "Provisioned concurrency is not supported for SnapStart enabled functions.",
        ));
    }
    Ok(())
}

/// Rejects provisioned concurrency for a version both directly and through an alias.
fn check_overlap(function: &Function, qualifier: &str) -> Result<(), AwsError> {
    let behind = function.versions_behind(qualifier);
    if function.aliases.contains_key(qualifier) {
        if behind.contains(&"$LATEST") {
            return Err(invalid(UNPUBLISHED));
        }
        if behind
            .iter()
            .any(|version| function.provisioned.contains_key(*version))
        {
            return Err(conflict(
                "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version".to_owned(),
            ));
        }
    }
    let mut aliases = function
        .provisioned
        .keys()
        .filter(|other| *other != qualifier && function.aliases.contains_key(*other));
    if aliases.any(|alias| {
        function
            .versions_behind(alias)
            .iter()
            .any(|version| behind.contains(version))
    }) {
        return Err(conflict(
            "Version is pointed by a Provisioned Concurrency alias".to_owned(),
        ));
    }
    Ok(())
}

fn put(call: &Call<'_>, input: &Input) -> Answer {
    let target = published(call, input, UNPUBLISHED)?;
    let qualifier = target.plain_qualifier();
    let wanted = input
        .get("ProvisionedConcurrentExecutions")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    let store = store(call);
    let mut store = lock(&store);
    let function = target.existing(call, &store)?;
    check_kind(function, qualifier)?;
    check_overlap(function, qualifier)?;
    let others = provisioned(function, Some(qualifier));
    match function.reserved_concurrency {
        Some(reserved) if others + wanted > reserved => {
            return Err(invalid(
                "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
            ));
        }
        Some(_) => {}
        None => check_account(
            unreserved_without(&store, &target.name).saturating_sub(others),
            wanted,
        )?,
    }
    let before = function
        .provisioned
        .get(qualifier)
        .and_then(|config| config.at(call.now));
    let there = |member: &str| {
        before
            .and_then(|config| config.get(member)?.as_u64())
            .unwrap_or(0)
            .min(wanted)
    };
    let config = |available: u64, allocated: u64, status: &str| {
        Map::from_iter([
            (
                "RequestedProvisionedConcurrentExecutions".to_owned(),
                json!(wanted),
            ),
            (
                "AvailableProvisionedConcurrentExecutions".to_owned(),
                json!(available),
            ),
            (
                "AllocatedProvisionedConcurrentExecutions".to_owned(),
                json!(allocated),
            ),
            ("Status".to_owned(), json!(status)),
            (
                "LastModified".to_owned(),
                json!(crate::wire::iso8601(call.now).replace('Z', "+0000")),
            ),
        ])
    };
    let meanwhile = config(
        there("AvailableProvisionedConcurrentExecutions"),
        there("AllocatedProvisionedConcurrentExecutions"),
        "IN_PROGRESS",
    );
    let answer = Value::Object(meanwhile.clone());
    let config = Changing::until(
        call.now + call.world.transition(),
        meanwhile,
        Some(config(wanted, wanted, "READY")),
    );
    target
        .existing_mut(call, &mut store)?
        .provisioned
        .insert(qualifier.to_owned(), config);
    Ok(answer)
}

/// Checks provisioned concurrency against what the account has left. AWS's errors have no `Type`.
fn check_account(unreserved: u64, wanted: u64) -> Result<(), AwsError> {
    let message = if wanted > unreserved {
        format!(
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{unreserved}]."
        )
    } else if unreserved - wanted < UNRESERVED_AT_LEAST {
        format!(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [{UNRESERVED_AT_LEAST}]."
        )
    } else {
        return Ok(());
    };
    Err(AwsError::new("InvalidParameterValueException", message))
}
