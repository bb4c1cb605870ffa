//! Parquet files: written by Polars row group by row group, and verified with a second
//! implementation before they are published.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use parquet::basic::{LogicalType, Type as PhysicalType};
use parquet::file::reader::{FileReader, SerializedFileReader};
use polars::prelude::{CompatLevel, DataFrame, PolarsError};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{BatchedWriter, KeyValueMetadata, ParquetWriteOptions};
use sha2::{Digest, Sha256};

use crate::row_groups::row_groups;
use crate::{Kind, SCHEMA_VERSION, Table, TablesError};

/// Writes one table's file.
pub(crate) struct FileWriter {
    table: &'static Table,
    path: PathBuf,
    writer: BatchedWriter<BufWriter<Remembering>>,
    failure: Failure,
    rows: u64,
}

/// The error of the first failed write.
type Failure = Arc<Mutex<Option<std::io::Error>>>;

/// A file that remembers why it could not be written; Polars keeps at most the message.
struct Remembering {
    file: File,
    failure: Failure,
}

impl Remembering {
    fn noted<T>(&self, done: std::io::Result<T>) -> std::io::Result<T> {
        done.map_err(|error| {
            let kind = error.kind();
            self.failure
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert(error);
            kind.into()
        })
    }
}

impl Write for Remembering {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes);
        // Interrupted writes are retried by the caller.
        if written
            .as_ref()
            .is_err_and(|error| error.kind() == std::io::ErrorKind::Interrupted)
        {
            written
        } else {
            self.noted(written)
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let flushed = self.file.flush();
        self.noted(flushed)
    }
}

/// A file that was written and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrittenFile {
    pub(crate) table: &'static str,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl FileWriter {
    pub(crate) fn create(table: &'static Table, path: &Path) -> Result<Self, TablesError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| TablesError::file("create", folder, source))?;
        }
        let file =
            File::create(path).map_err(|source| TablesError::file("create", path, source))?;
        let options = ParquetWriteOptions {
            key_value_metadata: Some(KeyValueMetadata::from_static(documentation(table))),
            // Plain strings, which all engines can read.
            compat_level: Some(CompatLevel::oldest()),
            ..ParquetWriteOptions::default()
        };
        let failure = Failure::default();
        let file = Remembering {
            file,
            failure: Arc::clone(&failure),
        };
        let writer = options
            .to_writer(BufWriter::new(file))
            .batched(&table.schema())?;
        Ok(Self {
            table,
            path: path.to_owned(),
            writer,
            failure,
            rows: 0,
        })
    }

    /// Writes one row group.
    pub(crate) fn write(&mut self, frame: &DataFrame) -> Result<(), TablesError> {
        if frame.height() > 0 {
            row_groups(frame)
                .and_then(|groups| self.writer.write_row_groups(groups))
                .map_err(|error| self.failed(error))?;
            self.rows += frame.height() as u64;
        }
        Ok(())
    }

    /// The error for an error of Polars: if the file could not be written, the file and the cause.
    fn failed(&self, error: PolarsError) -> TablesError {
        match self
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            Some(source) => TablesError::file("write", &self.path, source),
            None => error.into(),
        }
    }

    /// Closes the file and reads it back.
    pub(crate) fn finish(mut self) -> Result<WrittenFile, TablesError> {
        if self.rows == 0 {
            // A table without rows still has its columns.
            self.writer
                .write_batch(&self.table.empty())
                .map_err(|error| self.failed(error))?;
        }
        self.writer.finish().map_err(|error| self.failed(error))?;
        drop(self.writer);
        let file = File::open(&self.path)
            .map_err(|source| TablesError::file("read", &self.path, source))?;
        file.sync_all()
            .map_err(|source| TablesError::file("write", &self.path, source))?;
        verify(self.table, &self.path, self.rows)?;
        let (bytes, sha256) = hash(&self.path)?;
        Ok(WrittenFile {
            table: self.table.name,
            rows: self.rows,
            bytes,
            sha256,
        })
    }
}

/// The file's metadata: the meaning of the table and of every column.
fn documentation(table: &Table) -> Vec<(String, String)> {
    let mut entries = vec![
        (
            "lambdasweep.schema_version".to_owned(),
            SCHEMA_VERSION.to_string(),
        ),
        ("lambdasweep.table".to_owned(), table.name.to_owned()),
        (
            "lambdasweep.description".to_owned(),
            table.doc.trim().to_owned(),
        ),
    ];
    entries.extend(table.columns.iter().map(|column| {
        (
            format!("lambdasweep.column.{}", column.name),
            column.doc.trim().to_owned(),
        )
    }));
    entries
}

/// Reads the footer with a different implementation than the one that wrote it.
fn verify(table: &Table, path: &Path, rows: u64) -> Result<(), TablesError> {
    let unverified = |reason: String| TablesError::Unverified {
        path: path.to_owned(),
        reason,
    };
    let file = File::open(path).map_err(|source| TablesError::file("read", path, source))?;
    let reader = SerializedFileReader::new(file).map_err(|error| unverified(error.to_string()))?;
    let metadata = reader.metadata().file_metadata();
    if u64::try_from(metadata.num_rows()).ok() != Some(rows) {
        return Err(unverified(format!(
            "{} rows instead of {rows}",
            metadata.num_rows()
        )));
    }
    let columns = metadata.schema_descr().columns();
    if columns.len() != table.columns.len() {
        return Err(unverified(format!(
            "{} columns instead of {}",
            columns.len(),
            table.columns.len()
        )));
    }
    for (found, declared) in columns.iter().zip(table.columns) {
        let fits = match declared.kind {
            Kind::Text => {
                found.physical_type() == PhysicalType::BYTE_ARRAY
                    && found.logical_type_ref() == Some(&LogicalType::String)
            }
            Kind::Integer => found.physical_type() == PhysicalType::INT64,
            Kind::Boolean => found.physical_type() == PhysicalType::BOOLEAN,
        };
        if found.name() != declared.name || !fits {
            return Err(unverified(format!(
                "column {} is not as declared",
                declared.name
            )));
        }
    }
    Ok(())
}

fn hash(path: &Path) -> Result<(u64, String), TablesError> {
    let mut file = File::open(path).map_err(|source| TablesError::file("read", path, source))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = 0;
    loop {
        let read = file
            .read(&mut buffer)
            .map_err(|source| TablesError::file("read", path, source))?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hasher.update(&buffer[..read]);
    }
    let digest = hasher.finalize();
    Ok((
        bytes,
        digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    ))
}

/// Reads a whole table file.
pub(crate) fn read(path: &Path) -> Result<DataFrame, TablesError> {
    let file = File::open(path).map_err(|source| TablesError::file("read", path, source))?;
    Ok(ParquetReader::new(file).finish()?)
}
