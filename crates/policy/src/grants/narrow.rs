//! Rows within a level of policies that have to allow them too, and without what a Deny takes away.

use std::collections::HashSet;

use super::rule::{ActionPattern, Relation, ResourcePattern, Rule};
use super::{Grant, Grants};

/// A row that would become more rows than this stays as it is; so do further rows once there are as many as `MOST_OF_ALL`.
const MOST: usize = 1024;
const MOST_OF_ALL: usize = 16 * MOST;

/// Keeps of the rows what some of a level's Allow statements allow too.
pub(super) fn within<'a>(grants: &mut Grants<'a>, allows: &[Rule<'a>]) {
    let mut rows = Vec::with_capacity(grants.rows.len());
    for row in std::mem::take(&mut grants.rows) {
        if allows.iter().any(|rule| rule.statement.conditions.is_empty() && passes(rule, &row)) {
            rows.push(row);
            continue;
        }
        let mut parts: Vec<Grant<'a>> = allows.iter().flat_map(|rule| both(&row, rule)).take(MOST * 2).collect();
        let cut = parts.len() == MOST * 2;
        let first: Vec<bool> = {
            let mut seen = HashSet::new();
            parts.iter().map(|part| seen.insert(part.key())).collect()
        };
        let mut first = first.into_iter();
        parts.retain(|_| first.next() == Some(true));
        if cut || parts.len() > MOST || rows.len() > MOST_OF_ALL {
            grants.loose.push(format!("{} {} is allowed in too many parts to tell them apart", row.source, row.action));
            rows.push(row);
        } else {
            rows.append(&mut parts);
        }
    }
    grants.rows = rows;
}

/// Whether a rule allows the whole of a row.
fn passes(rule: &Rule<'_>, row: &Grant<'_>) -> bool {
    rule.about_actions(&row.pattern) == Relation::All
        && row.resources.iter().all(|resource| rule.allows_resource(resource) == Relation::All)
}

/// What a row and a rule allow both.
fn both<'a>(row: &Grant<'a>, rule: &Rule<'a>) -> Vec<Grant<'a>> {
    let Some((patterns, excepted)) = both_actions(&row.pattern, rule) else { return Vec::new() };
    let Some((resources, excepted_resources)) = both_resources(&row.resources, rule) else { return Vec::new() };
    let spared = |pattern: &ActionPattern<'a>| !row.excepted.iter().any(|exception| exception.covers(pattern));
    let part = |pattern: ActionPattern<'a>| {
        let mut part = row.clone();
        part.action = pattern.written;
        part.pattern = pattern;
        part.excepted.extend(excepted.iter().cloned());
        part.resources.clone_from(&resources);
        part.excepted_resources.extend(excepted_resources.iter().cloned());
        part.conditions.extend(&rule.statement.conditions);
        part
    };
    patterns.into_iter().filter(spared).map(part).collect()
}

type Both<P> = Option<(Vec<P>, Vec<P>)>;

/// The actions that a row and a rule have both, and those that are taken out of them.
fn both_actions<'a>(row: &ActionPattern<'a>, rule: &Rule<'a>) -> Both<ActionPattern<'a>> {
    match rule.about_actions(row) {
        Relation::None => None,
        Relation::All => Some((vec![row.clone()], Vec::new())),
        Relation::Part if rule.not_action => {
            Some((vec![row.clone()], rule.actions.iter().filter(|pattern| pattern.overlaps(row)).cloned().collect()))
        }
        Relation::Part => Some((listed(row, rule), Vec::new())),
    }
}

/// What of a row's actions is in the list of a rule.
fn listed<'a>(row: &ActionPattern<'a>, rule: &Rule<'a>) -> Vec<ActionPattern<'a>> {
    let touched: Vec<&ActionPattern<'a>> = rule.actions.iter().filter(|pattern| pattern.overlaps(row)).collect();
    if touched.iter().all(|pattern| row.covers(pattern)) { touched.into_iter().cloned().collect() } else { vec![row.clone()] }
}

fn both_resources<'a>(row: &[ResourcePattern<'a>], rule: &Rule<'a>) -> Both<ResourcePattern<'a>> {
    let (mut kept, mut excepted) = (Vec::new(), Vec::new());
    for resource in row {
        match rule.allows_resource(resource) {
            Relation::None => {}
            Relation::All => kept.push(resource.clone()),
            Relation::Part if rule.not_resource => {
                kept.push(resource.clone());
                excepted.extend(rule.resources.iter().filter(|pattern| overlaps(pattern, resource)).cloned());
            }
            Relation::Part => kept.extend(listed_resources(resource, rule)),
        }
    }
    (!kept.is_empty()).then_some((kept, excepted))
}

fn listed_resources<'a>(row: &ResourcePattern<'a>, rule: &Rule<'a>) -> Vec<ResourcePattern<'a>> {
    let touched: Vec<&ResourcePattern<'a>> = rule.resources.iter().filter(|pattern| overlaps(pattern, row)).collect();
    let within = |pattern: &&ResourcePattern<'a>| crate::overlap::covers(&row.wide, &pattern.wide);
    if touched.iter().all(within) { touched.into_iter().cloned().collect() } else { vec![row.clone()] }
}

fn overlaps(one: &ResourcePattern<'_>, other: &ResourcePattern<'_>) -> bool {
    crate::overlap::overlaps(&one.wide, &other.wide)
}

/// Takes out of the rows what Deny statements without conditions deny.
pub(super) fn without<'a>(grants: &mut Grants<'a>, denials: &[Rule<'a>]) {
    for rule in denials.iter().filter(|rule| rule.statement.conditions.is_empty()) {
        if grants.rows.iter().all(|row| rule.about_actions(&row.pattern) == Relation::None) {
            continue;
        }
        let rows = std::mem::take(&mut grants.rows);
        grants.rows = rows.into_iter().flat_map(|row| left(row, rule)).collect();
    }
}

/// What a Deny leaves of a row.
fn left<'a>(mut row: Grant<'a>, rule: &Rule<'a>) -> Vec<Grant<'a>> {
    let actions = rule.about_actions(&row.pattern);
    if actions == Relation::None {
        return vec![row];
    }
    let relations: Vec<Relation> = row.resources.iter().map(|resource| rule.denies_resource(resource)).collect();
    if relations.iter().all(|relation| *relation == Relation::None) {
        return vec![row];
    }
    if actions == Relation::All {
        let mut kept = Vec::new();
        for (resource, relation) in row.resources.iter().zip(relations) {
            match relation {
                Relation::All => {}
                Relation::None => kept.push(resource.clone()),
                Relation::Part if rule.not_resource => kept.extend(listed_resources(resource, rule)),
                Relation::Part => {
                    kept.push(resource.clone());
                    // A pattern with a variable may be about something else.
                    row.excepted_resources
                        .extend(rule.resources.iter().filter(|pattern| !pattern.variable && overlaps(pattern, resource)).cloned());
                }
            }
        }
        row.resources = kept;
        return if row.resources.is_empty() { Vec::new() } else { vec![row] };
    }
    if relations.iter().any(|relation| *relation != Relation::All) {
        row.denied.push(rule.denial());
        return vec![row];
    }
    if !rule.not_action {
        row.excepted.extend(rule.actions.iter().filter(|pattern| pattern.overlaps(&row.pattern)).cloned());
        return vec![row];
    }
    // A Deny with `NotAction` leaves what it lists.
    let part = |pattern: ActionPattern<'a>| {
        let mut part = row.clone();
        part.action = pattern.written;
        part.pattern = pattern;
        part
    };
    let parts = listed(&row.pattern, rule);
    if parts.len() > MOST { vec![row] } else { parts.into_iter().map(part).collect() }
}
