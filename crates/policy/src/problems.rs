//! The problems of a document with their places: what AWS refuses, and what is almost certainly a
//! mistake.
//!
//! The rules are those of "Grammar of the IAM JSON policy language", "IAM JSON policy elements
//! reference" and "IAM policy validation check reference" (IAM User Guide), and of "SCP syntax" and
//! "RCP syntax" (AWS Organizations User Guide). What that check reference calls an error, but AWS
//! accepts nevertheless (a variable in version 2008-10-17, a private address), is a warning here.
//!
//! Whether an action exists is looked up in the table of [`actions`](crate::actions), and whether a
//! global condition key exists in AWS's list; both have a date, which the message names. AWS
//! accepts an action that does not exist; it is an error here, as in that check reference.
//!
//! A condition key of a service that none of the statement's actions supports is a warning here,
//! though an error there: that table has a date too, and AWS has keys that are not in it.
//!
//! Not checked: which actions and resources go together.

mod action_keys;
mod arns;
mod conditions;
mod elements;
mod findings;
mod keys;
mod principals;
mod variables;

use std::fmt;
use std::str::FromStr;

pub(crate) use elements::Places;
pub(crate) use findings::{Findings, quoted};

/// The kind of a policy. Each has its own rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PolicyKind {
    /// Attached to a resource: a function, a layer, a queue, a bucket.
    #[default]
    Resource,
    /// Attached to a user, a group or a role.
    Identity,
    /// A permissions boundary of a user or a role.
    Boundary,
    /// Passed when a session is started.
    Session,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// A role's trust policy.
    Trust,
}

impl PolicyKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Resource,
        Self::Identity,
        Self::Boundary,
        Self::Session,
        Self::Scp,
        Self::Rcp,
        Self::Trust,
    ];

    /// As commands and files write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Identity => "identity",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Trust => "trust",
        }
    }

    /// In a sentence, with its article.
    const fn in_words(self) -> &'static str {
        match self {
            Self::Resource => "a resource-based policy",
            Self::Identity => "an identity-based policy",
            Self::Boundary => "a permissions boundary",
            Self::Session => "a session policy",
            Self::Scp => "a service control policy",
            Self::Rcp => "a resource control policy",
            Self::Trust => "a role's trust policy",
        }
    }

    /// Whether it is kept by IAM or STS, which accept the same characters and Sids in all of
    /// theirs.
    const fn is_of_iam(self) -> bool {
        matches!(
            self,
            Self::Identity | Self::Boundary | Self::Session | Self::Trust
        )
    }

    /// Whether its statements name principals.
    const fn has_principals(self) -> bool {
        matches!(self, Self::Resource | Self::Rcp | Self::Trust)
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The word is not a kind of policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a kind of policy: use one of resource, identity, boundary, session, scp, rcp and trust"
)]
pub struct UnknownPolicyKind;

impl FromStr for PolicyKind {
    type Err = UnknownPolicyKind;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .find(|kind| kind.as_str() == word)
            .copied()
            .ok_or(UnknownPolicyKind)
    }
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// AWS refuses the document.
    Error,
    /// AWS accepts the document, but it is almost certainly a mistake.
    Warning,
}

impl Level {
    /// As commands and files write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A problem of a document. Its texts are safe to print: quotations are shortened, and control
/// characters are escaped.
///
/// ```
/// use lambdasweep_policy::{Level, PolicyKind, problems};
///
/// let text = r#"{
///   "Version": "2012-10-17",
///   "Statement": [{"Effect": "allow", "Action": "s3:GetObject", "Resource": "*"}]
/// }"#;
/// let found = &problems(text, PolicyKind::Identity)[0];
/// assert_eq!((found.level, found.statement, found.member.as_deref()), (Level::Error, Some(0), Some("Effect")));
/// assert_eq!((found.line, found.column), (3, 28));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub level: Level,
    /// The statement, from 0.
    pub statement: Option<usize>,
    /// The member of the document or of the statement, as written; for a missing one, as it should
    /// be written.
    pub member: Option<String>,
    /// The line in the document, from 1; where it came percent-encoded, in the decoded document.
    pub line: usize,
    /// The column in the line, from 1, in characters.
    pub column: usize,
    /// The problem, as a sentence.
    pub message: String,
}

impl fmt::Display for Problem {
    /// The place and the sentence: `Statement[0].Effect, line 3, column 28: …`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.statement, &self.member) {
            (Some(index), Some(member)) => write!(formatter, "Statement[{index}].{member}, ")?,
            (Some(index), None) => write!(formatter, "Statement[{index}], ")?,
            (None, Some(member)) => write!(formatter, "{member}, ")?,
            (None, None) => write!(formatter, "the document, ")?,
        }
        write!(
            formatter,
            "line {}, column {}: {}",
            self.line, self.column, self.message
        )
    }
}

/// A string, a number or a boolean of a document, as text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'v> {
    pub(crate) at: usize,
    pub(crate) text: &'v str,
    pub(crate) is_string: bool,
}

/// The rules for one document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) kind: PolicyKind,
    /// Whether the document's version has policy variables.
    pub(crate) variables: bool,
}
