//! Runs the rules over a text: one pass for all their hints, and then only the patterns whose hints
//! are there.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::Regex;

use crate::rules::{Pattern, Rule, TABLES};
use crate::verify::Match;
use crate::{Confidence, Secret};

/// All rules, and the search for the rules that may match a text.
struct Engine {
    rules: Vec<Entry>,
    hints: Option<AhoCorasick>,
    /// The rules of each hint, by its index among the hints.
    of_hint: Vec<Vec<usize>>,
    /// Rules whose only hint is a character: it is in most texts, and is searched only if a text is
    /// long enough for the rule.
    of_byte: Vec<(u8, usize)>,
}

struct Entry {
    rule: &'static Rule,
    /// No shorter text has a match.
    shortest: usize,
    pattern: OnceLock<Option<Regex>>,
}

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::new);

/// A set of rules, a bit each.
type Candidates = [u64; 8];

impl Engine {
    fn new() -> Self {
        let rules: Vec<&'static Rule> = TABLES.iter().copied().flatten().collect();
        let mut hints: Vec<String> = Vec::new();
        let mut of_hint: Vec<Vec<usize>> = Vec::new();
        let mut of_byte = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            for hint in rule.hints {
                if let [byte] = hint.as_bytes() {
                    of_byte.push((*byte, index));
                    continue;
                }
                let hint = hint.to_ascii_lowercase();
                match hints.iter().position(|known| *known == hint) {
                    Some(at) => of_hint[at].push(index),
                    None => {
                        hints.push(hint);
                        of_hint.push(vec![index]);
                    }
                }
            }
        }
        let hints = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .ascii_case_insensitive(true)
            .build(&hints)
            .ok();
        let entry = |rule| Entry {
            rule,
            shortest: shortest(&pattern_of(rule)),
            pattern: OnceLock::new(),
        };
        Self {
            rules: rules.into_iter().map(entry).collect(),
            hints,
            of_hint,
            of_byte,
        }
    }

    /// The rules one of whose hints is in a text.
    fn candidates(&self, text: &str) -> Candidates {
        let mut candidates = Candidates::default();
        let mut present = [false; 256];
        for byte in text.bytes() {
            present[usize::from(byte)] = true;
        }
        for &(byte, rule) in &self.of_byte {
            if present[usize::from(byte)] && text.len() >= self.rules[rule].shortest {
                candidates[rule / 64] |= 1 << (rule % 64);
            }
        }
        for found in self
            .hints
            .iter()
            .flat_map(|hints| hints.find_overlapping_iter(text))
        {
            let (pattern, found) = (found.pattern().as_usize(), (found.start(), found.end()));
            // Checked once for all rules that have the hint; most hints are found inside words.
            let mut begins = None;
            for &rule in &self.of_hint[pattern] {
                if text.len() < self.rules[rule].shortest {
                    continue;
                }
                let of_token = matches!(self.rules[rule].rule.pattern, Pattern::Prefixed(_));
                if !of_token
                    || (*begins.get_or_insert_with(|| begins_token(text.as_bytes(), found))
                        && is_as_written(self.rules[rule].rule, &text[found.0..found.1]))
                {
                    candidates[rule / 64] |= 1 << (rule % 64);
                }
            }
        }
        candidates
    }

    fn pattern(&self, index: usize) -> Option<&Regex> {
        let entry = &self.rules[index];
        entry
            .pattern
            .get_or_init(|| Regex::new(&pattern_of(entry.rule)).ok())
            .as_ref()
    }

    /// The position of a match, and its confidence.
    fn matches<'e>(
        &'e self,
        index: usize,
        text: &'e str,
    ) -> impl Iterator<Item = (Range<usize>, Confidence)> + 'e {
        let rule = self.rules[index].rule;
        // Most candidates match nowhere, and matching without groups finds that out sooner.
        self.pattern(index)
            .filter(|regex| regex.is_match(text))
            .into_iter()
            .flat_map(|regex| regex.captures_iter(text))
            .filter_map(move |captures| {
                let whole = captures.get(0)?;
                let secret = captures.name("secret").unwrap_or(whole);
                let body = captures.name("body").unwrap_or(secret);
                // A letter or a digit right after a token of fixed form shows that the whole is
                // something else.
                let goes_on = |byte: &u8| byte.is_ascii_alphanumeric();
                if matches!(rule.pattern, Pattern::Prefixed(_))
                    && text.as_bytes().get(whole.end()).is_some_and(goes_on)
                {
                    return None;
                }
                if crate::blob::is_inside(text, &whole.range()) {
                    return None;
                }
                let found = Match {
                    text,
                    whole: whole.as_str(),
                    secret: secret.as_str(),
                    body: body.as_str(),
                };
                let confidence = (rule.judge)(found, rule.confidence)?;
                Some((secret.range(), confidence))
            })
    }
}

/// Whether a prefix that was found stands at the beginning of a word and something follows that is
/// long enough to be a token.
fn begins_token(bytes: &[u8], (start, end): (usize, usize)) -> bool {
    const SHORTEST: usize = 10;
    let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let inside = start > 0 && of_word(&bytes[start]) && of_word(&bytes[start - 1]);
    let follows = bytes
        .get(end..end + SHORTEST)
        .is_some_and(|behind| behind.iter().all(|byte| byte.is_ascii_graphic()));
    !inside && follows
}

fn is_as_written(rule: &Rule, found: &str) -> bool {
    rule.hints.contains(&found)
}

fn pattern_of(rule: &Rule) -> Cow<'static, str> {
    match rule.pattern {
        Pattern::Whole(pattern) => Cow::Borrowed(pattern),
        Pattern::Prefixed(rest) => {
            let prefixes: Vec<String> = rule.hints.iter().map(|hint| regex::escape(hint)).collect();
            // Some prefixes begin with a character that is not part of a word.
            let edge = if rule
                .hints
                .iter()
                .all(|hint| hint.starts_with(|c: char| c.is_ascii_alphanumeric()))
            {
                r"\b"
            } else {
                ""
            };
            Cow::Owned(format!(
                "(?-u:{edge}(?:{})(?<body>{rest}))",
                prefixes.join("|")
            ))
        }
    }
}

/// The least bytes that a match of a pattern has.
fn shortest(pattern: &str) -> usize {
    regex_syntax::parse(pattern)
        .ok()
        .and_then(|parsed| parsed.properties().minimum_len())
        .unwrap_or_default()
}

fn each(candidates: Candidates) -> impl Iterator<Item = usize> {
    let bits = |(word, mut bits): (usize, u64)| {
        std::iter::from_fn(move || {
            let bit = bits.trailing_zeros() as usize;
            bits = if bits == 0 {
                return None;
            } else {
                bits & (bits - 1)
            };
            Some(word * 64 + bit)
        })
    };
    candidates.into_iter().enumerate().flat_map(bits)
}

/// The secret with the highest confidence in a text.
pub(crate) fn best(text: &str) -> Option<Secret> {
    let engine = &*ENGINE;
    let mut best: Option<Secret> = None;
    for index in each(engine.candidates(text)) {
        let sure = engine
            .matches(index, text)
            .map(|(_, confidence)| confidence)
            .max();
        if let Some(confidence) =
            sure.filter(|&confidence| best.is_none_or(|best| confidence > best.confidence))
        {
            let rule = engine.rules[index].rule;
            best = Some(Secret {
                rule: rule.id,
                description: rule.description,
                confidence,
            });
        }
        if best.is_some_and(|best| best.confidence == Confidence::High) {
            break;
        }
    }
    best
}

/// The positions of the secrets of a text with at least that confidence, in no order; they may
/// overlap.
pub(crate) fn ranges(text: &str, least: Confidence) -> Vec<Range<usize>> {
    let engine = &*ENGINE;
    let sure = |index| {
        engine
            .matches(index, text)
            .filter(|(_, confidence)| *confidence >= least)
            .map(|(range, _)| range)
    };
    each(engine.candidates(text)).flat_map(sure).collect()
}

#[cfg(test)]
mod tests {
    use super::{Candidates, ENGINE, Entry};

    #[test]
    fn every_pattern_compiles_and_has_a_bit() {
        assert!(ENGINE.hints.is_some() && ENGINE.rules.len() <= Candidates::default().len() * 64);
        for (index, Entry { rule, shortest, .. }) in ENGINE.rules.iter().enumerate() {
            assert!(ENGINE.pattern(index).is_some(), "{}", rule.id);
            assert!(*shortest > 0, "{}", rule.id);
            assert!(
                !rule.hints.is_empty() && rule.hints.iter().all(|hint| !hint.is_empty()),
                "{}",
                rule.id
            );
        }
    }
}
