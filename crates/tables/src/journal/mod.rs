//! The journal of a running scan: one file to which rows are appended as they are read, so that a
//! scan that was killed can be resumed.
//!
//! Each [`Unit`] is read in **parts**: a bulk reading, a group of functions. A part may write
//! several frames, and counts once the last of them is written; a part that a killed process left
//! unfinished is read again from its beginning. A finished part may have a **note**: what its
//! reader has to know to continue after it. A unit is complete when its reader says so, and only
//! complete units are published.
//!
//! The file is a header and then frames. A frame has a length, a checksum, a head that says which
//! part's rows of which tables follow, and the rows. A frame that a crash left incomplete at the
//! end is removed when the journal is opened again. Data reaches the disk at most a second after it
//! was written: a power cut costs only the parts of that second.

mod frame;
mod index;
mod open;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use lambdasweep_model::ScanId;
use polars::prelude::{BooleanChunked, DataFrame};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use self::frame::{Ends, FrameHead, FrameReader, TableHead, header_of};
use self::index::{Piece, UnitIndex};
use self::open::{lock, not_opened, read_index};
use self::writer::{Index, Writer};
use crate::batch::{Batch, EncodedTable, Pieces, decode_rows};
use crate::{Kind, Row, SCHEMA_VERSION, TABLES, Table, TablesError, Unit};

/// The name of the part with the last rows of a unit.
const LAST: &str = "last";

/// The description of a journal: its first frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHeader {
    /// The scan.
    pub scan_id: ScanId,
    /// The version of the tables; a journal of another version cannot be resumed.
    pub schema_version: u32,
    /// The version of lambdasweep that started the scan.
    pub tool_version: String,
    /// When the scan started, RFC 3339 in UTC.
    pub started_at: String,
    /// The account of the credentials that it was started with.
    #[serde(default)]
    pub account_id: String,
    /// The scan's request.
    pub request: serde_json::Value,
    /// Command-line options that apply when the scan is resumed, unless they are given again:
    /// values by name. They are not published.
    #[serde(default)]
    pub options: BTreeMap<String, Vec<String>>,
}

/// The journal of one scan. It is locked while it is open, so that no second process can continue
/// the same scan.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    path: PathBuf,
    header: JournalHeader,
    session: u64,
    index: Arc<Index>,
    /// For reading only; the writer has its own.
    reader: Mutex<File>,
    writer: Writer,
}

/// Rows to remove from a unit when it is completed: those whose column of that name has one of
/// these values, in every table that has the column.
#[derive(Debug, Clone, Copy)]
pub struct Retraction<'a> {
    /// The column.
    pub column: &'static str,
    /// The values.
    pub values: &'a BTreeSet<String>,
}

/// A table in a frame, and whether it replaces the unit's rows in it.
type FrameTable = (EncodedTable, bool);

fn folder_of(root: &Path, scan_id: &ScanId) -> PathBuf {
    root.join("_journal").join(scan_id.as_str())
}

impl Journal {
    /// Starts the journal of a new scan.
    ///
    /// # Errors
    /// If the scan id is used by a published or an unfinished scan, or the file cannot be written.
    pub fn create(root: &Path, header: &JournalHeader) -> Result<Self, TablesError> {
        if crate::publish::manifest_path(root, &header.scan_id).exists() {
            return Err(TablesError::ScanExists {
                scan_id: header.scan_id.clone(),
                root: root.to_owned(),
            });
        }
        let folder = folder_of(root, &header.scan_id);
        let path = folder.join("journal");
        std::fs::create_dir_all(&folder)
            .map_err(|source| TablesError::file("create", &folder, source))?;
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let mut file = opened.map_err(|source| TablesError::file("create", &path, source))?;
        lock(&file, &path)?;
        // A file of a process that was killed before it wrote the header is not a scan.
        if header_of(&path)?.is_some() {
            return Err(TablesError::ScanUnfinished {
                scan_id: header.scan_id.clone(),
                root: root.to_owned(),
            });
        }
        file.set_len(0)
            .map_err(|source| TablesError::file("shorten", &path, source))?;
        let damaged = |reason: &str| TablesError::Damaged {
            path: path.clone(),
            reason: reason.to_owned(),
        };
        let head = serde_json::to_vec(header).map_err(|error| damaged(&error.to_string()))?;
        let bytes = frame::beginning(&head).ok_or_else(|| damaged("its header is too large"))?;
        file.write_all(&bytes)
            .and_then(|()| file.sync_data())
            .map_err(|source| TablesError::file("write", &path, source))?;
        Self::start(
            folder,
            path,
            header.clone(),
            file,
            bytes.len() as u64,
            BTreeMap::new(),
        )
    }

    /// Opens the journal of an unfinished scan, and removes a frame that a crash left incomplete at
    /// its end.
    ///
    /// # Errors
    /// If there is none, another process has it open, it was written by another version, or it is
    /// damaged before its end.
    pub fn open(root: &Path, scan_id: &ScanId) -> Result<Self, TablesError> {
        let folder = folder_of(root, scan_id);
        let path = folder.join("journal");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|source| not_opened(root, scan_id, &path, source))?;
        lock(&file, &path)?;
        let mut reader = FrameReader::new(file, &path)?;
        let head = reader
            .header()?
            .ok_or_else(|| TablesError::NothingToResume {
                scan_id: scan_id.clone(),
                root: root.to_owned(),
            })?;
        let header: JournalHeader =
            serde_json::from_slice(&head).map_err(|_| TablesError::Damaged {
                path: path.clone(),
                reason: "its header cannot be read".to_owned(),
            })?;
        if header.schema_version != SCHEMA_VERSION {
            return Err(TablesError::OtherVersion {
                path,
                found: header.schema_version,
                wanted: SCHEMA_VERSION,
            });
        }
        let units = read_index(&mut reader, &path)?;
        let (file, end) = (reader.file, reader.good);
        file.set_len(end)
            .map_err(|source| TablesError::file("shorten", &path, source))?;
        Self::start(folder, path, header, file, end, units)
    }

    fn start(
        folder: PathBuf,
        path: PathBuf,
        header: JournalHeader,
        file: File,
        end: u64,
        units: BTreeMap<Unit, UnitIndex>,
    ) -> Result<Self, TablesError> {
        let index = Index::of(units);
        let reader =
            File::open(&path).map_err(|source| TablesError::file("open", &path, source))?;
        Ok(Self {
            writer: Writer::start(file, path.clone(), end, &index)?,
            reader: Mutex::new(reader),
            session: frame::session(),
            folder,
            path,
            header,
            index,
        })
    }

    /// The scans below a root that were started and not published, oldest first.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn unfinished(root: &Path) -> Result<Vec<ScanId>, TablesError> {
        let folder = root.join("_journal");
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(TablesError::file("read", &folder, source)),
        };
        let mut ids: Vec<ScanId> = entries
            .filter_map(Result::ok)
            .filter(|entry| {
                matches!(
                    header_of(&entry.path().join("journal")),
                    Ok(Some(_)) | Err(TablesError::Damaged { .. })
                )
            })
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// The journal's description.
    pub fn header(&self) -> &JournalHeader {
        &self.header
    }

    /// Appends rows of a part of a unit; they count after the part is finished or the unit is
    /// complete.
    ///
    /// # Errors
    /// If the rows cannot be encoded or written.
    pub async fn append(&self, unit: &Unit, part: &str, batch: Batch) -> Result<(), TablesError> {
        let tables = added(batch.encode()?);
        self.write(unit, part, &tables, &[], Ends::Nothing).await
    }

    /// Appends the last rows of a part with a note: what its reader has to know to continue after
    /// it. Both count from now on.
    ///
    /// # Errors
    /// If they cannot be encoded or written.
    pub async fn finish<N: Serialize>(
        &self,
        unit: &Unit,
        part: &str,
        batch: Batch,
        note: &N,
    ) -> Result<(), TablesError> {
        let note = postcard::to_stdvec(note)?;
        let note = zstd::bulk::compress(&note, 1).map_err(TablesError::Compression)?;
        let tables = added(batch.encode()?);
        self.write(unit, part, &tables, &note, Ends::Part).await
    }

    /// Appends the last rows of a unit, removes the rows to retract, and marks the unit as
    /// complete.
    ///
    /// # Errors
    /// If rows cannot be read, encoded or written.
    pub async fn complete(
        &self,
        unit: &Unit,
        batch: Batch,
        retraction: Option<Retraction<'_>>,
    ) -> Result<(), TablesError> {
        let mut tables = match retraction {
            Some(retraction) if !retraction.values.is_empty() => self.without(unit, retraction)?,
            _ => Vec::new(),
        };
        tables.append(&mut added(batch.encode()?));
        self.write(unit, LAST, &tables, &[], Ends::Unit).await
    }

    /// The tables that have rows to retract, without these.
    fn without(
        &self,
        unit: &Unit,
        retraction: Retraction<'_>,
    ) -> Result<Vec<FrameTable>, TablesError> {
        let mut tables = Vec::new();
        let concerned = TABLES.iter().filter(|table| {
            table
                .columns
                .iter()
                .any(|it| it.name == retraction.column && it.kind == Kind::Text)
        });
        for table in concerned.filter(|table| self.row_count(table.name, unit) > 0) {
            let frame = self.frame(table, std::slice::from_ref(unit))?;
            let cells = frame.column(retraction.column)?.str()?;
            let kept: BooleanChunked = cells
                .iter()
                .map(|cell| cell.is_none_or(|cell| !retraction.values.contains(cell)))
                .collect();
            let left = frame.filter(&kept)?;
            if left.height() < frame.height() {
                let encoded = (table.name, left.height() as u64, (table.encode)(&left)?);
                tables.push((encoded, true));
            }
        }
        Ok(tables)
    }

    async fn write(
        &self,
        unit: &Unit,
        part: &str,
        tables: &[FrameTable],
        note: &[u8],
        ends: Ends,
    ) -> Result<(), TablesError> {
        let too_large = || TablesError::Damaged {
            path: self.path.clone(),
            reason: "a unit's rows are too many for one frame".to_owned(),
        };
        let head_of = |((name, rows, bytes), replaces): &FrameTable| {
            Some(TableHead {
                name: (*name).to_owned(),
                rows: *rows,
                bytes: u32::try_from(bytes.len()).ok()?,
                replaces: *replaces,
            })
        };
        let heads: Option<Vec<TableHead>> = tables.iter().map(head_of).collect();
        let head = FrameHead {
            unit: unit.to_string(),
            part: part.to_owned(),
            session: self.session,
            ends,
            tables: heads.ok_or_else(too_large)?,
            note: u32::try_from(note.len()).map_err(|_| too_large())?,
        };
        let rows = tables.iter().map(|((_, _, bytes), _)| &bytes[..]);
        let (bytes, rows_at) = frame::encode(&head, rows, note)?.ok_or_else(too_large)?;
        self.writer.write(unit.clone(), head, bytes, rows_at).await
    }

    /// Waits until everything that was written is on disk. Blocks the thread.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn sync(&self) -> Result<(), TablesError> {
        self.writer.sync()
    }

    /// Whether a unit is complete.
    pub fn contains(&self, unit: &Unit) -> bool {
        self.index
            .units()
            .get(unit)
            .is_some_and(|index| index.complete)
    }

    /// The finished parts of a unit that is not complete yet, by name.
    pub fn finished(&self, unit: &Unit) -> Vec<String> {
        self.index
            .units()
            .get(unit)
            .map_or_else(Vec::new, |index| index.finished().cloned().collect())
    }

    /// The note of a finished part of a unit that is not complete yet.
    ///
    /// # Errors
    /// If it cannot be read, or is not of that type.
    pub fn note<N: DeserializeOwned>(
        &self,
        unit: &Unit,
        part: &str,
    ) -> Result<Option<N>, TablesError> {
        let found = self
            .index
            .units()
            .get(unit)
            .and_then(|index| index.note(part));
        let Some((offset, length)) = found else {
            return Ok(None);
        };
        let note = crate::batch::decompress(&self.read(offset, length)?)
            .map_err(TablesError::Compression)?;
        Ok(Some(postcard::from_bytes(&note)?))
    }

    /// The complete units, in order.
    pub fn units(&self) -> Vec<Unit> {
        self.index
            .units()
            .iter()
            .filter(|(_, index)| index.complete)
            .map(|(unit, _)| unit.clone())
            .collect()
    }

    /// The units that have finished parts and are not complete yet, in order.
    pub fn begun(&self) -> Vec<Unit> {
        let units = self.index.units();
        let begun = units
            .iter()
            .filter(|(_, index)| !index.complete && index.finished().next().is_some());
        begun.map(|(unit, _)| unit.clone()).collect()
    }

    /// How many rows of a table a unit has.
    pub fn row_count(&self, table: &str, unit: &Unit) -> u64 {
        self.index
            .units()
            .get(unit)
            .map_or(0, |index| index.pieces(table).map(|piece| piece.rows).sum())
    }

    /// A unit's rows of one type, sorted.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn rows<R: Row>(&self, unit: &Unit) -> Result<Vec<R>, TablesError> {
        let mut rows = Vec::new();
        for piece in self.pieces(R::TABLE.name, unit)? {
            rows.append(&mut decode_rows(&piece)?);
        }
        rows.sort();
        Ok(rows)
    }

    /// A table's rows of these units, in the units' order and sorted within each: the order does
    /// not depend on when a part was read.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn frame(&self, table: &Table, units: &[Unit]) -> Result<DataFrame, TablesError> {
        let of_units = units.iter().map(|unit| self.pieces(table.name, unit));
        (table.decode)(&of_units.collect::<Result<Vec<_>, _>>()?)
    }

    fn pieces(&self, table: &str, unit: &Unit) -> Result<Pieces, TablesError> {
        let wanted: Vec<Piece> = self
            .index
            .units()
            .get(unit)
            .map_or_else(Vec::new, |index| index.pieces(table).collect());
        wanted
            .into_iter()
            .map(|piece| self.read(piece.offset, piece.bytes))
            .collect()
    }

    fn read(&self, offset: u64, length: u32) -> Result<Vec<u8>, TablesError> {
        let mut bytes = vec![0; length as usize];
        let mut file = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| file.read_exact(&mut bytes));
        read.map_err(|source| TablesError::file("read", &self.path, source))?;
        Ok(bytes)
    }

    /// Removes the journal after its scan was published.
    ///
    /// # Errors
    /// If the files cannot be removed.
    pub fn remove(self) -> Result<(), TablesError> {
        let folder = self.folder.clone();
        drop(self);
        std::fs::remove_dir_all(&folder)
            .map_err(|source| TablesError::file("remove", &folder, source))
    }
}

/// Tables whose rows are added to those of the unit.
fn added(tables: Vec<EncodedTable>) -> Vec<FrameTable> {
    tables.into_iter().map(|table| (table, false)).collect()
}
