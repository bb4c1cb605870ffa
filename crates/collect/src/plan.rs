//! The cost of a scan: calls by quota, and the minimum time under these quotas.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_aws::{Cost, Quota, QuotaShare, STS};
use lambdasweep_tables::Fact;

use crate::collector::{Collector, Run, needed};
use crate::session_policy::session_policies;
use crate::survey::Survey;

/// A plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Accounts that can be read.
    pub accounts: u64,
    /// Accounts that cannot be read, with the reason.
    pub closed: Vec<(String, String)>,
    /// Account-Regions to read.
    pub regions: u64,
    /// Functions in them.
    pub functions: u64,
    /// Account-Regions whose number of functions is unknown.
    pub regions_uncounted: u64,
    /// Calls by quota.
    pub buckets: Vec<PlanBucket>,
    /// The minimum time in seconds: that of the slowest account-Region under its quotas.
    pub floor_seconds: f64,
    /// The slowest account-Region.
    pub slowest: Option<(String, String, u64)>,
}

/// The calls that count against one quota.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanBucket {
    /// The quota.
    pub bucket: Quota,
    /// Calls over all accounts.
    pub calls: u64,
}

impl Plan {
    /// Works out what reading a surveyed organisation costs. Aliases, published versions, layers,
    /// code signing configurations, the organisation's policies, queues and throttles are not known
    /// beforehand: the figures are what functions need, and one call of each other operation that
    /// begins a list.
    pub fn new(survey: &Survey, facts: &BTreeSet<Fact>, share: QuotaShare) -> Self {
        let facts: Vec<Fact> = facts.iter().copied().collect();
        let collectors = needed(&facts);
        let sessions = session_policies(&facts).len() as u64;
        let mut calls: BTreeMap<Quota, u64> = BTreeMap::new();
        let (mut accounts, mut regions, mut functions, mut uncounted) = (0, 0, 0, 0);
        let mut slowest: Option<(f64, (String, String, u64))> = None;
        for operation in collectors
            .iter()
            .filter(|it| matches!(it.run, Run::Organization))
            .flat_map(|it| it.operations)
        {
            *calls.entry(*operation.quota).or_default() += 1;
        }
        for account in survey
            .accounts
            .iter()
            .filter(|account| account.closed.is_none())
        {
            accounts += 1;
            *calls.entry(STS).or_default() += sessions;
            for collector in collectors
                .iter()
                .filter(|it| matches!(it.run, Run::Account(_) | Run::Roles))
            {
                for operation in collector.operations {
                    *calls.entry(*operation.quota).or_default() += 1;
                }
            }
            for (region, count) in &account.regions {
                regions += 1;
                uncounted += u64::from(count.is_none());
                let count = count.unwrap_or(0);
                functions += count;
                let here = region_calls(&collectors, count);
                let seconds = floor(&here, share);
                if slowest.as_ref().is_none_or(|(most, _)| seconds > *most) {
                    slowest = Some((
                        seconds,
                        (account.account.to_string(), region.to_string(), count),
                    ));
                }
                for (bucket, more) in here {
                    *calls.entry(bucket).or_default() += more;
                }
            }
        }
        Self {
            accounts,
            closed: survey
                .accounts
                .iter()
                .filter_map(|it| Some((it.account.to_string(), it.closed.clone()?)))
                .collect(),
            regions,
            functions,
            regions_uncounted: uncounted,
            buckets: calls
                .into_iter()
                .map(|(bucket, calls)| PlanBucket { bucket, calls })
                .collect(),
            floor_seconds: slowest.as_ref().map_or(0.0, |(seconds, _)| *seconds),
            slowest: slowest.map(|(_, place)| place),
        }
    }

    /// Calls over all quotas.
    pub fn calls(&self) -> u64 {
        self.buckets.iter().map(|it| it.calls).sum()
    }
}

/// The calls that a Region with this many functions needs.
fn region_calls(collectors: &[Collector], functions: u64) -> BTreeMap<Quota, u64> {
    let mut calls = BTreeMap::new();
    for collector in collectors {
        let times = match collector.run {
            // How many functions have published versions is not known beforehand.
            Run::Account(_)
            | Run::Roles
            | Run::WithRoles(_)
            | Run::Referenced(_)
            | Run::FromOrganization(_)
            | Run::Organization
            | Run::Along
            | Run::Published(_) => continue,
            Run::Region(_) | Run::Runner => 1,
            Run::Function(_) => functions,
        };
        for operation in collector.operations {
            *calls.entry(*operation.quota).or_default() += match operation.cost {
                Cost::Once => times,
                Cost::PerFunctions(some) => functions.div_ceil(some).max(1),
                Cost::Unforeseen => 0,
            };
        }
    }
    calls
}

/// The minimum time in seconds for the calls of one account-Region; quotas are used in parallel.
#[expect(clippy::cast_precision_loss, reason = "call counts are far below 2^52")]
fn floor(calls: &BTreeMap<Quota, u64>, share: QuotaShare) -> f64 {
    let share = share.as_option().unwrap_or(1.0);
    calls
        .iter()
        .map(|(bucket, calls)| *calls as f64 / (bucket.calls_per_second() * share))
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use lambdasweep_aws::QuotaShare;
    use lambdasweep_tables::facts;

    use super::{floor, region_calls};
    use crate::collector::needed;
    use crate::services::lambda::service::{GET_FUNCTION, REMAINDER};

    #[test]
    fn a_thousand_functions_at_one_remainder_call_take_68_seconds() {
        let calls = region_calls(
            &needed(&[facts::FUNCTION_DETAILS, facts::EVENT_INVOKE_CONFIGS]),
            1000,
        );
        assert_eq!(calls[&GET_FUNCTION], 1000);
        assert_eq!(calls[&REMAINDER], 1000 + 20 + 1);
        assert!((floor(&calls, QuotaShare::Share(1.0)) - 1021.0 / 15.0).abs() < 1e-9);
        assert!((floor(&calls, QuotaShare::Share(0.5)) - 1021.0 / 7.5).abs() < 1e-9);
    }
}
