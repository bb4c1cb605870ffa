//! The graph of an account's roles: which role can act as which, and which roles can gain
//! privileges.
//!
//! Nodes are roles. An edge from A to B means that the holder of A can act as B, and carries the
//! path of the [catalogue](super::catalogue()) by which it does: B's trust policy allows A, A
//! passes B to something that it starts, A changes the code of a function that runs as B, A changes
//! B's trust policy. Edges may also lead to every permission at once (A writes its own policies, or
//! removes what limits it) or to an IAM user. A role escalates where a way leads to clearly more
//! power than it has. Everything is computed from what is in the account: a role that is not there,
//! does not trust the caller or the service, or has no more power is not a target.
//!
//! A new resource needs a free name, and a policy has a limited number of versions. If something is
//! in the way, a path is open to roles that may delete it, and the deletion is a step of its own.
//! One role may also free a name for another: the path is then open to callers who can act as both.
//!
//! What the graph cannot see: resources of services that are not read (instances, stacks,
//! projects). Where a path takes such a resource over, every role that its service may assume
//! counts as one that is running, and the step says so.

mod agree;
mod assume;
mod build;
mod evidence;
mod limits;
mod walk;

use super::catalogue::EscalationPath;
use super::{Privilege, RoleJudgement};
use crate::grants::RoleInput;

pub use evidence::Evidence;

/// A function of the account, by a version of it and the role that this runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionRole<'a> {
    /// The function's ARN without a qualifier.
    pub arn: &'a str,
    /// The role's ARN.
    pub role_arn: &'a str,
}

/// A role of the account and its own judgement.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'g, 'a> {
    /// The role; with its conditions [settled](super::SettledRole), or they count as open.
    pub role: &'g RoleInput<'a>,
    /// Its judgement.
    pub judgement: &'g RoleJudgement<'a>,
}

/// What a way leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// Every permission: the last holder writes its own policies, or removes what limits it.
    EveryPermission,
    /// A role with more power, by its ARN.
    Role {
        /// The ARN.
        arn: String,
        /// How much it may do.
        privilege: Privilege,
    },
    /// An IAM user, who is given permissions or whose keys are taken.
    User,
}

/// A step of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The path of the catalogue.
    pub path: &'static EscalationPath,
    /// Who takes it: a role's ARN.
    pub from: String,
    /// The role whose rights it gives; nothing at the end of a way to every permission or to a
    /// user, and where something is deleted.
    pub to: Option<String>,
    /// What it goes through: the ARN of a function, the ARN of a role that is deleted or of a
    /// policy of which a version is, or the service that runs what is taken over.
    pub through: Option<String>,
    /// The statements that prove it.
    pub evidence: Vec<Evidence>,
    /// Whether it is open only under conditions that cannot be decided from policies.
    pub conditional: bool,
    /// Whether it depends on a resource that was not read.
    pub presumed: bool,
}

/// How a role gets to more power: the shortest way by a path of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The path that it is known by: that of its first step (the one after it, where that deletes
    /// something), or that by which a role's policies are written where it takes two roles
    /// together.
    pub path: &'static EscalationPath,
    /// The steps; there is at least one.
    pub steps: Vec<Step>,
    /// What it leads to.
    pub reached: Reached,
    /// Whether a step of it is open under conditions alone, or its target may have less power than
    /// its policies say.
    pub conditional: bool,
    /// How many first steps of this path lead to more power: the ways that begin with it.
    pub count: usize,
}

/// The result for an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    /// The ways of each role, in the order of the roles that were given: by path, in the
    /// catalogue's order. A path that takes more permissions than another one that leads as far is
    /// left out.
    pub ways: Vec<Vec<Way>>,
    /// Whether each role may act as a role of another account, whose roles are not followed:
    /// itself, or as a role that it can act as.
    pub elsewhere: Vec<bool>,
    /// Why there may be more of them, if so.
    pub unknown: Option<String>,
}

/// Computes the graph of an account. `now` is the time of the session, RFC 3339 in UTC.
///
/// ```
/// use lambdasweep_policy::Document;
/// use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
/// use lambdasweep_policy::role::{FunctionRole, Holder, Reached, graph, judge};
///
/// let admin = Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#)?;
/// let deploy = Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "Resource": "*"}}"#)?;
/// let role = |arn, policy| {
///     let mut role = RoleInput::new(arn, "111122223333", "aws");
///     role.identity.push(NamedPolicy { name: "inline", document: Some(policy) });
///     role
/// };
/// let (deployer, boss) = ("arn:aws:iam::111122223333:role/deployer", "arn:aws:iam::111122223333:role/boss");
/// let roles = [role(deployer, &deploy), role(boss, &admin)];
/// let judgements = roles.each_ref().map(judge);
/// let holders: Vec<_> = roles.iter().zip(&judgements).map(|(role, judgement)| Holder { role, judgement }).collect();
///
/// // Nothing runs as the administrator yet.
/// assert!(graph(&holders, &[], "2026-11-27T00:00:00Z").ways[0].is_empty());
/// let function = FunctionRole { arn: "arn:aws:lambda:eu-west-1:111122223333:function:pay", role_arn: boss };
/// let ways = graph(&holders, &[function], "2026-11-27T00:00:00Z").ways.remove(0);
/// assert_eq!(ways[0].path.id, "lambda-003");
/// assert!(matches!(&ways[0].reached, Reached::Role { arn, .. } if arn == boss));
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
pub fn graph(holders: &[Holder<'_, '_>], functions: &[FunctionRole<'_>], now: &str) -> Graph {
    walk::walk(
        holders,
        functions,
        build::build(holders, functions, now),
        now,
    )
}
