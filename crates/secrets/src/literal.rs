//! Secrets detected by their name: a literal value under a name that promises a password or a key.
//! Name and value are weighed together.

use crate::given::{is_given, is_secret_name};
use crate::promise::{About, Kind, Promise};
use crate::randomness::{entropy, is_filled_in, is_hexadecimal, is_random, is_sequence, is_uuid};
use crate::shape::{is_name, is_number, is_ordinary, is_path, is_prose};
use crate::words::has;
use crate::{Confidence, Secret};

/// A secret by what its name promises. The caller has ruled out references and placeholders.
pub(crate) fn detect(promise: Promise, words: &[String], value: &str) -> Option<Secret> {
    let value = value.trim().trim_matches(['"', '\'']);
    // The fingerprint of an OpenPGP key is forty hexadecimal digits in capitals.
    let fingerprint =
        has(words, &["gpg", "pgp"]) && [16, 32, 40].contains(&value.len()) && is_hexadecimal(value);
    let confidence = confidence(promise, words, value).filter(|_| !fingerprint)?;
    Some(named(confidence))
}

/// Whether a closer look at a value is worth it: under most names that only hint at a secret, the
/// value shows at once that it is not one.
pub(crate) fn may_be(promise: Promise, value: &str) -> bool {
    promise.kind != Kind::Hint
        || value.contains(':')
        || value.bytes().filter(u8::is_ascii_digit).take(2).count() == 2
        || !value.contains(|c: char| {
            !c.is_ascii_alphanumeric() && !matches!(c, '"' | '\'') && !c.is_whitespace()
        })
}

/// The result for a secret detected by its name.
pub(crate) const fn named(confidence: Confidence) -> Secret {
    Secret {
        rule: "named-secret",
        description: "a literal value under the name of a secret",
        confidence,
    }
}

fn confidence(promise: Promise, words: &[String], value: &str) -> Option<Confidence> {
    // Structured values are not a single secret; their parts are judged by their own names.
    let structured = value.starts_with("{\"")
        || ["[\"", "['", "[{", "[[", "[ "]
            .iter()
            .any(|open| value.starts_with(open))
        || value.starts_with("{'")
        || value.contains('\n');
    if value.len() < 4 || structured || is_filled_in(value) {
        return None;
    }
    match (promise.about, promise.kind) {
        (About::Nothing, Kind::Password) => password(words, value),
        (About::Nothing, Kind::Key) => key(promise, value),
        (About::Nothing, Kind::Hint) => hint(promise, value),
        (About::Place, Kind::Hint) if !is_uuid(value) => hint(promise, value),
        (About::Place, Kind::Key) if is_uuid(value) => Some(Confidence::Low),
        (About::Place, Kind::Key) if promise.signs || !is_name(value) => key(promise, value),
        (About::Place, Kind::Password)
            if is_app_password(value) || is_convincing(value) || is_word_with_digits(value) =>
        {
            password(words, value)
        }
        (About::Property, Kind::Password | Kind::Key) if is_more_than_convincing(value) => {
            Some(Confidence::Low)
        }
        _ => None,
    }
}

/// Whether a value looks like a password or random text by itself: for names that say it is
/// something else.
pub(crate) fn is_convincing(value: &str) -> bool {
    if value.len() < 8
        || is_ordinary(value)
        || is_name(value)
        || is_given(value)
        || is_uuid(value)
        || value.contains(char::is_whitespace)
        || is_sequence(value)
    {
        return false;
    }
    let any = |of: fn(&u8) -> bool| usize::from(value.bytes().any(|byte| of(&byte)));
    let classes = any(u8::is_ascii_lowercase)
        + any(u8::is_ascii_uppercase)
        + any(u8::is_ascii_digit)
        + any(is_symbol);
    (classes >= 3 && entropy(value) >= 2.5) || is_random(value)
}

/// The same for names that say that the value is about a secret: names in humps have three kinds of
/// characters too.
fn is_more_than_convincing(value: &str) -> bool {
    is_convincing(value) && (is_random(value) || value.as_bytes().iter().any(is_symbol))
}

/// Whether a character is punctuation other than that between the words of names.
fn is_symbol(byte: &u8) -> bool {
    byte.is_ascii_punctuation() && !b"-_./:,".contains(byte)
}

/// Four groups of four lower-case letters, as Google shows the passwords that it makes for apps.
fn is_app_password(value: &str) -> bool {
    let mut groups = value.split(' ');
    value.len() == 19
        && groups
            .all(|group| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// `admin1`, `passw0rd`.
fn is_word_with_digits(value: &str) -> bool {
    value.len() >= 6
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && value.bytes().any(|byte| byte.is_ascii_digit())
}

pub(crate) fn by_length(value: &str) -> Confidence {
    if value.len() >= 12 && entropy(value) >= 3.0 {
        Confidence::Medium
    } else {
        Confidence::Low
    }
}

/// A password can be short, a word, or a number.
fn password(words: &[String], value: &str) -> Option<Confidence> {
    if is_number(value) || is_sequence(value) {
        // A date, a version or a duration has other characters than digits.
        let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        return (plain && value.len() >= 6 && entropy(value) > 0.9).then_some(Confidence::Low);
    }
    if is_prose(value) {
        // A sentence has punctuation that a passphrase does not: `Password must contain: uppercase,
        // …`.
        let sentence = value.contains([':', '?']) || value.contains(", ") || value.ends_with('.');
        return (value.len() <= 64 && !sentence).then_some(Confidence::Low);
    }
    // Paths of parameters and files, and generated names, say where the password is.
    if is_ordinary(value) || is_given(value) || entropy(value) < 1.5 {
        return None;
    }
    if is_name(value) && !is_random(value) {
        return is_word_as_password(words, value).then_some(Confidence::Low);
    }
    Some(by_length(value))
}

/// Whether a word, or several, can be a password rather than the name of the secret that holds it:
/// `hunter2`, `correct-horse-battery-staple`.
fn is_word_as_password(words: &[String], value: &str) -> bool {
    #[rustfmt::skip]
    const OF_REFERENCES: &[&str] = &[
        "api", "app", "auth", "aws", "cluster", "config", "credential", "credentials", "creds", "database", "db", "dev", "key", "lambda",
        "name", "param", "parameter", "pass", "passwd", "password", "prod", "production", "pwd", "rds", "secret", "secrets", "service",
        "ssm", "stage", "staging", "test", "token", "user", "vault",
    ];
    let parts = crate::words::words(value);
    let one_word = value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if one_word && parts.len() <= 2 {
        // Repeating the promise is a placeholder or a place: `DB_PASSWORD=secret`.
        return ![
            "secret",
            "token",
            "passwd",
            "credentials",
            "string",
            "plain",
            "plaintext",
            "ssm",
            "vault",
            "secretsmanager",
            "managed",
            "unused",
            "notused",
            "unknown",
            "disabled",
        ]
        .contains(&value.to_ascii_lowercase().as_str());
    }
    let refers = parts
        .iter()
        .any(|part| OF_REFERENCES.contains(&part.as_str()) || words.contains(part));
    !refers
        && (parts.len() >= 3 || value.bytes().any(|byte| byte.is_ascii_digit()))
        && !value.contains(['/', ':', '.'])
}

/// A key is random, except for signing keys that people make up.
fn key(promise: Promise, value: &str) -> Option<Confidence> {
    let thought_up = promise.signs
        && (4..8).contains(&value.len())
        && !is_ordinary(value)
        && is_word_as_password(&[], value);
    if thought_up {
        return Some(Confidence::Low);
    }
    if value.len() < 8
        || is_given(value)
        || is_secret_name(value)
        || (is_sequence(value) && value.len() < 24)
    {
        return None;
    }
    // Digits alone: account ids have twelve, times ten or thirteen.
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        let time = value.len() == 10 && value.starts_with('1')
            || value.len() == 13 && value.starts_with('1');
        return (value.len() >= 9 && value.len() != 12 && !time && entropy(value) >= 2.0)
            .then_some(Confidence::Low);
    }
    if is_ordinary(value) {
        return None;
    }
    if is_name(value) && !is_uuid(value) && !is_random(value) {
        let word = value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let one_word = value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let says_so = ["super", "mysecret", "my-secret"]
            .iter()
            .any(|part| value.to_ascii_lowercase().contains(part));
        return (promise.signs
            && word
            && (says_so
                || ((one_word || value.bytes().any(|byte| byte.is_ascii_digit()))
                    && is_word_as_password(&[], value))))
        .then_some(Confidence::Low);
    }
    let bits = entropy(value);
    (bits >= 2.2).then(|| {
        if is_path(value) || value.contains(' ') {
            Confidence::Low
        } else {
            by_length(value)
        }
    })
}

/// A hint promises what looks random.
fn hint(promise: Promise, value: &str) -> Option<Confidence> {
    // The numbers of some keys have fifteen digits and more; account ids have twelve, times
    // thirteen at the most.
    if promise.key
        && value.len() >= 15
        && value.bytes().all(|byte| byte.is_ascii_digit())
        && entropy(value) >= 2.0
        && !is_sequence(value)
    {
        return Some(Confidence::Low);
    }
    if is_ordinary(value) || is_given(value) || is_sequence(value) {
        return None;
    }
    // A user and a password for basic authentication.
    let pair = value.split_once(':').filter(|(user, _)| {
        !user.is_empty()
            && user
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.@-".contains(&byte))
    });
    if pair.is_some_and(|(_, password)| is_convincing(password) || is_mixed_letters(password)) {
        return Some(Confidence::Low);
    }
    let drawn = (promise.key && is_uuid(value))
        || (is_random(value) && !is_name(value) && !is_uuid(value))
        || is_mixed_letters(value);
    drawn.then_some(Confidence::Low)
}

/// Whether sixteen letters and more change case, or between letters and digits, as no words do.
fn is_mixed_letters(value: &str) -> bool {
    let any = |of: fn(&u8) -> bool| value.bytes().any(|byte| of(&byte));
    let mixed =
        any(u8::is_ascii_digit) || (any(u8::is_ascii_lowercase) && any(u8::is_ascii_uppercase));
    value.len() >= 16
        && (mixed || value.len() >= 18)
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !is_name(value)
        && entropy(value) >= 3.2
}
