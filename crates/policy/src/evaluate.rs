//! Decides one request by one resource policy (a trust policy, a function's policy).

use std::collections::HashMap;

use crate::document::{Document, Effect, Principals, Statement};
use crate::glob;

/// The context of a request: condition keys, which know no case, with their values.
#[derive(Debug, Clone, Default)]
pub struct Context(HashMap<String, Vec<String>>);

impl Context {
    /// Sets a key to one value.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.entry(key.to_ascii_lowercase()).or_default().push(value.into());
        self
    }

    /// The values of a key.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }
}

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// An account's principal: its account, its ARN, and for a role session the ARN of its role.
    Aws {
        /// Twelve digits.
        account: String,
        /// The ARN of the root user, the user, or the role session.
        arn: String,
        /// The role's ARN, for a role session.
        role_arn: Option<String>,
    },
    /// An AWS service.
    Service(String),
    /// Nobody in particular: an unsigned request.
    Anonymous,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Who.
    pub principal: &'a Principal,
    /// Does what (`sts:AssumeRole`).
    pub action: &'a str,
    /// To what.
    pub resource: &'a str,
    /// Under which circumstances.
    pub context: &'a Context,
}

/// What a policy says to a request; with the index of the statement that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it and none denies it.
    Allowed(usize),
    /// No statement is about it.
    ImplicitlyDenied,
    /// A statement denies it.
    ExplicitlyDenied(usize),
}

/// Decides a request by a resource policy. A condition that cannot be decided allows nothing and does not weaken a denial.
pub fn evaluate(document: &Document, request: &Request<'_>) -> Decision {
    let mut allowed = None;
    for (index, statement) in document.statements.iter().enumerate() {
        match statement.effect {
            Effect::Deny if applies(statement, request, true) => return Decision::ExplicitlyDenied(index),
            Effect::Allow if allowed.is_none() && applies(statement, request, false) => allowed = Some(index),
            _ => {}
        }
    }
    allowed.map_or(Decision::ImplicitlyDenied, Decision::Allowed)
}

fn applies(statement: &Statement, request: &Request<'_>, undecided: bool) -> bool {
    statement.principals.as_ref().is_none_or(|principals| principals.include(request.principal))
        && statement.covers_action(request.action)
        && statement.resources.as_ref().is_none_or(|resources| resources.covers(|pattern| glob::matches(pattern, request.resource)))
        && statement.conditions.iter().all(|condition| condition.holds(request.context).unwrap_or(undecided))
}

impl Principals {
    /// Whether they include who makes a request.
    pub fn include(&self, principal: &Principal) -> bool {
        self.named(principal) != self.negated
    }

    fn named(&self, principal: &Principal) -> bool {
        self.everyone
            || match principal {
                Principal::Anonymous => false,
                Principal::Service(service) => self.services.iter().any(|name| name == service),
                Principal::Aws { account, arn, role_arn } => self.aws.iter().any(|name| {
                    name == account || name == arn || Some(name) == role_arn.as_ref() || root_account(name) == Some(account.as_str())
                }),
            }
    }
}

/// The account of a root user's ARN, which stands for the whole account.
pub(crate) fn root_account(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let (scheme, _, service, _, account, resource) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (scheme == "arn" && service == "iam" && resource == "root").then_some(account)
}
