//! The resources that checks judge.

use lambdasweep_model::{Outcome, PARTITIONS};

use super::coverage::{A_REGION, ACCOUNT_REGIONS, LEFT_OUT, RESOURCE_READS, UNIT_READS, outcomes};
use super::statement::Statement;
use crate::subject::SubjectKind;

/// Adds all resources of a kind, each once, with account, Region (empty for what is global) and ARN.
pub(super) fn subjects(statement: &mut Statement<'_>, kind: SubjectKind) -> String {
    let body = if kind.is_unit() {
        units(kind)
    } else {
        resources(kind)
    };
    statement.add(
        &format!("{kind}_subjects"),
        &format!("What checks of the kind {kind} judge"),
        body,
    )
}

/// Adds the accounts and Regions in which resources of a kind are.
pub(super) fn units_of(statement: &mut Statement<'_>, kind: SubjectKind) -> String {
    let subjects = subjects(statement, kind);
    statement.add(
        &format!("{kind}_units"),
        &format!("The accounts and Regions in which resources of the kind {kind} are"),
        format!("SELECT DISTINCT account_id, region\nFROM {subjects}"),
    )
}

/// The accounts, or the accounts and Regions, that were to be read.
fn units(kind: SubjectKind) -> String {
    if kind.has_region() {
        return format!(
            "SELECT r.account_id, r.region, {} AS resource_arn
FROM {ACCOUNT_REGIONS} r
WHERE r.account_id <> '' AND r.region <> '' AND (r.outcome IS NULL OR r.outcome NOT IN ({}))",
            region_arn("r.account_id", "r.region"),
            outcomes(&LEFT_OUT)
        );
    }
    format!(
        "SELECT u.account_id, '' AS region, {} AS resource_arn
FROM (
  SELECT account_id FROM {UNIT_READS}
  UNION
  SELECT account_id FROM {ACCOUNT_REGIONS}
) u
LEFT JOIN {A_REGION} n ON n.account_id = u.account_id
WHERE u.account_id <> ''",
        account_arn("u.account_id", "n.region")
    )
}

/// Resources that rows name; without those that were deleted while the scan ran.
fn resources(kind: SubjectKind) -> String {
    let named = kind.named_by().into_iter().map(|naming| {
        let region = if naming.has_region {
            "region"
        } else {
            "'' AS region"
        };
        format!(
            "SELECT account_id, {region}, {column} AS resource_arn FROM {} WHERE {column} <> ''",
            naming.table,
            column = naming.column
        )
    });
    // UNION leaves each once; of a single SELECT that takes DISTINCT.
    let named: Vec<String> = named.collect();
    let all = match named.as_slice() {
        [one] => one.replacen("SELECT", "SELECT DISTINCT", 1),
        all => all.join("\nUNION\n"),
    };
    if !kind.has_own_facts() {
        return all;
    }
    format!(
        "SELECT s.account_id, s.region, s.resource_arn
FROM (
{}
) s
LEFT JOIN {RESOURCE_READS} g ON g.fact = '{}' AND g.resource_arn = s.resource_arn AND g.outcome = '{}'
WHERE g.outcome IS NULL",
        super::statement::indented(&all),
        kind.listing(),
        Outcome::Gone
    )
}

/// The ARN that stands for an account. `near` is a Region of its partition, or absent.
pub(super) fn account_arn(account: &str, near: &str) -> String {
    format!(
        "'arn:' || {} || ':iam::' || {account} || ':root'",
        partition(near)
    )
}

/// The ARN that stands for an account in a Region.
pub(super) fn region_arn(account: &str, region: &str) -> String {
    format!(
        "'arn:' || {} || ':lambda:' || {region} || ':' || {account} || ':function:*'",
        partition(region)
    )
}

/// The partition that a Region is in.
fn partition(region: &str) -> String {
    let cases = PARTITIONS
        .iter()
        .map(|(prefix, partition)| format!("WHEN {region} LIKE '{prefix}%' THEN '{partition}'"));
    format!(
        "CASE {} ELSE 'aws' END",
        cases.collect::<Vec<_>>().join(" ")
    )
}
