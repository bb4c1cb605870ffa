//! The rules, one a row and one file a domain: secrets that show by their form. Values under
//! telling names are `makers.rs`, `promise.rs` and `literal.rs`.
//!
//! Each file names the documentation that shows the prefixes. Where a maker shows a key and does
//! not say how long keys are, the length is what gitleaks and TruffleHog look for (both as of
//! 2026), or less: a vendor's prefix is more reliable than the length.

use crate::Confidence;
use crate::verify::{Judge, drawn, mixed, plain};

mod amazon;
mod clouds;
mod code;
mod crypto;
mod generic;
mod identity;
mod infrastructure;
mod messages;
mod models;
mod money;
mod observing;
mod work;

/// A rule.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    /// What it looks for, with its article.
    pub(crate) description: &'static str,
    /// How sure a match is that its judge has no other opinion of.
    pub(crate) confidence: Confidence,
    /// Texts one of which is in every match, in letters of either case: all rules' hints are
    /// searched for at once, and only then patterns.
    pub(crate) hints: &'static [&'static str],
    pub(crate) pattern: Pattern,
    /// Has the last word on a match.
    pub(crate) judge: Judge,
}

/// What a rule looks for.
#[derive(Clone, Copy)]
pub(crate) enum Pattern {
    /// One of the hints, as it is written, at a word's beginning, and behind it this; no letter or
    /// digit follows.
    Prefixed(&'static str),
    /// A pattern. Where it has a group `secret`, only that part is the secret.
    Whole(&'static str),
}

/// A prefix of a maker's own and what follows it.
const fn token(
    id: &'static str,
    description: &'static str,
    prefixes: &'static [&'static str],
    rest: &'static str,
) -> Rule {
    let pattern = Pattern::Prefixed(rest);
    Rule {
        id,
        description,
        confidence: Confidence::High,
        hints: prefixes,
        pattern,
        judge: drawn,
    }
}

/// A pattern whose matches are secrets but for placeholders.
const fn whole(
    id: &'static str,
    description: &'static str,
    hints: &'static [&'static str],
    pattern: &'static str,
) -> Rule {
    Rule {
        id,
        description,
        confidence: Confidence::High,
        hints,
        pattern: Pattern::Whole(pattern),
        judge: plain,
    }
}

/// A form that names and ids could have too, unless it looks random.
const fn medium(rule: Rule) -> Rule {
    Rule {
        confidence: Confidence::Medium,
        judge: mixed,
        ..rule
    }
}

/// A form that other makers' values could have too.
const fn likely(rule: Rule) -> Rule {
    Rule {
        confidence: Confidence::Medium,
        judge: drawn,
        ..rule
    }
}

/// A rule with a judge of its own.
const fn judged(judge: Judge, rule: Rule) -> Rule {
    Rule { judge, ..rule }
}

/// In the order in which they are tried; where several fire, the surest counts, and among those the
/// first.
pub(crate) const TABLES: &[&[Rule]] = &[
    amazon::RULES,
    code::RULES,
    clouds::RULES,
    infrastructure::RULES,
    messages::RULES,
    money::RULES,
    models::RULES,
    observing::RULES,
    work::RULES,
    identity::RULES,
    crypto::RULES,
    generic::RULES,
];
