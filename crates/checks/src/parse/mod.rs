//! Reads a check's file: front matter, then the sections in their order.

mod example;
mod front;

use std::collections::BTreeMap;

use crate::check::{Check, CheckError};
use crate::lint::{self, Rules};

/// The largest file that is read as a check, in bytes.
pub(crate) const MOST_BYTES: usize = 256 * 1024;

const SECTIONS: [&str; 6] = ["Why it matters", "Query", "How to fix", "Limits", "Examples", "References"];

/// A place within the file, and what is wrong there.
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

/// Reads a check and lints its query. `file` is for messages; its stem has to be the check's id.
///
/// # Errors
/// All that is wrong, in the file's order, as far as it can be told at once.
pub(crate) fn parse(file: &str, text: &str) -> Result<Check, Vec<CheckError>> {
    read(file, text).map_err(|mut problems| {
        problems.sort();
        problems.dedup();
        problems.into_iter().map(|(line, problem)| CheckError::new(file, line, problem)).collect()
    })
}

fn read(file: &str, text: &str) -> Result<Check, Vec<Problem>> {
    if text.len() > MOST_BYTES {
        return Err(vec![(1, format!("the file is too large; a check has {MOST_BYTES} bytes at the most"))]);
    }
    // Files from Windows' editors are as good as others.
    let normal = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let rest = normal.strip_prefix("---\n").ok_or_else(|| {
        vec![(
            1,
            "a check begins with its front matter between two lines `---`; `lambdasweep checks show policy-public` shows one".to_owned(),
        )]
    })?;
    let (front, body) = rest
        .split_once("\n---\n")
        .ok_or_else(|| vec![(1, "the front matter does not end; it needs a second line `---`, and the sections after it".to_owned())])?;
    let matter = front::read(file, front)?;
    let mut sections = sections(body, front.lines().count() as u64 + 3).map_err(|problem| vec![problem])?;
    let mut take = |name: &str| sections.remove(name).unwrap_or(Section { line: 1, lines: Vec::new() });
    let (why, query, fix, limits, examples, references) =
        (take(SECTIONS[0]), take(SECTIONS[1]), take(SECTIONS[2]), take(SECTIONS[3]), take(SECTIONS[4]), take(SECTIONS[5]));
    let (query_line, sql) = code(&query).map_err(|problem| vec![problem])?;

    let mut problems = Vec::new();
    let rules = Rules {
        scope: matter.scope,
        facts: &matter.facts,
        severities: matter.severity.as_slice(),
        across_accounts: matter.across_accounts,
    };
    let reads = lint::lint(&sql, rules).unwrap_or_else(|wrong| {
        problems.extend(wrong.into_iter().map(|(line, problem)| (query_line + line, problem)));
        BTreeMap::new()
    });
    let examples = example::read(&examples).unwrap_or_else(|problem| {
        problems.push(problem);
        Vec::new()
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Check {
        id: matter.id,
        title: matter.title,
        severities: matter.severity.as_slice().to_vec(),
        practice: u8::try_from(matter.practice).unwrap_or_default(),
        scope: matter.scope,
        facts: matter.facts,
        stands: matter.stands,
        across_accounts: matter.across_accounts,
        frameworks: matter.frameworks,
        why: why.text(),
        query: sql,
        query_line,
        fix: fix.text(),
        limits: limits.text(),
        examples,
        references: references.text(),
        markdown: normal,
        file: file.to_owned(),
        reads,
    })
}

fn sections(body: &str, first_line: u64) -> Result<BTreeMap<&str, Section<'_>>, Problem> {
    let order = || SECTIONS.map(|name| format!("`# {name}`")).join(", ");
    let mut found: Vec<(&str, Section<'_>)> = Vec::new();
    let mut fence: Option<u64> = None;
    for (line, number) in body.lines().zip(first_line..) {
        if line.starts_with("```") {
            fence = if fence.is_some() { None } else { Some(number) };
        }
        match line.strip_prefix("# ").filter(|_| fence.is_none()) {
            Some(title) => {
                let title = title.trim();
                if Some(title) != SECTIONS.get(found.len()).copied() {
                    let shown = lambdasweep_model::printable(title);
                    return Err((
                        number,
                        format!("the section `{shown}` is not expected here; the sections are, in this order: {}", order()),
                    ));
                }
                found.push((title, Section { line: number, lines: Vec::new() }));
            }
            None => match found.last_mut() {
                Some((_, section)) => section.lines.push(line),
                None if line.trim().is_empty() => {}
                None => return Err((number, format!("text stands before the first section; the sections are: {}", order()))),
            },
        }
    }
    if let Some(line) = fence {
        return Err((line, "this block of code does not end; it needs a line ``` ".trim_end().to_owned()));
    }
    if let Some((title, section)) = found.iter().find(|(_, section)| section.text().is_empty()) {
        return Err((section.line, format!("the section {title} is empty")));
    }
    match SECTIONS.get(found.len()) {
        Some(missing) => {
            Err((first_line + body.lines().count() as u64, format!("the section `# {missing}` is missing; add it at the end")))
        }
        None => Ok(found.into_iter().collect()),
    }
}

/// The one block of SQL of a section, and the line at which its text begins.
fn code(section: &Section<'_>) -> Result<(u64, String), Problem> {
    let is_start = |line: &&str| line.trim() == "```sql";
    let starts = section.lines.iter().filter(|line| is_start(line)).count();
    let Some(start) = section.lines.iter().position(is_start).filter(|_| starts == 1) else {
        return Err((section.line, format!("the section Query needs one block ```sql with its query; it has {starts}")));
    };
    let query: Vec<&str> = section.lines.iter().skip(start + 1).take_while(|line| line.trim() != "```").copied().collect();
    Ok((section.line + start as u64 + 2, query.join("\n")))
}
