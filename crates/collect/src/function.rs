//! Reads one function: its facts in stages, and whether it still existed at the end.

use futures::future::{BoxFuture, join_all};
use lambdasweep_aws::CallError;
use lambdasweep_model::Outcome;
use lambdasweep_tables::{Batch, Fact, facts};

use crate::collector::Collector;
use crate::context::{CoverageKey, Doubt, FunctionTarget, Reading, RegionContext, in_time};
use crate::notes::ReadFunction;
use crate::references::References;
use crate::services::lambda::function_details::GET_FUNCTION;
use crate::services::lambda::functions;
use crate::services::lambda::service::Lambda;

/// The code in the coverage of a function that was deleted while the scan ran.
const FUNCTION_DELETED: &str = "FunctionDeleted";

/// What was read for one function.
pub(crate) struct FunctionRead {
    pub(crate) batch: Batch,
    pub(crate) references: References,
    pub(crate) note: ReadFunction,
}

/// Reads the facts of one function, and keeps with it what is needed after the whole Region was
/// read.
pub(crate) async fn read(
    context: &RegionContext,
    stages: &[Vec<Collector>],
    function: &mut FunctionTarget,
    any_published: bool,
) -> FunctionRead {
    let relisted = relist(context, function).await;
    let was_relisted = relisted.is_some();
    let facts = read_facts(context, stages, function, any_published, relisted).await;
    function.settle_policies();
    FunctionRead {
        note: ReadFunction::of(function, facts.gone, was_relisted),
        batch: facts.batch,
        references: facts.references,
    }
}

/// The outcomes of the facts of one function.
#[derive(Default)]
struct FactsRead {
    batch: Batch,
    references: References,
    /// Whether it no longer exists.
    gone: bool,
}

/// One reading of one function, before it is known whether the function still existed at the end.
struct Ended<'a> {
    covered: CoverageKey<'a>,
    reading: Reading,
    ended: Result<(), CallError>,
}

/// Reads the facts of one function in stages; the collectors of a stage run concurrently.
async fn read_facts(
    context: &RegionContext,
    stages: &[Vec<Collector>],
    function: &FunctionTarget,
    any_published: bool,
    relisted: Option<Batch>,
) -> FactsRead {
    let account = context.account_id();
    let covered = |fact| CoverageKey {
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
    let mut read = FactsRead::default();
    match existence(context, function, &all).await {
        Existence::Gone => {
            let attempts = all
                .iter()
                .map(|it| i64::from(it.reading.caller.attempts()))
                .sum();
            let message = Some("it was deleted while the scan ran".to_owned());
            read.batch.push(covered(facts::FUNCTIONS).row_with(
                Outcome::Gone,
                Some(FUNCTION_DELETED.to_owned()),
                message,
                attempts,
            ));
            read.gone = true;
            return read;
        }
        Existence::There => {}
        Existence::Unknown(error) => {
            let message = format!(
                "AWS reported that the function does not exist, and this could not be confirmed: {}",
                error.message
            );
            let unproven = CallError { message, ..error };
            for it in all.iter_mut().filter(|it| it.ended.is_ok()) {
                it.ended = Err(unproven.clone());
            }
        }
    }
    read.batch.merge(relisted.unwrap_or_default());
    for mut it in all {
        read.references
            .merge(std::mem::take(&mut it.reading.references));
        let fact = it.covered.fact;
        note_unread(&mut read.references, &function.arn, fact, &it.ended);
        read.batch.merge(it.reading.close(it.covered, &it.ended));
    }
    read
}

/// Whether a function still exists after its facts were read.
enum Existence {
    There,
    Gone,
    /// A response said that it does not, and this could not be confirmed.
    Unknown(CallError),
}

/// Finds out whether a function still exists after its readings. `GetFunction` shows this; it is
/// read last if it is read at all, and called separately only if another response leaves the
/// question open. If it fails, a function counts as existing unless a response raised a doubt: AWS
/// reports "no policy" for functions that exist as well as for those that do not.
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
            // A Lambda@Edge replica has only versions.
            let version = function
                .published()
                .last()
                .filter(|_| function.is_replica)
                .map(str::to_owned);
            let send = || {
                context
                    .client::<Lambda>()
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

/// Lists the versions of one function if the listing of the Region broke off, or had versions of
/// the function but not the function.
async fn relist(context: &RegionContext, function: &mut FunctionTarget) -> Option<Batch> {
    if function.known && function.versions_gap.is_none() {
        return None;
    }
    let mut reading = Reading::new(context.caller().about(&function.arn));
    function.versions_gap = functions::recover(context, function, &mut reading)
        .await
        .err();
    Some(reading.batch)
}

/// Records a fact that was not read and might have shown that something runs a version. The
/// policies of versions are examined one by one.
pub(crate) fn note_unread(
    references: &mut References,
    function_arn: &str,
    fact: Fact,
    ended: &Result<(), CallError>,
) {
    let Err(error) = ended else { return };
    match fact {
        facts::EVENT_SOURCE_MAPPINGS => references.unread("", fact, error),
        facts::FUNCTIONS => references.destinations_unread(fact, error),
        facts::ALIASES | facts::PROVISIONED_CONCURRENCY => {
            references.unread(function_arn, fact, error)
        }
        // A destination of this function may be a version of any function.
        facts::EVENT_INVOKE_CONFIGS => {
            references.unread(function_arn, fact, error);
            references.destinations_unread(fact, error);
        }
        _ => {}
    }
}
