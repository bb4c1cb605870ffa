//! Judges a scan and writes its dataset and its reports.

use std::path::Path;

use lambdasweep_checks::Check;
use lambdasweep_report::{Output, Summary};
use lambdasweep_tables::{
    CheckResultRow, CheckRow, FindingRow, Journal, Manifest, ManifestInfo, Publication, Row, Scan,
    TABLES, Table, TablesError, Unit,
};

use crate::source::FileSource;
use crate::{ScanError, figures, judge};

/// A scan that is judged.
#[derive(Debug)]
pub struct Judgement {
    /// What was found and what was not read, in figures.
    pub summary: Summary,
    /// Whether all that was to be read was read.
    pub complete: bool,
}

/// A scan whose files are written and not in place yet.
#[derive(Debug)]
pub struct Prepared {
    /// What was found.
    pub judgement: Judgement,
    publication: Publication,
    info: ManifestInfo,
}

impl Prepared {
    /// Moves the files into place and writes the manifest, which makes the scan visible.
    ///
    /// # Errors
    /// Where a file cannot be moved, or the scan was published meanwhile.
    pub async fn publish(self) -> Result<(Judgement, Manifest), ScanError> {
        let manifest = self.publication.finish(self.info).await?;
        Ok((self.judgement, manifest))
    }
}

/// Judges what a journal holds, and writes all tables and reports.
///
/// # Errors
/// Where the journal cannot be read or a table cannot be written. Reports that cannot be written
/// are no error: see [`Output::finish`].
pub fn prepare(
    journal: &Journal,
    root: &Path,
    checks: &[&Check],
    outputs: &mut [Output],
    tool_version: &str,
) -> Result<Prepared, ScanError> {
    let mut publication = Publication::begin(root, &journal.header().scan_id)?;
    let of_engine = [
        FindingRow::TABLE.name,
        CheckResultRow::TABLE.name,
        CheckRow::TABLE.name,
    ];
    for table in TABLES
        .iter()
        .filter(|table| !of_engine.contains(&table.name))
    {
        copy(journal, table, &mut publication)?;
    }
    let source = FileSource::staged(&publication)?;
    let mut summary = figures::summary(&source)?;
    let mut findings = publication.writer(FindingRow::TABLE)?;
    let mut results = publication.writer(CheckResultRow::TABLE)?;
    outputs.iter_mut().for_each(|output| output.begin(checks));
    judge(&source, checks, &mut summary, |evaluation| {
        findings.write(&evaluation.findings)?;
        results.write(&evaluation.results)?;
        outputs
            .iter_mut()
            .for_each(|output| output.findings(&evaluation.findings));
        Ok(())
    })?;
    let (coverage, complete) = figures::coverage(&source, &mut summary)?;
    drop(source);
    publication.add(findings)?;
    publication.add(results)?;
    let mut described = publication.writer(CheckRow::TABLE)?;
    described.write(&CheckRow::frame(&rows_of(checks))?)?;
    publication.add(described)?;
    let info = ManifestInfo {
        tool_version: tool_version.to_owned(),
        started_at: journal.header().started_at.clone(),
        finished_at: jiff::Timestamp::now().to_string(),
        request: public(&journal.header().request),
        coverage,
        findings: summary.by_check(),
    };
    Ok(Prepared {
        judgement: Judgement { summary, complete },
        publication,
        info,
    })
}

/// Judges a published dataset. It stays as it is: findings go to the reports.
///
/// # Errors
/// Where the dataset cannot be read, or has tables of another version.
pub fn judge_published(
    scan: &Scan,
    checks: &[&Check],
    outputs: &mut [Output],
) -> Result<Judgement, ScanError> {
    let source = FileSource::published(scan)?;
    let mut summary = figures::summary(&source)?;
    outputs.iter_mut().for_each(|output| output.begin(checks));
    judge(&source, checks, &mut summary, |evaluation| {
        outputs
            .iter_mut()
            .for_each(|output| output.findings(&evaluation.findings));
        Ok(())
    })?;
    let (_, complete) = figures::coverage(&source, &mut summary)?;
    Ok(Judgement { summary, complete })
}

/// About how many rows a row group has.
const ROW_GROUP_ROWS: u64 = 20_000;

/// Writes a table from the journal, unit after unit; no more than a row group is held in memory.
fn copy(
    journal: &Journal,
    table: &'static Table,
    publication: &mut Publication,
) -> Result<(), TablesError> {
    let mut writer = publication.writer(table)?;
    let mut pending: Vec<Unit> = Vec::new();
    let mut rows = 0;
    for unit in journal.units() {
        let more = journal.row_count(table.name, &unit);
        if more == 0 {
            continue;
        }
        rows += more;
        pending.push(unit);
        if rows >= ROW_GROUP_ROWS {
            writer.write(&journal.frame(table, &pending)?)?;
            pending.clear();
            rows = 0;
        }
    }
    if !pending.is_empty() {
        writer.write(&journal.frame(table, &pending)?)?;
    }
    publication.add(writer)
}

/// The checks as rows, by id.
fn rows_of(checks: &[&Check]) -> Vec<CheckRow> {
    let mut rows: Vec<CheckRow> = checks
        .iter()
        .map(|check| CheckRow {
            check_id: check.id.clone(),
            title: check.title.clone(),
            severity: check.gravest().as_str().to_owned(),
            practice: i64::from(check.practice),
            subject: check.subject.as_str().to_owned(),
            facts: joined(check.facts.iter().map(|fact| fact.as_str())),
            frameworks: joined(check.frameworks.iter().flat_map(|(framework, controls)| {
                controls
                    .iter()
                    .map(move |control| format!("{framework}:{control}"))
            })),
            why: check.why.clone(),
            fix: check.fix.clone(),
            limits: check.limits.clone(),
        })
        .collect();
    rows.sort();
    rows
}

fn joined(words: impl Iterator<Item = impl Into<String>>) -> String {
    words.map(Into::into).collect::<Vec<String>>().join(", ")
}

/// The part of a request that is published: all but external ids.
fn public(request: &serde_json::Value) -> serde_json::Value {
    let mut request = request.clone();
    let lines = request
        .get_mut("listed")
        .and_then(serde_json::Value::as_array_mut);
    for line in lines
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_object_mut)
    {
        line.remove("external_id");
    }
    request
}
