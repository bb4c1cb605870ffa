//! What is the same in every request of a role's session, whoever uses the session: conditions that
//! are decided before any request is made.
//!
//! An attacker who controls a function runs as its role, without a second factor, over TLS, at any
//! time, and with any names, tags and external ids when assuming a role. What depends only on such
//! conditions is decided: it always holds, or it never does.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::str::FromStr;

use crate::condition::Condition;
use crate::document::{Document, Effect, Match, Statement};
use crate::grants::{NamedPolicy, RoleInput};
use crate::operator::Operator;
use crate::principal::Principal;
use crate::request::{Context, Request, View};

/// Keys that are the same in every request of a session. Source: "AWS global condition context
/// keys", IAM User Guide. A session of a role that a service assumed has no second factor; a name
/// of an IAM user and of a service are keys that it does not have.
const SAME: [&str; 9] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:username",
    "aws:securetransport",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
];

/// Keys whose values the caller chooses, but for what a condition asks: an Allow under them is
/// open, and a Deny under them is avoided. Which Region is asked is a choice as well, but for
/// global services, whose requests say us-east-1; conditions on Regions are not meant for these.
const CHOSEN: [&str; 7] = [
    "lambda:principal",
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "sts:durationseconds",
    "aws:tagkeys",
    "aws:requestedregion",
];

/// Keys of the time: a session is begun when its holder likes, and no sooner than now.
const TIMES: [&str; 3] = ["aws:currenttime", "aws:epochtime", "aws:tokenissuetime"];

/// A role's session, as far as it is the same whoever holds it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) principal: Principal,
    time: String,
    /// What its requests say now and at the end of all time; most roles have no condition that asks
    /// for it.
    now: OnceCell<Context>,
    later: OnceCell<Context>,
    in_organization: bool,
}

/// What every request of a session says.
fn context(time: &str, epoch: &str) -> Context {
    let context = Context::default()
        .with("aws:SecureTransport", "true")
        .with("aws:ViaAWSService", "false");
    context
        .with("aws:CurrentTime", time)
        .with("aws:TokenIssueTime", time)
        .with("aws:EpochTime", epoch)
}

impl Session {
    /// The session of a role at a time, RFC 3339 in UTC; `None` if its ARN is not a role's.
    pub(crate) fn of(role: &RoleInput<'_>, now: &str) -> Option<Self> {
        let mut principal = Principal::session(role.arn, "session").ok()?;
        if let Some(path) = role.organization {
            principal = principal.in_organization(path);
        }
        let in_organization = role.organization.is_some();
        Some(Self {
            principal,
            time: now.to_owned(),
            now: OnceCell::new(),
            later: OnceCell::new(),
            in_organization,
        })
    }

    /// The context of a request that is made now.
    pub(crate) fn context(&self) -> &Context {
        self.now.get_or_init(|| {
            let epoch = jiff::Timestamp::from_str(&self.time)
                .map_or(0, jiff::Timestamp::as_second)
                .to_string();
            context(&self.time, &epoch)
        })
    }

    fn later(&self) -> &Context {
        self.later
            .get_or_init(|| context("9998-12-31T00:00:00Z", "253370764800"))
    }

    /// Whether a condition of a statement with that effect holds in every request that its holder
    /// would make (`true`), or in none (`false`); `None` where that depends on more than the
    /// session.
    pub(crate) fn settle(
        &self,
        condition: &Condition,
        effect: Effect,
        variables: bool,
    ) -> Option<bool> {
        let key = condition.folded_key.as_str();
        if condition.operator == Operator::Unknown
            || (variables && condition.values.iter().any(|value| value.has_variable()))
        {
            return None;
        }
        if CHOSEN.contains(&key) || key.starts_with("aws:requesttag/") {
            return Some(effect == Effect::Allow);
        }
        let request = |context| Request {
            principal: &self.principal,
            action: "",
            resource: "*",
            resource_account: None,
            context,
        };
        let holds = |context| {
            condition.holds(&View {
                request: &request(context),
                variables,
            })
        };
        if SAME.contains(&key)
            || (self.in_organization
                && matches!(key, "aws:principalorgid" | "aws:principalorgpaths"))
        {
            return holds(self.context());
        }
        if TIMES.contains(&key) {
            // What does not hold yet may hold one day.
            return holds(self.context()).filter(|now| holds(self.later()) == Some(*now));
        }
        match key {
            // A request that is made directly says false, and many can be made through a service as
            // well.
            "aws:viaawsservice" => {
                let direct = holds(self.context())?;
                (direct == (effect == Effect::Allow)).then_some(direct)
            }
            "aws:sourceip"
                if !condition.values.is_empty()
                    && condition.values.iter().all(|value| is_every_address(value)) =>
            {
                match condition.operator {
                    Operator::IpAddress => Some(true),
                    Operator::NotIpAddress => Some(false),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn is_every_address(value: &str) -> bool {
    value.ends_with("/0")
}

impl Document {
    /// The document with the conditions left out that are settled for a session, and without effect
    /// where one of them never holds. Statements keep their places.
    pub(crate) fn settled(&self, session: &Session) -> Cow<'_, Self> {
        let variables = self.has_variables();
        let settle = |statement: &Statement, condition: &Condition| {
            session.settle(condition, statement.effect, variables)
        };
        let any = |statement: &Statement| {
            statement
                .conditions
                .iter()
                .any(|it| settle(statement, it).is_some())
        };
        let Some(first) = self.statements.iter().position(any) else {
            return Cow::Borrowed(self);
        };
        let mut document = self.clone();
        for statement in &mut document.statements[first..] {
            let settled: Vec<Option<bool>> = statement
                .conditions
                .iter()
                .map(|it| settle(statement, it))
                .collect();
            if settled.contains(&Some(false)) {
                statement.actions = Match::Any(Vec::new());
            }
            let mut settled = settled.into_iter();
            statement
                .conditions
                .retain(|_| settled.next() == Some(None));
        }
        Cow::Owned(document)
    }
}

/// A role's policies with all conditions settled that its session settles.
#[derive(Debug)]
pub struct SettledRole<'a> {
    role: RoleInput<'a>,
    identity: Vec<Option<Cow<'a, Document>>>,
    boundary: Option<Option<Cow<'a, Document>>>,
    scps: Vec<Vec<Option<Cow<'a, Document>>>>,
    stored: Vec<Option<Cow<'a, Document>>>,
}

impl<'a> SettledRole<'a> {
    /// Settles what the session of a role settles at a time, RFC 3339 in UTC.
    ///
    /// ```
    /// use lambdasweep_policy::Document;
    /// use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
    /// use lambdasweep_policy::role::{Privilege, SettledRole, judge};
    ///
    /// let policy = Document::parse(r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
    ///     "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}"#)?;
    /// let mut role = RoleInput::new("arn:aws:iam::111122223333:role/app", "111122223333", "aws");
    /// role.identity.push(NamedPolicy { name: "inline", document: Some(&policy) });
    /// let settled = SettledRole::new(&role, "2026-11-27T00:00:00Z");
    /// assert_eq!(judge(&settled.input()).privilege, Privilege::Administrator);
    /// # Ok::<(), lambdasweep_policy::PolicyError>(())
    /// ```
    pub fn new(role: &RoleInput<'a>, now: &str) -> Self {
        let session = Session::of(role, now);
        let settle = |policy: &NamedPolicy<'a>| {
            policy.document.map(|document| {
                session
                    .as_ref()
                    .map_or(Cow::Borrowed(document), |session| document.settled(session))
            })
        };
        Self {
            identity: role.identity.iter().map(settle).collect(),
            boundary: role.boundary.as_ref().map(settle),
            scps: role
                .scps
                .iter()
                .map(|level| level.iter().map(settle).collect())
                .collect(),
            stored: role.stored.iter().map(settle).collect(),
            role: role.clone(),
        }
    }

    /// The role with its settled policies.
    pub fn input(&self) -> RoleInput<'_> {
        fn named<'s>(
            policy: &NamedPolicy<'s>,
            document: &'s Option<Cow<'_, Document>>,
        ) -> NamedPolicy<'s> {
            NamedPolicy {
                name: policy.name,
                document: document.as_deref(),
            }
        }
        RoleInput {
            identity: self
                .role
                .identity
                .iter()
                .zip(&self.identity)
                .map(|(policy, document)| named(policy, document))
                .collect(),
            boundary: self
                .role
                .boundary
                .as_ref()
                .zip(self.boundary.as_ref())
                .map(|(policy, document)| named(policy, document)),
            stored: self
                .role
                .stored
                .iter()
                .zip(&self.stored)
                .map(|(policy, document)| named(policy, document))
                .collect(),
            scps: self
                .role
                .scps
                .iter()
                .zip(&self.scps)
                .map(|(level, documents)| {
                    level
                        .iter()
                        .zip(documents)
                        .map(|(policy, document)| named(policy, document))
                        .collect()
                })
                .collect(),
            ..self.role.clone()
        }
    }
}
