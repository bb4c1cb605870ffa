//! Where the rows of a scan come from: the journal that it was collected into, or its published
//! dataset.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_tables::{
    CoverageRow, FunctionRow, Grain, Journal, Row, SCHEMA_VERSION, Scan, Table, TablesError, Unit,
};
use polars::prelude::DataFrame;

use crate::ScanError;

/// Rows of a scan, by unit.
pub trait Source: Sync {
    /// The units, in order.
    fn units(&self) -> Vec<Unit>;

    /// How many functions a unit has.
    fn functions(&self, unit: &Unit) -> u64;

    /// A table's rows of these units.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn frame(&self, table: &'static Table, units: &[Unit]) -> Result<DataFrame, TablesError>;
}

impl Source for Journal {
    fn units(&self) -> Vec<Unit> {
        Self::units(self)
    }

    fn functions(&self, unit: &Unit) -> u64 {
        self.row_count(FunctionRow::TABLE.name, unit)
    }

    fn frame(&self, table: &'static Table, units: &[Unit]) -> Result<DataFrame, TablesError> {
        Self::frame(self, table, units)
    }
}

/// A published dataset.
#[derive(Debug)]
pub struct PublishedSource<'a> {
    scan: &'a Scan,
    /// The units that coverage speaks of, with how many functions each has.
    units: BTreeMap<Unit, u64>,
}

impl<'a> PublishedSource<'a> {
    /// Takes in which units the dataset has.
    ///
    /// # Errors
    /// Where it was published with other tables, or cannot be read.
    pub fn new(scan: &'a Scan) -> Result<Self, ScanError> {
        let manifest = scan.manifest();
        if manifest.schema_version != SCHEMA_VERSION {
            return Err(ScanError::OtherVersion {
                scan_id: manifest.scan_id.clone(),
                found: manifest.schema_version,
                wanted: SCHEMA_VERSION,
            });
        }
        let mut units = BTreeMap::new();
        for (table, each) in [(CoverageRow::TABLE, 0), (FunctionRow::TABLE, 1)] {
            let accounts = scan.texts(table, "account_id")?;
            let regions = scan.texts(table, "region")?;
            for (account, region) in accounts.iter().zip(&regions) {
                if let Some(unit) = unit(account, region) {
                    *units.entry(unit).or_default() += each;
                }
            }
        }
        units.entry(Unit::Organization).or_default();
        Ok(Self { scan, units })
    }
}

/// The unit of a row. One whose account or Region has no valid name belongs to none.
fn unit(account: &str, region: &str) -> Option<Unit> {
    match (account, region) {
        ("", _) => Some(Unit::Organization),
        (account, "") => Some(Unit::Account(account.parse().ok()?)),
        (account, region) => Some(Unit::AccountRegion(
            account.parse().ok()?,
            region.parse().ok()?,
        )),
    }
}

impl Source for PublishedSource<'_> {
    fn units(&self) -> Vec<Unit> {
        self.units.keys().cloned().collect()
    }

    fn functions(&self, unit: &Unit) -> u64 {
        self.units.get(unit).copied().unwrap_or_default()
    }

    fn frame(&self, table: &'static Table, units: &[Unit]) -> Result<DataFrame, TablesError> {
        let grains = || table.facts.iter().map(|fact| fact.grain());
        if !table.facts.is_empty() && grains().all(|grain| grain == Grain::Organization) {
            return if units.contains(&Unit::Organization) {
                self.scan.table(table)
            } else {
                Ok(table.empty())
            };
        }
        // What is global in an account may have a column that names Regions all the same.
        let is_global = !table.facts.is_empty() && grains().all(|grain| grain == Grain::Account);
        let places: BTreeSet<(&str, &str)> = units
            .iter()
            .map(|unit| match unit {
                Unit::Organization => ("", ""),
                Unit::Account(account) => (account.as_str(), ""),
                Unit::AccountRegion(account, region) => (account.as_str(), region.as_str()),
            })
            .collect();
        let (Some((least, _)), Some((greatest, _))) = (places.first(), places.last()) else {
            return Ok(table.empty());
        };
        self.scan
            .rows_between(table, least, greatest, |account, region| {
                places.contains(&(account, if is_global { "" } else { region }))
            })
    }
}
