//! `lambdasweep explain --role`, on the organisation of `testdata/orgs/roles.toml`.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Mock, program, run};

const ACCOUNT: &str = "222222222222";

fn arn(role: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{role}")
}

/// The scanned organisation.
fn scanned() -> tempfile::TempDir {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/orgs/roles.toml");
    let mock = Mock::of_file(&file, "111111111111");
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(
        out.path(),
        &[
            "--checks",
            "role-privilege-escalation",
            "--scan-id",
            "roles",
        ],
    ));
    assert_eq!(code, 0, "{said}");
    out
}

fn explain(out: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = program(ACCOUNT);
    command
        .args(["explain", "--out"])
        .arg(out)
        .args(arguments)
        .env("COLUMNS", "80");
    run(command)
}

/// Without the time of the scan.
fn timeless(said: &str) -> String {
    let without = |line: &str| {
        line.split_once(" of 20")
            .map_or_else(|| line.to_owned(), |(before, _)| before.to_owned())
    };
    said.lines().map(without).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_path_is_told_step_by_step() {
    let out = scanned();
    let (code, said) = explain(out.path(), &["--role", "deployer"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.lines().all(|line| line.len() <= 80), "{said}");
    insta::assert_snapshot!("explain_role", timeless(&said));
    for name in [
        arn("ci/deployer"),
        format!("{ACCOUNT}:role/ci/deployer"),
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/deployer/x"),
    ] {
        assert_eq!(
            explain(out.path(), &["--role", &name]),
            (0, said.clone()),
            "{name}"
        );
    }
    let (_, said) = explain(out.path(), &["--role", "deployer", "--output", "json"]);
    let explanation: Value = serde_json::from_str(&said).unwrap();
    let way = &explanation["role"]["escalations"][0];
    assert_eq!(
        (&way["path_id"], &way["target_role_arn"]),
        (&json!("lambda-003"), &json!(arn("operations")))
    );
    let steps: Vec<(&Value, &Value, &Value)> = way["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (&step["path_id"], &step["to_role_arn"], &step["evidence"]))
        .collect();
    let function = format!("arn:aws:lambda:*:{ACCOUNT}:function:billing-*");
    assert_eq!(
        steps,
        [
            (
                &json!("lambda-003"),
                &json!(arn("billing")),
                &json!([
                    format!("lambda:UpdateFunctionCode on {function} (inline#0)"),
                    "a role that trusts lambda.amazonaws.com (trust policy#0)"
                ])
            ),
            (
                &json!("sts-001"),
                &json!(arn("operations")),
                &json!([
                    format!("sts:AssumeRole on {} (inline#0)", arn("operations")),
                    format!("a role that trusts {ACCOUNT} (trust policy#0)")
                ])
            ),
        ],
        "{said}"
    );
    // The function that executes with it says where the rest is told.
    let (_, said) = explain(out.path(), &["--function", "deploy"]);
    assert!(
        said.contains("can get more by lambda-003") && said.contains("lambdasweep explain --role"),
        "{said}"
    );
}

#[test]
fn a_role_without_a_path_says_so_and_what_was_not_followed() {
    let out = scanned();
    let (_, said) = explain(out.path(), &["--role", "reviewer"]);
    assert!(
        said.contains("No path to more privilege is open to it") && !said.contains("more paths"),
        "{said}"
    );
    let (_, said) = explain(out.path(), &["--role", "exporter"]);
    assert!(
        said.contains("it may act as roles of other accounts"),
        "{said}"
    );
    let (_, said) = explain(out.path(), &["--role", "operations"]);
    assert!(said.contains("near-administrator (full-iam"), "{said}");
    assert!(
        said.contains("no function executes with it")
            && said.contains("what it is granted is not in the scan"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_explained_of_a_role_is_told() {
    let out = scanned();
    for (arguments, code, word) in [
        (
            &["--role", "deploier"][..],
            1,
            "no role named deploier; did you mean deployer?",
        ),
        (
            &["--role", &arn("deployer")],
            1,
            "and all roles of its account were read",
        ),
        (
            &["--role", "arn:aws:iam::333333333333:role/deployer"],
            1,
            "the scan did not collect it",
        ),
        (
            &[
                "--role",
                "arn:aws:lambda:eu-west-1:222222222222:function:deploy",
            ],
            2,
            "neither the ARN nor the name of a role",
        ),
        (
            &["--role", "deployer", "--function", "deploy"],
            2,
            "cannot be used with",
        ),
        (
            &["--role", "deployer", "--qualifier", "live"],
            2,
            "cannot be used with",
        ),
        (&[], 2, "--function <FUNCTION>"),
    ] {
        let (found, said) = explain(out.path(), arguments);
        assert_eq!(found, code, "{arguments:?}: {said}");
        assert!(
            said.starts_with("error:") && said.contains(word),
            "{arguments:?}: {said}"
        );
    }
}
