//! Reads a check's file: front matter, then the sections in their order.

use std::collections::BTreeMap;

use lambdasweep_model::{Fact, Severity};
use serde::Deserialize;

use crate::check::{Check, CheckError, Example, ExampleTable, Scope};
use crate::lint;

/// The largest file that is read as a check.
const MOST_BYTES: usize = 256 * 1024;

const SECTIONS: [&str; 6] = ["Why it matters", "Query", "How to fix", "Limits", "Examples", "References"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FrontMatter {
    id: String,
    title: String,
    severity: Severity,
    practice: u8,
    scope: Scope,
    facts: Vec<Fact>,
    #[serde(default)]
    fail_stands: bool,
    #[serde(default)]
    frameworks: BTreeMap<String, Vec<String>>,
}

struct Section<'a> {
    line: u64,
    lines: Vec<&'a str>,
}

impl Section<'_> {
    fn text(&self) -> String {
        self.lines.join("\n").trim().to_owned()
    }
}

/// Reads a check and lints its query. `file` is for messages; its stem has to be the check's id.
pub(crate) fn parse(file: &str, text: &str) -> Result<Check, CheckError> {
    let wrong = |line: u64, problem: String| CheckError::new(file, line, problem);
    if text.len() > MOST_BYTES {
        return Err(wrong(1, format!("the file has {} bytes; a check has {MOST_BYTES} at the most", text.len())));
    }
    let rest =
        text.strip_prefix("---\n").ok_or_else(|| wrong(1, "a check begins with its front matter between two lines `---`".to_owned()))?;
    let (front, body) =
        rest.split_once("\n---\n").ok_or_else(|| wrong(1, "the front matter does not end; it needs a second line `---`".to_owned()))?;
    let front_lines = front.lines().count() as u64;
    let matter: FrontMatter = serde_norway::from_str(front).map_err(|error| {
        let line = error.location().map_or(1, |at| at.line() as u64);
        wrong(line + 1, format!("the front matter cannot be read: {error}"))
    })?;
    let stem = file.rsplit('/').next().and_then(|name| name.strip_suffix(".md")).unwrap_or(file);
    let plain = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if matter.id != stem || !plain(&matter.id) {
        return Err(wrong(
            2,
            format!("the id `{}` has to be the file's name `{stem}`, in lower-case letters, digits and dashes", matter.id),
        ));
    }
    let mut sections = sections(body, front_lines + 3).map_err(|(line, problem)| wrong(line, problem))?;
    let mut take = |name: &str| sections.remove(name).unwrap_or(Section { line: 1, lines: Vec::new() });
    let (why, query, fix, limits, examples, references) =
        (take(SECTIONS[0]), take(SECTIONS[1]), take(SECTIONS[2]), take(SECTIONS[3]), take(SECTIONS[4]), take(SECTIONS[5]));
    let (query_line, sql) =
        code(&query).ok_or_else(|| wrong(query.line, "the section Query needs its query in a block ```sql".to_owned()))?;
    let examples = examples_of(&examples).map_err(|(line, problem)| wrong(line, problem))?;
    if examples.is_empty() {
        return Err(wrong(query.line, "a check needs examples: they are its tests".to_owned()));
    }
    let tables = lint::lint(&sql, &matter.facts).map_err(|(line, problem)| wrong(query_line + line, problem))?;
    Ok(Check {
        id: matter.id,
        title: matter.title,
        severity: matter.severity,
        practice: matter.practice,
        scope: matter.scope,
        facts: matter.facts,
        fail_stands: matter.fail_stands,
        frameworks: matter.frameworks,
        why: why.text(),
        query: sql,
        query_line,
        fix: fix.text(),
        limits: limits.text(),
        examples,
        references: references.text(),
        markdown: text.to_owned(),
        file: file.to_owned(),
        tables,
    })
}

fn sections(body: &str, first_line: u64) -> Result<BTreeMap<&str, Section<'_>>, (u64, String)> {
    let mut found: Vec<(&str, Section<'_>)> = Vec::new();
    let mut fenced = false;
    for (line, number) in body.lines().zip(first_line..) {
        fenced ^= line.starts_with("```");
        match line.strip_prefix("# ").filter(|_| !fenced) {
            Some(title) => {
                let title = title.trim();
                let expected = SECTIONS.get(found.len()).copied();
                if Some(title) != expected {
                    let order = SECTIONS.join(", ");
                    return Err((number, format!("the section `{title}` is not expected here; the sections are, in this order: {order}")));
                }
                found.push((title, Section { line: number, lines: Vec::new() }));
            }
            None => match found.last_mut() {
                Some((_, section)) => section.lines.push(line),
                None if line.trim().is_empty() => {}
                None => return Err((number, "text stands before the first section".to_owned())),
            },
        }
    }
    match found.iter().find(|(_, section)| section.text().is_empty()) {
        Some((title, section)) => Err((section.line, format!("the section {title} is empty"))),
        None if found.len() < SECTIONS.len() => Err((first_line, format!("the section {} is missing", SECTIONS[found.len()]))),
        None => Ok(found.into_iter().collect()),
    }
}

/// The first code block of a section, and the line at which it begins.
fn code(section: &Section<'_>) -> Option<(u64, String)> {
    let start = section.lines.iter().position(|line| line.trim() == "```sql")? + 1;
    let length = section.lines.get(start..)?.iter().position(|line| line.trim() == "```")?;
    Some((section.line + start as u64, section.lines[start..start + length].join("\n")))
}

fn examples_of(section: &Section<'_>) -> Result<Vec<Example>, (u64, String)> {
    let mut examples: Vec<Example> = Vec::new();
    let mut table: Option<ExampleTable> = None;
    for (line, number) in section.lines.iter().zip(section.line + 1..) {
        let line = line.trim();
        if let Some(title) = line.strip_prefix("## ") {
            close(&mut examples, table.take());
            examples.push(Example { title: title.to_owned(), tables: Vec::new(), expect: ExampleTable::default(), line: number });
        } else if let Some(name) = line.strip_suffix(':').filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
        {
            close(&mut examples, table.take());
            if name != "expect" && lambdasweep_tables::table(name).is_none() {
                return Err((number, format!("there is no table `{name}`; docs/tables.md lists them")));
            }
            table = Some(ExampleTable { name: name.to_owned(), ..ExampleTable::default() });
        } else if let Some(cells) = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) {
            let cells: Vec<String> = cells.split('|').map(|cell| cell.trim().to_owned()).collect();
            let Some(table) = &mut table else {
                return Err((number, "a table needs its name on the line before it, as in `functions:`".to_owned()));
            };
            if cells.iter().all(|cell| !cell.is_empty() && cell.bytes().all(|byte| matches!(byte, b'-' | b':')) && cell.len() > 2) {
                continue;
            }
            if table.columns.is_empty() {
                table.columns = cells;
            } else if cells.len() == table.columns.len() {
                table.rows.push(cells);
            } else {
                return Err((number, format!("this row has {} cells, the table has {} columns", cells.len(), table.columns.len())));
            }
        } else if !line.is_empty() {
            return Err((number, "an example holds tables only; put words into its title or into another section".to_owned()));
        }
    }
    close(&mut examples, table);
    match examples.iter().find(|example| example.expect.columns.is_empty()) {
        Some(example) => Err((example.line, "the example has no table `expect:`".to_owned())),
        None => Ok(examples),
    }
}

fn close(examples: &mut [Example], table: Option<ExampleTable>) {
    if let (Some(example), Some(table)) = (examples.last_mut(), table) {
        if table.name == "expect" { example.expect = table } else { example.tables.push(table) }
    }
}
