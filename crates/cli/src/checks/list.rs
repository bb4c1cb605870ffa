//! `lambdasweep checks list`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Result;
use lambdasweep_checks::{Check, FRAMEWORKS, Framework, compare_controls, practice};
use lambdasweep_model::{Severity, nearest, printable};
use lambdasweep_report::{Cell, Look};

use crate::arguments::{local_path, severity};
use crate::{FINE, Usage, layout, setup, terminal};

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ListArguments {
    /// Only the checks of this practice.
    #[arg(long, value_name = "NUMBER")]
    practice: Option<u8>,
    /// Only checks that may find something of this severity or a higher one.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    severity: Option<Severity>,
    /// Which checks cover each control of this framework, such as cis-aws-compute-2.0, and which
    /// controls none covers.
    #[arg(long, value_name = "FRAMEWORK")]
    framework: Option<String>,
    /// A folder with your own checks.
    #[arg(long, value_name = "DIR", value_parser = local_path())]
    checks_dir: Option<PathBuf>,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &ListArguments) -> Result<u8> {
    let registry = setup::registry(arguments.checks_dir.as_deref())?;
    let mut checks: Vec<&Check> = registry.all().collect();
    if let Some(framework) = &arguments.framework {
        check_framework(framework, &checks)?;
        checks.retain(|check| check.frameworks.contains_key(framework));
    }
    if let Some(number) = arguments.practice {
        checks.retain(|check| check.practice == number);
    }
    if let Some(least) = arguments.severity {
        checks.retain(|check| check.gravest() >= least);
    }
    terminal::own_result(&match &arguments.framework {
        _ if arguments.json => as_json(&checks)?,
        Some(framework) => {
            let whole = arguments.practice.is_none() && arguments.severity.is_none();
            by_control(framework, &checks, whole)
        }
        None => as_text(&checks),
    })?;
    Ok(FINE)
}

/// Refuses a framework that neither this release nor a check knows.
fn check_framework(name: &str, checks: &[&Check]) -> Result<(), Usage> {
    let of_checks = checks.iter().flat_map(|check| check.frameworks.keys());
    let known: BTreeSet<&str> = of_checks
        .map(String::as_str)
        .chain(FRAMEWORKS.iter().map(|framework| framework.name))
        .collect();
    if known.contains(name) {
        return Ok(());
    }
    let meant = nearest(name, known.iter().copied())
        .map(|meant| format!(" (did you mean {meant}?)"))
        .unwrap_or_default();
    let known: Vec<&str> = known.into_iter().collect();
    Err(Usage(format!(
        "no check names the framework `{}`{meant}; the frameworks are {}",
        printable(name),
        known.join(", ")
    )))
}

fn as_json(checks: &[&Check]) -> Result<String> {
    let all: Vec<_> = checks
        .iter()
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
                "check_set": check.check_set,
            })
        })
        .collect();
    Ok(serde_json::to_string_pretty(&all)?)
}

/// The checks below their practices, the gravest first.
fn as_text(checks: &[&Check]) -> String {
    let mut practices: BTreeMap<u8, Vec<&Check>> = BTreeMap::new();
    for check in checks {
        practices.entry(check.practice).or_default().push(check);
    }
    let mut out = String::new();
    for (number, mut checks) in practices {
        checks.sort_by_key(|check| Reverse(check.gravest()));
        let name = practice(number)
            .map(|name| format!(": {name}"))
            .unwrap_or_default();
        title(&mut out, &format!("Practice {number}{name}"));
        let rows = checks.iter().map(|check| {
            let severity = check.gravest();
            [
                Cell::new(&check.id),
                Cell::new(severity.as_str()).look(Look::of(severity)),
                Cell::new(&title_of(check)),
            ]
        });
        layout::rows(&mut out, rows, 2);
    }
    if out.is_empty() {
        out.push_str("No check matches.\n");
    }
    out
}

fn title_of(check: &Check) -> String {
    match &check.check_set {
        Some(set) => format!("{} (with --check-set {set})", check.title),
        None => check.title.clone(),
    }
}

/// The controls of a framework, and the checks that cover each. If these are not the `whole` of the
/// checks, controls that they do not cover may have others, and are left out.
fn by_control(name: &str, checks: &[&Check], whole: bool) -> String {
    let known = FRAMEWORKS.iter().find(|framework| framework.name == name);
    let of_known = known.map_or(&[][..], |Framework { controls, .. }| controls);
    let mut controls: BTreeMap<&str, Vec<&str>> = of_known
        .iter()
        .filter(|_| whole)
        .map(|(control, _)| (*control, Vec::new()))
        .collect();
    for check in checks {
        for control in check.frameworks.get(name).into_iter().flatten() {
            controls.entry(control).or_default().push(&check.id);
        }
    }
    let open = controls.values().filter(|checks| checks.is_empty()).count();
    let mut sorted: Vec<_> = controls.into_iter().collect();
    sorted.sort_by(|a, b| compare_controls(a.0, b.0));
    let mut out = String::new();
    title(&mut out, name);
    let rows = sorted.iter().map(|(control, checks)| {
        let asks = of_known.iter().find(|(known, _)| known == control);
        [
            Cell::new(control),
            Cell::new(asks.map_or("", |(_, asks)| asks)),
            if checks.is_empty() {
                Cell::new("no check").look(Look::DOUBTFUL)
            } else {
                Cell::new(&checks.join(", "))
            },
        ]
    });
    layout::rows(&mut out, rows, 2);
    if whole && known.is_some() {
        let _ = writeln!(
            out,
            "{} of {} controls have a check.",
            sorted.len() - open,
            sorted.len()
        );
    }
    out
}

fn title(out: &mut String, text: &str) {
    let _ = writeln!(out, "{}", Look::TITLE.on(text, terminal::style()));
}
