//! The policy simulator: decides hypothetical calls by `lambdasweep_policy`.
//!
//! Source: "SimulatePrincipalPolicy" and "SimulateCustomPolicy", IAM API Reference; forms of
//! answers from LocalStack's recordings.

use lambdasweep_model::Arn;
use lambdasweep_policy::{Context, Document, Principal};
use serde_json::{Value, json};

use super::super::members::{list, texts};
use super::{documents, lock, no_entity, page, store, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::services::organizations::places::control_policies;

mod evaluation;
mod keys;
mod spans;

use evaluation::{SimulatedCall, Simulation};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "SimulateCustomPolicy" => custom,
        "SimulatePrincipalPolicy" => principal,
        "GetContextKeysForCustomPolicy" => custom_keys,
        "GetContextKeysForPrincipalPolicy" => principal_keys,
        _ => return None,
    })
}

/// A policy of a simulation.
#[derive(Debug)]
struct Source {
    /// The id in responses: a managed policy's name, `role_ROLE_POLICY` for an inline policy,
    /// `PolicyInputList.1` for a policy of the request.
    id: String,
    text: String,
    document: Document,
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidInputException", message)
}

fn source(id: String, text: &str) -> Result<Source, AwsError> {
    match documents::meaning(text) {
        Ok(document) => Ok(Source {
            id,
            text: text.to_owned(),
            document,
        }),
        Err(error) => Err(invalid(format!("The policy {id} cannot be read: {error}"))),
    }
}

/// The policies in a member of the request.
fn given(input: &Input, member: &str) -> Result<Vec<Source>, AwsError> {
    let one = |(at, text): (usize, &str)| {
        documents::identity(text).map_err(|error| invalid(error.message))?;
        source(format!("{member}.{}", at + 1), text)
    };
    texts(input, member).enumerate().map(one).collect()
}

/// The role that is simulated. Users and groups are not implemented.
fn role_name(call: &Call<'_>, arn: &str) -> Result<String, AwsError> {
    let missing = || no_entity(format!("The entity {arn} cannot be found."));
    // Source of the text: users who asked about a session.
    let unclear = || {
        invalid(format!(
            "Invalid Entity Arn: {arn} does not clearly define entity type and name."
        ))
    };
    let parsed: Arn = arn.parse().map_err(|_| unclear())?;
    if parsed.service != "iam"
        || !["user/", "group/", "role/"]
            .iter()
            .any(|kind| parsed.resource.starts_with(kind))
    {
        return Err(unclear());
    }
    let name = parsed
        .role_name()
        .filter(|_| parsed.account == call.account())
        .ok_or_else(missing)?;
    lock(&store(call))
        .role(&parsed)
        .map(|_| name.to_owned())
        .ok_or_else(missing)
}

/// The policies of a role, and its boundary.
fn of_role(call: &Call<'_>, name: &str) -> Result<(Vec<Source>, Option<Source>), AwsError> {
    let store = store(call);
    let store = lock(&store);
    let Some(role) = store.roles.get(name) else {
        return Ok((Vec::new(), None));
    };
    let managed = |arn: &String| {
        Some(source(
            arn.rsplit('/').next().unwrap_or_default().to_owned(),
            store.managed_document(arn)?,
        ))
    };
    let inline = role
        .inline
        .iter()
        .map(|(policy, text)| source(format!("role_{name}_{policy}"), text));
    let identity = inline
        .chain(role.attached.iter().filter_map(managed))
        .collect::<Result<_, _>>()?;
    Ok((
        identity,
        role.boundary.as_ref().and_then(managed).transpose()?,
    ))
}

fn custom(call: &Call<'_>, input: &Input) -> Answer {
    let caller = text(input, "CallerArn");
    let own = format!(
        "arn:{}:iam::{}:user/simulated",
        call.partition(),
        call.account()
    );
    let caller = if caller.is_empty() { &own } else { caller };
    let boundary = given(input, "PermissionsBoundaryPolicyInputList")?
        .into_iter()
        .next();
    simulate(
        call,
        input,
        given(input, "PolicyInputList")?,
        boundary,
        caller,
        false,
    )
}

fn principal(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicySourceArn");
    let name = role_name(call, arn)?;
    let (mut identity, own_boundary) = of_role(call, &name)?;
    identity.extend(given(input, "PolicyInputList")?);
    let boundary = given(input, "PermissionsBoundaryPolicyInputList")?
        .into_iter()
        .next()
        .or(own_boundary);
    let caller = text(input, "CallerArn");
    simulate(
        call,
        input,
        identity,
        boundary,
        if caller.is_empty() { arn } else { caller },
        true,
    )
}

/// The context from a simulation's context entries.
fn context(input: &Input) -> Context {
    list(input, "ContextEntries").fold(Context::default(), |context, entry| {
        let values = entry["ContextKeyValues"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        context.with_all(entry["ContextKeyName"].as_str().unwrap_or_default(), values)
    })
}

/// Decides every action on every resource, in the order in which they are given.
fn simulate(
    call: &Call<'_>,
    input: &Input,
    identity: Vec<Source>,
    boundary: Option<Source>,
    caller: &str,
    by_organization: bool,
) -> Answer {
    let is_action = |action: &&str| {
        action.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty() && !name.is_empty() && !name.contains(':')
        })
    };
    if let Some(wrong) = texts(input, "ActionNames").find(|action| !is_action(action)) {
        return Err(invalid(format!("Invalid Action Name: {wrong}")));
    }
    let principal =
        Principal::parse(caller).map_err(|_| invalid(format!("Invalid Caller Arn: {caller}")))?;
    let resource_policy = input.get("ResourcePolicy").and_then(Value::as_str);
    let simulation = Simulation {
        identity,
        boundary,
        resource: resource_policy
            .map(|text| source("ResourcePolicy".to_owned(), text))
            .transpose()?,
        resource_owner: input
            .get("ResourceOwner")
            .and_then(Value::as_str)
            .map(|owner| owner.split(':').nth(4).unwrap_or(owner).to_owned()),
        scps: if by_organization {
            control_policies(call, call.account())
        } else {
            None
        },
        principal,
        context: context(input),
    };
    let named: Vec<&str> = texts(input, "ResourceArns").collect();
    let resources = if named.is_empty() { vec!["*"] } else { named };
    let asked = texts(input, "ActionNames").flat_map(|action| {
        resources
            .iter()
            .map(move |resource| SimulatedCall { action, resource })
    });
    page(
        input,
        "EvaluationResults",
        asked.map(|asked| simulation.told(asked)),
    )
}

fn custom_keys(_: &Call<'_>, input: &Input) -> Answer {
    Ok(json!({"ContextKeyNames": keys::of_all(&given(input, "PolicyInputList")?)}))
}

fn principal_keys(call: &Call<'_>, input: &Input) -> Answer {
    let name = role_name(call, text(input, "PolicySourceArn"))?;
    let (mut identity, _) = of_role(call, &name)?;
    identity.extend(given(input, "PolicyInputList")?);
    Ok(json!({"ContextKeyNames": keys::of_all(&identity)}))
}
