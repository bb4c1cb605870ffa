//! Runs a check's query, and makes one answer of the rows for each resource.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::thread;

use lambdasweep_model::{Severity, Status, printable};
use lambdasweep_tables::table;
use polars::prelude::{Column, DataFrame, DataType, IntoLazy, LazyFrame};
use polars::sql::SQLContext;
use sha2::{Digest, Sha256};

use crate::check::{Check, FURTHER_OUTPUT, Scope};
use crate::frames::Frames;
use crate::subject::{Key, Subject, columns};

/// Polars' reader of SQL takes tens of kilobytes of stack for each level of an expression.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// The longest name of a fault, in characters; what is longer is cut, and told apart by a digest.
const MOST_FAULT: usize = 200;

/// What a query answered, by what it named.
pub(crate) type Answers<'a> = HashMap<Key<'a>, Answer>;

/// What a query answered for one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It fails: by the name of the fault.
    Fail(BTreeMap<String, Fault>),
    /// It does not fail, with the reason.
    Other(Status, String),
}

/// What is wrong with a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) severity: Severity,
    pub(crate) detail: String,
}

/// One row of a query's answer.
struct Row<'a> {
    status: Status,
    detail: &'a str,
    fault: &'a str,
    severity: Severity,
}

/// Runs a check's query. Of several rows for one resource those of the worst status count: FAIL,
/// then UNKNOWN, PASS, NOT_APPLICABLE.
///
/// # Errors
/// In words, where the query cannot be run, or where it answers what no query may answer.
pub(crate) fn answers<'a>(
    frames: &Frames,
    check: &Check,
    subjects: &'a [Subject<'_>],
) -> Result<Answers<'a>, String> {
    let frame =
        apart(|| run(frames, check)).map_err(|error| format!("its query failed: {error}"))?;
    let output = check.scope.output();
    let text = |name: &str| -> Result<Option<Column>, String> {
        let further = FURTHER_OUTPUT.contains(&name) && frame.column(name).is_ok();
        if !further && !output.contains(&name) {
            return Ok(None);
        }
        // A column of nothing but NULL has a type of its own.
        let column = frame
            .column(name)
            .and_then(|column| column.cast(&DataType::String));
        column
            .map(Some)
            .map_err(|error| format!("its query answers without a text `{name}`: {error}"))
    };
    let columns = [
        "account_id",
        "region",
        "resource_arn",
        "status",
        "detail",
        "fault",
        "severity",
    ]
    .map(text);
    let columns = columns.into_iter().collect::<Result<Vec<_>, _>>()?;
    let columns: Vec<_> = columns
        .iter()
        .map(|column| column.as_ref().and_then(|column| column.str().ok()))
        .collect();
    let known: HashMap<Key<'_>, Key<'a>> = subjects
        .iter()
        .map(|subject| subject.key(check.scope))
        .map(|key| (key, key))
        .collect();
    let elsewhere = elsewhere(frames, check.scope).map_err(|error| error.to_string())?;
    let mut rows: HashMap<Key<'a>, Vec<Row<'_>>> = HashMap::new();
    // The first in order, not in the order of rows, so that the message is the same in every scan.
    let mut wrong: Option<String> = None;
    for at in 0..frame.height() {
        let cell = |column: usize| {
            columns[column]
                .and_then(|cells| cells.get(at))
                .unwrap_or_default()
        };
        let key = (cell(0), cell(1), cell(2));
        let problem = match (row(check, cell(3), cell(6)), known.get(&key)) {
            (Err(problem), _) => problem,
            (Ok((status, severity)), Some(key)) => {
                rows.entry(*key).or_default().push(Row {
                    status,
                    detail: cell(4),
                    fault: cell(5),
                    severity,
                });
                continue;
            }
            (Ok(_), None) if elsewhere.contains(&key) => continue,
            (Ok(_), None) => answers_for_nothing(key, check),
        };
        if wrong.as_ref().is_none_or(|before| problem < *before) {
            wrong = Some(problem);
        }
    }
    match wrong {
        Some(problem) => Err(problem),
        None => Ok(rows
            .into_iter()
            .map(|(key, rows)| (key, merged(&rows)))
            .collect()),
    }
}

/// Reads status and severity of a row.
fn row(check: &Check, status: &str, severity: &str) -> Result<(Status, Severity), String> {
    let status: Status = status
        .parse()
        .map_err(|error| format!("its query answers with a wrong status: {error}"))?;
    if severity.is_empty() || status != Status::Fail {
        return Ok((status, check.default_severity()));
    }
    let listed = check
        .severities
        .iter()
        .copied()
        .find(|listed| listed.as_str() == severity);
    let severity = listed.ok_or_else(|| {
        format!(
            "its query answers with the severity `{}`, which its front matter does not list",
            printable(severity)
        )
    })?;
    Ok((status, severity))
}

fn answers_for_nothing((account, region, arn): Key<'_>, check: &Check) -> String {
    let named = [account, region, arn]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match named.as_str() {
        "" => format!(
            "its query answers for nothing: `{}` is empty",
            check.scope.output().first().copied().unwrap_or_default()
        ),
        named => format!(
            "its query answers for `{}`, which is no {} of the scan",
            printable(named),
            check.scope
        ),
    }
}

/// One answer of the rows for one resource, whatever their order.
fn merged(rows: &[Row<'_>]) -> Answer {
    let worst = rows
        .iter()
        .map(|row| row.status)
        .min()
        .unwrap_or(Status::Unknown);
    let counted = || rows.iter().filter(|row| row.status == worst);
    if worst != Status::Fail {
        let details: BTreeSet<&str> = counted()
            .map(|row| row.detail)
            .filter(|detail| !detail.is_empty())
            .collect();
        let first = details.first().copied().unwrap_or_default();
        let more = if worst == Status::Unknown {
            details.len().saturating_sub(1)
        } else {
            0
        };
        return Answer::Other(
            worst,
            if more == 0 {
                first.to_owned()
            } else {
                format!("{first} (and {more} more)")
            },
        );
    }
    let mut faults: BTreeMap<String, Fault> = BTreeMap::new();
    for row in counted() {
        let fault = faults.entry(named(row.fault)).or_insert_with(|| Fault {
            severity: row.severity,
            detail: row.detail.to_owned(),
        });
        // Rows of one fault differ only where a join repeats it: the gravest counts, and the first
        // detail in order.
        fault.severity = fault.severity.max(row.severity);
        if row.detail < fault.detail.as_str() {
            row.detail.clone_into(&mut fault.detail);
        }
    }
    Answer::Fail(faults)
}

/// The name of a fault, no longer than a column needs it.
fn named(fault: &str) -> String {
    match fault.char_indices().nth(MOST_FAULT) {
        None => fault.to_owned(),
        Some((end, _)) => format!("{}…{}", &fault[..end], digest([fault])),
    }
}

/// Sixteen hexadecimal digits that stand for some texts.
pub(crate) fn digest<'t>(parts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What is listed though it is not judged here: accounts and Regions that are left out by the
/// request, not enabled, or judged with others; roles that no function executes with.
fn elsewhere(
    frames: &Frames,
    scope: Scope,
) -> Result<HashSet<Key<'_>>, lambdasweep_tables::TablesError> {
    let mut elsewhere = HashSet::new();
    match scope {
        // A function that is gone is still in the table.
        Scope::Function => columns(frames, "functions", ["function_arn"], |[function]| {
            elsewhere.insert(("", "", function));
        })?,
        Scope::Layer | Scope::PublishedLayer => {}
        Scope::Role => columns(frames, "roles", ["role_arn"], |[arn]| {
            elsewhere.insert(("", "", arn));
        })?,
        Scope::Account => columns(frames, "accounts", ["account_id"], |[account]| {
            elsewhere.insert((account, "", ""));
        })?,
        Scope::AccountRegion => columns(
            frames,
            "regions",
            ["account_id", "region"],
            |[account, region]| {
                elsewhere.insert((account, region, ""));
            },
        )?,
    }
    Ok(elsewhere)
}

/// Runs something where a fault of the query engine costs this check only, and with stack for the
/// deepest query that the linter lets through.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    thread::scope(|scope| {
        let started = thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work);
        let started = started.map_err(|error| format!("no thread for it: {error}"))?;
        started
            .join()
            .unwrap_or_else(|_| Err("the query engine stopped".to_owned()))
    })
}

fn run(frames: &Frames, check: &Check) -> Result<DataFrame, String> {
    // One context for each check: a context keeps the aliases of the queries that it has run, and
    // takes a later one's for them.
    let mut sql = SQLContext::new();
    for name in check.reads.keys() {
        if let Some(frame) = frames
            .get(name)
            .cloned()
            .or_else(|| table(name).map(lambdasweep_tables::Table::empty))
        {
            sql.register(name, frame.lazy());
        }
    }
    sql.execute(&check.query)
        .and_then(LazyFrame::collect)
        .map_err(|error| {
            // Polars may print the whole tree of a query.
            let words: String = printable(&error.to_string()).chars().take(300).collect();
            words
        })
}
