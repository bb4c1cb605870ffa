//! Paces every call: a lane for each account, Region and quota, a limit on concurrent calls, and
//! statistics.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::lane::Lane;
use crate::quota::Quota;

/// The share of AWS's published rates that the scan uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum QuotaShare {
    /// A share above 0 and up to 1. The accounts' own deployments need the rest.
    Share(f64),
    /// No pacing until AWS throttles: for mocks.
    Off,
}

/// The value is not a valid share of the quotas.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a valid share of the quotas: give a number above 0 and up to 1 (0.5 leaves half to the accounts themselves), or `off`"
)]
pub struct QuotaShareError(String);

impl std::str::FromStr for QuotaShare {
    type Err = QuotaShareError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        if value == "off" {
            return Ok(Self::Off);
        }
        match value.parse::<f64>() {
            Ok(share) if share > 0.0 && share <= 1.0 => Ok(Self::Share(share)),
            _ => Err(QuotaShareError(lambdasweep_model::printable(value))),
        }
    }
}

impl std::fmt::Display for QuotaShare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Share(share) => write!(f, "{share}"),
            Self::Off => f.write_str("off"),
        }
    }
}

impl QuotaShare {
    /// The share as a number; `None` if pacing is off.
    pub fn as_option(self) -> Option<f64> {
        match self {
            Self::Share(share) => Some(share),
            Self::Off => None,
        }
    }
}

/// How the scan paces itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PacerOptions {
    /// The share of the published rates that is used.
    pub quota_share: QuotaShare,
    /// The maximum number of concurrent calls over all accounts.
    pub max_in_flight: usize,
    /// How many attempts a call gets if the network or the service fails.
    pub attempts: u32,
    /// How long AWS may throttle every call of an operation in an account and Region before these
    /// calls are given up as throttled.
    pub patience: Duration,
    /// The minimum wait before the second attempt; it doubles for each further one.
    pub first_wait: Duration,
    /// How long one attempt may take, including reading the whole response.
    pub attempt_timeout: Duration,
    /// How long reading one fact of an account, a Region or a function may take if the full quotas
    /// are used; with a smaller share, the limit grows accordingly.
    pub task_timeout: Duration,
}

impl PacerOptions {
    /// How long a call may take from its first attempt on: the time for all attempts plus the limit
    /// for throttling.
    pub(crate) fn call_timeout(&self) -> Duration {
        self.attempt_timeout
            .saturating_mul(self.attempts)
            .saturating_add(self.patience.saturating_mul(2))
    }

    /// How long reading one fact of an account, a Region or a function may take.
    pub fn task_limit(&self) -> Duration {
        let share = self.quota_share.as_option().unwrap_or(1.0).clamp(0.01, 1.0);
        Duration::try_from_secs_f64(self.task_timeout.as_secs_f64() / share)
            .unwrap_or(Duration::MAX)
    }
}

impl Default for PacerOptions {
    fn default() -> Self {
        Self {
            quota_share: QuotaShare::Share(0.5),
            max_in_flight: 256,
            attempts: 6,
            patience: Duration::from_secs(120),
            first_wait: Duration::from_millis(300),
            attempt_timeout: Duration::from_secs(60),
            // A list of a million published versions comes in 20,000 pages, 15 of them a second.
            task_timeout: Duration::from_secs(60 * 60),
        }
    }
}

/// The statistics so far.
#[derive(Debug, Default)]
pub struct PacerStats {
    /// Calls sent.
    pub calls: AtomicU64,
    /// Calls that AWS throttled.
    pub throttles: AtomicU64,
    /// Calls that failed in any other way.
    pub failures: AtomicU64,
}

/// The lanes of one Region: a handful.
type Lanes = Vec<(&'static Quota, Arc<Lane>)>;

/// Paces every call.
#[derive(Debug)]
pub struct Pacer {
    pub(crate) options: PacerOptions,
    pub(crate) in_flight: Semaphore,
    /// By account and Region.
    lanes: RwLock<HashMap<String, HashMap<String, Lanes>>>,
    stats: PacerStats,
}

impl Pacer {
    /// A pacer with all lanes empty.
    pub fn new(options: PacerOptions) -> Self {
        Self {
            options,
            in_flight: Semaphore::new(options.max_in_flight.max(1)),
            lanes: RwLock::default(),
            stats: PacerStats::default(),
        }
    }

    /// The statistics so far.
    pub fn stats(&self) -> &PacerStats {
        &self.stats
    }

    /// The options.
    pub fn options(&self) -> &PacerOptions {
        &self.options
    }

    pub(crate) fn lane(&self, account: &str, region: &str, quota: &'static Quota) -> Arc<Lane> {
        let region = if quota.is_global() { "" } else { region };
        let known = |lanes: &[(&'static Quota, Arc<Lane>)]| {
            lanes
                .iter()
                .find(|(of, _)| *of == quota)
                .map(|(_, lane)| Arc::clone(lane))
        };
        let read = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = read
            .get(account)
            .and_then(|regions| regions.get(region))
            .and_then(|lanes| known(lanes))
        {
            return lane;
        }
        drop(read);
        let mut write = self.lanes.write().unwrap_or_else(PoisonError::into_inner);
        let lanes = write
            .entry(account.to_owned())
            .or_default()
            .entry(region.to_owned())
            .or_default();
        // Another call may have created it meanwhile.
        known(lanes).unwrap_or_else(|| {
            let lane = Arc::new(Lane::new(
                quota.calls_per_second(),
                self.options.quota_share.as_option(),
                self.options.patience,
            ));
            lanes.push((quota, Arc::clone(&lane)));
            lane
        })
    }

    /// Drops the lanes of an account-Region that is finished, so that memory does not grow with the
    /// organisation.
    pub fn forget(&self, account: &str, region: &str) {
        if let Some(regions) = self
            .lanes
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .get_mut(account)
        {
            regions.remove(region);
        }
    }

    pub(crate) fn count(&self, what: impl Fn(&PacerStats) -> &AtomicU64) {
        what(&self.stats).fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{Pacer, PacerOptions, QuotaShare};
    use crate::quota::Quota;
    use std::sync::Arc;

    #[test]
    fn shares_are_numbers_above_nought_and_up_to_one() {
        assert_eq!("0.25".parse(), Ok(QuotaShare::Share(0.25)));
        assert_eq!("off".parse(), Ok(QuotaShare::Off));
        for bad in ["0", "-1", "1.01", "NaN", "inf", "", "half"] {
            assert!(bad.parse::<QuotaShare>().is_err(), "{bad}");
        }
    }

    #[test]
    fn lanes_are_apart_by_account_region_and_bucket_and_global_ones_know_no_region() {
        let pacer = Pacer::new(PacerOptions::default());
        const POLICY: Quota = Quota::regional("policy", 15.0, "");
        const REMAINDER: Quota = Quota::regional("remainder", 15.0, "");
        const IAM: Quota = Quota::global("IAM", 15.0, "");
        let lane = |account, region, quota| pacer.lane(account, region, quota);
        let first = lane("1", "eu-west-1", &POLICY);
        assert!(Arc::ptr_eq(&first, &lane("1", "eu-west-1", &POLICY)));
        assert!(!Arc::ptr_eq(&first, &lane("2", "eu-west-1", &POLICY)));
        assert!(!Arc::ptr_eq(&first, &lane("1", "eu-west-2", &POLICY)));
        assert!(!Arc::ptr_eq(&first, &lane("1", "eu-west-1", &REMAINDER)));
        assert!(Arc::ptr_eq(
            &lane("1", "eu-west-1", &IAM),
            &lane("1", "us-east-1", &IAM)
        ));
        pacer.forget("1", "eu-west-1");
        assert!(!Arc::ptr_eq(&first, &lane("1", "eu-west-1", &POLICY)));
    }
}
