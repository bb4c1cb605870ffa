//! Names of what is made anew: whether something has the name already, and whether who makes it may
//! delete that before.

use std::collections::{BTreeMap, HashMap};

use super::super::{FunctionRole, Holder};
use super::denied::denying;
use super::{Builder, Edge, NOTHING, is_administrator, place};
use crate::grants::{Effort, RoleInput};
use crate::overlap;
use crate::role::catalogue::{EscalationPath, Target};
use crate::role::escalation::{LATEST, conditional};

/// Roles that no principal of the account can delete: those of services and of permission sets, by
/// the part of the ARN before their path. Sources: "DeleteRole", IAM API Reference
/// (`UnmodifiableEntity`); "Roles for permission sets", IAM Identity Center User Guide.
const PROTECTED: [&str; 2] = [":role/aws-service-role/", ":role/aws-reserved/"];

/// The actions that delete a function, a role and a version of a policy.
const DELETIONS: [&str; 3] = [
    "lambda:deletefunction",
    "iam:deleterole",
    "iam:deletepolicyversion",
];

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::role::graph) enum Taken {
    /// A function's index.
    Function(u32),
    /// A role's index.
    Role(u32),
    /// All versions that a policy can have: a role's index, and the place of the policy among its
    /// own; behind the last one that of its boundary.
    Versions(u32, u32),
}

/// What is deleted so that something new can have its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::role::graph) struct Freed {
    pub(in crate::role::graph) what: Taken,
    /// The place in the catalogue of what stands for the deletion.
    pub(in crate::role::graph) path: u16,
    pub(in crate::role::graph) certain: bool,
    /// The grants of who deletes it: that of the deletion itself first, then those of what has to
    /// be taken from it before.
    pub(in crate::role::graph) grants: Vec<u32>,
}

/// Something that is there for a path, or is made for it.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) certain: bool,
    /// A function's index, where it is one that has the name now.
    pub(super) through: u32,
    pub(super) freed: Option<Freed>,
}

/// Under which names something can be made.
#[derive(Debug, Default)]
pub(super) struct Makes {
    /// The best that a role can do by itself.
    pub(super) made: Option<Made>,
    /// What has the other names, and whether something can be made under them for certain once they
    /// are free.
    pub(super) taken: Vec<(Taken, bool)>,
}

/// What a role makes once somebody deletes what has its name.
#[derive(Debug)]
pub(in crate::role::graph) struct Waiting {
    pub(in crate::role::graph) maker: u32,
    /// Another role whose policy it writes, which has to be acted as besides.
    pub(in crate::role::graph) on: Option<u32>,
    /// What has a name that will do, and whether it will for certain.
    pub(in crate::role::graph) taken: Vec<(Taken, bool)>,
    /// The edges of the role that it has then.
    pub(in crate::role::graph) edges: Vec<Edge>,
}

/// What has which name.
pub(super) struct Names<'b> {
    /// Functions by Region and name.
    functions: HashMap<(&'b str, &'b str), u32>,
    /// Roles by their names in lower case: names are unique in an account whatever their paths and
    /// their case. Source: "CreateRole", IAM API Reference.
    roles: HashMap<String, u32>,
}

impl<'b> Names<'b> {
    pub(super) fn of(holders: &'b [Holder<'_, '_>], functions: &'b [FunctionRole<'_>]) -> Self {
        let functions = (0..)
            .zip(functions)
            .filter_map(|(at, function)| Some((function_name(function.arn)?, at)));
        let roles = (0..).zip(holders).filter_map(|(at, holder)| {
            Some((role_name(holder.role.arn)?.to_ascii_lowercase(), at))
        });
        Self {
            functions: functions.collect(),
            roles: roles.collect(),
        }
    }

    /// The function that has the only name which a pattern leaves.
    fn function(&self, pattern: &str) -> Option<Taken> {
        self.functions
            .get(&function_name(pattern)?)
            .copied()
            .map(Taken::Function)
    }

    /// The role that has the only name which a pattern leaves.
    fn role(&self, pattern: &str) -> Option<Taken> {
        self.roles
            .get(&role_name(pattern)?.to_ascii_lowercase())
            .copied()
            .map(Taken::Role)
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
    pattern
        .rsplit_once('/')
        .map(|(_, name)| name)
        .filter(|name| !overlap::is_pattern(name))
}

/// What has to be allowed on what, so that a role can be deleted. Source: "DeleteRole", IAM API
/// Reference.
fn to_delete<'r>(role: &RoleInput<'r>) -> Vec<(&'static str, &'r str)> {
    let is_managed = |name: &str| name.starts_with("arn:");
    let mut needs = vec![(DELETIONS[1], role.arn)];
    if role.identity.iter().any(|policy| !is_managed(policy.name)) {
        needs.push(("iam:deleterolepolicy", role.arn));
    }
    if role.identity.iter().any(|policy| is_managed(policy.name)) {
        needs.push(("iam:detachrolepolicy", role.arn));
    }
    needs.extend(
        role.instance_profiles
            .iter()
            .map(|arn| ("iam:removerolefrominstanceprofile", *arn)),
    );
    needs
}

/// The ARN of one of a role's policies, the boundary behind the others.
pub(in crate::role::graph) fn policy_at<'r>(role: &RoleInput<'r>, at: u32) -> Option<&'r str> {
    role.identity
        .iter()
        .chain(&role.boundary)
        .nth(at as usize)
        .map(|policy| policy.name)
}

/// Looks up what has the name of a pattern.
type OfName<'b> = fn(&Names<'b>, &str) -> Option<Taken>;

/// The index of a function.
fn function(what: Taken) -> u32 {
    if let Taken::Function(at) = what {
        at
    } else {
        NOTHING
    }
}

impl<'b> Builder<'b, '_, '_> {
    pub(super) fn makes_function(&self, from: usize, way: &EscalationPath) -> Makes {
        let role = self.holders[from].role;
        let kind = format!(
            "arn:{}:lambda:*:{}:function:*",
            role.partition, role.account
        );
        self.makes_new(from, way, Target::Function, &kind, Names::function)
    }

    pub(super) fn makes_role(&self, from: usize, way: &EscalationPath) -> Makes {
        let role = self.holders[from].role;
        let kind = format!("arn:{}:iam::{}:role/*", role.partition, role.account);
        self.makes_new(from, way, Target::OtherRole, &kind, Names::role)
    }

    /// The names under which a path's first two actions on some resources can create something new
    /// and then use it; for certain, where they can. An action that is not about such a resource
    /// uses any. A name that is taken will do where what has it can be deleted.
    fn makes_new(
        &self,
        from: usize,
        way: &EscalationPath,
        target: Target,
        kind: &str,
        of_name: OfName<'b>,
    ) -> Makes {
        let mut resources = way
            .needs
            .iter()
            .filter(|need| need.target == target)
            .map(|need| {
                let grants = self
                    .covering(from, &need.small)
                    .into_iter()
                    .map(|grant| self.grant(from, grant));
                let reached = grants.map(|grant| {
                    let mut reached = grant.reaches(&need.small, kind);
                    if need.is_of_versions() {
                        reached.extend(grant.reaches(&need.small, &format!("{kind}{LATEST}")));
                    }
                    (!conditional(grant, way), reached)
                });
                let named = reached
                    .flat_map(|(sure, resources)| resources.into_iter().map(move |it| (sure, it)));
                named
                    .map(|(sure, it)| (sure, it, of_name(&self.names, it)))
                    .collect::<Vec<_>>()
            });
        let Some(created) = resources.next() else {
            return Makes::default();
        };
        let used = resources.next().unwrap_or_else(|| vec![(true, "*", None)]);
        // A wildcard may stand for colons, but no name has one. A function that is new is also used
        // as its version $LATEST.
        let meet =
            |one: &str, other: &str| overlap::reaches(one, other) || overlap::reaches(other, one);
        let meet =
            |one: &str, other: &str| meet(one, other) || meet(&format!("{one}{LATEST}"), other);
        let both = created
            .iter()
            .flat_map(|one| used.iter().map(move |other| (one, other)));
        let new = both.filter(|((_, one, _), (_, other, _))| meet(one, other));
        let (mut free, mut taken) = (None, BTreeMap::new());
        for (certain, what) in new.map(|(one, other)| (one.0 && other.0, one.2.or(other.2))) {
            let known = if let Some(what) = what {
                taken.entry(what).or_insert(certain)
            } else {
                free.get_or_insert(certain)
            };
            *known |= certain;
        }
        let free = free.map(|certain| Made {
            certain,
            through: NOTHING,
            freed: None,
        });
        if free.as_ref().is_some_and(|made| made.certain) {
            return Makes {
                made: free,
                taken: Vec::new(),
            };
        }
        let freed = taken
            .iter()
            .filter_map(|(what, certain)| Some((self.frees(from, *what)?, *certain)));
        let freed = freed.map(|(freed, certain)| Made {
            certain: certain && freed.certain,
            through: function(freed.what),
            freed: Some(freed),
        });
        let made = free
            .into_iter()
            .chain(freed)
            .max_by_key(|made| (made.certain, made.freed.is_none()));
        let enough = made.as_ref().is_some_and(|made| made.certain);
        Makes {
            made,
            taken: if enough {
                Vec::new()
            } else {
                taken.into_iter().collect()
            },
        }
    }

    /// Who may delete what stands in the way of what others would make.
    pub(super) fn deleters(&mut self) {
        let mut wanted: Vec<Taken> = self
            .built
            .waiting
            .iter()
            .flat_map(|it| &it.taken)
            .map(|(what, _)| *what)
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return;
        }
        self.effort = Effort::default();
        for (from, holder) in self
            .holders
            .iter()
            .enumerate()
            .filter(|(_, holder)| !is_administrator(holder))
        {
            self.denying = denying(holder.role);
            let [functions, roles, versions] =
                DELETIONS.map(|action| !self.covering(from, action).is_empty());
            let may = |what: &&Taken| match what {
                Taken::Function(_) => functions,
                Taken::Role(_) => roles,
                Taken::Versions(..) => versions,
            };
            for what in wanted.iter().filter(may) {
                if let Some(freed) = self.frees(from, *what) {
                    self.built
                        .deleters
                        .entry(*what)
                        .or_default()
                        .push((from as u32, freed));
                }
            }
        }
        self.built.cut |= self.effort.is_spent();
    }

    /// How a role deletes what stands in the way, if it may.
    pub(super) fn frees(&self, from: usize, what: Taken) -> Option<Freed> {
        let (path, needs) = match what {
            Taken::Function(at) => (
                "lsw-lambda-003",
                vec![(DELETIONS[0], self.functions[at as usize].arn)],
            ),
            Taken::Role(at) => {
                let role = self.holders[at as usize].role;
                // A role that takes its own policies away, as it has to before, may do nothing
                // more.
                if at as usize == from || PROTECTED.iter().any(|path| role.arn.contains(path)) {
                    return None;
                }
                ("lsw-iam-011", to_delete(role))
            }
            Taken::Versions(of, at) => (
                "lsw-iam-012",
                vec![(DELETIONS[2], policy_at(self.holders[of as usize].role, at)?)],
            ),
        };
        let mut freed = Freed {
            what,
            path: place(path)?,
            certain: true,
            grants: Vec::new(),
        };
        for (action, resource) in needs {
            let covering = self.covering(from, action);
            let mut reaching = covering
                .into_iter()
                .filter(|grant| self.reaches_resource(from, *grant, action, resource));
            let first = reaching.next()?;
            let is_sure = |grant: &u32| self.grant(from, *grant).conditions().is_empty();
            let sure = Some(first)
                .filter(is_sure)
                .or_else(|| reaching.find(is_sure));
            freed.certain &= sure.is_some() && !self.may_be_denied_on(action, resource);
            freed.grants.push(sure.unwrap_or(first));
        }
        Some(freed)
    }
}
