//! The ways: breadth first from where there is more power, against the edges.

use std::collections::{BTreeMap, VecDeque};

use super::agree::{Agreements, hops};
use super::build::{Built, Edge, Freed, NOTHING, Taken, Write, is_administrator, policy_at};
use super::evidence::{evidence, of_grants};
use super::{FunctionRole, Graph, Holder, Reached, Step, Way};
use crate::role::Privilege;
use crate::role::catalogue::{Need, catalogue};

/// How many edges are followed to find out who can act as two roles together, before the rest is
/// left open.
pub(super) const MOST_FOLLOWED: usize = 50_000_000;

/// How far a role is from a target, and the edge that leads there; none of a target itself.
#[derive(Clone, Copy)]
struct Next {
    distance: u32,
    edge: Option<Edge>,
}

/// The distances of all nodes to some targets.
struct Distances(Vec<Option<Next>>);

/// Who gets every permission by acting as two roles together.
type Joint = BTreeMap<u32, Write>;

pub(super) fn walk(
    holders: &[Holder<'_, '_>],
    functions: &[FunctionRole<'_>],
    mut built: Built,
    now: &str,
) -> Graph {
    let mut followed = 0;
    let agreements = Agreements::find(holders, &mut built, &mut followed);
    let (joint, open) = joint(holders, &built, &mut followed);
    let every = holders.len() as u32;
    for (from, write) in &joint {
        let Write {
            path,
            certain,
            grant,
            ..
        } = *write;
        built.edges[*from as usize].push(Edge {
            to: every,
            path,
            certain,
            presumed: false,
            through: NOTHING,
            grant,
        });
    }
    let cut = built.cut || open;
    let walker = Walker {
        holders,
        functions,
        back: reversed(&built, holders.len() + 2),
        built,
        joint,
        agreements,
        now,
    };
    let near = [true, false].map(|certain| walker.distances(Privilege::NearAdministrator, certain));
    let most = [true, false].map(|certain| walker.distances(Privilege::Administrator, certain));
    let ways = (0..holders.len())
        .map(|from| {
            let holder = &holders[from];
            if is_administrator(holder) {
                return Vec::new();
            }
            let is_near = holder.judgement.privilege >= Privilege::NearAdministrator
                && walker.built.lasting[from] == Some(true);
            let distances = if is_near { &most } else { &near };
            walker.ways(from, distances)
        })
        .collect();
    let leaves =
        |holder: &Holder<'_, '_>| holder.judgement.may_assume_elsewhere(holder.role.account);
    let leaving: Vec<u32> = (0..)
        .zip(holders)
        .filter(|(_, holder)| leaves(holder))
        .map(|(at, _)| at)
        .collect();
    let mut elsewhere = who_reaches(&walker.back, &leaving);
    elsewhere.truncate(holders.len());
    let unknown = cut.then(|| {
        "the account's roles have too many ways to act as one another to follow all of them"
            .to_owned()
    });
    Graph {
        ways,
        elsewhere,
        unknown,
    }
}

struct Walker<'w, 'g, 'a> {
    holders: &'w [Holder<'g, 'a>],
    functions: &'w [FunctionRole<'w>],
    built: Built,
    /// The edges by where they lead, each with where it comes from.
    back: Vec<Vec<(u32, Edge)>>,
    joint: Joint,
    agreements: Agreements,
    now: &'w str,
}

/// The edges by their targets.
pub(super) fn reversed(built: &Built, nodes: usize) -> Vec<Vec<(u32, Edge)>> {
    let mut back = vec![Vec::new(); nodes];
    for (from, edges) in (0..).zip(&built.edges) {
        for edge in edges {
            back[edge.to as usize].push((from, *edge));
        }
    }
    back
}

/// Finds who can act as a role that writes policies and as the role that they are written for.
fn joint(holders: &[Holder<'_, '_>], built: &Built, followed: &mut usize) -> (Joint, bool) {
    let mut joint = Joint::new();
    if built.writes.is_empty() {
        return (joint, false);
    }
    let mut writes: Vec<Vec<&Write>> = vec![Vec::new(); holders.len()];
    for write in &built.writes {
        writes[write.by as usize].push(write);
    }
    let writers: Vec<u32> = (0..)
        .zip(&writes)
        .filter(|(_, of)| !of.is_empty())
        .map(|(at, _)| at)
        .collect();
    let near = who_reaches(&reversed(built, holders.len() + 2), &writers);
    let writing = (0..)
        .zip(holders)
        .zip(near)
        .filter(|((_, holder), near)| *near && !is_administrator(holder));
    for from in writing.map(|((from, _), _)| from) {
        for certain in [true, false] {
            let reached = reached(built, from, certain, followed);
            let is_held = |at: u32| at == from || reached[at as usize].is_some();
            let both = |write: &&&Write| is_held(write.on) && (write.certain || !certain);
            let found = (0..)
                .zip(&writes)
                .filter(|(by, _)| is_held(*by))
                .find_map(|(_, of)| of.iter().find(both));
            if let Some(write) = found {
                joint.insert(
                    from,
                    Write {
                        certain: certain && write.certain,
                        ..**write
                    },
                );
                break;
            }
            if *followed > MOST_FOLLOWED {
                return (joint, true);
            }
        }
    }
    (joint, false)
}

/// Whether each node can act as one of some, these among them.
pub(super) fn who_reaches(back: &[Vec<(u32, Edge)>], targets: &[u32]) -> Vec<bool> {
    let mut seen = vec![false; back.len()];
    let mut queue: VecDeque<u32> = targets.iter().copied().collect();
    queue.iter().for_each(|at| seen[*at as usize] = true);
    while let Some(at) = queue.pop_front() {
        for (from, _) in &back[at as usize] {
            if !std::mem::replace(&mut seen[*from as usize], true) {
                queue.push_back(*from);
            }
        }
    }
    seen
}

/// As which other roles a role can act: of each the step before it on a shortest way.
pub(super) fn reached(
    built: &Built,
    from: u32,
    certain: bool,
    followed: &mut usize,
) -> Vec<Option<(u32, Edge)>> {
    let mut before: Vec<Option<(u32, Edge)>> = vec![None; built.edges.len()];
    let mut queue = VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        *followed += built.edges[at as usize].len();
        for edge in built.edges[at as usize]
            .iter()
            .filter(|edge| edge.to != from && (edge.certain || !certain))
        {
            // Indices beyond the roles are not roles.
            if let Some(room) = before.get_mut(edge.to as usize)
                && room.is_none()
            {
                *room = Some((at, *edge));
                queue.push_back(edge.to);
            }
        }
    }
    before
}

/// Whether a way needs some of the permissions of another one and leads as far: the other is the
/// same fault once more.
fn takes_less(way: &Way, other: &Way) -> bool {
    let needed = |need: &Need| {
        other
            .path
            .needs
            .iter()
            .any(|it| it.small == need.small && it.target == need.target)
    };
    let presumed = |way: &Way| way.steps.iter().any(|step| step.presumed);
    way.path.needs.len() < other.path.needs.len()
        && way.path.needs.iter().all(needed)
        && std::mem::discriminant(&way.reached) == std::mem::discriminant(&other.reached)
        && way.conditional <= other.conditional
        && presumed(way) <= presumed(other)
}

/// Whether a step goes through a function that an earlier step deleted, other than as the one that
/// is made under its name.
fn uses_what_it_deleted(steps: &[Step]) -> bool {
    let deletes =
        |earlier: &Step, step: &Step| earlier.path.deletes && earlier.through == step.through;
    steps
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, step)| !step.path.deletes && step.through.is_some())
        .any(|(at, step)| {
            let is_made_anew = deletes(&steps[at - 1], step);
            !is_made_anew && steps[..at].iter().any(|earlier| deletes(earlier, step))
        })
}

impl Walker<'_, '_, '_> {
    /// The distances to roles of at least that privilege, to every permission and to users.
    fn distances(&self, least: Privilege, certain: bool) -> Distances {
        let roles = self.holders.len();
        let mut next: Vec<Option<Next>> = vec![None; self.back.len()];
        let mut queue = VecDeque::new();
        let is_target = |at: usize| at >= roles || self.is_target(at, least, certain);
        for (at, room) in next.iter_mut().enumerate().filter(|(at, _)| is_target(*at)) {
            *room = Some(Next {
                distance: 0,
                edge: None,
            });
            queue.push_back(at);
        }
        while let Some(at) = queue.pop_front() {
            let distance = next[at].map_or(0, |it| it.distance) + 1;
            for (from, edge) in self.back[at]
                .iter()
                .filter(|(_, edge)| edge.certain || !certain)
            {
                let from = *from as usize;
                if next[from].is_none() {
                    next[from] = Some(Next {
                        distance,
                        edge: Some(*edge),
                    });
                    queue.push_back(from);
                }
            }
        }
        Distances(next)
    }

    /// Whether a role has enough power to be worth a way; where that is not known, it counts for
    /// ways that are not certain.
    fn is_target(&self, at: usize, least: Privilege, certain: bool) -> bool {
        let judgement = self.holders[at].judgement;
        if certain {
            judgement.privilege >= least
                && judgement.unknown_denies.is_empty()
                && self.built.lasting[at] == Some(true)
        } else {
            (judgement.privilege >= least && self.built.lasting[at].is_some())
                || judgement.privilege == Privilege::Unknown
        }
    }

    /// The ways of a role, one for each path that its first step can take.
    fn ways(&self, from: usize, [certain, any]: &[Distances; 2]) -> Vec<Way> {
        let mut best: BTreeMap<u16, (bool, u32, Edge, usize)> = BTreeMap::new();
        for edge in &self.built.edges[from] {
            let sure = certain.0[edge.to as usize]
                .filter(|_| edge.certain)
                .map(|it| (false, it.distance));
            let Some((conditional, distance)) =
                sure.or_else(|| any.0[edge.to as usize].map(|it| (true, it.distance)))
            else {
                continue;
            };
            let entry = best
                .entry(edge.path)
                .or_insert((conditional, distance, *edge, 0));
            entry.3 += 1;
            if (conditional, distance) < (entry.0, entry.1) {
                (entry.0, entry.1, entry.2) = (conditional, distance, *edge);
            }
        }
        let way = |(path, (conditional, _, edge, count)): (u16, (bool, u32, Edge, usize))| {
            let distances = if conditional { any } else { certain };
            let mut steps = Vec::new();
            let reached = self.follow(from as u32, edge, distances, &mut steps);
            // What was replaced no longer runs as it did.
            let conditional = conditional || uses_what_it_deleted(&steps);
            Way {
                path: &catalogue()[path as usize],
                steps,
                reached,
                conditional,
                count,
            }
        };
        // A way back to the role continues as a way from there, which is reported by itself.
        let own = self.holders[from].role.arn;
        let leads_back = |way: &Way| {
            way.steps
                .windows(2)
                .any(|steps| steps[0].to.as_deref() == Some(own) && steps[1].from == own)
        };
        let ways: Vec<Way> = best
            .into_iter()
            .map(way)
            .filter(|way| !leads_back(way))
            .collect();
        let is_shortest = |way: &&Way| !ways.iter().any(|other| takes_less(other, way));
        ways.iter().filter(is_shortest).cloned().collect()
    }

    /// Follows an edge, and from there the shortest way.
    fn follow(
        &self,
        mut from: u32,
        mut edge: Edge,
        distances: &Distances,
        steps: &mut Vec<Step>,
    ) -> Reached {
        // A role that takes its own limit away may do so to another as well.
        let is_of = |write: &Write, edge: &Edge| {
            let same =
                (write.path, write.grant, write.certain) == (edge.path, edge.grant, edge.certain);
            same && edge.to as usize == self.holders.len()
        };
        // No way is longer than there are roles.
        for _ in 0..=self.holders.len() {
            match self.joint.get(&from).filter(|write| is_of(write, &edge)) {
                Some(write) => self.together(from, write, steps),
                None => self.take(from, edge, steps),
            }
            from = edge.to;
            let role = match (from as usize).checked_sub(self.holders.len()) {
                Some(0) => return Reached::EveryPermission,
                Some(_) => return Reached::User,
                None => &self.holders[from as usize],
            };
            match distances.0[from as usize].and_then(|next| next.edge) {
                Some(next) => edge = next,
                None => {
                    return Reached::Role {
                        arn: role.role.arn.to_owned(),
                        privilege: role.judgement.privilege,
                    };
                }
            }
        }
        Reached::EveryPermission
    }

    /// The steps by which a role acts as a second one whose policies it, or another that it can act
    /// as, writes.
    fn together(&self, from: u32, write: &Write, steps: &mut Vec<Step>) {
        let before = reached(&self.built, from, write.certain, &mut 0);
        for (from, edge) in hops(&before, &[write.by, write.on]) {
            self.take(from, edge, steps);
        }
        let Write {
            on,
            path,
            certain,
            grant,
            own,
            ..
        } = *write;
        let every = self.holders.len() as u32;
        steps.extend(own.map(|path| {
            self.step(
                write.by,
                Edge {
                    to: every,
                    path,
                    certain,
                    presumed: false,
                    through: NOTHING,
                    grant: NOTHING,
                },
            )
        }));
        steps.extend(
            self.built
                .freed_on
                .get(&(write.by, path, on))
                .map(|freed| self.deletion(write.by, freed)),
        );
        steps.push(self.step(
            write.by,
            Edge {
                to: on,
                path,
                certain,
                presumed: false,
                through: NOTHING,
                grant,
            },
        ));
    }

    /// Takes an edge, unless it is taken already: what has the name of something new is deleted
    /// before that is made.
    fn take(&self, from: u32, mut edge: Edge, steps: &mut Vec<Step>) {
        let agreed = self.agreements.of(from, &edge);
        let maker = agreed.map_or(from, |agreed| agreed.maker);
        edge.to = agreed.and_then(|agreed| agreed.on).unwrap_or(edge.to);
        let step = self.step(maker, edge);
        let is_same = |taken: &Step| {
            (&taken.path.id, &taken.from, &taken.to) == (&step.path.id, &step.from, &step.to)
        };
        // Two ways that are needed together may have more in common than their beginning.
        if step.to.is_some() && steps.iter().any(is_same) {
            return;
        }
        if let Some(agreed) = agreed {
            agreed
                .hops
                .iter()
                .for_each(|(from, edge)| self.take(*from, *edge, steps));
            steps.push(self.deletion(agreed.deleter, &agreed.freed));
        } else if let Some(freed) = self.built.freed.get(&(from, edge.path)) {
            steps.push(self.deletion(from, freed));
        }
        steps.push(step);
    }

    fn deletion(&self, from: u32, freed: &Freed) -> Step {
        let holder = &self.holders[from as usize];
        let deleted = match freed.what {
            Taken::Function(at) => self.functions[at as usize].arn,
            Taken::Role(at) => self.holders[at as usize].role.arn,
            Taken::Versions(of, at) => {
                policy_at(self.holders[of as usize].role, at).unwrap_or_default()
            }
        };
        Step {
            path: &catalogue()[freed.path as usize],
            from: holder.role.arn.to_owned(),
            to: None,
            through: Some(deleted.to_owned()),
            evidence: of_grants(holder, &freed.grants),
            conditional: !freed.certain,
            presumed: false,
        }
    }

    fn step(&self, from: u32, edge: Edge) -> Step {
        let holder = &self.holders[from as usize];
        let path = &catalogue()[edge.path as usize];
        let to = self.holders.get(edge.to as usize);
        let function = self
            .functions
            .get(edge.through as usize)
            .map(|it| it.arn.to_owned());
        let service = edge
            .presumed
            .then(|| path.runs_as.first().cloned())
            .flatten();
        Step {
            path,
            from: holder.role.arn.to_owned(),
            to: to.map(|it| it.role.arn.to_owned()),
            through: function.or(service),
            evidence: evidence(holder, path, &edge, to, self.now),
            conditional: !edge.certain,
            presumed: edge.presumed,
        }
    }
}
