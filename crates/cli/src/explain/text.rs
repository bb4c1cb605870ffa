//! An explanation as text for people. Everything that a stranger wrote goes through `printable`.

use std::fmt::Write;

use comfy_table::Cell;
use lambdasweep_model::printable;

use super::answer::{Answer, Deciding};
use super::{Explanation, Policy};
use crate::layout::{Tint, cell, exposure_tint, plain, section, tinted};

/// How many grants and roles are shown.
const MOST_ROWS: usize = 20;

pub(super) fn render(explanation: &Explanation<'_>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", printable(explanation.function_arn));
    let place = explanation.account_place.map(|place| format!(", {}", printable(place))).unwrap_or_default();
    let account = explanation.account_name.map(|name| format!(" of account {}{place}", printable(name))).unwrap_or_default();
    let _ = writeln!(out, "  as scan {}{account} tells, {}", printable(explanation.scan_id), printable(explanation.scanned_at));
    if let Some(answer) = &explanation.answer {
        out.push('\n');
        answered(&mut out, answer);
    }
    let exposure = tinted(explanation.exposure, exposure_tint(explanation.exposure));
    let _ = writeln!(out, "\nInvocation by resource policies: {exposure}");
    let _ = writeln!(out, "  besides principals of the account itself whose own policies allow it, such as");
    if explanation.invoking_roles.is_empty() {
        let _ = writeln!(out, "    no role that Lambda may assume, as far as the scan tells; of other roles and of users it tells nothing");
    }
    for it in explanation.invoking_roles.iter().take(MOST_ROWS) {
        let sure = if it.sure { "" } else { ", perhaps" };
        let (role, by) = (printable(it.role_arn), printable(it.grant.policy));
        let _ = writeln!(out, "    {role}{sure}: {} by {by}#{}", printable(it.grant.action), it.grant.statement_index);
    }
    more(&mut out, explanation.invoking_roles.len());
    let unread = explanation.unknown.iter().any(|gap| gap.fact == "resource_policies");
    for policy in &explanation.resource_policies {
        out.push('\n');
        policy_of(&mut out, policy, unread);
    }
    let urls = explanation.function_urls.iter().map(|url| {
        [plain(url.qualifier), plain(url.url), plain(url.auth_type), cell(url.exposure, exposure_tint(url.exposure)), plain(url.reason)]
    });
    spaced(&mut out, "Function URLs", urls);
    role(&mut out, explanation);
    let guardrails = explanation.guardrails.iter().map(|it| {
        let tint = match it.prevented {
            "yes" => Tint::Good,
            "no" => Tint::Bad,
            _ => Tint::Doubtful,
        };
        [plain(it.guardrail), cell(it.prevented, tint), plain(it.policy.unwrap_or_default()), plain(it.reason)]
    });
    spaced(&mut out, "Prevented by service control policies", guardrails);
    let unknown = explanation.unknown.iter().map(|gap| [cell(gap.fact, Tint::Doubtful), plain(&gap.reason)]);
    spaced(&mut out, "Not read, and therefore unknown", unknown);
    out
}

fn spaced<const N: usize>(out: &mut String, title: &str, rows: impl Iterator<Item = [Cell; N]>) {
    let mut rows = rows.peekable();
    if rows.peek().is_some() {
        out.push('\n');
        section(out, title, rows);
    }
}

fn policy_of(out: &mut String, policy: &Policy<'_>, unread: bool) {
    let of = if policy.qualifier.is_empty() { "the function itself".to_owned() } else { printable(policy.qualifier) };
    if policy.statements.is_empty() {
        let none = if unread { "not known" } else { "there is none" };
        let _ = writeln!(out, "Resource policy of {of}: {none}");
        return;
    }
    let statements = policy.statements.iter().map(|it| {
        let conditions = if it.condition_keys.is_empty() { String::new() } else { format!(" if {}", it.condition_keys) };
        let what = format!("{}: {}{conditions}", it.principals, it.actions);
        let (index, exposure) = (Cell::new(format!("#{}", it.index)), cell(it.exposure, exposure_tint(it.exposure)));
        [index, plain(it.effect), exposure, plain(it.sid.unwrap_or_default()), plain(&what), plain(it.reason)]
    });
    section(out, &format!("Resource policy of {of}"), statements);
}

fn role(out: &mut String, explanation: &Explanation<'_>) {
    let role = &explanation.execution_role;
    let _ = writeln!(out, "\nExecution role {}", printable(role.arn));
    let mut line = |what: &str, names: &str| {
        if !names.is_empty() {
            let _ = writeln!(out, "  {what}: {}", printable(names));
        }
    };
    line("policies", &role.policies.join(", "));
    line("permissions boundary", role.permissions_boundary.unwrap_or_default());
    line("trusts", role.trusted_principals.unwrap_or_default());
    line("privilege", role.privilege.unwrap_or_default());
    line("escalation paths", role.escalation_ids.unwrap_or_default());
    line("it may be allowed more", role.may_be_more_reason.unwrap_or_default());
    line("it may be allowed less", role.may_be_less_reason.unwrap_or_default());
    let grants = role.grants.iter().take(MOST_ROWS).map(|it| {
        let but = |what: &str| if what.is_empty() { String::new() } else { format!(" but {what}") };
        let conditions = if it.condition_keys.is_empty() { String::new() } else { format!(" if {}", it.condition_keys) };
        let on = format!("on {}{}{conditions}", it.resources, but(it.except_resources));
        let action = format!("{}{}", it.action, but(it.except_actions));
        [plain(&action), plain(it.access_level), plain(&on), plain(&format!("{}#{}", it.policy, it.statement_index))]
    });
    section(out, "  It is granted", grants);
    more(out, role.grants.len());
}

fn more(out: &mut String, rows: usize) {
    if rows > MOST_ROWS {
        let _ = writeln!(out, "    and {} more: see the table role_grants", rows - MOST_ROWS);
    }
}

fn answered(out: &mut String, answer: &Answer) {
    let tint = match answer.decision {
        "allowed" => Tint::Good,
        "unknown" => Tint::Doubtful,
        _ => Tint::Bad,
    };
    let qualifier = if answer.qualifier.is_empty() { String::new() } else { format!(" of {}", printable(&answer.qualifier)) };
    let _ = writeln!(out, "{} {}{qualifier}: {}", printable(&answer.principal), printable(&answer.action), tinted(answer.decision, tint));
    for deciding in &answer.decided_by {
        let _ = writeln!(out, "  by {}", by(deciding));
    }
    if let Some(kind) = answer.denied_by {
        let silence = if answer.decision == "implicitly-denied" { "nothing allows it in the" } else { "denied by a" };
        let _ = writeln!(out, "  {silence} {kind}");
    }
    if !answer.depends_on.is_empty() {
        let _ = writeln!(out, "  it depends on {}: give what is known with --context KEY=VALUE", printable(&answer.depends_on.join(", ")));
    }
    for what in &answer.not_told {
        let _ = writeln!(out, "  not in the scan: {}", printable(what));
    }
    let statements = answer.statements.iter().map(|it| {
        let tint = match it.effect {
            "allows" => Tint::Good,
            "denies" => Tint::Bad,
            _ => Tint::Doubtful,
        };
        let effect = if it.effect == "does not apply" { Cell::new(it.effect) } else { cell(it.effect, tint) };
        [Cell::new(format!("#{}", it.index)), effect, plain(it.sid.as_deref().unwrap_or_default()), plain(&it.depends_on.join(", "))]
    });
    section(out, "  The statements of the resource policy for this call", statements);
}

fn by(deciding: &Deciding) -> String {
    let sid = deciding.sid.as_deref().map(|sid| format!(" ({})", printable(sid))).unwrap_or_default();
    let statement = match (deciding.effect, deciding.statement) {
        (Some(effect), Some(index)) => format!(": {effect} statement #{index}{sid}"),
        _ => String::new(),
    };
    format!("{}{statement}", printable(&deciding.policy))
}
