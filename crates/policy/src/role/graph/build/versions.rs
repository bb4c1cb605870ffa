//! Versions of policies: whether there is room for another one, and who may delete one before.

use super::names::{Freed, Taken, Waiting};
use super::{Builder, Edge, NOTHING};
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

/// A policy of which a role may write versions, by a grant, and whether for certain; and what
/// stands in the way.
type Reached = (u32, bool, Option<Taken>);

impl Builder<'_, '_, '_> {
    /// The policies of a role of which another one, or itself, may write versions: those that are
    /// attached to it, or its boundary.
    fn versions_reached(
        &self,
        from: usize,
        on: u32,
        of_boundary: bool,
        way: &EscalationPath,
    ) -> Vec<Reached> {
        let role = self.holders[on as usize].role;
        let attached = role.identity.len();
        let policies = (0..).zip(
            role.identity
                .iter()
                .chain(&role.boundary)
                .map(|policy| policy.name),
        );
        let meant = policies.filter(|(at, _)| (*at as usize == attached) == of_boundary);
        let own: Vec<(u32, &str)> = meant
            .filter(|(_, name)| name.starts_with("arn:") && !name.contains(":iam::aws:"))
            .collect();
        if own.is_empty() {
            return Vec::new();
        }
        let writes = self
            .covering(from, WRITE)
            .into_iter()
            .flat_map(|grant| own.iter().map(move |policy| (grant, policy)));
        let reached =
            writes.filter(|(grant, (_, name))| self.reaches_resource(from, *grant, WRITE, name));
        let full = |at: u32, name: &str| is_full(role, name).then_some(Taken::Versions(on, at));
        reached
            .map(|(grant, (at, name))| {
                (
                    grant,
                    !conditional(self.grant(from, grant), way),
                    full(*at, name),
                )
            })
            .collect()
    }

    /// How a role writes one of some versions by itself: best for certain and where there is room.
    fn writes_one(&self, from: usize, reached: &[Reached]) -> Option<Written> {
        let written = reached.iter().filter_map(|(grant, certain, full)| {
            let (grant, certain) = (*grant, *certain);
            let Some(full) = full else {
                return Some(Written {
                    certain,
                    grant,
                    freed: None,
                });
            };
            let freed = self.frees(from, *full)?;
            Some(Written {
                certain: certain && freed.certain,
                grant,
                freed: Some(freed),
            })
        });
        written.max_by_key(|written| (written.certain, written.freed.is_none()))
    }

    /// How a role writes a version of a policy of another one, where that gives something: `true`
    /// for certain. Where it waits for somebody to make room, that is kept.
    pub(super) fn writes_version(
        &mut self,
        from: usize,
        on: u32,
        (path, way): (u16, &EscalationPath),
        of_boundary: bool,
        gives: impl FnOnce(&mut Self) -> Option<bool>,
    ) -> Option<Written> {
        let reached = self.versions_reached(from, on, of_boundary, way);
        if reached.is_empty() {
            return None;
        }
        let gained = gives(self)?;
        if let Some(written) = self.writes_one(from, &reached) {
            return Some(Written {
                certain: written.certain && gained,
                ..written
            });
        }
        let to = self.holders.len() as u32;
        let edge = Edge {
            to,
            path,
            certain: gained,
            presumed: false,
            through: NOTHING,
            grant: reached[0].0,
        };
        let edges = vec![Edge {
            certain: gained && !self.may_be_denied(from, &edge),
            ..edge
        }];
        let taken = reached
            .iter()
            .filter_map(|(_, certain, full)| Some(((*full)?, *certain)))
            .collect();
        let other = (on as usize != from).then_some(on);
        self.built.waiting.push(Waiting {
            maker: from as u32,
            on: other,
            taken,
            edges,
        });
        None
    }

    /// Keeps what a role deletes before it writes a version of one of its own policies.
    pub(super) fn deletes_own_version(&mut self, from: usize, path: u16, way: &EscalationPath) {
        let of_boundary = way.id == "lsw-iam-009";
        if way.id == "iam-001" || of_boundary {
            let reached = self.versions_reached(from, from as u32, of_boundary, way);
            let freed = self
                .writes_one(from, &reached)
                .and_then(|written| written.freed);
            self.built
                .freed
                .extend(freed.map(|freed| ((from as u32, path), freed)));
        }
    }
}
