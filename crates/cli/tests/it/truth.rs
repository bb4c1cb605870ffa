//! What is found is what was planted: nothing is missed, and nothing is made up.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Mock, missed_and_made_up, only_scan, program, rows, run};

#[test]
fn the_findings_are_the_truth() {
    let mock = Mock::start("accounts=40,regions=4,functions=1500,seed=11");
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--check-set", "compliance"]));
    assert_eq!(code, 4, "there are accounts without the role: {said}");
    let scan = only_scan(out.path());
    let truth = mock.truth();
    let (missed, made_up) = missed_and_made_up(&truth, &scan);
    assert!(
        missed.is_empty() && made_up.is_empty(),
        "missed {:?}, made up {:?}",
        &missed[..missed.len().min(5)],
        &made_up[..made_up.len().min(5)]
    );
    let planted: BTreeSet<&str> = truth.iter().map(|it| it.misconfiguration).collect();
    let checks: BTreeSet<String> = rows(&scan, "findings", &["check_id"])
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(
        planted,
        checks.iter().map(String::as_str).collect(),
        "the world has every misconfiguration"
    );
}

#[test]
fn every_resource_gets_an_answer_of_each_check() {
    let mock = Mock::start("accounts=12,regions=2,functions=200,seed=3,suspended=0,roleless=0");
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let scan = only_scan(out.path());
    let mut answers: BTreeMap<(String, String), BTreeSet<(String, String)>> = BTreeMap::new();
    let mut fingerprints = BTreeSet::new();
    for row in rows(
        &scan,
        "findings",
        &[
            "account_id",
            "check_id",
            "resource_arn",
            "status",
            "fault",
            "fingerprint",
        ],
    ) {
        let [account, check, resource, status, fault, fingerprint] = row.try_into().unwrap();
        // Several accounts may use the same layer.
        let resource = format!("{account} {resource}");
        let reported = status == "FAIL" || status == "UNKNOWN";
        assert_eq!(fingerprint.is_empty(), !reported, "{status} {fingerprint}");
        assert!(
            answers
                .entry((check, resource))
                .or_default()
                .insert((status, fault)),
            "each fault has one row"
        );
        assert!(
            !reported || fingerprints.insert(fingerprint),
            "a fingerprint stands for one fault"
        );
    }
    for (of, answers) in &answers {
        let fails = answers.iter().all(|(status, _)| status == "FAIL");
        assert!(
            fails || (answers.len() == 1 && answers.iter().all(|(_, fault)| fault.is_empty())),
            "{of:?}: {answers:?}"
        );
    }
    assert!(
        answers.values().any(|answers| answers.len() > 1),
        "some resources have several faults"
    );
    let functions = rows(&scan, "functions", &["function_arn"]).len();
    assert_eq!(functions, 200);
    assert_eq!(
        answers
            .keys()
            .filter(|(check, _)| check == "env-secret")
            .count(),
        functions
    );
}

#[test]
fn a_narrower_scan_reads_no_more_than_it_needs() {
    let mock = Mock::start("accounts=6,regions=2,functions=60,seed=2,suspended=0,roleless=0");
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--checks", "runtime-deprecated"]));
    assert_eq!(code, 0, "{said}");
    let ledger = mock.server().ledger();
    let called: BTreeSet<&str> = ledger
        .iter()
        .filter(|entry| entry.service == "lambda")
        .map(|entry| entry.operation.as_str())
        .collect();
    let for_versions = [
        "GetPolicy",
        "ListAliases",
        "ListEventSourceMappings",
        "ListFunctionEventInvokeConfigs",
        "ListProvisionedConcurrencyConfigs",
    ];
    // Of a function without a policy and of one that is not there AWS says the same; GetFunction
    // tells them apart.
    assert_eq!(
        called,
        ["GetAccountSettings", "GetFunction", "ListFunctions"]
            .into_iter()
            .chain(for_versions)
            .collect()
    );
    // Only where versions are published it has to be known which of them run.
    let qualifiers = rows(
        &only_scan(out.path()),
        "function_qualifiers",
        &["kind", "function_arn"],
    );
    let published: BTreeSet<&String> = qualifiers
        .iter()
        .filter(|row| row[0] == "version")
        .map(|row| &row[1])
        .collect();
    let asked: u64 = ledger
        .iter()
        .filter(|entry| entry.operation == "ListAliases")
        .map(|entry| entry.calls)
        .sum();
    assert_eq!(
        (asked, published.len() as u64),
        (published.len() as u64, asked)
    );
    assert!(published.len() > 5 && published.len() < 60);
}

/// What no check rests on is not read, and not planned, unless it is asked for: leaving out the
/// checks of runtime updates saves a call for each function.
#[test]
fn a_scan_reads_what_its_checks_need_and_further_facts_where_they_are_named() {
    const WITHOUT: [&str; 2] = [
        "--exclude-checks",
        "runtime-updates-not-auto,runtime-version-pinned",
    ];
    let mock = Mock::start("accounts=3,regions=1,functions=30,seed=2,suspended=0,roleless=0");
    let calls = |operation: &str| -> u64 {
        let of = |entry: &lambdasweep_mock::LedgerEntry| entry.operation == operation;
        mock.server()
            .ledger()
            .iter()
            .filter(|entry| of(entry))
            .map(|entry| entry.calls)
            .sum()
    };
    let planned = |more: &[&str]| {
        let mut command = program(mock.management_account());
        command
            .args([
                "plan",
                "--json",
                "--quota-share",
                "off",
                "--endpoint-url",
                &mock.server().endpoint_url(),
            ])
            .args(more);
        let (code, said) = run(command);
        assert_eq!(code, 0, "{said}");
        serde_json::from_str::<serde_json::Value>(&said).unwrap()["calls"]["Lambda, all other calls"].as_u64().unwrap()
    };
    let plain = planned(&WITHOUT);
    assert_eq!(planned(&[]), plain + 30);
    for more in ["runtime_management", "all"] {
        let more = [WITHOUT[0], WITHOUT[1], "--facts", more];
        assert_eq!(planned(&more), plain + 30, "{more:?}");
    }
    let out = tempfile::tempdir().unwrap();
    assert_eq!(run(mock.scan(out.path(), &WITHOUT)).0, 0);
    assert_eq!(calls("GetRuntimeManagementConfig"), 0);
    assert!(
        rows(&only_scan(out.path()), "coverage", &["fact"])
            .iter()
            .all(|row| row[0] != "runtime_management")
    );
    let out = tempfile::tempdir().unwrap();
    let all = [WITHOUT[0], WITHOUT[1], "--facts", "all"];
    assert_eq!(run(mock.scan(out.path(), &all)).0, 0);
    assert_eq!(calls("GetRuntimeManagementConfig"), 30);
    assert_eq!(
        rows(
            &only_scan(out.path()),
            "runtime_management",
            &["function_arn"]
        )
        .len(),
        30
    );
}
