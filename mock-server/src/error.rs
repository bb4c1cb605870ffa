//! Errors in AWS's form.

use serde_json::{Map, Value};

/// An error in AWS's form. The engine takes status and wire format from the service model if the
/// model has the code.
#[derive(Debug, Clone, PartialEq)]
pub struct AwsError {
    /// The error's shape name, as in the model (`ResourceNotFoundException`).
    pub code: String,
    /// The message.
    pub message: String,
    /// The HTTP status, if the model does not define it.
    pub status: Option<u16>,
    /// Further members of the error's shape.
    pub members: Box<Map<String, Value>>,
}

impl AwsError {
    /// An error with a code and a message; the status comes from the model, else 400.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status: None,
            members: Box::default(),
        }
    }

    /// The error of a service or an operation that the mock does not have: the same code in every
    /// protocol, with status 501.
    pub(crate) fn not_implemented(service: &str, operation: &str) -> Self {
        let (service, operation) = (
            lambdasweep_model::printable(service),
            lambdasweep_model::printable(operation),
        );
        Self::new(
            "InternalFailure",
            format!("{service}:{operation} is not implemented"),
        )
        .status(501)
    }

    /// Sets the HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds a member of the error's shape.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }
}
