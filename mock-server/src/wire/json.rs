//! JSON bodies: members are renamed between the model's names and those on the wire, and nothing
//! else changes.

use serde_json::{Map, Value};

use crate::model::{Member, Service, Shape, Type};

/// Takes a JSON value in, by its shape. Members that the shape does not have are passed over, as
/// AWS does.
pub(crate) fn take(service: &Service, shape: &Shape, value: Value) -> Value {
    match (shape.kind, value) {
        (Type::Structure, Value::Object(mut given)) => {
            let mut taken = Map::new();
            for (name, member) in shape
                .members
                .iter()
                .filter(|(_, member)| member.location.is_none())
            {
                if let Some(value) = given
                    .remove(wire_name(name, member))
                    .filter(|value| !value.is_null())
                {
                    taken.insert(name.clone(), take(service, service.of(member), value));
                }
            }
            Value::Object(taken)
        }
        (Type::List, Value::Array(values)) => match &shape.member {
            Some(member) => Value::Array(
                values
                    .into_iter()
                    .map(|value| take(service, service.of(member), value))
                    .collect(),
            ),
            None => Value::Array(values),
        },
        (Type::Map, Value::Object(values)) => match &shape.value {
            Some(member) => Value::Object(
                values
                    .into_iter()
                    .map(|(key, value)| (key, take(service, service.of(member), value)))
                    .collect(),
            ),
            None => Value::Object(values),
        },
        // `128.0` is a whole number.
        (Type::Integer | Type::Long, Value::Number(number)) => {
            whole(&number).map_or(Value::Number(number), Value::from)
        }
        (_, value) => value,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "below 2^53, and without a fraction"
)]
fn whole(number: &serde_json::Number) -> Option<i64> {
    number
        .as_f64()
        .filter(|value| number.is_f64() && value.fract() == 0.0 && value.abs() < 9.0e15)
        .map(|value| value as i64)
}

/// Writes a value out, by its shape.
pub(crate) fn write(out: &mut Vec<u8>, service: &Service, shape: &Shape, value: &Value) {
    match (shape.kind, value) {
        (Type::Structure, Value::Object(given)) => {
            out.push(b'{');
            let mut first = true;
            for (name, member) in shape
                .members
                .iter()
                .filter(|(_, member)| member.location.is_none())
            {
                let Some(value) = given.get(name).filter(|value| !value.is_null()) else {
                    continue;
                };
                if !std::mem::take(&mut first) {
                    out.push(b',');
                }
                plain(out, &wire_name(name, member));
                out.push(b':');
                write(out, service, service.of(member), value);
            }
            out.push(b'}');
        }
        (Type::List, Value::Array(values)) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                match &shape.member {
                    Some(member) => write(out, service, service.of(member), value),
                    None => plain(out, value),
                }
            }
            out.push(b']');
        }
        (Type::Map, Value::Object(values)) => {
            out.push(b'{');
            for (at, (key, value)) in values.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                plain(out, key);
                out.push(b':');
                match &shape.value {
                    Some(member) => write(out, service, service.of(member), value),
                    None => plain(out, value),
                }
            }
            out.push(b'}');
        }
        (_, value) => plain(out, value),
    }
}

fn plain<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // Writing into memory does not fail.
    let _ = serde_json::to_writer(out, value);
}

fn wire_name<'a>(name: &'a str, member: &'a Member) -> &'a str {
    member.location_name.as_deref().unwrap_or(name)
}
