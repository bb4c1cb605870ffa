//! What was not read is never a PASS: accounts, Regions and facts that cannot be read end as
//! coverage and as UNKNOWN.

use std::collections::BTreeSet;

use serde_json::json;

use crate::between::between;
use crate::harness::{Mock, findings, only_scan, rows, run};

/// A check that judges Regions, by their settings.
const OF_REGIONS: &str = "concurrency-account-exhausted";

const SMALL: &str = "accounts=8,regions=2,functions=120,seed=4,suspended=1,roleless=2";

#[test]
fn accounts_that_cannot_be_entered_are_unknown() {
    let mock = Mock::start(SMALL);
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 4, "{said}");
    let scan = only_scan(out.path());
    let closed: BTreeSet<(String, String)> = rows(
        &scan,
        "coverage",
        &["account_id", "region", "fact", "outcome", "error_code"],
    )
    .into_iter()
    .filter(|row| row[1].is_empty() && row[2] == "functions")
    .map(|row| (row[3].clone(), row[4].clone()))
    .collect();
    assert_eq!(
        closed,
        [("denied", "AccessDenied"), ("skipped", "AccountNotActive")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .into()
    );
    let unknown = rows(
        &scan,
        "findings",
        &["resource_type", "status", "account_id", "check_id"],
    );
    // What the organisation prevents is told of accounts that cannot be entered, too.
    let accounts = unknown
        .iter()
        .filter(|row| row[0] == "account" && row[3] != "guardrail-missing");
    assert!(accounts.clone().all(|row| row[1] == "UNKNOWN"));
    let checks: BTreeSet<&String> = unknown.iter().map(|row| &row[3]).collect();
    assert_eq!(
        accounts.count(),
        3 * (checks.len() - 1),
        "three accounts, each check but guardrail-missing"
    );
    let guardrails: BTreeSet<(&str, &str)> = unknown
        .iter()
        .filter(|row| row[3] == "guardrail-missing")
        .map(|row| (row[2].as_str(), row[1].as_str()))
        .collect();
    let judged = guardrails
        .iter()
        .filter(|(_, status)| *status != "UNKNOWN")
        .count();
    assert_eq!(
        (guardrails.len(), judged),
        (8, 7),
        "all but the suspended one"
    );
    assert!(
        said.contains("AccountNotActive") && said.contains("AccessDenied"),
        "{said}"
    );
}

/// A role may read a function without its tags: then it is unknown whether it has some, and what
/// came with the function is judged all the same.
#[test]
fn tags_that_may_not_be_listed_are_unknown() {
    let mock = Mock::start("accounts=2,regions=1,functions=20,seed=4");
    let url = between(&mock, |call| {
        if !call.is_get_function() {
            return call.forward();
        }
        call.changed(|answer| {
            answer.as_object_mut().unwrap().remove("Tags");
            answer["TagsError"] =
                json!({"ErrorCode": "AccessDeniedException", "Message": "not authorized"});
        })
    });
    let out = tempfile::tempdir().unwrap();
    let (_, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
    let scan = only_scan(out.path());
    let unknown = findings(&scan, "UNKNOWN");
    assert_eq!(unknown.len(), 20, "{said}");
    assert!(
        unknown
            .iter()
            .all(|(check, _)| check == "function-untagged")
    );
    let coverage = rows(&scan, "coverage", &["fact", "outcome", "error_code"]);
    let denied = coverage.iter().filter(|row| row[1] == "denied");
    assert_eq!(denied.clone().count(), 20);
    assert!(
        denied
            .clone()
            .all(|row| row[0] == "function_tags" && row[2] == "AccessDeniedException")
    );
}

/// Two ways in which reading every resource policy can fail; for each neither a policy nor a URL
/// without authentication may PASS.
#[test]
fn resource_policies_that_cannot_be_read_are_unknown() {
    for (fault, outcome) in [
        ("lambda:GetPolicy=AccessDeniedException", "denied"),
        ("lambda:GetPolicy=throttle", "throttled"),
    ] {
        let mock = Mock::with_faults("accounts=2,regions=1,functions=30,seed=4", &[fault]);
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--patience", "1"]));
        assert_eq!(code, 4, "{said}");
        let scan = only_scan(out.path());
        for status in ["PASS", "FAIL"] {
            let judged: Vec<_> = findings(&scan, status)
                .into_iter()
                .filter(|(check, _)| {
                    ["policy-public", "function-url-unauthenticated"].contains(&check.as_str())
                })
                .collect();
            assert!(judged.is_empty(), "{fault}: {status} {judged:?}");
        }
        let unknown = findings(&scan, "UNKNOWN")
            .into_iter()
            .filter(|(check, _)| check == "policy-public")
            .count();
        assert_eq!(unknown, 30, "{fault}");
        let outcomes: BTreeSet<String> = rows(&scan, "coverage", &["fact", "outcome"])
            .into_iter()
            .filter(|row| row[0] == "resource_policies")
            .map(|row| row[1].clone())
            .collect();
        assert_eq!(outcomes, [outcome.to_owned()].into(), "{fault}");
        // What does not need the policies is judged all the same.
        assert!(
            findings(&scan, "FAIL")
                .iter()
                .any(|(check, _)| check == "code-signing-absent")
        );
    }
}

#[test]
fn a_region_whose_functions_cannot_be_listed_is_unknown() {
    let mock = Mock::with_faults(
        "accounts=3,regions=2,functions=60,seed=4",
        &["lambda:ListFunctions@*/us-east-1=AccessDeniedException"],
    );
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 4, "{said}");
    let scan = only_scan(out.path());
    let units: Vec<_> = rows(
        &scan,
        "findings",
        &["resource_type", "region", "status", "detail", "check_id"],
    )
    .into_iter()
    .filter(|row| row[0] == "account-region" && row[4] != OF_REGIONS)
    .collect();
    // Layers and the settings of Regions are read by other calls, and what the organisation prevents
    // needs none.
    let checks: BTreeSet<String> = rows(&scan, "findings", &["check_id"])
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(units.len(), 3 * (checks.len() - 4));
    assert!(
        units.iter().all(|row| row[1] == "us-east-1"
            && row[2] == "UNKNOWN"
            && row[3] == "functions was not read: denied (AccessDeniedException)"),
        "{units:?}"
    );
    // A role that is seen once may be used in the Region that was not read.
    let roles: BTreeSet<String> = rows(&scan, "findings", &["check_id", "status"])
        .into_iter()
        .filter(|row| row[0] == "role-shared-by-functions")
        .map(|row| row[1].clone())
        .collect();
    assert!(!roles.contains("PASS"), "{roles:?}");
    assert!(findings(&scan, "PASS").iter().all(|(check, arn)| {
        ["layer-public", "layer-shared-outside", OF_REGIONS].contains(&check.as_str())
            || !arn.contains(":us-east-1:")
    }));
}

/// Without a list of Regions nothing of an account is read; where the request names Regions, these
/// are.
#[test]
fn a_list_of_regions_that_is_denied_costs_the_account_unless_the_request_names_regions() {
    let mock = Mock::with_faults(
        "accounts=2,regions=1,functions=20,seed=4",
        &["account:ListRegions=AccessDeniedException"],
    );
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 4, "{said}");
    assert!(
        said.contains("Read 0 of 2 accounts")
            && said.contains("2 accounts: denied (AccessDeniedException)"),
        "{said}"
    );
    let scan = only_scan(out.path());
    assert!(
        findings(&scan, "PASS")
            .iter()
            .all(|(check, _)| check == "guardrail-missing"),
        "{:?}",
        findings(&scan, "PASS")
    );

    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--regions", "us-east-1"]));
    assert_eq!(code, 4, "{said}");
    assert!(
        said.contains("Read 2 of 2 accounts")
            && said.contains("regions, 2 times: denied (AccessDeniedException)"),
        "{said}"
    );
    let denied = only_scan(out.path());
    assert_eq!(rows(&denied, "functions", &["region"]).len(), 20);

    // What does not rest on all Regions of an account is judged as where the list could be read.
    let mock = Mock::start("accounts=2,regions=1,functions=20,seed=4");
    let out = tempfile::tempdir().unwrap();
    run(mock.scan(out.path(), &["--regions", "us-east-1"]));
    let judged = |scan: &lambdasweep_tables::Scan| {
        let mut rows = rows(
            scan,
            "findings",
            &[
                "check_id",
                "resource_type",
                "resource_arn",
                "fault",
                "status",
            ],
        );
        rows.retain(|row| {
            !["role", "account"].contains(&row[1].as_str()) || row[0] == "guardrail-missing"
        });
        rows
    };
    assert_eq!(judged(&denied), judged(&only_scan(out.path())));
    let accounts = rows(&denied, "findings", &["resource_type", "check_id"])
        .into_iter()
        .filter(|row| row[0] == "account");
    assert!(
        accounts.clone().all(|row| row[1] == "guardrail-missing"),
        "{accounts:?}"
    );
}

/// A scan in which there was nothing to look at is no scan in which all was well.
#[test]
fn regions_that_no_account_has_enabled_are_told() {
    let mock = Mock::start("accounts=2,regions=1,functions=20,seed=4,suspended=0,roleless=0");
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--regions", "af-south-1"]));
    assert_eq!(code, 4, "{said}");
    assert!(
        said.contains("No requested Region is enabled in any scanned account"),
        "{said}"
    );
    assert!(said.contains("0 of 0 account-Regions"), "{said}");
}

/// An optional member that some URLs have and others do not costs no function its findings.
#[test]
fn configurations_without_optional_members_are_read() {
    let mock = Mock::start("accounts=2,regions=1,functions=400,seed=9,queues=0");
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let scan = only_scan(out.path());
    let frame = scan
        .table(lambdasweep_tables::table("function_urls").unwrap())
        .unwrap();
    let (has_cors, any_origin) = (
        frame.column("has_cors").unwrap().bool().unwrap().clone(),
        frame
            .column("cors_any_origin")
            .unwrap()
            .bool()
            .unwrap()
            .clone(),
    );
    let shapes: BTreeSet<(bool, Option<bool>)> = (0..frame.height())
        .map(|row| (has_cors.get(row).unwrap(), any_origin.get(row)))
        .collect();
    assert_eq!(
        shapes,
        [
            (false, None),
            (true, None),
            (true, Some(false)),
            (true, Some(true))
        ]
        .into(),
        "Cors absent, without origins, with some, with any"
    );
    assert_eq!(findings(&scan, "UNKNOWN").len(), 0);
}

#[test]
fn a_collector_that_is_denied_costs_its_own_checks_only() {
    let mock = Mock::with_faults(
        "accounts=2,regions=1,functions=40,seed=4",
        &[
            "lambda:ListFunctionEventInvokeConfigs=AccessDeniedException",
            "iam:*=AccessDenied",
        ],
    );
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 4, "{said}");
    let unknown: BTreeSet<String> = findings(&only_scan(out.path()), "UNKNOWN")
        .into_iter()
        .map(|(check, _)| check)
        .collect();
    let of_roles = [
        "agent-tool-privileged",
        "durable-callback-open",
        "durable-data-readable",
        "env-readable-broadly",
        "function-code-open-to-many",
        "guest-identity-may-invoke",
        "layer-publishable-broadly",
        "role-administrator",
        "role-cannot-log",
        "role-decrypts-everywhere",
        "role-may-blind-audit",
        "role-missing",
        "role-near-administrator",
        "role-privilege-escalation",
        "role-reads-all-data",
        "role-trusts-others",
        "role-unused",
        "role-wildcard-action",
        "role-without-boundary",
        "role-write-everywhere",
    ];
    let own: BTreeSet<String> = of_roles
        .into_iter()
        .chain([
            "destination-outside",
            "failure-destination-missing",
            "failure-target-denied",
            "failure-target-fifo",
            "failure-target-missing",
        ])
        .map(str::to_owned)
        .collect();
    assert!(own.is_subset(&unknown), "{unknown:?}");
    // Settings of asynchronous invocation also tell that an old version runs.
    let of_versions = [
        "code-injected-by-environment",
        "code-unsigned-under-enforce",
        "env-key-foreign",
        "env-near-limit",
        "env-not-customer-key",
        "env-secret",
        "layer-outdated",
        "layer-version-gone",
        "runtime-deprecated",
        "runtime-deprecated-soon",
        "tenant-shared-secrets",
    ];
    assert!(
        unknown
            .difference(&own)
            .all(|check| of_versions.contains(&check.as_str())),
        "{unknown:?}"
    );
}

#[test]
fn throttles_and_faults_that_pass_cost_nothing() {
    let faults = [
        "lambda:*=throttle:12",
        "lambda:GetFunction=ServiceException:5",
        "account:ListRegions=throttle:1",
        "sts:AssumeRole=throttle:1",
    ];
    let mock = Mock::with_faults("accounts=3,regions=1,functions=20,seed=4", &faults);
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 0, "{said}");
    assert!(findings(&only_scan(out.path()), "UNKNOWN").is_empty());
}

/// What a role can get itself by changing functions is not known where functions were not read, and
/// only that is not known.
#[test]
fn functions_of_other_regions_may_be_what_a_role_takes_over() {
    let mock = Mock::start("accounts=1,regions=2,functions=4,seed=4,suspended=0,roleless=0");
    let account = mock.management_account();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let boss = "arn:aws:lambda:*:*:function:boss";
    for (name, region, action, resource) in [
        ("deployer", "us-east-1", "lambda:UpdateFunctionCode", boss),
        ("boss", "eu-west-1", "*", "*"),
    ] {
        let policy =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}).to_string();
        mock.iam(
            account,
            &[
                ("Action", "CreateRole"),
                ("RoleName", name),
                ("AssumeRolePolicyDocument", trust),
            ],
        );
        mock.iam(
            account,
            &[
                ("Action", "PutRolePolicy"),
                ("RoleName", name),
                ("PolicyName", "p"),
                ("PolicyDocument", &policy),
            ],
        );
        let function = json!({
            "FunctionName": name, "Runtime": "python3.13", "Handler": "index.handler", "Role": format!("arn:aws:iam::{account}:role/{name}"),
            "Code": {"ZipFile": "UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAYVBLAQIUABQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAABhUEsFBgAAAAABAAEALwAAAB8AAAAAAA=="},
        });
        mock.lambda(account, region, "POST /2015-03-31/functions", &function);
    }
    for (more, expected) in [
        (&[][..], ["FAIL", "PASS"]),
        (&["--regions", "us-east-1"], ["UNKNOWN", "PASS"]),
    ] {
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), more));
        assert_eq!(code, 0, "{said}");
        let statuses = ["role-privilege-escalation", "role-administrator"].map(|check| {
            let of_it = |it: &(String, String)| it.0 == check && it.1.ends_with(":role/deployer");
            let has = |status: &&&str| findings(&only_scan(out.path()), status).iter().any(of_it);
            ["FAIL", "UNKNOWN", "PASS"].iter().find(has).copied()
        });
        assert_eq!(statuses, expected.map(Some), "{more:?}");
    }
}
