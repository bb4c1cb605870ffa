//! The journal of a running scan: one file to which each unit's rows are appended when it is read,
//! so that a scan that was killed goes on with the units that are missing.
//!
//! The file is a header and then frames. A frame has a length, a checksum, a head that says which
//! unit's rows of which tables follow, and the rows. A unit may write several frames; it counts
//! only once a frame says that it is complete. A frame may stand in place of rows that came before
//! it. What a crash left half-written at the end is cut off when the journal is opened again. Data
//! reaches the disk at most a second after it was written: losing that second to a power cut costs
//! the units of that second, nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lambdasweep_model::ScanId;
use polars::prelude::{BooleanChunked, DataFrame};
use serde::{Deserialize, Serialize};

use crate::batch::{Batch, EncodedTable, decode_rows, table};
use crate::{Kind, Row, SCHEMA_VERSION, TABLES, Table, TablesError, Unit};

const MAGIC: &[u8; 8] = b"lswjrnl2";
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// A frame holds rows of a few hundred functions; a length beyond this is damage.
const MOST_FRAME_BYTES: u32 = 1 << 30;
/// A header is a request of a few kilobytes; where more than this follows and cannot be read, rows
/// would be lost with it.
const MOST_HEADER_BYTES: u64 = 1 << 20;

/// What a journal is about: its first frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHeader {
    /// The scan.
    pub scan_id: ScanId,
    /// The version of the tables; a journal of another version cannot be resumed.
    pub schema_version: u32,
    /// The version of lambdasweep that began the scan.
    pub tool_version: String,
    /// When the scan began, RFC 3339 in UTC.
    pub started_at: String,
    /// The account whose credentials it began with.
    #[serde(default)]
    pub account_id: String,
    /// What the scan was asked to read.
    pub request: serde_json::Value,
    /// Options of the command line that hold when the scan goes on, unless they are given anew:
    /// values by name. They are not published.
    #[serde(default)]
    pub options: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FrameHead {
    unit: String,
    /// Frames of one unit belong together where they were written by the same process.
    session: u64,
    complete: bool,
    /// Whether its rows stand in place of all that the unit's earlier frames have in these tables.
    replaces: bool,
    /// Table, rows, and bytes of its rows, in the order in which they follow.
    tables: Vec<(String, u64, u32)>,
}

/// What a frame is to its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// Others follow.
    More,
    /// The unit is complete with it.
    Last,
    /// It stands in place of earlier rows; others follow.
    Replacing,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    table: &'static str,
    rows: u64,
    offset: u64,
    bytes: u32,
}

#[derive(Debug, Default)]
struct UnitIndex {
    complete: bool,
    session: u64,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    end: u64,
    synced: Instant,
    units: BTreeMap<Unit, UnitIndex>,
}

/// The journal of one scan. It is locked while it is open: no second process can go on with the
/// same scan.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    path: PathBuf,
    header: JournalHeader,
    session: u64,
    inner: Mutex<Inner>,
}

fn folder_of(root: &Path, scan_id: &ScanId) -> PathBuf {
    root.join("_journal").join(scan_id.as_str())
}

impl Journal {
    /// Begins the journal of a new scan.
    ///
    /// # Errors
    /// Where the scan id is taken, by a published scan or by an unfinished one, or the file cannot
    /// be written.
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
        let file = opened.map_err(|source| TablesError::file("create", &path, source))?;
        lock(&file, &path)?;
        // What a process left that was killed before it wrote the header is no scan.
        if header_of(&path)?.is_some() {
            return Err(TablesError::ScanUnfinished {
                scan_id: header.scan_id.clone(),
                root: root.to_owned(),
            });
        }
        file.set_len(0)
            .map_err(|source| TablesError::file("shorten", &path, source))?;
        let mut inner = Inner {
            file,
            end: 0,
            synced: Instant::now(),
            units: BTreeMap::new(),
        };
        let head = serde_json::to_vec(header).map_err(|error| TablesError::Damaged {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        let mut bytes = MAGIC.to_vec();
        frame(&mut bytes, &head);
        inner.write(&bytes, &path)?;
        inner.sync(&path)?;
        Ok(Self {
            folder,
            path,
            header: header.clone(),
            session: session(),
            inner: Mutex::new(inner),
        })
    }

    /// Opens the journal of an unfinished scan, and cuts off what a crash left half-written at its
    /// end.
    ///
    /// # Errors
    /// Where there is none, another process has it open, it was written by another version, or it
    /// is damaged before its end.
    pub fn open(root: &Path, scan_id: &ScanId) -> Result<Self, TablesError> {
        let folder = folder_of(root, scan_id);
        let path = folder.join("journal");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound
                    if crate::publish::manifest_path(root, scan_id).exists() =>
                {
                    TablesError::ScanExists {
                        scan_id: scan_id.clone(),
                        root: root.to_owned(),
                    }
                }
                std::io::ErrorKind::NotFound => TablesError::NothingToResume {
                    scan_id: scan_id.clone(),
                    root: root.to_owned(),
                },
                _ => TablesError::file("open", &path, source),
            })?;
        lock(&file, &path)?;
        let damaged = |reason: &str| TablesError::Damaged {
            path: path.clone(),
            reason: reason.to_owned(),
        };
        let mut reader = FrameReader::new(file, &path)?;
        let head = reader
            .header()?
            .ok_or_else(|| TablesError::NothingToResume {
                scan_id: scan_id.clone(),
                root: root.to_owned(),
            })?;
        let header: JournalHeader =
            serde_json::from_slice(&head).map_err(|_| damaged("its header cannot be read"))?;
        if header.schema_version != SCHEMA_VERSION {
            return Err(TablesError::OtherVersion {
                path,
                found: header.schema_version,
                wanted: SCHEMA_VERSION,
            });
        }
        let mut units: BTreeMap<Unit, UnitIndex> = BTreeMap::new();
        while let Some((offset, bytes)) = reader.next()? {
            let (head, rest): (FrameHead, &[u8]) =
                postcard::take_from_bytes(&bytes).map_err(|_| damaged("a frame cannot be read"))?;
            let unit: Unit = head
                .unit
                .parse()
                .map_err(|_| damaged("a frame names no unit"))?;
            let index = units.entry(unit).or_default();
            if !index.complete {
                index
                    .add(&head, offset + (bytes.len() - rest.len()) as u64)
                    .ok_or_else(|| damaged("a frame names no table of this version"))?;
            }
        }
        // Units that were begun and not completed are read again.
        units.retain(|_, index| index.complete);
        let end = reader.good;
        let file = reader.file;
        file.set_len(end)
            .map_err(|source| TablesError::file("shorten", &path, source))?;
        let inner = Inner {
            file,
            end,
            synced: Instant::now(),
            units,
        };
        Ok(Self {
            folder,
            path,
            header,
            session: session(),
            inner: Mutex::new(inner),
        })
    }

    /// The scans below a root that were begun and not published, oldest first.
    ///
    /// # Errors
    /// Where the folder cannot be read.
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

    /// What the journal is about.
    pub fn header(&self) -> &JournalHeader {
        &self.header
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends some of a unit's rows; they count once [`Journal::complete`] is called for the unit.
    ///
    /// Rows of one part are sorted; parts stand in the order in which they came.
    ///
    /// # Errors
    /// Where the rows cannot be encoded or written.
    pub fn append(&self, unit: &Unit, batch: Batch) -> Result<(), TablesError> {
        self.write(unit, &batch.encode()?, Frame::More)
    }

    /// Appends the last of a unit's rows, and says that the unit is complete.
    ///
    /// # Errors
    /// Where the rows cannot be encoded or written.
    pub fn complete(&self, unit: &Unit, batch: Batch) -> Result<(), TablesError> {
        self.write(unit, &batch.encode()?, Frame::Last)
    }

    /// Takes back all rows of a unit whose column of that name has one of these values, in every
    /// table that has the column.
    ///
    /// # Errors
    /// Where the rows cannot be read, encoded or written.
    pub fn retract(
        &self,
        unit: &Unit,
        column: &str,
        values: &BTreeSet<String>,
    ) -> Result<(), TablesError> {
        if values.is_empty() {
            return Ok(());
        }
        let mut tables = Vec::new();
        let concerned = TABLES.iter().filter(|table| {
            table
                .columns
                .iter()
                .any(|it| it.name == column && it.kind == Kind::Text)
        });
        for table in concerned.filter(|table| self.row_count(table.name, unit) > 0) {
            let frame = self.frame(table, std::slice::from_ref(unit))?;
            let cells = frame.column(column)?.str()?;
            let kept: BooleanChunked = cells
                .iter()
                .map(|cell| cell.is_none_or(|cell| !values.contains(cell)))
                .collect();
            let left = frame.filter(&kept)?;
            if left.height() < frame.height() {
                tables.push((table.name, left.height() as u64, (table.encode)(&left)?));
            }
        }
        if tables.is_empty() {
            Ok(())
        } else {
            self.write(unit, &tables, Frame::Replacing)
        }
    }

    fn write(
        &self,
        unit: &Unit,
        tables: &[EncodedTable],
        frame_is: Frame,
    ) -> Result<(), TablesError> {
        let too_large = || TablesError::Damaged {
            path: self.path.clone(),
            reason: "a unit's rows are too many for one frame".to_owned(),
        };
        let head = FrameHead {
            unit: unit.to_string(),
            session: self.session,
            complete: frame_is == Frame::Last,
            replaces: frame_is == Frame::Replacing,
            tables: tables
                .iter()
                .map(|(name, rows, bytes)| {
                    Ok((
                        (*name).to_owned(),
                        *rows,
                        u32::try_from(bytes.len()).map_err(|_| too_large())?,
                    ))
                })
                .collect::<Result<_, TablesError>>()?,
        };
        let mut payload = postcard::to_stdvec(&head)?;
        let head_bytes = payload.len() as u64;
        for (_, _, bytes) in tables {
            payload.extend_from_slice(bytes);
        }
        if payload.len() > MOST_FRAME_BYTES as usize {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(payload.len() + 8);
        frame(&mut bytes, &payload);
        let mut inner = self.inner();
        let rows_at = inner.end + 8 + head_bytes;
        inner.write(&bytes, &self.path)?;
        inner
            .units
            .entry(unit.clone())
            .or_default()
            .add(&head, rows_at);
        if inner.synced.elapsed() >= SYNC_EVERY {
            inner.sync(&self.path)?;
        }
        Ok(())
    }

    /// Sees to it that everything that was written is on the disk.
    ///
    /// # Errors
    /// Where it cannot be written there.
    pub fn sync(&self) -> Result<(), TablesError> {
        self.inner().sync(&self.path)
    }

    /// Whether a unit is complete.
    pub fn contains(&self, unit: &Unit) -> bool {
        self.inner()
            .units
            .get(unit)
            .is_some_and(|index| index.complete)
    }

    /// The complete units, in order.
    pub fn units(&self) -> Vec<Unit> {
        self.inner()
            .units
            .iter()
            .filter(|(_, index)| index.complete)
            .map(|(unit, _)| unit.clone())
            .collect()
    }

    /// How many rows of a table a unit has.
    pub fn row_count(&self, table: &str, unit: &Unit) -> u64 {
        self.inner().units.get(unit).map_or(0, |index| {
            index
                .parts
                .iter()
                .filter(|part| part.table == table)
                .map(|part| part.rows)
                .sum()
        })
    }

    /// A unit's rows of one type.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn rows<R: Row>(&self, unit: &Unit) -> Result<Vec<R>, TablesError> {
        let mut rows = Vec::new();
        for part in self.parts(R::TABLE.name, unit)? {
            rows.append(&mut decode_rows(&part)?);
        }
        Ok(rows)
    }

    /// A table's rows of these units, in the units' order.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn frame(&self, table: &Table, units: &[Unit]) -> Result<DataFrame, TablesError> {
        let mut parts = Vec::new();
        for unit in units {
            parts.append(&mut self.parts(table.name, unit)?);
        }
        (table.decode)(&parts)
    }

    fn parts(&self, table: &str, unit: &Unit) -> Result<Vec<Vec<u8>>, TablesError> {
        let mut inner = self.inner();
        let wanted: Vec<Part> = inner
            .units
            .get(unit)
            .map(|index| {
                index
                    .parts
                    .iter()
                    .filter(|part| part.table == table)
                    .copied()
                    .collect()
            })
            .unwrap_or_default();
        wanted
            .into_iter()
            .map(|part| inner.read(part, &self.path))
            .collect()
    }

    /// Removes the journal, once its scan is published.
    ///
    /// # Errors
    /// Where the files cannot be removed.
    pub fn remove(self) -> Result<(), TablesError> {
        let folder = self.folder.clone();
        drop(self);
        std::fs::remove_dir_all(&folder)
            .map_err(|source| TablesError::file("remove", &folder, source))
    }
}

impl UnitIndex {
    /// Adds a frame's parts; frames of another session are what a killed process left, and start
    /// the unit over.
    fn add(&mut self, head: &FrameHead, mut offset: u64) -> Option<()> {
        if self.session != head.session {
            *self = Self {
                session: head.session,
                ..Self::default()
            };
        }
        if head.replaces {
            self.parts
                .retain(|part| head.tables.iter().all(|(name, ..)| name != part.table));
        }
        for (name, rows, bytes) in &head.tables {
            self.parts.push(Part {
                table: table(name)?.name,
                rows: *rows,
                offset,
                bytes: *bytes,
            });
            offset += u64::from(*bytes);
        }
        self.complete |= head.complete;
        Some(())
    }
}

impl Inner {
    fn write(&mut self, bytes: &[u8], path: &Path) -> Result<(), TablesError> {
        let written = self
            .file
            .seek(SeekFrom::Start(self.end))
            .and_then(|_| self.file.write_all(bytes));
        written.map_err(|source| TablesError::file("write", path, source))?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn read(&mut self, part: Part, path: &Path) -> Result<Vec<u8>, TablesError> {
        let mut bytes = vec![0; part.bytes as usize];
        let read = self
            .file
            .seek(SeekFrom::Start(part.offset))
            .and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(|source| TablesError::file("read", path, source))?;
        Ok(bytes)
    }

    fn sync(&mut self, path: &Path) -> Result<(), TablesError> {
        self.file
            .sync_data()
            .map_err(|source| TablesError::file("write", path, source))?;
        self.synced = Instant::now();
        Ok(())
    }
}

/// A journal's header as it is written; nothing where there is no journal, or none whose header
/// came to be written whole.
fn header_of(path: &Path) -> Result<Option<Vec<u8>>, TablesError> {
    match File::open(path) {
        Ok(file) => FrameReader::new(file, path)?.header(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TablesError::file("open", path, source)),
    }
}

fn lock(file: &File, path: &Path) -> Result<(), TablesError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => TablesError::InUse {
            path: path.to_owned(),
        },
        TryLockError::Error(source) => TablesError::file("lock", path, source),
    })
}

fn frame(out: &mut Vec<u8>, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(payload).to_le_bytes());
    out.extend_from_slice(payload);
}

/// Tells this process' frames from those of an earlier one.
fn session() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "any number that is not the earlier one will do"
    )]
    let nanos = now.as_nanos() as u64;
    nanos ^ (u64::from(std::process::id()) << 40)
}

/// Reads whole frames from the start, and knows how far the file is good.
struct FrameReader {
    file: File,
    path: PathBuf,
    good: u64,
    length: u64,
}

impl FrameReader {
    fn new(mut file: File, path: &Path) -> Result<Self, TablesError> {
        let length = file
            .metadata()
            .map_err(|source| TablesError::file("read", path, source))?
            .len();
        let mut magic = [0; MAGIC.len()];
        let begun = file.read_exact(&mut magic).is_ok();
        // A file that is too short for that is one that was just made.
        if begun && &magic != MAGIC {
            return Err(TablesError::Damaged {
                path: path.to_owned(),
                reason: "it does not begin as a journal does".to_owned(),
            });
        }
        Ok(Self {
            file,
            path: path.to_owned(),
            good: (MAGIC.len() as u64).min(length),
            length,
        })
    }

    /// The first frame; nothing where the process that began the journal was killed before it had
    /// written it.
    fn header(&mut self) -> Result<Option<Vec<u8>>, TablesError> {
        let left = self.length - self.good;
        match self.next()? {
            Some((_, header)) => Ok(Some(header)),
            None if left <= MOST_HEADER_BYTES => Ok(None),
            None => Err(TablesError::Damaged {
                path: self.path.clone(),
                reason: "its header cannot be read".to_owned(),
            }),
        }
    }

    /// The next whole frame and where its payload starts; nothing at the end, or where what follows
    /// is torn.
    fn next(&mut self) -> Result<Option<(u64, Vec<u8>)>, TablesError> {
        let left = self.length - self.good;
        if left < 8 {
            return Ok(None);
        }
        let mut head = [0; 8];
        self.file
            .read_exact(&mut head)
            .map_err(|source| TablesError::file("read", &self.path, source))?;
        let [a, b, c, d, e, f, g, h] = head;
        let (length, checksum) = (
            u32::from_le_bytes([a, b, c, d]),
            u32::from_le_bytes([e, f, g, h]),
        );
        if u64::from(length) > left - 8 || length > MOST_FRAME_BYTES {
            return Ok(None);
        }
        let mut payload = vec![0; length as usize];
        self.file
            .read_exact(&mut payload)
            .map_err(|source| TablesError::file("read", &self.path, source))?;
        if crc32fast::hash(&payload) != checksum {
            return Ok(None);
        }
        let offset = self.good + 8;
        self.good = offset + u64::from(length);
        Ok(Some((offset, payload)))
    }
}
