//! The resources of Lambda's calls and their condition keys, for policies.

use std::sync::PoisonError;

use lambdasweep_model::Arn;
use lambdasweep_policy::Context;
use serde_json::Value;

use super::store::{Function, Store};
use super::{VPC_ID, Written, text};
use crate::call::{Call, Input};
use crate::permission::{Existing, Named, Target};
use crate::world::World;

fn arn(call: &Call<'_>, region: &str, account: &str, kind: &str, name: &str) -> String {
    format!(
        "arn:{}:lambda:{region}:{account}:{kind}:{name}",
        call.partition()
    )
}

fn own(call: &Call<'_>, kind: &str, name: &str) -> String {
    arn(call, call.region, call.account(), kind, name)
}

/// The ARN of the function that `FunctionName` names, with its qualifier.
fn function_arn(call: &Call<'_>, input: &Input) -> String {
    let written = Written::read(text(input, "FunctionName").unwrap_or_default());
    let arn = arn(
        call,
        written.region.unwrap_or(call.region),
        written.account.unwrap_or(call.account()),
        "function",
        written.name,
    );
    match written.qualifier.or_else(|| text(input, "Qualifier")) {
        Some(qualifier) => format!("{arn}:{qualifier}"),
        None => arn,
    }
}

fn layer_arn(call: &Call<'_>, input: &Input) -> String {
    let given = text(input, "LayerName").unwrap_or_default();
    if given.starts_with("arn:") {
        given.to_owned()
    } else {
        own(call, "layer", given)
    }
}

pub(super) fn named_function(call: &Call<'_>, input: &Input) -> Named {
    Named::at(function_arn(call, input))
}

pub(super) fn named_layer(call: &Call<'_>, input: &Input) -> Named {
    Named::at(layer_arn(call, input))
}

pub(super) fn named_layer_version(call: &Call<'_>, input: &Input) -> Named {
    let version = input
        .get("VersionNumber")
        .map(ToString::to_string)
        .unwrap_or_default();
    Named::at(format!("{}:{version}", layer_arn(call, input)))
}

pub(super) fn named_mapping(call: &Call<'_>, input: &Input) -> Named {
    let id = text(input, "UUID").unwrap_or_default();
    Named::at(own(call, "event-source-mapping", id))
}

/// The tags and the resource-based policy of a function, version, alias, layer version or any other
/// resource that has tags.
pub(super) fn existing(world: &World, arn: &Arn) -> Option<Existing> {
    let store = world.regional::<Store>(&arn.account, &arn.region);
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = arn.function_name() {
        let function = store.functions.get(name)?;
        let qualifier = arn
            .qualifier()
            .filter(|qualifier| *qualifier != "$LATEST")
            .unwrap_or_default();
        let policy = function.policies.get(qualifier);
        return Some(Existing {
            tags: function.tags.clone(),
            policy: policy.map(|policy| policy.document.to_string()),
        });
    }
    if let Some((name, version)) = arn
        .resource
        .strip_prefix("layer:")
        .and_then(|rest| rest.split_once(':'))
    {
        let layer = store.layers.get(name)?.get(&version.parse().ok()?)?;
        let policy = layer.policy.as_ref();
        return Some(Existing {
            policy: policy.map(|policy| policy.document.to_string()),
            ..Existing::default()
        });
    }
    Some(Existing {
        tags: store.tags.get(&arn.to_string())?.clone(),
        policy: None,
    })
}

/// The ARN of the function that a call is about: the one that it names, else that of the mapping.
fn of_call(call: &Call<'_>, input: &Input) -> Option<String> {
    if input.contains_key("FunctionName") {
        return Some(function_arn(call, input));
    }
    let store = call.world.regional::<Store>(call.account(), call.region);
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    store
        .event_source_mappings
        .get(text(input, "UUID")?)?
        .at(call.now)?
        .get("FunctionArn")?
        .as_str()
        .map(str::to_owned)
}

fn with_function(context: Context, key: &str, call: &Call<'_>, input: &Input) -> Context {
    match of_call(call, input) {
        Some(arn) => context.with(key, arn),
        None => context,
    }
}

pub(super) fn function(context: Context, call: &Call<'_>, input: &Input, _: &Target) -> Context {
    with_function(context, "lambda:FunctionArn", call, input)
}

pub(super) fn associated_function(
    context: Context,
    call: &Call<'_>,
    input: &Input,
    _: &Target,
) -> Context {
    with_function(context, "iam:AssociatedResourceArn", call, input)
}

pub(super) fn url_auth_type(
    context: Context,
    call: &Call<'_>,
    input: &Input,
    _: &Target,
) -> Context {
    let given = text(input, "AuthType").map(str::to_owned);
    match given.or_else(|| auth_type_of_url(call, input)) {
        Some(kind) => context.with("lambda:FunctionUrlAuthType", kind),
        None => context,
    }
}

/// The `AuthType` of the URL of a function or alias.
fn auth_type_of_url(call: &Call<'_>, input: &Input) -> Option<String> {
    let written = Written::read(text(input, "FunctionName")?);
    let store = call.world.regional::<Store>(
        written.account.unwrap_or(call.account()),
        written.region.unwrap_or(call.region),
    );
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    let function: &Function = store.functions.get(written.name)?;
    let qualifier = written.qualifier.or_else(|| text(input, "Qualifier"));
    let url = function.urls.get(qualifier.unwrap_or_default())?;
    url.get("AuthType")?.as_str().map(str::to_owned)
}

pub(super) fn vpc(context: Context, _: &Call<'_>, input: &Input, _: &Target) -> Context {
    let Some(given) = input.get("VpcConfig") else {
        return context;
    };
    let list = |name: &str| -> Vec<String> {
        let values = given.get(name).and_then(Value::as_array);
        let texts = values.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let (subnets, groups) = (list("SubnetIds"), list("SecurityGroupIds"));
    if subnets.is_empty() {
        return context;
    }
    context
        .with_all("lambda:SubnetIds", subnets)
        .with_all("lambda:SecurityGroupIds", groups)
        .with("lambda:VpcIds", VPC_ID)
}

/// The principal of the statement that a call removes.
pub(super) fn statement(
    mut context: Context,
    _: &Call<'_>,
    input: &Input,
    target: &Target,
) -> Context {
    let sid = text(input, "StatementId").unwrap_or_default();
    let Some(statement) = target.policy.as_deref().and_then(|policy| {
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
