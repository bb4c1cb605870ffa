//! What can go wrong with a scan besides reading from AWS.

use std::path::PathBuf;

use lambdasweep_model::{AccountId, ScanId};
use lambdasweep_tables::TablesError;

/// What can go wrong with a scan besides reading from AWS.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The dataset or the journal cannot be read or written.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// There is nothing to resume.
    #[error("there is no unfinished scan in {}; leave out --resume to start a new one", root.display())]
    NothingUnfinished {
        /// The dataset.
        root: PathBuf,
    },
    /// The credentials are not those of the account that began the scan. Two organisations in one
    /// scan would be neither.
    #[error(
        "scan {scan_id} was started with credentials of account {begun_by}, and the current ones are of {caller}; resume with those, or start a new scan"
    )]
    OtherCaller {
        /// The scan.
        scan_id: ScanId,
        /// The account that began it.
        begun_by: String,
        /// The account of the credentials.
        caller: AccountId,
    },
    /// The request in the journal cannot be read.
    #[error("the request of the unfinished scan cannot be read; start a new scan: {0}")]
    Request(#[source] serde_json::Error),
    /// The dataset has tables of another version.
    #[error(
        "scan {scan_id} was published with version {found} of the tables, this lambdasweep has version {wanted}: judge it with the version that published it, or scan again"
    )]
    OtherVersion {
        /// The scan.
        scan_id: ScanId,
        /// Its version.
        found: u32,
        /// This version.
        wanted: u32,
    },
}
