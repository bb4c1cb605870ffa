//! Secrets detected by a vendor's name in the variable's name together with the form of that
//! vendor's keys. Sources: the vendors' documentation of their keys. Keys with a distinctive prefix
//! have rules of their own.

mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::randomness::{entropy, is_hexadecimal, is_random, is_uuid};
use crate::shape::is_name;
use crate::words::has;
use crate::{Confidence, Secret};
use table::{Form, KNOWN, MAKERS};

fn fits(form: Form, value: &str) -> bool {
    let length = value.len();
    let drawn = || is_random(value) || (length >= 20 && entropy(value) >= 3.5 && !is_name(value));
    match form {
        Form::Hex(lengths) => {
            lengths.contains(&length) && is_hexadecimal(value) && entropy(value) > 2.5
        }
        Form::Alnum(least, most) => {
            (least..=most).contains(&length)
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && drawn()
        }
        Form::Text(least, most) => {
            (least..=most).contains(&length)
                && value
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~=+/".contains(&byte))
                && !is_uuid(value)
                && drawn()
        }
        Form::Uuid => is_uuid(value),
    }
}

/// The indices of the makers that a word may refer to; `None` for makers whose keys are only known
/// to be random.
static BY_WORD: LazyLock<HashMap<&'static str, Vec<Option<usize>>>> = LazyLock::new(|| {
    let mut by_word: HashMap<&'static str, Vec<Option<usize>>> = HashMap::new();
    for (at, maker) in MAKERS.iter().enumerate() {
        for word in maker.maker {
            by_word.entry(word).or_default().push(Some(at));
        }
    }
    for word in KNOWN {
        by_word.entry(word).or_default().push(None);
    }
    by_word
});

/// A secret by the maker that the words of the name refer to.
pub(crate) fn detect(words: &[String], value: &str) -> Option<Secret> {
    let value = value.trim();
    if value.len() < 16 || value.len() > 128 {
        return None;
    }
    let found: Vec<Option<usize>> = words
        .iter()
        .filter_map(|word| BY_WORD.get(word.as_str()))
        .flatten()
        .copied()
        .collect();
    if found.is_empty()
        || is_public(words)
        || crate::given::is_given(value)
        || crate::shape::is_hash(value)
        || crate::public::is_public(value)
    {
        return None;
    }
    let mut makers = found.iter().flatten().filter_map(|&at| MAKERS.get(at));
    let made = makers.find(|maker| {
        (maker.kind.is_empty() || has(words, maker.kind))
            && maker.forms.iter().any(|&form| fits(form, value))
    });
    if let Some(maker) = made {
        return Some(Secret {
            rule: maker.id,
            description: maker.description,
            confidence: Confidence::High,
        });
    }
    let key =
        words.len() > 1 && words.last().is_some_and(|last| last == "key") && found.contains(&None);
    let plain = || {
        value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~=+/:".contains(&byte))
            && !crate::shape::is_ordinary(value)
    };
    let drawn = || is_uuid(value) || (is_random(value) && !is_name(value));
    (key && plain() && drawn()).then_some(crate::literal::named(Confidence::Medium))
}

/// Whether the words say that the value is an id or a digest, or public.
fn is_public(words: &[String]) -> bool {
    const OTHERS: &[&str] = &[
        "id",
        "ids",
        "sid",
        "arn",
        "name",
        "hash",
        "sha",
        "version",
        "url",
        "digest",
        "fingerprint",
    ];
    // `VAULT_SECRET_ID` is a secret whose name is an id.
    let id = words
        .last()
        .is_some_and(|last| OTHERS.contains(&last.as_str()))
        && !has(words, &["vault", "approle"]);
    id || has(
        words,
        &["public", "publishable", "search", "site", "browser"],
    ) || crate::promise::is_client_side(words)
}
