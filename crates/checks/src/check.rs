//! A check as defined by its file.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_model::{Severity, Status};
use lambdasweep_tables::Fact;

use crate::subject::SubjectKind;

/// A check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The id: the bad pattern that it looks for; also the file's name.
    pub id: String,
    /// The title, one line.
    pub title: String,
    /// The severities of its faults, without duplicates. The first is the default for faults
    /// without a severity in the query's result.
    pub severities: Vec<Severity>,
    /// The number of the Lambda security practice that it belongs to.
    pub practice: u8,
    /// The kind of resource that it judges.
    pub subject: SubjectKind,
    /// The facts that have to be read for an answer.
    pub facts: Vec<Fact>,
    /// The statuses that stand even if facts are missing, because they depend on rows that were
    /// read and not on the absence of rows.
    pub stands: Vec<Status>,
    /// Whether the query compares accounts with each other and therefore needs the rows of all
    /// accounts at once.
    pub across_accounts: bool,
    /// The set that it belongs to, if only scans that ask for this set evaluate it.
    pub check_set: Option<String>,
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
    /// Its limits, in Markdown.
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
    /// The severity of faults for which the query returns none.
    pub fn default_severity(&self) -> Severity {
        self.severities.first().copied().unwrap_or(Severity::Info)
    }

    /// The highest severity of its faults.
    pub fn gravest(&self) -> Severity {
        self.severities
            .iter()
            .copied()
            .max()
            .unwrap_or(Severity::Info)
    }
}

/// The optional columns of a query after those of its subject: the fault of the resource that a row
/// is about, and its severity.
pub(crate) const FURTHER_OUTPUT: [&str; 2] = ["fault", "severity"];

/// An example: input tables and expected findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// The tables, by name.
    pub tables: Vec<ExampleTable>,
    /// The expected rows.
    pub expect: ExampleTable,
    /// The line of the file at which it begins.
    pub line: u64,
}

/// A table of an example.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExampleTable {
    /// The table's name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The rows. A cell of `-` is absent.
    pub rows: Vec<Vec<String>>,
    /// The line of the file at which it begins.
    pub line: u64,
}

impl ExampleTable {
    /// The cell of a row, if the table has the column and the cell is not absent.
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
