//! Where the rows of a scan come from: the files of its tables, published or not yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use lambdasweep_checks::is_read_by_reference;
use lambdasweep_collect::UNKNOWN_REGION_STATUS;
use lambdasweep_model::Outcome;
use lambdasweep_tables::{
    CoverageRow, FunctionRow, Grain, Publication, Row, SCHEMA_VERSION, Scan, TABLES, Table,
    TableReader, TablesError,
};
use polars::prelude::DataFrame;

use crate::ScanError;

/// How many accounts' rows are looked at at once.
pub(crate) const ACCOUNTS_AT_ONCE: usize = 50;

/// Rows of a scan, by account. The organisation stands among the accounts as the one without a
/// name.
pub trait Source: Sync {
    /// The accounts in order, each with its Regions and how many functions they have.
    fn accounts(&self) -> &BTreeMap<String, BTreeMap<String, u64>>;

    /// Columns of a table's rows of these accounts.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn frame(
        &self,
        table: &'static Table,
        columns: &[&str],
        accounts: &[&str],
    ) -> Result<DataFrame, TablesError>;

    /// Columns of a table's rows about resources that are read by reference, in whichever account
    /// they are, also outside of the organisation. Other rows may be among them.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn referenced(
        &self,
        table: &'static Table,
        columns: &[&str],
        keep: &dyn Fn(&DataFrame) -> Result<DataFrame, TablesError>,
    ) -> Result<DataFrame, TablesError>;
}

/// The files of a scan's tables.
trait Files: Sync {
    fn open(&self, table: &'static Table) -> Result<TableReader, TablesError>;
}

impl Files for Scan {
    fn open(&self, table: &'static Table) -> Result<TableReader, TablesError> {
        self.reader(table)
    }
}

impl Files for Publication {
    fn open(&self, table: &'static Table) -> Result<TableReader, TablesError> {
        self.reader(table)
    }
}

/// Rows in files.
pub struct FileSource<'a> {
    files: &'a dyn Files,
    accounts: BTreeMap<String, BTreeMap<String, u64>>,
    readers: Mutex<BTreeMap<&'static str, Arc<TableReader>>>,
}

impl<'a> FileSource<'a> {
    /// The files of a published dataset.
    ///
    /// # Errors
    /// Where it was published with other tables, or cannot be read.
    pub fn published(scan: &'a Scan) -> Result<Self, ScanError> {
        let manifest = scan.manifest();
        if manifest.schema_version != SCHEMA_VERSION {
            return Err(ScanError::OtherVersion {
                scan_id: manifest.scan_id.clone(),
                found: manifest.schema_version,
                wanted: SCHEMA_VERSION,
            });
        }
        Ok(Self::new(scan)?)
    }

    /// The files of a dataset that is written but for its findings.
    pub(crate) fn staged(publication: &'a Publication) -> Result<Self, TablesError> {
        Self::new(publication)
    }

    /// Takes in which accounts and Regions the files have: those that coverage says were looked at.
    fn new(files: &'a dyn Files) -> Result<Self, TablesError> {
        let mut source = Self {
            files,
            accounts: BTreeMap::new(),
            readers: Mutex::default(),
        };
        let mut accounts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        // The organisation is there even if coverage does not speak of it.
        accounts.entry(String::new()).or_default();
        let by_reference = facts_by_reference();
        let mut add = |account: &str, region: &str, functions: u64| {
            if !accounts.contains_key(account) {
                accounts.insert(account.to_owned(), BTreeMap::new());
            }
            let Some(regions) = accounts.get_mut(account).filter(|_| !region.is_empty()) else {
                return;
            };
            if let Some(known) = regions.get_mut(region) {
                *known += functions;
            } else {
                regions.insert(region.to_owned(), functions);
            }
        };
        let covered = source.reader(CoverageRow::TABLE)?;
        let place = ["account_id", "region", "fact", "outcome", "error_code"];
        let mut last = (String::new(), String::new());
        covered.each_run(&place, |[account, region, fact, outcome, code], _, _| {
            // A Region has many runs: its facts alternate from function to function.
            let is_last = (last.0.as_str(), last.1.as_str()) == (account, region);
            // What is read by reference may be outside of the organisation.
            if is_last || by_reference.contains(&fact) {
                return;
            }
            if !region.is_empty() && is_closed(outcome, code) {
                add(account, "", 0);
            } else {
                add(account, region, 0);
                last = (account.to_owned(), region.to_owned());
            }
        })?;
        let functions = source.reader(FunctionRow::TABLE)?;
        functions.each_run(&["account_id", "region"], |[account, region], _, rows| {
            add(account, region, rows as u64);
        })?;
        source.accounts = accounts;
        Ok(source)
    }

    fn reader(&self, table: &'static Table) -> Result<Arc<TableReader>, TablesError> {
        let lock = || self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(table.name) {
            return Ok(Arc::clone(known));
        }
        let reader = Arc::new(self.files.open(table)?);
        lock().insert(table.name, Arc::clone(&reader));
        Ok(reader)
    }
}

impl Source for FileSource<'_> {
    fn accounts(&self) -> &BTreeMap<String, BTreeMap<String, u64>> {
        &self.accounts
    }

    fn frame(
        &self,
        table: &'static Table,
        columns: &[&str],
        accounts: &[&str],
    ) -> Result<DataFrame, TablesError> {
        if is_of_organization(table) {
            let reader = self.reader(table)?;
            let all = reader.accounts().filter(|_| accounts.contains(&""));
            return reader.rows_of(columns, all);
        }
        let accounts: BTreeSet<&str> = accounts.iter().copied().collect();
        self.reader(table)?.rows_of(columns, accounts)
    }

    fn referenced(
        &self,
        table: &'static Table,
        columns: &[&str],
        keep: &dyn Fn(&DataFrame) -> Result<DataFrame, TablesError>,
    ) -> Result<DataFrame, TablesError> {
        let reader = self.reader(table)?;
        let mut rows = table.empty().select(columns.iter().copied())?;
        let accounts: Vec<&str> = reader.accounts().collect();
        for accounts in accounts.chunks(ACCOUNTS_AT_ONCE) {
            let part = reader.rows_of(columns, accounts.iter().copied())?;
            rows.vstack_mut_owned(keep(&part)?)?;
        }
        Ok(rows)
    }
}

/// Whether coverage of a Region says that it was not looked at.
fn is_closed(outcome: &str, code: &str) -> bool {
    let outcomes = [Outcome::RegionDisabled, Outcome::Skipped];
    outcomes.iter().any(|it| it.as_str() == outcome) || code == UNKNOWN_REGION_STATUS
}

/// Whether a table's rows are the organisation's, though they may name accounts.
pub(crate) fn is_of_organization(table: &Table) -> bool {
    let mut grains = table.facts.iter().map(|fact| fact.grain());
    !table.facts.is_empty() && grains.all(|grain| grain == Grain::Organization)
}

/// The facts that are read for resources one by one where others refer to them.
pub(crate) fn facts_by_reference() -> Vec<&'static str> {
    let tables = TABLES.iter().filter(|table| is_read_by_reference(table));
    let facts = tables.flat_map(|table| table.facts.first());
    facts.map(|fact| fact.as_str()).collect()
}
