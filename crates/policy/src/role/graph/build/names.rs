//! Names of what is made anew: whether something has the name already, and whether who makes it may delete that before.

use std::collections::HashMap;

use super::super::{FunctionRole, Holder};
use super::{Builder, NOTHING, place};
use crate::grants::RoleInput;
use crate::overlap;
use crate::role::catalogue::{EscalationPath, Target};
use crate::role::escalation::{LATEST, conditional};

/// Roles that nobody in the account can delete: those of services and of permission sets, by what stands before their paths in an ARN. Sources: "DeleteRole",
/// IAM API Reference (`UnmodifiableEntity`); "Roles for permission sets", IAM Identity Center User Guide.
const PROTECTED: [&str; 2] = [":role/aws-service-role/", ":role/aws-reserved/"];

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::role::graph) enum Taken {
    /// A function's index.
    Function(u32),
    /// A role's index.
    Role(u32),
}

/// What is deleted so that something new can have its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::role::graph) struct Freed {
    pub(in crate::role::graph) what: Taken,
    /// The place in the catalogue of what stands for the deletion.
    pub(in crate::role::graph) path: u16,
    pub(in crate::role::graph) certain: bool,
    /// The grants of who deletes it: that of the deletion itself first, then those of what has to be taken from it before.
    pub(in crate::role::graph) grants: Vec<u32>,
}

/// Something that is there for a path, or is made for it.
pub(super) struct Made {
    pub(super) certain: bool,
    /// A function's index, where it is one that has the name now.
    pub(super) through: u32,
    pub(super) freed: Option<Freed>,
}

/// What has which name.
pub(super) struct Names<'b> {
    /// Functions by Region and name.
    functions: HashMap<(&'b str, &'b str), u32>,
    /// Roles by their names in small letters: names are unique in an account whatever their paths and their case. Source: "CreateRole", IAM API Reference.
    roles: HashMap<String, u32>,
}

impl<'b> Names<'b> {
    pub(super) fn of(holders: &'b [Holder<'_, '_>], functions: &'b [FunctionRole<'_>]) -> Self {
        let functions = (0..).zip(functions).filter_map(|(at, function)| Some((function_name(function.arn)?, at)));
        let roles = (0..).zip(holders).filter_map(|(at, holder)| Some((role_name(holder.role.arn)?.to_ascii_lowercase(), at)));
        Self { functions: functions.collect(), roles: roles.collect() }
    }

    /// The function that has the only name which a pattern leaves.
    fn function(&self, pattern: &str) -> Option<Taken> {
        self.functions.get(&function_name(pattern)?).copied().map(Taken::Function)
    }

    /// The role that has the only name which a pattern leaves.
    fn role(&self, pattern: &str) -> Option<Taken> {
        self.roles.get(&role_name(pattern)?.to_ascii_lowercase()).copied().map(Taken::Role)
    }
}

/// The Region and the name of a function, where a pattern leaves neither open.
fn function_name(pattern: &str) -> Option<(&str, &str)> {
    let mut parts = pattern.split(':').skip(3);
    let (region, name) = (parts.next()?, parts.nth(2)?);
    (!overlap::is_pattern(region) && !overlap::is_pattern(name)).then_some((region, name))
}

/// The name of a role, where a pattern does not leave it open.
fn role_name(pattern: &str) -> Option<&str> {
    pattern.rsplit_once('/').map(|(_, name)| name).filter(|name| !overlap::is_pattern(name))
}

/// What has to be allowed on what, so that a role can be deleted. Source: "DeleteRole", IAM API Reference.
fn to_delete<'r>(role: &RoleInput<'r>) -> Vec<(&'static str, &'r str)> {
    let is_managed = |name: &str| name.starts_with("arn:");
    let mut needs = vec![("iam:deleterole", role.arn)];
    if role.identity.iter().any(|policy| !is_managed(policy.name)) {
        needs.push(("iam:deleterolepolicy", role.arn));
    }
    if role.identity.iter().any(|policy| is_managed(policy.name)) {
        needs.push(("iam:detachrolepolicy", role.arn));
    }
    needs.extend(role.instance_profiles.iter().map(|arn| ("iam:removerolefrominstanceprofile", *arn)));
    needs
}

impl<'b> Builder<'b, '_, '_> {
    pub(super) fn makes_function(&self, from: usize, way: &EscalationPath) -> Option<Made> {
        let role = self.holders[from].role;
        let kind = format!("arn:{}:lambda:*:{}:function:*", role.partition, role.account);
        self.makes_new(from, way, Target::Function, &kind, Names::function)
    }

    pub(super) fn makes_role(&self, from: usize, way: &EscalationPath) -> Option<Made> {
        let role = self.holders[from].role;
        let kind = format!("arn:{}:iam::{}:role/*", role.partition, role.account);
        self.makes_new(from, way, Target::OtherRole, &kind, Names::role)
    }

    /// Whether there is a name under which a path's first two actions on some resources can create something new and then use it; for certain, where they can.
    /// An action that is not about such a resource uses any. A name that is taken will do where what has it can be deleted.
    fn makes_new(
        &self,
        from: usize,
        way: &EscalationPath,
        target: Target,
        kind: &str,
        taken: fn(&Names<'b>, &str) -> Option<Taken>,
    ) -> Option<Made> {
        let mut resources = way.needs.iter().filter(|need| need.target == target).map(|need| {
            let grants = self.covering(from, &need.small).into_iter().map(|grant| self.grant(from, grant));
            let reached = grants.map(|grant| {
                let mut reached = grant.reaches(&need.small, kind);
                if need.is_of_versions() {
                    reached.extend(grant.reaches(&need.small, &format!("{kind}{LATEST}")));
                }
                (!conditional(grant, way), reached)
            });
            reached
                .flat_map(|(sure, resources)| resources.into_iter().map(move |it| (sure, it, taken(&self.names, it))))
                .collect::<Vec<_>>()
        });
        let created = resources.next()?;
        let used = resources.next().unwrap_or_else(|| vec![(true, "*", None)]);
        // A wildcard may stand for colons, but no name has one. A function that is new is also used as its version $LATEST.
        let meet = |one: &str, other: &str| overlap::reaches(one, other) || overlap::reaches(other, one);
        let meet = |one: &str, other: &str| meet(one, other) || meet(&format!("{one}{LATEST}"), other);
        let mut freed: HashMap<Taken, Option<Freed>> = HashMap::new();
        let both = created.iter().flat_map(|one| used.iter().map(move |other| (one, other)));
        let new = both.filter(|((_, one, _), (_, other, _))| meet(one, other)).filter_map(|(one, other)| {
            let certain = one.0 && other.0;
            let Some(what) = one.2.or(other.2) else { return Some(Made { certain, through: NOTHING, freed: None }) };
            let freed = freed.entry(what).or_insert_with(|| self.frees(from, what)).clone()?;
            let through = if let Taken::Function(at) = what { at } else { NOTHING };
            Some(Made { certain: certain && freed.certain, through, freed: Some(freed) })
        });
        new.max_by_key(|made| (made.certain, made.freed.is_none()))
    }

    /// How a role deletes what has a name, if it may.
    fn frees(&self, from: usize, what: Taken) -> Option<Freed> {
        let (path, needs) = match what {
            Taken::Function(at) => ("lsw-lambda-003", vec![("lambda:deletefunction", self.functions[at as usize].arn)]),
            Taken::Role(at) => {
                let role = self.holders[at as usize].role;
                // With the role that it holds it would lose its session.
                if at as usize == from || PROTECTED.iter().any(|path| role.arn.contains(path)) {
                    return None;
                }
                ("lsw-iam-011", to_delete(role))
            }
        };
        let mut freed = Freed { what, path: place(path)?, certain: true, grants: Vec::new() };
        for (action, resource) in needs {
            let covering = self.covering(from, action);
            let mut reaching = covering.into_iter().filter(|grant| self.reaches_resource(from, *grant, action, resource));
            let first = reaching.next()?;
            let is_sure = |grant: &u32| self.grant(from, *grant).conditions().is_empty();
            let sure = Some(first).filter(is_sure).or_else(|| reaching.find(is_sure));
            freed.certain &= sure.is_some() && !self.may_be_denied_on(action, resource);
            freed.grants.push(sure.unwrap_or(first));
        }
        Some(freed)
    }
}
