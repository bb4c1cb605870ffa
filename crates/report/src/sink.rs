//! The interface of reports: they receive the checks, then findings batch by batch, then the
//! summary.

use std::io::{self, Write};

use lambdasweep_checks::Check;
use lambdasweep_model::ScanId;
use polars::prelude::DataFrame;

use crate::Summary;

/// A report that is being written. Its methods are called in this order: `begin` once, `findings`
/// once per batch, `finish` once.
pub trait Sink: Send {
    /// Receives the checks whose findings follow.
    ///
    /// # Errors
    /// If the report cannot be written.
    fn begin(&mut self, _checks: &[&Check]) -> io::Result<()> {
        Ok(())
    }

    /// Receives findings: rows of the table `findings`, with all its columns.
    ///
    /// # Errors
    /// If the report cannot be written.
    fn findings(&mut self, _findings: &DataFrame) -> io::Result<()> {
        Ok(())
    }

    /// Receives the summary, and writes the rest.
    ///
    /// # Errors
    /// If the report cannot be written.
    fn finish(&mut self, _summary: &Summary) -> io::Result<()>;
}

/// The declaration of an output format.
#[derive(Debug)]
pub struct Format {
    /// Its name in the option `--output`.
    pub name: &'static str,
    /// Its description for the help.
    pub about: &'static str,
    /// Opens a report of this format.
    pub(crate) open: fn(Box<dyn Write + Send>, &Settings) -> Box<dyn Sink>,
}

/// The settings of all reports of a scan.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The scan.
    pub scan_id: ScanId,
    /// Whether PASS and NOT_APPLICABLE are written as well.
    pub with_pass: bool,
}
