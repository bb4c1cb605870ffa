//! Looks up individual rows of a published scan without reading whole tables.

use std::fs::File;

use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::statistics::Statistics;
use polars::prelude::ChunkCompareEq;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

use crate::{Row, Scan, Table, TablesError};

impl Scan {
    /// The texts of one column; no other column is read.
    ///
    /// # Errors
    /// If the file cannot be read, or has no such text column.
    pub fn texts(&self, table: &Table, column: &str) -> Result<Vec<String>, TablesError> {
        let path = self.path_of(table);
        let file = File::open(&path).map_err(|source| TablesError::file("read", &path, source))?;
        let frame = ParquetReader::new(file)
            .with_columns(Some(vec![column.to_owned()]))
            .finish()?;
        Ok(frame
            .column(column)?
            .str()?
            .iter()
            .flatten()
            .map(str::to_owned)
            .collect())
    }

    /// The rows in which text columns have these values.
    ///
    /// Only row groups that may contain them are read: tables are sorted, and a group's statistics
    /// have its minimum and maximum.
    ///
    /// # Errors
    /// If the file cannot be read or lacks columns of the table, for example because another
    /// version published it.
    pub fn rows_where<R: Row>(&self, wanted: &[(&str, &str)]) -> Result<Vec<R>, TablesError> {
        let path = self.path_of(R::TABLE);
        let open = || File::open(&path).map_err(|source| TablesError::file("read", &path, source));
        let damaged = |reason: String| TablesError::Damaged {
            path: path.clone(),
            reason,
        };
        let reader =
            SerializedFileReader::new(open()?).map_err(|error| damaged(error.to_string()))?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let place = |name: &str| {
            let place = schema
                .columns()
                .iter()
                .position(|column| column.name() == name);
            place.ok_or_else(|| {
                damaged(format!(
                    "it has no column {name} because another version published the scan; scan again"
                ))
            })
        };
        R::TABLE
            .columns
            .iter()
            .try_for_each(|column| place(column.name).map(drop))?;
        let wanted = wanted
            .iter()
            .map(|(column, value)| Ok((place(column)?, *column, *value)))
            .collect::<Result<Vec<_>, TablesError>>()?;
        let mut rows = Vec::new();
        let mut offset = 0;
        for group in reader.metadata().row_groups() {
            let length = usize::try_from(group.num_rows()).unwrap_or_default();
            if length > 0
                && wanted
                    .iter()
                    .all(|(place, _, value)| may_hold(group, *place, value))
            {
                let mut frame = ParquetReader::new(open()?)
                    .with_slice(Some((offset, length)))
                    .finish()?;
                for (_, column, value) in &wanted {
                    let mask = frame.column(column)?.str()?.equal(*value);
                    frame = frame.filter(&mask)?;
                }
                rows.append(&mut R::rows(&frame)?);
            }
            offset += length;
        }
        Ok(rows)
    }
}

/// Whether a column of the row group may contain a value.
fn may_hold(group: &RowGroupMetaData, column: usize, value: &str) -> bool {
    let Some(Statistics::ByteArray(statistics)) = group.column(column).statistics() else {
        return true;
    };
    // Bounds may be truncated; a truncated one is still a bound, since the writer rounds the
    // maximum up.
    let begins = statistics
        .min_opt()
        .is_none_or(|bound| bound.data() <= value.as_bytes());
    let ends = statistics
        .max_opt()
        .is_none_or(|bound| bound.data() >= value.as_bytes());
    begins && ends
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lambdasweep_model::ScanId;

    use crate::{FunctionTagRow, ManifestInfo, Publication, RegionRow, Row, Scan};

    fn tag(account: &str, key: &str, value: Option<&str>) -> FunctionTagRow {
        FunctionTagRow {
            account_id: account.to_owned(),
            region: "eu-west-1".to_owned(),
            function_arn: format!("arn:aws:lambda:eu-west-1:{account}:function:f"),
            key: key.to_owned(),
            value: value.unwrap_or_default().to_owned(),
        }
    }

    async fn publish(
        root: &std::path::Path,
        id: &str,
        finished: &str,
        groups: &[Vec<FunctionTagRow>],
    ) {
        let id: ScanId = id.parse().expect("an id");
        let mut publication = Publication::begin(root, &id).expect("a folder");
        let mut writer = publication.writer(FunctionTagRow::TABLE).expect("a writer");
        for rows in groups {
            writer
                .write(&FunctionTagRow::frame(rows).expect("a frame"))
                .expect("written");
        }
        publication.add(writer).expect("verified");
        let info = ManifestInfo {
            tool_version: String::new(),
            started_at: String::new(),
            finished_at: finished.to_owned(),
            request: serde_json::Value::Null,
            coverage: BTreeMap::new(),
            findings: BTreeMap::new(),
        };
        publication.finish(info).await.expect("published");
    }

    #[test]
    fn rows_are_found_in_whichever_group_they_are() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let root = tempfile::tempdir().expect("a folder");
        // Longer than the statistics keep, and alike up to the end.
        let long = |end: &str| format!("{}{end}", "k".repeat(300));
        let groups = [
            vec![
                tag("111111111111", "a", Some("1")),
                tag("111111111111", &long("1"), Some("2")),
            ],
            vec![
                tag("222222222222", "a", Some("3")),
                tag("222222222222", &long("2"), Some("4")),
            ],
            vec![
                tag("222222222222", &long("3"), Some("5")),
                tag("333333333333", "ä", Some("6")),
            ],
        ];
        runtime.block_on(publish(root.path(), "zzz", "2026-11-24T10:00:00Z", &groups));
        runtime.block_on(publish(root.path(), "aaa", "2026-11-25T10:00:00Z", &[]));
        let newest = Scan::newest(root.path())
            .expect("readable")
            .expect("a scan");
        assert_eq!(
            newest.manifest().scan_id.as_str(),
            "aaa",
            "the id does not tell which is the newest"
        );
        assert!(
            newest
                .rows_where::<FunctionTagRow>(&[("key", "a")])
                .expect("rows")
                .is_empty()
        );
        assert!(newest.has(FunctionTagRow::TABLE) && !newest.has(RegionRow::TABLE));

        let scan = Scan::open(root.path(), &"zzz".parse().expect("an id")).expect("a scan");
        let found = |wanted: &[(&str, &str)]| -> Vec<String> {
            scan.rows_where::<FunctionTagRow>(wanted)
                .expect("rows")
                .into_iter()
                .map(|row| row.value)
                .collect()
        };
        assert_eq!(found(&[("key", "a")]), ["1", "3"]);
        assert_eq!(found(&[("account_id", "222222222222")]), ["3", "4", "5"]);
        assert_eq!(
            found(&[("account_id", "222222222222"), ("key", &long("3"))]),
            ["5"]
        );
        assert_eq!(found(&[("key", "ä")]), ["6"]);
        assert_eq!(found(&[("key", "b")]), [""; 0]);
        assert!(
            scan.rows_where::<FunctionTagRow>(&[("colour", "b")])
                .is_err()
        );
        let all: Vec<FunctionTagRow> = groups.concat();
        assert_eq!(
            FunctionTagRow::rows(&FunctionTagRow::frame(&all).expect("a frame")).expect("rows"),
            all
        );
    }
}
