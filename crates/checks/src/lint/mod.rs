//! Keeps queries within the portable subset, which Polars, DuckDB, Spark SQL and Athena read alike,
//! and tells what a query reads.
//!
//! It is a list of what is allowed: whatever the parser can read and this module does not name is
//! refused.

mod expression;
mod from;
mod kinds;
mod relation;
mod select;

use std::collections::BTreeMap;

use lambdasweep_model::Severity;
use lambdasweep_tables::{Fact, table};
use sqlparser::ast::{Spanned, Statement};
use sqlparser::dialect::AnsiDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::check::FURTHER_OUTPUT;
use crate::subject::{Reads, SubjectKind};

/// A line within the query, from 0, and what is wrong there with what to do.
pub(crate) type Problem = (u64, String);

/// The most words and signs of a query, the items of lists aside: the parser makes trees of them
/// that may be half as deep, and whoever walks those takes stack for each level.
const MOST_WORDS: usize = 1_000;
/// How deep expressions may stand in one another.
const MOST_DEPTH: usize = 100;

/// What a query is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) subject: SubjectKind,
    pub(crate) facts: &'a [Fact],
    pub(crate) severities: &'a [Severity],
    pub(crate) across_accounts: bool,
}

/// Checks a query, and tells what it reads.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn lint(sql: &str, rules: Rules<'_>) -> Result<Reads, Vec<Problem>> {
    let tokens = Tokenizer::new(&AnsiDialect {}, sql)
        .tokenize_with_location()
        .map_err(|error| vec![unreadable(&error.to_string())])?;
    let commas = tokens
        .iter()
        .filter(|token| matches!(token.token, Token::Comma))
        .count();
    let words = tokens
        .iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
        .count()
        .saturating_sub(2 * commas);
    if words > MOST_WORDS {
        return Err(vec![(
            0,
            format!(
                "the query has {words} words and signs, the items of lists aside; {MOST_WORDS} are allowed"
            ),
        )]);
    }
    let kinds = kinds::named(&tokens);
    let statements = Parser::new(&AnsiDialect {})
        .with_tokens_with_locations(tokens)
        .parse_statements();
    let statements = statements.map_err(|error| vec![unreadable(&error.to_string())])?;
    let [Statement::Query(query)] = statements.as_slice() else {
        return Err(vec![(
            0,
            "a check has one query, and it is a SELECT".to_owned(),
        )]);
    };
    let mut linter = Linter {
        rules,
        problems: Vec::new(),
        reads: Reads::new(),
        line: 0,
        depth: 0,
    };
    let answer = linter.query(query, &[], true);
    let names: Vec<&str> = answer
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let expected = rules.subject.output();
    // A query that answers nothing was refused for that.
    if !names.is_empty() && !is_answer(&names, &expected) {
        let told = format!(
            "a query for the subject {} has to answer with the columns {}, and may add fault and severity after them; it answers with {}",
            rules.subject,
            expected.join(", "),
            names.join(", ")
        );
        linter.problems.push((0, told));
    }
    let mut needed: BTreeMap<Fact, Vec<&str>> = BTreeMap::new();
    for table in linter.reads.keys().filter_map(|name| table(name)) {
        match kinds::facts(table, &kinds) {
            Ok(facts) => {
                for fact in facts {
                    needed.entry(fact).or_default().push(table.name);
                }
            }
            Err(problem) => linter.problems.push((0, problem)),
        }
    }
    for (fact, tables) in needed {
        if !rules.facts.contains(&fact) {
            let tables = tables.join(", ");
            let told = format!("the query reads {tables}, so that `facts` has to name {fact}");
            linter.problems.push((0, told));
        }
    }
    linter.problems.sort();
    linter.problems.dedup();
    if linter.problems.is_empty() {
        Ok(linter.reads)
    } else {
        Err(linter.problems)
    }
}

/// Whether these are the columns of an answer: those that are expected, then as many of the further
/// ones as there are, in their order.
fn is_answer(names: &[&str], expected: &[&str]) -> bool {
    names.strip_prefix(expected).is_some_and(|more| {
        let mut left = FURTHER_OUTPUT.iter();
        more.iter().all(|name| left.any(|known| known == name))
    })
}

/// The parser's own words, with the line taken out of them.
fn unreadable(error: &str) -> Problem {
    let error = error.strip_prefix("sql parser error: ").unwrap_or(error);
    let (words, line) = match error.rsplit_once(" at Line: ") {
        Some((words, place)) => (
            words,
            place
                .split(',')
                .next()
                .and_then(|line| line.parse::<u64>().ok())
                .unwrap_or(1),
        ),
        None => (error, 1),
    };
    (
        line.saturating_sub(1),
        format!(
            "the query cannot be read: {}",
            lambdasweep_model::printable(words)
        ),
    )
}

struct Linter<'a> {
    rules: Rules<'a>,
    problems: Vec<Problem>,
    reads: Reads,
    /// The last line that a node told; some nodes know no place.
    line: u64,
    depth: usize,
}

impl Linter<'_> {
    /// Notes where the walk is.
    fn at(&mut self, node: &impl Spanned) {
        let line = node.span().start.line;
        if line > 0 {
            self.line = line - 1;
        }
    }

    /// Notes a problem where the walk is.
    fn refuse(&mut self, problem: impl Into<String>) {
        self.problems.push((self.line, problem.into()));
    }

    /// Notes a problem where something that has to be absent is there.
    fn refuse_if(&mut self, there: bool, problem: &str) {
        if there {
            self.refuse(problem);
        }
    }

    /// A name that all engines read alike: they differ in quotes and in what they do with upper
    /// case.
    fn name(&mut self, ident: &sqlparser::ast::Ident) -> String {
        let plain = ident
            .value
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if ident.quote_style.is_some() || !plain {
            let line = ident.span.start.line;
            self.line = if line > 0 { line - 1 } else { self.line };
            let shown = lambdasweep_model::printable(&ident.value);
            self.refuse(format!(
                "`{shown}`: names are in lower case, without quotes; engines differ in the rest"
            ));
        }
        ident.value.clone()
    }
}
