//! Function URLs.

use serde_json::{Map, Value, json};

use super::{Target, absent, conflict, copy, invalid, lock, not_there, nothing, page, store, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateFunctionUrlConfig" => create,
        "DeleteFunctionUrlConfig" => delete,
        "GetFunctionUrlConfig" => get,
        "ListFunctionUrlConfigs" => list,
        "UpdateFunctionUrlConfig" => update,
        _ => return None,
    })
}

/// AWS's error for a missing function or alias, for calls that change or list URLs.
fn no_function() -> AwsError {
    not_there("Function does not exist")
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let qualifier = target.plain_qualifier().to_owned();
    let now = crate::wire::iso8601(call.now);
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function(call, &store).map_err(|_| no_function())?;
    // Versions have no URLs: a qualifier that is not an alias does not exist.
    if !qualifier.is_empty() && !function.aliases.contains_key(&qualifier) {
        return Err(no_function());
    }
    if function.is_per_tenant() {
        // Source: "Using tenant isolation", Lambda Developer Guide; AWS's text is not known.
        return Err(invalid(
            "Function URLs are not supported for functions with tenant isolation.",
        ));
    }
    if function.urls.contains_key(&qualifier) {
        return Err(conflict(format!(
            "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig exists for this Lambda function",
            target.arn(call)
        )));
    }
    let id: String = call
        .request_id
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(char::from)
        .collect();
    let url = json!({
        "FunctionUrl": format!("https://{id}.lambda-url.{}.on.aws/", call.region),
        "FunctionArn": target.arn(call),
        "AuthType": text(input, "AuthType").unwrap_or("AWS_IAM"),
        "Cors": input.get("Cors"),
        "CreationTime": now,
        "LastModifiedTime": now,
        "InvokeMode": text(input, "InvokeMode").unwrap_or("BUFFERED"),
    });
    target
        .function_mut(call, &mut store)?
        .urls
        .insert(qualifier, url.clone());
    // The mode is returned if it was requested, and the time of the last change only after the
    // first change.
    let mut answer = only_asked(url, input);
    answer.remove("LastModifiedTime");
    Ok(Value::Object(answer))
}

/// The response to a change: with the mode only if the request has it, as answers recorded from AWS
/// show.
fn only_asked(url: Value, input: &Input) -> Map<String, Value> {
    let mut answer = url.as_object().cloned().unwrap_or_default();
    if !input.contains_key("InvokeMode") {
        answer.remove("InvokeMode");
    }
    answer
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store).map_err(|_| absent())?;
    function
        .urls
        .get(target.plain_qualifier())
        .cloned()
        .ok_or_else(absent)
}

/// Deletes the URL; policy statements that allow callers to use it stay, as at AWS.
fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function(call, &store).map_err(|_| absent())?;
    if !function.urls.contains_key(target.plain_qualifier()) {
        return Err(absent());
    }
    target
        .function_mut(call, &mut store)?
        .urls
        .remove(target.plain_qualifier());
    nothing()
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store).map_err(|_| no_function())?;
    let (urls, next) = page(
        input,
        50,
        function
            .urls
            .iter()
            .map(|(qualifier, url)| (format!(".{qualifier}"), url.clone())),
    );
    Ok(json!({"FunctionUrlConfigs": urls, "NextMarker": next}))
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function(call, &store).map_err(|_| no_function())?;
    let mut url = function
        .urls
        .get(target.plain_qualifier())
        .and_then(Value::as_object)
        .cloned()
        .ok_or_else(absent)?;
    copy(&mut url, input, &["AuthType", "Cors", "InvokeMode"]);
    url.insert(
        "LastModifiedTime".to_owned(),
        json!(crate::wire::iso8601(call.now)),
    );
    let url = Value::Object(url);
    target
        .function_mut(call, &mut store)?
        .urls
        .insert(target.plain_qualifier().to_owned(), url.clone());
    Ok(Value::Object(only_asked(url, input)))
}
