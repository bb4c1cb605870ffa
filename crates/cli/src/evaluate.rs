//! Judges what the journal holds, a few accounts at a time, and publishes it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use lambdasweep_checks::{Check, Frames, check_results};
use lambdasweep_collect::ScanRequest;
use lambdasweep_model::AccountId;
use lambdasweep_report::Summary;
use lambdasweep_tables::{
    CheckResultRow, CoverageRow, FindingRow, Journal, Publication, Row, TABLES, Unit, table,
};

use crate::lines::Lines;

/// About how much is judged at once, by [`weight`]: memory is bounded by it, and an account is
/// never divided.
const WEIGHT_AT_ONCE: u64 = 1_000;

/// How much there is to judge in a unit, in functions: an account-Region has answers of its own and
/// coverage, whether it has functions or not.
fn weight(functions: u64) -> u64 {
    functions + 1
}

/// Evaluates the checks over the journal, and writes all tables of the publication.
pub(crate) fn run(
    journal: &Journal,
    publication: &mut Publication,
    request: &ScanRequest,
    checks: &[&Check],
    lines: &mut Option<Lines>,
    summary: &mut Summary,
) -> Result<()> {
    for table in TABLES
        .iter()
        .filter(|table| !["findings", "check_results"].contains(&table.name))
    {
        publication.copy_from(journal, table)?;
    }
    let organization = organization_coverage(journal)?;
    let mut findings = publication.writer(FindingRow::TABLE)?;
    let mut results = publication.writer(CheckResultRow::TABLE)?;
    let mut judge = |checks: &[&Check], units: &[Unit]| -> Result<()> {
        let frames = frames(journal, checks, units, &organization)?;
        let evaluation = lambdasweep_checks::evaluate(checks, &frames)?;
        findings.write(&FindingRow::frame(&evaluation.findings)?)?;
        results.write(&CheckResultRow::frame(&check_results(
            &evaluation.findings,
        ))?)?;
        if let Some(lines) = lines {
            lines.write(&request.scan_id, &evaluation.findings);
        }
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
        for units in batches(journal.units(), WEIGHT_AT_ONCE, |unit| {
            weight(journal.row_count("functions", unit))
        }) {
            judge(&within, &units)?;
        }
    }
    // One by one: each sees all accounts at once.
    for check in across {
        judge(&[check], &journal.units())?;
    }
    publication.add(findings)?;
    publication.add(results)?;
    Ok(())
}

/// The tables that the checks need, of these units; and the organisation's, which are there
/// whichever units are judged.
fn frames(
    journal: &Journal,
    checks: &[&Check],
    units: &[Unit],
    organization: &[CoverageRow],
) -> Result<Frames> {
    let mut frames = Frames::new(checks);
    for name in frames.needed() {
        let Some(table) = table(name) else { continue };
        let own = || {
            units
                .iter()
                .map(|unit| journal.frame(table, std::slice::from_ref(unit)))
        };
        match name {
            "accounts" | "organizational_units" | "organization_policies" | "policy_targets" => {
                frames.insert(table.name, [journal.frame(table, &[Unit::Organization])])?
            }
            "coverage" if !units.contains(&Unit::Organization) => {
                frames.insert(table.name, own().chain([CoverageRow::frame(organization)]))?;
            }
            _ => frames.insert(table.name, own())?,
        }
    }
    Ok(frames)
}

/// What coverage tells of the organisation itself.
fn organization_coverage(journal: &Journal) -> Result<Vec<CoverageRow>> {
    let mut rows: Vec<CoverageRow> = journal.rows(&Unit::Organization)?;
    // Accounts that were not read are accounted for here as well; they are judged once, with the
    // organisation's unit.
    rows.retain(|row| row.account_id.is_empty());
    Ok(rows)
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

/// How often each outcome came, by fact.
type Outcomes = BTreeMap<String, BTreeMap<String, u64>>;

/// Outcomes in figures, by fact and outcome; and whether all that was to be read was.
pub(crate) fn coverage(journal: &Journal, summary: &mut Summary) -> Result<(Outcomes, bool)> {
    let mut figures = Outcomes::new();
    let mut complete = true;
    let mut accounts_unread = BTreeSet::new();
    for unit in journal.units() {
        let mut listed = false;
        let rows = journal.rows::<CoverageRow>(&unit)?;
        summary.add_coverage(&rows);
        for row in rows {
            *figures
                .entry(row.fact.clone())
                .or_default()
                .entry(row.outcome.clone())
                .or_default() += 1;
            // A Region that is not enabled, an account that is not active and a function that is
            // gone hold nothing that could have been read.
            let read = matches!(
                row.outcome.as_str(),
                "ok" | "region_disabled" | "skipped" | "gone"
            );
            complete &= read;
            if row.fact == "functions"
                && row.region.is_empty()
                && row.outcome != "ok"
                && !row.account_id.is_empty()
            {
                accounts_unread.insert(row.account_id.clone());
            }
            listed |= row.fact == "functions" && row.outcome == "ok" && !row.region.is_empty();
        }
        if matches!(unit, Unit::AccountRegion(..)) {
            summary.regions_read.0 += 1;
            summary.regions_read.1 += u64::from(listed);
        }
        summary.functions += journal.row_count("functions", &unit);
    }
    let (asked, _) = summary.accounts_read;
    summary.accounts_read.1 = asked.saturating_sub(accounts_unread.len() as u64);
    Ok((figures, complete))
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
