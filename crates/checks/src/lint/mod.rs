//! Keeps queries within the portable subset, which has the same meaning in Polars, DuckDB, Spark
//! SQL and Athena, and determines what a query reads.
//!
//! It is an allow-list: everything that the parser can read and this module does not name is
//! rejected.

mod expression;
mod from;
mod kinds;
mod relation;
mod select;

use std::collections::BTreeMap;

use lambdasweep_model::Severity;
use lambdasweep_tables::{Fact, Grain, table};
use sqlparser::ast::{Spanned, Statement};
use sqlparser::dialect::AnsiDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::check::FURTHER_OUTPUT;
use crate::subject::{Reads, SubjectKind};

#[cfg(test)]
pub(crate) use expression::{AGGREGATES, SCALARS};

/// A line within the query, from 0, and what is wrong there and how to fix it.
pub(crate) type Problem = (u64, String);

/// The maximum number of tokens of a query, not counting the items of lists: the parser builds
/// trees that may be half as deep, and walking them takes stack for each level.
const MOST_WORDS: usize = 1_000;
/// The maximum nesting of expressions.
const MOST_DEPTH: usize = 100;

/// The rules for a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) subject: SubjectKind,
    pub(crate) facts: &'a [Fact],
    pub(crate) severities: &'a [Severity],
    pub(crate) across_accounts: bool,
}

/// Checks a query, and returns what it reads.
///
/// # Errors
/// All errors.
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
                "the query has {words} tokens, not counting the items of lists; {MOST_WORDS} are allowed"
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
    // A query without columns was already rejected.
    if !names.is_empty() && !is_answer(&names, &expected) {
        let message = format!(
            "a query for the subject {} must return the columns {}, optionally followed by fault and severity; it returns {}",
            rules.subject,
            expected.join(", "),
            names.join(", ")
        );
        linter.problems.push((0, message));
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
            let message = format!("the query reads {tables}, so `facts` must include {fact}");
            linter.problems.push((0, message));
        }
    }
    let unlinked = unlinked(rules, &linter.reads);
    linter
        .problems
        .extend(unlinked.into_iter().map(|it| (0, it)));
    linter.problems.sort();
    linter.problems.dedup();
    if linter.problems.is_empty() {
        Ok(linter.reads)
    } else {
        Err(linter.problems)
    }
}

/// The facts about resources that are read where others refer to them, if the query does not read
/// which of them a subject refers to: then nothing says which of them an answer rests on.
fn unlinked(rules: Rules<'_>, reads: &Reads) -> Vec<String> {
    let kinds = rules.facts.iter().filter_map(|fact| match fact.grain() {
        Grain::Resource(of) => Some((fact, SubjectKind::named(of)?)),
        _ => None,
    });
    let unlinked = kinds.filter(|(_, other)| {
        *other != rules.subject
            && other.is_read_by_reference()
            && rules.subject.links(*other, reads).is_empty()
    });
    unlinked
        .map(|(fact, other)| {
            let columns = other.named_in_others().join(" or ");
            format!("`facts` has {fact}, but the query reads no column that says which of them are meant; it must read {columns}")
        })
        .collect()
}

/// Whether these are valid result columns: the expected ones, then any of the optional ones, in
/// order.
fn is_answer(names: &[&str], expected: &[&str]) -> bool {
    names.strip_prefix(expected).is_some_and(|more| {
        let mut left = FURTHER_OUTPUT.iter();
        more.iter().all(|name| left.any(|known| known == name))
    })
}

/// The parser's message, without the line number.
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
    /// The line of the last node that has one; some nodes do not.
    line: u64,
    depth: usize,
}

impl Linter<'_> {
    /// Records the current position.
    fn at(&mut self, node: &impl Spanned) {
        let line = node.span().start.line;
        if line > 0 {
            self.line = line - 1;
        }
    }

    /// Records a problem at the current position.
    fn refuse(&mut self, problem: impl Into<String>) {
        self.problems.push((self.line, problem.into()));
    }

    /// Records a problem if something that is not allowed is present.
    fn refuse_if(&mut self, there: bool, problem: &str) {
        if there {
            self.refuse(problem);
        }
    }

    /// A name that all engines read in the same way: they differ in quotes and in the treatment of
    /// upper case.
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
                "`{shown}`: names must be in lower case and without quotes; engines differ otherwise"
            ));
        }
        ident.value.clone()
    }
}
