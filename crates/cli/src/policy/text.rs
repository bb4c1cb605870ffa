//! Answers of the policy engine as text for people. Everything that a stranger wrote goes through
//! `printable`.

use std::fmt::Write;

use lambdasweep_model::printable;
use lambdasweep_policy::exposure::Exposure;
use lambdasweep_policy::wire::{CheckAnswer, EvaluateAnswer, Further};
use lambdasweep_report::{Cell, Look};

use super::input::Source;
use crate::layout::{cell, exposure_look, marked, plain, section};

/// A document's answer.
pub(super) fn check(answer: &CheckAnswer) -> String {
    let mut out = String::new();
    match answer.exposure {
        Some(exposure) => {
            let _ = writeln!(
                out,
                "Exposure: {}",
                marked(exposure.as_str(), exposure_look(exposure.as_str()))
            );
            if answer.account.is_none() {
                out.push_str("  every account counts as foreign: name the policy's own account with --account or --resource\n");
            }
        }
        None => out.push_str(
            "Exposure: does not apply to policies that are attached to principals or accounts\n",
        ),
    }
    let by_service = [
        answer.source_accounts.as_slice(),
        &answer.source_organizations,
    ]
    .concat();
    let named = [
        ("accounts", &answer.accounts),
        ("organizations", &answer.organizations),
        ("of these by a service only", &by_service),
        ("services", &answer.services),
    ];
    for (what, names) in named {
        if !names.is_empty() {
            let _ = writeln!(
                out,
                "  {what}: {}",
                names
                    .iter()
                    .map(|name| printable(name))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
        }
    }
    let actions = answer
        .actions
        .iter()
        .map(|(action, exposure)| [plain(action), exposed(Some(*exposure))]);
    section(&mut out, "Actions", actions);
    let statements = answer.statements.iter().map(|it| {
        let sid = it.sid.as_deref().unwrap_or_default();
        [
            plain(&format!("#{}", it.index)),
            plain(it.effect),
            exposed(it.exposure),
            plain(sid),
            plain(it.reason.as_deref().unwrap_or_default()),
        ]
    });
    section(&mut out, "Statements", statements);
    let problems = answer.problems.iter().map(|problem| {
        let place = format!("{}:{}", problem.line, problem.column);
        let statement = problem
            .statement
            .map(|index| format!("#{index}"))
            .unwrap_or_default();
        let level = cell(
            problem.level,
            if problem.level == "error" {
                Look::BAD
            } else {
                Look::DOUBTFUL
            },
        );
        [
            level,
            plain(&place),
            plain(&statement),
            plain(problem.member.as_deref().unwrap_or_default()),
            plain(&problem.message),
        ]
    });
    section(&mut out, "Problems", problems);
    out
}

/// A request's answer.
pub(super) fn evaluate(answer: &EvaluateAnswer) -> String {
    let look = match answer.decision {
        "allowed" => Look::GOOD,
        "unknown" => Look::DOUBTFUL,
        _ => Look::BAD,
    };
    let mut out = format!("Decision: {}\n", marked(answer.decision, look));
    let kind = answer.denied_by.map(of_kind);
    match (answer.decision, kind) {
        ("implicitly-denied", Some(kind)) => {
            let _ = writeln!(out, "  nothing in {kind} allows it");
        }
        ("explicitly-denied", Some(kind)) => {
            let _ = writeln!(out, "  {kind} denies it");
        }
        ("unknown", Some(kind)) => {
            let _ = writeln!(out, "  {kind} cannot be decided");
        }
        _ => {}
    }
    for it in &answer.statements {
        let sid = it
            .sid
            .as_deref()
            .map(|sid| format!(", {}", printable(sid)))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "  by {}#{} ({}{sid})",
            it.policy, it.statement, it.effect
        );
    }
    out
}

fn of_kind(word: &str) -> &'static str {
    match word {
        "identity" => "the identity-based policies",
        "boundary" => "the permissions boundary",
        "session" => "the session policies",
        "resource" => "the resource-based policy",
        "scp" => "the service control policies",
        _ => "the resource control policies",
    }
}

fn exposed(exposure: Option<Exposure>) -> Cell {
    exposure.map_or_else(
        || Cell::new(""),
        |exposure| cell(exposure.as_str(), exposure_look(exposure.as_str())),
    )
}

/// An answer with the line of the batch above it.
pub(super) fn headed(source: &Source<'_>, words: String) -> String {
    source
        .line
        .map_or(words.clone(), |line| format!("Line {line}\n{words}"))
}

/// Why there is no answer.
pub(super) fn error(source: &Source<'_>, further: &Further, error: &str) -> String {
    let id = further
        .get("id")
        .map(|id| format!(" (id {})", printable(&id.to_string())))
        .unwrap_or_default();
    let place = source
        .line
        .map(|line| format!("Line {line}{id}\n"))
        .unwrap_or_default();
    format!(
        "{place}{}: {}\n",
        marked("error", Look::BAD),
        printable(error)
    )
}
