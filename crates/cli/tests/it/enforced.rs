//! Scans of a mock that enforces IAM: the documented permissions are enough for all that is read,
//! and what a policy denies is UNKNOWN.

use std::collections::BTreeSet;

use serde_json::json;

use crate::harness::{Mock, findings, missed_and_made_up, only_scan, rows, run};

/// The role of the generated accounts has what README.md names, and the session policy takes the
/// rest away. Neither may lack anything.
#[test]
fn the_documented_permissions_are_enough() {
    let mock = Mock::start(
        "accounts=12,regions=2,functions=300,seed=11,suspended=0,roleless=0,queues=0,external-id=scan-7f3a",
    );
    mock.server().enforce_iam(true);
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--external-id", "scan-7f3a"]));
    assert_eq!(code, 0, "{said}");
    let failed: Vec<_> = mock
        .server()
        .ledger()
        .into_iter()
        .filter(|entry| entry.outcome.starts_with("AccessDenied"))
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
    let scan = only_scan(out.path());
    assert_eq!(
        missed_and_made_up(&mock.truth(), &scan),
        (Vec::new(), Vec::new())
    );
    assert!(findings(&scan, "UNKNOWN").is_empty());
    let outcomes: BTreeSet<String> = rows(&scan, "coverage", &["outcome"])
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    assert!(!outcomes.contains("denied"), "{outcomes:?}");
}

/// A service control policy of one unit denies what the scan reads there: denied coverage and
/// UNKNOWN there, and full answers everywhere else.
#[test]
fn a_service_control_policy_of_one_unit_makes_its_accounts_unknown() {
    let mock = Mock::start("accounts=14,regions=1,functions=160,seed=11,suspended=0,roleless=0");
    mock.server().enforce_iam(true);
    let statement =
        json!({"Effect": "Deny", "Action": ["lambda:GetPolicy", "kms:Decrypt"], "Resource": "*"});
    let content = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let policy = json!({"Name": "no-policies", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content});
    let created = mock.organizations("CreatePolicy", &policy);
    let id = &created["Policy"]["PolicySummary"]["Id"];
    let unit = "ou-a1b2-prod0000";
    mock.organizations("AttachPolicy", &json!({"PolicyId": id, "TargetId": unit}));
    let below = mock.organizations("ListAccountsForParent", &json!({"ParentId": unit}));
    let below: BTreeSet<String> = below["Accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["Id"].as_str().unwrap().to_owned())
        .collect();
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 4, "{said}");
    let scan = only_scan(out.path());
    let mut denied = BTreeSet::new();
    for row in rows(
        &scan,
        "coverage",
        &["account_id", "fact", "outcome", "error_code", "message"],
    ) {
        if row[2] == "denied" {
            assert_eq!(
                (row[1].as_str(), row[3].as_str()),
                ("resource_policies", "AccessDeniedException"),
                "{row:?}"
            );
            assert!(
                row[4].contains(
                    "is not authorized to perform: lambda:GetPolicy on resource: arn:aws:lambda:"
                ),
                "{row:?}"
            );
            assert!(
                row[4].contains("with an explicit deny in a service control policy"),
                "{row:?}"
            );
            denied.insert(row[0].clone());
        }
    }
    let with_functions: BTreeSet<String> = rows(&scan, "functions", &["account_id"])
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let expected: BTreeSet<String> = below.intersection(&with_functions).cloned().collect();
    assert!(
        !expected.is_empty() && expected.len() < with_functions.len(),
        "some accounts are in the unit, and some are not"
    );
    assert_eq!(denied, expected);
    // Environments under a customer managed key cannot be read there either; Lambda says so in an
    // answer that succeeds.
    let functions = rows(
        &scan,
        "functions",
        &[
            "account_id",
            "function_arn",
            "kms_key_arn",
            "environment_error_code",
        ],
    );
    let hidden: BTreeSet<&str> = functions
        .iter()
        .filter(|row| expected.contains(&row[0]) && !row[2].is_empty())
        .map(|row| row[1].as_str())
        .collect();
    let not_shown: BTreeSet<&str> = functions
        .iter()
        .filter(|row| row[3] == "AccessDeniedException")
        .map(|row| row[1].as_str())
        .collect();
    assert!(!hidden.is_empty());
    assert_eq!(not_shown, hidden);
    for row in rows(
        &scan,
        "findings",
        &["check_id", "account_id", "status", "resource_arn"],
    ) {
        match row[0].as_str() {
            "policy-public" => {
                assert_eq!(row[2] == "UNKNOWN", expected.contains(&row[1]), "{row:?}")
            }
            "env-secret" => assert_eq!(
                row[2] == "UNKNOWN",
                hidden.contains(row[3].as_str()),
                "{row:?}"
            ),
            _ => {}
        }
    }
}

/// The management account, which the caller's own credentials read, is out of reach of control
/// policies.
#[test]
fn no_service_control_policy_reaches_the_management_account() {
    let mock = Mock::start("accounts=1,regions=1,functions=30,seed=11,queues=0");
    mock.server().enforce_iam(true);
    let statement =
        json!({"Effect": "Deny", "Action": "lambda:ListFunctionUrlConfigs", "Resource": "*"});
    let content = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let policy = json!({"Name": "p", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content});
    let created = mock.organizations("CreatePolicy", &policy);
    mock.organizations(
        "AttachPolicy",
        &json!({"PolicyId": created["Policy"]["PolicySummary"]["Id"], "TargetId": mock.management_account()}),
    );
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(
        code, 0,
        "control policies do not reach the management account: {said}"
    );
    assert!(findings(&only_scan(out.path()), "UNKNOWN").is_empty());
}
