//! Whether a role may send to a queue.
//!
//! Lambda sends with the function's execution role, so that a session of this role is who asks.
//! Source: "Adding a dead-letter queue" and "Adding a destination", AWS Lambda Developer Guide.
//! Whatever was not read, and every condition on something that is not known of these requests,
//! leaves the answer open where it matters.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_aws::CallError;
use lambdasweep_model::{AccountId, Outcome, printable};
use lambdasweep_policy::{
    Context, Decision, Document, Layer, Policies, PolicyRef, Principal, Request, Verdict, evaluate,
};

use super::known::{Known, Reader};
use crate::collector::shared_resources::Answer;
use crate::services::iam::roles::AccountRoles;
use crate::services::sqs::queues::{Queue, QueueArn, QueueKey};

pub(super) const SEND: &str = "sqs:SendMessage";

/// Whether a role may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Send {
    Allowed,
    /// The queue does not exist.
    Gone,
    Unknown,
    Denied,
}

impl Send {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Gone => "gone",
            Self::Unknown => "unknown",
            Self::Denied => "denied",
        }
    }
}

/// What is said of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) send: Send,
    pub(super) reason: String,
    pub(super) key: KeyUse,
}

/// Whether the key that encrypts a queue lets its sender use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyUse {
    /// No key needs a permission.
    None,
    /// The key is the AWS managed key of another account, which only that account can use.
    Denied,
    /// The queue or the key's policy was not read.
    Unknown,
}

impl KeyUse {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
        }
    }

    /// `is_own` is whether the sender is in the queue's account.
    const fn of(queue: &Queue, is_own: bool) -> Self {
        match queue.key {
            QueueKey::None => Self::None,
            QueueKey::AwsManaged if is_own => Self::None,
            QueueKey::AwsManaged => Self::Denied,
            QueueKey::Other => Self::Unknown,
        }
    }
}

impl Decided {
    fn unknown(reason: String) -> Self {
        Self {
            send: Send::Unknown,
            reason,
            key: KeyUse::Unknown,
        }
    }

    fn gone() -> Self {
        Self {
            send: Send::Gone,
            ..Self::unknown("the queue does not exist".to_owned())
        }
    }

    /// What is said of a target that is no queue.
    pub(super) fn not_a_queue(service: Option<&str>) -> Self {
        Self::unknown(match service {
            Some("sqs") => "the ARN is not a valid queue ARN".to_owned(),
            _ => "only SQS queues are evaluated".to_owned(),
        })
    }
}

/// An account's roles, asked for one queue after the other.
pub(super) struct Roles<'r> {
    id: &'r AccountId,
    account: Option<&'r AccountRoles>,
    by_arn: BTreeMap<&'r str, usize>,
    /// Decisions by role and queue: functions share both.
    decided: BTreeMap<(usize, String), Decided>,
}

impl<'r> Roles<'r> {
    /// `account` is nothing where the account's roles were not read.
    pub(super) fn new(id: &'r AccountId, account: Option<&'r AccountRoles>) -> Self {
        let arns = account.into_iter().flat_map(AccountRoles::arns);
        Self {
            id,
            account,
            by_arn: arns.enumerate().map(|(at, arn)| (arn, at)).collect(),
            decided: BTreeMap::new(),
        }
    }

    /// Decides for all roles that may send, and gives the one for which it is worst.
    pub(super) fn decide_all(
        &mut self,
        roles: &BTreeSet<String>,
        arn: &QueueArn,
        answer: Option<&Answer<QueueArn>>,
    ) -> (String, Decided) {
        if is_gone(answer) {
            return (roles.first().cloned().unwrap_or_default(), Decided::gone());
        }
        let mut worst: Option<(String, Decided)> = None;
        for role in roles {
            let decided = self.decide(role, arn, answer);
            let is_worse = |(_, known): &(String, Decided)| known.send < decided.send;
            if worst.as_ref().is_none_or(is_worse) {
                worst = Some((role.clone(), decided));
            }
        }
        worst.unwrap_or_else(|| {
            let why = "the function's role is not known".to_owned();
            (String::new(), Decided::unknown(why))
        })
    }

    fn decide(&mut self, role: &str, arn: &QueueArn, answer: Option<&Answer<QueueArn>>) -> Decided {
        let queue = match answer {
            Some(Ok(queue)) => queue,
            Some(Err(error)) => return Decided::unknown(unread_queue(error)),
            None => return Decided::unknown("the queue was not read".to_owned()),
        };
        let unknown = |reason: &str| Decided {
            key: self.key(queue, arn),
            ..Decided::unknown(reason.to_owned())
        };
        let Some(account) = self.account else {
            return unknown("the account's roles were not read");
        };
        let Some(&at) = self.by_arn.get(role) else {
            return unknown("the role was not found among the account's roles");
        };
        let key = (at, arn.text.clone());
        if let Some(known) = self.decided.get(&key) {
            return known.clone();
        }
        let decided = Case::new(account, at, arn, queue).map_or_else(
            || unknown("the role's ARN is not valid"),
            |case| {
                let (send, reason) = case.decide();
                Decided {
                    send,
                    reason,
                    key: self.key(queue, arn),
                }
            },
        );
        self.decided.insert(key, decided.clone());
        decided
    }

    fn key(&self, queue: &Queue, arn: &QueueArn) -> KeyUse {
        KeyUse::of(queue, arn.account == *self.id)
    }
}

fn is_gone(answer: Option<&Answer<QueueArn>>) -> bool {
    matches!(answer, Some(Err(error)) if error.outcome == Outcome::Gone)
}

/// Why a queue was not read. AWS's message is left out: it may differ where a scan is resumed.
fn unread_queue(error: &CallError) -> String {
    let code = error.code.as_deref();
    let code = code.map_or_else(String::new, |code| format!(" ({code})"));
    format!("the queue was not read: {}{code}", error.outcome)
}

/// A role and a queue, with all policies that decide whether the one may send to the other.
struct Case<'c> {
    principal: Principal,
    context: Context,
    arn: &'c QueueArn,
    management_account: Option<&'c str>,
    service_linked: bool,
    /// Names of the identity policies.
    names: Vec<&'c str>,
    identity: Vec<Document>,
    boundary: Option<Document>,
    resource: Option<Document>,
    scps: Vec<Vec<Document>>,
    rcps: Vec<Vec<Document>>,
    /// What was not read, and condition keys whose values are not known, in words.
    open: BTreeSet<String>,
}

impl<'c> Case<'c> {
    /// Gathers the policies; nothing where the role's ARN is not one.
    fn new(
        roles: &'c AccountRoles,
        at: usize,
        arn: &'c QueueArn,
        queue: &'c Queue,
    ) -> Option<Self> {
        let organization = roles.organization();
        let role = roles.input(at);
        let mut principal = Principal::session(role.arn, "function").ok()?;
        if let Some(path) = role.organization {
            principal = principal.in_organization(path);
        }
        let mut known = Known::new(&role, organization);
        let context = known.context(roles.tags(at), organization, arn);
        let bound = roles.chain_of(role.arn);
        let of_queue = organization.resource_chain(arn.account.as_str());
        let mut reader = Reader::new(known);
        let identity = role.identity.iter().map(|it| reader.named(it)).collect();
        let boundary = role.boundary.as_ref().map(|it| reader.named(it));
        Some(Self {
            principal,
            context,
            arn,
            management_account: organization.management_account.as_deref(),
            service_linked: bound.is_none(),
            names: role.identity.iter().map(|it| it.name).collect(),
            identity,
            boundary,
            resource: reader.of_queue(queue),
            scps: bound.map_or_else(Vec::new, |chain| reader.chain(chain)),
            rcps: reader.resource_chain(&of_queue),
            open: reader.open,
        })
    }

    fn decide(self) -> (Send, String) {
        let verdict = evaluate(
            &Policies {
                identity: self.identity.iter().collect(),
                boundary: self.boundary.as_ref(),
                session: None,
                resource: self.resource.as_ref(),
                scps: in_levels(&self.scps),
                rcps: in_levels(&self.rcps),
                management_account: self.management_account,
                service_linked: self.service_linked,
            },
            &Request {
                principal: &self.principal,
                action: SEND,
                resource: &self.arn.text,
                resource_account: None,
                context: &self.context,
            },
        );
        let (send, reason) = match verdict.decision {
            Decision::Allowed => (Send::Allowed, self.allowed(&verdict)),
            Decision::ExplicitlyDenied => (Send::Denied, self.denied(&verdict)),
            Decision::ImplicitlyDenied => (
                Send::Denied,
                format!("no statement of {} allows {SEND}", whose(verdict.by)),
            ),
            Decision::Unknown if self.open.is_empty() => (
                Send::Unknown,
                "a policy has a condition that is not understood".to_owned(),
            ),
            Decision::Unknown => (Send::Unknown, Vec::from_iter(self.open).join("; ")),
        };
        (send, printable(&reason))
    }

    fn allowed(&self, verdict: &Verdict) -> String {
        let by = verdict.decided_by.iter().map(|it| self.policy(it.policy));
        let by: Vec<String> = by.collect();
        format!("allowed by {}", by.join(" and "))
    }

    fn denied(&self, verdict: &Verdict) -> String {
        let by = verdict.decided_by.first();
        by.map_or_else(
            || format!("{SEND} is denied"),
            |it| format!("a statement of {} denies {SEND}", self.policy(it.policy)),
        )
    }

    /// A policy, in words.
    fn policy(&self, policy: PolicyRef) -> String {
        match policy {
            PolicyRef::Identity(at) => format!(
                "the role's policy {}",
                self.names.get(at).copied().unwrap_or_default()
            ),
            other => whose(Some(other.layer())).to_owned(),
        }
    }
}

fn in_levels(levels: &[Vec<Document>]) -> Vec<Vec<&Document>> {
    levels.iter().map(|level| level.iter().collect()).collect()
}

/// Policies of a kind, in words.
fn whose(layer: Option<Layer>) -> &'static str {
    match layer {
        Some(Layer::Boundary) => "the role's permissions boundary",
        Some(Layer::Resource) => "the queue's policy",
        Some(Layer::Scp) => "the service control policies of the role's account",
        Some(Layer::Rcp) => "the resource control policies of the queue's account",
        Some(Layer::Identity | Layer::Session) | None => "the role's policies",
    }
}
