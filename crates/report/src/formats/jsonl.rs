//! Findings as JSON lines: one object per finding, with the scan's id and the columns of the table
//! `findings`; and JSON that is safe to print.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use lambdasweep_model::{ScanId, Status, acts_on_terminal};
use lambdasweep_tables::{FindingRow, Row, TablesError};
use polars::prelude::{ChunkCompareEq, DataFrame};
use serde::Serialize;

use crate::{Format, Settings, Sink, Summary};

/// A line: the columns are those of the table, without repeating them here.
#[derive(Serialize)]
struct Line<'a> {
    scan_id: &'a ScanId,
    #[serde(flatten)]
    finding: &'a FindingRow,
}

pub(crate) const FORMAT: Format = Format {
    name: "jsonl",
    about: "findings as JSON lines, one object per finding",
    open: |out, settings| {
        Box::new(Lines {
            out,
            settings: settings.clone(),
        })
    },
};

/// Texts are those of the table, escaped as JSON; in addition to what JSON requires, every
/// character that could act on a terminal or end a line for some reader is escaped.
struct Lines {
    out: Box<dyn Write + Send>,
    settings: Settings,
}

impl Sink for Lines {
    fn findings(&mut self, findings: &DataFrame) -> io::Result<()> {
        let kept = if self.settings.with_pass {
            FindingRow::rows(findings)
        } else {
            loud(findings).and_then(|findings| FindingRow::rows(&findings))
        };
        let scan_id = &self.settings.scan_id;
        for finding in &kept.map_err(io::Error::other)? {
            let line = serde_json::to_string(&Line { scan_id, finding })?;
            writeln!(self.out, "{}", escaped(&line))?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        self.out.flush()
    }
}

/// The findings with a status other than PASS and NOT_APPLICABLE.
fn loud(findings: &DataFrame) -> Result<DataFrame, TablesError> {
    let statuses = findings.column("status")?.str()?;
    let is_loud = statuses.not_equal(Status::Pass.as_str())
        & statuses.not_equal(Status::NotApplicable.as_str());
    Ok(findings.filter(&is_loud)?)
}

/// JSON in which every character that could act on a terminal is escaped; JSON itself only requires
/// this for the ASCII control characters up to U+001F. Outside strings, JSON has no such characters
/// except line ends, which are kept.
pub fn escaped(json: &str) -> Cow<'_, str> {
    let acts = |c: char| c != '\n' && acts_on_terminal(c);
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    Cow::Owned(text)
}
