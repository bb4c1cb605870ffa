//! A scan that is interrupted, or whose outputs cannot be written, says how to go on, and what it
//! says holds.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use lambdasweep_tables::{Scan, table};

use crate::harness::{Mock, findings, only_scan, program, rows, run};

/// Sends a signal by its name.
fn signal(child: &Child, name: &str) {
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -{name} {}", child.id())])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// The exit code of a child, and what it said on standard error.
fn ended(mut child: Child) -> (i32, String) {
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    (child.wait().unwrap().code().unwrap_or(-1), said)
}

fn wait_for(path: &Path) {
    while !std::fs::metadata(path).is_ok_and(|it| it.is_dir() || it.len() > 64) {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// Does what the last line says, in a shell.
fn go_on(mock: &Mock, said: &str) -> (i32, String) {
    let line = said.lines().last().unwrap_or_default();
    let advice = line
        .split_once("resume with: ")
        .unwrap_or_else(|| panic!("no advice: {said}"))
        .1;
    let words = advice
        .strip_prefix("lambdasweep ")
        .unwrap_or_else(|| panic!("no command: {said}"));
    let scan = program(mock.management_account());
    let mut shell = Command::new("sh");
    shell
        .args([
            "-c",
            &format!("exec '{}' {words}", scan.get_program().display()),
        ])
        .env_clear();
    shell.envs(
        scan.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    run(shell)
}

fn all_findings(scan: &Scan) -> Vec<Vec<String>> {
    rows(
        scan,
        "findings",
        &table("findings")
            .unwrap()
            .columns
            .iter()
            .map(|column| column.name)
            .collect::<Vec<_>>(),
    )
}

/// While it reads, and while it judges: where standard output is not read, lines are written until
/// the pipe is full.
#[test]
fn an_interrupted_scan_tells_how_to_go_on() {
    let mock = Mock::start("accounts=12,regions=2,functions=600,seed=6");
    let whole = tempfile::tempdir().unwrap();
    run(mock.scan(whole.path(), &[]));
    let expected = all_findings(&only_scan(whole.path()));
    for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        for (until, jsonl) in [("_journal/s1/journal", false), ("_staging/s1", true)] {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().join("it's a dataset");
            let mut command = mock.scan(&out, &["--scan-id", "s1", "--fail-on", "high"]);
            if jsonl {
                command.args(["--jsonl", "-", "--with-pass"]);
            }
            let child = command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            wait_for(&out.join(until));
            signal(&child, name);
            let (found, said) = ended(child);
            assert_eq!(found, code, "{name} {until}: {said}");
            assert!(
                said.lines()
                    .last()
                    .unwrap_or_default()
                    .starts_with("interrupted: resume with: "),
                "{name} {until}: {said}"
            );
            assert!(Scan::list(&out).unwrap().is_empty(), "{name} {until}");
            let names = std::fs::read_dir(&out)
                .unwrap()
                .map(|entry| entry.unwrap().file_name());
            assert!(
                names
                    .into_iter()
                    .all(|name| name.to_string_lossy().starts_with('_')),
                "{name} {until}"
            );

            let (found, said) = go_on(&mock, &said);
            assert_eq!(found, 3, "--fail-on holds: {name} {until}: {said}");
            assert_eq!(all_findings(&only_scan(&out)), expected, "{name} {until}");
        }
    }
}

/// Before anything is written there is nothing to go on with, and a signal that is to be ignored is
/// (`nohup`).
#[test]
fn signals_before_the_scan_begins_and_those_that_are_ignored() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let out = tempfile::tempdir().unwrap();
    let scan = |before: &str| {
        let binary = env!("CARGO_BIN_EXE_lambdasweep");
        let words =
            format!("{before}exec '{binary}' scan --endpoint-url {endpoint} --out \"$OUT\"");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &words])
            .env_clear()
            .env("OUT", out.path())
            .stderr(Stdio::piped());
        shell.envs([
            ("AWS_ACCESS_KEY_ID", "111122223333"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("HOME", "/nonexistent"),
        ]);
        let child = shell.spawn().unwrap();
        // It has called, so that it listens to signals; it gets no answer.
        (child, listener.accept().unwrap())
    };
    let (child, _call) = scan("");
    signal(&child, "INT");
    let (code, said) = ended(child);
    assert_eq!(
        (code, said.lines().last().unwrap_or_default()),
        (130, "interrupted: the scan had not started"),
        "{said}"
    );

    let (mut child, _call) = scan("trap '' HUP; ");
    signal(&child, "HUP");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it goes on");
    signal(&child, "TERM");
    let (code, said) = ended(child);
    assert_eq!(code, 143, "{said}");
}

/// A reader that has had enough is no failure: the scan is published and judged as if it had read
/// on.
#[test]
fn a_reader_of_lines_may_leave() {
    let mock = Mock::start("accounts=8,regions=2,functions=400,seed=6");
    for (fail_on, expected) in [("critical", 3), ("info", 3), ("", 0)] {
        let out = tempfile::tempdir().unwrap();
        let mut command = mock.scan(
            out.path(),
            &["--scan-id", "s1", "--jsonl", "-", "--with-pass"],
        );
        if !fail_on.is_empty() {
            command.args(["--fail-on", fail_on]);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let (code, said) = ended(child);
        assert_eq!(code, expected, "{fail_on}: {said}");
        let cut: Vec<&str> = said
            .lines()
            .filter(|line| line.contains("standard output was closed"))
            .collect();
        assert!(
            cut.len() == 1 && cut[0].contains("table findings") && !said.contains("error:"),
            "{fail_on}: {said}"
        );
        assert!(!findings(&only_scan(out.path()), "FAIL").is_empty());
        assert!(!out.path().join("_journal/s1").exists());
    }
}

/// What only prints ends quietly where nobody reads on, and says so where nothing can be written.
#[cfg(target_os = "linux")]
#[test]
fn what_only_prints_ends_with_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies.jsonl");
    std::fs::write(
        &policies,
        "{\"Version\":\"2012-10-17\",\"Statement\":[]}\n".repeat(20_000),
    )
    .unwrap();
    let policies = policies.to_str().unwrap();
    for words in [
        &["checks", "list"][..],
        &["checks", "list", "--json"],
        &["checks", "show", "policy-public"],
        &["policy", "check", policies],
        &["policy", "check", policies, "--output", "json"],
    ] {
        let mut command = program("111122223333");
        let mut child = command
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        assert_eq!(ended(child), (0, String::new()), "{words:?}");
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let child = program("111122223333")
            .args(words)
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (code, said) = ended(child);
        assert_eq!(code, 1, "{words:?}: {said}");
        assert!(
            said.starts_with("error: cannot write standard output: No space left on device")
                && said.lines().count() == 1,
            "{said}"
        );
    }
}

/// A full disk under the lines costs the lines; the dataset has everything.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_the_lines_is_told() {
    let mock = Mock::start("accounts=4,regions=1,functions=40,seed=6");
    for target in ["/dev/full", "-"] {
        let out = tempfile::tempdir().unwrap();
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let mut command = mock.scan(out.path(), &["--scan-id", "s1", "--jsonl", target]);
        let (code, said) = ended(
            command
                .stdout(if target == "-" {
                    full.into()
                } else {
                    Stdio::null()
                })
                .stderr(Stdio::piped())
                .spawn()
                .unwrap(),
        );
        assert_eq!(code, 1, "{said}");
        let name = if target == "-" {
            "standard output"
        } else {
            target
        };
        let errors: Vec<&str> = said
            .lines()
            .filter(|line| line.starts_with("error:"))
            .collect();
        assert_eq!(errors.len(), 1, "{said}");
        for words in [name, "No space left on device", "is published", "findings"] {
            assert!(errors[0].contains(words), "{words}: {said}");
        }
        assert!(!findings(&only_scan(out.path()), "FAIL").is_empty());
    }
}

/// A full disk under journal or dataset ends the scan; with room it goes on as it says.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_the_dataset_is_told() {
    let mock = Mock::start("accounts=6,regions=2,functions=400,seed=6");
    let whole = tempfile::tempdir().unwrap();
    run(mock.scan(whole.path(), &[]));
    let scan = only_scan(whole.path());
    let largest = scan
        .manifest()
        .files
        .iter()
        .map(|file| file.bytes)
        .max()
        .unwrap();
    // Room for the dataset's files but for the largest; and hardly any, so that it is the journal
    // that does not fit.
    for (bytes, name) in [
        (largest - 1, "part-0000.parquet"),
        (9_000, "_journal/s1/journal"),
    ] {
        let out = tempfile::tempdir().unwrap();
        let limit = |command: &mut Command, bytes: u64| {
            // The size of files is limited in blocks of 512 bytes; without the signal that goes
            // with it, writing fails as on a full disk.
            let mut shell = Command::new("sh");
            let words = command
                .get_args()
                .map(|word| format!("'{}'", word.display()))
                .collect::<Vec<_>>()
                .join(" ");
            shell.args([
                "-c",
                &format!(
                    "trap '' XFSZ; ulimit -f {}; exec '{}' {words}",
                    bytes / 512,
                    command.get_program().display()
                ),
            ]);
            shell.env_clear().envs(
                command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            );
            run(shell)
        };
        let first = mock.scan(out.path(), &["--scan-id", "s1"]);
        let (code, said) = if name.starts_with('_') {
            limit(&mut { first }, bytes)
        } else {
            // The journal is larger than the dataset, so that it is written before there is a
            // limit.
            let mut child = { first }
                .args(["--jsonl", "-", "--with-pass"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            wait_for(&out.path().join("_staging/s1"));
            child.kill().unwrap();
            child.wait().unwrap();
            limit(&mut mock.scan(out.path(), &["--resume", "s1"]), bytes)
        };
        assert_eq!(code, 1, "{said}");
        let errors: Vec<&str> = said
            .lines()
            .filter(|line| line.starts_with("error:"))
            .collect();
        assert_eq!(errors.len(), 1, "{said}");
        assert!(
            errors[0].contains("cannot write") && errors[0].contains(name),
            "{said}"
        );
        assert!(Scan::list(out.path()).unwrap().is_empty(), "{said}");
        let (code, said) = go_on(&mock, &said);
        assert_eq!(code, 0, "{said}");
        assert_eq!(all_findings(&only_scan(out.path())), all_findings(&scan));
    }
}
