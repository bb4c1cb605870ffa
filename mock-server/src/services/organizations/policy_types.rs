//! Policy types: which are enabled in the root, their limits, and the policies that AWS attaches to
//! everything.
//!
//! Source of the limits: "Quotas and service limits for AWS Organizations"; those of service
//! control policies were raised in May 2026 ("AWS Organizations increased quotas for service
//! control policies").

use serde_json::json;

use super::errors::{not_found, violation};
use super::store::{Policy, Store};
use super::{organization, policy_manager, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "EnablePolicyType" => enable,
        "DisablePolicyType" => disable,
        _ => return None,
    })
}

pub(super) const SCP: &str = "SERVICE_CONTROL_POLICY";
pub(super) const RCP: &str = "RESOURCE_CONTROL_POLICY";

pub(super) const RCP_FULL_ACCESS: &str = "p-RCPFullAWSAccess";

/// Policy types that a service applies, which must have trusted access to the organisation.
pub(super) const OF_SERVICES: &[(&str, &str)] =
    &[("SECURITYHUB_POLICY", "securityhub.amazonaws.com")];

/// How long a document of a type may be, in characters, and how many policies of the type may be
/// attached to one target.
pub(super) fn limits(kind: &str) -> (usize, usize) {
    match kind {
        SCP => (10_240, 10),
        RCP => (5_120, 5),
        "AISERVICES_OPT_OUT_POLICY" => (2_500, 5),
        "CHATBOT_POLICY" => (10_000, 5),
        _ => (10_000, 10),
    }
}

/// An AWS managed policy that allows everything, and is attached to everything as long as its type
/// is enabled. Source: "Service control policies" and "Resource control policies", Organizations
/// User Guide.
struct FullAccess {
    id: &'static str,
    kind: &'static str,
    name: &'static str,
    description: &'static str,
    content: &'static str,
}

const FULL_ACCESS: [FullAccess; 2] = [
    FullAccess {
        id: "p-FullAWSAccess",
        kind: SCP,
        name: "FullAWSAccess",
        description: "Allows access to every operation",
        content: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    },
    FullAccess {
        id: RCP_FULL_ACCESS,
        kind: RCP,
        name: "RCPFullAWSAccess",
        description: "Allows access to every resource",
        content: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
    },
];

/// Enables a type, and attaches AWS's policy of the type to everything.
fn switch_on(store: &mut Store, kind: &str) {
    store.enabled_policy_types.insert(kind.to_owned());
    for full in FULL_ACCESS.iter().filter(|full| full.kind == kind) {
        let policy = Policy {
            name: full.name.to_owned(),
            description: full.description.to_owned(),
            kind: full.kind.to_owned(),
            content: full.content.to_owned(),
            aws_managed: true,
            targets: store.targets(),
        };
        store.policies.insert(full.id.to_owned(), policy);
    }
}

/// Adds the policy that allows everything to a new organisation.
pub(crate) fn add_full_access(store: &mut Store) {
    switch_on(store, SCP);
}

/// Attaches the policies that AWS attaches to everything to a new target.
pub(super) fn attach_defaults(store: &mut Store, target: &str) {
    for full in &FULL_ACCESS {
        let enabled = store.enabled_policy_types.contains(full.kind);
        if let Some(policy) = store.policies.get_mut(full.id).filter(|_| enabled) {
            policy.targets.insert(target.to_owned());
        }
    }
}

fn root_exists(store: &Store, input: &Input) -> Result<(), AwsError> {
    if text(input, "RootId") == store.root_id {
        Ok(())
    } else {
        Err(not_found("RootNotFoundException", "a root"))
    }
}

/// Policies require all features.
pub(super) fn available(store: &Store) -> Result<(), AwsError> {
    if !store.billing_only {
        return Ok(());
    }
    Err(AwsError::new(
        "PolicyTypeNotAvailableForOrganizationException",
        "You can't use the specified policy type with the feature set currently enabled for this organization.",
    ))
}

pub(super) fn not_enabled() -> AwsError {
    AwsError::new(
        "PolicyTypeNotEnabledException",
        "This operation can be performed only for enabled policy types.",
    )
}

fn enable(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    policy_manager(call, &store)?;
    root_exists(&store, input)?;
    available(&store)?;
    let kind = text(input, "PolicyType");
    if store.enabled_policy_types.contains(kind) {
        return Err(AwsError::new(
            "PolicyTypeAlreadyEnabledException",
            "The specified policy type is already enabled.",
        ));
    }
    let service = OF_SERVICES
        .iter()
        .find(|(of, _)| *of == kind)
        .map(|(_, service)| *service);
    if service.is_some_and(|service| !store.service_access.contains_key(service)) {
        return Err(violation(
            "SERVICE_ACCESS_NOT_ENABLED",
            "You must enable service access before you can enable this policy type.",
        ));
    }
    switch_on(&mut store, kind);
    Ok(json!({"Root": organization::root(call, &store)}))
}

/// All policies of the type are detached from everything, but not deleted. Source: "Disabling a
/// policy type", Organizations User Guide.
fn disable(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    policy_manager(call, &store)?;
    root_exists(&store, input)?;
    let kind = text(input, "PolicyType");
    if !store.enabled_policy_types.remove(kind) {
        return Err(not_enabled());
    }
    for policy in store
        .policies
        .values_mut()
        .filter(|policy| policy.kind == kind)
    {
        policy.targets.clear();
    }
    Ok(json!({"Root": organization::root(call, &store)}))
}
