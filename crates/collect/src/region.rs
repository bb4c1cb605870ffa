//! Reads one account in one Region: the bulk facts, then every function, a few hundred at a time, so that memory does not grow with the Region. A function
//! that is deleted meanwhile leaves one coverage row and nothing else.

use std::collections::BTreeSet;

use futures::future::{BoxFuture, join_all};
use futures::{FutureExt, StreamExt};
use lambdasweep_aws::CallError;
use lambdasweep_model::{Fact, Outcome};
use lambdasweep_tables::{Batch, Journal, TablesError, Unit};

use crate::collector::{Collector, Run, stages};
use crate::collectors::function_details::GET_FUNCTION;
use crate::collectors::functions;
use crate::context::{Covered, FunctionTarget, Reading, RegionContext};
use crate::progress::Progress;

/// How many functions are read before their rows go to the journal, and how many of them at once.
const FUNCTIONS_A_PART: usize = 128;
const FUNCTIONS_AT_ONCE: usize = 16;

/// The code in the coverage of a function that was deleted while the scan ran.
const FUNCTION_DELETED: &str = "FunctionDeleted";

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
    let mut gone = BTreeSet::new();
    for part in targets.chunks(FUNCTIONS_A_PART) {
        let mut batch = Batch::default();
        let reads: Vec<_> = part.iter().map(|function| read_function(context, &stages, function).boxed()).collect();
        let mut reads = futures::stream::iter(reads).buffer_unordered(FUNCTIONS_AT_ONCE);
        while let Some(read) = reads.next().await {
            gone.extend(read.gone);
            batch.merge(read.batch);
            Progress::add(&progress.functions_done, 1);
        }
        journal.append(&unit, batch)?;
    }
    // The rows that the bulk readings have of functions that were deleted since.
    journal.retract(&unit, "function_arn", &gone)?;
    context.scan.pacer.forget(context.account.as_str(), context.region.as_str());
    journal.complete(&unit, Batch::default())
}

/// What was read of one function.
struct FunctionRead {
    batch: Batch,
    /// Its ARN, where it is not there any more.
    gone: Option<String>,
}

/// One reading of one function, before it is known whether the function outlived it.
struct Ended<'a> {
    covered: Covered<'a>,
    reading: Reading,
    ended: Result<(), CallError>,
}

/// Reads the facts of one function, stage after stage; the collectors of a stage run together.
async fn read_function(context: &RegionContext, stages: &[Vec<Collector>], function: &FunctionTarget) -> FunctionRead {
    let account = context.account_id();
    let covered = |fact| Covered { account: &account, region: context.region.as_str(), resource: &function.arn, fact };
    let mut all: Vec<Ended<'_>> = Vec::new();
    for stage in stages {
        let mut reads: Vec<BoxFuture<'_, Ended<'_>>> = Vec::new();
        for collector in stage {
            let Run::Function(run) = collector.run else { continue };
            let covered = covered(collector.fact);
            reads.push(Box::pin(async move {
                let mut reading = Reading::new(context.caller());
                let ended = run(context, function, &mut reading).await;
                Ended { covered, reading, ended }
            }));
        }
        all.extend(join_all(reads).await);
    }
    let mut batch = Batch::default();
    match existence(context, function, &all).await {
        Existence::Gone => {
            let attempts = all.iter().map(|it| i64::from(it.reading.caller.attempts())).sum();
            let message = Some("it was deleted while the scan ran".to_owned());
            batch.push(covered(Fact::Functions).row_with(Outcome::Gone, Some(FUNCTION_DELETED.to_owned()), message, attempts));
            return FunctionRead { batch, gone: Some(function.arn.clone()) };
        }
        Existence::There => {}
        Existence::Unknown(error) => {
            let message = format!("AWS said that the function is not there, and it is not known whether that is so: {}", error.message);
            let unproven = CallError { message, ..error };
            for it in all.iter_mut().filter(|it| it.ended.is_ok()) {
                it.ended = Err(unproven.clone());
            }
        }
    }
    for it in all {
        batch.merge(it.reading.close(it.covered, &it.ended));
    }
    FunctionRead { batch, gone: None }
}

/// Whether a function is still there after all was read of it.
enum Existence {
    There,
    Gone,
    /// One answer said that it is not, and AWS did not tell more.
    Unknown(CallError),
}

/// Finds out whether a function outlived its readings. `GetFunction` says so, which is read last where it is read at all; it is asked on its own only
/// where another answer raises a doubt.
async fn existence(context: &RegionContext, function: &FunctionTarget, all: &[Ended<'_>]) -> Existence {
    let absent = |ended: &Result<(), CallError>| ended.as_ref().is_err_and(|error| error.outcome == Outcome::NotFound);
    let doubtful = all.iter().any(|it| it.reading.is_doubtful() || absent(&it.ended));
    let ended = match all.iter().find(|it| it.covered.fact == Fact::FunctionDetails) {
        Some(details) => details.ended.clone(),
        None if doubtful => {
            let send = || context.lambda.get_function().function_name(&function.name).send();
            context.caller().call(&GET_FUNCTION, send).await.map(|_| ())
        }
        None => Ok(()),
    };
    match ended {
        Err(error) if error.outcome == Outcome::NotFound => Existence::Gone,
        Err(error) if doubtful => Existence::Unknown(error),
        _ => Existence::There,
    }
}
