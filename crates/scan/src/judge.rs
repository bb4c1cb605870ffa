//! Evaluates checks over the rows of a scan, some accounts at a time.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Instant;

use lambdasweep_checks::{Check, Evaluation};
use lambdasweep_report::Summary;
use lambdasweep_tables::TablesError;

use crate::Source;
use crate::ordered::{Limits, in_order};
use crate::shared::Shared;

/// The minimum and the maximum weight of a batch; see [`weight`]. An account is never divided: a
/// heavier one is a batch of its own. Batches that are judged at the same time weigh together at most
/// as much as one ordinary batch per thread, unless a single one is heavier. Memory is bounded by it.
const LEAST_AT_ONCE: u64 = 1_500;
const MOST_AT_ONCE: u64 = 32_000;

/// A scan of this weight and those below it are judged in the smallest batches. What is beyond is
/// divided into so many batches: each costs the planning of every query again and the decoding of row
/// groups that it has a part of, and a larger scan may take more memory.
const SMALL: u64 = 150_000;
const BATCHES: u64 = 48;

/// The most batches that are judged side by side, however many cores the machine has: each needs
/// memory of its own, and the query engine uses further threads.
const MOST_THREADS: usize = 4;

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
    take: impl FnMut(&Evaluation) -> Result<(), TablesError>,
) -> Result<(), TablesError> {
    let practices = checks
        .iter()
        .map(|check| (check.id.clone(), check.practice));
    summary.practices.extend(practices);
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let total: u64 = source.accounts().values().map(weight).sum();
    let division = Division {
        threads: cores.min(MOST_THREADS),
        at_once: (total.saturating_sub(SMALL) / BATCHES).clamp(LEAST_AT_ONCE, MOST_AT_ONCE),
    };
    judge_divided(source, checks, division, summary, take)
}

/// How the work is divided. Findings do not depend on it.
#[derive(Debug, Clone, Copy)]
struct Division {
    threads: usize,
    /// About how much is judged at once, by [`weight`].
    at_once: u64,
}

fn judge_divided(
    source: &dyn Source,
    checks: &[&Check],
    division: Division,
    summary: &mut Summary,
    mut take: impl FnMut(&Evaluation) -> Result<(), TablesError>,
) -> Result<(), TablesError> {
    let begun = Instant::now();
    let shared = Shared::read(source, checks)?;
    let mut read_once = begun.elapsed();
    // A resource that is read by reference belongs to no batch: accounts of several may refer to it.
    let (across, within): (Vec<&Check>, Vec<&Check>) = checks
        .iter()
        .copied()
        .partition(|check| check.across_accounts || check.subject.is_read_by_reference());
    let batches = batches(source.accounts(), division.at_once);
    let all: Vec<&str> = source.accounts().keys().map(String::as_str).collect();
    let mut work: Vec<(Vec<&Check>, &[&str])> = Vec::new();
    let mut weights = Vec::new();
    if !within.is_empty() {
        for (batch, weight) in &batches {
            work.push((within.clone(), batch));
            weights.push(*weight);
        }
    }
    for check in &across {
        // It sees all accounts at once, and is therefore evaluated alone.
        work.push((vec![*check], &all));
        weights.push(u64::MAX);
    }
    let limits = Limits {
        threads: division.threads,
        weight: division.at_once.saturating_mul(division.threads as u64),
    };
    in_order(
        limits,
        &weights,
        |number| {
            let (checks, accounts) = &work[number];
            let begun = Instant::now();
            let frames = shared.frames(source, checks, accounts)?;
            let read = begun.elapsed();
            let mut evaluation = lambdasweep_checks::evaluate(checks, &frames)?;
            evaluation.phases.read = read;
            Ok(evaluation)
        },
        |mut evaluation: Evaluation| {
            evaluation.phases.read += std::mem::take(&mut read_once);
            take(&evaluation)?;
            summary.add(&evaluation.findings, &evaluation.results)?;
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

/// The accounts in groups of at most that weight, or of one account, each with its weight.
fn batches(
    accounts: &BTreeMap<String, BTreeMap<String, u64>>,
    at_once: u64,
) -> Vec<(Vec<&str>, u64)> {
    let mut batches: Vec<(Vec<&str>, u64)> = Vec::new();
    for (account, regions) in accounts {
        let weight = weight(regions);
        match batches.last_mut() {
            Some((batch, total)) if *total + weight <= at_once => {
                batch.push(account);
                *total += weight;
            }
            _ => batches.push((vec![account], weight)),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lambdasweep_checks::Registry;
    use lambdasweep_report::Summary;
    use lambdasweep_tables::{
        AccountRow, CoverageRow, FindingRow, FunctionRow, Kind, Row, Table, TablesError,
    };
    use polars::prelude::DataFrame;

    use super::{Division, batches, judge_divided};
    use crate::Source;

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
        let expected = [
            (vec!["", "111111111111"], 9),
            (vec!["222222222222"], 2),
            (vec!["333333333333"], 102),
            (vec!["444444444444"], 1),
        ];
        assert_eq!(batches(&accounts, 9), expected);
    }

    /// Accounts with functions, of which some facts were not read; the last account could not be
    /// entered.
    #[derive(Default)]
    struct Rows {
        accounts: BTreeMap<String, BTreeMap<String, u64>>,
        organization: Vec<AccountRow>,
        functions: Vec<FunctionRow>,
        coverage: Vec<CoverageRow>,
    }

    /// A row with these texts; whatever else it has is empty.
    fn row<R: Row>(texts: &[(&str, &str)]) -> R {
        let cells = R::TABLE.columns.iter().map(|column| {
            let given = texts.iter().find(|(name, _)| *name == column.name);
            let cell = match (given, column.kind) {
                (Some((_, text)), _) => (*text).into(),
                (None, _) if column.nullable => serde_json::Value::Null,
                (None, Kind::Text) => "".into(),
                (None, Kind::Integer) => 0.into(),
                (None, Kind::Boolean) => false.into(),
            };
            (column.name.to_owned(), cell)
        });
        let cells: serde_json::Map<_, _> = cells.collect();
        serde_json::from_value(cells.into()).expect("a row")
    }

    impl Rows {
        fn new(accounts: usize) -> Self {
            let mut rows = Self::default();
            rows.cover("", "", "", "organization", "ok");
            rows.accounts.insert(String::new(), BTreeMap::new());
            for number in 1..=accounts {
                rows.add(&format!("{number:012}"), number, number == accounts);
            }
            rows
        }

        fn cover(&mut self, account: &str, region: &str, arn: &str, fact: &str, outcome: &str) {
            self.coverage.push(row(&[
                ("account_id", account),
                ("region", region),
                ("resource_arn", arn),
                ("fact", fact),
                ("outcome", outcome),
            ]));
        }

        fn add(&mut self, account: &str, number: usize, is_closed: bool) {
            self.organization.push(row(&[("account_id", account)]));
            let mut regions = BTreeMap::new();
            if is_closed {
                self.cover(account, "", "", "functions", "denied");
            } else {
                self.cover(account, "", "", "regions", "ok");
                self.cover(account, "eu-west-1", "", "functions", "ok");
                self.cover(account, "eu-west-1", "", "code_signing", "ok");
                for function in 0..number {
                    let arn = format!("arn:aws:lambda:eu-west-1:{account}:function:f{function}");
                    let details = ["ok", "throttled"][function % 2];
                    self.cover(account, "eu-west-1", &arn, "function_details", details);
                    self.functions.push(row(&[
                        ("account_id", account),
                        ("region", "eu-west-1"),
                        ("function_arn", &arn),
                    ]));
                }
                regions.insert("eu-west-1".to_owned(), number as u64);
            }
            self.accounts.insert(account.to_owned(), regions);
        }
    }

    impl Source for Rows {
        fn accounts(&self) -> &BTreeMap<String, BTreeMap<String, u64>> {
            &self.accounts
        }

        fn frame(
            &self,
            table: &'static Table,
            columns: &[&str],
            accounts: &[&str],
        ) -> Result<DataFrame, TablesError> {
            let of = |account: &str| accounts.contains(&account);
            let frame = match table.name {
                "accounts" => AccountRow::frame(&self.organization)?,
                "functions" => {
                    let mut rows = self.functions.clone();
                    rows.retain(|row| of(&row.account_id));
                    FunctionRow::frame(&rows)?
                }
                "coverage" => {
                    let mut rows = self.coverage.clone();
                    rows.retain(|row| of(&row.account_id));
                    CoverageRow::frame(&rows)?
                }
                _ => table.empty(),
            };
            Ok(frame.select(columns.iter().copied())?)
        }

        fn referenced(
            &self,
            table: &'static Table,
            columns: &[&str],
            _: &dyn Fn(&DataFrame) -> Result<DataFrame, TablesError>,
        ) -> Result<DataFrame, TablesError> {
            Ok(table.empty().select(columns.iter().copied())?)
        }
    }

    /// Whatever the division, the findings are the same, in the same order.
    #[test]
    fn findings_do_not_depend_on_the_division() {
        let registry = Registry::builtin().expect("checks");
        let checks: Vec<_> = registry.all().collect();
        let rows = Rows::new(9);
        let found = |threads, at_once| {
            let (mut all, mut summary) = (Vec::new(), Summary::default());
            let division = Division { threads, at_once };
            judge_divided(&rows, &checks, division, &mut summary, |evaluation| {
                all.extend(FindingRow::rows(&evaluation.findings)?);
                Ok(())
            })
            .expect("judged");
            assert_eq!(summary.errors, []);
            (all, summary.by_check())
        };
        let whole = found(1, u64::MAX);
        assert!(whole.0.is_sorted());
        for status in ["FAIL", "UNKNOWN"] {
            assert!(whole.0.iter().any(|row| row.status == status), "{status}");
        }
        for (threads, at_once) in [(1, 1), (4, 1), (3, 12)] {
            assert!(whole == found(threads, at_once), "{threads} {at_once}");
        }
    }
}
