//! The ways: breadth first from where there is more power, against the edges.

use std::collections::{BTreeMap, VecDeque};

use super::build::{Built, Edge, NOTHING, Write, is_administrator};
use super::{FunctionRole, Graph, Holder, Reached, Step, Way};
use crate::role::Privilege;
use crate::role::catalogue::catalogue;

/// How many edges are followed to find out who can act as two roles together, before the rest is left open.
const MOST_FOLLOWED: usize = 50_000_000;

/// How far a role is from a target, and the edge that leads there.
#[derive(Clone, Copy)]
struct Next {
    distance: u32,
    edge: Option<Edge>,
}

/// The distances of all nodes to some targets.
struct Distances(Vec<Option<Next>>);

/// Who gets every permission by acting as two roles together.
type Joint = BTreeMap<u32, Write>;

pub(super) fn walk(holders: &[Holder<'_, '_>], functions: &[FunctionRole<'_>], built: &Built) -> Graph {
    let (joint, open) = joint(holders, built);
    let walker = Walker { holders, functions, built, joint };
    let near = [true, false].map(|certain| walker.distances(Privilege::NearAdministrator, certain));
    let most = [true, false].map(|certain| walker.distances(Privilege::Administrator, certain));
    let ways = (0..holders.len())
        .map(|from| {
            let holder = &holders[from];
            if is_administrator(holder) {
                return Vec::new();
            }
            let distances = if holder.judgement.privilege >= Privilege::NearAdministrator { &most } else { &near };
            walker.ways(from, distances)
        })
        .collect();
    let unknown =
        (built.cut || open).then(|| "the account's roles have too many ways to act as one another to follow all of them".to_owned());
    Graph { ways, unknown }
}

struct Walker<'w, 'g, 'a> {
    holders: &'w [Holder<'g, 'a>],
    functions: &'w [FunctionRole<'w>],
    built: &'w Built,
    joint: Joint,
}

/// Finds who can act as a role that writes policies and as the role that they are written for.
fn joint(holders: &[Holder<'_, '_>], built: &Built) -> (Joint, bool) {
    let mut joint = Joint::new();
    if built.writes.is_empty() {
        return (joint, false);
    }
    let mut writes: Vec<Vec<&Write>> = vec![Vec::new(); holders.len()];
    for write in &built.writes {
        writes[write.by as usize].push(write);
    }
    let writers: Vec<u32> = (0..).zip(&writes).filter(|(_, of)| !of.is_empty()).map(|(at, _)| at).collect();
    let mut followed = 0;
    for from in who_reaches(built, &writers) {
        if is_administrator(&holders[from as usize]) {
            continue;
        }
        for certain in [true, false] {
            let held = held(built, from, certain, &mut followed);
            let both = |write: &&&Write| held[write.on as usize] && (write.certain || !certain);
            let found = (0..).zip(&held).filter(|(_, held)| **held).find_map(|(by, _)| writes[by as usize].iter().find(|it| both(it)));
            if let Some(write) = found {
                joint.insert(from, Write { certain: certain && write.certain, ..**write });
                break;
            }
            if followed > MOST_FOLLOWED {
                return (joint, true);
            }
        }
    }
    (joint, false)
}

/// The roles that can act as one of some, these among them.
fn who_reaches(built: &Built, targets: &[u32]) -> Vec<u32> {
    let mut back: Vec<Vec<u32>> = vec![Vec::new(); built.edges.len()];
    for (from, edges) in (0..).zip(&built.edges) {
        for edge in edges {
            // The other targets are no roles.
            if let Some(callers) = back.get_mut(edge.to as usize) {
                callers.push(from);
            }
        }
    }
    let mut seen = vec![false; back.len()];
    let mut queue: VecDeque<u32> = targets.iter().copied().collect();
    queue.iter().for_each(|at| seen[*at as usize] = true);
    while let Some(at) = queue.pop_front() {
        for from in &back[at as usize] {
            if !std::mem::replace(&mut seen[*from as usize], true) {
                queue.push_back(*from);
            }
        }
    }
    (0..).zip(seen).filter(|(_, seen)| *seen).map(|(at, _)| at).collect()
}

/// As which roles a role can act.
fn held(built: &Built, from: u32, certain: bool, followed: &mut usize) -> Vec<bool> {
    let mut held = vec![false; built.edges.len()];
    held[from as usize] = true;
    let mut queue = VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        *followed += built.edges[at as usize].len();
        for edge in built.edges[at as usize].iter().filter(|edge| edge.certain || !certain) {
            if let Some(seen) = held.get_mut(edge.to as usize)
                && !std::mem::replace(seen, true)
            {
                queue.push_back(edge.to);
            }
        }
    }
    held
}

impl Walker<'_, '_, '_> {
    /// The distances to roles of at least that privilege, to every permission and to users.
    fn distances(&self, least: Privilege, certain: bool) -> Distances {
        let roles = self.holders.len();
        let mut next: Vec<Option<Next>> = vec![None; roles + 2];
        let mut back: Vec<Vec<(u32, Edge)>> = vec![Vec::new(); roles + 2];
        for (from, edges) in (0..).zip(&self.built.edges) {
            for edge in edges.iter().filter(|edge| edge.certain || !certain) {
                back[edge.to as usize].push((from, *edge));
            }
        }
        let mut queue = VecDeque::new();
        let is_target = |at: usize| at >= roles || self.is_target(at, least, certain);
        for (at, room) in next.iter_mut().enumerate().filter(|(at, _)| is_target(*at)) {
            *room = Some(Next { distance: 0, edge: None });
            queue.push_back(at as u32);
        }
        // Who gets every permission together with another role stands where one step would lead there.
        let mut joint: Vec<u32> = self.joint.iter().filter(|(_, write)| write.certain || !certain).map(|(at, _)| *at).collect();
        while let Some(at) = queue.pop_front() {
            let distance = next[at as usize].map_or(0, |it| it.distance) + 1;
            if distance > 1 {
                for from in joint.drain(..) {
                    let room = &mut next[from as usize];
                    if room.is_none() {
                        *room = Some(Next { distance: 1, edge: None });
                        queue.push_front(from);
                    }
                }
            }
            for (from, edge) in &back[at as usize] {
                let room = &mut next[*from as usize];
                if room.is_none() {
                    *room = Some(Next { distance, edge: Some(*edge) });
                    queue.push_back(*from);
                }
            }
        }
        for from in joint {
            let room = &mut next[from as usize];
            if room.is_none() {
                *room = Some(Next { distance: 1, edge: None });
            }
        }
        Distances(next)
    }

    /// Whether a role has enough power to be worth a way; where that is not known, it counts for ways that are not certain.
    fn is_target(&self, at: usize, least: Privilege, certain: bool) -> bool {
        let judgement = self.holders[at].judgement;
        if certain {
            judgement.privilege >= least && judgement.loose.is_empty()
        } else {
            judgement.privilege >= least || judgement.privilege == Privilege::Unknown
        }
    }

    /// The ways of a role, one for each path that its first step can take.
    fn ways(&self, from: usize, [certain, any]: &[Distances; 2]) -> Vec<Way> {
        let mut best: BTreeMap<u16, (bool, u32, Option<Edge>, usize)> = BTreeMap::new();
        for edge in &self.built.edges[from] {
            let sure = certain.0[edge.to as usize].filter(|_| edge.certain).map(|it| (false, it.distance));
            let Some((conditional, distance)) = sure.or_else(|| any.0[edge.to as usize].map(|it| (true, it.distance))) else { continue };
            let entry = best.entry(edge.path).or_insert((conditional, distance, Some(*edge), 0));
            entry.3 += 1;
            if (conditional, distance) < (entry.0, entry.1) {
                (entry.0, entry.1, entry.2) = (conditional, distance, Some(*edge));
            }
        }
        if let Some(write) = self.joint.get(&(from as u32)) {
            best.entry(write.path).or_insert((!write.certain, 1, None, 1));
        }
        let way = |(path, (conditional, _, edge, count)): (u16, (bool, u32, Option<Edge>, usize))| {
            let distances = if conditional { any } else { certain };
            let mut steps = Vec::new();
            let reached = match edge {
                Some(edge) => self.follow(from as u32, edge, distances, &mut steps),
                None => self.together(from as u32, distances, &mut steps),
            };
            Way { path: &catalogue()[path as usize], steps, reached, conditional, count }
        };
        best.into_iter().map(way).collect()
    }

    /// Follows an edge, and from there the shortest way.
    fn follow(&self, mut from: u32, mut edge: Edge, distances: &Distances, steps: &mut Vec<Step>) -> Reached {
        // No way is longer than there are roles.
        for _ in 0..=self.holders.len() {
            steps.push(self.step(from, edge));
            from = edge.to;
            let role = match (from as usize).checked_sub(self.holders.len()) {
                Some(0) => return Reached::EveryPermission,
                Some(_) => return Reached::User,
                None => &self.holders[from as usize],
            };
            match distances.0[from as usize] {
                Some(Next { distance, edge: Some(next) }) if distance > 0 => edge = next,
                Some(Next { distance, edge: None }) if distance > 0 => return self.together(from, distances, steps),
                _ => return Reached::Role { arn: role.role.arn.to_owned(), privilege: role.judgement.privilege },
            }
        }
        Reached::EveryPermission
    }

    /// The steps by which a role acts as a second one whose policies it, or another that it can act as, writes.
    fn together(&self, from: u32, _: &Distances, steps: &mut Vec<Step>) -> Reached {
        let Some(write) = self.joint.get(&from) else { return Reached::EveryPermission };
        for target in [write.by, write.on] {
            steps.extend(self.way_to(from, target, write.certain));
        }
        let edge = Edge { to: write.on, path: write.path, certain: write.certain, presumed: false, through: NOTHING, grant: write.grant };
        steps.push(self.step(write.by, edge));
        Reached::EveryPermission
    }

    /// The shortest way from one role to another.
    fn way_to(&self, from: u32, target: u32, certain: bool) -> Vec<Step> {
        let mut before: Vec<Option<(u32, Edge)>> = vec![None; self.holders.len()];
        let mut queue = VecDeque::from([from]);
        while let Some(at) = queue.pop_front().filter(|at| *at != target) {
            for edge in self.built.edges[at as usize].iter().filter(|edge| edge.certain || !certain) {
                if edge.to != from
                    && let Some(room) = before.get_mut(edge.to as usize)
                    && room.is_none()
                {
                    *room = Some((at, *edge));
                    queue.push_back(edge.to);
                }
            }
        }
        let mut steps = Vec::new();
        let mut at = target;
        while at != from {
            let Some((earlier, edge)) = before[at as usize] else { return steps };
            steps.push(self.step(earlier, edge));
            at = earlier;
        }
        steps.reverse();
        steps
    }

    fn step(&self, from: u32, edge: Edge) -> Step {
        let holder = &self.holders[from as usize];
        let path = &catalogue()[edge.path as usize];
        let judgement = holder.judgement;
        let mut sources: Vec<String> =
            judgement.grants.get(edge.grant as usize).map(|grant| grant.source.to_string()).into_iter().collect();
        let open = judgement.escalations.iter().chain(&judgement.latent).find(|it| it.path.id == path.id);
        // The grant that decides stands first; of the others only what is needed besides it.
        let rest = open.into_iter().flat_map(|it| it.path.needs.iter().zip(&it.sources));
        let decides = edge.grant != NOTHING;
        let decided = |action: &str| decides && (path.needs.len() == 1 || matches!(action, "iam:PassRole" | "sts:AssumeRole"));
        sources.extend(rest.filter(|(need, _)| !decided(&need.action)).map(|(_, source)| source.to_string()));
        sources.dedup();
        let role = self.holders.get(edge.to as usize).map(|it| it.role.arn.to_owned());
        let function = self.functions.get(edge.through as usize).map(|it| it.arn.to_owned());
        let service = edge.presumed.then(|| path.runs_as.first().cloned()).flatten();
        Step {
            path,
            from: holder.role.arn.to_owned(),
            to: role,
            through: function.or(service),
            sources,
            conditional: !edge.certain,
            presumed: edge.presumed,
        }
    }
}
