//! What a scan found, for people and for programs: one file a format.

mod jsonl;
mod summary;

pub use jsonl::{escaped, write_findings};
pub use summary::{AccountName, Style, Summary};
