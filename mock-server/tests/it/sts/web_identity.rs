//! Roles assumed with a token of an OpenID Connect provider.

use base64::Engine;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use super::{ACCOUNT, assume, refused};
use crate::client::{Answer, Mock};

const ROLE: &str = "arn:aws:iam::111122223333:role/federated";
const PROVIDER: &str = "arn:aws:iam::111122223333:oidc-provider/ci.example.com";
const DENIED: &str = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

/// Sends a request with a token that has further claims.
fn ask(mock: &Mock, session: &str, more: &Value) -> Answer {
    let mut claims = json!({"iss": "https://ci.example.com", "sub": "repo:team/app", "aud": "sts.amazonaws.com", "exp": 32_472_144_000_u64});
    claims
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let encode =
        |part: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(part.to_string());
    let token = format!(
        "{}.{}.signature",
        encode(&json!({"alg": "RS256"})),
        encode(&claims)
    );
    mock.unsigned_sts(
        "AssumeRoleWithWebIdentity",
        &[
            ("RoleArn", ROLE),
            ("RoleSessionName", session),
            ("WebIdentityToken", &token),
        ],
    )
}

fn with_role(statements: &[(&str, Value)]) -> Mock {
    let mock = Mock::start(Empty);
    let statement = |(action, condition): &(&str, Value)| json!({"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": action, "Condition": condition});
    let trust: Vec<Value> = statements.iter().map(statement).collect();
    mock.role(
        ACCOUNT,
        "federated",
        &json!(trust),
        &json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
    );
    mock
}

#[test]
fn a_trust_policy_sees_the_sessions_name() {
    let mock = with_role(&[(
        "sts:AssumeRoleWithWebIdentity",
        json!({"StringLike": {"sts:RoleSessionName": "deploy-*"}}),
    )]);
    let answer = ask(&mock, "deploy-1", &json!({}));
    assert_eq!(
        (answer.status, answer.element("Audience")),
        (200, Some("sts.amazonaws.com")),
        "{}",
        answer.body
    );
    refused(
        &ask(&mock, "other", &json!({})),
        403,
        "AccessDenied",
        DENIED,
    );
}

#[test]
fn tags_and_a_source_identity_come_with_the_token_and_have_to_be_trusted() {
    let own = json!({"StringEquals": {"ci.example.com:aud": "sts.amazonaws.com"}});
    let teams = json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}, "StringEquals": {"aws:RequestTag/team": "orders"}});
    let ann = json!({"StringEquals": {"sts:SourceIdentity": "ann"}});
    let mock = with_role(&[
        ("sts:AssumeRoleWithWebIdentity", own.clone()),
        ("sts:TagSession", teams),
        ("sts:SetSourceIdentity", ann),
    ]);
    let tags = |tags: Value, transitive: Value| json!({"https://aws.amazon.com/tags": {"principal_tags": tags, "transitive_tag_keys": transitive}});
    let nested = tags(
        json!({"team": ["orders"], "stage": ["prod"]}),
        json!(["team"]),
    );
    let flat = json!({"https://aws.amazon.com/tags/principal_tags/team": "orders", "https://aws.amazon.com/tags/transitive_tag_keys": ["team"]});
    // Transitive tags are passed on, so that the next session of the chain cannot set them.
    let everyone = json!([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", "sts:TagSession"]}]);
    let next = mock.role(ACCOUNT, "next", &everyone, &json!([]));
    for token in [&nested, &flat] {
        let answer = ask(&mock, "deploy", token);
        assert_eq!(answer.status, 200, "{token}: {}", answer.body);
        let key = answer.element("AccessKeyId").unwrap();
        let tag = [
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "other"),
        ];
        refused(
            &assume(&mock, key, &next, &tag),
            400,
            "InvalidParameterValue",
            "conflicts with a transitive tag key",
        );
    }
    let answer = ask(
        &mock,
        "deploy",
        &json!({"https://aws.amazon.com/source_identity": "ann"}),
    );
    assert_eq!(
        (answer.status, answer.element("SourceIdentity")),
        (200, Some("ann")),
        "{}",
        answer.body
    );
    for token in [
        tags(json!({"team": ["billing"]}), json!([])),
        tags(json!({"team": ["orders"], "admin": ["yes"]}), json!([])),
        json!({"https://aws.amazon.com/source_identity": "bob"}),
    ] {
        refused(&ask(&mock, "deploy", &token), 403, "AccessDenied", DENIED);
    }
    let plain = with_role(&[("sts:AssumeRoleWithWebIdentity", own)]);
    refused(&ask(&plain, "deploy", &nested), 403, "AccessDenied", DENIED);
}
