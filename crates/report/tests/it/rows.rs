//! Rows to report.

use std::collections::BTreeMap;

use lambdasweep_model::Severity;
use lambdasweep_tables::{CheckResultRow, CoverageRow, FindingRow, Row};
use polars::prelude::DataFrame;

pub(crate) fn finding(account: &str, check: &str, severity: &str, status: &str) -> FindingRow {
    FindingRow {
        account_id: account.to_owned(),
        region: "eu-west-1".to_owned(),
        resource_arn: format!("arn:aws:lambda:eu-west-1:{account}:function:orders"),
        resource_type: "function".to_owned(),
        check_id: check.to_owned(),
        status: status.to_owned(),
        fault: String::new(),
        severity: severity.to_owned(),
        detail: "a detail".to_owned(),
        fingerprint: Some("0011223344556677".to_owned()),
    }
}

/// A finding of a resource of its own.
pub(crate) fn numbered(number: usize, finding: FindingRow) -> FindingRow {
    FindingRow {
        resource_arn: format!("{}-{number}", finding.resource_arn),
        ..finding
    }
}

pub(crate) fn coverage(
    account: &str,
    region: &str,
    resource: &str,
    fact: &str,
    outcome: &str,
    code: &str,
    message: &str,
) -> CoverageRow {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    CoverageRow {
        account_id: account.to_owned(),
        region: region.to_owned(),
        resource_arn: resource.to_owned(),
        fact: fact.to_owned(),
        outcome: outcome.to_owned(),
        error_code: filled(code),
        message: filled(message),
        attempts: 1,
    }
}

/// The findings as `Summary::add` takes them: their rows, and their numbers.
pub(crate) fn counted(findings: &[FindingRow]) -> (DataFrame, DataFrame) {
    let mut results: BTreeMap<[&str; 3], CheckResultRow> = BTreeMap::new();
    let mut last = None;
    for row in findings {
        let result = results
            .entry([&row.account_id, &row.region, &row.check_id])
            .or_insert_with(|| CheckResultRow {
                account_id: row.account_id.clone(),
                region: row.region.clone(),
                check_id: row.check_id.clone(),
                severity: row.severity.clone(),
                faults: 0,
                fail: 0,
                unknown: 0,
                pass: 0,
                not_applicable: 0,
            });
        result.severity = [&result.severity, &row.severity]
            .into_iter()
            .max_by_key(|it| it.parse::<Severity>().ok())
            .cloned()
            .unwrap_or_default();
        let place = (
            &row.account_id,
            &row.region,
            &row.resource_arn,
            &row.check_id,
        );
        let resources = i64::from(last != Some(place));
        last = Some(place);
        match row.status.as_str() {
            "FAIL" => {
                result.faults += 1;
                result.fail += resources;
            }
            "PASS" => result.pass += resources,
            "NOT_APPLICABLE" => result.not_applicable += resources,
            _ => result.unknown += resources,
        }
    }
    let results: Vec<_> = results.into_values().collect();
    (
        FindingRow::frame(findings).expect("a frame"),
        CheckResultRow::frame(&results).expect("a frame"),
    )
}
