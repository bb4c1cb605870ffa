//! The closing summary: what was found, the worst accounts and resources, and what was not read.

mod gaps;
mod practices;
mod render;
mod worst;

use std::collections::{BTreeMap, HashMap};

use lambdasweep_model::{Outcome, Severity, Status};
use lambdasweep_tables::{CheckResultRow, CoverageRow, Row, TablesError};
use polars::prelude::{ChunkCompareEq, DataFrame};

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
    /// The practice of each check that was evaluated, by the check's id.
    pub practices: BTreeMap<String, u8>,
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
    /// The accounts that the configuration trusts, and how many findings pass because of each.
    pub trusted: BTreeMap<String, u64>,
    /// Checks that could not be run, each with the reason.
    pub errors: Vec<(String, String)>,
    /// Commands that show more about the findings.
    pub next: Vec<String>,
}

/// The figures of one check.
#[derive(Debug, Clone, Default)]
struct Counts {
    /// The highest severity of its results.
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

    /// The highest severity of its faults; where there are none, that of the check.
    fn severity(&self) -> Option<Severity> {
        self.faults.keys().max().copied().or(self.severity)
    }

    fn faults(&self) -> u64 {
        self.faults.values().sum()
    }
}

fn add_to(counts: &mut BTreeMap<Severity, u64>, more: BTreeMap<Severity, u64>) {
    for (severity, count) in more {
        *counts.entry(severity).or_default() += count;
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
    /// Counts findings: rows of the table `findings`, and the numbers of the same findings, rows of
    /// the table `check_results`. Units that were not read are added by [`Self::add_coverage`].
    ///
    /// # Errors
    /// If a column is missing.
    pub fn add(&mut self, findings: &DataFrame, results: &DataFrame) -> Result<(), TablesError> {
        for row in CheckResultRow::rows(results)? {
            let counts = self.checks.entry(row.check_id).or_default();
            counts.severity = counts.severity.max(row.severity.parse().ok());
            for (status, resources) in [
                (Status::Fail, row.fail),
                (Status::Unknown, row.unknown),
                (Status::Pass, row.pass),
                (Status::NotApplicable, row.not_applicable),
            ] {
                counts.resources[status as usize] += u64::try_from(resources).unwrap_or(0);
            }
        }
        self.count_trusted(findings)?;
        // Of millions of findings most are no faults.
        let fails = findings
            .column("status")?
            .str()?
            .equal(Status::Fail.as_str());
        let faults = findings.filter(&fails)?;
        let text = |name: &str| Ok::<_, TablesError>(faults.column(name)?.str()?);
        let (accounts, checks) = (text("account_id")?, text("check_id")?);
        // Names are copied once, not for each of millions of faults, of which those of an account are
        // adjacent.
        let mut by_check: HashMap<&str, BTreeMap<Severity, u64>> = HashMap::new();
        let mut by_account: Vec<(&str, BTreeMap<Severity, u64>)> = Vec::new();
        let rows = accounts.iter().zip(checks.iter());
        for ((account, check), severity) in rows.zip(text("severity")?.iter()) {
            let severity = severity.and_then(|it| it.parse::<Severity>().ok());
            let (Some(account), Some(check), Some(severity)) = (account, check, severity) else {
                continue;
            };
            let counts = by_check.entry(check).or_default();
            *counts.entry(severity).or_default() += 1;
            if by_account.last().is_none_or(|(last, _)| *last != account) {
                by_account.push((account, BTreeMap::new()));
            }
            if let Some((_, counts)) = by_account.last_mut() {
                *counts.entry(severity).or_default() += 1;
            }
        }
        for (check, counts) in by_check {
            let known = &mut self.checks.entry(check.to_owned()).or_default().faults;
            add_to(known, counts);
        }
        for (account, counts) in by_account {
            let known = self.accounts.entry(account.to_owned()).or_default();
            add_to(known, counts);
        }
        self.worst.add(&faults)
    }

    /// Counts the findings that pass because an account is trusted.
    fn count_trusted(&mut self, findings: &DataFrame) -> Result<(), TablesError> {
        if self.trusted.is_empty() {
            return Ok(());
        }
        let status = findings.column("status")?.str()?;
        let details = findings.column("detail")?.str()?;
        for (status, detail) in status.iter().zip(details.iter()) {
            let account = detail
                .filter(|_| status == Some(Status::Pass.as_str()))
                .and_then(|detail| detail.split_once(" is trusted by configuration: "))
                .and_then(|(_, account)| self.trusted.get_mut(account));
            if let Some(count) = account {
                *count += 1;
            }
        }
        Ok(())
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
