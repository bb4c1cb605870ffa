//! What was read and what was not, in figures.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lambdasweep_model::Outcome;
use lambdasweep_report::{AccountName, Summary};
use lambdasweep_tables::{AccountRow, CoverageRow, Row, TablesError, facts, table};
use polars::prelude::{BooleanChunked, ChunkCompareEq, ChunkFull, DataFrame};

use crate::Source;
use crate::source::{ACCOUNTS_AT_ONCE, facts_by_reference};

/// How often each outcome occurs, by fact.
pub(crate) type Outcomes = BTreeMap<String, BTreeMap<String, u64>>;

/// A summary that knows the accounts of the organisation.
pub(crate) fn summary(source: &dyn Source) -> Result<Summary, TablesError> {
    let mut summary = Summary::default();
    let columns: Vec<&str> = AccountRow::TABLE.columns.iter().map(|it| it.name).collect();
    let frame = source.frame(AccountRow::TABLE, &columns, &[""])?;
    for account in AccountRow::rows(&frame)? {
        summary.accounts_read.0 += u64::from(account.in_scope);
        summary.names.insert(
            account.account_id,
            AccountName {
                name: account.name,
                path: account.ou_path.unwrap_or_default(),
            },
        );
    }
    if let Some(trusted) = table("trusted_accounts") {
        let frame = source.frame(trusted, &["trusted_account_id"], &[""])?;
        let accounts = frame.column("trusted_account_id")?.str()?.clone();
        let accounts = accounts.iter().flatten();
        summary.trusted = accounts.map(|account| (account.to_owned(), 0)).collect();
    }
    Ok(summary)
}

/// Adds the coverage to the summary; returns it in figures, and whether all that was to be read was
/// read.
pub(crate) fn coverage(
    source: &dyn Source,
    summary: &mut Summary,
) -> Result<(Outcomes, bool), TablesError> {
    let columns: Vec<&str> = CoverageRow::TABLE
        .columns
        .iter()
        .map(|it| it.name)
        .collect();
    let mut figures = Outcomes::new();
    let mut accounts_unread = BTreeSet::new();
    let accounts: Vec<&str> = source.accounts().keys().map(String::as_str).collect();
    for accounts in accounts.chunks(ACCOUNTS_AT_ONCE) {
        let frame = source.frame(CoverageRow::TABLE, &columns, accounts)?;
        let frame = frame.filter(&!is_of_reference(&frame)?)?;
        count(&frame, &mut figures)?;
        summary.regions_read.1 += regions_listed(&frame)?;
        let gaps = gaps(&frame)?;
        let unread = gaps.iter().filter(|row| {
            row.fact == facts::FUNCTIONS.as_str()
                && row.region.is_empty()
                && !row.account_id.is_empty()
        });
        accounts_unread.extend(unread.map(|row| row.account_id.clone()));
        add(summary, &gaps);
    }
    for regions in source.accounts().values() {
        summary.regions_read.0 += regions.len() as u64;
        summary.functions += regions.values().sum::<u64>();
    }
    let (in_scope, _) = summary.accounts_read;
    summary.accounts_read.1 = in_scope.saturating_sub(accounts_unread.len() as u64);
    let complete = figures
        .values()
        .flat_map(BTreeMap::keys)
        .all(|outcome| outcome.parse().is_ok_and(leaves_no_gap));
    let keep = |rows: &DataFrame| Ok(rows.filter(&is_of_reference(rows)?)?);
    let referenced = source.referenced(CoverageRow::TABLE, &columns, &keep)?;
    count(&referenced, &mut figures)?;
    let mut gaps = gaps(&referenced)?;
    // What others refer to and is gone was read: it did not disappear during the scan.
    gaps.retain(|row| row.outcome != Outcome::Gone.as_str());
    add(summary, &gaps);
    // An account outside of the scan may deny what belongs to it, and another scan would read no
    // more. What failed in another way might have been read.
    let counts = |row: &&CoverageRow| {
        source.accounts().contains_key(&row.account_id) || row.outcome != Outcome::Denied.as_str()
    };
    let is_read = |row: &CoverageRow| row.outcome.parse().is_ok_and(leaves_no_gap);
    let complete = complete && gaps.iter().filter(counts).all(is_read);
    Ok((figures, complete))
}

/// Which rows are about resources that are read where others refer to them.
fn is_of_reference(coverage: &DataFrame) -> Result<BooleanChunked, TablesError> {
    let facts = coverage.column("fact")?.str()?;
    let none = BooleanChunked::full("fact".into(), false, coverage.height());
    let by_reference = facts_by_reference();
    Ok(by_reference
        .iter()
        .fold(none, |is_one, fact| is_one | facts.equal(*fact)))
}

/// The rows whose outcome is not ok.
fn gaps(coverage: &DataFrame) -> Result<Vec<CoverageRow>, TablesError> {
    let outcomes = coverage.column("outcome")?.str()?;
    CoverageRow::rows(&coverage.filter(&outcomes.not_equal(Outcome::Ok.as_str()))?)
}

/// Adds gaps to the summary, unit by unit.
fn add(summary: &mut Summary, gaps: &[CoverageRow]) {
    for of_unit in gaps.chunk_by(|a, b| (&a.account_id, &a.region) == (&b.account_id, &b.region)) {
        summary.add_coverage(of_unit);
    }
}

/// Adds how often each outcome occurs.
fn count(coverage: &DataFrame, figures: &mut Outcomes) -> Result<(), TablesError> {
    let (facts, outcomes) = (
        coverage.column("fact")?.str()?,
        coverage.column("outcome")?.str()?,
    );
    let mut counts: HashMap<(&str, &str), u64> = HashMap::new();
    for (fact, outcome) in facts.iter().zip(outcomes.iter()) {
        *counts
            .entry((fact.unwrap_or_default(), outcome.unwrap_or_default()))
            .or_default() += 1;
    }
    for ((fact, outcome), count) in counts {
        let of_fact = figures.entry(fact.to_owned()).or_default();
        *of_fact.entry(outcome.to_owned()).or_default() += count;
    }
    Ok(())
}

/// In how many Regions of accounts the functions were listed.
fn regions_listed(coverage: &DataFrame) -> Result<u64, TablesError> {
    let text = |name: &str| Ok::<_, TablesError>(coverage.column(name)?.str()?);
    let listed = text("fact")?.equal(facts::FUNCTIONS.as_str())
        & text("outcome")?.equal(Outcome::Ok.as_str())
        & text("region")?.not_equal("");
    let listed = coverage.filter(&listed)?;
    let (accounts, regions) = (
        listed.column("account_id")?.str()?,
        listed.column("region")?.str()?,
    );
    let places: HashSet<_> = accounts.iter().zip(regions.iter()).collect();
    Ok(places.len() as u64)
}

/// A Region that is not enabled, an account that is not active and a function that is gone hold
/// nothing that could have been read.
fn leaves_no_gap(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Ok | Outcome::RegionDisabled | Outcome::Skipped | Outcome::Gone
    )
}
