//! Resource-based policies of functions, versions and aliases.

use std::sync::PoisonError;

use lambdasweep_model::Arn;
use serde_json::{Map, Value, json};

use super::names::is_account;
use super::store::{Function, Policy};
use super::{
    OF_POLICY, Target, absent, conflict, invalid, lock, not_there, nothing, store, text, unique,
};
use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::services::iam::store::Store as Iam;

/// The maximum policy size of a function or layer version, in bytes. Source: "Lambda quotas".
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

/// A given principal as Lambda writes it into a statement.
///
/// # Errors
/// InvalidParameterValueException if it is neither everyone, a service, an account, nor a user,
/// role or session of one; or if it is a missing role of the caller's account. AWS also rejects
/// services, and users and roles of other accounts, that do not exist, which is not checked here.
fn principal(call: &Call<'_>, given: &str) -> Result<Value, AwsError> {
    // `events.amazonaws.com`, `lambda.amazonaws.com.cn`, and `alexa-appkit.amazon.com`.
    let is_service = |text: &str| {
        let name = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"]
            .iter()
            .find_map(|suffix| text.strip_suffix(suffix));
        let of_name =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        name.is_some_and(|name| !name.is_empty() && name.bytes().all(of_name))
    };
    let is_identity = |arn: &Arn| {
        let kinds: &[&str] = match arn.service.as_str() {
            "iam" => &["user/", "role/"],
            "sts" => &["assumed-role/", "federated-user/"],
            _ => &[],
        };
        let named = kinds.iter().any(|kind| {
            arn.resource
                .strip_prefix(kind)
                .is_some_and(|name| !name.is_empty())
        });
        let is_root = arn.service == "iam" && arn.resource == "root";
        let in_partition =
            arn.region.is_empty() && is_account(&arn.account) && arn.partition == call.partition();
        in_partition && (is_root || named && is_there(call, arn))
    };
    if given == "*" {
        Ok(json!("*"))
    } else if is_account(given) {
        Ok(json!({"AWS": format!("arn:{}:iam::{given}:root", call.partition())}))
    } else if is_service(given) {
        Ok(json!({"Service": given}))
    } else if given.parse::<Arn>().is_ok_and(|arn| is_identity(&arn)) {
        Ok(json!({"AWS": given}))
    } else {
        Err(invalid(
            "The provided principal was invalid. Please check the principal and try again.",
        ))
    }
}

/// Whether a role of the caller's own account exists; others are assumed to exist.
fn is_there(call: &Call<'_>, arn: &Arn) -> bool {
    if arn.role_name().is_none() || arn.account != call.account() {
        return true;
    }
    let iam = call.world.global::<Iam>(&arn.account);
    iam.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .role(arn)
        .is_some()
}

/// The statement that `AddPermission` creates from its input.
fn statement(call: &Call<'_>, input: &Input, resource: &str) -> Result<Value, AwsError> {
    let action = text(input, "Action").unwrap_or_default();
    if input.contains_key("FunctionUrlAuthType") && action != "lambda:InvokeFunctionUrl" {
        return Err(invalid(
            "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
        ));
    }
    let principal = principal(call, text(input, "Principal").unwrap_or_default())?;
    let mut conditions: Map<String, Value> = Map::new();
    let mut put = |operator: &str, key: &str, value: Value| {
        if let Some(keys) = conditions
            .entry(operator)
            .or_insert_with(|| json!({}))
            .as_object_mut()
        {
            keys.insert(key.to_owned(), value);
        }
    };
    for (member, operator, key) in [
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        (
            "EventSourceToken",
            "StringEquals",
            "lambda:EventSourceToken",
        ),
        (
            "FunctionUrlAuthType",
            "StringEquals",
            "lambda:FunctionUrlAuthType",
        ),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
    ] {
        if let Some(value) = text(input, member) {
            put(operator, key, json!(value));
        }
    }
    if let Some(via) = input.get("InvokedViaFunctionUrl").and_then(Value::as_bool) {
        put(
            "Bool",
            "lambda:InvokedViaFunctionUrl",
            json!(via.to_string()),
        );
    }
    let mut statement = json!({
        "Sid": text(input, "StatementId").unwrap_or_default(),
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
    });
    if !conditions.is_empty() {
        statement["Condition"] = Value::Object(conditions);
    }
    Ok(statement)
}

/// A policy without statements.
pub(super) fn empty() -> Value {
    json!({"Version": "2012-10-17", "Id": "default", "Statement": []})
}

/// The statements of a policy, to change them. A single statement becomes a list.
pub(super) fn statements(document: &mut Value) -> &mut Vec<Value> {
    if !document["Statement"].is_array() {
        let only = document["Statement"].take();
        document["Statement"] = if only.is_null() {
            json!([])
        } else {
            json!([only])
        };
    }
    match document["Statement"].as_array_mut() {
        Some(statements) => statements,
        None => unreachable!("it was made an array"),
    }
}

fn has_statement(document: &Value, sid: &str) -> bool {
    let all = &document["Statement"];
    all.as_array()
        .map_or(std::slice::from_ref(all), Vec::as_slice)
        .iter()
        .any(|statement| statement["Sid"] == sid)
}

/// Rejects a statement id that the policy already has.
pub(super) fn conflicting(document: &Value, sid: &str) -> Result<(), AwsError> {
    if has_statement(document, sid) {
        return Err(conflict(format!(
            "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement."
        )));
    }
    Ok(())
}

/// Rejects a policy that has become too long. Source of the text: what AWS answered in deployments
/// with more than fifty routes.
pub(super) fn check_size(document: &Value) -> Result<(), AwsError> {
    let size = document.to_string().len();
    if size > MOST_BYTES {
        let message =
            format!("The final policy size ({size}) is bigger than the limit ({MOST_BYTES}).");
        return Err(AwsError::new("PolicyLengthExceededException", message).member("Type", "User"));
    }
    Ok(())
}

/// A policy without one of its statements; `None` if that was the last.
pub(super) fn removed(document: &Value, sid: &str) -> Result<Option<Value>, AwsError> {
    if !has_statement(document, sid) {
        return Err(not_there(format!(
            "Statement {sid} is not found in resource policy."
        )));
    }
    let mut document = document.clone();
    statements(&mut document).retain(|statement| statement["Sid"] != sid);
    Ok(if statements(&mut document).is_empty() {
        None
    } else {
        Some(document)
    })
}

/// Checks the revision that a request requires: that of the policy, or, if there is no policy yet,
/// that of the function, version or alias.
///
/// Source: answers recorded from AWS in November 2025. Since then the policy has a revision of its
/// own, which is independent of the function's.
fn check_revision(
    call: &Call<'_>,
    input: &Input,
    function: &Function,
    qualifier: &str,
) -> Result<(), AwsError> {
    let of_policy = function
        .policies
        .get(qualifier)
        .map(|policy| policy.revision_id.clone());
    let current = of_policy.or_else(|| function.revision_of(qualifier, call.now));
    super::check_revision(input, current.as_deref(), OF_POLICY)
}

fn not_for_latest(target: &Target) -> Result<(), AwsError> {
    if target.qualifier.as_deref() == Some("$LATEST") {
        return Err(invalid(
            "We currently do not support adding policies for $LATEST.",
        ));
    }
    Ok(())
}

fn add(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    not_for_latest(&target)?;
    let qualifier = target.plain_qualifier();
    let store = store(call);
    let mut store = lock(&store);
    let function = target.existing(call, &store)?;
    check_revision(call, input, function, qualifier)?;
    let mut document = function
        .policies
        .get(qualifier)
        .map_or_else(empty, |policy| policy.document.clone());
    conflicting(&document, text(input, "StatementId").unwrap_or_default())?;
    let made = statement(call, input, &target.arn(call))?;
    statements(&mut document).push(made.clone());
    check_size(&document)?;
    let function = target.existing_mut(call, &mut store)?;
    function.policies.insert(
        qualifier.to_owned(),
        Policy {
            document,
            revision_id: unique(call),
        },
    );
    Ok(json!({"Statement": made.to_string()}))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    read(call, &Target::of(call, input)?)
}

fn get_document(call: &Call<'_>, input: &Input) -> Answer {
    read(call, &by_arn(call, input)?)
}

/// The function, version or alias that `ResourceArn` names.
fn by_arn(call: &Call<'_>, input: &Input) -> Result<Target, AwsError> {
    Target::read(call, text(input, "ResourceArn").unwrap_or_default(), None)
}

/// Returns a policy; a missing function is reported as a missing policy.
fn read(call: &Call<'_>, target: &Target) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let function = target.function(call, &store).map_err(|_| absent())?;
    let policy = function
        .policies
        .get(target.plain_qualifier())
        .ok_or_else(absent)?;
    Ok(json!({"Policy": policy.document.to_string(), "RevisionId": policy.revision_id}))
}

fn remove(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let qualifier = target.plain_qualifier();
    let store = store(call);
    let mut store = lock(&store);
    if !store.functions.contains_key(&target.name) {
        return Err(not_there(format!(
            "No policy found for: {}",
            target.arn(call)
        )));
    }
    let function = target.existing(call, &store)?;
    let policy = function.policies.get(qualifier).ok_or_else(no_policy)?;
    let document = removed(
        &policy.document,
        text(input, "StatementId").unwrap_or_default(),
    )?;
    check_revision(call, input, function, qualifier)?;
    let function = target.existing_mut(call, &mut store)?;
    match document {
        Some(document) => function.policies.insert(
            qualifier.to_owned(),
            Policy {
                document,
                revision_id: unique(call),
            },
        ),
        None => function.policies.remove(qualifier),
    };
    nothing()
}

/// Lambda's error if there is no policy.
pub(super) fn no_policy() -> AwsError {
    not_there("No policy is associated with the given resource.")
}

fn put_document(call: &Call<'_>, input: &Input) -> Answer {
    let target = by_arn(call, input)?;
    not_for_latest(&target)?;
    let given = text(input, "Policy").unwrap_or_default();
    if let Err(error) = lambdasweep_policy::Document::parse(given) {
        return Err(invalid(format!("The policy is malformed: {error}")));
    }
    let document: Value = serde_json::from_str(given)
        .map_err(|error| invalid(format!("The policy is malformed: {error}")))?;
    check_size(&document)?;
    let store = store(call);
    let mut store = lock(&store);
    check_revision(
        call,
        input,
        target.existing(call, &store)?,
        target.plain_qualifier(),
    )?;
    let policy = Policy {
        document,
        revision_id: unique(call),
    };
    let answer = json!({"Policy": policy.document.to_string(), "RevisionId": policy.revision_id});
    target
        .existing_mut(call, &mut store)?
        .policies
        .insert(target.plain_qualifier().to_owned(), policy);
    Ok(answer)
}

fn delete_document(call: &Call<'_>, input: &Input) -> Answer {
    let target = by_arn(call, input)?;
    let store = store(call);
    let mut store = lock(&store);
    let function = target.existing(call, &store)?;
    if !function.policies.contains_key(target.plain_qualifier()) {
        return Err(absent());
    }
    check_revision(call, input, function, target.plain_qualifier())?;
    target
        .existing_mut(call, &mut store)?
        .policies
        .remove(target.plain_qualifier());
    nothing()
}
