//! Finds the positions of secrets in a text. Detection and redaction share this code, so that
//! everything that is detected can be redacted.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::{ControlFlow, Range};

use crate::parts::{Part, Parts, braces, is_prose, whole, whole_line, without_punctuation};
use crate::promise::{About, Kind, about, promise};
use crate::reference::refers;
use crate::words::{has, words};
use crate::{
    Confidence, Secret, blob, decode, forms, literal, makers, random, randomness, shape, verify,
};

/// The maximum number of nested encodings.
const DEEPEST: u8 = 3;
/// How many parts of a text are judged if only its secret with the highest confidence counts.
pub(crate) const MOST_PARTS: usize = 512;
/// The minimum length of an encoded secret.
const SHORTEST_WRAPPED: usize = 16;
/// The minimum length of an encoded run in a text without names.
const SHORTEST_RUN: usize = 24;

/// Member names for the name of a setting in lists of settings: of ECS and Kubernetes, of tags, of
/// parameters of CloudFormation and Systems Manager, of options of Elastic Beanstalk.
const OF_NAMES: &[&str] = &[
    "name",
    "key",
    "parameterkey",
    "parametername",
    "optionname",
    "variable",
];
/// Member names for the values of settings.
const OF_VALUES: &[&str] = &["value", "parametervalue", "optionvalue", "defaultvalue"];

/// Receives the secrets of a text, and returns whether it wants more.
pub(crate) type Take<'f> = dyn FnMut(Secret, Range<usize>) -> ControlFlow<()> + 'f;

/// A secret by its name; secrets with a known form were searched before.
pub(crate) fn by_name(name: &str, value: &str) -> Option<Secret> {
    let words = words(name);
    if words.is_empty() {
        return None;
    }
    let made =
        makers::detect(&words, value).or_else(|| verify::aws_secret_key(&words, value.trim()));
    // Most names promise nothing, so no closer look is needed.
    let literal = || {
        promise(&words)
            .filter(|promise| literal::may_be(*promise, value) && refers(&words, value).is_none())
            .and_then(|promise| literal::detect(promise, &words, value))
    };
    made.or_else(literal)
        .or_else(|| random::detect(name, &words, value))
}

/// The secrets among the parts of a text.
///
/// `outer` is the name of the whole text, if any: what it promises applies to the parts whose own
/// names do not say otherwise.
pub(crate) fn in_parts(
    outer: &str,
    text: &str,
    depth: u8,
    most: usize,
    take: &mut Take<'_>,
) -> ControlFlow<()> {
    if !text.bytes().any(|byte| matches!(byte, b'=' | b':'))
        && !text.contains("--")
        && !text.contains("</")
    {
        return ControlFlow::Continue(());
    }
    let mut seeker = Seeker {
        text,
        depth,
        outer: if Outer::holds(outer, text) {
            Some(text.len())
        } else {
            None
        },
        named: None,
        web_app: OnceCell::new(),
        json_web_key: OnceCell::new(),
    };
    let mut parts = Parts::new(text);
    let mut judged = 0;
    while let Some(part) = parts.next() {
        judged += 1;
        if judged > most {
            break;
        }
        if let Some((secret, part)) = seeker.judge(part) {
            parts.pass(&part);
            take(secret, whole(text, &part))?;
        }
    }
    ControlFlow::Continue(())
}

/// The state while the parts of a text are visited.
struct Seeker<'t> {
    text: &'t str,
    depth: u8,
    /// Where a list or a table ends whose name promises that its members are secrets.
    outer: Option<usize>,
    /// `{"name": "DB_PASSWORD", "value": "…"}`: the value is set to the name that another part
    /// holds.
    named: Option<Range<usize>>,
    /// Whether the text is the settings of a Firebase web app, or has a JSON Web Key: most texts
    /// are never asked.
    web_app: OnceCell<bool>,
    json_web_key: OnceCell<bool>,
}

impl Seeker<'_> {
    fn is_web_app(&self) -> bool {
        *self.web_app.get_or_init(|| verify::is_web_app(self.text))
    }

    fn has_json_web_key(&self) -> bool {
        *self
            .json_web_key
            .get_or_init(|| self.text.contains("\"kty") || self.text.contains("kty\\\""))
    }

    /// Whether a part is a secret, and the part with everything that belongs to it.
    fn judge(&mut self, part: Part) -> Option<(Secret, Part)> {
        let own = &self.text[part.name.clone()];
        let name = match self.named.take() {
            Some(range) if OF_VALUES.iter().any(|of| own.eq_ignore_ascii_case(of)) => {
                &self.text[range]
            }
            _ => own,
        };
        if OF_NAMES.iter().any(|of| own.eq_ignore_ascii_case(of)) {
            self.named = Some(part.value.clone());
        }
        let raw = &self.text[part.value.clone()];
        // Text that is already redacted stays unchanged, with its surroundings.
        if raw.starts_with("[redacted]") || (raw.starts_with("AIza") && self.is_web_app()) {
            return None;
        }
        if self.text[part.value.start..].starts_with("{\"") && Outer::holds(name, "{\"") {
            self.outer = braces(self.text, part.value.start);
        }
        let value = part.value(self.text);
        let outer =
            self.outer.is_some_and(|end| part.value.start < end) && !self.has_json_web_key();
        let found = in_part(name, &value, *value != *raw, self.depth).or_else(|| {
            if outer {
                Outer::judge(name, &value)
            } else {
                None
            }
        });
        let found = found
            .filter(|secret| secret.confidence > Confidence::Low || !is_prose(self.text, &part));
        if let Some(secret) = found {
            // A list of users is redacted as a whole.
            let line = whole_line(self.text, &part).filter(|_| Outer::is_of_users(name));
            return Some((secret, line.unwrap_or(part)));
        }
        if let Some(line) = whole_line(self.text, &part) {
            return by_name(name, &line.value(self.text)).map(|secret| (secret, line));
        }
        // The sentence around a setting continues or ends after it.
        let inner = without_punctuation(self.text, &part)?;
        let value = inner.value(self.text);
        by_name(name, &value)
            .or_else(|| wrapped(name, &value, self.depth + 1))
            .filter(|secret| secret.confidence > Confidence::Low || !is_prose(self.text, &inner))
            .map(|secret| (secret, inner))
    }
}

/// What the name of a list or a table of secrets promises of its members:
/// `API_KEYS={"partner": "…"}`, `USERS=alice:…,bob:…`.
struct Outer;

impl Outer {
    fn is_of_users(name: &str) -> bool {
        let ends = |ending: &str| {
            name.len() >= ending.len()
                && name.as_bytes()[name.len() - ending.len()..]
                    .eq_ignore_ascii_case(ending.as_bytes())
        };
        ends("users") || ends("accounts") || ends("logins")
    }

    /// Whether the members of a text of that name are secrets if they look like some.
    fn holds(name: &str, text: &str) -> bool {
        if Self::is_of_users(name) {
            return true;
        }
        if !["{\"", "{'", "{\n", "{ ", "["]
            .iter()
            .any(|open| text.trim_start().starts_with(open))
        {
            return false;
        }
        let words = words(name);
        promise(&words)
            .is_some_and(|promise| promise.kind != Kind::Hint && promise.about != About::Property)
            || has(&words, &["keys"])
    }

    fn judge(name: &str, value: &str) -> Option<Secret> {
        let own = words(name);
        let other = has(
            &own,
            &[
                "host", "hostname", "port", "user", "username", "login", "email", "account",
                "project", "expires", "created", "updated",
            ],
        );
        let member = !other && about(&own) == Some(About::Nothing) && literal::is_convincing(value);
        member.then(|| literal::named(literal::by_length(value)))
    }
}

/// The strings of an array that is the value of a name.
pub(crate) fn in_array(name: &str, value: &str) -> Option<Secret> {
    let value = value.trim();
    if !value.starts_with('[') {
        return None;
    }
    let texts: Vec<String> = serde_json::from_str(value).ok()?;
    texts
        .iter()
        .take(MOST_PARTS)
        .find_map(|text| by_name(name, text))
}

/// A secret in the value of a name inside a text; the text itself was already searched for known
/// forms.
fn in_part(name: &str, value: &str, decoded: bool, depth: u8) -> Option<Secret> {
    if value.len() < 4 {
        return None;
    }
    let deeper = depth < DEEPEST && (decoded || Outer::is_of_users(name));
    let form = || if decoded { forms::best(value) } else { None };
    let inner = || {
        if deeper {
            surest_part(name, value, depth + 1).or_else(|| in_array(name, value))
        } else {
            None
        }
    };
    let named = by_name(name, value);
    if named.is_some_and(|named| named.confidence > Confidence::Low) {
        return named;
    }
    // A value that may be a secret by its name can be a certain one by its content.
    form()
        .or_else(inner)
        .or_else(|| wrapped(name, value, depth + 1))
        .or(named)
}

/// The secret with the highest confidence among the parts of a text.
pub(crate) fn surest_part(outer: &str, text: &str, depth: u8) -> Option<Secret> {
    let mut best: Option<Secret> = None;
    let _ = in_parts(outer, text, depth, MOST_PARTS, &mut |secret, _| {
        if best.is_none_or(|best| secret.confidence > best.confidence) {
            best = Some(secret);
        }
        if secret.confidence == Confidence::High {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    best
}

/// A secret in the decoded form of a whole value: from base64 or percent escapes.
pub(crate) fn wrapped(name: &str, value: &str, depth: u8) -> Option<Secret> {
    if depth > DEEPEST {
        return None;
    }
    let value = value.trim();
    in_base64(name, value, depth).or_else(|| in_percent(value, depth))
}

fn in_percent(value: &str, depth: u8) -> Option<Secret> {
    let decoded = decode::percent_decoded(value);
    if decoded == value {
        return None;
    }
    forms::best(&decoded).or_else(|| surest_part("", &decoded, depth + 1))
}

/// Base64 of either alphabet, and what pads it.
const fn is_of_base64(byte: u8) -> bool {
    blob::is_of_base64(byte) || byte == b'='
}

fn in_base64(name: &str, value: &str, depth: u8) -> Option<Secret> {
    let behind = value.strip_prefix("base64:").unwrap_or(value);
    // PEM is often wrapped with its line breaks.
    let joined: Cow<'_, str> = if behind.contains('\n') {
        behind.split_ascii_whitespace().collect()
    } else {
        behind.into()
    };
    if joined.len() < SHORTEST_WRAPPED || !joined.bytes().all(is_of_base64) {
        return None;
    }
    if crate::der::is_private(&joined) {
        return Some(Secret {
            rule: "private-key",
            description: "a private key",
            confidence: Confidence::High,
        });
    }
    // Text begins with a byte from 0x20 to 0x7e, or with a tab or a line break, which are these
    // letters.
    if !joined.starts_with(|c: char| matches!(c, 'C' | 'I'..='Z' | 'a'..='f')) {
        return None;
    }
    let text = String::from_utf8(decode::decode(&joined)?).ok()?;
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    if is_elastic_key(&text) {
        return Some(Secret {
            rule: "elastic-key",
            description: "an Elastic API key",
            confidence: Confidence::Medium,
        });
    }
    // The name was already applied to the encoded value; only forms, or parts with their own names,
    // are more reliable.
    forms::best(&text)
        .or_else(|| surest_part("", &text, depth + 1))
        .or_else(|| credentials(name, &text))
        .or_else(|| wrapped("", &text, depth + 1))
}

/// An id and a key of Elasticsearch's own making, as its API encodes them together. Source: "Create
/// API key": ids of twenty characters, keys of 22.
fn is_elastic_key(text: &str) -> bool {
    let drawn = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && randomness::is_mixed(part)
    };
    text.split_once(':')
        .is_some_and(|(id, key)| id.len() == 20 && key.len() == 22 && drawn(id) && drawn(key))
}

/// A user and a password where the name says that they are for basic authentication: `_auth` of
/// npm, `BASIC_AUTH`.
fn credentials(name: &str, text: &str) -> Option<Secret> {
    let (user, password) = text.split_once(':')?;
    let named = has(
        &words(name),
        &[
            "auth",
            "authorization",
            "basic",
            "basicauth",
            "credential",
            "credentials",
            "creds",
            "login",
        ],
    );
    let plain = !user.is_empty()
        && user.len() <= 128
        && !user.contains(char::is_whitespace)
        && !text.contains('\n');
    let secret = password.len() >= 4
        && !password.contains(char::is_whitespace)
        && !shape::is_placeholder(password);
    (named && plain && secret && !password.starts_with("//")).then_some(Secret {
        rule: "basic-credentials",
        description: "a user and a password for basic authentication",
        confidence: Confidence::Medium,
    })
}

/// Where runs of characters of an alphabet stand in a text; some are empty.
pub(crate) fn runs(
    text: &str,
    alphabet: impl Fn(u8) -> bool,
) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    let end = move |(at, byte): (usize, u8)| {
        (!alphabet(byte)).then(|| std::mem::replace(&mut start, at + 1)..at)
    };
    text.bytes().chain([b' ']).enumerate().filter_map(end)
}

/// The secrets in encoded runs of a text: each run is redacted as a whole.
pub(crate) fn in_runs(text: &str, take: &mut Take<'_>) -> ControlFlow<()> {
    for whole in runs(text, is_of_base64).filter(|run| run.len() >= SHORTEST_RUN) {
        // `NAME=` before it is not part of it: base64 has the sign only at its end.
        let name = text[whole.clone()]
            .trim_end_matches('=')
            .rfind('=')
            .map_or(0, |sign| sign + 1);
        let run = whole.start + name..whole.end;
        if let Some(secret) = (run.len() >= SHORTEST_RUN)
            .then(|| in_base64("", &text[run.clone()], 1))
            .flatten()
        {
            take(secret, run)?;
        }
    }
    if text.contains('%') {
        let mut start = 0;
        for token in text.split_inclusive(char::is_whitespace) {
            let range = start..start + token.trim_end().len();
            start += token.len();
            if let Some(secret) = in_percent(&text[range.clone()], 1) {
                take(secret, range)?;
            }
        }
    }
    ControlFlow::Continue(())
}
