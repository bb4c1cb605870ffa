//! Input members that several services have in the same form.

use serde_json::Value;

use crate::call::Input;

/// The strings of a list member; empty if it is absent.
pub(super) fn texts<'a>(input: &'a Input, name: &str) -> impl Iterator<Item = &'a str> {
    list(input, name).filter_map(Value::as_str)
}

/// The items of a list member; empty if it is absent.
pub(super) fn list<'a>(input: &'a Input, name: &str) -> impl Iterator<Item = &'a Value> {
    input
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The keys and values of `Tags`, where these are a list.
pub(super) fn tags(input: &Input) -> impl Iterator<Item = (&str, &str)> {
    list(input, "Tags").map(|tag| {
        (
            tag["Key"].as_str().unwrap_or_default(),
            tag["Value"].as_str().unwrap_or_default(),
        )
    })
}

/// Whether a tag's key is reserved for AWS.
pub(super) fn is_reserved(key: &str) -> bool {
    key.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

/// The values of an element of a policy document, which is one value or a list of them.
pub(super) fn one_or_more(element: &Value) -> &[Value] {
    element
        .as_array()
        .map_or_else(|| std::slice::from_ref(element), Vec::as_slice)
}
