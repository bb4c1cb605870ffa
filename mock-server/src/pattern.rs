//! Translates the models' regular expressions, which AWS wrote for Java, to the engine of this
//! crate.
//!
//! Java's `\d`, `\w` and `\s` are ASCII, its dot stops at every line terminator, and a member is
//! valid if its whole text matches (`Matcher.matches`), regardless of anchors in the pattern.
//! Source: java.util.regex.Pattern.

use std::sync::OnceLock;

use serde::Deserialize;

/// A pattern of a model: AWS's own text, which messages quote, compiled when it is first needed.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct Pattern {
    text: String,
    compiled: OnceLock<Option<fancy_regex::Regex>>,
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self {
            text,
            compiled: OnceLock::new(),
        }
    }
}

impl Pattern {
    /// The pattern as the model writes it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the whole text matches. A pattern that cannot be parsed rejects nothing; a test
    /// ensures that there is no such pattern.
    pub(crate) fn fits(&self, text: &str) -> bool {
        // Reaching the backtracking limit counts as no match, which bounds the cost of any client's
        // text.
        self.compiled()
            .is_none_or(|regex| regex.is_match(text).unwrap_or(false))
    }

    fn compiled(&self) -> Option<&fancy_regex::Regex> {
        self.compiled
            .get_or_init(|| fancy_regex::Regex::new(&translate(&self.text)).ok())
            .as_ref()
    }
}

/// What Java's `.` does not match.
const LINE_TERMINATORS: &str = r"\n\r\x{85}\x{2028}\x{2029}";

/// Java's pattern in this engine's syntax, anchored at both ends.
fn translate(java: &str) -> String {
    let chars: Vec<char> = java.chars().collect();
    let mut out = String::from(r"\A(?:");
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            '\\' => {
                let (atom, next) = escape(&chars, at);
                at = next;
                match atom {
                    Atom::Char(c) => push_char(&mut out, c),
                    Atom::Class(class) => out.push_str(&format!("[{class}]")),
                    Atom::Property(property) => out.push_str(&property),
                }
            }
            '[' => at = class(&mut out, &chars, at),
            '.' => out.push_str(&format!("[^{LINE_TERMINATORS}]")),
            '^' => out.push_str(r"\A"),
            '$' => out.push_str(r"\z"),
            // The rest, groups and quantifiers, is the same in both; plain characters too.
            c => out.push(c),
        }
    }
    out.push_str(r")\z");
    out
}

/// The meaning of an escape.
enum Atom {
    Char(char),
    /// The contents of a character class.
    Class(&'static str),
    /// `\p{…}`, the same in both.
    Property(String),
}

/// Reads what follows a backslash; the second value is the position at which the pattern continues.
fn escape(chars: &[char], at: usize) -> (Atom, usize) {
    let hex = |digits: usize| {
        let text: String = chars.iter().skip(at + 1).take(digits).collect();
        u32::from_str_radix(&text, 16)
            .ok()
            .and_then(char::from_u32)
            .unwrap_or(char::REPLACEMENT_CHARACTER)
    };
    match chars.get(at) {
        Some('d') => (Atom::Class("0-9"), at + 1),
        Some('D') => (Atom::Class(r"\x00-/:-\x{10FFFF}"), at + 1),
        Some('w') => (Atom::Class("a-zA-Z0-9_"), at + 1),
        Some('W') => (
            Atom::Class(r"\x00-/:-@\x5B-\x5E\x60\x7B-\x{10FFFF}"),
            at + 1,
        ),
        Some('s') => (Atom::Class(r"\t\n\x0B\x0C\r "), at + 1),
        Some('S') => (Atom::Class(r"\x00-\x08\x0E-\x1F!-\x{10FFFF}"), at + 1),
        // Four digits, no more: in `\u10000` a zero follows the character U+1000.
        Some('u') => (Atom::Char(hex(4)), at + 5),
        Some('x') => (Atom::Char(hex(2)), at + 3),
        Some('t') => (Atom::Char('\t'), at + 1),
        Some('n') => (Atom::Char('\n'), at + 1),
        Some('r') => (Atom::Char('\r'), at + 1),
        Some('p' | 'P') => {
            let end = chars
                .iter()
                .skip(at)
                .position(|c| *c == '}')
                .map_or(chars.len(), |length| at + length + 1);
            (
                Atom::Property(format!("\\{}", chars[at..end].iter().collect::<String>())),
                end,
            )
        }
        Some(c) => (Atom::Char(*c), at + 1),
        None => (Atom::Char('\\'), at),
    }
}

/// Reads a character class whose opening bracket was just read; returns the position at which the
/// pattern continues.
fn class(out: &mut String, chars: &[char], mut at: usize) -> usize {
    out.push('[');
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    while let Some(&c) = chars.get(at) {
        at += 1;
        let atom = match c {
            ']' => break,
            '\\' => {
                let (atom, next) = escape(chars, at);
                at = next;
                atom
            }
            c => Atom::Char(c),
        };
        match atom {
            Atom::Class(class) => out.push_str(class),
            Atom::Property(property) => out.push_str(&property),
            Atom::Char(low) => {
                push_char(out, low);
                if let Some((high, next)) = upper_end(chars, at) {
                    out.push('-');
                    push_char(out, high);
                    at = next;
                }
            }
        }
    }
    out.push(']');
    at
}

/// The upper end of a range, if one begins here; a hyphen before the closing bracket or before a
/// class is literal.
fn upper_end(chars: &[char], at: usize) -> Option<(char, usize)> {
    match (chars.get(at)?, chars.get(at + 1)?) {
        ('-', ']') => None,
        ('-', '\\') => match escape(chars, at + 2) {
            (Atom::Char(high), next) => Some((high, next)),
            _ => None,
        },
        ('-', high) => Some((*high, at + 2)),
        _ => None,
    }
}

/// A literal character.
fn push_char(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() {
        out.push(c);
    } else {
        out.push_str(&format!("\\x{{{:X}}}", u32::from(c)));
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use crate::service::models;

    #[test]
    fn every_pattern_of_the_models_is_understood() {
        for (name, service) in models() {
            for (shape, pattern) in service
                .shapes()
                .filter_map(|(name, shape)| Some((name, shape.pattern.as_ref()?)))
            {
                assert!(
                    pattern.compiled().is_some(),
                    "{name}:{shape}: {} became {}",
                    pattern.text(),
                    super::translate(pattern.text())
                );
            }
        }
    }

    #[test]
    fn patterns_mean_what_they_mean_in_java() {
        for (pattern, fits, does_not) in [
            ("a|bc", &["a", "bc"][..], &["ab", "abc", "ac", "a\n"][..]),
            (
                r"\d{12}",
                &["123456789012"],
                &["1234567890123", "१२३४५६७८९०१२", "123456789012\n"],
            ),
            (
                r"[\w+=,.@-]+",
                &["a-b_c", "A.b@c"],
                &["", "ä", "a b", "a:b"],
            ),
            ("[a-zA-Z0-9-_]+", &["a-b", "_", "-"], &["", "a.b", "a:b"]),
            (r"[0-9a-z-:]+", &["a-:9"], &["A", "_"]),
            (
                r"[a-zA-Z0-9-\/*:_+=.@-]*",
                &["", "a-/*:_+=.@"],
                &["a b", ";"],
            ),
            (r"[^\s]+", &["a.b", "ä", "\u{a0}"], &["", "a b", "a\u{b}"]),
            (r"[\s\S]*", &["", "a\nb\u{10ffff}"], &[]),
            (".*", &["", "a b"], &["a\n", "a\rb", "\u{85}", "a\u{2028}b"]),
            (
                r"((?!^\d+$)^[0-9a-zA-Z-_]+$)",
                &["live", "1a"],
                &["1", "$LATEST", ""],
            ),
            ("(?!^[0-9]+$)([a-zA-Z0-9-_]+)", &["a1"], &["2024", ""]),
            (r"[0-9A-Za-z\.\-_]*(?<!\.)", &["a.b", ""], &["a.", "a/"]),
            (r"[a-z](\x2e|\u002F)", &["a.", "a/"], &["ab"]),
            (
                r"(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)",
                &["orders", "systems"],
                &["system.x", "$a", "a$"],
            ),
            (
                r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
                &["Größe 1", "名前", "a\u{a0}b"],
                &["#", "a\tb", "a\n"],
            ),
            (
                r"[\u0009\u000A\u000D\u0020-\u00FF]+",
                &["\t{ü}\r\n"],
                &["\u{100}", "\u{1}", ""],
            ),
            (
                r"[\u0020-\uD7FF\u10000-\u10FFFF]+",
                &["a", "\u{1000}0"],
                &["\u{e000}", "\n"],
            ),
            (
                r"$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))",
                &["", "kafka://t"],
                &["kafka://", "x"],
            ),
            ("(|[a-zA-Z0-9$_-]+)", &["", "$LATEST"], &["a b"]),
            (
                r"^(r-[0-9a-z]{4,32})|(\d{12})|(ou-[0-9a-z]{4,32})$",
                &["r-abcd", "123456789012"],
                &["r-abcdX", "x123456789012", "r-a"],
            ),
            (
                "[^ /\\.$\\x22]*",
                &["db"],
                &["a b", "a/b", "a.b", "a$", "\""],
            ),
            ("[+][\\s0-9()-]+", &["+49 (30) 1-2"], &["49", "+a"]),
        ] {
            let compiled = Pattern::from(pattern.to_owned());
            assert!(
                compiled.compiled().is_some(),
                "{pattern} became {}",
                super::translate(pattern)
            );
            for text in fits {
                assert!(
                    compiled.fits(text),
                    "{pattern} fits {text:?}; it became {}",
                    super::translate(pattern)
                );
            }
            for text in does_not {
                assert!(
                    !compiled.fits(text),
                    "{pattern} does not fit {text:?}; it became {}",
                    super::translate(pattern)
                );
            }
        }
    }

    /// The engine's step limit bounds the cost of any text.
    #[test]
    fn hostile_texts_end_soon() {
        let begun = std::time::Instant::now();
        for (_, service) in models() {
            for pattern in service
                .shapes()
                .filter_map(|(_, shape)| shape.pattern.as_ref())
            {
                for text in [
                    "a".repeat(20_000),
                    "a-".repeat(10_000),
                    "1".repeat(20_000),
                    "arn:aws:lambda:".repeat(1_000),
                ] {
                    let _ = pattern.fits(&text);
                }
            }
        }
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }
}
