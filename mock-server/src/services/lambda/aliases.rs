//! Aliases.

use serde_json::{Value, json};

use super::{Target, arn, conflict, copy, lock, not_found, nothing, page, store, text, unique};
use crate::call::{Answer, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateAlias" => create,
        "DeleteAlias" => delete,
        "GetAlias" => get,
        "ListAliases" => list,
        "UpdateAlias" => update,
        _ => return None,
    })
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let name = text(input, "Name").unwrap_or_default().to_owned();
    let alias_arn = format!("{}:{name}", arn(call, "function", &target.name));
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    if function.aliases.contains_key(&name) {
        return Err(conflict(format!("Alias already exists: {alias_arn}")));
    }
    let version = text(input, "FunctionVersion").unwrap_or_default();
    if version != "$LATEST" && !super::has_qualifier(function, version) {
        return Err(not_found(&format!("{}:{version}", arn(call, "function", &target.name))));
    }
    let alias = json!({
        "AliasArn": alias_arn,
        "Name": name,
        "FunctionVersion": version,
        "Description": text(input, "Description").unwrap_or_default(),
        "RoutingConfig": input.get("RoutingConfig"),
        "RevisionId": unique(call),
    });
    function.aliases.insert(name, alias.clone());
    Ok(alias)
}

fn named(call: &Call<'_>, input: &Input, target: &Target) -> crate::call::AwsError {
    let name = text(input, "Name").unwrap_or_default();
    crate::call::AwsError::new(
        "ResourceNotFoundException",
        format!("Cannot find alias arn: {}:{name}", arn(call, "function", &target.name)),
    )
    .member("Type", "User")
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    text(input, "Name").and_then(|name| function.aliases.get(name)).cloned().ok_or_else(|| named(call, input, &target))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    if let Some(name) = text(input, "Name") {
        function.aliases.remove(name);
        function.policies.remove(name);
        function.urls.remove(name);
        function.event_invoke_configs.remove(name);
    }
    nothing()
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let of_version = text(input, "FunctionVersion");
    let wanted = function.aliases.iter().filter(|(_, alias)| of_version.is_none_or(|version| alias["FunctionVersion"] == version));
    let (aliases, next) = page(input, 50, wanted.map(|(name, alias)| (name.clone(), alias.clone())));
    Ok(json!({"Aliases": aliases, "NextMarker": next}))
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    let alias = text(input, "Name")
        .and_then(|name| function.aliases.get_mut(name))
        .and_then(Value::as_object_mut)
        .ok_or_else(|| named(call, input, &target))?;
    copy(alias, input, &["FunctionVersion", "Description", "RoutingConfig"]);
    alias.insert("RevisionId".to_owned(), json!(unique(call)));
    Ok(Value::Object(alias.clone()))
}
