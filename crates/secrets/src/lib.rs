//! Detects secrets by names and values, tells references to secrets kept elsewhere from secrets, and redacts. Pure; no value ever leaves.

mod forms;
mod generic;
mod named;
mod redact;
mod reference;
mod rules;
mod shape;
mod verify;
mod words;
mod wrapped;

pub use redact::{redact, redact_certain};
pub use reference::{Reference, reference};

/// What was found. The value itself is not part of it, so that no message made of it can tell the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// The rule that fired.
    pub rule: &'static str,
    /// What the rule looks for, in words, with its article: `a GitHub token`.
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
/// First come the forms that show by themselves (a token's prefix, a private key, a connection string with a password), then values that wrap
/// one (JSON, base64), then literal values under a name that promises a secret. The time is linear in the value's length.
///
/// ```
/// assert!(lambdasweep_secrets::detect("DB_PASSWORD", "kX9#mQ2$vL7p").is_some());
/// assert!(lambdasweep_secrets::detect("DB_PASSWORD", "{{resolve:secretsmanager:db}}").is_none());
/// assert!(lambdasweep_secrets::detect("STAGE", "production").is_none());
/// ```
pub fn detect(name: &str, value: &str) -> Option<Secret> {
    let value = head(value);
    if reference::is_ciphertext(value.trim()) {
        return None;
    }
    plain(name, value).or_else(|| wrapped::detect(name, value))
}

/// As [`detect`], without looking into what a value wraps.
fn plain(name: &str, value: &str) -> Option<Secret> {
    // Nothing that short is a secret worth the name.
    if value.len() < 6 {
        return None;
    }
    let by_form = forms::best(value);
    if by_form.is_some_and(|secret| secret.confidence == Confidence::High) {
        return by_form;
    }
    let by_name = || {
        let words = words::words(name);
        let telling = named::detect(&words, value).or_else(|| verify::aws_secret_key(&words, value.trim()));
        telling.or(by_form).or_else(|| if reference(name, value).is_some() { None } else { generic::detect(&words, value) })
    };
    by_name()
}

fn head(value: &str) -> &str {
    &value[..value.floor_char_boundary(MOST_BYTES)]
}
