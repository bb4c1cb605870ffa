//! AWS's messages about constraints.

use serde_json::Value;

/// The values of an enum, in the order in which AWS lists them: by the last five bits of Java's
/// string hash codes.
pub(super) fn allowed(shape: &Value) -> Option<Vec<&str>> {
    let mut allowed: Vec<&str> = shape["enum"]
        .as_array()?
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    let last_bits = |value: &str| {
        value
            .bytes()
            .fold(0, |code, byte| (code * 31 + u32::from(byte)) % 32)
    };
    allowed.sort_by_key(|value| last_bits(value));
    Some(allowed)
}

/// A limit in the form of messages.
pub(super) fn written(shape: &Value, bound: f64) -> String {
    if matches!(shape["type"].as_str(), Some("float" | "double")) {
        format!("{bound:?}")
    } else {
        bound.to_string()
    }
}

/// The constraints on the items of a list or map, in the order recorded from Lambda.
pub(super) fn inside(shape: &Value) -> Vec<String> {
    if let Some(allowed) = allowed(shape) {
        return vec![format!(
            "Member must satisfy enum value set: [{}]",
            allowed.join(", ")
        )];
    }
    let of = if shape["type"] == "string" {
        "length"
    } else {
        "value"
    };
    let mut all = Vec::new();
    all.extend(shape["max"].as_f64().map(|max| {
        format!(
            "Member must have {of} less than or equal to {}",
            written(shape, max)
        )
    }));
    all.extend(shape["min"].as_f64().map(|min| {
        format!(
            "Member must have {of} greater than or equal to {}",
            written(shape, min)
        )
    }));
    all.extend(
        shape["pattern"]
            .as_str()
            .map(|pattern| format!("Member must satisfy regular expression pattern: {pattern}")),
    );
    all
}
