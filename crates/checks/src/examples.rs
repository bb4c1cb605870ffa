//! Runs a check's examples: its tests.

use std::fmt::Write;

use lambdasweep_model::Arn;
use lambdasweep_tables::{
    Column, CoverageRow, Fact, FindingRow, Grain, Kind, Row, Table, TablesError, facts, table,
};
use polars::prelude::{Column as PolarsColumn, DataFrame, IntoColumn, NamedFrom, Series};

use crate::check::{Check, Example, ExampleTable};
use crate::engine::evaluate;
use crate::frames::Frames;
use crate::subject::{SubjectKind, is_read_by_reference};

/// Where an example takes place, unless its ARNs say otherwise.
pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";

/// The columns of a finding that an example can expect.
pub(crate) const EXPECTED: [&str; 8] = [
    "resource_arn",
    "status",
    "detail",
    "resource_type",
    "account_id",
    "region",
    "fault",
    "severity",
];

/// Runs an example. What it does not give, it takes for granted: account and Region (from the row's
/// ARN, where it has one), names (from the ARN as well), and that everything the check needs was
/// read. A table `coverage:` says what was not; a row of it without `resource_arn` speaks for all
/// functions of the example where the fact is one of functions.
///
/// # Errors
/// In words, where the rows that come out are not those that the example expects.
pub fn run_example(check: &Check, example: &Example) -> Result<(), String> {
    let mut frames = Frames::new(&[check]);
    for given in example
        .tables
        .iter()
        .filter(|given| given.name != "coverage")
    {
        let declared =
            table(&given.name).ok_or_else(|| format!("there is no table {}", given.name))?;
        frames
            .insert(declared.name, [Ok(frame(declared, given)?)])
            .map_err(|error| error.to_string())?;
    }
    let rows = coverage(check, example)?;
    frames
        .insert(CoverageRow::TABLE.name, [CoverageRow::frame(&rows)])
        .map_err(|error| error.to_string())?;
    let evaluation = evaluate(&[check], &frames).map_err(|error| error.to_string())?;
    if let Some((_, error)) = evaluation.errors.first() {
        return Err(error.clone());
    }
    let findings = FindingRow::rows(&evaluation.findings).map_err(|error| error.to_string())?;
    let mut found: Vec<Vec<&str>> = findings
        .iter()
        .map(|finding| {
            example
                .expect
                .columns
                .iter()
                .map(|column| cell_of(finding, column))
                .collect()
        })
        .collect();
    let mut expected: Vec<Vec<&str>> = example
        .expect
        .rows
        .iter()
        .map(|row| row.iter().map(String::as_str).collect())
        .collect();
    found.sort_unstable();
    expected.sort_unstable();
    if found == expected {
        return Ok(());
    }
    let mut told = "what comes out is not what is expected".to_owned();
    for row in missing(&expected, &found) {
        let _ = write!(told, "\n    expected: {}", row.join(" | "));
    }
    for row in missing(&found, &expected) {
        let _ = write!(told, "\n    came out: {}", row.join(" | "));
    }
    Err(told)
}

fn cell_of<'a>(finding: &'a FindingRow, column: &str) -> &'a str {
    match column {
        "resource_arn" => &finding.resource_arn,
        "status" => &finding.status,
        "detail" => &finding.detail,
        "resource_type" => &finding.resource_type,
        "account_id" => &finding.account_id,
        "fault" => &finding.fault,
        "severity" => &finding.severity,
        _ => &finding.region,
    }
}

/// The rows of `these` that are not in `those`, each as often as it is missing.
fn missing<'a, 'b>(these: &'b [Vec<&'a str>], those: &[Vec<&'a str>]) -> Vec<&'b Vec<&'a str>> {
    let mut left = those.to_vec();
    these
        .iter()
        .filter(|row| match left.iter().position(|other| other == *row) {
            Some(at) => {
                left.swap_remove(at);
                false
            }
            None => true,
        })
        .collect()
}

/// An account, a Region and what is there.
type Place = (String, String, String);

/// The resources of an example that a fact is read for one by one: those that a table lists, and
/// those that rows refer to where that is what they are read for.
fn resources(fact: Fact, example: &Example) -> Vec<Place> {
    let kind = match fact.grain() {
        Grain::Resource(of) => SubjectKind::named(of),
        _ => None,
    };
    let mut found = Vec::new();
    let Some(kind) = kind else { return found };
    for given in &example.tables {
        for column in kind.columns_in(&given.name) {
            for row in &given.rows {
                let Some(arn) = given.cell(row, column) else {
                    continue;
                };
                let (account, region) = match arn.parse::<Arn>() {
                    Ok(arn) if kind.is_read_by_reference() => (arn.account, arn.region),
                    _ => place(given, row),
                };
                let resource = (account, region, arn.to_owned());
                if !found.contains(&resource) {
                    found.push(resource);
                }
            }
        }
    }
    found
}

/// The accounts and Regions that an example takes place in.
fn units(example: &Example) -> Vec<(String, String)> {
    let mut units = vec![(ACCOUNT.to_owned(), REGION.to_owned())];
    // What others refer to may be anywhere.
    let says_where = |name: &str| {
        !["coverage", "regions"].contains(&name) && !table(name).is_some_and(is_read_by_reference)
    };
    for given in example.tables.iter().filter(|it| says_where(&it.name)) {
        for row in &given.rows {
            let unit = place(given, row);
            if !unit.1.is_empty() && !units.contains(&unit) {
                units.push(unit);
            }
        }
    }
    // Where the example itself lies elsewhere, nothing is taken for granted of the usual place.
    let functions = example.tables.iter().filter(|it| it.name == "functions");
    let mut places = functions.flat_map(|given| given.rows.iter().map(|row| place(given, row)));
    let elsewhere = places.clone().next().is_some()
        && !places.any(|(account, region)| account == ACCOUNT && region == REGION);
    if units.len() > 1 && elsewhere {
        units.remove(0);
    }
    units
}

/// Everything was read, but for what the example's own table `coverage:` says.
fn coverage(check: &Check, example: &Example) -> Result<Vec<CoverageRow>, String> {
    let units = units(example);
    let mut rows: Vec<CoverageRow> = Vec::new();
    let mut facts = check.facts.clone();
    facts.extend([facts::ORGANIZATION, facts::REGIONS, facts::FUNCTIONS]);
    for fact in facts {
        match fact.grain() {
            Grain::Resource(_) => rows.extend(
                resources(fact, example)
                    .iter()
                    .map(|(account, region, arn)| covered(account, region, arn, fact)),
            ),
            Grain::AccountRegion => rows.extend(
                units
                    .iter()
                    .map(|(account, region)| covered(account, region, "", fact)),
            ),
            Grain::Account => rows.extend(
                units
                    .iter()
                    .map(|(account, _)| covered(account, "", "", fact)),
            ),
            Grain::Organization => rows.push(covered("", "", "", fact)),
        }
    }
    for given in example
        .tables
        .iter()
        .filter(|given| given.name == "coverage")
    {
        for row in &given.rows {
            let fact: Fact = given
                .cell(row, "fact")
                .unwrap_or_default()
                .parse()
                .map_err(|error| format!("{error}"))?;
            let (account, region) = place(given, row);
            let (account, region) = match fact.grain() {
                Grain::Organization => (String::new(), String::new()),
                Grain::Account => (account, String::new()),
                Grain::AccountRegion | Grain::Resource(_) => (account, region),
            };
            let arns: Vec<String> = match (fact.grain(), given.cell(row, "resource_arn")) {
                (_, Some(arn)) => vec![arn.to_owned()],
                (Grain::Resource(_), None) => {
                    let all = resources(fact, example);
                    all.into_iter().map(|(_, _, arn)| arn).collect()
                }
                (_, None) => vec![String::new()],
            };
            for arn in arns {
                let mut mine = covered(&account, &region, &arn, fact);
                given
                    .cell(row, "outcome")
                    .unwrap_or("denied")
                    .clone_into(&mut mine.outcome);
                mine.error_code = given.cell(row, "error_code").map(str::to_owned);
                rows.retain(|row| {
                    (&row.account_id, &row.region, &row.resource_arn, &row.fact)
                        != (&account, &region, &arn, &mine.fact)
                });
                rows.push(mine);
            }
        }
    }
    // An account that could not be entered has no other rows.
    let closed: Vec<String> = rows
        .iter()
        .filter(|row| is_closing(row))
        .map(|row| row.account_id.clone())
        .collect();
    rows.retain(|row| !closed.contains(&row.account_id) || row.outcome != "ok");
    rows.sort();
    rows.dedup();
    Ok(rows)
}

/// Whether a row says that none of an account's functions could be listed.
fn is_closing(row: &CoverageRow) -> bool {
    row.fact == facts::FUNCTIONS.as_str()
        && row.region.is_empty()
        && !row.account_id.is_empty()
        && row.outcome != "ok"
}

fn covered(account: &str, region: &str, arn: &str, fact: Fact) -> CoverageRow {
    CoverageRow {
        account_id: account.to_owned(),
        region: region.to_owned(),
        resource_arn: arn.to_owned(),
        fact: fact.as_str().to_owned(),
        outcome: "ok".to_owned(),
        error_code: None,
        message: None,
        attempts: 1,
    }
}

/// The account and the Region of a row: its own, or those of its first ARN, or the usual ones.
fn place(given: &ExampleTable, row: &[String]) -> (String, String) {
    let arn = [
        "function_arn",
        "resource_arn",
        "role_arn",
        "layer_version_arn",
    ]
    .iter()
    .find_map(|column| given.cell(row, column)?.parse::<Arn>().ok());
    let told = |column: &str, of_arn: Option<String>, usual: &str| match given
        .columns
        .iter()
        .any(|name| name == column)
    {
        // The example gives the value, even if it is empty.
        true => given.cell(row, column).unwrap_or_default().to_owned(),
        false => of_arn
            .filter(|part| !part.is_empty())
            .unwrap_or_else(|| usual.to_owned()),
    };
    (
        told(
            "account_id",
            arn.as_ref().map(|arn| arn.account.clone()),
            ACCOUNT,
        ),
        told("region", arn.map(|arn| arn.region), REGION),
    )
}

fn frame(declared: &Table, given: &ExampleTable) -> Result<DataFrame, String> {
    let columns = declared.columns.iter().map(|column| {
        let cells = given
            .rows
            .iter()
            .map(|row| value(column, given, row))
            .collect::<Result<Vec<_>, _>>()?;
        column_from(column, &cells)
    });
    let columns = columns.collect::<Result<Vec<_>, String>>()?;
    DataFrame::new(given.rows.len(), columns).map_err(|error| TablesError::from(error).to_string())
}

/// A row's value of a column: as given, or its default.
fn value(column: &Column, given: &ExampleTable, row: &[String]) -> Result<Option<String>, String> {
    if given.columns.iter().any(|name| name == column.name) {
        let cell = given.cell(row, column.name).map(str::to_owned);
        return match cell {
            None if !column.nullable => Err(format!(
                "the column {} of {} is never absent; `-` cannot stand in it",
                column.name, given.name
            )),
            cell => Ok(cell),
        };
    }
    let (account, region) = place(given, row);
    let named = |of: &str, name: fn(&Arn) -> Option<&str>| {
        given
            .cell(row, of)
            .and_then(|arn| arn.parse::<Arn>().ok())
            .and_then(|arn| name(&arn).map(str::to_owned))
            .unwrap_or_default()
    };
    Ok(match (column.name, column.kind) {
        ("account_id", _) => Some(account),
        ("region", _) => Some(region),
        ("function_name", _) => Some(named("function_arn", Arn::function_name)),
        ("role_name", _) => Some(named("role_arn", Arn::role_name)),
        _ if column.nullable => None,
        (_, Kind::Text) => Some(String::new()),
        (_, Kind::Integer) => Some("0".to_owned()),
        (_, Kind::Boolean) => Some("false".to_owned()),
    })
}

fn column_from(column: &Column, cells: &[Option<String>]) -> Result<PolarsColumn, String> {
    let wrong = |cell: &str| format!("`{cell}` does not fit the column {}", column.name);
    Ok(match column.kind {
        Kind::Text => Series::new(column.name.into(), cells).into_column(),
        Kind::Integer => {
            let values = cells.iter().map(|cell| {
                cell.as_ref()
                    .map(|cell| cell.parse::<i64>().map_err(|_| wrong(cell)))
                    .transpose()
            });
            Series::new(column.name.into(), values.collect::<Result<Vec<_>, _>>()?).into_column()
        }
        Kind::Boolean => {
            let values = cells.iter().map(|cell| {
                cell.as_ref()
                    .map(|cell| cell.parse::<bool>().map_err(|_| wrong(cell)))
                    .transpose()
            });
            Series::new(column.name.into(), values.collect::<Result<Vec<_>, _>>()?).into_column()
        }
    })
}
