//! IAM: roles and policies. Users and groups are not kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::call::{AwsError, Call, Handler, Input};

mod account;
mod details;
mod documents;
pub(crate) mod managed;
mod policies;
mod policy_versions;
mod role_policies;
mod roles;
mod service_linked;
mod simulate;
pub mod store;
mod tags;

pub(crate) use service_linked::service_linked_name;
use store::Store;

/// Finds an operation's handler.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
    let parts = [
        roles::handler,
        role_policies::handler,
        service_linked::handler,
        policies::handler,
        policy_versions::handler,
        tags::handler,
        details::handler,
        account::handler,
        simulate::handler,
    ];
    parts.iter().find_map(|handler| handler(operation))
}

/// Documents come back percent-encoded as RFC 3986 has it.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

fn store(call: &Call<'_>) -> Arc<Mutex<Store>> {
    call.world.iam(call.account())
}

fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text<'a>(input: &'a Input, name: &str) -> &'a str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn no_entity(message: String) -> AwsError {
    AwsError::new("NoSuchEntityException", message)
}

/// A page of a list. The marker is where the next page begins.
fn page(input: &Input, name: &str, items: impl Iterator<Item = Value>) -> Value {
    let most = input
        .get("MaxItems")
        .and_then(Value::as_u64)
        .and_then(|it| usize::try_from(it).ok())
        .unwrap_or(100)
        .clamp(1, 1000);
    let begin = text(input, "Marker")
        .strip_prefix("page-")
        .and_then(|at| at.parse::<usize>().ok())
        .unwrap_or(0);
    let mut items: Vec<Value> = items.skip(begin).take(most + 1).collect();
    let more = items.len() > most;
    items.truncate(most);
    json!({name: items, "IsTruncated": more, "Marker": more.then(|| format!("page-{}", begin + most))})
}
