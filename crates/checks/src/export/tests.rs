//! What is exported.

use lambdasweep_tables::{CoverageRow, FunctionRow, Row, TABLES, facts};

use super::coverage::{CONFLICTS, COVERAGE_FOR, NO_COVERAGE, WAS_NOT_READ};
use super::dialect::FUNCTIONS;
use super::{DatasetPlace, Dialect, ExportError, findings, tables};
use crate::check::Check;
use crate::engine::evaluate;
use crate::frames::Frames;
use crate::registry::Registry;
use crate::testing::row;

fn place() -> DatasetPlace {
    DatasetPlace {
        folder: "s3://bucket/lambda".to_owned(),
        scan_id: "scan-1".to_owned(),
        database: "lambdasweep".to_owned(),
    }
}

fn registry() -> Registry {
    Registry::builtin().expect("checks")
}

/// Words that an engine takes for its own where they stand without quotes: Trino's and Spark's
/// (ANSI) reserved words, and those of DuckDB that may name neither a table nor a column.
const RESERVED: &[&str] = &[
    "all",
    "alter",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "between",
    "both",
    "by",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "constraint",
    "create",
    "cross",
    "cube",
    "deallocate",
    "default",
    "deferrable",
    "delete",
    "desc",
    "describe",
    "distinct",
    "do",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "execute",
    "exists",
    "extract",
    "false",
    "fetch",
    "filter",
    "for",
    "foreign",
    "from",
    "full",
    "grant",
    "group",
    "grouping",
    "having",
    "in",
    "initially",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "join",
    "lambda",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "listagg",
    "localtime",
    "natural",
    "normalize",
    "not",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "pivot",
    "placing",
    "prepare",
    "primary",
    "qualify",
    "recursive",
    "references",
    "returning",
    "right",
    "rollup",
    "select",
    "session_user",
    "show",
    "skip",
    "some",
    "summarize",
    "symmetric",
    "table",
    "then",
    "time",
    "to",
    "trailing",
    "trim",
    "true",
    "uescape",
    "union",
    "unique",
    "unknown",
    "unnest",
    "unpivot",
    "user",
    "using",
    "values",
    "variadic",
    "when",
    "where",
    "window",
    "with",
    "within",
];

#[test]
fn every_check_is_said_in_every_dialect() {
    let registry = registry();
    let all: Vec<&Check> = registry.all().collect();
    for dialect in Dialect::ALL {
        let whole = findings(&all, dialect, &place()).expect("exported");
        for check in &all {
            let one = findings(&[check], dialect, &place()).expect("exported");
            assert!(one.contains(&check.id) && one.len() < whole.len());
            // Athena takes no longer ones.
            assert!(one.len() < 262_144, "{dialect} {}: {}", check.id, one.len());
        }
    }
}

/// Whatever the linter lets through has a name; and a function that has none is refused by name.
#[test]
fn functions_have_a_name_in_every_dialect() {
    for name in crate::lint::SCALARS.iter().chain(&crate::lint::AGGREGATES) {
        assert!(FUNCTIONS.iter().any(|(known, _)| known == name), "{name}");
    }
    let registry = registry();
    let mut check = registry.all().next().expect("a check").clone();
    check.query = "SELECT f.function_arn AS resource_arn, 'PASS' AS status, TRIM (f.runtime) AS detail FROM functions f".to_owned();
    for dialect in Dialect::ALL {
        let error = findings(&[&check], dialect, &place());
        let expected = ExportError::Function {
            check: check.id.clone(),
            function: "TRIM".to_owned(),
            dialect,
        };
        assert_eq!(error, Err(expected));
    }
}

#[test]
fn texts_are_quoted_as_each_engine_reads_them() {
    let registry = registry();
    let mut check = registry.all().next().expect("a check").clone();
    check.query =
        "SELECT f.function_arn AS resource_arn, 'PASS' AS status, 'it''s ${a}' AS detail FROM functions f"
            .to_owned();
    for (dialect, text) in [
        (Dialect::DuckDb, "'it''s ${a}'"),
        (Dialect::Spark, r"'it\'s $\{a}'"),
        (Dialect::Athena, "'it''s ${a}'"),
    ] {
        let said = findings(&[&check], dialect, &place()).expect("exported");
        assert!(said.contains(&format!("{text} AS detail")), "{said}");
    }
}

/// Names stand without quotes in queries, and a CTE of the engine never hides a table.
#[test]
fn names_need_no_quotes() {
    // Those that statements read: checks', and what was read.
    for table in TABLES
        .iter()
        .filter(|table| !table.facts.is_empty() || table.name == CoverageRow::TABLE.name)
    {
        assert!(!RESERVED.contains(&table.name), "{}", table.name);
        for column in table.columns {
            assert!(
                !RESERVED.contains(&column.name),
                "{}.{}",
                table.name,
                column.name
            );
        }
    }
    let registry = registry();
    let all: Vec<&Check> = registry.all().collect();
    let said = findings(&all, Dialect::DuckDb, &place()).expect("exported");
    let mut names: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_suffix(" AS ("))
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.trim_start_matches("WITH "))
        .collect();
    assert!(
        names.contains(&"functions") && names.contains(&"told"),
        "{names:?}"
    );
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
    assert!(names.iter().all(|name| !RESERVED.contains(name)));
}

/// The words are written down twice, in the engine and here.
#[test]
fn the_words_of_gaps_are_those_of_the_engine() {
    let registry = registry();
    let check = registry.get("code-signing-absent").expect("a check");
    let (account, fact) = ("111111111111", facts::CODE_SIGNING);
    let cover = |region: &str, fact: &str, outcome: &str, code: &str| -> CoverageRow {
        row(&[
            ("account_id", account),
            ("region", region),
            ("fact", fact),
            ("outcome", outcome),
            ("error_code", code),
        ])
    };
    let regions = ["eu-west-1", "eu-west-2", "eu-west-3", "us-east-1"];
    let function = |region: &&str| -> FunctionRow {
        let arn = format!("arn:aws:lambda:{region}:{account}:function:f");
        row(&[
            ("account_id", account),
            ("region", region),
            ("function_arn", &arn),
        ])
    };
    let functions: Vec<FunctionRow> = regions.iter().map(function).collect();
    let mut coverage: Vec<CoverageRow> = regions
        .iter()
        .map(|region| cover(region, "functions", "ok", ""))
        .collect();
    coverage.extend([
        cover(regions[0], fact.as_str(), "denied", "Code"),
        cover(regions[1], fact.as_str(), "failed", ""),
        cover(regions[2], fact.as_str(), "ok", ""),
        cover(regions[2], fact.as_str(), "denied", ""),
    ]);
    let mut frames = Frames::new(&[check]);
    frames
        .insert("functions", [FunctionRow::frame(&functions)])
        .expect("functions");
    frames
        .insert("coverage", [CoverageRow::frame(&coverage)])
        .expect("coverage");
    let found = evaluate(&[check], &frames).expect("evaluated").findings;
    let details = found.column("detail").expect("a column");
    let details: Vec<&str> = details.str().expect("texts").iter().flatten().collect();
    let expected = [
        format!("{fact}{WAS_NOT_READ}denied (Code)"),
        format!("{fact}{WAS_NOT_READ}failed"),
        format!("{COVERAGE_FOR}{fact}{CONFLICTS}"),
        format!("{NO_COVERAGE}{fact}"),
    ];
    assert_eq!(details, expected);
}

#[test]
fn tables_are_declared_with_the_partition_as_text() {
    let registry = registry();
    let check = registry.get("guardrail-missing").expect("a check");
    for dialect in Dialect::ALL {
        let statements = tables(&[check], dialect, &place()).expect("declared");
        let said: Vec<&str> = statements
            .iter()
            .map(String::as_str)
            .filter(|it| it.contains("guardrails") || it.contains("IF NOT EXISTS lambdasweep\n"))
            .collect();
        insta::assert_snapshot!(format!("tables-{dialect}"), said.join(";\n\n"));
    }
    let pattern = DatasetPlace {
        folder: "data/[a]".to_owned(),
        ..place()
    };
    assert!(tables(&[check], Dialect::DuckDb, &pattern).is_err());
    assert!(tables(&[check], Dialect::Spark, &pattern).is_ok());
}

/// A whole statement, so that a change of any of its steps is seen.
#[test]
fn a_statement_has_the_steps_of_the_engine() {
    let registry = registry();
    let check = registry.get("role-administrator").expect("a check");
    let said = findings(&[check], Dialect::DuckDb, &place()).expect("exported");
    insta::assert_snapshot!("role-administrator", said);
}

/// The checks with which scripts/conformance-engines compares engines are sound, and reach what the
/// built-in ones do not: every kind of resource, and what functions refer to in other accounts.
#[test]
fn the_checks_of_the_conformance_script_reach_every_kind() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/engines");
    let linted = crate::registry::lint_dir(folder.as_ref()).expect("the folder");
    assert_eq!(linted.problems, Vec::<String>::new());
    let mut registry = registry();
    registry.add_folder(folder.as_ref()).expect("added");
    for kind in crate::SubjectKind::all() {
        assert!(registry.all().any(|check| check.subject == kind), "{kind}");
    }
    let check = registry.get("engines-queue-of-function").expect("a check");
    let said = findings(&[check], Dialect::DuckDb, &place()).expect("exported");
    let link = "SELECT function_arn AS resource_arn, queue_arn AS other FROM failure_targets WHERE queue_arn <> ''";
    assert!(said.contains(link), "{said}");
}
