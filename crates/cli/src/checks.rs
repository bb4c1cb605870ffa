//! `lambdasweep checks`.

mod export;
mod list;

use std::fmt::Write;

use anyhow::Result;
use lambdasweep_checks::{PRACTICES, lint_dir};
use lambdasweep_model::printable;

use crate::arguments::ChecksCommand;
use crate::{FAILED, FINE, Usage, setup, terminal};

pub(crate) use export::ExportArguments;
pub(crate) use list::ListArguments;

pub(crate) fn run(command: &ChecksCommand) -> Result<u8> {
    match command {
        ChecksCommand::List(arguments) => list::run(arguments),
        ChecksCommand::Show { id, checks_dir } => {
            let registry = setup::registry(checks_dir.as_deref())?;
            let check = registry.get(id).map_err(|error| Usage(error.to_string()))?;
            terminal::own_result(&check.markdown)?;
            Ok(FINE)
        }
        ChecksCommand::Export(arguments) => export::run(arguments),
        ChecksCommand::Lint { dir } => {
            let linted = lint_dir(dir)?;
            for warning in &linted.warnings {
                terminal::note(&format!("warning: {warning}"));
            }
            for problem in &linted.problems {
                // An example that does not hold is reported with the rows that differ.
                let mut lines = problem.lines();
                terminal::error(lines.next().unwrap_or_default());
                lines.for_each(|line| terminal::note(&printable(line)));
            }
            let counted = |count: usize, what: &str| {
                format!("{count} {what}{}", if count == 1 { "" } else { "s" })
            };
            terminal::own_result(&format!(
                "{}, {}",
                counted(linted.checks, "check"),
                counted(linted.problems.len(), "problem")
            ))?;
            Ok(if linted.problems.is_empty() {
                FINE
            } else {
                FAILED
            })
        }
    }
}

/// What the numbers of practices mean, for the help.
pub(crate) fn practices() -> String {
    let mut out = "Each check belongs to a practice:\n".to_owned();
    for (number, (name, asks)) in (1..).zip(PRACTICES) {
        let _ = writeln!(out, "  {number:>2}  {name:24}{asks}");
    }
    out.push_str("Numbers 14 to 99 are free for your own practices.");
    out
}
