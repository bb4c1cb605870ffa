//! Turns the result for a role into rows.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_aws::aws_sdk_iam::primitives::DateTime;
use lambdasweep_aws::aws_sdk_iam::types::RoleDetail;
use lambdasweep_policy::Document;
use lambdasweep_policy::exposure::Exposure;
use lambdasweep_policy::grants::{Capability, Grant, ResourceScope};
use lambdasweep_policy::role::{
    Evidence, Privilege, Reached, RoleJudgement, Step, TrustedKind, Way,
};
use lambdasweep_tables::{
    RoleEscalationRow, RoleEscalationStepRow, RoleGrantRow, RolePolicyRow, RoleRow,
    RoleTrustedOtherRow,
};

use super::{Documents, Judged, Judging};
use crate::context::Reading;

impl Judging<'_> {
    pub(super) fn push(
        &self,
        reading: &mut Reading,
        role: &RoleDetail,
        documents: &Documents,
        judged: &Judged<'_>,
    ) {
        let Judged {
            judgement, ways, ..
        } = judged;
        let arn = role.arn().unwrap_or_default();
        let row = self.row(role, judged, documents.trust.as_ref());
        // Roles that no function can use have many grants that are not needed here.
        let is_needed = |grant: &Grant<'_>| {
            row.trusts_lambda != Some(false) || {
                let held = grant.capabilities();
                held.contains(Capability::ChangesFunctions)
                    || held.contains(Capability::InvokesFunctions)
            }
        };
        for grant in judgement.grants.iter().filter(|it| is_needed(it)) {
            reading.batch.push(self.grant(arn, grant));
        }
        reading.batch.push(row);
        for way in *ways {
            reading.batch.push(self.escalation(arn, way));
            for (number, step) in (1..).zip(&way.steps) {
                reading.batch.push(self.step(arn, way, number, step));
            }
        }
        for (principal, other) in others(judgement).into_iter().flatten() {
            reading.batch.push(self.trusted(arn, principal, other));
        }
        self.push_policies(reading, role);
    }

    fn row(&self, role: &RoleDetail, judged: &Judged<'_>, trust: Option<&Document>) -> RoleRow {
        let Judged {
            judgement,
            ways,
            more,
        } = judged;
        let time = |it: &DateTime| {
            jiff::Timestamp::from_second(it.secs())
                .ok()
                .map(|it| it.to_string())
        };
        let paths = |conditional: bool| {
            let open = ways.iter().filter(|it| it.conditional == conditional);
            open.map(|it| it.path.id.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let used = role.role_last_used().and_then(|it| it.last_used_date());
        // An element without a date says that there was no use; without the element nothing is said.
        let unused_since = role
            .role_last_used()
            .and_then(|last| last.last_used_date().or(role.create_date()));
        RoleRow {
            account_id: self.account.to_owned(),
            role_arn: role.arn().unwrap_or_default().to_owned(),
            role_name: role.role_name().unwrap_or_default().to_owned(),
            path: role.path().unwrap_or("/").to_owned(),
            role_id: role.role_id().unwrap_or_default().to_owned(),
            created_at: role.create_date().and_then(time),
            last_used_at: used.and_then(time),
            unused_days: unused_since.and_then(|it| days_until(it, self.as_of)),
            last_used_region: role
                .role_last_used()
                .and_then(|it| it.region())
                .map(str::to_owned),
            permissions_boundary_arn: role
                .permissions_boundary()
                .and_then(|it| it.permissions_boundary_arn())
                .map(str::to_owned),
            attached_policy_count: count(role.attached_managed_policies().len()),
            inline_policy_count: count(role.role_policy_list().len()),
            trusts_lambda: judgement.trust.as_ref().map(|trust| trust.lambda),
            trusted_principals: trust
                .map(|document| document.principals_allowed().join(", "))
                .unwrap_or_default(),
            other_trusted_principals: others(judgement)
                .map(|others| others.into_keys().collect::<Vec<_>>().join(", ")),
            privilege: judgement.privilege.as_str().to_owned(),
            excepted_actions: excepted(judgement),
            near_administrator_reasons: judgement
                .near
                .iter()
                .map(|near| near.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            escalation_ids: paths(false),
            conditional_escalation_ids: paths(true),
            wildcard_action_levels: judgement.wildcards.actions.to_string(),
            wildcard_resource_levels: judgement.wildcards.resources.to_string(),
            wildcard_weight: i64::from(judgement.wildcards.weight),
            unknown_allow_reason: joined(&judgement.unknown_allows),
            unknown_deny_reason: joined(&judgement.unknown_denies),
            more_paths_reason: more.clone(),
        }
    }

    fn escalation(&self, role_arn: &str, way: &Way) -> RoleEscalationRow {
        let (reached, target) = match &way.reached {
            Reached::EveryPermission => ("every-permission", None),
            Reached::User => ("user", None),
            Reached::Role { arn, privilege } => (privilege.as_str(), Some(arn.clone())),
        };
        RoleEscalationRow {
            account_id: self.account.to_owned(),
            role_arn: role_arn.to_owned(),
            path_id: way.path.id.clone(),
            path_name: way.path.name.clone(),
            category: way.path.category.as_str().to_owned(),
            conditional: way.conditional,
            reached: reached.to_owned(),
            target_role_arn: target,
            steps: way
                .steps
                .iter()
                .map(in_words)
                .collect::<Vec<_>>()
                .join("; then "),
            step_count: count(way.steps.len()),
            presumed: way.steps.iter().any(|step| step.presumed),
            ways: count(way.count),
        }
    }

    fn step(&self, role_arn: &str, way: &Way, number: i64, step: &Step) -> RoleEscalationStepRow {
        RoleEscalationStepRow {
            account_id: self.account.to_owned(),
            role_arn: role_arn.to_owned(),
            path_id: way.path.id.clone(),
            step: number,
            step_path_id: step.path.id.clone(),
            step_path_name: step.path.name.clone(),
            from_role_arn: step.from.clone(),
            to_role_arn: step.to.clone(),
            through: step.through.clone(),
            evidence: step
                .evidence
                .iter()
                .map(Evidence::to_string)
                .collect::<Vec<_>>()
                .join("; "),
            conditional: step.conditional,
            presumed: step.presumed,
        }
    }

    fn grant(&self, role_arn: &str, grant: &Grant<'_>) -> RoleGrantRow {
        RoleGrantRow {
            account_id: self.account.to_owned(),
            role_arn: role_arn.to_owned(),
            service: grant.service().to_owned(),
            action: grant.action.to_owned(),
            except_actions: grant.except_actions().collect::<Vec<_>>().join(", "),
            access_level: grant
                .levels
                .highest()
                .map_or("unknown", |level| level.as_str())
                .to_owned(),
            access_levels: grant.levels.to_string(),
            unlimited_levels: grant.unlimited_levels().to_string(),
            capabilities: grant.capabilities().to_string(),
            unlimited_capabilities: grant.unlimited_capabilities().to_string(),
            resource_scope: grant.scope.as_str().to_owned(),
            resources: grant.resources().collect::<Vec<_>>().join(", "),
            except_resources: grant.except_resources().collect::<Vec<_>>().join(", "),
            condition_keys: grant.condition_keys().join(", "),
            narrowed: grant.narrowed(),
            policy: grant.source.policy.to_owned(),
            statement_index: count(grant.source.statement),
        }
    }

    fn trusted(&self, role_arn: &str, principal: String, other: Other) -> RoleTrustedOtherRow {
        let (accounts, organizations) = (
            Vec::from_iter(other.accounts),
            Vec::from_iter(other.organizations),
        );
        let outside = self
            .organization
            .outside(&accounts, &organizations)
            .map(|outside| !outside.is_empty());
        RoleTrustedOtherRow {
            account_id: self.account.to_owned(),
            role_arn: role_arn.to_owned(),
            principal,
            kind: other.kind.as_str().to_owned(),
            own_account: other.own_account,
            exposure: other.exposure.as_str().to_owned(),
            named: [accounts, organizations].concat().join(", "),
            outside,
            guests: other.guests,
        }
    }

    fn push_policies(&self, reading: &mut Reading, role: &RoleDetail) {
        let arn = role.arn().unwrap_or_default();
        for policy in role.attached_managed_policies() {
            reading.batch.push(RolePolicyRow {
                account_id: self.account.to_owned(),
                role_arn: arn.to_owned(),
                kind: "managed".to_owned(),
                policy_name: policy.policy_name().unwrap_or_default().to_owned(),
                policy_arn: policy.policy_arn().map(str::to_owned),
            });
        }
        for policy in role.role_policy_list() {
            reading.batch.push(RolePolicyRow {
                account_id: self.account.to_owned(),
                role_arn: arn.to_owned(),
                kind: "inline".to_owned(),
                policy_name: policy.policy_name().unwrap_or_default().to_owned(),
                policy_arn: None,
            });
        }
    }
}

/// The actions that an administrator is denied; `None` if there are none.
fn excepted(judgement: &RoleJudgement<'_>) -> Option<String> {
    let everywhere = |grant: &&Grant<'_>| {
        grant.service() == "*" && grant.scope == ResourceScope::All && grant.conditions().is_empty()
    };
    let administrator = judgement.privilege == Privilege::Administrator;
    let excepted = judgement
        .grants
        .iter()
        .filter(|_| administrator)
        .filter(everywhere)
        .map(|grant| grant.except_actions().collect::<Vec<_>>());
    excepted
        .min_by_key(Vec::len)
        .filter(|excepted| !excepted.is_empty())
        .map(|excepted| excepted.join(", "))
}

/// Describes a step of a path.
fn in_words(step: &Step) -> String {
    let mut words = format!("{} ({})", step.path.id, step.path.name);
    if let Some(through) = &step.through {
        words.push_str(if step.presumed {
            " where something runs in "
        } else {
            " on "
        });
        words.push_str(through);
    }
    if let Some(to) = &step.to {
        words.push_str(&format!(" to act as {to}"));
    }
    if !step.evidence.is_empty() {
        let sources: Vec<&str> = step.evidence.iter().map(|it| it.source.as_str()).collect();
        words.push_str(&format!(", by {}", sources.join(" and ")));
    }
    words
}

/// A principal other than Lambda, by all statements that allow it.
struct Other {
    kind: TrustedKind,
    own_account: bool,
    exposure: Exposure,
    accounts: BTreeSet<String>,
    organizations: BTreeSet<String>,
    guests: bool,
}

/// The principals other than Lambda that may assume the role, by their names; `None` if the trust
/// policy could not be read.
fn others(judgement: &RoleJudgement<'_>) -> Option<BTreeMap<String, Other>> {
    let trust = judgement.trust.as_ref()?;
    let mut others = BTreeMap::new();
    for trusted in trust
        .others
        .iter()
        .filter(|it| !is_lambda_at_edge(it.kind, &it.principal))
    {
        let all_but = trusted.kind == TrustedKind::AllBut;
        let name = if all_but {
            format!("everyone but {}", trusted.principal)
        } else {
            trusted.principal.clone().into_owned()
        };
        let other = others.entry(name).or_insert_with(|| Other {
            kind: trusted.kind,
            own_account: trusted.own_account,
            exposure: trusted.exposure,
            accounts: BTreeSet::new(),
            organizations: BTreeSet::new(),
            guests: false,
        });
        other.guests |= trusted.guests;
        other.exposure = other.exposure.max(trusted.exposure);
        other.accounts.extend(trusted.accounts.iter().cloned());
        other
            .organizations
            .extend(trusted.organizations.iter().cloned());
    }
    Some(others)
}

/// Lambda@Edge replicas use the function's role. Source: "Setting up IAM permissions and roles for
/// Lambda@Edge", CloudFront Developer Guide.
fn is_lambda_at_edge(kind: TrustedKind, principal: &str) -> bool {
    kind == TrustedKind::Service && principal == "edgelambda.amazonaws.com"
}

/// Joins reasons into one text.
pub(super) fn joined(reasons: &[String]) -> Option<String> {
    (!reasons.is_empty()).then(|| lambdasweep_model::printable(&reasons.join("; ")))
}

/// How many whole days lie between a time and a date; 0 if the time is later.
fn days_until(time: &DateTime, date: jiff::civil::Date) -> Option<i64> {
    let day = jiff::Timestamp::from_second(time.secs()).ok()?;
    let day = jiff::tz::Offset::UTC.to_datetime(day).date();
    let days = day.until(date).ok()?.get_days();
    Some(i64::from(days.max(0)))
}

fn count(length: usize) -> i64 {
    length.try_into().unwrap_or(i64::MAX)
}
