//! What a scan published, in a form that can be compared row by row.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lambdasweep_tables::{Kind, Scan, TABLES, Table};

/// Check, account, Region, resource.
pub(crate) type Key = [String; 4];

/// Account, Region, resource, fact.
pub(crate) type Place = [String; 4];

/// What a check answers for a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) resource_type: String,
    /// Status, fault and severity of each row.
    pub(crate) rows: BTreeSet<[String; 3]>,
    /// Rows that are there more than once.
    pub(crate) doubled: bool,
}

/// What a scan published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) findings: BTreeMap<Key, Answers>,
    /// All outcomes that coverage tells.
    pub(crate) coverage: BTreeMap<Place, BTreeSet<String>>,
    /// The rows of every other table, by table, account and Region, sorted.
    pub(crate) tables: BTreeMap<[String; 3], Vec<Vec<String>>>,
}

/// Tables that are compared otherwise, or follow from the others.
const DERIVED: &[&str] = &["findings", "check_results", "coverage", "checks"];

impl Answers {
    pub(crate) fn has(&self, status: &str) -> bool {
        self.rows.iter().any(|row| row[0] == status)
    }

    /// Resources that pass or to which the check does not apply.
    pub(crate) fn is_clean(&self) -> bool {
        !self.rows.is_empty()
            && self
                .rows
                .iter()
                .all(|row| row[0] == "PASS" || row[0] == "NOT_APPLICABLE")
    }

    /// The faults, with or without their severity.
    pub(crate) fn failing(&self, with_severity: bool) -> BTreeSet<(&str, &str)> {
        let failing = self.rows.iter().filter(|row| row[0] == "FAIL");
        failing
            .map(|row| {
                (
                    row[1].as_str(),
                    if with_severity { row[2].as_str() } else { "" },
                )
            })
            .collect()
    }
}

impl Snapshot {
    /// The only scan below a root; nothing where none is published.
    pub(crate) fn of(root: &Path) -> Option<Self> {
        let scan = match Scan::list(root).ok()?.as_slice() {
            [only] => Scan::open(root, only).ok()?,
            _ => return None,
        };
        let mut snapshot = Self::default();
        for table in TABLES {
            let rows = rows(&scan, table);
            let column = |name: &str| table.columns.iter().position(|column| column.name == name);
            let cell = |row: &[String], name: &str| {
                column(name).map(|at| row[at].clone()).unwrap_or_default()
            };
            match table.name {
                "findings" => rows
                    .iter()
                    .for_each(|row| snapshot.add_finding(|name| cell(row, name))),
                "coverage" => {
                    for row in rows {
                        let place = ["account_id", "region", "resource_arn", "fact"]
                            .map(|name| cell(&row, name));
                        snapshot
                            .coverage
                            .entry(place)
                            .or_default()
                            .insert(cell(&row, "outcome"));
                    }
                }
                name if DERIVED.contains(&name) => {}
                name => {
                    for row in rows {
                        let group = [
                            name.to_owned(),
                            cell(&row, "account_id"),
                            cell(&row, "region"),
                        ];
                        snapshot.tables.entry(group).or_default().push(row);
                    }
                }
            }
        }
        snapshot.tables.values_mut().for_each(|rows| rows.sort());
        Some(snapshot)
    }

    fn add_finding(&mut self, cell: impl Fn(&str) -> String) {
        let key = ["check_id", "account_id", "region", "resource_arn"].map(&cell);
        let answers = self.findings.entry(key).or_default();
        answers.resource_type = cell("resource_type");
        answers.doubled |= !answers
            .rows
            .insert(["status", "fault", "severity"].map(&cell));
    }

    /// Whether coverage tells of a gap that reaches an account and Region: its own, the account's
    /// or the organisation's.
    pub(crate) fn has_gap(&self, account: &str, region: &str) -> bool {
        self.coverage
            .iter()
            .any(|([of_account, of_region, _, _], outcomes)| {
                let reaches = (of_account.is_empty() || of_account == account)
                    && (of_region.is_empty() || region.is_empty() || of_region == region);
                reaches && is_gap(outcomes)
            })
    }

    /// Whether coverage tells of any gap.
    pub(crate) fn has_gaps(&self) -> bool {
        self.coverage.values().any(is_gap)
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.coverage
            .values()
            .flatten()
            .all(|outcome| matches!(outcome.as_str(), "ok" | "region_disabled" | "gone"))
    }
}

fn rows(scan: &Scan, table: &Table) -> Vec<Vec<String>> {
    if !scan.has(table) {
        return Vec::new();
    }
    let frame = scan.table(table).unwrap();
    let columns: Vec<Vec<String>> = table
        .columns
        .iter()
        .map(|column| {
            let cells = frame.column(column.name).unwrap();
            (0..frame.height())
                .map(|row| match column.kind {
                    Kind::Text => cells.str().unwrap().get(row).map(str::to_owned),
                    Kind::Integer => cells.i64().unwrap().get(row).map(|it| it.to_string()),
                    Kind::Boolean => cells.bool().unwrap().get(row).map(|it| it.to_string()),
                })
                .map(Option::unwrap_or_default)
                .collect()
        })
        .collect();
    (0..frame.height())
        .map(|row| columns.iter().map(|cells| cells[row].clone()).collect())
        .collect()
}

fn is_gap(outcomes: &BTreeSet<String>) -> bool {
    outcomes
        .iter()
        .any(|outcome| !matches!(outcome.as_str(), "ok" | "region_disabled"))
}
