//! Evaluates checks over the rows of a scan, some accounts at a time.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Instant;

use lambdasweep_checks::{Check, Evaluation, Frames};
use lambdasweep_report::Summary;
use lambdasweep_tables::{CoverageRow, Row, TABLES, TablesError, table};
use polars::prelude::DataFrame;

use crate::Source;
use crate::ordered::in_order;
use crate::source::is_of_organization;

/// About how much is judged at once, by [`weight`]: memory is bounded by it, and an account is
/// never divided.
pub(crate) const WEIGHT_AT_ONCE: u64 = 8_000;

/// The most batches that are judged side by side, whatever the machine has.
const MOST_THREADS: usize = 8;

/// How much there is to judge in an account, in functions: an account and each of its Regions have
/// answers of their own and coverage, whether they have functions or not.
fn weight(regions: &BTreeMap<String, u64>) -> u64 {
    1 + regions.values().map(|functions| functions + 1).sum::<u64>()
}

/// Evaluates checks over all rows of a scan. `take` gets the findings batch by batch, in an order
/// that is the same in every run; the summary counts them, and keeps the errors of checks that
/// could not be run.
///
/// # Errors
/// Where rows cannot be read, or `take` fails.
pub fn judge(
    source: &dyn Source,
    checks: &[&Check],
    summary: &mut Summary,
    mut take: impl FnMut(&Evaluation) -> Result<(), TablesError>,
) -> Result<(), TablesError> {
    let organization = Organization::read(source, checks)?;
    let (across, within): (Vec<&Check>, Vec<&Check>) = checks
        .iter()
        .copied()
        .partition(|check| check.across_accounts);
    let batches = batches(source.accounts(), WEIGHT_AT_ONCE);
    let all: Vec<&str> = source.accounts().keys().map(String::as_str).collect();
    let mut work: Vec<(Vec<&Check>, &[&str])> = Vec::new();
    if !within.is_empty() {
        work.extend(
            batches
                .iter()
                .map(|batch| (within.clone(), batch.as_slice())),
        );
    }
    // One by one: each sees all accounts at once.
    work.extend(across.iter().map(|check| (vec![*check], all.as_slice())));
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    in_order(
        threads.min(MOST_THREADS),
        work.len(),
        |number| {
            let (checks, accounts) = &work[number];
            let begun = Instant::now();
            let frames = organization.frames(source, checks, accounts)?;
            let read = begun.elapsed();
            let mut evaluation = lambdasweep_checks::evaluate(checks, &frames)?;
            evaluation.phases.read = read;
            Ok(evaluation)
        },
        |evaluation: Evaluation| {
            take(&evaluation)?;
            summary.add(&evaluation.findings)?;
            for (check, error) in evaluation.errors {
                // The same check may fail for some accounts in one way and for others in another;
                // one reason is enough.
                if !summary.errors.iter().any(|(known, _)| *known == check) {
                    summary.errors.push((check, error));
                }
            }
            Ok(())
        },
    )
}

/// The organisation's rows, which are there whichever accounts are judged.
struct Organization(BTreeMap<&'static str, DataFrame>);

impl Organization {
    fn read(source: &dyn Source, checks: &[&Check]) -> Result<Self, TablesError> {
        let needed = Frames::new(checks);
        let of_organization = |name: &str| {
            name == CoverageRow::TABLE.name || table(name).is_some_and(is_of_organization)
        };
        let mut tables = BTreeMap::new();
        for table in TABLES.iter().filter(|table| of_organization(table.name)) {
            let columns = needed.columns(table.name);
            if !columns.is_empty() {
                tables.insert(table.name, source.frame(table, &columns, &[""])?);
            }
        }
        Ok(Self(tables))
    }

    /// The tables that the checks need, of these accounts and of the organisation.
    fn frames(
        &self,
        source: &dyn Source,
        checks: &[&Check],
        accounts: &[&str],
    ) -> Result<Frames, TablesError> {
        let mut frames = Frames::new(checks);
        for name in frames.needed() {
            let Some(table) = table(name) else { continue };
            let columns = frames.columns(name);
            let is_shared = is_of_organization(table);
            // What is asked for may be a part of what was read for all checks.
            let shared = self
                .0
                .get(name)
                .filter(|_| is_shared || !accounts.contains(&""));
            let shared = shared.map(|rows| Ok(rows.select(columns.iter().copied())?));
            let own = Some(accounts).filter(|_| !is_shared);
            let own = own.map(|accounts| source.frame(table, &columns, accounts));
            frames.insert(name, own.into_iter().chain(shared))?;
        }
        Ok(frames)
    }
}

/// The accounts in groups of about that weight each.
fn batches(accounts: &BTreeMap<String, BTreeMap<String, u64>>, at_once: u64) -> Vec<Vec<&str>> {
    let mut batches: Vec<Vec<&str>> = Vec::new();
    let (mut batch, mut total) = (Vec::new(), 0);
    for (account, regions) in accounts {
        if total >= at_once {
            batches.push(std::mem::take(&mut batch));
            total = 0;
        }
        total += weight(regions);
        batch.push(account.as_str());
    }
    batches.push(batch);
    batches
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::batches;

    #[test]
    fn a_batch_holds_whole_accounts() {
        let account = |name: &str, functions: &[u64]| {
            let regions = functions.iter().enumerate();
            let regions = regions.map(|(at, functions)| (format!("region-{at}"), *functions));
            (name.to_owned(), regions.collect())
        };
        let accounts: BTreeMap<String, BTreeMap<String, u64>> = [
            account("", &[]),
            account("111111111111", &[5, 0]),
            account("222222222222", &[0]),
            account("333333333333", &[100]),
            account("444444444444", &[]),
        ]
        .into();
        let expected: [&[&str]; 3] = [
            &["", "111111111111"],
            &["222222222222", "333333333333"],
            &["444444444444"],
        ];
        assert_eq!(batches(&accounts, 9), expected);
    }
}
