//! The examples of every built-in check hold, and every check has the examples it needs.

use lambdasweep_checks::{Registry, run_example};

use crate::harness::{Draft, registry};

#[test]
fn the_examples_of_every_check_hold() {
    let registry = Registry::builtin().unwrap_or_else(|error| panic!("{error}"));
    let mut problems = Vec::new();
    for check in registry.all() {
        for example in &check.examples {
            if let Err(error) = run_example(check, example) {
                problems.push(format!(
                    "{}:{}: {}: {error}",
                    check.file, example.line, example.title
                ));
            }
        }
        for status in ["FAIL", "PASS", "UNKNOWN"] {
            let shown = check.examples.iter().any(|example| {
                example
                    .expect
                    .rows
                    .iter()
                    .flatten()
                    .any(|cell| cell == status)
            });
            if !shown {
                problems.push(format!("{}: no example shows {status}", check.id));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(registry.all().count() >= 9);
}

const QUERY: &str = "SELECT f.function_arn AS resource_arn, CASE WHEN f.runtime = 'old' THEN 'FAIL' ELSE 'PASS' END AS status, \
                     'its runtime is ' || COALESCE(f.runtime, 'none') AS detail FROM functions f";

/// Each example, and what is told of it: nothing where it holds.
#[test]
fn an_example_that_does_not_hold_shows_the_difference() {
    let cases = [
        "functions:\n| function_arn | runtime |\n|---|---|\n| function:a | old |\n| function:b | - |\nexpect:\n| resource_arn | status | detail |\n|---|---|---|\n| function:b | PASS | its runtime is none |\n| function:a | FAIL | its runtime is old |\n",
        "functions:\n| function_arn | runtime |\n| function:a | old |\nexpect:\n| resource_arn | status |\n| function:a | PASS |\n| function:b | PASS |\n",
        "functions:\n| function_arn | runtime |\n| function:a | a\\|b |\nexpect:\n| resource_arn | status | detail |\n| function:a | PASS | its runtime is a\\|b |\n",
        "functions:\n| function_arn | memory_mb |\n| function:a | much |\nexpect:\n| resource_arn | status |\n| function:a | PASS |\n",
        "functions:\n| function_arn | function_name |\n| function:a | - |\nexpect:\n| resource_arn | status |\n| function:a | PASS |\n",
        "functions:\n| function_arn | runtime |\n| function:a | old |\ncoverage:\n| fact |\n| functions |\nexpect:\n| resource_arn | status | detail |\n| function:a | FAIL | its runtime is old |\n| arn:aws:lambda:eu-west-1:111122223333:function:* | UNKNOWN | functions was not read: denied |\n",
    ];
    let mut told = String::new();
    for (at, case) in cases.into_iter().enumerate() {
        let examples = format!("## case {at}\n\n{case}");
        let registry = registry(&[Draft {
            query: QUERY,
            examples: &examples,
            ..Draft::default()
        }]);
        let check = registry.get("mine").unwrap();
        let outcome = run_example(check, &check.examples[0])
            .map_or_else(|error| error, |()| "holds".to_owned());
        told.push_str(&format!("{case}=> {outcome}\n\n"));
    }
    insta::assert_snapshot!(told);
}
