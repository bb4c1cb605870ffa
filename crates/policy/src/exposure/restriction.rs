//! How a condition restricts the callers of a statement.

use crate::condition::Condition;
use crate::operator::Operator;

use super::Scope;
use super::identity::Key;
use super::keys::Part;

/// How a condition restricts the callers who meet it, or those who do not.
#[derive(Debug, Clone)]
pub(super) enum Restriction {
    /// It does not: any caller may have such a value.
    Anyone,
    /// There are no such callers.
    NoOne,
    /// It is not known, for this reason.
    Undecided(String),
    /// Whether AWS services, and whether other callers are among them.
    Service { services: bool, others: bool },
    /// It limits the value of a key that identifies the caller.
    Key(Key, Part),
}

impl Restriction {
    /// How a condition restricts callers if it holds, or if it does not.
    pub(super) fn of(
        condition: &Condition,
        holds: bool,
        variables: bool,
        scope: &Scope<'_>,
    ) -> Self {
        if condition.operator == Operator::Unknown {
            return Self::Undecided(format!(
                "its condition operator {} is not known",
                lambdasweep_model::printable(&condition.operator_text)
            ));
        }
        let Some(key) = Key::of(condition) else {
            // A condition without values is never met, whatever its key.
            let never = condition.values.is_empty()
                && condition.holds_without_key() == Some(false)
                && !condition.operator.is_negated();
            return if never && holds {
                Self::NoOne
            } else {
                Self::Anyone
            };
        };
        if key == Key::PrincipalIsService {
            return Self::of_service(condition, holds);
        }
        Part::of(condition, key.form(), holds, variables, scope)
            .map_or(Self::Anyone, |part| Self::Key(key, part))
    }

    fn of_service(condition: &Condition, holds: bool) -> Self {
        let meets = |value: &str| match condition.operator {
            Operator::Null => condition
                .values
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case("false")),
            Operator::Bool => condition
                .values
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(value)),
            // AWS documents no other operators for the key: they do not count as a limit.
            _ => holds,
        };
        Self::Service {
            services: meets("true") == holds,
            others: meets("false") == holds,
        }
    }
}
