//! SQS: queues with their attributes, policies, tags and messages.
//!
//! Intentional differences from AWS: `ReceiveMessage` never waits; a move task without a rate
//! completes at once, and one with a rate keeps the messages that it has not yet moved; a deleted
//! queue can be created again at once unless changes take time here; the total size of a queue's
//! messages is limited.
//!
//! Sources of texts: LocalStack's recordings of SQS (`tests/aws/services/sqs`), unless said
//! otherwise.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lambdasweep_model::{AccountId, Arn};
use lambdasweep_policy::{Context, Decision, Document, Request};
use serde_json::Value;

use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::permission::Existing;
use crate::services::organizations::places::caller;
use crate::shelf::Kind;
use crate::spec::{Quota, Spec};
use crate::world::World;

mod attributes;
mod batches;
mod digest;
mod messages;
mod needs;
mod permissions;
mod queues;
mod redrive;
mod seeded;
mod sending;
pub mod store;
mod tasks;

use store::{Queue, Store};

/// SQS. AWS publishes rates for messages of FIFO queues only ("Amazon SQS message quotas"): 300
/// calls a second for each operation. For the calls that manage queues there are no figures.
pub(crate) const SERVICE: Spec = Spec {
    signs_as: &["sqs"],
    prefix: "sqs",
    handler,
    stores: &[Kind::store::<Store>()],
    quotas: &[
        Quota::regional(&["SendMessage", "SendMessageBatch"], 3_000.0, 3_000.0),
        Quota::regional(&["ReceiveMessage"], 3_000.0, 3_000.0),
        Quota::regional(&["DeleteMessage", "DeleteMessageBatch"], 3_000.0, 3_000.0),
        Quota::regional(&[], 100.0, 100.0),
    ],
    throttled: || AwsError::new("RequestThrottled", "Request is throttled.").status(403),
    needs: needs::NEEDS,
    token_invalid: ("InvalidClientTokenId", 403),
    has_resource_control_policies: true,
    says_actions_in_small_letters: true,
    checks_constraints: true,
    resource: existing,
    section: Some((seeded::SECTION, seeded::problem)),
    ..Spec::DEFAULT
};

fn handler(operation: &str) -> Option<Handler> {
    queues::handler(operation)
        .or_else(|| attributes::handler(operation))
        .or_else(|| permissions::handler(operation))
        .or_else(|| messages::handler(operation))
        .or_else(|| sending::handler(operation))
        .or_else(|| batches::handler(operation))
        .or_else(|| tasks::handler(operation))
}

/// A queue, by its ARN.
fn existing(world: &World, arn: &Arn) -> Option<Existing> {
    let store = world.regional::<Store>(&arn.account, &arn.region);
    let store = lock(&store);
    let queue = store.queues.get(&arn.resource)?;
    Some(Existing {
        tags: queue.tags.clone(),
        policy: queue.attributes.get("Policy").cloned(),
    })
}

fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

/// A required string member, which must not be empty.
fn required<'a>(input: &'a Input, name: &str) -> Result<&'a str, AwsError> {
    text(input, name)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| missing(name))
}

fn missing(name: &str) -> AwsError {
    AwsError::new(
        "MissingRequiredParameterException",
        format!("The request must contain the parameter {name}."),
    )
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValueException", message)
}

/// The error for an invalid value of a parameter.
fn unfit(value: impl std::fmt::Display, parameter: &str, reason: &str) -> AwsError {
    invalid(format!(
        "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
    ))
}

fn not_there() -> AwsError {
    AwsError::new("QueueDoesNotExist", "The specified queue does not exist.")
}

fn resource_not_there(parameter: &str) -> AwsError {
    let message =
        format!("The resource that you specified for the {parameter} parameter doesn't exist.");
    AwsError::new("ResourceNotFoundException", message).status(404)
}

fn queue_arn(call: &Call<'_>, account: &str, name: &str) -> String {
    format!(
        "arn:{}:sqs:{}:{account}:{name}",
        call.partition(),
        call.region
    )
}

fn queue_url(call: &Call<'_>, account: &str, name: &str) -> String {
    format!("{}/{account}/{name}", call.base_url)
}

/// The account and name of the queue in a URL with any host: `https://…/<account>/<name>`. Without
/// an account it is the caller's.
fn address<'a>(call: &'a Call<'_>, url: &'a str) -> (&'a str, &'a str) {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let mut parts = path.trim_end_matches('/').rsplit('/');
    let name = parts.next().unwrap_or_default();
    let account = parts
        .next()
        .filter(|part| part.parse::<AccountId>().is_ok())
        .unwrap_or_else(|| call.account());
    (account, name)
}

/// Operations that no queue policy opens to other accounts. Source: "Overview of managing access in
/// Amazon SQS", Developer Guide.
const OWN_ACCOUNT_ONLY: [&str; 12] = [
    "AddPermission",
    "CancelMessageMoveTask",
    "CreateQueue",
    "DeleteQueue",
    "ListMessageMoveTasks",
    "ListQueues",
    "ListQueueTags",
    "RemovePermission",
    "SetQueueAttributes",
    "StartMessageMoveTask",
    "TagQueue",
    "UntagQueue",
];

/// The queue that a call names by its URL.
struct Target {
    store: Arc<Mutex<Store>>,
    account: String,
    name: String,
    arn: String,
}

impl Target {
    /// Resolves the queue of a call, and checks that the caller may use it.
    ///
    /// # Errors
    /// MissingParameter; AccessDenied for another account's queue whose policy does not allow the
    /// call.
    fn of(call: &Call<'_>, input: &Input) -> Result<Self, AwsError> {
        let (account, name) = address(call, required(input, "QueueUrl")?);
        let target = Self::named(call, account, name);
        if account == call.account() {
            return Ok(target);
        }
        let closed = OWN_ACCOUNT_ONLY.contains(&call.operation);
        if closed || !(call.allowed || target.lets_in(call)) {
            return Err(denied(call, &target.arn));
        }
        Ok(target)
    }

    fn named(call: &Call<'_>, account: &str, name: &str) -> Self {
        Self {
            store: call.world.regional::<Store>(account, call.region),
            account: account.to_owned(),
            name: name.to_owned(),
            arn: queue_arn(call, account, name),
        }
    }

    /// Changes the queue, and marks the store as modified.
    ///
    /// # Errors
    /// QueueDoesNotExist, and the errors of `change`.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Queue) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let mut store = lock(&self.store);
        let queue = store.queues.get_mut(&self.name).ok_or_else(not_there)?;
        let answer = change(queue)?;
        store.modified = true;
        Ok(answer)
    }

    /// Reads the queue.
    ///
    /// # Errors
    /// QueueDoesNotExist, and the errors of `look`.
    fn look<T>(&self, look: impl FnOnce(&Queue) -> Result<T, AwsError>) -> Result<T, AwsError> {
        let store = lock(&self.store);
        look(store.queues.get(&self.name).ok_or_else(not_there)?)
    }

    /// Checks that the key that encrypts the queue lets the caller use it: the policy of the AWS
    /// managed key admits only the queue's account. Customer managed keys are not enforced.
    ///
    /// Source: "Amazon SQS Key management", SQS Developer Guide.
    ///
    /// # Errors
    /// KmsAccessDenied.
    fn check_key(&self, call: &Call<'_>, queue: &Queue) -> Result<(), AwsError> {
        let key = queue.attributes.get("KmsMasterKeyId");
        if self.account != call.account() && key.is_some_and(|key| key.ends_with("alias/aws/sqs")) {
            let message = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.";
            return Err(AwsError::new("KmsAccessDenied", message));
        }
        Ok(())
    }

    /// Whether the queue's policy allows the caller to make the call.
    fn lets_in(&self, call: &Call<'_>) -> bool {
        let policy = {
            let store = lock(&self.store);
            let queue = store.queues.get(&self.name);
            queue.and_then(|queue| queue.attributes.get("Policy").cloned())
        };
        let document = policy.and_then(|policy| Document::parse(&policy).ok());
        let (Some(document), Some(principal)) = (document, caller(call)) else {
            return false;
        };
        let action = format!("sqs:{}", call.operation.trim_end_matches("Batch"));
        let request = Request {
            principal: &principal,
            action: &action,
            resource: &self.arn,
            resource_account: None,
            context: &Context::default(),
        };
        document.decide(&request) == Decision::Allowed
    }
}

fn denied(call: &Call<'_>, arn: &str) -> AwsError {
    let action = format!("sqs:{}", call.operation).to_ascii_lowercase();
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: {arn} because no resource-based policy allows the {action} action",
        call.caller.arn
    );
    AwsError::new("AccessDeniedException", message).status(403)
}

fn nothing() -> Answer {
    Ok(serde_json::json!({}))
}
