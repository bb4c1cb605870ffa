//! Faults on demand: errors that the mock returns on request.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::call::AwsError;
use crate::service;

/// A fault: which calls fail, with which error, and how many of them.
///
/// Written `service:operation[@account[/region]]=CODE[:count]`. Each of service, operation, account
/// and Region may be `*`; the code `throttle` is the service's own throttle; without a count every
/// call fails.
#[derive(Debug, Clone)]
pub struct Fault {
    service: String,
    operation: String,
    account: String,
    region: String,
    code: String,
    left: Arc<AtomicU64>,
}

/// A fault that cannot be parsed, or that no call can match.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// It does not have the form of a fault.
    #[error(
        "`{0}` is not a fault: write service:operation[@account[/region]]=CODE[:count], as in lambda:GetPolicy@111122223333=AccessDeniedException"
    )]
    Form(String),
    /// A part of it names something that the mock does not have.
    #[error("`{fault}`: {problem}")]
    Unknown {
        /// The fault.
        fault: String,
        /// What is unknown, and what exists.
        problem: String,
    },
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || FaultError::Form(lambdasweep_model::printable(text));
        let (place, what) = text.split_once('=').ok_or_else(error)?;
        let (call, place) = place.split_once('@').unwrap_or((place, "*"));
        let (service, operation) = call.split_once(':').ok_or_else(error)?;
        let (account, region) = place.split_once('/').unwrap_or((place, "*"));
        let (code, count) = match what.split_once(':') {
            Some((code, count)) => (code, count.parse().map_err(|_| error())?),
            None => (what, u64::MAX),
        };
        if [service, operation, account, region, code]
            .iter()
            .any(|part| part.is_empty())
        {
            return Err(error());
        }
        if let Some(problem) = unknown(service, operation, account, region, code) {
            return Err(FaultError::Unknown {
                fault: lambdasweep_model::printable(text),
                problem,
            });
        }
        Ok(Self {
            service: service.to_owned(),
            operation: operation.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            code: code.to_owned(),
            left: Arc::new(AtomicU64::new(count)),
        })
    }
}

/// The problem if a fault names something that does not exist. Any code in AWS's form is accepted,
/// since proxies and other services return their own codes.
fn unknown(
    service: &str,
    operation: &str,
    account: &str,
    region: &str,
    code: &str,
) -> Option<String> {
    let meant: Vec<_> = service::models()
        .filter(|(name, _)| service == "*" || *name == service)
        .collect();
    if meant.is_empty() {
        let known: Vec<&str> = service::models().map(|(name, _)| name).collect();
        return Some(format!(
            "the mock has no such service; it has {}",
            known.join(", ")
        ));
    }
    if operation != "*"
        && !meant
            .iter()
            .any(|(_, service)| service.operations.contains_key(operation))
    {
        let known = meant.iter().flat_map(|(_, it)| it.operations.keys());
        let near = lambdasweep_model::nearest(operation, known.map(String::as_str));
        let hint = near.map_or_else(
            || "/_mock/operations lists them".to_owned(),
            |known| format!("did you mean {known}?"),
        );
        return Some(format!("the operation does not exist; {hint}"));
    }
    if account != "*" && account.parse::<lambdasweep_model::AccountId>().is_err() {
        return Some("an account id has twelve digits".to_owned());
    }
    if region != "*" && region.parse::<lambdasweep_model::Region>().is_err() {
        return Some("not a valid Region; write it as in us-east-1".to_owned());
    }
    let is_code = code
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    (!is_code).then(|| "an error code has only letters, digits and dots".to_owned())
}

impl Fault {
    /// The error for a call, if the fault is for it and not used up.
    pub(crate) fn strike(
        &self,
        service: &str,
        operation: &str,
        account: &str,
        region: &str,
    ) -> Option<AwsError> {
        let fits = |pattern: &str, value: &str| pattern == "*" || pattern == value;
        let meant = fits(&self.service, service)
            && fits(&self.operation, operation)
            && fits(&self.account, account)
            && fits(&self.region, region);
        let left = || {
            self.left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    if left == u64::MAX {
                        Some(left)
                    } else {
                        left.checked_sub(1)
                    }
                })
        };
        if !meant || left().is_err() {
            return None;
        }
        let status = match self.code.as_str() {
            "throttle" => {
                return service::named(service).map(|service| (service.spec.throttled)());
            }
            code if code.starts_with("AccessDenied") => 403,
            code if code.contains("NotFound") => 404,
            code if code.starts_with("Service") || code.starts_with("Internal") => 500,
            _ => 400,
        };
        Some(
            AwsError::new(
                self.code.clone(),
                format!("User is not authorized to perform: {service}:{operation}"),
            )
            .status(status),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn faults_strike_whom_they_are_for_and_no_more_often_than_they_say() {
        let fault: Fault = "lambda:GetPolicy@111122223333/*=throttle:2"
            .parse()
            .expect("a fault");
        assert!(
            fault
                .strike("lambda", "GetPolicy", "999999999999", "eu-west-1")
                .is_none()
        );
        let struck = (0..5)
            .filter_map(|_| fault.strike("lambda", "GetPolicy", "111122223333", "eu-west-1"))
            .map(|error| error.status);
        assert_eq!(struck.collect::<Vec<_>>(), [Some(429), Some(429)]);
        for bad in [
            "",
            "lambda=x",
            "lambda:GetPolicy",
            "lambda:GetPolicy=",
            "lambda:GetPolicy=x:y",
        ] {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }

    /// A fault that no call matches would make a test pass that tests nothing.
    #[test]
    fn names_that_the_mock_does_not_have_are_told() {
        for (bad, word) in [
            ("lamda:GetPolicy=throttle", "it has account, iam, lambda"),
            ("lambda:getpolicy=throttle", "did you mean GetPolicy?"),
            ("lambda:GetRole=throttle", "operation does not exist"),
            ("*:GetNothing=throttle", "operation does not exist"),
            ("lambda:*@12345=throttle", "twelve digits"),
            ("lambda:*@*/Frankfurt=throttle", "not a valid Region"),
            ("lambda:*=Access Denied", "letters"),
            ("lambda:*=\u{1b}[31m", "letters"),
        ] {
            let error = bad.parse::<Fault>().expect_err(bad).to_string();
            assert!(
                error.contains(word) && !error.contains('\u{1b}'),
                "{bad}: {error}"
            );
        }
        for good in [
            "*:*=throttle",
            "lambda:GetPolicy=RouteNotFound",
            "*:GetRole@111122223333/eu-west-1=Strange.Code:3",
        ] {
            assert!(good.parse::<Fault>().is_ok(), "{good}");
        }
    }
}
