//! Policy evaluation logic: decides a request by all policies that apply to it, within and across
//! accounts.
//!
//! Sources, all of the IAM User Guide: "Policy evaluation logic", "Policy evaluation for requests
//! within a single account", "Cross-account policy evaluation logic", "How AWS enforcement code
//! logic evaluates requests to allow or deny access"; and "SCP evaluation" and "RCP evaluation" of
//! the AWS Organizations User Guide.

use std::sync::LazyLock;

use crate::document::{Completion, Document, Effect, Statement};
use crate::names::Named;
use crate::principal::Kind;
use crate::request::{Request, View};
use crate::verdict::{Decision, Layer, PolicyRef, StatementRef, Verdict};

/// All policies that apply to requests of a principal for a resource.
///
/// ```
/// use lambdasweep_policy::{Document, Policies};
///
/// let admin = Document::parse(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#)?;
/// let policies = Policies { identity: vec![&admin], ..Policies::default() };
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// Identity-based policies of the user or role, those of groups among them.
    pub identity: Vec<&'a Document>,
    /// The permissions boundary, if there is one.
    pub boundary: Option<&'a Document>,
    /// Session policies, if the session was begun with any.
    pub session: Option<Vec<&'a Document>>,
    /// The resource-based policy, if there is one; for `sts:AssumeRole` the role's trust policy,
    /// for KMS the key policy.
    pub resource: Option<&'a Document>,
    /// Service control policies of the principal's account: a list for the root, for each
    /// organizational unit below it, and for the account. No list at all: the organisation does not
    /// use them.
    pub scps: Vec<Vec<&'a Document>>,
    /// Resource control policies of the resource's account, in the same way.
    pub rcps: Vec<Vec<&'a Document>>,
    /// The organisation's management account, which neither limits.
    pub management_account: Option<&'a str>,
    /// Whether the principal is a session of a service-linked role, which neither limits. A role's
    /// ARN tells it by its path; a session's does not.
    pub service_linked: bool,
}

/// Whether something holds; the larger, the more so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    No,
    Unknown,
    Yes,
}

/// Whether something allows, and which statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Grant {
    holds: Holds,
    by: Option<StatementRef>,
}

impl Grant {
    const NO: Self = Self {
        holds: Holds::No,
        by: None,
    };
    const YES: Self = Self {
        holds: Holds::Yes,
        by: None,
    };

    /// The wider of two.
    fn or(self, other: Self) -> Self {
        if other.holds > self.holds {
            other
        } else {
            self
        }
    }

    /// What is left of it where something else has to allow as well.
    fn and(self, other: Self) -> Self {
        if other.holds < self.holds {
            Self {
                holds: other.holds,
                by: if other.holds == Holds::No {
                    None
                } else {
                    other.by.or(self.by)
                },
            }
        } else {
            self
        }
    }
}

/// The services whose actions resource control policies reach: an allow-list, with its date.
/// Source: "Resource control policies (RCPs)", list of AWS services that support RCPs.
static RCP_SERVICES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../data/rcp-services.txt").lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// Whether resource control policies reach an action. Source: "Resource control policies (RCPs)",
/// "Resources and entities not restricted by RCPs".
fn is_reached_by_rcps(action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    RCP_SERVICES
        .iter()
        .any(|name| name.eq_ignore_ascii_case(service))
        && !action.eq_ignore_ascii_case("kms:RetireGrant")
}

/// Whether an action needs no permission, so that nothing can deny it to whoever signs the request.
/// Source: "GetCallerIdentity", AWS STS API Reference.
fn needs_no_permission(request: &Request<'_>) -> bool {
    request.action.eq_ignore_ascii_case("sts:GetCallerIdentity")
        && request.principal.account().is_some()
}

/// Decides a request.
///
/// A service needs the resource-based policy only, and so does an anonymous caller. Within an
/// account either side may allow; across accounts both have to. What is denied anywhere is denied.
///
/// ```
/// use lambdasweep_policy::{Context, Decision, Document, Policies, Principal, Request, evaluate};
///
/// let policy = Document::parse(
///     r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",
///         "Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}"#,
/// )?;
/// let request = Request {
///     principal: &Principal::service("s3.amazonaws.com"),
///     action: "lambda:InvokeFunction",
///     resource: "arn:aws:lambda:eu-west-1:111122223333:function:f",
///     resource_account: None,
///     context: &Context::default().with("aws:SourceAccount", "444455556666"),
/// };
/// let verdict = evaluate(&Policies { resource: Some(&policy), ..Policies::default() }, &request);
/// assert_eq!(verdict.decision, Decision::ImplicitlyDenied);
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
pub fn evaluate(policies: &Policies<'_>, request: &Request<'_>) -> Verdict {
    if needs_no_permission(request) {
        return Verdict {
            decision: Decision::Allowed,
            decided_by: Vec::new(),
            by: None,
        };
    }
    let principal = request.principal;
    let owner = request.owner();
    let service_linked = policies.service_linked || principal.is_service_linked();
    let exempt = |account: Option<&str>| {
        service_linked
            || account.is_some_and(|account| Some(account) == policies.management_account)
    };
    let scps = if principal.account().is_none() || exempt(principal.account()) {
        &[][..]
    } else {
        &policies.scps
    };
    let beyond_rcps = policies.rcps.is_empty()
        || !is_reached_by_rcps(request.action)
        || exempt(owner.or(principal.account()));
    let rcps = if beyond_rcps { &[][..] } else { &policies.rcps };

    let denial = denial(policies, scps, rcps, request);
    if let Some(Grant {
        holds: Holds::Yes,
        by,
    }) = denial
    {
        let layer = by.map(|it| it.policy.layer());
        return Verdict {
            decision: Decision::ExplicitlyDenied,
            decided_by: by.into_iter().collect(),
            by: layer,
        };
    }

    let scp = every_level(scps, request, PolicyRef::Scp);
    let rcp = every_level(rcps, request, PolicyRef::Rcp);
    let (mut granted, layer) = granted(policies, request, owner);
    let by_both = granted
        .by
        .into_iter()
        .chain(granted.and_by)
        .collect::<Vec<_>>();
    let mut silent = layer;
    for (limit, layer) in [(scp, Layer::Scp), (rcp, Layer::Rcp)] {
        if limit.holds == Holds::No {
            silent = Some(layer);
        }
        granted.holds = granted.holds.min(limit.holds);
    }
    match (granted.holds, denial) {
        (Holds::No, _) => Verdict {
            decision: Decision::ImplicitlyDenied,
            decided_by: Vec::new(),
            by: silent,
        },
        (Holds::Unknown, _) => Verdict {
            decision: Decision::Unknown,
            decided_by: by_both,
            by: None,
        },
        (Holds::Yes, Some(unknown)) => Verdict {
            decision: Decision::Unknown,
            decided_by: unknown.by.into_iter().collect(),
            by: None,
        },
        (Holds::Yes, None) => Verdict {
            decision: Decision::Allowed,
            decided_by: by_both,
            by: None,
        },
    }
}

/// What principal and resource grant together.
struct Granted {
    holds: Holds,
    by: Option<StatementRef>,
    /// The other side's statement, across accounts.
    and_by: Option<StatementRef>,
}

/// What the policies of principal and resource grant, before any control policy; and whose silence
/// it is if nothing.
fn granted(
    policies: &Policies<'_>,
    request: &Request<'_>,
    owner: Option<&str>,
) -> (Granted, Option<Layer>) {
    let principal = request.principal;
    let one = |grant: Grant| Granted {
        holds: grant.holds,
        by: grant.by,
        and_by: None,
    };
    let (itself, role, account) = resource_grants(policies, request);
    let from_resource = itself.or(role).or(account);
    let Some(own) = principal.account() else {
        return (one(from_resource), Some(Layer::Resource));
    };
    let identity = match principal.kind {
        // The root user may do everything in its account that is not denied to it.
        Kind::Root => Grant::YES,
        _ => any_allows(
            policies.identity.iter().copied(),
            request,
            PolicyRef::Identity,
        ),
    };
    let boundary = policies.boundary.map_or(Grant::YES, |document| {
        allows(document, request, PolicyRef::Boundary)
    });
    let session = match (&policies.session, principal.kind) {
        (Some(documents), _) => any_allows(documents.iter().copied(), request, PolicyRef::Session),
        // Such a session has nothing but what it was begun with.
        (None, Kind::FederatedUser) => Grant::NO,
        (None, _) => Grant::YES,
    };
    let limits = boundary.and(session);
    let by_identity = identity.and(limits);
    let across = owner.is_some_and(|owner| owner != own);
    // Within an account a grant to the role stands for an identity-based policy, across accounts it
    // does not.
    let silent = if identity.holds == Holds::No && (across || role.holds == Holds::No) {
        Layer::Identity
    } else if boundary.holds == Holds::No {
        Layer::Boundary
    } else {
        Layer::Session
    };
    if across {
        let holds = by_identity.holds.min(from_resource.holds);
        let silent = if from_resource.holds == Holds::No {
            Layer::Resource
        } else {
            silent
        };
        return (
            Granted {
                holds,
                by: by_identity.by,
                and_by: from_resource.by,
            },
            Some(silent),
        );
    }
    let from_resource = itself.or(role.and(limits));
    if must_allow(request) {
        let silent = if itself.or(role).or(account).holds == Holds::No {
            Layer::Resource
        } else {
            silent
        };
        return (
            one(from_resource.or(account.and(by_identity))),
            Some(silent),
        );
    }
    (one(by_identity.or(from_resource)), Some(silent))
}

/// Whether a resource's own policy has to allow even within its account.
///
/// Sources: "AssumeRole", AWS STS API Reference; "Monitor and control actions taken with assumed
/// roles"; "Pass session tags in AWS STS"; "Key policies in AWS KMS".
fn must_allow(request: &Request<'_>) -> bool {
    let action = request.action;
    let starts = |prefix: &str| {
        action
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let of_a_role = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
        .into_iter()
        .any(starts);
    of_a_role || (starts("kms:") && request.resource.contains(":key/"))
}

/// What the resource-based policy grants, by the name that it uses: to the principal itself, to its
/// role, to its account.
fn resource_grants(policies: &Policies<'_>, request: &Request<'_>) -> (Grant, Grant, Grant) {
    let mut grants = [Grant::NO; 3];
    let Some(document) = policies.resource else {
        return (Grant::NO, Grant::NO, Grant::NO);
    };
    let view = document.view(request);
    for (statement, it) in document
        .statements
        .iter()
        .enumerate()
        .filter(|(_, it)| it.effect == Effect::Allow)
    {
        let at = match it
            .principals
            .as_ref()
            .map_or(Named::No, |principals| principals.name(request.principal))
        {
            Named::No => continue,
            Named::Itself => 0,
            Named::Role => 1,
            Named::Account => 2,
        };
        let holds = applies(it, &view, Completion::Never);
        grants[at] = grants[at].or(Grant {
            holds,
            by: Some(StatementRef {
                policy: PolicyRef::Resource,
                statement,
            }),
        });
    }
    grants.into()
}

/// Whether every level has a policy that allows.
fn every_level(
    levels: &[Vec<&Document>],
    request: &Request<'_>,
    name: impl Fn(usize, usize) -> PolicyRef,
) -> Grant {
    let mut all = Grant::YES;
    for (level, documents) in levels.iter().enumerate() {
        all = all.and(any_allows(documents.iter().copied(), request, |at| {
            name(level, at)
        }));
        if all.holds == Holds::No {
            break;
        }
    }
    all
}

fn any_allows<'d>(
    documents: impl Iterator<Item = &'d Document>,
    request: &Request<'_>,
    name: impl Fn(usize) -> PolicyRef,
) -> Grant {
    let mut widest = Grant::NO;
    for (at, document) in documents.enumerate() {
        widest = widest.or(allows(document, request, name(at)));
        if widest.holds == Holds::Yes {
            break;
        }
    }
    widest
}

fn allows(document: &Document, request: &Request<'_>, policy: PolicyRef) -> Grant {
    effect(document, request, policy, Effect::Allow)
}

/// The first statement of an effect that applies; else one of which that is not known.
fn effect(document: &Document, request: &Request<'_>, policy: PolicyRef, effect: Effect) -> Grant {
    let (view, completion) = (document.view(request), Completion::of(policy.layer()));
    let mut widest = Grant::NO;
    for (statement, it) in document.statements.iter().enumerate() {
        if it.effect != effect
            || it
                .principals
                .as_ref()
                .is_some_and(|principals| principals.name(request.principal) == Named::No)
        {
            continue;
        }
        let grant = Grant {
            holds: applies(it, &view, completion),
            by: Some(StatementRef { policy, statement }),
        };
        widest = widest.or(grant);
        if widest.holds == Holds::Yes {
            break;
        }
    }
    if widest.holds == Holds::No {
        Grant::NO
    } else {
        widest
    }
}

/// The statement that denies, or the one of which that is not known.
fn denial(
    policies: &Policies<'_>,
    scps: &[Vec<&Document>],
    rcps: &[Vec<&Document>],
    request: &Request<'_>,
) -> Option<Grant> {
    let mut widest = Grant::NO;
    let mut look = |document: &Document, policy| {
        if widest.holds < Holds::Yes {
            widest = widest.or(effect(document, request, policy, Effect::Deny));
        }
    };
    for (level, documents) in scps.iter().enumerate() {
        documents
            .iter()
            .enumerate()
            .for_each(|(at, document)| look(document, PolicyRef::Scp(level, at)));
    }
    for (level, documents) in rcps.iter().enumerate() {
        documents
            .iter()
            .enumerate()
            .for_each(|(at, document)| look(document, PolicyRef::Rcp(level, at)));
    }
    if let Some(document) = policies.resource {
        look(document, PolicyRef::Resource);
        // Source: "AWS JSON policy elements: NotPrincipal": with a Deny it denies every principal
        // that has a permissions boundary.
        if policies.boundary.is_some() && widest.holds < Holds::Yes {
            widest = widest.or(excepting_denial(document, request));
        }
    }
    policies
        .identity
        .iter()
        .enumerate()
        .for_each(|(at, document)| {
            if widest.holds < Holds::Yes {
                widest = widest.or(effect(
                    document,
                    request,
                    PolicyRef::Identity(at),
                    Effect::Deny,
                ));
            }
        });
    let others = policies
        .boundary
        .iter()
        .map(|document| (*document, PolicyRef::Boundary));
    let session = policies
        .session
        .iter()
        .flatten()
        .enumerate()
        .map(|(at, document)| (*document, PolicyRef::Session(at)));
    for (document, policy) in others.chain(session) {
        if widest.holds < Holds::Yes {
            widest = widest.or(effect(document, request, policy, Effect::Deny));
        }
    }
    (widest.holds > Holds::No).then_some(widest)
}

/// A Deny with NotPrincipal, whoever it lists.
fn excepting_denial(document: &Document, request: &Request<'_>) -> Grant {
    let view = document.view(request);
    let excepting = |it: &Statement| {
        it.effect == Effect::Deny
            && it
                .principals
                .as_ref()
                .is_some_and(|principals| principals.negated)
    };
    let mut widest = Grant::NO;
    for (statement, it) in document
        .statements
        .iter()
        .enumerate()
        .filter(|(_, it)| excepting(it))
    {
        let holds = applies(it, &view, Completion::Never);
        widest = widest.or(Grant {
            holds,
            by: Some(StatementRef {
                policy: PolicyRef::Resource,
                statement,
            }),
        });
    }
    widest
}

/// Whether a statement is about a request, whoever makes it.
fn applies(statement: &Statement, view: &View<'_>, completion: Completion) -> Holds {
    if !statement.covers_action(view.request.action) {
        return Holds::No;
    }
    if let Some(resources) = &statement.resources {
        let resource = view.request.resource;
        let is_about = if completion.completes(statement.effect, resources) {
            resources.covers(|pattern| pattern.matches_completed(resource, view))
        } else {
            resources.covers(|pattern| pattern.matches_in(resource, view))
        };
        if !is_about {
            return Holds::No;
        }
    }
    let mut all = Holds::Yes;
    for condition in &statement.conditions {
        match condition.holds(view) {
            Some(true) => {}
            Some(false) => return Holds::No,
            None => all = Holds::Unknown,
        }
    }
    all
}

impl Document {
    fn view<'a>(&self, request: &'a Request<'a>) -> View<'a> {
        View {
            request,
            variables: self.has_variables(),
        }
    }

    /// Decides a request by this policy alone, as if it were the resource-based policy of a
    /// resource and the principal's own policies allowed everything.
    ///
    /// ```
    /// # use lambdasweep_policy::{Context, Decision, Document, Principal, Request};
    /// let trust = Document::parse(
    ///     r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}"#,
    /// )?;
    /// let principal = Principal::parse("111122223333").expect("an account");
    /// let request = Request {
    ///     principal: &principal,
    ///     action: "sts:AssumeRole",
    ///     resource: "arn:aws:iam::444455556666:role/scan",
    ///     resource_account: None,
    ///     context: &Context::default(),
    /// };
    /// assert_eq!(trust.decide(&request), Decision::Allowed);
    /// # Ok::<(), lambdasweep_policy::PolicyError>(())
    /// ```
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let deny = effect(self, request, PolicyRef::Resource, Effect::Deny).holds;
        let allow = effect(self, request, PolicyRef::Resource, Effect::Allow).holds;
        match (deny, allow) {
            (Holds::Yes, _) => Decision::ExplicitlyDenied,
            (_, Holds::No) => Decision::ImplicitlyDenied,
            (Holds::No, Holds::Yes) => Decision::Allowed,
            _ => Decision::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RCP_SERVICES;

    #[test]
    fn the_services_with_rcps_are_prefixes_in_order() {
        assert_eq!(RCP_SERVICES.len(), 62);
        assert!(RCP_SERVICES.is_sorted());
        let is_prefix = |name: &&str| {
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        assert!(RCP_SERVICES.iter().all(is_prefix));
    }
}
