//! What the engine makes of a query's rows, for each subject.

use lambdasweep_checks::{Frames, evaluate};
use lambdasweep_tables::{CheckResultRow, FindingRow, Row};

use crate::harness::{Cells, Draft, fill, registry};

const A: &str = "111111111111";
const B: &str = "222222222222";

fn row(cells: &[(&'static str, &str)]) -> Cells {
    cells
        .iter()
        .map(|(name, cell)| (*name, (*cell).to_owned()))
        .collect()
}

fn arn(account: &str, region: &str, name: &str) -> String {
    format!("arn:aws:lambda:{region}:{account}:function:{name}")
}

fn function(account: &'static str, region: &'static str, name: &str) -> Cells {
    let (arn, role) = (
        arn(account, region, name),
        format!("arn:aws:iam::{account}:role/{name}"),
    );
    row(&[
        ("account_id", account),
        ("region", region),
        ("function_arn", &arn),
        ("function_name", name),
        ("role_arn", &role),
    ])
}

fn read(account: &str, region: &str, fact: &str, outcome: &str) -> Cells {
    row(&[
        ("account_id", account),
        ("region", region),
        ("fact", fact),
        ("outcome", outcome),
    ])
}

/// Two accounts: A with functions in one Region, one Region not enabled and one left out; B could
/// not be entered.
fn tables() -> Vec<(&'static str, Vec<Cells>)> {
    let layer = |name: &str, layer: &str| {
        row(&[
            ("account_id", A),
            ("region", "eu-west-1"),
            ("function_arn", &arn(A, "eu-west-1", name)),
            ("layer_version_arn", layer),
        ])
    };
    let region = |region: &'static str| row(&[("account_id", A), ("region", region)]);
    vec![
        (
            "accounts",
            vec![
                row(&[("account_id", A), ("name", "a")]),
                row(&[("account_id", B), ("name", "b")]),
                row(&[("account_id", "333333333333"), ("name", "left out")]),
            ],
        ),
        (
            "regions",
            vec![
                region("eu-west-1"),
                region("af-south-1"),
                region("us-east-1"),
            ],
        ),
        (
            "functions",
            vec![
                function(A, "eu-west-1", "one"),
                function(A, "eu-west-1", "two"),
            ],
        ),
        (
            "function_layers",
            vec![
                layer("one", "layer:x:1"),
                layer("two", "layer:x:1"),
                layer("two", "layer:y:2"),
            ],
        ),
        (
            "coverage",
            vec![
                read("", "", "organization", "ok"),
                read(A, "", "regions", "ok"),
                read(A, "eu-west-1", "functions", "ok"),
                read(A, "eu-west-1", "versions", "ok"),
                read(A, "af-south-1", "functions", "region_disabled"),
                read(A, "us-east-1", "functions", "skipped"),
                read(B, "", "functions", "denied"),
            ],
        ),
    ]
}

/// The findings of a check over the tables, one a line; then why it could not be run, if it could
/// not.
fn findings(draft: Draft<'_>, tables: &[(&'static str, Vec<Cells>)]) -> String {
    let registry = registry(&[draft]);
    let check = registry.get("mine").unwrap();
    let mut frames = Frames::new(&[check]);
    fill(&mut frames, tables);
    let evaluation = evaluate(&[check], &frames).unwrap();
    let findings = FindingRow::rows(&evaluation.findings).unwrap();
    let lines = findings.iter().map(|it| {
        let fault = if it.fault.is_empty() {
            String::new()
        } else {
            format!(" [{} {}]", it.severity, it.fault)
        };
        format!(
            "{} {}{fault} {} ({})",
            it.status, it.resource_arn, it.detail, it.resource_type
        )
    });
    let errors = evaluation
        .errors
        .iter()
        .map(|(id, error)| format!("{id}: {error}"));
    lines.chain(errors).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_subject_has_its_resources_and_its_evidence() {
    let mut all = String::new();
    for (subject, facts, query) in [
        (
            "function",
            "functions",
            "SELECT f.function_arn AS resource_arn, 'PASS' AS status, f.function_name AS detail FROM functions f",
        ),
        (
            "role",
            "functions",
            "SELECT f.role_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f GROUP BY f.role_arn",
        ),
        (
            "layer",
            "functions",
            "SELECT l.account_id, l.region, l.layer_version_arn AS resource_arn, 'PASS' AS status, l.function_arn AS detail FROM function_layers l",
        ),
        (
            "account",
            "organization",
            "SELECT a.account_id, 'PASS' AS status, a.name AS detail FROM accounts a",
        ),
        (
            "account",
            "organization, functions",
            "SELECT a.account_id, 'PASS' AS status, a.name AS detail FROM accounts a",
        ),
        (
            "account-region",
            "regions",
            "SELECT r.account_id, r.region, 'PASS' AS status, '' AS detail FROM regions r",
        ),
        (
            "account-region",
            "functions",
            "SELECT f.account_id, f.region, 'PASS' AS status, '' AS detail FROM functions f",
        ),
    ] {
        all.push_str(&format!(
            "{subject}, facts: [{facts}]\n{}\n\n",
            findings(
                Draft {
                    subject,
                    facts,
                    query,
                    ..Draft::default()
                },
                &tables()
            )
        ));
    }
    insta::assert_snapshot!(all);
}

/// What a query can answer wrongly costs its check, in words, and nothing else.
#[test]
fn a_wrong_answer_makes_unknown() {
    let mut all = String::new();
    for query in [
        "SELECT f.function_name AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f",
        "SELECT f.function_arn AS resource_arn, f.function_name AS status, '' AS detail FROM functions f",
        "SELECT f.runtime AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f",
        "SELECT NULL AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f",
        "SELECT f.function_arn AS resource_arn, f.runtime AS status, '' AS detail FROM functions f",
        // No mistake: some functions get no answer, and a detail may be absent.
        "SELECT f.function_arn AS resource_arn, 'PASS' AS status, NULL AS detail FROM functions f WHERE f.function_name = 'one'",
        // No mistake either: the worst answer counts; rows that name the same fault are one.
        "SELECT f.function_arn AS resource_arn, CASE WHEN g.function_name = f.function_name THEN 'PASS' ELSE 'FAIL' END AS status, 'beside ' || g.function_name AS detail \
         FROM functions f JOIN functions g ON g.account_id = f.account_id",
    ] {
        all.push_str(&format!(
            "{query}\n{}\n\n",
            findings(
                Draft {
                    query,
                    ..Draft::default()
                },
                &tables()
            )
        ));
    }
    insta::assert_snapshot!(all);
}

/// Only where a check says so does a FAIL stand though facts are missing; a PASS never does.
#[test]
fn a_fail_stands_where_the_check_says_so() {
    let mut tables = tables();
    tables.push((
        "function_urls",
        vec![row(&[
            ("account_id", A),
            ("region", "eu-west-1"),
            ("function_arn", &arn(A, "eu-west-1", "one")),
        ])],
    ));
    let query = "SELECT f.function_arn AS resource_arn, CASE WHEN u.function_arn IS NULL THEN 'PASS' ELSE 'FAIL' END AS status, 'it says' AS detail \
                 FROM functions f LEFT JOIN function_urls u ON u.function_arn = f.function_arn";
    let facts = "functions, function_urls";
    let all = ["", "stands: [FAIL]\n"].map(|more| {
        format!(
            "{more}{}\n",
            findings(
                Draft {
                    facts,
                    more,
                    query,
                    ..Draft::default()
                },
                &tables
            )
        )
    });
    insta::assert_snapshot!(all.join("\n"));
}

/// A row for each fault of a resource that fails, whatever the order and the number of rows that
/// tell of it; one row for what does not.
#[test]
fn each_fault_has_a_row() {
    let mut tables = tables();
    let variable = |function: &str, name: &str, rule: &str| {
        let arn = arn(A, "eu-west-1", function);
        row(&[
            ("account_id", A),
            ("region", "eu-west-1"),
            ("function_arn", &arn),
            ("name", name),
            ("secret_rule", rule),
        ])
    };
    let variables = vec![
        variable("one", "B", "medium"),
        variable("one", "A", "low"),
        variable("one", "A", "medium"),
        variable("one", &"long".repeat(60), "low"),
        variable("one", &format!("{}!", "long".repeat(60)), "low"),
        variable("one", "C", ""),
        variable("two", "", "UNKNOWN"),
        variable("two", "B", "NOT_APPLICABLE"),
    ];
    let query = "SELECT f.function_arn AS resource_arn, \
                 CASE WHEN v.secret_rule IN ('UNKNOWN', 'NOT_APPLICABLE') THEN v.secret_rule WHEN v.name IS NULL THEN 'PASS' ELSE 'FAIL' END AS status, \
                 'found ' || v.name AS detail, v.name AS fault, v.secret_rule AS severity \
                 FROM functions f LEFT JOIN function_environment v ON v.function_arn = f.function_arn";
    let (facts, more) = ("functions, versions", "stands: [FAIL]\n");
    let told = |tables: &[(&'static str, Vec<Cells>)]| {
        findings(
            Draft {
                facts,
                severity: "[low, medium]",
                more,
                query,
                ..Draft::default()
            },
            tables,
        )
    };
    tables.push(("function_environment", variables.clone()));
    let first = told(&tables);
    tables.pop();
    tables.push((
        "function_environment",
        variables.into_iter().rev().collect(),
    ));
    assert_eq!(first, told(&tables), "the order of rows does not matter");
    insta::assert_snapshot!(first);
    let wrong = query.replace("v.secret_rule AS severity", "v.name AS severity");
    let told = findings(
        Draft {
            facts,
            severity: "[low, medium]",
            query: &wrong,
            ..Draft::default()
        },
        &tables,
    );
    assert!(
        told.contains("which its front matter does not list"),
        "{told}"
    );
}

/// The fingerprint tells faults apart, and nothing else changes it.
#[test]
fn a_fingerprint_covers_check_account_region_resource_and_fault() {
    let query = |fault: &str, detail: &str| {
        format!(
            "SELECT f.function_arn AS resource_arn, 'FAIL' AS status, '{detail}' AS detail, '{fault}' AS fault FROM functions f"
        )
    };
    let fingerprints = |query: &str| {
        let registry = registry(&[Draft {
            query,
            ..Draft::default()
        }]);
        let check = registry.get("mine").unwrap();
        let mut frames = Frames::new(&[check]);
        fill(&mut frames, &tables());
        let findings = evaluate(&[check], &frames).unwrap().findings;
        let findings = FindingRow::rows(&findings).unwrap();
        findings
            .into_iter()
            .filter(|it| it.status == "FAIL")
            .map(|it| it.fingerprint)
            .collect::<Vec<_>>()
    };
    let [first, same, other] = [query("a", "once"), query("a", "again"), query("b", "once")]
        .map(|query| fingerprints(&query));
    assert_eq!(first.len(), 2);
    assert_eq!(first, same);
    assert!(first[0] != first[1] && first.iter().all(|fingerprint| !other.contains(fingerprint)));
}

/// A function that was listed is judged, whatever becomes of the rest of the list; what could not
/// be listed is told once, of the Region.
#[test]
fn a_list_that_breaks_off_costs_what_was_not_listed() {
    let query = "SELECT f.function_arn AS resource_arn, CASE WHEN f.function_name = 'one' THEN 'FAIL' ELSE 'PASS' END AS status, '' AS detail FROM functions f";
    let mut all = String::new();
    for outcome in ["failed", "denied", "throttled"] {
        let mut tables = tables();
        for (_, rows) in tables.iter_mut().filter(|(name, _)| *name == "coverage") {
            rows.retain(|row| !row.contains(&("region", "eu-west-1".to_owned())));
            rows.push(read(A, "eu-west-1", "functions", outcome));
        }
        all.push_str(&format!(
            "{}\n\n",
            findings(
                Draft {
                    query,
                    ..Draft::default()
                },
                &tables
            )
        ));
    }
    insta::assert_snapshot!(all);
}

/// A function that the service itself calls gone is not judged, and its row makes no mistake of a
/// query that answers for it.
#[test]
fn what_is_gone_is_not_judged() {
    let mut tables = tables();
    let gone = arn(A, "eu-west-1", "two");
    let mut row = read(A, "eu-west-1", "functions", "gone");
    row.push(("resource_arn", gone.clone()));
    tables.push(("coverage", vec![row]));
    let query =
        "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f";
    let told = findings(
        Draft {
            query,
            ..Draft::default()
        },
        &tables,
    );
    assert!(
        told.contains("PASS arn:aws:lambda:eu-west-1:111111111111:function:one")
            && !told.contains(&gone),
        "{told}"
    );
}

/// One row may speak of a fact for all functions of a Region; a function's own row wins.
#[test]
fn a_row_for_the_region_speaks_for_its_functions() {
    let mut tables = tables();
    let mut own = read(A, "eu-west-1", "function_urls", "denied");
    own.push(("resource_arn", arn(A, "eu-west-1", "two")));
    tables.push((
        "coverage",
        vec![read(A, "eu-west-1", "function_urls", "ok"), own],
    ));
    let query =
        "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f";
    let told = findings(
        Draft {
            facts: "functions, function_urls",
            query,
            ..Draft::default()
        },
        &tables,
    );
    assert!(
        told.contains("PASS arn:aws:lambda:eu-west-1:111111111111:function:one"),
        "{told}"
    );
    assert!(told.contains("UNKNOWN arn:aws:lambda:eu-west-1:111111111111:function:two function_urls was not read: denied"), "{told}");
}

#[test]
fn details_are_shortened_by_letters() {
    let query = format!(
        "SELECT f.function_arn AS resource_arn, 'FAIL' AS status, '{}' AS detail FROM functions f",
        "é".repeat(700)
    );
    let told = findings(
        Draft {
            query: &query,
            ..Draft::default()
        },
        &tables(),
    );
    assert!(
        told.contains(&format!(" {}… (function)", "é".repeat(600))),
        "{told}"
    );
}

#[test]
fn results_count_the_findings() {
    let registry = registry(&[]);
    let checks: Vec<_> = registry.all().collect();
    let mut frames = Frames::new(&checks);
    let mut tables = tables();
    let arn = arn(A, "eu-west-1", "one");
    let latest = row(&[
        ("account_id", A),
        ("region", "eu-west-1"),
        ("function_arn", &arn),
        ("version", "$LATEST"),
        ("runs", "yes"),
        ("kms_key_arn", "key"),
    ]);
    tables.push(("function_versions", vec![latest]));
    fill(&mut frames, &tables);
    let evaluation = evaluate(&checks, &frames).unwrap();
    let results = CheckResultRow::rows(&evaluation.results).unwrap();
    let counted: i64 = results
        .iter()
        .map(|row| row.faults + row.unknown + row.pass + row.not_applicable)
        .sum();
    assert_eq!(
        counted,
        i64::try_from(evaluation.findings.height()).unwrap()
    );
    assert!(
        results.is_sorted()
            && results.iter().any(|row| row.pass > 0)
            && results.iter().any(|row| row.unknown > 0)
    );
}
