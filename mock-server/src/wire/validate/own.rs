//! Services with their own validation messages, or with requirements beyond their model.

use serde_json::{Map, Value, json};

use super::{Broken, Constraint};
use crate::call::AwsError;
use crate::model::Protocol;

/// The error of a request that violates `count` constraints of the model; `broken` are those that
/// are reported.
pub(super) fn refusal(
    service_name: &str,
    protocol: Protocol,
    count: usize,
    broken: &[Broken],
) -> AwsError {
    match (service_name, broken) {
        ("organizations", [first, ..]) => organizations(first.constraint),
        _ => {
            let errors = if count == 1 { "error" } else { "errors" };
            let messages: Vec<&str> = broken.iter().map(|it| it.message.as_str()).collect();
            let message = format!(
                "{count} validation {errors} detected: {}",
                messages.join("; ")
            );
            let code = if protocol.is_query() {
                "ValidationError"
            } else {
                "ValidationException"
            };
            let error = AwsError::new(code, message).status(400);
            if service_name == "account" {
                with_fields(error, broken)
            } else {
                error
            }
        }
    }
}

/// Organizations has a separate reason and message for each kind of constraint, which name neither
/// member nor value.
///
/// Source: "InvalidInputException" in the Organizations API reference; the messages for patterns
/// and enums were reported in this form.
fn organizations(constraint: Constraint) -> AwsError {
    let (reason, message) = match constraint {
        Constraint::Required => (
            "INPUT_REQUIRED",
            "You must include a value for all required parameters.",
        ),
        Constraint::Enum => ("INVALID_ENUM", "You specified an invalid value."),
        Constraint::Pattern => (
            "INVALID_PATTERN",
            "You provided a value that does not match the required pattern.",
        ),
        Constraint::Longest => (
            "MAX_LENGTH_EXCEEDED",
            "You provided a string parameter that is longer than allowed.",
        ),
        Constraint::Shortest => (
            "MIN_LENGTH_EXCEEDED",
            "You provided a string parameter that is shorter than allowed.",
        ),
        Constraint::Greatest => (
            "MAX_VALUE_EXCEEDED",
            "You provided a numeric parameter that has a larger value than allowed.",
        ),
        Constraint::Smallest => (
            "MIN_VALUE_EXCEEDED",
            "You provided a numeric parameter that has a smaller value than allowed.",
        ),
        Constraint::Inside => (
            "INVALID_LIST_MEMBER",
            "You provided a list to a parameter that contains at least one invalid value.",
        ),
    };
    AwsError::new("InvalidInputException", message)
        .status(400)
        .member("Reason", reason)
}

/// Adds the invalid fields, as Account Management does.
fn with_fields(error: AwsError, broken: &[Broken]) -> AwsError {
    let fields: Vec<Value> = broken
        .iter()
        .map(|it| json!({"name": it.place, "message": it.message}))
        .collect();
    error
        .member("reason", "fieldValidationFailed")
        .member("fieldList", fields)
}

/// The shape whose enum is not checked for an operation, because the service has its own error for
/// it.
pub(super) fn unchecked(service_name: &str, operation: &str) -> Option<&'static str> {
    (service_name == "lambda" && is_configuration(operation)).then_some("Runtime")
}

fn is_configuration(operation: &str) -> bool {
    matches!(operation, "CreateFunction" | "UpdateFunctionConfiguration")
}

/// The maximum size of a request with a function's code, in bytes. Recorded from AWS; the other
/// operations are limited by their shapes.
const LARGEST_CODE_REQUEST: usize = 70_167_211;

/// Checks the size of a request before it is parsed.
///
/// # Errors
/// If the request is larger than the service accepts.
pub(crate) fn check_size(
    service_name: &str,
    operation: &str,
    bytes: usize,
) -> Result<(), AwsError> {
    let brings_code = matches!(
        operation,
        "CreateFunction" | "UpdateFunctionCode" | "PublishLayerVersion"
    );
    if service_name != "lambda" || !brings_code || bytes <= LARGEST_CODE_REQUEST {
        return Ok(());
    }
    let message = format!(
        "Request must be smaller than {LARGEST_CODE_REQUEST} bytes for the {operation} operation"
    );
    Err(AwsError::new("RequestEntityTooLargeException", message).status(413))
}

/// Lambda's limits for an ordinary function, by shape; the model has the higher limits of functions
/// on capacity providers. Source: "Lambda quotas".
const ORDINARY: [(&str, f64); 3] = [
    ("Timeout", 900.0),
    ("MemorySize", 10_240.0),
    ("EphemeralStorageSize", 10_240.0),
];

/// Whether an input is for an ordinary function, as far as the input shows.
pub(super) fn is_ordinary(service_name: &str, operation: &str, input: &Map<String, Value>) -> bool {
    service_name == "lambda"
        && is_configuration(operation)
        && !input.contains_key("CapacityProviderConfig")
}

/// The maximum value of a shape in an input for an ordinary function, if it differs from the
/// model's.
pub(super) fn greatest_of_ordinary(shape: &str) -> Option<f64> {
    ORDINARY
        .iter()
        .find(|(name, _)| *name == shape)
        .map(|(_, most)| *most)
}
