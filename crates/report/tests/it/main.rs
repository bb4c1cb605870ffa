//! What people and programs read of a scan.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod jsonl;
mod rows;
mod summary;
