//! Whom trust policies of roles let in besides Lambda.

use lambdasweep_policy::Document;
use lambdasweep_policy::role::{Trusted, trust};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

fn document(statements: &Value) -> Document {
    Document::parse(&json!({"Version": "2012-10-17", "Statement": statements}).to_string())
        .expect("a policy")
}

#[test]
fn trust_policies_tell_who_else_is_let_in() {
    let lambda = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}});
    let cases = [
        (json!([lambda]), true, vec![]),
        (
            json!([lambda, {"Effect": "Allow", "Action": "sts:*", "Principal": {"Service": "edgelambda.amazonaws.com", "AWS": "arn:aws:iam::111122223333:root"}}]),
            true,
            vec![
                "aws arn:aws:iam::111122223333:root own",
                "service edgelambda.amazonaws.com",
            ],
        ),
        (
            json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}]),
            false,
            vec!["everyone * sts:ExternalId"],
        ),
        (
            json!([{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "accounts.google.com"}}]),
            false,
            vec!["federated accounts.google.com"],
        ),
        (
            json!([{"Effect": "Allow", "Action": "sts:TagSession", "Principal": {"AWS": "444455556666"}}]),
            false,
            vec![],
        ),
        (
            json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": "444455556666"}}]),
            true,
            vec!["all-but 444455556666"],
        ),
        (
            json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ["444455556666", "777788889999"]}}, {"Effect": "Deny", "Action": "sts:*", "Principal": {"AWS": "444455556666"}}]),
            false,
            vec!["aws 777788889999"],
        ),
        (
            json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "444455556666"}}, {"Effect": "Deny", "Action": "sts:*", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]),
            false,
            vec!["aws 444455556666"],
        ),
        (
            json!([lambda, {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*"}]),
            false,
            vec![],
        ),
        // Where a user or a role was deleted its unique id stands.
        (
            json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ["AROADBQP57FF2AEXAMPLE", "AIDACKCEVSQ6C2EXAMPLE"], "Service": "lambda.amazonaws.com"}}]),
            true,
            vec![],
        ),
        // The whole account is denied, and so is its role.
        (
            json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::444455556666:role/ci"}}, {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}}]),
            false,
            vec![],
        ),
        // Nobody can meet such a condition.
        (
            json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}}]),
            false,
            vec![],
        ),
    ];
    for (statements, lambda, others) in cases {
        let policy = document(&statements);
        let trust = trust(&policy, ACCOUNT);
        let words = |it: &Trusted<'_>| {
            let own = if it.own_account { " own" } else { "" };
            format!(
                "{} {}{own} {}",
                it.kind.as_str(),
                it.principal,
                it.condition_keys.join(" ")
            )
            .trim_end()
            .to_owned()
        };
        assert_eq!(trust.lambda, lambda, "{statements}");
        assert_eq!(
            trust.others.iter().map(words).collect::<Vec<_>>(),
            others,
            "{statements}"
        );
    }
}

#[test]
fn each_who_is_trusted_has_an_exposure_of_its_own() {
    let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let cases = [
        (json!({"AWS": "*"}), json!({}), vec!["* everyone"]),
        (
            json!({"AWS": "*"}),
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            vec!["* organization o-a1b2c3d4e5"],
        ),
        (
            json!({"AWS": [ACCOUNT, "999988887777"], "Service": ["ec2.amazonaws.com", "logs.amazonaws.com"]}),
            json!({}),
            vec![
                "111122223333 account",
                "999988887777 accounts 999988887777",
                "ec2.amazonaws.com service-bounded",
                "logs.amazonaws.com service-any-source",
            ],
        ),
        (
            json!({"Service": "scheduler.amazonaws.com"}),
            json!({"StringEquals": {"aws:SourceAccount": "999988887777"}}),
            vec!["scheduler.amazonaws.com service-bounded 999988887777"],
        ),
        (
            json!({"Federated": github}),
            json!({}),
            vec![
                "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com everyone",
            ],
        ),
    ];
    for (principal, condition, wanted) in cases {
        let action = json!(["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]);
        let policy = document(
            &json!([{"Effect": "Allow", "Action": action, "Principal": principal, "Condition": condition}]),
        );
        let trust = trust(&policy, ACCOUNT);
        let words = |it: &Trusted<'_>| {
            let named = [it.accounts.as_slice(), &it.organizations]
                .concat()
                .join(" ");
            format!("{} {} {named}", it.principal, it.exposure.as_str())
                .trim_end()
                .to_owned()
        };
        assert_eq!(trust.others.iter().map(words).collect::<Vec<_>>(), wanted);
    }
}

#[test]
fn guests_of_an_identity_pool_are_told_by_how_they_signed_in() {
    for (conditions, guests) in [
        ("", true),
        (
            r#""StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"}"#,
            true,
        ),
        (
            r#""ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"}"#,
            true,
        ),
        (
            r#""ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": ["authenticated", "un*"]}"#,
            true,
        ),
        (
            r#""ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}"#,
            false,
        ),
        (
            r#""ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "*authenticated"}"#,
            true,
        ),
        (
            r#""StringNotEquals": {"cognito-identity.amazonaws.com:amr": "unauthenticated"}"#,
            false,
        ),
    ] {
        let text = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {{"Federated": "cognito-identity.amazonaws.com"}}, "Condition": {{{conditions}}}}}}}"#
        );
        let policy = Document::parse(&text).expect("a policy");
        let trust = trust(&policy, "111122223333");
        let told: Vec<bool> = trust.others.iter().map(|other| other.guests).collect();
        assert_eq!(told, [guests], "{conditions}");
    }
    let other = r#"{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "accounts.google.com"}}}"#;
    let policy = Document::parse(other).expect("a policy");
    assert!(!trust(&policy, "111122223333").others[0].guests);
}
