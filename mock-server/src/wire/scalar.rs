//! Scalars as text in forms, URLs, headers and XML.

use serde_json::Value;

use crate::model::{Field, TimestampFormat, Type};
use crate::wire::time;

/// A scalar from its text; a text that is not of the type stays a string, which validation rejects.
/// Timestamps are in the model's format, else in the given one.
pub(crate) fn read(field: Field<'_>, format: TimestampFormat, text: &str) -> Value {
    let read = match field.shape.kind {
        Type::Integer | Type::Long => text.parse::<i64>().ok().map(Value::from),
        Type::Float | Type::Double => finite(text).map(Value::from),
        Type::Boolean => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Timestamp => time::parse(field.timestamp_format(format), text).map(Value::from),
        _ => None,
    };
    read.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// A decimal number that JSON can represent.
fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The strings that the protocols use for the floating-point numbers that JSON does not have. The
/// mock keeps them as these strings.
pub(crate) fn is_special_float(text: &str) -> bool {
    matches!(text, "NaN" | "Infinity" | "-Infinity")
}

/// The text of a scalar. Timestamps are in the model's format, else in the given one.
pub(crate) fn write(field: Field<'_>, format: TimestampFormat, value: &Value) -> String {
    match (field.shape.kind, value) {
        (_, Value::String(text)) => text.clone(),
        (Type::Timestamp, Value::Number(number)) => {
            let seconds = number.as_f64().unwrap_or_default();
            time::format(field.timestamp_format(format), seconds)
        }
        (_, value) => value.to_string(),
    }
}
