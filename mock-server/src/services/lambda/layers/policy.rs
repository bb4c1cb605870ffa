//! Policies of layer versions: who else may use them.

use serde_json::{Value, json};

use super::super::names::is_account;
use super::super::policy::{check_size, conflicting, empty, no_policy, removed, statements};
use super::super::store::{Layer, Policy, Store};
use super::super::{
    OF_LAYER_POLICY, check_revision, invalid, lock, not_there, nothing, store, text, unique,
};
use super::{Named, number};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "AddLayerVersionPermission" => add,
        "GetLayerVersionPolicy" => get,
        "RemoveLayerVersionPermission" => remove,
        _ => return None,
    })
}

fn missing(call: &Call<'_>, named: Named<'_>, number: u64) -> AwsError {
    not_there(format!(
        "Layer version {}:{number} does not exist.",
        named.arn(call)
    ))
}

/// The version that is to be changed, after checking the request's `RevisionId`.
fn version<'a>(
    call: &Call<'_>,
    input: &Input,
    named: Named<'_>,
    number: u64,
    store: &'a mut Store,
) -> Result<&'a mut Layer, AwsError> {
    let layer = store
        .layers
        .get_mut(named.name)
        .and_then(|versions| versions.get_mut(&number))
        .ok_or_else(|| missing(call, named, number))?;
    check_revision(
        input,
        layer
            .policy
            .as_ref()
            .map(|policy| policy.revision_id.as_str()),
        OF_LAYER_POLICY,
    )?;
    Ok(layer)
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let number = number(input)?;
    let named = Named::own(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let layer = store
        .layers
        .get(named.name)
        .and_then(|versions| versions.get(&number))
        .ok_or_else(|| missing(call, named, number))?;
    let policy = layer.policy.as_ref().ok_or_else(no_policy)?;
    Ok(json!({"Policy": policy.document.to_string(), "RevisionId": policy.revision_id}))
}

/// The policy statement for a permission.
fn statement(call: &Call<'_>, input: &Input, resource: &str) -> Result<Value, AwsError> {
    let principal = text(input, "Principal").unwrap_or_default();
    let organization = text(input, "OrganizationId");
    if organization.is_some() && principal != "*" {
        // AWS's text is not known; the rule is the API reference's: "With the principal set to *".
        return Err(invalid(
            "OrganizationId can only be specified when the principal is *.",
        ));
    }
    let mut made = json!({
        "Sid": text(input, "StatementId").unwrap_or_default(),
        "Effect": "Allow",
        "Principal": match principal {
            "*" => json!("*"),
            account if is_account(account) => json!({"AWS": format!("arn:{}:iam::{account}:root", call.partition())}),
            arn => json!({"AWS": arn}),
        },
        "Action": text(input, "Action").unwrap_or_default(),
        "Resource": resource,
    });
    if let Some(organization) = organization {
        made["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": organization}});
    }
    Ok(made)
}

fn add(call: &Call<'_>, input: &Input) -> Answer {
    let number = number(input)?;
    let named = Named::own(call, input)?;
    let made = statement(call, input, &format!("{}:{number}", named.arn(call)))?;
    let store = store(call);
    let mut store = lock(&store);
    let layer = version(call, input, named, number, &mut store)?;
    let mut document = layer
        .policy
        .as_ref()
        .map_or_else(empty, |policy| policy.document.clone());
    conflicting(&document, text(input, "StatementId").unwrap_or_default())?;
    statements(&mut document).push(made.clone());
    check_size(&document)?;
    let revision_id = unique(call);
    layer.policy = Some(Policy {
        document,
        revision_id: revision_id.clone(),
    });
    store.modified = true;
    Ok(json!({"Statement": made.to_string(), "RevisionId": revision_id}))
}

fn remove(call: &Call<'_>, input: &Input) -> Answer {
    let number = number(input)?;
    let named = Named::own(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let layer = version(call, input, named, number, &mut store)?;
    let policy = layer.policy.as_ref().ok_or_else(no_policy)?;
    let document = removed(
        &policy.document,
        text(input, "StatementId").unwrap_or_default(),
    )?;
    layer.policy = document.map(|document| Policy {
        document,
        revision_id: unique(call),
    });
    store.modified = true;
    nothing()
}
