//! The examples of every check hold, every check has the examples it needs, and no PASS comes out for what was not read.

use lambdasweep_checks::{Registry, run_example};

#[test]
fn the_examples_of_every_check_hold() {
    let registry = Registry::builtin().unwrap_or_else(|error| panic!("{error}"));
    let mut problems = Vec::new();
    for check in registry.all() {
        for example in &check.examples {
            if let Err(error) = run_example(check, example) {
                problems.push(format!("{}:{}: {}: {error}", check.file, example.line, example.title));
            }
        }
        for status in ["FAIL", "PASS", "UNKNOWN"] {
            let shown = check.examples.iter().any(|example| example.expect.rows.iter().flatten().any(|cell| cell == status));
            if !shown {
                problems.push(format!("{}: no example shows {status}", check.id));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(registry.all().count() >= 9);
}

#[test]
fn an_unknown_check_is_told_with_the_nearest() {
    let registry = Registry::builtin().unwrap_or_else(|error| panic!("{error}"));
    let error = registry.get("runtime-old").expect_err("no such check").to_string();
    assert_eq!(error, "there is no check `runtime-old`: did you mean runtime-deprecated?; `lambdasweep checks list` shows all");
}
