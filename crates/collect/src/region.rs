//! Reads one account in one Region: bulk facts and the list of functions concurrently, and each
//! function as soon as the list is complete. Results go to the journal in parts, so that memory
//! does not grow with the Region and an interruption costs little. A function that is deleted
//! meanwhile leaves only one coverage row.

use futures::future::{BoxFuture, try_join_all};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use lambdasweep_aws::CallError;
use lambdasweep_tables::{Batch, Fact, Journal, TablesError, Unit, facts};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::collector::{Collector, Run, read_by_region, stages};
use crate::context::{CoverageKey, FunctionTarget, Reading, RegionContext, in_time};
use crate::function::{self, FunctionRead, note_unread};
use crate::gate::{self, Gate};
use crate::groups::{Groups, Pending};
use crate::notes::Listing;
use crate::progress::Progress;
use crate::references::References;
use crate::services::lambda::{functions, versions};

/// How many functions are read concurrently.
const FUNCTIONS_AT_ONCE: usize = 16;
/// How many groups of functions may wait for the disk before reading pauses.
const GROUPS_AT_ONCE: usize = 4;
/// The number of functions whose versions are turned into rows at a time.
const FUNCTIONS_A_BATCH: usize = 128;

/// The name of the part with the list of functions.
pub(crate) const LIST: &str = "list";

/// The reading of a Region.
struct Region<'a> {
    context: &'a RegionContext,
    collectors: &'a [Collector],
    journal: &'a Journal,
    unit: &'a Unit,
    progress: &'a Progress,
}

/// Reads what the journal does not yet have of a Region, and completes the unit. `counted` is the
/// number of functions that the Region reports.
pub(crate) async fn read(
    context: &RegionContext,
    collectors: &[Collector],
    journal: &Journal,
    progress: &Progress,
    counted: Option<u64>,
) -> Result<(), TablesError> {
    let unit = &Unit::AccountRegion(context.account.clone(), context.region.clone());
    let region = Region {
        context,
        collectors,
        journal,
        unit,
        progress,
    };
    let (settled, done) = watch::channel(Vec::new());
    let (in_bulk, mut functions) = futures::try_join!(
        region.read_bulk(&settled),
        region.read_functions(counted, done)
    )?;
    functions.groups.references.merge(in_bulk);
    region.complete(functions).await
}

/// Completes the unit of a Region that cannot be read further, with these last rows.
pub(crate) async fn close(journal: &Journal, unit: &Unit, last: Batch) -> Result<(), TablesError> {
    let mut groups = Groups::new(true);
    groups.restore(journal, unit, &mut [])?;
    Gate::new(journal, unit).complete(last, &groups.gone).await
}

/// The functions of a Region after all were read.
struct Functions {
    targets: Vec<FunctionTarget>,
    /// The outcome of listing them.
    listed: Result<(), CallError>,
    attempts: u32,
    groups: Groups,
}

impl Region<'_> {
    fn gate(&self) -> Gate<'_> {
        Gate::new(self.journal, self.unit)
    }

    /// Reads the facts that are read once for the whole Region, independently of each other: a slow
    /// one delays only what needs it.
    async fn read_bulk(
        &self,
        settled: &watch::Sender<Vec<Fact>>,
    ) -> Result<References, TablesError> {
        let context = self.context;
        let account = &context.account_id();
        let finished = &self.journal.finished(self.unit);
        let bulk = self.collectors.iter().filter_map(|it| match it.run {
            Run::Region(run) if it.fact != facts::ACCOUNT_SETTINGS => Some((it, run)),
            _ => None,
        });
        let reads = bulk.map(async |(collector, run)| {
            let part = format!("bulk/{}", collector.fact);
            let references = if finished.contains(&part) {
                self.journal.note(self.unit, &part)?.unwrap_or_default()
            } else {
                let covered = CoverageKey {
                    account,
                    region: context.region.as_str(),
                    resource: "",
                    fact: collector.fact,
                };
                let mut reading = Reading::new(context.caller());
                let caller = reading.caller.fresh();
                let ended = in_time(collector, &caller, run(context, &mut reading)).await;
                let mut references = std::mem::take(&mut reading.references);
                note_unread(&mut references, "", collector.fact, &ended);
                let batch = reading.close(covered, &ended);
                self.gate()
                    .part(&part)
                    .finish(batch, references.clone())
                    .await?;
                references
            };
            settled.send_modify(|facts| facts.push(collector.fact));
            Ok::<_, TablesError>(references)
        });
        let mut references = References::default();
        for found in try_join_all(reads).await? {
            references.merge(found);
        }
        Ok(references)
    }

    /// Lists the functions, and reads each.
    async fn read_functions(
        &self,
        counted: Option<u64>,
        mut settled: watch::Receiver<Vec<Fact>>,
    ) -> Result<Functions, TablesError> {
        let mut functions = self.list(counted).await?;
        let any_published = functions
            .targets
            .iter()
            .any(FunctionTarget::may_have_published);
        note_unread(
            &mut functions.groups.references,
            "",
            facts::FUNCTIONS,
            &functions.listed,
        );
        let stages = stages(self.collectors);
        let needed = self.needed_in_bulk(&stages);
        // Closed only if a bulk reading failed, which ends the scan.
        let _ = settled
            .wait_for(|facts| needed.iter().all(|fact| facts.contains(fact)))
            .await;
        let read = functions
            .groups
            .restore(self.journal, self.unit, &mut functions.targets)?;
        Progress::add(&self.progress.functions_done, read.len() as u64);
        let left = functions
            .targets
            .iter_mut()
            .filter(|target| !read.contains(&target.arn));
        // Created one by one: a reading that has not started takes as much memory as one that is
        // running.
        let reads = left
            .map(|function| function::read(self.context, &stages, function, any_published).boxed());
        self.read_each(reads, &mut functions.groups).await?;
        Ok(functions)
    }

    /// Reads functions concurrently, and writes the results in groups; reading continues while a
    /// group is written.
    async fn read_each<'f>(
        &self,
        mut left: impl Iterator<Item = BoxFuture<'f, FunctionRead>>,
        groups: &mut Groups,
    ) -> Result<(), TablesError> {
        let mut pending = Pending::default();
        let (mut reads, mut writes) = (FuturesUnordered::new(), FuturesUnordered::new());
        loop {
            if writes.len() < GROUPS_AT_ONCE {
                reads.extend(left.by_ref().take(FUNCTIONS_AT_ONCE - reads.len()));
            }
            tokio::select! {
                Some(read) = reads.next() => {
                    pending.push(read);
                    Progress::add(&self.progress.functions_done, 1);
                }
                Some(written) = writes.next() => written?,
                () = tokio::time::sleep_until(pending.until()), if !pending.is_empty() => {}
                else => return Ok(()),
            }
            let all_read = reads.is_empty() && writes.len() < GROUPS_AT_ONCE;
            if !pending.is_empty() && (all_read || pending.is_due(Instant::now())) {
                let group = groups.take(std::mem::take(&mut pending));
                writes.push(group.write(self.gate()));
            }
        }
    }

    /// Lists the functions, unless the journal has the list.
    ///
    /// An older list may be used: it is the list of this scan, as if the scan had been slow. A
    /// function that was deleted since is found to be gone when it is read, and one that was
    /// created since is not part of this scan, just as one that is created while it runs.
    async fn list(&self, counted: Option<u64>) -> Result<Functions, TablesError> {
        if let Some(listing) = self.journal.note::<Listing>(self.unit, LIST)? {
            let attempts = listing.attempts;
            let (targets, listed) = listing.into_targets();
            return Ok(Functions {
                targets,
                listed,
                attempts,
                groups: Groups::new(true),
            });
        }
        let mut reading = Reading::new(self.context.caller());
        let part = self.gate().part(LIST);
        let (targets, listed) = functions::list(self.context, &mut reading, counted, part).await?;
        let attempts = reading.caller.attempts();
        let batch = std::mem::take(&mut reading.batch);
        // A function whose name the gate changes could not be called with the name in the journal:
        // then no part of the Region counts before all of it was read.
        let can_be_noted = targets.iter().all(|target| gate::passes(&target.arn));
        if can_be_noted {
            let note = Listing::of(&targets, &listed, attempts);
            part.finish(batch, note).await?;
        } else {
            part.append(batch).await?;
        }
        Ok(Functions {
            targets,
            listed,
            attempts,
            groups: Groups::new(can_be_noted),
        })
    }

    /// The bulk facts that collectors of functions need.
    fn needed_in_bulk(&self, stages: &[Vec<Collector>]) -> Vec<Fact> {
        let in_bulk = |fact: &Fact| {
            let mut bulk = self.collectors.iter();
            bulk.any(|it| it.fact == *fact && matches!(it.run, Run::Region(_)))
        };
        let needs = stages.iter().flatten().flat_map(|it| it.needs).copied();
        needs
            .filter(|fact| *fact != facts::ACCOUNT_SETTINGS && in_bulk(fact))
            .collect()
    }

    /// Writes what is known only after the whole Region was read: which versions run.
    async fn complete(&self, functions: Functions) -> Result<(), TablesError> {
        let Functions {
            mut targets,
            mut listed,
            attempts,
            groups,
        } = functions;
        let context = self.context;
        targets.retain(|function| !groups.gone.contains(&function.arn));
        let asked = self
            .collectors
            .iter()
            .any(|collector| collector.fact == facts::VERSIONS);
        for some in targets.chunks_mut(FUNCTIONS_A_BATCH) {
            let mut batch = Batch::default();
            for function in some {
                let references = &groups.references;
                push_versions(
                    context,
                    function,
                    references,
                    asked,
                    &mut listed,
                    &mut batch,
                );
            }
            self.gate().part("versions").append(batch).await?;
        }
        context
            .scan
            .pacer
            .forget(context.account.as_str(), context.region.as_str());
        let account = context.account_id();
        let covered = |fact| CoverageKey {
            account: &account,
            region: context.region.as_str(),
            resource: "",
            fact,
        };
        let mut last = Batch::default();
        last.push(covered(facts::FUNCTIONS).row(&listed, i64::from(attempts)));
        // These rows apply to all functions that do not have their own.
        if asked {
            last.push(covered(facts::VERSIONS).row(&Ok(()), 0));
        }
        for fact in read_by_region(self.collectors) {
            last.push(covered(fact).row(&Ok(()), 0));
        }
        // Removes the rows of functions that were deleted since.
        self.gate().complete(last, &groups.gone).await
    }
}

/// Pushes the versions of a function, and records if they are incomplete. If AWS listed versions
/// but not the function, and does not return it when it is requested either, the list of functions
/// is incomplete.
fn push_versions(
    context: &RegionContext,
    function: &mut FunctionTarget,
    references: &References,
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
    let ended = versions::push(context, function, references, asked, batch);
    if asked && ended.is_err() {
        let account = context.account_id();
        let covered = CoverageKey {
            account: &account,
            region: context.region.as_str(),
            resource: &function.arn,
            fact: facts::VERSIONS,
        };
        batch.push(covered.row(&ended, 0));
    }
}
