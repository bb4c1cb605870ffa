//! The checks: one literate file each (documentation, query, examples), a linter that keeps their
//! queries portable, and the engine that runs them and keeps the promise that what was not read is
//! never a PASS.

mod answers;
mod builtin;
mod check;
mod engine;
mod evidence;
mod examples;
mod frames;
mod lint;
mod nearest;
mod parse;
mod practice;
mod registry;
mod subject;

pub use check::{Check, CheckError, Example, ExampleTable, Scope};
pub use engine::{Evaluation, check_results, evaluate};
pub use examples::run_example;
pub use frames::Frames;
pub use nearest::nearest;
pub use practice::{PRACTICES, practice};
pub use registry::{Linted, Registry, RegistryError, lint_dir};
