//! The checks: one literate file each (documentation, query, examples), a linter that keeps their
//! queries portable, and the engine that evaluates them and ensures that what was not read is never
//! a PASS.

mod answers;
mod builtin;
mod check;
mod columns;
mod coverage;
mod engine;
mod evidence;
mod examples;
pub mod export;
mod findings;
mod fold;
mod frames;
mod framework;
mod lint;
mod nearest;
mod parse;
mod practice;
mod query;
mod registry;
mod subject;
mod subjects;
#[cfg(test)]
mod testing;

pub use check::{Check, CheckError, Example, ExampleTable};
pub use engine::{Evaluation, Phases, evaluate};
pub use examples::run_example;
pub use frames::Frames;
pub use framework::{FRAMEWORKS, Framework, compare_controls};
pub use nearest::nearest;
pub use practice::{PRACTICES, practice};
pub use registry::{Linted, Registry, RegistryError, lint_dir};
pub use subject::{SubjectKind, is_read_by_reference};
