//! Batches: up to ten entries that are processed one by one, each with its own result.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::members;
use super::{Target, invalid, messages, sending, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// The maximum number of entries of a batch.
const MOST_ENTRIES: usize = 10;
/// The maximum total size of the messages of a batch, in bytes.
const MOST_BYTES: usize = 1_048_576;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "ChangeMessageVisibilityBatch" => change_visibility,
        "DeleteMessageBatch" => delete,
        "SendMessageBatch" => send,
        _ => return None,
    })
}

/// The entries of a batch, each with its id.
fn entries<'a>(call: &Call<'_>, input: &'a Input) -> Result<Vec<(&'a str, &'a Input)>, AwsError> {
    let entries: Vec<&Input> = members::list(input, "Entries")
        .filter_map(Value::as_object)
        .collect();
    if entries.is_empty() {
        let message = format!(
            "There should be at least one {}RequestEntry in the request.",
            call.operation
        );
        return Err(AwsError::new("EmptyBatchRequest", message));
    }
    if entries.len() > MOST_ENTRIES {
        let message = format!(
            "Maximum number of entries per request are {MOST_ENTRIES}. You have sent {}.",
            entries.len()
        );
        return Err(AwsError::new("TooManyEntriesInBatchRequest", message));
    }
    let mut seen = BTreeSet::new();
    for entry in &entries {
        let id = text(entry, "Id").unwrap_or_default();
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if !(1..=80).contains(&id.len()) || !id.bytes().all(is_id) {
            return Err(AwsError::new(
                "InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
            ));
        }
        if !seen.insert(id) {
            return Err(AwsError::new(
                "BatchEntryIdsNotDistinct",
                format!("Id {id} repeated."),
            ));
        }
    }
    let with_id = |entry: &'a Input| (text(entry, "Id").unwrap_or_default(), entry);
    Ok(entries.into_iter().map(with_id).collect())
}

/// The response for all entries.
fn answer(outcomes: Vec<(&str, Answer)>) -> Answer {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, outcome) in outcomes {
        match outcome {
            Ok(mut done) => {
                done["Id"] = json!(id);
                successful.push(done);
            }
            Err(error) => failed.push(json!({
                "Id": id,
                "SenderFault": true,
                "Code": error.code.trim_end_matches("Exception"),
                "Message": error.message,
            })),
        }
    }
    Ok(json!({"Successful": successful, "Failed": failed}))
}

fn send(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let entries = entries(call, input)?;
    let size: usize = entries.iter().map(|(_, entry)| sending::size(entry)).sum();
    if size > MOST_BYTES {
        let message = format!(
            "Batch requests cannot be longer than {MOST_BYTES} bytes. You have sent {size} bytes."
        );
        return Err(AwsError::new("BatchRequestTooLong", message));
    }
    target.change(|queue| {
        target.check_key(call, queue)?;
        // In a FIFO queue, one invalid entry fails the whole batch.
        for (_, entry) in entries.iter().filter(|_| queue.is_fifo()) {
            let no_group = invalid("The request must contain the parameter MessageGroupId.");
            sending::check(queue, entry, no_group)?;
        }
        let mut outcomes = Vec::new();
        for (at, (id, entry)) in entries.iter().enumerate() {
            let no_group = invalid("The request must contain the parameter MessageGroupId.");
            let message_id = id_of(call, at);
            let outcome = sending::check(queue, entry, no_group)
                .and_then(|()| sending::add(call, queue, entry, &message_id));
            outcomes.push((*id, outcome));
        }
        answer(outcomes)
    })
}

/// An id for each message of a request: the request's own with a number in it.
fn id_of(call: &Call<'_>, at: usize) -> String {
    let (first, rest) = call.request_id.split_once('-').unwrap_or_default();
    let rest = rest.split_once('-').map_or(rest, |(_, rest)| rest);
    format!("{first}-{at:04x}-{rest}")
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let entries = entries(call, input)?;
    target.change(|queue| {
        let remove = |(id, entry)| (id, messages::remove(call, queue, entry, &target));
        answer(entries.into_iter().map(remove).collect())
    })
}

fn change_visibility(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let entries = entries(call, input)?;
    target.change(|queue| {
        let set = |(id, entry)| (id, messages::set_visibility(call, queue, entry, &target));
        answer(entries.into_iter().map(set).collect())
    })
}
