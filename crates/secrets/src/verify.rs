//! The last word on what a pattern matched: checksums, headers, documentation's examples, placeholders.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::shape::{entropy, is_filled_in, is_name, is_placeholder, is_random, is_sequence};
use crate::{Confidence, Secret};

/// What a pattern matched.
#[derive(Clone, Copy)]
pub(crate) struct Match<'t> {
    /// All of it.
    pub(crate) whole: &'t str,
    /// The secret's part.
    pub(crate) secret: &'t str,
}

/// Says how sure a match is, given the rule's confidence; nothing where it is no secret.
pub(crate) type Judge = fn(Match<'_>, Confidence) -> Option<Confidence>;

/// Takes what is no placeholder.
pub(crate) fn plain(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let secret = found.secret;
    let filled_in = is_filled_in(secret) || entropy(secret) < 2.3 || is_placeholder(secret) || is_sequence(secret);
    (!filled_in).then_some(confidence)
}

/// Takes what is no placeholder and looks drawn at random: for prefixes that ordinary names can have too.
pub(crate) fn mixed(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    plain(found, confidence).filter(|_| is_random(found.secret) && !is_name(found.secret))
}

/// Takes an access key id unless AWS's documentation shows it.
pub(crate) fn aws_key_id(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    plain(found, confidence).filter(|_| !found.whole.ends_with("EXAMPLE"))
}

/// A GitHub or npm token is certain where its checksum is right: the last six characters are the CRC-32 of the thirty before them, in base 62.
/// Source: GitHub's announcement of its token formats (2021-04-05). For fine-grained tokens no checksum is published; their form says enough.
pub(crate) fn github_token(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    plain(found, confidence)?;
    let Some(body) = found.secret.split_once('_').map(|(_, body)| body).filter(|body| body.len() == 36) else {
        let fine_grained = found.secret.strip_prefix("github_pat_").and_then(|body| body.split_once('_'));
        let whole = fine_grained.is_some_and(|(id, rest)| id.len() == 22 && rest.len() == 59);
        return Some(if whole { confidence } else { Confidence::Medium });
    };
    let (random, sum) = body.split_at_checked(30)?;
    Some(if base62(crc32fast::hash(random.as_bytes())) == sum { confidence } else { Confidence::Medium })
}

/// Six digits of base 62: digits, capitals, small letters.
fn base62(mut number: u32) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = ['0'; 6];
    for digit in out.iter_mut().rev() {
        *digit = char::from(DIGITS[(number % 62) as usize]);
        number /= 62;
    }
    out.iter().collect()
}

/// Takes a key that has a body, so that no template and no mention of the header counts.
pub(crate) fn key_material(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let body = found.secret.strip_prefix("-----BEGIN").and_then(|rest| rest.split_once("KEY")).map_or(found.secret, |(_, body)| body);
    let longest =
        body.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='))).map(entropy_of_line).fold(0.0, f64::max);
    (longest >= 2.5).then_some(confidence)
}

fn entropy_of_line(line: &str) -> f64 {
    if line.len() >= 16 { entropy(line) } else { 0.0 }
}

/// Takes a password that is one.
pub(crate) fn literal_password(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let secret = found.secret;
    let reference =
        secret.contains("{{") || secret.contains("${") || secret.starts_with("arn:") || secret.starts_with(['$', '%', '<', '{']);
    (!reference && !is_placeholder(secret) && !secret.eq_ignore_ascii_case("null")).then_some(confidence)
}

/// Takes the password of an address unless the address only shows how one is written.
pub(crate) fn url_password(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    literal_password(found, confidence)?;
    let (_, rest) = found.whole.split_once("://")?;
    let (user, _) = rest.split_once(':')?;
    let (_, host) = found.whole.rsplit_once('@')?;
    let host = host.split([':', '?', ',']).next().unwrap_or_default().to_ascii_lowercase();
    let here = ["localhost", "127.0.0.1", "0.0.0.0", "host", "hostname"].contains(&host.as_str())
        || host.ends_with("example.com") && found.secret.len() < 10;
    let word = ["pass", "passwd", "password", "pwd", "secret", "test", "root", "guest", "postgres", "admin"].contains(&found.secret)
        || found.secret == user;
    let shown = word && (here || ["user", "username", "login"].contains(&user));
    (!shown).then_some(confidence)
}

/// Takes a token whose first part is JSON that names an algorithm.
pub(crate) fn has_json_web_token(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let header = decode(found.secret.split('.').next()?)?;
    let header: serde_json::Value = serde_json::from_slice(&header).ok()?;
    (header.get("alg")?.is_string() && !is_filled_in(found.secret)).then_some(confidence)
}

/// Takes what decodes to a user and a password.
pub(crate) fn basic_credentials(found: Match<'_>, confidence: Confidence) -> Option<Confidence> {
    let text = String::from_utf8(decode(found.secret)?).ok()?;
    let (user, password) = text.split_once(':')?;
    let readable = text.chars().all(|c| !c.is_control());
    (readable && !user.is_empty() && password.len() >= 4 && !is_placeholder(password)).then_some(confidence)
}

/// Base64 of either alphabet, padded or not.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);
    if text.contains(['-', '_']) { URL_SAFE.decode(text).ok() } else { STANDARD.decode(text).ok() }
}

/// Forty characters of base64 that are drawn at random are an AWS secret key where the name or what stands beside it says so; under any other
/// name they have to have all that a secret key has, and the name must not speak of what else has forty characters.
pub(crate) fn aws_secret_key(words: &[String], value: &str) -> Option<Secret> {
    if !is_secret_key(value) {
        return None;
    }
    let has = |any: &[&str]| crate::words::has(words, any);
    let named = (has(&["secret"]) && has(&["aws", "access", "iam", "s3", "ses", "amazon"])) || has(&["aws"]) && has(&["key", "sak"]);
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
    Some(Secret { rule: "aws-secret-access-key", description: "an AWS secret access key", confidence })
}

/// Whether a text has the form of an AWS secret access key and is none of the documentation's.
pub(crate) fn is_secret_key(value: &str) -> bool {
    let has = |of: fn(&u8) -> bool| value.bytes().any(|byte| of(&byte));
    value.len() == 40
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
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
        assert_eq!(base62(crc32fast::hash(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ")), "0mLq17");
        let token = |sum: &str| format!("gh{}_{}{sum}", "p", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ");
        let judge = |token: &str| github_token(Match { whole: token, secret: token }, Confidence::High);
        assert_eq!(judge(&token("0mLq17")), Some(Confidence::High));
        assert_eq!(judge(&token("0mLq18")), Some(Confidence::Medium));
    }
}
