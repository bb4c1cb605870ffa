//! Reads the rows of individual accounts from a table's file.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use polars::prelude::DataFrame;
use polars_io::SerReader;
use polars_io::parquet::metadata::FileMetadataRef;
use polars_io::parquet::read::ParquetReader;

use crate::{Publication, Scan, Table, TablesError};

/// How many rows are read at a time to find where accounts begin.
const ROWS_AT_ONCE: usize = 1 << 20;

/// A table in a file, with the position of each account's rows.
#[derive(Debug)]
pub struct TableReader {
    table: &'static Table,
    path: PathBuf,
    metadata: FileMetadataRef,
    /// First row and number of rows, by account. A table without accounts belongs to the
    /// organisation, which has the empty name.
    accounts: BTreeMap<String, Vec<(usize, usize)>>,
}

impl Scan {
    /// Opens a table to read the rows of individual accounts.
    ///
    /// # Errors
    /// If the file does not exist or cannot be read.
    pub fn reader(&self, table: &'static Table) -> Result<TableReader, TablesError> {
        TableReader::open(table, self.path_of(table))
    }
}

impl Publication {
    /// Opens a table that was added, to read the rows of individual accounts.
    ///
    /// # Errors
    /// If the file does not exist or cannot be read.
    pub fn reader(&self, table: &'static Table) -> Result<TableReader, TablesError> {
        TableReader::open(table, self.path_of(table.name))
    }
}

impl TableReader {
    fn open(table: &'static Table, path: PathBuf) -> Result<Self, TablesError> {
        let file = File::open(&path).map_err(|source| TablesError::file("read", &path, source))?;
        let metadata = ParquetReader::new(file).get_metadata()?.clone();
        let mut reader = Self {
            table,
            path,
            metadata,
            accounts: BTreeMap::new(),
        };
        if !table
            .columns
            .iter()
            .any(|column| column.name == "account_id")
        {
            let all = (0, reader.metadata.num_rows);
            reader.accounts.insert(String::new(), vec![all]);
            return Ok(reader);
        }
        let mut accounts: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        reader.each_run(&["account_id"], |[account], first, rows| {
            if let Some(ranges) = accounts.get_mut(account) {
                match ranges.last_mut() {
                    Some((begin, length)) if *begin + *length == first => *length += rows,
                    _ => ranges.push((first, rows)),
                }
            } else {
                accounts.insert(account.to_owned(), vec![(first, rows)]);
            }
        })?;
        reader.accounts = accounts;
        Ok(reader)
    }

    /// The accounts that have rows.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.accounts.keys().map(String::as_str)
    }

    /// Calls a function with each run of rows that have the same texts in these columns: the texts,
    /// the first row and the number of rows.
    ///
    /// # Errors
    /// If the file cannot be read, or has no such text columns.
    pub fn each_run<const N: usize>(
        &self,
        columns: &[&str; N],
        mut each: impl FnMut([&str; N], usize, usize),
    ) -> Result<(), TablesError> {
        let mut first = 0;
        while first < self.metadata.num_rows {
            let frame = self.slice(columns, first, ROWS_AT_ONCE)?;
            let mut texts = Vec::with_capacity(N);
            for column in columns {
                texts.push(frame.column(column)?.str()?.rechunk());
            }
            let texts: Vec<_> = texts.iter().map(|it| it.downcast_as_array()).collect();
            let at = |row: usize| {
                std::array::from_fn::<&str, N, _>(|column| {
                    texts[column].get(row).unwrap_or_default()
                })
            };
            let mut begin = 0;
            for row in 1..=frame.height() {
                if row == frame.height() || at(row) != at(begin) {
                    each(at(begin), first + begin, row - begin);
                    begin = row;
                }
            }
            first += frame.height().max(1);
        }
        Ok(())
    }

    /// The rows of these accounts, with these columns, in the order of the file.
    ///
    /// # Errors
    /// If the file cannot be read, or has no such columns.
    pub fn rows_of<'n>(
        &self,
        columns: &[&str],
        accounts: impl IntoIterator<Item = &'n str>,
    ) -> Result<DataFrame, TablesError> {
        let mut ranges: Vec<(usize, usize)> = accounts
            .into_iter()
            .filter_map(|account| self.accounts.get(account))
            .flatten()
            .copied()
            .collect();
        ranges.sort_unstable();
        ranges.dedup_by(|next, before| {
            let adjoins = before.0 + before.1 == next.0;
            if adjoins {
                before.1 += next.1;
            }
            adjoins
        });
        let mut rows = self.table.empty().select(columns.iter().copied())?;
        for (first, count) in ranges {
            rows.vstack_mut_owned(self.slice(columns, first, count)?)?;
        }
        Ok(rows)
    }

    fn slice(&self, columns: &[&str], first: usize, rows: usize) -> Result<DataFrame, TablesError> {
        let file = File::open(&self.path)
            .map_err(|source| TablesError::file("read", &self.path, source))?;
        let mut reader = ParquetReader::new(file)
            .with_columns(Some(columns.iter().map(|it| (*it).to_owned()).collect()))
            .with_slice(Some((first, rows)));
        reader.set_metadata(FileMetadataRef::clone(&self.metadata));
        // In the requested order, regardless of the file's order.
        Ok(reader.finish()?.select(columns.iter().copied())?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::{FunctionTagRow, ManifestInfo, Publication, Row, Scan};

    /// All rows of an account are found wherever they are, and no others.
    #[tokio::test]
    async fn rows_are_read_by_account() {
        let root = tempfile::tempdir().expect("a folder");
        let row = |account: &str, key: &str| FunctionTagRow {
            account_id: account.to_owned(),
            region: "eu-west-1".to_owned(),
            function_arn: String::new(),
            key: key.to_owned(),
            value: String::new(),
        };
        let (a, b, c) = ("111111111111", "222222222222", "333333333333");
        let groups = [
            vec![row(b, "0"), row(a, "1"), row(a, "2")],
            vec![row(a, "3"), row(b, "4")],
            vec![row(c, "5")],
        ];
        let id = "it".parse().expect("an id");
        let mut publication = Publication::begin(root.path(), &id).expect("a folder");
        let mut writer = publication.writer(FunctionTagRow::TABLE).expect("a writer");
        for rows in &groups {
            let frame = FunctionTagRow::frame(rows).expect("a frame");
            writer.write(&frame).expect("written");
        }
        publication.add(writer).expect("verified");
        let info = ManifestInfo {
            tool_version: String::new(),
            started_at: String::new(),
            finished_at: String::new(),
            request: serde_json::Value::Null,
            coverage: BTreeMap::new(),
            findings: BTreeMap::new(),
        };
        publication.finish(info).await.expect("published");
        let scan = Scan::open(root.path(), &id).expect("a scan");
        let reader = scan.reader(FunctionTagRow::TABLE).expect("a reader");
        assert_eq!(reader.accounts().collect::<Vec<_>>(), [a, b, c]);
        let keys = |accounts: &[&str]| {
            let columns = ["key", "account_id"];
            let frame = reader.rows_of(&columns, accounts.iter().copied());
            let frame = frame.expect("rows");
            let keys = frame.column("key").expect("a column").str().expect("texts");
            keys.iter().flatten().collect::<String>()
        };
        assert_eq!(keys(&[a]), "123");
        assert_eq!(keys(&[b]), "04");
        assert_eq!(keys(&[c, a]), "1235");
        assert_eq!(keys(&["444444444444"]), "");
        let mut runs = Vec::new();
        let each = |[account]: [&str; 1], first, rows| runs.push((account.to_owned(), first, rows));
        reader.each_run(&["account_id"], each).expect("runs");
        let runs: Vec<_> = runs
            .iter()
            .map(|(account, first, rows)| (account.as_str(), *first, *rows))
            .collect();
        assert_eq!(runs, [(b, 0, 1), (a, 1, 3), (b, 4, 1), (c, 5, 1)]);
    }
}
