//! Lambda: functions with their versions, aliases, policies, URLs and settings; layers; code
//! signing; mappings.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::clock::now;
use crate::shelf::Kind;
use crate::spec::{Quota, Spec};
use crate::wire::Rules;

mod aliases;
mod archive;
mod changing;
mod code_signing;
mod configuration;
mod event_invoke;
pub(crate) mod execution_role;
mod functions;
pub mod invocations;
mod invoke;
mod keys;
mod layers;
mod mappings;
mod names;
mod needs;
pub mod packages;
mod policy;
mod scaling;
mod settings;
pub mod store;
mod urls;

pub(crate) use functions::{VPC_ID, role_of};
use functions::{check_runtime, runtimes_on_offer};
use names::Target;
pub(crate) use names::Written;
pub(crate) use needs::FUNCTION;
use store::Store;

/// Lambda. Source of the quotas: "Lambda quotas".
pub(crate) const SERVICE: Spec = Spec {
    signs_as: &["lambda"],
    prefix: "lambda",
    handler,
    stores: &[
        Kind::store::<Store>(),
        Kind::part::<packages::Packages>(),
        Kind::part::<invocations::Invocations>(),
    ],
    quotas: &[
        Quota::regional(&["GetFunction"], 100.0, 100.0),
        Quota::regional(&["GetPolicy"], 15.0, 15.0),
        Quota::regional(&[], 15.0, 15.0),
    ],
    throttled,
    needs: needs::NEEDS,
    acts_for_owner: true,
    resource: keys::existing,
    rules: Rules { check, items },
    ..Spec::DEFAULT
};

/// Checks the runtime of a function: AWS has special messages for unknown ones.
fn check(operation: &str, input: &Input) -> Result<(), AwsError> {
    let is_configuration = matches!(operation, "CreateFunction" | "UpdateFunctionConfiguration");
    match text(input, "Runtime").filter(|_| is_configuration) {
        Some(runtime) => check_runtime(runtime, now()),
        None => Ok(()),
    }
}

/// The runtimes that a layer can be compatible with are those that are available.
fn items(list: &str) -> Option<Vec<&'static str>> {
    (list == "CompatibleRuntimes").then(|| runtimes_on_offer(now()))
}

fn throttled() -> AwsError {
    AwsError::new("TooManyRequestsException", "Rate exceeded")
        .status(429)
        .member("Reason", "CallerRateLimitExceeded")
        .member("Type", "User")
        .member("retryAfterSeconds", 1)
}

/// Finds an operation's handler.
fn handler(operation: &str) -> Option<Handler> {
    functions::handler(operation)
        .or_else(|| aliases::handler(operation))
        .or_else(|| policy::handler(operation))
        .or_else(|| urls::handler(operation))
        .or_else(|| event_invoke::handler(operation))
        .or_else(|| settings::handler(operation))
        .or_else(|| scaling::handler(operation))
        .or_else(|| code_signing::handler(operation))
        .or_else(|| layers::handler(operation))
        .or_else(|| mappings::handler(operation))
        .or_else(|| invoke::handler(operation))
}

/// The Lambda state that a call acts on.
fn store(call: &Call<'_>) -> Arc<Mutex<Store>> {
    call.world.regional::<Store>(call.account(), call.region)
}

fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn arn(call: &Call<'_>, kind: &str, name: &str) -> String {
    format!(
        "arn:{}:lambda:{}:{}:{kind}:{name}",
        call.partition(),
        call.region,
        call.account()
    )
}

fn not_there(message: impl Into<String>) -> AwsError {
    AwsError::new("ResourceNotFoundException", message).member("Type", "User")
}

fn not_found(arn: &str) -> AwsError {
    not_there(format!("Function not found: {arn}"))
}

fn absent() -> AwsError {
    not_there("The resource you requested does not exist.")
}

fn conflict(message: String) -> AwsError {
    AwsError::new("ResourceConflictException", message).member("Type", "User")
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValueException", message.into()).member("Type", "User")
}

/// An id that is unique to the call.
fn unique(call: &Call<'_>) -> String {
    call.request_id.to_owned()
}

/// Lambda's error for a caller that no policy of another account's function or layer allows.
fn not_let_in(call: &Call<'_>, action: &str, arn: &str) -> AwsError {
    let message = format!(
        "User: {} is not authorized to perform: lambda:{action} on resource: {arn} because no resource-based policy allows the lambda:{action} action",
        call.caller.arn
    );
    AwsError::new("AccessDeniedException", message).status(403)
}

/// The operations that return the current `RevisionId`, as the error message names them.
const OF_FUNCTION: &str = "GetFunction/GetAlias";
const OF_POLICY: &str = "GetPolicy";
const OF_LAYER_POLICY: &str = "GetLayerPolicy";

/// Rejects a request whose `RevisionId` is not the current one. `reader` is the operation that
/// returns it. Source of code and text: recorded from AWS.
fn check_revision(input: &Input, current: Option<&str>, reader: &str) -> Result<(), AwsError> {
    match text(input, "RevisionId") {
        Some(given) if Some(given) != current => {
            let message = format!(
                "The Revision Id provided does not match the latest Revision Id. Call the {reader} API to retrieve the latest Revision Id"
            );
            Err(AwsError::new("PreconditionFailedException", message).member("Type", "User"))
        }
        _ => Ok(()),
    }
}

/// The time of the call, as Lambda writes times: `2026-11-24T12:00:00.000+0000`.
fn timestamp(call: &Call<'_>) -> String {
    crate::wire::iso8601(call.now).replace('Z', ".000+0000")
}

/// A page of a list: at most `most` of the items after the marker, which is the last item's key.
fn page<T>(
    input: &Input,
    most: usize,
    items: impl Iterator<Item = (String, T)>,
) -> (Vec<T>, Option<String>) {
    let marker = text(input, "Marker").and_then(decode_marker);
    let asked = input
        .get("MaxItems")
        .and_then(Value::as_u64)
        .and_then(|it| usize::try_from(it).ok())
        .unwrap_or(most);
    let most = asked.clamp(1, most);
    let mut page = Vec::new();
    let mut last = None;
    for (key, item) in items {
        if marker.as_ref().is_some_and(|marker| key <= *marker) {
            continue;
        }
        if page.len() == most {
            return (page, last.map(|key: String| encode_marker(&key)));
        }
        last = Some(key);
        page.push(item);
    }
    (page, None)
}

fn encode_marker(key: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key)
}

fn decode_marker(marker: &str) -> Option<String> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(marker)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
}

/// Copies members that were given.
fn copy(into: &mut Map<String, Value>, input: &Input, names: &[&str]) {
    for name in names {
        if let Some(value) = input.get(*name) {
            into.insert((*name).to_owned(), value.clone());
        }
    }
}

fn nothing() -> Answer {
    Ok(json!({}))
}
