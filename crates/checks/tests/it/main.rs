//! The checks' own examples; what the linter, the parser and the registry tell; and what the engine
//! promises whatever a check's query says.
#![expect(clippy::unwrap_used, reason = "tests")]

mod engine;
mod examples;
mod files;
mod harness;
mod invariants;
mod lint;
