//! Filter criteria of event source mappings.
//!
//! Source: "Filter rule syntax", Lambda Developer Guide.

use serde_json::{Map, Value};

use super::super::invalid;
use crate::call::{AwsError, Input};

/// The comparisons that a rule can make, besides that with a value.
const COMPARISONS: &[&str] = &[
    "anything-but",
    "cidr",
    "equals-ignore-case",
    "exists",
    "numeric",
    "prefix",
    "suffix",
    "wildcard",
];

/// Checks the patterns of a request's `FilterCriteria`, if it has any.
///
/// # Errors
/// InvalidParameterValueException with AWS's message.
pub(super) fn check(input: &Input) -> Result<(), AwsError> {
    let filters = input
        .get("FilterCriteria")
        .and_then(|criteria| criteria.get("Filters"))
        .and_then(Value::as_array);
    for filter in filters.into_iter().flatten() {
        let Some(pattern) = filter.get("Pattern").and_then(Value::as_str) else {
            continue;
        };
        if !serde_json::from_str(pattern)
            .is_ok_and(|pattern: Map<String, Value>| is_pattern(&pattern))
        {
            return Err(invalid("Invalid filter pattern definition."));
        }
    }
    Ok(())
}

/// Whether criteria have no filters: AWS does not store such criteria.
pub(super) fn are_empty(criteria: &Value) -> bool {
    criteria
        .get("Filters")
        .and_then(Value::as_array)
        .is_none_or(Vec::is_empty)
}

/// Whether every path of a pattern ends in a list of rules.
fn is_pattern(pattern: &Map<String, Value>) -> bool {
    !pattern.is_empty()
        && pattern.iter().all(|(key, value)| match value {
            Value::Object(inner) => is_pattern(inner),
            Value::Array(patterns) if key == "$or" => {
                !patterns.is_empty()
                    && patterns
                        .iter()
                        .all(|inner| inner.as_object().is_some_and(is_pattern))
            }
            Value::Array(rules) => !rules.is_empty() && rules.iter().all(is_rule),
            _ => false,
        })
}

fn is_rule(rule: &Value) -> bool {
    match rule {
        Value::Object(comparison) => {
            comparison.len() == 1
                && comparison
                    .keys()
                    .all(|name| COMPARISONS.contains(&name.as_str()))
        }
        Value::Array(_) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::check;
    use crate::call::Input;

    #[test]
    fn patterns_end_in_lists_of_rules() {
        for (pattern, holds) in [
            (r#"{"body":{"a":["x",1,null,true]}}"#, true),
            (r#"{"a":[{"exists":false}]}"#, true),
            (
                r#"{"a":[{"numeric":[">",0,"<=",5]}],"b":[{"anything-but":["x"]}]}"#,
                true,
            ),
            (r#"{"$or":[{"a":["x"]},{"b":[{"prefix":"y"}]}]}"#, true),
            ("null", false),
            ("simple string", false),
            (r#"{"eventSource":"aws:sqs"}"#, false),
            (r#"{"eventSource":[]}"#, false),
            (r#"{"a":["INSERT"=123}"#, false),
            (r#"["a"]"#, false),
            ("{}", false),
            (r#"{"a":{}}"#, false),
            (r#"{"a":[{"startswith":"x"}]}"#, false),
            (r#"{"a":[["x"]]}"#, false),
            (r#"{"$or":[]}"#, false),
        ] {
            let input = Input::from_iter([(
                "FilterCriteria".to_owned(),
                json!({"Filters": [{"Pattern": pattern}]}),
            )]);
            assert_eq!(check(&input).is_ok(), holds, "{pattern}");
        }
        assert!(check(&Input::new()).is_ok());
    }
}
