//! Findings as JSON lines: one object a finding, with the columns of the table `findings` and the scan's id.

use std::io::{self, Write};

use lambdasweep_model::ScanId;
use lambdasweep_tables::FindingRow;

/// Writes findings, those that PASS only where they are asked for.
///
/// Every character that could act on a terminal is written as an escape.
///
/// # Errors
/// Where they cannot be written.
pub fn write_findings(out: &mut impl Write, scan_id: &ScanId, findings: &[FindingRow], with_pass: bool) -> io::Result<()> {
    for finding in findings.iter().filter(|finding| with_pass || finding.status != "PASS") {
        let line = serde_json::json!({
            "scan_id": scan_id,
            "account_id": finding.account_id,
            "region": finding.region,
            "resource_arn": finding.resource_arn,
            "resource_type": finding.resource_type,
            "check_id": finding.check_id,
            "status": finding.status,
            "severity": finding.severity,
            "detail": finding.detail,
            "fingerprint": finding.fingerprint,
        });
        out.write_all(escape(&line.to_string()).as_bytes())?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// JSON escapes the control characters of ASCII; this escapes the others that a terminal or a reader of lines may act on.
fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        let acts =
            matches!(c, '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        if acts { out.push_str(&format!("\\u{:04x}", u32::from(c))) } else { out.push(c) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::write_findings;
    use lambdasweep_tables::FindingRow;

    #[test]
    fn strangers_text_stays_text() {
        let row = |status: &str, detail: &str| FindingRow {
            account_id: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            resource_arn: "arn".to_owned(),
            resource_type: "function".to_owned(),
            check_id: "env-secret".to_owned(),
            status: status.to_owned(),
            severity: "high".to_owned(),
            detail: detail.to_owned(),
            fingerprint: "0".to_owned(),
        };
        let mut out = Vec::new();
        let id = "s".parse().expect("an id");
        write_findings(&mut out, &id, &[row("FAIL", "a\n\u{1b}[31m\"\u{202e}\u{9b}"), row("PASS", "fine")], false).expect("written");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains(r#""detail":"a\n\u001b[31m\"\u202e\u009b""#), "{text}");
    }
}
