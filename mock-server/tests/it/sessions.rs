//! Callers: access keys, and the role sessions that STS issues.

use lambdasweep_mock::seed::Empty;
use serde_json::json;

use crate::client::{Answer, Mock};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"our-secret-handshake"}}}]}"#;

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn assume(mock: &Mock, key: &str, role: &str, more: &str) -> Answer {
    let role = encoded(&format!("arn:aws:iam::444455556666:role/{role}"));
    mock.query(
        key,
        "sts",
        &format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=audit{more}"),
    )
}

#[test]
fn keys_of_twelve_digits_are_accounts_and_others_account_nought() {
    let mock = Mock::start(Empty);
    for (key, account) in [
        ("111122223333", "111122223333"),
        ("test", "000000000000"),
        ("AKIAIOSFODNN7EXAMPLE", "000000000000"),
    ] {
        let answer = mock.query(key, "sts", "Action=GetCallerIdentity");
        assert_eq!(answer.element("Account"), Some(account), "{}", answer.body);
        assert_eq!(
            answer.element("Arn"),
            Some(format!("arn:aws:iam::{account}:root").as_str())
        );
    }
}

#[test]
fn a_role_is_assumed_by_whom_it_trusts_only() {
    let mock = Mock::start(Empty);
    let created = mock.query(
        "444455556666",
        "iam",
        &format!(
            "Action=CreateRole&RoleName=reader&AssumeRolePolicyDocument={}",
            encoded(TRUST)
        ),
    );
    assert_eq!(created.status, 200, "{}", created.body);

    let answer = assume(
        &mock,
        "111122223333",
        "reader",
        "&ExternalId=our-secret-handshake",
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    let key = answer.element("AccessKeyId").unwrap().to_owned();
    assert!(key.starts_with("ASIA") && key.len() == 20, "{key}");
    let identity = mock.query(&key, "sts", "Action=GetCallerIdentity");
    assert_eq!(
        identity.element("Arn"),
        Some("arn:aws:sts::444455556666:assumed-role/reader/audit")
    );
    // Calls of the session act in the role's account.
    mock.rest(
        &key,
        "eu-west-1",
        "lambda",
        "GET",
        "/2015-03-31/functions",
        "",
    );
    assert!(
        mock.server()
            .ledger()
            .iter()
            .any(|it| it.operation == "ListFunctions" && it.account == "444455556666")
    );

    // AWS does not distinguish a missing role from one that does not trust the caller: all get the
    // same error.
    for (what, key, role, more) in [
        ("no external id", "111122223333", "reader", ""),
        (
            "another external id",
            "111122223333",
            "reader",
            "&ExternalId=another",
        ),
        (
            "another account",
            "777788889999",
            "reader",
            "&ExternalId=our-secret-handshake",
        ),
        (
            "no such role",
            "111122223333",
            "writer",
            "&ExternalId=our-secret-handshake",
        ),
    ] {
        let answer = assume(&mock, key, role, more);
        assert_eq!(
            (answer.status, answer.element("Code")),
            (403, Some("AccessDenied")),
            "{what}: {}",
            answer.body
        );
        let words = format!(
            "User: arn:aws:iam::{key}:root is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444455556666:role/{role}"
        );
        assert_eq!(answer.element("Message"), Some(words.as_str()), "{what}");
    }
}

#[test]
fn a_session_lasts_no_longer_than_its_role_allows() {
    let mock = Mock::start(Empty);
    let trust = TRUST.replace(
        r#","Condition":{"StringEquals":{"sts:ExternalId":"our-secret-handshake"}}"#,
        "",
    );
    mock.query(
        "444455556666",
        "iam",
        &format!(
            "Action=CreateRole&RoleName=reader&AssumeRolePolicyDocument={}",
            encoded(&trust)
        ),
    );
    let answer = assume(&mock, "111122223333", "reader", "&DurationSeconds=7200");
    assert_eq!(
        (answer.status, answer.element("Code")),
        (400, Some("ValidationError")),
        "{}",
        answer.body
    );
    assert!(
        answer
            .element("Message")
            .unwrap()
            .contains("MaxSessionDuration"),
        "{}",
        answer.body
    );
    assert_eq!(
        assume(&mock, "111122223333", "reader", "&DurationSeconds=3600").status,
        200
    );
}

/// The parts of a credential in a URL are separated by slashes, in any encoding.
#[test]
fn credentials_in_a_url_are_read_in_every_spelling() {
    let mock = Mock::start(Empty);
    for slash in ["/", "%2F", "%2f"] {
        let credential = [
            "111122223333",
            "20261124",
            "eu-west-1",
            "lambda",
            "aws4_request",
        ]
        .join(slash);
        let answer = mock.page(
            "GET",
            &format!("/2015-03-31/functions?X-Amz-Credential={credential}"),
        );
        assert_eq!(answer.status, 200, "{slash}: {}", answer.body);
    }
}

/// Temporary keys are valid only as issued: the key with its token, until it expires.
#[test]
fn temporary_keys_that_were_not_issued_so_are_nobody() {
    const ACCOUNT: &str = "111122223333";
    let mock = Mock::start(Empty);
    let trust = json!([{"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "sts:AssumeRole"}]);
    let role = mock.role(
        ACCOUNT,
        "r",
        &trust,
        &json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let who = |key: &str, token: Option<&str>| {
        let headers: Vec<(&str, &str)> = form
            .into_iter()
            .chain(token.map(|token| ("x-amz-security-token", token)))
            .collect();
        mock.rest_with(
            key,
            "us-east-1",
            "sts",
            (
                "POST",
                "/",
                &headers,
                "Action=GetCallerIdentity&Version=2011-06-15",
            ),
        )
    };
    let key = mock.credentials(&json!({"role": role}));
    assert_eq!(
        who(&key, None).status,
        200,
        "the client sends the token that came with the key"
    );
    for (key, token) in [
        (key.as_str(), Some("another")),
        (&key, Some("")),
        ("ASIAAAAAAAAAAAAAAAAA", None),
        ("ASIA", Some("t")),
    ] {
        let answer = who(key, token);
        assert_eq!(
            (answer.status, answer.element("Code")),
            (403, Some("InvalidClientTokenId")),
            "{key}: {}",
            answer.body
        );
    }
    let answer = mock.rest(
        "ASIAAAAAAAAAAAAAAAAA",
        "eu-west-1",
        "lambda",
        "GET",
        "/2015-03-31/functions",
        "",
    );
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (403, Some("UnrecognizedClientException")),
        "{}",
        answer.body
    );
    let answer = mock.organizations("ASIAAAAAAAAAAAAAAAAA", "ListAccounts", "{}");
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (403, Some("UnrecognizedClientException")),
        "{}",
        answer.body
    );
    // After a reset, session keys are no longer valid.
    assert_eq!(mock.page("POST", "/_localstack/state/reset").status, 200);
    assert_eq!(who(&key, None).status, 403);
}
