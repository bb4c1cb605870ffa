//! Whether a role may write to a queue or a topic, including the target's own policy: what a
//! function needs for its dead-letter queue or destination.

use crate::document::{Document, Effect, Statement};
use crate::evaluate::{Policies, evaluate};
use crate::grants::{NamedPolicy, RoleInput};
use crate::names::Named;
use crate::overlap;
use crate::pattern::{Pattern, completed};
use crate::principal::Principal;
use crate::request::{Context, Request};
use crate::verdict::{Decision, Verdict};

/// The policy of a target.
#[derive(Debug, Clone, Copy)]
pub enum TargetPolicy<'a> {
    /// It has none.
    None,
    /// This one.
    Document(&'a Document),
    /// It could not be read or is not understood.
    Unread,
}

/// Whether a role may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MayWrite {
    /// It may.
    Yes,
    /// It may not.
    No,
    /// A policy could not be read, or it depends on something that policies do not show.
    Unknown,
}

impl MayWrite {
    /// The word: `yes`, `no`, `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// The answer, and what it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteAnswer {
    /// The answer.
    pub may: MayWrite,
    /// What the evaluation of the request said, with nothing known of the request but what the role
    /// and the target imply; `None` if the role's ARN is not a role's. Identity policies and levels
    /// are numbered without those that could not be read.
    pub verdict: Option<Verdict>,
    /// The condition keys, policy variables and sessions on which it depends, sorted, where it
    /// does.
    pub depends_on: Vec<String>,
}

/// What is known of a request by the role and its target. The request comes by TLS, as all that the
/// SDKs and AWS's services send, and without a second factor.
const KNOWN: [&str; 9] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:resourceaccount",
    "aws:username",
    "aws:securetransport",
    "aws:multifactorauthpresent",
];

/// Whether a role may do an action (`sqs:SendMessage`, `sns:Publish`) to a target by its ARN:
/// within an account its policies or the target's have to allow it, across accounts both, and
/// nothing may deny it ("Cross-account policy evaluation logic").
///
/// Whether the role may use the key of an encrypted target is another question, and so are the
/// resource control policies of the target's account.
///
/// ```
/// use lambdasweep_policy::Document;
/// use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
/// use lambdasweep_policy::role::{MayWrite, TargetPolicy, may_write};
///
/// let policy = Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}}"#)?;
/// let mut role = RoleInput::new("arn:aws:iam::111122223333:role/app", "111122223333", "aws");
/// role.identity.push(NamedPolicy { name: "inline", document: Some(&policy) });
/// let may = |queue| may_write(&role, "sqs:SendMessage", queue, TargetPolicy::None).may;
/// assert_eq!(may("arn:aws:sqs:eu-west-1:111122223333:queue"), MayWrite::Yes);
/// assert_eq!(may("arn:aws:sqs:eu-west-1:444455556666:queue"), MayWrite::No);
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
pub fn may_write(
    role: &RoleInput<'_>,
    action: &str,
    target: &str,
    policy: TargetPolicy<'_>,
) -> WriteAnswer {
    let Ok(mut principal) = Principal::parse(role.arn) else {
        return WriteAnswer {
            may: MayWrite::Unknown,
            verdict: None,
            depends_on: Vec::new(),
        };
    };
    if let Some(path) = role.organization {
        principal = principal.in_organization(path);
    }
    let named = || {
        role.identity
            .iter()
            .chain(role.boundary.iter())
            .chain(role.scps.iter().flatten())
    };
    let unread =
        matches!(policy, TargetPolicy::Unread) || named().any(|policy| policy.document.is_none());
    let resource = if let TargetPolicy::Document(document) = policy {
        Some(document)
    } else {
        None
    };
    let policies = Policies {
        identity: role
            .identity
            .iter()
            .filter_map(|policy| policy.document)
            .collect(),
        boundary: role.boundary.and_then(|policy| policy.document),
        resource,
        scps: role.scps.iter().filter_map(|level| whole(level)).collect(),
        ..Policies::default()
    };
    let context = Context::default()
        .with("aws:SecureTransport", "true")
        .with("aws:MultiFactorAuthPresent", "false");
    let request = Request {
        principal: &principal,
        action,
        resource: target,
        resource_account: None,
        context: &context,
    };
    let verdict = evaluate(&policies, &request);

    let statements = named()
        .filter_map(|policy| policy.document)
        .chain(resource)
        .flat_map(|document| &document.statements);
    let about =
        statements.filter(|statement| is_about(statement, action, target, &principal, role));
    let open: Vec<(Effect, Vec<String>)> = about
        .map(|statement| (statement.effect, unknowns(statement, role)))
        .filter(|(_, unknowns)| !unknowns.is_empty())
        .collect();
    let any = |effect: Effect| open.iter().any(|(it, _)| *it == effect);
    let may = match verdict.decision {
        // The verdict does not say which of several denials decided: an open one makes the answer
        // unknown.
        Decision::ExplicitlyDenied if !any(Effect::Deny) => MayWrite::No,
        Decision::ImplicitlyDenied if !unread && !any(Effect::Allow) => MayWrite::No,
        Decision::Allowed if !unread && open.is_empty() => MayWrite::Yes,
        _ => MayWrite::Unknown,
    };
    let mut depends_on: Vec<String> = open
        .into_iter()
        .filter(|_| may == MayWrite::Unknown)
        .flat_map(|(_, unknowns)| unknowns)
        .collect();
    depends_on.sort_unstable();
    depends_on.dedup();
    WriteAnswer {
        may,
        verdict: Some(verdict),
        depends_on,
    }
}

/// The documents of a level; `None` where one could not be read, since the level may then allow
/// anything.
fn whole<'a>(level: &[NamedPolicy<'a>]) -> Option<Vec<&'a Document>> {
    level
        .iter()
        .map(|policy| policy.document)
        .collect::<Option<Vec<_>>>()
        .filter(|documents| !documents.is_empty())
}

/// Whether a statement may be about the request, whatever its conditions say.
fn is_about(
    statement: &Statement,
    action: &str,
    target: &str,
    principal: &Principal,
    role: &RoleInput<'_>,
) -> bool {
    let session = |name: &String| is_session(name, role);
    statement.covers_action(action)
        && statement
            .resources
            .as_ref()
            // An identity-based policy completes an incomplete ARN; another policy cannot be about
            // less for it.
            .is_none_or(|resources| {
                resources.covers(|pattern| {
                    overlap::overlaps(&completed(&overlap::widened(pattern), false), target)
                })
            })
        && statement
            .principals
            .as_ref()
            .is_none_or(|named| named.name(principal) != Named::No || named.aws.iter().any(session))
}

/// Whether a principal is a session of the role.
fn is_session(name: &str, role: &RoleInput<'_>) -> bool {
    let role_name = role.arn.rsplit('/').next().unwrap_or_default();
    name.strip_prefix(&format!(
        "arn:{}:sts::{}:assumed-role/{role_name}/",
        role.partition, role.account
    ))
    .is_some()
}

/// The condition keys and policy variables of a statement whose values the request leaves open, and
/// the sessions of the role that it names.
fn unknowns(statement: &Statement, role: &RoleInput<'_>) -> Vec<String> {
    let known = |key: &str| {
        let key = key.to_ascii_lowercase();
        KNOWN.contains(&key.as_str())
            || (role.organization.is_some()
                && matches!(&*key, "aws:principalorgid" | "aws:principalorgpaths"))
    };
    let keys = statement
        .conditions
        .iter()
        .map(|condition| condition.key.clone());
    let values = statement
        .conditions
        .iter()
        .flat_map(|condition| &condition.values);
    let patterns = values.chain(
        statement
            .resources
            .iter()
            .flat_map(|resources| resources.values()),
    );
    let sessions = statement
        .principals
        .iter()
        .flat_map(|principals| &principals.aws)
        .filter(|name| is_session(name, role))
        .cloned();
    keys.chain(patterns.flat_map(variables))
        .filter(|key| !known(key))
        .chain(sessions)
        .collect()
}

/// The names of a pattern's policy variables.
fn variables(pattern: &Pattern) -> Vec<String> {
    let names = pattern
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split(['}', ',']).next());
    names
        .map(str::trim)
        .filter(|name| !matches!(*name, "*" | "?" | "$"))
        .map(str::to_owned)
        .collect()
}
