//! Runs checks over tables. The engine, not the check's author, sees to it that every resource gets exactly one answer and that what was not
//! read is never a PASS.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lambdasweep_model::Status;
use lambdasweep_tables::{CheckResultRow, FindingRow, TablesError, table};
use polars::prelude::{DataFrame, IntoLazy};
use polars::sql::SQLContext;
use sha2::{Digest, Sha256};

use crate::check::{Check, Scope};
use crate::evidence::{Evidence, Subject};

/// The longest detail of a finding, in characters.
const MOST_DETAIL: usize = 600;

/// The tables that checks run over, by name.
#[derive(Debug, Default)]
pub struct Frames(BTreeMap<&'static str, DataFrame>);

impl Frames {
    /// Adds a table.
    pub fn insert(&mut self, name: &'static str, frame: DataFrame) {
        self.0.insert(name, frame);
    }

    /// The tables that an evaluation needs.
    pub fn needed(checks: &[&Check]) -> BTreeSet<&'static str> {
        let read = checks.iter().flat_map(|check| check.tables.iter().copied());
        read.chain(["functions", "coverage"]).collect()
    }
}

/// What checks answered.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// The findings, by account, Region, resource and check.
    pub findings: Vec<FindingRow>,
    /// Checks that could not be run, with the reason; their resources are UNKNOWN.
    pub errors: Vec<(String, String)>,
}

/// Runs checks over the tables of some accounts. An account's rows have to be there together.
///
/// # Errors
/// Where the tables are not as they should be. A check that fails is no error: see [`Evaluation::errors`].
pub fn evaluate(checks: &[&Check], frames: &Frames) -> Result<Evaluation, TablesError> {
    let evidence = Evidence::new(frames.0.get("coverage"))?;
    let (functions, roles) = subjects(frames)?;
    let unread = evidence.unread_units();
    let mut evaluation = Evaluation::default();
    for check in checks {
        let subjects = match check.scope {
            Scope::Function => &functions,
            Scope::Role => &roles,
        };
        let mut answers = match answers(frames, check, subjects) {
            Ok(answers) => answers,
            Err(error) => {
                evaluation.errors.push((check.id.clone(), error));
                HashMap::new()
            }
        };
        let mut account_gaps: HashMap<&str, Option<String>> = HashMap::new();
        for subject in subjects {
            let gap = match check.scope {
                Scope::Function => evidence.gap_for_function(&check.facts, subject),
                Scope::Role => {
                    account_gaps.entry(&subject.account).or_insert_with(|| evidence.gap_for_account(&check.facts, &subject.account)).clone()
                }
            };
            let answer = answers.remove(&subject.arn);
            let (status, detail) = match (answer, gap) {
                (Some((Status::Fail, detail)), Some(gap)) if check.fail_stands => {
                    (Status::Fail, format!("{detail} (not all was read: {gap})"))
                }
                (_, Some(gap)) => (Status::Unknown, gap),
                (Some(answer), None) => answer,
                (None, None) => (Status::Unknown, "the check gave no answer".to_owned()),
            };
            evaluation.findings.push(finding(
                check,
                check.scope.as_str(),
                &subject.account,
                &subject.region,
                &subject.arn,
                status,
                &detail,
            ));
        }
        for unit in &unread {
            let partition = lambdasweep_model::partition_of(&unit.region);
            let (kind, arn) = if unit.account.is_empty() {
                ("organization", format!("arn:{partition}:organizations:::organization"))
            } else if unit.region.is_empty() {
                ("account", format!("arn:{partition}:iam::{}:root", unit.account))
            } else {
                ("account-region", format!("arn:{partition}:lambda:{}:{}:function:*", unit.region, unit.account))
            };
            evaluation.findings.push(finding(check, kind, &unit.account, &unit.region, &arn, Status::Unknown, &unit.why));
        }
    }
    evaluation.findings.sort();
    Ok(evaluation)
}

fn subjects(frames: &Frames) -> Result<(Vec<Subject>, Vec<Subject>), TablesError> {
    let (mut functions, mut roles) = (Vec::new(), BTreeSet::new());
    if let Some(frame) = frames.0.get("functions") {
        let text = |name: &str| Ok::<_, TablesError>(frame.column(name)?.str()?);
        let (accounts, regions, arns, role_arns) = (text("account_id")?, text("region")?, text("function_arn")?, text("role_arn")?);
        for row in 0..frame.height() {
            let account = accounts.get(row).unwrap_or_default().to_owned();
            if let Some(role) = role_arns.get(row).filter(|role| !role.is_empty()) {
                roles.insert((account.clone(), role.to_owned()));
            }
            functions.push(Subject {
                account,
                region: regions.get(row).unwrap_or_default().to_owned(),
                arn: arns.get(row).unwrap_or_default().to_owned(),
            });
        }
    }
    let roles = roles.into_iter().map(|(account, arn)| Subject { account, region: String::new(), arn }).collect();
    Ok((functions, roles))
}

/// Runs a check's query. Several rows for one resource become one answer: the worst status, with the details of that status.
fn answers(frames: &Frames, check: &Check, subjects: &[Subject]) -> Result<HashMap<String, (Status, String)>, String> {
    // One context for each check: a context keeps the aliases of the queries that it has run, and takes a later one's for them.
    let mut sql = SQLContext::new();
    for name in &check.tables {
        if let Some(frame) = frames.0.get(name).cloned().or_else(|| table(name).map(lambdasweep_tables::Table::empty)) {
            sql.register(name, frame.lazy());
        }
    }
    let frame =
        sql.execute(&check.query).and_then(polars::prelude::LazyFrame::collect).map_err(|error| format!("its query failed: {error}"))?;
    let text = |name: &str| {
        frame.column(name).and_then(|column| column.str()).map_err(|error| format!("its query answers without `{name}`: {error}"))
    };
    let (arns, statuses, details) = (text("resource_arn")?, text("status")?, text("detail")?);
    let known: BTreeSet<&str> = subjects.iter().map(|subject| subject.arn.as_str()).collect();
    let mut merged: HashMap<String, (Status, BTreeSet<String>)> = HashMap::new();
    for row in 0..frame.height() {
        let arn = arns.get(row).unwrap_or_default();
        let status: Status =
            statuses.get(row).unwrap_or_default().parse().map_err(|error| format!("its query answers with a wrong status: {error}"))?;
        if !known.contains(arn) {
            return Err(format!("its query answers for `{arn}`, which is no {} of the scan", check.scope.as_str()));
        }
        let (worst, texts) = merged.entry(arn.to_owned()).or_insert_with(|| (status, BTreeSet::new()));
        // Fail comes before Unknown, Unknown before Pass.
        if status < *worst {
            *worst = status;
            texts.clear();
        }
        if status == *worst {
            texts.insert(details.get(row).unwrap_or_default().to_owned());
        }
    }
    Ok(merged.into_iter().map(|(arn, (status, texts))| (arn, (status, texts.into_iter().collect::<Vec<_>>().join("; ")))).collect())
}

fn finding(check: &Check, kind: &str, account: &str, region: &str, arn: &str, status: Status, detail: &str) -> FindingRow {
    let shortened = match detail.char_indices().nth(MOST_DETAIL) {
        Some((end, _)) => format!("{}…", &detail[..end]),
        None => detail.to_owned(),
    };
    let mut hasher = Sha256::new();
    for part in [check.id.as_str(), account, region, arn] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let digest = hasher.finalize();
    FindingRow {
        account_id: account.to_owned(),
        region: region.to_owned(),
        resource_arn: arn.to_owned(),
        resource_type: kind.to_owned(),
        check_id: check.id.clone(),
        status: status.as_str().to_owned(),
        severity: check.severity.as_str().to_owned(),
        detail: shortened,
        fingerprint: digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Counts findings by account, Region and check.
pub fn check_results(findings: &[FindingRow]) -> Vec<CheckResultRow> {
    let mut counts: BTreeMap<(&str, &str, &str), CheckResultRow> = BTreeMap::new();
    for finding in findings {
        let row = counts.entry((&finding.account_id, &finding.region, &finding.check_id)).or_insert_with(|| CheckResultRow {
            account_id: finding.account_id.clone(),
            region: finding.region.clone(),
            check_id: finding.check_id.clone(),
            severity: finding.severity.clone(),
            fail: 0,
            unknown: 0,
            pass: 0,
        });
        match finding.status.parse() {
            Ok(Status::Fail) => row.fail += 1,
            Ok(Status::Pass) => row.pass += 1,
            _ => row.unknown += 1,
        }
    }
    counts.into_values().collect()
}
