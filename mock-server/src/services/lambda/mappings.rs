//! Event source mappings.

use serde_json::{Map, Value, json};

use super::{Target, absent, copy, lock, page, store, text, unique};
use crate::call::{Answer, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateEventSourceMapping" => create,
        "DeleteEventSourceMapping" => delete,
        "GetEventSourceMapping" => get,
        "ListEventSourceMappings" => list,
        "UpdateEventSourceMapping" => update,
        _ => return None,
    })
}

const SETTABLE: &[&str] = &[
    "EventSourceArn",
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "ParallelizationFactor",
    "StartingPosition",
    "FilterCriteria",
    "DestinationConfig",
    "Topics",
    "Queues",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "TumblingWindowInSeconds",
    "FunctionResponseTypes",
    "ScalingConfig",
    "KMSKeyArn",
];

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let uuid = unique(call);
    let mut mapping = Map::new();
    copy(&mut mapping, input, SETTABLE);
    mapping.entry("BatchSize").or_insert_with(|| json!(10));
    mapping.insert("UUID".to_owned(), json!(uuid));
    mapping.insert("FunctionArn".to_owned(), json!(target.arn(call)));
    mapping.insert("EventSourceMappingArn".to_owned(), json!(super::arn(call, "event-source-mapping", &uuid)));
    mapping.insert("LastModified".to_owned(), json!(call.now.floor()));
    mapping.insert("State".to_owned(), json!(if input.get("Enabled") == Some(&json!(false)) { "Disabled" } else { "Enabled" }));
    mapping.insert("StateTransitionReason".to_owned(), json!("USER_INITIATED"));
    let store = store(call);
    let mut store = lock(&store);
    target.function_mut(call, &mut store)?;
    store.event_source_mappings.insert(uuid, Value::Object(mapping.clone()));
    Ok(Value::Object(mapping))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    text(input, "UUID").and_then(|uuid| store.event_source_mappings.get(uuid)).cloned().ok_or_else(absent)
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    let mut mapping = text(input, "UUID").and_then(|uuid| store.event_source_mappings.remove(uuid)).ok_or_else(absent)?;
    mapping["State"] = json!("Deleting");
    Ok(mapping)
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let function = if input.contains_key("FunctionName") { Some(Target::of(call, input)?) } else { None };
    let source = text(input, "EventSourceArn");
    let store = store(call);
    let store = lock(&store);
    let wanted = store.event_source_mappings.iter().filter(|(_, mapping)| {
        let of_function = function.as_ref().is_none_or(|target| mapping["FunctionArn"] == target.arn(call));
        of_function && source.is_none_or(|source| mapping["EventSourceArn"] == source)
    });
    let (mappings, next) = page(input, 100, wanted.map(|(uuid, mapping)| (uuid.clone(), mapping.clone())));
    Ok(json!({"EventSourceMappings": mappings, "NextMarker": next}))
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    let mapping =
        text(input, "UUID").and_then(|uuid| store.event_source_mappings.get_mut(uuid)).and_then(Value::as_object_mut).ok_or_else(absent)?;
    copy(mapping, input, SETTABLE);
    if let Some(enabled) = input.get("Enabled").and_then(Value::as_bool) {
        mapping.insert("State".to_owned(), json!(if enabled { "Enabled" } else { "Disabled" }));
    }
    if input.contains_key("FunctionName") {
        mapping.insert("FunctionArn".to_owned(), json!(Target::of(call, input)?.arn(call)));
    }
    mapping.insert("LastModified".to_owned(), json!(call.now.floor()));
    Ok(Value::Object(mapping.clone()))
}
