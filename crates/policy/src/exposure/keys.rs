//! What is known of the value of one condition key in a region of callers.

use crate::condition::{Condition, Operator};
use crate::pattern::{Pattern, arn_like};

use super::Scope;

/// How a value of a condition is compared with a request's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// As a text, wildcards and all, by an operator that knows wildcards or not.
    Text,
    /// As an ARN, part by part.
    Arn,
}

/// One value that a condition names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) compared: Compared,
    /// Whether it stands for one text.
    pub(super) fixed: bool,
}

/// Values that a key must have one of, or must have none of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bound {
    In(Vec<Value>),
    NotIn(Vec<Value>),
}

/// What is known of a key: whether it may be absent, and what holds of its value where it is there. All bounds hold at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Known {
    pub(super) never_absent: bool,
    pub(super) never_present: bool,
    pub(super) bounds: Vec<Bound>,
}

impl Value {
    /// Whether a text that the key may have matches; a pattern counts as matching where it may.
    pub(super) fn may_match(&self, text: &str) -> bool {
        match self.compared {
            Compared::Text => Pattern::from(self.text.as_str()).matches(text) || self.text.eq_ignore_ascii_case(text),
            Compared::Arn => arn_like(&self.text, text) || self.text.eq_ignore_ascii_case(text),
        }
    }

    /// Whether a text surely matches.
    fn surely_matches(&self, text: &str) -> bool {
        match self.compared {
            Compared::Text => Pattern::from(self.text.as_str()).matches(text),
            Compared::Arn => arn_like(&self.text, text),
        }
    }
}

impl Known {
    /// Adds what a condition, or its opposite, says. Nothing where the condition is not understood.
    pub(super) fn add(&mut self, condition: &Condition, holds: bool, variables: bool, scope: &Scope<'_>) -> Option<()> {
        let absent_meets = condition.holds_without_key()? == holds;
        let bound = match condition.operator {
            Operator::Unknown => return None,
            Operator::Null => {
                let present_meets = condition.values.iter().any(|value| value.eq_ignore_ascii_case("false")) == holds;
                self.never_present |= !present_meets;
                None
            }
            operator if operator.is_negated() == holds => Some(Bound::NotIn(excluded(condition, variables, scope))),
            _ => Some(Bound::In(included(condition, variables, scope))),
        };
        self.never_absent |= !absent_meets;
        self.bounds.extend(bound);
        Some(())
    }

    /// Adds that the key has one of some values.
    pub(super) fn one_of(&mut self, values: impl IntoIterator<Item = String>) {
        self.never_absent = true;
        self.bounds.push(Bound::In(fixed(values)));
    }

    /// Adds that the key has none of some values, if it is there at all.
    pub(super) fn none_of(&mut self, values: impl IntoIterator<Item = String>) {
        self.bounds.push(Bound::NotIn(fixed(values)));
    }

    /// Whether nothing can have it.
    pub(super) fn is_contradictory(&self) -> bool {
        self.never_absent && !self.may_be_present()
    }

    /// Whether a caller who has the key may be in the region.
    pub(super) fn may_be_present(&self) -> bool {
        !self.never_present && self.candidates().is_none_or(|values| !values.is_empty())
    }

    /// The fixed values that the key can have, where it can have these only.
    pub(super) fn candidates(&self) -> Option<Vec<&str>> {
        let mut finite = self.bounds.iter().filter_map(|bound| match bound {
            Bound::In(values) if values.iter().all(|value| value.fixed) => Some(values),
            _ => None,
        });
        // The shortest list has to pass all bounds; its own texts pass it.
        let first = finite.next()?;
        let shortest = finite.fold(first, |shortest, values| if values.len() < shortest.len() { values } else { shortest });
        Some(shortest.iter().map(|value| value.text.as_str()).filter(|text| self.allows(text)).collect())
    }

    /// Whether the key may have a value.
    pub(super) fn allows(&self, text: &str) -> bool {
        !self.never_present
            && self.bounds.iter().all(|bound| match bound {
                Bound::In(values) => values.iter().any(|value| value.may_match(text)),
                Bound::NotIn(values) => !values.iter().any(|value| value.surely_matches(text)),
            })
    }

    /// The lists one of whose values the key has.
    pub(super) fn lists(&self) -> impl Iterator<Item = &Vec<Value>> {
        self.bounds.iter().filter_map(|bound| if let Bound::In(values) = bound { Some(values) } else { None })
    }
}

fn fixed(values: impl IntoIterator<Item = String>) -> Vec<Value> {
    values.into_iter().map(|text| Value { text, compared: Compared::Text, fixed: true }).collect()
}

const fn compared(operator: Operator) -> Compared {
    match operator {
        Operator::ArnEquals | Operator::ArnLike | Operator::ArnNotEquals | Operator::ArnNotLike => Compared::Arn,
        _ => Compared::Text,
    }
}

/// Values that a key must have one of: rather too many texts than too few.
fn included(condition: &Condition, variables: bool, scope: &Scope<'_>) -> Vec<Value> {
    let value = |pattern: &Pattern| {
        let text = if variables && pattern.has_variable() { resolved(pattern, scope) } else { pattern.to_string() };
        // A wildcard is no fixed value even where the operator takes it for itself: AWS counts it as public.
        Value { fixed: !text.contains(['*', '?']), compared: compared(condition.operator), text }
    };
    condition.values.iter().map(value).collect()
}

/// Values that a key must have none of: rather too few texts than too many.
fn excluded(condition: &Condition, variables: bool, scope: &Scope<'_>) -> Vec<Value> {
    let knows_wildcards = matches!(
        condition.operator,
        Operator::StringLike
            | Operator::StringNotLike
            | Operator::ArnEquals
            | Operator::ArnLike
            | Operator::ArnNotEquals
            | Operator::ArnNotLike
    );
    let usable = |pattern: &&Pattern| {
        (knows_wildcards || !pattern.contains(['*', '?']))
            && !(variables && pattern.has_variable() && resolved(pattern, scope).contains('*'))
    };
    let value = |pattern: &Pattern| {
        let text = if variables && pattern.has_variable() { resolved(pattern, scope) } else { pattern.to_string() };
        Value { fixed: !text.contains(['*', '?']), compared: compared(condition.operator), text }
    };
    condition.values.iter().filter(usable).map(value).collect()
}

/// A value with those policy variables replaced that are the same in every request for the resource; any other may be anything.
fn resolved(pattern: &Pattern, scope: &Scope<'_>) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern.as_str();
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            text.push_str("${");
            text.push_str(after);
            return text;
        };
        let own = match name.trim().to_ascii_lowercase().as_str() {
            "aws:resourceaccount" => Some(scope.account).filter(|account| !account.is_empty()),
            "aws:resourceorgid" => scope.organization,
            _ => None,
        };
        text.push_str(own.unwrap_or("*"));
        rest = tail;
    }
    text.push_str(rest);
    text
}
