//! `lambdasweep checks export`.

use std::fmt::Write;

use anyhow::Result;
use clap::{Args, ValueEnum};
use lambdasweep_checks::Check;
use lambdasweep_checks::export::{DatasetPlace, Dialect, findings, tables};
use lambdasweep_model::{ScanId, ScanIdError};

use crate::arguments::CheckArguments;
use crate::{FINE, Usage, setup, terminal};

/// What `checks export` prints, and how.
#[derive(Debug, Clone, Args)]
#[command(after_help = HELP)]
pub(crate) struct ExportArguments {
    /// Whose SQL.
    #[arg(long, value_enum)]
    dialect: DialectName,
    #[command(flatten)]
    checks: CheckArguments,
    /// The scan to read: the dataset's folder or address, a slash, and the scan's id (default: the
    /// statements have {dataset} and {scan_id} instead).
    #[arg(long, value_name = "DATASET/ID", value_parser = dataset_scan)]
    scan: Option<DatasetScan>,
    /// The schema or database in which the tables are declared.
    #[arg(long, default_value = "lambdasweep", value_name = "NAME", value_parser = database)]
    database: String,
    /// Print only the statements that declare the tables, or only those that answer the findings.
    #[arg(long, value_enum)]
    only: Option<ExportPart>,
    /// Print a statement for each check instead of one for all of them.
    #[arg(long)]
    each: bool,
}

const HELP: &str = "\
The statements declare the dataset's tables and then answer the rows of the table findings, with every column: what fails, what passes, what is \
UNKNOWN because it was not read, and why. Nothing is read from AWS or from the dataset, and nothing is written; redirect the output into a file.

Every statement ends with a semicolon. To keep the answer, write CREATE TABLE my_findings AS in front of the last one. DuckDB reads a dataset on this \
machine or, with its extension httpfs, in S3. Athena reads S3 only and runs one statement at a time; what would be too long for it is \
divided into several statements, and a statement for each check (--each) keeps its plans small. Values of the partition scan_id are declared as text in all of them.

Where a check's own query is wrong, lambdasweep reports it and makes its resources UNKNOWN; the statements cannot.

Examples:
  lambdasweep checks export --dialect duckdb --scan lambda-data/20261124T101500Z-0001 | duckdb
  lambdasweep checks export --dialect spark --scan s3a://bucket/lambda/20261124T101500Z-0001 --checks policy-public
  lambdasweep checks export --dialect athena --scan s3://bucket/lambda/20261124T101500Z-0001 --only findings --each";

/// An engine's SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DialectName {
    /// DuckDB
    Duckdb,
    /// Spark SQL
    Spark,
    /// Athena: queries in Trino's SQL, tables in Hive's
    Athena,
}

/// What `checks export` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportPart {
    /// The statements that declare the tables
    Tables,
    /// The statements that answer the findings
    Findings,
}

/// A scan of a dataset that need not be on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DatasetScan {
    dataset: String,
    scan_id: ScanId,
}

fn dataset_scan(text: &str) -> Result<DatasetScan, String> {
    let (dataset, scan_id) = text
        .trim_end_matches('/')
        .rsplit_once('/')
        .filter(|(dataset, _)| !dataset.is_empty())
        .ok_or("give the dataset and the scan's id with a slash between them, as in lambda-data/20261124T101500Z-0001")?;
    if dataset.chars().any(char::is_control) {
        return Err("the dataset's path has control characters".to_owned());
    }
    Ok(DatasetScan {
        dataset: dataset.to_owned(),
        scan_id: scan_id
            .parse()
            .map_err(|error: ScanIdError| error.to_string())?,
    })
}

/// A name that every engine reads without quotes.
fn database(name: &str) -> Result<String, &'static str> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins_well = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase());
    if begins_well && name.bytes().all(plain) {
        Ok(name.to_owned())
    } else {
        Err("use lower-case letters, digits and _, with a letter first")
    }
}

pub(super) fn run(arguments: &ExportArguments) -> Result<u8> {
    let registry = setup::registry(arguments.checks.checks_dir.as_deref())?;
    let mut checks = setup::selected(&registry, &arguments.checks)?;
    checks.sort_by(|a, b| a.id.cmp(&b.id));
    checks.dedup_by(|a, b| a.id == b.id);
    let dialect = match arguments.dialect {
        DialectName::Duckdb => Dialect::DuckDb,
        DialectName::Spark => Dialect::Spark,
        DialectName::Athena => Dialect::Athena,
    };
    let place = place(dialect, arguments)?;
    let mut out = String::new();
    if arguments.only != Some(ExportPart::Findings) {
        out.push_str("-- The tables of the dataset\n");
        for statement in tables(&checks, dialect, &place)? {
            let _ = writeln!(out, "{statement};\n");
        }
    }
    if arguments.only != Some(ExportPart::Tables) {
        if arguments.each {
            for check in &checks {
                let _ = writeln!(out, "-- The findings of {}: {}", check.id, check.title);
                add(&mut out, &[*check], dialect, &place)?;
            }
        } else {
            add_within_limits(&mut out, &checks, dialect, &place)?;
        }
    }
    terminal::own_result(out.trim_end())?;
    Ok(FINE)
}

/// The longest statement that Athena takes, in bytes. Source: "Service Quotas", Amazon Athena User
/// Guide.
const MOST_OF_ATHENA: usize = 262_144;

/// Adds one statement for all checks, or several where it would be too long for the engine.
fn add_within_limits(
    out: &mut String,
    checks: &[&Check],
    dialect: Dialect,
    place: &DatasetPlace,
) -> Result<()> {
    let statement = findings(checks, dialect, place)?;
    if dialect == Dialect::Athena && statement.len() >= MOST_OF_ATHENA && checks.len() > 1 {
        let (first, second) = checks.split_at(checks.len() / 2);
        add_within_limits(out, first, dialect, place)?;
        return add_within_limits(out, second, dialect, place);
    }
    let of = match checks {
        [first, .., last] => format!(" of {} to {}", first.id, last.id),
        [one] => format!(" of {}", one.id),
        [] => String::new(),
    };
    let _ = writeln!(out, "-- The findings{of}\n{statement};\n");
    Ok(())
}

fn add(out: &mut String, checks: &[&Check], dialect: Dialect, place: &DatasetPlace) -> Result<()> {
    let _ = writeln!(out, "{};\n", findings(checks, dialect, place)?);
    Ok(())
}

/// Where the engine finds the scan. A path on this machine is given in full, since engines have
/// folders of their own.
fn place(dialect: Dialect, arguments: &ExportArguments) -> Result<DatasetPlace> {
    let database = arguments.database.clone();
    let Some(DatasetScan { dataset, scan_id }) = &arguments.scan else {
        return Ok(DatasetPlace {
            folder: "{dataset}".to_owned(),
            scan_id: "{scan_id}".to_owned(),
            database,
        });
    };
    let folder = if dialect == Dialect::Athena {
        if !dataset.starts_with("s3://") {
            let told = "Athena reads from S3 only: give --scan as s3://BUCKET/FOLDER/ID";
            return Err(Usage(told.to_owned()).into());
        }
        dataset.clone()
    } else if dataset.contains("://") {
        dataset.clone()
    } else {
        std::path::absolute(dataset)?.display().to_string()
    };
    Ok(DatasetPlace {
        folder,
        scan_id: scan_id.to_string(),
        database,
    })
}
