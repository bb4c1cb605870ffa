//! A check as its file tells it.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_model::{Fact, Severity};
use serde::Deserialize;

/// A check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The bad pattern that it looks for; also the file's name.
    pub id: String,
    /// One line.
    pub title: String,
    /// How grave a FAIL is.
    pub severity: Severity,
    /// Which of the Lambda security practices it belongs to, by number.
    pub practice: u8,
    /// What it judges.
    pub scope: Scope,
    /// The facts that have to be read for an answer.
    pub facts: Vec<Fact>,
    /// A FAIL stands even where facts are missing, because what fails is something that was read.
    pub fail_stands: bool,
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
    /// The tables that the query reads.
    pub tables: BTreeSet<&'static str>,
}

/// What a check judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Each function.
    Function,
    /// Each role that a function executes with.
    Role,
}

impl Scope {
    /// As it is written, and as findings name the type of their resource.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Role => "role",
        }
    }
}

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

/// A table of an example. A cell of `-` is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExampleTable {
    /// The table's name.
    pub name: String,
    /// The columns that it gives.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
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
        Self { file: file.to_owned(), line, problem: problem.into() }
    }
}
