//! Whether everything was read that an answer rests on: for each check and resource the first fact
//! that was not, in words.

use lambdasweep_model::Outcome;
use lambdasweep_tables::{Fact, Grain, facts};

use super::coverage::{
    ACCOUNT_REGIONS, NO_COVERAGE, RESOURCE_READS, UNIT_READS, gap, gap_by, join_unit, outcomes,
};
use super::statement::{Statement, indented, union_all};
use super::subjects::{subjects, units_of};
use crate::check::Check;
use crate::subject::{Link, SubjectKind};

/// A CTE with gaps, and how it is joined.
enum Gaps {
    /// One for the organisation.
    Organization(String),
    /// By account and Region.
    Units(String),
    /// By account, Region and ARN.
    Resources(String),
    /// By the ARN of what refers.
    References(String),
}

/// The facts of a check that are read for what its resources refer to, wherever that is, with the
/// columns by which they refer.
pub(super) fn links(check: &Check) -> Vec<(Fact, Link)> {
    let mut all = Vec::new();
    for &fact in &check.facts {
        let Grain::Resource(of) = fact.grain() else {
            continue;
        };
        let other = SubjectKind::named(of).filter(|it| it.is_read_by_reference());
        if let Some(other) = other.filter(|it| *it != check.subject) {
            let links = check.subject.links(other, &check.reads);
            all.extend(links.into_iter().map(|link| (fact, link)));
        }
    }
    all
}

/// Adds every resource with every check that judges it, and the gap in what the check's answer rests
/// on.
pub(super) fn judged(statement: &mut Statement<'_>) -> String {
    let checks = statement.checks;
    let parts: Vec<String> = checks
        .iter()
        .map(|check| judged_by(statement, check))
        .collect();
    statement.add(
        "judged",
        "Every resource with every check that judges it; gap says what was not read, where something was not; absent, whether it is only named by others",
        union_all(&parts),
    )
}

fn judged_by(statement: &mut Statement<'_>, check: &Check) -> String {
    let subjects = subjects(statement, check.subject);
    let all: Vec<Gaps> = check
        .facts
        .iter()
        .filter_map(|fact| gaps(statement, check, *fact))
        .collect();
    let (mut joins, mut texts) = (String::new(), Vec::new());
    for (at, gaps) in all.iter().enumerate() {
        let alias = format!("g{}", at + 1);
        let unit = format!("{alias}.account_id = s.account_id AND {alias}.region = s.region");
        let (cte, on) = match gaps {
            // Nothing else to join by: both are the organisation's.
            Gaps::Organization(cte) => (cte, "1 = 1".to_owned()),
            Gaps::Units(cte) => (cte, unit),
            Gaps::Resources(cte) => {
                let own = format!("{unit} AND {alias}.resource_arn = s.resource_arn");
                (cte, own)
            }
            Gaps::References(cte) => (cte, format!("{alias}.resource_arn = s.resource_arn")),
        };
        joins.push_str(&format!("\nLEFT JOIN {cte} {alias} ON {on}"));
        texts.push(format!("{alias}.gap"));
    }
    let gap = match texts.as_slice() {
        [] => statement.dialect.no_text(),
        [one] => one.clone(),
        several => format!("COALESCE({})", several.join(", ")),
    };
    let rests_on_list = check.facts.contains(&check.subject.listing());
    let absent = if check.subject.is_judged_where_named() && rests_on_list {
        let own = check.subject.own_rows();
        joins.push_str(&format!(
            "\nLEFT JOIN (SELECT DISTINCT account_id, {column} FROM {}) own ON own.account_id = s.account_id AND own.{column} = s.resource_arn",
            own.table,
            column = own.column
        ));
        format!("own.{} IS NULL", own.column)
    } else {
        "FALSE".to_owned()
    };
    format!(
        "SELECT '{}' AS check_id, s.account_id, s.region, s.resource_arn, {gap} AS gap, {absent} AS absent\nFROM {subjects} s{joins}",
        check.id
    )
}

/// Adds the gaps of a fact for what a check judges; nothing where the answer does not rest on it.
fn gaps(statement: &mut Statement<'_>, check: &Check, fact: Fact) -> Option<Gaps> {
    let kind = check.subject;
    match fact.grain() {
        Grain::Resource(of) if of == kind.as_str() => {
            Some(Gaps::Resources(of_resources(statement, kind, fact)))
        }
        Grain::Resource(_) => {
            let links: Vec<Link> = links(check)
                .into_iter()
                .filter(|(of, _)| *of == fact)
                .map(|(_, link)| link)
                .collect();
            if links.is_empty() {
                of_units(statement, check, fact).map(Gaps::Units)
            } else {
                Some(Gaps::References(of_references(statement, fact, &links)))
            }
        }
        Grain::Organization => Some(Gaps::Organization(of_organization(statement, fact))),
        _ => of_units(statement, check, fact).map(Gaps::Units),
    }
}

/// Keeps the rows that have a gap.
fn with_gap(columns: &str, body: &str) -> String {
    format!(
        "SELECT {columns}, gap\nFROM (\n{}\n) g\nWHERE gap IS NOT NULL",
        indented(body)
    )
}

fn of_organization(statement: &mut Statement<'_>, fact: Fact) -> String {
    // MIN over no rows answers one that is absent.
    statement.add(
        &format!("organization_{fact}_gap"),
        &format!("Why {fact} does not count as read"),
        format!(
            "SELECT CASE WHEN COUNT(*) = 0 THEN '{NO_COVERAGE}{fact}' ELSE MIN(gap) END AS gap
FROM {UNIT_READS}
WHERE fact = '{fact}' AND account_id = '' AND region = ''"
        ),
    )
}

/// Facts that are read resource by resource. A row for the resource wins over one for its Region.
fn of_resources(statement: &mut Statement<'_>, kind: SubjectKind, fact: Fact) -> String {
    let subjects = subjects(statement, kind);
    let body = format!(
        "SELECT s.account_id, s.region, s.resource_arn,
       CASE WHEN r.outcome IS NOT NULL THEN r.gap ELSE {} END AS gap
FROM {subjects} s
LEFT JOIN {RESOURCE_READS} r ON r.fact = '{fact}' AND r.resource_arn = s.resource_arn
{}",
        gap(fact, "u"),
        join_unit("u", fact, "s.account_id", "s.region")
    );
    statement.add(
        &format!("{kind}_{fact}_gaps"),
        &format!("Why {fact} does not count as read for resources of the kind {kind}"),
        with_gap("account_id, region, resource_arn", &body),
    )
}

/// What resources refer to has to be read as well, wherever it is; what is gone was read.
fn of_references(statement: &mut Statement<'_>, fact: Fact, links: &[Link]) -> String {
    let referred = links.iter().map(|Link { table, from, to }| {
        format!("SELECT {from} AS resource_arn, {to} AS other FROM {table} WHERE {to} <> ''")
    });
    let referred = union_all(&referred.collect::<Vec<_>>());
    let ended_well = outcomes(&[Outcome::Ok, Outcome::Gone]);
    let body = format!(
        "SELECT f.resource_arn, {} || ', for ' || f.other AS gap
FROM (
  SELECT l.resource_arn, MIN(l.other) AS other
  FROM (
{}
  ) l
  LEFT JOIN {RESOURCE_READS} r ON r.fact = '{fact}' AND r.resource_arn = l.other
  WHERE r.outcome IS NULL OR r.outcome NOT IN ({ended_well})
  GROUP BY l.resource_arn
) f
LEFT JOIN {RESOURCE_READS} r ON r.fact = '{fact}' AND r.resource_arn = f.other",
        gap(fact, "r"),
        indented(&indented(&referred))
    );
    statement.add(
        &format!("referred_{fact}_gaps"),
        &format!(
            "Why {fact} does not count as read for what a resource refers to: the first by ARN"
        ),
        body,
    )
}

/// Facts of which the gap is the same for all resources of an account and Region.
fn of_units(statement: &mut Statement<'_>, check: &Check, fact: Fact) -> Option<String> {
    let kind = check.subject;
    let body = match (fact.grain(), kind.has_region()) {
        (Grain::Organization, _) => return None,
        (Grain::Account, _) => {
            let units = units_of(statement, kind);
            of_unit(&units, fact, "''", &gap(fact, "r"))
        }
        (Grain::AccountRegion, true) => {
            let units = units_of(statement, kind);
            let found = in_region(kind, fact);
            of_unit(&units, fact, "u.region", &found)
        }
        (Grain::Resource(of), true) => {
            let first = first_in(statement, of, fact, true)?;
            listed_and_first(statement, kind, SubjectKind::named(of)?.listing(), &first)
        }
        (Grain::AccountRegion, false) => {
            let functions = in_regions(statement, check, facts::FUNCTIONS);
            let own = in_regions(statement, check, fact);
            of_accounts(statement, kind, &functions, &own)
        }
        // Which versions run affects the severity of what a role may do, not what it may do.
        (Grain::Resource(_), false)
            if !kind.is_unit()
                && fact == facts::VERSIONS
                && !check.facts.contains(&facts::FUNCTIONS) =>
        {
            return None;
        }
        (Grain::Resource(of), false) => {
            let listed = in_regions(statement, check, SubjectKind::named(of)?.listing());
            let first = first_in(statement, of, fact, false)?;
            of_accounts(statement, kind, &listed, &first)
        }
    };
    Some(statement.add(
        &format!("{kind}_{fact}_gaps"),
        &format!("Why {fact} does not count as read where resources of the kind {kind} are"),
        with_gap("account_id, region", &body),
    ))
}

/// Why a fact of an account and Region does not count as read for the resources there.
fn in_region(kind: SubjectKind, fact: Fact) -> String {
    if !kind.has_own_facts() || fact != kind.listing() {
        return gap(fact, "r");
    }
    // A resource that is judged was listed; those that were not are reported in the row of their
    // Region.
    let incomplete = [
        Outcome::Denied,
        Outcome::NotFound,
        Outcome::Throttled,
        Outcome::Failed,
    ];
    format!(
        "CASE WHEN r.outcome IN ({}) THEN NULL ELSE {} END",
        outcomes(&incomplete),
        gap(fact, "r")
    )
}

/// Of each Region first whether its resources were listed, then the first gap of one.
fn listed_and_first(
    statement: &mut Statement<'_>,
    kind: SubjectKind,
    listing: Fact,
    first: &str,
) -> String {
    format!(
        "SELECT u.account_id, u.region, COALESCE({}, f.gap) AS gap
FROM {} u
{}
LEFT JOIN {first} f ON f.account_id = u.account_id AND f.region = u.region",
        gap(listing, "r"),
        units_of(statement, kind),
        join_unit("r", listing, "u.account_id", "u.region")
    )
}

fn of_unit(units: &str, fact: Fact, region: &str, gap: &str) -> String {
    format!(
        "SELECT u.account_id, u.region, {gap} AS gap\nFROM {units} u\n{}",
        join_unit("r", fact, "u.account_id", region)
    )
}

/// Of two CTEs with gaps by account, the first that has one.
fn of_accounts(statement: &mut Statement<'_>, kind: SubjectKind, one: &str, other: &str) -> String {
    let units = units_of(statement, kind);
    if one == other {
        return format!(
            "SELECT u.account_id, u.region, a.gap\nFROM {units} u\nLEFT JOIN {one} a ON a.account_id = u.account_id"
        );
    }
    format!(
        "SELECT u.account_id, u.region, COALESCE(a.gap, b.gap) AS gap
FROM {units} u
LEFT JOIN {one} a ON a.account_id = u.account_id
LEFT JOIN {other} b ON b.account_id = u.account_id"
    )
}

/// Adds the first resource of each account, or of each Region in it, for which a fact does not count
/// as read.
fn first_in(
    statement: &mut Statement<'_>,
    of: &str,
    fact: Fact,
    in_region: bool,
) -> Option<String> {
    let gaps = of_resources(statement, SubjectKind::named(of)?, fact);
    let (unit, order) = if in_region {
        ("account_id, region", "resource_arn")
    } else {
        ("account_id", "region, resource_arn")
    };
    let name = if in_region { "region" } else { "account" };
    Some(statement.add(
        &format!("first_{fact}_gap_by_{name}"),
        &format!("The first {of} of each {name} for which {fact} does not count as read"),
        format!(
            "SELECT {unit}, gap || ', for ' || resource_arn AS gap
FROM (
  SELECT account_id, region, resource_arn, gap,
         ROW_NUMBER() OVER (PARTITION BY {unit} ORDER BY {order}) AS number
  FROM {gaps}
) g
WHERE number = 1"
        ),
    ))
}

/// Adds why a fact does not count as read for all Regions of an account: it has to be known which
/// there are, and each has to be read or not be enabled.
fn in_regions(statement: &mut Statement<'_>, check: &Check, fact: Fact) -> String {
    let regions = regions_of(statement, check);
    let accounts = units_of(statement, check.subject);
    let (functions, listed) = (facts::FUNCTIONS, facts::REGIONS);
    let by_region = statement.add(
        &format!("{fact}_gaps_by_region"),
        &format!("Why {fact} does not count as read, for each Region of an account"),
        format!(
            "SELECT a.account_id, a.region,
       CASE WHEN a.region = '' AND n.outcome IS NULL THEN {gap}
            WHEN a.region = '' THEN {by_functions}
            WHEN n.outcome = '{disabled}' THEN NULL
            ELSE {gap} || ', in ' || a.region END AS gap
FROM {regions} a
{}
{}",
            join_unit("n", functions, "a.account_id", "a.region"),
            join_unit("r", fact, "a.account_id", "a.region"),
            gap = gap(fact, "r"),
            by_functions = gap_by(fact, "n"),
            disabled = Outcome::RegionDisabled,
        ),
    );
    let body = format!(
        "SELECT u.account_id,
       CASE WHEN r.outcome IS NULL OR r.gap IS NOT NULL THEN {}
            WHEN f.account_id IS NULL THEN '{NO_COVERAGE}{fact}'
            ELSE f.gap END AS gap
FROM (SELECT DISTINCT account_id FROM {accounts}) u
{}
LEFT JOIN (
  SELECT account_id, region, gap,
         ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY CASE WHEN gap IS NULL THEN 1 ELSE 0 END, region) AS number
  FROM {by_region}
) f ON f.account_id = u.account_id AND f.number = 1",
        gap(listed, "r"),
        join_unit("r", listed, "u.account_id", "''")
    );
    statement.add(
        &format!("{fact}_gaps_in_{}_accounts", check.subject),
        &format!("Why {fact} does not count as read for all Regions of an account"),
        body,
    )
}

/// Adds the Regions of accounts that anything speaks of which a check's facts rest on.
fn regions_of(statement: &mut Statement<'_>, check: &Check) -> String {
    let regional = check
        .facts
        .iter()
        .filter(|fact| fact.grain() == Grain::AccountRegion && **fact != facts::FUNCTIONS)
        .map(|fact| fact.as_str());
    let regional: Vec<&str> = regional.collect();
    let mut parts = vec![format!("SELECT account_id, region FROM {ACCOUNT_REGIONS}")];
    if !regional.is_empty() {
        let facts = statement.dialect.texts(regional);
        parts.push(format!(
            "SELECT account_id, region FROM {UNIT_READS} WHERE fact IN ({facts})"
        ));
    }
    if let Some(functions) = SubjectKind::named("function") {
        let functions = units_of(statement, functions);
        parts.push(format!("SELECT account_id, region FROM {functions}"));
    }
    statement.add(
        "regions_of_accounts",
        "The Regions of accounts that answers rest on; an empty one speaks for all",
        parts.join("\nUNION\n"),
    )
}
