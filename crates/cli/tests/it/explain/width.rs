//! Explanations on a narrow terminal, and of every function of a scan.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dataset::publish;
use super::{ACCOUNT, ROLE, explain};
use crate::harness::{Mock, only_scan, program, rows, run};

/// At 80 columns nothing is broken but at separators; what is too much is counted, and listed where
/// it is asked for.
#[test]
fn an_explanation_fits_a_narrow_terminal() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), "read", &[]);
    let mut command = program(ACCOUNT);
    command
        .args(["explain", "--function", "pay", "--out"])
        .arg(root.path())
        .env("COLUMNS", "80");
    let (code, said) = run(command);
    assert_eq!(code, 0, "{said}");
    assert!(said.lines().all(|line| line.len() <= 80), "{said}");
    for whole in [
        "lambda:InvokeFunctionUrl",
        "aws:PrincipalOrgID",
        "aws:PrincipalTag/guest",
        "service-bounded",
        "no-guests",
        ROLE,
    ] {
        assert!(said.contains(whole), "{whole} is broken: {said}");
    }

    let mock = Mock::start("accounts=3,regions=1,functions=600,seed=8");
    let out = tempfile::tempdir().unwrap();
    run(mock.scan(
        out.path(),
        &["--checks", "role-administrator,policy-public"],
    ));
    let mut granted: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for row in rows(
        &only_scan(out.path()),
        "role_grants",
        &["role_arn", "action"],
    ) {
        *granted
            .entry(row[0].clone())
            .or_default()
            .entry(row[1].clone())
            .or_default() += 1;
    }
    let functions = rows(
        &only_scan(out.path()),
        "functions",
        &["function_arn", "role_arn"],
    );
    let many = functions
        .iter()
        .find(|row| {
            granted
                .get(&row[1])
                .is_some_and(|actions| actions.len() > 25)
        })
        .unwrap();
    let (_, some) = explain(out.path(), &["--function", &many[0]]);
    assert!(some.contains("more: --all lists them"), "{some}");
    let (_, all) = explain(out.path(), &["--function", &many[0], "--all"]);
    assert!(!all.contains("--all"), "{all}");
    assert!(
        granted[&many[1]]
            .keys()
            .all(|action| all.contains(action.as_str())),
        "{all}"
    );
}

#[test]
fn every_function_of_a_scan_is_explained() {
    let mock = Mock::start("accounts=2,regions=1,functions=60,seed=8");
    let out = tempfile::tempdir().unwrap();
    assert_eq!(run(mock.scan(out.path(), &[])).0, 0);
    let scan = only_scan(out.path());
    let statements = rows(
        &scan,
        "resource_policy_statements",
        &[
            "resource_arn",
            "qualifier",
            "exposure",
            "actions",
            "condition_keys",
        ],
    );
    let functions = rows(&scan, "functions", &["function_arn"]);
    assert!(functions.len() > 20, "{}", functions.len());
    let mut allowed = 0;
    for function in functions.iter().map(|row| &row[0]) {
        let asked = [
            "--function",
            function,
            "--principal",
            "*",
            "--action",
            "lambda:InvokeFunction",
            "--output",
            "json",
        ];
        let (code, said) = explain(out.path(), &asked);
        assert_eq!(code, 0, "{said}");
        let explanation: Value = serde_json::from_str(&said).unwrap();
        let own: Vec<_> = statements
            .iter()
            .filter(|row| row[0] == *function && row[1].is_empty())
            .collect();
        let open = own.iter().any(|row| {
            row[2] == "everyone" && row[3] == "lambda:InvokeFunction" && row[4].is_empty()
        });
        if open {
            assert_eq!(explanation["answer"]["decision"], "allowed", "{said}");
            assert_eq!(explanation["exposure"], "everyone", "{said}");
            allowed += 1;
        }
        if own.is_empty() {
            assert_eq!(
                explanation["answer"]["decision"], "implicitly-denied",
                "{said}"
            );
        }
        assert_eq!(explanation["unknown"], json!([]), "{said}");
    }
    assert!(allowed > 0, "some function is open to everyone");
}
