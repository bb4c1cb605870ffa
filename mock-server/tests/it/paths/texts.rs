//! Documents that an attacker writes, parts of names, and responses that grant a request.

use serde_json::{Value, json};

use super::attacker::{Question, Session};
use super::{OUTSIDE, REGION};
use crate::client::{Answer, policy};

pub(crate) const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

pub(super) fn everything() -> String {
    policy(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]))
}

pub(super) fn role_name(arn: &str) -> &str {
    super::accounts::name(arn)
}

/// All resources of a document.
pub(super) fn resources_of(document: &Value) -> Value {
    let statements = document["Statement"].as_array().into_iter().flatten();
    Value::Array(
        statements
            .filter_map(|it| it.get("Resource"))
            .cloned()
            .collect(),
    )
}

pub(super) fn last(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}

pub(super) fn region(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or(REGION)
}

/// A trust policy that trusts the attacking role, an account outside, and Lambda.
pub(super) fn opened(by: &Session) -> String {
    let principals = json!({"AWS": [by.role, OUTSIDE], "Service": "lambda.amazonaws.com"});
    policy(&json!([{"Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole"}]))
}

pub(super) fn granted(answer: Answer) -> Result<Answer, String> {
    if (200..300).contains(&answer.status) {
        Ok(answer)
    } else {
        Err(format!(
            "{}: {}",
            answer.status,
            answer.body.replace('\n', " ")
        ))
    }
}

pub(crate) fn asked(action: &str, resource: &str) -> Question {
    Question(action.to_owned(), resource.to_owned(), json!({}))
}
