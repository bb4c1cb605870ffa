//! The condition keys of a request. The policy engine adds those that follow from principal and
//! resource: `aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalOrgID`,
//! `aws:PrincipalOrgPaths`, `aws:PrincipalType`, `aws:PrincipalIsAWSService`,
//! `aws:ResourceAccount`.
//!
//! Sources: "AWS global condition context keys", IAM User Guide; for the services' own keys the
//! Service Authorization Reference.

use std::net::IpAddr;

use lambdasweep_policy::Context;
use serde_json::Value;

use super::standing::Standing;
use crate::call::{Call, Input, Session};
use crate::permission::{Key, Target};
use crate::services::organizations::places::Place;
use crate::wire::iso8601;

/// The origin of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) address: IpAddr,
    pub(crate) user_agent: Option<&'a str>,
}

/// The keys that are the same for every action of a call.
pub(super) fn of_call(call: &Call<'_>, origin: Origin<'_>, standing: &Standing) -> Context {
    let mut context = Context::default()
        .with("aws:RequestedRegion", call.region)
        .with("aws:SourceIp", origin.address.to_string())
        // The mock uses plain HTTP, but stands in for endpoints that use TLS.
        .with("aws:SecureTransport", "true")
        .with("aws:ViaAWSService", "false")
        .with("aws:CurrentTime", iso8601(call.now))
        .with("aws:EpochTime", call.now.floor().to_string());
    if standing.principal.account().is_some() {
        context = context.with("aws:userid", &call.caller.user_id);
    }
    if let Some(agent) = origin.user_agent {
        context = context.with("aws:UserAgent", agent);
    }
    if let Some(session) = &call.caller.session {
        context = of_session(context, session);
    }
    standing.tags.iter().fold(context, |context, (key, value)| {
        context.with(&format!("aws:PrincipalTag/{key}"), value)
    })
}

/// The keys of temporary credentials.
fn of_session(context: Context, session: &Session) -> Context {
    let mut context = context.with("aws:TokenIssueTime", iso8601(session.issued));
    // "This applies only to temporary credentials that support using MFA": those of AssumeRole and
    // GetSessionToken, where the value says that MFA was not used. The key is "not present for
    // federated identities", and services have no MFA device.
    if session.knows_mfa {
        context = context.with("aws:MultiFactorAuthPresent", "false");
    }
    if let Some(function) = &session.function_arn {
        context = context.with("lambda:SourceFunctionArn", function);
    }
    if let Some(identity) = &session.source_identity {
        context = context.with("aws:SourceIdentity", identity);
    }
    context
}

/// The keys of one action on one resource.
pub(super) fn of_action(
    mut context: Context,
    call: &Call<'_>,
    input: &Input,
    keys: &[Key],
    target: &Target,
    place: &Place,
) -> Context {
    for (key, value) in &target.tags {
        context = context.with(&format!("aws:ResourceTag/{key}"), value);
        if target.arn.contains(":role/") {
            context = context.with(&format!("iam:ResourceTag/{key}"), value);
        }
    }
    if place.is_in_organization() {
        context = context
            .with("aws:ResourceOrgID", &place.id)
            .with("aws:ResourceOrgPaths", &place.path);
    }
    keys.iter().fold(context, |context, key| {
        add(context, call, input, *key, target)
    })
}

fn add(context: Context, call: &Call<'_>, input: &Input, key: Key, target: &Target) -> Context {
    match key {
        Key::Member(key, member) => input
            .get(member)
            .map(texts)
            .map_or(context.clone(), |values| context.with_all(key, values)),
        Key::Fixed(key, value) => context.with(key, value),
        Key::Tags(member) => tags(context, input.get(member)),
        Key::Of(_, adds, _) => adds(context, call, input, target),
    }
}

/// A member's values as strings, as conditions compare them.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// Tags of a request, which services take as a map or as a list.
fn tags(mut context: Context, given: Option<&Value>) -> Context {
    let pairs: Vec<(&str, &str)> = match given {
        Some(Value::Object(map)) => map
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
            .collect(),
        Some(Value::Array(list)) => list
            .iter()
            .map(|tag| {
                (
                    tag["Key"].as_str().unwrap_or_default(),
                    tag["Value"].as_str().unwrap_or_default(),
                )
            })
            .collect(),
        _ => return context,
    };
    for (key, value) in &pairs {
        context = context.with(&format!("aws:RequestTag/{key}"), *value);
    }
    context.with_all(
        "aws:TagKeys",
        pairs.into_iter().map(|(key, _)| key.to_owned()).collect(),
    )
}
