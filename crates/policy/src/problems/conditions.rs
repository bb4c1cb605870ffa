//! The rules of Condition: operators, keys, and values that fit their operator.
//!
//! Sources: "IAM JSON policy elements: Condition operators", "Grammar of the IAM JSON policy
//! language", "AWS global condition context keys", and the checks of the check reference whose
//! names have "condition", "operator", "qualifier" or "Type mismatch" in them.

use std::collections::HashSet;
use std::net::IpAddr;

use lambdasweep_model::nearest;

use super::arns::{has_wildcards, is_account_id, is_arn, is_open};
use super::keys::{self, Type, Values};
use super::{Findings, Rules, Text, quoted};
use crate::compare;
use crate::condition::Condition;
use crate::operator::{Operator, Quantifier};

pub(super) const MEMBER: &str = "Condition";

impl Rules {
    /// Checks an operator as it is written.
    pub(crate) fn operator(self, findings: &mut Findings, at: usize, written: &str) {
        let parsed = Condition::new(written, "", [""; 0]);
        if parsed.operator == Operator::Unknown {
            findings.error(at, MEMBER, || {
                let bare = written.rsplit(':').next().unwrap_or(written);
                let bare = bare.strip_suffix("IfExists").unwrap_or(bare);
                let hint = nearest(bare, Operator::names()).filter(|name| *name != bare);
                let hint =
                    hint.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
                format!(
                    "{} is not a condition operator{}",
                    quoted(written),
                    if hint.is_empty() { "." } else { &hint }
                )
            });
        } else if parsed.operator == Operator::Null && parsed.if_exists {
            findings.error(at, MEMBER, || {
                "Null does not accept IfExists: it already tests whether the key exists.".to_owned()
            });
        }
    }

    /// Reports that a block or an operator is empty.
    pub(crate) fn no_condition(self, findings: &mut Findings, at: usize) {
        findings.warning(at, MEMBER, || {
            "The condition is empty and restricts nothing.".to_owned()
        });
    }

    /// Checks one key under its operator, and its values.
    pub(crate) fn condition(
        self,
        findings: &mut Findings,
        at: usize,
        condition: &Condition,
        values: &[Text<'_>],
    ) {
        self.key(findings, at, condition);
        if values.is_empty() {
            findings.warning(at, MEMBER, || {
                format!("{} has no values to compare with.", quoted(&condition.key))
            });
        }
        if values.iter().any(|value| value.is_string) && values.iter().any(|value| !value.is_string)
        {
            findings.warning(at, MEMBER, || {
                format!(
                    "The values of {} have different JSON types.",
                    quoted(&condition.key)
                )
            });
        }
        for value in values {
            self.value(findings, condition, value);
        }
        if condition.operator == Operator::Bool {
            let has = |word: &str| {
                values
                    .iter()
                    .any(|value| value.text.eq_ignore_ascii_case(word))
            };
            if has("true") && has("false") {
                findings.warning(at, MEMBER, || {
                    format!(
                        "{} is compared with both true and false.",
                        quoted(&condition.key)
                    )
                });
            }
        }
        private_addresses(findings, at, condition, values);
    }

    fn key(self, findings: &mut Findings, at: usize, condition: &Condition) {
        let key = &condition.key;
        let form = key
            .split_once(':')
            .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !form {
            findings.error(at, MEMBER, || {
                format!(
                    "{} is not a valid condition key: use the form `service:key`.",
                    quoted(key)
                )
            });
            return;
        }
        if keys::lacks_tag(key) {
            findings.error(at, MEMBER, || {
                format!(
                    "{} must be followed by `/` and the key of a tag.",
                    quoted(key)
                )
            });
            return;
        }
        if keys::values(key) == Values::Unknown && is_global(key) && !findings.has_enough_warnings()
        {
            let hint = nearest(key, keys::global()).map_or_else(
                || ".".to_owned(),
                |name| format!("; did you mean `{name}`?"),
            );
            findings.warning(at, MEMBER, || {
                format!(
                    "{} is not a global condition key of {}{hint}",
                    quoted(key),
                    keys::DATE
                )
            });
        }
        if let Some(wanted) =
            keys::type_of(key).and_then(|of| other_operator(of, condition.operator))
        {
            findings.warning(at, MEMBER, || {
                format!(
                    "{} has {wanted}, which {} does not compare.",
                    quoted(key),
                    quoted(&condition.operator_text)
                )
            });
        }
    }

    /// Checks that keys of several values have `ForAnyValue` or `ForAllValues`, and that keys of
    /// one value do not have the latter, or are used together with a `Null` that requires the key.
    pub(crate) fn quantifiers(self, findings: &mut Findings, conditions: &[(usize, Condition)]) {
        let is_required = |condition: &Condition| {
            condition.operator == Operator::Null
                && condition
                    .values
                    .iter()
                    .all(|value| value.eq_ignore_ascii_case("false"))
        };
        let required: HashSet<String> = conditions
            .iter()
            .filter(|it| is_required(&it.1))
            .map(|it| it.1.key.to_ascii_lowercase())
            .collect();
        for (at, condition) in conditions {
            let key = &condition.key;
            match (keys::values(key), condition.quantifier) {
                (Values::One, Quantifier::ForAllValues)
                    if !required.contains(&key.to_ascii_lowercase()) =>
                {
                    findings.warning(*at, MEMBER, || {
                        format!(
                            "{} has at most one value, and ForAllValues is true where the key is missing.",
                            quoted(key)
                        )
                    });
                }
                (Values::Many, Quantifier::None) if condition.operator != Operator::Null => {
                    findings.warning(*at, MEMBER, || {
                        format!(
                            "{} has several values: use ForAnyValue or ForAllValues.",
                            quoted(key)
                        )
                    })
                }
                _ => {}
            }
        }
    }

    fn value(self, findings: &mut Findings, condition: &Condition, value: &Text<'_>) {
        use Operator as O;
        let texts = matches!(condition.operator, O::Unknown)
            || is_text(condition.operator)
            || is_arn_operator(condition.operator);
        if texts {
            self.variables(findings, MEMBER, value);
        } else if self.variables && value.text.contains("${") {
            findings.error(value.at, MEMBER, || {
                format!(
                    "{} does not accept policy variables: only string and ARN operators do.",
                    quoted(&condition.operator_text)
                )
            });
            return;
        }
        let mut mistaken = |wanted: &str| {
            findings.warning(value.at, MEMBER, || {
                format!(
                    "{} compares with {wanted}; {} is not one.",
                    quoted(&condition.operator_text),
                    quoted(value.text)
                )
            });
        };
        match condition.operator {
            O::Bool | O::Null if !compare::is_boolean(value.text) => mistaken("`true` or `false`"),
            O::IpAddress | O::NotIpAddress if compare::network(value.text).is_none() => {
                mistaken("an address or a range in CIDR form")
            }
            O::BinaryEquals if !is_base64(value.text) => mistaken("a value in base64"),
            operator if is_number(operator) && compare::number(value.text).is_none() => {
                mistaken("a number")
            }
            operator if is_date(operator) && compare::date(value.text).is_none() => {
                mistaken("a date in ISO 8601 or seconds of the epoch")
            }
            operator
                if is_arn_operator(operator)
                    && !is_arn(value.text)
                    && !value.text.contains("${") =>
            {
                mistaken("an ARN of six parts")
            }
            O::StringEquals
            | O::StringNotEquals
            | O::StringEqualsIgnoreCase
            | O::StringNotEqualsIgnoreCase
                if has_wildcards(value.text) =>
            {
                findings.warning(value.at, MEMBER, || {
                    let (written, text) = (quoted(&condition.operator_text), quoted(value.text));
                    format!("{written} takes the wildcards in {text} literally; use StringLike or StringNotLike for wildcards.")
                });
            }
            operator if is_text(operator) => form(findings, condition, value),
            _ => {}
        }
    }
}

/// What a key of a type has, where an operator compares something else.
///
/// Source: "AWS global condition context keys", data types; the check of the check reference "Type
/// mismatch".
fn other_operator(of: Type, operator: Operator) -> Option<&'static str> {
    use Operator as O;
    let (right, has) = match of {
        Type::Text => (is_text(operator) || is_arn_operator(operator), "a text"),
        Type::Number => (is_number(operator), "a number"),
        Type::Date => (is_date(operator), "a date"),
        Type::Epoch => (is_date(operator) || is_number(operator), "a date"),
        Type::Boolean => (operator == O::Bool, "`true` or `false`"),
        Type::Address => (
            matches!(operator, O::IpAddress | O::NotIpAddress),
            "an address",
        ),
    };
    (!right && !matches!(operator, O::Null | O::Unknown)).then_some(has)
}

pub(super) fn is_global(key: &str) -> bool {
    key.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

/// Checks that a text has the form of the ids that its key stands for.
fn form(findings: &mut Findings, condition: &Condition, value: &Text<'_>) {
    if is_open(value.text) {
        return;
    }
    let with_prefix = |prefix: &str| {
        value
            .text
            .strip_prefix(prefix)
            .is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    let (right, wanted) = match condition.key.to_ascii_lowercase().as_str() {
        "aws:sourceaccount"
        | "aws:principalaccount"
        | "aws:resourceaccount"
        | "aws:vpceaccount" => (
            is_account_id(value.text),
            "a valid account id (twelve digits)",
        ),
        "aws:principalorgid" | "aws:resourceorgid" | "aws:sourceorgid" | "aws:vpceorgid" => (
            with_prefix("o-"),
            "a valid organisation id (it begins with `o-`)",
        ),
        "aws:sourcevpc" => (
            with_prefix("vpc-"),
            "a valid VPC id (it begins with `vpc-`)",
        ),
        "aws:sourcevpce" => (
            with_prefix("vpce-"),
            "a valid VPC endpoint id (it begins with `vpce-`)",
        ),
        _ => return,
    };
    if !right {
        findings.warning(value.at, MEMBER, || {
            format!(
                "{} is not {wanted}; {} never has this value.",
                quoted(value.text),
                quoted(&condition.key)
            )
        });
    }
}

/// `aws:SourceIp` is the public address of the caller.
fn private_addresses(
    findings: &mut Findings,
    at: usize,
    condition: &Condition,
    values: &[Text<'_>],
) {
    if !condition.key.eq_ignore_ascii_case("aws:SourceIp") || values.is_empty() {
        return;
    }
    let private = |value: &Text<'_>| match compare::network(value.text) {
        Some((IpAddr::V4(address), prefix)) => {
            let [first, second, ..] = address.octets();
            (first == 10 && prefix >= 8)
                || (first == 172 && second & 0xf0 == 16 && prefix >= 12)
                || (first == 192 && second == 168 && prefix >= 16)
        }
        Some((IpAddr::V6(address), prefix)) => {
            address.segments()[0] & 0xfe00 == 0xfc00 && prefix >= 7
        }
        None => false,
    };
    if values.iter().all(private) {
        findings.warning(at, MEMBER, || {
            "aws:SourceIp is a public address, so private ones alone never match it.".to_owned()
        });
    }
}

const fn is_text(operator: Operator) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::StringEquals
            | O::StringNotEquals
            | O::StringEqualsIgnoreCase
            | O::StringNotEqualsIgnoreCase
            | O::StringLike
            | O::StringNotLike
    )
}

const fn is_arn_operator(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::ArnEquals | Operator::ArnLike | Operator::ArnNotEquals | Operator::ArnNotLike
    )
}

const fn is_number(operator: Operator) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::NumericEquals
            | O::NumericNotEquals
            | O::NumericLessThan
            | O::NumericLessThanEquals
            | O::NumericGreaterThan
            | O::NumericGreaterThanEquals
    )
}

const fn is_date(operator: Operator) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::DateEquals
            | O::DateNotEquals
            | O::DateLessThan
            | O::DateLessThanEquals
            | O::DateGreaterThan
            | O::DateGreaterThanEquals
    )
}

/// Whether a text is base64, with its padding or without.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let right = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len() - digits.len() <= 2 && digits.len() % 4 != 1 && digits.bytes().all(right)
}

#[cfg(test)]
mod tests {
    use super::is_base64;

    #[test]
    fn base64_has_its_digits_and_length() {
        assert!(is_base64("QmluYXJ5VmFsdWVJbkJhc2U2NA==") && is_base64("") && is_base64("QQ"));
        assert!(!is_base64("not base64!") && !is_base64("Q") && !is_base64("QQ==="));
    }
}
