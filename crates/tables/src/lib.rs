//! The dataset: one source file per table, typed rows, Parquet files, the journal of a running
//! scan, and the published scan.

mod batch;
mod by_account;
mod error;
mod fact;
mod journal;
mod latest;
mod look_up;
mod packed;
mod parquet_file;
mod publish;
mod row_groups;
mod table;
mod tables;
mod unit;

pub use batch::{Batch, table};
pub use by_account::TableReader;
pub use error::TablesError;
pub use fact::{Fact, Grain, list as facts};
pub use journal::{Journal, JournalHeader, Retraction};
pub use latest::update_latest;
pub use packed::Packed;
pub use publish::{
    Manifest, ManifestFile, ManifestInfo, Publication, Scan, TableWriter, check_root,
};
pub use table::{Cell, Column, Form, Kind, Reference, Row, Subject, Table};
pub use tables::*;
pub use unit::{Unit, UnitError};

/// The version of the tables and of journals: it is incremented when a column changes its meaning,
/// values, name or type, or is removed, and when a build cannot continue the journals of earlier ones.
pub const SCHEMA_VERSION: u32 = 8;
