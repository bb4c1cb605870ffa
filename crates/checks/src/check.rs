//! A check as its file tells it.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_model::{Severity, Status};
use lambdasweep_tables::Fact;

use crate::subject::SubjectKind;

/// A check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The bad pattern that it looks for; also the file's name.
    pub id: String,
    /// One line.
    pub title: String,
    /// How grave its faults are, each once. The first is the severity of a fault of which the query
    /// does not say otherwise.
    pub severities: Vec<Severity>,
    /// Which of the Lambda security practices it belongs to, by number.
    pub practice: u8,
    /// What it judges.
    pub subject: SubjectKind,
    /// The facts that have to be read for an answer.
    pub facts: Vec<Fact>,
    /// The answers that stand even where facts are missing, because they rest on something that was
    /// read and not on what is absent.
    pub stands: Vec<Status>,
    /// The query compares accounts with each other, so that it has to see the rows of all of them
    /// at once.
    pub across_accounts: bool,
    /// Controls of public frameworks that it covers.
    pub frameworks: BTreeMap<String, Vec<String>>,
    /// Why it matters, in Markdown.
    pub why: String,
    /// The query.
    pub query: String,
    /// The line of the file at which the query begins.
    pub query_line: u64,
    /// How to fix what it finds, in Markdown.
    pub fix: String,
    /// What it does not see, in Markdown.
    pub limits: String,
    /// Its examples, which are its tests.
    pub examples: Vec<Example>,
    /// Sources, in Markdown.
    pub references: String,
    /// The whole file.
    pub markdown: String,
    /// Where the file is, for messages.
    pub file: String,
    /// The columns that the query reads, by table.
    pub reads: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

impl Check {
    /// The severity of a fault of which the query does not say otherwise.
    pub fn default_severity(&self) -> Severity {
        self.severities.first().copied().unwrap_or(Severity::Info)
    }

    /// How grave the gravest of its faults is.
    pub fn gravest(&self) -> Severity {
        self.severities
            .iter()
            .copied()
            .max()
            .unwrap_or(Severity::Info)
    }
}

/// The columns that a query may answer with beyond those of its subject: which fault of the resource
/// a row is about, and how grave it is.
pub(crate) const FURTHER_OUTPUT: [&str; 2] = ["fault", "severity"];

/// An example: tables that go in, and what has to come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// The tables, by name.
    pub tables: Vec<ExampleTable>,
    /// The rows that have to come out.
    pub expect: ExampleTable,
    /// The line of the file at which it begins.
    pub line: u64,
}

/// A table of an example.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExampleTable {
    /// The table's name.
    pub name: String,
    /// The columns that it gives.
    pub columns: Vec<String>,
    /// The rows. A cell of `-` is absent.
    pub rows: Vec<Vec<String>>,
    /// The line of the file at which it begins.
    pub line: u64,
}

impl ExampleTable {
    /// The cell of a row, where the table gives the column and the cell is not absent.
    pub(crate) fn cell<'a>(&self, row: &'a [String], column: &str) -> Option<&'a str> {
        let at = self.columns.iter().position(|name| name == column)?;
        row.get(at).map(String::as_str).filter(|cell| *cell != "-")
    }
}

/// What is wrong with a check's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct CheckError {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u64,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl CheckError {
    pub(crate) fn new(file: &str, line: u64, problem: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            problem: problem.into(),
        }
    }
}
