//! The resources of a call: ARNs derived from the input, with the resource's tags and policy.

use std::collections::BTreeSet;

use lambdasweep_model::{AccountId, Arn};
use serde_json::{Value, json};

use crate::call::{Call, Input};
use crate::permission::{Named, Resource, Target};
use crate::service;
use crate::services::documents::Documents;

/// The resources that an action is needed on; it must be allowed on all of them.
pub(super) fn targets(
    call: &Call<'_>,
    documents: &Documents,
    resource: Resource,
    input: &Input,
) -> Vec<Target> {
    match resource {
        Resource::Any => vec![Target {
            arn: "*".to_owned(),
            ..Target::default()
        }],
        Resource::Arns(member) => arns(input, member)
            .map(|arn| by_arn(call, documents, arn))
            .collect(),
        Resource::Of(name, _) => vec![target(call, documents, name(call, input))],
    }
}

/// The ARNs in a member.
fn arns<'a>(input: &'a Input, member: &str) -> impl Iterator<Item = &'a str> {
    let value = input.get(member);
    value.and_then(Value::as_str).into_iter().chain(
        value
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
    )
}

/// The resource of a query: `*` or an ARN.
pub(super) fn given(
    call: &Call<'_>,
    documents: &Documents,
    action: &str,
    resource: &str,
) -> Target {
    if action.starts_with("kms:") && resource.contains(":key/") {
        return key(call, resource, documents);
    }
    let target = by_arn(call, documents, resource);
    // As in calls, the caller's own account counts.
    let account = ["account:", "organizations:"]
        .iter()
        .any(|prefix| action.starts_with(prefix))
        .then(|| call.account().to_owned());
    Target { account, ..target }
}

/// A KMS key with a policy that delegates all access control to the identity-based policies of its
/// own account and of the caller's, since the mock has no KMS: a key of another account could not
/// have been set for a function if that account did not let the function's account use it.
pub(super) fn key(call: &Call<'_>, key: &str, documents: &Documents) -> Target {
    let owner = key.split(':').nth(4).unwrap_or_else(|| call.account());
    let principals: BTreeSet<String> = [owner, call.account()]
        .map(|account| format!("arn:{}:iam::{account}:root", call.partition()))
        .into();
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "kms:*", "Resource": "*"});
    let policy =
        documents.parse(&json!({"Version": "2012-10-17", "Statement": [statement]}).to_string());
    Target {
        arn: key.to_owned(),
        policy: Some(policy),
        ..Target::default()
    }
}

fn by_arn(call: &Call<'_>, documents: &Documents, arn: &str) -> Target {
    target(call, documents, Named::at(arn.to_owned()))
}

/// A resource with its tags and its policy, which are looked up in the service that owns it.
fn target(call: &Call<'_>, documents: &Documents, named: Named) -> Target {
    let arn = named.arn.parse::<Arn>().ok();
    let arn = arn.filter(|arn| !named.is_new && arn.account.parse::<AccountId>().is_ok());
    let existing = arn.and_then(|arn| {
        let mut services = service::all().filter(|service| service.has_arns_of(&arn.service));
        services.find_map(|service| (service.spec.resource)(call.world, &arn))
    });
    let existing = existing.unwrap_or_default();
    Target {
        arn: named.arn,
        said: named.said,
        account: named.account,
        tags: existing.tags,
        policy: existing.policy.map(|policy| documents.parse(&policy)),
    }
}
