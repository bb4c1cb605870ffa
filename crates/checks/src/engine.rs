//! Runs checks over tables. The engine, not the check's author, sees to it that every resource gets exactly one answer and that what was not
//! read is never a PASS.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use lambdasweep_model::Status;
use lambdasweep_tables::{CheckResultRow, FindingRow, TablesError};
use sha2::{Digest, Sha256};

use crate::answers::{Answers, answers};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::frames::Frames;
use crate::subject::{Functions, Subject, subjects, unit_arn};

/// The longest detail of a finding, in characters.
const MOST_DETAIL: usize = 600;

/// What checks answered.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// The findings, by account, Region, resource and check.
    pub findings: Vec<FindingRow>,
    /// Checks that could not be run, with the reason; their resources are UNKNOWN.
    pub errors: Vec<(String, String)>,
}

/// Runs checks over the tables of some accounts.
///
/// An account's rows have to be there together with the organisation's; those of other accounts need not be, except for checks that are
/// marked `across-accounts`, which need all accounts at once.
///
/// # Errors
/// Where the tables are not as they should be. A check that fails is no error: see [`Evaluation::errors`].
pub fn evaluate(checks: &[&Check], frames: &Frames) -> Result<Evaluation, TablesError> {
    let evidence = Evidence::new(frames.get("coverage"), frames.get("regions"))?;
    let functions = Functions::new(frames.get("functions"))?;
    let mut of_scope: HashMap<Scope, Vec<Subject<'_>>> = HashMap::new();
    let mut evaluation = Evaluation::default();
    for check in checks {
        let subjects: &[Subject<'_>] = match of_scope.entry(check.scope) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(room) => room.insert(subjects(check.scope, frames, &functions, &evidence)?),
        };
        let answers = answers(frames, check, subjects).unwrap_or_else(|error| {
            evaluation.errors.push((check.id.clone(), error));
            Answers::new()
        });
        // Subjects of one account and Region share their gap, unless each is a function of its own. They stand side by side.
        let mut last: Option<(&Subject<'_>, Option<String>)> = None;
        for subject in subjects {
            let gap = match &last {
                Some((before, gap))
                    if check.scope != Scope::Function && (before.account, before.region) == (subject.account, subject.region) =>
                {
                    gap.clone()
                }
                _ => evidence.gap(check.scope, &check.facts, subject, &functions),
            };
            let answer = answers.get(&subject.key(check.scope)).cloned();
            let (status, detail) = match (answer, gap.clone()) {
                (Some((Status::Fail, detail)), Some(gap)) if check.fail_stands => {
                    (Status::Fail, format!("{} (not all was read: {gap})", shortened(&detail, MOST_DETAIL / 2)))
                }
                (_, Some(gap)) => (Status::Unknown, gap),
                (Some(answer), None) => answer,
                (None, None) => (Status::Unknown, "the check gave no answer".to_owned()),
            };
            evaluation.findings.push(finding(check, check.scope.as_str(), subject.account, subject.region, &subject.arn, status, &detail));
            last = Some((subject, gap));
        }
        for unit in evidence.unread_units(check.scope) {
            let kind = if unit.region.is_empty() { Scope::Account } else { Scope::AccountRegion };
            let near = if unit.region.is_empty() { evidence.a_region_of(unit.account) } else { unit.region };
            let arn = unit_arn(unit.account, unit.region, near);
            evaluation.findings.push(finding(check, kind.as_str(), unit.account, unit.region, &arn, Status::Unknown, &unit.why));
        }
    }
    evaluation.findings.sort();
    Ok(evaluation)
}

fn finding(check: &Check, kind: &str, account: &str, region: &str, arn: &str, status: Status, detail: &str) -> FindingRow {
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
        detail: shortened(detail, MOST_DETAIL),
        fingerprint: digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn shortened(detail: &str, most: usize) -> String {
    match detail.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &detail[..end]),
        None => detail.to_owned(),
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
