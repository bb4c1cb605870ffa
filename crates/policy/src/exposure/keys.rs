//! What is known of the value of one condition key in a region of callers.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::condition::Condition;
use crate::operator::Operator;
use crate::pattern::{Pattern, arn_like};
use crate::principal::is_account;

use super::Scope;

/// One value that a condition names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Value {
    pub(super) pattern: Pattern,
    /// Whether it is compared as an ARN, part by part.
    by_parts: bool,
}

impl Value {
    fn matches(&self, text: &str) -> bool {
        if self.by_parts {
            arn_like(&self.pattern, text)
        } else {
            self.pattern.matches(text)
        }
    }

    /// The account that every ARN has which matches it; none where it may be any.
    pub(super) fn account(&self) -> Option<&str> {
        let text = self.pattern.as_str();
        let account = text.split(':').nth(4)?;
        let before = account.as_ptr() as usize - text.as_ptr() as usize;
        // As a text, a wildcard before the account may stand for parts of the ARN.
        let plain = self.by_parts || !text[..before].contains(['*', '?']);
        (plain && is_account(account)).then_some(account)
    }
}

/// What the values of a key look like, which excludes values that it can never have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The id of an account.
    Account,
    /// An ARN.
    Arn,
    /// An id that AWS gives, or a name without wildcards.
    Identifier,
    /// Any text.
    Text,
}

impl Form {
    /// Whether the key may have a value that matches what a condition names.
    ///
    /// `StringEquals` and similar operators compare `*` and `?` literally, and no account, ARN or
    /// id contains them: no caller meets such a condition. Amazon S3 and AWS Config count it as
    /// public, since they read the text; here it matters who is allowed. Wildcards under any other
    /// operator stay open, also where they make no whole ARN: what AWS makes of `ArnLike` with `*`
    /// alone is not documented.
    fn may_match(self, operator: Operator, pattern: &Pattern) -> bool {
        if pattern.has_variable() || !Compared::by(operator).is_text() {
            return true;
        }
        if !pattern.is_fixed() {
            let literal = matches!(
                operator,
                Operator::StringEquals
                    | Operator::StringNotEquals
                    | Operator::StringEqualsIgnoreCase
                    | Operator::StringNotEqualsIgnoreCase
            );
            return self == Self::Text || !literal;
        }
        match self {
            Self::Account => is_account(pattern),
            Self::Arn => {
                pattern
                    .get(..4)
                    .is_some_and(|start| start.eq_ignore_ascii_case("arn:"))
                    && pattern.bytes().filter(|byte| *byte == b':').count() >= 5
            }
            Self::Identifier | Self::Text => true,
        }
    }
}

/// How the values of a list are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    /// As they are.
    Literally,
    /// In any case.
    InAnyCase,
    /// As numbers that are equal: one may be written in many ways.
    AsNumber,
    /// As networks, dates, numbers that are less or more: one value may be written in many ways, or
    /// lie in another.
    Otherwise,
}

impl Compared {
    fn by(operator: Operator) -> Self {
        match operator {
            Operator::StringEquals
            | Operator::StringNotEquals
            | Operator::StringLike
            | Operator::StringNotLike
            | Operator::ArnEquals
            | Operator::ArnLike
            | Operator::ArnNotEquals
            | Operator::ArnNotLike => Self::Literally,
            Operator::StringEqualsIgnoreCase | Operator::StringNotEqualsIgnoreCase => {
                Self::InAnyCase
            }
            Operator::NumericEquals | Operator::NumericNotEquals => Self::AsNumber,
            _ => Self::Otherwise,
        }
    }

    /// Whether the texts are compared as texts.
    fn is_text(self) -> bool {
        matches!(self, Self::Literally | Self::InAnyCase)
    }
}

/// Values that a condition names, sorted so that long lists are looked up quickly.
#[derive(Debug, Eq)]
pub(super) struct List {
    pub(super) values: Vec<Value>,
    /// Of the values: lists are compared often, and most differ.
    hash: u64,
    compared: Compared,
    /// Those without wildcards, each text once, in the order of the texts.
    fixed: Vec<usize>,
    /// The same in lower case, where case does not count.
    folded: BTreeSet<String>,
    /// Those with wildcards.
    wild: Vec<usize>,
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.compared == other.compared && self.values == other.values
    }
}

impl List {
    fn new(values: Vec<Value>, compared: Compared) -> Arc<Self> {
        let text = |at: &usize| values[*at].pattern.as_str();
        let (mut fixed, wild): (Vec<usize>, Vec<usize>) =
            (0..values.len()).partition(|at| values[*at].pattern.is_fixed());
        fixed.sort_unstable_by(|one, other| text(one).cmp(text(other)));
        fixed.dedup_by(|one, other| text(one) == text(other));
        let folded = fixed
            .iter()
            .filter(|_| compared == Compared::InAnyCase)
            .map(|at| text(at).to_ascii_lowercase())
            .collect();
        let mut hasher = DefaultHasher::new();
        values.hash(&mut hasher);
        Arc::new(Self {
            values,
            hash: hasher.finish(),
            compared,
            fixed,
            folded,
            wild,
        })
    }

    fn of_texts(texts: impl IntoIterator<Item = String>) -> Arc<Self> {
        Self::new(
            texts
                .into_iter()
                .map(|text| Value {
                    pattern: Pattern::from(text),
                    by_parts: false,
                })
                .collect(),
            Compared::Literally,
        )
    }

    /// The texts of those without wildcards, in order.
    fn fixed(&self) -> impl Iterator<Item = &str> {
        self.fixed
            .iter()
            .map(|at| self.values[*at].pattern.as_str())
    }

    fn has_fixed(&self, text: &str) -> bool {
        self.fixed
            .binary_search_by(|at| self.values[*at].pattern.as_str().cmp(text))
            .is_ok()
    }

    fn has_wild(&self, text: &str) -> bool {
        self.wild.iter().any(|at| self.values[*at].matches(text))
    }

    /// Whether all values stand for one text each.
    pub(super) fn is_fixed(&self) -> bool {
        self.wild.is_empty()
    }
}

/// Values that a key must have one of, or must have none of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bound {
    In(Arc<List>),
    NotIn(Arc<List>),
}

/// What is known of a key: whether it may be absent, and the limits of its value. All limits apply
/// at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Known {
    pub(super) never_absent: bool,
    pub(super) never_present: bool,
    bounds: Vec<Bound>,
}

impl Known {
    /// Adds what a condition says.
    pub(super) fn add(&mut self, part: &Part) {
        self.never_absent |= part.never_absent;
        self.never_present |= part.never_present;
        if let Some(bound) = part
            .bound
            .as_ref()
            .filter(|bound| !self.bounds.contains(bound))
        {
            self.bounds.push(bound.clone());
        }
    }

    /// Adds that the key has one of some values.
    pub(super) fn one_of(&mut self, values: impl IntoIterator<Item = String>) {
        self.never_absent = true;
        self.bounds.push(Bound::In(List::of_texts(values)));
    }

    /// Adds that the key has none of some values, if it is there at all.
    pub(super) fn none_of(&mut self, values: impl IntoIterator<Item = String>) {
        self.bounds.push(Bound::NotIn(List::of_texts(values)));
    }

    /// Whether all that is known of another key's value is known of this one's.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        (self.never_absent || !other.never_absent)
            && (self.never_present || !other.never_present)
            && other.bounds.iter().all(|bound| self.bounds.contains(bound))
    }

    /// Whether nothing can have it.
    pub(super) fn is_contradictory(&self) -> bool {
        self.never_absent && !self.may_be_present()
    }

    /// Whether a caller who has the key may be in the region. Only texts that are compared as they
    /// are can rule one another out.
    pub(super) fn may_be_present(&self) -> bool {
        let shortest = self
            .fixed()
            .filter(|list| list.compared == Compared::Literally)
            .min_by_key(|list| list.values.len());
        !self.never_present
            && self.lists().all(|list| !list.values.is_empty())
            && shortest.is_none_or(|list| list.fixed().any(|text| self.allows(text)))
    }

    /// The lists of fixed texts, one of which the key has.
    fn fixed(&self) -> impl Iterator<Item = &List> {
        self.lists()
            .filter(|list| list.is_fixed() && list.compared.is_text())
    }

    /// The fixed values that the key can have, where it can have these only.
    pub(super) fn candidates(&self) -> Option<Vec<&str>> {
        let shortest = self.fixed().min_by_key(|list| list.values.len())?;
        // A text in any case is another one to the other bounds.
        let texts = shortest.fixed();
        Some(
            texts
                .filter(|text| shortest.compared == Compared::InAnyCase || self.allows(text))
                .collect(),
        )
    }

    /// Whether the key may have a value.
    pub(super) fn allows(&self, text: &str) -> bool {
        !self.never_present
            && self.bounds.iter().all(|bound| match bound {
                Bound::In(list) => match list.compared {
                    Compared::Literally => list.has_fixed(text) || list.has_wild(text),
                    Compared::InAnyCase => {
                        list.folded.contains(&text.to_ascii_lowercase()) || !list.is_fixed()
                    }
                    Compared::AsNumber | Compared::Otherwise => true,
                },
                Bound::NotIn(list) => {
                    !list.compared.is_text() || !(list.has_fixed(text) || list.has_wild(text))
                }
            })
    }

    /// The lists one of whose values the key has, where these are equal or alike, not less or more.
    pub(super) fn texts(&self) -> impl Iterator<Item = &List> {
        self.lists()
            .filter(|list| list.compared != Compared::Otherwise)
    }

    /// The lists one of whose values the key has.
    pub(super) fn lists(&self) -> impl Iterator<Item = &List> {
        self.bounds.iter().filter_map(|bound| {
            if let Bound::In(list) = bound {
                Some(list.as_ref())
            } else {
                None
            }
        })
    }
}

/// What a condition, or its opposite, says of its key.
#[derive(Debug, Clone)]
pub(super) struct Part {
    never_absent: bool,
    never_present: bool,
    bound: Option<Bound>,
}

impl Part {
    /// What a condition says if it holds, or if it does not. `None` if it is not understood.
    pub(super) fn of(
        condition: &Condition,
        form: Form,
        holds: bool,
        variables: bool,
        scope: &Scope<'_>,
    ) -> Option<Self> {
        let never_absent = condition.holds_without_key()? != holds;
        if condition.operator == Operator::Null {
            let present_meets = condition
                .values
                .iter()
                .any(|value| value.eq_ignore_ascii_case("false"))
                == holds;
            return Some(Self {
                never_absent,
                never_present: !present_meets,
                bound: None,
            });
        }
        let bound = if condition.operator.is_negated() == holds {
            Bound::NotIn(excluded(condition, variables, scope))
        } else {
            Bound::In(included(condition, form, variables, scope))
        };
        Some(Self {
            never_absent,
            never_present: false,
            bound: Some(bound),
        })
    }
}

/// A condition's values as the reasoner sees them.
fn value(condition: &Condition, pattern: &Pattern, variables: bool, scope: &Scope<'_>) -> Value {
    let by_parts = matches!(
        condition.operator,
        Operator::ArnEquals | Operator::ArnLike | Operator::ArnNotEquals | Operator::ArnNotLike
    );
    let pattern = if variables && pattern.has_variable() {
        Pattern::from(resolved(pattern, scope))
    } else if pattern.has_variable() {
        // Ordinary text to this policy.
        Pattern::from(pattern.replace("${", "?{"))
    } else {
        pattern.clone()
    };
    Value { pattern, by_parts }
}

/// Values of which a key must have one: rather too many than too few, without those that it can
/// never have.
fn included(condition: &Condition, form: Form, variables: bool, scope: &Scope<'_>) -> Arc<List> {
    let values = condition
        .values
        .iter()
        .filter(|pattern| form.may_match(condition.operator, pattern));
    List::new(
        values
            .map(|pattern| value(condition, pattern, variables, scope))
            .collect(),
        Compared::by(condition.operator),
    )
}

/// Values of which a key must have none: rather too few than too many.
fn excluded(condition: &Condition, variables: bool, scope: &Scope<'_>) -> Arc<List> {
    let knows_wildcards = matches!(
        condition.operator,
        Operator::StringLike
            | Operator::StringNotLike
            | Operator::ArnEquals
            | Operator::ArnLike
            | Operator::ArnNotEquals
            | Operator::ArnNotLike
    );
    // A variable that may have any value excludes nothing with certainty, and neither does a
    // wildcard that the operator takes literally.
    let usable =
        |pattern: &&Pattern| pattern.is_fixed() || (knows_wildcards && !pattern.has_variable());
    let resolvable = |pattern: &&Pattern| {
        variables && pattern.has_variable() && !resolved(pattern, scope).contains(['*', '?'])
    };
    let values = condition
        .values
        .iter()
        .filter(|pattern| usable(pattern) || resolvable(pattern));
    List::new(
        values
            .map(|pattern| value(condition, pattern, variables, scope))
            .collect(),
        Compared::by(condition.operator),
    )
}

/// A value with those policy variables replaced that are the same in every request for the
/// resource; any other may be anything.
fn resolved(pattern: &Pattern, scope: &Scope<'_>) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern.as_str();
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            text.push_str("?{");
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
