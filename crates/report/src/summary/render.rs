//! The summary as text for a terminal. Everything that a stranger wrote goes through `printable`.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::presets::{ASCII_MARKDOWN, UTF8_FULL_CONDENSED};
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};
use lambdasweep_model::{Severity, Status, printable};

use super::gaps::{Gap, Kind, Reason};
use super::{Style, Summary};

/// How many accounts and how many reasons are shown.
const MOST_ACCOUNTS: usize = 10;
const MOST_REASONS: usize = 12;

/// The longest name, place and message that are shown, in characters.
const MOST_NAME: usize = 40;
const MOST_MESSAGE: usize = 240;

pub(super) fn render(summary: &Summary, style: Style) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}\n{}", totals(summary), checks_table(summary, style));
    if !summary.accounts.is_empty() {
        let _ = writeln!(out, "\nWorst accounts\n{}", accounts_table(summary, style));
        if summary.accounts.len() > MOST_ACCOUNTS {
            let _ = writeln!(
                out,
                "and {} more accounts: see the table check_results",
                grouped((summary.accounts.len() - MOST_ACCOUNTS) as u64)
            );
        }
    }
    let ((accounts, accounts_read), (regions, regions_read)) = (summary.accounts_read, summary.regions_read);
    let read = format!(
        "Read {} of {} accounts, {} of {} account-Regions, {}.",
        grouped(accounts_read),
        grouped(accounts),
        grouped(regions_read),
        grouped(regions),
        counted(summary.functions, "function")
    );
    let _ = writeln!(out, "\n{read}");
    if summary.gone > 0 {
        let were = if summary.gone == 1 { "was" } else { "were" };
        let _ = writeln!(out, "{} {were} deleted while the scan ran.", counted(summary.gone, "function"));
    }
    gaps(&mut out, summary, style);
    for (check, error) in &summary.errors {
        wrapped(&mut out, &format!("Check {} could not be run: {}", printable(check), printable(error)), 0, style);
    }
    let (calls, throttled) = summary.calls;
    let _ = writeln!(out, "{} in {:.1} s, {} of them throttled.", counted(calls, "call"), summary.seconds, grouped(throttled));
    for path in &summary.written {
        let _ = writeln!(out, "Written: {}", printable(path));
    }
    out
}

/// How many faults there are, by severity, and how many results are UNKNOWN: where nothing fails, that must not look like a PASS.
fn totals(summary: &Summary) -> String {
    let mut fails: BTreeMap<Severity, u64> = BTreeMap::new();
    for (severity, count) in summary.checks.values().flat_map(|counts| &counts.faults) {
        *fails.entry(*severity).or_default() += count;
    }
    let told: Vec<String> =
        fails.iter().rev().filter(|(_, count)| **count > 0).map(|(severity, count)| format!("{} {severity}", grouped(*count))).collect();
    let unknown: u64 = summary.checks.values().map(|counts| counts.of(Status::Unknown)).sum();
    let told = if told.is_empty() { "Nothing fails".to_owned() } else { format!("Faults: {}", told.join(", ")) };
    if unknown == 0 {
        format!("{told}.")
    } else {
        format!("{told}; {} UNKNOWN.", if unknown == 1 { "1 result is".to_owned() } else { format!("{} results are", grouped(unknown)) })
    }
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
            wrapped(out, &format!("{example}{}", shortened(message, MOST_MESSAGE)), 4, style);
        }
    }
    if all.len() > MOST_REASONS {
        let _ = writeln!(out, "  and {} more reasons: see the table coverage", grouped((all.len() - MOST_REASONS) as u64));
    }
    let _ = writeln!(out);
}

fn what_and_why(reason: &Reason, gap: &Gap) -> String {
    let what = match &reason.kind {
        Kind::Organization => "the organisation".to_owned(),
        Kind::Account => counted(gap.count, "account"),
        Kind::AccountRegion => counted(gap.count, "account-Region"),
        Kind::Fact(fact) => {
            format!("{}, {}", printable(fact), if gap.count == 1 { "once".to_owned() } else { format!("{} times", grouped(gap.count)) })
        }
    };
    let code = reason.code.as_deref().map(|code| format!(" ({})", shortened(code, MOST_NAME))).unwrap_or_default();
    format!("{what}: {}{code}", printable(&reason.outcome))
}

fn places(summary: &Summary, gap: &Gap) -> String {
    let named = |account: &str| match summary.names.get(account) {
        Some(known) => format!("{} ({}, {})", printable(account), shortened(&known.name, MOST_NAME), shortened(&known.path, MOST_NAME)),
        None => printable(account),
    };
    let mut told: Vec<String> = gap
        .places
        .iter()
        .map(|(account, region)| if region.is_empty() { named(account) } else { format!("{} in {}", named(account), printable(region)) })
        .collect();
    let more = gap.places_count - gap.places.len() as u64;
    if more > 0 {
        told.push(format!("and {} more: see the table coverage", grouped(more)));
    }
    told.join("; ")
}

fn checks_table(summary: &Summary, style: Style) -> Table {
    let mut table = new_table(style);
    table.set_header(["Severity", "Check", "Faults", "FAIL", "UNKNOWN", "PASS", "N/A"].map(|title| header(title, style)));
    let mut checks: Vec<_> = summary.checks.iter().collect();
    checks.sort_by_key(|(check, counts)| (Reverse(counts.severity), Reverse(counts.faults()), *check));
    for (check, counts) in checks {
        let severity_cell = counts.severity.map_or_else(|| Cell::new("-"), |severity| coloured(Cell::new(severity), severity, style));
        let count = |status: Status| number(counts.of(status));
        table.add_row([
            severity_cell,
            Cell::new(shortened(check, 2 * MOST_NAME)),
            number(counts.faults()),
            count(Status::Fail),
            count(Status::Unknown),
            count(Status::Pass),
            count(Status::NotApplicable),
        ]);
    }
    table
}

/// The accounts with the gravest failures, then with the most of them.
fn accounts_table(summary: &Summary, style: Style) -> Table {
    let mut table = new_table(style);
    let seen = |severity: &Severity| summary.accounts.values().any(|counts| counts.contains_key(severity));
    let severities: Vec<Severity> = Severity::ALL.iter().rev().copied().filter(seen).collect();
    let titles = ["account", "name", "place"].into_iter().chain(severities.iter().map(|severity| severity.as_str()));
    table.set_header(titles.map(|title| header(&capitalised(title), style)));
    let rank =
        |counts: &BTreeMap<Severity, u64>| severities.iter().map(|severity| counts.get(severity).copied().unwrap_or(0)).collect::<Vec<_>>();
    let mut accounts: Vec<_> = summary.accounts.iter().map(|(account, counts)| (Reverse(rank(counts)), account)).collect();
    accounts.sort();
    for (Reverse(counts), account) in accounts.into_iter().take(MOST_ACCOUNTS) {
        let known = summary.names.get(account).cloned().unwrap_or_default();
        let mut row =
            vec![Cell::new(printable(account)), Cell::new(shortened(&known.name, MOST_NAME)), Cell::new(shortened(&known.path, MOST_NAME))];
        row.extend(counts.into_iter().map(number));
        table.add_row(row);
    }
    table
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

fn number(value: u64) -> Cell {
    Cell::new(grouped(value)).set_alignment(CellAlignment::Right)
}

/// Digits in groups of three.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn counted(value: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(value), if value == 1 { "" } else { "s" })
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A stranger's text, safe to print and no longer than so many characters.
fn shortened(text: &str, most: usize) -> String {
    let mut safe = printable(text);
    if let Some((end, _)) = safe.char_indices().nth(most) {
        safe.truncate(end);
        safe.push_str("...");
    }
    safe
}

/// Writes a text in lines of the terminal's width; what is longer than a line stays whole, so that it can be copied.
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
