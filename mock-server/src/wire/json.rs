//! JSON bodies: only member names and timestamp formats differ on the wire.

use serde_json::{Map, Value};

use crate::model::TimestampFormat::UnixTimestamp;
use crate::model::{Field, Member, Service, Shape, Type};
use crate::wire::{scalar, time};

/// The JSON format of one service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Json<'a> {
    service: &'a Service,
    /// Whether members may be outside the body or have other names in it. This applies only to the
    /// REST protocol; in others `locationName` is the name in XML and forms.
    rest: bool,
}

impl<'a> Json<'a> {
    pub(crate) fn rest(service: &'a Service) -> Self {
        Self {
            service,
            rest: true,
        }
    }

    pub(crate) fn rpc(service: &'a Service) -> Self {
        Self {
            service,
            rest: false,
        }
    }

    /// The members of a structure that are in the body, with their names there.
    fn members(self, shape: &'a Shape) -> impl Iterator<Item = (&'a str, &'a str, &'a Member)> {
        let in_body = shape
            .members
            .iter()
            .filter(move |(_, it)| !self.rest || it.location.is_none());
        in_body.map(move |(name, member)| {
            let wire = if self.rest {
                self.service.field(member).wire_name(name)
            } else {
                name
            };
            (name.as_str(), wire, member)
        })
    }

    /// Reads a structure. Members that the shape does not have are ignored, as AWS does.
    pub(crate) fn take_structure(
        self,
        shape: &'a Shape,
        mut given: Map<String, Value>,
    ) -> Map<String, Value> {
        let mut taken = Map::new();
        for (name, wire, member) in self.members(shape) {
            if let Some(value) = given.remove(wire).filter(|value| !value.is_null()) {
                taken.insert(name.to_owned(), self.take(member, value));
            }
        }
        taken
    }

    /// Reads a JSON value, by the shape of its member.
    pub(crate) fn take(self, member: &'a Member, value: Value) -> Value {
        let field = self.service.field(member);
        let shape = field.shape;
        match (shape.kind, value) {
            (_, value) if shape.document => value,
            (Type::Structure, Value::Object(given)) => {
                Value::Object(self.take_structure(shape, given))
            }
            (Type::List, Value::Array(values)) => match &shape.member {
                Some(item) => values
                    .into_iter()
                    .map(|value| self.take(item, value))
                    .collect(),
                None => Value::Array(values),
            },
            (Type::Map, Value::Object(values)) => match &shape.value {
                Some(item) => {
                    let entries = values
                        .into_iter()
                        .map(|(key, value)| (key, self.take(item, value)));
                    Value::Object(entries.collect())
                }
                None => Value::Object(values),
            },
            (Type::Integer | Type::Long, Value::Number(number)) => {
                whole(&number).map_or(Value::Number(number), Value::from)
            }
            (Type::Timestamp, Value::String(text)) => {
                let seconds = time::parse(field.timestamp_format(UnixTimestamp), &text);
                seconds.map_or(Value::String(text), Value::from)
            }
            (_, value) => value,
        }
    }

    /// A structure in its wire format, to which members can be added.
    pub(crate) fn to_object(self, shape: &'a Shape, value: &Value) -> Map<String, Value> {
        let mut out = Vec::new();
        self.write_structure(&mut out, shape, value);
        serde_json::from_slice(&out).unwrap_or_default()
    }

    /// Writes a structure.
    pub(crate) fn write_structure(self, out: &mut Vec<u8>, shape: &'a Shape, value: &Value) {
        let present = self.members(shape).filter_map(|(name, wire, member)| {
            let value = value.get(name).filter(|value| !value.is_null())?;
            Some((wire, member, value))
        });
        write_object(out, present, |out, (wire, member, value)| {
            plain(out, wire);
            out.push(b':');
            self.write(out, self.service.field(member), value);
        });
    }

    /// Writes a value, by its shape.
    pub(crate) fn write(self, out: &mut Vec<u8>, field: Field<'a>, value: &Value) {
        let shape = field.shape;
        match (shape.kind, value) {
            (_, value) if shape.document => plain(out, value),
            (Type::Structure, Value::Object(_)) => self.write_structure(out, shape, value),
            (Type::List, Value::Array(values)) => {
                out.push(b'[');
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    self.write_item(out, shape.member.as_ref(), value);
                }
                out.push(b']');
            }
            (Type::Map, Value::Object(values)) => {
                write_object(out, values.iter(), |out, (key, value)| {
                    plain(out, key);
                    out.push(b':');
                    self.write_item(out, shape.value.as_ref(), value);
                });
            }
            (Type::Timestamp, Value::Number(_)) => match field.timestamp_format(UnixTimestamp) {
                UnixTimestamp => plain(out, value),
                format => plain(out, &scalar::write(field, format, value)),
            },
            (_, value) => plain(out, value),
        }
    }

    fn write_item(self, out: &mut Vec<u8>, member: Option<&'a Member>, value: &Value) {
        match member {
            Some(member) => self.write(out, self.service.field(member), value),
            None => plain(out, value),
        }
    }
}

/// A number without a fraction as an integer; `128.0` counts as one.
#[expect(
    clippy::cast_possible_truncation,
    reason = "below 2^53, and without a fraction"
)]
pub(super) fn whole(number: &serde_json::Number) -> Option<i64> {
    number
        .as_f64()
        .filter(|value| number.is_f64() && value.fract() == 0.0 && value.abs() < 9.0e15)
        .map(|value| value as i64)
}

fn write_object<T>(
    out: &mut Vec<u8>,
    entries: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'{');
    for (at, entry) in entries.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, entry);
    }
    out.push(b'}');
}

fn plain<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // Writing to memory cannot fail.
    let _ = serde_json::to_writer(out, value);
}
