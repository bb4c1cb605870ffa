//! Checks an input against the model: required members, types, enums, lengths, ranges.

use serde_json::{Map, Value};

use crate::call::AwsError;
use crate::model::{Operation, Protocol, Service, Shape, Type};

/// Checks an input; what is wrong comes back in the words and with the code that AWS has for it.
pub(crate) fn validate(service_name: &str, service: &Service, operation: &Operation, input: &Map<String, Value>) -> Result<(), AwsError> {
    let Some(body) = &operation.input else { return Ok(()) };
    let mut problems = Vec::new();
    structure(&mut problems, service, service.shape(&body.shape), input, "");
    if problems.is_empty() {
        return Ok(());
    }
    let errors = if problems.len() == 1 { "error" } else { "errors" };
    let message = format!("{} validation {errors} detected: {}", problems.len(), problems.join("; "));
    let code = match (service_name, service.metadata.protocol) {
        ("organizations", _) => "InvalidInputException",
        (_, Protocol::Query) => "ValidationError",
        _ => "ValidationException",
    };
    Err(AwsError::new(code, message).status(400))
}

fn structure(problems: &mut Vec<String>, service: &Service, shape: &Shape, given: &Map<String, Value>, path: &str) {
    let place = |name: &str| {
        let mut lower = name.to_owned();
        if let Some(first) = lower.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        if path.is_empty() { lower } else { format!("{path}.{lower}") }
    };
    for (name, member) in &shape.members {
        match given.get(name) {
            None if shape.required.contains(name) => {
                problems.push(format!("Value null at '{}' failed to satisfy constraint: Member must not be null", place(name)));
            }
            None => {}
            Some(value) => check(problems, service, service.shape(&member.shape), value, &place(name)),
        }
    }
}

fn check(problems: &mut Vec<String>, service: &Service, shape: &Shape, value: &Value, path: &str) {
    // Validation stops being of use long before this.
    if problems.len() >= 10 {
        return;
    }
    let mut wrong = |shown: &str, constraint: String| {
        let shown: String = shown.chars().take(1_000).collect();
        problems.push(format!("Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"));
    };
    match (shape.kind, value) {
        (Type::Structure, Value::Object(given)) => structure(problems, service, shape, given, path),
        (Type::List, Value::Array(values)) => {
            length(&mut wrong, shape, values.len(), "[…]");
            if let Some(member) = &shape.member {
                for (at, value) in values.iter().enumerate() {
                    check(problems, service, service.shape(&member.shape), value, &format!("{path}.{}.member", at + 1));
                }
            }
        }
        (Type::Map, Value::Object(values)) => {
            length(&mut wrong, shape, values.len(), "{…}");
            if let Some(member) = &shape.value {
                for (key, value) in values {
                    check(problems, service, service.shape(&member.shape), value, &format!("{path}.{key}.member"));
                }
            }
        }
        (Type::String | Type::Character, Value::String(text)) => {
            if !shape.allowed.is_empty() && !shape.allowed.contains(text) {
                wrong(text, format!("Member must satisfy enum value set: [{}]", shape.allowed.join(", ")));
            } else {
                length(&mut wrong, shape, text.chars().count(), text);
                pattern(&mut wrong, shape, text);
            }
        }
        (Type::Integer | Type::Long | Type::Float | Type::Double, Value::Number(number)) => {
            let number = number.as_f64().unwrap_or(0.0);
            if let Some(min) = shape.min.filter(|min| number < *min) {
                wrong(&value.to_string(), format!("Member must have value greater than or equal to {min}"));
            }
            if let Some(max) = shape.max.filter(|max| number > *max) {
                wrong(&value.to_string(), format!("Member must have value less than or equal to {max}"));
            }
        }
        (Type::Boolean, Value::Bool(_)) | (Type::Blob, Value::String(_)) | (Type::Timestamp, Value::Number(_) | Value::String(_)) => {}
        (kind, value) => wrong(&value.to_string(), format!("Member must be of type {kind:?}")),
    }
}

#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
fn length(wrong: &mut impl FnMut(&str, String), shape: &Shape, length: usize, shown: &str) {
    if let Some(min) = shape.min.filter(|min| (length as f64) < *min) {
        wrong(shown, format!("Member must have length greater than or equal to {min}"));
    }
    if let Some(max) = shape.max.filter(|max| (length as f64) > *max) {
        wrong(shown, format!("Member must have length less than or equal to {max}"));
    }
}

/// Patterns are checked where they are a plain character class, which most of those that matter are; AWS writes them for Java.
fn pattern(wrong: &mut impl FnMut(&str, String), shape: &Shape, text: &str) {
    let Some(pattern) = &shape.pattern else { return };
    let fits = match pattern.trim_start_matches('^').trim_end_matches('$') {
        r"\d{12}" | r"[0-9]{12}" => text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
        r"[\w+=,.@-]+" | r"[\w+=,.@-]*" => text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)),
        r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+" => is_role_arn(text),
        _ => true,
    };
    if !fits {
        wrong(text, format!("Member must satisfy regular expression pattern: {pattern}"));
    }
}

/// Whether a text has the form that Lambda asks of a role's ARN.
fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, role] = parts[..] else { return false };
    let is_partition = |rest: &str| rest.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    let is_path = |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@-_/".contains(c));
    (partition.is_empty() || partition.strip_prefix("aws").is_some_and(is_partition))
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && role.strip_prefix("role").is_some_and(is_path)
}
