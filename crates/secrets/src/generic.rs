//! Secrets that show by their name: a literal value under a name that promises a password or a key.

use crate::shape::{entropy, is_filled_in, is_name, is_ordinary, is_placeholder, is_random, is_sequence, is_uuid};
use crate::words::{has, position};
use crate::{Confidence, Secret};

/// Words of a name that promise something that people think up: it can be short.
const PASSWORDS: &[&[&str]] = &[&["password"], &["passwd"], &["passphrase"], &["passcode"], &["pwd"], &["pass"]];

/// Words of a name, one after another, that promise something drawn at random.
const KEYS: &[&[&str]] = &[
    &["secret"],
    &["secrets"],
    &["token"],
    &["apikey"],
    &["accesskey"],
    &["secretkey"],
    &["privatekey"],
    &["authkey"],
    &["access", "key"],
    &["account", "key"],
    &["admin", "key"],
    &["api", "key"],
    &["app", "key"],
    &["application", "key"],
    &["auth", "key"],
    &["bearer"],
    &["client", "key"],
    &["consumer", "key"],
    &["credential"],
    &["credentials"],
    &["creds"],
    &["crypto", "key"],
    &["decryption", "key"],
    &["deploy", "key"],
    &["encryption", "key"],
    &["function", "key"],
    &["hmac", "key"],
    &["hmac"],
    &["host", "key"],
    &["integration", "key"],
    &["jwt", "key"],
    &["license", "key"],
    &["master", "key"],
    &["private", "key"],
    &["root", "key"],
    &["security", "key"],
    &["server", "key"],
    &["service", "key"],
    &["session", "key"],
    &["shared", "key"],
    &["signing", "key"],
    &["ssh", "key"],
    &["storage", "key"],
    &["subscription", "key"],
    &["webhook", "key"],
    &["write", "key"],
];

/// Words that promise a secret only of a value that looks drawn at random.
const HINTS: &[&str] = &["auth", "authorization", "basicauth", "cookie", "key", "pepper", "salt", "webhook"];

/// The same, run together in a name without humps: `dbpassword`.
const ENDINGS: &[&str] = &["password", "passwd", "passphrase", "apikey", "secretkey", "accesskey", "privatekey", "secret", "token"];

/// Words behind the promise that say that the value is about a secret and none itself.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "age", "alg", "algorithm", "alias", "allowed", "arn", "arns", "attempts", "attribute", "aud", "audience", "author", "bits", "bucket", "cache", "chars",
    "charset", "class", "claim", "column", "complexity", "count", "date", "days", "dir", "directory", "disabled", "domain", "duration", "enabled",
    "encoding", "endpoint", "engine", "env", "environment", "exp", "expiration", "expire", "expires", "expiry", "extension", "field", "file", "filename",
    "folder", "format", "grant", "group", "header", "hint", "history", "host", "hours", "id", "identifier", "ids", "in", "index", "interval", "issuer",
    "kid", "kind", "label", "lambda", "layer", "length", "level", "lifetime", "limit", "link", "location", "loc", "manager", "max", "method", "min",
    "minimum", "maximum", "minutes", "mode", "ms", "name", "named", "names", "namespace", "page", "param", "parameter", "path", "pattern", "period",
    "policy", "port", "prefix", "property", "provider", "queue", "ref", "reference", "regex", "region", "required", "reset", "retention", "retries",
    "role", "rotation", "rotated", "scheme", "scope", "scopes", "seconds", "service", "size", "source", "ssm", "stage", "status", "store", "strategy",
    "strength", "suffix", "table", "template", "threshold", "through", "timeout", "tld", "topic", "ttl", "type", "types", "uri", "url", "urls", "usage",
    "use", "user", "username", "users", "uses", "validation", "validity", "var", "variable", "vault", "version", "window",
];

/// Words before the promise that say the same: the value has to look drawn at random to count nevertheless.
#[rustfmt::skip]
const ABOUT_BEFORE: &[&str] = &[
    "allow", "arn", "cancel", "cancellation", "check", "continuation", "count", "design", "disable", "enable", "enabled", "enforce", "env", "file",
    "forgot", "generate", "has", "hide", "ignore", "include", "is", "max", "min", "name", "next", "no", "num", "number", "page", "pagination", "param",
    "parameter", "path", "primary", "public", "publishable", "require", "required", "rotate", "show", "skip", "sort", "ssm", "start", "starting", "sync",
    "use", "validate", "verify", "with", "without",
];

/// Words before `key` that make it one that opens nothing.
#[rustfmt::skip]
const OTHER_KEYS: &[&str] = &[
    "batch", "cache", "composite", "config", "context", "dedup", "feature", "file", "foreign", "group", "hash", "i18n", "idempotency", "index", "job",
    "layer", "lock", "lookup", "metric", "object", "partition", "path", "primary", "public", "publishable", "range", "routing", "row", "s3", "sort",
    "state", "tag", "translation", "unique",
];

// Every word above has a part that `redact::PROMISING` looks for; a test holds that.

#[derive(Clone, Copy, PartialEq, Eq)]
enum Promise {
    Password,
    Key,
    /// Only of what looks drawn at random.
    Hint,
}

/// What a name promises, if anything.
fn promise(words: &[String]) -> Option<Promise> {
    let ends = |index: usize, length: usize| index + length;
    let password = PASSWORDS.iter().filter_map(|promise| position(words, promise).map(|at| ends(at, promise.len()))).max();
    let key = KEYS.iter().filter_map(|promise| position(words, promise).map(|at| ends(at, promise.len()))).max();
    let ending =
        words.iter().rposition(|word| ENDINGS.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending))).map(|at| at + 1);
    let hint = words.iter().rposition(|word| HINTS.contains(&word.as_str())).map(|at| at + 1);
    let end = password.max(key).max(ending).or(hint)?;
    let about = |word: &String| ABOUT.contains(&word.as_str());
    // `pass` alone is a word of many meanings: it promises at the end of a name only.
    if words[end..].iter().any(about) || (words[end - 1] == "pass" && end < words.len()) {
        return None;
    }
    if hint == Some(end) && password.max(key).max(ending).is_none() && end > 1 && OTHER_KEYS.contains(&words[end - 2].as_str()) {
        return None;
    }
    let asked = has(&words[..end - 1], ABOUT_BEFORE);
    Some(match (password, key.max(ending)) {
        (None, None) => Promise::Hint,
        _ if asked => Promise::Hint,
        (Some(password), key) if key.is_none_or(|key| password >= key) => Promise::Password,
        (_, _) if words[end - 1].ends_with("password") || words[end - 1].ends_with("passwd") => Promise::Password,
        _ => Promise::Key,
    })
}

/// A secret by the words of its name. The caller has ruled out references.
pub(crate) fn detect(words: &[String], value: &str) -> Option<Secret> {
    let promise = promise(words)?;
    let value = value.trim().trim_matches(['"', '\'']);
    if value.len() < 6 || is_ordinary(value) || is_placeholder(value) || is_filled_in(value) || is_sequence(value) {
        return None;
    }
    let bits = entropy(value);
    let (letters, digits) = (value.bytes().any(|byte| byte.is_ascii_alphabetic()), value.bytes().any(|byte| byte.is_ascii_digit()));
    let one_word = value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let confidence = match promise {
        // `Welcome2024` is a word with a number, and many a password.
        Promise::Password if one_word && letters && digits && value.len() >= 8 && is_name(value) => Confidence::Low,
        _ if is_name(value) && !is_uuid(value) && !is_random(value) => return None,
        // Structured values hold something else than one secret.
        _ if value.starts_with(['{', '[']) || value.contains('\n') => return None,
        Promise::Hint if !is_random(value) || is_uuid(value) => return None,
        Promise::Hint => Confidence::Low,
        Promise::Key if value.len() < 8 || bits < 2.5 => return None,
        _ if bits < 2.0 => return None,
        _ if value.len() >= 12 && bits >= 3.0 => Confidence::Medium,
        _ => Confidence::Low,
    };
    Some(Secret { rule: "named-secret", description: "a literal value under a name that promises a secret", confidence })
}

#[cfg(test)]
pub(crate) fn promising_words() -> impl Iterator<Item = &'static str> {
    let of = |promises: &'static [&'static [&'static str]]| promises.iter().filter_map(|words| words.last().copied());
    of(PASSWORDS).chain(of(KEYS)).chain(HINTS.iter().copied()).chain(ENDINGS.iter().copied())
}
