//! Function versions: which of them can run, derived from what the other collectors read.
//!
//! What runs is often a published version behind an alias. Callers without a qualifier run
//! `$LATEST`; a published version runs if an alias, an event source mapping, a destination,
//! provisioned concurrency, asynchronous invocation settings or its own resource-based policy
//! refers to it. A function URL belongs to the function or to an alias, so it does not refer to a
//! version.

use lambdasweep_aws::CallError;
use lambdasweep_tables::{Batch, facts};

use crate::collector::{Collector, Run};
use crate::configuration::{LATEST, Version};
use crate::context::{FunctionTarget, RegionContext, VersionPolicy};
use crate::references::{References, Runs};
use crate::services::lambda::functions::LIST_FUNCTIONS;

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::VERSIONS,
    operations: &[],
    further_actions: &[],
    tables: &["function_versions"],
    needs: &[
        facts::ALIASES,
        facts::EVENT_INVOKE_CONFIGS,
        facts::EVENT_SOURCE_MAPPINGS,
        facts::PROVISIONED_CONCURRENCY,
        facts::RESOURCE_POLICIES,
    ],
    run: Run::Runner,
};

/// Pushes the versions of a function, after its whole Region was read; `asked` says whether the
/// request needs to know which versions run. The result is the outcome of reading the function's
/// list of versions.
pub(crate) fn push(
    context: &RegionContext,
    function: &mut FunctionTarget,
    references: &References,
    asked: bool,
    batch: &mut Batch,
) -> Result<(), CallError> {
    let versions = std::mem::take(&mut function.versions);
    let mut lost = false;
    for version in &versions {
        let Some(mut row) = version.row() else {
            lost = true;
            continue;
        };
        let runs = if asked || &*version.version == LATEST {
            runs(function, references, version)
        } else {
            Runs::Unknown("it was not requested".to_owned())
        };
        let (word, why) = runs.into_words();
        row.account_id = context.account_id();
        row.region = context.region_name();
        row.function_arn.clone_from(&function.arn);
        row.runs = word.to_owned();
        row.runs_reason = why;
        row.differs = version.differs;
        batch.push(row);
    }
    if lost {
        return Err(context.failed(
            &LIST_FUNCTIONS,
            "VersionLost",
            "a listed version could not be kept".to_owned(),
        ));
    }
    match function.versions_gap.take().or(function.doubt.take()) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn runs(function: &FunctionTarget, references: &References, version: &Version) -> Runs {
    if &*version.version == LATEST {
        return Runs::Yes("callers without a qualifier run it".to_owned());
    }
    if let Some(keeper) = version.kept_running {
        return Runs::Yes(keeper.reason().to_owned());
    }
    let known = references.runs(&function.arn, &version.version);
    if matches!(known, Runs::Yes(_)) {
        return known;
    }
    match function.version_policy(&version.version) {
        VersionPolicy::Allows => Runs::Yes("its own resource policy".to_owned()),
        VersionPolicy::Unknown(why) => Runs::Unknown(why),
        VersionPolicy::AllowsNothing => known,
    }
}
