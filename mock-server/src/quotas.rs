//! AWS's quotas as token buckets: for each account and, for Regional services, each Region. Each
//! service declares its own. If AWS publishes no burst, the calls of one second may be made at
//! once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::call::AwsError;
use crate::spec::Registered;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: f64,
}

/// Service, index of its quota, account and Region.
type Key = (&'static str, usize, String, String);

/// The buckets in use.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    buckets: Mutex<HashMap<Key, Bucket>>,
}

impl Quotas {
    /// Takes a token for a call, or returns the service's throttling error.
    pub(crate) fn draw(
        &self,
        account: &str,
        region: &str,
        service: &'static Registered,
        operation: &str,
        now: f64,
    ) -> Result<(), AwsError> {
        let quotas = service.spec.quotas;
        let named = quotas
            .iter()
            .position(|quota| quota.operations.contains(&operation));
        let all_others = || quotas.iter().position(|quota| quota.operations.is_empty());
        let Some(index) = named.or_else(all_others) else {
            return Ok(());
        };
        let quota = &quotas[index];
        let region = if quota.global { "" } else { region };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets
            .entry((service.name, index, account.to_owned(), region.to_owned()))
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
        Err((service.spec.throttled)())
    }

    pub(crate) fn reset(&self) {
        self.buckets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Quotas;
    use crate::service;

    #[test]
    fn buckets_fill_at_their_rate_and_are_apart_by_account_region_and_operation() {
        let quotas = Quotas::default();
        let lambda = service::named("lambda").expect("a service");
        let draw = |account: &str, region: &str, operation: &str, now: f64| {
            quotas.draw(account, region, lambda, operation, now).is_ok()
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
