//! Runs the rules over a text: one pass for all their hints, and then only the patterns whose hints are there.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::{Regex, RegexSet};

use crate::rules::RULES;
use crate::verify::Match;
use crate::{Confidence, Secret};

static HINTS: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(RULES.iter().map(|rule| rule.hint)).ok());
static PATTERNS: [OnceLock<Option<Regex>>; RULES.len()] = [const { OnceLock::new() }; RULES.len()];

fn pattern(index: usize) -> Option<&'static Regex> {
    PATTERNS[index].get_or_init(|| Regex::new(RULES[index].pattern).ok()).as_ref()
}

/// Where a rule fired, and how sure it is.
fn matches(index: usize, text: &str) -> impl Iterator<Item = (Range<usize>, Confidence)> {
    let rule = &RULES[index];
    pattern(index).into_iter().flat_map(|regex| regex.captures_iter(text)).filter_map(move |captures| {
        let whole = captures.get(0)?;
        let secret = captures.name("secret").unwrap_or(whole);
        let confidence = (rule.judge)(Match { whole: whole.as_str(), secret: secret.as_str() }, rule.confidence)?;
        Some((secret.range(), confidence))
    })
}

fn hinted(text: &str) -> impl Iterator<Item = usize> {
    HINTS.as_ref().into_iter().flat_map(|hints| hints.matches(text))
}

/// The surest secret in a text.
pub(crate) fn best(text: &str) -> Option<Secret> {
    let mut best: Option<Secret> = None;
    for index in hinted(text) {
        let sure = matches(index, text).map(|(_, confidence)| confidence).max();
        if let Some(confidence) = sure.filter(|&confidence| best.is_none_or(|best| confidence > best.confidence)) {
            best = Some(Secret { rule: RULES[index].id, description: RULES[index].description, confidence });
        }
        if best.is_some_and(|best| best.confidence == Confidence::High) {
            break;
        }
    }
    best
}

/// Where the secrets of a text stand that are at least that sure, in no order; they may overlap.
pub(crate) fn ranges(text: &str, least: Confidence) -> Vec<Range<usize>> {
    let sure = |index| matches(index, text).filter(|(_, confidence)| *confidence >= least).map(|(range, _)| range);
    hinted(text).flat_map(|index| sure(index).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::{HINTS, RULES, pattern};

    #[test]
    fn every_pattern_compiles() {
        assert!(HINTS.is_some());
        for (index, rule) in RULES.iter().enumerate() {
            assert!(pattern(index).is_some(), "{}", rule.id);
        }
    }
}
