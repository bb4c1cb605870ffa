//! AWS's quotas as token buckets: for each account, and for Regional services each Region. Dated
//! data: see "Sources" below.
//!
//! Sources, 2026-11: "Lambda quotas"; "Quotas for AWS Organizations" (rates and bursts); "Quotas
//! for AWS Account Management". AWS publishes no figures for IAM, and none for the bursts of
//! Lambda, STS and IAM: there a second's worth of calls may come at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::call::AwsError;

struct Quota {
    /// Service and operations; no operations for all that no other quota names.
    service: &'static str,
    operations: &'static [&'static str],
    rate: f64,
    burst: f64,
    global: bool,
}

const fn quota(
    service: &'static str,
    operations: &'static [&'static str],
    rate: f64,
    burst: f64,
    global: bool,
) -> Quota {
    Quota {
        service,
        operations,
        rate,
        burst,
        global,
    }
}

const QUOTAS: &[Quota] = &[
    quota("lambda", &["GetFunction"], 100.0, 100.0, false),
    quota("lambda", &["GetPolicy"], 15.0, 15.0, false),
    quota("lambda", &[], 15.0, 15.0, false),
    quota("organizations", &["ListAccounts"], 8.0, 12.0, true),
    quota(
        "organizations",
        &[
            "ListAccountsForParent",
            "ListParents",
            "ListOrganizationalUnitsForParent",
        ],
        5.0,
        8.0,
        true,
    ),
    quota(
        "organizations",
        &["ListRoots", "DescribeOrganization"],
        1.0,
        2.0,
        true,
    ),
    quota("organizations", &["DescribePolicy"], 2.0, 2.0, true),
    quota(
        "organizations",
        &[
            "ListPolicies",
            "ListPoliciesForTarget",
            "ListTargetsForPolicy",
            "ListDelegatedAdministrators",
        ],
        5.0,
        8.0,
        true,
    ),
    quota("organizations", &["ListTagsForResource"], 10.0, 15.0, true),
    quota("sts", &[], 600.0, 600.0, false),
    quota("iam", &[], 20.0, 20.0, true),
    quota("account", &["ListRegions"], 5.0, 5.0, true),
];

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: f64,
}

/// The buckets that were drawn from.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    buckets: Mutex<HashMap<(usize, String, String), Bucket>>,
}

impl Quotas {
    /// Draws a token for a call, or throttles it as the service does.
    pub(crate) fn draw(
        &self,
        account: &str,
        region: &str,
        service: &str,
        operation: &str,
        now: f64,
    ) -> Result<(), AwsError> {
        let named = QUOTAS
            .iter()
            .position(|quota| quota.service == service && quota.operations.contains(&operation));
        let Some(index) = named.or_else(|| {
            QUOTAS
                .iter()
                .position(|quota| quota.service == service && quota.operations.is_empty())
        }) else {
            return Ok(());
        };
        let quota = &QUOTAS[index];
        let region = if quota.global { "" } else { region };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets
            .entry((index, account.to_owned(), region.to_owned()))
            .or_insert(Bucket {
                tokens: quota.burst,
                at: now,
            });
        bucket.tokens = (bucket.tokens + (now - bucket.at).max(0.0) * quota.rate).min(quota.burst);
        bucket.at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(throttle(service))
    }

    pub(crate) fn reset(&self) {
        self.buckets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// The error with which a service throttles.
pub(crate) fn throttle(service: &str) -> AwsError {
    match service {
        "lambda" => AwsError::new("TooManyRequestsException", "Rate exceeded")
            .status(429)
            .member("Reason", "CallerRateLimitExceeded")
            .member("Type", "User")
            .member("retryAfterSeconds", 1),
        "organizations" => AwsError::new(
            "TooManyRequestsException",
            "You have exceeded the rate limit for this operation.",
        )
        .status(400)
        .member("Type", "Account"),
        "account" => AwsError::new("TooManyRequestsException", "Rate exceeded").status(429),
        _ => AwsError::new("Throttling", "Rate exceeded").status(400),
    }
}

#[cfg(test)]
mod tests {
    use super::Quotas;

    #[test]
    fn buckets_fill_at_their_rate_and_are_apart_by_account_region_and_operation() {
        let quotas = Quotas::default();
        let draw = |account: &str, region: &str, operation: &str, now: f64| {
            quotas
                .draw(account, region, "lambda", operation, now)
                .is_ok()
        };
        let drawn = (0..100)
            .filter(|_| draw("1", "eu-west-1", "ListAliases", 0.0))
            .count();
        assert_eq!(drawn, 15);
        assert!(
            !draw("1", "eu-west-1", "ListFunctions", 0.0),
            "one bucket for all other calls"
        );
        assert!(
            draw("1", "eu-west-1", "GetPolicy", 0.0)
                && draw("1", "eu-west-2", "ListAliases", 0.0)
                && draw("2", "eu-west-1", "ListAliases", 0.0)
        );
        let drawn = (0..100)
            .filter(|_| draw("1", "eu-west-1", "ListAliases", 0.5))
            .count();
        assert_eq!(drawn, 7);
    }
}
