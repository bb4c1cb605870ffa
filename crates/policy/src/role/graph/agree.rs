//! Names that one role frees for another: who can act as both makes something new under them.

use std::collections::{HashMap, HashSet};

use super::Holder;
use super::build::{Built, Edge, Freed, Taken, Waiting, is_administrator};
use super::walk::{MOST_FOLLOWED, reached, reversed, who_reaches};

/// How often the edges that were found may open more of them, before the rest is left open.
const MOST_ROUNDS: usize = 8;

/// How many edges they may add.
const MOST_ADDED: usize = 500_000;

/// Two roles that can be acted as: one deletes what stands in the way, the other makes something
/// new.
#[derive(Debug)]
pub(super) struct Agreed {
    /// The edges by which both are acted as, each with where it comes from.
    pub(super) hops: Vec<(u32, Edge)>,
    pub(super) deleter: u32,
    pub(super) freed: Freed,
    pub(super) maker: u32,
    /// The role whose policy is written, where it is another one.
    pub(super) on: Option<u32>,
}

/// What two roles together open, by the edges that it adds.
#[derive(Debug, Default)]
pub(super) struct Agreements {
    all: Vec<Agreed>,
    /// By where an edge comes from, its path and where it leads.
    of: HashMap<(u32, u16, u32), usize>,
}

impl Agreements {
    /// Adds the edges that two roles open together, which whoever can act as both has.
    pub(super) fn find(
        holders: &[Holder<'_, '_>],
        built: &mut Built,
        followed: &mut usize,
    ) -> Self {
        let mut agreements = Self::default();
        let waiting = std::mem::take(&mut built.waiting);
        let makers: Vec<u32> = waiting
            .iter()
            .filter(|it| {
                it.taken
                    .iter()
                    .any(|(what, _)| built.deleters.contains_key(what))
            })
            .map(|it| it.maker)
            .collect();
        let mut more = !makers.is_empty();
        for _ in 0..MOST_ROUNDS {
            if !std::mem::take(&mut more) {
                return agreements;
            }
            let near = who_reaches(&reversed(built, holders.len() + 2), &makers);
            for (from, _) in (0..)
                .zip(holders)
                .zip(near)
                .filter(|((_, holder), near)| *near && !is_administrator(holder))
                .map(|(it, _)| it)
            {
                for certain in [true, false] {
                    more |= agreements.open(from, certain, &waiting, built, followed);
                }
                if *followed > MOST_FOLLOWED || agreements.of.len() > MOST_ADDED {
                    built.cut = true;
                    return agreements;
                }
            }
        }
        built.cut |= more;
        agreements
    }

    /// What a role opens by acting as two others, or as one beside itself; whether that is
    /// something that was not known.
    fn open(
        &mut self,
        from: u32,
        certain: bool,
        waiting: &[Waiting],
        built: &mut Built,
        followed: &mut usize,
    ) -> bool {
        let before = reached(built, from, certain, followed);
        let is_held = |at: u32| at == from || before[at as usize].is_some();
        let mut known: HashSet<(u16, u32)> = built.edges[from as usize]
            .iter()
            .filter(|edge| edge.certain || !certain)
            .map(|edge| (edge.path, edge.to))
            .collect();
        let mut added = Vec::new();
        for waiting in waiting
            .iter()
            .filter(|it| is_held(it.maker) && it.on.is_none_or(is_held))
        {
            let freed = waiting
                .taken
                .iter()
                .filter(|(_, sure)| *sure || !certain)
                .find_map(|(what, _)| {
                    let fit = |(by, freed): &&(u32, Freed)| {
                        is_held(*by) && (freed.certain || !certain) && *what != Taken::Role(*by)
                    };
                    built.deleters.get(what)?.iter().find(fit)
                });
            let Some((deleter, freed)) = freed else {
                continue;
            };
            let edges = waiting.edges.iter().filter(|edge| {
                edge.to != from && (edge.certain || !certain) && known.insert((edge.path, edge.to))
            });
            let through = if let Taken::Function(at) = freed.what {
                Some(at)
            } else {
                None
            };
            let edges: Vec<Edge> = edges
                .map(|edge| Edge {
                    certain,
                    through: through.unwrap_or(edge.through),
                    ..*edge
                })
                .collect();
            if edges.is_empty() {
                continue;
            }
            self.of.extend(
                edges
                    .iter()
                    .map(|edge| ((from, edge.path, edge.to), self.all.len())),
            );
            added.extend(edges);
            let held: Vec<u32> = [*deleter, waiting.maker]
                .into_iter()
                .chain(waiting.on)
                .collect();
            let (deleter, freed) = (*deleter, freed.clone());
            self.all.push(Agreed {
                hops: hops(&before, &held),
                deleter,
                freed,
                maker: waiting.maker,
                on: waiting.on,
            });
        }
        let more = !added.is_empty();
        built.edges[from as usize].extend(added);
        more
    }

    /// What opened an edge, where two roles did.
    pub(super) fn of(&self, from: u32, edge: &Edge) -> Option<&Agreed> {
        self.of
            .get(&(from, edge.path, edge.to))
            .and_then(|at| self.all.get(*at))
    }
}

/// The edges by which some roles are acted as, by the step before each: none is taken twice where
/// the ways begin alike.
pub(super) fn hops(before: &[Option<(u32, Edge)>], targets: &[u32]) -> Vec<(u32, Edge)> {
    let (mut hops, mut held) = (Vec::new(), Vec::new());
    for target in targets {
        let (begin, mut at) = (hops.len(), *target);
        while let Some((earlier, edge)) = before[at as usize].filter(|_| !held.contains(&at)) {
            hops.push((earlier, edge));
            held.push(at);
            at = earlier;
        }
        hops[begin..].reverse();
    }
    hops
}
