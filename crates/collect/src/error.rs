//! Errors that end a scan.

use lambdasweep_aws::CallError;
use lambdasweep_model::AccountId;
use lambdasweep_tables::TablesError;

use crate::request::ScopeError;

/// An error that ends a scan. A unit that cannot be read does not; it is recorded in coverage.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The organisation could not be read.
    #[error(
        "cannot read the organisation: {error}; use credentials of the management account or of a delegated administrator, or name accounts with --accounts, such as --accounts {account} for these credentials' own"
    )]
    Organization {
        /// Why.
        error: Box<CallError>,
        /// The account of the credentials.
        account: AccountId,
    },
    /// The request names something that does not exist.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// The journal could not be written or read.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// A part of the scan stopped unexpectedly; the journal has everything that was read until
    /// then.
    #[error("reading {unit} stopped unexpectedly")]
    Stopped {
        /// The unit.
        unit: String,
    },
}
