//! How close a role is to an administrator, and how much its wildcards cover.

use std::fmt;

use super::catalogue::{Caller, Category};
use super::escalation::Escalation;
use crate::actions::{self, AccessLevel, Levels};
use crate::grants::{Effort, Grant, Grants, ResourceScope};

/// How much a role may do, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privilege {
    /// Neither of the others.
    Limited,
    /// A policy of the role could not be read or is not understood, and what is left shows no
    /// administrator.
    Unknown,
    /// A step from it: see [`Near`].
    NearAdministrator,
    /// Every action on every resource, without conditions. What a Deny takes out does not make it
    /// less as long as the role can still give itself permissions (`iam:PutRolePolicy` or
    /// `iam:AttachRolePolicy` on itself): a service control policy takes something out for every
    /// administrator.
    Administrator,
}

impl Privilege {
    /// The word: `limited`, `unknown`, `near-administrator`, `administrator`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Limited => "limited",
            Self::Unknown => "unknown",
            Self::NearAdministrator => "near-administrator",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Privilege {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why a role is close to an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Near {
    /// Every action but for some, on every resource or nearly: at least half of all actions are
    /// left. AWS's PowerUserAccess is such a policy ("AWS managed policies for job functions"), and
    /// "IAM JSON policy elements: NotAction" warns of Allow with NotAction.
    AllButSome,
    /// Every action on every resource, or all but some, under conditions.
    AllUnderConditions,
    /// Every action of IAM on everything of the account: it can make itself an administrator
    /// (IAMFullAccess).
    FullIam,
    /// It can write its own permissions without a further principal: a path of the category
    /// self-escalation is open to it, without conditions.
    SelfEscalation,
}

impl Near {
    /// The word: `all-but-some`, `all-under-conditions`, `full-iam`, `self-escalation`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AllButSome => "all-but-some",
            Self::AllUnderConditions => "all-under-conditions",
            Self::FullIam => "full-iam",
            Self::SelfEscalation => "self-escalation",
        }
    }
}

impl fmt::Display for Near {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What wildcards cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wildcards {
    /// The access levels of what is granted by a pattern of actions.
    pub actions: Levels,
    /// The access levels of what is granted on every resource, or every one of a service, though it
    /// could be granted on less.
    pub resources: Levels,
    /// Their weight, to sort roles by: the sum over the levels of both sets, 1 for list, 2 for read
    /// and for tagging, 5 for write, 10 for permissions management and for what is unknown; half,
    /// rounded up, for what is granted under conditions alone. An administrator has 40.
    pub weight: u32,
}

const fn weight(level: AccessLevel) -> u32 {
    match level {
        AccessLevel::List => 1,
        AccessLevel::Read | AccessLevel::Tagging => 2,
        AccessLevel::Write => 5,
        AccessLevel::PermissionsManagement | AccessLevel::Unknown => 10,
    }
}

pub(super) fn wildcards(grants: &Grants<'_>) -> Wildcards {
    // By whether they are granted under conditions.
    let (mut actions, mut resources) = ([Levels::default(); 2], [Levels::default(); 2]);
    for grant in &grants.rows {
        let conditioned = usize::from(!grant.conditions().is_empty());
        if grant.is_action_pattern() {
            actions[conditioned] = actions[conditioned].or(grant.levels);
        }
        if grant.scope >= ResourceScope::Service {
            resources[conditioned] = resources[conditioned].or(grant.levels_with_resources);
        }
    }
    let weigh = |[always, conditioned]: [Levels; 2]| -> u32 {
        let halves = conditioned
            .iter()
            .filter(|level| !always.contains(*level))
            .map(|level| weight(level).div_ceil(2));
        always.iter().map(weight).chain(halves).sum()
    };
    Wildcards {
        actions: actions[0].or(actions[1]),
        resources: resources[0].or(resources[1]),
        weight: weigh(actions) + weigh(resources),
    }
}

/// How much a role may do; if there is no effort left to find that out, it is unknown.
pub(super) fn privilege(
    grants: &Grants<'_>,
    escalations: &[Escalation<'_>],
    effort: &Effort,
) -> (Privilege, Vec<Near>) {
    let alone = |escalation: &&Escalation<'_>| {
        !escalation.conditional && escalation.path.caller == Caller::Any
    };
    let gives_itself = escalations
        .iter()
        .filter(alone)
        .any(|escalation| escalation.path.category == Category::SelfEscalation);
    let everything = |grant: &&Grant<'_>| {
        grant.service() == "*" && grant.is_every_action() && grant.scope >= ResourceScope::AllBut
    };
    if grants.rows.iter().any(|grant| {
        grant.is_everything()
            || (everything(&grant)
                && grant.conditions().is_empty()
                && grant.scope == ResourceScope::All
                && gives_itself)
    }) {
        return (Privilege::Administrator, Vec::new());
    }
    let mut near: Vec<Near> = grants
        .rows
        .iter()
        .filter(everything)
        .filter_map(|grant| nearly(grant, effort))
        .collect();
    if grants.rows.iter().any(is_full_iam) {
        near.push(Near::FullIam);
    }
    if gives_itself {
        near.push(Near::SelfEscalation);
    }
    near.sort_unstable();
    near.dedup();
    let privilege = match (
        near.is_empty(),
        grants.unknown_allows.is_empty() && !effort.is_spent(),
    ) {
        (false, _) => Privilege::NearAdministrator,
        (true, false) => Privilege::Unknown,
        (true, true) => Privilege::Limited,
    };
    (privilege, near)
}

fn nearly(grant: &Grant<'_>, effort: &Effort) -> Option<Near> {
    let exceptions: Vec<&str> = grant.except_actions().collect();
    if !effort.spend(grant.steps_to_share()) {
        return None;
    }
    let (all, left) = actions::share(&exceptions);
    if left * 2 < all {
        return None;
    }
    Some(if grant.conditions().is_empty() {
        Near::AllButSome
    } else {
        Near::AllUnderConditions
    })
}

fn is_full_iam(grant: &Grant<'_>) -> bool {
    grant.service() == "iam"
        && grant.is_every_action()
        && grant.scope >= ResourceScope::Account
        && grant.conditions().is_empty()
        && grant.except_actions().next().is_none()
        && grant.except_resources().next().is_none()
        // Every resource of another service is none of IAM.
        && !grant.reaches("iam:putrolepolicy", "arn:*:iam::*:role/*").is_empty()
}
