//! Texts keep what is harmless and lose what is not.

use lambdasweep_secrets::redact;

use crate::samples::samples;

#[test]
fn leaves_no_secret_that_shows_by_its_form() {
    for sample in samples(4).iter().filter(|sample| sample.is_secret) {
        let by_name = ["named-secret", "datadog-key", "twilio-auth-token"].contains(&sample.label.as_deref().unwrap());
        let wrapped = sample.value.len() >= 16 && lambdasweep_secrets::redact(&sample.value) == sample.value;
        if by_name || wrapped {
            continue;
        }
        let text = redact(&format!("before {} after", sample.value)).into_owned();
        assert!(text.starts_with("before ") && text.contains("[redacted]"), "line {}: {text}", sample.line);
        assert_eq!(redact(&text), text, "line {}", sample.line);
    }
}

#[test]
fn leaves_no_secret_that_is_set_to_a_telling_name() {
    for (text, expected) in [
        ("password=kX9mQ2vL7p!", "password=[redacted]"),
        ("connect failed for user=app, password: kX9mQ2vL7pR4, host=db", "connect failed for user=app, password: [redacted], host=db"),
        (r#"{"client_secret":"kX9mQ2vL7pR4tY8c","id":7}"#, r#"{"client_secret":"[redacted]","id":7}"#),
        ("API_KEY=9f8e7d6c5b4a39281706f5e4d3c2b1a0 go", "API_KEY=[redacted] go"),
        ("NextToken=kX9mQ2vL7pR4", "NextToken=kX9mQ2vL7pR4"),
        (concat!("postgres:/", "/app:kX9mQ2vL7pR4@db.internal/app"), "postgres://app:[redacted]@db.internal/app"),
    ] {
        assert_eq!(redact(text), expected);
    }
}

#[test]
fn leaves_messages_alone() {
    for text in [
        "",
        "nothing to see",
        "User: arn:aws:sts::111122223333:assumed-role/scan/sweep is not authorized to perform: lambda:GetPolicy on resource: arn:aws:lambda:eu-west-1:111122223333:function:orders because no identity-based policy allows the lambda:GetPolicy action",
        "The security token included in the request is invalid",
        "Rate exceeded (Service: Lambda, Status Code: 429, Request ID: 6f1ed002-ab5c-4d2e-9d5a-5f0d8f3c9b1a)",
        "Value 'us-moon-1' at 'region' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+",
        "PASSWORD_MIN_LENGTH=12 TOKEN_URL=https://login.example.com/oauth2/token",
        "größe: 日本語 = schön",
    ] {
        assert_eq!(redact(text), text);
    }
}
