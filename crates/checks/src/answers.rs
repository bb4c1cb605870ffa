//! Runs a check's query, and makes one answer of the rows for each resource.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::thread;

use lambdasweep_model::{Status, printable};
use lambdasweep_tables::table;
use polars::prelude::{Column, DataFrame, DataType, IntoLazy, LazyFrame};
use polars::sql::SQLContext;

use crate::check::{Check, Scope};
use crate::frames::Frames;
use crate::subject::{Key, Subject, columns};

/// Polars' reader of SQL takes tens of kilobytes of stack for each level of an expression.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// What a query answered, by what it named.
pub(crate) type Answers<'a> = HashMap<Key<'a>, (Status, String)>;

/// Runs a check's query. Several rows for one resource become one answer: the worst status, with the details of that status.
///
/// # Errors
/// In words, where the query cannot be run, or where it answers what no query may answer.
pub(crate) fn answers<'a>(frames: &Frames, check: &Check, subjects: &'a [Subject<'_>]) -> Result<Answers<'a>, String> {
    let frame = apart(|| run(frames, check)).map_err(|error| format!("its query failed: {error}"))?;
    let output = check.scope.output();
    let text = |name: &str| -> Result<Option<Column>, String> {
        if !output.contains(&name) {
            return Ok(None);
        }
        // A column of nothing but NULL has a type of its own.
        let column = frame.column(name).and_then(|column| column.cast(&DataType::String));
        column.map(Some).map_err(|error| format!("its query answers without a text `{name}`: {error}"))
    };
    let columns = [text("account_id")?, text("region")?, text("resource_arn")?, text("status")?, text("detail")?];
    let [accounts, regions, arns, statuses, details] =
        columns.each_ref().map(|column| column.as_ref().and_then(|column| column.str().ok()));
    let known: HashMap<Key<'_>, Key<'a>> = subjects.iter().map(|subject| subject.key(check.scope)).map(|key| (key, key)).collect();
    let elsewhere = elsewhere(frames, check.scope).map_err(|error| error.to_string())?;
    let mut merged: HashMap<Key<'a>, (Status, BTreeSet<&str>)> = HashMap::new();
    // The first in order, not in the order of rows, so that the message is the same in every scan.
    let mut wrong: Option<String> = None;
    for row in 0..frame.height() {
        let [account, region, arn, status, detail] =
            [accounts, regions, arns, statuses, details].map(|cells| cells.and_then(|cells| cells.get(row)).unwrap_or_default());
        let problem = match (status.parse::<Status>(), known.get(&(account, region, arn))) {
            (Err(error), _) => format!("its query answers with a wrong status: {error}"),
            (Ok(status), Some(key)) => {
                let (worst, texts) = merged.entry(*key).or_insert_with(|| (status, BTreeSet::new()));
                // Fail comes before Unknown, Unknown before Pass.
                if status < *worst {
                    *worst = status;
                    texts.clear();
                }
                if status == *worst {
                    texts.insert(detail);
                }
                continue;
            }
            (Ok(_), None) if elsewhere.contains(&(account, region, arn)) => continue,
            (Ok(_), None) => {
                let named = [account, region, arn].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
                match named.as_str() {
                    "" => format!("its query answers for nothing: `{}` is empty", output.first().copied().unwrap_or_default()),
                    named => format!("its query answers for `{}`, which is no {} of the scan", printable(named), check.scope),
                }
            }
        };
        if wrong.as_ref().is_none_or(|before| problem < *before) {
            wrong = Some(problem);
        }
    }
    match wrong {
        Some(problem) => Err(problem),
        None => Ok(merged.into_iter().map(|(key, (status, texts))| (key, (status, joined(&texts)))).collect()),
    }
}

/// What is listed though it is not judged here: accounts and Regions that are left out by the request, not enabled, or judged with others; roles that no
/// function executes with.
fn elsewhere(frames: &Frames, scope: Scope) -> Result<HashSet<Key<'_>>, lambdasweep_tables::TablesError> {
    let mut elsewhere = HashSet::new();
    match scope {
        Scope::Function | Scope::Layer | Scope::PublishedLayer => {}
        Scope::Role => columns(frames, "roles", ["role_arn"], |[arn]| {
            elsewhere.insert(("", "", arn));
        })?,
        Scope::Account => columns(frames, "accounts", ["account_id"], |[account]| {
            elsewhere.insert((account, "", ""));
        })?,
        Scope::AccountRegion => columns(frames, "regions", ["account_id", "region"], |[account, region]| {
            elsewhere.insert((account, region, ""));
        })?,
    }
    Ok(elsewhere)
}

fn joined(texts: &BTreeSet<&str>) -> String {
    texts.iter().copied().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Runs something where a fault of the query engine costs this check only, and with stack for the deepest query that the linter lets through.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    thread::scope(|scope| {
        let started = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let started = started.map_err(|error| format!("no thread for it: {error}"))?;
        started.join().unwrap_or_else(|_| Err("the query engine stopped".to_owned()))
    })
}

fn run(frames: &Frames, check: &Check) -> Result<DataFrame, String> {
    // One context for each check: a context keeps the aliases of the queries that it has run, and takes a later one's for them.
    let mut sql = SQLContext::new();
    for name in check.reads.keys() {
        if let Some(frame) = frames.get(name).cloned().or_else(|| table(name).map(lambdasweep_tables::Table::empty)) {
            sql.register(name, frame.lazy());
        }
    }
    sql.execute(&check.query).and_then(LazyFrame::collect).map_err(|error| {
        // Polars may print the whole tree of a query.
        let words: String = printable(&error.to_string()).chars().take(300).collect();
        words
    })
}
