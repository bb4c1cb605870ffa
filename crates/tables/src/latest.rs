//! Finds the newest scan, and maintains `_latest.json`, a copy of its manifest for queries.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use lambdasweep_model::ScanId;

use crate::publish::Manifest;
use crate::{Scan, TablesError};

impl Scan {
    /// The newest published scan of a root: the one that started last. `None` if nothing is
    /// published.
    ///
    /// # Errors
    /// If the folder or a manifest cannot be read.
    pub fn newest(root: &Path) -> Result<Option<Self>, TablesError> {
        let scans = Self::list(root)?
            .iter()
            .map(|id| Self::open(root, id))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(scans
            .into_iter()
            .max_by(|a, b| age(a.manifest()).cmp(&age(b.manifest()))))
    }
}

/// A sort key that is greater for newer scans. It does not start with the id, which users may
/// choose, or with the end: of two overlapping scans, the one that started last has read the newer
/// state.
fn age(manifest: &Manifest) -> (&str, &str, &ScanId) {
    // RFC 3339 in UTC, with or without fractions of a second: these compare as strings without the
    // Z.
    let time = |text: &'_ str| -> usize { text.trim_end_matches('Z').len() };
    let (started, finished) = (&manifest.info.started_at, &manifest.info.finished_at);
    (
        &started[..time(started)],
        &finished[..time(finished)],
        &manifest.scan_id,
    )
}

/// Replaces `_latest.json` by a copy of the newest scan's manifest. `published` is the scan that
/// the caller has published; it need not be the newest.
///
/// The file is replaced atomically. Processes that publish at the same time may call this
/// concurrently: the last writer has seen all scans that were published before, since each looks
/// again after writing.
///
/// # Errors
/// If a manifest cannot be read, or the file cannot be written.
pub fn update_latest(root: &Path, published: &ScanId) -> Result<(), TablesError> {
    let mut written: Option<ScanId> = None;
    while let Some(newest) = Scan::newest(root)? {
        let manifest = newest.manifest();
        if written.as_ref() == Some(&manifest.scan_id) {
            break;
        }
        replace(root, published, manifest)?;
        written = Some(manifest.scan_id.clone());
    }
    Ok(())
}

fn replace(root: &Path, published: &ScanId, manifest: &Manifest) -> Result<(), TablesError> {
    let path = root.join("_latest.json");
    // No other process publishes this scan.
    let draft = root.join(format!("_latest-{published}.tmp"));
    let json = serde_json::to_vec_pretty(manifest).map_err(std::io::Error::from);
    let written = json.and_then(|json| {
        let mut file = File::create(&draft)?;
        file.write_all(&json)?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)
    });
    written.map_err(|source| {
        // It is of no use, and where the disk is full it is in the way.
        let _ = std::fs::remove_file(&draft);
        TablesError::file("write", &path, source)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use lambdasweep_model::ScanId;

    use super::update_latest;
    use crate::{ManifestInfo, Publication, Scan};

    fn publish(root: &Path, id: &str, started: &str, finished: &str) -> ScanId {
        let id: ScanId = id.parse().expect("an id");
        let info = ManifestInfo {
            tool_version: String::new(),
            started_at: started.to_owned(),
            finished_at: finished.to_owned(),
            request: serde_json::Value::Null,
            coverage: BTreeMap::new(),
            findings: BTreeMap::new(),
        };
        let publication = Publication::begin(root, &id).expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime
            .block_on(publication.finish(info))
            .expect("published");
        id
    }

    fn latest(root: &Path) -> String {
        let text = std::fs::read(root.join("_latest.json")).expect("a file");
        let manifest: serde_json::Value = serde_json::from_slice(&text).expect("whole");
        manifest["scan_id"].as_str().expect("a text").to_owned()
    }

    #[test]
    fn the_newest_is_the_one_that_began_last_in_whichever_order_they_end() {
        let root = tempfile::tempdir().expect("a folder");
        for (id, started, finished, newest) in [
            (
                "first",
                "2026-11-24T10:00:00Z",
                "2026-11-24T10:30:00Z",
                "first",
            ),
            // Ids say nothing, and neither does what stands beside the manifests.
            ("a", "2026-11-24T10:00:00.5Z", "2026-11-24T10:20:00Z", "a"),
            ("long", "2026-11-24T09:00:00Z", "2026-11-24T12:00:00Z", "a"),
            (
                "latest",
                "2026-11-24T10:00:00.25Z",
                "2026-11-24T13:00:00Z",
                "a",
            ),
            ("b", "2026-11-24T10:00:00.5Z", "2026-11-24T10:20:00.1Z", "b"),
            ("0th", "2026-12-01T00:00:00Z", "2026-12-01T00:00:01Z", "0th"),
        ] {
            update_latest(root.path(), &publish(root.path(), id, started, finished))
                .expect("written");
            assert_eq!(latest(root.path()), newest, "{id}");
            let newest_scan = Scan::newest(root.path())
                .expect("readable")
                .expect("a scan");
            assert_eq!(newest_scan.manifest().scan_id.as_str(), newest, "{id}");
            let manifest = std::fs::read(root.path().join("_scans").join(format!("{newest}.json")))
                .expect("a manifest");
            assert_eq!(
                std::fs::read(root.path().join("_latest.json")).expect("a file"),
                manifest,
                "{id}"
            );
        }
        assert_eq!(
            Scan::list(root.path()).expect("a list").len(),
            6,
            "the file is taken for no scan"
        );
        let left = std::fs::read_dir(root.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name());
        assert!(
            left.into_iter()
                .all(|name| !name.to_string_lossy().ends_with(".tmp"))
        );
    }

    /// Whoever reads while others publish finds a whole file; and in the end it is the newest.
    #[test]
    fn many_may_publish_at_the_same_time() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        update_latest(
            root,
            &publish(root, "s-00", "2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"),
        )
        .expect("written");
        std::thread::scope(|scope| {
            for number in 1..24 {
                // Those that began first end last as often as not.
                let started = format!("2026-11-24T10:00:{:02}Z", (number * 7) % 24 + 10);
                scope.spawn(move || {
                    let id = publish(
                        root,
                        &format!("s-{number:02}"),
                        &started,
                        "2026-11-24T12:00:00Z",
                    );
                    update_latest(root, &id).expect("written");
                    latest(root)
                });
            }
        });
        let newest = Scan::newest(root).expect("readable").expect("a scan");
        assert_eq!(latest(root), newest.manifest().scan_id.as_str());
        assert!(
            newest.manifest().info.started_at.ends_with(":33Z"),
            "{:?}",
            newest.manifest().info.started_at
        );
    }

    #[test]
    fn where_it_cannot_be_written_the_file_is_named() {
        let root = tempfile::tempdir().expect("a folder");
        let id = publish(
            root.path(),
            "s1",
            "2026-11-24T10:00:00Z",
            "2026-11-24T11:00:00Z",
        );
        std::fs::create_dir_all(root.path().join("_latest.json/in-the-way")).expect("a folder");
        let error = update_latest(root.path(), &id)
            .expect_err("a folder is no file")
            .to_string();
        assert!(
            error.contains("cannot write") && error.contains("_latest.json"),
            "{error}"
        );
        assert!(!root.path().join("_latest-s1.tmp").exists());
    }
}
