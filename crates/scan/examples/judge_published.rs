//! Judges a published dataset as `scan` does, writes the findings to another folder, and prints
//! what it took, as one line of JSON: `judge_published DATASET SCAN_ID FOLDER`. For `scripts/bench checks`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use lambdasweep_checks::{Check, Phases, Registry};
use lambdasweep_report::Summary;
use lambdasweep_scan::{FileSource, Source, judge};
use lambdasweep_tables::{CheckResultRow, FindingRow, Publication, Row, Scan};

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dataset, scan_id, folder] = arguments.as_slice() else {
        return Err("judge_published DATASET SCAN_ID FOLDER".into());
    };
    let registry = Registry::builtin()?;
    let checks: Vec<&Check> = registry.all().collect();
    let scan = Scan::open(Path::new(dataset), &scan_id.parse()?)?;
    let begun = Instant::now();
    let source = FileSource::published(&scan)?;
    let opened = begun.elapsed();
    let mut publication = Publication::begin(Path::new(folder), &scan_id.parse()?)?;
    let mut findings = publication.writer(FindingRow::TABLE)?;
    let mut results = publication.writer(CheckResultRow::TABLE)?;
    let (mut rows, mut phases, mut write) = (0, Phases::default(), Duration::ZERO);
    let mut summary = Summary::default();
    judge(&source, &checks, &mut summary, |evaluation| {
        let begun = Instant::now();
        rows += evaluation.findings.height();
        phases += evaluation.phases;
        findings.write(&evaluation.findings)?;
        results.write(&evaluation.results)?;
        write += begun.elapsed();
        Ok(())
    })?;
    let judged = begun.elapsed();
    publication.add(findings)?;
    publication.add(results)?;
    let seconds = begun.elapsed();
    if let Some((check, error)) = summary.errors.first() {
        return Err(format!("{check}: {error}").into());
    }
    let functions: u64 = source.accounts().values().flat_map(BTreeMap::values).sum();
    let phases = [
        ("open", opened),
        ("read", phases.read),
        ("subjects", phases.subjects),
        ("queries", phases.queries),
        ("answers", phases.answers),
        ("evidence", phases.evidence),
        ("findings", phases.findings),
        ("write", write),
        ("verify", seconds - judged),
    ];
    let phases: BTreeMap<&str, f64> = phases
        .into_iter()
        .map(|(name, took)| (name, took.as_secs_f64()))
        .collect();
    let told = serde_json::json!({
        "functions": functions,
        "checks": checks.len(),
        "rows": rows,
        "seconds": seconds.as_secs_f64(),
        "phases": phases,
    });
    writeln!(std::io::stdout(), "{told}")?;
    Ok(())
}
