//! Checks a response against the output's shape: members that a handler omits, misspells or returns
//! with another type are defects of the mock.

use serde_json::Value;

use crate::model::{Operation, Service, Shape, Type};
use crate::wire::scalar::is_special_float;

/// Values that AWS returns although they are not in its model, by shape. Sources: the examples of
/// "GetRole" in the IAM API reference; responses to UpdateFunctionConfiguration and
/// SimulatePrincipalPolicy recorded from AWS.
const BEYOND_THE_MODEL: &[(&str, &str)] = &[
    ("PermissionsBoundaryAttachmentType", "Policy"),
    ("LastUpdateStatusReasonCode", "Creating"),
    ("PolicySourceType", "IAM Policy"),
];

/// Outputs that AWS leaves empty although they have required members: functions without code
/// signing. Source: responses recorded from AWS.
const MAY_BE_EMPTY: &[&str] = &["GetFunctionCodeSigningConfigResponse"];

/// Checks a handler's result.
///
/// # Errors
/// The first mismatch, as a sentence that names the member.
pub(crate) fn check_answer(
    service: &Service,
    operation: &Operation,
    answer: &Value,
) -> Result<(), String> {
    match &operation.output {
        Some(output) if is_empty(answer) && MAY_BE_EMPTY.contains(&output.shape.as_str()) => Ok(()),
        Some(output) => value(service, &output.shape, answer, &mut Vec::new()),
        None if is_empty(answer) => Ok(()),
        None => Err("the operation has no output, and the answer is not empty".to_owned()),
    }
}

fn is_empty(answer: &Value) -> bool {
    answer.is_null() || answer.as_object().is_some_and(serde_json::Map::is_empty)
}

fn value<'a>(
    service: &'a Service,
    name: &str,
    given: &'a Value,
    path: &mut Vec<&'a str>,
) -> Result<(), String> {
    let shape = service.shape(name);
    match (shape.kind, given) {
        _ if shape.document => Ok(()),
        (Type::Structure, Value::Object(members)) => structure(service, shape, members, path),
        (Type::List, Value::Array(items)) => {
            let Some(item) = &shape.member else {
                return Ok(());
            };
            path.push("[]");
            let mut present = items.iter().filter(|it| !(shape.sparse && it.is_null()));
            present.try_for_each(|it| value(service, &item.shape, it, path))?;
            path.pop();
            Ok(())
        }
        (Type::Map, Value::Object(entries)) => {
            let Some(member) = &shape.value else {
                return Ok(());
            };
            for (key, entry) in entries
                .iter()
                .filter(|(_, it)| !(shape.sparse && it.is_null()))
            {
                path.push(key);
                value(service, &member.shape, entry, path)?;
                path.pop();
            }
            Ok(())
        }
        (Type::String | Type::Character, Value::String(text))
            if !shape.allowed.is_empty()
                && !shape.allowed.contains(text)
                && !BEYOND_THE_MODEL.contains(&(name, text)) =>
        {
            Err(format!(
                "{} is not one of the values of {name}",
                path.join(".")
            ))
        }
        (Type::String | Type::Character | Type::Blob, Value::String(_))
        | (Type::Float | Type::Double | Type::Timestamp, Value::Number(_))
        | (Type::Boolean, Value::Bool(_)) => Ok(()),
        (Type::Integer | Type::Long, Value::Number(number)) if !number.is_f64() => Ok(()),
        (Type::Float | Type::Double, Value::String(text)) if is_special_float(text) => Ok(()),
        (kind, _) => Err(format!("{} is not of type {kind:?}", path.join("."))),
    }
}

fn structure<'a>(
    service: &'a Service,
    shape: &'a Shape,
    members: &'a serde_json::Map<String, Value>,
    path: &mut Vec<&'a str>,
) -> Result<(), String> {
    for required in &shape.required {
        if members.get(required).is_none_or(Value::is_null) {
            path.push(required);
            return Err(format!("{} is required and missing", path.join(".")));
        }
    }
    for (name, given) in members.iter().filter(|(_, given)| !given.is_null()) {
        path.push(name);
        let Some((_, member)) = shape.members.iter().find(|(known, _)| known == name) else {
            return Err(format!("{} is not in the output's shape", path.join(".")));
        };
        value(service, &member.shape, given, path)?;
        path.pop();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check_answer;
    use crate::service::models;

    fn problem(service: &str, operation: &str, answer: &Value) -> Option<String> {
        let (_, service) = models()
            .find(|(name, _)| *name == service)
            .expect("a service");
        check_answer(service, &service.operations[operation], answer).err()
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let role = |more: Value| {
            let mut role = json!({"Path": "/", "RoleName": "r", "RoleId": "AROA", "Arn": "arn", "CreateDate": 1, "Tags": [{"Key": "a", "Value": "b"}]});
            role.as_object_mut()
                .expect("an object")
                .extend(more.as_object().expect("an object").clone());
            json!({"Role": role})
        };
        assert_eq!(
            problem("iam", "GetRole", &role(json!({"Description": null}))),
            None
        );
        for (answer, words) in [
            (json!({}), "Role is required and missing"),
            (json!(null), " is not of type Structure"),
            (
                role(json!({"RoleName": null})),
                "Role.RoleName is required and missing",
            ),
            (
                role(json!({"Rolename": "r"})),
                "Role.Rolename is not in the output's shape",
            ),
            (
                role(json!({"CreateDate": "2026-11-24"})),
                "Role.CreateDate is not of type Timestamp",
            ),
            (
                role(json!({"MaxSessionDuration": 3600.5})),
                "Role.MaxSessionDuration is not of type Integer",
            ),
            (role(json!({"Tags": {}})), "Role.Tags is not of type List"),
            (
                role(json!({"Tags": [{"Key": "a"}]})),
                "Role.Tags.[].Value is required and missing",
            ),
            (
                role(json!({"Tags": [null]})),
                "Role.Tags.[] is not of type Structure",
            ),
        ] {
            assert_eq!(
                problem("iam", "GetRole", &answer).as_deref(),
                Some(words),
                "{answer}"
            );
        }
        assert_eq!(problem("iam", "DeleteRole", &json!({})), None);
        assert!(problem("iam", "DeleteRole", &json!({"RoleName": "r"})).is_some());
        let recursion = problem(
            "lambda",
            "GetFunctionRecursionConfig",
            &json!({"RecursiveLoop": "Sometimes"}),
        );
        assert_eq!(
            recursion.as_deref(),
            Some("RecursiveLoop is not one of the values of RecursiveLoop")
        );
    }
}
