//! One line a finding, and strangers' text stays text.

use lambdasweep_report::write_findings;
use lambdasweep_tables::{FindingRow, Row};

use crate::rows::finding;

fn written(findings: &[FindingRow], with_pass: bool) -> String {
    let mut out = Vec::new();
    write_findings(
        &mut out,
        &"20261124T101500Z-0001".parse().unwrap(),
        findings,
        with_pass,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_line_has_the_table_s_columns() {
    let text = written(
        &[finding("111122223333", "env-secret", "high", "FAIL")],
        false,
    );
    insta::assert_snapshot!(text);
    let line: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let columns: Vec<&str> = std::iter::once("scan_id")
        .chain(FindingRow::TABLE.columns.iter().map(|column| column.name))
        .collect();
    assert_eq!(line.keys().map(String::as_str).collect::<Vec<_>>(), columns);
}

#[test]
fn passes_are_written_where_they_are_asked_for() {
    let rows = ["FAIL", "UNKNOWN", "PASS"]
        .map(|status| finding("111122223333", "env-secret", "high", status));
    assert_eq!(written(&rows, false).lines().count(), 2);
    assert_eq!(written(&rows, true).lines().count(), 3);
    assert_eq!(written(&[], true), "");
}

#[test]
fn strangers_text_stays_text() {
    let hostile = "a\n\r\u{1b}[31m\"\\\u{202e}\u{9b}\u{2028}\u{2029}\u{7f}\u{feff}\u{e0041}\u{ad} größe 日本 \u{1f600}";
    let mut row = finding("111122223333", "env-secret", "high", "FAIL");
    row.detail = hostile.to_owned();
    row.resource_arn = hostile.to_owned();
    let text = written(&[row], false);
    assert_eq!(text.lines().count(), 1);
    assert!(
        !text
            .trim_end_matches('\n')
            .chars()
            .any(lambdasweep_model::acts_on_terminal),
        "{text:?}"
    );
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (line["detail"].as_str(), line["resource_arn"].as_str()),
        (Some(hostile), Some(hostile))
    );
}

/// A full disk is told, not swallowed.
#[test]
fn what_cannot_be_written_is_an_error() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let rows = [finding("111122223333", "env-secret", "high", "FAIL")];
    let error = write_findings(
        &mut Full,
        &"20261124T101500Z-0001".parse().unwrap(),
        &rows,
        false,
    )
    .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
}
