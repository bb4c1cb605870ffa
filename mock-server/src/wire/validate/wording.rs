//! AWS's messages for invalid inputs.

use std::fmt::{self, Display, Formatter, Write};

use serde_json::Value;

use super::order;
use crate::call::AwsError;
use crate::model::{Protocol, Service, Shape, Type};
use crate::pattern::Pattern;

/// How much of a value a message shows. AWS has been observed to show 3,097 characters in full; the
/// limit prevents a large body from being repeated in its response.
const MOST_SHOWN: usize = 8_192;

/// The place of a value in an input; it is only formatted if something is wrong with the value.
pub(super) struct Place<'a> {
    pub(super) within: Option<&'a Place<'a>>,
    pub(super) step: Step<'a>,
}

pub(super) enum Step<'a> {
    Member(&'a str),
    /// An item of a list, counted from 1.
    Item(usize),
    /// A value of a map, by its key.
    Entry(&'a str),
}

impl Display for Place<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if let Some(within) = self.within {
            write!(out, "{within}.")?;
        }
        match self.step {
            Step::Member(name) => out.write_str(&lower_first(name)),
            Step::Item(at) => write!(out, "{at}.member"),
            Step::Entry(key) => write!(out, "{}.member", cut(key)),
        }
    }
}

/// `KMSKeyArn` becomes `kMSKeyArn`: AWS lowers the first letter and no other.
pub(super) fn lower_first(name: &str) -> String {
    let mut lower = name.to_owned();
    if let Some(first) = lower.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    lower
}

fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// ` 'x'` as it follows the word Value, with lists, maps and structures in Java's format; empty for
/// sensitive values.
pub(super) fn shown(service: &Service, name: &str, value: &Value) -> String {
    let mut out = String::new();
    if write_value(&mut out, service, name, value) {
        format!(" '{}'", cut(&out))
    } else {
        String::new()
    }
}

/// Writes a value as Java does; returns false if some of it is sensitive.
fn write_value(out: &mut String, service: &Service, name: &str, value: &Value) -> bool {
    let shape = service.shape(name);
    if shape.sensitive {
        return false;
    }
    let mut open = true;
    match (shape.kind, value) {
        (Type::List, Value::Array(values)) => {
            out.push('[');
            for (at, value) in values.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                open &= shape
                    .member
                    .as_ref()
                    .is_none_or(|member| write_value(out, service, &member.shape, value));
            }
            out.push(']');
        }
        (Type::Map, Value::Object(entries)) => {
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                let _ = write!(out, "{}{key}=", if at > 0 { ", " } else { "" });
                open &= shape
                    .key
                    .as_ref()
                    .is_none_or(|key| !service.shape(&key.shape).sensitive);
                open &= shape
                    .value
                    .as_ref()
                    .is_none_or(|member| write_value(out, service, &member.shape, value));
            }
            out.push('}');
        }
        (Type::Structure, Value::Object(given)) => {
            let _ = write!(out, "{name}(");
            for (at, (member_name, member)) in shape.members.iter().enumerate() {
                let _ = write!(
                    out,
                    "{}{}=",
                    if at > 0 { ", " } else { "" },
                    lower_first(member_name)
                );
                open &= write_value(
                    out,
                    service,
                    &member.shape,
                    given.get(member_name).unwrap_or(&Value::Null),
                );
            }
            out.push(')');
        }
        (_, Value::String(text)) => out.push_str(text),
        (Type::Float | Type::Double, Value::Number(number)) => {
            let _ = write!(out, "{:?}", number.as_f64().unwrap_or_default());
        }
        (_, value) => {
            let _ = write!(out, "{value}");
        }
    }
    open
}

pub(super) fn enum_set(shape: &Shape) -> String {
    enum_of(&order::listed(&shape.allowed))
}

fn enum_of(values: &[&str]) -> String {
    format!(
        "Member must satisfy enum value set: [{}]",
        values.join(", ")
    )
}

pub(super) fn pattern(pattern: &Pattern) -> String {
    format!(
        "Member must satisfy regular expression pattern: {}",
        pattern.text()
    )
}

pub(super) fn longest(max: f64) -> String {
    format!("Member must have length less than or equal to {max}")
}

pub(super) fn shortest(min: f64) -> String {
    format!("Member must have length greater than or equal to {min}")
}

pub(super) fn greatest(shape: &Shape, max: f64) -> String {
    format!(
        "Member must have value less than or equal to {}",
        bound(shape, max)
    )
}

pub(super) fn smallest(shape: &Shape, min: f64) -> String {
    format!(
        "Member must have value greater than or equal to {}",
        bound(shape, min)
    )
}

/// A limit of a number: `1.0` if the number is a decimal one, `1` otherwise.
fn bound(shape: &Shape, bound: f64) -> String {
    if shape.kind.is_decimal() {
        format!("{bound:?}")
    } else {
        bound.to_string()
    }
}

/// All constraints on the items of a list or map: AWS does not say which of them is violated, nor
/// by which item.
pub(super) fn constraints(shape: &Shape, not_null: bool) -> Vec<String> {
    let number = shape.kind.is_whole() || shape.kind.is_decimal();
    let mut all = Vec::new();
    if shape.allowed.is_empty() {
        all.extend(shape.max.map(|max| {
            if number {
                greatest(shape, max)
            } else {
                longest(max)
            }
        }));
        all.extend(shape.min.map(|min| {
            if number {
                smallest(shape, min)
            } else {
                shortest(min)
            }
        }));
        all.extend(shape.pattern.as_ref().map(pattern));
    } else {
        all.push(enum_set(shape));
    }
    if not_null {
        all.push("Member must not be null".to_owned());
    }
    all
}

/// The message for invalid items of a list. For the runtimes of a layer, Lambda lists the allowed
/// ones (`allowed`) without the text around them. Recorded from AWS.
pub(super) fn of_items(allowed: Option<Vec<&str>>, item: &Shape, not_null: bool) -> String {
    if let Some(allowed) = allowed {
        return enum_of(&allowed);
    }
    format!(
        "Member must satisfy constraint: [{}]",
        constraints(item, not_null).join(", ")
    )
}

/// Whether the listed constraints of items include that none may be null: those of Lambda do,
/// except for its oldest lists.
pub(super) fn items_not_null(service: &str, list: &str) -> bool {
    service == "lambda"
        && !matches!(
            list,
            "SubnetIds" | "SecurityGroupIds" | "EnvironmentVariables"
        )
}

/// What is wrong with a value of the wrong type.
///
/// The messages were observed at Athena, SES and SQS, which parse their requests with the same
/// library.
pub(super) fn not_of_type(kind: Type, value: &Value) -> String {
    let token = match value {
        Value::Array(_) if kind != Type::List => {
            return "Start of list found where not expected".to_owned();
        }
        Value::Object(_) if !matches!(kind, Type::Structure | Type::Map) => {
            return "Start of structure or map found where not expected.".to_owned();
        }
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        _ => "STRING_VALUE",
    };
    let wanted = match kind {
        Type::List => return "Expected list or null".to_owned(),
        Type::Structure | Type::Map => return "Expected null".to_owned(),
        Type::String | Type::Character => "a String",
        Type::Integer => "an Integer",
        Type::Long => "a Long",
        Type::Float => "a Float",
        Type::Double => "a Double",
        Type::Boolean => "a Boolean",
        Type::Blob => "a Blob",
        Type::Timestamp => "a Timestamp",
    };
    format!("{token} can not be converted to {wanted}")
}

/// The error of a request with a value of the wrong type.
pub(super) fn mistyped(protocol: Protocol, problem: String) -> AwsError {
    let code = if protocol.is_query() {
        "MalformedInput"
    } else {
        "SerializationException"
    };
    AwsError::new(code, problem).status(400)
}
