//! The dataset: one file a table, rows in and Parquet out, the journal of a running scan, and the published scan.

mod batch;
mod error;
mod table;
mod tables;

pub use batch::{Batch, table};
pub use error::TablesError;
pub use table::{Cell, Column, Kind, Row, Table};
pub use tables::*;
