//! The edges: which role can act as which in one step.

mod assume;
mod denied;
mod names;
mod passed;
mod trusting;
mod versions;
mod writes;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::{FunctionRole, Holder, limits};
use crate::document::Statement;
use crate::grants::{Effort, Grant};
use crate::overlap;
use crate::role::catalogue::{Caller, Category, EscalationPath, Target, catalogue};
use crate::role::escalation::Escalation;
use crate::role::{Near, Privilege};

pub(super) use names::{Freed, Taken, Waiting, policy_at};
use trusting::Trusting;
pub(super) use trusting::lets_in;

/// How many edges an account may have before no more are added, which the answer then says: a
/// thousand roles that all trust each other have a million.
const MOST_EDGES: usize = 4_000_000;

/// What an edge goes through where it goes through nothing.
pub(super) const NOTHING: u32 = u32::MAX;

/// An edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// A role's index; the number of roles for every permission, and one more for a user.
    pub(super) to: u32,
    /// The path's place in the catalogue.
    pub(super) path: u16,
    pub(super) certain: bool,
    pub(super) presumed: bool,
    /// A function's index.
    pub(super) through: u32,
    /// The grant that decides which target it reaches.
    pub(super) grant: u32,
}

/// A role that writes another one's policies, which gives more only to who can act as both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Write {
    pub(super) by: u32,
    pub(super) on: u32,
    pub(super) path: u16,
    pub(super) certain: bool,
    pub(super) grant: u32,
    /// The path by which it gives itself the permission before, where it does.
    pub(super) own: Option<u16>,
}

#[derive(Debug, Default)]
pub(super) struct Built {
    /// Of each role: whether its power lasts if it is close to an administrator only because it can
    /// write its own policies, which its boundary may limit.
    pub(super) lasting: Vec<Option<bool>>,
    pub(super) edges: Vec<Vec<Edge>>,
    /// What a role deletes before it takes a path, by the role and the path.
    pub(super) freed: HashMap<(u32, u16), Freed>,
    /// The same where a path is about another role, by that as well.
    pub(super) freed_on: HashMap<(u32, u16, u32), Freed>,
    pub(super) waiting: Vec<Waiting>,
    /// Who deletes what others wait for.
    pub(super) deleters: HashMap<Taken, Vec<(u32, Freed)>>,
    pub(super) writes: Vec<Write>,
    pub(super) cut: bool,
}

struct Builder<'b, 'g, 'a> {
    holders: &'b [Holder<'g, 'a>],
    functions: &'b [FunctionRole<'b>],
    at: HashMap<&'a str, u32>,
    /// The same by their names.
    by_name: HashMap<&'a str, u32>,
    /// What has which name already.
    names: names::Names<'b>,
    trusting: Vec<Trusting<'a>>,
    now: &'b str,
    built: Built,
    count: usize,
    /// What is left of the work that the role may make whose edges are looked for.
    effort: Effort,
    /// Its Deny statements under conditions that are open: no grant shows them.
    denying: Vec<&'a Statement>,
    /// The roles that trust policies of others name.
    named: HashSet<u32>,
    /// The path by which roles are assumed.
    assuming: Option<u16>,
    /// Of each role: what it comes to when its policies are written.
    freed: Vec<OnceCell<Option<bool>>>,
    /// Of roles that others take a limit from, by the path that takes it: what they gain.
    gained: HashMap<(u32, &'static str), Option<bool>>,
}

pub(super) fn build(
    holders: &[Holder<'_, '_>],
    functions: &[FunctionRole<'_>],
    now: &str,
) -> Built {
    let at = holders
        .iter()
        .zip(0..)
        .map(|(holder, at)| (holder.role.arn, at))
        .collect();
    let name = |arn: &'_ str| arn.rfind('/').map_or(0, |at| at + 1);
    let by_name = holders
        .iter()
        .zip(0..)
        .map(|(holder, at)| (&holder.role.arn[name(holder.role.arn)..], at))
        .collect();
    let trusting = holders
        .iter()
        .map(|holder| Trusting::of(holder.role))
        .collect();
    let built = Built {
        edges: vec![Vec::new(); holders.len()],
        ..Built::default()
    };
    let freed = vec![OnceCell::new(); holders.len()];
    let mut builder = Builder {
        holders,
        functions,
        at,
        by_name,
        names: names::Names::of(holders, functions),
        trusting,
        now,
        built,
        count: 0,
        effort: Effort::default(),
        denying: Vec::new(),
        named: HashSet::new(),
        assuming: place("sts-001"),
        freed,
        gained: HashMap::new(),
    };
    builder.assumed_by_name();
    for (from, holder) in holders.iter().enumerate() {
        if !is_administrator(holder) {
            builder.effort = Effort::default();
            builder.edges_of(from);
            builder.built.cut |= builder.effort.is_spent();
        }
    }
    builder.deleters();
    builder.effort = Effort::default();
    let by_itself = |holder: &Holder<'_, '_>| holder.judgement.near == [Near::SelfEscalation];
    let lasting = holders.iter().enumerate().map(|(at, holder)| {
        if by_itself(holder) {
            builder.freed(at)
        } else {
            Some(true)
        }
    });
    let lasting = lasting.collect();
    Built {
        lasting,
        ..builder.built
    }
}

/// Whether nothing is left for a role to gain.
pub(super) fn is_administrator(holder: &Holder<'_, '_>) -> bool {
    holder.judgement.privilege == Privilege::Administrator
        && holder.judgement.unknown_denies.is_empty()
}

fn place(id: &str) -> Option<u16> {
    catalogue()
        .iter()
        .position(|path| path.id == id)
        .and_then(|at| u16::try_from(at).ok())
}

impl<'g, 'a> Builder<'_, 'g, 'a> {
    /// Whether there are as many edges as are kept.
    const fn is_full(&self) -> bool {
        self.count >= MOST_EDGES
    }

    fn add(&mut self, from: usize, mut edge: Edge) {
        // Whether a role is assumed was decided by all policies.
        edge.certain =
            edge.certain && (Some(edge.path) == self.assuming || !self.may_be_denied(from, &edge));
        if self.is_full() {
            self.built.cut = true;
            return;
        }
        self.count += 1;
        self.built.edges[from].push(edge);
    }

    /// Whether a role has clearly more power once its policies are written: see
    /// [`limits::written`].
    fn freed(&self, at: usize) -> Option<bool> {
        *self.freed[at].get_or_init(|| limits::written(self.holders[at].role, &self.effort))
    }

    fn grant(&self, from: usize, grant: u32) -> &'g Grant<'a> {
        &self.holders[from].judgement.grants[grant as usize]
    }

    /// The grants that cover an action, in lower case.
    fn covering(&self, from: usize, action: &str) -> Vec<u32> {
        let grants = &self.holders[from].judgement.grants;
        let covers = |grant: &Grant<'_>| {
            self.effort.spend(grant.steps_to_cover()) && grant.covers_action(action)
        };
        (0..)
            .zip(grants)
            .filter(|(_, grant)| covers(grant))
            .map(|(at, _)| at)
            .collect()
    }

    fn reaches(&self, from: usize, grant: u32, action: &str, to: u32) -> bool {
        self.reaches_resource(from, grant, action, self.holders[to as usize].role.arn)
    }

    /// Whether a grant of an action reaches a resource; if there is no effort left, it does not.
    fn reaches_resource(&self, from: usize, grant: u32, action: &str, resource: &str) -> bool {
        let grant = self.grant(from, grant);
        self.effort.spend(grant.steps_to_reach()) && !grant.reaches(action, resource).is_empty()
    }

    /// The other roles that a grant of an action reaches.
    fn reached(&self, from: usize, grant: u32, action: &str) -> Vec<u32> {
        let fixed: Vec<&str> = self.grant(from, grant).resources().collect();
        let named = fixed.iter().all(|resource| {
            !overlap::is_pattern(resource)
                && !resource.contains("${")
                && resource.matches(':').count() > 4
        });
        let candidates: Vec<u32> = if named {
            fixed
                .iter()
                .filter_map(|arn| self.at.get(arn).copied())
                .collect()
        } else {
            (0..).take(self.holders.len()).collect()
        };
        candidates
            .into_iter()
            .filter(|to| *to as usize != from && self.reaches(from, grant, action, *to))
            .collect()
    }

    fn edges_of(&mut self, from: usize) {
        let holder = self.holders[from];
        let (every, user) = (self.holders.len() as u32, self.holders.len() as u32 + 1);
        self.denying = denied::denying(holder.role);
        let open: &'g [Escalation<'a>] = &holder.judgement.escalations;
        for escalation in open {
            let Some(path) = place(&escalation.path.id) else {
                continue;
            };
            let whole = |to| Edge {
                to,
                path,
                certain: !escalation.conditional,
                presumed: false,
                through: NOTHING,
                grant: NOTHING,
            };
            let way = escalation.path;
            if is_through_a_user(way) {
                // Permission sets are the management account's; which account administers them on
                // its behalf is not known here.
                if !way.id.starts_with("lsw-sso-") || holder.role.in_management_account {
                    self.add(from, whole(user));
                }
            } else if matches!(way.id.as_str(), "lsw-iam-001" | "lsw-iam-002") {
                let makes = self.makes_role(from, way);
                self.makes(
                    from,
                    path,
                    makes,
                    vec![Edge {
                        certain: true,
                        ..whole(every)
                    }],
                );
            } else if way.category == Category::SelfEscalation {
                if let Some(freed) = self.freed(from) {
                    self.add(
                        from,
                        Edge {
                            certain: freed && !escalation.conditional,
                            ..whole(every)
                        },
                    );
                    self.deletes_own_version(from, path, way);
                }
            } else if way.id == "sts-001" {
                self.assumed_by_permission(from, path);
            } else if way.id == "iam-012" {
                self.one_step(from, path, way, "iam:updateassumerolepolicy");
            } else if !way.passed_to.is_empty() {
                self.passed(from, path, escalation);
            } else if way.needs.iter().any(|need| need.target == Target::Function) {
                self.functions_taken_over(from, path, escalation);
            } else if !way.runs_as.is_empty() {
                self.taken_over(from, path, escalation);
            }
        }
        for escalation in &holder.judgement.latent {
            self.removed_limit(from, escalation);
        }
        self.written(from);
    }
}

fn is_through_a_user(path: &EscalationPath) -> bool {
    path.caller == Caller::User
        || path
            .needs
            .iter()
            .any(|need| matches!(need.target, Target::User | Target::Group))
}
