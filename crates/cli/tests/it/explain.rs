//! `lambdasweep explain`: a small dataset that is written by hand, and a scan of a mock.

mod dataset;
mod width;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use self::dataset::publish;
use crate::harness::{Mock, only_scan, program, rows, run};

const ACCOUNT: &str = "111122223333";
const PAY: &str = "arn:aws:lambda:eu-west-1:111122223333:function:pay";
const ROLE: &str = "arn:aws:iam::111122223333:role/service/pay";

fn explain(root: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = program(ACCOUNT);
    command.args(["explain", "--out"]).arg(root).args(arguments);
    run(command)
}

#[test]
fn a_function_is_explained_statement_by_statement() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), "read", &[]);
    let (code, said) = explain(root.path(), &["--function", PAY]);
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains('\u{1b}'), "{said:?}");
    insta::assert_snapshot!("explain", said);
    let (code, said) = explain(
        root.path(),
        &["--function", &format!("{PAY}:live"), "--output", "json"],
    );
    assert_eq!(code, 0, "{said}");
    let explanation: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(explanation["exposure"], "everyone");
    let qualifiers: Vec<_> = explanation["resource_policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["qualifier"].as_str().unwrap())
        .collect();
    assert_eq!(qualifiers, ["live"]);
}

#[test]
fn what_was_not_read_is_unknown() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), "read", &[]);
    // Published later, so that it is the one that counts.
    publish(
        root.path(),
        "gaps",
        &["resource_policies", "roles", "guardrails", "organization"],
    );
    let (code, said) = explain(
        root.path(),
        &[
            "--function",
            PAY,
            "--principal",
            "s3.amazonaws.com",
            "--action",
            "lambda:InvokeFunction",
        ],
    );
    assert_eq!(code, 0, "{said}");
    insta::assert_snapshot!("explain_with_gaps", said);
    let (_, said) = explain(
        root.path(),
        &["--function", PAY, "--scan-id", "read", "--output", "json"],
    );
    assert_eq!(
        serde_json::from_str::<Value>(&said).unwrap()["resource_policies"][0]["exposure"],
        "organization"
    );
}

#[test]
fn a_principal_may_as_far_as_the_scan_tells() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), "read", &[]);
    let member = "arn:aws:iam::222222222222:user/ana";
    let role_session = "arn:aws:sts::111122223333:assumed-role/pay/pay";
    let (s3, invoke) = ("s3.amazonaws.com", "lambda:InvokeFunction");
    let source = "aws:SourceAccount=111122223333";
    for (principal, action, more, decision, by, depends_on) in [
        (
            s3,
            invoke,
            &[][..],
            "unknown",
            "resource",
            &["aws:SourceAccount"][..],
        ),
        (
            s3,
            invoke,
            &["--context", source][..],
            "allowed",
            "resource",
            &[],
        ),
        (
            s3,
            invoke,
            &["--context", "aws:SourceAccount=444455556666"],
            "implicitly-denied",
            "",
            &[],
        ),
        (
            s3,
            invoke,
            &["--qualifier", "live", "--context", source],
            "implicitly-denied",
            "",
            &[],
        ),
        (
            "sns.amazonaws.com",
            invoke,
            &[],
            "implicitly-denied",
            "",
            &[],
        ),
        ("*", invoke, &[], "implicitly-denied", "", &[]),
        // The URL tells how it authenticates.
        (
            "*",
            "lambda:InvokeFunctionUrl",
            &["--qualifier", "live"],
            "allowed",
            "resource",
            &[],
        ),
        // Across accounts the user's own policies count, which the scan does not tell.
        (
            member,
            invoke,
            &["--context", "aws:PrincipalTag/guest=no"],
            "unknown",
            "policies of",
            &[],
        ),
        (
            member,
            invoke,
            &["--context", "aws:PrincipalTag/guest=yes"],
            "explicitly-denied",
            "resource",
            &[],
        ),
        // Nobody outside of the organisation is let in, wherever else it may be.
        (
            "arn:aws:iam::999999999999:user/eve",
            invoke,
            &[],
            "implicitly-denied",
            "",
            &[],
        ),
        (
            role_session,
            "lambda:GetFunction",
            &[],
            "allowed",
            "own",
            &[],
        ),
        (
            role_session,
            "lambda:UpdateFunctionCode",
            &[],
            "implicitly-denied",
            "",
            &[],
        ),
        // The resource policy lets it in, but nothing grants it to the role: a Deny of the role may
        // be why.
        (
            role_session,
            invoke,
            &["--context", "aws:PrincipalTag/guest=no"],
            "unknown",
            "policies of",
            &[],
        ),
        // The organisation denies it to everybody in the account, its root user among them.
        (
            "arn:aws:iam::111122223333:root",
            "lambda:DeleteFunction",
            &[],
            "explicitly-denied",
            "p-deny",
            &[],
        ),
        (
            "arn:aws:iam::111122223333:root",
            "lambda:GetFunction",
            &[],
            "allowed",
            "",
            &[],
        ),
    ] {
        let arguments = [
            &[
                "--function",
                PAY,
                "--output",
                "json",
                "--principal",
                principal,
                "--action",
                action,
            ][..],
            more,
        ]
        .concat();
        let (code, said) = explain(root.path(), &arguments);
        assert_eq!(code, 0, "{said}");
        let answer = &serde_json::from_str::<Value>(&said).unwrap()["answer"];
        assert_eq!(answer["decision"], decision, "{arguments:?}: {answer}");
        assert_eq!(
            answer["depends_on"],
            json!(depends_on),
            "{arguments:?}: {answer}"
        );
        let named: Vec<&str> = answer["decided_by"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["policy"].as_str().unwrap())
            .collect();
        assert!(
            if by.is_empty() {
                named.is_empty()
            } else {
                named.iter().any(|name| name.contains(by))
            },
            "{arguments:?}: {answer}"
        );
    }
    let (_, said) = explain(
        root.path(),
        &[
            "--function",
            PAY,
            "--principal",
            role_session,
            "--action",
            invoke,
        ],
    );
    insta::assert_snapshot!(
        "explain_answer",
        said.split("\n\nInvocation").next().unwrap()
    );
}

#[test]
fn what_cannot_be_explained_is_told() {
    let root = tempfile::tempdir().unwrap();
    let other = PAY.replace("pay", "other");
    let elsewhere = PAY.replace("eu-west-1", "us-east-1");
    assert!(
        explain(root.path(), &["--function", PAY])
            .1
            .contains("there is no published scan")
    );
    publish(root.path(), "read", &[]);
    for (arguments, code, word) in [
        (
            &["--function", &other][..],
            1,
            "all functions of its account and Region were read",
        ),
        (
            &["--function", &elsewhere],
            1,
            "the scan did not collect it",
        ),
        (&["--function", ROLE], 1, "is not a function ARN"),
        (
            &["--function", "pay me"],
            2,
            "neither the ARN nor the name of a function",
        ),
        (&["--function", "arn:aws:lambda"], 2, "not a valid ARN"),
        (
            &["--function", "payy"],
            1,
            "no function named payy; did you mean pay?",
        ),
        (
            &["--function", "222222222222:function:pay"],
            1,
            "no function named pay in account 222222222222",
        ),
        (&["--function", "pay:blue"], 1, "no version or alias blue"),
        (
            &["--function", PAY, "--qualifier", "blue"],
            1,
            "no version or alias blue",
        ),
        (
            &["--function", &format!("{PAY}:live"), "--qualifier", "blue"],
            1,
            "--qualifier is blue",
        ),
        (&["--function", PAY, "--principal", "*"], 2, "--action"),
        (
            &[
                "--function",
                PAY,
                "--principal",
                "nobody",
                "--action",
                "lambda:InvokeFunction",
            ],
            1,
            "is not a valid principal",
        ),
        (&["--function", PAY, "--scan-id", "nothing"], 1, "nothing"),
        (
            &[
                "--function",
                PAY,
                "--principal",
                "*",
                "--action",
                "a:b",
                "--context",
                "x",
            ],
            2,
            "KEY=VALUE",
        ),
    ] {
        let (found, said) = explain(root.path(), arguments);
        assert_eq!(found, code, "{arguments:?}: {said}");
        assert!(
            said.starts_with("error:") && said.contains(word),
            "{arguments:?}: {said}"
        );
    }
}

/// A name is enough where it is one function's, with a qualifier and an account as in Lambda's API.
#[test]
fn a_function_is_found_by_its_name() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), "read", &[]);
    for (name, like) in [
        ("pay", PAY.to_owned()),
        ("pay:live", format!("{PAY}:live")),
        ("111122223333:function:pay", PAY.to_owned()),
    ] {
        let (code, by_name) = explain(root.path(), &["--function", name]);
        assert_eq!(
            (code, by_name),
            explain(root.path(), &["--function", &like]),
            "{name}"
        );
        assert_eq!(code, 0);
    }
    let mock = Mock::start("accounts=6,regions=3,functions=120,seed=8,suspended=1");
    let out = tempfile::tempdir().unwrap();
    run(mock.scan(out.path(), &["--checks", "runtime-deprecated"]));
    let mut functions: std::collections::BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(
        &only_scan(out.path()),
        "functions",
        &["function_name", "function_arn"],
    ) {
        functions
            .entry(row[0].clone())
            .or_default()
            .push(row[1].clone());
    }
    let (mut one, mut several) = (0, 0);
    for (name, arns) in &functions {
        let (code, said) = explain(out.path(), &["--function", name]);
        if let [arn] = arns.as_slice() {
            assert!(
                code == 0 && said.starts_with(&format!("{arn}\n")),
                "{name}: {said}"
            );
            one += 1;
        } else {
            assert!(
                code == 1 && said.contains(&format!("{} functions are named {name}", arns.len())),
                "{name}: {said}"
            );
            assert!(
                arns.iter()
                    .all(|arn| said.lines().any(|line| line.trim() == arn)),
                "{name}: {said}"
            );
            several += 1;
        }
    }
    assert!(one > 0 && several > 0, "{one} {several}");
    let (code, said) = explain(out.path(), &["--function", "no-such-function-at-all"]);
    assert!(
        code == 1 && said.contains("not all accounts and Regions were read"),
        "{said}"
    );
}
