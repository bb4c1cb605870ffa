//! Where functions send events that failed, and results of those that succeeded: whether their
//! roles may send to these queues.
//!
//! It is decided while the account's roles are in memory, with all documents that decide what they
//! may do.

mod known;
mod send;

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_model::{AccountId, Arn, Region};
use lambdasweep_tables::{
    Batch, EventInvokeConfigRow, FailureTargetRow, FunctionQualifierRow, FunctionRow,
    FunctionVersionRow, Journal, TablesError, Unit, facts,
};

use crate::collector::shared_resources::Answer;
use crate::collector::{Collector, DecideWithRoles, Referring, Run};
use crate::configuration::LATEST;
use crate::context::{AccountContext, CoverageKey};
use crate::services::iam::roles::AccountRoles;
use crate::services::sqs::queues::{QueueArn, is_fifo_name};
use send::{Decided, Roles};

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::FAILURE_TARGETS,
    operations: &[],
    further_actions: &[],
    tables: &["failure_targets"],
    needs: &[
        facts::FUNCTIONS,
        facts::EVENT_INVOKE_CONFIGS,
        facts::ROLES,
        facts::QUEUES,
    ],
    run: Run::WithRoles(|context, of| Box::pin(read(context, of))),
};

/// Services whose resources can be targets, by the service in their ARNs. Source:
/// "DestinationConfig" and "DeadLetterConfig", AWS Lambda API Reference.
const TARGET_SERVICES: [&str; 5] = ["sqs", "sns", "lambda", "events", "s3"];

/// A target of a function.
#[derive(Debug)]
struct FailureTarget {
    region: Region,
    function_arn: String,
    qualifier: String,
    purpose: &'static str,
    target_arn: String,
    /// The roles that may send: several where an alias divides its calls among versions.
    roles: BTreeSet<String>,
}

impl FailureTarget {
    /// The queue, where the target is one.
    fn queue(&self, partition: &str) -> Option<QueueArn> {
        QueueArn::parse(&self.target_arn, partition)
    }
}

/// The targets of an account's functions, from the journal.
fn targets_of(account: &AccountId, of: &Referring<'_>) -> Result<Vec<FailureTarget>, TablesError> {
    let (journal, mut targets) = (of.journal, Vec::new());
    for region in of.regions {
        let unit = Unit::AccountRegion(account.clone(), region.clone());
        let configs: Vec<EventInvokeConfigRow> = journal.rows(&unit)?;
        let of_qualifier = |config: &&EventInvokeConfigRow| config.qualifier != LATEST;
        let versions = match configs.iter().any(|config| of_qualifier(&config)) {
            true => VersionRoles::of(journal, &unit)?,
            false => VersionRoles::default(),
        };
        let mut roles = BTreeMap::new();
        for function in journal.rows::<FunctionRow>(&unit)? {
            // A replica of Lambda@Edge has no settings of its own.
            let is_replica = function.master_arn.is_some();
            if let Some(target_arn) = function.dead_letter_target_arn.filter(|_| !is_replica) {
                targets.push(FailureTarget {
                    region: region.clone(),
                    function_arn: function.function_arn.clone(),
                    qualifier: LATEST.to_owned(),
                    purpose: "dead-letter",
                    target_arn,
                    roles: [function.role_arn.clone()].into(),
                });
            }
            roles.insert(function.function_arn, function.role_arn);
        }
        for config in configs {
            let roles: BTreeSet<String> = if config.qualifier == LATEST {
                roles
                    .get(&config.function_arn)
                    .cloned()
                    .into_iter()
                    .collect()
            } else {
                versions.of_qualifier(&config.function_arn, &config.qualifier)
            };
            let destinations = [
                ("on-failure", config.on_failure_destination_arn),
                ("on-success", config.on_success_destination_arn),
            ];
            for (purpose, target_arn) in destinations {
                let Some(target_arn) = target_arn else {
                    continue;
                };
                targets.push(FailureTarget {
                    region: region.clone(),
                    function_arn: config.function_arn.clone(),
                    qualifier: config.qualifier.clone(),
                    purpose,
                    target_arn,
                    roles: roles.clone(),
                });
            }
        }
    }
    Ok(targets)
}

/// The roles of published versions, by function and qualifier.
#[derive(Debug, Default)]
struct VersionRoles {
    versions: BTreeMap<(String, String), String>,
    aliases: BTreeMap<(String, String), Vec<String>>,
}

impl VersionRoles {
    fn of(journal: &Journal, unit: &Unit) -> Result<Self, TablesError> {
        let versions: Vec<FunctionVersionRow> = journal.rows(unit)?;
        let qualifiers: Vec<FunctionQualifierRow> = journal.rows(unit)?;
        let aliases = qualifiers.into_iter().filter_map(|row| {
            let mut versions = vec![row.target_version?];
            let routed = row.routing_version.unwrap_or_default();
            versions.extend(
                routed
                    .split(", ")
                    .filter(|it| !it.is_empty())
                    .map(str::to_owned),
            );
            Some(((row.function_arn, row.qualifier), versions))
        });
        Ok(Self {
            versions: versions
                .into_iter()
                .map(|row| ((row.function_arn, row.version), row.role_arn))
                .collect(),
            aliases: aliases.collect(),
        })
    }

    /// The roles that a qualifier's invocations run with; none where one of them is not known.
    fn of_qualifier(&self, function: &str, qualifier: &str) -> BTreeSet<String> {
        let key = |name: &str| (function.to_owned(), name.to_owned());
        let role = |version: &str| self.versions.get(&key(version)).cloned();
        let known: Option<BTreeSet<String>> = match self.aliases.get(&key(qualifier)) {
            Some(versions) => versions.iter().map(|version| role(version)).collect(),
            None => role(qualifier).map(|role| [role].into()),
        };
        // Aliases are not read for this purpose alone: what they point to does not matter where all
        // versions have the same role.
        known.unwrap_or_else(|| {
            let all = self.versions.range(key("")..);
            let of_function = all.take_while(|((of, _), _)| of == function);
            let roles: BTreeSet<String> = of_function.map(|(_, role)| role.clone()).collect();
            if roles.len() == 1 {
                roles
            } else {
                BTreeSet::new()
            }
        })
    }
}

/// Reads the queues that are targets. What it returns decides with the account's roles.
///
/// # Errors
/// Where the journal cannot be read or written.
async fn read<'a>(
    context: &'a AccountContext,
    of: &'a Referring<'a>,
) -> Result<DecideWithRoles<'a>, TablesError> {
    let account = context.session().account();
    let targets = targets_of(account, of)?;
    let named = queues_of(&targets, context.scan.partition);
    let answers = of.resources.read_all(named, context.session()).await?;
    Ok(Box::new(move |roles, batch| {
        push_targets(context, targets, roles, &answers, batch);
        let covered = CoverageKey {
            account: account.as_str(),
            region: "",
            resource: "",
            fact: COLLECTOR.fact,
        };
        // If the roles were not read, the rows say of each target that the answer is not known.
        batch.push(covered.row(&Ok(()), 0));
    }))
}

/// Reads the queues that are targets.
///
/// # Errors
/// Where the journal cannot be read or written.
pub(crate) async fn read_queues(
    context: &AccountContext,
    of: &Referring<'_>,
) -> Result<(), TablesError> {
    let targets = targets_of(context.session().account(), of)?;
    let named = queues_of(&targets, context.scan.partition);
    of.resources.read_all(named, context.session()).await?;
    Ok(())
}

/// The queues among targets.
fn queues_of(targets: &[FailureTarget], partition: &str) -> BTreeSet<QueueArn> {
    let queues = targets.iter().filter_map(|target| target.queue(partition));
    queues.collect()
}

/// Decides for each target whether the function's role may send there, and pushes the rows. `roles`
/// is nothing where the account's roles were not read.
fn push_targets(
    context: &AccountContext,
    targets: Vec<FailureTarget>,
    roles: Option<&AccountRoles>,
    queues: &BTreeMap<String, Answer<QueueArn>>,
    batch: &mut Batch,
) {
    let (account, partition) = (context.account_id(), context.scan.partition);
    let mut roles = Roles::new(context.session().account(), roles);
    for target in targets {
        let arn = target.target_arn.parse::<Arn>().ok();
        let service = arn
            .as_ref()
            .and_then(|arn| TARGET_SERVICES.iter().find(|it| **it == arn.service));
        let queue = target.queue(partition);
        let (role_arn, decided) = match &queue {
            Some(arn) => roles.decide_all(&target.roles, arn, queues.get(&arn.text)),
            None => (
                target.roles.first().cloned().unwrap_or_default(),
                Decided::not_a_queue(service.copied()),
            ),
        };
        batch.push(FailureTargetRow {
            account_id: account.clone(),
            region: target.region.to_string(),
            function_arn: target.function_arn,
            qualifier: target.qualifier,
            purpose: target.purpose.to_owned(),
            target_service: service.copied().unwrap_or("other").to_owned(),
            queue_arn: queue.map(|queue| queue.text),
            fifo: arn.is_some_and(|arn| is_fifo_name(&arn.resource)),
            target_arn: target.target_arn,
            role_arn,
            send: decided.send.as_str().to_owned(),
            send_reason: decided.reason,
            key: decided.key.as_str().to_owned(),
        });
    }
}
