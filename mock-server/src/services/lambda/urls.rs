//! Function URLs.

use serde_json::{Value, json};

use super::{Target, absent, conflict, copy, invalid, lock, nothing, page, store, text};
use crate::call::{Answer, Call, Handler, Input};

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

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let qualifier = target.plain_qualifier().to_owned();
    let now = crate::wire::iso8601(call.now);
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    if !qualifier.is_empty() && !function.aliases.contains_key(&qualifier) {
        return Err(invalid("A function URL belongs to a function or to an alias, not to a version."));
    }
    if function.urls.contains_key(&qualifier) {
        return Err(conflict(format!(
            "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig exists for this Lambda function",
            target.arn(call)
        )));
    }
    let id: String = call.request_id.bytes().filter(u8::is_ascii_alphanumeric).map(char::from).collect();
    let mut url = json!({
        "FunctionUrl": format!("https://{id}.lambda-url.{}.on.aws/", call.region),
        "FunctionArn": target.arn(call),
        "AuthType": text(input, "AuthType").unwrap_or("AWS_IAM"),
        "Cors": input.get("Cors"),
        "CreationTime": now,
        "LastModifiedTime": now,
        "InvokeMode": text(input, "InvokeMode").unwrap_or("BUFFERED"),
    });
    function.urls.insert(qualifier, url.clone());
    // The answer to this call does not have it.
    url["LastModifiedTime"] = Value::Null;
    Ok(url)
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    target.function(call, &store)?.urls.get(target.plain_qualifier()).cloned().ok_or_else(absent)
}

/// Deletes the URL; the statements that let callers in stay, as they do at AWS.
fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    target.function_mut(call, &mut store)?.urls.remove(target.plain_qualifier()).ok_or_else(absent)?;
    nothing()
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let (urls, next) = page(input, 50, function.urls.iter().map(|(qualifier, url)| (format!(".{qualifier}"), url.clone())));
    Ok(json!({"FunctionUrlConfigs": urls, "NextMarker": next}))
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    let url = function.urls.get_mut(target.plain_qualifier()).and_then(Value::as_object_mut).ok_or_else(absent)?;
    copy(url, input, &["AuthType", "Cors", "InvokeMode"]);
    url.insert("LastModifiedTime".to_owned(), json!(crate::wire::iso8601(call.now)));
    Ok(Value::Object(url.clone()))
}
