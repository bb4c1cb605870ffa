//! Receiving messages, deleting them and changing their visibility.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::super::members;
use super::attributes::number;
use super::sending::milliseconds;
use super::store::{Message, Queue};
use super::{Target, digest, lock, not_there, nothing, redrive, required, tasks, unfit};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "ChangeMessageVisibility" => change_visibility,
        "DeleteMessage" => delete,
        "ReceiveMessage" => receive,
        _ => return None,
    })
}

/// A number of a request, which must be within bounds.
fn within(
    input: &Input,
    name: &str,
    (least, most): (i64, i64),
    reason: &str,
) -> Result<Option<u64>, AwsError> {
    match input.get(name).and_then(Value::as_i64) {
        Some(given) if !(least..=most).contains(&given) => Err(unfit(given, name, reason)),
        given => Ok(given.and_then(|given| u64::try_from(given).ok())),
    }
}

fn receive(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let most = within(
        input,
        "MaxNumberOfMessages",
        (1, 10),
        "Must be between 1 and 10, if provided.",
    )?;
    within(
        input,
        "WaitTimeSeconds",
        (0, 20),
        "Must be >= 0 and <= 20, if provided.",
    )?;
    let timeout = visibility(input)?;
    let mut store = lock(&target.store);
    tasks::advance(&mut store, call.now);
    let queue = store.queues.get_mut(&target.name).ok_or_else(not_there)?;
    let timeout = timeout.unwrap_or_else(|| number(queue, "VisibilityTimeout"));
    expire(queue, call.now);
    let dead = take_dead(queue, call.now);
    let dead_letters = redrive::target(queue);
    let (mut received, mut busy) = (Vec::new(), in_flight(queue, call.now));
    let is_fifo = queue.is_fifo();
    for message in &mut queue.messages {
        if received.len() as u64 >= most.unwrap_or(1) {
            break;
        }
        let group = message.system.get("MessageGroupId").cloned();
        let waits = is_fifo && group.as_ref().is_some_and(|group| busy.contains(group));
        if message.visible > call.now || waits {
            // Later messages of the group wait until this one has been received.
            if is_fifo {
                busy.extend(group);
            }
            continue;
        }
        message.receives += 1;
        message.first_received.get_or_insert(call.now);
        #[expect(clippy::cast_precision_loss, reason = "at most 43,200")]
        let visible = call.now + timeout as f64;
        message.visible = visible;
        received.push(shown(message, input, &target.name));
    }
    if let Some(name) = dead_letters
        .as_deref()
        .and_then(|arn| arn.rsplit(':').next())
        && let Some(other) = store.queues.get_mut(name)
    {
        other.messages.extend(dead.into_iter().map(|mut message| {
            let source = target.arn.clone();
            message
                .system
                .insert("DeadLetterQueueSourceArn".to_owned(), source);
            Message {
                visible: call.now,
                ..message
            }
        }));
    }
    store.modified = true;
    let messages = (!received.is_empty()).then_some(received);
    Ok(json!({"Messages": messages}))
}

/// Removes the messages whose retention period has ended.
fn expire(queue: &mut Queue, now: f64) {
    #[expect(clippy::cast_precision_loss, reason = "two weeks in seconds")]
    let kept = number(queue, "MessageRetentionPeriod") as f64;
    queue.messages.retain(|message| now < message.sent + kept);
}

/// Removes and returns the messages that have reached the maximum number of receives.
fn take_dead(queue: &mut Queue, now: f64) -> Vec<Message> {
    let Some(most) = redrive::most_receives(queue) else {
        return Vec::new();
    };
    let is_dead = |message: &mut Message| message.visible <= now && message.receives >= most;
    queue.messages.extract_if(.., is_dead).collect()
}

/// The groups that have messages in flight.
fn in_flight(queue: &Queue, now: f64) -> BTreeSet<String> {
    let busy = queue
        .messages
        .iter()
        .filter(|message| message.visible > now && message.receives > 0);
    busy.filter_map(|message| message.system.get("MessageGroupId").cloned())
        .collect()
}

fn handle(queue: &str, message: &Message) -> String {
    URL_SAFE_NO_PAD.encode(format!("{queue} {} {}", message.id, message.receives))
}

/// A received message, with the requested attributes.
fn shown(message: &Message, input: &Input, queue: &str) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("MessageId", json!(message.id));
    put("ReceiptHandle", json!(handle(queue, message)));
    put("MD5OfBody", json!(digest::of_body(&message.body)));
    put("Body", json!(message.body));
    let first = message.first_received.unwrap_or_default();
    let mut system = message.system.clone();
    system.insert(
        "ApproximateReceiveCount".to_owned(),
        message.receives.to_string(),
    );
    system.insert(
        "ApproximateFirstReceiveTimestamp".to_owned(),
        milliseconds(first),
    );
    let asked: Vec<&str> = members::texts(input, "AttributeNames")
        .chain(members::texts(input, "MessageSystemAttributeNames"))
        .collect();
    system.retain(|name, _| asked.contains(&"All") || asked.contains(&name.as_str()));
    if !system.is_empty() {
        put("Attributes", json!(system));
    }
    let asked: Vec<&str> = members::texts(input, "MessageAttributeNames").collect();
    let is_asked = |name: &str| {
        asked.iter().any(|asked| {
            let prefix = asked.strip_suffix(".*").or_else(|| asked.strip_suffix('*'));
            matches!(*asked, "All" | ".*")
                || *asked == name
                || prefix.is_some_and(|prefix| name.starts_with(prefix))
        })
    };
    let mut attributes = message.attributes.clone();
    attributes.retain(|name, _| is_asked(name));
    if let Some(digest) = digest::of_attributes(&attributes) {
        put("MD5OfMessageAttributes", json!(digest));
        put("MessageAttributes", json!(attributes));
    }
    Value::Object(shown)
}

/// A receipt handle, the id of its message, and how often the message had been received.
fn read_handle<'a>(input: &'a Input, target: &Target) -> Result<(&'a str, String, u64), AwsError> {
    let given = required(input, "ReceiptHandle")?;
    let broken = || {
        let message =
            format!("The input receipt handle \"{given}\" is not a valid receipt handle.");
        AwsError::new("ReceiptHandleIsInvalid", message)
    };
    let decoded = URL_SAFE_NO_PAD.decode(given).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or_else(broken)?;
    let parts: Vec<&str> = decoded.split(' ').collect();
    match parts[..] {
        [queue, id, receives] if queue == target.name => {
            let receives = receives.parse().map_err(|_| broken())?;
            Ok((given, id.to_owned(), receives))
        }
        _ => Err(broken()),
    }
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    target.change(|queue| remove(call, queue, input, &target))
}

/// Deletes the message of a receipt handle, for a call or an entry of a batch; deleting a missing
/// message succeeds.
pub(super) fn remove(call: &Call<'_>, queue: &mut Queue, input: &Input, target: &Target) -> Answer {
    let (given, id, receives) = read_handle(input, target)?;
    let expired = queue.is_fifo()
        && queue.messages.iter().any(|message| {
            message.id == id && (message.visible <= call.now || message.receives != receives)
        });
    if expired {
        return Err(unfit(
            given,
            "ReceiptHandle",
            "The receipt handle has expired.",
        ));
    }
    queue.messages.retain(|message| message.id != id);
    nothing()
}

fn visibility(input: &Input) -> Result<Option<u64>, AwsError> {
    within(
        input,
        "VisibilityTimeout",
        (0, 43_200),
        "Must be between 0 and 43200.",
    )
}

fn change_visibility(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    target.change(|queue| set_visibility(call, queue, input, &target))
}

/// Sets the visibility timeout of a message, for a call or an entry of a batch.
pub(super) fn set_visibility(
    call: &Call<'_>,
    queue: &mut Queue,
    input: &Input,
    target: &Target,
) -> Answer {
    let timeout = visibility(input)?.ok_or_else(|| super::missing("VisibilityTimeout"))?;
    let (given, id, _) = read_handle(input, target)?;
    let message = queue.messages.iter_mut().find(|message| message.id == id);
    let gone = "Message does not exist or is not available for visibility timeout change.";
    match message {
        Some(message) if message.visible > call.now => {
            #[expect(clippy::cast_precision_loss, reason = "at most 43,200")]
            let visible = call.now + timeout as f64;
            message.visible = visible;
            nothing()
        }
        _ => Err(unfit(given, "ReceiptHandle", gone)),
    }
}
