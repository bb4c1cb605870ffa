//! The edges: who can act as whom in one step.

mod denied;
mod names;
mod versions;
mod writes;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::assume::{Assuming, STEP, opened, size};
use super::{FunctionRole, Holder, limits};
use crate::document::{Document, Effect, Statement};
use crate::grants::{Effort, Grant, RoleInput};
use crate::overlap;
use crate::principal::Principal;
use crate::request::{Context, Request};
use crate::role::catalogue::{Caller, Category, EscalationPath, Need, Target, catalogue};
use crate::role::escalation::{Escalation, admits, conditional};
use crate::role::{Near, Privilege};
use crate::verdict::Decision;
pub(super) use names::{Freed, Taken, Waiting, policy_at};
use names::{Made, Makes};

/// How many edges an account may have before no more are added, which the answer then says: a
/// thousand roles that all trust each other have a million.
const MOST_EDGES: usize = 4_000_000;

/// How many times a trust policy's services are compared with the names in it before it counts as
/// one that was not read. AWS accepts policies of up to 4,096 characters.
const MOST_NAMES: usize = 1 << 20;

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
    /// Of each role: whether its power lasts where it is near to an administrator for writing its
    /// own policies alone, which its boundary may bind.
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

/// Whom a role's trust policy lets in.
struct Trusting<'a> {
    document: Option<&'a Document>,
    /// Services, and whether they are let in for certain.
    services: Vec<(&'a str, bool)>,
    /// Whether it speaks of all principals of the account or of everybody.
    of_account: bool,
    /// Whether it speaks of everybody, who need no permission of their own within the account.
    of_everyone: bool,
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
    /// Its Deny statements under conditions that are open: no grant tells of them.
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
    holder.judgement.privilege == Privilege::Administrator && holder.judgement.loose.is_empty()
}

fn place(id: &str) -> Option<u16> {
    catalogue()
        .iter()
        .position(|path| path.id == id)
        .and_then(|at| u16::try_from(at).ok())
}

impl<'a> Trusting<'a> {
    fn of(role: &RoleInput<'a>) -> Self {
        // A trust policy that could not be read may let anybody in.
        let Some(document) = role.trust else {
            return Self {
                document: None,
                services: Vec::new(),
                of_account: true,
                of_everyone: false,
            };
        };
        let allowing = || {
            document
                .statements
                .iter()
                .filter(|it| it.effect == Effect::Allow)
                .filter_map(|it| it.principals.as_ref())
        };
        let is_account = |name: &String| {
            name == role.account || crate::principal::root_account(name) == Some(role.account)
        };
        let of_account =
            allowing().any(|it| it.everyone || it.negated || it.aws.iter().any(is_account));
        let of_everyone = allowing().any(|it| it.everyone || it.negated);
        let mut named: Vec<&str> = allowing()
            .flat_map(|it| it.services.iter().map(String::as_str))
            .collect();
        named.sort_unstable();
        named.dedup();
        let names: usize = document
            .statements
            .iter()
            .filter_map(|it| it.principals.as_ref())
            .map(|it| 1 + it.services.len())
            .sum();
        if named.len().saturating_mul(names) > MOST_NAMES {
            return Self {
                document: None,
                services: Vec::new(),
                of_account,
                of_everyone,
            };
        }
        let services = named
            .into_iter()
            .filter_map(|service| Some((service, lets_in(document, role, service)?)))
            .collect();
        Self {
            document: Some(document),
            services,
            of_account,
            of_everyone,
        }
    }

    /// Whether one of some services that a grant admits is let in, and if so whether for certain.
    fn admits(&self, services: &[String], grant: Option<&Grant<'_>>) -> Option<bool> {
        if self.document.is_none() {
            return Some(false);
        }
        let admitted = |service: &&String| {
            grant.is_none_or(|grant| admits(grant, std::slice::from_ref(*service)) != Some(false))
        };
        let certain = |service: &String| {
            self.services
                .iter()
                .find(|(name, _)| name == service)
                .map(|(_, certain)| *certain)
        };
        services.iter().filter(admitted).filter_map(certain).max()
    }
}

/// Whether a trust policy lets a service in that acts for the role's own account; `true` where it
/// does for certain.
pub(super) fn lets_in(document: &Document, role: &RoleInput<'_>, service: &str) -> Option<bool> {
    let document = opened(document, |condition| {
        condition.key.eq_ignore_ascii_case("aws:SourceAccount")
    });
    let context = Context::default().with("aws:SourceAccount", role.account);
    let principal = Principal::service(service);
    let request = Request {
        principal: &principal,
        action: "sts:AssumeRole",
        resource: role.arn,
        resource_account: None,
        context: &context,
    };
    match document.decide(&request) {
        Decision::Allowed => Some(true),
        Decision::Unknown => Some(false),
        Decision::ExplicitlyDenied | Decision::ImplicitlyDenied => None,
    }
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

    /// Roles that are let in by their own names or with everybody, which need no permission of
    /// their own within the account.
    fn assumed_by_name(&mut self) {
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

    /// Whether a role has clearly more power once its policies are written: see
    /// [`limits::written`].
    fn freed(&self, at: usize) -> Option<bool> {
        *self.freed[at].get_or_init(|| limits::written(self.holders[at].role, &self.effort))
    }

    fn grant(&self, from: usize, grant: u32) -> &'g Grant<'a> {
        &self.holders[from].judgement.grants[grant as usize]
    }

    /// The grants that cover an action, in small letters.
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

    /// Whether a grant of an action reaches a resource; where there is no effort left, it does not.
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

    fn assumed_by_permission(&mut self, from: usize, path: u16) {
        let mut targets = Vec::new();
        for grant in self.covering(from, "sts:assumerole") {
            targets.extend(self.reached(from, grant, "sts:assumerole"));
        }
        targets.retain(|to| self.trusting[*to as usize].of_account);
        self.assume(from, path, targets);
    }

    /// Roles that are changed so that they let the caller in.
    fn one_step(&mut self, from: usize, path: u16, way: &EscalationPath, action: &str) {
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

    /// Roles that are passed to something that is started with them.
    fn passed(&mut self, from: usize, path: u16, escalation: &Escalation<'a>) {
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
    fn makes(&mut self, from: usize, path: u16, Makes { made, taken }: Makes, edges: Vec<Edge>) {
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
    fn functions_taken_over(&mut self, from: usize, path: u16, escalation: &Escalation<'a>) {
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
            // A function whose role no longer lets Lambda in has no session.
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
    fn taken_over(&mut self, from: usize, path: u16, escalation: &Escalation<'a>) {
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

fn is_through_a_user(path: &EscalationPath) -> bool {
    path.caller == Caller::User
        || path
            .needs
            .iter()
            .any(|need| matches!(need.target, Target::User | Target::Group))
}
