//! Runs a check's query.

use std::thread;

use lambdasweep_model::printable;
use lambdasweep_tables::table;
use polars::prelude::{DataFrame, IntoLazy, LazyFrame};
use polars::sql::SQLContext;

use crate::check::Check;
use crate::frames::Frames;

/// Polars' SQL parser needs tens of kilobytes of stack for each level of an expression.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// Runs a check's query.
///
/// # Errors
/// A message, if it cannot be run.
pub(crate) fn run(frames: &Frames, check: &Check) -> Result<DataFrame, String> {
    apart(|| run_here(frames, check)).map_err(|error| format!("its query failed: {error}"))
}

fn run_here(frames: &Frames, check: &Check) -> Result<DataFrame, String> {
    // A separate context for each check: a context keeps the aliases of earlier queries and
    // confuses them with those of later ones.
    let mut sql = SQLContext::new();
    for name in check.reads.keys() {
        if let Some(frame) = frames
            .get(name)
            .cloned()
            .or_else(|| table(name).map(lambdasweep_tables::Table::empty))
        {
            sql.register(name, frame.lazy());
        }
    }
    sql.execute(&check.query)
        .and_then(LazyFrame::collect)
        .map_err(|error| {
            // Polars may print the whole query plan.
            let words: String = printable(&error.to_string()).chars().take(300).collect();
            words
        })
}

/// Runs a function in a separate thread, so that a panic in the query engine affects only this
/// check, and with enough stack for the deepest query that the linter allows.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    thread::scope(|scope| {
        let started = thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work);
        let started = started.map_err(|error| format!("cannot start a thread for it: {error}"))?;
        started
            .join()
            .unwrap_or_else(|_| Err("the query engine panicked".to_owned()))
    })
}
