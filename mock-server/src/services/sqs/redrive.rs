//! Redrive policies: dead-letter queues, and which queues may use them.

use lambdasweep_model::Arn;
use serde_json::Value;

use super::attributes::object;
use super::store::{Queue, Store};
use super::unfit;
use crate::call::{AwsError, Call};

/// The ARN of the dead-letter queue that a queue has.
pub(super) fn target(queue: &Queue) -> Option<String> {
    let policy = object(queue.attributes.get("RedrivePolicy")?)?;
    policy
        .get("deadLetterTargetArn")?
        .as_str()
        .map(str::to_owned)
}

/// How often a message is received before it goes to the dead-letter queue. AWS also accepts the
/// number as a string.
pub(super) fn most_receives(queue: &Queue) -> Option<u64> {
    count(&object(queue.attributes.get("RedrivePolicy")?)?)
}

fn count(policy: &serde_json::Map<String, Value>) -> Option<u64> {
    let count = policy.get("maxReceiveCount")?;
    count
        .as_u64()
        .or_else(|| count.as_str().and_then(|text| text.parse().ok()))
}

/// Checks a redrive policy by itself; an empty one removes it. Sources of texts: errors that users
/// quote in issues of hashicorp/terraform-provider-aws.
pub(super) fn check(text: &str) -> Result<(), AwsError> {
    if text.is_empty() {
        return Ok(());
    }
    let refused = |reason: &str| Err(unfit(text, "RedrivePolicy", reason));
    let Some(policy) = object(text) else {
        return refused("Redrive policy is not a valid JSON map.");
    };
    for name in ["deadLetterTargetArn", "maxReceiveCount"] {
        if !policy.contains_key(name) {
            return refused(&format!(
                "Redrive policy does not contain mandatory attribute: {name}."
            ));
        }
    }
    let is_queue = policy["deadLetterTargetArn"]
        .as_str()
        .and_then(|arn| arn.parse::<Arn>().ok())
        .is_some_and(|arn| arn.service == "sqs");
    if !is_queue {
        return refused("Invalid value for deadLetterTargetArn.");
    }
    match count(&policy) {
        Some(1..=1_000) => Ok(()),
        _ => refused(&format!(
            "Invalid value for maxReceiveCount: {}, valid values are from 1 to 1000 both inclusive.",
            policy["maxReceiveCount"].to_string().trim_matches('"')
        )),
    }
}

/// Whether a text is a valid redrive allow policy: which queues may use this dead-letter queue.
pub(super) fn is_allow_policy(text: &str) -> bool {
    object(text).is_some_and(|policy| {
        let sources = policy.get("sourceQueueArns").and_then(Value::as_array);
        match policy.get("redrivePermission").and_then(Value::as_str) {
            Some("allowAll" | "denyAll") => sources.is_none(),
            Some("byQueue") => sources.is_some_and(|arns| (1..=10).contains(&arns.len())),
            _ => false,
        }
    })
}

/// Checks that a queue's dead-letter queue exists, in the same account and Region, and is of the
/// same type. `store` is the queue's own.
pub(super) fn check_target(call: &Call<'_>, store: &Store, queue: &Queue) -> Result<(), AwsError> {
    let Some(arn) = target(queue).and_then(|arn| arn.parse::<Arn>().ok()) else {
        return Ok(());
    };
    let refused = |reason: &str| {
        let policy = queue.attributes.get("RedrivePolicy");
        let policy = policy.map(String::as_str).unwrap_or_default();
        Err(unfit(policy, "RedrivePolicy", reason))
    };
    if arn.account != call.account() {
        return refused("Dead letter target owner should be same as the source.");
    }
    if arn.region != call.region {
        return refused("Dead letter target should be in the same region as the source.");
    }
    match store.queues.get(&arn.resource) {
        None => refused("Dead letter target does not exist."),
        Some(target) if target.is_fifo() != queue.is_fifo() => {
            refused("Dead-letter queue must be same type of queue as the source.")
        }
        Some(_) => Ok(()),
    }
}
