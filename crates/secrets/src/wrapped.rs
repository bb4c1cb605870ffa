//! Looks one level into values that wrap others: JSON and base64.

use serde_json::Value;

use crate::Secret;

/// How many texts of a JSON value are looked at.
const MOST_TEXTS: usize = 256;

/// The surest secret inside a value.
pub(crate) fn detect(name: &str, value: &str) -> Option<Secret> {
    let value = value.trim();
    in_json(name, value).or_else(|| in_base64(name, value))
}

fn in_json(name: &str, value: &str) -> Option<Secret> {
    if !value.starts_with(['{', '[', '"']) {
        return None;
    }
    let value: Value = serde_json::from_str(value).ok()?;
    let mut best = None;
    let mut open = vec![(name, &value)];
    let mut looked_at = 0;
    while let Some((name, value)) = open.pop() {
        match value {
            Value::String(text) => {
                looked_at += 1;
                best = surer(best, crate::plain(name, text));
            }
            Value::Array(values) => open.extend(values.iter().map(|value| (name, value))),
            Value::Object(fields) => open.extend(fields.iter().map(|(name, value)| (name.as_str(), value))),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        if looked_at == MOST_TEXTS {
            break;
        }
    }
    best
}

fn in_base64(name: &str, value: &str) -> Option<Secret> {
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    // PEM is often wrapped with its line breaks.
    let joined: String = if value.contains('\n') { value.split_ascii_whitespace().collect() } else { value.to_owned() };
    if joined.len() < 16 || !joined.bytes().all(alphabet) {
        return None;
    }
    let text = String::from_utf8(crate::verify::decode(&joined)?).ok()?;
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    // What a name promises was asked of the wrapped value already; only forms, or JSON that names its own fields, tell more.
    crate::forms::best(&text).or_else(|| in_json(name, text.trim()))
}

fn surer(one: Option<Secret>, other: Option<Secret>) -> Option<Secret> {
    match (one, other) {
        (Some(one), Some(other)) if other.confidence > one.confidence => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}
