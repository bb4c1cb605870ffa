//! `lambdasweep checks export` as a program.

use crate::harness::{program, run};

/// Runs `checks export` with these arguments.
fn export(arguments: &[&str]) -> (i32, String) {
    let mut command = program("111122223333");
    command.args(["checks", "export"]).args(arguments);
    run(command)
}

/// Statements end with a semicolon at the end of a line; there are as many as were asked for.
#[test]
fn statements_are_printed_for_each_engine() {
    for dialect in ["duckdb", "spark", "athena"] {
        let scan = ["--dialect", dialect, "--scan", "s3://bucket/lambda/scan-1"];
        let chosen = [
            "--check",
            "policy-public,layer-public",
            "--only",
            "findings",
        ];
        let (code, whole) = export(&[&scan[..], &chosen[..]].concat());
        assert_eq!(code, 0, "{whole}");
        assert_eq!(whole.matches(";\n").count(), 1, "{whole}");
        let (_, each) = export(&[&scan[..], &chosen[..], &["--each"]].concat());
        assert_eq!(each.matches(";\n").count(), 2, "{each}");
        let (_, tables) = export(&[&scan[..], &["--only", "tables"]].concat());
        let place = match dialect {
            "duckdb" => "'s3://bucket/lambda/functions/scan_id=scan-1/*.parquet'",
            "spark" => "LOCATION 's3://bucket/lambda/functions'",
            _ => "'s3://bucket/lambda/functions/scan_id=${scan_id}/'",
        };
        assert!(tables.contains(place), "{tables}");
    }
    let (_, without) = export(&["--dialect", "duckdb", "--only", "tables"]);
    assert!(
        without.contains("'{dataset}/functions/scan_id={scan_id}/*.parquet'"),
        "{without}"
    );
}

/// All checks in one statement would be more than Athena takes.
#[test]
fn no_statement_is_longer_than_athena_takes() {
    let all = ["--check-set", "compliance", "--only", "findings"];
    let scan = ["--dialect", "athena", "--scan", "s3://bucket/lambda/scan-1"];
    let (code, said) = export(&[&scan[..], &all[..]].concat());
    assert_eq!(code, 0, "{said}");
    let statements: Vec<&str> = said.split(";\n").collect();
    assert!(statements.len() > 1, "{} bytes", said.len());
    assert!(statements.iter().all(|it| it.len() < 262_144));
    for check in ["agent-tool-privileged", "policy-public", "vpc-absent"] {
        let asked = format!("SELECT '{check}' AS check_id");
        let answering = statements.iter().filter(|it| it.contains(&asked)).count();
        assert_eq!(answering, 1, "{check}");
    }
}

/// A path on this machine is given in full, since engines have folders of their own; Athena has
/// none.
#[test]
fn a_path_on_this_machine_is_given_in_full() {
    let local = ["--scan", "some/data/scan-1", "--only", "tables"];
    for dialect in ["duckdb", "spark"] {
        let (code, said) = export(&[&["--dialect", dialect], &local[..]].concat());
        assert_eq!(code, 0, "{said}");
        let whole = std::env::current_dir().unwrap().join("some/data/functions");
        assert!(said.contains(&format!("'{}", whole.display())), "{said}");
    }
    let (code, said) = export(&[&["--dialect", "athena"], &local[..]].concat());
    assert_eq!(code, 2);
    assert!(said.contains("Athena reads from S3 only"), "{said}");
}

/// What an engine would read as a number, a date or a special value names no scan.
#[test]
fn scan_ids_that_engines_read_as_something_else_are_refused() {
    for id in [
        "123",
        "2026-11-28",
        "1e5",
        "true",
        "__HIVE_DEFAULT_PARTITION__",
    ] {
        let told = format!(
            "`{id}` is not a valid scan id: query engines would read it as a number, a date or a special value"
        );
        let scan = format!("s3://bucket/lambda/{id}");
        let (code, said) = export(&["--dialect", "athena", "--scan", &scan]);
        assert_eq!(code, 2);
        assert!(said.contains(&told), "{said}");
        for option in ["--scan-id", "--resume"] {
            let mut command = program("111122223333");
            command.args(["scan", option, id]);
            let (code, said) = run(command);
            assert_eq!(code, 2);
            assert!(said.contains(&told), "{said}");
        }
    }
}
