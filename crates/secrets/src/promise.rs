//! What the name of a variable promises: a password, a key, or something about one.

mod lists;

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::words::has;
use lists::{
    CLIENT_SIDE, ENDINGS, HINTS, NEVER, NO_ENDINGS, OF_KEYS, OF_OTHER_KEYS, OF_OTHER_TOKENS,
    OF_SIGNING, PASSWORDS, PLACES, PROPERTIES, PUBLIC, SECRETS,
};

/// What a name promises about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something that people make up: it can be short, or a word.
    Password,
    /// Something random.
    Key,
    /// A secret only if the value looks random.
    Hint,
}

/// What follows the promise in the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum About {
    /// Nothing that changes it.
    Nothing,
    /// Where or for whom it is: `DB_PASSWORD_STAGE`. A value that looks like a password is one.
    Place,
    /// A property of a secret: `PASSWORD_LENGTH`. A value that looks random is a secret
    /// nevertheless.
    Property,
}

/// What a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Promise {
    pub(crate) kind: Kind,
    pub(crate) about: About,
    /// Whether the secret is one that signs or encrypts, which is rarely a name in a store of
    /// secrets; people make some of them up.
    pub(crate) signs: bool,
    /// Whether it is a key, which a UUID can be: one that is only said to be for signing or for a
    /// cookie is not.
    pub(crate) key: bool,
}

/// Whether a build exposes a variable of that name to browsers.
pub(crate) fn is_client_side(words: &[String]) -> bool {
    let begins = |prefix: &str| {
        let mut prefix = prefix.split_whitespace();
        let mut words = words.iter();
        prefix.all(|part| words.next().is_some_and(|word| word == part))
    };
    words.len() > 1 && CLIENT_SIDE.iter().any(|prefix| begins(prefix))
}

/// A word without the digits behind it: `password2` is `password`.
fn bare(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// Whether a word is a `key` run together with what makes it one that opens something: `masterkey`.
fn is_run_together_key(word: &str) -> bool {
    let stem = word
        .strip_suffix("keys")
        .or_else(|| word.strip_suffix("key"));
    stem.is_some_and(|stem| {
        !stem.is_empty()
            && (OF_KEYS.contains(&stem)
                || OF_KEYS
                    .iter()
                    .any(|of| stem.len() > of.len() + 1 && of.len() > 3 && stem.ends_with(of)))
    })
}

/// Whether a word distinguishes copies of the same variable: by stage, number or Region.
fn is_copy(word: &str) -> bool {
    #[rustfmt::skip]
    const COPIES: &[&str] = &[
        "prod", "production", "dev", "development", "test", "staging", "qa", "uat", "live", "old", "new", "backup", "main", "master",
        "secondary", "legacy", "admin", "root", "base64", "b64", "local", "sandbox", "demo", "preprod", "current", "previous", "replica",
        "session", "reader", "writer", "read", "write", "next",
    ];
    let version = word
        .strip_prefix('v')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    COPIES.contains(&word) || version || (word.len() <= 2 && word != "in" && word != "id")
}

/// The same, or a word for where a secret is used.
fn is_environment(word: &str) -> bool {
    is_copy(word) || (PLACES.contains(&word) && word != "page")
}

/// The words that the lists above hold: most words are none of them.
static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    PASSWORDS
        .iter()
        .chain(SECRETS)
        .chain(HINTS)
        .copied()
        .chain([
            "pass", "pin", "pat", "tok", "verify", "com", "org", "io", "net", "dev",
        ])
        .collect()
});

/// The last two letters of all endings; a test compares them with the list.
const LAST_TWO: &[[u8; 2]] = &[
    *b"ey", *b"ys", *b"pw", *b"rd", *b"wd", *b"se", *b"rt", *b"ha", *b"ss", *b"et", *b"en", *b"ds",
    *b"ls",
];

/// What a word promises by itself, given those around it.
fn kind(words: &[String], at: usize) -> Option<Kind> {
    let word = bare(&words[at]);
    // Most words end in no two letters that an ending has.
    let may_end = word.len() >= 2
        && LAST_TWO
            .iter()
            .any(|two| word.as_bytes()[word.len() - 2..] == *two);
    let ends = may_end
        && ["key", "keys", "pw"]
            .iter()
            .chain(ENDINGS)
            .any(|ending| word.ends_with(ending));
    if ends || KNOWN.contains(word) {
        kind_of_known(words, at)
    } else {
        None
    }
}

fn kind_of_known(words: &[String], at: usize) -> Option<Kind> {
    let word = bare(&words[at]);
    let last = at + 1 == words.len();
    let copies = words[at + 1..].iter().all(|word| is_environment(word));
    if PASSWORDS.contains(&word) {
        return Some(Kind::Password);
    }
    // `pass` alone is a word of many meanings: it promises at the end of a name, or before the name
    // of an environment.
    if word == "pass" {
        return copies.then_some(Kind::Password);
    }
    if word == "pin" {
        return (copies && words.len() > 1).then_some(Kind::Password);
    }
    if word == "pat" || word == "tok" {
        return (copies && words.len() > 1).then_some(Kind::Key);
    }
    if SECRETS.contains(&word) {
        return Some(Kind::Key);
    }
    if word == "key" || word == "keys" {
        let of = at.checked_sub(1).map(|before| bare(&words[before]));
        // `ADMIN_API_KEY`, `AUTH_KEY_BASE64`; `STORAGE_SHARED_ACCESS_KEY`.
        return Some(
            if of.is_some_and(|of| {
                OF_KEYS.contains(&of) || ENDINGS.iter().any(|ending| of.ends_with(ending))
            }) {
                Kind::Key
            } else {
                Kind::Hint
            },
        );
    }
    let run_together = ENDINGS
        .iter()
        .find(|ending| word.len() > ending.len() && word.ends_with(**ending));
    if let Some(ending) = run_together.filter(|_| !NO_ENDINGS.iter().any(|no| word.ends_with(no))) {
        return Some(
            if [
                "password",
                "passwd",
                "passphrase",
                "passwort",
                "kennwort",
                "senha",
                "pwd",
                "pass",
            ]
            .contains(ending)
            {
                Kind::Password
            } else {
                Kind::Key
            },
        );
    }
    if is_run_together_key(word) {
        return Some(Kind::Key);
    }
    // Bundler reads the credentials of a host from `BUNDLE_GEMS__EXAMPLE__COM`; CloudFront proves
    // itself to an origin by a header `X-Origin-Verify`.
    let bundler = last
        && words.len() > 2
        && words[0] == "bundle"
        && ["com", "org", "io", "net", "dev"].contains(&word);
    let origin = copies && word == "verify" && has(&words[..at], &["origin"]);
    if bundler || origin {
        return Some(Kind::Hint);
    }
    // `DBPW`, `BINDPW`: the letters after a short word.
    let short = word.strip_suffix("pw").is_some_and(|stem| {
        [
            "db", "bind", "user", "admin", "root", "ldap", "ftp", "smtp", "sql", "pg", "redis",
            "app",
        ]
        .contains(&stem)
    });
    if short {
        return Some(Kind::Password);
    }
    HINTS.contains(&word).then_some(Kind::Hint)
}

/// How the words after a promise change it; `None` if they cancel it.
pub(crate) fn about(after: &[String]) -> Option<About> {
    let mut most = About::Nothing;
    for word in after {
        let one = bare(word).strip_suffix('s').unwrap_or_default();
        let of = |list: &[&str]| {
            list.contains(&word.as_str()) || list.contains(&bare(word)) || list.contains(&one)
        };
        if of(NEVER) {
            return None;
        }
        let this = if of(PROPERTIES) {
            About::Property
        } else if of(PLACES) {
            About::Place
        } else {
            About::Nothing
        };
        most = most.max(this);
    }
    Some(most)
}

/// What a name promises, if anything.
pub(crate) fn promise(words: &[String]) -> Option<Promise> {
    let kinds = (0..words.len()).filter_map(|at| kind(words, at).map(|kind| (at, kind)));
    // The last promise counts; one that is more than a hint before one that is only that.
    let (at, mut kind) = kinds.max_by_key(|(at, kind)| (*kind != Kind::Hint, *at))?;
    let (before, after) = (&words[..at], &words[at + 1..]);
    let about = about(after)?;
    let word = bare(&words[at]);
    let is_key = word == "key" || word == "keys" || word.ends_with("key");
    let next = before.last().map(|word| bare(word)).unwrap_or_default();
    let other_token = word.starts_with("token") && OF_OTHER_TOKENS.contains(&next);
    // `S3_KEY` ends its word in a digit that is part of it.
    let other_key = is_key
        && kind == Kind::Hint
        && before.last().is_some_and(|word| {
            OF_OTHER_KEYS.contains(&bare(word)) || OF_OTHER_KEYS.contains(&word.as_str())
        });
    let public = kind != Kind::Password
        && !word.contains("secret")
        && !has(words, &["secret", "private"])
        && has(before, PUBLIC);
    // The key by which browsers search: "API keys" of Algolia.
    let search = is_key
        && has(before, &["search"])
        && has(before, &["algolia", "typesense", "meilisearch", "meili"]);
    let site = is_key && has(before, &["site"])
        || (is_key
            && has(before, &["client"])
            && has(before, &["side", "launchdarkly", "ld", "statsig"]));
    // The key of an app of Pusher's is in every page that uses it; its secret is not.
    let pusher = is_key && has(before, &["pusher"]);
    // `AUTH_SERVER`, `COOKIE_DOMAIN`, `WEBHOOK_BATCH`: what is not a key hints at a secret at the
    // end of a name only.
    let aside = kind == Kind::Hint
        && !is_key
        && !after
            .iter()
            .all(|word| is_copy(word) || word == "stage" || word == "lambda");
    if aside || other_token || other_key || public || search || site || pusher {
        return None;
    }
    if kind != Kind::Password && is_client_side(words) && !word.contains("secret") {
        return None;
    }
    if kind == Kind::Key
        && has(
            before,
            &[
                "encrypted",
                "has",
                "is",
                "use",
                "enable",
                "disable",
                "skip",
                "show",
                "hide",
                "count",
                "num",
                "number",
                "max",
                "min",
            ],
        )
    {
        kind = Kind::Hint;
    }
    let signs = word == "secret" && has(words, OF_SIGNING)
        || words
            .windows(2)
            .any(|pair| bare(&pair[0]) == "secret" && bare(&pair[1]) == "key")
        || (is_key
            && has(
                before,
                &["jwt", "signing", "encryption", "session", "cookie"],
            ));
    Some(Promise {
        kind,
        about,
        signs,
        key: is_key || word == "auth",
    })
}

#[cfg(test)]
mod tests {
    use super::{About, ENDINGS, Kind, LAST_TWO, promise};
    use crate::words::words;

    #[test]
    fn every_ending_is_looked_for() {
        for ending in ENDINGS.iter().chain(&["key", "keys", "pw"]) {
            assert!(
                LAST_TWO.iter().any(|two| ending.as_bytes().ends_with(two)),
                "{ending}"
            );
        }
    }

    #[test]
    fn names_promise_what_people_mean_by_them() {
        for (name, expected) in [
            ("DB_PASSWORD", Some((Kind::Password, About::Nothing))),
            ("DB_PASSWORD_STAGE", Some((Kind::Password, About::Place))),
            ("API_KEY_LAMBDA", Some((Kind::Key, About::Place))),
            (
                "PASSWORD_MIN_LENGTH",
                Some((Kind::Password, About::Property)),
            ),
            (
                "PRIMARY_DB_PASSWORD",
                Some((Kind::Password, About::Nothing)),
            ),
            ("NO_REPLY_PASSWORD", Some((Kind::Password, About::Nothing))),
            ("WHATSAPP_VERIFY_TOKEN", Some((Kind::Key, About::Nothing))),
            ("DBPASS", Some((Kind::Password, About::Nothing))),
            ("LDAP_BIND_PW", Some((Kind::Password, About::Nothing))),
            ("DBPWD", Some((Kind::Password, About::Nothing))),
            ("MASTERKEY", Some((Kind::Key, About::Nothing))),
            ("SIGNINGKEY", Some((Kind::Key, About::Nothing))),
            ("GITHUB_PAT", Some((Kind::Key, About::Nothing))),
            ("SENHA_BANCO", Some((Kind::Password, About::Nothing))),
            ("DB_PASSWORT", Some((Kind::Password, About::Nothing))),
            ("VAULT_PASS_V2", Some((Kind::Password, About::Nothing))),
            ("MOT_DE_PASSE", Some((Kind::Password, About::Nothing))),
            ("JWT", Some((Kind::Hint, About::Nothing))),
            ("SENDGRID_KEY", Some((Kind::Hint, About::Nothing))),
            ("DB_PASS_PROD", Some((Kind::Password, About::Nothing))),
            ("PASSWORD_HASH", None),
            ("API_KEY_ID", None),
            ("NEXT_TOKEN", None),
            ("PARTITION_KEY", None),
            ("RECAPTCHA_SITE_KEY", None),
            ("ALGOLIA_SEARCH_API_KEY", None),
            ("NEXT_PUBLIC_API_KEY", None),
            (
                "NEXT_PUBLIC_CLIENT_SECRET",
                Some((Kind::Key, About::Nothing)),
            ),
            ("STRIPE_PUBLISHABLE_KEY", None),
            ("BYPASS_CACHE", None),
            ("COMPASS", None),
            ("MONKEY", None),
            ("KEYBOARD_LAYOUT", None),
            ("PASS_THROUGH", None),
            ("STAGE", None),
        ] {
            assert_eq!(
                promise(&words(name)).map(|it| (it.kind, it.about)),
                expected,
                "{name}"
            );
        }
    }
}
