//! Whether a role may send to a queue.
//!
//! Lambda sends with the function's execution role, so that a session of this role is who asks.
//! Source: "Adding a dead-letter queue" and "Adding a destination", AWS Lambda Developer Guide.
//! Whatever was not read, and every condition on something that is not known of these requests,
//! leaves the answer open where it matters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use lambdasweep_aws::CallError;
use lambdasweep_model::{Outcome, printable};
use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
use lambdasweep_policy::{
    Condition, Context, Decision, Document, Effect, Layer, Match, Operator, Pattern, Policies,
    PolicyRef, Principal, Principals, Request, Statement, Verdict, evaluate,
};

use crate::organization::{Chain, OrganizationView};
use crate::services::iam::roles::AccountRoles;
use crate::services::sqs::queues::registry::Answer;
use crate::services::sqs::queues::{Queue, QueueArn, QueuePolicy};

const SEND: &str = "sqs:SendMessage";

/// Keys that requests of the session have, or are known to lack: they are made over TLS, without a
/// second factor, and by no service principal. `lambda:SourceFunctionArn` is not in what Lambda
/// sends by itself. Sources: "AWS global condition context keys", IAM User Guide; "Using source
/// function ARN to control function access behavior", AWS Lambda Developer Guide.
const KNOWN_KEYS: [&str; 16] = [
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:username",
    "lambda:sourcefunctionarn",
];

/// A policy of which nothing is known: it may allow, and it may deny.
static UNREAD: LazyLock<Document> = LazyLock::new(|| {
    let statement = |effect| Statement {
        sid: None,
        effect,
        principals: Some(Principals {
            negated: false,
            everyone: true,
            aws: Vec::new(),
            services: Vec::new(),
            federated: Vec::new(),
            canonical: Vec::new(),
        }),
        actions: Match::Any(vec!["*".into()]),
        resources: None,
        conditions: vec![open_condition()],
    };
    Document {
        version: None,
        id: None,
        statements: vec![statement(Effect::Allow), statement(Effect::Deny)],
    }
});

/// A condition of which it is not known whether a request meets it.
fn open_condition() -> Condition {
    Condition::new("NotRead", "aws:PrincipalArn", ["*"])
}

/// Whether a role may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Send {
    Allowed,
    Unknown,
    Denied,
}

impl Send {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
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
    pub(super) is_without_customer_key: bool,
}

impl Decided {
    fn unknown(reason: String) -> Self {
        Self {
            send: Send::Unknown,
            reason,
            is_without_customer_key: false,
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
    account: Option<&'r AccountRoles>,
    by_arn: BTreeMap<&'r str, usize>,
    /// Decisions by role and queue: functions share both.
    decided: BTreeMap<(usize, String), Decided>,
}

impl<'r> Roles<'r> {
    /// `account` is nothing where the account's roles were not read.
    pub(super) fn new(account: Option<&'r AccountRoles>) -> Self {
        let arns = account.into_iter().flat_map(AccountRoles::arns);
        Self {
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
        answer: Option<&Answer>,
    ) -> (String, Decided) {
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

    fn decide(&mut self, role: &str, arn: &QueueArn, answer: Option<&Answer>) -> Decided {
        let queue = match answer {
            Some(Ok(queue)) => queue,
            Some(Err(error)) => return Decided::unknown(unread_queue(error)),
            None => return Decided::unknown("the queue was not read".to_owned()),
        };
        let unknown = |reason: &str| Decided {
            is_without_customer_key: !queue.may_have_customer_key,
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
        let case = Case::new(account, at, arn, queue);
        let decided = case.map_or_else(|| unknown("the role's ARN is not valid"), |it| it.decide());
        self.decided.insert(key, decided.clone());
        decided
    }
}

/// Why a queue was not read. AWS's message is left out: it may differ where a scan is resumed.
fn unread_queue(error: &CallError) -> String {
    if error.outcome == Outcome::Gone {
        return "the queue does not exist".to_owned();
    }
    let code = error.code.as_deref();
    let code = code.map_or_else(String::new, |code| format!(" ({code})"));
    format!("the queue was not read: {}{code}", error.outcome)
}

/// A role and a queue, with all policies that decide whether the one may send to the other.
struct Case<'c> {
    principal: Principal,
    context: Context,
    arn: &'c QueueArn,
    queue: &'c Queue,
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
        let mut reader = Reader {
            known,
            open: BTreeSet::new(),
        };
        let identity = role.identity.iter().map(|it| reader.named(it)).collect();
        let boundary = role.boundary.as_ref().map(|it| reader.named(it));
        Some(Self {
            principal,
            context,
            arn,
            queue,
            management_account: organization.management_account.as_deref(),
            service_linked: bound.is_none(),
            names: role.identity.iter().map(|it| it.name).collect(),
            identity,
            boundary,
            resource: reader.of_queue(queue),
            scps: bound.map_or_else(Vec::new, |chain| reader.chain(chain)),
            rcps: reader.chain(&of_queue),
            open: reader.open,
        })
    }

    fn decide(self) -> Decided {
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
        Decided {
            send,
            reason: printable(&reason),
            is_without_customer_key: !self.queue.may_have_customer_key,
        }
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

/// Which condition keys have values that are known.
struct Known {
    in_known_organization: bool,
    queue_in_known_organization: bool,
    /// Tags of the role, in lower case.
    tags: BTreeSet<String>,
}

impl Known {
    fn new(role: &RoleInput<'_>, organization: &OrganizationView) -> Self {
        Self {
            in_known_organization: role.organization.is_some() || organization.is_none(),
            queue_in_known_organization: false,
            tags: BTreeSet::new(),
        }
    }

    /// What the requests say, as far as that is known and does not follow from the principal.
    fn context(
        &mut self,
        tags: impl Iterator<Item = (String, String)>,
        organization: &OrganizationView,
        arn: &QueueArn,
    ) -> Context {
        let mut context = Context::default()
            .with("aws:SecureTransport", "true")
            .with("aws:RequestedRegion", arn.region.as_str());
        for (name, value) in tags {
            let key = format!("aws:PrincipalTag/{name}");
            self.tags.insert(key.to_ascii_lowercase());
            context = context.with(&key, value);
        }
        let path = organization.organization_path(arn.account.as_str());
        if let (Some(path), Some(id)) = (path, &organization.id) {
            self.queue_in_known_organization = true;
            context = context
                .with("aws:ResourceOrgID", id)
                .with("aws:ResourceOrgPaths", path);
        }
        context
    }

    /// The first of some keys whose value is not known, in words.
    fn lacks<'k>(&self, mut keys: impl Iterator<Item = &'k str>) -> Option<String> {
        let unknown = keys.find(|key| !self.has(key))?;
        Some(format!("the value of {unknown} is not known"))
    }

    fn has(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        match key.as_str() {
            "aws:principalorgid" | "aws:principalorgpaths" => self.in_known_organization,
            "aws:resourceorgid" | "aws:resourceorgpaths" => self.queue_in_known_organization,
            _ => KNOWN_KEYS.contains(&key.as_str()) || self.tags.contains(&key),
        }
    }
}

/// The keys of a pattern's variables. Source: "IAM policy elements: Variables and tags": a default
/// value follows after a comma, and three names stand for characters.
fn variables(pattern: &Pattern) -> impl Iterator<Item = &str> {
    let text = if pattern.has_variable() {
        pattern.as_str()
    } else {
        ""
    };
    text.split("${")
        .skip(1)
        .filter_map(|rest| rest.split(['}', ',']).next())
        .map(str::trim)
        .filter(|name| !matches!(*name, "*" | "?" | "$"))
}

/// Reads policies for the evaluation, and notes what leaves it open.
struct Reader {
    known: Known,
    open: BTreeSet<String>,
}

impl Reader {
    fn named(&mut self, policy: &NamedPolicy<'_>) -> Document {
        match policy.document {
            Some(document) => self.document(document),
            None => self.unread(format!("policy {} was not read or understood", policy.name)),
        }
    }

    fn unread(&mut self, why: String) -> Document {
        self.open.insert(why);
        UNREAD.clone()
    }

    /// The statements about sending, with conditions left open on what is not known.
    fn document(&mut self, document: &Document) -> Document {
        let about = document
            .statements
            .iter()
            .filter(|statement| statement.covers_action(SEND));
        let mut kept = Document {
            version: document.version.clone(),
            id: None,
            statements: about.cloned().collect(),
        };
        for statement in &mut kept.statements {
            for condition in &mut statement.conditions {
                let variables = condition.values.iter().flat_map(variables);
                let keys = variables.chain([condition.key.as_str()]);
                if let Some(key) = self.known.lacks(keys) {
                    self.open.insert(key);
                    condition.operator = Operator::Unknown;
                }
            }
            let resources = statement.resources.iter().flat_map(Match::values);
            if let Some(key) = self.known.lacks(resources.flat_map(variables)) {
                self.open.insert(key);
                statement.resources = None;
                statement.conditions.push(open_condition());
            }
        }
        kept
    }

    fn of_queue(&mut self, queue: &Queue) -> Option<Document> {
        match &queue.policy {
            QueuePolicy::None => None,
            QueuePolicy::HoldsSecret => Some(self.unread(
                "the queue's policy is not kept, because it holds what may be a secret".to_owned(),
            )),
            QueuePolicy::Text(text) => Some(match Document::parse(text) {
                Ok(document) => self.document(&document),
                Err(_) => self.unread("the queue's policy is not understood".to_owned()),
            }),
        }
    }

    fn chain(&mut self, chain: &Chain) -> Vec<Vec<Document>> {
        match chain {
            Chain::Free(_) | Chain::Exempt(_) => Vec::new(),
            Chain::Unknown(why) => vec![vec![self.unread(why.clone())]],
            Chain::Bound(levels) => levels
                .iter()
                .map(|level| {
                    let documents = level.iter().map(|policy| {
                        self.named(&NamedPolicy {
                            name: &policy.id,
                            document: policy.document.as_ref().ok(),
                        })
                    });
                    documents.collect()
                })
                .collect(),
        }
    }
}
