//! Whether a Deny statement surely covers what an Allow statement grants: actions and resources, wildcards among them.

use crate::document::{Match, Statement};
use crate::pattern::{Pattern, glob};

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

/// Whether a Deny's actions cover an action as an Allow writes it.
pub(super) fn covers_actions(denied: &Match, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    match denied {
        Match::Any(patterns) => patterns.iter().any(|pattern| pattern_covers(&Pattern::from(pattern.to_ascii_lowercase()), &action)),
        Match::Not(patterns) => !patterns.iter().any(|pattern| may_overlap(&pattern.to_ascii_lowercase(), &action)),
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
            denied.len().saturating_mul(allowed.len()) <= super::MOST_PAIRS
                && allowed.iter().all(|resource| denied.iter().any(|pattern| pattern_covers(pattern, resource)))
        }
        (Some(Match::Any(denied)), _) => denied.iter().any(|pattern| **pattern == *"*"),
        (Some(Match::Not(spared)), Some(Match::Any(allowed))) => {
            spared.iter().all(|pattern| usable(&pattern))
                && spared.len().saturating_mul(allowed.len()) <= super::MOST_PAIRS
                && !allowed
                    .iter()
                    .any(|resource| spared.iter().any(|pattern| (variables && resource.has_variable()) || may_overlap(pattern, resource)))
        }
        (Some(Match::Not(_)), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{covers_actions, may_overlap, pattern_covers};
    use crate::document::Match;
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
            assert_eq!(pattern_covers(&Pattern::from(pattern), narrower), expected, "{pattern} {narrower}");
        }
        let not = Match::Not(vec![Pattern::from("lambda:Get*")]);
        assert!(covers_actions(&not, "LAMBDA:InvokeFunction") && !covers_actions(&not, "lambda:*"));
        assert!(may_overlap("a*b", "a*c") && !may_overlap("a*", "b*"));
    }
}
