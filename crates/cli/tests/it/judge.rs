//! `judge` finds in a published scan what the scan itself found, with checks of one's own besides,
//! and changes nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Mock, only_scan, program, rows, run};

fn judge(out: &Path, more: &[&str]) -> Command {
    let mut command = program("111122223333");
    command.args(["judge", "--out"]).arg(out).args(more);
    command
}

/// Every file below a folder with its content.
fn files(folder: &Path) -> BTreeSet<(String, Vec<u8>)> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let content = std::fs::read(&path).unwrap();
            found.insert((path.display().to_string(), content));
        }
    }
    found
}

/// The findings of JSON lines, by the columns of the table.
fn findings(lines: &str, columns: &[&str]) -> BTreeSet<Vec<String>> {
    let rows = lines.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let cell = |column: &&str| line[*column].as_str().unwrap().to_owned();
        columns.iter().map(cell).collect()
    });
    rows.collect()
}

const COLUMNS: [&str; 9] = [
    "account_id",
    "region",
    "resource_arn",
    "resource_type",
    "check_id",
    "status",
    "fault",
    "severity",
    "detail",
];

/// Accounts that are suspended or cannot be entered and calls that are denied are in it, so that
/// there are gaps of every grain.
#[test]
fn a_published_scan_is_judged_as_it_was_when_it_was_published() {
    let mock = Mock::with_faults(
        "accounts=8,regions=2,functions=120,seed=11,suspended=1,roleless=1",
        &[
            "lambda:GetPolicy=ServiceException:7",
            "lambda:ListLayers@*/us-east-1=AccessDeniedException",
        ],
    );
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("data");
    let (code, said) = run(mock.scan(&out, &[]));
    assert!([0, 4].contains(&code), "{said}");
    let before = files(&out);
    let lines = folder.path().join("findings.jsonl");
    let output = format!("jsonl={}", lines.display());
    let (code, said) = run(judge(&out, &["--output", &output, "--with-pass"]));
    assert_eq!(code, 4, "{said}");
    let scan = only_scan(&out);
    let published: BTreeSet<_> = rows(&scan, "findings", &COLUMNS).into_iter().collect();
    let judged = findings(&std::fs::read_to_string(&lines).unwrap(), &COLUMNS);
    assert!(published.iter().any(|row| row[5] == "UNKNOWN"));
    assert_eq!(judged, published);
    assert_eq!(files(&out), before);
}

#[test]
fn checks_of_ones_own_are_tried_on_what_was_read() {
    let mock = Mock::start("accounts=2,regions=1,functions=20,seed=3");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("data");
    let (_, said) = run(mock.scan(&out, &["--checks", "env-secret"]));
    let checks = folder.path().join("checks");
    std::fs::create_dir(&checks).unwrap();
    let text = include_str!("../../../checks/checks/runtime-deprecated.md");
    let own = text.replace("id: runtime-deprecated", "id: runtime-old");
    std::fs::write(checks.join("runtime-old.md"), own).unwrap();
    let lines = folder.path().join("findings.jsonl");
    let folder_of_checks = checks.display().to_string();
    let (code, judged) = run(judge(
        &out,
        &[
            "--checks-dir",
            &folder_of_checks,
            "--checks",
            "runtime-old",
            "--with-pass",
            "--jsonl",
            lines.to_str().unwrap(),
        ],
    ));
    assert_eq!(code, 0, "{judged}");
    let functions = rows(&only_scan(&out), "functions", &["function_arn"]);
    let found = findings(
        &std::fs::read_to_string(&lines).unwrap(),
        &["resource_arn", "check_id"],
    );
    let expected: BTreeSet<_> = functions
        .into_iter()
        .map(|mut row| {
            row.push("runtime-old".to_owned());
            row
        })
        .collect();
    assert_eq!(found, expected, "{said}");
    // What the scan did not read for its own check is no PASS of another.
    let (code, said) = run(judge(
        &out,
        &[
            "--checks",
            "concurrency-unreserved",
            "--jsonl",
            "-",
            "--with-pass",
        ],
    ));
    assert_eq!(code, 0, "{said}");
    let answers = said.lines().filter(|line| line.starts_with('{'));
    assert!(answers.clone().count() > 0, "{said}");
    for line in answers {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["status"], "UNKNOWN", "{line}");
    }
}

#[test]
fn what_cannot_be_judged_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    for (more, code, words) in [
        (&[][..], 1, "there is no published scan in"),
        (&["--scan", "s1"][..], 1, "cannot read"),
        (&["--scan", "../s1"][..], 2, "--scan"),
        (&["--checks", "policy-publik"][..], 2, "policy-public"),
        (
            &["--output", "xml=file"][..],
            2,
            "there is no format `xml`; use one of jsonl, summary",
        ),
        (&["--output", "jsonl"][..], 2, "use FORMAT=FILE"),
        (
            &["--output", "jsonl=s3://bucket/file"][..],
            2,
            "it is an address",
        ),
    ] {
        let (ended, said) = run(judge(out, more));
        assert_eq!(ended, code, "{more:?}: {said}");
        assert!(said.contains(words), "{more:?}: {said}");
    }
    let mock = Mock::start("accounts=1,regions=1,functions=2,seed=4");
    let data = out.join("data");
    let (_, said) = run(mock.scan(&data, &[]));
    let file = out.join("report").display().to_string();
    let output = |format: &str| format!("{format}={file}");
    let both = ["--output", &output("jsonl"), "--output", &output("summary")];
    for (more, words) in [
        (&both[..], "two reports cannot both go to"),
        (
            &["--with-pass"][..],
            "no JSON lines are written: add --jsonl FILE",
        ),
    ] {
        let (code, told) = run(judge(&data, more));
        assert_eq!(code, 2, "{told}{said}");
        assert!(told.contains(words), "{told}");
    }
    let (code, told) = run(judge(&data, &["--output", &output("summary")]));
    assert_eq!(code, 0, "{told}");
    let summary = std::fs::read_to_string(out.join("report")).unwrap();
    assert!(summary.contains("2 functions"), "{summary}");
}
