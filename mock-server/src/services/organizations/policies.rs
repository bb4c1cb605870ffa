//! Policies of the organisation.

use serde_json::{Value, json};

use super::errors::{invalid, no_policy, same_policy, violation};
use super::store::{Policy, Store};
use super::{
    documents, fresh_id, page, policy_manager, policy_types, read, reader, tags, text, write,
};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreatePolicy" => create,
        "DescribePolicy" => describe,
        "UpdatePolicy" => update,
        "DeletePolicy" => delete,
        "ListPolicies" => list,
        _ => return None,
    })
}

pub(super) fn summary(call: &Call<'_>, store: &Store, id: &str, policy: &Policy) -> Value {
    let arn = store.policy_arn(id, policy, call.partition());
    json!({"Id": id, "Arn": arn, "Name": policy.name, "Description": policy.description, "Type": policy.kind, "AwsManaged": policy.aws_managed})
}

fn whole(call: &Call<'_>, store: &Store, id: &str, policy: &Policy) -> Value {
    json!({"Policy": {"PolicySummary": summary(call, store, id, policy), "Content": policy.content}})
}

fn check_content(kind: &str, content: &str) -> Result<(), AwsError> {
    if content.chars().count() > policy_types::limits(kind).0 {
        return Err(violation(
            "POLICY_CONTENT_LIMIT_EXCEEDED",
            "You have exceeded the maximum policy size.",
        ));
    }
    documents::check(kind, content)
}

/// Names are unique among the policies of a type.
fn name_is_free(store: &Store, kind: &str, name: &str, but: &str) -> Result<(), AwsError> {
    let taken = store
        .policies
        .iter()
        .any(|(id, policy)| policy.kind == kind && policy.name == name && id != but);
    if taken { Err(same_policy()) } else { Ok(()) }
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    policy_manager(call, &store)?;
    policy_types::available(&store)?;
    let (kind, name, content) = (
        text(input, "Type"),
        text(input, "Name"),
        text(input, "Content"),
    );
    check_content(kind, content)?;
    name_is_free(&store, kind, name, "")?;
    let tags = tags::given(input)?;
    let id = format!("p-{}", fresh_id(call, 8));
    let policy = Policy {
        name: name.to_owned(),
        description: text(input, "Description").to_owned(),
        kind: kind.to_owned(),
        content: content.to_owned(),
        ..Policy::default()
    };
    let answer = whole(call, &store, &id, &policy);
    store.set_tags(&id, tags);
    store.policies.insert(id, policy);
    Ok(answer)
}

fn describe(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let id = text(input, "PolicyId");
    let policy = store.policies.get(id).ok_or_else(no_policy)?;
    Ok(whole(call, &store, id, policy))
}

/// AWS managed policies cannot be changed.
fn changeable<'a>(store: &'a Store, id: &str) -> Result<&'a Policy, AwsError> {
    let policy = store.policies.get(id).ok_or_else(no_policy)?;
    if policy.aws_managed {
        return Err(invalid(
            "IMMUTABLE_POLICY",
            "You specified a policy that is managed by AWS and can't be modified.",
        ));
    }
    Ok(policy)
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    policy_manager(call, &store)?;
    let id = text(input, "PolicyId");
    let mut policy = changeable(&store, id)?.clone();
    for (member, field) in [
        ("Name", &mut policy.name),
        ("Description", &mut policy.description),
        ("Content", &mut policy.content),
    ] {
        if input.contains_key(member) {
            text(input, member).clone_into(field);
        }
    }
    if input.contains_key("Content") {
        check_content(&policy.kind, &policy.content)?;
    }
    name_is_free(&store, &policy.kind, &policy.name, id)?;
    let answer = whole(call, &store, id, &policy);
    store.policies.insert(id.to_owned(), policy);
    Ok(answer)
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    policy_manager(call, &store)?;
    let id = text(input, "PolicyId");
    if !changeable(&store, id)?.targets.is_empty() {
        return Err(AwsError::new(
            "PolicyInUseException",
            "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.",
        ));
    }
    store.policies.remove(id);
    store.tags.remove(id);
    Ok(json!({}))
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let kind = text(input, "Filter");
    page(
        input,
        "Policies",
        store
            .policies
            .iter()
            .filter(|(_, it)| it.kind == kind)
            .map(|(id, it)| summary(call, &store, id, it)),
    )
}
