//! A scan that is killed goes on where it stopped, and its dataset is that of a scan that was not.

use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use lambdasweep_tables::{Manifest, Scan};

use crate::harness::{Mock, only_scan, rows, run};

/// Hashes of all files, by table: files are sorted, so that the same rows make the same bytes.
fn files(manifest: &Manifest) -> Vec<(String, u64, String)> {
    manifest
        .files
        .iter()
        .map(|file| (file.table.clone(), file.rows, file.sha256.clone()))
        .collect()
}

/// Sorted rows of findings, all columns.
fn findings(root: &Path) -> Vec<Vec<String>> {
    let table = lambdasweep_tables::table("findings").unwrap();
    rows(
        &only_scan(root),
        "findings",
        &table
            .columns
            .iter()
            .map(|column| column.name)
            .collect::<Vec<_>>(),
    )
}

/// Between 0 and 1, another number each time.
fn at_random() -> f64 {
    let bits = std::hash::RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(bits >> 32).unwrap()) / f64::from(u32::MAX)
}

#[test]
fn a_killed_scan_goes_on_to_the_same_dataset() {
    let mock = Mock::start("accounts=30,regions=3,functions=1500,seed=6");
    let whole = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let (_, said) = run(mock.scan(whole.path(), &[]));
    let took = begun.elapsed();
    let expected = only_scan(whole.path());
    assert!(findings(whole.path()).len() > 1500 * 8, "{said}");

    let mut killed_half_way = 0;
    for _ in 0..6 {
        let out = tempfile::tempdir().unwrap();
        let mut waits: Vec<Duration> = Vec::new();
        // Killed up to three times, at moments that differ from run to run; the last attempt is
        // left alone.
        let said = loop {
            let resumes = out.path().join("_journal/s1/journal").exists()
                && !lambdasweep_tables::Journal::unfinished(out.path())
                    .unwrap()
                    .is_empty();
            killed_half_way += u32::from(resumes);
            let mut command = mock.scan(
                out.path(),
                &[if resumes { "--resume" } else { "--scan-id" }, "s1"],
            );
            if waits.len() == 3 {
                break run(command).1;
            }
            waits.push(took.mul_f64(at_random()));
            let mut child = command
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(waits[waits.len() - 1]);
            child.kill().unwrap();
            child.wait().unwrap();
            if !Scan::list(out.path()).unwrap().is_empty() {
                break "it was published before it was killed".to_owned();
            }
        };
        assert!(
            !Scan::list(out.path()).unwrap().is_empty(),
            "killed after {waits:?}: {said}"
        );
        assert_eq!(
            findings(out.path()),
            findings(whole.path()),
            "killed after {waits:?}"
        );
        assert_eq!(
            files(only_scan(out.path()).manifest()),
            files(expected.manifest()),
            "killed after {waits:?}"
        );
    }
    assert!(killed_half_way > 0, "no run was killed half-way");
}

/// Nothing is to be seen of a scan that is not finished, and nothing is left over of one that is.
#[test]
fn a_scan_is_to_be_seen_when_it_is_whole() {
    let mock = Mock::start("accounts=10,regions=2,functions=400,seed=6");
    let out = tempfile::tempdir().unwrap();
    let mut child = mock
        .scan(out.path(), &["--scan-id", "s1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_a_journal(out.path());
    child.kill().unwrap();
    child.wait().unwrap();
    let names = || -> Vec<String> {
        std::fs::read_dir(out.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert!(
        names().iter().all(|name| name.starts_with('_')),
        "{:?}",
        names()
    );
    let (_, said) = run(mock.scan(out.path(), &["--resume", "s1"]));
    assert_eq!(Scan::list(out.path()).unwrap().len(), 1, "{said}");
    assert!(
        !out.path().join("_journal/s1").exists() && !out.path().join("_staging").exists(),
        "{:?}",
        names()
    );
}

/// Credentials of another organisation would mix two organisations in one scan.
#[test]
fn a_scan_goes_on_with_the_credentials_that_it_was_begun_with() {
    let out = tempfile::tempdir().unwrap();
    let mock = Mock::start("accounts=10,regions=2,functions=400,seed=6");
    let mut child = mock
        .scan(out.path(), &["--scan-id", "s1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_a_journal(out.path());
    child.kill().unwrap();
    child.wait().unwrap();
    let other = Mock::start("accounts=10,regions=2,functions=400,seed=7");
    let (code, said) = run(other.scan(out.path(), &["--resume", "s1"]));
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains(mock.management_account()) && said.contains(other.management_account()),
        "{said}"
    );
    assert!(Scan::list(out.path()).unwrap().is_empty(), "{said}");
    let (code, said) = run(mock.scan(out.path(), &["--resume", "s1"]));
    assert_eq!(code, 4, "{said}");
}

/// Waits until the scan `s1` has begun: its journal has a header.
fn wait_for_a_journal(out: &std::path::Path) {
    while !std::fs::metadata(out.join("_journal/s1/journal")).is_ok_and(|file| file.len() > 64) {
        std::thread::sleep(Duration::from_millis(1));
    }
}
