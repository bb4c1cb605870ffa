//! What a scan found, for people and for programs: one file a format.

mod jsonl;
mod layout;
mod summary;

pub use jsonl::{escaped, write_findings};
pub use layout::{Cell, Look, columns, counted, grouped, paragraph};
pub use summary::{AccountName, Style, Summary};
