//! The final check of a pattern's match: checksums, headers, documentation's examples,
//! placeholders.

use crate::decode::{decode, json, percent_decoded};
use crate::public::{is_documented, is_public};
use crate::randomness::{entropy, is_filled_in, is_mixed, is_random, is_sequence, is_uuid};
use crate::shape::{is_hash, is_name, is_placeholder};
use crate::{Confidence, Secret};

/// A match of a pattern.
#[derive(Clone, Copy)]
pub(crate) struct Match<'t> {
    /// The text that was searched.
    pub(crate) text: &'t str,
    /// The whole match.
    pub(crate) whole: &'t str,
    /// The secret's part.
    pub(crate) secret: &'t str,
    /// The secret behind its maker's prefix.
    pub(crate) body: &'t str,
}

/// The confidence of a match, given the rule's confidence; `None` if it is not a secret.
pub(crate) type Judge = fn(Match<'_>, Confidence) -> Option<Confidence>;

/// Accepts anything but placeholders.
pub(crate) fn plain(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let secret = found.secret;
    let filled_in = is_filled_in(found.body)
        || is_documented(secret)
        || entropy(secret) < 2.3
        || is_placeholder(found.body)
        || is_sequence(found.body);
    (!filled_in).then_some(confidence)
}

/// Accepts anything but placeholders and names after the prefix.
pub(crate) fn drawn(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    plain(found, confidence)
        .filter(|_| entropy(found.body) >= 2.3 && (!is_name(found.body) || is_uuid(found.body)))
}

/// Accepts random text that is not a placeholder: for prefixes that ordinary names can have too.
pub(crate) fn mixed(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    plain(found, confidence).filter(|_| is_random(found.secret) && !is_name(found.secret))
}

/// The same of letters of both cases: for prefixes that parts of ids have.
pub(crate) fn both_cases(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    mixed(found, confidence).filter(|_| is_mixed(found.body))
}

/// Accepts a key with a maker's prefix that is not said to be a public one.
pub(crate) fn prefixed_key(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let maker = found.whole.split('_').next().unwrap_or_default();
    let any = |of: fn(&u8) -> bool| found.secret.bytes().any(|byte| of(&byte));
    let changes =
        any(u8::is_ascii_lowercase) && (any(u8::is_ascii_uppercase) || any(u8::is_ascii_digit));
    drawn(found, confidence).filter(|_| changes).filter(|_| {
        ![
            "pk", "pub", "public", "client", "price", "prod", "plan", "site",
        ]
        .contains(&maker)
    })
}

/// Prefixes of ids, which give no access.
#[rustfmt::skip]
const OF_IDS: &[&str] = &[
    "acct", "app", "arn", "asset", "asst", "batch", "build", "bucket", "cache", "client", "cluster", "commit", "cus", "customer", "dataset",
    "deploy", "dev", "digest", "env", "event", "evt", "file", "func", "function", "group", "hash", "id", "img", "image", "index", "job",
    "layer", "md5", "message", "model", "msg", "object", "order", "org", "phc", "pk", "policy", "pool", "price", "prod", "project", "prj", "proj", "tmpl",
    "pub", "public", "queue", "rel", "release", "req", "request", "role", "run", "sha", "sha256", "sha512", "snap", "site", "span", "stack", "sub",
    "table", "task", "team", "test", "thread", "topic", "trace", "user", "usr", "v", "vs", "ws",
];

/// Whether a prefix names a kind of thing.
pub(crate) fn is_of_id(prefix: &str) -> bool {
    OF_IDS.iter().any(|word| prefix.eq_ignore_ascii_case(word))
}

/// Accepts random text after a prefix of a few letters, if the prefix is not that of an id and the
/// text is longer than ids are.
pub(crate) fn unknown_token(found: Match<'_>, _: Confidence) -> Option<Confidence> {
    let prefix = found
        .secret
        .split(['_', '-', '.'])
        .next()
        .unwrap_or_default();
    let id = is_of_id(prefix)
        || crate::given::is_given(found.secret)
        || is_uuid(found.body)
        || is_public(found.secret);
    // The id of a public key can begin with any letters.
    // `async-results-orders-app-123456789012Suffix`: names that are put together hold several
    // words.
    let is_word =
        |part: &&str| part.len() >= 3 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let words = found.secret.split(['-', '_', '.']).filter(is_word).count();
    let is_drawn = is_mixed(found.body)
        && words < 3
        && !found.text.contains("\"kty")
        && entropy(found.body) >= 3.0
        && !is_name(found.secret);
    plain(found, Confidence::Low).filter(|_| is_drawn && !id)
}

/// Accepts an access key id unless AWS's documentation shows it.
pub(crate) fn aws_key_id(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    plain(found, confidence).filter(|_| !found.whole.ends_with("EXAMPLE"))
}

/// A GitHub or npm token is certain where its checksum is right: the last six characters are the
/// CRC-32 of the thirty before them, in base 62. Source: GitHub's announcement of its token formats
/// (2021-04-05). For fine-grained tokens no checksum is published; their form says enough.
pub(crate) fn github_token(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    plain(found, confidence)?;
    let Some(body) = found
        .secret
        .split_once('_')
        .map(|(_, body)| body)
        .filter(|body| body.len() == 36)
    else {
        let fine_grained = found
            .secret
            .strip_prefix("github_pat_")
            .and_then(|body| body.split_once('_'));
        let whole = fine_grained.is_some_and(|(id, rest)| id.len() == 22 && rest.len() == 59);
        return Some(if whole {
            confidence
        } else {
            Confidence::Medium
        });
    };
    let (random, sum) = body.split_at_checked(30)?;
    Some(if base62(crc32fast::hash(random.as_bytes())) == sum {
        confidence
    } else {
        Confidence::Medium
    })
}

/// Six digits of base 62: digits, capitals, lower-case letters.
fn base62(mut number: u32) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = ['0'; 6];
    for digit in out.iter_mut().rev() {
        *digit = char::from(DIGITS[(number % 62) as usize]);
        number /= 62;
    }
    out.iter().collect()
}

/// Accepts a key that has a body, so that no template and no mention of the header counts.
pub(crate) fn key_material(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let body = found
        .secret
        .split_once("BEGIN")
        .and_then(|(_, rest)| rest.split_once("KEY"))
        .map_or(found.secret, |(_, body)| body);
    let longest = body
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')))
        .map(entropy_of_line)
        .fold(0.0, f64::max);
    (longest >= 2.5).then_some(confidence)
}

fn entropy_of_line(line: &str) -> f64 {
    if line.len() >= 16 { entropy(line) } else { 0.0 }
}

/// Accepts a key of Google's unless the settings of a Firebase web app stand around it, which are
/// meant to be known. Source: "Learn about using and managing API keys for Firebase".
pub(crate) fn google_api_key(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    drawn(found, confidence).filter(|_| !is_web_app(found.text))
}

/// Accepts a Slack token that gives access: `xoxo-` can end a letter.
pub(crate) fn slack_token(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let (_, rest) = found.secret.split_once('-')?;
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    plain(found, confidence).filter(|_| digits >= 3 && !is_name(rest))
}

/// Accepts the bearer token of an app of X's: behind its zero bits it is drawn.
pub(crate) fn x_bearer(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    (entropy(found.body) >= 3.5 && !is_filled_in(found.body)).then_some(confidence)
}

/// Accepts 33 bytes that begin with the version 4. Source: "Obtaining Amazon SES SMTP credentials",
/// which shows how the password is made.
pub(crate) fn ses_password(found: Match<'_>, _: Confidence) -> Option<Confidence> {
    let version = decode(found.secret)?.first().copied();
    (version == Some(4) && is_random(found.secret)).then_some(Confidence::Medium)
}

/// Whether a text is the settings of a Firebase web app, whose key is meant to be known.
pub(crate) fn is_web_app(text: &str) -> bool {
    ["firebaseapp", "authDomain", "messagingSenderId"]
        .iter()
        .any(|mark| text.contains(mark))
}

/// Accepts a token whose first part is the id of a bot, a number, in base 64. Source:
/// "Authentication" of Discord's reference.
pub(crate) fn discord_token(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let id = decode(found.secret.split('.').next()?)?;
    (id.len() >= 15 && id.iter().all(u8::is_ascii_digit)).then_some(confidence)
}

/// Accepts a password, but not a reference to one.
pub(crate) fn literal_password(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let secret = found.secret;
    let template = (secret.contains("{{") && secret.contains("}}"))
        || (secret.contains("${") && secret.contains('}'));
    let reference =
        template || secret.starts_with("arn:") || secret.starts_with("$(") || is_hash(secret);
    let nothing = ["null", "none", "true", "false", "...", "undefined"]
        .iter()
        .any(|word| secret.eq_ignore_ascii_case(word));
    // A password written in capitals says where one goes: `PASSWORD`, `MY_PASSWORD`.
    let shouted = secret.len() >= 4
        && secret
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        && ["PASS", "PWD", "SECRET", "TOKEN"]
            .iter()
            .any(|word| secret.contains(word));
    (!reference && !nothing && !shouted && !is_placeholder(secret)).then_some(confidence)
}

/// Accepts a password before a host without the scheme of an address, where labels and tags of
/// images stand too.
pub(crate) fn bare_password(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    literal_password(found, confidence)
        .filter(|_| !is_name(found.secret) && !found.whole.contains("@sha256:"))
}

/// Accepts the password of an address unless the address only shows how one is written.
pub(crate) fn url_password(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    literal_password(found, confidence)?;
    let (scheme, rest) = found.whole.split_once("://")?;
    let (user, _) = rest.split_once(':')?;
    let (_, host) = found.whole.rsplit_once('@')?;
    let host = host
        .split([':', '?', ','])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    // `https://host:8443/path@v2`: the part before the first slash is a port.
    // `postgres://a@b:5432/db?x=y@z` likewise.
    let (before, path) = found
        .secret
        .split_once('/')
        .map_or((found.secret, false), |(before, _)| (before, true));
    if path
        && (before.len() <= 5 && before.bytes().all(|byte| byte.is_ascii_digit())
            || scheme.starts_with("http"))
    {
        return None;
    }
    let secret = found.secret.to_ascii_lowercase();
    let here = ["localhost", "127.0.0.1", "0.0.0.0", "host", "hostname"].contains(&host.as_str())
        || host.ends_with("example.com") && secret.len() < 10;
    let word = [
        "pass",
        "passwd",
        "password",
        "pwd",
        "secret",
        "test",
        "root",
        "guest",
        "postgres",
        "admin",
        "pw",
        "mypassword",
    ]
    .contains(&secret.as_str())
        || secret == user.to_ascii_lowercase();
    let shown = word
        && (here
            || ["user", "username", "login", "myuser", "dbuser"]
                .contains(&user.to_ascii_lowercase().as_str()));
    // A word of that kind before a host that only a developer's machine knows
    // (`postgres:postgres@postgres`) may not be a real password.
    let confidence = if word && !host.contains('.') {
        Confidence::Low
    } else {
        confidence
    };
    (!shown).then_some(confidence)
}

/// Accepts what stands where an address has its user and is random, but for the public key of a
/// Sentry DSN.
pub(crate) fn url_token(found: Match<'_>, _: Confidence) -> Option<Confidence> {
    let public = found.whole.contains("sentry") || found.whole.contains("ingest.");
    mixed(found, Confidence::Medium).filter(|_| {
        !public && literal_password(found, Confidence::Medium).is_some() && !is_uuid(found.secret)
    })
}

/// Accepts a token whose first part is JSON that names an algorithm. The one that Supabase gives to
/// browsers is meant to be known, the one that it gives to servers opens everything. Source:
/// "Understanding API keys" of Supabase.
pub(crate) fn has_json_web_token(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let mut parts = found.secret.split('.');
    let header = json(parts.next()?)?;
    if !header.get("alg")?.is_string() || is_filled_in(found.secret) {
        return None;
    }
    let payload = parts.next().and_then(json);
    match payload
        .as_ref()
        .and_then(|payload| payload.get("role")?.as_str())
    {
        Some("anon") => None,
        Some("service_role") => Some(Confidence::High),
        _ => Some(confidence),
    }
}

/// Accepts what decodes to a user and a password.
pub(crate) fn basic_credentials(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let secret = percent_decoded(found.secret);
    let text = String::from_utf8(decode(&secret)?).ok()?;
    let (user, password) = text.split_once(':')?;
    let readable = text.chars().all(|c| !c.is_control());
    (readable && !user.is_empty() && password.len() >= 4 && !is_placeholder(password))
        .then_some(confidence)
}

/// Accepts a JSON Web Key that signs or decrypts: one with the private part `d`, or a symmetric one
/// with its key `k`. Source: RFC 7518, section 6.
pub(crate) fn json_web_key(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let private = found.whole.trim_start_matches(['\\', '"']).starts_with('d');
    plain(found, confidence).filter(|_| private || found.text.contains("\"oct"))
}

/// Accepts a private key of a wallet in its import format. Source: "Wallet import format" of
/// Bitcoin: base 58 of a byte 0x80 and a key.
pub(crate) fn wallet_key(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    drawn(found, confidence)
        .filter(|_| is_random(found.secret))
        .map(|_| Confidence::Medium)
}

/// Accepts twelve, fifteen, eighteen, twenty-one or twenty-four words that make no sentence.
/// Source: BIP 39; its list has no words of two letters, and none of those that hold an English
/// sentence together.
pub(crate) fn mnemonic(found: Match<'_>, _: Confidence) -> Option<Confidence> {
    #[rustfmt::skip]
    const OF_SENTENCES: &[&str] = &[
        "and", "are", "been", "but", "does", "for", "from", "has", "have", "her", "his", "into", "its", "not", "our", "should", "the",
        "their", "them", "then", "there", "these", "they", "those", "was", "were", "which", "with", "would", "your",
    ];
    let words: Vec<&str> = found.secret.split(' ').collect();
    let sentence = words.iter().any(|word| OF_SENTENCES.contains(word));
    let mut distinct = words.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let spread = distinct.len() * 5 >= words.len() * 4;
    (!sentence && spread && [12, 15, 18, 21, 24].contains(&words.len()))
        .then_some(Confidence::Medium)
}

/// Forty characters of base64 that are random are an AWS secret key where the name or what stands
/// beside it says so; under any other name they have to have all that a secret key has, and the
/// name must not speak of what else has forty characters.
pub(crate) fn aws_secret_key(words: &[String], value: &str) -> Option<Secret> {
    if !is_secret_key(value) {
        return None;
    }
    let has = |any: &[&str]| crate::words::has(words, any);
    let named = (has(&["secret"]) && has(&["aws", "access", "iam", "s3", "ses", "amazon"]))
        || has(&["aws"]) && has(&["key", "sak"]);
    let else_named = has(&[
        "arn",
        "build",
        "checksum",
        "client",
        "commit",
        "cursor",
        "digest",
        "etag",
        "fingerprint",
        "hash",
        "id",
        "ids",
        "name",
        "nonce",
        "path",
        "pool",
        "prefix",
        "public",
        "release",
        "revision",
        "salt",
        "sha",
        "signature",
        "table",
        "version",
    ]);
    let promised = has(&["secret", "token", "password", "key", "apikey", "auth"]);
    // Under a name that promises something else, the rules for such names know better what it is.
    let confidence = if named {
        Confidence::High
    } else if !else_named && !promised && value.contains(['+', '/']) {
        Confidence::Medium
    } else {
        return None;
    };
    Some(Secret {
        rule: "aws-secret-access-key",
        description: "an AWS secret access key",
        confidence,
    })
}

/// Whether a text has the form of an AWS secret access key and is none of the documentation's.
pub(crate) fn is_secret_key(value: &str) -> bool {
    value.len() == 40
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        && is_mixed(value)
        && entropy(value) >= 4.1
        && is_random(value)
        && !is_name(value)
        && !value.to_ascii_uppercase().contains("EXAMPLE")
}

#[cfg(test)]
mod tests {
    use super::{Confidence, Match, base62, github_token};

    #[test]
    fn checksums_are_github_s() {
        // The body of the token that GitHub's announcement shows, and its checksum.
        assert_eq!(
            base62(crc32fast::hash(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ")),
            "0mLq17"
        );
        let token = |sum: &str| format!("gh{}_{}{sum}", "p", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ");
        let judge = |token: &str| {
            github_token(
                Match {
                    text: token,
                    whole: token,
                    secret: token,
                    body: token,
                },
                Confidence::High,
            )
        };
        assert_eq!(judge(&token("0mLq17")), Some(Confidence::High));
        assert_eq!(judge(&token("0mLq18")), Some(Confidence::Medium));
    }
}
