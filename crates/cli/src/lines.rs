//! Findings as JSON lines, beside the dataset.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Error, ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};
use lambdasweep_model::{ScanId, printable};
use lambdasweep_report::write_findings;
use lambdasweep_tables::FindingRow;

use crate::arguments::ScanArguments;

/// The file that is named, opened so that it is known to be writable; what it holds stays until
/// there are findings to write.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn open(arguments: &ScanArguments) -> Result<Option<File>> {
    let Some(path) = arguments
        .jsonl
        .as_deref()
        .filter(|path| *path != Path::new("-"))
    else {
        return Ok(None);
    };
    let opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    Ok(Some(opened.with_context(|| {
        format!(
            "cannot write {}; choose another file with --jsonl",
            named(path)
        )
    })?))
}

/// Where findings go as JSON lines. Where they cannot be written they end there; the dataset does
/// not need them.
pub(crate) struct Lines {
    out: BufWriter<Box<dyn Write + Send>>,
    name: String,
    with_pass: bool,
    failed: Option<Error>,
}

/// How lines ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All are written.
    Whole,
    /// Their reader had enough.
    Closed(String),
    /// They could not be written.
    Failed(String),
}

impl Lines {
    /// Begins to write to the file, or to standard output where there is none; nothing where no
    /// lines are asked for.
    ///
    /// # Errors
    /// Where the file cannot be emptied.
    pub(crate) fn begin(arguments: &ScanArguments, file: Option<File>) -> Result<Option<Self>> {
        let Some(path) = arguments.jsonl.as_deref() else {
            return Ok(None);
        };
        let name = if file.is_some() {
            named(path)
        } else {
            "standard output".to_owned()
        };
        let out: Box<dyn Write + Send> = match file {
            None => Box::new(std::io::stdout()),
            Some(file) => {
                // Pipes and devices hold nothing that could be in the way.
                if file.metadata().is_ok_and(|it| it.is_file()) {
                    file.set_len(0)
                        .with_context(|| format!("cannot empty {name}"))?;
                }
                Box::new(file)
            }
        };
        Ok(Some(Self::to(out, name, arguments.with_pass)))
    }

    fn to(out: Box<dyn Write + Send>, name: String, with_pass: bool) -> Self {
        Self {
            out: BufWriter::new(out),
            name,
            with_pass,
            failed: None,
        }
    }

    /// Writes findings, as long as they can be written.
    pub(crate) fn write(&mut self, scan_id: &ScanId, findings: &[FindingRow]) {
        if self.failed.is_none() {
            self.failed = write_findings(&mut self.out, scan_id, findings, self.with_pass).err();
        }
    }

    /// Writes what is left.
    pub(crate) fn end(mut self) -> Ended {
        let failed = self.failed.take().or_else(|| self.out.flush().err());
        match failed {
            None => Ended::Whole,
            Some(error) if error.kind() == ErrorKind::BrokenPipe => Ended::Closed(format!(
                "{} was closed before all findings were written to it",
                self.name
            )),
            Some(error) => Ended::Failed(format!("cannot write {}: {error}", self.name)),
        }
    }
}

fn named(path: &Path) -> String {
    printable(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind, Result, Write};

    use lambdasweep_tables::{FindingRow, Row};

    use super::{Ended, Lines};

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
    fn lines_that_cannot_be_written_end_and_say_why() {
        let texts: serde_json::Map<_, _> = FindingRow::TABLE
            .columns
            .iter()
            .map(|column| (column.name.to_owned(), "FAIL".into()))
            .collect();
        let finding: FindingRow = serde_json::from_value(texts.into()).expect("a row of texts");
        let id = "s1".parse().expect("an id");
        for (takes, kind) in [
            (0, ErrorKind::BrokenPipe),
            (100, ErrorKind::BrokenPipe),
            (0, ErrorKind::StorageFull),
            (9_000, ErrorKind::StorageFull),
        ] {
            for findings in [1, 1_000] {
                let mut lines = Lines::to(Box::new(Takes(takes, kind)), "it".to_owned(), false);
                (0..findings).for_each(|_| lines.write(&id, std::slice::from_ref(&finding)));
                let ended = lines.end();
                let fits = findings == 1 && takes == 9_000;
                assert_eq!(
                    ended == Ended::Whole,
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
