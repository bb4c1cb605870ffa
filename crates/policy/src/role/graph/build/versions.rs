//! Versions of policies: whether there is room for another one, and who may delete one before.

use super::Builder;
use super::names::{Freed, Taken};
use crate::role::catalogue::EscalationPath;
use crate::role::escalation::{conditional, is_full};

const WRITE: &str = "iam:createpolicyversion";

/// How a role writes a version of a policy of another role, or of its own.
pub(super) struct Written {
    pub(super) certain: bool,
    pub(super) grant: u32,
    /// What it deletes before.
    pub(super) freed: Option<Freed>,
}

impl Builder<'_, '_, '_> {
    /// How a role writes a version of a policy that is attached to another one or to itself, or of its boundary: best for certain and where there is room.
    pub(super) fn writes_version(&self, from: usize, on: u32, of_boundary: bool, way: &EscalationPath) -> Option<Written> {
        let role = self.holders[on as usize].role;
        let attached = role.identity.len();
        let policies = (0..).zip(role.identity.iter().chain(&role.boundary).map(|policy| policy.name));
        let meant = policies.filter(|(at, _)| (*at as usize == attached) == of_boundary);
        let own: Vec<(u32, &str)> = meant.filter(|(_, name)| name.starts_with("arn:") && !name.contains(":iam::aws:")).collect();
        if own.is_empty() {
            return None;
        }
        let writes = self.covering(from, WRITE).into_iter().flat_map(|grant| own.iter().map(move |policy| (grant, policy)));
        let reached = writes.filter(|(grant, (_, name))| self.reaches_resource(from, *grant, WRITE, name));
        let written = reached.filter_map(|(grant, (at, name))| {
            let certain = !conditional(self.grant(from, grant), way);
            if !is_full(role, name) {
                return Some(Written { certain, grant, freed: None });
            }
            let freed = self.frees(from, Taken::Versions(on, *at))?;
            Some(Written { certain: certain && freed.certain, grant, freed: Some(freed) })
        });
        written.max_by_key(|written| (written.certain, written.freed.is_none()))
    }

    /// Keeps what a role deletes before it writes a version of one of its own policies.
    pub(super) fn deletes_own_version(&mut self, from: usize, path: u16, way: &EscalationPath) {
        let of_boundary = way.id == "lsw-iam-009";
        if way.id == "iam-001" || of_boundary {
            let written = self.writes_version(from, from as u32, of_boundary, way);
            self.built.freed.extend(written.and_then(|written| written.freed).map(|freed| ((from as u32, path), freed)));
        }
    }
}
