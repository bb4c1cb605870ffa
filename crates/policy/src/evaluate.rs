//! Policy evaluation logic: decides a request by all applicable policies, within and across
//! accounts.
//!
//! Sources, all of the IAM User Guide: "Policy evaluation logic", "Policy evaluation for requests
//! within a single account", "Cross-account policy evaluation logic", "How AWS enforcement code
//! logic evaluates requests to allow or deny access"; and "SCP evaluation" and "RCP evaluation" of
//! the AWS Organizations User Guide.

mod grant;
mod statements;

use std::sync::LazyLock;

use crate::document::{Document, Effect};
use crate::principal::Kind;
use crate::request::{Request, View};
use crate::verdict::{Decision, Layer, PolicyRef, StatementRef, Verdict};
use grant::{Grant, Truth};
use statements::{allows, any_allows, denial, effect, every_level, resource_grants};

/// All policies that apply to requests of a principal for a resource.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// Identity-based policies of the user or role, those of groups among them.
    pub identity: Vec<&'a Document>,
    /// The permissions boundary, if there is one.
    pub boundary: Option<&'a Document>,
    /// Session policies, if the session was started with any.
    pub session: Option<Vec<&'a Document>>,
    /// The resource-based policy, if there is one; for `sts:AssumeRole` the role's trust policy,
    /// for KMS the key policy.
    pub resource: Option<&'a Document>,
    /// Service control policies of the principal's account: a list for the root, for each
    /// organizational unit below it, and for the account. Empty if the organisation does not use
    /// them.
    pub scps: Vec<Vec<&'a Document>>,
    /// Resource control policies of the resource's account, in the same way.
    pub rcps: Vec<Vec<&'a Document>>,
    /// The organisation's management account, to which neither kind applies.
    pub management_account: Option<&'a str>,
    /// Whether the principal is a session of a service-linked role, to which neither kind applies.
    /// A role's ARN shows this by its path; a session's does not.
    pub service_linked: bool,
}

/// The services that support resource control policies: a list with a date. Source: "Resource
/// control policies (RCPs)", list of AWS services that support RCPs.
static RCP_SERVICES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../data/rcp-services.txt").lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// Whether resource control policies apply to an action. Source: "Resource control policies
/// (RCPs)", "Resources and entities not restricted by RCPs".
fn is_reached_by_rcps(action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    RCP_SERVICES
        .iter()
        .any(|name| name.eq_ignore_ascii_case(service))
        && !action.eq_ignore_ascii_case("kms:RetireGrant")
}

/// Whether an action needs no permission, so that it cannot be denied to a caller who signs the
/// request. Source: "GetCallerIdentity", AWS STS API Reference.
fn needs_no_permission(request: &Request<'_>) -> bool {
    request.action.eq_ignore_ascii_case("sts:GetCallerIdentity")
        && request.principal.account().is_some()
}

/// Decides a request.
///
/// For a service or an anonymous caller only the resource-based policy counts. Within an account
/// either side may allow; across accounts both must. A denial in any policy wins.
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
    let (scps, rcps) = control_policies(policies, request);
    let denial = denial(policies, scps, rcps, request);
    if let Some(Grant {
        holds: Truth::Yes,
        by,
    }) = denial
    {
        return Verdict {
            decision: Decision::ExplicitlyDenied,
            decided_by: by.into_iter().collect(),
            by: by.map(|it| it.policy.layer()),
        };
    }
    let scp = every_level(scps, request, PolicyRef::Scp);
    let rcp = every_level(rcps, request, PolicyRef::Rcp);
    let (mut granted, mut silent) = granted(policies, request, request.owner());
    for (limit, layer) in [(scp, Layer::Scp), (rcp, Layer::Rcp)] {
        if limit.holds == Truth::No {
            silent = Some(layer);
        }
        granted.holds = granted.holds.min(limit.holds);
    }
    verdict(&granted, silent, denial)
}

/// The service and resource control policies that apply to a request: none where AWS exempts the
/// caller, the account or the action.
fn control_policies<'p, 'd>(
    policies: &'p Policies<'d>,
    request: &Request<'_>,
) -> (&'p [Vec<&'d Document>], &'p [Vec<&'d Document>]) {
    let principal = request.principal;
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
        || exempt(request.owner().or(principal.account()));
    let rcps = if beyond_rcps { &[][..] } else { &policies.rcps };
    (scps, rcps)
}

/// The verdict where no statement is known to deny: `silent` is the kind of policy that does not
/// allow, `denial` the statement that may deny.
fn verdict(granted: &Granted, silent: Option<Layer>, denial: Option<Grant>) -> Verdict {
    let granting = || granted.by.into_iter().chain(granted.and_by).collect();
    let (decision, decided_by, by) = match (granted.holds, denial) {
        (Truth::No, _) => (Decision::ImplicitlyDenied, Vec::new(), silent),
        (Truth::Unknown, _) => (Decision::Unknown, granting(), None),
        (Truth::Yes, Some(unknown)) => {
            let by = unknown.by.into_iter().collect();
            (Decision::Unknown, by, None)
        }
        (Truth::Yes, None) => (Decision::Allowed, granting(), None),
    };
    Verdict {
        decision,
        decided_by,
        by,
    }
}

/// What principal and resource grant together.
struct Granted {
    holds: Truth,
    by: Option<StatementRef>,
    /// The other side's statement, across accounts.
    and_by: Option<StatementRef>,
}

/// What the policies of principal and resource grant, before any control policy, and the kind of
/// policy that does not allow if nothing is granted.
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
        // Such a session has only the policies that it was started with.
        (None, Kind::FederatedUser) => Grant::NO,
        (None, _) => Grant::YES,
    };
    let limits = boundary.and(session);
    let by_identity = identity.and(limits);
    let across = owner.is_some_and(|owner| owner != own);
    // Within an account a grant to the role stands for an identity-based policy, across accounts it
    // does not.
    let silent = if identity.holds == Truth::No && (across || role.holds == Truth::No) {
        Layer::Identity
    } else if boundary.holds == Truth::No {
        Layer::Boundary
    } else {
        Layer::Session
    };
    if across {
        let holds = by_identity.holds.min(from_resource.holds);
        let silent = if from_resource.holds == Truth::No {
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
        let silent = if itself.or(role).or(account).holds == Truth::No {
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
            (Truth::Yes, _) => Decision::ExplicitlyDenied,
            (_, Truth::No) => Decision::ImplicitlyDenied,
            (Truth::No, Truth::Yes) => Decision::Allowed,
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
