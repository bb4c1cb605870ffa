//! Event source mappings.
//!
//! Creating, changing and deleting a mapping takes some time.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::settings::tags;
use super::store::{Changing, Store};
use super::{Target, absent, conflict, copy, invalid, lock, page, store, text, unique};
use crate::call::{Answer, AwsError, Call, Handler, Input};

mod filters;
mod sources;

use sources::Source;

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

/// Members that only a request to create a mapping sets, and members that updates can set too.
const FIXED: &[&str] = &[
    "EventSourceArn",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
    "Queues",
    "SelfManagedEventSource",
];
const SETTABLE: &[&str] = &[
    "BatchSize",
    "FilterCriteria",
    "KMSKeyArn",
    "MetricsConfig",
    "LoggingConfig",
    "ScalingConfig",
    "MaximumBatchingWindowInSeconds",
    "ParallelizationFactor",
    "DestinationConfig",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "TumblingWindowInSeconds",
    "SourceAccessConfigurations",
    "FunctionResponseTypes",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
    "ProvisionedPollerConfig",
];

/// Settings that an empty value removes, so that they are no longer returned.
const REMOVABLE: &[&str] = &[
    "FilterCriteria",
    "KMSKeyArn",
    "MetricsConfig",
    "LoggingConfig",
    "ScalingConfig",
    "SourceAccessConfigurations",
    "ProvisionedPollerConfig",
];

/// A mapping that is in `state` until it `becomes` another, or is deleted for `None`; also returns
/// the response of the call.
fn set_out(
    call: &Call<'_>,
    mut mapping: Map<String, Value>,
    state: &str,
    becomes: Option<&str>,
) -> (Changing, Value) {
    mapping.insert("State".to_owned(), json!(state));
    mapping.insert(
        "LastModified".to_owned(),
        json!((call.now * 1000.0).floor() / 1000.0),
    );
    let afterwards = becomes.map(|becomes| {
        let mut afterwards = mapping.clone();
        afterwards.insert("State".to_owned(), json!(becomes));
        afterwards
    });
    let answer = Value::Object(mapping.clone());
    (
        Changing::until(call.now + call.world.transition(), mapping, afterwards),
        answer,
    )
}

/// Whether a mapping exists at the time of the call.
pub(super) fn is_there(call: &Call<'_>, store: &Store, uuid: &str) -> bool {
    store
        .event_source_mappings
        .get(uuid)
        .is_some_and(|kept| kept.at(call.now).is_some())
}

/// A mapping at the time of the call.
fn find(
    call: &Call<'_>,
    input: &Input,
    store: &Store,
) -> Result<(String, Map<String, Value>), AwsError> {
    let uuid = text(input, "UUID").unwrap_or_default();
    let mapping = store
        .event_source_mappings
        .get(uuid)
        .and_then(|kept| kept.at(call.now))
        .ok_or_else(absent)?;
    Ok((uuid.to_owned(), mapping.clone()))
}

/// Rejects a mapping whose state is changing. Source of the texts: what AWS answered to tools that
/// did not wait.
fn settled(mapping: &Map<String, Value>, verb: &str) -> Result<(), AwsError> {
    if matches!(text(mapping, "State"), Some("Enabled" | "Disabled")) {
        return Ok(());
    }
    let message = format!("Cannot {verb} the event source mapping because it is in use.");
    Err(AwsError::new("ResourceInUseException", message).member("Type", "User"))
}

/// The function of a mapping, which must exist with its qualifier.
fn function(call: &Call<'_>, input: &Input, store: &Store) -> Result<Target, AwsError> {
    let target = Target::of(call, input)?;
    target
        .function(call, store)
        .map_err(|_| invalid("Function does not exist"))?;
    Ok(target)
}

/// Rejects a second mapping of a source to a function.
fn check_duplicate(
    call: &Call<'_>,
    source: Source,
    mapping: &Map<String, Value>,
    target: &Target,
    store: &Store,
) -> Result<(), AwsError> {
    let own = text(mapping, "UUID");
    let others = store
        .event_source_mappings
        .iter()
        .filter(|(uuid, _)| Some(uuid.as_str()) != own);
    let mut there = others.filter_map(|(uuid, kept)| kept.at(call.now).map(|other| (uuid, other)));
    let same = |other: &Map<String, Value>| {
        other.get("FunctionArn") == mapping.get("FunctionArn")
            && Source::reads_the_same(mapping, other)
    };
    match there.find(|(_, other)| same(other)) {
        Some((existing, _)) => Err(conflict(source.duplicate(mapping, &target.name, existing))),
        None => Ok(()),
    }
}

/// Applies the settings of a request to a mapping.
fn take(mapping: &mut Map<String, Value>, input: &Input) {
    copy(mapping, input, SETTABLE);
    for member in REMOVABLE {
        let is_empty = |value: &Value| match value {
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(_) if *member == "FilterCriteria" => filters::are_empty(value),
            Value::Object(members) => members.is_empty(),
            _ => value.is_null(),
        };
        if mapping.get(*member).is_some_and(is_empty) {
            mapping.remove(*member);
        }
    }
}

fn state(enabled: bool) -> &'static str {
    if enabled { "Enabled" } else { "Disabled" }
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let source = Source::of(input).ok_or_else(|| invalid("Unrecognized event source."))?;
    source.check_new(input)?;
    filters::check(input)?;
    let tags = tags::with(&BTreeMap::new(), input.get("Tags"))?;
    let store = store(call);
    let mut store = lock(&store);
    let target = function(call, input, &store)?;
    let uuid = unique(call);
    let arn = super::arn(call, "event-source-mapping", &uuid);
    let mut mapping = Map::new();
    copy(&mut mapping, input, FIXED);
    take(&mut mapping, input);
    for (member, value) in source.defaults(&uuid) {
        mapping.entry(member).or_insert(value);
    }
    mapping.insert("UUID".to_owned(), json!(uuid));
    mapping.insert("FunctionArn".to_owned(), json!(target.arn(call)));
    mapping.insert("EventSourceMappingArn".to_owned(), json!(arn));
    mapping.insert(
        "StateTransitionReason".to_owned(),
        json!(source.transition_reason()),
    );
    check_duplicate(call, source, &mapping, &target, &store)?;
    let enabled = input
        .get("Enabled")
        .and_then(Value::as_bool)
        .unwrap_or(true);
    let (mapping, answer) = set_out(call, mapping, "Creating", Some(state(enabled)));
    store.modified = true;
    // Removes the mappings whose deletion has ended.
    store
        .event_source_mappings
        .retain(|_, kept| kept.at(call.now).is_some());
    if !tags.is_empty() {
        store.tags.insert(arn, tags);
    }
    store.event_source_mappings.insert(uuid, mapping);
    Ok(answer)
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    find(call, input, &store).map(|(_, mapping)| Value::Object(mapping))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    let (uuid, mapping) = find(call, input, &store)?;
    settled(&mapping, "delete")?;
    let (mapping, answer) = set_out(call, mapping, "Deleting", None);
    store.modified = true;
    store
        .tags
        .remove(&super::arn(call, "event-source-mapping", &uuid));
    store.event_source_mappings.insert(uuid, mapping);
    Ok(answer)
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let function = if input.contains_key("FunctionName") {
        Some(Target::of(call, input)?.arn(call))
    } else {
        None
    };
    let source = text(input, "EventSourceArn");
    let store = store(call);
    let store = lock(&store);
    let there = store
        .event_source_mappings
        .iter()
        .filter_map(|(uuid, kept)| kept.at(call.now).map(|mapping| (uuid.clone(), mapping)));
    let wanted = there.filter(|(_, mapping)| {
        let of_function = function
            .as_deref()
            .is_none_or(|arn| text(mapping, "FunctionArn") == Some(arn));
        of_function && source.is_none_or(|source| text(mapping, "EventSourceArn") == Some(source))
    });
    let (mappings, next) = page(input, 100, wanted);
    Ok(json!({"EventSourceMappings": mappings, "NextMarker": next}))
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    let (uuid, mut mapping) = find(call, input, &store)?;
    settled(&mapping, "update")?;
    let source = Source::of(&mapping);
    filters::check(input)?;
    if let Some(source) = source {
        source.check_supported(input)?;
    }
    take(&mut mapping, input);
    if let Some(source) = source {
        source.check_batch(&mapping)?;
    }
    if input.contains_key("FunctionName") {
        let target = function(call, input, &store)?;
        mapping.insert("FunctionArn".to_owned(), json!(target.arn(call)));
        if let Some(source) = source {
            check_duplicate(call, source, &mapping, &target, &store)?;
        }
    }
    let before = text(&mapping, "State") == Some("Enabled");
    let enabled = input
        .get("Enabled")
        .and_then(Value::as_bool)
        .unwrap_or(before);
    let meanwhile = match (before, enabled) {
        (false, true) => "Enabling",
        (true, false) => "Disabling",
        _ => "Updating",
    };
    let (mapping, answer) = set_out(call, mapping, meanwhile, Some(state(enabled)));
    store.modified = true;
    store.event_source_mappings.insert(uuid, mapping);
    Ok(answer)
}
