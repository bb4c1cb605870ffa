//! Parses policy documents as AWS accepts them. Nothing that is not understood is ignored.

mod reader;

use std::borrow::Cow;

use crate::document::Document;
use crate::json;
use crate::problems::{PolicyKind, Problem};
use reader::Reader;

/// The largest document that is parsed, in bytes: many times what any AWS service accepts.
const MOST_BYTES: usize = 1 << 20;

/// Why a document cannot be parsed: the first part of it that is not understood.
///
/// ```
/// let error = lambdasweep_policy::Document::parse(r#"{"Statement": [{"Effect": "Permit", "Action": "*"}]}"#).unwrap_err();
/// assert_eq!(error.problem().member.as_deref(), Some("Effect"));
/// assert!(error.to_string().starts_with("Statement[0].Effect, line 1, column 27: "));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct PolicyError {
    problem: Box<Problem>,
}

impl PolicyError {
    /// The problem and its place.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// A document and its problems, from one pass.
///
/// ```
/// use lambdasweep_policy::{Parsed, PolicyKind};
///
/// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "Invoke", "Resource": "*"}}"#;
/// let parsed = Parsed::of(text, PolicyKind::Identity);
/// assert!(parsed.document.is_some(), "what it would mean is clear");
/// assert_eq!(parsed.problems[0].message, "`Invoke` is not a valid action: it must consist of a service, a colon and a name, such as `lambda:InvokeFunction`.");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The document, if all of it is understood; otherwise it is unknown what it allows.
    pub document: Option<Document>,
    /// The problems, in the order of the text.
    pub problems: Vec<Problem>,
}

impl Parsed {
    /// Parses a document and checks it by the rules of its kind. A percent-encoded document is
    /// decoded first.
    pub fn of(text: &str, kind: PolicyKind) -> Self {
        let (document, problems, _) = match decoded(text) {
            Ok(text) => read(&text, Some(kind)),
            Err(problem) => (None, vec![problem], None),
        };
        Self { document, problems }
    }
}

/// The problems of a document of a kind, in the order of the text. Takes time linear in its length.
///
/// The first 100 errors and 100 warnings are listed, and the first error that makes the document
/// unreadable; a last one says that there are more.
///
/// ```
/// use lambdasweep_policy::{PolicyKind, problems};
///
/// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}"#;
/// assert_eq!(problems(text, PolicyKind::Trust)[0].member.as_deref(), Some("Principal"));
/// assert_eq!(problems(text, PolicyKind::Resource)[0].member.as_deref(), Some("Resource"));
/// ```
pub fn problems(text: &str, kind: PolicyKind) -> Vec<Problem> {
    Parsed::of(text, kind).problems
}

impl Document {
    /// Reads a policy document.
    ///
    /// It accepts what AWS accepts in any kind of policy, and what AWS refuses although its meaning
    /// is clear; [`Parsed`] lists the problems by the rules of a kind. An unknown operator is kept
    /// as [`Operator::Unknown`](crate::Operator::Unknown).
    ///
    /// # Errors
    /// If it is not a policy, or a part of it is not understood.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        match read(text, None) {
            (Some(document), ..) => Ok(document),
            (None, problems, first) => Err(PolicyError {
                problem: Box::new(first.unwrap_or_else(|| unread(problems))),
            }),
        }
    }

    /// Parses a document as returned by IAM's API, percent-encoded. A document that is not encoded
    /// is parsed as it is.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_url_encoded(text: &str) -> Result<Self, PolicyError> {
        match decoded(text) {
            Ok(text) => Self::parse(&text),
            Err(problem) => Err(PolicyError {
                problem: Box::new(problem),
            }),
        }
    }
}

/// JSON never begins with a percent sign, so one marks an encoded document.
fn decoded(text: &str) -> Result<Cow<'_, str>, Problem> {
    if text.len() > 3 * MOST_BYTES || !text.trim_start().starts_with('%') {
        return Ok(Cow::Borrowed(text));
    }
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| whole("The percent-encoded policy is not valid UTF-8."))
}

fn whole(message: &str) -> Problem {
    Problem {
        level: crate::Level::Error,
        statement: None,
        member: None,
        line: 1,
        column: 1,
        message: message.to_owned(),
    }
}

fn unread(problems: Vec<Problem>) -> Problem {
    problems
        .into_iter()
        .next()
        .unwrap_or_else(|| whole("The policy cannot be read."))
}

/// The document, its problems, and the first one that makes it unreadable. Without a kind the rules
/// of kinds are not checked.
fn read(text: &str, kind: Option<PolicyKind>) -> (Option<Document>, Vec<Problem>, Option<Problem>) {
    let mut reader = Reader::default();
    let mut document = None;
    if text.len() > MOST_BYTES {
        let message = format!(
            "The policy has {} bytes, more than any service accepts.",
            text.len()
        );
        reader.findings.unreadable(0, None, || message);
    } else {
        match json::parse(text) {
            Ok(root) => document = reader.document(text, &root, kind),
            Err(error) => reader.findings.unreadable(error.at, None, || {
                format!("The policy is not valid JSON: {}.", error.message)
            }),
        }
    }
    let (problems, first) = reader.findings.finish(text);
    (document.filter(|_| first.is_none()), problems, first)
}
