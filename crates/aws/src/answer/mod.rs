//! Checks that a response is one that AWS sends. The SDK fills in required members that are
//! missing, drops null values, and accepts any body with an error status as an error of the
//! service, so responses are checked before the SDK reads them.

mod json;
mod xml;

use lambdasweep_model::printable;

use crate::operation::{Operation, Protocol};

pub(crate) use json::mistyped;

/// Why a response is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerError {
    /// It is larger than any response of the operation.
    #[error("the response is larger than {0} bytes, the maximum for this operation")]
    TooLarge(usize),
    /// It reports success, but it is not what AWS sends on success.
    #[error("{0}")]
    Malformed(String),
    /// It reports an error, but not in the form of the service's errors.
    #[error("{what} is not a response from AWS; a proxy or a firewall may have sent it", what = foreign(*status, kind.as_deref()))]
    Foreign {
        /// The HTTP status.
        status: u16,
        /// The content type.
        kind: Option<String>,
    },
}

/// Describes the response.
fn foreign(status: u16, kind: Option<&str>) -> String {
    match kind {
        Some(kind) => format!("HTTP {status} with content type {kind}"),
        None => format!("HTTP {status} without a content type"),
    }
}

/// What a call requested.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RequestNames<'a> {
    /// The account; empty if unknown.
    pub(crate) account: &'a str,
    /// The Region; empty for global services.
    pub(crate) region: &'a str,
    /// The ARN of the function that the call is about; empty if it is not about a function.
    pub(crate) function: &'a str,
}

impl RequestNames<'_> {
    /// The part of an ARN that differs from the call: account, Region or function.
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

/// Checks a response: a successful one must contain what the operation always sends, including what
/// identifies its items if the check is `strict`; an error must have an error code in the service's
/// own form.
///
/// # Errors
/// If it is not a response that AWS sends.
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

/// Whether a text can be an error code; these are names.
fn is_code(code: &str) -> bool {
    (1..=128).contains(&code.len())
        && code
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests;
