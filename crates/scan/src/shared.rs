//! Rows that are there whichever accounts are judged: the organisation's, and those of resources
//! that functions of any account refer to.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_checks::{Check, Frames, is_read_by_reference};
use lambdasweep_tables::{CoverageRow, Row, TABLES, Table, TablesError, table};
use polars::prelude::{
    BooleanChunked, ChunkCompareEq, ChunkFull, DataFrame, DataFrameJoinOps, IntoColumn, JoinArgs,
    JoinType, NewChunkedArray, StringChunked,
};

use crate::Source;
use crate::source::{facts_by_reference, is_of_organization};

/// The rows that are there whichever accounts are judged.
pub(crate) struct Shared {
    /// The organisation's, by table.
    organization: BTreeMap<&'static str, DataFrame>,
    /// Those of resources that are read by reference, by table.
    referenced: BTreeMap<&'static str, DataFrame>,
}

/// The column by which a table with rows about several kinds of resources, and coverage, name one.
const RESOURCE: &str = "resource_arn";

impl Shared {
    pub(crate) fn read(source: &dyn Source, checks: &[&Check]) -> Result<Self, TablesError> {
        let needed = Frames::new(checks);
        let by_reference = facts_by_reference();
        let is_referring = checks
            .iter()
            .flat_map(|check| &check.facts)
            .any(|fact| by_reference.contains(&fact.as_str()));
        let mut shared = Self {
            organization: BTreeMap::new(),
            referenced: BTreeMap::new(),
        };
        for table in TABLES {
            let columns = needed.columns(table.name);
            if columns.is_empty() {
                continue;
            }
            if is_of_organization(table) || table.name == CoverageRow::TABLE.name {
                let rows = source.frame(table, &columns, &[""])?;
                shared.organization.insert(table.name, rows);
            }
            if is_referring && let Some(rows) = referenced(source, table, &columns)? {
                shared.referenced.insert(table.name, rows);
            }
        }
        Ok(shared)
    }

    /// The tables that the checks need, of these accounts and with what is shared.
    pub(crate) fn frames(
        &self,
        source: &dyn Source,
        checks: &[&Check],
        accounts: &[&str],
    ) -> Result<Frames, TablesError> {
        let mut frames = Frames::new(checks);
        let mut parts: BTreeMap<&'static str, Vec<DataFrame>> = BTreeMap::new();
        for name in frames.needed() {
            let Some(table) = table(name) else { continue };
            let columns = frames.columns(name);
            let parts = parts.entry(name).or_default();
            // Coverage of the organisation may come twice, which says nothing else than once.
            if let Some(rows) = self.organization.get(name) {
                parts.push(rows.select(columns.iter().copied())?);
            }
            if !is_of_organization(table) && !is_read_by_reference(table) {
                parts.push(own(source, table, &columns, accounts)?);
            }
        }
        // What is judged itself is judged whether others refer to it or not.
        let is_judged = checks
            .iter()
            .any(|check| check.subject.is_read_by_reference());
        let arns = referred_to(&parts)?;
        for (&name, rows) in &self.referenced {
            let Some(table) = table(name) else { continue };
            let columns = frames.columns(name);
            if !columns.is_empty() {
                let rows = if is_judged {
                    rows.clone()
                } else {
                    let semi = JoinArgs::new(JoinType::Semi);
                    rows.join(&arns, [key(table)], [RESOURCE], semi, None)?
                };
                let rows = rows.select(columns.iter().copied())?;
                parts.entry(name).or_default().push(rows);
            }
        }
        for (name, parts) in parts {
            frames.insert(name, parts.into_iter().map(Ok))?;
        }
        Ok(frames)
    }
}

/// A table's rows of these accounts, but for those about resources that are read by reference: these
/// are there whichever accounts are judged.
fn own(
    source: &dyn Source,
    table: &'static Table,
    columns: &[&str],
    accounts: &[&str],
) -> Result<DataFrame, TablesError> {
    let Some(column) = table.kinds.filter(|_| !kinds().is_empty()) else {
        return source.frame(table, columns, accounts);
    };
    let rows = source.frame(table, &with(columns, &[column]), accounts)?;
    let others = rows.filter(&!is_one_of(&rows, column, &kinds())?)?;
    Ok(others.select(columns.iter().copied())?)
}

/// A table's rows about resources that are read by reference; nothing where it has none.
fn referenced(
    source: &dyn Source,
    table: &'static Table,
    columns: &[&str],
) -> Result<Option<DataFrame>, TablesError> {
    if kinds().is_empty() {
        return Ok(None);
    }
    let (column, values) = if table.name == CoverageRow::TABLE.name {
        ("fact", facts_by_reference())
    } else if let Some(column) = table.kinds {
        (column, kinds())
    } else if is_read_by_reference(table) {
        let all = |rows: &DataFrame| Ok(rows.clone());
        let columns = with(columns, &[key(table)]);
        return source.referenced(table, &columns, &all).map(Some);
    } else {
        return Ok(None);
    };
    let keep = |rows: &DataFrame| -> Result<DataFrame, TablesError> {
        Ok(rows.filter(&is_one_of(rows, column, &values)?)?)
    };
    let columns = with(columns, &[key(table), column]);
    source.referenced(table, &columns, &keep).map(Some)
}

/// The kinds of resources that are read by reference.
fn kinds() -> Vec<&'static str> {
    let tables = TABLES.iter().filter(|table| is_read_by_reference(table));
    tables
        .flat_map(|table| table.subject)
        .map(|subject| subject.name)
        .collect()
}

/// Columns and further ones, each once.
fn with<'c>(columns: &[&'c str], more: &[&'c str]) -> Vec<&'c str> {
    let mut all = columns.to_vec();
    for column in more {
        if !all.contains(column) {
            all.push(column);
        }
    }
    all
}

/// Which rows have one of these texts in a column.
fn is_one_of(
    rows: &DataFrame,
    column: &str,
    values: &[&str],
) -> Result<BooleanChunked, TablesError> {
    let texts = rows.column(column)?.str()?;
    let none = BooleanChunked::full(column.into(), false, rows.height());
    Ok(values
        .iter()
        .fold(none, |is_one, value| is_one | texts.equal(*value)))
}

/// The column that names a resource which is read by reference.
fn key(table: &Table) -> &'static str {
    table
        .subject
        .filter(|_| is_read_by_reference(table))
        .map_or(RESOURCE, |subject| subject.column)
}

/// What rows refer to among the resources that are read by reference.
fn referred_to(parts: &BTreeMap<&'static str, Vec<DataFrame>>) -> Result<DataFrame, TablesError> {
    let mut arns = BTreeSet::new();
    for (name, frames) in parts {
        let references = table(name).map_or(&[][..], |table| table.references);
        for reference in references {
            if !table(reference.table).is_some_and(is_read_by_reference) {
                continue;
            }
            for frame in frames {
                if let Ok(column) = frame.column(reference.column) {
                    arns.extend(column.str()?.iter().flatten());
                }
            }
        }
    }
    let count = arns.len();
    let arns = StringChunked::from_iter_values(RESOURCE.into(), arns.into_iter());
    Ok(DataFrame::new(count, vec![arns.into_column()])?)
}
