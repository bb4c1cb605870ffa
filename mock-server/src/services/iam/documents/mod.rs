//! Policy documents as IAM takes and refuses them, in its own words: the code is
//! MalformedPolicyDocument, and of several faults the one that IAM finds first is told.
//!
//! Two parsers of AWS are at work. That of identity policies says little ("Syntax errors in
//! policy."); that of trust policies is the one of resource-based policies and names the field.
//! What a document means is not asked here, but by `lambdasweep_policy`.
//!
//! Sources of texts and their order: documents recorded against AWS by moto
//! (`tests/test_iam/test_iam_policies.py`), LocalStack's recordings of IAM, the checks against live
//! IAM of Versity's gateway (`iamapi/policy`), and errors that users quote in issues.

use serde_json::{Map, Value};

use crate::call::AwsError;

mod dates;
mod identity;
mod resources;
mod shared;
mod trust;

pub(super) use identity::{boundary_or_managed, inline};
pub(super) use trust::trust;

/// How many characters without white space a managed policy has at the most. Source: "IAM and AWS
/// STS quotas".
const MANAGED_SIZE: usize = 6_144;
/// How many the inline policies of a role have together at the most.
pub(super) const INLINE_SIZE: usize = 10_240;
/// How many a trust policy has at the most, unless the quota was raised.
const TRUST_SIZE: usize = 2_048;

fn malformed(message: impl Into<String>) -> AwsError {
    AwsError::new("MalformedPolicyDocumentException", message)
}

/// The error of a quota.
pub(super) fn exceeded(message: impl Into<String>) -> AwsError {
    AwsError::new("LimitExceededException", message)
}

/// How long a document counts as: IAM leaves white space out of account.
pub(super) fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// The statements of a document: one object, or a list of them that is not empty.
fn statements(document: &Map<String, Value>) -> Option<Vec<&Map<String, Value>>> {
    match document.get("Statement")? {
        Value::Object(statement) => Some(vec![statement]),
        Value::Array(statements) if !statements.is_empty() => {
            statements.iter().map(Value::as_object).collect()
        }
        _ => None,
    }
}

/// The texts of an element: one, or those of a list.
fn texts(element: Option<&Value>) -> impl Iterator<Item = &str> {
    let one = element.and_then(Value::as_str);
    let list = element.and_then(Value::as_array);
    one.into_iter()
        .chain(list.into_iter().flatten().filter_map(Value::as_str))
}

/// Whether a condition block has the form of one, and operators that IAM knows. An operator without
/// keys may be any.
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
