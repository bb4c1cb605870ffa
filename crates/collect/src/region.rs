//! Reads one account in one Region: the bulk facts, then every function, a few hundred at a time, so that memory does not grow with the Region.

use futures::future::{BoxFuture, join_all};
use futures::{FutureExt, StreamExt};
use lambdasweep_aws::CallError;
use lambdasweep_model::Fact;
use lambdasweep_tables::{Batch, Journal, TablesError, Unit};

use crate::collector::{Collector, Run, stages};
use crate::collectors::functions;
use crate::context::{Covered, FunctionTarget, Reading, RegionContext};
use crate::progress::Progress;

/// How many functions are read before their rows go to the journal, and how many of them at once.
const FUNCTIONS_A_PART: usize = 128;
const FUNCTIONS_AT_ONCE: usize = 16;

/// Reads a Region into the journal, which has already what the first look read of it.
pub(crate) async fn read(
    context: &RegionContext,
    collectors: &[Collector],
    journal: &Journal,
    progress: &Progress,
) -> Result<(), TablesError> {
    let unit = Unit::AccountRegion(context.account.clone(), context.region.clone());
    let account = context.account_id();
    let unit_covered = |fact| Covered { account: &account, region: context.region.as_str(), resource: "", fact };

    let listing = async {
        let mut reading = Reading::new(context.caller());
        let (targets, ended) = functions::list(context, &mut reading).await;
        (reading.close(unit_covered(Fact::Functions), &ended), targets)
    };
    let mut bulk: Vec<BoxFuture<'_, Batch>> = Vec::new();
    for collector in collectors.iter().filter(|it| it.fact != Fact::AccountSettings) {
        let Run::Region(run) = collector.run else { continue };
        let covered = unit_covered(collector.fact);
        bulk.push(Box::pin(async move {
            let mut reading = Reading::new(context.caller());
            let ended = run(context, &mut reading).await;
            reading.close(covered, &ended)
        }));
    }
    let ((mut batch, targets), bulk) = futures::join!(listing, join_all(bulk));
    for part in bulk {
        batch.merge(part);
    }
    journal.append(&unit, batch)?;

    let stages = stages(collectors);
    for part in targets.chunks(FUNCTIONS_A_PART) {
        let mut batch = Batch::default();
        let reads: Vec<_> = part.iter().map(|function| read_function(context, &stages, function).boxed()).collect();
        let mut reads = futures::stream::iter(reads).buffer_unordered(FUNCTIONS_AT_ONCE);
        while let Some(read) = reads.next().await {
            batch.merge(read);
            Progress::add(&progress.functions_done, 1);
        }
        journal.append(&unit, batch)?;
    }
    context.scan.pacer.forget(context.account.as_str(), context.region.as_str());
    journal.complete(&unit, Batch::default())
}

/// Reads the facts of one function, stage after stage; the collectors of a stage run together.
async fn read_function(context: &RegionContext, stages: &[Vec<Collector>], function: &FunctionTarget) -> Batch {
    let account = context.account_id();
    let mut batch = Batch::default();
    for stage in stages {
        let mut reads: Vec<BoxFuture<'_, Batch>> = Vec::new();
        for collector in stage {
            let Run::Function(run) = collector.run else { continue };
            let covered = Covered { account: &account, region: context.region.as_str(), resource: &function.arn, fact: collector.fact };
            reads.push(Box::pin(async move {
                let mut reading = Reading::new(context.caller());
                let ended: Result<(), CallError> = run(context, function, &mut reading).await;
                reading.close(covered, &ended)
            }));
        }
        for read in join_all(reads).await {
            batch.merge(read);
        }
    }
    batch
}
