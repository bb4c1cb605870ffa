//! Each rule of the portable subset: what is refused, in the words that a user reads; and what is
//! not.

use lambdasweep_checks::lint_dir;

use crate::harness::{Draft, folder};

/// Queries of a check of functions that names the facts `functions`, `function_urls` and `aliases`.
/// `…` stands for a sound list of columns.
const REFUSED: &[&str] = &[
    // What it is.
    "",
    "SELECT",
    "SELECT 'a\nFROM functions f",
    "SELECT … FROM functions f; SELECT … FROM functions f",
    "DELETE FROM functions",
    "SELECT … FROM functions f WHERE",
    "SELECT … FROM functions f WHERE f.account_id = ((((((((((((((((((((((((((((((((((((((((((((((((((('a')))))))))))))))))))))))))))))))))))))))))))))))))))",
    // The answer.
    "SELECT f.function_arn, 'PASS' AS status, '' AS detail FROM functions f",
    "SELECT f.function_arn AS resource_arn, 'PASS' AS status FROM functions f",
    "SELECT f.function_arn AS resource_arn, '' AS detail, 'PASS' AS status FROM functions f",
    "SELECT * FROM functions f",
    "SELECT f.* FROM functions f",
    "SELECT f.function_arn AS resource_arn, 'OK' AS status, '' AS detail FROM functions f",
    "SELECT f.function_arn AS resource_arn, CASE WHEN f.runtime = 'x' THEN 'FAIL' END AS status, '' AS detail FROM functions f",
    "SELECT f.function_arn AS resource_arn, CASE WHEN f.runtime = 'x' THEN 'FAIL' ELSE NULL END AS status, '' AS detail FROM functions f",
    "SELECT f.function_arn AS resource_arn, CASE WHEN f.runtime = 'x' THEN (CASE WHEN f.region = 'y' THEN 'fail' ELSE 'FAIL' END) ELSE 'PASS' END AS status, '' AS detail FROM functions f",
    "SELECT f.function_arn AS resource_arn, 'PASS' AS status, f.memory_mb AS detail FROM functions f",
    "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS status FROM functions f",
    // Clauses.
    "SELECT … FROM functions f ORDER BY f.function_arn",
    "SELECT … FROM functions f LIMIT 1",
    "SELECT … FROM functions f FETCH FIRST 1 ROWS ONLY",
    "SELECT … FROM functions f FOR UPDATE",
    "SELECT DISTINCT … FROM functions f",
    "SELECT TOP 1 … FROM functions f",
    "SELECT … FROM functions f WINDOW w AS (PARTITION BY f.region)",
    "SELECT … FROM functions f QUALIFY f.region = 'x'",
    "SELECT … FROM functions f GROUP BY ALL",
    "SELECT … FROM functions f GROUP BY ROLLUP (f.function_arn)",
    "SELECT … FROM functions f GROUP BY LOWER(f.function_arn)",
    "SELECT f.region AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f GROUP BY f.region",
    "SELECT … FROM functions f GROUP BY f.account_id",
    "SELECT MIN(f.function_arn) AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f LEFT JOIN function_urls u ON u.function_arn = f.function_arn GROUP BY u.function_arn",
    "SELECT … FROM functions f HAVING COUNT(*) > 1",
    "SELECT … FROM functions f GROUP BY f.function_arn HAVING COUNT(*)",
    "SELECT … FROM functions f WHERE f.runtime",
    "SELECT … FROM functions f WHERE COUNT(*) > 1",
    "SELECT … FROM functions f UNION SELECT … FROM functions f",
    "SELECT … FROM functions f EXCEPT SELECT … FROM functions f",
    "SELECT … FROM functions f UNION ALL SELECT f.function_arn, 'PASS' FROM functions f",
    "WITH x AS (SELECT f.function_arn, f.memory_mb FROM functions f UNION ALL SELECT f.function_arn, f.runtime FROM functions f) SELECT x.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM x",
    "WITH RECURSIVE x AS (SELECT f.function_arn FROM functions f) SELECT … FROM x f",
    "WITH x (function_arn) AS (SELECT f.function_arn FROM functions f) SELECT … FROM x f",
    "WITH functions AS (SELECT f.function_arn FROM functions f) SELECT … FROM functions f",
    "WITH x AS (SELECT f.function_arn FROM functions f), x AS (SELECT f.function_arn FROM functions f) SELECT … FROM x f",
    // FROM.
    "SELECT 'a' AS resource_arn, 'PASS' AS status, '' AS detail",
    "SELECT … FROM functions f, function_urls u",
    "SELECT … FROM function f",
    "SELECT … FROM \"functions\" f",
    "SELECT … FROM coverage f",
    "SELECT … FROM findings f",
    "SELECT … FROM read_parquet('/etc/passwd') f",
    "SELECT … FROM UNNEST('a') f",
    "SELECT … FROM (SELECT f.function_arn FROM functions f)",
    "SELECT … FROM functions f TABLESAMPLE (1 PERCENT)",
    "SELECT … FROM functions f (a, b)",
    "SELECT … FROM functions F",
    "SELECT … FROM functions f RIGHT JOIN function_urls u ON u.function_arn = f.function_arn",
    "SELECT … FROM functions f FULL JOIN function_urls u ON u.function_arn = f.function_arn",
    "SELECT … FROM functions f CROSS JOIN function_urls u",
    "SELECT … FROM functions f NATURAL JOIN function_urls u",
    "SELECT … FROM functions f JOIN function_urls u USING (function_arn)",
    "SELECT … FROM functions f JOIN function_urls u",
    "SELECT … FROM functions f JOIN function_urls f ON f.function_arn = f.function_arn",
    "SELECT … FROM functions f JOIN function_urls u ON u.region = f.region",
    "SELECT … FROM functions f JOIN function_urls u ON u.function_arn = f.function_arn OR u.region = f.region",
    "SELECT … FROM functions f JOIN function_urls u ON u.function_arn = f.function_arn AND u.auth_type = 'NONE'",
    "SELECT … FROM functions f JOIN function_urls u ON u.function_arn = u.function_arn",
    "SELECT … FROM functions f JOIN function_urls u ON (u.function_arn = f.function_arn)",
    "SELECT … FROM functions f JOIN roles r ON r.role_arn = f.role_arn",
    // Names.
    "SELECT … FROM functions f WHERE f.functon_name = 'x'",
    "SELECT … FROM functions f WHERE f.colour = 'x'",
    "SELECT … FROM functions f WHERE g.runtime = 'x'",
    "SELECT … FROM functions f JOIN function_urls u ON u.function_arn = f.function_arn WHERE auth_type = 'NONE'",
    "SELECT … FROM functions f WHERE f.Runtime = 'x'",
    "SELECT … FROM functions f WHERE f.\"runtime\" = 'x'",
    "SELECT … FROM (SELECT f.function_arn, f.runtime AS rt FROM functions f) f WHERE f.runtime = 'x'",
    // Expressions.
    "SELECT … FROM functions f WHERE f.runtime = NULL",
    "SELECT … FROM functions f WHERE f.runtime IN ('x', NULL)",
    "SELECT … FROM functions f WHERE f.memory_mb > '128'",
    "SELECT … FROM functions f WHERE f.memory_mb BETWEEN 1 AND '2'",
    "SELECT … FROM functions f WHERE f.runtime IN ('x', 1)",
    "SELECT … FROM functions f WHERE f.runtime IN (f.region)",
    "SELECT … FROM functions f WHERE f.runtime NOT IN (SELECT u.auth_type FROM function_urls u)",
    "SELECT … FROM functions f WHERE EXISTS (SELECT u.auth_type FROM function_urls u)",
    "SELECT … FROM functions f WHERE f.runtime = (SELECT MIN(u.auth_type) FROM function_urls u)",
    "SELECT … FROM functions f WHERE CAST(f.memory_mb AS VARCHAR) = '128'",
    "SELECT … FROM functions f WHERE f.runtime_deprecated IS TRUE",
    "SELECT … FROM functions f WHERE f.memory_mb LIKE 'x'",
    "SELECT … FROM functions f WHERE f.runtime LIKE f.region",
    "SELECT … FROM functions f WHERE f.runtime LIKE 'a!_' ESCAPE '!'",
    "SELECT … FROM functions f WHERE f.runtime ILIKE 'x'",
    "SELECT … FROM functions f WHERE f.runtime SIMILAR TO 'x'",
    "SELECT … FROM functions f WHERE f.runtime = 'a\\b'",
    "SELECT … FROM functions f WHERE f.memory_mb > 1.5",
    "SELECT … FROM functions f WHERE f.memory_mb > 9223372036854775808",
    "SELECT … FROM functions f WHERE f.memory_mb / 2 > 1",
    "SELECT … FROM functions f WHERE f.memory_mb + 'x' > 1",
    "SELECT … FROM functions f WHERE -f.runtime > 1",
    "SELECT … FROM functions f WHERE NOT f.runtime",
    "SELECT … FROM functions f WHERE f.runtime || 1 = 'x'",
    "SELECT … FROM functions f WHERE f.runtime AND TRUE",
    "SELECT … FROM functions f WHERE f.runtime = X'00'",
    "SELECT … FROM functions f WHERE f.last_modified > DATE '2026-01-01'",
    "SELECT … FROM functions f WHERE f.last_modified > CURRENT_DATE",
    "SELECT … FROM functions f WHERE EXTRACT(YEAR FROM f.last_modified) > 2020",
    "SELECT … FROM functions f WHERE f.runtime IS DISTINCT FROM 'x'",
    "SELECT … FROM functions f WHERE CASE WHEN f.runtime = 'x' THEN 1 ELSE 'y' END = 1",
    "SELECT … FROM functions f WHERE CASE WHEN f.runtime THEN TRUE ELSE FALSE END",
    "SELECT … FROM functions f WHERE CASE f.runtime WHEN 1 THEN TRUE ELSE FALSE END",
    "SELECT … FROM functions f WHERE REGEXP_LIKE(f.runtime, 'x')",
    "SELECT … FROM functions f WHERE COALESCE(f.runtime) = 'x'",
    "SELECT … FROM functions f WHERE COALESCE(f.runtime, 1) = 'x'",
    "SELECT … FROM functions f WHERE NULLIF(f.runtime, 'x', 'y') = 'x'",
    "SELECT … FROM functions f WHERE LOWER(f.memory_mb) = 'x'",
    "SELECT … FROM functions f WHERE LOWER(DISTINCT f.runtime) = 'x'",
    "SELECT … FROM functions f WHERE LOWER(*) = 'x'",
    "SELECT … FROM functions f WHERE CURRENT_USER = 'x'",
    "SELECT … FROM functions f GROUP BY f.function_arn HAVING SUM(f.runtime) > 1",
    "SELECT … FROM functions f GROUP BY f.function_arn HAVING SUM(COUNT(*)) > 1",
    "SELECT … FROM functions f GROUP BY f.function_arn HAVING COUNT(*) FILTER (WHERE f.runtime = 'x') > 1",
    "SELECT … FROM functions f GROUP BY f.function_arn HAVING MIN(DISTINCT f.runtime) = 'x'",
    "SELECT f.function_arn AS resource_arn, 'PASS' AS status, MIN(f.region) OVER (PARTITION BY f.account_id) AS detail FROM functions f GROUP BY f.function_arn",
    // Several at once.
    "SELECT f.function_arn AS resource_arn,\n       'OK' AS status,\n       f.nme AS detail\nFROM functions f\nWHERE f.runtime = NULL\nLIMIT 1",
    // Rows about several kinds of resources.
    "SELECT … FROM functions f LEFT JOIN resource_policy_statements s ON s.resource_arn = f.function_arn",
    "SELECT … FROM functions f LEFT JOIN (SELECT p.resource_arn FROM resource_policy_statements p WHERE p.resource_type = 'role') s ON s.resource_arn = f.function_arn",
    "SELECT … FROM functions f LEFT JOIN (SELECT p.resource_arn FROM resource_policy_statements p WHERE p.resource_type = 'function') s ON s.resource_arn = f.function_arn",
    "SELECT … FROM functions f LEFT JOIN (SELECT p.resource_arn FROM resource_policy_named p WHERE p.resource_type IN ('function', 'published-layer')) s ON s.resource_arn = f.function_arn",
];

/// Queries of the same check that are in the subset.
const ALLOWED: &[&str] = &[
    "SELECT … FROM functions f",
    "SELECT … FROM functions f;",
    "SELECT … FROM functions AS f WHERE f.runtime IS NULL OR NOT (f.runtime LIKE 'py%' AND f.memory_mb BETWEEN 1 AND 2)",
    "SELECT … FROM functions f WHERE f.runtime NOT IN ('x', 'y') AND f.runtime NOT LIKE 'z%' AND f.memory_mb * 2 - 1 > -1",
    "SELECT … FROM functions f WHERE COALESCE(NULLIF(LOWER(f.runtime), 'x'), UPPER(f.region), 'y') || 'z' <> 'w' AND f.runtime_deprecated = TRUE",
    "SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions",
    "SELECT functions.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions",
    "SELECT f.function_arn AS resource_arn, CASE f.runtime WHEN 'x' THEN 'FAIL' ELSE 'PASS' END AS status, NULL AS detail FROM functions f",
    "SELECT … FROM functions f LEFT JOIN function_urls u ON u.function_arn = f.function_arn AND u.region = f.region WHERE u.auth_type IS NULL",
    "SELECT … FROM functions f JOIN function_urls u ON f.function_arn = u.function_arn",
    "SELECT … FROM functions f GROUP BY f.function_arn HAVING COUNT(*) > 1 AND COUNT(DISTINCT f.region) > 1 AND MIN(f.memory_mb) < MAX(f.memory_mb)",
    "WITH x AS (SELECT f.function_arn, COUNT(*) AS n FROM functions f GROUP BY f.function_arn) SELECT … FROM functions f JOIN x ON x.function_arn = f.function_arn WHERE x.n > 1",
    "SELECT … FROM (SELECT g.function_arn FROM functions g) f UNION ALL SELECT u.function_arn, 'FAIL' AS status, u.auth_type FROM function_urls u",
];

fn draft<'a>(query: &'a str) -> Draft<'a> {
    Draft {
        facts: "functions, function_urls, aliases",
        query,
        ..Draft::default()
    }
}

fn written_out(query: &str) -> String {
    query.replace(
        '…',
        "f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail",
    )
}

/// What is told of a check's file, each line without the folder.
fn told(draft: &Draft<'_>) -> Vec<String> {
    let folder = folder([("mine.md", draft.text())]);
    let problems = lint_dir(folder.path()).unwrap().problems;
    problems
        .into_iter()
        .map(|problem| problem.replace(&format!("{}/", folder.path().display()), ""))
        .collect()
}

#[test]
fn each_rule_fires_in_these_words() {
    let mut all = String::new();
    let mut silent = Vec::new();
    for query in REFUSED {
        let problems = told(&draft(&written_out(query)));
        if problems.is_empty() {
            silent.push(query);
        }
        all.push_str(&format!("{query}\n=> {}\n\n", problems.join("\n=> ")));
    }
    assert!(silent.is_empty(), "these should be refused: {silent:#?}");
    insta::assert_snapshot!(all);
}

#[test]
fn the_subset_is_allowed_and_can_be_run() {
    for query in ALLOWED {
        let written_out = written_out(query);
        assert_eq!(told(&draft(&written_out)), Vec::<String>::new(), "{query}");
    }
}

/// Rules that depend on more than the query: subject, facts, `across-accounts`.
#[test]
fn what_the_front_matter_asks_for_is_held_to() {
    let by_region = "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f JOIN function_urls u ON u.region = f.region";
    let organization = "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f \
                        LEFT JOIN accounts a ON a.account_id = f.account_id LEFT JOIN organizational_units o ON o.id = a.parent_id";
    let other = "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f \
                 JOIN accounts a ON a.name = f.function_name JOIN functions g ON g.account_id = a.account_id";
    // Nothing in these says which queues a function refers to.
    let queue = "SELECT f.function_arn AS resource_arn, 'PASS' AS status, q.queue_name AS detail FROM functions f \
                 LEFT JOIN queues q ON q.queue_arn = f.dead_letter_target_arn";
    let queue_policy = "SELECT f.function_arn AS resource_arn, 'PASS' AS status, p.sid AS detail FROM functions f \
                        LEFT JOIN (SELECT s.resource_arn, s.sid FROM resource_policy_statements s WHERE s.resource_type = 'queue') p \
                        ON p.resource_arn = f.dead_letter_target_arn";
    let queue_target = "SELECT f.function_arn AS resource_arn, 'PASS' AS status, t.queue_arn AS detail FROM functions f \
                        LEFT JOIN failure_targets t ON t.function_arn = f.function_arn";
    let cases = [
        (
            "function",
            "function_urls",
            "",
            "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f",
        ),
        (
            "function",
            "functions",
            "",
            "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM function_qualifiers f",
        ),
        ("function", "functions, function_urls", "", by_region),
        (
            "function",
            "functions, function_urls",
            "across-accounts: true\n",
            by_region,
        ),
        ("function", "functions, organization", "", organization),
        ("function", "functions, organization", "", other),
        (
            "role",
            "functions",
            "",
            "SELECT f.role_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f GROUP BY f.role_arn",
        ),
        (
            "function",
            "functions, queues",
            "across-accounts: true\n",
            queue,
        ),
        (
            "function",
            "functions, queues",
            "across-accounts: true\n",
            queue_policy,
        ),
        (
            "function",
            "functions, queues",
            "across-accounts: true\n",
            queue_target,
        ),
        (
            "layer",
            "functions",
            "",
            "SELECT l.layer_version_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM function_layers l",
        ),
        (
            "account",
            "functions",
            "",
            "SELECT f.account_id, 'PASS' AS status, '' AS detail FROM functions f GROUP BY f.account_id",
        ),
        (
            "account-region",
            "functions",
            "",
            "SELECT f.account_id, 'PASS' AS status, '' AS detail FROM functions f GROUP BY f.account_id",
        ),
        ("vpc", "functions", "", "SELECT 1"),
        ("function", "urls", "", "SELECT 1"),
        ("function", "functions", "stands: [PERHAPS]\n", "SELECT 1"),
        ("function", "functions", "stands: [PASS]\n", "SELECT 1"),
        ("function", "functions", "fail-stands: true\n", "SELECT 1"),
        ("function", "functions, functions", "", "SELECT 1"),
        ("function", "", "", "SELECT 1"),
        ("function", "functions", "colour: red\n", "SELECT 1"),
        (
            "function",
            "functions",
            "frameworks: { cis: [] }\n",
            "SELECT 1",
        ),
    ];
    let mut all = String::new();
    for (subject, facts, more, query) in cases {
        let problems = told(&Draft {
            subject,
            facts,
            more,
            query,
            ..Draft::default()
        });
        let problems: Vec<_> = problems
            .iter()
            .filter(|problem| !problem.contains("the example"))
            .map(String::as_str)
            .collect();
        all.push_str(&format!(
            "subject: {subject}, facts: [{facts}] {more}{query}\n=> {}\n\n",
            if problems.is_empty() {
                "fine".to_owned()
            } else {
                problems.join("\n=> ")
            }
        ));
    }
    insta::assert_snapshot!(all);
}

/// Queries that are long and deep are refused, not run until the stack ends.
#[test]
fn monsters_are_refused() {
    let filter = |condition: String| format!("SELECT … FROM functions f WHERE {condition}");
    let union = |times: usize| {
        format!(
            "{}SELECT f.function_arn, 'PASS' AS status, '' AS detail FROM functions f",
            "SELECT … FROM functions f UNION ALL ".repeat(times)
        )
    };
    for (query, reason) in [
        (
            filter(format!("{}TRUE", "TRUE OR ".repeat(400))),
            "too deeply",
        ),
        (filter(format!("1 > {}1", "1 + ".repeat(400))), "too deeply"),
        (
            filter(format!("f.runtime{}", " IS NULL".repeat(400))),
            "too deeply",
        ),
        (
            filter(format!("{}TRUE", "NOT ".repeat(400))),
            "cannot be read",
        ),
        (filter(format!("{}1", "(".repeat(400))), "recursion"),
        (
            filter(format!("f.runtime = {}'a'", "'a' || ".repeat(20_000))),
            "tokens",
        ),
        (filter(format!("{}1", "(".repeat(50_000))), "tokens"),
        (union(200), "tokens"),
        (
            filter(format!("f.runtime IN ({}'a')", "'a', ".repeat(2_000))),
            "",
        ),
        (filter(format!("{}TRUE", "TRUE OR ".repeat(90))), ""),
        (union(40), ""),
        (
            format!(
                "SELECT … FROM functions f{}",
                " JOIN functions f ON f.function_arn = f.function_arn".repeat(60)
            ),
            "each its own alias",
        ),
    ] {
        let problems = told(&draft(&written_out(&query))).join("\n");
        assert!(
            problems.contains(reason) && problems.is_empty() == reason.is_empty(),
            "{reason}: {problems:.300}"
        );
    }
}
