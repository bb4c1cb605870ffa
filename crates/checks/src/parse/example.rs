//! The notation of examples: a heading for each, then tables with their names before them.
//!
//! A cell of `-` is absent, `\|` is a bar, and an ARN may be written short: `function:orders`,
//! `role/orders`.

use lambdasweep_model::{Outcome, Status};
use lambdasweep_tables::Fact;

use super::{Problem, Section, noted};
use crate::check::{Example, ExampleTable};
use crate::examples::{ACCOUNT, EXPECTED, REGION};
use crate::nearest::nearest;

/// Reads the examples, and records all errors.
pub(super) fn read(section: &Section<'_>, problems: &mut Vec<Problem>) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut open: Option<ExampleTable> = None;
    for (number, line) in section.numbered() {
        let line = line.trim();
        if let Some(title) = line.strip_prefix("## ") {
            noted(close(&mut examples, open.take(), number), problems);
            let title = title.trim().to_owned();
            if examples.iter().any(|known| known.title == title) {
                problems.push((number, "another example has this title".to_owned()));
            }
            examples.push(Example {
                title,
                tables: Vec::new(),
                expect: ExampleTable::default(),
                line: number,
            });
        } else if let Some(name) = line.strip_suffix(':').filter(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        }) {
            noted(close(&mut examples, open.take(), number), problems);
            if examples.is_empty() {
                problems.push((
                    number,
                    "an example begins with its title, as in `## what it shows`".to_owned(),
                ));
            }
            open = Some(ExampleTable {
                name: name.to_owned(),
                line: number,
                ..ExampleTable::default()
            });
        } else if line.starts_with('|') {
            match &mut open {
                Some(table) => noted(
                    row(table, line).map_err(|problem| (number, problem)),
                    problems,
                )
                .unwrap_or_default(),
                None => problems.push((
                    number,
                    "a table needs its name on a line before it, as in `functions:`".to_owned(),
                )),
            }
        } else if !line.is_empty() {
            problems.push((
                number,
                "an example may contain only tables; put text into its title or into another section"
                    .to_owned(),
            ));
        }
    }
    let end = section.line + section.lines.len() as u64;
    noted(close(&mut examples, open, end), problems);
    for example in examples
        .iter()
        .filter(|example| example.expect.columns.is_empty())
    {
        problems.push((
            example.line,
            "the example has no table `expect:`".to_owned(),
        ));
    }
    if examples.is_empty() {
        problems.push((
            section.line,
            "a check needs examples, each below a line `## what it shows`: they are its tests"
                .to_owned(),
        ));
    }
    examples
}

fn row(table: &mut ExampleTable, line: &str) -> Result<(), String> {
    let cells = cells(line).ok_or("a row of a table begins and ends with `|`")?;
    let is_rule =
        |cell: &String| cell.len() > 2 && cell.bytes().all(|byte| matches!(byte, b'-' | b':'));
    if table.columns.is_empty() {
        table.columns = cells;
        return columns(table);
    }
    if table.rows.is_empty() && cells.iter().all(is_rule) {
        return Ok(());
    }
    if cells.len() != table.columns.len() {
        return Err(format!(
            "this row has {} cells, the table has {} columns; a bar within a cell is written \\|",
            cells.len(),
            table.columns.len()
        ));
    }
    let row: Vec<String> = cells
        .into_iter()
        .zip(&table.columns)
        .map(|(cell, column)| {
            if column.ends_with("_arn") {
                long(cell)
            } else {
                cell
            }
        })
        .collect();
    words(table, &row)?;
    table.rows.push(row);
    Ok(())
}

/// The cells of a line; a bar within a cell is escaped by a backslash.
fn cells(line: &str) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut rest = line.strip_prefix('|')?.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '\\' if rest.peek() == Some(&'|') => cell.extend(rest.next()),
            '|' => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            other => cell.push(other),
        }
    }
    cell.trim().is_empty().then_some(cells)
}

/// Expands a short ARN.
fn long(cell: String) -> String {
    if cell.starts_with("function:") {
        format!("arn:aws:lambda:{REGION}:{ACCOUNT}:{cell}")
    } else if cell.starts_with("role/") {
        format!("arn:aws:iam::{ACCOUNT}:{cell}")
    } else {
        cell
    }
}

/// Checks a table's name and its columns.
fn columns(table: &ExampleTable) -> Result<(), String> {
    let known: Vec<&str> = if table.name == "expect" {
        EXPECTED.to_vec()
    } else {
        let Some(declared) = lambdasweep_tables::table(&table.name) else {
            let near = nearest(
                &table.name,
                lambdasweep_tables::TABLES.iter().map(|table| table.name),
            );
            let hint = near.map_or_else(String::new, |near| format!("did you mean {near}? "));
            return Err(format!(
                "there is no table `{}`; {hint}docs/tables.md lists them",
                table.name
            ));
        };
        declared.columns.iter().map(|column| column.name).collect()
    };
    for (at, column) in table.columns.iter().enumerate() {
        if table.columns[..at].contains(column) {
            return Err(format!("the table has two columns `{column}`"));
        }
        if !known.contains(&column.as_str()) {
            let near = nearest(column, known.iter().copied());
            let hint = near.map_or_else(
                || format!("it has {}", known.join(", ")),
                |near| format!("did you mean {near}?"),
            );
            return Err(format!(
                "the table {} has no column `{}`; {hint}",
                table.name,
                lambdasweep_model::printable(column)
            ));
        }
    }
    Ok(())
}

/// Checks the cells that must have one of several fixed values.
fn words(table: &ExampleTable, row: &[String]) -> Result<(), String> {
    let said = |column: &str| table.cell(row, column);
    if table.name == "coverage" {
        said("fact")
            .ok_or("a row of coverage needs a fact".to_owned())?
            .parse::<Fact>()
            .map_err(|error| error.to_string())?;
        said("outcome")
            .map_or(Ok(Outcome::Denied), str::parse)
            .map_err(|error| error.to_string())?;
    }
    if table.name == "expect" {
        said("resource_arn").ok_or("a row of expect needs a resource_arn")?;
        said("status")
            .ok_or("a row of expect needs a status".to_owned())?
            .parse::<Status>()
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn close(examples: &mut [Example], table: Option<ExampleTable>, line: u64) -> Result<(), Problem> {
    let (Some(example), Some(table)) = (examples.last_mut(), table) else {
        return Ok(());
    };
    if table.columns.is_empty() {
        return Err((
            table.line,
            format!(
                "the table `{}:` has no columns; its first row names them",
                table.name
            ),
        ));
    }
    if table.name == "expect" && example.expect.columns.is_empty() {
        example.expect = table;
        return Ok(());
    }
    if table.name == "expect" || example.tables.iter().any(|known| known.name == table.name) {
        return Err((
            line.min(table.line),
            format!("the example has two tables `{}:`; merge them", table.name),
        ));
    }
    example.tables.push(table);
    Ok(())
}
