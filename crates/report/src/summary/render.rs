//! The summary as text for a terminal. All untrusted text goes through `printable`.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use lambdasweep_model::{Severity, Status, printable};

use super::Summary;
use super::gaps::{Gap, Kind, Reason};
use super::practices::practices_table;
use super::worst::Resource;
use crate::layout::{Cell, Look, Style, columns, counted, grouped, paragraph};

/// How many accounts, resources and reasons are shown.
const MOST_ACCOUNTS: usize = 10;
const MOST_RESOURCES: usize = 10;
const MOST_REASONS: usize = 12;

/// The maximum length of names, places and messages, in characters.
const MOST_NAME: usize = 40;
/// The minimum width, in columns, for long names.
const WIDE: u16 = 100;
const MOST_MESSAGE: usize = 240;

pub(super) fn render(summary: &Summary, style: Style) -> String {
    let mut out = String::new();
    paragraph(&mut out, &totals(summary), 0, style);
    out.push('\n');
    checks_table(&mut out, summary, style);
    if !summary.practices.is_empty() {
        title(&mut out, "Practices", style);
        practices_table(&mut out, summary, style);
    }
    if !summary.accounts.is_empty() {
        title(&mut out, "Worst accounts", style);
        accounts_table(&mut out, summary, style);
        if summary.accounts.len() > MOST_ACCOUNTS {
            let more = grouped((summary.accounts.len() - MOST_ACCOUNTS) as u64);
            let _ = writeln!(out, "and {more} more accounts: see the table check_results");
        }
        title(&mut out, "Worst resources", style);
        for (_, arn, resource) in summary.worst.sorted().into_iter().take(MOST_RESOURCES) {
            // An ARN is not broken, so that it can be copied.
            let _ = writeln!(out, "{}", printable(arn));
            paragraph(&mut out, &faults_of(resource), 2, style);
        }
    }
    let ((accounts, accounts_read), (regions, regions_read)) =
        (summary.accounts_read, summary.regions_read);
    let read = format!(
        "Read {} of {} accounts, {} of {} account-Regions, {}.",
        grouped(accounts_read),
        grouped(accounts),
        grouped(regions_read),
        grouped(regions),
        counted(summary.functions, "function")
    );
    out.push('\n');
    paragraph(&mut out, &read, 0, style);
    if summary.gone > 0 {
        let were = if summary.gone == 1 { "was" } else { "were" };
        let _ = writeln!(
            out,
            "{} {were} deleted while the scan ran.",
            counted(summary.gone, "function")
        );
    }
    gaps(&mut out, summary, style);
    trusted(&mut out, summary, style);
    for (check, error) in &summary.errors {
        wrapped(
            &mut out,
            &format!(
                "Check {} could not be run: {}",
                printable(check),
                printable(error)
            ),
            0,
            style,
        );
    }
    let _ = match summary.calls {
        (0, _) => writeln!(out, "No calls to AWS; {:.1} s.", summary.seconds),
        (calls, throttled) => writeln!(
            out,
            "{} in {:.1} s, {} of them throttled.",
            counted(calls, "call"),
            summary.seconds,
            grouped(throttled)
        ),
    };
    for path in &summary.written {
        let _ = writeln!(out, "Written: {}", printable(path));
    }
    if !summary.next.is_empty() {
        title(&mut out, "Next", style);
        for command in &summary.next {
            let _ = writeln!(out, "  {}", printable(command));
        }
    }
    out
}

/// What passes because the configuration says so, and which of its accounts play no part.
fn trusted(out: &mut String, summary: &Summary, style: Style) {
    let (used, unused): (Vec<_>, Vec<_>) =
        summary.trusted.iter().partition(|(_, count)| **count > 0);
    let all: u64 = used.iter().map(|(_, count)| **count).sum();
    if all > 0 {
        let pass = if all == 1 { "passes" } else { "pass" };
        let of: Vec<String> = used
            .iter()
            .map(|(account, count)| format!("{} ({})", printable(account), grouped(**count)))
            .collect();
        let told = format!(
            "{} {pass} because the configuration trusts the account: {}.",
            counted(all, "finding"),
            of.join(", ")
        );
        paragraph(out, &told, 0, style);
    }
    if !unused.is_empty() {
        let ids: Vec<String> = unused.iter().map(|(id, _)| printable(id)).collect();
        let told = format!(
            "No finding passes because of {}, which the configuration trusts: check the id, or remove it.",
            ids.join(", ")
        );
        paragraph(out, &told, 0, style);
    }
}

fn title(out: &mut String, text: &str, style: Style) {
    let _ = writeln!(out, "\n{}", Look::TITLE.on(text, style));
}

/// The number of faults by severity, and of UNKNOWN results: if nothing fails, these must not look
/// like a PASS.
fn totals(summary: &Summary) -> String {
    let mut faults: BTreeMap<Severity, u64> = BTreeMap::new();
    for (severity, count) in summary.checks.values().flat_map(|counts| &counts.faults) {
        *faults.entry(*severity).or_default() += count;
    }
    let all: u64 = faults.values().sum();
    let told = match all {
        0 => "Nothing fails".to_owned(),
        all => format!(
            "Failing: {} ({})",
            by_severity(&faults),
            counted(all, "fault")
        ),
    };
    match summary
        .checks
        .values()
        .map(|counts| counts.of(Status::Unknown))
        .sum::<u64>()
    {
        0 => format!("{told}."),
        1 => format!("{told}; 1 result is UNKNOWN."),
        unknown => format!("{told}; {} results are UNKNOWN.", grouped(unknown)),
    }
}

/// `2 critical, 1 high`: the most severe first.
fn by_severity(faults: &BTreeMap<Severity, u64>) -> String {
    let told: Vec<String> = faults
        .iter()
        .rev()
        .filter(|(_, count)| **count > 0)
        .map(|(severity, count)| format!("{} {severity}", grouped(*count)))
        .collect();
    told.join(", ")
}

/// `2 critical, 1 high: policy-public (2), env-secret`: the checks with the most severe faults
/// first.
fn faults_of(resource: &Resource) -> String {
    let mut checks: Vec<_> = resource
        .checks
        .iter()
        .map(|(check, faults)| {
            (
                Reverse(faults.keys().max()),
                check,
                faults.values().sum::<u64>(),
            )
        })
        .collect();
    checks.sort();
    let named = |check: &str, count: u64| match count {
        1 => printable(check),
        count => format!("{} ({})", printable(check), grouped(count)),
    };
    let checks: Vec<String> = checks
        .into_iter()
        .map(|(_, check, count)| named(check, count))
        .collect();
    format!("{}: {}", by_severity(&resource.faults()), checks.join(", "))
}

fn gaps(out: &mut String, summary: &Summary, style: Style) {
    let all = summary.gaps.sorted();
    if all.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nNot read, and therefore UNKNOWN");
    for (reason, gap) in all.iter().take(MOST_REASONS) {
        wrapped(out, &what_and_why(reason, gap), 2, style);
        if reason.kind != Kind::Organization {
            wrapped(out, &places(summary, gap), 4, style);
        }
        if let Some(message) = gap.message.as_deref().filter(|message| !message.is_empty()) {
            let example = if gap.count > 1 { "for example: " } else { "" };
            wrapped(
                out,
                &format!("{example}{}", shortened(message, MOST_MESSAGE)),
                4,
                style,
            );
        }
    }
    if all.len() > MOST_REASONS {
        let _ = writeln!(
            out,
            "  and {} more reasons: see the table coverage",
            grouped((all.len() - MOST_REASONS) as u64)
        );
    }
    let _ = writeln!(out);
}

fn what_and_why(reason: &Reason, gap: &Gap) -> String {
    let what = match &reason.kind {
        Kind::Organization => "the organisation".to_owned(),
        Kind::Account => counted(gap.count, "account"),
        Kind::AccountRegion => counted(gap.count, "account-Region"),
        Kind::Fact(fact) => {
            format!(
                "{}, {}",
                printable(fact),
                if gap.count == 1 {
                    "once".to_owned()
                } else {
                    format!("{} times", grouped(gap.count))
                }
            )
        }
    };
    let code = reason
        .code
        .as_deref()
        .map(|code| format!(" ({})", shortened(code, MOST_NAME)))
        .unwrap_or_default();
    format!("{what}: {}{code}", printable(&reason.outcome))
}

fn places(summary: &Summary, gap: &Gap) -> String {
    let named = |account: &str| match summary.names.get(account) {
        Some(known) => format!(
            "{} ({}, {})",
            printable(account),
            shortened(&known.name, MOST_NAME),
            shortened(&known.path, MOST_NAME)
        ),
        None => printable(account),
    };
    let mut told: Vec<String> = gap
        .places
        .iter()
        .map(|(account, region)| {
            if region.is_empty() {
                named(account)
            } else {
                format!("{} in {}", named(account), printable(region))
            }
        })
        .collect();
    let more = gap.places_count - gap.places.len() as u64;
    if more > 0 {
        told.push(format!(
            "and {} more: see the table coverage",
            grouped(more)
        ));
    }
    told.join("; ")
}

/// Faults and resources of each check. Columns that would be empty are left out.
fn checks_table(out: &mut String, summary: &Summary, style: Style) {
    let mut checks: Vec<_> = summary.checks.iter().collect();
    checks.sort_by_key(|(check, counts)| {
        (Reverse(counts.severity()), Reverse(counts.faults()), *check)
    });
    let statuses = [
        (Status::Fail, "Resources"),
        (Status::Unknown, "UNKNOWN"),
        (Status::Pass, "PASS"),
        (Status::NotApplicable, "N/A"),
    ];
    let is_told = |status: Status| {
        status != Status::NotApplicable || checks.iter().any(|(_, counts)| counts.of(status) > 0)
    };
    let statuses: Vec<_> = statuses
        .into_iter()
        .filter(|(status, _)| is_told(*status))
        .collect();
    let mut rows = vec![vec![
        header("Severity"),
        header("Check"),
        header("Faults").right(),
    ]];
    rows[0].extend(statuses.iter().map(|(_, title)| header(title).right()));
    for (check, counts) in &checks {
        let severity = counts.severity().map_or_else(
            || Cell::new("-"),
            |severity| Cell::new(severity.as_str()).look(Look::of(severity)),
        );
        let mut row = vec![
            severity,
            Cell::new(&shortened(check, 2 * MOST_NAME)),
            number(counts.faults()),
        ];
        row.extend(
            statuses
                .iter()
                .map(|(status, _)| number(counts.of(*status))),
        );
        rows.push(row);
    }
    columns(out, &rows, 0, style);
}

/// The accounts with the most severe faults, then with the most of them.
fn accounts_table(out: &mut String, summary: &Summary, style: Style) {
    let seen = |severity: &Severity| {
        summary
            .accounts
            .values()
            .any(|counts| counts.contains_key(severity))
    };
    let severities: Vec<Severity> = Severity::ALL.iter().rev().copied().filter(seen).collect();
    let mut rows = vec![
        ["account", "name", "place"]
            .map(|title| header(&capitalised(title)))
            .to_vec(),
    ];
    rows[0].extend(
        severities
            .iter()
            .map(|severity| header(&capitalised(severity.as_str())).right()),
    );
    let rank = |counts: &BTreeMap<Severity, u64>| {
        severities
            .iter()
            .map(|severity| counts.get(severity).copied().unwrap_or(0))
            .collect::<Vec<_>>()
    };
    let mut accounts: Vec<_> = summary
        .accounts
        .iter()
        .map(|(account, counts)| (Reverse(rank(counts)), account))
        .collect();
    accounts.sort();
    let most_name = if style.width < WIDE {
        MOST_NAME / 2
    } else {
        MOST_NAME
    };
    for (Reverse(counts), account) in accounts.into_iter().take(MOST_ACCOUNTS) {
        let known = summary.names.get(account).cloned().unwrap_or_default();
        let mut row = vec![
            Cell::new(account),
            Cell::new(&shortened(&known.name, most_name)),
            Cell::new(&shortened(&known.path, MOST_NAME)),
        ];
        row.extend(counts.into_iter().map(number));
        rows.push(row);
    }
    columns(out, &rows, 0, style);
}

pub(super) fn header(title: &str) -> Cell {
    Cell::new(title).look(Look::TITLE)
}

pub(super) fn number(value: u64) -> Cell {
    Cell::new(&grouped(value)).right()
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// Untrusted text, safe to print and limited to this many characters.
fn shortened(text: &str, most: usize) -> String {
    let mut safe = printable(text);
    if let Some((end, _)) = safe.char_indices().nth(most) {
        safe.truncate(end);
        safe.push_str("...");
    }
    safe
}

/// Writes a text in lines of the terminal's width; a word that is longer than a line is not broken,
/// so that it can be copied.
fn wrapped(out: &mut String, text: &str, indent: usize, style: Style) {
    let width = usize::from(style.width).max(40);
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        }
        if column == 0 {
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}
