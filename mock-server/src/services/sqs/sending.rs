//! Sending messages.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::attributes::{number, value};
use super::store::{Message, Queue};
use super::{Target, digest, invalid, missing, text, unfit};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// How long a FIFO queue remembers a deduplication id, in seconds. Source: "Exactly-once processing
/// in Amazon SQS".
const FIVE_MINUTES: f64 = 300.0;

/// How many bytes of messages a queue can hold here; AWS has no such limit.
const MOST_BYTES: usize = 64 * 1024 * 1024;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "SendMessage" => send,
        _ => return None,
    })
}

fn send(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    target.change(|queue| {
        target.check_key(call, queue)?;
        check(queue, input, missing("MessageGroupId"))?;
        let id = call.request_id;
        add(call, queue, input, id)
    })
}

/// Checks a message of a call or of an entry of a batch.
///
/// # Errors
/// Any error in the message; `no_group` is the error for a FIFO queue without a message group.
pub(super) fn check(queue: &Queue, message: &Input, no_group: AwsError) -> Result<(), AwsError> {
    let body = text(message, "MessageBody").unwrap_or_default();
    if body.is_empty() {
        return Err(missing("MessageBody"));
    }
    if !body.chars().all(is_allowed) {
        return Err(AwsError::new(
            "InvalidMessageContents",
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        ));
    }
    check_attributes(message)?;
    for name in ["MessageGroupId", "MessageDeduplicationId"] {
        check_id(message, name)?;
    }
    if let Some(delay) = message.get("DelaySeconds").and_then(Value::as_i64) {
        if queue.is_fifo() && delay != 0 {
            return Err(unfit(
                delay,
                "DelaySeconds",
                "The request include parameter that is not valid for this queue type.",
            ));
        }
        if !(0..=900).contains(&delay) {
            return Err(unfit(
                delay,
                "DelaySeconds",
                "DelaySeconds must be >= 0 and <= 900.",
            ));
        }
    }
    if !queue.is_fifo() {
        return match text(message, "MessageDeduplicationId") {
            Some(id) => Err(unfit(
                id,
                "MessageDeduplicationId",
                "The request includes a parameter that is not valid for this queue type.",
            )),
            None => check_size(queue, message),
        };
    }
    if text(message, "MessageGroupId").is_none() {
        return Err(no_group);
    }
    if deduplication_id(queue, message).is_none() {
        return Err(invalid(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        ));
    }
    check_size(queue, message)
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn check_size(queue: &Queue, message: &Input) -> Result<(), AwsError> {
    let most = number(queue, "MaximumMessageSize");
    if size(message) as u64 > most {
        return Err(invalid(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
        )));
    }
    Ok(())
}

/// The bytes of a message's body and attributes.
pub(super) fn size(message: &Input) -> usize {
    Message {
        body: text(message, "MessageBody").unwrap_or_default().to_owned(),
        attributes: attributes(message, "MessageAttributes"),
        ..Message::default()
    }
    .size()
}

fn attributes(message: &Input, name: &str) -> BTreeMap<String, Value> {
    let members = message.get(name).and_then(Value::as_object);
    let members = members.into_iter().flatten();
    members
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Checks message attributes. Source of the rules: "Amazon SQS message metadata".
fn check_attributes(message: &Input) -> Result<(), AwsError> {
    let given = attributes(message, "MessageAttributes");
    if given.len() > 10 {
        return Err(invalid(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [10].",
            given.len()
        )));
    }
    for (name, attribute) in &given {
        let data_type = attribute["DataType"].as_str().unwrap_or_default();
        let kind = data_type.split('.').next().unwrap_or_default();
        if !["String", "Number", "Binary"].contains(&kind) {
            return Err(invalid(format!(
                "The type of message (user) attribute '{name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String."
            )));
        }
        let member = if kind == "Binary" {
            "BinaryValue"
        } else {
            "StringValue"
        };
        if attribute[member].as_str().unwrap_or_default().is_empty() {
            return Err(invalid(format!(
                "Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."
            )));
        }
    }
    Ok(())
}

fn check_id(message: &Input, name: &str) -> Result<(), AwsError> {
    match text(message, name) {
        Some(id)
            if !(1..=128).contains(&id.len())
                || !id.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Err(unfit(
                id,
                name,
                &format!(
                    "{name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
                ),
            ))
        }
        _ => Ok(()),
    }
}

fn deduplication_id(queue: &Queue, message: &Input) -> Option<String> {
    let given = text(message, "MessageDeduplicationId").map(str::to_owned);
    given.or_else(|| {
        use sha2::Digest as _;
        let by_content = value(queue, "ContentBasedDeduplication", "", 0.0)?;
        let body = text(message, "MessageBody").unwrap_or_default();
        let hash = sha2::Sha256::digest(body);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        (by_content == "true").then_some(hash)
    })
}

/// Adds a checked message to a queue, and returns the response.
///
/// # Errors
/// OverLimit if the queue is full.
pub(super) fn add(call: &Call<'_>, queue: &mut Queue, message: &Input, id: &str) -> Answer {
    let group = text(message, "MessageGroupId");
    let known_as = deduplication_id(queue, message).filter(|_| queue.is_fifo());
    let key = known_as.as_ref().map(|id| {
        let by_group =
            value(queue, "DeduplicationScope", "", 0.0).as_deref() == Some("messageGroup");
        let group = group.filter(|_| by_group).unwrap_or_default();
        format!("{group}/{id}")
    });
    queue
        .sent
        .retain(|_, (at, _)| call.now < *at + FIVE_MINUTES);
    if let Some((_, answer)) = key.as_ref().and_then(|key| queue.sent.get(key)) {
        return Ok(answer.clone());
    }
    let made = made(call, queue, message, id, known_as);
    let held: usize = queue.messages.iter().map(Message::size).sum();
    if held + made.size() > MOST_BYTES {
        let message = format!("A queue of this mock holds {MOST_BYTES} bytes of messages.");
        return Err(AwsError::new("OverLimit", message));
    }
    let mut answer = Map::new();
    let system = attributes(message, "MessageSystemAttributes");
    let digests = [
        ("MD5OfMessageBody", Some(digest::of_body(&made.body))),
        (
            "MD5OfMessageAttributes",
            digest::of_attributes(&made.attributes),
        ),
        (
            "MD5OfMessageSystemAttributes",
            digest::of_attributes(&system),
        ),
        ("MessageId", Some(made.id.clone())),
        ("SequenceNumber", made.system.get("SequenceNumber").cloned()),
    ];
    for (name, value) in digests {
        answer.insert(name.to_owned(), json!(value));
    }
    let answer = Value::Object(answer);
    queue.messages.push(made);
    if let Some(key) = key {
        queue.sent.insert(key, (call.now, answer.clone()));
    }
    Ok(answer)
}

fn made(
    call: &Call<'_>,
    queue: &mut Queue,
    message: &Input,
    id: &str,
    known_as: Option<String>,
) -> Message {
    queue.sequence += 1;
    let delay = message
        .get("DelaySeconds")
        .and_then(Value::as_u64)
        .filter(|_| !queue.is_fifo())
        .unwrap_or_else(|| number(queue, "DelaySeconds"));
    let mut system = BTreeMap::from([
        ("SenderId".to_owned(), call.caller.user_id.clone()),
        ("SentTimestamp".to_owned(), milliseconds(call.now)),
    ]);
    let trace = &attributes(message, "MessageSystemAttributes");
    if let Some(trace) = trace
        .get("AWSTraceHeader")
        .and_then(|it| it["StringValue"].as_str())
    {
        system.insert("AWSTraceHeader".to_owned(), trace.to_owned());
    }
    if let Some(group) = text(message, "MessageGroupId") {
        system.insert("MessageGroupId".to_owned(), group.to_owned());
    }
    if let Some(known_as) = known_as {
        system.insert("MessageDeduplicationId".to_owned(), known_as);
        // Twenty digits, increasing.
        let number = format!("188{:017}", queue.sequence);
        system.insert("SequenceNumber".to_owned(), number);
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 900")]
    let visible = call.now + delay as f64;
    Message {
        id: id.to_owned(),
        body: text(message, "MessageBody").unwrap_or_default().to_owned(),
        attributes: attributes(message, "MessageAttributes"),
        system,
        sent: call.now,
        visible,
        first_received: None,
        receives: 0,
    }
}

/// A time in the form of message attributes, in milliseconds since the epoch.
pub(super) fn milliseconds(seconds: f64) -> String {
    (seconds * 1000.0).floor().to_string()
}
