//! What a call to AWS can end in, sorted by what it means for coverage and for another try.

use std::error::Error;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use lambdasweep_model::{Outcome, printable};

/// A call that failed for good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}{}: {message}{}", place(account, region), code.as_ref().map_or_else(String::new, |code| format!(" ({code})")))]
pub struct CallError {
    /// The operation (`lambda:ListFunctions`).
    pub operation: &'static str,
    /// The account that the call was for.
    pub account: String,
    /// The Region; empty for global services.
    pub region: String,
    /// What it means for coverage: denied, not_found, throttled or failed.
    pub outcome: Outcome,
    /// AWS's error code, or lambdasweep's own reason.
    pub code: Option<String>,
    /// What went wrong, in words; safe to print.
    pub message: String,
    /// How often the call was tried.
    pub attempts: u32,
}

/// Where a call was made, in words.
fn place(account: &str, region: &str) -> String {
    match (account, region) {
        ("", _) => String::new(),
        (account, "") => format!(" in account {account}"),
        (account, region) => format!(" in account {account}, {region}"),
    }
}

/// One failed attempt.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) outcome: Outcome,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) again: Again,
}

/// Whether another attempt makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    No,
    /// AWS throttled; it may have said for how long.
    AfterThrottle(Option<Duration>),
    /// The network or the service failed.
    AfterFault,
    /// The credentials have expired: new ones may help, once.
    WithNewCredentials,
}

const THROTTLES: &[&str] = &[
    "TooManyRequestsException",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "Throttled",
    "SlowDown",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
];

const DENIALS: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedForDependencyException",
    "AuthFailure",
    "AuthorizationError",
    "AWSOrganizationsNotInUseException",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "OptInRequired",
    "RegionDisabledException",
    "SignatureDoesNotMatch",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

/// Sorts what the SDK reports.
pub(crate) fn classify<E>(error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    if let Some(service) = error.as_service_error() {
        let code = service.code().unwrap_or_default();
        let message = service.message().map_or_else(|| "AWS gave no reason".to_owned(), printable);
        let retry_after = error
            .raw_response()
            .and_then(|response| response.headers().get("retry-after"))
            .and_then(|seconds| seconds.trim().parse::<f64>().ok())
            .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
            .map(|seconds| Duration::from_secs_f64(seconds.min(60.0)));
        let (outcome, again) = match (code, status) {
            (code, _) if THROTTLES.contains(&code) => (Outcome::Throttled, Again::AfterThrottle(retry_after)),
            (code, _) if EXPIRED.contains(&code) => (Outcome::Denied, Again::WithNewCredentials),
            (code, _) if DENIALS.contains(&code) => (Outcome::Denied, Again::No),
            ("ResourceNotFoundException" | "NoSuchEntity" | "NoSuchEntityException", _) => (Outcome::NotFound, Again::No),
            (_, Some(429)) => (Outcome::Throttled, Again::AfterThrottle(retry_after)),
            (_, Some(401 | 403)) => (Outcome::Denied, Again::No),
            (_, Some(404)) => (Outcome::NotFound, Again::No),
            (_, Some(501)) => (Outcome::Failed, Again::No),
            (_, Some(500..)) => (Outcome::Failed, Again::AfterFault),
            _ => (Outcome::Failed, Again::No),
        };
        let code = if code.is_empty() { status.map(|status| format!("HTTP {status}")) } else { Some(printable(code)) };
        return Failure { outcome, code, message, again };
    }
    let (code, again) = match error {
        SdkError::TimeoutError(_) => ("TimedOut", Again::AfterFault),
        SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => ("ConnectionFailed", Again::AfterFault),
        SdkError::DispatchFailure(_) => ("NotSent", Again::No),
        SdkError::ResponseError(_) => ("UnreadableResponse", Again::AfterFault),
        _ => ("NotSent", Again::No),
    };
    Failure { outcome: Outcome::Failed, code: Some(code.to_owned()), message: chain(error), again }
}

/// An error and its causes in one line, without what they repeat.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let word = printable(&error.to_string());
        if !words.iter().any(|known| known.contains(&word)) {
            words.push(word);
        }
        next = error.source();
    }
    words.join(": ")
}
