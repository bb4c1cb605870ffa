//! Secrets that show by their name: a literal value under a name that promises a password or a key.

use std::collections::HashMap;

use crate::{Confidence, Secret};

/// Words of a name that promise a secret, alone or one after another.
const PROMISES: &[&[&str]] = &[
    &["password"],
    &["passwd"],
    &["passphrase"],
    &["pwd"],
    &["pass"],
    &["secret"],
    &["token"],
    &["apikey"],
    &["api", "key"],
    &["access", "key"],
    &["private", "key"],
    &["signing", "key"],
    &["encryption", "key"],
    &["license", "key"],
    &["auth", "key"],
    &["credential"],
    &["credentials"],
];

/// Last words of a name that say that the value is about a secret and none itself.
const ABOUT: &[&str] = &[
    "arn",
    "name",
    "id",
    "url",
    "uri",
    "endpoint",
    "path",
    "file",
    "length",
    "min",
    "max",
    "ttl",
    "expiry",
    "expiration",
    "timeout",
    "policy",
    "type",
    "header",
    "prefix",
    "region",
    "version",
    "parameter",
    "param",
    "enabled",
    "required",
    "rotation",
    "days",
    "seconds",
    "limit",
    "count",
    "bucket",
    "table",
    "algorithm",
];

pub(crate) fn detect(name: &str, value: &str) -> Option<Secret> {
    let words = words(name);
    let promised =
        PROMISES.iter().any(|promise| words.windows(promise.len()).any(|window| window.iter().zip(*promise).all(|(a, b)| a == b)));
    let about = words.last().is_some_and(|last| ABOUT.contains(&last.as_str()));
    if !promised || about || !is_literal(value) {
        return None;
    }
    let confidence = if entropy(value) >= 3.0 && value.len() >= 12 { Confidence::Medium } else { Confidence::Low };
    Some(Secret { rule: "named-secret", description: "a literal value under a name that promises a secret", confidence })
}

/// A name's words in lower case: `dbPassword`, `DB_PASSWORD` and `db-password` are `db` and `password`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before_lower) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before_lower = c.is_lowercase() || c.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a value can be a secret at all: no number, no switch, no address, no path, no ordinary word.
fn is_literal(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let switch = ["true", "false", "yes", "no", "on", "off", "none", "null", "enabled", "disabled"].contains(&lower.as_str());
    let number = value.parse::<f64>().is_ok();
    let address =
        lower.contains("://") || lower.starts_with("arn:") || (lower.contains('.') && !lower.contains(' ') && lower.ends_with(".com"));
    let path = value.starts_with('/') || value.starts_with("./");
    let word =
        value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'_') && entropy(value) < 3.0;
    value.len() >= 6 && !(switch || number || address || path || word)
}

/// Shannon entropy in bits a character.
pub(crate) fn entropy(text: &str) -> f64 {
    let mut counts: HashMap<char, u32> = HashMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let total = f64::from(counts.values().sum::<u32>().max(1));
    counts.values().map(|&count| f64::from(count) / total).map(|share| -share * share.log2()).sum()
}
