//! Where secrets stand in a text: one way for finding them and for taking them out, so that what is found can be taken out.

use std::ops::{ControlFlow, Range};

use crate::parts::{Parts, whole};
use crate::words::{has, words};
use crate::{Confidence, Secret, forms, literal, makers, reference, verify};

/// How often what is wrapped may be wrapped itself.
const DEEPEST: u8 = 3;
/// How many parts of a text are judged where only its surest secret counts.
pub(crate) const MOST_PARTS: usize = 512;
/// The longest run of base64 that is looked into for each name; what a value is wrapped in as a whole may be longer.
const SHORTEST_WRAPPED: usize = 16;

/// What takes the secrets of a text, and says whether it wants more.
pub(crate) type Take<'f> = dyn FnMut(Secret, Range<usize>) -> ControlFlow<()> + 'f;

/// A secret by the name that it is set to; its forms were looked for before.
pub(crate) fn by_name(name: &str, value: &str) -> Option<Secret> {
    let words = words(name);
    if words.is_empty() {
        return None;
    }
    let made = makers::detect(&words, value).or_else(|| verify::aws_secret_key(&words, value.trim()));
    made.or_else(|| if reference(name, value).is_some() { None } else { literal::detect(&words, value) })
}

/// The secrets among the parts of a text.
pub(crate) fn in_parts(text: &str, depth: u8, most: usize, take: &mut Take<'_>) -> ControlFlow<()> {
    if !text.contains(['=', ':']) && !text.contains("--") {
        return ControlFlow::Continue(());
    }
    let mut parts = Parts::new(text);
    // `{"name": "DB_PASSWORD", "value": "…"}`: the value is set to the name that another part holds.
    let mut named: Option<Range<usize>> = None;
    let mut judged = 0;
    while let Some(part) = parts.next() {
        judged += 1;
        if judged > most {
            break;
        }
        let own = &text[part.name.clone()];
        let name = match named.take() {
            Some(range) if own.eq_ignore_ascii_case("value") => &text[range],
            _ => own,
        };
        if ["name", "key", "Name", "Key", "ParameterKey"].contains(&own) {
            named = Some(part.value.clone());
        }
        let raw = &text[part.value.clone()];
        // What is taken out already stays as it is, with what stands around it.
        if raw.starts_with("[redacted]") {
            continue;
        }
        let value = part.value(text);
        if let Some(secret) = in_part(name, &value, *value != *raw, depth) {
            parts.pass(&part);
            take(secret, whole(text, &part))?;
        }
    }
    ControlFlow::Continue(())
}

/// A secret in what a name is set to inside a text, which was looked through for forms as it stands there.
fn in_part(name: &str, value: &str, decoded: bool, depth: u8) -> Option<Secret> {
    if value.len() < 4 {
        return None;
    }
    let form = || if decoded { forms::best(value) } else { None };
    let inner = || if decoded && depth < DEEPEST { surest_part(value, depth + 1) } else { None };
    by_name(name, value).or_else(form).or_else(inner).or_else(|| wrapped(name, value, depth + 1))
}

/// The surest secret among the parts of a text.
pub(crate) fn surest_part(text: &str, depth: u8) -> Option<Secret> {
    let mut best: Option<Secret> = None;
    let _ = in_parts(text, depth, MOST_PARTS, &mut |secret, _| {
        if best.is_none_or(|best| secret.confidence > best.confidence) {
            best = Some(secret);
        }
        if secret.confidence == Confidence::High { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    best
}

/// A secret in what a value wraps as a whole: in base64, or in percent escapes.
pub(crate) fn wrapped(name: &str, value: &str, depth: u8) -> Option<Secret> {
    if depth > DEEPEST {
        return None;
    }
    let value = value.trim();
    in_base64(name, value, depth).or_else(|| in_percent(value, depth))
}

fn in_percent(value: &str, depth: u8) -> Option<Secret> {
    let decoded = verify::percent_decoded(value);
    if decoded == value {
        return None;
    }
    forms::best(&decoded).or_else(|| surest_part(&decoded, depth + 1))
}

fn in_base64(name: &str, value: &str, depth: u8) -> Option<Secret> {
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    let behind = value.strip_prefix("base64:").unwrap_or(value);
    // PEM is often wrapped with its line breaks.
    let joined: String = if behind.contains('\n') { behind.split_ascii_whitespace().collect() } else { behind.to_owned() };
    if joined.len() < SHORTEST_WRAPPED || !joined.bytes().all(alphabet) {
        return None;
    }
    if crate::der::is_private(&joined) {
        return Some(Secret { rule: "private-key", description: "a private key", confidence: Confidence::High });
    }
    let text = String::from_utf8(verify::decode(&joined)?).ok()?;
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    // What a name promises was asked of the wrapped value already; only forms, or parts that have names of their own, tell more.
    forms::best(&text).or_else(|| surest_part(&text, depth + 1)).or_else(|| credentials(name, &text)).or_else(|| wrapped("", &text, depth + 1))
}

/// A user and a password where the name says that they are for basic authentication: `_auth` of npm, `BASIC_AUTH`.
fn credentials(name: &str, text: &str) -> Option<Secret> {
    let (user, password) = text.split_once(':')?;
    let named = has(&words(name), &["auth", "authorization", "basic", "basicauth", "credential", "credentials", "creds", "login"]);
    let plain = !user.is_empty() && user.len() <= 128 && !user.contains(char::is_whitespace) && !text.contains('\n');
    let secret = password.len() >= 4 && !password.contains(char::is_whitespace) && !crate::shape::is_placeholder(password);
    (named && plain && secret && !password.starts_with("//")).then_some(Secret {
        rule: "basic-credentials",
        description: "a user and a password for basic authentication",
        confidence: Confidence::Medium,
    })
}

/// The secrets in what runs of a text wrap: each run goes as a whole.
pub(crate) fn in_runs(text: &str, take: &mut Take<'_>) -> ControlFlow<()> {
    let mut start = 0;
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        if alphabet(byte) {
            continue;
        }
        let run = start..at;
        start = at + 1;
        if run.len() >= 24 {
            if let Some(secret) = in_base64("", &text[run.clone()], 1) {
                take(secret, run)?;
            }
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
