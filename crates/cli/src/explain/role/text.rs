//! A role as text for people. Everything that a stranger wrote goes through `printable`.

use std::fmt::Write;

use lambdasweep_model::printable;
use lambdasweep_report::Look;

use super::{Escalation, Grant, Role, RoleExplanation, Step};
use crate::explain::text::{heading, more, most_rows, not_read};
use crate::layout::{marked, paragraph};

/// The explanation; `all` rows, or the first of those that may be many.
pub(in crate::explain) fn render(explanation: &RoleExplanation<'_>, all: bool) -> String {
    let most = most_rows(all);
    let mut out = String::new();
    let RoleExplanation {
        scan_id,
        scanned_at,
        account_name,
        account_place,
        role,
        executing_functions,
        unknown,
    } = explanation;
    heading(
        &mut out,
        role.arn,
        *account_name,
        *account_place,
        scan_id,
        scanned_at,
    );
    let privilege = role.privilege.unwrap_or("unknown");
    let look = if matches!(privilege, "administrator" | "near-administrator") {
        Look::BAD
    } else {
        Look::DOUBTFUL
    };
    let near = role
        .near_administrator_reasons
        .filter(|it| !it.is_empty())
        .map(|it| format!(" ({})", printable(it)))
        .unwrap_or_default();
    let shown = if privilege == "limited" {
        privilege.to_owned()
    } else {
        marked(privilege, look)
    };
    let _ = writeln!(out, "\nPrivilege: {shown}{near}");
    doubts(&mut out, role);
    paths(&mut out, role, most);
    out.push_str("\nPolicies, trust and use\n");
    set_up(&mut out, role);
    if executing_functions.is_empty() {
        out.push_str("  no function executes with it\n");
    }
    for function in executing_functions.iter().take(most) {
        paragraph(
            &mut out,
            &format!("execution role of {}", printable(function)),
            2,
        );
    }
    more(&mut out, executing_functions.len(), most);
    if role.trusts_lambda == Some(false) {
        paragraph(
            &mut out,
            "what it is granted is not in the scan, which has the grants of roles that Lambda may assume",
            2,
        );
    }
    granted(&mut out, role, most);
    not_read(&mut out, unknown);
    out
}

/// What is set on a role, line by line.
pub(in crate::explain) fn set_up(out: &mut String, role: &Role<'_>) {
    line(out, "policies", &role.policies.join(", "));
    line(
        out,
        "permissions boundary",
        role.permissions_boundary.unwrap_or_default(),
    );
    line(out, "trusts", role.trusted_principals.unwrap_or_default());
}

/// Why it may be allowed more or less than is shown.
pub(in crate::explain) fn doubts(out: &mut String, role: &Role<'_>) {
    line(
        out,
        "it may be allowed more",
        role.unknown_allow_reason.unwrap_or_default(),
    );
    line(
        out,
        "it may be allowed less",
        role.unknown_deny_reason.unwrap_or_default(),
    );
}

fn line(out: &mut String, what: &str, names: &str) {
    if !names.is_empty() {
        paragraph(out, &format!("{what}: {}", printable(names)), 2);
    }
}

fn paths(out: &mut String, role: &Role<'_>, most: usize) {
    match role.escalations.len() {
        0 if role.privilege == Some("administrator") => {
            out.push_str("\nIt may do everything: no path leads to more\n")
        }
        0 => out.push_str("\nNo path to more privilege is open to it\n"),
        1 => out.push_str("\nOne path to more privilege is open to it\n"),
        count => drop(writeln!(
            out,
            "\n{count} paths to more privilege are open to it; of each the shortest way"
        )),
    }
    for (at, escalation) in role.escalations.iter().take(most).enumerate() {
        if at > 0 {
            out.push('\n');
        }
        path(out, escalation, role.arn);
    }
    more(out, role.escalations.len(), most);
    line(
        out,
        "more paths may be open to it",
        role.more_paths_reason.unwrap_or_default(),
    );
}

fn path(out: &mut String, escalation: &Escalation<'_>, role_arn: &str) {
    paragraph(
        out,
        &format!(
            "{}: {}",
            printable(escalation.path_id),
            printable(escalation.path_name)
        ),
        2,
    );
    let ways = if escalation.ways > 1 {
        format!(" (the shortest of {} ways)", escalation.ways)
    } else {
        String::new()
    };
    paragraph(out, &format!("leads to {}{ways}", leads_to(escalation)), 4);
    let mut holds = role_arn;
    for (number, step) in (1..).zip(&escalation.steps) {
        taken(out, number, step, holds);
        holds = step.to_role_arn.unwrap_or(holds);
    }
}

/// What a path leads to, and whether only perhaps.
pub(in crate::explain) fn leads_to(escalation: &Escalation<'_>) -> String {
    let target = escalation
        .target_role_arn
        .map(|arn| format!("{}, {}", printable(arn), of_privilege(escalation.reached)));
    let what = target.unwrap_or_else(|| match escalation.reached {
        "every-permission" => "every permission".to_owned(),
        "user" => "the permissions of an IAM user".to_owned(),
        other => printable(other),
    });
    if escalation.conditional {
        format!("{what}, if conditions hold that policies alone do not tell")
    } else {
        what
    }
}

fn of_privilege(reached: &str) -> String {
    match reached {
        "administrator" => "an administrator".to_owned(),
        "near-administrator" => "which is near to an administrator".to_owned(),
        "unknown" => "whose privilege is not known".to_owned(),
        other => printable(other),
    }
}

fn taken(out: &mut String, number: usize, step: &Step<'_>, holds: &str) {
    // Where two roles are needed together, the second way begins where the first did.
    let by = if step.from_role_arn == holds {
        String::new()
    } else {
        format!(" as {}", printable(step.from_role_arn))
    };
    let through = step.through.map(|it| {
        format!(
            " {} {}",
            if step.presumed {
                "where something runs in"
            } else {
                "on"
            },
            printable(it)
        )
    });
    let to = step
        .to_role_arn
        .map(|arn| format!(" to act as {}", printable(arn)))
        .unwrap_or_default();
    let open = if step.conditional {
        ", if conditions hold"
    } else {
        ""
    };
    let (id, name) = (printable(step.path_id), printable(step.path_name));
    paragraph(
        out,
        &format!(
            "{number}. {id} ({name}){by}{}{to}{open}",
            through.unwrap_or_default()
        ),
        4,
    );
    for evidence in &step.evidence {
        paragraph(out, &format!("by {}", printable(evidence)), 8);
    }
}

/// The grants, below the policies and the statements that give them.
pub(in crate::explain) fn granted(out: &mut String, role: &Role<'_>, most: usize) {
    // Policies' ARNs are long and repeat themselves, and so do the resources of a statement: each
    // stands once, above what it grants.
    let mut shown: Vec<&Grant<'_>> = role.grants.iter().take(most).collect();
    shown.sort_by_key(|grant| (grant.policy, grant.statement_index));
    for grants in shown.chunk_by(|a, b| a.policy == b.policy) {
        let policy = grants.first().map_or("", |grant| grant.policy);
        paragraph(out, &format!("granted by policy {}:", printable(policy)), 2);
        for grants in grants.chunk_by(|a, b| where_it_holds(a) == where_it_holds(b)) {
            let actions: Vec<String> = grants.iter().map(|grant| action(grant)).collect();
            paragraph(
                out,
                &grants
                    .first()
                    .map(|grant| where_it_holds(grant))
                    .unwrap_or_default(),
                4,
            );
            paragraph(out, &actions.join(", "), 8);
        }
    }
    more(out, role.grants.len(), most);
}

/// The statement, its resources and its conditions.
fn where_it_holds(grant: &Grant<'_>) -> String {
    let conditions = if grant.condition_keys.is_empty() {
        String::new()
    } else {
        format!(" if {}", printable(grant.condition_keys))
    };
    format!(
        "#{} on {}{}{conditions}",
        grant.statement_index,
        printable(grant.resources),
        but(grant.except_resources)
    )
}

fn action(grant: &Grant<'_>) -> String {
    format!(
        "{}{} ({})",
        printable(grant.action),
        but(grant.except_actions),
        printable(grant.access_level)
    )
}

fn but(what: &str) -> String {
    if what.is_empty() {
        String::new()
    } else {
        format!(" but {}", printable(what))
    }
}
