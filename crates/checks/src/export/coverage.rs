//! What was read, by the table `coverage`: how reading each fact ended, and the accounts and Regions
//! of which it is not known what there is to judge.

use lambdasweep_model::Outcome;
use lambdasweep_tables::{Fact, Grain, facts};

use super::statement::Statement;
use crate::subject::SubjectKind;

/// How reading each fact of each account and Region ended.
pub(super) const UNIT_READS: &str = "unit_reads";
/// How reading each fact of single resources ended.
pub(super) const RESOURCE_READS: &str = "resource_reads";
/// The Regions of each account, with how reading its functions ended.
pub(super) const ACCOUNT_REGIONS: &str = "account_regions";
/// A Region of each account, from which its partition is known.
pub(super) const A_REGION: &str = "a_region";

/// The words of gaps; a test compares them with those of the engine.
pub(super) const WAS_NOT_READ: &str = " was not read: ";
pub(super) const NO_COVERAGE: &str = "no coverage record for ";
pub(super) const COVERAGE_FOR: &str = "coverage records for ";
pub(super) const CONFLICTS: &str = " conflict";

/// What stands for an outcome where rows conflict.
const CONFLICT: &str = "conflict";

/// The outcomes of a Region that is left out of what answers rest on.
pub(super) const LEFT_OUT: [Outcome; 2] = [Outcome::RegionDisabled, Outcome::Skipped];

/// Adds [`UNIT_READS`], [`RESOURCE_READS`], [`ACCOUNT_REGIONS`] and [`A_REGION`].
pub(super) fn reads(statement: &mut Statement<'_>) {
    let of_units = reads_by(statement, &["account_id", "region"], "=");
    statement.add(
        UNIT_READS,
        "How reading each fact of each account and Region ended; gap says why it does not count as read",
        of_units,
    );
    let of_resources = reads_by(statement, &["resource_arn"], "<>");
    statement.add(
        RESOURCE_READS,
        "The same for facts that are read resource by resource",
        of_resources,
    );
    let functions = statement.dialect.text(facts::FUNCTIONS.as_str());
    statement.add(
        ACCOUNT_REGIONS,
        "The Regions of each account, with those that no coverage of its functions speaks of",
        format!(
            "SELECT u.account_id, u.region, u.outcome
FROM {UNIT_READS} u
WHERE u.fact = {functions}
UNION ALL
SELECT DISTINCT r.account_id, r.region, {} AS outcome
FROM regions r
LEFT JOIN {UNIT_READS} u ON u.fact = {functions} AND u.account_id = r.account_id AND u.region = r.region
WHERE u.outcome IS NULL",
            statement.dialect.no_text()
        ),
    );
    statement.add(
        A_REGION,
        "A Region of each account, which tells its partition",
        format!(
            "SELECT r.account_id, MIN(r.region) AS region\nFROM {ACCOUNT_REGIONS} r\nWHERE r.region <> ''\nGROUP BY r.account_id"
        ),
    );
}

/// What several rows for one thing come to: there should be one.
fn reads_by(statement: &Statement<'_>, keys: &[&str], of_unit: &str) -> String {
    let keys = keys.join(", ");
    let gap = gap_of("r.fact", "r");
    let conflict = statement.dialect.text(CONFLICT);
    format!(
        "SELECT fact, {keys}, outcome, error_code,
       {gap} AS gap
FROM (
  SELECT fact, {keys},
         CASE WHEN MIN(outcome) = MAX(outcome) THEN MIN(outcome) ELSE {conflict} END AS outcome,
         MAX(COALESCE(error_code, '')) AS error_code
  FROM coverage
  WHERE resource_arn {of_unit} ''
  GROUP BY fact, {keys}
) r"
    )
}

/// In words, why a fact does not count as read, where there are rows for it; as the engine says it.
fn gap_of(fact: &str, reads: &str) -> String {
    let (ok, outcome) = (Outcome::Ok, format!("{reads}.outcome"));
    format!(
        "CASE WHEN {outcome} = '{ok}' THEN NULL
            WHEN {outcome} = '{CONFLICT}' THEN '{COVERAGE_FOR}' || {fact} || '{CONFLICTS}'
            WHEN {reads}.error_code = '' THEN {fact} || '{WAS_NOT_READ}' || {outcome}
            ELSE {fact} || '{WAS_NOT_READ}' || {outcome} || ' (' || {reads}.error_code || ')' END"
    )
}

/// In words, why a fact does not count as read: of joined reads, which may have no row.
pub(super) fn gap(fact: Fact, reads: &str) -> String {
    format!("CASE WHEN {reads}.outcome IS NULL THEN '{NO_COVERAGE}{fact}' ELSE {reads}.gap END")
}

/// The same, by the rows of another fact.
pub(super) fn gap_by(fact: Fact, reads: &str) -> String {
    gap_of(&format!("'{fact}'"), reads)
}

/// Joins reads of a fact of an account and Region under an alias.
pub(super) fn join_unit(alias: &str, fact: Fact, account: &str, region: &str) -> String {
    format!(
        "LEFT JOIN {UNIT_READS} {alias} ON {alias}.fact = '{fact}' AND {alias}.account_id = {account} AND {alias}.region = {region}"
    )
}

/// Outcomes in quotes, separated by commas.
pub(super) fn outcomes(outcomes: &[Outcome]) -> String {
    let words = outcomes.iter().map(|it| format!("'{it}'"));
    words.collect::<Vec<_>>().join(", ")
}

/// Adds the accounts and Regions of which it is not even known what there is to judge, because their
/// Regions or their resources could not be listed; none where these are judged themselves.
pub(super) fn unread_units(statement: &mut Statement<'_>, kind: SubjectKind) -> Option<String> {
    if kind.is_unit() && !kind.has_region() {
        return None;
    }
    // An account's own row says that it could not be entered.
    let only_accounts = if kind.is_unit() {
        " AND r.region = ''"
    } else {
        ""
    };
    let has_list = kind.listing().grain() == Grain::AccountRegion;
    let listing = if has_list {
        kind.listing()
    } else {
        facts::FUNCTIONS
    };
    let (functions, regions) = (facts::FUNCTIONS, facts::REGIONS);
    let of_list = if listing == functions {
        gap(functions, "f")
    } else {
        format!(
            "CASE WHEN r.region = '' THEN {} ELSE {} END",
            gap(functions, "f"),
            gap(listing, "l")
        )
    };
    let join_list = if listing == functions {
        String::new()
    } else {
        format!(
            "\n  {}",
            join_unit("l", listing, "r.account_id", "r.region")
        )
    };
    let (no_text, left_out) = (statement.dialect.no_text(), outcomes(&LEFT_OUT));
    let counts = format!("(r.region = '' OR r.outcome IS NULL OR r.outcome NOT IN ({left_out}))");
    let body = format!(
        "SELECT account_id, region, COALESCE(MIN(of_list), MIN(of_regions)) AS gap
FROM (
  SELECT r.account_id, r.region, {of_list} AS of_list, {no_text} AS of_regions
  FROM {ACCOUNT_REGIONS} r
  {}{join_list}
  WHERE {counts}{only_accounts}
  UNION ALL
  SELECT r.account_id, r.region, {no_text} AS of_list, r.gap AS of_regions
  FROM {UNIT_READS} r
  LEFT JOIN (SELECT DISTINCT account_id FROM regions WHERE opt_status = 'ASSUMED') n ON n.account_id = r.account_id
  WHERE r.fact = '{regions}' AND n.account_id IS NULL AND {counts}{only_accounts}
) w
WHERE account_id <> ''
GROUP BY account_id, region
HAVING COALESCE(MIN(of_list), MIN(of_regions)) IS NOT NULL",
        join_unit("f", functions, "r.account_id", "r.region"),
    );
    Some(statement.add(
        &format!("{kind}_unread_units"),
        &format!("Accounts and Regions of which it is not known which resources of the kind {kind} they have"),
        body,
    ))
}
