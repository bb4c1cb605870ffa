//! Rows to report.

use lambdasweep_tables::{CoverageRow, FindingRow};

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
