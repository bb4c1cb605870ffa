//! Tasks that move messages out of dead-letter queues. They are over when the call is answered that
//! starts them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambdasweep_model::Arn;
use serde_json::{Value, json};

use super::sending::milliseconds;
use super::store::{Message, Store};
use super::{denied, invalid, lock, missing, redrive, resource_not_there, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CancelMessageMoveTask" => cancel,
        "ListMessageMoveTasks" => list,
        "StartMessageMoveTask" => start,
        _ => return None,
    })
}

/// The queue that a parameter names by its ARN: one of the caller's, in the call's Region.
fn queue_of(call: &Call<'_>, store: &Store, given: &str, name: &str) -> Result<Arn, AwsError> {
    let arn = given.parse::<Arn>().ok().filter(|arn| arn.service == "sqs");
    let arn = arn.ok_or_else(|| {
        invalid(format!("You must use this format to specify the {name}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>"))
    })?;
    if arn.account != call.account() {
        return Err(denied(call, given));
    }
    if arn.region != call.region || !store.queues.contains_key(&arn.resource) {
        return Err(resource_not_there(name));
    }
    Ok(arn)
}

/// Where a message goes: to the destination, else back to the queue that it came from.
fn home(message: &Message, destination: Option<&Arn>) -> Option<String> {
    let source = || {
        let arn = message.system.get("DeadLetterQueueSourceArn")?;
        arn.rsplit(':').next().map(str::to_owned)
    };
    destination.map(|arn| arn.resource.clone()).or_else(source)
}

fn start(call: &Call<'_>, input: &Input) -> Answer {
    let given = text(input, "SourceArn").ok_or_else(|| missing("SourceArn"))?;
    let store = call.world.regional::<Store>(call.account(), call.region);
    let mut store = lock(&store);
    let source = queue_of(call, &store, given, "SourceArn")?;
    let is_dead_letter_queue = store
        .queues
        .values()
        .any(|queue| redrive::target(queue).as_deref() == Some(given));
    if !is_dead_letter_queue {
        return Err(invalid(
            "Source queue must be configured as a Dead Letter Queue.",
        ));
    }
    let destination = text(input, "DestinationArn")
        .map(|arn| queue_of(call, &store, arn, "DestinationArn"))
        .transpose()?;
    let messages = store
        .queues
        .get_mut(&source.resource)
        .map(|queue| std::mem::take(&mut queue.messages))
        .unwrap_or_default();
    let (found, mut moved) = (messages.len(), 0);
    for message in messages {
        let home = home(&message, destination.as_ref())
            .filter(|home| store.queues.contains_key(home))
            .inspect(|_| moved += 1)
            .unwrap_or_else(|| source.resource.clone());
        if let Some(queue) = store.queues.get_mut(&home) {
            queue.messages.push(Message {
                receives: 0,
                visible: call.now,
                ..message
            });
        }
    }
    let id = call.request_id;
    let mut task = json!({
        "Status": "COMPLETED",
        "SourceArn": given,
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": found,
        "StartedTimestamp": milliseconds(call.now).parse::<u64>().unwrap_or(0),
    });
    for name in ["DestinationArn", "MaxNumberOfMessagesPerSecond"] {
        task[name] = input.get(name).cloned().unwrap_or(Value::Null);
    }
    store.tasks.push(task);
    store.modified = true;
    let handle = json!({"taskId": id, "sourceArn": given}).to_string();
    Ok(json!({"TaskHandle": STANDARD.encode(handle)}))
}

/// The newest tasks of a queue; a task that is over has no handle.
fn list(call: &Call<'_>, input: &Input) -> Answer {
    let given = text(input, "SourceArn").ok_or_else(|| missing("SourceArn"))?;
    let most = input.get("MaxResults").and_then(Value::as_u64).unwrap_or(1);
    let store = call.world.regional::<Store>(call.account(), call.region);
    let store = lock(&store);
    queue_of(call, &store, given, "SourceArn")?;
    let tasks = store.tasks.iter().rev();
    let most = usize::try_from(most.clamp(1, 10)).unwrap_or(1);
    let of_source: Vec<&Value> = tasks
        .filter(|task| task["SourceArn"] == given)
        .take(most)
        .collect();
    Ok(json!({"Results": of_source}))
}

fn cancel(call: &Call<'_>, input: &Input) -> Answer {
    let broken = || invalid("Value for parameter TaskHandle is invalid.");
    let handle = text(input, "TaskHandle").ok_or_else(|| missing("TaskHandle"))?;
    let decoded = STANDARD.decode(handle).map_err(|_| broken())?;
    let task: Value = serde_json::from_slice(&decoded).map_err(|_| broken())?;
    let source = task["sourceArn"].as_str().ok_or_else(broken)?;
    let store = call.world.regional::<Store>(call.account(), call.region);
    let store = lock(&store);
    queue_of(call, &store, source, "SourceArn")?;
    // Whatever task it was, it is over.
    Err(AwsError::new("ResourceNotFoundException", "Task does not exist.").status(404))
}
