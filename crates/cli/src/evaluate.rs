//! Judges what the journal holds, a few accounts at a time, and publishes it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use anyhow::Result;
use lambdasweep_checks::{Check, Frames, check_results};
use lambdasweep_collect::ScanRequest;
use lambdasweep_model::AccountId;
use lambdasweep_report::{Summary, write_findings};
use lambdasweep_tables::{CheckResultRow, CoverageRow, FindingRow, Journal, Publication, Row, TABLES, Unit, table};

/// About how many functions are judged at once: memory is bounded by them, and an account is never divided.
const FUNCTIONS_AT_ONCE: u64 = 4_000;

/// Evaluates the checks over the journal, and writes all tables of the publication.
pub(crate) fn run(
    journal: &Journal,
    publication: &mut Publication,
    request: &ScanRequest,
    checks: &[&Check],
    jsonl: &mut Option<(Box<dyn Write + Send>, bool)>,
    summary: &mut Summary,
) -> Result<()> {
    for table in TABLES.iter().filter(|table| !["findings", "check_results"].contains(&table.name)) {
        publication.copy_from(journal, table)?;
    }
    let mut results: Vec<CheckResultRow> = Vec::new();
    let mut writer = publication.writer(FindingRow::TABLE)?;
    for units in batches(journal) {
        let mut frames = Frames::default();
        for name in Frames::needed(checks) {
            if let Some(table) = table(name) {
                frames.insert(table.name, journal.frame(table, &units)?);
            }
        }
        let evaluation = lambdasweep_checks::evaluate(checks, &frames)?;
        writer.write(&FindingRow::frame(&evaluation.findings)?)?;
        results.extend(check_results(&evaluation.findings));
        if let Some((out, with_pass)) = jsonl {
            write_findings(out, &request.scan_id, &evaluation.findings, *with_pass)?;
        }
        summary.add(&evaluation.findings);
        for error in evaluation.errors {
            if !summary.errors.contains(&error) {
                summary.errors.push(error);
            }
        }
    }
    writer.finish()?;
    if let Some((out, _)) = jsonl {
        out.flush()?;
    }
    results.sort();
    let mut writer = publication.writer(CheckResultRow::TABLE)?;
    writer.write(&CheckResultRow::frame(&results)?)?;
    writer.finish()?;
    Ok(())
}

/// The units in groups of whole accounts.
fn batches(journal: &Journal) -> Vec<Vec<Unit>> {
    let mut batches: Vec<Vec<Unit>> = Vec::new();
    let (mut batch, mut functions) = (Vec::new(), 0);
    let mut account: Option<AccountId> = None;
    for unit in journal.units() {
        let next = unit.account().cloned();
        if next != account && functions >= FUNCTIONS_AT_ONCE {
            batches.push(std::mem::take(&mut batch));
            functions = 0;
        }
        account = next;
        functions += journal.row_count("functions", &unit);
        batch.push(unit);
    }
    batches.push(batch);
    batches
}

/// How often each outcome came, by fact.
type Outcomes = BTreeMap<String, BTreeMap<String, u64>>;

/// Outcomes in figures, by fact and outcome; and whether all that was to be read was.
pub(crate) fn coverage(journal: &Journal, summary: &mut Summary) -> Result<(Outcomes, bool)> {
    let mut figures = Outcomes::new();
    let mut complete = true;
    let mut accounts_unread = BTreeSet::new();
    for unit in journal.units() {
        let mut listed = false;
        let rows = journal.rows::<CoverageRow>(&unit)?;
        summary.add_coverage(&rows);
        for row in rows {
            *figures.entry(row.fact.clone()).or_default().entry(row.outcome.clone()).or_default() += 1;
            // A Region that is not enabled and an account that is not active hold nothing that could have been read.
            let read = matches!(row.outcome.as_str(), "ok" | "region_disabled" | "skipped");
            complete &= read;
            if row.fact == "functions" && row.region.is_empty() && row.outcome != "ok" && !row.account_id.is_empty() {
                accounts_unread.insert(row.account_id.clone());
            }
            listed |= row.fact == "functions" && row.outcome == "ok" && !row.region.is_empty();
        }
        if matches!(unit, Unit::AccountRegion(..)) {
            summary.regions_read.0 += 1;
            summary.regions_read.1 += u64::from(listed);
        }
        summary.functions += journal.row_count("functions", &unit);
    }
    let (asked, _) = summary.accounts_read;
    summary.accounts_read.1 = asked.saturating_sub(accounts_unread.len() as u64);
    Ok((figures, complete))
}
