//! The resources with the most severe faults.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use lambdasweep_model::Severity;
use lambdasweep_tables::TablesError;
use polars::prelude::DataFrame;

/// How many resources are kept. This is more than are shown, since checks that compare accounts
/// come last and add faults to resources counted before.
const MOST_HELD: usize = 100;

/// The number of faults of each severity, the highest severity first, so that the greater of two is
/// the worse.
type Rank = [u64; SEVERITIES];

const SEVERITIES: usize = Severity::ALL.len();

/// The index of a severity in a rank.
const fn place(severity: Severity) -> usize {
    SEVERITIES - 1 - severity as usize
}

/// Adjacent faults of one resource: its account and ARN, and the row and severity of each.
type Run<'f> = ((&'f str, &'f str), Vec<(usize, Severity)>);

/// The worst resources, by account and ARN: a layer may be used in several accounts.
#[derive(Debug, Clone, Default)]
pub(super) struct Worst(BTreeMap<String, BTreeMap<String, Resource>>);

/// A resource that fails.
#[derive(Debug, Clone, Default)]
pub(super) struct Resource {
    pub(super) is_function: bool,
    /// Its faults, by check and severity.
    pub(super) checks: BTreeMap<String, BTreeMap<Severity, u64>>,
}

impl Resource {
    /// Its faults by severity.
    pub(super) fn faults(&self) -> BTreeMap<Severity, u64> {
        let mut faults = BTreeMap::new();
        for (severity, count) in self.checks.values().flatten() {
            *faults.entry(*severity).or_default() += count;
        }
        faults
    }

    fn rank(&self) -> Rank {
        let mut rank = Rank::default();
        for (severity, count) in self.faults() {
            rank[place(severity)] += count;
        }
        rank
    }
}

impl Worst {
    /// Adds faults: findings with the status FAIL.
    pub(super) fn add(&mut self, faults: &DataFrame) -> Result<(), TablesError> {
        let text = |name: &str| Ok::<_, TablesError>(faults.column(name)?.str()?);
        let (accounts, arns) = (text("account_id")?, text("resource_arn")?);
        let (checks, severities) = (text("check_id")?, text("severity")?);
        let kinds = text("resource_type")?;
        // The faults of a resource are adjacent, but for those of checks that compare accounts.
        let mut runs: Vec<Run<'_>> = Vec::new();
        let rows = accounts.iter().zip(arns.iter()).zip(severities.iter());
        for (row, ((account, arn), severity)) in rows.enumerate() {
            let severity = severity.and_then(|it| it.parse().ok());
            let (Some(account), Some(arn), Some(severity)) = (account, arn, severity) else {
                continue;
            };
            match runs.last_mut() {
                Some((of, run)) if *of == (account, arn) => run.push((row, severity)),
                _ => runs.push(((account, arn), vec![(row, severity)])),
            }
        }
        let mut ranks: HashMap<(&str, &str), Rank> = HashMap::new();
        for (resource, run) in &runs {
            let rank = ranks.entry(*resource).or_default();
            for (_, severity) in run {
                rank[place(*severity)] += 1;
            }
        }
        // Names are copied only for the few resources that may be among the worst, not for each of
        // millions of faults.
        let mut candidates: Vec<_> = ranks
            .iter()
            .map(|(resource, rank)| (Reverse(*rank), *resource))
            .collect();
        candidates.sort_unstable();
        candidates.truncate(MOST_HELD);
        for (_, (account, arn)) in candidates {
            self.0
                .entry(account.to_owned())
                .or_default()
                .entry(arn.to_owned())
                .or_default();
        }
        for ((account, arn), run) in &runs {
            let known = self.0.get_mut(*account);
            let Some(resource) = known.and_then(|account| account.get_mut(*arn)) else {
                continue;
            };
            for (row, severity) in run {
                resource.is_function = kinds.get(*row) == Some("function");
                let check = checks.get(*row).unwrap_or_default().to_owned();
                let faults = resource.checks.entry(check).or_default();
                *faults.entry(*severity).or_default() += 1;
            }
        }
        let least = self
            .sorted()
            .get(MOST_HELD)
            .map(|(account, arn, resource)| {
                (
                    Reverse(resource.rank()),
                    (*account).to_owned(),
                    (*arn).to_owned(),
                )
            });
        if let Some(least) = least {
            for (account, resources) in &mut self.0 {
                resources.retain(|arn, resource| {
                    (Reverse(resource.rank()), account.as_str(), arn.as_str())
                        < (least.0, least.1.as_str(), least.2.as_str())
                });
            }
            self.0.retain(|_, resources| !resources.is_empty());
        }
        Ok(())
    }

    /// The resources, the worst first: account, ARN and faults.
    pub(super) fn sorted(&self) -> Vec<(&str, &str, &Resource)> {
        let mut all = Vec::new();
        for (account, resources) in &self.0 {
            all.extend(
                resources
                    .iter()
                    .map(|(arn, resource)| (account.as_str(), arn.as_str(), resource)),
            );
        }
        all.sort_by_cached_key(|(account, arn, resource)| {
            (Reverse(resource.rank()), *account, *arn)
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use lambdasweep_tables::{FindingRow, Row};

    use super::{MOST_HELD, Worst};

    fn fault(arn: &str, check: &str, severity: &str) -> FindingRow {
        let texts: serde_json::Map<_, _> = FindingRow::TABLE
            .columns
            .iter()
            .map(|column| (column.name.to_owned(), "".into()))
            .collect();
        let mut row: FindingRow = serde_json::from_value(texts.into()).expect("a row of texts");
        (row.resource_arn, row.check_id, row.severity) =
            (arn.to_owned(), check.to_owned(), severity.to_owned());
        "FAIL".clone_into(&mut row.status);
        row
    }

    /// Regardless of order and number of findings, the worst are found, and no more than the limit
    /// is kept.
    #[test]
    fn the_worst_are_found_in_any_order() {
        let mut rows = Vec::new();
        for number in 0..1_000 {
            let arn = format!("arn:{number:04}");
            rows.extend((0..number % 7).map(|_| fault(&arn, "a", "low")));
            rows.extend((0..number % 11).map(|_| fault(&arn, "b", "high")));
            rows.extend((0..number % 500 / 499).map(|_| fault(&arn, "c", "critical")));
        }
        let mut orders = vec![rows.clone(), rows.iter().rev().cloned().collect()];
        orders.push(
            (0..rows.len())
                .map(|at| rows[at * 7_919 % rows.len()].clone())
                .collect(),
        );
        for rows in orders {
            let mut worst = Worst::default();
            // A batch holds all faults of a resource.
            let mut batches: std::collections::BTreeMap<usize, Vec<FindingRow>> =
                std::collections::BTreeMap::new();
            for row in rows {
                batches
                    .entry(
                        row.resource_arn.len()
                            + row.resource_arn.bytes().map(usize::from).sum::<usize>() % 13,
                    )
                    .or_default()
                    .push(row);
            }
            for batch in batches.values() {
                let frame = FindingRow::frame(batch).expect("a frame");
                worst.add(&frame).expect("all columns");
            }
            let sorted = worst.sorted();
            assert!(sorted.len() <= MOST_HELD);
            let found: Vec<&str> = sorted.iter().take(5).map(|(_, arn, _)| *arn).collect();
            assert_eq!(
                found,
                ["arn:0999", "arn:0499", "arn:0076", "arn:0153", "arn:0230"],
                "{:?}",
                sorted[2].2
            );
        }
    }
}
