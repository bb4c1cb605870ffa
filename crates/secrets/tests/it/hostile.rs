//! Any text is taken, whatever it holds, and cut nowhere inside a character.

use lambdasweep_secrets::{detect, redact, reference};
use proptest::prelude::*;

use crate::samples::samples;

/// Pieces that rules react to, so that texts are not only noise.
const PIECES: &[&str] = &[
    "://",
    ":",
    "@",
    "AKIA",
    "ghp_",
    "github_pat_",
    concat!("-----BEGIN PRIVATE", " KEY-----"),
    "-----END",
    "eyJhbGciOiJIUzI1NiJ9.",
    "password=",
    "?sig=",
    "{\"",
    "\":\"",
    "[[[[[[[[",
    "}}",
    "${",
    "«",
    "é",
    "\u{202e}",
    "\0",
    "basic ",
    "Bearer ",
    "sk-",
    "AQICAH",
    "[redacted]",
    "=",
    "\\",
    "arn:aws:ssm:",
    "aZ3kQ9xW1mP7vB5nR2tY8cL4dF6gH0jSeKuEiOoU",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![prop::sample::select(PIECES).prop_map(str::to_owned), "[A-Za-z0-9+/=_.-]{0,60}", ".{0,20}"], 0..12)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn takes_any_text(name in text(), value in text()) {
        let _ = detect(&name, &value);
        let _ = reference(&name, &value);
        let redacted = redact(&value).into_owned();
        prop_assert_eq!(redact(&redacted), redacted.clone());
    }

    #[test]
    fn takes_any_characters(name in any::<String>(), value in any::<String>()) {
        let _ = (detect(&name, &value), reference(&name, &value), redact(&value));
    }
}

#[test]
fn takes_what_is_large() {
    let nested = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("{{{}}}", (0..5000).map(|index| format!("\"k{index}\":\"v{index}\"")).collect::<Vec<_>>().join(","));
    for value in
        ["a:".repeat(100_000), "://:@".repeat(50_000), "é".repeat(100_000), "eyJ".repeat(60_000), "password=".repeat(20_000), nested, wide]
    {
        let _ = (detect("DB_PASSWORD", &value), reference("DB_PASSWORD", &value), redact(&value));
        let _ = (detect(&value, "kX9mQ2vL7pR4"), reference(&value, "x"));
    }
}

#[test]
fn a_secret_stays_one_between_other_texts() {
    for sample in samples(5)
        .iter()
        .filter(|sample| sample.is_secret && sample.label.as_deref() == Some("github-token") && !sample.value.contains('{'))
    {
        let value = format!("größe\u{202e} {} \u{0}日本", sample.value);
        assert_eq!(detect("X", &value).map(|it| it.rule), Some("github-token"), "line {}", sample.line);
    }
}
