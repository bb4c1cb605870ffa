//! Aliases. Source of codes and texts: recorded from AWS.

use serde_json::{Map, Value, json};

use super::store::Function;
use super::{
    OF_FUNCTION, Target, check_revision, conflict, copy, invalid, lock, not_found, not_there,
    nothing, page, store, text, unique,
};
use crate::call::{Answer, AwsError, Call, Handler, Input};

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

/// The additional versions that an alias routes to, with their weights.
fn weights(alias: &Map<String, Value>) -> Option<&Map<String, Value>> {
    alias
        .get("RoutingConfig")?
        .get("AdditionalVersionWeights")?
        .as_object()
        .filter(|weights| !weights.is_empty())
}

/// Whether an alias is valid: it must name existing versions, at most two different ones.
fn check(
    call: &Call<'_>,
    target: &Target,
    function: &Function,
    alias: &Map<String, Value>,
) -> Result<(), AwsError> {
    let version = text(alias, "FunctionVersion").unwrap_or_default();
    let exists = |version: &str| match function.version(version) {
        Some(_) => Ok(()),
        None => Err(not_found(&format!(
            "{}:{version}",
            target.unqualified_arn(call)
        ))),
    };
    let Some(weights) = weights(alias) else {
        return if version == "$LATEST" {
            Ok(())
        } else {
            exists(version)
        };
    };
    if weights.len() > 1 {
        return Err(invalid(
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        ));
    }
    if version == "$LATEST" {
        // AWS's error has no `Type`.
        return Err(AwsError::new(
            "InvalidParameterValueException",
            "$LATEST is not supported for an alias pointing to more than 1 version",
        ));
    }
    if weights.contains_key(version) {
        return Err(invalid(format!(
            "Invalid function version {version}. Function version {version} is already included in routing configuration."
        )));
    }
    exists(version)?;
    weights.keys().try_for_each(|version| exists(version))
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::whole(call, input)?;
    let name = text(input, "Name").unwrap_or_default().to_owned();
    let alias_arn = format!("{}:{name}", target.unqualified_arn(call));
    let mut alias = Map::new();
    copy(
        &mut alias,
        input,
        &["Name", "FunctionVersion", "RoutingConfig"],
    );
    if weights(&alias).is_none() {
        alias.shift_remove("RoutingConfig");
    }
    alias.insert("AliasArn".to_owned(), json!(alias_arn));
    alias.insert(
        "Description".to_owned(),
        json!(text(input, "Description").unwrap_or_default()),
    );
    alias.insert("RevisionId".to_owned(), json!(unique(call)));
    let store = store(call);
    let mut store = lock(&store);
    // The error for a missing function includes the version.
    let version = text(input, "FunctionVersion").unwrap_or_default();
    let missing = |_| not_found(&format!("{}:{version}", target.unqualified_arn(call)));
    let function = target.function_mut(call, &mut store).map_err(missing)?;
    check(call, &target, function, &alias)?;
    if function.aliases.contains_key(&name) {
        return Err(conflict(format!("Alias already exists: {alias_arn}")));
    }
    function.aliases.insert(name, Value::Object(alias.clone()));
    Ok(Value::Object(alias))
}

fn absent(call: &Call<'_>, input: &Input, target: &Target, words: &str) -> AwsError {
    let name = text(input, "Name").unwrap_or_default();
    not_there(format!("{words}: {}:{name}", target.unqualified_arn(call)))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::whole(call, input)?;
    let store = store(call);
    let store = lock(&store);
    // A missing function is reported as a missing alias.
    let alias = store
        .functions
        .get(&target.name)
        .and_then(|function| function.aliases.get(text(input, "Name")?));
    alias
        .cloned()
        .ok_or_else(|| absent(call, input, &target, "Cannot find alias arn"))
}

/// Deletes an alias and what belongs to it; deleting a missing alias succeeds.
fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::whole(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    if let Some(name) = text(input, "Name") {
        function.aliases.remove(name);
        function.forget(name);
    }
    nothing()
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::whole(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let of_version = text(input, "FunctionVersion");
    let wanted = function.aliases.iter().filter(|(name, _)| {
        of_version.is_none_or(|version| function.versions_behind(name).contains(&version))
    });
    let (aliases, next) = page(
        input,
        50,
        wanted.map(|(name, alias)| (name.clone(), alias.clone())),
    );
    Ok(json!({"Aliases": aliases, "NextMarker": next}))
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::whole(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let name = text(input, "Name").unwrap_or_default();
    let function = target.function_mut(call, &mut store)?;
    let Some(before) = function.aliases.get(name).and_then(Value::as_object) else {
        return Err(absent(call, input, &target, "Alias not found"));
    };
    check_revision(input, text(before, "RevisionId"), OF_FUNCTION)?;
    let mut alias = before.clone();
    copy(
        &mut alias,
        input,
        &["FunctionVersion", "Description", "RoutingConfig"],
    );
    if weights(&alias).is_none() {
        alias.shift_remove("RoutingConfig");
    }
    check(call, &target, function, &alias)?;
    alias.insert("RevisionId".to_owned(), json!(unique(call)));
    function
        .aliases
        .insert(name.to_owned(), Value::Object(alias.clone()));
    Ok(Value::Object(alias))
}
