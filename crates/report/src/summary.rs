//! The closing summary: what was found, where it is worst, and what was not read.

mod gaps;
mod render;

use std::collections::BTreeMap;

use lambdasweep_model::{Severity, Status};
use lambdasweep_tables::{CoverageRow, FindingRow};

use gaps::Gaps;

/// What a scan found, in figures. It is filled batch by batch, and grows with accounts and checks, not with functions.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    checks: BTreeMap<String, (Option<Severity>, [u64; 3])>,
    accounts: BTreeMap<String, BTreeMap<Severity, u64>>,
    gaps: Gaps,
    /// Names and places of accounts, by id.
    pub names: BTreeMap<String, AccountName>,
    /// Accounts that were to be read, and of these how many were.
    pub accounts_read: (u64, u64),
    /// Account-Regions that were to be read, and of these how many were.
    pub regions_read: (u64, u64),
    /// Functions that were read.
    pub functions: u64,
    /// How many seconds it took.
    pub seconds: f64,
    /// Calls, and how many of them were throttled.
    pub calls: (u64, u64),
    /// Where the findings are.
    pub written: Vec<String>,
    /// Checks that could not be run, each with the reason.
    pub errors: Vec<(String, String)>,
}

/// What to call an account.
#[derive(Debug, Clone, Default)]
pub struct AccountName {
    /// Its name.
    pub name: String,
    /// Its place in the organisation.
    pub path: String,
}

/// How the summary looks.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether colours may be used.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: u16,
    /// Whether lines may be drawn with characters beyond ASCII.
    pub unicode: bool,
}

impl Summary {
    /// Counts findings. What was not read at all shows by [`Self::add_coverage`].
    pub fn add(&mut self, findings: &[FindingRow]) {
        for finding in findings {
            let severity = finding.severity.parse::<Severity>().ok();
            // A name is copied once, not for each of millions of findings.
            if !self.checks.contains_key(&finding.check_id) {
                self.checks.insert(finding.check_id.clone(), (severity, [0; 3]));
            }
            let status = finding.status.parse().unwrap_or(Status::Unknown);
            if let Some((_, counts)) = self.checks.get_mut(&finding.check_id) {
                counts[status as usize] += 1;
            }
            if status == Status::Fail
                && let Some(severity) = severity
            {
                if !self.accounts.contains_key(&finding.account_id) {
                    self.accounts.insert(finding.account_id.clone(), BTreeMap::new());
                }
                if let Some(counts) = self.accounts.get_mut(&finding.account_id) {
                    *counts.entry(severity).or_default() += 1;
                }
            }
        }
    }

    /// Takes note of what could not be read, and why. The rows of one unit have to come together.
    pub fn add_coverage(&mut self, coverage: &[CoverageRow]) {
        self.gaps.add(coverage);
    }

    /// How many resources fail at or above a severity.
    pub fn failures_from(&self, least: Severity) -> u64 {
        self.checks
            .values()
            .filter(|(severity, _)| severity.is_some_and(|severity| severity >= least))
            .map(|(_, counts)| counts[Status::Fail as usize])
            .sum()
    }

    /// Findings in figures, by check and status.
    pub fn by_check(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        let of = |counts: &[u64; 3]| Status::ALL.iter().map(|status| (status.as_str().to_owned(), counts[*status as usize])).collect();
        self.checks.iter().map(|(check, (_, counts))| (check.clone(), of(counts))).collect()
    }

    /// The summary as text. Strangers' texts are made safe to print.
    pub fn render(&self, style: Style) -> String {
        render::render(self, style)
    }
}
