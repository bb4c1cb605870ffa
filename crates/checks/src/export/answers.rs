//! What the queries answer, one answer of the rows for each resource, and the findings.

use lambdasweep_model::{Severity, Status};
use lambdasweep_tables::{FindingRow, Row};

use super::ExportError;
use super::coverage::{A_REGION, unread_units};
use super::query::{columns, translated};
use super::statement::{Statement, union_all};
use super::subjects::{account_arn, region_arn, subjects};
use crate::answers::MOST_FAULT;
use crate::check::Check;
use crate::engine::{ABSENT, MOST_DETAIL, NO_ANSWER};

/// What a row of an answer is about.
const KEY: &str = "check_id, account_id, region, resource_arn";

/// Adds the queries, and their rows with the resources that they answer for.
///
/// # Errors
/// Where a query cannot be said in the dialect.
pub(super) fn answered(statement: &mut Statement<'_>) -> Result<(), ExportError> {
    let mut parts = Vec::new();
    for check in statement.checks {
        let query = translated(check, statement.dialect)?;
        let query = statement.add(
            &format!("query_{}", check.id),
            &format!(
                "The query of {}: {}",
                check.id,
                check.title.replace('\n', " ")
            ),
            query,
        );
        parts.push(answered_by(statement, check, &query)?);
    }
    statement.add(
        "answered",
        "The rows of the queries with the resources that they answer for; status and severity as numbers, the worst first and last",
        union_all(&parts),
    );
    Ok(())
}

fn answered_by(
    statement: &mut Statement<'_>,
    check: &Check,
    query: &str,
) -> Result<String, ExportError> {
    let subjects = subjects(statement, check.subject);
    let names = columns(check)?;
    let has = |name: &str| names.iter().any(|it| it == name);
    let fault = if has("fault") {
        "COALESCE(q.fault, '')"
    } else {
        "''"
    };
    let default = check.default_severity() as u8;
    let severity = if has("severity") {
        let listed = check
            .severities
            .iter()
            .map(|it| format!("WHEN '{it}' THEN {}", *it as u8));
        let listed: Vec<String> = listed.collect();
        format!("CASE q.severity {} ELSE {default} END", listed.join(" "))
    } else {
        default.to_string()
    };
    let on = check.subject.key().iter();
    let on: Vec<String> = on.map(|name| format!("s.{name} = q.{name}")).collect();
    Ok(format!(
        "SELECT '{}' AS check_id, s.account_id, s.region, s.resource_arn, {} AS status, COALESCE(q.detail, '') AS detail, {fault} AS fault, {severity} AS severity
FROM {query} q
JOIN {subjects} s ON {}",
        check.id,
        numbered("q.status"),
        on.join(" AND ")
    ))
}

/// The number of a status: the worse, the smaller.
fn numbered(status: &str) -> String {
    let cases = Status::ALL
        .iter()
        .map(|it| format!("WHEN '{it}' THEN {}", *it as u8));
    format!("CASE {status} {} END", cases.collect::<Vec<_>>().join(" "))
}

/// The words of numbers.
fn words<T: Copy + std::fmt::Display>(number: &str, all: &[T], code: impl Fn(T) -> u8) -> String {
    let cases = all
        .iter()
        .map(|it| format!("WHEN {} THEN '{it}'", code(*it)));
    format!("CASE {number} {} END", cases.collect::<Vec<_>>().join(" "))
}

/// A text of at most so many characters.
fn cut(text: &str, most: usize) -> String {
    format!(
        "CASE WHEN length({text}) > {most} THEN substr({text}, 1, {most}) || '…' ELSE {text} END"
    )
}

/// The whole statement.
pub(super) fn findings(mut statement: Statement<'_>, judged: &str) -> String {
    let checks = checks(&mut statement);
    folded(&mut statement);
    let decided = decided(&mut statement, judged, &checks);
    let faults = statement.add(
        "faults",
        "One row for each fault of what fails: the gravest severity, the first detail",
        format!("SELECT {KEY}, fault, MAX(severity) AS severity, MIN(detail) AS detail\nFROM answered\nWHERE status = {}\nGROUP BY {KEY}, fault", Status::Fail as u8),
    );
    let told = told(&mut statement, &decided, &faults);
    let all = [told].into_iter().chain(unread(&mut statement, &checks));
    let all = union_all(&all.collect::<Vec<_>>());
    let all = statement.add(
        "told",
        "The findings: of resources, then of accounts and Regions that could not be read",
        all,
    );
    let columns = FindingRow::TABLE.columns.iter().map(|column| column.name);
    let columns: Vec<String> = columns
        .map(|name| match name {
            "fingerprint" => format!(
                "CASE WHEN status IN ('{}', '{}') THEN {} END AS fingerprint",
                Status::Fail,
                Status::Unknown,
                statement.dialect.digest(&[
                    "check_id",
                    "account_id",
                    "region",
                    "resource_arn",
                    "fault"
                ])
            ),
            name => name.to_owned(),
        })
        .collect();
    statement.finish(&format!("SELECT {}\nFROM {all}", columns.join(", ")))
}

/// Adds what the front matter of the checks says.
fn checks(statement: &mut Statement<'_>) -> String {
    let rows = statement.checks.iter().map(|check| {
        let stands = Status::ALL.iter().map(|status| {
            let stands = if check.stands.contains(status) {
                "TRUE"
            } else {
                "FALSE"
            };
            format!(
                "{stands} AS {}_stands",
                status.as_str().to_ascii_lowercase()
            )
        });
        format!(
            "SELECT '{}' AS check_id, '{}' AS resource_type, '{}' AS gravest, {}",
            check.id,
            check.subject,
            check.gravest(),
            stands.collect::<Vec<_>>().join(", ")
        )
    });
    let rows = union_all(&rows.collect::<Vec<_>>());
    statement.add(
        "about_checks",
        "The checks: the severity of their gravest fault, and which answers stand though facts were not read",
        rows,
    )
}

/// Adds the worst status of each resource, with the first detail of its rows; of UNKNOWN also how
/// many details there are.
fn folded(statement: &mut Statement<'_>) {
    let of = |status: Status| {
        format!(
            "MIN(CASE WHEN status = {} THEN NULLIF(detail, '') END)",
            status as u8
        )
    };
    statement.add(
        "answers",
        "The worst status that a query answers for a resource",
        format!(
            "SELECT {KEY}, MIN(status) AS status,
       {} AS pass_detail,
       {} AS not_applicable_detail
FROM answered
GROUP BY {KEY}",
            of(Status::Pass),
            of(Status::NotApplicable)
        ),
    );
    let more = format!(
        "CAST(COUNT(DISTINCT detail) - 1 AS {})",
        statement.dialect.text_type()
    );
    statement.add(
        "unknowns",
        "What is said of resources that a query answers UNKNOWN for",
        format!(
            "SELECT {KEY}, MIN(detail) || CASE WHEN COUNT(DISTINCT detail) > 1 THEN ' (and ' || {more} || ' more)' ELSE '' END AS detail
FROM answered
WHERE status = {} AND detail <> ''
GROUP BY {KEY}",
            Status::Unknown as u8
        ),
    );
}

/// Adds, for each resource and check, whether the answer counts or what was not read.
fn decided(statement: &mut Statement<'_>, judged: &str, checks: &str) -> String {
    let stands = Status::ALL.iter().map(|status| {
        format!(
            "WHEN {} THEN k.{}_stands",
            *status as u8,
            status.as_str().to_ascii_lowercase()
        )
    });
    let stands = stands.collect::<Vec<_>>().join(" ");
    statement.add(
        "decided",
        "For each resource and check the answer; UNKNOWN where there is none, or where facts were not read and the answer does not stand without them",
        format!(
            "SELECT {KEY}, resource_type, gravest, gap,
       CASE WHEN counts THEN {} WHEN missing THEN '{}' ELSE '{}' END AS status,
       CASE WHEN missing THEN '{ABSENT}'
            WHEN NOT counts THEN COALESCE(gap, '{NO_ANSWER}')
            WHEN status = {} THEN COALESCE(unknown_detail, '')
            WHEN status = {} THEN COALESCE(pass_detail, '')
            ELSE COALESCE(not_applicable_detail, '') END AS detail
FROM (
  SELECT j.check_id, j.account_id, j.region, j.resource_arn, j.gap, k.resource_type, k.gravest,
         a.status, a.pass_detail, a.not_applicable_detail, u.detail AS unknown_detail,
         CASE WHEN a.status IS NULL THEN FALSE
              WHEN j.gap IS NULL THEN TRUE
              ELSE CASE a.status {stands} END END AS counts,
         a.status IS NULL AND j.gap IS NULL AND j.absent AS missing
  FROM {judged} j
  JOIN {checks} k ON k.check_id = j.check_id
  LEFT JOIN answers a ON {}
  LEFT JOIN unknowns u ON {}
) d",
            words("status", Status::ALL, |it| it as u8),
            Status::NotApplicable,
            Status::Unknown,
            Status::Unknown as u8,
            Status::Pass as u8,
            same("a", "j"),
            same("u", "j"),
        ),
    )
}

/// That two relations are about the same check and resource.
fn same(one: &str, other: &str) -> String {
    let columns = KEY.split(", ");
    let columns = columns.map(|name| format!("{one}.{name} = {other}.{name}"));
    columns.collect::<Vec<_>>().join(" AND ")
}

/// The findings of resources.
fn told(statement: &mut Statement<'_>, decided: &str, faults: &str) -> String {
    let fault = format!(
        "CASE WHEN length(f.fault) > {MOST_FAULT} THEN substr(f.fault, 1, {MOST_FAULT}) || '…' || {} ELSE COALESCE(f.fault, '') END",
        statement.dialect.digest(&["f.fault"])
    );
    format!(
        "SELECT {KEY}, resource_type, status, fault, severity, {} AS detail
FROM (
  SELECT d.check_id, d.account_id, d.region, d.resource_arn, d.resource_type, d.status,
         {fault} AS fault,
         COALESCE({}, d.gravest) AS severity,
         CASE WHEN f.detail IS NULL THEN d.detail
              WHEN d.gap IS NULL THEN f.detail
              ELSE {} || ' (not all was read: ' || d.gap || ')' END AS detail
  FROM {decided} d
  LEFT JOIN {faults} f ON d.status = '{}' AND {}
) r",
        cut("detail", MOST_DETAIL),
        words("f.severity", Severity::ALL, |it| it as u8),
        cut("f.detail", MOST_DETAIL / 2),
        Status::Fail,
        same("f", "d"),
    )
}

/// The findings of accounts and Regions that could not be read, by kind of resource.
fn unread(statement: &mut Statement<'_>, checks: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut seen = Vec::new();
    for check in statement.checks {
        let kind = check.subject;
        if seen.contains(&kind.as_str()) {
            continue;
        }
        seen.push(kind.as_str());
        let Some(unread) = unread_units(statement, kind) else {
            continue;
        };
        parts.push(format!(
            "SELECT k.check_id, u.account_id, u.region,
       CASE WHEN u.region = '' THEN {} ELSE {} END AS resource_arn,
       CASE WHEN u.region = '' THEN 'account' ELSE 'account-region' END AS resource_type,
       '{}' AS status, '' AS fault, k.gravest AS severity, u.gap AS detail
FROM {unread} u
JOIN {checks} k ON k.resource_type = '{kind}'
LEFT JOIN {A_REGION} n ON n.account_id = u.account_id",
            account_arn("u.account_id", "n.region"),
            region_arn("u.account_id", "u.region"),
            Status::Unknown,
        ));
    }
    parts
}
