//! Opens the journal of an unfinished scan.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;

use lambdasweep_model::ScanId;

use super::frame::{self, FrameReader};
use super::index::UnitIndex;
use crate::{TablesError, Unit};

/// Finds the positions of the rows that count.
pub(super) fn read_index(
    reader: &mut FrameReader,
    path: &Path,
) -> Result<BTreeMap<Unit, UnitIndex>, TablesError> {
    let damaged = |reason: &str| TablesError::Damaged {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let mut units: BTreeMap<Unit, UnitIndex> = BTreeMap::new();
    while let Some((offset, payload)) = reader.next()? {
        let (head, head_bytes) =
            frame::decode(&payload).map_err(|_| damaged("a frame cannot be read"))?;
        let unit: Unit = head
            .unit
            .parse()
            .map_err(|_| damaged("a frame does not name a valid unit"))?;
        units
            .entry(unit)
            .or_default()
            .add(&head, offset + head_bytes)
            .ok_or_else(|| damaged("a frame names a table that this version does not have"))?;
    }
    units.retain(|_, index| index.drop_unfinished());
    Ok(units)
}

/// Why a journal could not be opened.
pub(super) fn not_opened(
    root: &Path,
    scan_id: &ScanId,
    path: &Path,
    source: std::io::Error,
) -> TablesError {
    let (scan_id, root) = (scan_id.clone(), root.to_owned());
    match source.kind() {
        std::io::ErrorKind::NotFound if crate::publish::manifest_path(&root, &scan_id).exists() => {
            TablesError::ScanExists { scan_id, root }
        }
        std::io::ErrorKind::NotFound => TablesError::NothingToResume { scan_id, root },
        _ => TablesError::file("open", path, source),
    }
}

/// Locks a journal against other processes.
pub(super) fn lock(file: &File, path: &Path) -> Result<(), TablesError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => TablesError::InUse {
            path: path.to_owned(),
        },
        TryLockError::Error(source) => TablesError::file("lock", path, source),
    })
}
