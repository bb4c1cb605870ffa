//! Findings as JSON lines: one object a finding, with the scan's id and the columns of the table `findings`.

use std::io::{self, Write};

use lambdasweep_model::{ScanId, Status, acts_on_terminal};
use lambdasweep_tables::FindingRow;
use serde::Serialize;

/// A line: the columns follow the table without being named here again.
#[derive(Serialize)]
struct Line<'a> {
    scan_id: &'a ScanId,
    #[serde(flatten)]
    finding: &'a FindingRow,
}

/// Writes findings, those that PASS only where they are asked for.
///
/// Texts stand as they are in the table, in JSON's escapes; beyond what JSON demands, every character that could act on a terminal or end a
/// line for some reader is an escape too. May be called again and again: nothing is kept between calls.
///
/// # Errors
/// Where they cannot be written.
pub fn write_findings(out: &mut impl Write, scan_id: &ScanId, findings: &[FindingRow], with_pass: bool) -> io::Result<()> {
    for finding in findings.iter().filter(|finding| with_pass || finding.status != Status::Pass.as_str()) {
        let line = serde_json::to_string(&Line { scan_id, finding })?;
        write_escaped(out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// JSON escapes the first controls of ASCII; this escapes the other characters that act. Outside of strings JSON holds none of them.
fn write_escaped(out: &mut impl Write, json: &str) -> io::Result<()> {
    let mut written = 0;
    for (at, c) in json.char_indices().filter(|&(_, c)| acts_on_terminal(c)) {
        out.write_all(&json.as_bytes()[written..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        written = at + c.len_utf8();
    }
    out.write_all(&json.as_bytes()[written..])
}
