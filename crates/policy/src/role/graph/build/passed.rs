//! Edges of roles that are passed to something, or that something already runs as which is taken
//! over.

use super::names::{Made, Makes};
use super::{Builder, Edge, NOTHING, Waiting};
use crate::role::catalogue::{EscalationPath, Need, Target};
use crate::role::escalation::{Escalation, conditional};

impl<'a> Builder<'_, '_, 'a> {
    /// Roles that are passed to something that is started with them.
    pub(super) fn passed(&mut self, from: usize, path: u16, escalation: &Escalation<'a>) {
        let way = escalation.path;
        let makes = self.runs_as_passed(from, way);
        if makes.made.is_none() && makes.taken.is_empty() {
            return;
        }
        let other = |need: &Need| need.action != "iam:PassRole" && need.target != Target::Function;
        let others = way
            .needs
            .iter()
            .zip(&escalation.sure)
            .filter(|(need, _)| other(need))
            .all(|(_, sure)| *sure);
        let mut edges = Vec::new();
        for grant in self.covering(from, "iam:passrole") {
            let it = self.grant(from, grant);
            let sure = others && !conditional(it, way);
            for to in self.reached(from, grant, "iam:passrole") {
                if let Some(trusted) = self.trusting[to as usize].admits(&way.passed_to, Some(it)) {
                    edges.push(Edge {
                        to,
                        path,
                        certain: sure && trusted,
                        presumed: false,
                        through: NOTHING,
                        grant,
                    });
                }
            }
        }
        self.makes(from, path, makes, edges);
    }

    /// Adds the edges that lead through what a role makes.
    pub(super) fn makes(
        &mut self,
        from: usize,
        path: u16,
        Makes { made, taken }: Makes,
        edges: Vec<Edge>,
    ) {
        if self.is_full() {
            self.built.cut = true;
            return;
        }
        if !taken.is_empty() && !edges.is_empty() {
            self.count += edges.len();
            let sure = |edge: &Edge| edge.certain && !self.may_be_denied(from, edge);
            let edges = edges
                .iter()
                .map(|edge| Edge {
                    certain: sure(edge),
                    ..*edge
                })
                .collect();
            self.built.waiting.push(Waiting {
                maker: from as u32,
                on: None,
                taken,
                edges,
            });
        }
        let Some(Made {
            certain,
            through,
            freed,
        }) = made
        else {
            return;
        };
        self.built
            .freed
            .extend(freed.map(|freed| ((from as u32, path), freed)));
        for edge in edges {
            self.add(
                from,
                Edge {
                    certain: certain && edge.certain,
                    through,
                    ..edge
                },
            );
        }
    }

    /// The function for a role that is passed to Lambda: one that is made, or one that is there
    /// already.
    fn runs_as_passed(&self, from: usize, way: &EscalationPath) -> Makes {
        let of = |made| Makes {
            made,
            taken: Vec::new(),
        };
        let Some(need) = way
            .needs
            .iter()
            .find(|need| need.target == Target::Function)
        else {
            return of(Some(Made {
                certain: true,
                through: NOTHING,
                freed: None,
            }));
        };
        if need.action == "lambda:CreateFunction" {
            return self.makes_function(from, way);
        }
        let grants = self.covering(from, &need.small);
        let changed = (0..).zip(self.functions).filter_map(|(through, function)| {
            let reaching = grants
                .iter()
                .filter(|grant| self.reaches_resource(from, **grant, &need.small, function.arn));
            reaching
                .map(|grant| !conditional(self.grant(from, *grant), way))
                .max()
                .map(|certain| Made {
                    certain,
                    through,
                    freed: None,
                })
        });
        of(changed.max_by_key(|made| made.certain))
    }

    /// Functions whose code or configuration is changed, so that they do it as their role.
    pub(super) fn functions_taken_over(
        &mut self,
        from: usize,
        path: u16,
        escalation: &Escalation<'a>,
    ) {
        let way = escalation.path;
        // Several needs are about one function: the first decides which, the others have to reach
        // it as well.
        let needs: Vec<(&str, Vec<u32>)> = way
            .needs
            .iter()
            .map(|need| (need.small.as_str(), self.covering(from, &need.small)))
            .collect();
        for (through, function) in (0..).zip(self.functions) {
            let Some(to) = self
                .at
                .get(function.role_arn)
                .copied()
                .filter(|to| *to as usize != from)
            else {
                continue;
            };
            // A function whose role no longer trusts Lambda has no session.
            let Some(mut certain) = self.trusting[to as usize].admits(&way.runs_as, None) else {
                continue;
            };
            let mut first = NOTHING;
            let all = needs.iter().all(|(action, grants)| {
                let mut reaching: Vec<u32> = grants.clone();
                reaching.retain(|grant| self.reaches_resource(from, *grant, action, function.arn));
                let sure = reaching
                    .iter()
                    .find(|grant| !conditional(self.grant(from, **grant), way));
                certain &= sure.is_some();
                if first == NOTHING {
                    first = sure.or(reaching.first()).copied().unwrap_or(NOTHING);
                }
                !reaching.is_empty()
            });
            if all {
                self.add(
                    from,
                    Edge {
                        to,
                        path,
                        certain,
                        presumed: false,
                        through,
                        grant: first,
                    },
                );
            }
        }
    }

    /// Roles that something runs as which is taken over and was not read.
    pub(super) fn taken_over(&mut self, from: usize, path: u16, escalation: &Escalation<'a>) {
        for to in (0..).take(self.holders.len()) {
            let trusted = self.trusting[to as usize].admits(&escalation.path.runs_as, None);
            if let Some(trusted) = trusted.filter(|_| to as usize != from) {
                let certain = trusted && !escalation.conditional;
                self.add(
                    from,
                    Edge {
                        to,
                        path,
                        certain,
                        presumed: true,
                        through: NOTHING,
                        grant: NOTHING,
                    },
                );
            }
        }
    }
}
