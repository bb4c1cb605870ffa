//! What a report is: something that takes the checks, then findings batch by batch, then the
//! summary.

use std::io::{self, Write};

use lambdasweep_checks::Check;
use lambdasweep_model::ScanId;
use polars::prelude::DataFrame;

use crate::Summary;

/// A report that is being written. Its methods are called in the order in which they stand here:
/// `begin` once, `findings` once a batch, `finish` once.
pub trait Sink: Send {
    /// Takes the checks whose findings follow.
    ///
    /// # Errors
    /// Where the report cannot be written.
    fn begin(&mut self, _checks: &[&Check]) -> io::Result<()> {
        Ok(())
    }

    /// Takes findings: rows of the table `findings`, with all its columns.
    ///
    /// # Errors
    /// Where the report cannot be written.
    fn findings(&mut self, _findings: &DataFrame) -> io::Result<()> {
        Ok(())
    }

    /// Takes the summary, and writes what is left.
    ///
    /// # Errors
    /// Where the report cannot be written.
    fn finish(&mut self, _summary: &Summary) -> io::Result<()>;
}

/// An output format, as its file declares it.
#[derive(Debug)]
pub struct Format {
    /// What the option `--output` calls it.
    pub name: &'static str,
    /// What it writes, for the help.
    pub about: &'static str,
    /// Opens a report of this format.
    pub(crate) open: fn(Box<dyn Write + Send>, &Settings) -> Box<dyn Sink>,
}

/// What all reports of a scan are told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The scan.
    pub scan_id: ScanId,
    /// Whether PASS and NOT_APPLICABLE are written as well.
    pub with_pass: bool,
}
