//! Whether a Deny statement certainly covers what an Allow statement grants: actions and resources,
//! including wildcards.

use crate::document::{Match, Statement};
use crate::pattern::{Pattern, glob};

use super::Scope;
use super::restriction::Restriction;

/// Whether everything that a text with wildcards stands for matches a pattern.
pub(super) fn pattern_covers(pattern: &Pattern, narrower: &str) -> bool {
    // A question mark must not stand for a star.
    if pattern.contains('?') && narrower.contains(['*', '?']) {
        return &**pattern == narrower;
    }
    glob(pattern, narrower)
}

/// Whether two patterns may match the same text.
fn may_overlap(one: &str, other: &str) -> bool {
    let start = |text: &str| text.find(['*', '?']).unwrap_or(text.len());
    let (a, b) = (start(one), start(other));
    match (a == one.len(), b == other.len()) {
        (true, true) => one == other,
        (true, false) => glob(other, one),
        (false, true) => glob(one, other),
        (false, false) => {
            let shorter = a.min(b);
            one.as_bytes()[..shorter] == other.as_bytes()[..shorter]
        }
    }
}

/// How many pairs of patterns of one Allow and one Deny are compared; far more than policies of a
/// size that AWS accepts have. Beyond that a Deny covers only where one of its patterns is `*`.
const MOST_PAIRS: usize = 1 << 13;

/// A Deny statement: its actions in lower case, and how each of its conditions restricts the
/// callers who do not meet it.
pub(super) struct Denial<'d> {
    pub(super) statement: &'d Statement,
    actions: Vec<Pattern>,
    pub(super) unmet: Vec<Restriction>,
}

impl<'d> Denial<'d> {
    pub(super) fn new(statement: &'d Statement, variables: bool, scope: &Scope<'_>) -> Self {
        let actions = statement
            .actions
            .values()
            .iter()
            .map(|pattern| Pattern::from(pattern.to_ascii_lowercase()))
            .collect();
        let unmet = statement
            .conditions
            .iter()
            .map(|condition| Restriction::of(condition, false, variables, scope))
            .collect();
        Self {
            statement,
            actions,
            unmet,
        }
    }

    /// Which of an Allow's actions, in lower case, it surely covers.
    pub(super) fn covers_actions(&self, actions: &[String]) -> Vec<bool> {
        let all = matches!(self.statement.actions, Match::Any(_))
            && self.actions.iter().any(|pattern| **pattern == *"*");
        if all || self.actions.len().saturating_mul(actions.len()) > MOST_PAIRS {
            return vec![all; actions.len()];
        }
        actions
            .iter()
            .map(|action| self.covers_action(action))
            .collect()
    }

    fn covers_action(&self, action: &str) -> bool {
        match self.statement.actions {
            Match::Any(_) => self
                .actions
                .iter()
                .any(|pattern| pattern_covers(pattern, action)),
            Match::Not(_) => !self
                .actions
                .iter()
                .any(|pattern| may_overlap(pattern, action)),
        }
    }
}

/// Whether a Deny's resources cover all of an Allow's.
pub(super) fn covers_resources(denial: &Statement, allow: &Statement, variables: bool) -> bool {
    let usable = |pattern: &&Pattern| !(variables && pattern.has_variable());
    match (&denial.resources, &allow.resources) {
        (None, _) => true,
        (Some(Match::Any(denied)), Some(Match::Any(allowed))) => {
            let denied: Vec<&Pattern> = denied.iter().filter(usable).collect();
            if denied.iter().any(|pattern| ***pattern == *"*") {
                return true;
            }
            denied.len().saturating_mul(allowed.len()) <= MOST_PAIRS
                && allowed.iter().all(|resource| {
                    denied
                        .iter()
                        .any(|pattern| pattern_covers(pattern, resource))
                })
        }
        (Some(Match::Any(denied)), _) => denied.iter().any(|pattern| **pattern == *"*"),
        (Some(Match::Not(spared)), Some(Match::Any(allowed))) => {
            spared.iter().all(|pattern| usable(&pattern))
                && spared.len().saturating_mul(allowed.len()) <= MOST_PAIRS
                && !allowed.iter().any(|resource| {
                    spared.iter().any(|pattern| {
                        (variables && resource.has_variable()) || may_overlap(pattern, resource)
                    })
                })
        }
        (Some(Match::Not(_)), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Denial, Scope, may_overlap, pattern_covers};
    use crate::Document;
    use crate::pattern::Pattern;

    #[test]
    fn covers_only_what_it_surely_covers() {
        for (pattern, narrower, expected) in [
            ("lambda:*", "lambda:Get*", true),
            ("lambda:Get*", "lambda:*", false),
            ("lambda:?", "lambda:*", false),
            ("lambda:*Function", "lambda:InvokeFunction", true),
            ("*", "*", true),
        ] {
            assert_eq!(
                pattern_covers(&Pattern::from(pattern), narrower),
                expected,
                "{pattern} {narrower}"
            );
        }
        let document = Document::parse(r#"{"Statement":{"Effect":"Deny","Principal":"*","NotAction":"lambda:Get*","Resource":"*"}}"#)
            .expect("a policy");
        let denial = Denial::new(
            &document.statements[0],
            true,
            &Scope {
                account: "111122223333",
                organization: None,
                partition: "aws",
            },
        );
        assert_eq!(
            denial.covers_actions(&["lambda:invokefunction".to_owned(), "lambda:*".to_owned()]),
            [true, false]
        );
        assert!(may_overlap("a*b", "a*c") && !may_overlap("a*", "b*"));
    }
}
