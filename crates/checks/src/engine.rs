//! Runs checks over tables. The engine, not the check's author, sees to it that every resource gets
//! an answer (one row for each fault, or one row that says why there is none) and that what was not
//! read is never a PASS.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use lambdasweep_model::{Severity, Status};
use lambdasweep_tables::{CheckResultRow, FindingRow, TablesError};

use crate::answers::{Answer, Answers, Fault, answers, digest};
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
/// An account's rows have to be there together with the organisation's; those of other accounts
/// need not be, except for checks that are marked `across-accounts`, which need all accounts at
/// once.
///
/// # Errors
/// Where the tables are not as they should be. A check that fails is no error: see
/// [`Evaluation::errors`].
pub fn evaluate(checks: &[&Check], frames: &Frames) -> Result<Evaluation, TablesError> {
    let evidence = Evidence::new(frames.get("coverage"), frames.get("regions"))?;
    let functions = Functions::new(frames.get("functions"), &evidence)?;
    let mut of_scope: HashMap<Scope, Vec<Subject<'_>>> = HashMap::new();
    let mut evaluation = Evaluation::default();
    for check in checks {
        let subjects: &[Subject<'_>] = match of_scope.entry(check.scope) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(room) => {
                room.insert(subjects(check.scope, frames, &functions, &evidence)?)
            }
        };
        let mut answers = answers(frames, check, subjects).unwrap_or_else(|error| {
            evaluation.errors.push((check.id.clone(), error));
            Answers::new()
        });
        // Subjects of one account and Region share their gap, unless each is a function of its own.
        // They stand side by side.
        let mut last: Option<(&Subject<'_>, Option<String>)> = None;
        for subject in subjects {
            let gap = match &last {
                Some((before, gap))
                    if check.scope != Scope::Function
                        && (before.account, before.region) == (subject.account, subject.region) =>
                {
                    gap.clone()
                }
                _ => evidence.gap(check.scope, &check.facts, subject, &functions),
            };
            let of = Place {
                kind: check.scope.as_str(),
                account: subject.account,
                region: subject.region,
                arn: &subject.arn,
            };
            judge(
                check,
                of,
                answers.remove(&subject.key(check.scope)),
                gap.as_deref(),
                &mut evaluation.findings,
            );
            last = Some((subject, gap));
        }
        for unit in evidence.unread_units(check.scope) {
            let kind = if unit.region.is_empty() {
                Scope::Account
            } else {
                Scope::AccountRegion
            };
            let near = if unit.region.is_empty() {
                evidence.a_region_of(unit.account)
            } else {
                unit.region
            };
            let arn = unit_arn(unit.account, unit.region, near);
            let of = Place {
                kind: kind.as_str(),
                account: unit.account,
                region: unit.region,
                arn: &arn,
            };
            judge(check, of, None, Some(&unit.why), &mut evaluation.findings);
        }
    }
    evaluation.findings.sort();
    Ok(evaluation)
}

/// What a finding is about.
#[derive(Clone, Copy)]
struct Place<'a> {
    kind: &'a str,
    account: &'a str,
    region: &'a str,
    arn: &'a str,
}

/// Adds the findings for one resource: what the query answered, or UNKNOWN where something was not
/// read that the answer rests on.
fn judge(
    check: &Check,
    of: Place<'_>,
    answer: Option<Answer>,
    gap: Option<&str>,
    findings: &mut Vec<FindingRow>,
) {
    let mut add = |status, fault: &str, severity, detail: &str| {
        findings.push(finding(check, of, status, (fault, severity), detail))
    };
    let stands = |status| gap.is_none() || check.stands.contains(&status);
    match answer {
        Some(Answer::Fail(faults)) if stands(Status::Fail) => {
            for (name, Fault { severity, detail }) in &faults {
                match gap {
                    None => add(Status::Fail, name, *severity, detail),
                    Some(gap) => {
                        let detail = shortened(detail, MOST_DETAIL / 2);
                        add(
                            Status::Fail,
                            name,
                            *severity,
                            &format!("{detail} (not all was read: {gap})"),
                        );
                    }
                }
            }
        }
        Some(Answer::Other(status, detail)) if stands(status) => {
            add(status, "", check.gravest(), &detail)
        }
        _ => add(
            Status::Unknown,
            "",
            check.gravest(),
            gap.unwrap_or("the check gave no answer"),
        ),
    }
}

fn finding(
    check: &Check,
    of: Place<'_>,
    status: Status,
    (fault, severity): (&str, Severity),
    detail: &str,
) -> FindingRow {
    FindingRow {
        account_id: of.account.to_owned(),
        region: of.region.to_owned(),
        resource_arn: of.arn.to_owned(),
        resource_type: of.kind.to_owned(),
        check_id: check.id.clone(),
        status: status.as_str().to_owned(),
        fault: fault.to_owned(),
        severity: severity.as_str().to_owned(),
        detail: shortened(detail, MOST_DETAIL),
        fingerprint: digest([check.id.as_str(), of.account, of.region, of.arn, fault]),
    }
}

fn shortened(detail: &str, most: usize) -> String {
    match detail.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &detail[..end]),
        None => detail.to_owned(),
    }
}

/// Counts findings by account, Region and check. They have to be sorted, as [`evaluate`] gives
/// them.
pub fn check_results(findings: &[FindingRow]) -> Vec<CheckResultRow> {
    let mut counts: BTreeMap<(&str, &str, &str), CheckResultRow> = BTreeMap::new();
    let mut last: Option<&FindingRow> = None;
    for finding in findings {
        let row = counts
            .entry((&finding.account_id, &finding.region, &finding.check_id))
            .or_insert_with(|| CheckResultRow {
                account_id: finding.account_id.clone(),
                region: finding.region.clone(),
                check_id: finding.check_id.clone(),
                severity: finding.severity.clone(),
                faults: 0,
                fail: 0,
                unknown: 0,
                pass: 0,
                not_applicable: 0,
            });
        match finding.status.parse() {
            Ok(Status::Fail) => {
                let another = last.is_some_and(|last| last.is_beside(finding));
                let graver =
                    |than: &str| than.parse::<Severity>().ok() < finding.severity.parse().ok();
                if row.faults == 0 || graver(&row.severity) {
                    row.severity.clone_from(&finding.severity);
                }
                row.faults += 1;
                row.fail += i64::from(!another);
            }
            Ok(Status::Pass) => row.pass += 1,
            Ok(Status::NotApplicable) => row.not_applicable += 1,
            Ok(Status::Unknown) | Err(_) => row.unknown += 1,
        }
        last = Some(finding);
    }
    counts.into_values().collect()
}
