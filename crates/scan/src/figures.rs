//! What was read and what was not, in figures.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_model::Outcome;
use lambdasweep_report::{AccountName, Summary};
use lambdasweep_tables::{AccountRow, CoverageRow, Row, TablesError, Unit, facts};

use crate::Source;

/// How often each outcome occurs, by fact.
pub(crate) type Outcomes = BTreeMap<String, BTreeMap<String, u64>>;

/// A summary that knows the accounts of the organisation.
pub(crate) fn summary(source: &dyn Source) -> Result<Summary, TablesError> {
    let mut summary = Summary::default();
    let frame = source.frame(AccountRow::TABLE, &[Unit::Organization])?;
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
    Ok(summary)
}

/// Adds the coverage to the summary; returns it in figures, and whether all that was to be read was
/// read.
pub(crate) fn coverage(
    source: &dyn Source,
    summary: &mut Summary,
) -> Result<(Outcomes, bool), TablesError> {
    let mut figures = Outcomes::new();
    let mut complete = true;
    let mut accounts_unread = BTreeSet::new();
    for unit in source.units() {
        let frame = source.frame(CoverageRow::TABLE, std::slice::from_ref(&unit))?;
        let rows = CoverageRow::rows(&frame)?;
        summary.add_coverage(&rows);
        let mut listed = false;
        for row in rows {
            *figures
                .entry(row.fact.clone())
                .or_default()
                .entry(row.outcome.clone())
                .or_default() += 1;
            complete &= row.outcome.parse().is_ok_and(leaves_no_gap);
            if row.fact == facts::FUNCTIONS.as_str() {
                let ok = row.outcome == Outcome::Ok.as_str();
                if row.region.is_empty() && !ok && !row.account_id.is_empty() {
                    accounts_unread.insert(row.account_id.clone());
                }
                listed |= ok && !row.region.is_empty();
            }
        }
        if matches!(unit, Unit::AccountRegion(..)) {
            summary.regions_read.0 += 1;
            summary.regions_read.1 += u64::from(listed);
        }
        summary.functions += source.functions(&unit);
    }
    let (in_scope, _) = summary.accounts_read;
    summary.accounts_read.1 = in_scope.saturating_sub(accounts_unread.len() as u64);
    Ok((figures, complete))
}

/// A Region that is not enabled, an account that is not active and a function that is gone hold
/// nothing that could have been read.
fn leaves_no_gap(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Ok | Outcome::RegionDisabled | Outcome::Skipped | Outcome::Gone
    )
}
