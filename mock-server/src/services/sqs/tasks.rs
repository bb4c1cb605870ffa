//! Tasks that move messages out of dead-letter queues, at once or at a given rate. Nothing runs in
//! the background: what a task has moved so far is derived when it is read.

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambdasweep_model::Arn;
use serde_json::{Value, json};

use super::sending::milliseconds;
use super::store::{Message, Queue, State, Store, Task};
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

fn name_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}

/// Moves the messages that are due in running tasks at a time.
pub(super) fn advance(store: &mut Store, now: f64) {
    let Store { queues, tasks, .. } = store;
    for task in tasks.iter_mut().filter(|task| task.state == State::Running) {
        let due = task.due(now);
        while task.moved < due {
            let Some(message) = task.waiting.pop_front() else {
                break;
            };
            let source = message.system.get("DeadLetterQueueSourceArn");
            let home = task.destination.as_ref().or(source).map(|arn| name_of(arn));
            let Some(queue) = home.and_then(|home| queues.get_mut(home)) else {
                task.waiting.push_front(message);
                task.state = State::Failed;
                break;
            };
            task.moved += 1;
            queue.messages.push(Message {
                receives: 0,
                visible: now,
                ..message
            });
        }
        if task.waiting.is_empty() {
            task.state = State::Completed;
        }
        if task.state == State::Failed {
            let source = queues.get_mut(name_of(&task.source));
            give_back(&mut task.waiting, source);
        }
    }
}

/// Returns the messages that a task has not moved to their source queue.
fn give_back(waiting: &mut VecDeque<Message>, source: Option<&mut Queue>) {
    if let Some(source) = source {
        source.messages.extend(waiting.drain(..));
    }
}

impl Task {
    /// How many messages are due to have been moved at a time.
    fn due(&self, now: f64) -> u64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most 500 a second, and more than nothing"
        )]
        self.rate.map_or(self.found, |rate| {
            (((now - self.started).max(0.0) * rate as f64) as u64).min(self.found)
        })
    }
}

fn start(call: &Call<'_>, input: &Input) -> Answer {
    let given = text(input, "SourceArn").ok_or_else(|| missing("SourceArn"))?;
    let store = call.world.regional::<Store>(call.account(), call.region);
    let mut store = lock(&store);
    advance(&mut store, call.now);
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
    let destination = text(input, "DestinationArn");
    if let Some(arn) = destination {
        queue_of(call, &store, arn, "DestinationArn")?;
    }
    let is_running = |task: &Task| task.state == State::Running && task.source == given;
    if store.tasks.iter().any(is_running) {
        return Err(invalid(
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
        ));
    }
    let messages = store
        .queues
        .get_mut(&source.resource)
        .map(|queue| std::mem::take(&mut queue.messages))
        .unwrap_or_default();
    store.tasks.push(Task {
        id: call.request_id.to_owned(),
        source: given.to_owned(),
        destination: destination.map(str::to_owned),
        rate: input
            .get("MaxNumberOfMessagesPerSecond")
            .and_then(Value::as_u64),
        started: call.now,
        found: messages.len() as u64,
        moved: 0,
        waiting: messages.into(),
        state: State::Running,
    });
    advance(&mut store, call.now);
    store.modified = true;
    Ok(json!({"TaskHandle": handle(call.request_id, given)}))
}

fn handle(id: &str, source: &str) -> String {
    STANDARD.encode(json!({"taskId": id, "sourceArn": source}).to_string())
}

/// A task as in lists; only a running task has a handle.
fn shown(task: &Task) -> Value {
    let running = task.state == State::Running;
    json!({
        "TaskHandle": running.then(|| handle(&task.id, &task.source)),
        "Status": task.state.as_str(),
        "SourceArn": task.source,
        "DestinationArn": task.destination,
        "MaxNumberOfMessagesPerSecond": task.rate,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.found,
        "FailureReason": (task.state == State::Failed).then_some("AWS.SimpleQueueService.NonExistentQueue"),
        "StartedTimestamp": milliseconds(task.started).parse::<u64>().unwrap_or(0),
    })
}

/// The newest tasks of a queue.
fn list(call: &Call<'_>, input: &Input) -> Answer {
    let given = text(input, "SourceArn").ok_or_else(|| missing("SourceArn"))?;
    let most = input.get("MaxResults").and_then(Value::as_u64).unwrap_or(1);
    let store = call.world.regional::<Store>(call.account(), call.region);
    let mut store = lock(&store);
    advance(&mut store, call.now);
    queue_of(call, &store, given, "SourceArn")?;
    let most = usize::try_from(most.clamp(1, 10)).unwrap_or(1);
    let of_source = store.tasks.iter().rev().filter(|task| task.source == given);
    let listed: Vec<Value> = of_source.take(most).map(shown).collect();
    Ok(json!({"Results": listed}))
}

fn cancel(call: &Call<'_>, input: &Input) -> Answer {
    let broken = || invalid("Value for parameter TaskHandle is invalid.");
    let given = text(input, "TaskHandle").ok_or_else(|| missing("TaskHandle"))?;
    let decoded = STANDARD.decode(given).map_err(|_| broken())?;
    let named: Value = serde_json::from_slice(&decoded).map_err(|_| broken())?;
    let source = named["sourceArn"].as_str().ok_or_else(broken)?;
    let store = call.world.regional::<Store>(call.account(), call.region);
    let mut store = lock(&store);
    queue_of(call, &store, source, "SourceArn")?;
    advance(&mut store, call.now);
    let Store { queues, tasks, .. } = &mut *store;
    let task = tasks
        .iter_mut()
        .find(|task| named["taskId"] == task.id.as_str())
        .ok_or_else(|| {
            AwsError::new("ResourceNotFoundException", "Task does not exist.").status(404)
        })?;
    if task.state != State::Running {
        // AWS's text is not known.
        return Err(invalid("Only active tasks can be cancelled."));
    }
    task.state = State::Cancelled;
    give_back(&mut task.waiting, queues.get_mut(name_of(source)));
    let moved = task.moved;
    store.modified = true;
    Ok(json!({"ApproximateNumberOfMessagesMoved": moved}))
}
