//! The format of a journal on disk: a magic number, a header, and frames with a length and a
//! checksum each.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::TablesError;

const MAGIC: &[u8; 8] = b"lswjrnl3";
/// A frame has rows of a few hundred functions; a greater length means that the file is damaged.
const MOST_FRAME_BYTES: u32 = 1 << 30;
/// A header has a few kilobytes; if more than this follows and cannot be read, rows would be lost
/// with it.
const MOST_HEADER_BYTES: u64 = 1 << 20;
/// Length and checksum.
const FRAME_OVERHEAD: usize = 8;

/// A frame's head, before its rows and its note.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FrameHead {
    pub(super) unit: String,
    /// The part of the unit.
    pub(super) part: String,
    /// Frames of an unfinished part belong together if the same process wrote them.
    pub(super) session: u64,
    pub(super) ends: Ends,
    /// The tables, in the order in which their rows follow.
    pub(super) tables: Vec<TableHead>,
    /// The number of bytes of the note that follows the rows.
    pub(super) note: u32,
}

/// The rows of one table in a frame.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TableHead {
    pub(super) name: String,
    pub(super) rows: u64,
    pub(super) bytes: u32,
    /// Whether they replace all rows of the unit in this table.
    pub(super) replaces: bool,
}

/// What ends with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ends {
    /// Other frames of its part follow.
    Nothing,
    /// Its part is finished with it.
    Part,
    /// Its unit is complete with it.
    Unit,
}

/// The first bytes of a journal with this header.
pub(super) fn beginning(header: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = MAGIC.to_vec();
    bytes.append(&mut frame(header)?);
    Some(bytes)
}

/// A frame's bytes, and the offset of its rows. `None` if it would be too large.
pub(super) fn encode<'a>(
    head: &FrameHead,
    tables: impl Iterator<Item = &'a [u8]>,
    note: &[u8],
) -> Result<Option<(Vec<u8>, u64)>, TablesError> {
    let mut payload = postcard::to_stdvec(head)?;
    let rows_at = (FRAME_OVERHEAD + payload.len()) as u64;
    tables.for_each(|bytes| payload.extend_from_slice(bytes));
    payload.extend_from_slice(note);
    Ok(frame(&payload).map(|bytes| (bytes, rows_at)))
}

/// A frame's head, and its length in bytes.
pub(super) fn decode(payload: &[u8]) -> Result<(FrameHead, u64), TablesError> {
    let (head, rest) = postcard::take_from_bytes(payload)?;
    Ok((head, (payload.len() - rest.len()) as u64))
}

fn frame(payload: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(payload.len())
        .ok()
        .filter(|length| *length <= MOST_FRAME_BYTES)?;
    let mut out = Vec::with_capacity(payload.len() + FRAME_OVERHEAD);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(payload).to_le_bytes());
    out.extend_from_slice(payload);
    Some(out)
}

/// Distinguishes this process's frames from those of an earlier one.
pub(super) fn session() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "any number that differs from the earlier one is fine"
    )]
    let nanos = now.as_nanos() as u64;
    nanos ^ (u64::from(std::process::id()) << 40)
}

/// A journal's header as it is written; `None` if there is no journal, or its header is incomplete.
pub(super) fn header_of(path: &Path) -> Result<Option<Vec<u8>>, TablesError> {
    match File::open(path) {
        Ok(file) => FrameReader::new(file, path)?.header(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TablesError::file("open", path, source)),
    }
}

/// Reads complete frames from the start, and knows up to where the file is valid.
pub(super) struct FrameReader {
    pub(super) file: File,
    path: PathBuf,
    pub(super) good: u64,
    length: u64,
}

impl FrameReader {
    pub(super) fn new(mut file: File, path: &Path) -> Result<Self, TablesError> {
        let length = file
            .metadata()
            .map_err(|source| TablesError::file("read", path, source))?
            .len();
        let mut magic = [0; MAGIC.len()];
        let begun = file.read_exact(&mut magic).is_ok();
        // A file that is too short for that was just created.
        if begun && &magic != MAGIC {
            return Err(TablesError::Damaged {
                path: path.to_owned(),
                reason: "it does not begin like a journal of this version".to_owned(),
            });
        }
        Ok(Self {
            file,
            path: path.to_owned(),
            good: (MAGIC.len() as u64).min(length),
            length,
        })
    }

    /// The first frame; `None` if the process that started the journal was killed before it had
    /// written it.
    pub(super) fn header(&mut self) -> Result<Option<Vec<u8>>, TablesError> {
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

    /// The next complete frame and the offset of its payload; `None` at the end, or if the rest is
    /// incomplete.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Vec<u8>)>, TablesError> {
        let overhead = FRAME_OVERHEAD as u64;
        let left = self.length - self.good;
        if left < overhead {
            return Ok(None);
        }
        let mut head = [0; FRAME_OVERHEAD];
        self.file
            .read_exact(&mut head)
            .map_err(|source| TablesError::file("read", &self.path, source))?;
        let [a, b, c, d, e, f, g, h] = head;
        let (length, checksum) = (
            u32::from_le_bytes([a, b, c, d]),
            u32::from_le_bytes([e, f, g, h]),
        );
        if u64::from(length) > left - overhead || length > MOST_FRAME_BYTES {
            return Ok(None);
        }
        let mut payload = vec![0; length as usize];
        self.file
            .read_exact(&mut payload)
            .map_err(|source| TablesError::file("read", &self.path, source))?;
        if crc32fast::hash(&payload) != checksum {
            return Ok(None);
        }
        let offset = self.good + overhead;
        self.good = offset + u64::from(length);
        Ok(Some((offset, payload)))
    }
}
