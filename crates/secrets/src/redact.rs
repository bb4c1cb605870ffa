//! Removes secrets from texts that are stored: tags, messages from AWS, details of findings.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};

use crate::{Confidence, blob, forms, seek, verify};

const REDACTED: &str = "[redacted]";

/// A text with everything that looks like a secret replaced by `[redacted]`: by its form, or as the
/// value of a name that promises a secret. The rest of the text is unchanged.
///
/// ```
/// assert_eq!(lambdasweep_secrets::redact("login failed: password=kX9mQ2vL7p!"), "login failed: password=[redacted]");
/// assert_eq!(lambdasweep_secrets::redact("access denied"), "access denied");
/// ```
pub fn redact(text: &str) -> Cow<'_, str> {
    without_secrets(text, secrets)
}

/// Like [`redact`], for identifiers such as ARNs and names: only what is certainly a secret by its
/// form is removed.
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
    // Removing one secret can reveal another; a text that has one in every round is dropped.
    for _ in 0..4 {
        let ranges = secrets(&out);
        if ranges.is_empty() {
            return out;
        }
        out = Cow::Owned(without(&out, &ranges));
    }
    Cow::Borrowed(REDACTED)
}

/// The positions of the secrets, in order and not overlapping.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut ranges = forms::ranges(text, Confidence::Low);
    ranges.extend(secret_keys(text));
    ranges.extend(refused(text));
    let mut take = |_, range| {
        ranges.push(range);
        ControlFlow::Continue(())
    };
    let _ = seek::in_parts("", text, 0, usize::MAX, &mut take);
    let _ = seek::in_runs(text, &mut take);
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

/// Values that AWS repeats when it refuses them: `Value 'kX9…' at 'masterUserPassword' failed to
/// satisfy constraint`.
fn refused(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    const BETWEEN: &str = "' at '";
    const OPENS: &str = "Value '";
    /// No value that is a password or a key is longer.
    const LONGEST: usize = 2048;
    let mut behind = 0;
    text.match_indices(BETWEEN).filter_map(move |(end, _)| {
        let from = text.ceil_char_boundary(end.saturating_sub(LONGEST).max(behind));
        behind = end;
        let start = text[from..end]
            .rfind(OPENS)
            .map(|at| from + at + OPENS.len())?;
        let name = text[end + BETWEEN.len()..]
            .split('\'')
            .next()
            .unwrap_or_default();
        // `environment.variables.DB_PASSWORD.member`: what the last words say counts.
        let found = name
            .rsplit('.')
            .filter(|part| *part != "member")
            .take(2)
            .find_map(|part| seek::by_name(part, &text[start..end]));
        found.map(|_| start..end)
    })
}

/// Runs of exactly forty characters that have all that an AWS secret access key has.
fn secret_keys(text: &str) -> impl Iterator<Item = Range<usize>> {
    let runs = seek::runs(text, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
    });
    runs.filter(|run| {
        run.len() == 40 && verify::is_secret_key(&text[run.clone()]) && !blob::is_inside(text, run)
    })
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
