//! An explanation as text for people. Everything that a stranger wrote goes through `printable`.

use std::fmt::Write;

use lambdasweep_model::printable;
use lambdasweep_report::{Cell, Look};

use super::answer::{Answer, Deciding};
use super::facts::Gap;
use super::role::Role;
use super::role::text::{doubts, granted, leads_to, set_up};
use super::{Explanation, Invoking, Policy};
use crate::layout::{cell, exposure_look, marked, paragraph, plain, section};

/// How many grants and roles are shown where not all are asked for.
const MOST_ROWS: usize = 20;

/// The explanation; `all` rows, or the first of those that may be many.
pub(super) fn render(explanation: &Explanation<'_>, all: bool) -> String {
    let most = most_rows(all);
    let mut out = String::new();
    let Explanation {
        function_arn,
        account_name,
        account_place,
        scan_id,
        scanned_at,
        ..
    } = explanation;
    heading(
        &mut out,
        function_arn,
        *account_name,
        *account_place,
        scan_id,
        scanned_at,
    );
    if let Some(answer) = &explanation.answer {
        out.push('\n');
        answered(&mut out, answer);
    }
    let exposure = marked(explanation.exposure, exposure_look(explanation.exposure));
    let _ = writeln!(out, "\nInvocation by resource policies: {exposure}");
    invoking(&mut out, &explanation.invoking_roles, most);
    let unread = explanation
        .unknown
        .iter()
        .any(|gap| gap.fact == "resource_policies");
    for policy in &explanation.resource_policies {
        out.push('\n');
        policy_of(&mut out, policy, unread);
    }
    let urls = explanation.function_urls.iter().map(|url| {
        [
            plain(url.qualifier),
            plain(url.url),
            plain(url.auth_type),
            cell(url.exposure, exposure_look(url.exposure)),
            plain(url.reason),
        ]
    });
    spaced(&mut out, "Function URLs", urls);
    role(&mut out, &explanation.execution_role, most);
    let guardrails = explanation.guardrails.iter().map(|it| {
        let look = match it.prevented {
            "yes" => Look::GOOD,
            "no" => Look::BAD,
            _ => Look::DOUBTFUL,
        };
        [
            plain(it.guardrail),
            cell(it.prevented, look),
            plain(it.policy.unwrap_or_default()),
            plain(it.reason),
        ]
    });
    spaced(
        &mut out,
        "Prevented by service control policies",
        guardrails,
    );
    not_read(&mut out, explanation.unknown);
    out
}

/// How many rows are shown of what may be many.
pub(super) const fn most_rows(all: bool) -> usize {
    if all { usize::MAX } else { MOST_ROWS }
}

/// What is explained, where it belongs, and by which scan.
pub(super) fn heading(
    out: &mut String,
    arn: &str,
    account: Option<&str>,
    place: Option<&str>,
    scan_id: &str,
    scanned_at: &str,
) {
    let _ = writeln!(out, "{}", printable(arn));
    let place = place
        .map(|place| format!(" ({})", printable(place)))
        .unwrap_or_default();
    let account = account
        .map(|name| format!("account {}{place}, ", printable(name)))
        .unwrap_or_default();
    let seconds = scanned_at
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end_matches('Z');
    paragraph(
        out,
        &format!(
            "{account}scan {} of {}Z",
            printable(scan_id),
            printable(seconds)
        ),
        2,
    );
}

/// What the scan did not read.
pub(super) fn not_read(out: &mut String, gaps: &[Gap]) {
    let unknown = gaps
        .iter()
        .map(|gap| [cell(gap.fact, Look::DOUBTFUL), plain(&gap.reason)]);
    spaced(out, "Not read, and therefore unknown", unknown);
}

fn spaced<const N: usize>(out: &mut String, title: &str, rows: impl Iterator<Item = [Cell; N]>) {
    let mut rows = rows.peekable();
    if rows.peek().is_some() {
        out.push('\n');
        section(out, title, rows);
    }
}

fn policy_of(out: &mut String, policy: &Policy<'_>, unread: bool) {
    let of = if policy.qualifier.is_empty() {
        "the function itself".to_owned()
    } else {
        printable(policy.qualifier)
    };
    if policy.statements.is_empty() {
        let none = if unread { "not known" } else { "there is none" };
        let _ = writeln!(out, "Resource policy of {of}: {none}");
        return;
    }
    let statements = policy.statements.iter().map(|it| {
        let conditions = if it.condition_keys.is_empty() {
            String::new()
        } else {
            format!(" if {}", it.condition_keys)
        };
        let what = format!("{}: {}{conditions}", it.principals, it.actions);
        let (index, exposure) = (
            plain(&format!("#{}", it.index)),
            cell(it.exposure, exposure_look(it.exposure)),
        );
        [
            index,
            plain(it.effect),
            exposure,
            plain(it.sid.unwrap_or_default()),
            plain(&what),
            plain(it.reason),
        ]
    });
    section(out, &format!("Resource policy of {of}"), statements);
}

/// Who of the account itself may invoke the function.
fn invoking(out: &mut String, roles: &[Invoking<'_>], most: usize) {
    paragraph(
        out,
        "Roles of its account that may invoke it by their own policies, of those that Lambda may assume (the scan does not read other \
        roles' and users' policies):",
        2,
    );
    if roles.is_empty() {
        out.push_str("    none\n");
    }
    for it in roles.iter().take(most) {
        let sure = if it.sure {
            ""
        } else {
            " (depends on conditions)"
        };
        let (role, action, policy) = (
            printable(it.role_arn),
            printable(it.grant.action),
            printable(it.grant.policy),
        );
        paragraph(
            out,
            &format!(
                "{role}: {action} in policy {policy} #{}{sure}",
                it.grant.statement_index
            ),
            4,
        );
    }
    more(out, roles.len(), most);
}

fn role(out: &mut String, role: &Role<'_>, most: usize) {
    out.push('\n');
    paragraph(out, &format!("Execution role {}", printable(role.arn)), 0);
    set_up(out, role);
    if let Some(privilege) = role.privilege {
        paragraph(out, &format!("privilege: {}", printable(privilege)), 2);
    }
    for escalation in &role.escalations {
        paragraph(
            out,
            &format!(
                "can get more by {}: {}",
                printable(escalation.path_id),
                leads_to(escalation)
            ),
            2,
        );
    }
    if !role.escalations.is_empty() {
        paragraph(
            out,
            "for each step: lambdasweep explain --role with its ARN",
            2,
        );
    }
    doubts(out, role);
    granted(out, role, most);
}

pub(super) fn more(out: &mut String, rows: usize, most: usize) {
    if rows > most {
        let _ = writeln!(out, "    and {} more: --all lists them", rows - most);
    }
}

fn answered(out: &mut String, answer: &Answer) {
    let look = match answer.decision {
        "allowed" => Look::GOOD,
        "unknown" => Look::DOUBTFUL,
        _ => Look::BAD,
    };
    let qualifier = if answer.qualifier.is_empty() {
        String::new()
    } else {
        format!(" of {}", printable(&answer.qualifier))
    };
    let (principal, action) = (printable(&answer.principal), printable(&answer.action));
    // The decision comes first: a principal may be long, and colours must not be counted where
    // lines are wrapped.
    let _ = writeln!(out, "Decision: {}", marked(answer.decision, look));
    paragraph(out, &format!("{principal} {action}{qualifier}"), 2);
    for deciding in &answer.decided_by {
        paragraph(out, &format!("by {}", by(deciding)), 2);
    }
    if let Some(kind) = answer.denied_by {
        let silence = if answer.decision == "implicitly-denied" {
            "nothing allows it in the"
        } else {
            "denied by a"
        };
        let _ = writeln!(out, "  {silence} {kind}");
    }
    if !answer.depends_on.is_empty() {
        let keys = printable(&answer.depends_on.join(", "));
        paragraph(
            out,
            &format!("it depends on {keys}: give what is known with --context KEY=VALUE"),
            2,
        );
    }
    for what in &answer.unknowns {
        paragraph(out, &format!("not in the scan: {}", printable(what)), 2);
    }
    let statements = answer.statements.iter().map(|it| {
        let look = match it.effect {
            "allows" => Look::GOOD,
            "denies" => Look::BAD,
            _ => Look::DOUBTFUL,
        };
        let effect = if it.effect == "does not apply" {
            plain(it.effect)
        } else {
            cell(it.effect, look)
        };
        [
            plain(&format!("#{}", it.index)),
            effect,
            plain(it.sid.as_deref().unwrap_or_default()),
            plain(&it.depends_on.join(", ")),
        ]
    });
    section(
        out,
        "  The statements of the resource policy for this call",
        statements,
    );
}

fn by(deciding: &Deciding) -> String {
    let sid = deciding
        .sid
        .as_deref()
        .map(|sid| format!(" ({})", printable(sid)))
        .unwrap_or_default();
    let statement = match (deciding.effect, deciding.statement) {
        (Some(effect), Some(index)) => format!(": {effect} statement #{index}{sid}"),
        _ => String::new(),
    };
    format!("{}{statement}", printable(&deciding.policy))
}
