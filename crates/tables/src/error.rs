//! What can go wrong with a dataset.

use std::path::PathBuf;

/// What can go wrong with tables, the journal and a published scan.
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
    #[error("cannot {action} {path}: {source}")]
    File {
        /// What was tried (`create`).
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
