//! One line a finding, and strangers' text stays text.

use std::io::Write;
use std::sync::{Arc, Mutex};

use lambdasweep_report::{Ended, FORMATS, Output, Settings, Summary};
use lambdasweep_tables::{FindingRow, Row};

use crate::rows::finding;

/// Takes what is written, for all to see.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn output(out: impl Write + Send + 'static, with_pass: bool) -> Output {
    let format = FORMATS.iter().find(|it| it.name == "jsonl").unwrap();
    let settings = Settings {
        scan_id: "20261124T101500Z-0001".parse().unwrap(),
        with_pass,
    };
    Output::new(format, "it".to_owned(), Box::new(out), &settings)
}

fn written(findings: &[FindingRow], with_pass: bool) -> String {
    let out = Shared::default();
    let mut output = output(out.clone(), with_pass);
    output.findings(&FindingRow::frame(findings).unwrap());
    assert_eq!(output.finish(&Summary::default()), Ended::Complete);
    let bytes = out.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
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
