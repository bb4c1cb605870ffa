//! STS: the properties of sessions, their limits, and requests that AWS rejects.

use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock};

mod saml;
mod web_identity;

const ACCOUNT: &str = "111122223333";

/// A mock with a role that its account may assume with everything that a session can have; and the
/// role's ARN.
fn with_role(name: &str) -> (Mock, String) {
    let mock = Mock::start(Empty);
    let role = add_role(
        &mock,
        name,
        &["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    );
    (mock, role)
}

fn add_role(mock: &Mock, name: &str, actions: &[&str]) -> String {
    let trust = json!([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": actions}]);
    let everything = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    mock.role(ACCOUNT, name, &trust, &everything)
}

fn assume(mock: &Mock, key: &str, role: &str, more: &[(&str, &str)]) -> Answer {
    let parameters: Vec<(&str, &str)> = [("RoleArn", role), ("RoleSessionName", "audit")]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    mock.sts(key, "AssumeRole", &parameters)
}

/// The access key of a session.
fn session(mock: &Mock, key: &str, role: &str, more: &[(&str, &str)]) -> String {
    let answer = assume(mock, key, role, more);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.element("AccessKeyId").unwrap().to_owned()
}

fn refused(answer: &Answer, status: u16, code: &str, words: &str) {
    assert_eq!(
        (answer.status, answer.element("Code")),
        (status, Some(code)),
        "{}",
        answer.body
    );
    let message = answer.element("Message").unwrap();
    assert!(message.contains(words), "{words}: {message}");
}

#[test]
fn keys_hold_their_account_and_secrets_have_aws_lengths() {
    let (mock, role) = with_role("reader");
    let answer = assume(&mock, ACCOUNT, &role, &[]);
    let part = |name: &str| answer.element(name).unwrap().to_owned();
    let key = part("AccessKeyId");
    assert!(key.len() == 20 && key.starts_with("ASIA"), "{key}");
    assert_eq!(part("SecretAccessKey").len(), 40);
    assert!(part("SessionToken").len() > 300, "{}", part("SessionToken"));
    let id = part("AssumedRoleId");
    assert!(id.starts_with("AROA") && id.ends_with(":audit"), "{id}");
    assert_eq!(
        answer.element("PackedPolicySize"),
        None,
        "nothing was passed"
    );
    for (key, account) in [
        (key.as_str(), ACCOUNT),
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
        ("AKIARZPUZDIKGB2VALC4", "123456789012"),
    ] {
        let answer = mock.sts(ACCOUNT, "GetAccessKeyInfo", &[("AccessKeyId", key)]);
        assert_eq!(answer.element("Account"), Some(account), "{key}");
    }
}

#[test]
fn what_is_no_roles_arn_is_invalid() {
    let (mock, _) = with_role("reader");
    // Recorded from AWS.
    for arn in [
        "nothing-valid-in-here",
        "arn::b:::something/test-role",
        "arn:a::::something/test-role",
        "arn:a:::something/test-role",
        "arn:a:a::aaaaaaaaaa:",
    ] {
        refused(
            &assume(&mock, ACCOUNT, arn, &[]),
            400,
            "ValidationError",
            &format!("{arn} is invalid"),
        );
    }
}

#[test]
fn tags_are_told_apart_whatever_their_case_and_the_transitive_ones_go_on() {
    let (mock, first) = with_role("first");
    let second = add_role(&mock, "second", &["sts:AssumeRole", "sts:TagSession"]);
    let tag = [
        ("Tags.member.1.Key", "SessionTag1"),
        ("Tags.member.1.Value", "v"),
    ];
    let with =
        |more: &[(&'static str, &'static str)]| tag.iter().chain(more).copied().collect::<Vec<_>>();
    let code = "InvalidParameterValue";

    let duplicate = with(&[
        ("Tags.member.2.Key", "sessiontag1"),
        ("Tags.member.2.Value", "w"),
    ]);
    let words = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    refused(
        &assume(&mock, ACCOUNT, &first, &duplicate),
        400,
        code,
        words,
    );
    let words = "The specified transitive tag key must be included in the requested tags.";
    refused(
        &assume(
            &mock,
            ACCOUNT,
            &first,
            &with(&[("TransitiveTagKeys.member.1", "InvalidKey")]),
        ),
        400,
        code,
        words,
    );
    refused(
        &assume(
            &mock,
            ACCOUNT,
            &first,
            &[("TransitiveTagKeys.member.1", "SessionTag1")],
        ),
        400,
        code,
        words,
    );
    let reserved = [
        ("Tags.member.1.Key", "AWS:team"),
        ("Tags.member.1.Value", "v"),
    ];
    refused(
        &assume(&mock, ACCOUNT, &first, &reserved),
        400,
        code,
        "reserved for AWS",
    );

    // It is passed on through a session without tags to the next one.
    let key = session(
        &mock,
        ACCOUNT,
        &first,
        &with(&[("TransitiveTagKeys.member.1", "sessiontag1")]),
    );
    let words = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
    let further = session(&mock, &key, &second, &[]);
    for key in [&key, &further] {
        refused(&assume(&mock, key, &second, &tag), 400, code, words);
        refused(
            &assume(
                &mock,
                key,
                &second,
                &[
                    ("Tags.member.1.Key", "SESSIONTAG1"),
                    ("Tags.member.1.Value", "w"),
                ],
            ),
            400,
            code,
            words,
        );
    }
    // A tag that is not transitive may be set again.
    let key = session(&mock, ACCOUNT, &first, &tag);
    session(&mock, &key, &second, &tag);
}

#[test]
fn tags_and_source_identities_have_to_be_trusted() {
    let (mock, trusting) = with_role("trusting");
    let plain = add_role(&mock, "plain", &["sts:AssumeRole"]);
    let tag = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
    let words =
        |action: &str| format!("is not authorized to perform: {action} on resource: {plain}");
    refused(
        &assume(&mock, ACCOUNT, &plain, &tag),
        403,
        "AccessDenied",
        &words("sts:TagSession"),
    );
    refused(
        &assume(&mock, ACCOUNT, &plain, &[("SourceIdentity", "ann")]),
        403,
        "AccessDenied",
        &words("sts:SetSourceIdentity"),
    );

    // The source identity of a session is passed on, and every later role must trust it.
    let key = session(&mock, ACCOUNT, &trusting, &[("SourceIdentity", "ann")]);
    refused(
        &assume(&mock, &key, &plain, &[]),
        403,
        "AccessDenied",
        &words("sts:SetSourceIdentity"),
    );
    let answer = assume(&mock, &key, &trusting, &[]);
    assert_eq!(
        answer.element("SourceIdentity"),
        Some("ann"),
        "{}",
        answer.body
    );
    assert_eq!(
        assume(&mock, &key, &trusting, &[("SourceIdentity", "ann")]).status,
        200
    );
    refused(
        &assume(&mock, &key, &trusting, &[("SourceIdentity", "bob")]),
        403,
        "AccessDenied",
        "sts:SetSourceIdentity",
    );
}

#[test]
fn sessions_last_as_long_as_their_role_or_an_hour_in_a_chain() {
    let (mock, role) = with_role("reader");
    let hours = |seconds: &'static str| [("DurationSeconds", seconds)];
    let words = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    refused(
        &assume(&mock, ACCOUNT, &role, &hours("3601")),
        400,
        "ValidationError",
        words,
    );
    mock.iam(
        ACCOUNT,
        "UpdateRole",
        &[("RoleName", "reader"), ("MaxSessionDuration", "7200")],
    );
    let key = session(&mock, ACCOUNT, &role, &hours("7200"));
    refused(
        &assume(&mock, ACCOUNT, &role, &hours("7201")),
        400,
        "ValidationError",
        words,
    );
    let words = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
    refused(
        &assume(&mock, &key, &role, &hours("7200")),
        400,
        "ValidationError",
        words,
    );
    session(&mock, &key, &role, &hours("3600"));
}

#[test]
fn session_policies_are_policies_and_have_bounds() {
    let (mock, role) = with_role("reader");
    let policy =
        |statement: &Value| json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let allow = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    let code = "MalformedPolicyDocument";
    for (text, words) in [
        ("{".to_owned(), "This policy contains invalid Json"),
        (
            policy(&json!({"Effect": "Perhaps", "Action": "s3:*", "Resource": "*"})),
            "Syntax errors in policy.",
        ),
        (
            policy(
                &json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}),
            ),
            "should not specify a principal",
        ),
    ] {
        refused(
            &assume(&mock, ACCOUNT, &role, &[("Policy", &text)]),
            400,
            code,
            words,
        );
        refused(
            &mock.sts(
                ACCOUNT,
                "GetFederationToken",
                &[("Name", "visitor"), ("Policy", &text)],
            ),
            400,
            code,
            words,
        );
    }
    let long = policy(
        &json!({"Sid": "x".repeat(2_048), "Effect": "Allow", "Action": "s3:*", "Resource": "*"}),
    );
    refused(
        &assume(&mock, ACCOUNT, &role, &[("Policy", &long)]),
        400,
        "PackedPolicyTooLarge",
        "of allotted space",
    );
    let arn = [(
        "PolicyArns.member.1.arn",
        "arn:aws:iam::111122223333:role/reader",
    )];
    refused(
        &assume(&mock, ACCOUNT, &role, &arn),
        400,
        "ValidationError",
        "is invalid",
    );

    let answer = assume(
        &mock,
        ACCOUNT,
        &role,
        &[
            ("Policy", &policy(&allow)),
            (
                "PolicyArns.member.1.arn",
                "arn:aws:iam::aws:policy/ReadOnlyAccess",
            ),
        ],
    );
    let percent: u32 = answer.element("PackedPolicySize").unwrap().parse().unwrap();
    assert!((1..100).contains(&percent), "{percent}");
}

#[test]
fn temporary_credentials_give_out_no_further_ones_of_users() {
    let (mock, role) = with_role("reader");
    let key = session(&mock, ACCOUNT, &role, &[]);
    let answer = mock.sts(ACCOUNT, "GetSessionToken", &[]);
    let of_user = answer.element("AccessKeyId").unwrap().to_owned();
    for key in [&key, &of_user] {
        refused(
            &mock.sts(key, "GetSessionToken", &[]),
            403,
            "AccessDenied",
            "Cannot call GetSessionToken with session credentials",
        );
        let words = "Cannot call GetFederationToken with session credentials";
        refused(
            &mock.sts(key, "GetFederationToken", &[("Name", "visitor")]),
            403,
            "AccessDenied",
            words,
        );
    }
    let words = "must provide both MFA serial number and one time pass code";
    refused(
        &assume(&mock, ACCOUNT, &role, &[("TokenCode", "123456")]),
        403,
        "AccessDenied",
        words,
    );

    // Credentials of a root user last one hour, whatever duration was requested.
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    for (operation, name) in [
        ("GetSessionToken", None),
        ("GetFederationToken", Some(("Name", "visitor"))),
    ] {
        for asked in [None, Some(("DurationSeconds", "129600"))] {
            let parameters: Vec<(&str, &str)> = name.into_iter().chain(asked).collect();
            let answer = mock.sts(ACCOUNT, operation, &parameters);
            let expires = answer
                .element("Expiration")
                .unwrap_or_else(|| panic!("{}", answer.body));
            let of_day: u64 = expires[11..13].parse::<u64>().unwrap() * 60
                + expires[14..16].parse::<u64>().unwrap();
            let minutes = (of_day + 1_440 - now / 60 % 1_440) % 1_440;
            assert!((59..=61).contains(&minutes), "{operation}: {expires}");
        }
    }
}

#[test]
fn a_tag_of_a_session_takes_the_place_of_the_roles_whatever_its_case() {
    let mock = Mock::with(Options {
        enforce_iam: true,
        ..Options::new(Box::new(Empty))
    });
    let trust = json!([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", "sts:TagSession"]}]);
    let condition = json!({"StringEquals": {"aws:PrincipalTag/team": "orders"}});
    let grants = json!([{"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*", "Condition": condition}]);
    let role = mock.role(ACCOUNT, "r", &trust, &grants);
    let tag = [
        ("RoleName", "r"),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "orders"),
    ];
    assert_eq!(mock.iam(ACCOUNT, "TagRole", &tag).status, 200);
    assert_eq!(
        mock.iam(&session(&mock, ACCOUNT, &role, &[]), "ListRoles", &[])
            .status,
        200
    );
    let key = session(
        &mock,
        ACCOUNT,
        &role,
        &[
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "billing"),
        ],
    );
    refused(
        &mock.iam(&key, "ListRoles", &[]),
        403,
        "AccessDenied",
        "iam:ListRoles",
    );
}
