//! Whether an answer is one that AWS gives. The SDK fills in required members that are missing,
//! drops what is null, and takes any text with a status for an error of the service; so answers are
//! checked before it reads them.

mod json;
mod xml;

use lambdasweep_model::printable;

use crate::operation::{Operation, Protocol};

pub(crate) use json::mistyped;

/// Why an answer is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerError {
    /// It is larger than any answer of the operation.
    #[error("the answer is larger than {0} bytes, which no answer of this operation is")]
    TooLarge(usize),
    /// It says that the call succeeded, but it is not what AWS sends then.
    #[error("{0}")]
    Malformed(String),
    /// It says that the call failed, but not in the form of the service's errors.
    #[error("{what} is not an answer of AWS: a proxy or a firewall may have sent it", what = foreign(*status, kind.as_deref()))]
    Foreign {
        /// The HTTP status.
        status: u16,
        /// The content type.
        kind: Option<String>,
    },
}

/// What was answered, in words.
fn foreign(status: u16, kind: Option<&str>) -> String {
    match kind {
        Some(kind) => format!("HTTP {status} with content of type {kind}"),
        None => format!("HTTP {status} without a content type"),
    }
}

/// What a call asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RequestNames<'a> {
    /// The account; empty where none is known.
    pub(crate) account: &'a str,
    /// The Region; empty for global services.
    pub(crate) region: &'a str,
    /// The ARN of the function that the call is about; empty where it is about none.
    pub(crate) function: &'a str,
}

impl RequestNames<'_> {
    /// What an ARN does not share with the call, in a word.
    fn is_not(&self, arn: &str) -> Option<&'static str> {
        // Not all ARNs of AWS have an account and a Region, but those that are declared as own do.
        let mut parts = arn.splitn(6, ':').skip(3);
        let (region, account) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let of_function = arn
            .strip_prefix(self.function)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
        if account != self.account && !self.account.is_empty() {
            Some("account")
        } else if region != self.region && !self.region.is_empty() {
            Some("Region")
        } else if !of_function && !self.function.is_empty() {
            Some("function")
        } else {
            None
        }
    }
}

/// Checks an answer: one of success has to have what the operation always sends, with what
/// identifies its items where the check is `strict`; one of failure an error code in the service's
/// own form.
///
/// # Errors
/// Where AWS gives no such answer.
pub(crate) fn check(
    operation: &Operation,
    asked: &RequestNames<'_>,
    strict: bool,
    status: u16,
    header: impl Fn(&'static str) -> Option<String>,
    body: &[u8],
) -> Result<(), AnswerError> {
    // All operations that are called here succeed with 200 and with nothing else. Source: the
    // services' models.
    if status == 200 {
        let checked = match operation.protocol {
            Protocol::Json => json::check(body, asked, operation.wanted(strict)),
            Protocol::Query => xml::check(body, operation.action(), operation.wanted(strict)),
        };
        return checked.map_err(|problem| AnswerError::Malformed(printable(&problem)));
    }
    let code = match operation.protocol {
        Protocol::Json => json::error_code(body, header("x-amzn-errortype").as_deref()),
        Protocol::Query => xml::error_code(body),
    };
    if status >= 400 && code.is_some_and(|code| is_code(&code)) {
        return Ok(());
    }
    let kind =
        header("content-type").map(|kind| printable(&kind.chars().take(60).collect::<String>()));
    Err(AnswerError::Foreign { status, kind })
}

/// Whether a text is an error code, which are names.
fn is_code(code: &str) -> bool {
    (1..=128).contains(&code.len())
        && code
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests;
