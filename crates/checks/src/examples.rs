//! Runs a check's examples: its tests.

use std::collections::BTreeSet;

use lambdasweep_model::{Fact, Grain};
use lambdasweep_tables::{Kind, Table, TablesError, table};
use polars::prelude::{Column as PolarsColumn, DataFrame, IntoColumn, NamedFrom, Series};

use crate::check::{Check, Example, ExampleTable};
use crate::engine::{Frames, evaluate};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";

/// Runs an example. What it does not give, it takes for granted: account, Region, and that everything the check needs was read. A table
/// `coverage:` says what was not.
///
/// # Errors
/// In words, where the rows that come out are not those that the example expects.
pub fn run_example(check: &Check, example: &Example) -> Result<(), String> {
    let mut frames = Frames::default();
    for given in &example.tables {
        let declared = table(&given.name).ok_or_else(|| format!("there is no table {}", given.name))?;
        if given.name != "coverage" {
            frames.insert(declared.name, frame(declared, given)?);
        }
    }
    let coverage = coverage(check, example)?;
    frames.insert("coverage", coverage);
    let evaluation = evaluate(&[check], &frames).map_err(|error| error.to_string())?;
    if let Some((_, error)) = evaluation.errors.first() {
        return Err(error.clone());
    }
    let found: BTreeSet<Vec<String>> = evaluation
        .findings
        .iter()
        .map(|finding| {
            let cell = |column: &String| match column.as_str() {
                "resource_arn" => finding.resource_arn.clone(),
                "status" => finding.status.clone(),
                "detail" => finding.detail.clone(),
                "resource_type" => finding.resource_type.clone(),
                "region" => finding.region.clone(),
                other => format!("(no column {other})"),
            };
            example.expect.columns.iter().map(cell).collect()
        })
        .collect();
    let expected: BTreeSet<Vec<String>> = example.expect.rows.iter().cloned().collect();
    if found == expected { Ok(()) } else { Err(format!("expected {expected:?}, found {found:?}")) }
}

/// Everything was read, but for what the example's own table `coverage:` says.
fn coverage(check: &Check, example: &Example) -> Result<DataFrame, String> {
    let declared = table("coverage").ok_or("there is no table coverage")?;
    let given = example.tables.iter().find(|given| given.name == "coverage");
    let mut all = ExampleTable {
        name: "coverage".to_owned(),
        columns: ["account_id", "region", "resource_arn", "fact", "outcome", "error_code"].map(str::to_owned).to_vec(),
        rows: Vec::new(),
    };
    let row = |region: &str, arn: &str, fact: Fact| [ACCOUNT, region, arn, fact.as_str(), "ok", "-"].map(str::to_owned).to_vec();
    let functions = example.tables.iter().find(|given| given.name == "functions");
    let arns = functions.map(|given| column_of(given, "function_arn")).unwrap_or_default();
    for &fact in &check.facts {
        match fact.grain() {
            Grain::Function => all.rows.extend(arns.iter().map(|arn| row(REGION, arn, fact))),
            Grain::AccountRegion => all.rows.push(row(REGION, "", fact)),
            Grain::Account | Grain::Organization => all.rows.push(row("", "", fact)),
        }
    }
    if let Some(given) = given {
        let cell = |row: &Vec<String>, name: &str, default: &str| {
            given.columns.iter().position(|column| column == name).map_or_else(|| default.to_owned(), |at| row[at].clone())
        };
        for given in &given.rows {
            let mine = [
                cell(given, "account_id", ACCOUNT),
                cell(given, "region", REGION),
                cell(given, "resource_arn", ""),
                cell(given, "fact", ""),
                cell(given, "outcome", "denied"),
                cell(given, "error_code", "-"),
            ];
            all.rows.retain(|row| row[..4] != mine[..4]);
            all.rows.push(mine.to_vec());
        }
    }
    frame(declared, &all)
}

fn column_of(given: &ExampleTable, name: &str) -> Vec<String> {
    given
        .columns
        .iter()
        .position(|column| column == name)
        .map(|at| given.rows.iter().map(|row| row[at].clone()).collect())
        .unwrap_or_default()
}

fn frame(declared: &Table, given: &ExampleTable) -> Result<DataFrame, String> {
    if let Some(unknown) = given.columns.iter().find(|name| !declared.columns.iter().any(|column| column.name == name.as_str())) {
        return Err(format!("table {} has no column {unknown}", declared.name));
    }
    let columns = declared.columns.iter().map(|column| {
        let at = given.columns.iter().position(|name| name == column.name);
        let cells: Vec<Option<&str>> =
            given.rows.iter().map(|row| at.and_then(|at| row.get(at)).map(String::as_str).filter(|cell| *cell != "-")).collect();
        let default = match column.name {
            "account_id" => Some(ACCOUNT),
            "region" => Some(REGION),
            _ => (!column.nullable).then_some(""),
        };
        let cell = |cell: &Option<&str>| if at.is_some() { cell.map(str::to_owned) } else { default.map(str::to_owned) };
        column_from(column.name, column.kind, &cells.iter().map(cell).collect::<Vec<_>>())
    });
    let columns = columns.collect::<Result<Vec<_>, String>>()?;
    DataFrame::new(given.rows.len(), columns).map_err(|error| TablesError::from(error).to_string())
}

fn column_from(name: &str, kind: Kind, cells: &[Option<String>]) -> Result<PolarsColumn, String> {
    let wrong = |cell: &str| format!("`{cell}` does not fit column {name}");
    let filled = |cell: &Option<String>| cell.clone().filter(|cell| !cell.is_empty());
    Ok(match kind {
        Kind::Text => Series::new(name.into(), cells).into_column(),
        Kind::Integer => {
            let values = cells.iter().map(|cell| filled(cell).map(|cell| cell.parse::<i64>().map_err(|_| wrong(&cell))).transpose());
            Series::new(name.into(), values.collect::<Result<Vec<_>, _>>()?).into_column()
        }
        Kind::Boolean => {
            let values = cells.iter().map(|cell| filled(cell).map(|cell| cell.parse::<bool>().map_err(|_| wrong(&cell))).transpose());
            Series::new(name.into(), values.collect::<Result<Vec<_>, _>>()?).into_column()
        }
    })
}
