//! Random values under names that say nothing about them: they may be secrets.

use crate::given::is_given;
use crate::randomness::{entropy, is_mixed, is_random};
use crate::shape::{is_name, is_ordinary, is_placeholder};
use crate::verify::is_of_id;
use crate::{Confidence, Secret};

/// Words in the names of other random values, which give no access: ids, digests, identifiers of
/// pages and services.
#[rustfmt::skip]
const OF_OTHERS: &[&str] = &[
    "account", "addon", "alias", "analytics", "app", "appid", "arn", "asset", "build", "bucket", "cert", "certificate", "channel", "checksum", "client", "cluster", "code", "commit",
    "cursor", "digest", "distribution", "document", "domain", "endpoint", "etag", "favicon", "file", "fingerprint", "folder", "form", "graph", "guid", "hash", "host", "icon", "id", "identifier",
    "ids", "image", "issuer", "key", "kid", "layer", "list", "logo", "map", "marker", "md5", "measurement", "message", "model", "name", "nonce", "number", "object", "org", "origin",
    "page", "path", "pixel", "pool", "project", "public", "publishable", "pub", "record", "ref", "region", "release", "request", "resource", "revision", "role", "sha", "sha1", "sha256", "sheet", "sid",
    "site", "sitekey", "snapshot", "sri", "integrity", "stack", "state", "subnet", "table", "tag", "team", "template", "tenant", "topic", "trace", "tracking", "uri", "url", "user", "username", "uuid",
    "verification", "version", "vpc", "workspace", "zone", "author", "password", "token", "secret", "db", "address", "mint", "cid", "ipfs", "video", "media", "playlist", "contract", "wallet", "peer",
    "node", "next", "since", "until", "etags", "signature", "thumbprint", "digests", "connection", "customer", "price", "product", "plan",
];

const fn is_lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')
}

/// A possible secret although its name does not say so: a variable name in capitals, and a random
/// mix of letters of both cases and digits that is longer than ids are.
pub(crate) fn detect(name: &str, words: &[String], value: &str) -> Option<Secret> {
    let value = value.trim();
    let variable = name
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    // Base64 has the sign at its end only; elsewhere it sets a name to a value.
    let sets = value.trim_end_matches('=').contains('=');
    if !variable
        || sets
        || !(32..=128).contains(&value.len())
        || !value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=.~".contains(&byte))
    {
        return None;
    }
    if !is_mixed(value)
        || !is_random(value)
        || entropy(value) < 3.8
        || is_name(value)
        || is_given(value)
        || is_ordinary(value)
        || is_placeholder(value)
    {
        return None;
    }
    // The ids of Twilio: two capitals and 32 hexadecimal digits. Source: "What is a String
    // Identifier (SID)?"
    let sid = value.len() == 34
        && value.bytes().take(2).all(|byte| byte.is_ascii_uppercase())
        && value[2..].bytes().all(is_lower_hex);
    let of_id = sid
        || value
            .split_once('_')
            .is_some_and(|(prefix, _)| is_of_id(prefix));
    // Text in base64 was looked into.
    let is_data =
        |bytes: Vec<u8>| std::str::from_utf8(&bytes).is_ok() || crate::blob::is_file(&bytes);
    if of_id || crate::decode::decode(value).is_some_and(is_data) {
        return None;
    }
    // `CLIENTID` is an id as well as `CLIENT_ID`.
    let other = words.iter().any(|word| {
        word.len() >= 5 && word.ends_with("id")
            || OF_OTHERS.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit()))
            || OF_OTHERS.contains(&word.as_str())
    });
    (!other).then_some(Secret {
        rule: "random-value",
        description: "a random value under a neutral name",
        confidence: Confidence::Low,
    })
}
