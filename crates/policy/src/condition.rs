//! Conditions: operator, key, values; and whether a request meets them.
//!
//! Source: "IAM JSON policy elements: Condition operators" and "Set operators for multi-valued
//! context keys", IAM User Guide.

use crate::compare;
use crate::operator::{Operator, Quantifier};
use crate::pattern::Pattern;
use crate::request::View;

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
    /// How several values are combined.
    pub quantifier: Quantifier,
    /// The operator.
    pub operator: Operator,
    /// The operator as it was written.
    pub operator_text: String,
    /// `…IfExists`: a request without the key meets it.
    pub if_exists: bool,
    /// The key as it was written; keys are case-insensitive.
    pub key: String,
    /// The values: one has to match (for negated operators: none may).
    pub values: Vec<Pattern>,
    /// The key in lower case.
    pub(crate) folded_key: String,
}

impl Condition {
    /// A condition from its operator as it is written (`ForAnyValue:StringLikeIfExists`), its key
    /// and its values.
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
        let shorter = rest
            .len()
            .checked_sub("IfExists".len())
            .and_then(|end| rest.get(..end).zip(rest.get(end..)));
        let (operator, if_exists) = match shorter {
            Some((name, suffix)) if suffix.eq_ignore_ascii_case("IfExists") => {
                (Operator::named(name), true)
            }
            _ => (Operator::named(rest), false),
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

    /// Whether a request meets it; `None` if that is not known.
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
            // A key with only empty strings counts as having no value.
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
