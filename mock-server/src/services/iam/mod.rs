//! IAM: roles and policies. Users and groups are not implemented.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lambdasweep_model::Arn;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::pages::Page;
use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::permission::Existing;
use crate::shelf::Kind;
use crate::spec::{Quota, Spec};
use crate::world::World;

mod account;
mod details;
mod documents;
pub(crate) mod managed;
mod needs;
mod policies;
mod policy_versions;
mod role_policies;
mod roles;
mod service_linked;
mod simulate;
pub mod store;
mod tags;

pub(crate) use documents::meaning;
pub(crate) use service_linked::service_linked_name;
use store::Store;

/// IAM. AWS publishes no figures for its quotas: these are an estimate.
pub(crate) const SERVICE: Spec = Spec {
    signs_as: &["iam"],
    prefix: "iam",
    handler,
    stores: &[Kind::store::<Store>()],
    regional: false,
    quotas: &[Quota::global(&[], 20.0, 20.0)],
    throttled: || AwsError::new("Throttling", "Rate exceeded").status(400),
    needs: needs::NEEDS,
    denied: ("AccessDenied", 403),
    token_invalid: ("InvalidClientTokenId", 403),
    resource: existing,
    ..Spec::DEFAULT
};

/// A role, by its ARN including the path.
fn existing(world: &World, arn: &Arn) -> Option<Existing> {
    let store = world.global::<Store>(&arn.account);
    let store = lock(&store);
    let role = store.role(arn)?;
    Some(Existing {
        tags: role.tags.clone(),
        policy: Some(role.trust.clone()),
    })
}

/// Finds an operation's handler.
fn handler(operation: &str) -> Option<Handler> {
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

/// Policy documents are returned percent-encoded as in RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

fn store(call: &Call<'_>) -> Arc<Mutex<Store>> {
    call.world.global::<Store>(call.account())
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

/// A page of a list. Source of the text: moto's tests.
fn page(input: &Input, name: &str, items: impl Iterator<Item = Value>) -> Answer {
    let page = Page::of(
        input.get("Marker").and_then(Value::as_str),
        input.get("MaxItems"),
        100,
        1_000,
    );
    let page =
        page.ok_or_else(|| AwsError::new("ValidationError", "Invalid Marker.").status(400))?;
    let (items, next) = page.of_items(items);
    Ok(json!({name: items, "IsTruncated": next.is_some(), "Marker": next}))
}
