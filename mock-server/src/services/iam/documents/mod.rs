//! Validates policy documents as IAM does, with IAM's messages: the code is
//! MalformedPolicyDocument, and of several errors the one that IAM finds first is reported.
//!
//! AWS uses two parsers. The one for identity-based policies gives few details ("Syntax errors in
//! policy."); the one for trust policies is also used for resource-based policies and names the
//! field. Interpreting a document is left to `lambdasweep_policy`.
//!
//! Sources of texts and their order: documents recorded against AWS by moto
//! (`tests/test_iam/test_iam_policies.py`), LocalStack's recordings of IAM, the checks against live
//! IAM of Versity's gateway (`iamapi/policy`), and errors that users quote in issues.

use lambdasweep_policy::{Document, PolicyError};
use serde_json::{Map, Value};

use crate::call::AwsError;

mod dates;
mod identity;
mod resources;
mod shared;
mod trust;

pub(super) use identity::{boundary_or_managed, identity, inline};
pub(super) use trust::trust;

/// The members of a document and of its statements.
const OF_DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const OF_STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// A document or a statement.
type Members = Map<String, Value>;

/// The maximum number of characters of a managed policy, without white space. Source: "IAM and AWS
/// STS quotas".
const MANAGED_SIZE: usize = 6_144;
/// The same for all inline policies of a role together.
const INLINE_SIZE: usize = 10_240;
/// The same for a trust policy, unless the quota was raised.
const TRUST_SIZE: usize = 2_048;

fn malformed(message: impl Into<String>) -> AwsError {
    AwsError::new("MalformedPolicyDocumentException", message)
}

/// The error for an exceeded quota.
pub(super) fn exceeded(message: impl Into<String>) -> AwsError {
    AwsError::new("LimitExceededException", message)
}

/// Parses a document for the policy engine. IAM ignores null among the resources, which the engine
/// does not support.
///
/// # Errors
///
/// If the engine cannot read it.
pub(crate) fn meaning(text: &str) -> Result<Document, PolicyError> {
    Document::parse(text)
        .or_else(|error| without_nulls(text).map_or(Err(error), |text| Document::parse(&text)))
}

/// A document without the nulls among its resources; `None` if there are none, since rewriting it
/// would hide duplicate elements.
fn without_nulls(text: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(text).ok()?;
    let statements = match document.get_mut("Statement")? {
        Value::Array(statements) => statements.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    let mut had_nulls = false;
    for statement in statements {
        for name in ["Resource", "NotResource"] {
            if let Some(Value::Array(resources)) = statement.get_mut(name) {
                let before = resources.len();
                resources.retain(|resource| !resource.is_null());
                had_nulls |= resources.len() < before;
            }
        }
    }
    had_nulls.then(|| document.to_string())
}

/// The length of a document for the quotas: IAM does not count white space.
pub(super) fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// The statements of a document: one object, or a list of them that is not empty.
fn statements(document: &Members) -> Option<Vec<&Members>> {
    match document.get("Statement")? {
        Value::Object(statement) => Some(vec![statement]),
        Value::Array(statements) if !statements.is_empty() => {
            statements.iter().map(Value::as_object).collect()
        }
        _ => None,
    }
}

/// The strings of an element, which is a string or a list.
fn texts(element: Option<&Value>) -> impl Iterator<Item = &str> {
    let one = element.and_then(Value::as_str);
    let list = element.and_then(Value::as_array);
    one.into_iter()
        .chain(list.into_iter().flatten().filter_map(Value::as_str))
}

/// Whether a condition block is well-formed and its operators are known to IAM. Operators without
/// keys are not checked.
fn is_condition(block: &Value) -> bool {
    let is_single = |value: &Value| value.is_string() || value.is_boolean() || value.is_number();
    let is_value = |value: &Value| {
        is_single(value)
            || value
                .as_array()
                .is_some_and(|values| values.iter().all(is_single))
    };
    block.as_object().is_some_and(|block| {
        block.iter().all(|(operator, keys)| {
            keys.as_object().is_some_and(|keys| {
                keys.is_empty() || (is_operator(operator) && keys.values().all(is_value))
            })
        })
    })
}

fn is_operator(written: &str) -> bool {
    let condition = lambdasweep_policy::Condition::new(written, "aws:userid", [""; 0]);
    condition.operator != lambdasweep_policy::Operator::Unknown
}

#[cfg(test)]
mod tests {
    use super::{is_operator, size};

    #[test]
    fn white_space_does_not_count() {
        assert_eq!(size(" { \"a\":\n\t\"b c\"\r\n}"), r#"{"a":"bc"}"#.len());
    }

    #[test]
    fn operators_have_a_quantifier_and_a_suffix_at_the_most() {
        for known in [
            "StringEquals",
            "ForAnyValue:StringLike",
            "ForAllValues:StringEqualsIfExists",
            "Null",
            "BinaryEquals",
        ] {
            assert!(is_operator(known), "{known}");
        }
        for unknown in [
            "x",
            "ForAnyValue::StringEqualsIfExists",
            "ForSomeValues:StringLike",
            "StringEqualsIfExistsIfExists",
            "",
        ] {
            assert!(!is_operator(unknown), "{unknown}");
        }
    }
}
