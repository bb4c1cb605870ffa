//! Accounts of no organisation, member accounts and the management account.

use std::collections::BTreeSet;
use std::path::Path;

use lambdasweep_tables::Scan;

use crate::harness::{Mock, findings, only_scan, rows, run};

const WORLD: &str = "accounts=4,regions=1,functions=60,seed=4,suspended=0,roleless=0";
const NOT_IN_USE: &str = "organizations:DescribeOrganization=AWSOrganizationsNotInUseException";

fn scan_as(mock: &Mock, account: &str, out: &Path, more: &[&str]) -> (i32, String) {
    let mut command = mock.scan(out, more);
    command.env("AWS_ACCESS_KEY_ID", account);
    run(command)
}

fn scanned(scan: &Scan) -> BTreeSet<String> {
    rows(scan, "functions", &["account_id"])
        .into_iter()
        .map(|row| row[0].clone())
        .collect()
}

/// The coverage of what the organisation tells: fact, outcome and code.
fn organization(scan: &Scan) -> BTreeSet<(String, String)> {
    let told = ["organization", "organization_policies", "guardrails"];
    let rows = rows(scan, "coverage", &["fact", "outcome"])
        .into_iter()
        .filter(|row| told.contains(&row[0].as_str()));
    rows.map(|row| (row[0].clone(), row[1].clone())).collect()
}

fn members(mock: &Mock) -> Vec<String> {
    let accounts: BTreeSet<String> = mock.truth().into_iter().map(|it| it.account).collect();
    accounts
        .into_iter()
        .filter(|account| account != mock.management_account())
        .collect()
}

/// Whoever has one account without AWS Organizations scans it like everybody else.
#[test]
fn an_account_of_no_organisation_is_scanned_alone() {
    let mock = Mock::with_faults(WORLD, &[NOT_IN_USE]);
    for account in [
        mock.management_account().to_owned(),
        members(&mock)[0].clone(),
    ] {
        for more in [&[][..], &["--accounts", &account]] {
            let out = tempfile::tempdir().unwrap();
            let (code, said) = scan_as(&mock, &account, out.path(), more);
            assert_eq!(code, 0, "{said}");
            assert!(
                said.contains(&format!(
                    "Account {account} does not belong to an organisation: only account {account} is scanned."
                )),
                "{said}"
            );
            let scan = only_scan(out.path());
            assert_eq!(scanned(&scan), [account.clone()].into(), "{said}");
            assert!(
                organization(&scan)
                    .iter()
                    .all(|(_, outcome)| outcome == "ok"),
                "{:?}",
                organization(&scan)
            );
            assert!(
                !findings(&scan, "FAIL").is_empty() && findings(&scan, "UNKNOWN").is_empty(),
                "{:?}",
                findings(&scan, "UNKNOWN")
            );
            // Nothing could prevent anything there.
            let root = format!("arn:aws:iam::{account}:root");
            assert!(
                findings(&scan, "NOT_APPLICABLE").contains(&("guardrail-missing".to_owned(), root))
            );
            assert!(
                !findings(&scan, "FAIL")
                    .iter()
                    .any(|(check, _)| check == "guardrail-missing")
            );
        }
        let out = tempfile::tempdir().unwrap();
        assert_eq!(
            scan_as(&mock, &account, out.path(), &["--fail-on", "low"]).0,
            3,
            "findings decide"
        );
    }
}

#[test]
fn without_an_organisation_nothing_else_is_guessed() {
    let mock = Mock::with_faults(WORLD, &[NOT_IN_USE]);
    let account = mock.management_account();
    for (more, words) in [
        (
            vec!["--ous", "/Workloads"],
            "does not belong to an organisation",
        ),
        (vec!["--exclude-accounts", account], "no account is left"),
    ] {
        let out = tempfile::tempdir().unwrap();
        let (code, said) = scan_as(&mock, account, out.path(), &more);
        assert!(code == 1 && said.contains(words), "{code} {said}");
    }
    // Other accounts are entered by their roles.
    let member = &members(&mock)[0];
    let out = tempfile::tempdir().unwrap();
    let (code, said) = scan_as(&mock, account, out.path(), &["--accounts", member]);
    assert_eq!(
        (code, scanned(&only_scan(out.path()))),
        (0, [member.clone()].into()),
        "{said}"
    );
}

/// Accounts that are named are scanned though the organisation may not be read. That is said, what
/// rests on it is UNKNOWN, and nothing that was asked for is missing.
#[test]
fn a_member_account_that_is_named_needs_no_organisation() {
    for faults in [
        &[][..],
        &["organizations:DescribeOrganization=AccessDeniedException"],
    ] {
        let mock = Mock::with_faults(WORLD, faults);
        let member = members(&mock)[0].clone();
        let out = tempfile::tempdir().unwrap();
        let (code, said) = scan_as(&mock, &member, out.path(), &["--accounts", &member]);
        assert_eq!(code, 0, "{said}");
        assert!(
            said.contains("The credentials may not read the organisation")
                && said.contains(&format!("only account {member} is scanned")),
            "{said}"
        );
        let scan = only_scan(out.path());
        assert_eq!(scanned(&scan), [member.clone()].into());
        assert!(
            organization(&scan)
                .iter()
                .all(|(_, outcome)| outcome == "skipped"),
            "{:?}",
            organization(&scan)
        );
        let unknown: BTreeSet<String> = findings(&scan, "UNKNOWN")
            .into_iter()
            .map(|(check, _)| check)
            .collect();
        assert!(unknown.contains("guardrail-missing"), "{unknown:?}");
        assert!(
            !findings(&scan, "PASS")
                .iter()
                .any(|(check, _)| check == "guardrail-missing")
        );
    }
}

/// One account would pass for the whole organisation; and a fault is no answer.
#[test]
fn a_member_account_that_names_nothing_is_told_what_to_do() {
    let mock = Mock::start(WORLD);
    let member = members(&mock)[0].clone();
    let out = tempfile::tempdir().unwrap();
    let (code, said) = scan_as(&mock, &member, out.path(), &[]);
    assert_eq!(code, 1, "{said}");
    for words in ["delegated administrator", &format!("--accounts {member}")] {
        assert!(said.contains(words), "{said}");
    }
    let broken = Mock::with_faults(WORLD, &["organizations:ListRoots=ServiceException"]);
    let (code, said) = scan_as(
        &broken,
        broken.management_account(),
        out.path(),
        &["--accounts", &member, "--attempts", "1"],
    );
    assert_eq!(code, 1, "{said}");
}
