//! Collects what is found while a document is read.

use super::{Level, Problem};
use crate::json;

/// The most problems of a level that are listed: a hostile document has as many as it has bytes.
const MOST: usize = 100;

/// So many steps of what takes more time than reading may be made for a document. AWS's managed
/// policies make less than 5,000.
const MOST_STEPS: usize = 200_000;

/// The longest part of a document that a message quotes, in characters.
const LONGEST_QUOTE: usize = 80;

#[derive(Debug)]
struct Finding {
    level: Level,
    statement: Option<usize>,
    member: Option<String>,
    at: usize,
    message: String,
}

/// What has been found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The statement that is being read.
    pub(crate) statement: Option<usize>,
    found: Vec<Finding>,
    errors: usize,
    warnings: usize,
    steps: usize,
    /// Where in `found` the first thing stands that makes the document unreadable.
    unreadable: Option<usize>,
}

impl Findings {
    /// AWS refuses this, but what it would mean is clear.
    pub(crate) fn error<'m>(
        &mut self,
        at: usize,
        member: impl Into<Option<&'m str>>,
        message: impl FnOnce() -> String,
    ) {
        self.errors += 1;
        if self.errors <= MOST {
            self.push(Level::Error, at, member.into(), message());
        }
    }

    /// AWS refuses this, and it is not clear what it means: the document cannot be reasoned about.
    pub(crate) fn unreadable<'m>(
        &mut self,
        at: usize,
        member: impl Into<Option<&'m str>>,
        message: impl FnOnce() -> String,
    ) {
        self.errors += 1;
        if self.errors <= MOST || self.unreadable.is_none() {
            self.unreadable.get_or_insert(self.found.len());
            self.push(Level::Error, at, member.into(), message());
        }
    }

    /// Almost surely a mistake.
    pub(crate) fn warning<'m>(
        &mut self,
        at: usize,
        member: impl Into<Option<&'m str>>,
        message: impl FnOnce() -> String,
    ) {
        self.warnings += 1;
        if self.warnings <= MOST {
            self.push(Level::Warning, at, member.into(), message());
        }
    }

    /// Whether no further warning is listed, so that no time need be spent on finding it.
    pub(crate) fn has_enough_warnings(&self) -> bool {
        self.warnings >= MOST
    }

    /// The same for errors.
    pub(crate) fn has_enough_errors(&self) -> bool {
        self.errors >= MOST
    }

    /// Takes some steps; `false` where the document has made too many.
    pub(crate) fn may_spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps);
        self.steps <= MOST_STEPS
    }

    fn push(&mut self, level: Level, at: usize, member: Option<&str>, message: String) {
        self.found.push(Finding {
            level,
            statement: self.statement,
            member: member.map(shortened),
            at,
            message,
        });
    }

    /// What was found, in the order of the text, and the first thing that makes the document
    /// unreadable.
    pub(crate) fn finish(mut self, text: &str) -> (Vec<Problem>, Option<Problem>) {
        let left_out = (self.errors + self.warnings).saturating_sub(self.found.len());
        let unreadable = self
            .unreadable
            .and_then(|index| self.found.get(index))
            .map(|it| (it.at, it.message.clone()));
        self.found.sort_by_key(|it| it.at);
        let positions = json::positions(text, self.found.iter().map(|it| it.at));
        let mut first = None;
        let mut problems = Vec::with_capacity(self.found.len() + 1);
        for (finding, (line, column)) in self.found.into_iter().zip(positions) {
            let Finding {
                level,
                statement,
                member,
                at,
                message,
            } = finding;
            let is_first = first.is_none()
                && unreadable
                    .as_ref()
                    .is_some_and(|it| it.0 == at && it.1 == message);
            let problem = Problem {
                level,
                statement,
                member,
                line,
                column,
                message,
            };
            if is_first {
                first = Some(problem.clone());
            }
            problems.push(problem);
        }
        if left_out > 0 {
            let level = if self.errors > MOST {
                Level::Error
            } else {
                Level::Warning
            };
            let message = format!("{left_out} more problems are not listed.");
            problems.push(Problem {
                level,
                statement: None,
                member: None,
                line: 1,
                column: 1,
                message,
            });
        }
        (problems, first)
    }
}

/// A part of a document for a message: shortened, with controls escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", lambdasweep_model::printable(&text[..end])),
        None => lambdasweep_model::printable(text),
    }
}
