//! Customer managed policies and their versions.

use serde_json::{Value, json};

use super::store::{ManagedPolicy, Store, unique_id};
use super::{check_document, encoded, lock, no_entity, page, store, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// How many versions a policy keeps. Source: "IAM and AWS STS quotas".
const MOST_VERSIONS: usize = 5;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreatePolicy" => create,
        "GetPolicy" => get,
        "DeletePolicy" => delete,
        "ListPolicies" => list,
        "GetPolicyVersion" => get_version,
        "CreatePolicyVersion" => create_version,
        "DeletePolicyVersion" => delete_version,
        "SetDefaultPolicyVersion" => set_default,
        "ListPolicyVersions" => list_versions,
        "ListEntitiesForPolicy" => list_entities,
        _ => return None,
    })
}

fn attachments(store: &Store, arn: &str) -> usize {
    store.roles.values().filter(|role| role.attached.contains(arn)).count()
}

fn shown(store: &Store, arn: &str, policy: &ManagedPolicy) -> Value {
    json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default_version),
        "AttachmentCount": attachments(store, arn),
        "PermissionsBoundaryUsageCount": store.roles.values().filter(|role| role.boundary.as_deref() == Some(arn)).count(),
        "IsAttachable": true,
        "Description": policy.description,
        "CreateDate": policy.created,
        "UpdateDate": policy.created,
    })
}

fn missing(arn: &str) -> AwsError {
    no_entity(format!("Policy {arn} was not found."))
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    check_document(text(input, "PolicyDocument"))?;
    let path = if text(input, "Path").is_empty() { "/" } else { text(input, "Path") };
    let name = text(input, "PolicyName");
    let arn = format!("arn:{}:iam::{}:policy{path}{name}", call.partition(), call.account());
    let store = store(call);
    let mut store = lock(&store);
    if store.policies.values().any(|policy| policy.name.eq_ignore_ascii_case(name)) {
        return Err(AwsError::new(
            "EntityAlreadyExistsException",
            format!("A policy called {name} already exists. Duplicate names are not allowed."),
        ));
    }
    store.modified = true;
    let policy = ManagedPolicy {
        name: name.to_owned(),
        path: path.to_owned(),
        id: unique_id("ANPA", &arn),
        description: text(input, "Description").to_owned(),
        versions: [(1, text(input, "PolicyDocument").to_owned())].into(),
        default_version: 1,
        created: call.now.floor(),
    };
    let answer = shown(&store, &arn, &policy);
    store.policies.insert(arn, policy);
    Ok(json!({"Policy": answer}))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    let store = store(call);
    let store = lock(&store);
    let policy = store.policies.get(arn).ok_or_else(|| missing(arn))?;
    Ok(json!({"Policy": shown(&store, arn, policy)}))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    let store = store(call);
    let mut store = lock(&store);
    let versions = store.policies.get(arn).ok_or_else(|| missing(arn))?.versions.len();
    if attachments(&store, arn) > 0 {
        return Err(AwsError::new("DeleteConflictException", "Cannot delete a policy attached to entities."));
    }
    if versions > 1 {
        return Err(AwsError::new(
            "DeleteConflictException",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions.",
        ));
    }
    store.modified = true;
    store.policies.remove(arn);
    Ok(json!({}))
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let wanted = if text(input, "Scope") == "AWS" { 0 } else { usize::MAX };
    Ok(page(input, "Policies", store.policies.iter().take(wanted).map(|(arn, policy)| shown(&store, arn, policy))))
}

fn version(number: u64, policy: &ManagedPolicy, document: Option<&str>) -> Value {
    json!({
        "Document": document.map(encoded),
        "VersionId": format!("v{number}"),
        "IsDefaultVersion": number == policy.default_version,
        "CreateDate": policy.created,
    })
}

fn number(input: &Input) -> u64 {
    text(input, "VersionId").trim_start_matches('v').parse().unwrap_or(0)
}

fn no_version(input: &Input) -> AwsError {
    no_entity(format!("Policy {} version {} does not exist or is not attachable.", text(input, "PolicyArn"), text(input, "VersionId")))
}

fn get_version(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    let store = store(call);
    let store = lock(&store);
    let policy = store.policies.get(arn).ok_or_else(|| missing(arn))?;
    let document = policy.versions.get(&number(input)).ok_or_else(|| no_version(input))?;
    Ok(json!({"PolicyVersion": version(number(input), policy, Some(document))}))
}

fn create_version(call: &Call<'_>, input: &Input) -> Answer {
    check_document(text(input, "PolicyDocument"))?;
    let arn = text(input, "PolicyArn");
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    let policy = store.policies.get_mut(arn).ok_or_else(|| missing(arn))?;
    if policy.versions.len() >= MOST_VERSIONS {
        return Err(AwsError::new(
            "LimitExceededException",
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
        ));
    }
    let next = policy.versions.keys().max().map_or(1, |last| last + 1);
    policy.versions.insert(next, text(input, "PolicyDocument").to_owned());
    if input.get("SetAsDefault") == Some(&json!(true)) {
        policy.default_version = next;
    }
    Ok(json!({"PolicyVersion": version(next, policy, None)}))
}

fn delete_version(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    let policy = store.policies.get_mut(arn).ok_or_else(|| missing(arn))?;
    if policy.default_version == number(input) {
        return Err(AwsError::new("DeleteConflictException", "Cannot delete the default version of a policy."));
    }
    policy.versions.remove(&number(input)).map(|_| json!({})).ok_or_else(|| no_version(input))
}

fn set_default(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    let policy = store.policies.get_mut(arn).ok_or_else(|| missing(arn))?;
    if !policy.versions.contains_key(&number(input)) {
        return Err(no_version(input));
    }
    policy.default_version = number(input);
    Ok(json!({}))
}

fn list_versions(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    let store = store(call);
    let store = lock(&store);
    let policy = store.policies.get(arn).ok_or_else(|| missing(arn))?;
    Ok(page(input, "Versions", policy.versions.keys().rev().map(|number| version(*number, policy, None))))
}

fn list_entities(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    let store = store(call);
    let store = lock(&store);
    let with = store.roles.iter().filter(|(_, role)| role.attached.contains(arn));
    let mut answer = page(input, "PolicyRoles", with.map(|(name, role)| json!({"RoleName": name, "RoleId": role.id})));
    answer["PolicyGroups"] = json!([]);
    answer["PolicyUsers"] = json!([]);
    Ok(answer)
}
