//! The kinds of values: addresses, paths, numbers, names, placeholders.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::public::is_public;
use crate::randomness::{is_hexadecimal, is_random};
use crate::words::{has, words};

/// Words that mark a placeholder anywhere in a value; five letters at least.
#[rustfmt::skip]
const ANYWHERE: &[&str] = &[
    "change_me", "change-me", "changeit", "changeme", "change this", "dummy", "be-replaced", "be_replaced", "be replaced", "set-me",
    "setme", "set_me", "update-me", "updateme", "fill-me", "fill_me", "goes-here", "goes_here", "example", "fillme", "not-set", "not_set",
    "notset", "placeholder", "redacted", "replaceme", "replace_", "replace-", "todo:", "undefined", "your-", "your_",
];

/// These mark one only as separate words; four letters at least, or random text would contain one
/// now and then.
const AS_WORD: &[&str] = &[
    "fake", "fixme", "mock", "sample", "todo", "your", "insert", "replace", "empty", "unset",
];

/// Finds both; those that must be words come last.
static PLACEHOLDERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(ANYWHERE.iter().chain(AS_WORD))
        .ok()
});

/// Whether a value is a placeholder for a secret.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'', '\\']);
    if value.starts_with("see ") {
        return true;
    }
    let between = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .find_map(|(open, close)| value.strip_prefix(open)?.strip_suffix(close))
            .map(str::to_owned)
    };
    let template = between(&[
        ("${", "}"),
        ("{{", "}}"),
        ("$(", ")"),
        ("#{", "}"),
        ("%(", ")s"),
        ("<%", "%>"),
        ("${{", "}}"),
        ("$[", "]"),
        ("@@", "@@"),
    ]);
    // A password may begin with a bracket and even end with one: the text between them must be a
    // name or words.
    let bracketed = between(&[
        ("<", ">"),
        ("%", "%"),
        ("[", "]"),
        ("{", "}"),
        ("__", "__"),
        (":", ":"),
    ])
    .is_some_and(|inner| is_wording(&inner));
    let variable = value.strip_prefix('$').is_some_and(|rest| {
        // `$DB_PASSWORD --quiet` is the beginning of a command.
        let rest = rest
            .trim_start_matches(['$', '.'])
            .split(' ')
            .next()
            .unwrap_or_default();
        let identifier = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        let capitals = || {
            rest.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        };
        identifier && (capitals() || is_name(rest))
    });
    let bracketed =
        bracketed || template.is_some_and(|inner| !inner.contains('\n') && !inner.contains("\":"));
    let mut rest = value
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '*' | '.' | '?'));
    let first = rest.next();
    let one_character = first.is_none_or(|first| rest.all(|c| c.eq_ignore_ascii_case(&first)));
    if bracketed || variable || one_character {
        return true;
    }
    // Long values and those of several lines are not searched: placeholders are short.
    if value.len() > 1024 || value.contains('\n') {
        return false;
    }
    let mut found = PLACEHOLDERS
        .iter()
        .flat_map(|it| it.find_overlapping_iter(value))
        .map(|it| it.pattern().as_usize())
        .peekable();
    found.peek().is_some() && (found.any(|at| at < ANYWHERE.len()) || has(&words(value), AS_WORD))
}

/// Whether a text is a name or a few words, as in placeholders.
fn is_wording(text: &str) -> bool {
    let text = text.trim();
    let plain = text
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | ':' | '/' | '\''));
    plain
        && text
            .split([' ', '/', ':'])
            .all(|word| word.is_empty() || is_name(word) || word.len() <= 3)
}

/// Whether a value cannot be a secret because of its kind: a switch, a number, a time, an address,
/// a path, an ARN, a list, a public key.
pub(crate) fn is_ordinary(value: &str) -> bool {
    is_switch(value)
        || is_number(value)
        || is_address(value)
        || is_path(value)
        || is_public(value)
        || is_prose(value)
        || is_hash(value)
        || is_expression(value)
        || is_chain_address(value)
        || is_class(value)
        || is_region(value)
}

/// A class of Java's with its package: `com.acme.auth.BCryptPasswordEncoder`.
fn is_class(value: &str) -> bool {
    let Some((package, class)) = value.rsplit_once('.') else {
        return false;
    };
    let folder = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    package.contains('.')
        && package.split('.').all(folder)
        && class.starts_with(|c: char| c.is_ascii_uppercase())
        && class
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'$')
}

/// A Region's code: `eu-west-1`, `us-gov-east-1`.
fn is_region(value: &str) -> bool {
    let Some((area, number)) = value.rsplit_once('-') else {
        return false;
    };
    let letters =
        |part: &str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    number.len() == 1
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && (2..=3).contains(&area.split('-').count())
        && area.split('-').all(letters)
        && area.find('-') <= Some(3)
}

/// Whether a value is a switch, a number or a time.
pub(crate) fn is_switch_or_number(value: &str) -> bool {
    is_switch(value) || is_number(value)
}

fn is_switch(value: &str) -> bool {
    let words = [
        "true", "false", "yes", "no", "on", "off", "none", "null", "nil", "enabled", "disabled",
        "enable", "disable", "auto", "default", "required", "optional", "always", "never", "iam",
        "basic", "bearer", "test",
    ];
    words.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Numbers, also with a unit or several of them (`15m`, `10MB`, `2026-11-24T10:00:00Z`, `1.2.3`,
/// `rate(5 minutes)`, `1,2,3`).
pub(crate) fn is_number(value: &str) -> bool {
    if value.starts_with("rate(") || value.starts_with("cron(") {
        return true;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let plain = || {
        value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.,:/ _TZ*".contains(&byte))
    };
    let unit = || {
        value.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ' '))
    };
    let has_unit = |unit: &str| {
        unit.len() < value.len()
            && unit.len() <= 8
            && unit.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    plain() || (digits < 6 && has_unit(unit()))
}

fn is_address(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    lower.contains("://")
        || lower.starts_with("arn:")
        || lower.starts_with("mailto:")
        || lower.starts_with("urn:")
        // The letters of a host's name change neither case nor place with digits as those of a
        // token do.
        || (is_host(&lower) && (value == lower || is_name(value)))
        || is_email(&lower)
}

/// A host's name or address, with or without a port.
pub(crate) fn is_host(value: &str) -> bool {
    let (host, port) = value
        .split_once(':')
        .map_or((value, None), |(host, port)| (host, Some(port)));
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()))
        || host.len() > 253
    {
        return false;
    }
    let mut labels = host.split('.').peekable();
    let (mut count, mut last) = (0, "");
    while let Some(label) = labels.next() {
        if label.is_empty() && labels.peek().is_none() && count > 1 {
            break;
        }
        if label.is_empty()
            || label.len() > 63
            || !label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        {
            return false;
        }
        (count, last) = (count + 1, label);
    }
    (count > 1 && last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_lowercase()))
        || (count == 1 && port.is_some())
        || host == "localhost"
}

fn is_email(value: &str) -> bool {
    value.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && user
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
            && host.contains('.')
            && is_host(host)
    })
}

/// A path of a file, an object or a parameter.
pub(crate) fn is_path(value: &str) -> bool {
    let rooted = [
        "/", "./", "../", "~/", "C:\\", "c:\\", "file:", "s3:", "\\\\",
    ]
    .iter()
    .any(|root| value.starts_with(root));
    if !rooted || value.contains(' ') {
        return false;
    }
    // Base64 may begin with a slash too; a long value that spells nothing is not a path, nor is one
    // with characters that paths do not have.
    let letters = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    let base64 = letters
        && !is_name(value)
        && (value.ends_with('=') || value.contains('+') || (value.len() >= 20 && is_random(value)));
    !base64 && !value.contains(['#', '!', '^', '&', '"', '\'', '`', '|', '?', '>', '<'])
}

/// A hash in the forms that hashes of passwords and digests are written in. Sources: crypt(5), RFC
/// 2307, the PHC string format, and "SRI" of the W3C.
pub(crate) fn is_hash(value: &str) -> bool {
    #[rustfmt::skip]
    const HEADS: &[&str] = &[
        "$2a$", "$2b$", "$2y$", "$1$", "$5$", "$6$", "$y$", "$apr1$", "$argon2", "$pbkdf2", "$scrypt", "pbkdf2_sha", "pbkdf2:", "scrypt:",
        "bcrypt$", "argon2$", "{SHA}", "{SSHA}", "{SHA256}", "{SSHA256}", "{SHA512}", "{SSHA512}", "sha1:", "sha256:", "sha384:", "sha512:",
        "md5:", "sha1-", "sha256-", "sha384-", "sha512-", "SHA256:", "MD5:",
    ];
    let colons = || {
        value.len() >= 47
            && value
                .split(':')
                .all(|byte| byte.len() == 2 && is_hexadecimal(byte))
    };
    HEADS.iter().any(|head| value.starts_with(head)) || colons()
}

/// An expression that passwords or tokens have to match.
fn is_expression(value: &str) -> bool {
    // A call or a path of a language that templates are written in.
    let call = value.split_once('(').is_some_and(|(called, _)| {
        let plain = called
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._:".contains(&byte));
        called.len() >= 3 && plain && called.split('.').all(is_name)
    });
    let pattern =
        value.starts_with('^') && value.len() >= 4 && value.contains(['[', '(', '\\', '$']);
    call || pattern
        || value.starts_with("$.")
        || ["(?=", "(?:", "[a-z", "[A-Z", "[0-9"]
            .iter()
            .any(|part| value.contains(part))
}

/// A blockchain address: forty hexadecimal digits; a private key has 64.
fn is_chain_address(value: &str) -> bool {
    value.len() == 42 && value.strip_prefix("0x").is_some_and(is_hexadecimal)
}

/// Text for people: several words.
pub(crate) fn is_prose(value: &str) -> bool {
    let parts = value.split_whitespace().count();
    let wordlike = value
        .split_whitespace()
        .filter(|part| {
            part.trim_matches(|c: char| c.is_ascii_punctuation())
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic())
        })
        .count();
    parts >= 3 && wordlike * 4 >= parts * 3
}

/// Whether a value is a name: words, joined by dashes, slashes, dots or humps, with a few digits.
pub(crate) fn is_name(value: &str) -> bool {
    const SEPARATORS: [char; 9] = ['-', '_', '/', '.', ':', ',', ' ', ';', '|'];
    if !value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || SEPARATORS.contains(&c))
    {
        return false;
    }
    let (mut spelt, mut total, mut longest) = (0, 0, 0);
    for part in value.split(SEPARATORS) {
        total += part.len();
        if is_spelt(part) {
            spelt += part.len();
            longest = longest.max(part.len());
        }
    }
    // A part may be an id that somebody else gave, as in `orders-7f3a9c`.
    longest >= 3 && spelt * 3 >= total * 2
}

/// Whether a part of a name is a word, an abbreviation, a number, or words joined by humps; each
/// with a few digits behind.
fn is_spelt(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    if letters.is_empty() {
        return part.len() <= 4;
    }
    if part.len() - letters.len() > 4 || !letters.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    // A digit or two may end a hump, as in `Ec2Instance`.
    let humps = words(letters);
    let inner = letters.bytes().any(|byte| byte.is_ascii_digit());
    let plain = |hump: &String| {
        let word = hump.trim_end_matches(|c: char| c.is_ascii_digit());
        hump.len() - word.len() <= 2
            && word.len() >= 2
            && word.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    if inner && (humps.len() < 2 || !humps.iter().all(plain)) {
        return false;
    }
    match &humps[..] {
        [one] => one.len() <= 4 || is_spoken(one),
        [first, rest @ ..] => {
            // Abbreviations, as in `GraphQLApiKey`, are spelt among words.
            let spoken = humps.iter().any(|hump| hump.len() >= 4 && is_spoken(hump));
            let word =
                |hump: &String| hump.len() >= 2 && (is_spoken(hump) || (spoken && hump.len() <= 3));
            first.len() >= 2 && (first.len() <= 4 || is_spoken(first)) && rest.iter().all(word)
        }
        [] => false,
    }
}

/// Whether letters can be pronounced: vowels often enough, and few consonants in a row.
fn is_spoken(letters: &str) -> bool {
    let (mut vowels, mut run, mut longest) = (0, 0, 0);
    for byte in letters.bytes() {
        (vowels, run) = if b"aeiouy".contains(&byte) {
            (vowels + 1, 0)
        } else {
            (vowels, run + 1)
        };
        longest = longest.max(run);
    }
    vowels * 5 >= letters.len() && longest <= 4
}
