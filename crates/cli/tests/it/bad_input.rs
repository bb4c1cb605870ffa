//! Bad input gets one clear sentence, and nothing half-done is to be seen.

use std::path::Path;

use crate::harness::{Mock, program, run};

/// Only the error counts, and it is one line.
fn error_of(code: i32, said: &str, expected_code: i32) -> String {
    assert_eq!(code, expected_code, "{said}");
    assert!(!said.contains("panicked"), "{said}");
    let errors: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("error:"))
        .collect();
    assert_eq!(errors.len(), 1, "{said}");
    errors[0].to_owned()
}

fn nothing_published(out: &Path) {
    let entries: Vec<_> = std::fs::read_dir(out)
        .map(|entries| {
            entries
                .filter_map(Result::ok)
                .map(|entry| entry.file_name())
                .collect()
        })
        .unwrap_or_default();
    assert!(
        entries
            .iter()
            .all(|name| name.to_string_lossy().starts_with('_')),
        "{entries:?}"
    );
}

#[test]
fn each_mistake_is_told_with_the_next_step() {
    let mock = Mock::start("accounts=4,regions=1,functions=10,seed=1,suspended=0,roleless=1");
    for (more, code, words) in [
        (
            vec!["--regions", "us-esat-1"],
            1,
            vec!["us-esat-1", "did you mean us-east-1"],
        ),
        (
            vec!["--regions", "mars-north-1"],
            1,
            vec!["mars-north-1", "such as us-east-1"],
        ),
        (
            vec!["--regions", "Frankfurt"],
            2,
            vec!["not a valid AWS Region", "us-east-1"],
        ),
        (
            vec!["--accounts", "12345"],
            2,
            vec!["not a valid AWS account id", "twelve digits"],
        ),
        (
            vec!["--accounts", "999999999999"],
            1,
            vec!["999999999999", "not in the organisation"],
        ),
        (
            vec!["--ous", "/Nowhere"],
            1,
            vec!["organizational unit", "does not exist", "ou-"],
        ),
        (
            vec!["--as-of", "tomorrow"],
            2,
            vec!["`tomorrow` is not a valid date", "YYYY-MM-DD"],
        ),
        (
            vec!["--scan-id", "../../etc"],
            2,
            vec!["not a valid scan id", "letters, digits"],
        ),
        (vec!["--role-name", ""], 2, vec!["--role-name", "not empty"]),
        (
            vec!["--jsonl", "/nonexistent/lines"],
            1,
            vec!["/nonexistent/lines", "--jsonl"],
        ),
        (
            vec!["--checks", "runtime-olde"],
            2,
            vec!["no check `runtime-olde`", "checks list"],
        ),
        (vec!["--checks", ""], 2, vec!["no check ``"]),
        (vec!["--facts", "moods"], 2, vec!["moods", "function"]),
        (
            vec!["--fail-on", "grave"],
            2,
            vec!["not a valid severity", "critical"],
        ),
        (
            vec!["--quota-share", "2"],
            2,
            vec!["not a valid share", "0.5"],
        ),
        (
            vec!["--resume", "nothing-here"],
            1,
            vec!["no unfinished scan", "--resume"],
        ),
        (
            vec![
                "--resume",
                "--regions",
                "eu-west-1",
                "--checks",
                "env-secret",
            ],
            2,
            vec!["--regions and --checks cannot be given with --resume"],
        ),
        (
            vec!["--resume", "s1", "--role-name", "audit"],
            2,
            vec!["--role-name cannot be given with --resume"],
        ),
        (
            vec!["--checks-dir", "/nonexistent"],
            1,
            vec!["/nonexistent", "cannot read the checks"],
        ),
    ] {
        let out = tempfile::tempdir().unwrap();
        let (found, said) = run(mock.scan(out.path(), &more));
        let error = error_of(found, &said, code);
        for word in words {
            assert!(said.contains(word), "{more:?}: {error}: {said}");
        }
        nothing_published(out.path());
    }
}

/// An address would become a folder of that name, or part of it.
#[test]
fn addresses_are_no_folders_and_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let run_in = |words: &[&str]| {
        let mut command = program("111122223333");
        command.args(words).current_dir(folder.path());
        run(command)
    };
    let addresses = [
        "s3://bucket/data",
        "s3:/bucket",
        "S3://b",
        "gs://b",
        "az://b",
        "https://host/x",
        "file:///tmp/x",
        "s3a://b",
        "arn:aws:s3:::bucket",
    ];
    for address in addresses {
        for words in [
            &["scan", "--demo", "--out", address][..],
            &["scan", "--demo", "--jsonl", address],
            &["scan", "--demo", "--checks-dir", address],
            &[
                "explain",
                "--function",
                "arn:aws:lambda:eu-west-1:111122223333:function:pay",
                "--out",
                address,
            ],
            &["checks", "list", "--checks-dir", address],
            &["checks", "lint", address],
            &["policy", "check", address],
        ] {
            let (code, said) = run_in(words);
            let error = error_of(code, &said, 2);
            assert!(
                error.contains(address) && error.contains("files and folders of this machine"),
                "{words:?}: {error}"
            );
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    for name in ["./s3:/x", "a:b", "c:/x"] {
        std::fs::create_dir_all(folder.path().join(name)).unwrap();
        assert_eq!(
            run_in(&["checks", "lint", name]),
            (0, "0 checks, 0 problems\n".to_owned()),
            "{name}"
        );
    }
}

/// The file that points queries to the newest scan: it is told where it cannot be written, for
/// queries would go on with an earlier scan.
#[test]
fn queries_are_pointed_to_the_newest_scan() {
    let mock = Mock::start("accounts=1,regions=1,functions=5,seed=1");
    let out = tempfile::tempdir().unwrap();
    let latest = out.path().join("_latest.json");
    let pointed_to = || {
        let manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&latest).unwrap()).unwrap();
        let path = manifest["files"][0]["path"].as_str().unwrap();
        assert!(out.path().join(path).is_file(), "{path}");
        manifest["scan_id"].as_str().unwrap().to_owned()
    };
    for id in ["z", "a"] {
        assert_eq!(run(mock.scan(out.path(), &["--scan-id", id])).0, 0);
        assert_eq!(pointed_to(), id);
    }
    std::fs::remove_file(&latest).unwrap();
    std::fs::create_dir_all(latest.join("in-the-way")).unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--scan-id", "b"]));
    let error = error_of(code, &said, 1);
    assert!(
        error.contains("_latest.json") && error.contains("the scan is published"),
        "{error}"
    );
    assert_eq!(lambdasweep_tables::Scan::list(out.path()).unwrap().len(), 3);
    assert!(!out.path().join("_journal/b").exists());
}

#[test]
fn an_out_that_cannot_be_written_is_told() {
    let mock = Mock::start("accounts=1,regions=1,functions=1,seed=1");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "x").unwrap();
    for out in [file.join("below"), file.clone(), "/proc/nothing".into()] {
        let (code, said) = run(mock.scan(&out, &[]));
        let error = error_of(code, &said, 1);
        assert!(error.contains("--out"), "{error}");
        assert_eq!(
            error.matches("os error").count(),
            1,
            "the cause is told once: {error}"
        );
    }
    assert!(mock.server().ledger().is_empty(), "nothing was called");
}

#[test]
fn a_scan_id_is_used_once() {
    let mock = Mock::start("accounts=1,regions=1,functions=5,seed=1");
    let out = tempfile::tempdir().unwrap();
    assert_eq!(run(mock.scan(out.path(), &["--scan-id", "first"])).0, 0);
    let (code, said) = run(mock.scan(out.path(), &["--scan-id", "first"]));
    let error = error_of(code, &said, 1);
    assert!(
        error.contains("first") && error.contains("--scan-id"),
        "{error}"
    );
    let (code, said) = run(mock.scan(out.path(), &["--resume", "first"]));
    assert!(
        error_of(code, &said, 1).contains("already published"),
        "{said}"
    );
}

#[test]
fn an_endpoint_that_refuses_is_told() {
    let out = tempfile::tempdir().unwrap();
    for (endpoint, word) in [
        ("http://127.0.0.1:9", "127.0.0.1:9"),
        ("localhost:4566", "no endpoint URL"),
    ] {
        let mut command = program("111122223333");
        command
            .args([
                "scan",
                "--attempts",
                "2",
                "--endpoint-url",
                endpoint,
                "--out",
            ])
            .arg(out.path());
        let (code, said) = run(command);
        let error = error_of(code, &said, 1);
        assert!(
            error.contains("--endpoint-url") || error.contains(word),
            "{error}"
        );
        nothing_published(out.path());
    }
}

/// The lines of yesterday's scan are not lost to one that never came to write any.
#[test]
fn a_scan_that_fails_leaves_the_lines_of_an_earlier_one() {
    let out = tempfile::tempdir().unwrap();
    let lines = out.path().join("findings.jsonl");
    std::fs::write(
        &lines,
        "{\"of\": \"an earlier scan, and longer than what the next one writes\"}\n".repeat(200),
    )
    .unwrap();
    let mut command = program("111122223333");
    command
        .args([
            "scan",
            "--attempts",
            "1",
            "--endpoint-url",
            "http://127.0.0.1:9",
            "--out",
        ])
        .arg(out.path())
        .arg("--jsonl")
        .arg(&lines);
    let (code, said) = run(command);
    error_of(code, &said, 1);
    assert_eq!(
        std::fs::read_to_string(&lines).unwrap().lines().count(),
        200
    );

    let mock = Mock::start("accounts=1,regions=1,functions=2,seed=4");
    let (code, said) = run(mock.scan(out.path(), &["--jsonl", lines.to_str().unwrap()]));
    assert_eq!(code, 0, "{said}");
    assert!(
        !std::fs::read_to_string(&lines)
            .unwrap()
            .contains("an earlier scan")
    );
}

/// As in the AWS CLI a profile that is named is meant, whatever credentials the environment holds.
#[test]
fn credentials_that_are_not_there_are_told() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    std::fs::write(&config, "[profile audit]\nregion = eu-west-1\n").unwrap();
    let out = home.path().join("out");
    let scan = |profile: Option<&str>, key: Option<&str>| {
        let mut command = program("111122223333");
        command
            .args([
                "scan",
                "--endpoint-url",
                "http://127.0.0.1:9",
                "--attempts",
                "1",
                "--out",
            ])
            .arg(&out);
        command
            .args(profile.map(|profile| format!("--profile={profile}")))
            .env("AWS_CONFIG_FILE", &config);
        if key.is_none() {
            command
                .env_remove("AWS_ACCESS_KEY_ID")
                .env_remove("AWS_SECRET_ACCESS_KEY");
        }
        let (code, said) = run(command);
        let error = error_of(code, &said, 1);
        assert!(!error.contains("\\u{") && error.len() < 400, "{error}");
        error
    };
    assert!(
        scan(None, None).contains("no AWS credentials were found (none are configured)"),
        "{}",
        scan(None, None)
    );
    let error = scan(Some("audit"), Some("111122223333"));
    assert!(
        error.contains("no AWS credentials were found") && error.contains("audit"),
        "{error}"
    );
    let error = scan(Some("nope"), Some("111122223333"));
    assert!(
        error.contains("the profile `nope` does not exist")
            && error.contains("--profile")
            && error.contains("config"),
        "{error}"
    );
    nothing_published(&out);
}

#[test]
fn an_organisation_that_may_not_be_read_is_told() {
    let mock = Mock::start("accounts=4,regions=1,functions=10,seed=1,suspended=0,roleless=0");
    let member = mock
        .truth()
        .iter()
        .map(|it| it.account.clone())
        .find(|account| account != mock.management_account())
        .unwrap();
    let out = tempfile::tempdir().unwrap();
    let mut command = mock.scan(out.path(), &[]);
    command.env("AWS_ACCESS_KEY_ID", member);
    let (code, said) = run(command);
    let error = error_of(code, &said, 1);
    assert!(error.contains("delegated administrator"), "{error}");
    nothing_published(out.path());
}

#[test]
fn findings_at_or_above_the_severity_end_with_three() {
    let mock = Mock::start("accounts=2,regions=1,functions=60,seed=8");
    for (severity, expected) in [("low", 3), ("critical", 3)] {
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--fail-on", severity]));
        assert_eq!(code, expected, "{severity}: {said}");
    }
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(
        out.path(),
        &[
            "--fail-on",
            "critical",
            "--checks",
            "concurrency-unreserved",
        ],
    ));
    assert_eq!(code, 0, "{said}");
}
