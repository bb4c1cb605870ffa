//! Listings of versions that break off, repeat themselves or leave something out.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::{Change, REGION, listing};
use crate::between::between;
use crate::harness::{Mock, only_scan, rows, run};

pub(super) fn coverage(out: &Path, fact: &str) -> Vec<[String; 3]> {
    let rows = rows(
        &only_scan(out),
        "coverage",
        &["fact", "resource_arn", "outcome", "error_code", "region"],
    );
    let of = rows
        .into_iter()
        .filter(|row| row[0] == fact && row[4] == REGION);
    of.map(|row| [row[1].clone(), row[2].clone(), row[3].clone()])
        .collect()
}

/// A later page that fails leaves what was listed to be judged, with all its versions: those are
/// asked for function by function.
#[test]
fn a_listing_that_breaks_off_is_completed_for_what_it_listed() {
    let spec = "accounts=1,regions=1,functions=120,seed=5,suspended=0,roleless=0";
    let mock = Mock::start(spec);
    let whole = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(whole.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let url = between(&mock, |call| {
        let mut answer = call.forward();
        if call.has("FunctionVersion=ALL") && call.has("Marker=") {
            (answer.status, answer.body) = (500, r#"{"message":"internal"}"#.to_owned());
        }
        answer
    });
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url, "--attempts", "2"]));
    assert_eq!(code, 4, "{said}");
    let columns = ["function_arn", "version", "role_arn", "runtime"];
    let all: BTreeSet<Vec<String>> = rows(&only_scan(whole.path()), "function_versions", &columns)
        .into_iter()
        .collect();
    let read: BTreeSet<Vec<String>> = rows(&only_scan(out.path()), "function_versions", &columns)
        .into_iter()
        .collect();
    let functions: BTreeSet<String> = rows(&only_scan(out.path()), "functions", &["function_arn"])
        .into_iter()
        .flatten()
        .collect();
    assert!(
        functions.len() > 20 && functions.len() < 120,
        "{}",
        functions.len()
    );
    assert_eq!(
        read,
        all.iter()
            .filter(|row| functions.contains(&row[0]))
            .cloned()
            .collect()
    );
    assert_eq!(coverage(out.path(), "versions"), [["", "ok", ""]]);
    assert_eq!(coverage(out.path(), "functions")[0][1], "failed");

    // What was listed without its name may have been a version of any function.
    let url = listing(&mock, |list| {
        if let Some(published) = list.iter_mut().find(|it| it["Version"] != "$LATEST") {
            published["FunctionArn"] = json!("orders");
        }
    });
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
    assert_eq!(code, 4, "{said}");
    let read: BTreeSet<Vec<String>> = rows(&only_scan(out.path()), "function_versions", &columns)
        .into_iter()
        .collect();
    assert_eq!(read, all);
}

#[test]
fn fewer_functions_than_are_counted_are_a_failure_and_so_are_strays() {
    let mock = Mock::start("accounts=1,regions=1,functions=20,seed=5,suspended=0,roleless=0");
    let changes: [(&str, &str, Change, usize); 5] = [
        ("none of them", "FewerThanCounted", Box::new(Vec::clear), 0),
        (
            "without one",
            "FewerThanCounted",
            Box::new(|list| drop(list.remove(0))),
            19,
        ),
        (
            "no ARN",
            "UnidentifiedItem",
            Box::new(|list| list[0]["FunctionArn"] = json!("orders")),
            19,
        ),
        (
            "of another account",
            "UnidentifiedItem",
            Box::new(|list| {
                list[0]["FunctionArn"] =
                    json!("arn:aws:lambda:us-east-1:999988887777:function:orders:$LATEST")
            }),
            19,
        ),
        (
            "a version that is none",
            "UnidentifiedItem",
            Box::new(|list| list[0]["Version"] = json!("live")),
            19,
        ),
    ];
    for (what, code_told, change, left) in changes {
        let url = listing(&mock, change);
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
        assert_eq!(code, 4, "{what}: {said}");
        let covered = coverage(out.path(), "functions");
        assert_eq!(covered.len(), 1, "{what}: {covered:?}");
        assert_eq!(
            (covered[0][1].as_str(), covered[0][0].as_str()),
            ("failed", ""),
            "{what}: {covered:?}"
        );
        assert!(
            covered[0][2] == code_told || covered[0][2] == "FewerThanCounted",
            "{what}: {covered:?}"
        );
        assert_eq!(
            rows(&only_scan(out.path()), "functions", &["function_arn"]).len(),
            left,
            "{what}"
        );
    }
}

#[test]
fn what_is_listed_twice_is_read_once_and_believed_only_where_both_say_the_same() {
    let mock = Mock::start("accounts=1,regions=1,functions=20,seed=5,suspended=0,roleless=0");
    for conflict in [false, true] {
        let url = listing(&mock, move |list| {
            let mut again = list[0].clone();
            if conflict {
                again["Role"] = json!("arn:aws:iam::999988887777:role/other");
            }
            list.push(again);
        });
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
        assert_eq!(code, if conflict { 4 } else { 0 }, "{said}");
        let arns = rows(&only_scan(out.path()), "functions", &["function_arn"]);
        assert_eq!(
            (arns.len(), arns.iter().collect::<BTreeSet<_>>().len()),
            (20, 20)
        );
        let doubts: Vec<[String; 3]> = coverage(out.path(), "versions")
            .into_iter()
            .filter(|row| !row[0].is_empty())
            .collect();
        let told: Vec<(&str, &str)> = doubts
            .iter()
            .map(|row| (row[1].as_str(), row[2].as_str()))
            .collect();
        assert_eq!(
            told,
            if conflict {
                vec![("failed", "ConflictingDuplicates")]
            } else {
                vec![]
            }
        );
    }
}

#[test]
fn a_version_without_what_aws_always_sends_is_not_believed() {
    let mock = Mock::start("accounts=1,regions=1,functions=20,seed=5,suspended=0,roleless=0");
    for member in ["Role", "Runtime"] {
        let url = listing(&mock, move |list| {
            let zip = list
                .iter_mut()
                .find(|it| it["PackageType"] == "Zip")
                .unwrap();
            zip.as_object_mut().unwrap().remove(member);
        });
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
        assert_eq!(code, 4, "{member}: {said}");
        let doubts = coverage(out.path(), "versions")
            .into_iter()
            .filter(|row| !row[0].is_empty())
            .count();
        assert_eq!(doubts, 1, "{member}");
        assert_eq!(
            rows(&only_scan(out.path()), "functions", &["function_arn"]).len(),
            20
        );
    }
}
