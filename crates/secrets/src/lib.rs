//! Detects secrets by names and values, tells references to secrets kept elsewhere from secrets, and redacts. Pure; no value ever leaves.

mod generic;
mod reference;
mod rules;

use std::borrow::Cow;

pub use reference::{Reference, reference};

/// What was found. The value itself is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// The rule that fired.
    pub rule: &'static str,
    /// What the rule looks for, in words.
    pub description: &'static str,
    /// How sure the rule is.
    pub confidence: Confidence,
}

/// How sure a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It may be one.
    Low,
    /// It very probably is one.
    Medium,
    /// Its form leaves hardly a doubt.
    High,
}

impl Confidence {
    /// As it stands in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// No rule needs more of a value than this; an environment holds 4 KB at the most.
const MOST_BYTES: usize = 64 * 1024;

/// Whether the value of a variable with this name is a secret.
///
/// ```
/// assert!(lambdasweep_secrets::detect("DB_PASSWORD", "kX9#mQ2$vL7p").is_some());
/// assert!(lambdasweep_secrets::detect("DB_PASSWORD", "{{resolve:secretsmanager:db}}").is_none());
/// assert!(lambdasweep_secrets::detect("STAGE", "production").is_none());
/// ```
pub fn detect(name: &str, value: &str) -> Option<Secret> {
    let value = head(value);
    rules::find(name, value)
        .map(|(secret, _)| secret)
        .or_else(|| if reference(name, value).is_some() { None } else { generic::detect(name, value) })
}

/// A text with everything in it that looks like a secret by its form replaced by `[redacted]`.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    // Each round takes one away; a text of nothing but secrets is not worth keeping.
    for _ in 0..100 {
        match rules::find("", &out) {
            Some((_, range)) => {
                let mut cut = out.into_owned();
                cut.replace_range(range, "[redacted]");
                out = Cow::Owned(cut);
            }
            None => return out,
        }
    }
    Cow::Borrowed("[redacted]")
}

fn head(value: &str) -> &str {
    let mut end = value.len().min(MOST_BYTES);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    &value[..end]
}
