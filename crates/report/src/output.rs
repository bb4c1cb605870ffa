//! Writes a report to a file. If that fails, only the report ends: the dataset does not depend on
//! it.

use std::io::{BufWriter, Error, ErrorKind, Write};

use lambdasweep_checks::Check;
use polars::prelude::DataFrame;

use crate::{Format, Settings, Sink, Summary};

/// A report and its destination.
pub struct Output {
    name: String,
    sink: Box<dyn Sink>,
    failed: Option<Error>,
}

/// The outcome of writing a report.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was written completely.
    Complete,
    /// Its reader closed it, with a message.
    Closed(String),
    /// It could not be written, with a message.
    Failed(String),
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Output {
    /// A report of a format. `name` is the destination's name in messages; it is printed unchanged.
    pub fn new(
        format: &Format,
        name: String,
        out: Box<dyn Write + Send>,
        settings: &Settings,
    ) -> Self {
        let buffered = Box::new(BufWriter::new(out));
        Self {
            name,
            sink: (format.open)(buffered, settings),
            failed: None,
        }
    }

    /// Starts the report with the checks of its findings.
    pub fn begin(&mut self, checks: &[&Check]) {
        self.with(|sink| sink.begin(checks));
    }

    /// Adds findings, unless writing has failed before.
    pub fn findings(&mut self, findings: &DataFrame) {
        self.with(|sink| sink.findings(findings));
    }

    /// Writes the rest, and returns the outcome.
    pub fn finish(mut self, summary: &Summary) -> Ended {
        self.with(|sink| sink.finish(summary));
        match self.failed {
            None => Ended::Complete,
            Some(error) if error.kind() == ErrorKind::BrokenPipe => Ended::Closed(format!(
                "{} was closed before all findings were written to it",
                self.name
            )),
            Some(error) => Ended::Failed(format!("cannot write {}: {error}", self.name)),
        }
    }

    fn with(&mut self, write: impl FnOnce(&mut dyn Sink) -> std::io::Result<()>) {
        if self.failed.is_none() {
            self.failed = write(self.sink.as_mut()).err();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind, Result, Write};

    use lambdasweep_tables::{FindingRow, Row};

    use super::{Ended, Output};
    use crate::{FORMATS, Settings, Summary};

    /// Takes some bytes and then fails.
    struct Takes(usize, ErrorKind);

    impl Write for Takes {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            if self.0 == 0 {
                return Err(Error::from(self.1));
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_report_that_cannot_be_written_says_why() {
        let texts: serde_json::Map<_, _> = FindingRow::TABLE
            .columns
            .iter()
            .map(|column| (column.name.to_owned(), "FAIL".into()))
            .collect();
        let finding: FindingRow = serde_json::from_value(texts.into()).expect("a row of texts");
        let finding = FindingRow::frame(&[finding]).expect("a frame");
        let settings = Settings {
            scan_id: "s1".parse().expect("an id"),
            with_pass: false,
        };
        let jsonl = FORMATS
            .iter()
            .find(|it| it.name == "jsonl")
            .expect("it is there");
        for (takes, kind) in [
            (0, ErrorKind::BrokenPipe),
            (100, ErrorKind::BrokenPipe),
            (0, ErrorKind::StorageFull),
            (9_000, ErrorKind::StorageFull),
        ] {
            for findings in [1, 1_000] {
                let out = Box::new(Takes(takes, kind));
                let mut output = Output::new(jsonl, "it".to_owned(), out, &settings);
                (0..findings).for_each(|_| output.findings(&finding));
                let ended = output.finish(&Summary::default());
                let fits = findings == 1 && takes == 9_000;
                assert_eq!(
                    ended == Ended::Complete,
                    fits,
                    "{takes} {kind} {findings}: {ended:?}"
                );
                assert_eq!(
                    matches!(ended, Ended::Closed(_)),
                    !fits && kind == ErrorKind::BrokenPipe,
                    "{takes} {kind} {findings}: {ended:?}"
                );
            }
        }
    }
}
