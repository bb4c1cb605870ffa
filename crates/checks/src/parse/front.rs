//! The front matter of a check's file.

use std::collections::BTreeMap;

use lambdasweep_model::{Severity, Status, printable};
use lambdasweep_tables::{Fact, facts};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_norway::Mapping;

use super::Problem;
use crate::nearest::nearest;
use crate::subject::SubjectKind;

/// The highest number of a Lambda security practice.
const MOST_PRACTICE: i64 = 99;

#[derive(Debug)]
pub(super) struct FrontMatter {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) severity: OneOrMore,
    pub(super) practice: i64,
    pub(super) subject: SubjectKind,
    pub(super) facts: Vec<Fact>,
    pub(super) stands: Vec<Status>,
    pub(super) across_accounts: bool,
    pub(super) check_set: Option<String>,
    pub(super) frameworks: BTreeMap<String, Vec<String>>,
}

/// The keys that a front matter may have.
const KEYS: [&str; 10] = [
    "id",
    "title",
    "severity",
    "practice",
    "subject",
    "facts",
    "stands",
    "across-accounts",
    "check-set",
    "frameworks",
];

/// One severity, or a list of them.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "`severity` is one of critical, high, medium, low and info, or a list of these"
)]
pub(super) enum OneOrMore {
    One(Severity),
    More(Vec<Severity>),
}

impl OneOrMore {
    pub(super) fn as_slice(&self) -> &[Severity] {
        match self {
            Self::One(severity) => std::slice::from_ref(severity),
            Self::More(severities) => severities,
        }
    }
}

/// Reads keys one by one, so that all errors are reported at once.
struct Reader<'a> {
    front: &'a str,
    values: Mapping,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    /// Records a problem at the line of a key; lines are those of the file.
    fn wrong(&mut self, key: &str, problem: impl Into<String>) {
        let line = self
            .front
            .lines()
            .position(|line| line.starts_with(&format!("{key}:")));
        self.problems
            .push((line.map_or(1, |line| line as u64 + 2), problem.into()));
    }

    fn optional<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.values.get(key)?.clone();
        match serde_norway::from_value(value) {
            Ok(read) => Some(read),
            Err(error) => {
                self.wrong(
                    key,
                    format!("`{key}` cannot be read: {}", printable(&error.to_string())),
                );
                None
            }
        }
    }

    fn required<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        if !self.values.contains_key(key) {
            self.wrong("---", format!("the front matter has no `{key}`"));
        }
        self.optional(key)
    }
}

/// Reads the front matter, and records all errors. The result is as complete as possible, since the
/// rest of the file is checked with it.
pub(super) fn read(file: &str, front: &str, problems: &mut Vec<Problem>) -> Option<FrontMatter> {
    let values = match serde_norway::from_str::<Mapping>(front) {
        Ok(values) => values,
        Err(error) => {
            let line = error.location().map_or(1, |at| at.line() as u64);
            let words = printable(&error.to_string());
            let words = words.split(" at line ").next().unwrap_or_default();
            problems.push((
                line + 1,
                format!("the front matter cannot be read: {words}"),
            ));
            return None;
        }
    };
    let unknown: Vec<String> = values
        .keys()
        .filter_map(|key| key.as_str())
        .filter(|key| !KEYS.contains(key))
        .map(str::to_owned)
        .collect();
    let mut reader = Reader {
        front,
        values,
        problems: Vec::new(),
    };
    for key in unknown {
        let hint = nearest(&key, KEYS.into_iter()).map_or_else(
            || format!("it has {}", KEYS.join(", ")),
            |near| format!("did you mean {near}?"),
        );
        reader.wrong(
            &key,
            format!("the front matter has no key `{}`; {hint}", printable(&key)),
        );
    }
    let (id, title) = (reader.required("id"), reader.required("title"));
    let (severity, practice) = (reader.required("severity"), reader.required("practice"));
    let (subject, facts) = (reader.required("subject"), reader.required("facts"));
    let stands: Vec<Status> = reader.optional("stands").unwrap_or_default();
    let across_accounts = reader.optional("across-accounts").unwrap_or_default();
    let check_set: Option<String> = reader.optional("check-set");
    let frameworks = reader.optional("frameworks").unwrap_or_default();
    if check_set.as_deref().is_some_and(|set| !is_plain_name(set)) {
        reader.wrong(
            "check-set",
            "a check set has 1 to 64 lower-case letters, digits and dashes",
        );
    }
    check_names(&mut reader, file, id.as_deref(), title.as_deref());
    check_values(
        &mut reader,
        severity.as_ref(),
        practice,
        facts.as_deref(),
        &stands,
        &frameworks,
    );
    problems.append(&mut reader.problems);
    // Members that the query does not depend on may be missing: that was recorded.
    Some(FrontMatter {
        id: id.unwrap_or_default(),
        title: title.unwrap_or_default(),
        severity: severity?,
        practice: practice.unwrap_or_default(),
        subject: subject?,
        facts: facts?,
        stands,
        across_accounts,
        check_set,
        frameworks,
    })
}

fn check_names(reader: &mut Reader<'_>, file: &str, id: Option<&str>, title: Option<&str>) {
    let stem = file
        .rsplit(['/', '\\'])
        .next()
        .and_then(|name| name.strip_suffix(".md"))
        .unwrap_or(file);
    if let Some(id) = id {
        if id != stem {
            reader.wrong(
                "id",
                format!(
                    "the id `{}` must be the file's name, `{}`",
                    printable(id),
                    printable(stem)
                ),
            );
        }
        if !is_plain_name(id) {
            reader.wrong(
                "id",
                "an id has 1 to 64 lower-case letters, digits and dashes",
            );
        }
    }
    if title.is_some_and(|title| {
        title.trim().is_empty()
            || title.chars().any(char::is_control)
            || title.chars().count() > 120
    }) {
        reader.wrong("title", "a title is one line of 1 to 120 characters");
    }
}

fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

fn check_values(
    reader: &mut Reader<'_>,
    severity: Option<&OneOrMore>,
    practice: Option<i64>,
    facts: Option<&[Fact]>,
    stands: &[Status],
    frameworks: &BTreeMap<String, Vec<String>>,
) {
    if practice.is_some_and(|practice| !(1..=MOST_PRACTICE).contains(&practice)) {
        reader.wrong(
            "practice",
            format!("`practice` is a number from 1 to {MOST_PRACTICE}; `lambdasweep checks list --help` explains them"),
        );
    }
    if facts.is_some_and(<[Fact]>::is_empty) {
        reader.wrong(
            "facts",
            format!(
                "`facts` lists the facts that the check needs; there are {}",
                all_facts()
            ),
        );
    }
    if facts.is_some_and(has_twice) {
        reader.wrong("facts", "`facts` names a fact twice");
    }
    if severity
        .is_some_and(|severity| severity.as_slice().is_empty() || has_twice(severity.as_slice()))
    {
        reader.wrong(
            "severity",
            "`severity` is one severity, or a list without duplicates, the default first",
        );
    }
    if has_twice(stands)
        || stands
            .iter()
            .any(|status| !matches!(status, Status::Fail | Status::NotApplicable))
    {
        reader.wrong("stands", "`stands` takes FAIL, NOT_APPLICABLE or both: a PASS never stands if something was not read");
    }
    if frameworks.values().any(Vec::is_empty) {
        reader.wrong(
            "frameworks",
            "a framework needs at least one control; remove it",
        );
    }
}

fn has_twice<T: PartialEq>(items: &[T]) -> bool {
    items
        .iter()
        .enumerate()
        .any(|(at, item)| items[..at].contains(item))
}

fn all_facts() -> String {
    facts::ALL
        .iter()
        .map(|fact| fact.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}
