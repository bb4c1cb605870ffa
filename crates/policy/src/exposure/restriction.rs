//! How a condition restricts the callers of a statement.

use crate::condition::Condition;
use crate::operator::Operator;

use super::Scope;
use super::identity::Key;
use super::keys::Part;

/// What a condition tells of the callers who meet it, or of those who do not.
#[derive(Debug, Clone)]
pub(super) enum Restriction {
    /// Nothing: anyone may bring about what its key says.
    Anyone,
    /// That there are none.
    NoOne,
    /// Nobody can say.
    Undecided(String),
    /// Whether AWS services and whether others are among them.
    Service { services: bool, others: bool },
    /// What one of the keys is that tell who a caller is.
    Key(Key, Part),
}

impl Restriction {
    /// What a condition tells where it holds, or where it does not.
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
            // No value is no value, whatever the key.
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
            // Any other operator is not what AWS documents for the key: it is not taken for a
            // bound.
            _ => holds,
        };
        Self::Service {
            services: meets("true") == holds,
            others: meets("false") == holds,
        }
    }
}
