//! What is found is what was planted: nothing is missed, and nothing is made up.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Mock, findings, only_scan, rows, run};

#[test]
fn the_findings_are_the_truth() {
    let mock = Mock::start("accounts=40,regions=4,functions=1500,seed=11");
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 4, "there are accounts without the role: {said}");
    let scan = only_scan(out.path());
    let found = findings(&scan, "FAIL");
    let truth: BTreeSet<(String, String)> = mock.truth().into_iter().map(|it| (it.misconfiguration.to_owned(), it.resource_arn)).collect();
    let missed: Vec<_> = truth.difference(&found).take(5).collect();
    let made_up: Vec<_> = found.difference(&truth).take(5).collect();
    assert!(missed.is_empty() && made_up.is_empty(), "missed {missed:?}, made up {made_up:?}");
    let checks: BTreeSet<&String> = truth.iter().map(|(check, _)| check).collect();
    assert_eq!(checks.len(), 17, "the world has every misconfiguration");
}

#[test]
fn every_resource_gets_one_answer_a_check() {
    let mock = Mock::start("accounts=12,regions=2,functions=200,seed=3,suspended=0,roleless=0");
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let scan = only_scan(out.path());
    let mut answers: BTreeMap<(String, String), u32> = BTreeMap::new();
    for row in rows(&scan, "findings", &["check_id", "resource_arn", "status"]) {
        *answers.entry((row[0].clone(), row[1].clone())).or_default() += 1;
    }
    assert!(answers.values().all(|count| *count == 1));
    let functions = rows(&scan, "functions", &["function_arn"]).len();
    assert_eq!(functions, 200);
    assert_eq!(answers.keys().filter(|(check, _)| check == "env-secret").count(), functions);
}

#[test]
fn no_secret_and_no_presigned_link_is_written() {
    let mock = Mock::start("accounts=10,regions=2,functions=600,seed=5,suspended=0,roleless=0");
    let out = tempfile::tempdir().unwrap();
    let lines = out.path().join("findings.jsonl");
    let (code, said) = run(mock.scan(out.path(), &["--jsonl", lines.to_str().unwrap(), "--with-pass", "-vv"]));
    assert_eq!(code, 0, "{said}");
    let scan = only_scan(out.path());
    // Every text of every table, and all that was said.
    let mut texts = vec![said, std::fs::read_to_string(&lines).unwrap()];
    for table in lambdasweep_tables::TABLES {
        let columns: Vec<&str> =
            table.columns.iter().filter(|column| column.kind == lambdasweep_tables::Kind::Text).map(|column| column.name).collect();
        texts.extend(rows(&scan, table.name, &columns).into_iter().flatten());
    }
    let secrets = findings(&scan, "FAIL").iter().filter(|(check, _)| check == "env-secret").count();
    assert!(secrets > 10, "the world has secrets");
    for text in &texts {
        assert!(lambdasweep_secrets::redact(text) == text.as_str(), "a secret was written");
        assert!(!text.contains("X-Amz-Signature"), "a presigned link was written: {text}");
    }
}

#[test]
fn a_narrower_scan_reads_no_more_than_it_needs() {
    let mock = Mock::start("accounts=6,regions=2,functions=60,seed=2,suspended=0,roleless=0");
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--checks", "runtime-deprecated"]));
    assert_eq!(code, 0, "{said}");
    let called: BTreeSet<String> =
        mock.server().ledger().into_iter().filter(|entry| entry.service == "lambda").map(|entry| entry.operation).collect();
    assert_eq!(called, ["GetAccountSettings", "ListFunctions"].map(str::to_owned).into());
}
