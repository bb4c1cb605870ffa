//! Rows within a level of policies that have to allow them too, and without what a Deny removes.

use std::collections::HashSet;
use std::sync::Arc;

use super::effort::Effort;
use super::rule::{ActionPattern, Relation, ResourcePattern, Rule};
use super::{Grant, Grants};

/// A row that would become more rows than this stays as it is; so do further rows once there are as
/// many as `MOST_OF_ALL`.
const MOST: usize = 1024;
const MOST_OF_ALL: usize = 16 * MOST;

/// How many steps it takes to copy a pattern.
const COPY: usize = 50;

/// Keeps of the rows what some of a level's Allow statements allow too.
pub(super) fn within<'a>(grants: &mut Grants<'a>, allows: &[Rule<'a>], effort: &Effort) {
    let mut rows = Vec::with_capacity(grants.rows.len());
    for row in std::mem::take(&mut grants.rows) {
        if allows
            .iter()
            .any(|rule| rule.statement.conditions.is_empty() && passes(rule, &row, effort))
            || effort.is_spent()
        {
            rows.push(row);
            continue;
        }
        let mut parts: Vec<Grant<'a>> = allows
            .iter()
            .flat_map(|rule| both(&row, rule, effort))
            .take(MOST * 2)
            .collect();
        let cut = parts.len() == MOST * 2 || effort.is_spent();
        let first: Vec<bool> = {
            let mut seen = HashSet::new();
            parts.iter().map(|part| seen.insert(part.key())).collect()
        };
        let mut first = first.into_iter();
        parts.retain(|_| first.next() == Some(true));
        if cut || parts.len() > MOST || rows.len() > MOST_OF_ALL {
            grants.unknown_denies.push(format!(
                "{} {} is allowed in too many parts to compare",
                row.source, row.action
            ));
            rows.push(row);
        } else {
            rows.append(&mut parts);
        }
    }
    grants.rows = rows;
}

/// Whether a rule allows the whole of a row.
fn passes(rule: &Rule<'_>, row: &Grant<'_>, effort: &Effort) -> bool {
    effort.spend(rule.size.of_actions(row))
        && rule.about_actions(&row.pattern) == Relation::All
        && effort.spend(rule.size.of_resources(row))
        && row
            .resources
            .iter()
            .all(|resource| rule.allows_resource(resource) == Relation::All)
}

/// What a row and a rule allow both.
fn both<'a>(row: &Grant<'a>, rule: &Rule<'a>, effort: &Effort) -> Vec<Grant<'a>> {
    if !effort.spend(rule.size.of_actions(row)) {
        return Vec::new();
    }
    let Some((patterns, excepted)) = both_actions(&row.pattern, rule) else {
        return Vec::new();
    };
    if !effort.spend(rule.size.of_resources(row)) {
        return Vec::new();
    }
    let Some((resources, excepted_resources)) = both_resources(&row.resources, rule) else {
        return Vec::new();
    };
    let lists = [
        resources.len(),
        excepted.len(),
        excepted_resources.len(),
        row.excepted.len(),
        row.excepted_resources.len(),
    ];
    if !effort
        .spend((1 + patterns.len()).saturating_mul(COPY * (2 + lists.into_iter().sum::<usize>())))
    {
        return Vec::new();
    }
    let resources = Arc::new(resources);
    let spared = |pattern: &ActionPattern<'a>| {
        !row.excepted
            .iter()
            .any(|exception| exception.covers(pattern))
    };
    let part = |pattern: ActionPattern<'a>| {
        let mut part = row.clone();
        part.action = pattern.written;
        part.pattern = pattern;
        extend(&mut part.excepted, excepted.iter().cloned());
        part.resources = Arc::clone(&resources);
        extend(
            &mut part.excepted_resources,
            excepted_resources.iter().cloned(),
        );
        part.conditions.extend(&rule.statement.conditions);
        part
    };
    patterns.into_iter().filter(spared).map(part).collect()
}

/// Adds to a list that rows share, where there is something to add.
fn extend<P: Clone>(list: &mut Arc<Vec<P>>, more: impl Iterator<Item = P>) {
    let mut more = more.peekable();
    if more.peek().is_some() {
        Arc::make_mut(list).extend(more);
    }
}

type Both<P> = Option<(Vec<P>, Vec<P>)>;

/// The actions that a row and a rule have both, and those that are taken out of them.
fn both_actions<'a>(row: &ActionPattern<'a>, rule: &Rule<'a>) -> Both<ActionPattern<'a>> {
    match rule.about_actions(row) {
        Relation::None => None,
        Relation::All => Some((vec![row.clone()], Vec::new())),
        Relation::Part if rule.not_action => Some((
            vec![row.clone()],
            rule.actions
                .iter()
                .filter(|pattern| pattern.overlaps(row))
                .cloned()
                .collect(),
        )),
        Relation::Part => Some((listed(row, rule), Vec::new())),
    }
}

/// What of a row's actions is in the list of a rule.
fn listed<'a>(row: &ActionPattern<'a>, rule: &Rule<'a>) -> Vec<ActionPattern<'a>> {
    let touched: Vec<&ActionPattern<'a>> = rule
        .actions
        .iter()
        .filter(|pattern| pattern.overlaps(row))
        .collect();
    if touched.iter().all(|pattern| row.covers(pattern)) {
        touched.into_iter().cloned().collect()
    } else {
        vec![row.clone()]
    }
}

fn both_resources<'a>(row: &[ResourcePattern<'a>], rule: &Rule<'a>) -> Both<ResourcePattern<'a>> {
    let (mut kept, mut excepted) = (Vec::new(), Vec::new());
    for resource in row {
        match rule.allows_resource(resource) {
            Relation::None => {}
            Relation::All => kept.push(resource.clone()),
            Relation::Part if rule.not_resource => {
                kept.push(resource.clone());
                excepted.extend(
                    rule.resources
                        .iter()
                        .filter(|pattern| overlaps(pattern, resource))
                        .cloned(),
                );
            }
            Relation::Part => kept.extend(listed_resources(resource, rule)),
        }
    }
    (!kept.is_empty()).then_some((kept, excepted))
}

fn listed_resources<'a>(row: &ResourcePattern<'a>, rule: &Rule<'a>) -> Vec<ResourcePattern<'a>> {
    let touched: Vec<&ResourcePattern<'a>> = rule
        .resources
        .iter()
        .filter(|pattern| overlaps(pattern, row))
        .collect();
    let within = |pattern: &&ResourcePattern<'a>| crate::overlap::covers(&row.wide, &pattern.wide);
    if touched.iter().all(within) {
        touched.into_iter().cloned().collect()
    } else {
        vec![row.clone()]
    }
}

fn overlaps(one: &ResourcePattern<'_>, other: &ResourcePattern<'_>) -> bool {
    crate::overlap::overlaps(&one.wide, &other.wide)
}

/// Takes out of the rows what Deny statements without conditions deny.
pub(super) fn without<'a>(grants: &mut Grants<'a>, denials: &[Rule<'a>], effort: &Effort) {
    for rule in denials
        .iter()
        .filter(|rule| rule.statement.conditions.is_empty())
    {
        if !effort.spend(
            grants
                .rows
                .iter()
                .map(|row| rule.size.of_actions(row))
                .fold(0, usize::saturating_add),
        ) {
            break;
        }
        if grants
            .rows
            .iter()
            .all(|row| rule.about_actions(&row.pattern) == Relation::None)
        {
            continue;
        }
        let rows = std::mem::take(&mut grants.rows);
        let (mut kept, mut left_of_rows, mut cut) =
            (Vec::with_capacity(rows.len()), rows.len(), false);
        for row in rows {
            left_of_rows -= 1;
            let room = MOST.min(MOST_OF_ALL.saturating_sub(kept.len() + left_of_rows));
            match left(row, rule, room, effort) {
                Left::Rows(parts) => kept.extend(parts),
                Left::TooMany(row) => {
                    cut = true;
                    kept.push(row);
                }
            }
        }
        grants.rows = kept;
        if cut {
            grants.unknown_denies.push(format!(
                "what {} leaves has too many parts to compare",
                rule.source
            ));
        }
    }
}

/// What a Deny leaves of a row.
enum Left<'a> {
    Rows(Vec<Grant<'a>>),
    /// So many parts that the row stays as it is.
    TooMany(Grant<'a>),
}

impl<'a> Left<'a> {
    fn one(row: Grant<'a>) -> Self {
        Self::Rows(vec![row])
    }
}

fn left<'a>(mut row: Grant<'a>, rule: &Rule<'a>, room: usize, effort: &Effort) -> Left<'a> {
    let actions = rule.about_actions(&row.pattern);
    if actions == Relation::None {
        return Left::one(row);
    }
    if !effort.spend(rule.size.of_resources(&row)) {
        return Left::one(row);
    }
    let relations: Vec<Relation> = row
        .resources
        .iter()
        .map(|resource| rule.denies_resource(resource))
        .collect();
    if relations.iter().all(|relation| *relation == Relation::None) {
        return Left::one(row);
    }
    let taken = if actions == Relation::All {
        row.resources.len().saturating_mul(rule.resources.len())
    } else {
        rule.actions.len()
    };
    if !effort
        .spend(COPY.saturating_mul(1 + row.excepted.len() + row.excepted_resources.len() + taken))
    {
        return Left::one(row);
    }
    if actions == Relation::All {
        let mut kept = Vec::new();
        for (resource, relation) in row.resources.iter().zip(relations) {
            match relation {
                Relation::All => {}
                Relation::None => kept.push(resource.clone()),
                Relation::Part if rule.not_resource => {
                    kept.extend(listed_resources(resource, rule))
                }
                Relation::Part => {
                    kept.push(resource.clone());
                    // A pattern with a variable may be about something else.
                    let taken = rule
                        .resources
                        .iter()
                        .filter(|pattern| !pattern.variable && overlaps(pattern, resource));
                    extend(&mut row.excepted_resources, taken.cloned());
                }
            }
        }
        row.resources = Arc::new(kept);
        return if row.resources.is_empty() {
            Left::Rows(Vec::new())
        } else {
            Left::one(row)
        };
    }
    if relations.iter().any(|relation| *relation != Relation::All) {
        row.denied.push(rule.denial());
        return Left::one(row);
    }
    if !rule.not_action {
        extend(
            &mut row.excepted,
            rule.actions
                .iter()
                .filter(|pattern| pattern.overlaps(&row.pattern))
                .cloned(),
        );
        return Left::one(row);
    }
    // A Deny with `NotAction` leaves what it lists.
    let part = |pattern: ActionPattern<'a>| {
        let mut part = row.clone();
        part.action = pattern.written;
        part.pattern = pattern;
        part
    };
    let parts = listed(&row.pattern, rule);
    if parts.len() > room.max(1) {
        Left::TooMany(row)
    } else {
        Left::Rows(parts.into_iter().map(part).collect())
    }
}
