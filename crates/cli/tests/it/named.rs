//! Who gets in by name: through services as well as by themselves, and into roles as well as
//! functions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Mock, only_scan, program, rows, run};

const REGION: &str = "us-east-1";

/// A function of the management account with statements of its own, and a role with a trust policy
/// of its own.
fn world(statements: &[Value], trust: &Value) -> (Mock, String) {
    let mock = Mock::start("accounts=1,regions=1,functions=1,seed=5,suspended=0,roleless=0");
    let account = mock.management_account().to_owned();
    let policy = json!({"Version": "2012-10-17", "Statement": trust}).to_string();
    mock.iam(
        &account,
        &[
            ("Action", "CreateRole"),
            ("RoleName", "pay"),
            ("AssumeRolePolicyDocument", &policy),
        ],
    );
    mock.lambda(
        &account,
        REGION,
        "POST /2015-03-31/functions",
        &json!({"FunctionName": "pay", "Role": format!("arn:aws:iam::{account}:role/pay"), "PackageType": "Image", "Code": {"ImageUri": "image"}}),
    );
    for statement in statements {
        mock.lambda(
            &account,
            REGION,
            "POST /2015-03-31/functions/pay/policy",
            statement,
        );
    }
    (mock, account)
}

fn lambda() -> Value {
    json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
}

#[test]
fn accounts_that_get_in_through_a_service_are_named() {
    let statement = |sid: &str, service: &str, more: Value| {
        let mut statement = json!({"StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": format!("{service}.amazonaws.com")});
        statement
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        statement
    };
    let statements = [
        statement(
            "drop",
            "s3",
            json!({"SourceArn": "arn:aws:s3:::partner-drop", "SourceAccount": "999988887777"}),
        ),
        statement(
            "rule",
            "events",
            json!({"SourceArn": "arn:aws:events:us-east-1:999988887777:rule/nightly"}),
        ),
        statement(
            "byname",
            "s3",
            json!({"SourceArn": "arn:aws:s3:::billing-uploads"}),
        ),
    ];
    let (mock, account) = world(&statements, &json!([lambda()]));
    let out = tempfile::tempdir().unwrap();
    let (_, said) = run(mock.scan(
        out.path(),
        &[
            "--checks",
            "policy-public,policy-cross-account,policy-confused-deputy",
        ],
    ));
    let scan = only_scan(out.path());
    let function = format!("arn:aws:lambda:{REGION}:{account}:function:pay");
    let named = rows(
        &scan,
        "resource_policy_named",
        &["resource_arn", "statement_key", "named"],
    );
    let named: Vec<&[String]> = named
        .iter()
        .filter(|row| row[0] == function)
        .map(|row| &row[1..])
        .collect();
    assert_eq!(
        named,
        [["drop", "999988887777"], ["rule", "999988887777"]],
        "{said}"
    );
    let faults: BTreeSet<String> = rows(
        &scan,
        "findings",
        &["check_id", "status", "fault", "detail", "resource_arn"],
    )
    .into_iter()
    .filter(|row| row[1] == "FAIL" && row[4] == function)
    .map(|row| format!("{} {}: {}", row[0], row[2], row[3]))
    .collect();
    let by_name = "policy-confused-deputy byname: byname: s3.amazonaws.com may call on behalf of anyone: arn:aws:s3:::billing-uploads contains \
                   no account, and another account may later own a resource of that name";
    let wanted = [
        by_name,
        "policy-cross-account drop: 999988887777: drop allows an AWS service on behalf of 999988887777",
        "policy-cross-account rule: 999988887777: rule allows an AWS service on behalf of 999988887777",
    ];
    assert_eq!(faults, wanted.map(str::to_owned).into());
    // What conditions say is told with its values.
    let mut explain = program(&account);
    explain
        .args(["explain", "--function", &function, "--out"])
        .arg(out.path());
    explain.args(["--output", "json"]);
    let (_, told) = run(explain);
    assert!(told.contains("s3.amazonaws.com may call on behalf of account 999988887777 (arn:aws:s3:::partner-drop)"), "{told}");
    assert!(
        told.contains(
            "events.amazonaws.com may call on behalf of account 999988887777 (arn:aws:events:us-east-1:999988887777:rule/nightly)"
        ),
        "{told}"
    );
}

#[test]
fn a_trusted_principal_is_as_grave_as_whom_it_lets_in() {
    let (mock, account) = world(&[], &json!([lambda()]));
    // A role that is trusted and then deleted leaves its id behind, which lets nobody in.
    let leaver = format!("arn:aws:iam::{account}:role/leaver");
    let document =
        |statements: Value| json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let trust = document(json!([
        lambda(),
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": [leaver, "999988887777"], "Service": ["ec2.amazonaws.com", "logs.amazonaws.com"]}},
        {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "accounts.google.com"}},
    ]));
    let own = document(
        json!([lambda(), {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": account}}]),
    );
    let plain = document(json!([lambda()]));
    mock.iam(
        &account,
        &[
            ("Action", "CreateRole"),
            ("RoleName", "leaver"),
            ("AssumeRolePolicyDocument", &plain),
        ],
    );
    mock.iam(
        &account,
        &[
            ("Action", "UpdateAssumeRolePolicy"),
            ("RoleName", "pay"),
            ("PolicyDocument", &trust),
        ],
    );
    mock.iam(
        &account,
        &[("Action", "DeleteRole"), ("RoleName", "leaver")],
    );
    mock.iam(
        &account,
        &[
            ("Action", "CreateRole"),
            ("RoleName", "own"),
            ("AssumeRolePolicyDocument", &own),
        ],
    );
    let role = format!("arn:aws:iam::{account}:role/own");
    let function = json!({"FunctionName": "own", "Role": role, "PackageType": "Image", "Code": {"ImageUri": "image"}});
    mock.lambda(&account, REGION, "POST /2015-03-31/functions", &function);
    let out = tempfile::tempdir().unwrap();
    let (_, said) = run(mock.scan(out.path(), &["--checks", "role-trusts-others"]));
    let graded: BTreeSet<String> = rows(
        &only_scan(out.path()),
        "findings",
        &["status", "fault", "severity", "resource_arn"],
    )
    .into_iter()
    .filter(|row| {
        row[0] == "FAIL"
            && [":role/pay", ":role/own"]
                .iter()
                .any(|role| row[3].ends_with(role))
    })
    .map(|row| format!("{} {}", row[1], row[2]))
    .collect();
    let own = format!("{account} low");
    let wanted = [
        "999988887777 high",
        "accounts.google.com critical",
        "ec2.amazonaws.com medium",
        "logs.amazonaws.com high",
        &own,
    ];
    assert_eq!(graded, wanted.map(str::to_owned).into(), "{said}");
}
