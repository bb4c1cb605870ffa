//! Which roles of a generated account can escalate their privileges, derived from their traits: the
//! roles that each can act as, and the privilege of these.

use std::collections::{BTreeMap, BTreeSet};

use super::roles::RoleTraits;

/// The privilege of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Power {
    Limited,
    Near,
    Administrator,
}

/// The means by which a role acts as others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// It passes any role to a function that it creates, or to its own function, which it changes;
    /// by these paths.
    Pass(&'static [&'static str]),
    /// It changes functions; by these paths.
    Functions(&'static [&'static str]),
    /// It gets access to EC2 instances, by many paths.
    Machines,
}

/// The paths of each role, by their ids in the catalogue; `None` if there are too many to be listed
/// individually.
pub(super) fn ways(
    roles: &BTreeMap<String, RoleTraits>,
    runs_latest: &BTreeSet<String>,
    iam_is_denied: bool,
    is_management: bool,
) -> BTreeMap<String, Vec<Option<String>>> {
    // Roles with enough privilege, or that can act as such a role.
    let leads = |least: Power| -> BTreeSet<&str> {
        let enough = |role: &RoleTraits| {
            role.power(iam_is_denied) >= least
                || !role.own_ways(iam_is_denied, is_management).is_empty()
        };
        let mut leads: BTreeSet<&str> = roles
            .iter()
            .filter(|(_, role)| enough(role))
            .map(|(name, _)| name.as_str())
            .collect();
        loop {
            let more = roles.iter().filter(|(name, role)| {
                !leads.contains(name.as_str())
                    && role.means(iam_is_denied).iter().any(|means| {
                        reach(name, means, roles, runs_latest).any(|it| leads.contains(it))
                    })
            });
            let more: Vec<&str> = more.map(|(name, _)| name.as_str()).collect();
            if more.is_empty() {
                return leads;
            }
            leads.extend(more);
        }
    };
    let (near, most) = (leads(Power::Near), leads(Power::Administrator));
    let of = |name: &String, role: &RoleTraits| -> Vec<Option<String>> {
        let targets = match role.power(iam_is_denied) {
            Power::Administrator => return Vec::new(),
            Power::Near => &most,
            Power::Limited => &near,
        };
        let mut paths = role.own_ways(iam_is_denied, is_management);
        for means in role.means(iam_is_denied) {
            if !reach(name, &means, roles, runs_latest).any(|it| targets.contains(it)) {
                continue;
            }
            match means {
                _ if role.has_many_ways() => paths.push(None),
                Means::Pass(ids) | Means::Functions(ids) => {
                    paths.extend(ids.iter().map(|id| Some((*id).to_owned())))
                }
                Means::Machines => paths.push(None),
            }
        }
        // A role that changes existing functions does not need to pass a role to them.
        let told = |paths: &[Option<String>], id: &str| {
            paths.iter().any(|path| path.as_deref() == Some(id))
        };
        if told(&paths, "lsw-lambda-001") {
            paths.retain(|path| path.as_deref() != Some("lsw-lambda-002"));
        }
        paths
    };
    roles
        .iter()
        .map(|(name, role)| (name.clone(), of(name, role)))
        .collect()
}

/// The other roles that a role can act as in one step.
fn reach<'a>(
    from: &'a str,
    means: &Means,
    roles: &'a BTreeMap<String, RoleTraits>,
    runs_latest: &'a BTreeSet<String>,
) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    let others = roles.iter().filter(move |(name, _)| name.as_str() != from);
    match means {
        Means::Pass(_) => Box::new(others.map(|(name, _)| name.as_str())),
        Means::Functions(_) => Box::new(
            others
                .map(|(name, _)| name.as_str())
                .filter(|name| runs_latest.contains(*name)),
        ),
        Means::Machines => Box::new(
            others
                .filter(|(_, role)| role.trusts_machines())
                .map(|(name, _)| name.as_str()),
        ),
    }
}
