//! The closing summary: what was found, where it is worst, and what was not read.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::presets::{ASCII_MARKDOWN, UTF8_FULL_CONDENSED};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};
use lambdasweep_model::{Severity, Status, printable};
use lambdasweep_tables::FindingRow;

/// How many accounts and how many gaps are shown.
const MOST_ACCOUNTS: usize = 10;
const MOST_GAPS: usize = 12;

/// What a scan found, in figures; it grows with accounts and checks, not with functions.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    checks: BTreeMap<String, (Option<Severity>, [u64; 3])>,
    accounts: BTreeMap<String, BTreeMap<Severity, u64>>,
    gaps: BTreeMap<(String, String), String>,
    /// Names and places of accounts.
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
    /// Checks that could not be run.
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
    /// Counts findings.
    pub fn add(&mut self, findings: &[FindingRow]) {
        for finding in findings {
            let severity = finding.severity.parse::<Severity>().ok();
            let (known, counts) = self.checks.entry(finding.check_id.clone()).or_default();
            *known = severity;
            let status = finding.status.parse().unwrap_or(Status::Unknown);
            counts[status as usize] += 1;
            if status == Status::Fail
                && let Some(severity) = severity
            {
                *self.accounts.entry(finding.account_id.clone()).or_default().entry(severity).or_default() += 1;
            }
            let unit = matches!(finding.resource_type.as_str(), "account" | "account-region" | "organization");
            if unit {
                self.gaps.entry((finding.account_id.clone(), finding.region.clone())).or_insert_with(|| finding.detail.clone());
            }
        }
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

    /// The summary as text.
    pub fn render(&self, style: Style) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}", self.checks_table(style));
        if !self.accounts.is_empty() {
            let _ = writeln!(out, "\nWorst accounts\n{}", self.accounts_table(style));
        }
        let (asked, read) = self.accounts_read;
        let (regions, regions_read) = self.regions_read;
        let _ =
            writeln!(out, "\nRead {read} of {asked} accounts, {regions_read} of {regions} account-Regions, {} functions.", self.functions);
        if !self.gaps.is_empty() {
            let _ = writeln!(out, "Not read, and therefore UNKNOWN:");
            for ((account, region), why) in self.gaps.iter().take(MOST_GAPS) {
                let place = if region.is_empty() { String::new() } else { format!(", {region}") };
                let _ = writeln!(out, "  {}{place}: {}", self.named(account), printable(why));
            }
            if self.gaps.len() > MOST_GAPS {
                let _ = writeln!(out, "  and {} more: see the table coverage", self.gaps.len() - MOST_GAPS);
            }
        }
        for (check, error) in &self.errors {
            let _ = writeln!(out, "Check {check} could not be run: {}", printable(error));
        }
        let (calls, throttled) = self.calls;
        let _ = writeln!(out, "{calls} calls in {:.1} s, {throttled} of them throttled.", self.seconds);
        for path in &self.written {
            let _ = writeln!(out, "Written: {}", printable(path));
        }
        out
    }

    fn named(&self, account: &str) -> String {
        match self.names.get(account) {
            Some(known) => format!("{account} ({}, {})", printable(&known.name), printable(&known.path)),
            None if account.is_empty() => "the organisation".to_owned(),
            None => account.to_owned(),
        }
    }

    fn checks_table(&self, style: Style) -> Table {
        let mut table = new_table(style);
        table.set_header(["Severity", "Check", "FAIL", "UNKNOWN", "PASS"].map(|title| header(title, style)));
        let mut checks: Vec<_> = self.checks.iter().collect();
        checks.sort_by_key(|(check, (severity, counts))| {
            (std::cmp::Reverse(*severity), std::cmp::Reverse(counts[Status::Fail as usize]), (*check).clone())
        });
        for (check, (severity, counts)) in checks {
            let severity_cell = severity.map_or_else(|| Cell::new("-"), |severity| coloured(Cell::new(severity), severity, style));
            let count = |status: Status| Cell::new(counts[status as usize]).set_alignment(CellAlignment::Right);
            table.add_row([severity_cell, Cell::new(printable(check)), count(Status::Fail), count(Status::Unknown), count(Status::Pass)]);
        }
        table
    }

    fn accounts_table(&self, style: Style) -> Table {
        let mut table = new_table(style);
        let mut titles = vec![header("Account", style), header("Name", style), header("Place", style)];
        let severities: Vec<Severity> = Severity::ALL
            .iter()
            .rev()
            .copied()
            .filter(|severity| self.accounts.values().any(|counts| counts.contains_key(severity)))
            .collect();
        titles.extend(severities.iter().map(|severity| header(severity.as_str(), style)));
        table.set_header(titles);
        let rank = |counts: &BTreeMap<Severity, u64>| {
            Severity::ALL.iter().rev().map(|severity| counts.get(severity).copied().unwrap_or(0)).collect::<Vec<_>>()
        };
        let mut accounts: Vec<_> = self.accounts.iter().collect();
        accounts.sort_by_key(|(account, counts)| (std::cmp::Reverse(rank(counts)), (*account).clone()));
        for (account, counts) in accounts.into_iter().take(MOST_ACCOUNTS) {
            let known = self.names.get(account).cloned().unwrap_or_default();
            let mut row = vec![Cell::new(account), Cell::new(printable(&known.name)), Cell::new(printable(&known.path))];
            row.extend(
                severities.iter().map(|severity| Cell::new(counts.get(severity).copied().unwrap_or(0)).set_alignment(CellAlignment::Right)),
            );
            table.add_row(row);
        }
        table
    }
}

fn new_table(style: Style) -> Table {
    let mut table = Table::new();
    table.load_style(if style.unicode { UTF8_FULL_CONDENSED } else { ASCII_MARKDOWN });
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(style.width);
    if style.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

fn header(title: &str, style: Style) -> Cell {
    let cell = Cell::new(title);
    if style.colour { cell.add_attribute(Attribute::Bold) } else { cell }
}

fn coloured(cell: Cell, severity: Severity, style: Style) -> Cell {
    if !style.colour {
        return cell;
    }
    match severity {
        Severity::Critical => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Severity::High => cell.fg(Color::Red),
        Severity::Medium => cell.fg(Color::Yellow),
        Severity::Low | Severity::Info => cell.fg(Color::Cyan),
    }
}
