//! The closing summary: what was found, the worst accounts and resources, and what was not read.

mod gaps;
mod render;
mod worst;

use std::collections::BTreeMap;

use lambdasweep_model::{Outcome, Severity, Status};
use lambdasweep_tables::{CoverageRow, TablesError};
use polars::prelude::DataFrame;

use crate::layout::Style;

use gaps::Gaps;
use worst::Worst;

/// The figures of a scan. They are collected batch by batch, and their size grows with accounts and
/// checks, not with functions.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    checks: BTreeMap<String, Counts>,
    accounts: BTreeMap<String, BTreeMap<Severity, u64>>,
    worst: Worst,
    gaps: Gaps,
    /// Names and places of accounts, by id.
    pub names: BTreeMap<String, AccountName>,
    /// Accounts to read, and how many of them were read.
    pub accounts_read: (u64, u64),
    /// Account-Regions to read, and how many of them were read.
    pub regions_read: (u64, u64),
    /// Functions that were read.
    pub functions: u64,
    /// Functions that were deleted while the scan ran.
    pub gone: u64,
    /// The duration in seconds.
    pub seconds: f64,
    /// Calls, and how many of them were throttled.
    pub calls: (u64, u64),
    /// Where the findings are.
    pub written: Vec<String>,
    /// Checks that could not be run, each with the reason.
    pub errors: Vec<(String, String)>,
    /// Commands that show more about the findings.
    pub next: Vec<String>,
}

/// The figures of one check.
#[derive(Debug, Clone, Default)]
struct Counts {
    /// The highest severity of the check.
    severity: Option<Severity>,
    /// Faults by severity.
    faults: BTreeMap<Severity, u64>,
    /// Resources by status.
    resources: [u64; Status::ALL.len()],
}

impl Counts {
    fn of(&self, status: Status) -> u64 {
        self.resources[status as usize]
    }

    fn faults(&self) -> u64 {
        self.faults.values().sum()
    }
}

/// Names of an account.
#[derive(Debug, Clone, Default)]
pub struct AccountName {
    /// Its name.
    pub name: String,
    /// Its place in the organisation.
    pub path: String,
}

impl Summary {
    /// Counts findings: rows of the table `findings`, in the engine's order, with all findings of a
    /// resource together except those of checks that compare accounts. Units that were not read are
    /// added by [`Self::add_coverage`].
    ///
    /// # Errors
    /// If a column is missing.
    pub fn add(&mut self, findings: &DataFrame) -> Result<(), TablesError> {
        let text = |name: &str| Ok::<_, TablesError>(findings.column(name)?.str()?);
        let (accounts, checks) = (text("account_id")?, text("check_id")?);
        let (regions, arns) = (text("region")?, text("resource_arn")?);
        let (statuses, severities) = (text("status")?, text("severity")?);
        let place = |row: usize| {
            (
                checks.get(row),
                arns.get(row),
                regions.get(row),
                accounts.get(row),
            )
        };
        for row in 0..findings.height() {
            let (Some(account), Some(check)) = (accounts.get(row), checks.get(row)) else {
                continue;
            };
            let severity = severities
                .get(row)
                .and_then(|it| it.parse::<Severity>().ok());
            // A name is copied once, not for each of millions of findings.
            if !self.checks.contains_key(check) {
                self.checks.insert(check.to_owned(), Counts::default());
            }
            let status = statuses.get(row).and_then(|it| it.parse().ok());
            let status = status.unwrap_or(Status::Unknown);
            let Some(counts) = self.checks.get_mut(check) else {
                continue;
            };
            counts.severity = counts.severity.max(severity);
            // The rows of a failing resource, one per fault, are adjacent.
            let is_beside = row > 0 && place(row) == place(row - 1);
            counts.resources[status as usize] += u64::from(!is_beside);
            let Some(severity) = severity.filter(|_| status == Status::Fail) else {
                continue;
            };
            *counts.faults.entry(severity).or_default() += 1;
            if !self.accounts.contains_key(account) {
                self.accounts.insert(account.to_owned(), BTreeMap::new());
            }
            if let Some(counts) = self.accounts.get_mut(account) {
                *counts.entry(severity).or_default() += 1;
            }
        }
        self.worst.add(findings)
    }

    /// The ARN of the worst function, and the check with the most severe fault of the worst
    /// resource.
    pub fn worst(&self) -> (Option<&str>, Option<&str>) {
        let all = self.worst.sorted();
        let function = all
            .iter()
            .find(|(_, _, resource)| resource.is_function)
            .map(|(_, arn, _)| *arn);
        let check = all.first().and_then(|(_, _, resource)| {
            let gravest = |faults: &BTreeMap<Severity, u64>| faults.keys().max().copied();
            resource
                .checks
                .iter()
                .max_by_key(|(check, faults)| (gravest(faults), std::cmp::Reverse(*check)))
                .map(|(check, _)| check.as_str())
        });
        (function, check)
    }

    /// Counts what could not be read, and why. The rows of one unit must be adjacent.
    pub fn add_coverage(&mut self, coverage: &[CoverageRow]) {
        self.gone += coverage
            .iter()
            .filter(|row| row.outcome == Outcome::Gone.as_str())
            .count() as u64;
        self.gaps.add(coverage);
    }

    /// The number of faults at or above a severity.
    pub fn faults_from(&self, least: Severity) -> u64 {
        self.checks
            .values()
            .flat_map(|counts| counts.faults.range(least..))
            .map(|(_, count)| count)
            .sum()
    }

    /// The figures by check: resources by status, and `faults`.
    pub fn by_check(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        let of = |counts: &Counts| {
            let resources = Status::ALL
                .iter()
                .map(|status| (status.as_str().to_owned(), counts.of(*status)));
            resources
                .chain([("faults".to_owned(), counts.faults())])
                .collect()
        };
        self.checks
            .iter()
            .map(|(check, counts)| (check.clone(), of(counts)))
            .collect()
    }

    /// The summary as text. Untrusted texts are made safe to print.
    pub fn render(&self, style: Style) -> String {
        render::render(self, style)
    }
}
