//! Takes secrets out of texts that are kept: tags, messages of AWS, details of findings.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::{Confidence, forms, generic, verify, words};

const REDACTED: &str = "[redacted]";

/// A name and what it is set to: `password=…`, `"api_key": "…"`.
static ASSIGNMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?<name>[A-Za-z0-9_.-]{2,64})\\?["']?[ ]?(?:=|:|=>)[ ]?\\?["']?(?<secret>[^\s"',;&<>\\]{6,256})"#).ok());

/// A part of every word by which a name promises a secret.
static PROMISING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("(?i)pass|pwd|secret|token|key|cred|bearer|hmac|auth|cookie|pepper|salt|webhook").ok());

/// A text with everything in it that looks like a secret replaced by `[redacted]`: what shows by its form, and what is set to a name that
/// promises a secret. The rest of the text stays as it is.
///
/// ```
/// assert_eq!(lambdasweep_secrets::redact("login failed: password=kX9mQ2vL7p!"), "login failed: password=[redacted]");
/// assert_eq!(lambdasweep_secrets::redact("access denied"), "access denied");
/// ```
pub fn redact(text: &str) -> Cow<'_, str> {
    without_secrets(text, secrets)
}

/// As [`redact`], for what has to stay what it is as far as it can: of an ARN or a name only goes what by its form is a secret beyond doubt.
///
/// ```
/// let function = "arn:aws:lambda:eu-west-1:111122223333:function:token:kX9mQ2vL7pTz";
/// assert_eq!(lambdasweep_secrets::redact_certain(function), function);
/// ```
pub fn redact_certain(text: &str) -> Cow<'_, str> {
    without_secrets(text, |text| apart(forms::ranges(text, Confidence::High)))
}

fn without_secrets(text: &str, secrets: impl Fn(&str) -> Vec<Range<usize>>) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    // Where one secret goes, another can come to light; a text that has one in every round is not worth keeping.
    for _ in 0..4 {
        let ranges = secrets(&out);
        if ranges.is_empty() {
            return out;
        }
        out = Cow::Owned(without(&out, &ranges));
    }
    Cow::Borrowed(REDACTED)
}

/// Where the secrets stand: in order, apart from each other.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut ranges = forms::ranges(text, Confidence::Low);
    ranges.extend(secret_keys(text));
    ranges.extend(assigned(text));
    apart(ranges)
}

fn apart(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

fn assigned(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // A cheap look first: most texts set nothing, or have no word that promises a secret.
    let promising = || PROMISING.as_ref().is_some_and(|words| words.is_match(text));
    let Some(regex) = ASSIGNMENT.as_ref().filter(|_| text.contains(['=', ':']) && promising()) else { return found };
    let mut at = 0;
    while let Some(captures) = regex.captures_at(text, at) {
        let (Some(name), Some(secret)) = (captures.name("name"), captures.name("secret")) else { break };
        let kept = secret.as_str().starts_with(REDACTED) || crate::reference(name.as_str(), secret.as_str()).is_some();
        if !kept && generic::detect(&words::words(name.as_str()), secret.as_str()).is_some() {
            found.push(secret.range());
            at = secret.end();
        } else {
            // What is set here can be the name of the next: `failed: password=…`.
            at = secret.start();
        }
    }
    found
}

/// Runs of exactly forty characters that have all that an AWS secret access key has.
fn secret_keys(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        if !alphabet(byte) {
            if at - start == 40 && verify::is_secret_key(&text[start..at]) {
                found.push(start..at);
            }
            start = at + 1;
        }
    }
    found
}

fn without(text: &str, ranges: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for range in ranges {
        out.push_str(&text[end..range.start]);
        out.push_str(REDACTED);
        end = range.end;
    }
    out.push_str(&text[end..]);
    out
}

#[cfg(test)]
mod tests {
    use super::PROMISING;

    #[test]
    fn the_cheap_look_misses_no_promise() {
        let words = PROMISING.as_ref().expect("it compiles");
        for word in crate::generic::promising_words() {
            assert!(words.is_match(word) && words.is_match(&word.to_ascii_uppercase()), "{word}");
        }
    }
}
