//! Resource policies of functions, versions and aliases.

use serde_json::{Map, Value, json};

use super::store::Policy;
use super::{Target, absent, conflict, invalid, lock, nothing, store, text, unique};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// The largest policy that a function takes. Source: "Lambda quotas".
const MOST_BYTES: usize = 20 * 1024;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "AddPermission" => add,
        "GetPolicy" => get,
        "RemovePermission" => remove,
        "DeleteResourcePolicy" => delete_document,
        "GetResourcePolicy" => get_document,
        "PutResourcePolicy" => put_document,
        _ => return None,
    })
}

/// The statement that `AddPermission` makes of its input.
pub(super) fn statement(call: &Call<'_>, input: &Input, resource: &str) -> Value {
    let principal = text(input, "Principal").unwrap_or_default();
    let principal = match principal {
        "*" => json!("*"),
        service if service.contains(".amazonaws.com") => json!({"Service": service}),
        account if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => {
            json!({"AWS": format!("arn:{}:iam::{account}:root", call.partition())})
        }
        arn => json!({"AWS": arn}),
    };
    let mut conditions: Map<String, Value> = Map::new();
    let mut put = |operator: &str, key: &str, value: Value| {
        if let Some(keys) = conditions.entry(operator).or_insert_with(|| json!({})).as_object_mut() {
            keys.insert(key.to_owned(), value);
        }
    };
    for (member, operator, key) in [
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
    ] {
        if let Some(value) = text(input, member) {
            put(operator, key, json!(value));
        }
    }
    if let Some(via) = input.get("InvokedViaFunctionUrl").and_then(Value::as_bool) {
        put("Bool", "lambda:InvokedViaFunctionUrl", json!(via.to_string()));
    }
    let mut statement = json!({
        "Sid": text(input, "StatementId").unwrap_or_default(),
        "Effect": "Allow",
        "Principal": principal,
        "Action": text(input, "Action").unwrap_or_default(),
        "Resource": resource,
    });
    if !conditions.is_empty() {
        statement["Condition"] = Value::Object(conditions);
    }
    statement
}

fn empty() -> Value {
    json!({"Version": "2012-10-17", "Id": "default", "Statement": []})
}

fn statements(document: &mut Value) -> &mut Vec<Value> {
    if !document["Statement"].is_array() {
        let only = document["Statement"].take();
        document["Statement"] = if only.is_null() { json!([]) } else { json!([only]) };
    }
    match document["Statement"].as_array_mut() {
        Some(statements) => statements,
        None => unreachable!("it was made an array"),
    }
}

fn add(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    if target.qualifier.as_deref() == Some("$LATEST") {
        return Err(invalid("We currently do not support adding policies for $LATEST."));
    }
    let made = statement(call, input, &target.arn(call));
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    let policy = function
        .policies
        .entry(target.plain_qualifier().to_owned())
        .or_insert_with(|| Policy { document: empty(), revision_id: String::new() });
    let sid = text(input, "StatementId").unwrap_or_default();
    if statements(&mut policy.document).iter().any(|statement| statement["Sid"] == sid) {
        return Err(conflict(format!(
            "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement."
        )));
    }
    if policy.document.to_string().len() + made.to_string().len() > MOST_BYTES {
        return Err(AwsError::new("PolicyLengthExceededException", "The final policy size is bigger than the limit (20480)."));
    }
    statements(&mut policy.document).push(made.clone());
    policy.revision_id = unique(call);
    Ok(json!({"Statement": made.to_string()}))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store)?;
    let policy = function.policies.get(target.plain_qualifier()).ok_or_else(absent)?;
    Ok(json!({"Policy": policy.document.to_string(), "RevisionId": policy.revision_id}))
}

fn remove(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    let sid = text(input, "StatementId").unwrap_or_default();
    let missing =
        || AwsError::new("ResourceNotFoundException", format!("Statement {sid} is not found in resource policy.")).member("Type", "User");
    let policy = function.policies.get_mut(target.plain_qualifier()).ok_or_else(absent)?;
    let before = statements(&mut policy.document).len();
    statements(&mut policy.document).retain(|statement| statement["Sid"] != sid);
    if statements(&mut policy.document).len() == before {
        return Err(missing());
    }
    policy.revision_id = unique(call);
    if statements(&mut policy.document).is_empty() {
        function.policies.remove(target.plain_qualifier());
    }
    nothing()
}

/// The function and the qualifier of a `ResourceArn`.
fn by_arn(call: &Call<'_>, input: &Input) -> Result<Target, AwsError> {
    let mut named = Input::new();
    named.insert("FunctionName".to_owned(), input.get("ResourceArn").cloned().unwrap_or_default());
    Target::of(call, &named)
}

fn get_document(call: &Call<'_>, input: &Input) -> Answer {
    let target = by_arn(call, input)?;
    let store = store(call);
    let store = lock(&store);
    let policy = target.function(call, &store)?.policies.get(target.plain_qualifier()).ok_or_else(absent)?;
    Ok(json!({"Policy": policy.document.to_string(), "RevisionId": policy.revision_id}))
}

fn put_document(call: &Call<'_>, input: &Input) -> Answer {
    let target = by_arn(call, input)?;
    let given = text(input, "Policy").unwrap_or_default();
    if given.len() > MOST_BYTES {
        return Err(AwsError::new("PolicyLengthExceededException", "The final policy size is bigger than the limit (20480)."));
    }
    if let Err(error) = lambdasweep_policy::Document::parse(given) {
        return Err(invalid(format!("The policy is malformed: {error}")));
    }
    let document: Value = serde_json::from_str(given).map_err(|error| invalid(format!("The policy is malformed: {error}")))?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.function_mut(call, &mut store)?;
    let policy = Policy { document, revision_id: unique(call) };
    let answer = json!({"Policy": policy.document.to_string(), "RevisionId": policy.revision_id});
    function.policies.insert(target.plain_qualifier().to_owned(), policy);
    Ok(answer)
}

fn delete_document(call: &Call<'_>, input: &Input) -> Answer {
    let target = by_arn(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    target.function_mut(call, &mut store)?.policies.remove(target.plain_qualifier()).ok_or_else(absent)?;
    nothing()
}
