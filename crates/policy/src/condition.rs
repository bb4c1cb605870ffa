//! Conditions: operator, key, values; and whether a request meets them.

use std::net::IpAddr;
use std::str::FromStr;

use crate::evaluate::Context;
use crate::glob;

/// How several values of a request's key count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// The key has one value.
    None,
    /// `ForAllValues:`: every value has to match; no value at all matches too.
    ForAllValues,
    /// `ForAnyValue:`: one value has to match.
    ForAnyValue,
}

/// A condition operator without its quantifier and without `IfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is AWS's own name")]
pub enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
    /// One that this crate does not know: no request is known to meet it.
    Unknown,
}

const OPERATORS: &[(&str, Operator)] = &[
    ("StringEquals", Operator::StringEquals),
    ("StringNotEquals", Operator::StringNotEquals),
    ("StringEqualsIgnoreCase", Operator::StringEqualsIgnoreCase),
    ("StringNotEqualsIgnoreCase", Operator::StringNotEqualsIgnoreCase),
    ("StringLike", Operator::StringLike),
    ("StringNotLike", Operator::StringNotLike),
    ("NumericEquals", Operator::NumericEquals),
    ("NumericNotEquals", Operator::NumericNotEquals),
    ("NumericLessThan", Operator::NumericLessThan),
    ("NumericLessThanEquals", Operator::NumericLessThanEquals),
    ("NumericGreaterThan", Operator::NumericGreaterThan),
    ("NumericGreaterThanEquals", Operator::NumericGreaterThanEquals),
    ("DateEquals", Operator::DateEquals),
    ("DateNotEquals", Operator::DateNotEquals),
    ("DateLessThan", Operator::DateLessThan),
    ("DateLessThanEquals", Operator::DateLessThanEquals),
    ("DateGreaterThan", Operator::DateGreaterThan),
    ("DateGreaterThanEquals", Operator::DateGreaterThanEquals),
    ("Bool", Operator::Bool),
    ("BinaryEquals", Operator::BinaryEquals),
    ("IpAddress", Operator::IpAddress),
    ("NotIpAddress", Operator::NotIpAddress),
    ("ArnEquals", Operator::ArnEquals),
    ("ArnLike", Operator::ArnLike),
    ("ArnNotEquals", Operator::ArnNotEquals),
    ("ArnNotLike", Operator::ArnNotLike),
    ("Null", Operator::Null),
];

/// One key of a condition block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// How several values count.
    pub quantifier: Quantifier,
    /// The operator.
    pub operator: Operator,
    /// The operator as it was written.
    pub operator_text: String,
    /// `…IfExists`: a request without the key meets it.
    pub if_exists: bool,
    /// The key as it was written; keys know no case.
    pub key: String,
    /// The values: one has to match (for negated operators: none may).
    pub values: Vec<String>,
}

impl Operator {
    /// Whether it holds where the values do *not* match.
    pub const fn is_negated(self) -> bool {
        matches!(
            self,
            Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
                | Self::NumericNotEquals
                | Self::DateNotEquals
                | Self::NotIpAddress
                | Self::ArnNotEquals
                | Self::ArnNotLike
        )
    }
}

impl Condition {
    /// A condition from its operator as it is written (`ForAnyValue:StringLikeIfExists`), its key and its values.
    pub(crate) fn new(written: &str, key: &str, values: Vec<String>) -> Self {
        let (quantifier, rest) = match written.split_once(':') {
            Some((word, rest)) if word.eq_ignore_ascii_case("ForAllValues") => (Quantifier::ForAllValues, rest),
            Some((word, rest)) if word.eq_ignore_ascii_case("ForAnyValue") => (Quantifier::ForAnyValue, rest),
            _ => (Quantifier::None, written),
        };
        let named = |name: &str| OPERATORS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, operator)| *operator);
        let shorter = rest.len().checked_sub("IfExists".len()).and_then(|end| rest.get(..end).zip(rest.get(end..)));
        let (operator, if_exists) = match shorter {
            Some((name, suffix)) if suffix.eq_ignore_ascii_case("IfExists") => (named(name), true),
            _ => (named(rest), false),
        };
        Self {
            quantifier,
            operator: operator.unwrap_or(Operator::Unknown),
            operator_text: written.to_owned(),
            if_exists,
            key: key.to_owned(),
            values,
        }
    }

    /// Whether a request's context meets it; nothing where this crate cannot tell.
    pub(crate) fn holds(&self, context: &Context) -> Option<bool> {
        let found = context.get(&self.key);
        if self.operator == Operator::Null {
            let absent = found.is_none_or(<[String]>::is_empty);
            return Some(self.values.iter().any(|value| value.eq_ignore_ascii_case("true") == absent));
        }
        if self.operator == Operator::Unknown {
            return None;
        }
        let Some(found) = found.filter(|values| !values.is_empty()) else {
            return Some(
                self.if_exists
                    || self.quantifier == Quantifier::ForAllValues
                    || (self.operator.is_negated() && self.quantifier == Quantifier::None),
            );
        };
        let one = |value: &String| {
            let any = self.values.iter().any(|wanted| compare(self.operator, wanted, value));
            any != self.operator.is_negated()
        };
        Some(match self.quantifier {
            Quantifier::ForAllValues => found.iter().all(one),
            Quantifier::ForAnyValue => found.iter().any(one),
            // A negated operator must hold for every value, any other for one.
            Quantifier::None if self.operator.is_negated() => found.iter().all(one),
            Quantifier::None => found.iter().any(one),
        })
    }
}

/// The positive comparison that an operator or its negation rests on.
fn compare(operator: Operator, wanted: &str, value: &str) -> bool {
    use Operator as O;
    let numbers = || Some((number(value)?, number(wanted)?));
    match operator {
        O::StringEquals | O::StringNotEquals | O::BinaryEquals => wanted == value,
        O::StringEqualsIgnoreCase | O::StringNotEqualsIgnoreCase => wanted.to_lowercase() == value.to_lowercase(),
        O::StringLike | O::StringNotLike => glob::matches(wanted, value),
        O::Bool => wanted.eq_ignore_ascii_case(value),
        O::ArnEquals | O::ArnLike | O::ArnNotEquals | O::ArnNotLike => arn_like(wanted, value),
        O::IpAddress | O::NotIpAddress => in_network(wanted, value).unwrap_or(false),
        O::NumericEquals | O::NumericNotEquals => numbers().is_some_and(|(a, b)| (a - b).abs() < f64::EPSILON),
        O::NumericLessThan => numbers().is_some_and(|(a, b)| a < b),
        O::NumericLessThanEquals => numbers().is_some_and(|(a, b)| a <= b),
        O::NumericGreaterThan => numbers().is_some_and(|(a, b)| a > b),
        O::NumericGreaterThanEquals => numbers().is_some_and(|(a, b)| a >= b),
        // RFC 3339 dates of one length in UTC sort as text does.
        O::DateEquals | O::DateNotEquals => wanted == value,
        O::DateLessThan => value < wanted,
        O::DateLessThanEquals => value <= wanted,
        O::DateGreaterThan => value > wanted,
        O::DateGreaterThanEquals => value >= wanted,
        O::Null | O::Unknown => false,
    }
}

fn number(text: &str) -> Option<f64> {
    f64::from_str(text).ok().filter(|number| number.is_finite())
}

/// ARNs are compared part by part: a wildcard does not reach over a colon, but in the last part.
pub(crate) fn arn_like(pattern: &str, arn: &str) -> bool {
    let (patterns, parts): (Vec<_>, Vec<_>) = (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    patterns.len() == 6 && parts.len() == 6 && patterns.iter().zip(&parts).all(|(pattern, part)| glob::matches(pattern, part))
}

fn in_network(network: &str, address: &str) -> Option<bool> {
    let address = IpAddr::from_str(address).ok()?;
    let (base, prefix) = match network.split_once('/') {
        Some((base, prefix)) => (IpAddr::from_str(base).ok()?, Some(prefix.parse::<u32>().ok()?)),
        None => (IpAddr::from_str(network).ok()?, None),
    };
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            let prefix = prefix.unwrap_or(32).min(32);
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            Some(u32::from(base) & mask == u32::from(address) & mask)
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            let prefix = prefix.unwrap_or(128).min(128);
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            Some(u128::from(base) & mask == u128::from(address) & mask)
        }
        _ => Some(false),
    }
}
