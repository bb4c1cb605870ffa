//! Conditions: operator, key, values; and whether a request meets them.
//!
//! Source: "IAM JSON policy elements: Condition operators" and "Set operators for multi-valued
//! context keys", IAM User Guide.

use crate::compare;
use crate::context::View;
use crate::pattern::Pattern;

/// How several values of a request's key count.
///
/// ```
/// use lambdasweep_policy::{Condition, Quantifier};
/// assert_eq!(Condition::new("ForAllValues:StringLike", "aws:TagKeys", ["a"]).quantifier, Quantifier::ForAllValues);
/// ```
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
///
/// ```
/// use lambdasweep_policy::{Condition, Operator};
/// assert_eq!(Condition::new("StringResembles", "aws:TagKeys", ["a"]).operator, Operator::Unknown);
/// ```
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
    (
        "StringNotEqualsIgnoreCase",
        Operator::StringNotEqualsIgnoreCase,
    ),
    ("StringLike", Operator::StringLike),
    ("StringNotLike", Operator::StringNotLike),
    ("NumericEquals", Operator::NumericEquals),
    ("NumericNotEquals", Operator::NumericNotEquals),
    ("NumericLessThan", Operator::NumericLessThan),
    ("NumericLessThanEquals", Operator::NumericLessThanEquals),
    ("NumericGreaterThan", Operator::NumericGreaterThan),
    (
        "NumericGreaterThanEquals",
        Operator::NumericGreaterThanEquals,
    ),
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
///
/// ```
/// use lambdasweep_policy::{Condition, Operator};
///
/// let condition = Condition::new("StringEqualsIfExists", "aws:SourceAccount", ["111122223333"]);
/// assert_eq!(condition.operator, Operator::StringEquals);
/// assert!(condition.if_exists);
/// ```
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
    pub values: Vec<Pattern>,
    /// The key in lower case.
    pub(crate) folded_key: String,
}

impl Operator {
    /// The operators that AWS knows, without prefix and suffix.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        OPERATORS.iter().map(|(name, _)| *name)
    }

    /// Whether it holds where the values do *not* match.
    ///
    /// ```
    /// assert!(lambdasweep_policy::Operator::ArnNotLike.is_negated());
    /// ```
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
    /// A condition from its operator as it is written (`ForAnyValue:StringLikeIfExists`), its key
    /// and its values.
    ///
    /// ```
    /// let condition = lambdasweep_policy::Condition::new("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ["o-a1b2c3d4e5/*"]);
    /// assert_eq!(condition.quantifier, lambdasweep_policy::Quantifier::ForAnyValue);
    /// ```
    pub fn new<V: Into<Pattern>>(
        written: &str,
        key: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let (quantifier, rest) = match written.split_once(':') {
            Some((word, rest)) if word.eq_ignore_ascii_case("ForAllValues") => {
                (Quantifier::ForAllValues, rest)
            }
            Some((word, rest)) if word.eq_ignore_ascii_case("ForAnyValue") => {
                (Quantifier::ForAnyValue, rest)
            }
            _ => (Quantifier::None, written),
        };
        let named = |name: &str| {
            OPERATORS
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, operator)| *operator)
        };
        let shorter = rest
            .len()
            .checked_sub("IfExists".len())
            .and_then(|end| rest.get(..end).zip(rest.get(end..)));
        let (operator, if_exists) = match shorter {
            Some((name, suffix)) if suffix.eq_ignore_ascii_case("IfExists") => (named(name), true),
            _ => (named(rest), false),
        };
        Self {
            quantifier,
            operator: operator.unwrap_or(Operator::Unknown),
            operator_text: written.to_owned(),
            if_exists,
            folded_key: key.to_ascii_lowercase(),
            key: key.to_owned(),
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// Whether a request meets it; nothing where this crate cannot tell.
    pub(crate) fn holds(&self, view: &View<'_>) -> Option<bool> {
        let found = view.get(&self.folded_key);
        let Some(found) = found.filter(|values| values.iter().next().is_some()) else {
            return self.holds_without_key();
        };
        if self.operator == Operator::Null {
            return Some(
                self.values
                    .iter()
                    .any(|value| value.eq_ignore_ascii_case("false")),
            );
        }
        if self.operator == Operator::Unknown {
            return None;
        }
        let one = |value: &str| {
            self.values
                .iter()
                .any(|wanted| compare::holds(self.operator, wanted, value, view))
                != self.operator.is_negated()
        };
        let mut values = found.iter();
        Some(match self.quantifier {
            // Only empty texts are no values at all.
            Quantifier::ForAllValues => found.iter().all(str::is_empty) || values.all(one),
            Quantifier::ForAnyValue => values.any(one),
            // A negated operator must hold for every value, any other for one.
            Quantifier::None if self.operator.is_negated() => values.all(one),
            Quantifier::None => values.any(one),
        })
    }

    /// Whether a request without the key meets it.
    pub(crate) fn holds_without_key(&self) -> Option<bool> {
        match self.operator {
            Operator::Unknown => None,
            Operator::Null => Some(
                self.values
                    .iter()
                    .any(|value| value.eq_ignore_ascii_case("true")),
            ),
            operator => Some(
                self.if_exists
                    || self.quantifier == Quantifier::ForAllValues
                    || (operator.is_negated() && self.quantifier == Quantifier::None),
            ),
        }
    }
}
