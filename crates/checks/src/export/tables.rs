//! The tables of a dataset: as an engine declares them, and as a statement reads them.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_tables::{CoverageRow, Row, Table, table};

use super::dialect::Dialect;
use super::evidence::links;
use super::statement::Statement;
use super::{DatasetPlace, ExportError};
use crate::check::Check;
use crate::frames::Frames;

/// The column by which a dataset is partitioned. Its values are texts, whatever they look like.
const PARTITION: &str = "scan_id";

/// The statements that declare the tables which the findings of these checks are made of. They may
/// be run again.
///
/// # Errors
/// Where DuckDB would take the folder's name for a pattern.
pub fn tables(
    checks: &[&Check],
    dialect: Dialect,
    place: &DatasetPlace,
) -> Result<Vec<String>, ExportError> {
    if dialect == Dialect::DuckDb && place.folder.contains(['*', '?', '[', ']']) {
        return Err(ExportError::Pattern {
            folder: lambdasweep_model::printable(&place.folder),
        });
    }
    let database = &place.database;
    let what = match dialect {
        Dialect::DuckDb => "SCHEMA",
        Dialect::Spark | Dialect::Athena => "DATABASE",
    };
    let mut statements = vec![format!("CREATE {what} IF NOT EXISTS {database}")];
    let needed = columns(checks);
    for table in needed.keys().filter_map(|name| table(name)) {
        statements.extend(match dialect {
            Dialect::DuckDb => vec![duckdb(table, place)],
            Dialect::Spark => spark(table, place),
            Dialect::Athena => vec![athena(table, place)],
        });
    }
    Ok(statements)
}

/// Of DuckDB's readers only this one finds the columns by itself. It sees the files of one scan, so
/// that scans whose tables had other columns do not matter.
fn duckdb(table: &Table, place: &DatasetPlace) -> String {
    let (name, database, scan) = (table.name, &place.database, &place.scan_id);
    let files = format!(
        "{}/{name}/{PARTITION}={scan}/*.parquet",
        place.folder.trim_end_matches('/')
    );
    format!(
        "CREATE OR REPLACE VIEW {database}.{name} AS\nSELECT * FROM read_parquet({}, hive_partitioning = true, hive_types = {{'{PARTITION}': VARCHAR}})",
        Dialect::DuckDb.text(&files)
    )
}

fn spark(table: &Table, place: &DatasetPlace) -> Vec<String> {
    let (name, database) = (table.name, &place.database);
    let mut columns = declared(table, Dialect::Spark);
    columns.push(format!("  `{PARTITION}` STRING"));
    let folder = format!("{}/{name}", place.folder.trim_end_matches('/'));
    vec![
        format!(
            "CREATE TABLE IF NOT EXISTS {database}.{name} (\n{}\n)\nUSING PARQUET\nPARTITIONED BY (`{PARTITION}`)\nLOCATION {}",
            columns.join(",\n"),
            Dialect::Spark.text(&folder)
        ),
        // Scans that were published since.
        format!("MSCK REPAIR TABLE {database}.{name}"),
    ]
}

/// A projection of the type `injected` takes the partition from the query, so that new scans need
/// no further statement.
fn athena(table: &Table, place: &DatasetPlace) -> String {
    let (name, database) = (table.name, &place.database);
    let folder = format!("{}/{name}/", place.folder.trim_end_matches('/'));
    let template = format!("{folder}{PARTITION}=${{{PARTITION}}}/");
    let text = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    format!(
        "CREATE EXTERNAL TABLE IF NOT EXISTS {database}.{name} (\n{}\n)\nPARTITIONED BY (`{PARTITION}` STRING)\nSTORED AS PARQUET\nLOCATION {}\nTBLPROPERTIES (\n  'projection.enabled' = 'true',\n  'projection.{PARTITION}.type' = 'injected',\n  'storage.location.template' = {}\n)",
        declared(table, Dialect::Athena).join(",\n"),
        text(&folder),
        text(&template)
    )
}

fn declared(table: &Table, dialect: Dialect) -> Vec<String> {
    let columns = table.columns.iter();
    columns
        .map(|column| format!("  `{}` {}", column.name, dialect.column_type(column.kind)))
        .collect()
}

/// The columns that are read, by table.
pub(super) fn columns(checks: &[&Check]) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let frames = Frames::new(checks);
    let names = frames.needed();
    let columns = names.into_iter().map(|name| (name, frames.columns(name)));
    let mut columns: BTreeMap<&str, BTreeSet<&str>> = columns
        .map(|(name, columns)| (name, columns.into_iter().collect()))
        .collect();
    for (_, link) in checks.iter().flat_map(|check| links(check)) {
        columns
            .entry(link.table)
            .or_default()
            .extend([link.from, link.to]);
    }
    columns
}

/// Adds, for each table, the rows of the scan under the table's name.
pub(super) fn rows(statement: &mut Statement<'_>, place: &DatasetPlace) {
    let dialect = statement.dialect;
    let facts: Vec<&str> = statement.facts().iter().map(|it| it.as_str()).collect();
    for (name, columns) in columns(statement.checks) {
        let columns: Vec<&str> = columns.into_iter().collect();
        let mut body = format!(
            "SELECT {}\nFROM {}.{name}\nWHERE {PARTITION} = {}",
            columns.join(", "),
            place.database,
            dialect.text(&place.scan_id)
        );
        if name == CoverageRow::TABLE.name {
            body.push_str(&format!(
                "\n  AND fact IN ({})",
                dialect.texts(facts.iter().copied())
            ));
        }
        statement.add(name, &format!("The scan's rows of the table {name}"), body);
    }
}
