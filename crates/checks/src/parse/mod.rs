//! Reads a check's file: front matter, then the sections in their order.

mod example;
mod front;

use std::collections::BTreeMap;

use crate::check::{Check, CheckError};
use crate::lint::{self, Rules};
use front::FrontMatter;

/// The maximum size of a check's file, in bytes.
pub(crate) const MOST_BYTES: usize = 256 * 1024;

const QUERY: &str = "Query";
const EXAMPLES: &str = "Examples";
const SECTIONS: [&str; 6] = [
    "Why it matters",
    QUERY,
    "How to fix",
    "Limits",
    EXAMPLES,
    "References",
];

/// A line of the file, and what is wrong there.
type Problem = (u64, String);

/// A part of the file, without the line of its heading.
struct Section<'a> {
    /// The heading's line.
    line: u64,
    lines: Vec<&'a str>,
}

impl<'a> Section<'a> {
    fn text(&self) -> String {
        self.lines.join("\n").trim().to_owned()
    }

    /// The lines with their numbers.
    fn numbered(&self) -> impl Iterator<Item = (u64, &'a str)> {
        (self.line + 1..).zip(self.lines.iter().copied())
    }
}

/// Reads a check and lints its query. `file` is for messages; its stem must be the check's id.
///
/// # Errors
/// All errors that can be found at once, in the file's order.
pub(crate) fn parse(file: &str, text: &str) -> Result<Check, Vec<CheckError>> {
    read(file, text).map_err(|mut problems| {
        problems.sort();
        problems.dedup();
        problems
            .into_iter()
            .map(|(line, problem)| CheckError::new(file, line, problem))
            .collect()
    })
}

fn read(file: &str, text: &str) -> Result<Check, Vec<Problem>> {
    if text.len() > MOST_BYTES {
        return Err(vec![(
            1,
            format!("the file is too large; a check has at most {MOST_BYTES} bytes"),
        )]);
    }
    // Accept files from Windows editors, with a byte order mark and CRLF.
    let normal = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n");
    let rest = normal.strip_prefix("---\n").ok_or_else(|| {
        vec![(
            1,
            "a check must begin with its front matter between two lines `---`; see `lambdasweep checks show policy-public`".to_owned(),
        )]
    })?;
    let (front, body) = rest
        .split_once("\n---\n")
        .ok_or_else(|| vec![(1, "the front matter does not end; it needs a second line `---`, and the sections after it".to_owned())])?;
    let mut problems = Vec::new();
    let matter = front::read(file, front, &mut problems);
    let mut sections = sections(body, front.lines().count() as u64 + 3, &mut problems);
    let query = sections
        .get(QUERY)
        .and_then(|section| noted(code(section), &mut problems));
    let examples = sections
        .get(EXAMPLES)
        .map(|section| example::read(section, &mut problems))
        .unwrap_or_default();
    // Without the front matter it is unknown what the query may read and must return.
    let reads = match (&matter, &query) {
        (Some(matter), Some((line, sql))) => lint_query(matter, *line, sql, &mut problems),
        _ => BTreeMap::new(),
    };
    let (Some(matter), Some((query_line, sql)), true) = (matter, query, problems.is_empty()) else {
        return Err(problems);
    };
    let mut take = |name: &str| {
        sections
            .remove(name)
            .map(|section| section.text())
            .unwrap_or_default()
    };
    Ok(Check {
        id: matter.id,
        title: matter.title,
        severities: matter.severity.as_slice().to_vec(),
        practice: u8::try_from(matter.practice).unwrap_or_default(),
        subject: matter.subject,
        facts: matter.facts,
        stands: matter.stands,
        across_accounts: matter.across_accounts,
        check_set: matter.check_set,
        frameworks: matter.frameworks,
        why: take("Why it matters"),
        query: sql,
        query_line,
        fix: take("How to fix"),
        limits: take("Limits"),
        examples,
        references: take("References"),
        markdown: normal,
        file: file.to_owned(),
        reads,
    })
}

/// The value, or `None` with the problem recorded.
fn noted<T>(read: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    read.map_err(|problem| problems.push(problem)).ok()
}

fn lint_query(
    matter: &FrontMatter,
    first_line: u64,
    sql: &str,
    problems: &mut Vec<Problem>,
) -> crate::subject::Reads {
    let rules = Rules {
        subject: matter.subject,
        facts: &matter.facts,
        severities: matter.severity.as_slice(),
        across_accounts: matter.across_accounts,
    };
    lint::lint(sql, rules).unwrap_or_else(|wrong| {
        problems.extend(
            wrong
                .into_iter()
                .map(|(line, problem)| (first_line + line, problem)),
        );
        BTreeMap::new()
    })
}

/// The sections, by title; all errors are recorded, and the existing sections can still be read.
fn sections<'a>(
    body: &'a str,
    first_line: u64,
    problems: &mut Vec<Problem>,
) -> BTreeMap<&'a str, Section<'a>> {
    let order = SECTIONS.map(|name| format!("`# {name}`")).join(", ");
    let mut found: Vec<(&str, Section<'_>)> = Vec::new();
    let mut fence: Option<u64> = None;
    let mut before = None;
    for (line, number) in body.lines().zip(first_line..) {
        if line.starts_with("```") {
            fence = if fence.is_some() { None } else { Some(number) };
        }
        match line.strip_prefix("# ").filter(|_| fence.is_none()) {
            Some(title) => found.push((
                title.trim(),
                Section {
                    line: number,
                    lines: Vec::new(),
                },
            )),
            None => match found.last_mut() {
                Some((_, section)) => section.lines.push(line),
                None if line.trim().is_empty() => {}
                None => before = before.or(Some(number)),
            },
        }
    }
    if let Some(line) = before {
        problems.push((
            line,
            format!("no text is allowed before the first section; the sections are: {order}"),
        ));
    }
    if let Some(line) = fence {
        // Headings after it were read as code, so missing sections cannot be reported.
        problems.push((
            line,
            "this block of code does not end; it needs a line ``` "
                .trim_end()
                .to_owned(),
        ));
        return BTreeMap::new();
    }
    let place = |title: &str| SECTIONS.iter().position(|name| *name == title);
    let mut last = None;
    for (title, section) in &found {
        // A section is expected if neither it nor a later one came before.
        match place(title).filter(|at| last.is_none_or(|last| *at > last)) {
            Some(at) => last = Some(at),
            None => {
                let shown = lambdasweep_model::printable(title);
                problems
                    .push((section.line, format!("the section `{shown}` is not expected here; the sections are, in this order: {order}")));
            }
        }
        if section.text().is_empty() {
            problems.push((
                section.line,
                format!(
                    "the section {} is empty",
                    lambdasweep_model::printable(title)
                ),
            ));
        }
    }
    let end = first_line + body.lines().count() as u64;
    for missing in SECTIONS
        .iter()
        .filter(|name| !found.iter().any(|(title, _)| title == *name))
    {
        problems.push((end, format!("the section `# {missing}` is missing")));
    }
    found.into_iter().collect()
}

/// The only SQL block of a section, and the line at which its text begins.
fn code(section: &Section<'_>) -> Result<(u64, String), Problem> {
    let is_start = |line: &&str| line.trim() == "```sql";
    let starts = section.lines.iter().filter(|line| is_start(line)).count();
    let Some(start) = section
        .lines
        .iter()
        .position(is_start)
        .filter(|_| starts == 1)
    else {
        return Err((
            section.line,
            format!("the section Query needs one block ```sql with its query; it has {starts}"),
        ));
    };
    let query: Vec<&str> = section
        .lines
        .iter()
        .skip(start + 1)
        .take_while(|line| line.trim() != "```")
        .copied()
        .collect();
    Ok((section.line + start as u64 + 2, query.join("\n")))
}
