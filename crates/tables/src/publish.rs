//! The published scan: its tables as Parquet, and a manifest that is written last. Readers start
//! from the manifest; a scan without one is not visible.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lambdasweep_model::ScanId;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, PutMode, PutOptions};
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use crate::parquet_file::{FileWriter, WrittenFile, read};
use crate::{SCHEMA_VERSION, Table, TablesError};

/// The contents of a manifest apart from the files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestInfo {
    /// The version of lambdasweep that published the scan.
    pub tool_version: String,
    /// When the scan started, RFC 3339 in UTC.
    pub started_at: String,
    /// When it was published, RFC 3339 in UTC.
    pub finished_at: String,
    /// The scan's request.
    pub request: serde_json::Value,
    /// The number of outcomes, by fact and outcome.
    pub coverage: BTreeMap<String, BTreeMap<String, u64>>,
    /// The number of findings, by check and status.
    pub findings: BTreeMap<String, BTreeMap<String, u64>>,
}

/// The manifest of a published scan, `_scans/<scan_id>.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The scan.
    pub scan_id: ScanId,
    /// The version of the tables.
    pub schema_version: u32,
    /// The contents apart from the files.
    #[serde(flatten)]
    pub info: ManifestInfo,
    /// The files, by table.
    pub files: Vec<ManifestFile>,
}

/// A file of a published scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// The table.
    pub table: String,
    /// Its path, relative to the dataset's root.
    pub path: String,
    /// The number of its rows.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// The path of a scan's manifest.
pub(crate) fn manifest_path(root: &Path, scan_id: &ScanId) -> PathBuf {
    root.join("_scans").join(format!("{scan_id}.json"))
}

fn relative_path(table: &str, scan_id: &ScanId) -> String {
    format!("{table}/scan_id={scan_id}/part-0000.parquet")
}

/// A scan that is being published: its files are created below `_staging`, where no reader looks.
#[derive(Debug)]
pub struct Publication {
    root: PathBuf,
    scan_id: ScanId,
    staging: PathBuf,
    files: Vec<WrittenFile>,
}

/// Writes the rows of one table, piece by piece; when all are written, pass it to
/// [`Publication::add`].
pub struct TableWriter(FileWriter);

impl std::fmt::Debug for TableWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableWriter").finish_non_exhaustive()
    }
}

impl TableWriter {
    /// Writes rows as one row group.
    ///
    /// # Errors
    /// If the rows do not match the table or cannot be written.
    pub fn write(&mut self, frame: &DataFrame) -> Result<(), TablesError> {
        self.0.write(frame)
    }
}

impl Publication {
    /// Starts publishing a scan; leftovers of an earlier attempt are removed.
    ///
    /// # Errors
    /// If the scan is already published or the folder cannot be created.
    pub fn begin(root: &Path, scan_id: &ScanId) -> Result<Self, TablesError> {
        if manifest_path(root, scan_id).exists() {
            return Err(TablesError::ScanExists {
                scan_id: scan_id.clone(),
                root: root.to_owned(),
            });
        }
        let staging = root.join("_staging").join(scan_id.as_str());
        match std::fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(TablesError::file("remove", &staging, error));
            }
            _ => {}
        }
        make_staging(&staging).map_err(|source| TablesError::file("create", &staging, source))?;
        Ok(Self {
            root: root.to_owned(),
            scan_id: scan_id.clone(),
            staging,
            files: Vec::new(),
        })
    }

    /// Opens a writer for a table's rows.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn writer(&self, table: &'static Table) -> Result<TableWriter, TablesError> {
        FileWriter::create(table, &self.path_of(table.name)).map(TableWriter)
    }

    /// Where a table's file is until the scan is published.
    pub(crate) fn path_of(&self, table: &str) -> PathBuf {
        self.staging.join(table).join("part-0000.parquet")
    }

    /// Closes the file of a table, verifies it, and adds it to the scan.
    ///
    /// # Errors
    /// If it cannot be written or verified.
    pub fn add(&mut self, writer: TableWriter) -> Result<(), TablesError> {
        self.files.push(writer.0.finish()?);
        Ok(())
    }

    /// Moves the files into place and writes the manifest, which makes the scan visible. If two
    /// processes publish the same scan, only one succeeds.
    ///
    /// # Errors
    /// If a file cannot be moved, or the scan already has a manifest.
    pub async fn finish(mut self, info: ManifestInfo) -> Result<Manifest, TablesError> {
        let mut files = std::mem::take(&mut self.files);
        files.sort_by_key(|file| file.table);
        for file in &files {
            let target = self.root.join(relative_path(file.table, &self.scan_id));
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder)
                    .map_err(|source| TablesError::file("create", folder, source))?;
            }
            let from = self.path_of(file.table);
            std::fs::rename(&from, &target)
                .map_err(|source| TablesError::file("move", &from, source))?;
        }
        let manifest = Manifest {
            scan_id: self.scan_id.clone(),
            schema_version: SCHEMA_VERSION,
            info,
            files: files
                .into_iter()
                .map(|file| ManifestFile {
                    table: file.table.to_owned(),
                    path: relative_path(file.table, &self.scan_id),
                    rows: file.rows,
                    bytes: file.bytes,
                    sha256: file.sha256,
                })
                .collect(),
        };
        let failed = |reason: String| TablesError::Manifest {
            scan_id: self.scan_id.clone(),
            reason,
        };
        let json =
            serde_json::to_vec_pretty(&manifest).map_err(|error| failed(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(&self.root)
            .map_err(|error| failed(error.to_string()))?;
        let path = ObjectPath::from(format!("_scans/{}.json", self.scan_id));
        let put = store
            .put_opts(&path, json.into(), PutOptions::from(PutMode::Create))
            .await;
        match put {
            Ok(_) => {}
            Err(object_store::Error::AlreadyExists { .. }) => {
                return Err(TablesError::ScanExists {
                    scan_id: self.scan_id,
                    root: self.root,
                });
            }
            Err(error) => return Err(failed(error.to_string())),
        }
        // The staging folder is empty now; a failure to remove it is harmless.
        let _ = std::fs::remove_dir_all(&self.staging);
        let _ = std::fs::remove_dir(self.root.join("_staging"));
        Ok(manifest)
    }
}

/// Creates a folder below `_staging`, which another process that publishes may remove at the same
/// moment because it is empty.
fn make_staging(staging: &Path) -> std::io::Result<()> {
    const TRIES: usize = 100;
    let mut made = std::fs::create_dir_all(staging);
    for _ in 1..TRIES {
        if made.as_ref().is_ok_and(|()| staging.is_dir())
            || made
                .as_ref()
                .is_err_and(|error| error.kind() != std::io::ErrorKind::NotFound)
        {
            break;
        }
        made = std::fs::create_dir_all(staging);
    }
    made
}

/// A published scan.
#[derive(Debug, Clone)]
pub struct Scan {
    root: PathBuf,
    manifest: Manifest,
}

impl Scan {
    /// The ids of the scans below a root, oldest first.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn list(root: &Path) -> Result<Vec<ScanId>, TablesError> {
        let folder = root.join("_scans");
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(TablesError::file("read", &folder, source)),
        };
        let mut ids: Vec<ScanId> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| {
                entry
                    .file_name()
                    .to_str()?
                    .strip_suffix(".json")?
                    .parse()
                    .ok()
            })
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// Opens a published scan by its manifest.
    ///
    /// # Errors
    /// If there is none or it cannot be read.
    pub fn open(root: &Path, scan_id: &ScanId) -> Result<Self, TablesError> {
        let path = manifest_path(root, scan_id);
        let text =
            std::fs::read(&path).map_err(|source| TablesError::file("read", &path, source))?;
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|error| TablesError::Damaged {
                path: path.clone(),
                reason: error.to_string(),
            })?;
        Ok(Self {
            root: root.to_owned(),
            manifest,
        })
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// A table's rows.
    ///
    /// # Errors
    /// If the file does not exist or cannot be read.
    pub fn table(&self, table: &Table) -> Result<DataFrame, TablesError> {
        read(&self.path_of(table))
    }

    /// Whether the scan has a table; a scan that was published by an earlier version may lack it.
    pub fn has(&self, table: &Table) -> bool {
        self.manifest
            .files
            .iter()
            .any(|file| file.table == table.name)
    }

    pub(crate) fn path_of(&self, table: &Table) -> PathBuf {
        self.root
            .join(relative_path(table.name, &self.manifest.scan_id))
    }
}

/// Checks, before anything is read, that a dataset can be written below this folder.
///
/// # Errors
/// If it is not a folder, or nothing can be written there.
pub fn check_root(root: &Path) -> Result<(), TablesError> {
    std::fs::create_dir_all(root).map_err(|source| TablesError::file("create", root, source))?;
    let probe = root.join(format!("_probe-{}", std::process::id()));
    std::fs::write(&probe, b"").map_err(|source| TablesError::file("write below", root, source))?;
    std::fs::remove_file(&probe).map_err(|source| TablesError::file("write below", root, source))
}
