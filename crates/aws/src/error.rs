//! How calls to AWS fail, classified by what that means for coverage and for a retry.

use std::error::Error;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use lambdasweep_model::{Outcome, printable};

use crate::answer::{AnswerError, mistyped};
use crate::operation::{Operation, Protocol};
use crate::transport::Hopeless;

/// How many characters of a message are kept: messages come from outside, and go to the dataset,
/// the terminal and the log.
const LONGEST_MESSAGE: usize = 500;

/// A call that failed after all attempts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}{}: {message}{}", place(account, region), code.as_ref().map_or_else(String::new, |code| format!(" ({code})")))]
pub struct CallError {
    /// The operation (`lambda:ListFunctions`).
    pub operation: &'static str,
    /// The account that the call was for.
    pub account: String,
    /// The Region; empty for global services.
    pub region: String,
    /// The outcome for coverage: denied, not_found, throttled or failed.
    pub outcome: Outcome,
    /// AWS's error code, or lambdasweep's own reason.
    pub code: Option<String>,
    /// What went wrong, in words; safe to print, and not long.
    pub message: String,
    /// The number of attempts.
    pub attempts: u32,
}

/// The account and Region of a call, for a message.
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

impl Failure {
    /// A call that was not made because AWS keeps throttling the operation.
    pub(crate) fn throttled() -> Self {
        let message =
            "not tried: AWS has been throttling every such call in this account and Region";
        Self {
            outcome: Outcome::Throttled,
            ..Self::own("Throttled", message, Again::No)
        }
    }

    /// A failure with a code of lambdasweep instead of AWS.
    pub(crate) fn own(code: &str, message: &str, again: Again) -> Self {
        Self {
            outcome: Outcome::Failed,
            code: Some(code.to_owned()),
            message: bounded(message),
            again,
        }
    }
}

/// Whether another attempt makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    No,
    /// AWS throttled the call, and may have said how long to wait.
    AfterThrottle(Option<Duration>),
    /// The network or the service failed.
    AfterFault,
    /// The service rejected the credentials as expired: new ones may help.
    WithNewCredentials,
    /// The signature was rejected: the SDK corrects for the clock from the next attempt on.
    WithNewSignature,
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

/// `InvalidClientTokenId` and `UnrecognizedClientException` say that the security token is not
/// valid, as it is not in a Region that the account has not enabled; they do not say that it has
/// expired. Source: "Manage AWS STS in an AWS Region", IAM User Guide.
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
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// The session has expired. Source: "Common Error Types" of the IAM and Lambda API references.
const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException"];

/// The signature does not match the one that the service calculates, or its date differs from the
/// service's. Source: as above.
const MISSIGNED: &[&str] = &[
    "IncompleteSignature",
    "InvalidSignatureException",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

const FAULTS: &[&str] = &[
    "RequestTimeout",
    "RequestTimeoutException",
    "InternalError",
    "InternalFailure",
    "ServiceUnavailable",
];

/// Classifies what the SDK reports. A response that reached the SDK was checked: it is a success,
/// or an error in the service's own form.
pub(crate) fn classify<E>(operation: &Operation, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(refused) = find::<AnswerError>(error) {
        return of_refused(refused);
    }
    // The call that obtains the credentials failed.
    if let Some(inner) = find::<CallError>(error) {
        return Failure {
            outcome: inner.outcome,
            code: inner.code.clone(),
            message: inner.to_string(),
            again: Again::No,
        };
    }
    match error.raw_response() {
        Some(response) if response.status().as_u16() == 200 => {
            of_unreadable(operation, error, response)
        }
        Some(response) => match error.as_service_error() {
            Some(service) => of_service(operation, service, response),
            None => Failure::own("UnreadableResponse", &chain(error), Again::AfterFault),
        },
        None => of_transport(error),
    }
}

/// A response that AWS does not send. A retry may bring a valid one.
fn of_refused(refused: &AnswerError) -> Failure {
    let message = refused.to_string();
    match refused {
        AnswerError::TooLarge(_) => Failure::own("AnswerTooLarge", &message, Again::AfterFault),
        AnswerError::Malformed(_) => Failure::own("MalformedAnswer", &message, Again::AfterFault),
        // A proxy before AWS may throttle as well.
        AnswerError::Foreign { status: 429, .. } => Failure {
            outcome: Outcome::Throttled,
            ..Failure::own("HTTP 429", &message, Again::AfterThrottle(None))
        },
        AnswerError::Foreign { status, .. } => {
            Failure::own(&format!("HTTP {status}"), &message, Again::AfterFault)
        }
    }
}

fn of_service<E: ProvideErrorMetadata>(
    operation: &Operation,
    service: &E,
    response: &HttpResponse,
) -> Failure {
    let code = service.code().unwrap_or_default();
    let status = response.status().as_u16();
    let retry_after = || {
        let seconds = response
            .headers()
            .get("retry-after")
            .and_then(|seconds| seconds.trim().parse::<f64>().ok());
        seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    };
    let (outcome, again) = match (code, status) {
        (code, _) if THROTTLES.contains(&code) => {
            (Outcome::Throttled, Again::AfterThrottle(retry_after()))
        }
        (_, 501) => (Outcome::Failed, Again::No),
        (_, 500..) => (Outcome::Failed, Again::AfterFault),
        (code, _) if FAULTS.contains(&code) => (Outcome::Failed, Again::AfterFault),
        (code, _) if operation.not_there.contains(&code) => (Outcome::NotFound, Again::No),
        (code, _) if EXPIRED.contains(&code) => (Outcome::Denied, Again::WithNewCredentials),
        (code, _) if MISSIGNED.contains(&code) => (Outcome::Denied, Again::WithNewSignature),
        (code, _) if DENIALS.contains(&code) => (Outcome::Denied, Again::No),
        (_, 429) => (Outcome::Throttled, Again::AfterThrottle(retry_after())),
        (_, 401 | 403) => (Outcome::Denied, Again::No),
        _ => (Outcome::Failed, Again::No),
    };
    let message = bounded(service.message().unwrap_or("AWS gave no reason"));
    Failure {
        outcome,
        code: Some(printable(code)),
        message,
        again,
    }
}

/// A successful response that the SDK cannot parse; names the member if the service's model shows
/// which one it is.
fn of_unreadable(
    operation: &Operation,
    error: &(dyn Error + 'static),
    response: &HttpResponse,
) -> Failure {
    let body = response.body().bytes().unwrap_or_default();
    let mistyped = if operation.protocol == Protocol::Json {
        mistyped(operation.name, body)
    } else {
        None
    };
    let message =
        mistyped.unwrap_or_else(|| format!("the response cannot be parsed: {}", chain(error)));
    Failure::own("MalformedAnswer", &message, Again::AfterFault)
}

/// No response arrived, or not a complete one. All calls of a scan only read, so every call can be
/// retried.
fn of_transport<E>(error: &SdkError<E, HttpResponse>) -> Failure
where
    E: Error + 'static,
{
    let credentials = find::<CredentialsError>(error);
    let (code, again) = match (error, credentials) {
        (
            _,
            Some(
                CredentialsError::CredentialsNotLoaded(_)
                | CredentialsError::InvalidConfiguration(_),
            ),
        ) => ("NoCredentials", Again::No),
        (_, Some(_)) => ("NoCredentials", Again::AfterFault),
        (SdkError::ConstructionFailure(_), _) => ("NotSent", Again::No),
        _ if find::<Hopeless>(error).is_some() => ("ConnectionFailed", Again::No),
        (SdkError::TimeoutError(_), _) => ("TimedOut", Again::AfterFault),
        (SdkError::DispatchFailure(failure), _) if failure.is_timeout() => {
            ("TimedOut", Again::AfterFault)
        }
        _ => ("ConnectionFailed", Again::AfterFault),
    };
    Failure::own(code, &chain(error), again)
}

/// The first cause of a kind.
fn find<'e, C: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e C> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// An error and its causes in one line, without repetitions.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let word = bounded(&error.to_string());
        if !words.iter().any(|known| known.contains(&word)) {
            words.push(word);
        }
        next = error.source();
    }
    words.join(": ")
}

/// A message from outside, made safe to print and limited in length.
pub(crate) fn bounded(message: &str) -> String {
    let cut = |text: &str| {
        text.char_indices()
            .nth(LONGEST_MESSAGE)
            .map(|(end, _)| text[..end].to_owned())
    };
    let (begins, is_cut) =
        cut(message).map_or_else(|| (message.to_owned(), false), |begins| (begins, true));
    let safe = printable(&begins);
    match cut(&safe) {
        Some(begins) => format!("{begins}…"),
        None if is_cut => format!("{safe}…"),
        None => safe,
    }
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn messages_are_cut_and_safe_to_print() {
        assert_eq!(bounded("größe\u{1b}"), "größe\\u{1b}");
        assert_eq!(
            bounded(&"ä".repeat(1_000_000)),
            format!("{}…", "ä".repeat(500))
        );
        assert_eq!(bounded(&"\u{1b}".repeat(400)).chars().count(), 501);
    }
}
