//! XML answers, by shape. Text by strangers is escaped, and what XML cannot carry is replaced.

use serde_json::Value;

use crate::model::{Service, Shape, Type};
use crate::wire::time::iso8601;

/// Writes a value as an element.
pub(crate) fn element(
    out: &mut String,
    service: &Service,
    name: &str,
    shape: &Shape,
    value: &Value,
) {
    match (shape.kind, value) {
        (_, Value::Null) => {}
        (Type::List, Value::Array(values)) => {
            let Some(member) = &shape.member else { return };
            let inner = service.of(member);
            if shape.flattened {
                for value in values {
                    element(
                        out,
                        service,
                        member.location_name.as_deref().unwrap_or(name),
                        inner,
                        value,
                    );
                }
            } else {
                open(out, name);
                for value in values {
                    element(
                        out,
                        service,
                        member.location_name.as_deref().unwrap_or("member"),
                        inner,
                        value,
                    );
                }
                close(out, name);
            }
        }
        (Type::Map, Value::Object(entries)) => {
            let (Some(key), Some(member)) = (&shape.key, &shape.value) else {
                return;
            };
            open(out, name);
            for (entry, value) in entries {
                open(out, "entry");
                text_element(out, key.location_name.as_deref().unwrap_or("key"), entry);
                element(
                    out,
                    service,
                    member.location_name.as_deref().unwrap_or("value"),
                    service.of(member),
                    value,
                );
                close(out, "entry");
            }
            close(out, name);
        }
        (Type::Structure, value) => {
            open(out, name);
            members(out, service, shape, value);
            close(out, name);
        }
        (Type::Timestamp, value) => {
            text_element(out, name, &value.as_f64().map_or_else(String::new, iso8601))
        }
        (_, Value::String(text)) => text_element(out, name, text),
        (_, value) => text_element(out, name, &value.to_string()),
    }
}

/// Writes the members of a structure.
pub(crate) fn members(out: &mut String, service: &Service, shape: &Shape, value: &Value) {
    for (name, member) in &shape.members {
        if let Some(value) = value.get(name).filter(|value| !value.is_null()) {
            element(
                out,
                service,
                member.location_name.as_deref().unwrap_or(name),
                service.of(member),
                value,
            );
        }
    }
}

pub(crate) fn text_element(out: &mut String, name: &str, text: &str) {
    open(out, name);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    close(out, name);
}

fn open(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}
