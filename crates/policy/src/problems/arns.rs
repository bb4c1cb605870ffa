//! The rules of Resource and NotResource: `*`, or an ARN whose parts may have wildcards.
//!
//! An ARN that lacks parts is completed with wildcards in an identity-based policy, and refused in
//! a session policy.
//!
//! Source: "IAM JSON policy elements: Resource", and the checks of the check reference whose names
//! have "ARN" in them.

use std::borrow::Cow;

use super::variables::without_variables;
use super::{Findings, PolicyKind, Rules, Text, quoted};
use crate::pattern::completed;

pub(super) const WILDCARDS: [char; 2] = ['*', '?'];

impl Rules {
    /// Checks one value of Resource or NotResource.
    pub(crate) fn resource(self, findings: &mut Findings, member: &str, text: &Text<'_>) {
        self.variables(findings, member, text);
        // "Control access to a REST API with API Gateway resource policies" has this short form.
        if text.text == "*" || text.text.starts_with("execute-api:/") {
            return;
        }
        let completes = matches!(self.kind, PolicyKind::Identity | PolicyKind::Boundary);
        let whole = if completes {
            completed(text.text, self.variables)
        } else {
            Cow::Borrowed(text.text)
        };
        if let Cow::Owned(whole) = &whole {
            findings.warning(text.at, member, || {
                format!(
                    "{} is an incomplete ARN and means {}.",
                    quoted(text.text),
                    quoted(whole)
                )
            });
        }
        let mut error = |problem: &str| {
            findings.error(text.at, member, || {
                format!("{} {problem}.", quoted(text.text))
            })
        };
        if !text.text.starts_with("arn:") {
            return error("is neither `*` nor an ARN: an ARN begins with `arn:`");
        }
        let Some([partition, service, account, resource]) = parts(&whole) else {
            return error("is too short for an ARN: arn:partition:service:Region:account:resource");
        };
        if !is_partition(partition) {
            return error(
                "has no valid partition: use aws, aws-cn, aws-us-gov or another one that begins with `aws`",
            );
        }
        if service.is_empty() {
            return error("has no service");
        }
        if service.contains(|c: char| c.is_ascii_uppercase()) {
            return error("has a service that is not in lower case");
        }
        if !is_account(account) {
            return error("has an account id that does not have twelve digits");
        }
        if resource.is_empty() {
            error("has no resource after the last colon");
        }
    }
}

/// Partition, service, account and resource. Colons within variables part nothing.
fn parts(arn: &str) -> Option<[&str; 4]> {
    let mut ends = [0; 5];
    let (mut found, mut depth) = (0, 0_usize);
    let mut last = ' ';
    for (at, character) in arn.char_indices() {
        match character {
            '{' if last == '$' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 && found < ends.len() => {
                ends[found] = at;
                found += 1;
            }
            _ => {}
        }
        last = character;
    }
    let part = |from: usize, to: usize| arn.get(from + 1..to);
    (found == ends.len()).then_some(())?;
    Some([
        part(ends[0], ends[1])?,
        part(ends[1], ends[2])?,
        part(ends[3], ends[4])?,
        part(ends[4], arn.len())?,
    ])
}

/// Whether it may be one of AWS's partitions; they get more.
pub(super) fn is_partition(text: &str) -> bool {
    text.starts_with("aws") || is_open(text)
}

/// An account of a resource: none, twelve digits, AWS itself (`arn:aws:iam::aws:policy/…`), or a
/// pattern.
fn is_account(text: &str) -> bool {
    matches!(text, "" | "aws" | "aws-marketplace" | "cloudfront")
        || is_account_id(text)
        || is_open(text)
}

/// Whether a text is an account's id.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text has wildcards or variables, so that what it stands for is open.
pub(super) fn is_open(text: &str) -> bool {
    text.contains(WILDCARDS) || text.contains("${")
}

/// Whether a text has wildcards besides those that a variable stands for (`${*}`).
pub(super) fn has_wildcards(text: &str) -> bool {
    if text.contains("${") {
        without_variables(text).contains(WILDCARDS)
    } else {
        text.contains(WILDCARDS)
    }
}

/// Whether a text has the six parts of an ARN.
pub(super) fn is_arn(text: &str) -> bool {
    parts(text).is_some() && text.starts_with("arn:")
}
