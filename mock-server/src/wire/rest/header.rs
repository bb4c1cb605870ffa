//! Values in headers: lists are separated by commas, timestamps are HTTP dates, JSON is encoded in
//! Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use crate::model::TimestampFormat::Rfc822;
use crate::model::{Field, Service, Type};
use crate::wire::scalar;

/// The value of a member from its header.
pub(super) fn read(service: &Service, field: Field<'_>, text: &str) -> Value {
    if field.member.jsonvalue {
        // A value that is not valid Base64 is left unchanged.
        let bytes = BASE64.decode(text).ok();
        let plain = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        return Value::String(plain.unwrap_or_else(|| text.to_owned()));
    }
    let Some(item) = &field.shape.member else {
        return scalar::read(field, Rfc822, text.trim());
    };
    let item = service.field(item);
    let is_date = item.shape.kind == Type::Timestamp && item.timestamp_format(Rfc822) == Rfc822;
    let parts = if is_date { dates(text) } else { items(text) };
    parts
        .iter()
        .map(|part| scalar::read(item, Rfc822, part))
        .collect()
}

/// The items of a list; quoted items may contain commas.
fn items(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    let (mut item, mut quoted, mut was_quoted) = (String::new(), false, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted => quoted = false,
            '"' if item.trim().is_empty() => {
                item.clear();
                (quoted, was_quoted) = (true, true);
            }
            '\\' if quoted => item.extend(chars.next()),
            ',' if !quoted => {
                let whole = std::mem::take(&mut item);
                items.push(if was_quoted {
                    whole
                } else {
                    whole.trim().to_owned()
                });
                was_quoted = false;
            }
            // Only spaces follow the closing quote.
            _ if was_quoted && !quoted => {}
            c => item.push(c),
        }
    }
    if was_quoted || !item.trim().is_empty() {
        items.push(if was_quoted {
            item
        } else {
            item.trim().to_owned()
        });
    }
    items
}

/// A list of HTTP dates, each of which contains a comma.
fn dates(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    parts.chunks(2).map(|date| date.join(", ")).collect()
}

/// The header value of a member.
pub(super) fn write(service: &Service, field: Field<'_>, value: &Value) -> String {
    match (&field.shape.member, value) {
        _ if field.member.jsonvalue => BASE64.encode(scalar::write(field, Rfc822, value)),
        (Some(item), Value::Array(values)) => {
            let item = service.field(item);
            let quote = |value: &Value| {
                let text = scalar::write(item, Rfc822, value);
                let plain = item.shape.kind == Type::Timestamp || !text.contains([',', '"']);
                if plain {
                    text
                } else {
                    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
                }
            };
            values.iter().map(quote).collect::<Vec<_>>().join(", ")
        }
        _ => scalar::write(field, Rfc822, value),
    }
}
