//! Edges of roles that are assumed, by their names or by permission, and of trust policies that are
//! rewritten.

use std::collections::{HashMap, HashSet};

use super::super::assume::{Assuming, STEP, size};
use super::{Builder, Edge, NOTHING, is_administrator, place};
use crate::grants::Effort;
use crate::role::catalogue::EscalationPath;
use crate::role::escalation::conditional;

impl Builder<'_, '_, '_> {
    /// Roles that are let in by their own names or with everybody, which need no permission of
    /// their own within the account.
    pub(super) fn assumed_by_name(&mut self) {
        let Some(path) = place("sts-001") else { return };
        let mut callers: HashMap<u32, Vec<u32>> = HashMap::new();
        for (to, holder) in (0..).zip(self.holders) {
            let named = holder
                .role
                .trust
                .into_iter()
                .flat_map(|document| &document.statements);
            for name in named
                .filter_map(|it| it.principals.as_ref())
                .flat_map(|it| &it.aws)
            {
                let from = self
                    .at
                    .get(name.as_str())
                    .copied()
                    .or_else(|| self.role_of_session(name));
                if let Some(from) = from.filter(|from| *from != to) {
                    callers.entry(from).or_default().push(to);
                }
            }
        }
        let open = (0..)
            .zip(&self.trusting)
            .filter(|(_, trusting)| trusting.of_everyone)
            .map(|(to, _)| to);
        for to in open.collect::<Vec<u32>>() {
            for from in (0..self.holders.len() as u32).filter(|from| *from != to) {
                callers.entry(from).or_default().push(to);
            }
        }
        self.named = callers.keys().copied().collect();
        for (from, targets) in callers {
            self.effort = Effort::default();
            self.assume(from as usize, path, targets);
            self.built.cut |= self.effort.is_spent();
        }
    }

    /// The role of a session's ARN, which a trust policy may name.
    fn role_of_session(&self, name: &str) -> Option<u32> {
        let (start, rest) = name.split_once(":assumed-role/")?;
        let account = start.rsplit(':').next()?;
        let role = rest.split('/').next()?;
        let at = *self.by_name.get(role)?;
        (self.holders[at as usize].role.arn.split(':').nth(4) == Some(account)).then_some(at)
    }

    fn assume(&mut self, from: usize, path: u16, mut targets: Vec<u32>) {
        let holder = self.holders[from];
        if is_administrator(&holder) {
            return;
        }
        let Some(assuming) = Assuming::of(holder.role, self.now) else {
            return;
        };
        targets.sort_unstable();
        targets.dedup();
        let known: HashSet<u32> = self.built.edges[from]
            .iter()
            .filter(|edge| edge.path == path)
            .map(|edge| edge.to)
            .collect();
        let (own, covering) = (assuming.size(), self.covering(from, "sts:assumerole"));
        for to in targets.into_iter().filter(|to| !known.contains(to)) {
            let trust = self.trusting[to as usize].document;
            if self.is_full()
                || !self
                    .effort
                    .spend(STEP.saturating_mul(own + trust.map_or(0, size)))
            {
                self.built.cut = true;
                return;
            }
            let grant = covering
                .iter()
                .copied()
                .find(|grant| self.reaches(from, *grant, "sts:assumerole", to));
            let may = trust.map_or(Some(false), |trust| {
                assuming.may(trust, self.holders[to as usize].role.arn)
            });
            if let Some(certain) = may {
                let grant = grant.unwrap_or(NOTHING);
                self.add(
                    from,
                    Edge {
                        to,
                        path,
                        certain,
                        presumed: false,
                        through: NOTHING,
                        grant,
                    },
                );
            }
        }
    }

    pub(super) fn assumed_by_permission(&mut self, from: usize, path: u16) {
        let mut targets = Vec::new();
        for grant in self.covering(from, "sts:assumerole") {
            targets.extend(self.reached(from, grant, "sts:assumerole"));
        }
        targets.retain(|to| self.trusting[*to as usize].of_account);
        self.assume(from, path, targets);
    }

    /// Roles that are changed so that they let the caller in.
    pub(super) fn one_step(&mut self, from: usize, path: u16, way: &EscalationPath, action: &str) {
        for grant in self.covering(from, action) {
            let certain = !conditional(self.grant(from, grant), way);
            for to in self.reached(from, grant, action) {
                self.add(
                    from,
                    Edge {
                        to,
                        path,
                        certain,
                        presumed: false,
                        through: NOTHING,
                        grant,
                    },
                );
            }
        }
    }
}
