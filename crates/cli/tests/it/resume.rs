//! A scan that is killed goes on where it stopped, and its findings are those of a scan that was not.

use std::time::Duration;

use lambdasweep_tables::Scan;

use crate::harness::{Mock, only_scan, rows, run};

const COLUMNS: &[&str] =
    &["account_id", "region", "resource_arn", "resource_type", "check_id", "status", "severity", "detail", "fingerprint"];

#[test]
fn a_killed_scan_goes_on_to_the_same_findings() {
    let mock = Mock::start("accounts=30,regions=3,functions=1500,seed=6");
    let whole = tempfile::tempdir().unwrap();
    let (_, said) = run(mock.scan(whole.path(), &[]));
    let expected = only_scan(whole.path());
    let findings = rows(&expected, "findings", COLUMNS);
    assert!(findings.len() > 1500 * 8, "{said}");

    let mut killed = 0;
    for milliseconds in [60, 150, 300, 450, 700, 1100] {
        let out = tempfile::tempdir().unwrap();
        let mut child = mock
            .scan(out.path(), &["--scan-id", "s1"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        if Scan::list(out.path()).unwrap().is_empty() {
            assert!(!out.path().join("findings").exists(), "nothing of an unfinished scan is to be seen");
            let unfinished = out.path().join("_journal/s1/journal").exists();
            let (_, said) = if unfinished {
                killed += 1;
                run(mock.scan(out.path(), &["--resume", "s1"]))
            } else {
                run(mock.scan(out.path(), &["--scan-id", "s1"]))
            };
            assert!(!Scan::list(out.path()).unwrap().is_empty(), "{said}");
        }
        let scan = only_scan(out.path());
        assert_eq!(rows(&scan, "findings", COLUMNS), findings, "killed after {milliseconds} ms");
        for file in &expected.manifest().files {
            let again = scan.manifest().files.iter().find(|it| it.table == file.table).unwrap();
            assert_eq!(again.rows, file.rows, "{}", file.table);
        }
        assert!(!out.path().join("_journal/s1").exists() && !out.path().join("_staging").exists());
    }
    assert!(killed > 0, "no run was killed half-way");
}
