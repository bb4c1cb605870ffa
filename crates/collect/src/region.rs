//! Reads one account in one Region: the bulk facts, then every function, a few hundred at a time,
//! so that memory does not grow with the Region. A function that is deleted meanwhile leaves one
//! coverage row and nothing else.

use std::collections::BTreeSet;

use futures::future::{BoxFuture, join_all};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use lambdasweep_aws::CallError;
use lambdasweep_model::Outcome;
use lambdasweep_tables::{Batch, Fact, Journal, TablesError, Unit, facts};

use crate::collector::{Collector, Run, stages};
use crate::collectors::function_details::GET_FUNCTION;
use crate::collectors::{functions, versions};
use crate::context::{Covered, Doubt, FunctionTarget, Reading, RegionContext, in_time};
use crate::gate;
use crate::progress::Progress;

/// How many functions are read before their rows go to the journal, and how many of them at once.
const FUNCTIONS_A_PART: usize = 128;
const FUNCTIONS_AT_ONCE: usize = 16;

/// The code in the coverage of a function that was deleted while the scan ran.
const FUNCTION_DELETED: &str = "FunctionDeleted";

/// Reads a Region into the journal, which has already what the first look read of it. `counted` is
/// how many functions the Region says it has.
pub(crate) async fn read(
    context: &RegionContext,
    collectors: &[Collector],
    journal: &Journal,
    progress: &Progress,
    counted: Option<u64>,
) -> Result<(), TablesError> {
    let unit = Unit::AccountRegion(context.account.clone(), context.region.clone());
    let account = context.account_id();
    let unit_covered = |fact| Covered {
        account: &account,
        region: context.region.as_str(),
        resource: "",
        fact,
    };

    let mut reading = Reading::new(context.caller());
    let listing = functions::list(context, &mut reading, counted, |batch| {
        gate::append(journal, &unit, batch)
    });
    let (listed, mut batch) = futures::join!(listing, read_bulk(context, collectors));
    let (mut targets, mut listed) = listed?;
    note_unread(context, "", facts::FUNCTIONS, &listed);
    batch.merge(std::mem::take(&mut reading.batch));
    gate::append(journal, &unit, batch)?;

    let stages = stages(collectors);
    let any_published = targets.iter().any(FunctionTarget::may_have_published);
    let mut gone = BTreeSet::new();
    for part in targets.chunks_mut(FUNCTIONS_A_PART) {
        let mut batch = Batch::default();
        // Made one by one: a reading that has not begun takes as much memory as one that is under
        // way.
        let mut left = part.iter_mut();
        let mut reads = FuturesUnordered::new();
        loop {
            let free = FUNCTIONS_AT_ONCE - reads.len();
            reads.extend(
                left.by_ref().take(free).map(|function| {
                    read_function(context, &stages, function, any_published).boxed()
                }),
            );
            let Some(read) = reads.next().await else {
                break;
            };
            gone.extend(read.gone);
            batch.merge(read.batch);
            Progress::add(&progress.functions_done, 1);
        }
        gate::append(journal, &unit, batch)?;
    }
    // The rows that the bulk readings have of functions that were deleted since.
    gate::retract_functions(journal, &unit, &gone)?;
    targets.retain(|function| !gone.contains(&function.arn));
    let asked = collectors
        .iter()
        .any(|collector| collector.fact == facts::VERSIONS);
    for part in targets.chunks_mut(FUNCTIONS_A_PART) {
        let mut batch = Batch::default();
        part.iter_mut()
            .for_each(|function| push_versions(context, function, asked, &mut listed, &mut batch));
        gate::append(journal, &unit, batch)?;
    }
    context
        .scan
        .pacer
        .forget(context.account.as_str(), context.region.as_str());
    let mut last = reading.close(unit_covered(facts::FUNCTIONS), &listed);
    if asked {
        // It speaks for all functions but those that have a row of their own.
        last.push(unit_covered(facts::VERSIONS).row(&Ok(()), 0));
    }
    gate::complete(journal, &unit, last)
}

/// Reads the facts that one reading gives for the whole Region, together.
async fn read_bulk(context: &RegionContext, collectors: &[Collector]) -> Batch {
    let account = context.account_id();
    let mut reads: Vec<BoxFuture<'_, Batch>> = Vec::new();
    for collector in collectors
        .iter()
        .filter(|it| it.fact != facts::ACCOUNT_SETTINGS)
    {
        let Run::Region(run) = collector.run else {
            continue;
        };
        let covered = Covered {
            account: &account,
            region: context.region.as_str(),
            resource: "",
            fact: collector.fact,
        };
        reads.push(Box::pin(async move {
            let mut reading = Reading::new(context.caller());
            let ended = in_time(
                collector,
                &reading.caller.fresh(),
                run(context, &mut reading),
            )
            .await;
            note_unread(context, "", covered.fact, &ended);
            reading.close(covered, &ended)
        }));
    }
    let mut batch = Batch::default();
    for part in join_all(reads).await {
        batch.merge(part);
    }
    batch
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
async fn read_function(
    context: &RegionContext,
    stages: &[Vec<Collector>],
    function: &mut FunctionTarget,
    any_published: bool,
) -> FunctionRead {
    let versions = recover_versions(context, function).await;
    let function = &*function;
    let account = context.account_id();
    let covered = |fact| Covered {
        account: &account,
        region: context.region.as_str(),
        resource: &function.arn,
        fact,
    };
    let mut all: Vec<Ended<'_>> = Vec::new();
    for stage in stages.iter().filter(|_| function.known) {
        let mut reads: Vec<BoxFuture<'_, Ended<'_>>> = Vec::new();
        for collector in stage
            .iter()
            .filter(|collector| collector.reads(function, any_published))
        {
            let Some(run) = collector.of_function() else {
                continue;
            };
            let covered = covered(collector.fact);
            reads.push(Box::pin(async move {
                let mut reading = Reading::new(context.caller().about(&function.arn));
                let ended = in_time(
                    collector,
                    &reading.caller.fresh(),
                    run(context, function, &mut reading),
                )
                .await;
                Ended {
                    covered,
                    reading,
                    ended,
                }
            }));
        }
        all.extend(join_all(reads).await);
    }
    let mut batch = Batch::default();
    match existence(context, function, &all).await {
        Existence::Gone => {
            let attempts = all
                .iter()
                .map(|it| i64::from(it.reading.caller.attempts()))
                .sum();
            let message = Some("it was deleted while the scan ran".to_owned());
            batch.push(covered(facts::FUNCTIONS).row_with(
                Outcome::Gone,
                Some(FUNCTION_DELETED.to_owned()),
                message,
                attempts,
            ));
            return FunctionRead {
                batch,
                gone: Some(function.arn.clone()),
            };
        }
        Existence::There => {}
        Existence::Unknown(error) => {
            let message = format!(
                "AWS said that the function is not there, and it is not known whether that is so: {}",
                error.message
            );
            let unproven = CallError { message, ..error };
            for it in all.iter_mut().filter(|it| it.ended.is_ok()) {
                it.ended = Err(unproven.clone());
            }
        }
    }
    batch.merge(versions);
    for it in all {
        note_unread(context, &function.arn, it.covered.fact, &it.ended);
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

/// Finds out whether a function outlived its readings. `GetFunction` says so, which is read last
/// where it is read at all; it is asked on its own only where another answer leaves it open. Where
/// it does not answer, a function counts as there unless an answer raised a doubt: that there is no
/// policy, AWS says of functions that are there as of those that are not.
async fn existence(
    context: &RegionContext,
    function: &FunctionTarget,
    all: &[Ended<'_>],
) -> Existence {
    let absent = |error: &CallError| error.outcome == Outcome::NotFound;
    let of_a_call = |it: &Ended<'_>| {
        if it.ended.as_ref().is_err_and(absent) {
            Doubt::Raised
        } else {
            it.reading.doubt()
        }
    };
    let of_versions = if function.versions_gap.as_ref().is_some_and(absent) {
        Doubt::Raised
    } else {
        Doubt::None
    };
    let doubt = all.iter().map(of_a_call).fold(of_versions, Doubt::max);
    let ended = match all
        .iter()
        .find(|it| it.covered.fact == facts::FUNCTION_DETAILS)
    {
        Some(details) => details.ended.clone(),
        None if doubt > Doubt::None => {
            // A replica of Lambda@Edge is nothing but versions.
            let version = function
                .published()
                .last()
                .filter(|_| function.is_replica)
                .map(str::to_owned);
            let send = || {
                context
                    .lambda
                    .get_function()
                    .function_name(&function.name)
                    .set_qualifier(version.clone())
                    .send()
            };
            context
                .caller()
                .about(&function.arn)
                .call(&GET_FUNCTION, send)
                .await
                .map(|_| ())
        }
        None => Ok(()),
    };
    match ended {
        Err(error) if absent(&error) => Existence::Gone,
        Err(error) if doubt == Doubt::Raised => Existence::Unknown(error),
        _ => Existence::There,
    }
}

/// Lists the versions of a function by themselves where the listing of the Region broke off, or had
/// versions of it and not the function.
async fn recover_versions(context: &RegionContext, function: &mut FunctionTarget) -> Batch {
    if function.known && function.versions_gap.is_none() {
        return Batch::default();
    }
    let mut reading = Reading::new(context.caller().about(&function.arn));
    function.versions_gap = functions::recover(context, function, &mut reading)
        .await
        .err();
    reading.batch
}

/// Notes a fact that was not read and might have told that something runs a version. The policies
/// of versions are looked at one by one.
fn note_unread(
    context: &RegionContext,
    function_arn: &str,
    fact: Fact,
    ended: &Result<(), CallError>,
) {
    let Err(error) = ended else { return };
    match fact {
        facts::EVENT_SOURCE_MAPPINGS => context.references.unread("", fact, error),
        facts::FUNCTIONS => context.references.destinations_unread(fact, error),
        facts::ALIASES | facts::PROVISIONED_CONCURRENCY => {
            context.references.unread(function_arn, fact, error)
        }
        // A destination of this function may be a version of any.
        facts::EVENT_INVOKE_CONFIGS => {
            context.references.unread(function_arn, fact, error);
            context.references.destinations_unread(fact, error);
        }
        _ => {}
    }
}

/// Pushes the versions of a function, and says so where they are not all. Where AWS listed versions
/// and not the function, and does not give it when asked for it either, the list of functions is
/// not whole.
fn push_versions(
    context: &RegionContext,
    function: &mut FunctionTarget,
    asked: bool,
    listed: &mut Result<(), CallError>,
    batch: &mut Batch,
) {
    if !function.known {
        let gap = function.versions_gap.take().or(function.doubt.take());
        if listed.is_ok() {
            *listed = Err(gap.unwrap_or_else(|| functions::without_latest(context, &function.arn)));
        }
        return;
    }
    let ended = versions::push(context, function, asked, batch);
    if asked && ended.is_err() {
        let account = context.account_id();
        let covered = Covered {
            account: &account,
            region: context.region.as_str(),
            resource: &function.arn,
            fact: facts::VERSIONS,
        };
        batch.push(covered.row(&ended, 0));
    }
}
