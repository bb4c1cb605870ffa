//! Deny statements under conditions that are open: no grant shows them.

use super::super::assume::STEP;
use super::{Builder, Edge};
use crate::document::{Effect, Statement};
use crate::grants::RoleInput;
use crate::overlap;
use crate::pattern::completed;
use crate::role::catalogue::{Need, Target, catalogue};

impl Builder<'_, '_, '_> {
    /// Whether a Deny under conditions that are open speaks of what an edge takes.
    pub(super) fn may_be_denied(&self, from: usize, edge: &Edge) -> bool {
        let role = self.holders[from].role;
        let target = self
            .holders
            .get(edge.to as usize)
            .map_or(role.arn, |holder| holder.role.arn);
        let function = self
            .functions
            .get(edge.through as usize)
            .map(|function| function.arn);
        let path = &catalogue()[edge.path as usize];
        let hits = |statement: &Statement, need: &Need| {
            let reaches = |resource: &str| speaks_of(statement, resource);
            statement.covers_action(&need.action)
                && match need.target {
                    Target::OwnRole | Target::OtherRole | Target::AnyRole => reaches(target),
                    Target::Function => function.is_none_or(reaches),
                    _ => true,
                }
        };
        let may_deny = |statement: &Statement| path.needs.iter().any(|need| hits(statement, need));
        self.denying
            .iter()
            .any(|statement| !self.effort.spend(STEP * path.needs.len()) || may_deny(statement))
    }

    /// Whether a Deny under conditions that are open speaks of an action on a resource.
    pub(super) fn may_be_denied_on(&self, action: &str, resource: &str) -> bool {
        let may_deny = |statement: &Statement| {
            statement.covers_action(action) && speaks_of(statement, resource)
        };
        self.denying
            .iter()
            .any(|statement| !self.effort.spend(STEP) || may_deny(statement))
    }
}

/// The Deny statements of a role under conditions that are open.
pub(super) fn denying<'a>(role: &RoleInput<'a>) -> Vec<&'a Statement> {
    let policies = role
        .identity
        .iter()
        .chain(&role.boundary)
        .chain(role.scps.iter().flatten());
    let statements = policies
        .filter_map(|policy| policy.document)
        .flat_map(|document| &document.statements);
    statements
        .filter(|it| it.effect == Effect::Deny && !it.conditions.is_empty())
        .collect()
}

/// Whether the resources of a Deny may be about a resource.
fn speaks_of(statement: &Statement, resource: &str) -> bool {
    statement
        .resources
        .as_ref()
        .is_none_or(|it| it.covers(|pattern| hits(pattern, resource)))
}

/// Whether a pattern of a Deny may match a resource, its variables standing for anything.
fn hits(pattern: &str, resource: &str) -> bool {
    overlap::overlaps(&completed(&overlap::widened(pattern), false), resource)
}
