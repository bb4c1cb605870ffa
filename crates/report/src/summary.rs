//! The closing summary: what was found, where it is worst, and what was not read.

mod gaps;
mod render;
mod worst;

use std::collections::BTreeMap;

use lambdasweep_model::{Outcome, Severity, Status};
use lambdasweep_tables::{CoverageRow, FindingRow};

use crate::layout::Style;

use gaps::Gaps;
use worst::Worst;

/// What a scan found, in figures. It is filled batch by batch, and grows with accounts and checks,
/// not with functions.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    checks: BTreeMap<String, Counts>,
    accounts: BTreeMap<String, BTreeMap<Severity, u64>>,
    worst: Worst,
    gaps: Gaps,
    /// Names and places of accounts, by id.
    pub names: BTreeMap<String, AccountName>,
    /// Accounts that were to be read, and of these how many were.
    pub accounts_read: (u64, u64),
    /// Account-Regions that were to be read, and of these how many were.
    pub regions_read: (u64, u64),
    /// Functions that were read.
    pub functions: u64,
    /// Functions that were deleted while the scan ran.
    pub gone: u64,
    /// How many seconds it took.
    pub seconds: f64,
    /// Calls, and how many of them were throttled.
    pub calls: (u64, u64),
    /// Where the findings are.
    pub written: Vec<String>,
    /// Checks that could not be run, each with the reason.
    pub errors: Vec<(String, String)>,
    /// Commands that look closer at what was found.
    pub next: Vec<String>,
}

/// What one check answered, in figures.
#[derive(Debug, Clone, Default)]
struct Counts {
    /// How grave the gravest fault of the check can be.
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

/// What to call an account.
#[derive(Debug, Clone, Default)]
pub struct AccountName {
    /// Its name.
    pub name: String,
    /// Its place in the organisation.
    pub path: String,
}

impl Summary {
    /// Counts findings, which have to be sorted as the engine gives them, with all findings of a
    /// resource by checks that do not compare accounts. What was not read at all shows by
    /// [`Self::add_coverage`].
    pub fn add(&mut self, findings: &[FindingRow]) {
        let mut last: Option<&FindingRow> = None;
        for finding in findings {
            let severity = finding.severity.parse::<Severity>().ok();
            // A name is copied once, not for each of millions of findings.
            if !self.checks.contains_key(&finding.check_id) {
                self.checks
                    .insert(finding.check_id.clone(), Counts::default());
            }
            let status = finding.status.parse().unwrap_or(Status::Unknown);
            if let Some(counts) = self.checks.get_mut(&finding.check_id) {
                counts.severity = counts.severity.max(severity);
                // Rows of one resource that fails stand side by side, one for each fault.
                counts.resources[status as usize] +=
                    u64::from(!last.is_some_and(|last| last.is_beside(finding)));
                if status == Status::Fail
                    && let Some(severity) = severity
                {
                    *counts.faults.entry(severity).or_default() += 1;
                }
            }
            if status == Status::Fail
                && let Some(severity) = severity
            {
                if !self.accounts.contains_key(&finding.account_id) {
                    self.accounts
                        .insert(finding.account_id.clone(), BTreeMap::new());
                }
                if let Some(counts) = self.accounts.get_mut(&finding.account_id) {
                    *counts.entry(severity).or_default() += 1;
                }
            }
            last = Some(finding);
        }
        self.worst.add(findings);
    }

    /// The ARN of the worst function, and the check that has found the gravest fault of the worst
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

    /// Takes note of what could not be read, and why. The rows of one unit have to come together.
    pub fn add_coverage(&mut self, coverage: &[CoverageRow]) {
        self.gone += coverage
            .iter()
            .filter(|row| row.outcome == Outcome::Gone.as_str())
            .count() as u64;
        self.gaps.add(coverage);
    }

    /// How many faults there are at or above a severity.
    pub fn faults_from(&self, least: Severity) -> u64 {
        self.checks
            .values()
            .flat_map(|counts| counts.faults.range(least..))
            .map(|(_, count)| count)
            .sum()
    }

    /// Findings in figures, by check: resources by status, and `faults`.
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

    /// The summary as text. Strangers' texts are made safe to print.
    pub fn render(&self, style: Style) -> String {
        render::render(self, style)
    }
}
