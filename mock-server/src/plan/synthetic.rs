//! Synthetic secrets, and values that look like secrets but are not. They are generated letter by
//! letter, so that the source contains none.

use super::chance::Chance;

/// The number of kinds of secrets.
pub(crate) const KINDS: usize = 9;

const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A variable that contains a secret.
pub(crate) fn secret(kind: usize, chance: &mut Chance) -> (&'static str, String) {
    match kind {
        0 => (
            "AWS_KEY",
            format!("AK{}{}", "IA", chance.letters(BASE32, 16)),
        ),
        1 => (
            "AWS_SECRET_ACCESS_KEY_BACKUP",
            chance.letters(ALPHANUMERIC, 40),
        ),
        2 => (
            "GITHUB_AUTH",
            format!("gh{}_{}", "p", chance.letters(ALPHANUMERIC, 36)),
        ),
        3 => (
            "SLACK_BOT",
            format!(
                "xo{}-{}-{}",
                "xb",
                chance.letters("0123456789", 12),
                chance.letters(ALPHANUMERIC, 24)
            ),
        ),
        4 => (
            "PAYMENTS",
            format!("sk_{}_{}", "live", chance.letters(ALPHANUMERIC, 24)),
        ),
        5 => (
            "DATABASE_URL",
            format!(
                "postgres://app:{}@db.internal:5432/app",
                chance.letters(ALPHANUMERIC, 16)
            ),
        ),
        6 => (
            "MAPS",
            format!("AI{}{}", "za", chance.letters(ALPHANUMERIC, 35)),
        ),
        7 => (
            "SIGNING",
            format!(
                "-----BEGIN {} KEY-----\n{}\n-----END {} KEY-----",
                "PRIVATE",
                chance.letters(ALPHANUMERIC, 64),
                "PRIVATE"
            ),
        ),
        _ => (
            "DB_PASSWORD",
            format!("{}7#q", chance.letters(ALPHANUMERIC, 14)),
        ),
    }
}

/// The name of the variable for a kind of secret.
pub(crate) fn secret_name(kind: usize) -> &'static str {
    secret(kind, &mut Chance::new(0, "name", &[])).0
}

/// Variables without secrets.
pub(crate) fn harmless(
    account: &str,
    region: &str,
    chance: &mut Chance,
) -> Vec<(&'static str, String)> {
    let all = [
        (
            "STAGE",
            chance.pick(&["production", "staging", "test"]).to_owned(),
        ),
        (
            "LOG_LEVEL",
            chance.pick(&["INFO", "DEBUG", "WARN"]).to_owned(),
        ),
        (
            "DB_PASSWORD_SECRET_ARN",
            format!(
                "arn:aws:secretsmanager:{region}:{account}:secret:db-{}",
                chance.letters(ALPHANUMERIC, 6)
            ),
        ),
        (
            "API_TOKEN",
            "{{resolve:secretsmanager:api:SecretString:token}}".to_owned(),
        ),
        ("DB_PASSWORD_TEMPLATE", "${DB_PASSWORD}".to_owned()),
        ("ADMIN_PASSWORD", "changeme".to_owned()),
        (
            "TOKEN_URL",
            "https://login.example.com/oauth2/token".to_owned(),
        ),
        ("GIT_SHA", chance.letters("0123456789abcdef", 40)),
        ("EXAMPLE_KEY", format!("AK{}IOSFODNN7EXAMPLE", "IA")),
        (
            "TABLE",
            format!("orders-{}", chance.letters("0123456789abcdef", 8)),
        ),
    ];
    all.into_iter().filter(|_| chance.percent(35)).collect()
}
