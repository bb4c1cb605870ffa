//! Services with their own validation messages, or with requirements beyond their model.

use serde_json::{Map, Value, json};

use super::{Broken, Constraint};
use crate::call::AwsError;
use crate::model::Protocol;

/// The error of a request that violates this many constraints of the model; those that are reported
/// come with it.
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

/// Organizations has a reason of its own for each kind, and one message for it, which names neither
/// member nor value.
///
/// Source: "InvalidInputException" in the Organizations API reference; the texts of patterns and
/// enums were reported as here.
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

/// Account Management says which fields are wrong.
fn with_fields(error: AwsError, broken: &[Broken]) -> AwsError {
    let fields: Vec<Value> = broken
        .iter()
        .map(|it| json!({"name": it.place, "message": it.message}))
        .collect();
    error
        .member("reason", "fieldValidationFailed")
        .member("fieldList", fields)
}

/// The shape whose enum an operation does not hold its input to, because it has words of its own
/// for it.
pub(super) fn unchecked(service_name: &str, operation: &str) -> Option<&'static str> {
    (service_name == "lambda" && is_configuration(operation)).then_some("Runtime")
}

fn is_configuration(operation: &str) -> bool {
    matches!(operation, "CreateFunction" | "UpdateFunctionConfiguration")
}

/// The largest request that brings a function's code. Recorded from AWS; the operations that are
/// not named are bounded by their shapes.
const LARGEST_CODE_REQUEST: usize = 70_167_211;

/// Checks the size of a request before anything in it is looked at.
///
/// # Errors
/// Where the service takes no request as large.
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

/// What Lambda asks of an ordinary function, by shape; the model has the larger bounds of functions
/// on capacity providers. Source: "Lambda quotas".
const ORDINARY: [(&str, f64); 3] = [
    ("Timeout", 900.0),
    ("MemorySize", 10_240.0),
    ("EphemeralStorageSize", 10_240.0),
];

/// Whether an input is of an ordinary function, as far as can be seen.
pub(super) fn is_ordinary(service_name: &str, operation: &str, input: &Map<String, Value>) -> bool {
    service_name == "lambda"
        && is_configuration(operation)
        && !input.contains_key("CapacityProviderConfig")
}

/// The greatest value of a shape in an input of an ordinary function, where it is not the model's.
pub(super) fn greatest_of_ordinary(shape: &str) -> Option<f64> {
    ORDINARY
        .iter()
        .find(|(name, _)| *name == shape)
        .map(|(_, most)| *most)
}
