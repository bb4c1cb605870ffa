//! The policy simulator decides as enforcement does, and returns the matching statements.

use lambdasweep_mock::seed::Empty;

use crate::client::{Answer, Mock};

const ACCOUNT: &str = "111122223333";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;

/// A document with these statements, formatted as in LocalStack's recording.
fn document(statements: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": {statements}}}"#)
}

/// The texts of all elements with a name, in order.
fn elements<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    answer
        .body
        .split(open.as_str())
        .skip(1)
        .filter_map(|rest| rest.split(close.as_str()).next())
        .collect()
}

#[test]
fn a_roles_policies_are_simulated_with_the_statements_that_decide() {
    let mock = Mock::start(Empty);
    mock.iam(
        ACCOUNT,
        "CreateRole",
        &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)],
    );
    let text =
        document(r#"{"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}"#);
    mock.iam(
        ACCOUNT,
        "CreatePolicy",
        &[("PolicyName", "p"), ("PolicyDocument", &text)],
    );
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/p");
    mock.iam(
        ACCOUNT,
        "AttachRolePolicy",
        &[("RoleName", "r"), ("PolicyArn", &arn)],
    );
    let role = format!("arn:aws:iam::{ACCOUNT}:role/r");
    let ask = |more: &[(&str, &str)]| {
        let input = [
            ("PolicySourceArn", role.as_str()),
            ("ActionNames.member.1", "s3:PutObject"),
            ("ActionNames.member.2", "s3:GetObject"),
        ];
        mock.iam(
            ACCOUNT,
            "SimulatePrincipalPolicy",
            &[&input[..], more].concat(),
        )
    };
    let told = ask(&[("ResourceArns.member.1", "arn:aws:s3:::bucket")]);
    assert_eq!(
        elements(&told, "EvalDecision"),
        ["allowed", "implicitDeny"],
        "{}",
        told.body
    );
    assert_eq!(
        elements(&told, "EvalResourceDecision"),
        ["allowed", "implicitDeny"]
    );
    // The positions in LocalStack's recording.
    assert_eq!(
        elements(&told, "Column"),
        ["41", "113", "41", "113"],
        "{}",
        told.body
    );
    assert_eq!(elements(&told, "SourcePolicyId"), ["p", "p"]);
    // Two actions on two resources are four results, in pages.
    let both = [
        ("ResourceArns.member.1", "arn:aws:s3:::a"),
        ("ResourceArns.member.2", "arn:aws:s3:::b"),
        ("MaxItems", "3"),
    ];
    let first = ask(&both);
    assert_eq!(
        (
            elements(&first, "EvalActionName").len(),
            first.element("IsTruncated")
        ),
        (3, Some("true"))
    );
    let second = ask(&[&both[..], &[("Marker", first.element("Marker").unwrap())]].concat());
    assert_eq!(
        (
            elements(&second, "EvalActionName").len(),
            second.element("IsTruncated")
        ),
        (1, Some("false"))
    );
    let gone = mock.iam(
        ACCOUNT,
        "SimulatePrincipalPolicy",
        &[
            ("PolicySourceArn", "arn:aws:iam::111122223333:role/gone"),
            ("ActionNames.member.1", "a:B"),
        ],
    );
    assert_eq!(
        (gone.status, gone.element("Code")),
        (404, Some("NoSuchEntity")),
        "{}",
        gone.body
    );
    // A boundary limits the result, which reports it.
    let nothing = document(r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#);
    let bounded = ask(&[("PermissionsBoundaryPolicyInputList.member.1", &nothing)]);
    assert_eq!(
        elements(&bounded, "EvalDecision"),
        ["implicitDeny", "implicitDeny"],
        "{}",
        bounded.body
    );
    assert_eq!(
        elements(&bounded, "AllowedByPermissionsBoundary"),
        ["false", "true"]
    );
}

#[test]
fn policies_that_are_given_are_simulated_with_their_context() {
    let mock = Mock::start(Empty);
    let allow = document(
        r#"[{"Effect":"Allow","Action":"lambda:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}},
            {"Effect":"Deny","Action":"lambda:Delete*","Resource":"arn:aws:lambda:*:*:function:${aws:PrincipalTag/kept}"}]"#,
    );
    let ask = |action: &str, resource: &str, more: &[(&str, &str)]| {
        let input = [
            ("PolicyInputList.member.1", allow.as_str()),
            ("ActionNames.member.1", action),
            ("ResourceArns.member.1", resource),
        ];
        mock.iam(
            ACCOUNT,
            "SimulateCustomPolicy",
            &[&input[..], more].concat(),
        )
    };
    let entry = |at: usize, key: &str, value: &str| {
        let member = format!("ContextEntries.member.{at}");
        vec![
            (format!("{member}.ContextKeyName"), key.to_owned()),
            (format!("{member}.ContextKeyType"), "string".to_owned()),
            (
                format!("{member}.ContextKeyValues.member.1"),
                value.to_owned(),
            ),
        ]
    };
    let function = "arn:aws:lambda:eu-west-1:444455556666:function:pay";
    let without = ask("lambda:DeleteFunction", function, &[]);
    assert_eq!(
        without.element("EvalDecision"),
        Some("implicitDeny"),
        "{}",
        without.body
    );
    assert!(
        without
            .body
            .contains("<member>aws:RequestTag/team</member><member>aws:PrincipalTag/kept</member>"),
        "{}",
        without.body
    );
    let context = [
        entry(1, "aws:requesttag/team", "a"),
        entry(2, "aws:PrincipalTag/kept", "pay"),
    ]
    .concat();
    let context: Vec<(&str, &str)> = context
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let denied = ask("lambda:DeleteFunction", function, &context);
    assert_eq!(
        denied.element("EvalDecision"),
        Some("explicitDeny"),
        "{}",
        denied.body
    );
    assert_eq!(
        elements(&denied, "SourcePolicyId"),
        ["PolicyInputList.1", "PolicyInputList.1"]
    );
    assert_eq!(
        elements(&denied, "Line"),
        ["2", "2", "2", "2"],
        "only the statement that denies is told"
    );
    let allowed = ask("lambda:GetFunction", function, &context);
    assert_eq!(
        allowed.element("EvalDecision"),
        Some("allowed"),
        "{}",
        allowed.body
    );
    let keys = mock.iam(
        ACCOUNT,
        "GetContextKeysForCustomPolicy",
        &[("PolicyInputList.member.1", &allow)],
    );
    assert!(
        keys.body
            .contains("<member>aws:RequestTag/team</member><member>aws:PrincipalTag/kept</member>"),
        "{}",
        keys.body
    );
    for (name, value) in [
        ("ActionNames.member.1", "lambda"),
        ("PolicyInputList.member.1", "{"),
    ] {
        let mut input = vec![
            ("PolicyInputList.member.1", allow.as_str()),
            ("ActionNames.member.1", "lambda:GetFunction"),
        ];
        input
            .iter_mut()
            .filter(|(known, _)| *known == name)
            .for_each(|it| it.1 = value);
        let answer = mock.iam(ACCOUNT, "SimulateCustomPolicy", &input);
        assert_eq!(
            (answer.status, answer.element("Code")),
            (400, Some("InvalidInput")),
            "{}",
            answer.body
        );
    }
}

#[test]
fn a_simulated_policy_may_be_longer_than_one_of_a_role() {
    let mock = Mock::start(Empty);
    let long = document(&format!(
        r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::{}*"}}"#,
        "x".repeat(11_000)
    ));
    let input = [
        ("PolicyInputList.member.1", long.as_str()),
        ("ActionNames.member.1", "s3:GetObject"),
    ];
    let told = mock.iam(ACCOUNT, "SimulateCustomPolicy", &input);
    assert_eq!(
        (told.status, told.element("EvalDecision")),
        (200, Some("implicitDeny")),
        "{}",
        told.body
    );
}
