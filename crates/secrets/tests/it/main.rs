//! What is a secret, what is none, and that redaction leaves none. Values that look alive are put together here, never written out.

use lambdasweep_secrets::{Reference, detect, redact, reference};
use proptest::prelude::*;

fn alphanumeric(length: usize) -> String {
    "aZ3kQ9xW1mP7vB5nR2tY8cL4dF6gH0jSeKuEiOoUqXyVwT".chars().cycle().take(length).collect()
}

fn secrets() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("KEY", format!("AK{}", "IA2QXWERTYUIOPASDFGH".get(..18).unwrap_or_default()), "aws-access-key-id"),
        ("AWS_SECRET_ACCESS_KEY", alphanumeric(40), "aws-secret-access-key"),
        ("GITHUB", format!("gh{}_{}", "p", alphanumeric(36)), "github-token"),
        ("SLACK", format!("xo{}-123456789012-{}", "xb", alphanumeric(24)), "slack-token"),
        ("PAY", format!("sk_{}_{}", "live", alphanumeric(24)), "stripe-key"),
        ("MAPS", format!("AI{}{}", "za", alphanumeric(35)), "google-api-key"),
        ("PEM", format!("-----BEGIN RSA {} KEY-----\nMIIE\n-----END RSA", "PRIVATE"), "private-key"),
        ("DATABASE_URL", format!("postgres://app:{}@db.internal:5432/app", alphanumeric(12)), "connection-string"),
        ("JDBC", format!("jdbc:sqlserver://db;password={}", alphanumeric(12)), "password-parameter"),
        ("JWT", format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{}", alphanumeric(30)), "json-web-token"),
        ("DB_PASSWORD", "kX9#mQ2$vL7p".to_owned(), "named-secret"),
        ("apiKey", alphanumeric(32), "named-secret"),
        ("SECRET_TOKEN", alphanumeric(24), "named-secret"),
    ]
}

#[test]
fn finds_secrets() {
    for (name, value, rule) in secrets() {
        assert_eq!(detect(name, &value).map(|secret| secret.rule), Some(rule), "{name}");
    }
}

#[test]
fn leaves_the_rest_alone() {
    for (name, value) in [
        ("DB_PASSWORD_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"),
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"),
        ("DB_PASSWORD", "{{resolve:secretsmanager:db:SecretString:password}}"),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "<password>"),
        ("DB_PASSWORD", "changeme"),
        ("DB_PASSWORD", "xxxxxxxx"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("TOKEN_URL", "https://login.example.com/oauth2/token"),
        ("SECRET_NAME", "prod/orders/database"),
        ("AUTHOR", "A. U. Thor, who writes"),
        ("KEYBOARD_LAYOUT", "de-latin1-nodeadkeys"),
        ("AWS_KEY", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("REQUEST_ID", "6f1ed002-ab5c-4d2e-9d5a-5f0d8f3c9b1a"),
        ("GIT_SHA", "9fceb02d0ae598e95dc970b74767f19372d61af8"),
        ("DATABASE_URL", "postgres://app:${DB_PASSWORD}@db.internal:5432/app"),
        ("ENDPOINT", "https://orders.example.com:8443/path"),
        ("USE_TOKEN", "false"),
        ("STAGE", "production"),
    ] {
        assert_eq!(detect(name, value), None, "{name}={value}");
    }
}

#[test]
fn references_say_where_the_secret_is() {
    let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf";
    assert_eq!(reference("DB", arn), Some(Reference::SecretsManager));
    assert_eq!(reference("DB_PARAM", "/prod/db/password"), Some(Reference::Ssm));
    assert_eq!(reference("DB", "${DB}"), Some(Reference::Placeholder));
    assert_eq!(reference("STAGE", "production"), None);
}

#[test]
fn redaction_leaves_no_secret_and_keeps_the_rest() {
    for (name, value, _) in secrets().iter().filter(|(_, _, rule)| !["named-secret", "aws-secret-access-key"].contains(rule)) {
        let redacted = redact(&format!("before {value} after")).into_owned();
        assert!(redacted.starts_with("before ") && redacted.contains("[redacted]"), "{name}: {redacted}");
        assert_eq!(redact(&redacted), redacted);
    }
    assert_eq!(redact("nothing to see"), "nothing to see");
}

proptest! {
    #[test]
    fn takes_any_text(name in ".*", value in ".*") {
        let _ = detect(&name, &value);
        let _ = reference(&name, &value);
        let _ = redact(&value);
    }
}
