//! Attachments of policies to targets.

use serde_json::{Value, json};

use super::errors::{invalid, no_policy, no_target, violation};
use super::policies::summary;
use super::policy_types::{RCP_FULL_ACCESS, SCP, limits, not_enabled};
use super::store::Store;
use super::{org_arn, page, policy_manager, read, reader, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "AttachPolicy" => attach,
        "DetachPolicy" => detach,
        "ListPoliciesForTarget" => list_for_target,
        "ListTargetsForPolicy" => list_targets,
        _ => return None,
    })
}

/// Removes all references to a deleted entity: attachments, delegations, tags.
pub(super) fn forget(store: &mut Store, id: &str) {
    for policy in store.policies.values_mut() {
        policy.targets.remove(id);
    }
    store.delegated.remove(id);
    store.tags.remove(id);
}

fn target_exists(store: &Store, id: &str) -> Result<(), AwsError> {
    if store.is_target(id) {
        Ok(())
    } else {
        Err(no_target())
    }
}

/// How many policies of a kind are attached to a target.
fn attached(store: &Store, kind: &str, target: &str) -> usize {
    store
        .policies
        .values()
        .filter(|policy| policy.kind == kind && policy.targets.contains(target))
        .count()
}

fn attach(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    policy_manager(call, &store)?;
    let target = text(input, "TargetId");
    let policy = store
        .policies
        .get(text(input, "PolicyId"))
        .ok_or_else(no_policy)?;
    target_exists(&store, target)?;
    if !store.enabled_policy_types.contains(&policy.kind) {
        return Err(not_enabled());
    }
    if policy.targets.contains(target) {
        return Err(AwsError::new(
            "DuplicatePolicyAttachmentException",
            "The selected policy is already attached to the specified target.",
        ));
    }
    if attached(&store, &policy.kind, target) >= limits(&policy.kind).1 {
        let message = "You have attached the maximum number of policies to the specified target.";
        return Err(violation(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            message,
        ));
    }
    if let Some(policy) = store.policies.get_mut(text(input, "PolicyId")) {
        policy.targets.insert(target.to_owned());
    }
    Ok(json!({}))
}

fn detach(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    policy_manager(call, &store)?;
    let (id, target) = (text(input, "PolicyId"), text(input, "TargetId"));
    let policy = store.policies.get(id).ok_or_else(no_policy)?;
    target_exists(&store, target)?;
    if !policy.targets.contains(target) {
        return Err(AwsError::new(
            "PolicyNotAttachedException",
            "The policy isn't attached to the specified target in the specified root.",
        ));
    }
    if id == RCP_FULL_ACCESS {
        return Err(invalid(
            "NON_DETACHABLE_POLICY",
            "You can't detach this AWS Managed Policy.",
        ));
    }
    if policy.kind == SCP && attached(&store, SCP, target) == 1 {
        return Err(violation(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.",
        ));
    }
    if let Some(policy) = store.policies.get_mut(id) {
        policy.targets.remove(target);
    }
    Ok(json!({}))
}

fn list_for_target(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let (kind, target) = (text(input, "Filter"), text(input, "TargetId"));
    target_exists(&store, target)?;
    let attached = store
        .policies
        .iter()
        .filter(|(_, it)| it.kind == kind && it.targets.contains(target));
    page(
        input,
        "Policies",
        attached.map(|(id, it)| summary(call, &store, id, it)),
    )
}

fn list_targets(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let policy = store
        .policies
        .get(text(input, "PolicyId"))
        .ok_or_else(no_policy)?;
    let target = |id: &String| -> Value {
        let (kind, part, name) = match (store.units.get(id), store.accounts.get(id)) {
            (Some(unit), _) => ("ORGANIZATIONAL_UNIT", "ou", unit.name.as_str()),
            (_, Some(account)) => ("ACCOUNT", "account", account.name.as_str()),
            _ => ("ROOT", "root", "Root"),
        };
        json!({"TargetId": id, "Arn": org_arn(call, &store, part, id), "Name": name, "Type": kind})
    };
    page(input, "Targets", policy.targets.iter().map(target))
}
