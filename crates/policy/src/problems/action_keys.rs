//! Condition keys of services: whether the actions of their statement support them.
//!
//! If a request does not have a key, the operator decides the condition: most operators never hold,
//! and negated ones and those with IfExists always do. AWS accepts both, so that this is a warning;
//! the check reference calls it an error.
//!
//! Source: the checks of the check reference "Missing action for condition key" and "Invalid
//! service condition key"; the table of [`actions`].

use std::collections::{BTreeMap, HashSet};

use lambdasweep_model::nearest;

use super::conditions::{MEMBER, is_global};
use super::{Findings, Rules, quoted};
use crate::actions::keys::{self, Knowers};
use crate::actions::{self, Action};
use crate::condition::Condition;
use crate::document::{Effect, Match};
use crate::overlap;
use crate::pattern::Pattern;

/// So many actions and keys are named in a message.
const NAMED: usize = 3;

impl Rules {
    /// Checks that one action of a statement at least knows each key of a service. Says nothing
    /// where the statement names an action that the table does not know, or all but some.
    pub(crate) fn keys_of_actions(
        self,
        findings: &mut Findings,
        effect: Effect,
        actions: &Match,
        conditions: &[(usize, Condition)],
    ) {
        let Match::Any(patterns) = actions else {
            return;
        };
        if !conditions
            .iter()
            .any(|(_, condition)| is_of_service(condition))
            || findings.has_enough_warnings()
        {
            return;
        }
        let Some(covered) = covered(findings, patterns) else {
            return;
        };
        for (at, condition) in conditions
            .iter()
            .filter(|(_, condition)| is_of_service(condition))
        {
            if covered.contains_key("sts") && condition.folded_key.starts_with("sts:") {
                // TagSession and SetSourceIdentity are asked for together with AssumeRole, whose
                // keys are there.
                continue;
            }
            let Some(holds) = condition.holds_without_key() else {
                continue;
            };
            if findings.has_enough_warnings()
                || may_be_known(findings, &covered, &condition.folded_key)
            {
                continue;
            }
            findings.warning(*at, MEMBER, || message(condition, effect, patterns, holds));
        }
    }
}

/// Whether a key is one of a service that the table knows: neither global, nor an identity
/// provider's, nor one with a variable in it.
fn is_of_service(condition: &Condition) -> bool {
    let key = &condition.folded_key;
    let Some((service, name)) = key.split_once(':') else {
        return false;
    };
    !is_global(key) && !name.is_empty() && !key.contains("${") && actions::is_service(service)
}

/// The actions that patterns cover, by service; `None` where the table does not know one, or where
/// they are too many.
fn covered(
    findings: &mut Findings,
    patterns: &[Pattern],
) -> Option<BTreeMap<&'static str, HashSet<Action>>> {
    let mut covered: BTreeMap<&'static str, HashSet<Action>> = BTreeMap::new();
    for pattern in patterns {
        let (service, _) = pattern.split_once(':')?;
        if overlap::is_pattern(service) {
            return None;
        }
        let actions = actions::expand(pattern);
        if actions.is_empty() || !findings.may_spend(actions.len()) {
            return None;
        }
        for action in actions {
            covered.entry(action.service).or_default().insert(action);
        }
    }
    (!covered.is_empty()).then_some(covered)
}

/// Whether one of the actions may support a key.
fn may_be_known(
    findings: &mut Findings,
    covered: &BTreeMap<&'static str, HashSet<Action>>,
    key: &str,
) -> bool {
    keys::is_anywhere(key)
        || covered.iter().any(|(service, actions)| {
            if !findings.may_spend(Knowers::cost(service) + actions.len()) {
                return true;
            }
            let knowers = Knowers::of(service, key);
            actions.iter().any(|action| knowers.may_have(action))
        })
}

fn message(condition: &Condition, effect: Effect, patterns: &[Pattern], holds: bool) -> String {
    let (service, name) = condition.folded_key.split_once(':').unwrap_or_default();
    let knowers = Knowers::of(service, &condition.folded_key);
    let knowing: Vec<String> = actions::expand(&format!("{service}:*"))
        .iter()
        .filter(|it| knowers.has(it))
        .map(ToString::to_string)
        .collect();
    let names: Vec<&str> = patterns.iter().map(Pattern::as_str).collect();
    let (of, hint) = if knowing.is_empty() {
        let hint = nearest(name, keys::names(service))
            .map(|name| format!("did you mean `{service}:{name}`?"));
        (format!("`{service}`"), hint)
    } else {
        let has = if knowing.len() == 1 { "has" } else { "have" };
        (
            listed(&names, "or"),
            Some(format!("{} {has} it.", listed(&knowing, "and"))),
        )
    };
    let operator = quoted(&condition.operator_text);
    let outcome = match (holds, effect) {
        (false, Effect::Allow) => "the statement allows nothing".to_owned(),
        (false, Effect::Deny) => "the statement denies nothing".to_owned(),
        (true, Effect::Allow) => format!("{operator} always holds and restricts nothing"),
        (true, Effect::Deny) => format!("{operator} always holds and exempts nothing"),
    };
    let (key, date) = (quoted(&condition.key), actions::date_of_keys());
    let start = format!(
        "{key} is not a condition key of {of} in the Service Authorization Reference of {date}, so that {outcome}"
    );
    hint.map_or_else(|| format!("{start}."), |hint| format!("{start}; {hint}"))
}

/// Names with a word before the last; those beyond the first few are counted.
fn listed<T: AsRef<str>>(names: &[T], word: &str) -> String {
    let shown = if names.len() > NAMED + 1 {
        NAMED
    } else {
        names.len()
    };
    let mut parts: Vec<String> = names
        .iter()
        .take(shown)
        .map(|name| quoted(name.as_ref()))
        .collect();
    if names.len() > shown {
        parts.push(format!("{} others", names.len() - shown));
    }
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {word} {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn lists_name_a_few() {
        assert_eq!(listed(&["a"], "or"), "`a`");
        assert_eq!(listed(&["a", "b"], "or"), "`a` or `b`");
        assert_eq!(
            listed(&["a", "b", "c", "d"], "and"),
            "`a`, `b`, `c` and `d`"
        );
        assert_eq!(
            listed(&["a", "b", "c", "d", "e"], "or"),
            "`a`, `b`, `c` or 2 others"
        );
    }
}
