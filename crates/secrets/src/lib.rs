//! Detects secrets by names and values, distinguishes them from references to secrets kept
//! elsewhere, and redacts. Pure: no value is ever returned.

mod blob;
mod decode;
mod der;
mod forms;
mod given;
mod literal;
mod makers;
mod parts;
mod promise;
mod public;
mod random;
mod randomness;
mod redact;
mod reference;
mod rules;
mod seek;
mod shape;
mod verify;
mod words;

pub use redact::{redact, redact_certain};
pub use reference::{Reference, reference};

/// A detected secret. The value itself is not part of it, so that no message can reveal it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// The rule that fired.
    pub rule: &'static str,
    /// What the rule looks for, with its article: `a GitHub token`.
    pub description: &'static str,
    /// How sure the rule is.
    pub confidence: Confidence,
}

/// How sure a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It may be one.
    Low,
    /// It is very probably one.
    Medium,
    /// Its form leaves hardly any doubt.
    High,
}

impl Confidence {
    /// The word in tables.
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
/// A value is examined by its form (a token's prefix, a private key, a connection string with a
/// password), by parts that have their own names (fields of JSON, settings, queries, headers), by
/// what it encodes (base64, percent escapes), and as a literal under a name that promises a secret.
/// The result with the highest confidence counts. The time is linear in the value's length.
///
/// ```
/// assert!(lambdasweep_secrets::detect("DB_PASSWORD", "kX9#mQ2$vL7p").is_some());
/// assert!(lambdasweep_secrets::detect("DB_PASSWORD", "{{resolve:secretsmanager:db}}").is_none());
/// assert!(lambdasweep_secrets::detect("STAGE", "production").is_none());
/// ```
pub fn detect(name: &str, value: &str) -> Option<Secret> {
    let value = head(value);
    // Anything that short is not a usable secret.
    if value.len() < 4 || reference::is_ciphertext(value.trim()) {
        return None;
    }
    let by_form =
        forms::best(value).filter(|secret| !is_published(name, secret) && !is_id(name, secret));
    let sure =
        |found: &Option<Secret>| found.is_some_and(|secret| secret.confidence == Confidence::High);
    if sure(&by_form) {
        return by_form;
    }
    let mut best = seek::by_name(name, value);
    for found in [
        by_form,
        seek::surest_part(name, value, 0),
        seek::in_array(name, value),
        seek::wrapped(name, value, 0),
    ] {
        if let Some(found) = found.filter(|found| {
            best.is_none_or(|best| {
                found.confidence > best.confidence
                    || ["named-secret", "random-value"].contains(&best.rule)
                        && found.confidence == best.confidence
            })
        }) {
            best = Some(found);
        }
    }
    best
}

/// Whether the value has a form that browsers may hold, under a name that a build exposes to
/// browsers.
fn is_published(name: &str, secret: &Secret) -> bool {
    // A server's token with full access is High, and is a secret under any name.
    let by_browsers = secret.rule == "google-api-key"
        || (secret.rule == "json-web-token" && secret.confidence < Confidence::High);
    by_browsers && promise::is_client_side(&words::words(name))
}

/// Whether the form is only possibly a secret's, and the name says that the value is an id or
/// public.
fn is_id(name: &str, secret: &Secret) -> bool {
    secret.confidence == Confidence::Low
        && secret.rule == "prefixed-key"
        && (words::words(name)
            .last()
            .is_some_and(|last| ["id", "ids", "arn", "name"].contains(&last.as_str()))
            || words::has(
                &words::words(name),
                &["public", "publishable", "jwk", "jwks", "kid"],
            ))
}

fn head(value: &str) -> &str {
    &value[..value.floor_char_boundary(MOST_BYTES)]
}
