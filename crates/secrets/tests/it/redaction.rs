//! Texts keep what is harmless and lose what is not.

use lambdasweep_secrets::{detect, redact};

use crate::samples::samples;

/// Rules that need more of a value than its form, or all of it.
const NOT_BETWEEN_WORDS: &[&str] = &["mnemonic", "licence-key", "wordpress-password"];

#[test]
fn leaves_no_secret_that_shows_by_its_form() {
    for sample in samples(4).iter().filter(|sample| sample.is_secret) {
        // What shows without a name is found between other words too.
        let form =
            detect("", &sample.value).filter(|secret| !NOT_BETWEEN_WORDS.contains(&secret.rule));
        if form.is_none() {
            continue;
        }
        let text = redact(&format!("before {} after", sample.value)).into_owned();
        assert!(
            text.starts_with("before ") && text.contains("[redacted]"),
            "line {}: {text}",
            sample.line
        );
        assert!(
            !text.contains(sample.value.trim()),
            "line {}: {text}",
            sample.line
        );
        assert_eq!(redact(&text), text, "line {}", sample.line);
    }
}

/// What is found in a variable is taken out of every text that sets the variable.
#[test]
fn leaves_nothing_that_is_found() {
    for seed in 0..8 {
        for sample in samples(seed * 7727)
            .iter()
            .filter(|sample| detect(&sample.name, &sample.value).is_some())
        {
            let (name, value) = (&sample.name, &sample.value);
            let json = serde_json::json!({ name: value }).to_string();
            let escaped = serde_json::json!({ "event": json }).to_string();
            let parameter =
                serde_json::json!([{"ParameterKey": name, "ParameterValue": value}]).to_string();
            let element = format!("<{name}>{value}</{name}>");
            // What has brackets of its own ends elsewhere.
            let element = if value.contains(['<', '&', '[']) {
                parameter.clone()
            } else {
                element
            };
            let sentence = format!("cannot parse {name}={value}: unexpected end");
            let sentence = if value.contains([' ', '"', '\'', '\\', '\n', ';', '&', ',', '<']) {
                parameter.clone()
            } else {
                sentence
            };
            for text in [
                format!("{name}={value}"),
                json,
                escaped,
                parameter,
                element,
                sentence,
            ] {
                let clean = redact(&text).into_owned();
                assert!(
                    clean != text && clean.contains("[redacted]"),
                    "line {}: {clean}",
                    sample.line
                );
                if let Some(piece) = telling(value) {
                    assert!(
                        !clean.contains(&piece),
                        "line {}: {piece} of {clean}",
                        sample.line
                    );
                }
                assert_eq!(redact(&clean), clean, "line {}", sample.line);
            }
        }
    }
}

/// The longest run of letters and digits of a value that is one token, where it is so long and so
/// varied that nothing but a secret has it.
fn telling(value: &str) -> Option<String> {
    let longest = value
        .split(|c: char| !c.is_ascii_alphanumeric())
        .max_by_key(|run| run.len())?;
    let digits = longest.bytes().filter(u8::is_ascii_digit).count();
    let token = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/_=.~-".contains(&byte));
    (token && longest.len() >= 12 && digits >= 2).then(|| longest.to_owned())
}

#[test]
fn leaves_no_secret_that_is_set_to_a_telling_name() {
    for (text, expected) in [
        ("password=kX9mQ2vL7p!", "password=[redacted]"),
        (
            "connect failed for user=app, password: kX9mQ2vL7pR4, host=db",
            "connect failed for user=app, password: [redacted], host=db",
        ),
        (
            r#"{"client_secret":"kX9mQ2vL7pR4tY8c","id":7}"#,
            r#"{"client_secret":"[redacted]","id":7}"#,
        ),
        (
            "API_KEY=9f8e7d6c5b4a39281706f5e4d3c2b1a0 go",
            "API_KEY=[redacted] go",
        ),
        ("NextToken=kX9mQ2vL7pR4", "NextToken=kX9mQ2vL7pR4"),
        (
            "dbname=app password='kX9mQ2 vL7pR4' host=db",
            "dbname=app password='[redacted]' host=db",
        ),
        (
            "Driver={ODBC};Server=db;PWD={kX9;mQ2vL7pR4};",
            "Driver={ODBC};Server=db;PWD=[redacted]};",
        ),
        (
            "DB_PASSWORD=&kX9;mQ2,vL7\nSTAGE=prod",
            "DB_PASSWORD=[redacted]\nSTAGE=prod",
        ),
        (
            r#"{"name":"DB_PASSWORD","value":"kX9mQ2vL7pR4"}"#,
            r#"{"name":"DB_PASSWORD","value":"[redacted]"}"#,
        ),
        (
            r#"{"ParameterKey":"DbPassword","ParameterValue":"kX9mQ2vL7pR4"}"#,
            r#"{"ParameterKey":"DbPassword","ParameterValue":"[redacted]"}"#,
        ),
        (
            "cannot parse ROUTE=kX9mQ2vL7pR4tY8cLw3nB6hJ5gF1dS0aZu7E: end",
            "cannot parse ROUTE=[redacted]: end",
        ),
        (
            "<token>kX9mQ2vL7pR4tY8c</token>",
            "<token>[redacted]</token>",
        ),
        (
            "env:\n  DB_PASSWORD: k;X9mQ2v,L7\n  STAGE: prod",
            "env:\n  DB_PASSWORD: [redacted]\n  STAGE: prod",
        ),
        ("api-key: ${env:NR_KEY}", "api-key: ${env:NR_KEY}"),
        (
            "Value 'hunter2' at 'masterUserPassword' failed to satisfy constraint: Member must have length greater than or equal to 8; Value 'us-moon-1' at 'region' failed",
            "Value '[redacted]' at 'masterUserPassword' failed to satisfy constraint: Member must have length greater than or equal to 8; Value 'us-moon-1' at 'region' failed",
        ),
        (
            "Value 'kX9mQ2 vL7pR4' at 'environment.variables.DB_PASSWORD.member' failed",
            "Value '[redacted]' at 'environment.variables.DB_PASSWORD.member' failed",
        ),
        (
            r#"API_KEYS={"orders":"kX9mQ2vL7pR4tY8c"} go"#,
            r#"API_KEYS={"orders":"[redacted]"} go"#,
        ),
        (
            "run --db-password kX9mQ2vL7pR4 --fast",
            "run --db-password [redacted] --fast",
        ),
        (
            "GET https://api.internal/items?api_key=kX9mQ2vL7pR4tY8c&page=2",
            "GET https://api.internal/items?api_key=[redacted]&page=2",
        ),
        (
            concat!("postgres:/", "/app:kX9mQ2vL7pR4@db.internal/app"),
            "postgres://app:[redacted]@db.internal/app",
        ),
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
        r#"{"Null": {"aws:TokenIssueTime": true}, "StringLike": {"app.terraform.io:sub": "organization:*:project:p:workspace:w:run_phase:*"}}"#,
        "The run has to pass: tests, formatting and the rest; proxies may hold a password: none of them is shown",
        "resolve {{resolve:secretsmanager:orders/db:SecretString:password}} with NextToken=AAAAAAAAAAAAAAAA and PageToken: more",
        "Key 'orders/2026/11/report-3f9a8b7c.parquet' of bucket 'orders-artifacts-111122223333' was not found",
        "The role defined for the function cannot be assumed by Lambda. (Service: AWSLambdaInternal; Request ID: 6f1ed002-ab5c-4d2e-9d5a-5f0d8f3c9b1a)",
        "SSH_KEY=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIImYP2AoYxvFIkfhRFt and TRACE=Root=1-5fc044d6-e1e27b95be08b733f2efec2f;Parent=b441e2396504",
        "stack OrdersStack-TokenTable4E2A45C5-1XQ7VJ0KD3M2P, role OrdersStack-TokenFunctionServiceRole3F9A8B7C-9WZFOVKWHSS6",
    ] {
        assert_eq!(redact(text), text);
    }
}
