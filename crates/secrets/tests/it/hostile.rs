//! Any text is taken, whatever it holds, and cut nowhere inside a character.

use std::time::{Duration, Instant};

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
    "{\"API_KEYS\":{\"a\":\"",
    "\\\"",
    "['",
    "--password ",
    "export DB_PASSWORD=",
    "%2B%3D",
    "é=",
    "users=a:",
    "\"kty\":\"oct\",\"k\":\"",
    "<password>",
    "base64:",
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            prop::sample::select(PIECES).prop_map(str::to_owned),
            "[A-Za-z0-9+/=_.-]{0,60}",
            ".{0,20}"
        ],
        0..12,
    )
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

/// What rules, parts and wrappings begin with, over and over: whoever looks for an end from each of
/// them takes a time that grows with the square.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "a=", "ab=", "é=", "a:", "password=", "password=kX9mQ2v,", "a=\"b=\\\"", "p='q=\"", "{\"password\":", "[", "{\"API_KEYS\":{", "users=a:b,", "://a:b@", "x://a:b", "@", "--password ",
    "eyJa", "eyJabcdefghi.eyJabcd.", "sk-", "AKIA", "%41", "QUJD", "QUJDQUJD\n", "host= x;password=", "-----BEGIN PRIVATE KEY-----", "curl -u ", "basic ", "bearer ", "machine a ",
    "/api/a?code=", "\"kty\"\"d\":\"", "endpoint=https://a.azconfig.io;id=", "loginmodule x ", "apple ", "<password>", "{\"name\":\"password\",\"value\":\"kX9\"},", "0123456789abcdef-", "a.b.",
    "\"kX9mQ2vL7pR4\",", "?sig=aaaaaaaaaaaaaaaa&", "hooks.a/", "_live_", "Value 'a' at 'password' ", "' at '", "<a>b</a>", "Key=", "  a: ;b\n", "a=b: ", "<key>", "QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD\n", "[redacted]", "é",
];

#[test]
fn takes_a_time_that_grows_with_the_length() {
    let longest = |value: &str| {
        let begun = Instant::now();
        for name in ["CONFIG", "DB_PASSWORD", "API_KEYS"] {
            let _ = (detect(name, value), reference(name, value));
        }
        let _ = redact(value);
        begun.elapsed()
    };
    // Builds the rules.
    longest("x");
    for unit in UNITS {
        let value = unit.repeat(64 * 1024 / unit.len());
        // A tenth of a second on an idle machine; with the square of the length it would be many.
        let took = longest(&value);
        assert!(took < Duration::from_secs(5), "{unit:?} took {took:?}");
    }
}

#[test]
fn takes_what_is_large() {
    let nested = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!(
        "{{{}}}",
        (0..5000)
            .map(|index| format!("\"k{index}\":\"v{index}\""))
            .collect::<Vec<_>>()
            .join(",")
    );
    for value in [
        "a:".repeat(100_000),
        "://:@".repeat(50_000),
        "é".repeat(100_000),
        "eyJ".repeat(60_000),
        "password=".repeat(20_000),
        nested,
        wide,
    ] {
        let _ = (
            detect("DB_PASSWORD", &value),
            reference("DB_PASSWORD", &value),
            redact(&value),
        );
        let _ = (detect(&value, "kX9mQ2vL7pR4"), reference(&value, "x"));
    }
}

#[test]
fn a_secret_stays_one_between_other_texts() {
    for sample in samples(5).iter().filter(|sample| {
        sample.is_secret
            && sample.label.as_deref() == Some("github-token")
            && !sample.value.contains('{')
    }) {
        let value = format!("größe\u{202e} {} \u{0}日本", sample.value);
        assert_eq!(
            detect("X", &value).map(|it| it.rule),
            Some("github-token"),
            "line {}",
            sample.line
        );
    }
}
