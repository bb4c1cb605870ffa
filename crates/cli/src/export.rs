//! `lambdasweep checks export`.

use std::fmt::Write;

use anyhow::Result;
use lambdasweep_checks::Check;
use lambdasweep_checks::export::{DatasetPlace, Dialect, findings, tables};

use crate::arguments::{DatasetScan, DialectName, ExportArguments, ExportPart};
use crate::{FINE, Usage, setup, terminal};

pub(crate) fn run(arguments: &ExportArguments) -> Result<u8> {
    let registry = setup::registry(arguments.checks_dir.as_deref())?;
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
            out.push_str("-- The findings\n");
            add(&mut out, &checks, dialect, &place)?;
        }
    }
    terminal::own_result(out.trim_end())?;
    Ok(FINE)
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
