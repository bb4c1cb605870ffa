//! The front matter of a check's file.

use std::collections::BTreeMap;

use lambdasweep_model::{Fact, Severity, Status};
use serde::Deserialize;

use super::Problem;
use crate::check::Scope;

/// How many Lambda security practices there are to number a check by.
const MOST_PRACTICE: i64 = 99;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FrontMatter {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) severity: OneOrMore,
    pub(super) practice: i64,
    pub(super) scope: Scope,
    pub(super) facts: Vec<Fact>,
    #[serde(default)]
    pub(super) stands: Vec<Status>,
    #[serde(default)]
    pub(super) across_accounts: bool,
    #[serde(default)]
    pub(super) frameworks: BTreeMap<String, Vec<String>>,
}

/// One severity, or a list of them.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "`severity` is one of critical, high, medium, low and info, or a list of these")]
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

/// Reads the front matter; the lines of its problems are those of the file.
pub(super) fn read(file: &str, front: &str) -> Result<FrontMatter, Vec<Problem>> {
    let matter: FrontMatter = serde_norway::from_str(front).map_err(|error| {
        let line = error.location().map_or(1, |at| at.line() as u64);
        let words = lambdasweep_model::printable(&error.to_string());
        let words = words.split(" at line ").next().unwrap_or_default();
        vec![(line + 1, format!("the front matter cannot be read: {words}"))]
    })?;
    let mut problems = Vec::new();
    let mut wrong = |key: &str, problem: String| {
        let line = front.lines().position(|line| line.starts_with(&format!("{key}:"))).unwrap_or(0);
        problems.push((line as u64 + 2, problem));
    };
    let stem = file.rsplit(['/', '\\']).next().and_then(|name| name.strip_suffix(".md")).unwrap_or(file);
    let shown = lambdasweep_model::printable;
    if matter.id != stem {
        wrong("id", format!("the id `{}` has to be the file's name, `{}`", shown(&matter.id), shown(stem)));
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if matter.id.is_empty() || matter.id.len() > 64 || !matter.id.bytes().all(plain) {
        wrong("id", "an id has 1 to 64 lower-case letters, digits and dashes".to_owned());
    }
    if matter.title.trim().is_empty() || matter.title.chars().any(char::is_control) || matter.title.chars().count() > 120 {
        wrong("title", "a title is one line of 1 to 120 characters".to_owned());
    }
    if !(1..=MOST_PRACTICE).contains(&matter.practice) {
        wrong("practice", format!("`practice` is a number from 1 to {MOST_PRACTICE}"));
    }
    if matter.facts.is_empty() {
        wrong("facts", format!("`facts` names what has to be read for an answer; there are {}", all_facts()));
    }
    if has_twice(&matter.facts) {
        wrong("facts", "`facts` names a fact twice".to_owned());
    }
    let severities = matter.severity.as_slice();
    if severities.is_empty() || has_twice(severities) {
        wrong("severity", "`severity` is one severity, or a list that names each of several once, the usual one first".to_owned());
    }
    if has_twice(&matter.stands) || matter.stands.iter().any(|status| !matches!(status, Status::Fail | Status::NotApplicable)) {
        wrong("stands", "`stands` names FAIL, NOT_APPLICABLE or both: a PASS never stands where something was not read".to_owned());
    }
    if matter.frameworks.values().any(Vec::is_empty) {
        wrong("frameworks", "a framework without controls says nothing; leave it out".to_owned());
    }
    if problems.is_empty() { Ok(matter) } else { Err(problems) }
}

fn has_twice<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().any(|(at, item)| items[..at].contains(item))
}

fn all_facts() -> String {
    Fact::ALL.iter().map(|fact| fact.as_str()).collect::<Vec<_>>().join(", ")
}
