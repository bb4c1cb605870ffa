//! A statement that is being written: its CTEs in order.

use std::collections::BTreeSet;
use std::fmt::Write;

use lambdasweep_tables::Fact;

use super::dialect::Dialect;
use crate::check::Check;
use crate::frames::OWN_FACTS;

/// A statement.
pub(super) struct Statement<'a> {
    pub(super) checks: &'a [&'a Check],
    pub(super) dialect: Dialect,
    ctes: Vec<Cte>,
}

struct Cte {
    name: String,
    why: String,
    body: String,
}

impl<'a> Statement<'a> {
    pub(super) fn new(checks: &'a [&'a Check], dialect: Dialect) -> Self {
        Self {
            checks,
            dialect,
            ctes: Vec::new(),
        }
    }

    /// Adds a CTE, unless there is one with that body, and returns its name. `why` says in words
    /// what its rows are.
    pub(super) fn add(&mut self, name: &str, why: &str, body: impl Into<String>) -> String {
        let (body, base) = (body.into(), name.replace('-', "_"));
        if let Some(known) = self.ctes.iter().find(|cte| cte.body == body) {
            return known.name.clone();
        }
        let is_taken = |name: &str| self.ctes.iter().any(|cte| cte.name == name);
        let mut name = base.clone();
        let mut number = 2;
        while is_taken(&name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        self.ctes.push(Cte {
            name: name.clone(),
            why: why.to_owned(),
            body,
        });
        name
    }

    /// The facts whose coverage is looked at.
    pub(super) fn facts(&self) -> BTreeSet<Fact> {
        let of_checks = self.checks.iter().flat_map(|check| {
            let facts = check.facts.iter().copied();
            facts.chain([check.subject.listing()])
        });
        of_checks.chain(OWN_FACTS).collect()
    }

    /// The whole statement, with the SELECT that stands at its end.
    pub(super) fn finish(self, select: &str) -> String {
        let mut out = String::new();
        for (at, cte) in self.ctes.iter().enumerate() {
            let _ = writeln!(out, "-- {}", cte.why);
            let begin = if at == 0 { "WITH " } else { "" };
            let end = if at + 1 == self.ctes.len() { "" } else { "," };
            let _ = writeln!(
                out,
                "{begin}{} AS (\n{}\n){end}",
                cte.name,
                indented(&cte.body)
            );
        }
        out.push_str(select);
        out
    }
}

/// Lines moved to the right. Lines within texts stay where they are: moving them would change the
/// texts.
pub(super) fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut in_text = false;
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        if !in_text && !line.is_empty() {
            out.push_str("  ");
        }
        out.push_str(line);
        // A quote within a text is doubled or has a backslash before it.
        let quotes = line.matches('\'').count() - line.matches("\\'").count();
        in_text ^= quotes % 2 == 1;
    }
    out
}

/// What is joined by UNION ALL.
pub(super) fn union_all(parts: &[String]) -> String {
    parts.join("\nUNION ALL\n")
}
