//! What the engine promises whatever the tables and the coverage hold: nothing unread passes, every
//! resource gets one finding, and neither the order of rows nor the division into parts matters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use lambdasweep_checks::{Check, Frames, Registry, evaluate};
use lambdasweep_tables::{Fact, FindingRow, Grain, Row, facts};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::harness::{Cells, Draft, fill, registry};

const ACCOUNTS: [&str; 3] = ["111111111111", "222222222222", "333333333333"];
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
const FACTS: [Fact; 6] = [
    facts::ORGANIZATION,
    facts::REGIONS,
    facts::ROLES,
    facts::FUNCTIONS,
    facts::CODE_SIGNING,
    facts::FUNCTION_URLS,
];
const OUTCOMES: [&str; 5] = ["ok", "denied", "throttled", "region_disabled", "skipped"];

type Tables = BTreeMap<&'static str, Vec<Cells>>;

/// Checks that pass whatever they see, so that nothing but the engine stands between them and a
/// PASS; and some that look.
fn checks() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    let pass_functions =
        "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f";
    let pass_roles =
        "SELECT f.role_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f";
    let pass_layers = "SELECT l.account_id, l.region, l.layer_version_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM function_layers l";
    let pass_accounts = "SELECT a.account_id, 'PASS' AS status, '' AS detail FROM accounts a";
    let pass_regions =
        "SELECT r.account_id, r.region, 'PASS' AS status, '' AS detail FROM regions r";
    let urls = "SELECT f.function_arn AS resource_arn, CASE WHEN u.function_arn IS NULL THEN 'PASS' ELSE 'FAIL' END AS status, \
                COALESCE(a.name, 'no account') || COALESCE(u.auth_type, 'no URL') AS detail \
                FROM functions f LEFT JOIN function_urls u ON u.function_arn = f.function_arn LEFT JOIN accounts a ON a.account_id = f.account_id";
    let shared = "SELECT f.role_arn AS resource_arn, CASE WHEN COUNT(*) > 1 THEN 'FAIL' ELSE 'PASS' END AS status, MIN(f.function_name) AS detail \
                  FROM functions f GROUP BY f.role_arn";
    REGISTRY.get_or_init(|| {
        let draft = |id, subject, facts, more, query| Draft {
            id,
            subject,
            facts,
            more,
            query,
            ..Draft::default()
        };
        registry(&[
            draft(
                "it-function",
                "function",
                "functions, function_urls",
                "",
                pass_functions,
            ),
            draft(
                "it-function-of-code",
                "function",
                "functions, code_signing, organization",
                "",
                pass_functions,
            ),
            draft("it-role", "role", "functions, roles", "", pass_roles),
            draft(
                "it-role-of-functions",
                "role",
                "functions, function_urls",
                "",
                pass_roles,
            ),
            draft(
                "it-layer",
                "layer",
                "functions, function_urls",
                "",
                pass_layers,
            ),
            draft(
                "it-account",
                "account",
                "organization, roles",
                "",
                pass_accounts,
            ),
            draft(
                "it-account-of-regions",
                "account",
                "organization, code_signing, function_urls",
                "",
                pass_accounts,
            ),
            draft(
                "it-region",
                "account-region",
                "regions, code_signing, function_urls",
                "",
                pass_regions,
            ),
            draft(
                "it-urls",
                "function",
                "functions, function_urls, organization",
                "stands: [FAIL]\n",
                urls,
            ),
            draft("it-shared", "role", "functions", "", shared),
        ])
    })
}

fn mine() -> Vec<&'static Check> {
    checks()
        .all()
        .filter(|check| check.id.starts_with("it-"))
        .collect()
}

fn cells(cells: &[(&'static str, &str)]) -> Cells {
    cells
        .iter()
        .map(|(name, cell)| (*name, (*cell).to_owned()))
        .collect()
}

/// What one thing that could be covered is said to be: mostly read, sometimes not, sometimes not
/// told of, sometimes told of twice.
fn outcomes() -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![
        8 => Just(vec!["ok"]),
        2 => select(&OUTCOMES[..]).prop_map(|outcome| vec![outcome]),
        1 => Just(Vec::new()),
        1 => (select(&OUTCOMES[..]), select(&OUTCOMES[..])).prop_map(|(a, b)| vec![a, b]),
    ]
}

/// A function: its account and Region by number, its name, which role of two, whether it has a URL,
/// a layer.
type Function = (usize, usize, u8, bool, bool, bool);

fn tables() -> impl Strategy<Value = Tables> {
    let functions = prop::collection::btree_set(
        (
            0..3usize,
            0..2usize,
            0..4u8,
            any::<bool>(),
            any::<bool>(),
            any::<bool>(),
        ),
        0..12,
    );
    let coverage = prop::collection::vec(outcomes(), 160);
    let listed = prop::collection::vec(prop::bool::weighted(0.85), 9);
    (functions, coverage, listed)
        .prop_map(|(functions, coverage, listed)| make(&functions, &coverage, &listed))
}

fn make(functions: &BTreeSet<Function>, coverage: &[Vec<&'static str>], listed: &[bool]) -> Tables {
    let mut tables = Tables::new();
    let mut said = coverage.iter();
    let mut cover = |tables: &mut Tables, account: &str, region: &str, arn: &str, fact: Fact| {
        for outcome in said.next().into_iter().flatten() {
            let row = [
                ("account_id", account),
                ("region", region),
                ("resource_arn", arn),
                ("fact", fact.as_str()),
                ("outcome", *outcome),
                ("error_code", "Code"),
            ];
            tables.entry("coverage").or_default().push(cells(&row));
        }
    };
    cover(&mut tables, "", "", "", facts::ORGANIZATION);
    for (at, account) in ACCOUNTS.into_iter().enumerate() {
        if listed[at] {
            tables
                .entry("accounts")
                .or_default()
                .push(cells(&[("account_id", account), ("name", "a name")]));
        }
        for fact in [facts::REGIONS, facts::ROLES] {
            cover(&mut tables, account, "", "", fact);
        }
        if at == 2 && !listed[0] {
            // As where the account could not be entered.
            cover(&mut tables, account, "", "", facts::FUNCTIONS);
        }
        for (of, region) in REGIONS.into_iter().enumerate() {
            if listed[3 + at * 2 + of] {
                tables
                    .entry("regions")
                    .or_default()
                    .push(cells(&[("account_id", account), ("region", region)]));
            }
            for fact in [facts::FUNCTIONS, facts::CODE_SIGNING] {
                cover(&mut tables, account, region, "", fact);
            }
        }
    }
    let mut seen = BTreeSet::new();
    for &(account, region, name, role, url, layer) in functions {
        let (account, region, name) = (ACCOUNTS[account], REGIONS[region], format!("f{name}"));
        let arn = format!("arn:aws:lambda:{region}:{account}:function:{name}");
        if !seen.insert(arn.clone()) {
            continue;
        }
        let role = format!("arn:aws:iam::{account}:role/r{}", u8::from(role));
        let own = [
            ("account_id", account),
            ("region", region),
            ("function_arn", arn.as_str()),
            ("function_name", name.as_str()),
            ("role_arn", role.as_str()),
        ];
        tables.entry("functions").or_default().push(cells(&own));
        let place = &own[..3];
        if url {
            tables
                .entry("function_urls")
                .or_default()
                .push(cells(&[place, &[("auth_type", "NONE")]].concat()));
        }
        if layer {
            tables.entry("function_layers").or_default().push(cells(
                &[
                    place,
                    &[(
                        "layer_version_arn",
                        "arn:aws:lambda:eu-west-1:999999999999:layer:x:1",
                    )],
                ]
                .concat(),
            ));
        }
        cover(&mut tables, account, region, &arn, facts::FUNCTION_URLS);
    }
    tables
}

fn cell<'a>(row: &'a Cells, name: &str) -> &'a str {
    row.iter()
        .find(|(column, _)| *column == name)
        .map_or("", |(_, cell)| cell)
}

fn rows<'a>(tables: &'a Tables, name: &str) -> &'a [Cells] {
    tables.get(name).map_or(&[], Vec::as_slice)
}

/// A finding as it has to be the same: all its columns.
fn judge(checks: &[&Check], parts: &[(&'static str, Vec<Cells>)]) -> Vec<[String; 6]> {
    let mut frames = Frames::new(checks);
    fill(&mut frames, parts);
    let evaluation = evaluate(checks, &frames).unwrap();
    assert_eq!(evaluation.errors, []);
    let findings = FindingRow::rows(&evaluation.findings).unwrap().into_iter();
    findings
        .map(|it| {
            [
                it.check_id,
                it.resource_type,
                it.account_id,
                it.region,
                it.resource_arn,
                it.status + ": " + &it.detail,
            ]
        })
        .collect()
}

fn whole(tables: &Tables) -> Vec<(&'static str, Vec<Cells>)> {
    tables
        .iter()
        .map(|(name, rows)| (*name, rows.clone()))
        .collect()
}

/// Whether coverage says that something was read, and nothing else of it. Written apart from the
/// engine: a row is looked for, each time.
fn was_read(tables: &Tables, fact: Fact, account: &str, region: &str, arn: &str) -> bool {
    let outcomes = outcomes_of(tables, fact, account, region, arn);
    !outcomes.is_empty() && outcomes.iter().all(|outcome| outcome == "ok")
}

fn outcomes_of(tables: &Tables, fact: Fact, account: &str, region: &str, arn: &str) -> Vec<String> {
    let of = |row: &&Cells| {
        cell(row, "fact") == fact.as_str()
            && cell(row, "resource_arn") == arn
            && (!arn.is_empty()
                || (cell(row, "account_id"), cell(row, "region")) == (account, region))
    };
    rows(tables, "coverage")
        .iter()
        .filter(of)
        .map(|row| cell(row, "outcome").to_owned())
        .collect()
}

/// Whether everything was read that an answer about a resource rests on.
fn evidence_is_whole(
    tables: &Tables,
    check: &Check,
    account: &str,
    region: &str,
    arn: &str,
) -> bool {
    let in_regions: Vec<&str> = match region {
        // Regions that are not enabled hold nothing.
        "" => REGIONS
            .into_iter()
            .filter(|region| {
                let told = outcomes_of(tables, facts::FUNCTIONS, account, region, "");
                told.is_empty() || told.iter().any(|outcome| outcome != "region_disabled")
            })
            .filter(|region| {
                // A Region that nothing speaks of at all is not there.
                let here = |row: &Cells| {
                    (cell(row, "account_id"), cell(row, "region")) == (account, *region)
                };
                let rests_on =
                    |fact: &Fact| *fact == facts::FUNCTIONS || check.facts.contains(fact);
                ["regions", "functions"]
                    .iter()
                    .any(|table| rows(tables, table).iter().any(here))
                    || FACTS
                        .iter()
                        .filter(|fact| rests_on(fact))
                        .any(|fact| !outcomes_of(tables, *fact, account, region, "").is_empty())
            })
            .collect(),
        region => vec![region],
    };
    let functions: Vec<&str> = match check.subject.as_str() {
        "function" => vec![arn],
        _ => rows(tables, "functions")
            .iter()
            .filter(|row| {
                cell(row, "account_id") == account
                    && (region.is_empty() || cell(row, "region") == region)
            })
            .map(|row| cell(row, "function_arn"))
            .collect(),
    };
    let wide = region.is_empty()
        && check
            .facts
            .iter()
            .any(|fact| matches!(fact.grain(), Grain::AccountRegion | Grain::Resource(_)));
    // A row of no Region says that the account could not be entered.
    let entered = outcomes_of(tables, facts::FUNCTIONS, account, "", "")
        .iter()
        .all(|outcome| outcome == "ok");
    (!wide || entered && was_read(tables, facts::REGIONS, account, "", ""))
        && check.facts.iter().all(|&fact| match fact.grain() {
            Grain::Organization => was_read(tables, fact, "", "", ""),
            Grain::Account => was_read(tables, fact, account, "", ""),
            // A function that is there was listed, whatever became of the rest of the list.
            Grain::AccountRegion
                if fact == facts::FUNCTIONS && check.subject.as_str() == "function" =>
            {
                let told: BTreeSet<String> = outcomes_of(tables, fact, account, region, "")
                    .into_iter()
                    .collect();
                told.len() == 1
                    && told.iter().all(|outcome| {
                        !["region_disabled", "skipped", "gone"].contains(&outcome.as_str())
                    })
            }
            Grain::AccountRegion => in_regions
                .iter()
                .all(|region| was_read(tables, fact, account, region, "")),
            Grain::Resource(_) => {
                let listed = check.subject.as_str() == "function"
                    || in_regions
                        .iter()
                        .all(|region| was_read(tables, facts::FUNCTIONS, account, region, ""));
                listed
                    && functions
                        .iter()
                        .all(|arn| was_read(tables, fact, "", "", arn))
            }
        })
}

/// The resources of a subject, as the tables tell them: account, Region, ARN where a table holds it.
fn resources(tables: &Tables, subject: &str) -> Option<BTreeSet<(String, String, String)>> {
    let of = |table: &str, columns: [&str; 3]| {
        let key = |row: &Cells| {
            columns.map(|column| {
                if column.is_empty() {
                    String::new()
                } else {
                    cell(row, column).to_owned()
                }
            })
        };
        Some(
            rows(tables, table)
                .iter()
                .map(key)
                .map(|[a, b, c]| (a, b, c))
                .collect(),
        )
    };
    match subject {
        "function" => of("functions", ["account_id", "region", "function_arn"]),
        "role" => of("functions", ["account_id", "", "role_arn"]),
        "layer" => of(
            "function_layers",
            ["account_id", "region", "layer_version_arn"],
        ),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_unread_passes_and_each_resource_gets_one_finding(tables in tables()) {
        let checks = mine();
        let found = judge(&checks, &whole(&tables));
        for check in &checks {
            let of_check: Vec<_> = found.iter().filter(|it| it[0] == check.id).collect();
            let mut once = BTreeSet::new();
            for [_, kind, account, region, arn, answer] in &of_check {
                prop_assert!(once.insert((account, region, arn)), "{} has two findings for {arn} in {account} {region}", check.id);
                let own = kind == check.subject.as_str();
                if answer.starts_with("PASS") {
                    prop_assert!(own && evidence_is_whole(&tables, check, account, region, arn), "{} passes {arn} in {account}", check.id);
                } else if !own {
                    prop_assert!(answer.starts_with("UNKNOWN"), "{arn} is no {}: {answer}", check.subject);
                } else if answer.starts_with("UNKNOWN") {
                    // Whatever was read in full is judged: UNKNOWN is no way out.
                    prop_assert!(answer.contains("the check gave no answer") || !evidence_is_whole(&tables, check, account, region, arn), "{} does not judge {arn}: {answer}", check.id);
                }
            }
            if let Some(expected) = resources(&tables, check.subject.as_str()) {
                let judged: BTreeSet<_> = of_check.iter().filter(|it| it[1] == check.subject.as_str()).map(|it| (it[2].clone(), it[3].clone(), it[4].clone())).collect();
                prop_assert_eq!(judged, expected, "{}", check.id);
            }
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(tables in tables(), swaps in prop::collection::vec((any::<Index>(), any::<Index>()), 60)) {
        let mut shuffled = tables.clone();
        for rows in shuffled.values_mut().filter(|rows| !rows.is_empty()) {
            let length = rows.len();
            for (a, b) in &swaps {
                rows.swap(a.index(length), b.index(length));
            }
        }
        prop_assert_eq!(judge(&mine(), &whole(&tables)), judge(&mine(), &whole(&shuffled)));
    }

    /// Accounts judged one after the other, each with the organisation's rows, come to what they
    /// come to together; and a table may come in pieces.
    #[test]
    fn the_division_into_parts_does_not_matter(tables in tables(), cut in any::<Index>()) {
        let checks = mine();
        let mut together = judge(&checks, &whole(&tables));
        let mut apart = Vec::new();
        for account in ACCOUNTS {
            let mut part: Vec<(&'static str, Vec<Cells>)> = Vec::new();
            for (name, rows) in &tables {
                let mine: Vec<Cells> = rows
                    .iter()
                    .filter(|row| *name == "accounts" || [account, ""].contains(&cell(row, "account_id")))
                    .cloned()
                    .collect();
                let (before, after) = mine.split_at(cut.index(mine.len() + 1));
                part.push((name, before.to_vec()));
                part.push((name, after.to_vec()));
            }
            apart.append(&mut judge(&checks, &part));
        }
        together.sort();
        apart.sort();
        prop_assert_eq!(together, apart);
    }
}
