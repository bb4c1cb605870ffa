//! Patterns in a policy that values of a request are matched against: wildcards (`*`, `?`) and
//! policy variables (`${aws:username}`).

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use crate::request::View;

/// A value as a policy writes it, with wildcards and policy variables.
///
/// ```
/// use lambdasweep_policy::Pattern;
///
/// let pattern = Pattern::from("arn:aws:s3:::reports-*");
/// assert!(pattern.matches("arn:aws:s3:::reports-2026"));
/// assert!(!pattern.is_fixed());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern {
    text: Box<str>,
    shape: Shape,
    /// How many parts are missing at the end of an ARN; 0 for every other text.
    missing: u8,
}

/// What a text consists of, found once so that matching is quick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Shape {
    /// No wildcard and no variable.
    Literal,
    /// `*` alone.
    Star,
    /// One `*`, at the end.
    Prefix,
    /// Any other with wildcards.
    Wild,
    /// It holds `${`: what it matches depends on the request.
    Variable,
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        let shape = if text.contains("${") {
            Shape::Variable
        } else {
            match text.find(['*', '?']) {
                None => Shape::Literal,
                Some(0) if text == "*" => Shape::Star,
                Some(at) if at + 1 == text.len() && text.ends_with('*') => Shape::Prefix,
                Some(_) => Shape::Wild,
            }
        };
        let missing = missing_parts(&text, true);
        Self {
            text: text.into_boxed_str(),
            shape,
            missing,
        }
    }
}

/// The parts of an ARN before its resource.
const PARTS_BEFORE_RESOURCE: u8 = 5;

/// How many parts are missing at the end of an ARN. Colons within a policy variable do not separate
/// parts.
fn missing_parts(text: &str, variables: bool) -> u8 {
    if !text.starts_with("arn:") {
        return 0;
    }
    let (mut missing, mut within, mut last) = (PARTS_BEFORE_RESOURCE, false, b' ');
    for byte in text.bytes() {
        match byte {
            b'{' if variables && last == b'$' => within = true,
            b'}' => within = false,
            b':' if !within => missing -= 1,
            _ => {}
        }
        if missing == 0 {
            break;
        }
        last = byte;
    }
    missing
}

/// Completes an ARN with a wildcard for each missing part, as identity-based policies do; returns
/// any other text unchanged.
///
/// Source: "IAM JSON policy elements: Resource", incomplete ARNs.
pub(crate) fn completed(text: &str, variables: bool) -> Cow<'_, str> {
    match missing_parts(text, variables) {
        0 => Cow::Borrowed(text),
        missing => Cow::Owned(format!("{text}{}", ":*".repeat(missing.into()))),
    }
}

impl Deref for Pattern {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

impl PartialEq<str> for Pattern {
    fn eq(&self, other: &str) -> bool {
        &*self.text == other
    }
}

impl PartialEq<&str> for Pattern {
    fn eq(&self, other: &&str) -> bool {
        &*self.text == *other
    }
}

impl Pattern {
    /// The text as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches exactly one value: it has neither wildcards nor policy variables.
    pub fn is_fixed(&self) -> bool {
        self.shape == Shape::Literal
    }

    /// Whether it has a policy variable.
    pub fn has_variable(&self) -> bool {
        self.shape == Shape::Variable
    }

    /// Whether a text matches it. Variables are not replaced.
    pub fn matches(&self, text: &str) -> bool {
        match self.shape {
            Shape::Literal => &*self.text == text,
            Shape::Star => true,
            Shape::Prefix => text
                .as_bytes()
                .starts_with(&self.text.as_bytes()[..self.text.len() - 1]),
            Shape::Wild | Shape::Variable => glob(&self.text, text),
        }
    }

    /// Whether a text matches it in a request; nothing matches where a variable has no value.
    pub(crate) fn matches_in(&self, text: &str, view: &View<'_>) -> bool {
        if self.shape == Shape::Variable && view.variables {
            return resolve(&self.text, view)
                .is_some_and(|units| run(units.len(), |at| units[at], text.as_bytes()));
        }
        self.matches(text)
    }

    /// The same for a resource in a policy that completes incomplete ARNs: `arn:aws:sqs` matches
    /// what `arn:aws:sqs:*:*:*` does.
    pub(crate) fn matches_completed(&self, text: &str, view: &View<'_>) -> bool {
        if self.missing == 0 {
            return self.matches_in(text, view);
        }
        if self.shape == Shape::Variable {
            // How many parts are missing depends on the policy's version.
            return Self::from(completed(&self.text, view.variables).as_ref())
                .matches_in(text, view);
        }
        let bytes = self.text.as_bytes();
        let beyond = |at: usize| {
            if at.is_multiple_of(2) {
                Unit::Byte(b':')
            } else {
                Unit::Star
            }
        };
        let at_index = |at: usize| {
            bytes
                .get(at)
                .map_or_else(|| beyond(at - bytes.len()), |byte| unit(*byte))
        };
        run(
            bytes.len() + 2 * usize::from(self.missing),
            at_index,
            text.as_bytes(),
        )
    }

    /// The text that it stands for in a request where wildcards mean nothing; none where a variable
    /// has no value.
    pub(crate) fn resolved<'p>(&'p self, view: &View<'_>) -> Option<std::borrow::Cow<'p, str>> {
        if self.shape != Shape::Variable || !view.variables {
            return Some(std::borrow::Cow::Borrowed(&self.text));
        }
        let bytes = resolve(&self.text, view)?
            .into_iter()
            .map(|unit| match unit {
                Unit::Star => b'*',
                Unit::One => b'?',
                Unit::Byte(byte) => byte,
            });
        String::from_utf8(bytes.collect())
            .ok()
            .map(std::borrow::Cow::Owned)
    }

    /// Whether an ARN matches it part by part: a wildcard does not match a colon except in the last
    /// part.
    ///
    /// Source: "IAM JSON policy elements: Condition operators", ARN condition operators.
    pub(crate) fn matches_arn(&self, arn: &str, view: &View<'_>) -> bool {
        if self.shape == Shape::Variable && view.variables {
            let Some(units) = resolve(&self.text, view) else {
                return false;
            };
            let patterns: Vec<&[Unit]> =
                units.splitn(6, |unit| *unit == Unit::Byte(b':')).collect();
            let parts: Vec<&str> = arn.splitn(6, ':').collect();
            return patterns.len() == 6
                && parts.len() == 6
                && patterns
                    .iter()
                    .zip(parts)
                    .all(|(pattern, part)| run(pattern.len(), |at| pattern[at], part.as_bytes()));
        }
        if self.shape == Shape::Literal {
            return &*self.text == arn && arn.matches(':').count() >= 5;
        }
        arn_like(&self.text, arn)
    }
}

/// Whether an ARN matches a pattern part by part, wildcards only.
pub(crate) fn arn_like(pattern: &str, arn: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    for _ in 0..6 {
        match (patterns.next(), parts.next()) {
            (Some(pattern), Some(part)) if glob(pattern, part) => {}
            _ => return false,
        }
    }
    true
}

/// One unit of a pattern: a wildcard, or a byte that stands for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Star,
    One,
    Byte(u8),
}

const fn unit(byte: u8) -> Unit {
    match byte {
        b'*' => Unit::Star,
        b'?' => Unit::One,
        other => Unit::Byte(other),
    }
}

/// Whether a text matches a pattern. Takes time proportional to the product of their lengths at the
/// most.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let bytes = pattern.as_bytes();
    run(bytes.len(), |at| unit(bytes[at]), text.as_bytes())
}

/// The same without regard to the case of ASCII letters.
pub(crate) fn glob_ignoring_case(pattern: &str, text: &str) -> bool {
    let bytes = pattern.as_bytes();
    let fold = |byte: u8| byte.to_ascii_lowercase();
    run_by(
        bytes.len(),
        |at| unit(bytes[at]),
        text.as_bytes(),
        |a, b| fold(a) == fold(b),
    )
}

fn run(length: usize, at_index: impl Fn(usize) -> Unit, text: &[u8]) -> bool {
    run_by(length, at_index, text, |a, b| a == b)
}

fn run_by(
    length: usize,
    at_index: impl Fn(usize) -> Unit,
    text: &[u8],
    same: impl Fn(u8, u8) -> bool,
) -> bool {
    let pattern = |at: usize| (at < length).then(|| at_index(at));
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match pattern(at) {
            Some(Unit::Star) => {
                star = Some((at + 1, from));
                at += 1;
            }
            Some(Unit::One) => {
                at += 1;
                // A character, however many bytes it has.
                from += 1;
                while from < text.len() && text[from] & 0xc0 == 0x80 {
                    from += 1;
                }
            }
            Some(Unit::Byte(byte)) if same(byte, text[from]) => {
                at += 1;
                from += 1;
            }
            _ => match star {
                // The last star takes one byte more.
                Some((after, taken)) => {
                    at = after;
                    from = taken + 1;
                    star = Some((after, taken + 1));
                }
                None => return false,
            },
        }
    }
    (at..length).all(|at| at_index(at) == Unit::Star)
}

/// The longest text of a resolved pattern, so that variables cannot blow up a policy.
const MOST_UNITS: usize = 1 << 16;

/// Replaces policy variables by their values, in which wildcards are literal. None where a variable
/// has no value and no default.
///
/// `${*}`, `${?}` and `${$}` stand for these characters themselves; `${key, 'default'}` has a
/// default.
///
/// Source: "IAM policy elements: Variables and tags".
fn resolve(text: &str, view: &View<'_>) -> Option<Vec<Unit>> {
    let mut units = Vec::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        units.extend(rest.as_bytes()[..start].iter().map(|byte| unit(*byte)));
        let inner = &rest[start + 2..];
        let Some(end) = inner.find('}') else {
            // Not closed, so no variable.
            units.extend(rest.as_bytes()[start..].iter().map(|byte| unit(*byte)));
            return Some(units);
        };
        let (name, default) = match inner[..end].split_once(',') {
            Some((name, default)) => (name.trim(), Some(default.trim())),
            None => (inner[..end].trim(), None),
        };
        match name {
            "*" | "?" | "$" => units.extend(name.bytes().map(Unit::Byte)),
            _ => {
                let default = default.and_then(|text| text.strip_prefix('\'')?.strip_suffix('\''));
                let value = view.single(&name.to_ascii_lowercase());
                units.extend(value.as_deref().or(default)?.bytes().map(Unit::Byte));
            }
        }
        if units.len() > MOST_UNITS {
            return None;
        }
        rest = &inner[end + 1..];
    }
    units.extend(rest.as_bytes().iter().map(|byte| unit(*byte)));
    Some(units)
}

impl Pattern {
    /// Whether an action (`lambda:InvokeFunction`) matches it; actions are case-insensitive.
    ///
    /// Source: "IAM JSON policy elements: Action".
    pub(crate) fn matches_action(&self, action: &str) -> bool {
        match self.shape {
            Shape::Star => true,
            Shape::Literal => self.text.eq_ignore_ascii_case(action),
            Shape::Prefix => {
                let start = self.text.len() - 1;
                action.len() >= start
                    && action.as_bytes()[..start]
                        .eq_ignore_ascii_case(&self.text.as_bytes()[..start])
            }
            Shape::Wild | Shape::Variable => glob_ignoring_case(&self.text, action),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{arn_like, completed, glob, glob_ignoring_case};

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*c", "abbbc", true),
            ("a*c", "abbb", false),
            ("a?c", "abc", true),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("*b*b*", "abab", true),
            ("lambda:Invoke*", "lambda:InvokeFunction", true),
            ("**a", "bbba", true),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
        assert!(glob_ignoring_case(
            "LAMBDA:get*Config",
            "lambda:GetFunctionConfig"
        ));
    }

    #[test]
    fn a_wildcard_stays_within_its_part_of_an_arn() {
        assert!(arn_like(
            "arn:aws:sns:*:111122223333:*",
            "arn:aws:sns:eu-west-1:111122223333:a:b"
        ));
        assert!(!arn_like(
            "arn:aws:sns:*:111122223333:*",
            "arn:aws:sns:eu-west-1:444455556666:111122223333:x"
        ));
        assert!(!arn_like("*", "arn:aws:sns:eu-west-1:444455556666:x"));
    }

    #[test]
    fn an_incomplete_arn_is_completed_whatever_it_lacks() {
        for (written, expected) in [
            ("arn:aws", "arn:aws:*:*:*:*"),
            ("arn:aws:sqs", "arn:aws:sqs:*:*:*"),
            ("arn:aws:sqs:eu-west-1", "arn:aws:sqs:eu-west-1:*:*"),
            ("arn:aws:iam:", "arn:aws:iam::*:*"),
            ("arn:aws:iam::111122223333", "arn:aws:iam::111122223333:*"),
            ("arn:aws:s3:*", "arn:aws:s3:*:*:*"),
            ("arn:aws:s3:::b", "arn:aws:s3:::b"),
            ("arn:aws:sns:r:1:a:b", "arn:aws:sns:r:1:a:b"),
            (
                "arn:aws:sqs:${aws:RequestedRegion}",
                "arn:aws:sqs:${aws:RequestedRegion}:*:*",
            ),
            ("*", "*"),
            ("", ""),
            ("execute-api:/*", "execute-api:/*"),
        ] {
            assert_eq!(completed(written, true), expected, "{written}");
        }
        assert_eq!(
            completed("arn:aws:sqs:${aws:RequestedRegion}", false),
            "arn:aws:sqs:${aws:RequestedRegion}:*"
        );
    }

    #[test]
    fn takes_no_more_than_quadratic_time() {
        let pattern = "*a".repeat(2_000) + "b";
        assert!(!glob(&pattern, &"a".repeat(4_000)));
    }
}
