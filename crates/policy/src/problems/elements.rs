//! The rules of the document and of a statement's own elements: which ones a kind of policy has,
//! Version, Id, Sid, Effect and Action.

use std::collections::HashMap;

use super::arns::WILDCARDS;
use super::{Findings, PolicyKind, Rules, Text, quoted};
use crate::actions::{self, Known};
use crate::document::{Effect, Match, Statement};

/// Where the elements of a statement stand; none where the element is missing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Places {
    pub(crate) statement: usize,
    pub(crate) effect: Option<usize>,
    pub(crate) principal: Option<usize>,
    pub(crate) not_principal: Option<usize>,
    pub(crate) not_action: Option<usize>,
    pub(crate) resource: Option<usize>,
    pub(crate) not_resource: Option<usize>,
}

impl Rules {
    /// Checks how long a document is, and which characters it has. White space does not count where
    /// AWS leaves it out.
    ///
    /// Sources: "IAM and AWS STS quotas", "Quotas for AWS Organizations", "AssumeRole", "Lambda
    /// quotas".
    pub(crate) fn text(self, findings: &mut Findings, text: &str) {
        let dense = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r'))
            .count();
        let whole = text.chars().count();
        // The longest that is not refused at all, the longest that is not surely refused, and how
        // they are counted.
        let (length, soft, hard, of) = match self.kind {
            PolicyKind::Identity => (
                dense,
                6_144,
                10_240,
                "a managed policy has, or (up to 10,240) all inline policies of a role together",
            ),
            PolicyKind::Boundary => (dense, 6_144, 6_144, "a managed policy has"),
            PolicyKind::Session => (whole, 2_048, 2_048, "a session policy has"),
            PolicyKind::Trust => (
                dense,
                2_048,
                usize::MAX,
                "a trust policy has unless the quota was raised",
            ),
            // The console leaves out white space; a policy that came by the API keeps its own.
            PolicyKind::Scp | PolicyKind::Rcp if dense > 5_120 => {
                (dense, 5_120, 5_120, "a policy of this kind has")
            }
            PolicyKind::Scp | PolicyKind::Rcp => (
                whole,
                5_120,
                usize::MAX,
                "a policy of this kind has, white space included",
            ),
            PolicyKind::Resource => (
                text.len() - (whole - dense),
                20_480,
                usize::MAX,
                "Lambda takes",
            ),
        };
        let message =
            || format!("The policy has {length} characters, more than the {soft} that {of}.");
        if length > hard {
            findings.error(0, None, message);
        } else if length > soft {
            findings.warning(0, None, message);
        }
        let outside = |c: &char| !matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}');
        if self.kind.is_of_iam()
            && let Some((at, character)) = text.char_indices().find(|(_, c)| outside(c))
        {
            findings.error(at, None, || {
                format!(
                    "IAM accepts no character above U+00FF in a policy; this is U+{:04X}.",
                    u32::from(character)
                )
            });
        }
    }

    /// Checks the version, or that there is none.
    ///
    /// Sources: "IAM JSON policy elements: Version", "SCP syntax", "RCP syntax".
    pub(crate) fn version(self, findings: &mut Findings, at: usize, version: Option<&str>) {
        let needed = matches!(self.kind, PolicyKind::Scp | PolicyKind::Rcp);
        match version {
            Some("2012-10-17") => {}
            _ if needed => findings.error(at, "Version", || {
                format!(
                    "{} must have the Version 2012-10-17.",
                    capital(self.kind.in_words())
                )
            }),
            Some(_) => {}
            None => findings.warning(at, "Version", || {
                "The Version is missing: without 2012-10-17 the policy has no policy variables."
                    .to_owned()
            }),
        }
    }

    /// Refuses an Id where there is none.
    ///
    /// Sources: "Grammar of the IAM JSON policy language", "SCP syntax", "RCP syntax".
    pub(crate) fn id(self, findings: &mut Findings, at: usize) {
        if !matches!(self.kind, PolicyKind::Resource | PolicyKind::Trust) {
            findings.error(at, "Id", || {
                format!("{} cannot have an Id.", capital(self.kind.in_words()))
            });
        }
    }

    /// Checks a statement's id: which characters it has, and that no other statement has it.
    ///
    /// Source: "IAM JSON policy elements: Sid".
    pub(crate) fn sid(
        self,
        findings: &mut Findings,
        text: &Text<'_>,
        seen: &mut HashMap<String, usize>,
        index: usize,
    ) {
        let strict = self.kind.is_of_iam();
        if strict && !text.text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            findings.error(text.at, "Sid", || {
                format!(
                    "A Sid can contain only the letters A to Z and a to z and digits; this is {}.",
                    quoted(text.text)
                )
            });
        }
        if text.text.is_empty() {
            return;
        }
        if let Some(first) = seen.get(text.text) {
            let message = || {
                format!(
                    "Statement {first} already has the Sid {}.",
                    quoted(text.text)
                )
            };
            if strict {
                findings.error(text.at, "Sid", message)
            } else {
                findings.warning(text.at, "Sid", message)
            }
        } else {
            seen.insert(text.text.to_owned(), index);
        }
    }

    /// Checks one value of Action or NotAction.
    ///
    /// Source: "Grammar of the IAM JSON policy language"; CreatePolicy answers that the service
    /// must not have wildcards.
    pub(crate) fn action(self, findings: &mut Findings, member: &str, text: &Text<'_>) {
        if self.no_variables(findings, member, text) || text.text == "*" {
            return;
        }
        let mut error = |problem: &str| {
            findings.error(text.at, member, || {
                format!("{} {problem}.", quoted(text.text))
            })
        };
        let Some((service, name)) = text.text.split_once(':') else {
            return error(
                "is not a valid action: it must consist of a service, a colon and a name, such as `lambda:InvokeFunction`",
            );
        };
        if service.contains(WILDCARDS) {
            return error("has a wildcard in its service, which is not allowed");
        }
        let of_service = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '*' | '?' | '-' | '_');
        if service.is_empty() || !service.chars().all(of_service) {
            return error("has no valid service before the colon");
        }
        if name.is_empty() || !name.chars().all(of_name) {
            return error("has no valid name after the colon");
        }
        if self.kind == PolicyKind::Trust && !service.eq_ignore_ascii_case("sts") {
            return error("is not an action of STS, and a trust policy can contain no others");
        }
        known_action(findings, member, text, service, name);
    }

    /// Reports that a list is empty: the statement is about nothing, or (as NotAction or
    /// NotResource) about everything.
    ///
    /// IAM and Organizations refuse it; the check reference ("Empty array action", "Empty array
    /// resource") has it as a suggestion only, since other services take it.
    pub(crate) fn empty(self, findings: &mut Findings, at: usize, member: &str) {
        let message = || format!("{member} is empty.");
        if self.kind == PolicyKind::Resource {
            findings.warning(at, member, message)
        } else {
            findings.error(at, member, message)
        }
    }

    /// Checks which elements a statement has.
    pub(crate) fn statement(self, findings: &mut Findings, places: &Places, statement: &Statement) {
        let kind = self.kind.in_words();
        for (member, place) in [
            ("Principal", places.principal),
            ("NotPrincipal", places.not_principal),
        ] {
            if let Some(at) = place.filter(|_| !self.kind.has_principals()) {
                findings.error(at, member, || {
                    format!("{} cannot have a {member}.", capital(kind))
                });
            }
        }
        if self.kind.has_principals() && statement.principals.is_none() {
            findings.error(places.statement, "Principal", || {
                format!("Each statement of {kind} must have a Principal; this one has none.")
            });
        }
        if let Some(at) = places.not_principal {
            match self.kind {
                PolicyKind::Trust | PolicyKind::Rcp => {
                    findings.error(at, "NotPrincipal", || format!("{} cannot have a NotPrincipal.", capital(kind)));
                }
                PolicyKind::Resource if statement.effect == Effect::Allow => findings.warning(at, "NotPrincipal", || {
                    "Allow with NotPrincipal allows everyone who is not named, including anonymous callers.".to_owned()
                }),
                _ => {}
            }
        }
        if self.kind == PolicyKind::Trust {
            for (member, place) in [
                ("Resource", places.resource),
                ("NotResource", places.not_resource),
            ] {
                if let Some(at) = place {
                    findings.error(at, member, || {
                        format!("A role's trust policy cannot have a {member}: it always applies to its own role.")
                    });
                }
            }
        } else if statement.resources.is_none() && !is_of_repository(statement) {
            findings.error(places.statement, "Resource", || {
                format!("Each statement of {kind} must have a Resource or a NotResource; this one has neither.")
            });
        }
        if self.kind == PolicyKind::Rcp {
            rcp(findings, places, statement);
        }
    }
}

/// A longer name than this is not looked for among the actions.
const LONGEST_ACTION: usize = 128;

/// Checks that there is such an action, as far as the table of its date knows. AWS accepts others,
/// but they allow and deny nothing.
///
/// Source: the checks of the check reference "Invalid action" and "Invalid service in action",
/// which are errors there. A service that the table does not know may be new.
fn known_action(findings: &mut Findings, member: &str, text: &Text<'_>, service: &str, name: &str) {
    if findings.has_enough_errors() || findings.has_enough_warnings() || name.len() > LONGEST_ACTION
    {
        return;
    }
    let date = actions::date();
    let hint = |nearest: Option<String>| {
        nearest.map_or_else(
            || ".".to_owned(),
            |name| format!("; did you mean `{name}`?"),
        )
    };
    match actions::known(service, name) {
        Known::Action => {}
        Known::Service(nearest) => findings.error(text.at, member, || {
            let what = if name.contains(WILDCARDS) {
                "matches no action of"
            } else {
                "is not an action of"
            };
            let nearest = nearest.map(|name| format!("{}:{name}", service.to_ascii_lowercase()));
            format!(
                "{} {what} `{service}` in the Service Authorization Reference of {date}{}",
                quoted(text.text),
                hint(nearest)
            )
        }),
        Known::Nothing(nearest) => findings.warning(text.at, member, || {
            let nearest = hint(nearest.map(str::to_owned));
            format!(
                "The service of {} is not in the Service Authorization Reference of {date}{nearest}",
                quoted(text.text)
            )
        }),
    }
}

/// The policies of ECR's repositories have no Resource. Source: "Private repository policies in
/// Amazon ECR".
fn is_of_repository(statement: &Statement) -> bool {
    statement.actions.values().iter().all(|action| {
        action
            .get(..4)
            .is_some_and(|service| service.eq_ignore_ascii_case("ecr:"))
    })
}

/// Source: "RCP syntax", and the checks of the check reference that begin with "RCP syntax error".
fn rcp(findings: &mut Findings, places: &Places, statement: &Statement) {
    if let Some(at) = places.not_action {
        findings.error(at, "NotAction", || {
            "A resource control policy cannot have a NotAction.".to_owned()
        });
    }
    if let (Some(at), Some(principals)) = (places.principal, &statement.principals)
        && !(principals.everyone
            && [
                &principals.aws,
                &principals.services,
                &principals.federated,
                &principals.canonical,
            ]
            .iter()
            .all(|it| it.is_empty()))
    {
        findings.error(at, "Principal", || {
            "The Principal of a resource control policy must be `*`; use conditions to select callers."
                .to_owned()
        });
    }
    let is_all = |values: &Match| matches!(values, Match::Any(values) if matches!(&values[..], [value] if value.as_str() == "*"));
    let whole = is_all(&statement.actions)
        && statement.resources.as_ref().is_some_and(is_all)
        && statement.conditions.is_empty();
    match statement.effect {
        Effect::Allow if !whole => findings.error(places.effect.unwrap_or(places.statement), "Effect", || {
            "A resource control policy can only deny; the one that allows, RCPFullAWSAccess, allows everything.".to_owned()
        }),
        Effect::Deny if statement.actions.values().iter().any(|action| action.as_str() == "*") => {
            findings
                .error(places.statement, "Action", || "A resource control policy must name the services that it denies instead of `*`.".to_owned());
        }
        _ => {}
    }
}

fn capital(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}
