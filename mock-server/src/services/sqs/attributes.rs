//! Queue attributes: names, allowed values and defaults.

use std::collections::BTreeMap;

use lambdasweep_policy::Document;
use serde_json::{Value, json};

use super::super::members;
use super::queues::texts;
use super::store::Queue;
use super::{Target, lock, missing, nothing, redrive};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// Attributes that are counted or derived, and cannot be set.
const WORKED_OUT: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// Numeric attributes that can be set, with their bounds and defaults. Source:
/// "SetQueueAttributes", SQS API Reference; the maximum message size as recorded.
const NUMBERS: [(&str, u64, u64, &str); 5] = [
    ("DelaySeconds", 0, 900, "0"),
    ("MaximumMessageSize", 1_024, 1_048_576, "1048576"),
    ("MessageRetentionPeriod", 60, 1_209_600, "345600"),
    ("ReceiveMessageWaitTimeSeconds", 0, 20, "0"),
    ("VisibilityTimeout", 0, 43_200, "30"),
];

/// Attributes of FIFO queues only, with their default and the other allowed value.
const OF_FIFO: [(&str, [&str; 2]); 3] = [
    ("ContentBasedDeduplication", ["false", "true"]),
    ("DeduplicationScope", ["queue", "messageGroup"]),
    ("FifoThroughputLimit", ["perQueue", "perMessageGroupId"]),
];

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "GetQueueAttributes" => get,
        "SetQueueAttributes" => change,
        _ => return None,
    })
}

fn unknown(name: &str) -> AwsError {
    AwsError::new("InvalidAttributeName", format!("Unknown Attribute {name}."))
}

fn bad_value(name: &str) -> AwsError {
    AwsError::new(
        "InvalidAttributeValue",
        format!("Invalid value for the parameter {name}."),
    )
}

/// The value of a queue attribute; `None` if the queue does not have it.
pub(super) fn value(queue: &Queue, name: &str, arn: &str, now: f64) -> Option<String> {
    if let Some(given) = queue.attributes.get(name) {
        return Some(given.clone());
    }
    let count = |fits: &dyn Fn(&super::store::Message) -> bool| {
        Some(
            queue
                .messages
                .iter()
                .filter(|it| fits(it))
                .count()
                .to_string(),
        )
    };
    if let Some((.., default)) = NUMBERS.iter().find(|(known, ..)| *known == name) {
        return Some((*default).to_owned());
    }
    if let Some((_, values)) = OF_FIFO.iter().find(|(known, _)| *known == name) {
        return queue.is_fifo().then(|| values[0].to_owned());
    }
    match name {
        "ApproximateNumberOfMessages" => count(&|message| message.visible <= now),
        "ApproximateNumberOfMessagesDelayed" => {
            count(&|message| message.visible > now && message.receives == 0)
        }
        "ApproximateNumberOfMessagesNotVisible" => {
            count(&|message| message.visible > now && message.receives > 0)
        }
        "CreatedTimestamp" => Some(queue.created.to_string()),
        "LastModifiedTimestamp" => Some(queue.changed.to_string()),
        "QueueArn" => Some(arn.to_owned()),
        "SqsManagedSseEnabled" => {
            Some((!queue.attributes.contains_key("KmsMasterKeyId")).to_string())
        }
        "KmsDataKeyReusePeriodSeconds" => {
            let has_key = queue.attributes.contains_key("KmsMasterKeyId");
            has_key.then(|| "300".to_owned())
        }
        _ => None,
    }
}

/// A numeric attribute of a queue.
pub(super) fn number(queue: &Queue, name: &str) -> u64 {
    value(queue, name, "", 0.0)
        .and_then(|value| value.parse().ok())
        .unwrap_or(0)
}

fn is_known(name: &str) -> bool {
    name == "All"
        || WORKED_OUT.contains(&name)
        || is_settable(name)
        || OF_FIFO.iter().any(|(known, _)| *known == name)
        || name == "FifoQueue"
}

fn is_settable(name: &str) -> bool {
    NUMBERS.iter().any(|(known, ..)| *known == name)
        || [
            "KmsDataKeyReusePeriodSeconds",
            "KmsMasterKeyId",
            "Policy",
            "RedriveAllowPolicy",
            "RedrivePolicy",
            "SqsManagedSseEnabled",
        ]
        .contains(&name)
}

fn all() -> impl Iterator<Item = &'static str> {
    let numbers = NUMBERS.iter().map(|(name, ..)| *name);
    let of_fifo = OF_FIFO.iter().map(|(name, _)| *name);
    numbers.chain(of_fifo).chain(WORKED_OUT).chain([
        "FifoQueue",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "Policy",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "SqsManagedSseEnabled",
    ])
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let asked: Vec<&str> = members::texts(input, "AttributeNames").collect();
    if let Some(name) = asked.iter().find(|name| !is_known(name)) {
        return Err(unknown(name));
    }
    target.look(|queue| {
        let wanted = all().filter(|name| asked.contains(&"All") || asked.contains(name));
        let attributes: BTreeMap<&str, String> = wanted
            .filter_map(|name| Some((name, value(queue, name, &target.arn, call.now)?)))
            .collect();
        let attributes = (!attributes.is_empty()).then_some(attributes);
        Ok(json!({"Attributes": attributes}))
    })
}

fn change(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let given = texts(input, "Attributes");
    if given.is_empty() {
        return Err(missing("Attribute.Name"));
    }
    let mut store = lock(&target.store);
    let queue = store
        .queues
        .get(&target.name)
        .ok_or_else(super::not_there)?;
    let mut changed = queue.clone();
    set(&mut changed, given, false)?;
    redrive::check_target(call, &store, &changed)?;
    changed.changed = call.now.floor();
    store.queues.insert(target.name.clone(), changed);
    store.modified = true;
    nothing()
}

/// Sets attributes of a queue.
///
/// # Errors
/// InvalidAttributeName, InvalidAttributeValue, and those of the redrive policy.
pub(super) fn set(
    queue: &mut Queue,
    given: BTreeMap<String, String>,
    is_new: bool,
) -> Result<(), AwsError> {
    let will_be_fifo = if is_new {
        given.get("FifoQueue").map(String::as_str) == Some("true")
    } else {
        queue.is_fifo()
    };
    for (name, value) in &given {
        check_name(name, value, will_be_fifo, is_new)?;
        check_value(name, value)?;
    }
    encryption(queue, &given)?;
    for (name, value) in given {
        // An empty string removes these.
        let takes_away = value.is_empty()
            && [
                "KmsMasterKeyId",
                "Policy",
                "RedriveAllowPolicy",
                "RedrivePolicy",
            ]
            .contains(&name.as_str());
        if takes_away {
            queue.attributes.remove(&name);
        } else {
            queue.attributes.insert(name, value);
        }
    }
    Ok(())
}

fn check_name(name: &str, value: &str, is_fifo: bool, is_new: bool) -> Result<(), AwsError> {
    if name == "FifoQueue" {
        return match (is_fifo, value, is_new) {
            (true, "true", _) => Ok(()),
            (true, _, false) => Err(AwsError::new(
                "InvalidAttributeValue",
                "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
            )),
            _ => Err(unknown(name)),
        };
    }
    if OF_FIFO.iter().any(|(known, _)| *known == name) {
        return match name {
            _ if is_fifo => Ok(()),
            "ContentBasedDeduplication" => Err(unknown(name)),
            _ => Err(AwsError::new(
                "InvalidAttributeName",
                format!("You can specify the {name} only when FifoQueue is set to true."),
            )),
        };
    }
    if is_settable(name) {
        Ok(())
    } else {
        Err(unknown(name))
    }
}

fn check_value(name: &str, value: &str) -> Result<(), AwsError> {
    let within = |least: u64, most: u64| {
        value
            .parse::<u64>()
            .is_ok_and(|number| (least..=most).contains(&number))
    };
    let fits = match name {
        "FifoQueue" => true,
        "KmsDataKeyReusePeriodSeconds" => within(60, 86_400),
        "KmsMasterKeyId" => true,
        "Policy" => value.is_empty() || is_policy(value),
        "RedrivePolicy" => return redrive::check(value),
        "RedriveAllowPolicy" => value.is_empty() || redrive::is_allow_policy(value),
        "SqsManagedSseEnabled" => matches!(value, "true" | "false"),
        _ => match NUMBERS.iter().find(|(known, ..)| *known == name) {
            Some((_, least, most, _)) => within(*least, *most),
            None => OF_FIFO
                .iter()
                .find(|(known, _)| *known == name)
                .is_some_and(|(_, values)| values.contains(&value)),
        },
    };
    if fits { Ok(()) } else { Err(bad_value(name)) }
}

/// Whether a text is a resource-based policy: each statement has a principal.
fn is_policy(text: &str) -> bool {
    Document::parse(text).is_ok_and(|document| {
        !document.statements.is_empty()
            && document
                .statements
                .iter()
                .all(|statement| statement.principals.is_some())
    })
}

/// A queue has one kind of encryption: a KMS key replaces encryption managed by SQS, which cannot
/// be enabled while there is a key.
fn encryption(queue: &mut Queue, given: &BTreeMap<String, String>) -> Result<(), AwsError> {
    let has_key = given
        .get("KmsMasterKeyId")
        .is_some_and(|key| !key.is_empty());
    let managed = given.get("SqsManagedSseEnabled").map(String::as_str) == Some("true");
    let had_key =
        queue.attributes.contains_key("KmsMasterKeyId") && !given.contains_key("KmsMasterKeyId");
    if managed && (has_key || had_key) {
        return Err(AwsError::new(
            "InvalidAttributeName",
            "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
        ));
    }
    if has_key {
        queue.attributes.remove("SqsManagedSseEnabled");
    }
    Ok(())
}

/// A JSON object, which is the value of some attributes.
pub(super) fn object(text: &str) -> Option<serde_json::Map<String, Value>> {
    serde_json::from_str(text).ok()
}
