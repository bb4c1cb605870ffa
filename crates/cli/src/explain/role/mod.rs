//! `lambdasweep explain --role`: what a role may do, and the ways by which it can get itself more,
//! step by step.

mod facts;
pub(super) mod text;

use lambdasweep_tables::{RoleEscalationRow, RoleEscalationStepRow, RoleGrantRow, RoleRow};
use serde::Serialize;

use super::facts::Gap;
use facts::Subject;
pub(super) use facts::{RoleFacts, subject};

/// All that is said of a role.
#[derive(Debug, Serialize)]
pub(super) struct RoleExplanation<'a> {
    pub(super) scan_id: &'a str,
    pub(super) scanned_at: &'a str,
    pub(super) account_name: Option<&'a str>,
    pub(super) account_place: Option<&'a str>,
    pub(super) role: Role<'a>,
    /// The functions of which a version executes with it.
    pub(super) executing_functions: Vec<&'a str>,
    pub(super) unknown: &'a [Gap],
}

impl<'a> RoleExplanation<'a> {
    pub(super) fn new(subject: &'a Subject) -> Self {
        Self {
            scan_id: &subject.scan_id,
            scanned_at: &subject.scanned_at,
            account_name: subject
                .account
                .as_ref()
                .map(|account| account.name.as_str()),
            account_place: subject
                .account
                .as_ref()
                .and_then(|account| account.ou_path.as_deref()),
            role: Role::new(&subject.role),
            executing_functions: subject.functions.iter().map(String::as_str).collect(),
            unknown: &subject.gaps,
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Role<'a> {
    pub(super) arn: &'a str,
    pub(super) permissions_boundary: Option<&'a str>,
    pub(super) trusted_principals: Option<&'a str>,
    /// Whether its trust policy lets Lambda in: what others may do is not listed one by one.
    pub(super) trusts_lambda: Option<bool>,
    pub(super) policies: Vec<&'a str>,
    pub(super) privilege: Option<&'a str>,
    pub(super) near_administrator_reasons: Option<&'a str>,
    /// The paths to more privilege that are open to it, each by its shortest way.
    pub(super) escalations: Vec<Escalation<'a>>,
    pub(super) more_paths_reason: Option<&'a str>,
    pub(super) unknown_allow_reason: Option<&'a str>,
    pub(super) unknown_deny_reason: Option<&'a str>,
    pub(super) grants: Vec<Grant<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Escalation<'a> {
    pub(super) path_id: &'a str,
    pub(super) path_name: &'a str,
    pub(super) conditional: bool,
    pub(super) reached: &'a str,
    pub(super) target_role_arn: Option<&'a str>,
    /// How many first steps by this path lead to more privilege.
    pub(super) ways: i64,
    pub(super) steps: Vec<Step<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Step<'a> {
    pub(super) path_id: &'a str,
    pub(super) path_name: &'a str,
    pub(super) from_role_arn: &'a str,
    pub(super) to_role_arn: Option<&'a str>,
    pub(super) through: Option<&'a str>,
    /// The statements that prove it, and what they say.
    pub(super) evidence: Vec<&'a str>,
    pub(super) conditional: bool,
    pub(super) presumed: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Grant<'a> {
    pub(super) action: &'a str,
    pub(super) except_actions: &'a str,
    pub(super) access_level: &'a str,
    pub(super) resource_scope: &'a str,
    pub(super) resources: &'a str,
    pub(super) except_resources: &'a str,
    pub(super) condition_keys: &'a str,
    pub(super) policy: &'a str,
    pub(super) statement_index: i64,
}

impl<'a> Role<'a> {
    pub(super) fn new(facts: &'a RoleFacts) -> Self {
        let role = facts.row.as_ref();
        let of_role = |text: fn(&RoleRow) -> Option<&str>| role.and_then(text);
        Self {
            arn: &facts.arn,
            permissions_boundary: of_role(|role| role.permissions_boundary_arn.as_deref()),
            trusted_principals: of_role(|role| Some(&role.trusted_principals)),
            trusts_lambda: role.and_then(|role| role.trusts_lambda),
            policies: facts
                .policies
                .iter()
                .map(|policy| policy.policy_arn.as_deref().unwrap_or(&policy.policy_name))
                .collect(),
            privilege: of_role(|role| Some(&role.privilege)),
            near_administrator_reasons: of_role(|role| Some(&role.near_administrator_reasons)),
            escalations: facts
                .escalations
                .iter()
                .map(|row| Escalation::new(row, &facts.steps))
                .collect(),
            more_paths_reason: of_role(|role| role.more_paths_reason.as_deref()),
            unknown_allow_reason: of_role(|role| role.unknown_allow_reason.as_deref()),
            unknown_deny_reason: of_role(|role| role.unknown_deny_reason.as_deref()),
            grants: facts.grants.iter().map(Grant::from).collect(),
        }
    }
}

impl<'a> Escalation<'a> {
    fn new(row: &'a RoleEscalationRow, steps: &'a [RoleEscalationStepRow]) -> Self {
        let mut steps: Vec<&RoleEscalationStepRow> = steps
            .iter()
            .filter(|step| step.path_id == row.path_id)
            .collect();
        steps.sort_by_key(|step| step.step);
        Self {
            path_id: &row.path_id,
            path_name: &row.path_name,
            conditional: row.conditional,
            reached: &row.reached,
            target_role_arn: row.target_role_arn.as_deref(),
            ways: row.ways,
            steps: steps.into_iter().map(Step::from).collect(),
        }
    }
}

impl<'a> From<&'a RoleEscalationStepRow> for Step<'a> {
    fn from(row: &'a RoleEscalationStepRow) -> Self {
        Self {
            path_id: &row.step_path_id,
            path_name: &row.step_path_name,
            from_role_arn: &row.from_role_arn,
            to_role_arn: row.to_role_arn.as_deref(),
            through: row.through.as_deref(),
            evidence: row
                .evidence
                .split("; ")
                .filter(|it| !it.is_empty())
                .collect(),
            conditional: row.conditional,
            presumed: row.presumed,
        }
    }
}

impl<'a> From<&'a RoleGrantRow> for Grant<'a> {
    fn from(row: &'a RoleGrantRow) -> Self {
        Self {
            action: &row.action,
            except_actions: &row.except_actions,
            access_level: &row.access_level,
            resource_scope: &row.resource_scope,
            resources: &row.resources,
            except_resources: &row.except_resources,
            condition_keys: &row.condition_keys,
            policy: &row.policy,
            statement_index: row.statement_index,
        }
    }
}
