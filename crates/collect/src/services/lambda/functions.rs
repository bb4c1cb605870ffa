//! Functions and their published versions: one bulk listing per account-Region.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::RandomState;

use lambdasweep_aws::aws_sdk_lambda::types::{FunctionConfiguration, FunctionVersion};
use lambdasweep_aws::{CallError, Cost, Member, Operation, Pages};
use lambdasweep_model::Arn;
use lambdasweep_tables::{FunctionQualifierRow, FunctionRow, TablesError, facts};

use crate::collector::{Collector, Run};
use crate::configuration::{LATEST, ListedVersion, compared, function_row, push_parts};
use crate::context::{FunctionTarget, Reading, RegionContext};
use crate::gate::Part;
use crate::services::lambda::account_settings;
use crate::services::lambda::service::{self, Lambda};

pub(crate) const LIST_FUNCTIONS: Operation =
    Operation::new("lambda:ListFunctions", &service::REMAINDER)
        .lists("Functions", 1_000_000)
        .costs(Cost::PerFunctions(50))
        .items_have(&[
            Member::own("Functions[].FunctionArn"),
            Member::text("Functions[].FunctionName"),
            Member::text("Functions[].Version"),
        ]);
/// Called only if the listing breaks off, or has versions of a function but not the function.
const LIST_VERSIONS: Operation =
    Operation::new("lambda:ListVersionsByFunction", &service::REMAINDER)
        .lists("Versions", 1_000_000)
        .items_have(&[Member::text("Versions[].Version")])
        .sends(&[Member::own("Versions[].FunctionArn")])
        .costs(Cost::Unforeseen)
        .not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::FUNCTIONS,
    operations: &[LIST_FUNCTIONS, LIST_VERSIONS],
    further_actions: &[],
    tables: &[
        "functions",
        "function_versions",
        "function_qualifiers",
        "function_environment",
        "function_layers",
    ],
    needs: &[],
    run: Run::Runner,
};

/// The number of rows that are kept before they go to the journal: a Region may have many thousand
/// versions.
const ROWS_A_PART: usize = 20_000;

/// The listing of one function.
#[derive(Debug, Default)]
struct Listed {
    versions: BTreeMap<String, (u32, ListedVersion)>,
    /// Versions whose rows were already pushed.
    pushed: BTreeSet<String>,
    /// Whether the function's own row was pushed.
    known: bool,
    /// The row of the newest version if it is a Lambda@Edge replica.
    replica: Option<(u64, Box<FunctionRow>)>,
    /// Why its listing cannot be trusted.
    doubt: Option<CallError>,
}

/// The listing so far.
#[derive(Debug, Default)]
struct Listing {
    functions: BTreeMap<String, Listed>,
    keys: RandomState,
    /// A list may be read twice. A function may change between two readings, but not within one.
    reading: u32,
    /// Why a listed item could not be assigned to a function.
    stray: Option<CallError>,
}

/// Lists all functions with their published versions; rows go to the journal from time to time. If
/// GetAccountSettings counts more functions than were listed, it lists and counts once more. Items
/// listed before an error are kept; then the versions of each function may be incomplete.
///
/// # Errors
/// If the journal cannot be written. The outcome of the listing is returned with the functions.
pub(crate) async fn list(
    context: &RegionContext,
    reading: &mut Reading,
    counted: Option<u64>,
    part: Part<'_>,
) -> Result<(Vec<FunctionTarget>, Result<(), CallError>), TablesError> {
    let mut listing = Listing::default();
    let mut ended = listing.read(context, reading, part).await?;
    if ended.is_ok() && counted.is_some_and(|counted| listing.len() < counted) {
        ended = listing.read(context, reading, part).await?;
        if ended.is_ok() {
            // The first count may be older than the listing.
            let counted = account_settings::function_count(context, &reading.caller)
                .await
                .or(counted);
            ended = listing.compare(context, counted);
        }
    }
    // An item without a name may be a version of any function.
    let ended = ended.and_then(|()| listing.stray.take().map_or(Ok(()), Err));
    Ok((listing.into_targets(reading, ended.as_ref().err()), ended))
}

impl Listing {
    /// The number of functions seen, including Lambda@Edge replicas: AWS does not document whether
    /// it counts these.
    fn len(&self) -> u64 {
        self.functions.len() as u64
    }

    /// Reads the list from start to end.
    async fn read(
        &mut self,
        context: &RegionContext,
        reading: &mut Reading,
        part: Part<'_>,
    ) -> Result<Result<(), CallError>, TablesError> {
        self.reading += 1;
        let mut pages = Pages::new(&LIST_FUNCTIONS).with_conflicts();
        let send = |marker| {
            context
                .client::<Lambda>()
                .list_functions()
                .function_version(FunctionVersion::All)
                .set_marker(marker)
                .send()
        };
        loop {
            let page = pages
                .next(
                    &reading.caller,
                    send,
                    |page| (page.functions, page.next_marker),
                    id,
                )
                .await;
            let configurations = match page {
                Ok(Some(configurations)) => configurations,
                Ok(None) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            };
            for configuration in &configurations {
                self.take(context, reading, configuration);
            }
            if reading.batch.len() > ROWS_A_PART {
                part.append(std::mem::take(&mut reading.batch)).await?;
            }
        }
    }

    fn take(&mut self, context: &RegionContext, reading: &mut Reading, it: &FunctionConfiguration) {
        let Some((arn, version)) = identity(context, it) else {
            self.stray.get_or_insert_with(|| {
                reading.unidentified(
                    &LIST_FUNCTIONS,
                    "a version of a function of this account and Region",
                )
            });
            return;
        };
        let listed = self.functions.entry(arn.clone()).or_default();
        listed.take(
            context,
            reading,
            &arn,
            &version,
            it,
            (self.reading, &self.keys),
            &LIST_FUNCTIONS,
        );
    }

    fn compare(&self, context: &RegionContext, counted: Option<u64>) -> Result<(), CallError> {
        match counted {
            Some(counted) if self.len() < counted => {
                let message = format!(
                    "the list has {} functions, and GetAccountSettings counts {counted}",
                    self.len()
                );
                Err(context.failed(&LIST_FUNCTIONS, "FewerThanCounted", message))
            }
            _ => Ok(()),
        }
    }

    /// The functions; `incomplete` says why their versions may be incomplete.
    fn into_targets(
        self,
        reading: &mut Reading,
        incomplete: Option<&CallError>,
    ) -> Vec<FunctionTarget> {
        let mut targets = Vec::with_capacity(self.functions.len());
        for (arn, mut listed) in self.functions {
            let is_replica = listed.replica.is_some() && !listed.known;
            if let Some((_, row)) = listed.replica.take().filter(|_| is_replica) {
                listed.known = true;
                reading.batch.push(*row);
            }
            let mut target = FunctionTarget::new(arn, listed.known, is_replica);
            target.doubt = listed.doubt;
            target.versions_gap = incomplete.cloned();
            target.versions = compared(listed.versions.into_values().map(|(_, version)| version));
            targets.push(target);
        }
        targets
    }
}

impl Listed {
    #[expect(
        clippy::too_many_arguments,
        reason = "its place, its identity, and the operation that listed it"
    )]
    fn take(
        &mut self,
        context: &RegionContext,
        reading: &mut Reading,
        arn: &str,
        version: &str,
        it: &FunctionConfiguration,
        (number, keys): (u32, &RandomState),
        operation: &Operation,
    ) {
        let new = ListedVersion::new(context, it, version, keys);
        if let Some((before, known)) = self.versions.get(version) {
            if *before == number && !known.says_the_same(&new) {
                let message = format!("version {version} is listed twice, with different content");
                self.doubt.get_or_insert_with(|| {
                    context.failed(operation, "ConflictingDuplicates", message)
                });
            }
            return;
        }
        if let Some(what) = new.missing {
            self.doubt.get_or_insert_with(|| {
                reading.caller.incomplete(
                    operation,
                    &format!("version {version} is listed without {what}"),
                )
            });
        }
        self.versions.insert(version.to_owned(), (number, new));
        if self.pushed.contains(version) {
            return;
        }
        if version == LATEST {
            self.known = true;
            reading.batch.push(function_row(context, arn, it));
        } else {
            push_version(context, reading, arn, version);
            let age = version.parse().unwrap_or(0);
            if it.master_arn().is_some()
                && self
                    .replica
                    .as_ref()
                    .is_none_or(|(newest, _)| age > *newest)
            {
                self.replica = Some((age, Box::new(function_row(context, arn, it))));
            }
        }
        push_parts(context, &mut reading.batch, arn, version, it);
    }
}

/// Reads the versions of one function if the listing is not reliable for them: it broke off, or has
/// versions of the function but not the function.
pub(crate) async fn recover(
    context: &RegionContext,
    function: &mut FunctionTarget,
    reading: &mut Reading,
) -> Result<(), CallError> {
    let keys = RandomState::new();
    // Secrets are compared by keyed hashes: versions that were listed before are read again, with
    // the same keys as the others.
    let pushed = function
        .versions
        .iter()
        .map(|version| version.version.to_string())
        .collect();
    let mut listed = Listed {
        known: function.known,
        pushed,
        ..Listed::default()
    };
    let mut pages = Pages::new(&LIST_VERSIONS).with_conflicts();
    let send = |marker| {
        context
            .client::<Lambda>()
            .list_versions_by_function()
            .function_name(&function.name)
            .set_marker(marker)
            .send()
    };
    while let Some(versions) = pages
        .next(
            &reading.caller,
            send,
            |page| (page.versions, page.next_marker),
            id,
        )
        .await?
    {
        for it in &versions {
            let Some((_, version)) = identity(context, it).filter(|(arn, _)| *arn == function.arn)
            else {
                return Err(reading.unidentified(&LIST_VERSIONS, "a version of the function"));
            };
            listed.take(
                context,
                reading,
                &function.arn,
                &version,
                it,
                (1, &keys),
                &LIST_VERSIONS,
            );
        }
    }
    function.known = listed.known;
    function.doubt = function.doubt.take().or(listed.doubt);
    function.versions = compared(listed.versions.into_values().map(|(_, version)| version));
    Ok(())
}

/// The error for versions of a function that AWS does not list itself, although they do not belong
/// to a replica.
pub(crate) fn without_latest(context: &RegionContext, arn: &str) -> CallError {
    context.failed(
        &LIST_VERSIONS,
        "IncompleteAnswer",
        format!("versions of {arn} are listed, but the function is not"),
    )
}

/// The id of an item of a listing: the ARN, with the version if it is published.
fn id(it: &FunctionConfiguration) -> String {
    it.function_arn().unwrap_or_default().to_owned()
}

/// The function's ARN without the version, and the version; `None` if it is not a version of a
/// function of this account and Region.
fn identity(context: &RegionContext, it: &FunctionConfiguration) -> Option<(String, String)> {
    let arn: Arn = it.function_arn()?.parse().ok()?;
    if arn.account != context.account.as_str() || arn.region != context.region.as_str() {
        return None;
    }
    let name = arn
        .function_name()
        .filter(|name| !name.is_empty())?
        .to_owned();
    let version = match (arn.qualifier(), it.version()) {
        (Some(in_arn), Some(beside)) if in_arn != beside => return None,
        (in_arn, beside) => beside
            .or(in_arn)
            .filter(|version| *version == LATEST || is_number(version))?
            .to_owned(),
    };
    Some((
        Arn {
            resource: format!("function:{name}"),
            ..arn
        }
        .to_string(),
        version,
    ))
}

/// Whether a qualifier is the number of a published version.
fn is_number(qualifier: &str) -> bool {
    !qualifier.is_empty() && qualifier.bytes().all(|byte| byte.is_ascii_digit())
}

fn push_version(context: &RegionContext, reading: &mut Reading, function_arn: &str, version: &str) {
    reading.batch.push(FunctionQualifierRow {
        account_id: context.account_id(),
        region: context.region_name(),
        function_arn: function_arn.to_owned(),
        qualifier: version.to_owned(),
        kind: "version".to_owned(),
        target_version: None,
        routing_version: None,
    });
}
