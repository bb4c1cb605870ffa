//! Errors as each service words them, and pages of what stands between a client and AWS.

use serde_json::json;

use super::call::Call;
use super::http::Answer;

/// An error that every service has, each in its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Throttle,
    Internal,
    Unavailable,
    Expired,
    /// The credentials are none that AWS knows.
    UnknownToken,
    /// The request's date is too far from the service's.
    Skewed,
}

impl Failure {
    /// Sources: the errors of each service's API reference and "Common Errors".
    fn code(self, service: &str) -> (u16, &'static str) {
        let query = matches!(service, "iam" | "sts");
        match (self, service) {
            (Self::Throttle, _) if query => (400, "Throttling"),
            (Self::Throttle, "organizations") => (400, "TooManyRequestsException"),
            (Self::Throttle, _) => (429, "TooManyRequestsException"),
            (Self::Internal, "iam") => (500, "ServiceFailure"),
            (Self::Internal, "sts") => (500, "InternalFailure"),
            (Self::Internal, "account") => (500, "InternalServerException"),
            (Self::Internal, _) => (500, "ServiceException"),
            (Self::Unavailable, _) if query => (503, "ServiceUnavailable"),
            (Self::Unavailable, _) => (503, "ServiceUnavailableException"),
            (Self::Expired, _) if query => (403, "ExpiredToken"),
            (Self::Expired, "organizations") => (400, "ExpiredTokenException"),
            (Self::Expired, _) => (403, "ExpiredTokenException"),
            (Self::UnknownToken, _) if query => (403, "InvalidClientTokenId"),
            (Self::UnknownToken, _) => (403, "UnrecognizedClientException"),
            (Self::Skewed, _) if query => (403, "SignatureDoesNotMatch"),
            (Self::Skewed, _) => (403, "InvalidSignatureException"),
        }
    }

    /// The error in the form of the called service.
    pub(crate) fn answer(self, call: &Call) -> Answer {
        let (status, code) = self.code(&call.service);
        let message = match self {
            Self::Throttle => "Rate exceeded",
            Self::Internal | Self::Unavailable => "Service failed; try again",
            Self::Expired => "The security token included in the request is expired",
            Self::UnknownToken => "The security token included in the request is invalid.",
            Self::Skewed => {
                "Signature expired: 20200101T000000Z is now earlier than 20261124T115500Z (20261124T120000Z - 5 min.)"
            }
        };
        coded(call, status, code, message)
    }
}

/// An error with any status, code and message, in the form of the called service.
pub(crate) fn coded(call: &Call, status: u16, code: &str, message: &str) -> Answer {
    match call.service.as_str() {
        "iam" | "sts" => {
            let fault = if status >= 500 { "Receiver" } else { "Sender" };
            let error = format!(
                "<Error><Type>{fault}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            );
            Answer::new(
                status,
                "text/xml",
                format!(
                    "<ErrorResponse>{error}<RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
                ),
            )
        }
        "organizations" => Answer::new(
            status,
            "application/x-amz-json-1.1",
            json!({"__type": code, "Message": message}).to_string(),
        ),
        _ => Answer::new(
            status,
            "application/json",
            json!({"message": message}).to_string(),
        )
        .with("x-amzn-errortype", code),
    }
}

/// A page for people, as proxies, captive portals and load balancers send it.
pub(crate) fn html(status: u16) -> Answer {
    let page = format!(
        "<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>{status}</h1><p>Contact your administrator.</p></body></html>"
    );
    Answer::new(status, "text/html; charset=utf-8", page)
}

/// A status without a body.
pub(crate) fn empty(status: u16) -> Answer {
    Answer {
        status,
        headers: Vec::new(),
        body: Vec::new(),
    }
}
