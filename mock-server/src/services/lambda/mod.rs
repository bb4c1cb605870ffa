//! Lambda: functions with their versions, aliases, policies, URLs and settings; layers; code signing; mappings.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use crate::call::{Answer, AwsError, Call, Handler, Input};

mod aliases;
mod code_signing;
mod event_invoke;
pub(crate) mod execution_role;
mod functions;
mod invoke;
mod layers;
mod mappings;
mod policy;
mod scaling;
mod settings;
pub mod store;
mod urls;

pub(crate) use functions::{VPC_ID, role_of};
use store::{Function, Store};

/// Finds an operation's handler.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
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
    call.world.lambda(call.account(), call.region)
}

fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn arn(call: &Call<'_>, kind: &str, name: &str) -> String {
    format!("arn:{}:lambda:{}:{}:{kind}:{name}", call.partition(), call.region, call.account())
}

/// A function's name as callers may write it: the name, a part of the ARN, or the ARN; each with a qualifier or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written<'a> {
    pub(crate) region: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
    pub(crate) name: &'a str,
    pub(crate) qualifier: Option<&'a str>,
}

impl<'a> Written<'a> {
    pub(crate) fn read(given: &'a str) -> Self {
        let parts: Vec<&str> = given.split(':').collect();
        let (region, account, rest) = match parts.as_slice() {
            ["arn", _, "lambda", region, account, "function", rest @ ..] => (Some(*region), Some(*account), rest),
            [account, "function", rest @ ..] => (None, Some(*account), rest),
            ["function", rest @ ..] => (None, None, rest),
            rest => (None, None, rest),
        };
        // What follows the name is one qualifier; a colon in it makes it one that nothing has.
        let rest = given.len() - rest.iter().map(|part| part.len() + 1).sum::<usize>().saturating_sub(1);
        let (name, qualifier) = given[rest..].split_once(':').map_or((&given[rest..], None), |(name, qualifier)| (name, Some(qualifier)));
        Self { region, account, name, qualifier }
    }
}

/// The function that a call names: by name, by a part of its ARN, or by its ARN; with a qualifier in it or beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    name: String,
    qualifier: Option<String>,
}

impl Target {
    fn of(call: &Call<'_>, input: &Input) -> Result<Self, AwsError> {
        let given = text(input, "FunctionName").unwrap_or_default();
        let beside = text(input, "Qualifier").map(str::to_owned);
        let written = Written::read(given);
        if written.account.is_some_and(|account| account != call.account()) || written.region.is_some_and(|region| region != call.region) {
            return Err(not_found(given));
        }
        let (name, within) = (written.name, written.qualifier.map(str::to_owned));
        if let (Some(within), Some(beside)) = (&within, &beside)
            && within != beside
        {
            return Err(AwsError::new(
                "InvalidParameterValueException",
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        Ok(Self { name: name.to_owned(), qualifier: within.or(beside) })
    }

    /// The ARN, with the qualifier if there is one.
    fn arn(&self, call: &Call<'_>) -> String {
        let arn = arn(call, "function", &self.name);
        self.qualifier.as_ref().map_or_else(|| arn.clone(), |qualifier| format!("{arn}:{qualifier}"))
    }

    /// The qualifier for things that the function itself has without one.
    fn plain_qualifier(&self) -> &str {
        self.qualifier.as_deref().filter(|qualifier| *qualifier != "$LATEST").unwrap_or("")
    }

    fn function<'a>(&self, call: &Call<'_>, store: &'a Store) -> Result<&'a Function, AwsError> {
        let function = store.functions.get(&self.name).ok_or_else(|| not_found(&self.arn(call)))?;
        if self.plain_qualifier().is_empty() || has_qualifier(function, self.plain_qualifier()) {
            Ok(function)
        } else {
            Err(not_found(&self.arn(call)))
        }
    }

    fn function_mut<'a>(&self, call: &Call<'_>, store: &'a mut Store) -> Result<&'a mut Function, AwsError> {
        self.function(call, store)?;
        store.modified = true;
        store.functions.get_mut(&self.name).ok_or_else(|| not_found(&self.arn(call)))
    }
}

fn has_qualifier(function: &Function, qualifier: &str) -> bool {
    function.aliases.contains_key(qualifier)
        || function.versions.iter().any(|version| version.get("Version").and_then(Value::as_str) == Some(qualifier))
}

fn not_found(arn: &str) -> AwsError {
    AwsError::new("ResourceNotFoundException", format!("Function not found: {arn}")).member("Type", "User")
}

fn absent() -> AwsError {
    AwsError::new("ResourceNotFoundException", "The resource you requested does not exist.").member("Type", "User")
}

fn conflict(message: String) -> AwsError {
    AwsError::new("ResourceConflictException", message).member("Type", "User")
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValueException", message.into()).member("Type", "User")
}

/// An id that is another one for every call.
fn unique(call: &Call<'_>) -> String {
    call.request_id.to_owned()
}

/// The time of the call, as Lambda writes times: `2026-11-24T12:00:00.000+0000`.
fn timestamp(call: &Call<'_>) -> String {
    crate::wire::iso8601(call.now).replace('Z', ".000+0000")
}

/// A page of a list: at most `most` of the items after the marker, which is the last item's key.
fn page<T>(input: &Input, most: usize, items: impl Iterator<Item = (String, T)>) -> (Vec<T>, Option<String>) {
    let marker = text(input, "Marker").and_then(decode_marker);
    let asked = input.get("MaxItems").and_then(Value::as_u64).and_then(|it| usize::try_from(it).ok()).unwrap_or(most);
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
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(marker).ok().and_then(|bytes| String::from_utf8(bytes).ok())
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

#[cfg(test)]
mod tests {
    use super::Written;

    #[test]
    fn functions_are_named_in_all_forms_that_lambda_takes() {
        let (region, account) = (Some("eu-west-1"), Some("111122223333"));
        for (given, region, account, name, qualifier) in [
            ("orders", None, None, "orders", None),
            ("orders:live", None, None, "orders", Some("live")),
            ("function:orders", None, None, "orders", None),
            ("111122223333:function:orders:7", None, account, "orders", Some("7")),
            ("arn:aws:lambda:eu-west-1:111122223333:function:orders", region, account, "orders", None),
            ("arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST", region, account, "orders", Some("$LATEST")),
            ("orders:a:b", None, None, "orders", Some("a:b")),
            ("", None, None, "", None),
        ] {
            assert_eq!(Written::read(given), Written { region, account, name, qualifier }, "{given}");
        }
    }
}
