//! The organisation's service control and resource control policies, and what each is attached to.
//! Read once per scan, with the caller's own credentials.

use futures::{FutureExt, StreamExt, stream};
use lambdasweep_aws::aws_sdk_organizations::Client;
use lambdasweep_aws::aws_sdk_organizations::types::{
    Policy, PolicySummary, PolicyTargetSummary, PolicyType,
};
use lambdasweep_aws::{CallError, Member, Operation, list};
use lambdasweep_model::printable;
use lambdasweep_policy::{Document, Effect};
use lambdasweep_tables::{Batch, OrganizationPolicyRow, PolicyTargetRow, facts};

use crate::collector::{Collector, Run};
use crate::context::Reading;
use crate::policy_text::document_text;
use crate::services::organizations::service;

const LIST_POLICIES: Operation = Operation::new("organizations:ListPolicies", &service::POLICIES)
    .lists("Policies", 100_000)
    .items_have(&[
        Member::text("Policies[].Id"),
        Member::text("Policies[].Type"),
    ]);
const LIST_TARGETS: Operation =
    Operation::new("organizations:ListTargetsForPolicy", &service::POLICIES)
        .lists("Targets", 500_000)
        .items_have(&[Member::text("Targets[].TargetId")]);
const DESCRIBE_POLICY: Operation =
    Operation::new("organizations:DescribePolicy", &service::DESCRIBE_POLICY).sends(&[
        Member::text("Policy.PolicySummary.Id"),
        Member::text("Policy.Content"),
    ]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::ORGANIZATION_POLICIES,
    operations: &[LIST_POLICIES, LIST_TARGETS, DESCRIBE_POLICY],
    further_actions: &[],
    tables: &["organization_policies", "policy_targets"],
    needs: &[],
    run: Run::Organization,
};

/// The policy types that restrict what principals may do and who may use resources.
const TYPES: [PolicyType; 2] = [
    PolicyType::ServiceControlPolicy,
    PolicyType::ResourceControlPolicy,
];

/// How many policies are read concurrently, so that slow responses do not delay each other. Their
/// quotas are small and respected in any case.
const POLICIES_AT_ONCE: usize = 8;

/// Reads the policies of the types that are enabled in the root, which `enabled` lists. Everything
/// that can be read is kept; the first failure is reported as the reason for the gap.
pub(crate) async fn read(
    client: &Client,
    enabled: &[String],
    reading: &mut Reading,
) -> Result<(), CallError> {
    let mut gap = None;
    let mut policies = Vec::new();
    for kind in TYPES {
        // Enabled, or being enabled or disabled.
        let told = |it: &String| {
            it.strip_prefix(kind.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
        };
        if !enabled.iter().any(told) {
            continue;
        }
        let id = |policy: &PolicySummary| policy.id().unwrap_or_default().to_owned();
        let (listed, ended) = list!(
            reading.caller,
            &LIST_POLICIES,
            client.list_policies().filter(kind.clone()),
            set_next_token,
            next_token,
            policies,
            id
        )
        .await;
        policies.extend(listed);
        if let Err(error) = ended {
            gap.get_or_insert(error);
        }
    }
    let all: Vec<_> = policies
        .iter()
        .map(|policy| read_one(client, reading, policy).boxed())
        .collect();
    let read: Vec<(Batch, Result<(), CallError>)> =
        stream::iter(all).buffered(POLICIES_AT_ONCE).collect().await;
    for (batch, ended) in read {
        reading.batch.merge(batch);
        if let Err(error) = ended {
            gap.get_or_insert(error);
        }
    }
    gap.map_or(Ok(()), Err)
}

/// Reads what a policy is attached to and, if it is attached to anything, its document, which has
/// its own small quota.
async fn read_one(
    client: &Client,
    reading: &Reading,
    policy: &PolicySummary,
) -> (Batch, Result<(), CallError>) {
    let mut batch = Batch::default();
    let Some(id) = policy.id().filter(|id| !id.is_empty()) else {
        return (batch, Err(reading.unidentified(&LIST_POLICIES, "a policy")));
    };
    let target_id =
        |target: &PolicyTargetSummary| target.target_id().unwrap_or_default().to_owned();
    let (targets, mut listed) = list!(
        reading.caller,
        &LIST_TARGETS,
        client.list_targets_for_policy().policy_id(id),
        set_next_token,
        next_token,
        targets,
        target_id
    )
    .await;
    if targets.iter().any(|target| target_id(target).is_empty()) {
        listed = listed.and(Err(
            reading.unidentified(&LIST_TARGETS, "a target of a policy")
        ));
    }
    let attached = !targets.is_empty() || listed.is_err();
    let document = if attached {
        let described = reading
            .caller
            .call(&DESCRIBE_POLICY, || {
                client.describe_policy().policy_id(id).send()
            })
            .await;
        let is_it =
            |policy: &Policy| policy.policy_summary().and_then(PolicySummary::id) == Some(id);
        let described = described.and_then(|answer| match answer.policy.filter(is_it) {
            Some(policy) => Ok(policy),
            None => Err(reading
                .caller
                .incomplete(&DESCRIBE_POLICY, "the response is about another policy")),
        });
        // The text without secrets is what is stored and judged, so that a resumed scan gets the
        // same result.
        Some(described.map(|it| document_text(&it.content.unwrap_or_default())))
    } else {
        None
    };
    let parsed = document.as_ref().map(|read| match read {
        Ok(text) => Document::parse(text).map_err(|problem| printable(&problem.to_string())),
        Err(error) => Err(format!("it was not read ({})", error.outcome)),
    });
    let statements = parsed
        .as_ref()
        .and_then(|it| it.as_ref().ok())
        .map(|document| &document.statements);
    let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    batch.push(OrganizationPolicyRow {
        policy_id: id.to_owned(),
        name: policy.name().unwrap_or_default().to_owned(),
        policy_type: policy.r#type().map_or("", |it| it.as_str()).to_owned(),
        aws_managed: policy.aws_managed(),
        description: policy
            .description()
            .filter(|it| !it.is_empty())
            .map(str::to_owned),
        target_count: listed.is_ok().then(|| count(targets.len())),
        statement_count: statements.map(|it| count(it.len())),
        deny_statement_count: statements.map(|it| {
            count(
                it.iter()
                    .filter(|statement| statement.effect == Effect::Deny)
                    .count(),
            )
        }),
        problem: parsed.as_ref().and_then(|it| it.as_ref().err().cloned()),
        document: document.as_ref().and_then(|it| it.as_ref().ok().cloned()),
    });
    for target in targets
        .iter()
        .filter(|target| !target_id(target).is_empty())
    {
        batch.push(PolicyTargetRow {
            policy_id: id.to_owned(),
            target_id: target_id(target),
            target_type: target.r#type().map_or("", |it| it.as_str()).to_owned(),
        });
    }
    (
        batch,
        listed.and(document.map_or(Ok(()), |it| it.map(|_| ()))),
    )
}
