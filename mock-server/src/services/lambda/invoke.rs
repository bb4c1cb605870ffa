//! Invocations. No code runs here: a function answers `null`, as a handler does that returns nothing.

use base64::Engine;
use serde_json::{Value, json};

use super::functions::configuration_of;
use super::{Target, lock, store, text};
use crate::call::{Answer, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    (operation == "Invoke").then_some(invoke)
}

fn invoke(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let configuration = configuration_of(call, &target, target.function(call, &store)?);
    Ok(match text(input, "InvocationType") {
        Some("DryRun") => json!({"StatusCode": 204}),
        Some("Event") => json!({"StatusCode": 202}),
        _ => {
            let payload = base64::engine::general_purpose::STANDARD.encode("null");
            json!({"StatusCode": 200, "ExecutedVersion": configuration.get("Version").and_then(Value::as_str), "Payload": payload})
        }
    })
}
