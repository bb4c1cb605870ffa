//! Errors of the dataset.

use std::path::{Path, PathBuf};

use lambdasweep_model::ScanId;

/// An error of tables, the journal or a published scan.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// Polars could not build or read a frame.
    #[error("a table could not be built: {0}")]
    Polars(#[from] polars::prelude::PolarsError),
    /// Encoded rows could not be read or written.
    #[error("rows of the journal could not be encoded or decoded: {0}")]
    Encoding(#[from] postcard::Error),
    /// Compressed rows could not be read or written.
    #[error("rows of the journal could not be compressed or decompressed: {0}")]
    Compression(#[source] std::io::Error),
    /// A file or folder could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// The operation (`create`).
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A scan with this id is already published.
    #[error("scan {scan_id} is already published in {}; a published scan never changes: choose another --scan-id", root.display())]
    ScanExists {
        /// The id.
        scan_id: ScanId,
        /// The dataset.
        root: PathBuf,
    },
    /// A scan with this id was started and not finished.
    #[error("scan {scan_id} was started in {} and not finished; resume it with `--resume {scan_id}`, or choose another --scan-id", root.display())]
    ScanUnfinished {
        /// The id.
        scan_id: ScanId,
        /// The dataset.
        root: PathBuf,
    },
    /// There is no unfinished scan with that id.
    #[error("there is no unfinished scan {scan_id} in {}; leave out --resume to start a new one", root.display())]
    NothingToResume {
        /// The id.
        scan_id: ScanId,
        /// The dataset.
        root: PathBuf,
    },
    /// Another process has the journal open.
    #[error("{} is in use: another lambdasweep is running this scan", path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// The journal was written with another version of the tables.
    #[error(
        "{} was written with version {found} of the tables, but this lambdasweep has version {wanted}; finish the scan with the version that started it, or start a new one",
        path.display()
    )]
    OtherVersion {
        /// The journal.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// This version.
        wanted: u32,
    },
    /// A file is damaged.
    #[error("{} is damaged: {reason}; remove it and start a new scan", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Reading back a written file gave something else than what was written.
    #[error("{} does not read back as it was written: {reason}", path.display())]
    Unverified {
        /// The file.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// The manifest could not be written.
    #[error("cannot write the manifest of scan {scan_id}: {reason}")]
    Manifest {
        /// The scan.
        scan_id: ScanId,
        /// Why.
        reason: String,
    },
}

impl TablesError {
    pub(crate) fn file(
        action: &'static str,
        path: &Path,
        source: impl Into<std::io::Error>,
    ) -> Self {
        Self::File {
            action,
            path: path.to_owned(),
            source: source.into(),
        }
    }
}
