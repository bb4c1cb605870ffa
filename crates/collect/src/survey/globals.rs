//! What is global in an account: its roles, and what is decided with them.

use std::collections::BTreeSet;
use std::sync::Arc;

use lambdasweep_aws::Caller;
use lambdasweep_tables::{Batch, Fact, Journal, TablesError, Unit, facts};

use super::{EnteredAccount, covered, read};
use crate::collector::shared_resources::SharedResources;
use crate::collector::{Collector, Referring, Run};
use crate::context::{AccountContext, AccountFunctions, Reading, ScanContext, in_time};
use crate::error::CollectError;
use crate::gate::Gate;
use crate::services::iam::roles;

/// Reads the global facts of an account except its Regions, if it can be entered, and the facts
/// from the organisation's data in any case; skips what the journal already has. Completes the
/// account's unit.
pub(crate) async fn globals(
    scan: &Arc<ScanContext>,
    journal: &Journal,
    collectors: &[Collector],
    entered: EnteredAccount,
    functions: AccountFunctions,
    resources: &SharedResources,
) -> Result<(), CollectError> {
    let is_needed_with_roles = |fact: Fact| {
        let mut collectors = collectors.iter();
        collectors.any(|it| matches!(it.run, Run::WithRoles(_)) && it.needs.contains(&fact))
    };
    let account = &entered.account;
    let unit = &Unit::Account(account.clone());
    let (gate, finished) = (Gate::new(journal, unit), journal.finished(unit));
    let context = entered.session.map(|session| {
        let mut context = AccountContext::new(scan, session);
        context.functions = functions;
        context
    });
    let referring = &Referring {
        journal,
        regions: &entered.regions,
        resources,
    };
    for collector in collectors {
        let part = format!("global/{}", collector.fact);
        if finished.contains(&part) {
            continue;
        }
        let covered = covered(account, collector.fact);
        let batch = match (collector.run, &context, &entered.closed) {
            (Run::FromOrganization(run), ..) => {
                let caller = Caller::new(&scan.pacer, account.as_str(), "");
                let mut reading = Reading::new(caller);
                let ended = run(scan, account, &mut reading);
                reading.close(covered, &ended)
            }
            (Run::Roles, Some(context), _) => read_roles(context, collectors, referring).await?,
            (Run::Account(_), Some(context), _) if collector.fact != facts::REGIONS => {
                read(context, collector).await
            }
            (Run::Referenced(run), Some(context), _) if !is_needed_with_roles(collector.fact) => {
                run(context, referring).await?;
                Batch::default()
            }
            (Run::Account(_) | Run::Roles | Run::WithRoles(_), None, Some(error))
                if collector.fact != facts::REGIONS && !entered.is_accounted_for =>
            {
                let mut batch = Batch::default();
                batch.push(covered.row(&Err(error.clone()), 0));
                batch
            }
            _ => continue,
        };
        gate.part(&part).finish(batch, ()).await?;
    }
    gate.complete(Batch::default(), &BTreeSet::new()).await?;
    Ok(())
}

/// Reads an account's roles, and the facts that are decided with them: these come with the part of
/// the roles.
async fn read_roles(
    context: &AccountContext,
    collectors: &[Collector],
    referring: &Referring<'_>,
) -> Result<Batch, TablesError> {
    let with_roles = collectors.iter().filter_map(|it| match it.run {
        Run::WithRoles(run) => Some(run(context, referring)),
        _ => None,
    });
    let mut reading = Reading::new(context.caller());
    let mut kept = None;
    let roles = async {
        let caller = reading.caller.fresh();
        let run = Box::pin(roles::read(context, &mut reading, &mut kept));
        Ok(in_time(&roles::COLLECTOR, &caller, run).await)
    };
    let (ended, decisions) =
        futures::future::try_join(roles, futures::future::try_join_all(with_roles)).await?;
    for decide in decisions {
        decide(kept.as_ref(), &mut reading.batch);
    }
    let covered = covered(context.session().account(), roles::COLLECTOR.fact);
    Ok(reading.close(covered, &ended))
}
