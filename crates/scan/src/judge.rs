//! Evaluates checks over the rows of a scan, some accounts at a time.

use lambdasweep_checks::{Check, Frames};
use lambdasweep_model::AccountId;
use lambdasweep_report::Summary;
use lambdasweep_tables::{CoverageRow, FindingRow, Row, TablesError, Unit, facts, table};
use polars::prelude::DataFrame;

use crate::Source;

/// About how much is judged at once, by [`weight`]: memory is bounded by it, and an account is
/// never divided.
const WEIGHT_AT_ONCE: u64 = 1_000;

/// How much there is to judge in a unit, in functions: an account-Region has answers of its own and
/// coverage, whether it has functions or not.
fn weight(functions: u64) -> u64 {
    functions + 1
}

/// Evaluates checks over all rows of a scan. `take` gets the findings batch by batch; the summary
/// counts them, and keeps the errors of checks that could not be run.
///
/// # Errors
/// Where rows cannot be read, or `take` fails.
pub fn judge(
    source: &dyn Source,
    checks: &[&Check],
    summary: &mut Summary,
    mut take: impl FnMut(&[FindingRow]) -> Result<(), TablesError>,
) -> Result<(), TablesError> {
    let organization = organization_coverage(source)?;
    let mut judge = |checks: &[&Check], units: &[Unit]| -> Result<(), TablesError> {
        let frames = frames(source, checks, units, &organization)?;
        let evaluation = lambdasweep_checks::evaluate(checks, &frames)?;
        take(&evaluation.findings)?;
        summary.add(&evaluation.findings);
        for (check, error) in evaluation.errors {
            // The same check may fail for some accounts in one way and for others in another; one
            // reason is enough.
            if !summary.errors.iter().any(|(known, _)| *known == check) {
                summary.errors.push((check, error));
            }
        }
        Ok(())
    };
    let (across, within): (Vec<&Check>, Vec<&Check>) = checks
        .iter()
        .copied()
        .partition(|check| check.across_accounts);
    if !within.is_empty() {
        for units in batches(source.units(), WEIGHT_AT_ONCE, |unit| {
            weight(source.functions(unit))
        }) {
            judge(&within, &units)?;
        }
    }
    // One by one: each sees all accounts at once.
    for check in across {
        judge(&[check], &source.units())?;
    }
    Ok(())
}

/// The tables that the checks need, of these units; and the organisation's, which are there
/// whichever units are judged.
fn frames(
    source: &dyn Source,
    checks: &[&Check],
    units: &[Unit],
    organization: &DataFrame,
) -> Result<Frames, TablesError> {
    let mut frames = Frames::new(checks);
    for name in frames.needed() {
        let Some(table) = table(name) else { continue };
        let of_organization = table
            .facts
            .iter()
            .any(|fact| [facts::ORGANIZATION, facts::ORGANIZATION_POLICIES].contains(fact));
        if of_organization {
            frames.insert(name, [source.frame(table, &[Unit::Organization])])?;
            continue;
        }
        let own = units
            .iter()
            .map(|unit| source.frame(table, std::slice::from_ref(unit)));
        if name == CoverageRow::TABLE.name && !units.contains(&Unit::Organization) {
            frames.insert(name, own.chain([Ok(organization.clone())]))?;
        } else {
            frames.insert(name, own)?;
        }
    }
    Ok(frames)
}

/// The coverage of the organisation itself.
fn organization_coverage(source: &dyn Source) -> Result<DataFrame, TablesError> {
    let frame = source.frame(CoverageRow::TABLE, &[Unit::Organization])?;
    let mut rows = CoverageRow::rows(&frame)?;
    // Accounts that were not read have coverage here as well; they are judged once, with the
    // organisation's unit.
    rows.retain(|row| row.account_id.is_empty());
    CoverageRow::frame(&rows)
}

/// The units in groups of whole accounts, of about that weight each.
fn batches(units: Vec<Unit>, at_once: u64, weight_of: impl Fn(&Unit) -> u64) -> Vec<Vec<Unit>> {
    let mut batches: Vec<Vec<Unit>> = Vec::new();
    let (mut batch, mut weight) = (Vec::new(), 0);
    let mut account: Option<AccountId> = None;
    for unit in units {
        let next = unit.account().cloned();
        if next != account && weight >= at_once {
            batches.push(std::mem::take(&mut batch));
            weight = 0;
        }
        account = next;
        weight += weight_of(&unit);
        batch.push(unit);
    }
    batches.push(batch);
    batches
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lambdasweep_tables::Unit;

    use super::batches;

    #[test]
    fn a_batch_holds_whole_accounts() {
        let names = [
            "222222222222",
            "111111111111/us-east-1",
            "333333333333/eu-west-1",
            "111111111111",
            "organization",
            "222222222222/eu-west-1",
        ];
        // As the journal gives them.
        let units: BTreeSet<Unit> = names
            .into_iter()
            .filter_map(|unit| unit.parse().ok())
            .collect();
        let batches = batches(units.into_iter().collect(), 2, |unit| {
            u64::from(matches!(unit, Unit::AccountRegion(..)))
        });
        let told: Vec<Vec<String>> = batches
            .iter()
            .map(|batch| batch.iter().map(Unit::to_string).collect())
            .collect();
        let expected: [&[&str]; 2] = [
            &[
                "organization",
                "111111111111",
                "111111111111/us-east-1",
                "222222222222",
                "222222222222/eu-west-1",
            ],
            &["333333333333/eu-west-1"],
        ];
        assert_eq!(told, expected);
    }
}
