//! Policies of the organisation and what they are attached to.

use serde_json::{Value, json};

use super::store::{Policy, Store};
use super::{fresh_id, manager, not_found, page, read, reader, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreatePolicy" => create,
        "DescribePolicy" => describe,
        "UpdatePolicy" => update,
        "DeletePolicy" => delete,
        "AttachPolicy" => attach,
        "DetachPolicy" => detach,
        "ListPolicies" => list,
        "ListPoliciesForTarget" => list_for_target,
        "ListTargetsForPolicy" => list_targets,
        "EnablePolicyType" => enable_type,
        "DisablePolicyType" => disable_type,
        _ => return None,
    })
}

const FULL_ACCESS: &str = "p-FullAWSAccess";

/// Puts the policy that allows everything into a new organisation.
pub(crate) fn add_full_access(store: &mut Store) {
    store.enabled_policy_types.insert("SERVICE_CONTROL_POLICY".to_owned());
    let targets = std::iter::once(store.root_id.clone()).chain(store.units.keys().cloned()).chain(store.accounts.keys().cloned()).collect();
    let policy = Policy {
        name: "FullAWSAccess".to_owned(),
        description: "Allows access to every operation".to_owned(),
        kind: "SERVICE_CONTROL_POLICY".to_owned(),
        content: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#.to_owned(),
        aws_managed: true,
        targets,
    };
    store.policies.insert(FULL_ACCESS.to_owned(), policy);
}

/// Attaches it to what is new.
pub(super) fn attach_full_access(store: &mut Store, target: &str) {
    if let Some(policy) = store.policies.get_mut(FULL_ACCESS) {
        policy.targets.insert(target.to_owned());
    }
}

fn summary(call: &Call<'_>, store: &Store, id: &str, policy: &Policy) -> Value {
    let arn = store.policy_arn(id, policy, call.partition());
    json!({"Id": id, "Arn": arn, "Name": policy.name, "Description": policy.description, "Type": policy.kind, "AwsManaged": policy.aws_managed})
}

fn missing() -> AwsError {
    not_found("PolicyNotFoundException", "a policy")
}

/// Control policies are of IAM's language, the others of one of their own.
fn check_content(kind: &str, content: &str) -> Result<(), AwsError> {
    let well_formed = if kind.ends_with("_CONTROL_POLICY") {
        lambdasweep_policy::Document::parse(content).is_ok()
    } else {
        serde_json::from_str::<Value>(content).is_ok()
    };
    let why = "The provided policy document does not meet the requirements of the specified policy type.";
    if well_formed { Ok(()) } else { Err(AwsError::new("MalformedPolicyDocumentException", why)) }
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    if store.policies.values().any(|policy| policy.name == text(input, "Name")) {
        return Err(AwsError::new("DuplicatePolicyException", "A policy with the same name already exists."));
    }
    check_content(text(input, "Type"), text(input, "Content"))?;
    let id = format!("p-{}", fresh_id(call, 8));
    let policy = Policy {
        name: text(input, "Name").to_owned(),
        description: text(input, "Description").to_owned(),
        kind: text(input, "Type").to_owned(),
        content: text(input, "Content").to_owned(),
        ..Policy::default()
    };
    let answer = json!({"Policy": {"PolicySummary": summary(call, &store, &id, &policy), "Content": policy.content}});
    store.policies.insert(id, policy);
    Ok(answer)
}

fn describe(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let id = text(input, "PolicyId");
    let policy = store.policies.get(id).ok_or_else(missing)?;
    Ok(json!({"Policy": {"PolicySummary": summary(call, &store, id, policy), "Content": policy.content}}))
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let id = text(input, "PolicyId");
    let policy = store.policies.get_mut(id).ok_or_else(missing)?;
    if input.contains_key("Content") {
        check_content(&policy.kind, text(input, "Content"))?;
    }
    for (member, field) in [("Name", &mut policy.name), ("Description", &mut policy.description), ("Content", &mut policy.content)] {
        if input.contains_key(member) {
            *field = text(input, member).to_owned();
        }
    }
    let policy = policy.clone();
    Ok(json!({"Policy": {"PolicySummary": summary(call, &store, id, &policy), "Content": policy.content}}))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let id = text(input, "PolicyId");
    if store.policies.get(id).ok_or_else(missing)?.targets.is_empty() {
        store.policies.remove(id);
        return Ok(json!({}));
    }
    Err(AwsError::new("PolicyInUseException", "The policy is attached to one or more entities."))
}

fn target_exists(store: &Store, id: &str) -> Result<(), AwsError> {
    let exists = id == store.root_id || store.units.contains_key(id) || store.accounts.contains_key(id);
    if exists { Ok(()) } else { Err(not_found("TargetNotFoundException", "a target")) }
}

fn attach(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    target_exists(&store, text(input, "TargetId"))?;
    let policy = store.policies.get_mut(text(input, "PolicyId")).ok_or_else(missing)?;
    if !policy.targets.insert(text(input, "TargetId").to_owned()) {
        return Err(AwsError::new("DuplicatePolicyAttachmentException", "A policy with the same name already exists."));
    }
    Ok(json!({}))
}

fn detach(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let policy = store.policies.get_mut(text(input, "PolicyId")).ok_or_else(missing)?;
    if !policy.targets.remove(text(input, "TargetId")) {
        return Err(AwsError::new("PolicyNotAttachedException", "The policy isn't attached to the specified target."));
    }
    Ok(json!({}))
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let kind = text(input, "Filter");
    Ok(page(input, "Policies", store.policies.iter().filter(|(_, it)| it.kind == kind).map(|(id, it)| summary(call, &store, id, it))))
}

fn list_for_target(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let (kind, target) = (text(input, "Filter"), text(input, "TargetId"));
    target_exists(&store, target)?;
    let attached = store.policies.iter().filter(|(_, it)| it.kind == kind && it.targets.contains(target));
    Ok(page(input, "Policies", attached.map(|(id, it)| summary(call, &store, id, it))))
}

fn list_targets(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let policy = store.policies.get(text(input, "PolicyId")).ok_or_else(missing)?;
    let target = |id: &String| {
        let (kind, name) = match (store.units.get(id), store.accounts.get(id)) {
            (Some(unit), _) => ("ORGANIZATIONAL_UNIT", unit.name.as_str()),
            (_, Some(account)) => ("ACCOUNT", account.name.as_str()),
            _ => ("ROOT", "Root"),
        };
        let part = match kind {
            "ORGANIZATIONAL_UNIT" => "ou",
            "ACCOUNT" => "account",
            _ => "root",
        };
        json!({"TargetId": id, "Arn": super::org_arn(call, &store, part, id), "Name": name, "Type": kind})
    };
    Ok(page(input, "Targets", policy.targets.iter().map(target)))
}

fn root(call: &Call<'_>, store: &Store) -> Value {
    let types: Vec<Value> = store.enabled_policy_types.iter().map(|kind| json!({"Type": kind, "Status": "ENABLED"})).collect();
    json!({"Root": {"Id": store.root_id, "Arn": super::org_arn(call, store, "root", &store.root_id), "Name": "Root", "PolicyTypes": types}})
}

fn enable_type(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    if !store.enabled_policy_types.insert(text(input, "PolicyType").to_owned()) {
        return Err(AwsError::new("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled."));
    }
    Ok(root(call, &store))
}

fn disable_type(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    if !store.enabled_policy_types.remove(text(input, "PolicyType")) {
        return Err(AwsError::new("PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types."));
    }
    Ok(root(call, &store))
}
