//! What limits a role, and how much it has once the limit is gone or its policies are written anew.

use std::sync::LazyLock;

use crate::document::{Document, Effect};
use crate::grants::{Effort, Grant, NamedPolicy, RoleInput, effective_within};
use crate::role::catalogue::Category;
use crate::role::privilege::privilege;
use crate::role::{Near, Privilege, RoleJudgement, escalation};

/// Limits that are removed for good, by the ids of the catalogue: the boundary is removed, replaced
/// or rewritten.
pub(super) const BOUNDARY: [&str; 3] = ["lsw-iam-004", "lsw-iam-005", "lsw-iam-009"];

static EVERYTHING: LazyLock<Option<Document>> = LazyLock::new(|| {
    Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#).ok()
});

fn denies(policy: &NamedPolicy<'_>) -> bool {
    policy.document.is_some_and(|document| {
        document
            .statements
            .iter()
            .any(|it| it.effect == Effect::Deny)
    })
}

/// Whether a role whose policies allow everything has clearly more power for it, whatever else
/// limits it: `true` where it has for certain, `false` where it depends on what else is in the
/// account.
pub(super) fn written(role: &RoleInput<'_>, effort: &Effort) -> Option<bool> {
    if role.boundary.is_none() && role.scps.is_empty() && !role.identity.iter().any(denies) {
        return Some(true);
    }
    let mut written = role.clone();
    written.identity.push(NamedPolicy {
        name: "everything",
        document: EVERYTHING.as_ref(),
    });
    let grants = effective_within(&written, effort);
    let (latent, open): (Vec<_>, Vec<_>) = escalation::open(&grants, &written, effort)
        .into_iter()
        .partition(|it| it.path.latent);
    let (privilege, near) = privilege(&grants, &open, effort);
    let unbound = || {
        latent
            .iter()
            .any(|it| !it.conditional && BOUNDARY.contains(&it.path.id.as_str()))
    };
    if privilege == Privilege::Administrator
        || near.iter().any(|near| *near != Near::SelfEscalation)
        || unbound()
    {
        return Some(true);
    }
    // What its boundary leaves it may lead to other roles.
    open.iter()
        .any(|it| it.path.category != Category::SelfEscalation)
        .then_some(false)
}

/// The grants of a role whose policies allow everything, for what its boundary and its organisation
/// leave of some actions, in lower case.
pub(super) fn left<'r>(
    role: &'r RoleInput<'_>,
    actions: &[&str],
    effort: &Effort,
) -> Vec<Grant<'r>> {
    let mut written = role.clone();
    written.identity.push(NamedPolicy {
        name: "everything",
        document: EVERYTHING.as_ref(),
    });
    let mut rows = effective_within(&written, effort).rows;
    rows.retain(|grant| actions.iter().any(|action| grant.covers_action(action)));
    rows
}

/// Whether a role has a limit that a path of the catalogue takes away, and more power without it:
/// `true` where it has clearly more, `false` where what it has then may lead to other roles.
/// `is_named` is whether a trust policy names the role.
pub(super) fn gains_without(
    role: &RoleInput<'_>,
    before: &RoleJudgement<'_>,
    is_named: bool,
    id: &str,
    effort: &Effort,
) -> Option<bool> {
    let is_managed = |policy: &NamedPolicy<'_>| policy.name.starts_with("arn:");
    let mut without = role.clone();
    match id {
        "lsw-iam-006" => without.identity.retain(|it| !is_managed(it) || !denies(it)),
        "lsw-iam-007" => without.identity.retain(|it| is_managed(it) || !denies(it)),
        id if BOUNDARY.contains(&id) => without.boundary = None,
        _ => return None,
    }
    if without.identity.len() == role.identity.len()
        && without.boundary.is_some() == role.boundary.is_some()
    {
        return None;
    }
    gained(role, &without, before, is_named, effort)
}

/// What a role gains once a version of one of its policies or of its boundary counts that is kept:
/// of a policy that `is_reached`, by its ARN.
pub(super) fn gains_by_version(
    role: &RoleInput<'_>,
    before: &RoleJudgement<'_>,
    is_reached: impl Fn(&str) -> bool,
    effort: &Effort,
) -> Option<bool> {
    let gain = |version: &NamedPolicy<'_>| {
        // What could not be read may say anything.
        if version.document.is_none() {
            return Some(false);
        }
        let mut changed = role.clone();
        let policies = changed.identity.iter_mut().chain(&mut changed.boundary);
        policies
            .filter(|policy| policy.name == version.name)
            .for_each(|policy| policy.document = version.document);
        gained(role, &changed, before, false, effort)
    };
    role.stored
        .iter()
        .filter(|version| is_reached(version.name))
        .filter_map(gain)
        .max()
}

/// What a role gains where its policies are others: see [`gains_without`].
fn gained(
    role: &RoleInput<'_>,
    changed: &RoleInput<'_>,
    before: &RoleJudgement<'_>,
    is_named: bool,
    effort: &Effort,
) -> Option<bool> {
    let grants = effective_within(changed, effort);
    let mut open = escalation::open(&grants, changed, effort);
    open.retain(|it| !it.path.latent);
    let (gained, _) = privilege(&grants, &open, effort);
    if gained >= Privilege::NearAdministrator && gained > before.privilege {
        return Some(true);
    }
    // Whoever is named by another role's trust policy needs no grant to assume it.
    if is_named
        && !left(role, &["sts:assumerole"], effort)
            .iter()
            .any(|grant| grant.conditions().is_empty() && grant.resources().any(|it| it == "*"))
    {
        return Some(false);
    }
    let shown = |grant: &Grant<'_>| (grant.action_text(), grant.resource_text());
    let had: Vec<_> = before.grants.iter().map(shown).collect();
    let more = grants.rows.iter().any(|grant| !had.contains(&shown(grant)));
    (more
        && open
            .iter()
            .any(|it| it.path.category != Category::SelfEscalation))
    .then_some(false)
}
