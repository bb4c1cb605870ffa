//! Roles that change roles: their own limits, and policies and limits of others, which gives more
//! only to who can act as both.

use super::super::limits;
use super::versions::Written;
use super::{Builder, Edge, MOST_EDGES, NOTHING, Write, place};
use crate::role::catalogue::{Caller, Category, catalogue};
use crate::role::escalation::{Escalation, conditional};
use crate::role::graph::Holder;
use crate::role::{Near, Privilege};

/// The paths by which another version counts: of a policy that is attached, and of the boundary.
const VERSIONS: [&str; 2] = ["lsw-iam-003", "lsw-iam-010"];
const SET_DEFAULT: &str = "iam:setdefaultpolicyversion";

impl<'a> Builder<'_, '_, 'a> {
    /// A limit that the role can take away, where it would have more without it.
    pub(super) fn removed_limit(&mut self, from: usize, escalation: &Escalation<'a>) {
        let Some(path) = place(&escalation.path.id) else {
            return;
        };
        let holder = self.holders[from];
        let id = escalation.path.id.as_str();
        let gained = if VERSIONS.contains(&id) {
            self.covering(from, SET_DEFAULT)
                .into_iter()
                .filter_map(|grant| self.gained_by_version(from, grant, from as u32, id))
                .max()
        } else {
            limits::gains_without(
                holder.role,
                holder.judgement,
                self.named.contains(&(from as u32)),
                &escalation.path.id,
                &self.effort,
            )
        };
        if let Some(gained) = gained {
            let (to, certain) = (self.holders.len() as u32, gained && !escalation.conditional);
            self.add(
                from,
                Edge {
                    to,
                    path,
                    certain,
                    presumed: false,
                    through: NOTHING,
                    grant: NOTHING,
                },
            );
            self.deletes_own_version(from, path, escalation.path);
        }
    }

    fn write(&mut self, write: Write) {
        if self.built.writes.len() >= MOST_EDGES {
            self.built.cut = true;
            return;
        }
        let Write {
            by,
            on,
            path,
            certain,
            grant,
            ..
        } = write;
        let edge = Edge {
            to: on,
            path,
            certain,
            presumed: false,
            through: NOTHING,
            grant,
        };
        let certain = certain && !self.may_be_denied(by as usize, &edge);
        self.built.writes.push(Write { certain, ..write });
    }

    /// Other roles whose policies it writes.
    pub(super) fn written(&mut self, from: usize) {
        // Who can act as one with that much power has a way already.
        let judgement = self.holders[from].judgement;
        let lasts = judgement.near != [Near::SelfEscalation] || self.freed(from) == Some(true);
        if judgement.privilege >= Privilege::NearAdministrator && lasts {
            return;
        }
        for (action, id) in [
            ("iam:putrolepolicy", "iam-017"),
            ("iam:attachrolepolicy", "iam-014"),
        ] {
            let Some((path, way)) = place(id).map(|path| (path, &catalogue()[path as usize]))
            else {
                continue;
            };
            for grant in self.covering(from, action) {
                let certain = !conditional(self.grant(from, grant), way);
                for on in self.reached(from, grant, action) {
                    if let Some(freed) = self.freed(on as usize) {
                        self.write(Write {
                            by: from as u32,
                            on,
                            path,
                            certain: certain && freed,
                            grant,
                            own: None,
                        });
                    }
                }
            }
        }
        self.limits_of_others(from);
        self.versions_of_others(from);
        self.written_after_itself(from);
        self.versions_written(from);
    }

    /// Roles of whose policies or boundary it writes a version.
    fn versions_written(&mut self, from: usize) {
        if self.covering(from, "iam:createpolicyversion").is_empty() {
            return;
        }
        for (id, of_boundary) in [("iam-016", false), ("lsw-iam-009", true)] {
            let Some((path, way)) = place(id).map(|path| (path, &catalogue()[path as usize]))
            else {
                continue;
            };
            for on in (0..self.holders.len() as u32).filter(|on| *on as usize != from) {
                let gives = |it: &mut Self| {
                    if of_boundary {
                        it.gained(on, "lsw-iam-009")
                    } else {
                        it.freed(on as usize)
                    }
                };
                let Some(written) = self.writes_version(from, on, (path, way), of_boundary, gives)
                else {
                    continue;
                };
                let Written {
                    certain,
                    grant,
                    freed,
                } = written;
                self.write(Write {
                    by: from as u32,
                    on,
                    path,
                    certain,
                    grant,
                    own: None,
                });
                self.built
                    .freed_on
                    .extend(freed.map(|freed| ((from as u32, path, on), freed)));
            }
        }
        // What it may write of its own is a path of its own; what waits for somebody to make room
        // is kept.
        for (id, of_boundary) in [("iam-001", false), ("lsw-iam-009", true)] {
            let Some((path, way)) = place(id).map(|path| (path, &catalogue()[path as usize]))
            else {
                continue;
            };
            let own = from as u32;
            let gives = |it: &mut Self| {
                if of_boundary {
                    it.gained(own, "lsw-iam-009")
                } else {
                    it.freed(from)
                }
            };
            self.writes_version(from, own, (path, way), of_boundary, gives);
        }
    }

    /// Other roles whose policies it writes once it has written its own, within a boundary that
    /// leaves it that.
    fn written_after_itself(&mut self, from: usize) {
        let holder = self.holders[from];
        let by_itself = |it: &&Escalation<'_>| {
            it.path.category == Category::SelfEscalation && it.path.caller == Caller::Any
        };
        let Some(own) = holder
            .judgement
            .escalations
            .iter()
            .filter(by_itself)
            .min_by_key(|it| it.conditional)
        else {
            return;
        };
        if self.freed(from) == Some(true) {
            return;
        }
        let actions = [
            ("iam:putrolepolicy", "iam-017"),
            ("iam:attachrolepolicy", "iam-014"),
        ];
        let left = limits::left(
            holder.role,
            &actions.map(|(action, _)| action),
            &self.effort,
        );
        for (action, id) in actions {
            let Some((path, way)) = place(id).map(|path| (path, &catalogue()[path as usize]))
            else {
                continue;
            };
            for (on, other) in (0..)
                .zip(self.holders)
                .filter(|(on, _)| *on as usize != from)
            {
                let reaching = left.iter().filter(|it| {
                    it.covers_action(action) && !it.reaches(action, other.role.arn).is_empty()
                });
                let Some(certain) = reaching.map(|it| !conditional(it, way)).max() else {
                    continue;
                };
                let Some(freed) = self.freed(on as usize) else {
                    continue;
                };
                let certain = certain && freed && !own.conditional;
                self.write(Write {
                    by: from as u32,
                    on,
                    path,
                    certain,
                    grant: NOTHING,
                    own: place(&own.path.id),
                });
            }
        }
    }

    /// Other roles whose limits it takes away.
    fn limits_of_others(&mut self, from: usize) {
        for (action, id) in [
            ("iam:deleterolepermissionsboundary", "lsw-iam-004"),
            ("iam:putrolepermissionsboundary", "lsw-iam-005"),
            ("iam:detachrolepolicy", "lsw-iam-006"),
            ("iam:deleterolepolicy", "lsw-iam-007"),
        ] {
            let Some((path, way)) = place(id).map(|path| (path, &catalogue()[path as usize]))
            else {
                continue;
            };
            for grant in self.covering(from, action) {
                let certain = !conditional(self.grant(from, grant), way);
                for on in self.reached(from, grant, action) {
                    if let Some(gained) = self.gained(on, id) {
                        self.write(Write {
                            by: from as u32,
                            on,
                            path,
                            certain: certain && gained,
                            grant,
                            own: None,
                        });
                    }
                }
            }
        }
    }

    /// Other roles for which it makes another version count.
    fn versions_of_others(&mut self, from: usize) {
        for id in VERSIONS {
            let Some((path, way)) = place(id).map(|path| (path, &catalogue()[path as usize]))
            else {
                continue;
            };
            for grant in self.covering(from, SET_DEFAULT) {
                let certain = !conditional(self.grant(from, grant), way);
                for on in (0..self.holders.len() as u32).filter(|on| *on as usize != from) {
                    if let Some(gained) = self.gained_by_version(from, grant, on, id) {
                        self.write(Write {
                            by: from as u32,
                            on,
                            path,
                            certain: certain && gained,
                            grant,
                            own: None,
                        });
                    }
                }
            }
        }
    }

    /// What a role gains once a version counts that is kept of its policies, or of its boundary,
    /// which a grant reaches.
    fn gained_by_version(&self, from: usize, grant: u32, on: u32, id: &str) -> Option<bool> {
        let Holder { role, judgement } = self.holders[on as usize];
        let is_boundary = |name: &str| role.boundary.is_some_and(|policy| policy.name == name);
        let is_meant = |name: &str| {
            if id == VERSIONS[1] {
                is_boundary(name)
            } else {
                role.identity.iter().any(|policy| policy.name == name)
            }
        };
        let is_reached =
            |name: &str| is_meant(name) && self.reaches_resource(from, grant, SET_DEFAULT, name);
        limits::gains_by_version(role, judgement, is_reached, &self.effort)
    }

    /// What another role gains without a limit, worked out once.
    fn gained(&mut self, on: u32, id: &'static str) -> Option<bool> {
        // Whichever way its boundary goes, it has none.
        let limit = if limits::BOUNDARY.contains(&id) {
            limits::BOUNDARY[0]
        } else {
            id
        };
        let Holder { role, judgement } = self.holders[on as usize];
        let is_named = self.named.contains(&on);
        let effort = &self.effort;
        *self
            .gained
            .entry((on, limit))
            .or_insert_with(|| limits::gains_without(role, judgement, is_named, limit, effort))
    }
}
