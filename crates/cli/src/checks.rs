//! `lambdasweep checks`.

mod export;

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::Result;
use lambdasweep_checks::{Check, PRACTICES, Registry, lint_dir, practice};
use lambdasweep_model::printable;
use lambdasweep_report::{Cell, Look};

use crate::arguments::ChecksCommand;
use crate::{FAILED, FINE, Usage, layout, setup, terminal};

pub(crate) use export::ExportArguments;

pub(crate) fn run(command: &ChecksCommand) -> Result<u8> {
    match command {
        ChecksCommand::List { checks_dir, json } => {
            let registry = setup::registry(checks_dir.as_deref())?;
            terminal::own_result(&if *json {
                as_json(&registry)?
            } else {
                as_text(&registry)
            })?;
            Ok(FINE)
        }
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

fn as_json(registry: &Registry) -> Result<String> {
    let all: Vec<_> = registry
        .all()
        .map(|check| {
            serde_json::json!({
                "id": check.id,
                "title": check.title,
                "severity": check.gravest(),
                "severities": check.severities,
                "practice": check.practice,
                "practice_name": practice(check.practice),
                "subject": check.subject.as_str(),
                "facts": check.facts,
                "frameworks": check.frameworks,
            })
        })
        .collect();
    Ok(serde_json::to_string_pretty(&all)?)
}

/// The checks below their practices, the gravest first.
fn as_text(registry: &Registry) -> String {
    let mut practices: BTreeMap<u8, Vec<&Check>> = BTreeMap::new();
    for check in registry.all() {
        practices.entry(check.practice).or_default().push(check);
    }
    let mut out = String::new();
    let style = terminal::style();
    for (number, mut checks) in practices {
        checks.sort_by_key(|check| std::cmp::Reverse(check.gravest()));
        let name = practice(number)
            .map(|name| format!(": {name}"))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "{}",
            Look::TITLE.on(&format!("Practice {number}{name}"), style)
        );
        let rows = checks.iter().map(|check| {
            let severity = check.gravest();
            [
                Cell::new(&check.id),
                Cell::new(severity.as_str()).look(Look::of(severity)),
                Cell::new(&check.title),
            ]
        });
        layout::rows(&mut out, rows, 2);
    }
    out
}

/// What the numbers of practices mean, for the help.
pub(crate) fn practices() -> String {
    let mut out = "Each check belongs to a practice:\n".to_owned();
    for (number, (name, asks)) in (1..).zip(PRACTICES) {
        let _ = writeln!(out, "  {number:>2}  {name:24}{asks}");
    }
    out.push_str("Numbers 13 to 99 are free for your own practices.");
    out
}
