//! The organisation's resource-based policy, by which the management account allows member accounts
//! to manage policies.
//!
//! Source: "Delegated administrator for AWS Organizations", Organizations User Guide.

use lambdasweep_policy::{Context, Decision, Document, Principal, Request};
use serde_json::{Value, json};

use super::super::members::one_or_more;
use super::errors::{invalid, not_all_features};
use super::store::Store;
use super::{manager, org_arn, read, reader, tags, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "DescribeResourcePolicy" => describe,
        "PutResourcePolicy" => put,
        "DeleteResourcePolicy" => delete,
        _ => return None,
    })
}

fn missing() -> AwsError {
    AwsError::new(
        "ResourcePolicyNotFoundException",
        "We can't find a resource policy request with the parameter that you specified.",
    )
}

/// Whether the policy allows the caller's account to make this call, on any resource.
pub(super) fn allows(call: &Call<'_>, store: &Store) -> bool {
    let Some(Ok(document)) = store.resource_policy.as_deref().map(Document::parse) else {
        return false;
    };
    let Ok(principal) = Principal::parse(&format!(
        "arn:{}:iam::{}:root",
        call.partition(),
        call.account()
    )) else {
        return false;
    };
    let context = Context::default();
    let action = format!("organizations:{}", call.operation);
    let request = Request {
        principal: &principal,
        action: &action,
        resource: "*",
        resource_account: None,
        context: &context,
    };
    document.decide(&request) == Decision::Allowed
}

/// A policy in IAM's language whose statements have principals and apply to Organizations.
fn check(content: &str) -> Result<(), AwsError> {
    let malformed = || {
        invalid(
            "INVALID_RESOURCE_POLICY_JSON",
            "The provided resource policy document is not valid JSON of the policy language.",
        )
    };
    Document::parse(content).map_err(|_| malformed())?;
    let document: Value = serde_json::from_str(content).map_err(|_| malformed())?;
    for statement in one_or_more(&document["Statement"]) {
        if statement.get("Principal").is_none() {
            return Err(invalid(
                "INVALID_PRINCIPAL",
                "You specified an invalid principal element in the policy.",
            ));
        }
        let foreign = |action: &Value| {
            action
                .as_str()
                .is_none_or(|action| !action.to_ascii_lowercase().starts_with("organizations:"))
        };
        if statement
            .get("Action")
            .is_none_or(|actions| one_or_more(actions).iter().any(foreign))
        {
            return Err(invalid(
                "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
                "The resource policy holds an action that a resource policy cannot delegate.",
            ));
        }
    }
    Ok(())
}

fn resource_policy(call: &Call<'_>, store: &Store, content: &str) -> Value {
    let id = store.resource_policy_id();
    json!({"ResourcePolicy": {"ResourcePolicySummary": {"Id": id, "Arn": org_arn(call, store, "resourcepolicy", &id)}, "Content": content}})
}

fn describe(call: &Call<'_>, _: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let content = store.resource_policy.as_deref().ok_or_else(missing)?;
    Ok(resource_policy(call, &store, content))
}

fn put(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    if store.billing_only {
        return Err(not_all_features());
    }
    let content = text(input, "Content");
    check(content)?;
    let tags = tags::given(input)?;
    // Tags can only be given on creation. Source: "PutResourcePolicy", API Reference.
    if store.resource_policy.is_some() && input.contains_key("Tags") {
        return Err(AwsError::new(
            "InvalidInputException",
            "You can't specify tags when you update an existing resource policy.",
        ));
    }
    let id = store.resource_policy_id();
    store.set_tags(&id, tags);
    store.resource_policy = Some(content.to_owned());
    Ok(resource_policy(call, &store, content))
}

fn delete(call: &Call<'_>, _: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    store.resource_policy.take().ok_or_else(missing)?;
    let id = store.resource_policy_id();
    store.tags.remove(&id);
    Ok(json!({}))
}
