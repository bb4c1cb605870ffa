//! The condition keys of a request. What follows from principal and resource is the engine's:
//! `aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`,
//! `aws:PrincipalType`, `aws:PrincipalIsAWSService`, `aws:ResourceAccount`.
//!
//! Sources: "AWS global condition context keys", IAM User Guide; for the services' own keys the
//! Service Authorization Reference.

use std::net::IpAddr;
use std::sync::PoisonError;

use lambdasweep_policy::{Context, Document};
use serde_json::Value;

use super::organization::Place;
use super::resource::{Target, function_arn};
use super::standing::Standing;
use super::table::Key;
use crate::call::{Call, Input, Session};
use crate::services::lambda::{VPC_ID, Written, store};
use crate::wire::iso8601;

/// Where a request came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) address: IpAddr,
    pub(crate) user_agent: Option<&'a str>,
}

/// What is the same for every action of a call.
pub(super) fn of_call(call: &Call<'_>, origin: Origin<'_>, standing: &Standing) -> Context {
    let mut context = Context::default()
        .with("aws:RequestedRegion", call.region)
        .with("aws:SourceIp", origin.address.to_string())
        // The mock speaks plain HTTP and stands in for endpoints that do not.
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

/// What comes with temporary credentials only.
fn of_session(context: Context, session: &Session) -> Context {
    let mut context = context.with("aws:TokenIssueTime", iso8601(session.issued));
    // "This applies only to temporary credentials that support using MFA": those of AssumeRole and
    // GetSessionToken, where it says that there was none. It is "not present for federated
    // identities", and no service has a device.
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

/// What one action on one resource adds.
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

fn text<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn add(context: Context, call: &Call<'_>, input: &Input, key: Key, target: &Target) -> Context {
    match key {
        Key::Member(key, member) => input
            .get(member)
            .map(texts)
            .map_or(context.clone(), |values| context.with_all(key, values)),
        Key::Fixed(key, value) => context.with(key, value),
        Key::Tags(member) => tags(context, input.get(member)),
        Key::FunctionArn(key) => match function(call, input) {
            Some(arn) => context.with(key, arn),
            None => context,
        },
        Key::UrlAuthType => match text(input, "AuthType")
            .map(str::to_owned)
            .or_else(|| url_auth_type(call, input))
        {
            Some(kind) => context.with("lambda:FunctionUrlAuthType", kind),
            None => context,
        },
        Key::Vpc => vpc(context, input.get("VpcConfig")),
        Key::Statement => statement(
            context,
            text(input, "StatementId").unwrap_or_default(),
            target.policy.as_deref(),
        ),
        Key::Boundary => {
            let iam = call.world.iam(call.account());
            let boundary = iam
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .roles
                .get(text(input, "RoleName").unwrap_or_default())
                .and_then(|role| role.boundary.clone());
            match boundary {
                Some(arn) => context.with("iam:PermissionsBoundary", arn),
                None => context,
            }
        }
        Key::PolicyType => {
            let store = call
                .world
                .organization()
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            match store
                .policies
                .get(text(input, "PolicyId").unwrap_or_default())
            {
                Some(policy) => context.with("organizations:PolicyType", &policy.kind),
                None => context,
            }
        }
    }
}

/// A member's values as conditions compare them.
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

/// The ARN of the function that a call is about: the one that it names, else that of the mapping.
fn function(call: &Call<'_>, input: &Input) -> Option<String> {
    if input.contains_key("FunctionName") {
        return Some(function_arn(call, input, true));
    }
    let store = call.world.lambda(call.account(), call.region);
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    store
        .event_source_mappings
        .get(text(input, "UUID")?)?
        .at(call.now)?
        .get("FunctionArn")?
        .as_str()
        .map(str::to_owned)
}

/// How the URL that a function or alias has authenticates its callers.
fn url_auth_type(call: &Call<'_>, input: &Input) -> Option<String> {
    let written = Written::read(text(input, "FunctionName")?);
    let store = call.world.lambda(
        written.account.unwrap_or(call.account()),
        written.region.unwrap_or(call.region),
    );
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    let function: &store::Function = store.functions.get(written.name)?;
    let url = function.urls.get(
        written
            .qualifier
            .or_else(|| text(input, "Qualifier"))
            .unwrap_or_default(),
    )?;
    url.get("AuthType")?.as_str().map(str::to_owned)
}

fn vpc(context: Context, given: Option<&Value>) -> Context {
    let Some(given) = given else { return context };
    let list = |name: &str| given.get(name).map(texts).unwrap_or_default();
    let (subnets, groups) = (list("SubnetIds"), list("SecurityGroupIds"));
    if subnets.is_empty() {
        return context;
    }
    context
        .with_all("lambda:SubnetIds", subnets)
        .with_all("lambda:SecurityGroupIds", groups)
        .with("lambda:VpcIds", VPC_ID)
}

/// Whom the statement lets in that a call takes away.
fn statement(mut context: Context, sid: &str, policy: Option<&Document>) -> Context {
    let Some(statement) = policy.and_then(|policy| {
        policy
            .statements
            .iter()
            .find(|it| it.sid.as_deref() == Some(sid))
    }) else {
        return context;
    };
    if let Some(principals) = &statement.principals {
        let everyone = principals.everyone.then(|| "*".to_owned());
        let named = principals
            .aws
            .iter()
            .chain(&principals.services)
            .map(ToString::to_string);
        context = context.with_all(
            "lambda:Principal",
            everyone.into_iter().chain(named).collect(),
        );
    }
    match statement
        .conditions
        .iter()
        .find(|it| it.key.eq_ignore_ascii_case("lambda:FunctionUrlAuthType"))
    {
        Some(condition) => context.with_all(
            "lambda:FunctionUrlAuthType",
            condition.values.iter().map(ToString::to_string).collect(),
        ),
        None => context,
    }
}
