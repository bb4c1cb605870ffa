//! IAM enforcement: whether a call is allowed by all policies that apply to it, and AWS's error if
//! it is not.
//!
//! Intentional differences from AWS: a root user may assume roles, because the mock's own
//! credentials are those of root users; AWS managed policies have the default version as of the
//! catalogue's date; `sts:AssumeRoleWithWebIdentity` and `sts:AssumeRoleWithSAML` are decided by
//! the role's trust policy alone, so resource control policies do not apply to them; a source
//! identity that a session passes on is checked against the next role's trust policy, and not
//! against the caller's own policies; keys have AWS's default key policy; changes take effect at
//! once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lambdasweep_model::Arn;
use lambdasweep_policy::{
    Context, Decision, Layer, Policies, PolicyRef, Request, Verdict, evaluate,
};
use serde_json::Value;

use crate::call::{AwsError, Call, Input};
use crate::permission::{Need, Target};
use crate::service::{self, named, needs};
use crate::services::documents::{Documents, Policy};
use crate::services::lambda::execution_role::passed_across_accounts;
use crate::services::organizations::places::{Place, Places};
use crate::services::sts::by_long_term_credentials;

mod authorize;
mod context;
mod resource;
mod standing;
mod trim;
mod wording;

pub(crate) use context::Origin;
use standing::Standing;

/// Decides calls while it is on.
#[derive(Debug, Default)]
pub(crate) struct Enforcement {
    on: AtomicBool,
    documents: Documents,
    places: Places,
}

/// A call, and the data that is the same for every action that it needs.
#[derive(Debug, Clone)]
struct EnforcedCall<'a> {
    call: &'a Call<'a>,
    service: &'a str,
    input: &'a Input,
    standing: Standing,
    place: Arc<Place>,
    context: Context,
}

impl Enforcement {
    pub(crate) fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    pub(crate) fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// The account that a call acts on, if it is allowed; else AWS's error.
    pub(crate) fn check(
        &self,
        call: &Call<'_>,
        service: &str,
        input: &Input,
        origin: Origin<'_>,
    ) -> Result<String, AwsError> {
        let own = call.account().to_owned();
        if !self.is_on() {
            return Ok(own);
        }
        let Some(needs) = needs(service, call.operation) else {
            return Err(AwsError::new(
                "InternalFailure",
                format!(
                    "the permissions for {service}:{} are unknown",
                    call.operation
                ),
            )
            .status(501));
        };
        if service == "sts" && matches!(call.operation, "GetFederationToken" | "GetSessionToken") {
            by_long_term_credentials(call)?;
        }
        if needs.is_empty() {
            return Ok(own);
        }
        let asked = self.asked(call, service, input, origin)?;
        let acts_for_owner = named(service).is_some_and(|it| it.spec.acts_for_owner);
        let mut owner = None;
        for (at, need) in needs
            .iter()
            .enumerate()
            .filter(|(_, need)| need.when.is_none_or(|member| is_given(input, member)))
        {
            if need.action == "iam:PassRole" {
                passes_within_account(call, input)?;
            }
            let targets = self.allows(&asked, need)?;
            // A resource of another account, named by its ARN, is looked up there.
            if at == 0 && acts_for_owner {
                owner = targets
                    .first()
                    .and_then(|target| target.arn.parse::<Arn>().ok())
                    .map(|arn| arn.account);
            }
        }
        Ok(owner.filter(|owner| !owner.is_empty()).unwrap_or(own))
    }

    /// Removes from a response the data that the caller may not see, although it may make the call.
    pub(crate) fn trim(
        &self,
        call: &Call<'_>,
        service: &str,
        input: &Input,
        origin: Origin<'_>,
        answer: &mut Value,
    ) {
        if !self.is_on() || !trim::is_about(service, call.operation) {
            return;
        }
        if let (Ok(asked), Some(answer)) = (
            self.asked(call, service, input, origin),
            answer.as_object_mut(),
        ) {
            trim::tags(self, &asked, answer);
            trim::environments(self, &asked, answer);
        }
    }

    fn asked<'a>(
        &self,
        call: &'a Call<'a>,
        service: &'a str,
        input: &'a Input,
        origin: Origin<'_>,
    ) -> Result<EnforcedCall<'a>, AwsError> {
        let mut standing =
            Standing::of(call, &self.documents).ok_or_else(|| standing::token_invalid(service))?;
        let place = self.places.of(call, &self.documents, call.account());
        // A service does not belong to an organisation, wherever it acts.
        if place.is_in_organization() && standing.principal.account().is_some() {
            standing.principal = standing.principal.in_organization(&place.path);
        }
        let context = context::of_call(call, origin, &standing);
        Ok(EnforcedCall {
            call,
            service,
            input,
            standing,
            place,
            context,
        })
    }

    /// The resources of an action, if it is allowed on all of them.
    fn allows(&self, asked: &EnforcedCall<'_>, need: &Need) -> Result<Vec<Target>, AwsError> {
        let targets = resource::targets(asked.call, &self.documents, need.resource, asked.input);
        targets
            .iter()
            .try_for_each(|target| self.allows_on(asked, need, target))?;
        Ok(targets)
    }

    fn allows_on(
        &self,
        asked: &EnforcedCall<'_>,
        need: &Need,
        target: &Target,
    ) -> Result<(), AwsError> {
        let call = asked.call;
        let there = self.place_of(asked, need.action, target);
        let context = context::of_action(
            asked.context.clone(),
            call,
            asked.input,
            need.keys,
            target,
            &there,
        );
        let verdict = decide(asked, need.action, target, &there, &context);
        if verdict.decision == Decision::Allowed {
            return Ok(());
        }
        // AWS names the policy only within an account or an organisation.
        let owner = request(asked, need.action, target, &context)
            .owner()
            .unwrap_or(call.account());
        let shown = owner == call.account()
            || (asked.place.is_in_organization() && asked.place.id == there.id);
        let arn = denying(&verdict, asked, &there).filter(|_| shown);
        let said = target.said.as_deref().unwrap_or(&target.arn);
        Err(wording::denied(
            asked.service,
            &call.caller.arn,
            need.action,
            said,
            &verdict,
            arn,
        ))
    }

    /// The place of the account that a resource belongs to.
    fn place_of(&self, asked: &EnforcedCall<'_>, action: &str, target: &Target) -> Arc<Place> {
        match request(asked, action, target, &asked.context).owner() {
            Some(owner) if owner != asked.call.account() => {
                self.places.of(asked.call, &self.documents, owner)
            }
            _ => Arc::clone(&asked.place),
        }
    }
}

fn request<'a>(
    asked: &'a EnforcedCall<'_>,
    action: &'a str,
    target: &'a Target,
    context: &'a Context,
) -> Request<'a> {
    let principal = &asked.standing.principal;
    Request {
        principal,
        action,
        resource: &target.arn,
        resource_account: target.account.as_deref(),
        context,
    }
}

/// Decides an action on a resource of an account at a place by all policies that apply.
fn decide(
    asked: &EnforcedCall<'_>,
    action: &str,
    target: &Target,
    there: &Place,
    context: &Context,
) -> Verdict {
    let standing = &asked.standing;
    let is_role = target.arn.contains(":role/");
    let assumes = is_role && action.starts_with("sts:");
    // A trust policy says who may assume the role, not who may change or pass it.
    let own_policy = target.policy.as_deref().filter(|_| assumes || !is_role);
    let organization = if asked.place.is_in_organization() {
        &*asked.place
    } else {
        there
    };
    let policies = Policies {
        identity: documents_of(&standing.identity),
        boundary: standing.boundary.as_ref().map(|policy| &*policy.document),
        session: standing.session.as_deref().map(documents_of),
        resource: own_policy,
        scps: asked
            .place
            .scps
            .iter()
            .map(|level| documents_of(level))
            .collect(),
        rcps: if reached_by_rcps(action) {
            there.rcps.iter().map(|level| documents_of(level)).collect()
        } else {
            Vec::new()
        },
        management_account: Some(organization.management_account.as_str())
            .filter(|account| !account.is_empty()),
        service_linked: standing.service_linked,
    };
    let request = request(asked, action, target, context);
    let verdict = evaluate(&policies, &request);
    // A role must trust the caller that assumes it, even if the request needs further permissions
    // on it.
    let trusted = || own_policy.is_some_and(|trust| trust.decide(&request) == Decision::Allowed);
    if assumes && verdict.decision == Decision::Allowed && !trusted() {
        return Verdict {
            decision: Decision::ImplicitlyDenied,
            decided_by: Vec::new(),
            by: Some(Layer::Resource),
        };
    }
    verdict
}

/// Whether resource control policies apply to an action; for services that the mock does not have,
/// the policy engine decides.
fn reached_by_rcps(action: &str) -> bool {
    let prefix = action.split(':').next().unwrap_or_default();
    let mut services = service::all().filter(|service| service.has_arns_of(prefix));
    services
        .next()
        .is_none_or(|service| service.spec.has_resource_control_policies)
}

/// A role can only be passed within the caller's account, regardless of policies.
fn passes_within_account(call: &Call<'_>, input: &Input) -> Result<(), AwsError> {
    let role = input
        .get("Role")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match role.parse::<Arn>() {
        Ok(arn) if arn.account != call.account() => Err(passed_across_accounts()),
        _ => Ok(()),
    }
}

fn is_given(input: &Input, member: &str) -> bool {
    input.get(member).is_some_and(|value| match value {
        Value::Null => false,
        Value::Array(values) => !values.is_empty(),
        Value::Object(values) => !values.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    })
}

fn documents_of(policies: &[Policy]) -> Vec<&lambdasweep_policy::Document> {
    policies.iter().map(|policy| &*policy.document).collect()
}

/// The ARN of the policy whose statement denies.
fn denying<'a>(
    verdict: &Verdict,
    asked: &'a EnforcedCall<'_>,
    there: &'a Place,
) -> Option<&'a str> {
    if verdict.decision != Decision::ExplicitlyDenied {
        return None;
    }
    let policy = match verdict.decided_by.first()?.policy {
        PolicyRef::Identity(at) => asked.standing.identity.get(at),
        PolicyRef::Boundary => asked.standing.boundary.as_ref(),
        PolicyRef::Session(at) => asked.standing.session.as_ref()?.get(at),
        PolicyRef::Scp(level, at) => asked.place.scps.get(level)?.get(at),
        PolicyRef::Rcp(level, at) => there.rcps.get(level)?.get(at),
        PolicyRef::Resource => None,
    };
    policy?.arn.as_deref()
}
