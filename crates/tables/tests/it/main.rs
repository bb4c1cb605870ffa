//! The dataset on disk.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod journal;
