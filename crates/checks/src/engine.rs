//! Evaluates checks over tables. The engine, not the check's author, ensures that every resource
//! gets an answer (one row for each fault, or one row that says why there is none) and that what
//! was not read is never a PASS.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use lambdasweep_model::Status;
use lambdasweep_tables::{CheckResultRow, FindingRow, Row, TablesError};
use polars::prelude::{ChunkTake, DataFrame, IdxSize, StringChunked};

use crate::answers::answers;
use crate::check::Check;
use crate::columns::{constant, index, indices, texts};
use crate::coverage::Unread;
use crate::evidence::Evidence;
use crate::findings::{Part, Places, findings, results};
use crate::fold::Answers;
use crate::frames::Frames;
use crate::query::run;
use crate::subject::unit_arn;
use crate::subjects::Subjects;

/// The maximum length of a finding's detail, in characters.
pub(crate) const MOST_DETAIL: usize = 600;

/// The results of checks.
#[derive(Debug)]
pub struct Evaluation {
    /// Rows of the table `findings`, by account, Region, resource and check.
    pub findings: DataFrame,
    /// Rows of the table `check_results`: the numbers of findings.
    pub results: DataFrame,
    /// Checks that could not be run, with the reason; their resources are UNKNOWN.
    pub errors: Vec<(String, String)>,
    /// The time it took.
    pub phases: Phases,
}

/// The durations of the phases of an evaluation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Phases {
    /// Reading the tables; filled in by the caller.
    pub read: Duration,
    /// Listing the resources to judge.
    pub subjects: Duration,
    /// Running the queries, with all rows in memory at the end.
    pub queries: Duration,
    /// Folding their rows into answers.
    pub answers: Duration,
    /// Determining what was not read, and combining that with the answers.
    pub evidence: Duration,
    /// Building the rows of the result tables.
    pub findings: Duration,
}

impl std::ops::AddAssign for Phases {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.subjects += other.subjects;
        self.queries += other.queries;
        self.answers += other.answers;
        self.evidence += other.evidence;
        self.findings += other.findings;
    }
}

/// Runs checks over the tables of some accounts.
///
/// An account's rows must be loaded together with the organisation's. Rows of other accounts are
/// not needed, except for checks marked `across-accounts`, which need all accounts at once.
///
/// # Errors
/// If the tables are invalid. A check that fails is not an error: see [`Evaluation::errors`].
pub fn evaluate(checks: &[&Check], frames: &Frames) -> Result<Evaluation, TablesError> {
    let mut phases = Phases::default();
    let begun = Instant::now();
    let evidence = Evidence::new(frames)?;
    let mut kinds: BTreeMap<&str, Judged> = BTreeMap::new();
    for check in checks {
        let name = check.subject.as_str();
        if !kinds.contains_key(name) {
            kinds.insert(name, Judged::new(check, frames, &evidence)?);
        }
    }
    let mut places = Places::new();
    for judged in kinds.values_mut() {
        judged.add_to(&mut places, &evidence)?;
    }
    let ranking = places.ranked();
    phases.subjects = begun.elapsed();
    let mut in_order: Vec<&&Check> = checks.iter().collect();
    in_order.sort_by(|a, b| a.id.cmp(&b.id));
    let (mut parts, mut errors) = (Vec::new(), Vec::new());
    for check in in_order {
        let Some(judged) = kinds.get(check.subject.as_str()) else {
            continue;
        };
        let begun = Instant::now();
        let rows = run(frames, check);
        phases.queries += begun.elapsed();
        let begun = Instant::now();
        let answers = rows.and_then(|rows| answers(&rows, check, &judged.keys));
        let answers = answers.unwrap_or_else(|error| {
            errors.push((check.id.clone(), error));
            Answers::none()
        });
        phases.answers += begun.elapsed();
        let begun = Instant::now();
        let gaps = evidence.gaps(&judged.subjects, check)?;
        parts.push(judged.part(check, answers, gaps.as_ref(), &ranking.rank)?);
        phases.evidence += begun.elapsed();
    }
    let begun = Instant::now();
    // In the order in which the checks were given.
    let given = |id: &str| checks.iter().position(|check| check.id == id);
    errors.sort_by_key(|(id, _)| given(id));
    let (findings, results) = if parts.is_empty() {
        (FindingRow::TABLE.empty(), CheckResultRow::TABLE.empty())
    } else {
        (
            findings(&places, &ranking, &parts)?,
            results(&places, &ranking, &parts)?,
        )
    };
    phases.findings = begun.elapsed();
    Ok(Evaluation {
        findings,
        results,
        errors,
        phases,
    })
}

/// The resources of a kind, and the units whose resources are unknown.
struct Judged {
    subjects: Rc<Subjects>,
    keys: DataFrame,
    unread: Vec<Unread>,
    /// The places of the resources, then those of the units.
    places: std::ops::Range<usize>,
}

impl Judged {
    fn new(check: &Check, frames: &Frames, evidence: &Evidence<'_>) -> Result<Self, TablesError> {
        let subjects = evidence.subjects(check.subject)?;
        Ok(Self {
            keys: subjects.keys(frames)?,
            unread: evidence.coverage.unread_units(check.subject),
            subjects,
            places: 0..0,
        })
    }

    /// Adds the places that findings of this kind can have.
    fn add_to(&mut self, places: &mut Places, evidence: &Evidence<'_>) -> Result<(), TablesError> {
        let first = places.len();
        places.add_subjects(&self.subjects)?;
        let (mut arns, mut kinds) = (Vec::new(), Vec::new());
        for unit in &self.unread {
            let (near, kind) = if unit.region.is_empty() {
                (evidence.coverage.a_region_of(&unit.account), "account")
            } else {
                (unit.region.as_str(), "account-region")
            };
            arns.push(unit_arn(&unit.account, &unit.region, near));
            kinds.push(kind);
        }
        places.add(
            &texts(
                "account_id",
                self.unread.iter().map(|unit| unit.account.as_str()),
            ),
            &texts(
                "region",
                self.unread.iter().map(|unit| unit.region.as_str()),
            ),
            &texts("resource_arn", arns),
            &kinds,
        )?;
        self.places = first..places.len();
        Ok(())
    }

    /// The findings of a check: the query's answers, or UNKNOWN where something that an answer
    /// depends on was not read.
    fn part(
        &self,
        check: &Check,
        answers: Answers,
        gaps: Option<&StringChunked>,
        ranks: &[IdxSize],
    ) -> Result<Part, TablesError> {
        let ranks = &ranks[self.places.clone()];
        let gravest = check.gravest() as u8;
        let of_subjects = ranks.iter().take(self.subjects.len()).copied();
        let is_whole = answers.subject.len() == self.subjects.len()
            && answers.subject.windows(2).all(|pair| pair[0] < pair[1]);
        let mut part = if is_whole && gaps.is_none() {
            Part {
                check: check.id.clone(),
                rank: of_subjects.collect(),
                severity: answers.severity,
                status: answers.status,
                fault: answers.fault,
                detail: answers.detail,
            }
        } else {
            let order: Vec<IdxSize> = of_subjects.collect();
            let rests_on_list = check.facts.contains(&self.subjects.kind.listing());
            let absent = &self.subjects.absent;
            let absent = if rests_on_list {
                absent.as_slice()
            } else {
                &[]
            };
            merged(check, answers, gaps, absent, &order)?
        };
        for (severity, status) in part.severity.iter_mut().zip(&part.status) {
            if *status != Status::Fail as u8 {
                *severity = gravest;
            }
        }
        part.detail = shortened(part.detail, MOST_DETAIL);
        // Units that were not read follow.
        let units = self.unread.len();
        part.rank.extend(&ranks[self.subjects.len()..]);
        part.status.resize(part.rank.len(), Status::Unknown as u8);
        part.severity.resize(part.rank.len(), gravest);
        let why = self.unread.iter().map(|unit| unit.why.as_str());
        part.detail.append(&texts("detail", why))?;
        if let Some(fault) = &mut part.fault {
            fault.append(&constant("fault", "", units))?;
        }
        Ok(part)
    }
}

/// The content of one row of a check's findings.
enum Says {
    /// The query's answer, by the row of its answers.
    Answer(usize),
    /// That the resource fails, and that not all was read.
    FailsWithGap(usize),
    /// What was not read.
    Gap,
    /// That the resource does not exist, though others name it.
    Absent,
    /// That there is no answer.
    Nothing,
}

/// What is said of a resource that others name and that does not exist.
pub(crate) const ABSENT: &str = "it does not exist";

/// What is said of a resource that the query has no row for.
pub(crate) const NO_ANSWER: &str = "the check gave no answer";

/// Combines answers and gaps, resource by resource. Texts are not copied: only the row that has
/// each of them is determined.
fn merged(
    check: &Check,
    answers: Answers,
    gaps: Option<&StringChunked>,
    absent: &[bool],
    ranks: &[IdxSize],
) -> Result<Part, TablesError> {
    let count = answers.subject.len();
    let stands: Vec<bool> = Status::ALL
        .iter()
        .map(|it| check.stands.contains(it))
        .collect();
    let mut part = Part::empty(check);
    let (mut details, mut faults): (Vec<IdxSize>, Vec<IdxSize>) = (Vec::new(), Vec::new());
    let mut with_gap: Vec<String> = Vec::new();
    // The pool of texts for details: those of the answers, the gaps, the texts for a missing resource
    // and a missing answer, and the combinations of an answer and a gap.
    let gaps_from = count;
    let missing = gaps_from + ranks.len();
    let nothing = missing + 1;
    let made_from = nothing + 1;
    let mut add = |subject: usize, says: Says| {
        let (status, severity, detail, fault) = match says {
            Says::Answer(row) => (answers.status[row], answers.severity[row], row, row),
            Says::FailsWithGap(row) => {
                let detail = answers.detail.get(row).unwrap_or_default();
                let gap = gaps.and_then(|gaps| gaps.get(subject)).unwrap_or_default();
                let detail = shortened_text(detail, MOST_DETAIL / 2);
                with_gap.push(format!("{detail} (not all was read: {gap})"));
                let made = made_from + with_gap.len() - 1;
                (answers.status[row], answers.severity[row], made, row)
            }
            Says::Gap => (Status::Unknown as u8, 0, gaps_from + subject, count),
            Says::Absent => (Status::NotApplicable as u8, 0, missing, count),
            Says::Nothing => (Status::Unknown as u8, 0, nothing, count),
        };
        part.rank.push(ranks[subject]);
        part.status.push(status);
        part.severity.push(severity);
        details.push(index(detail));
        faults.push(index(fault));
    };
    let mut row = 0;
    for subject in 0..ranks.len() {
        let begin = row;
        while row < count && answers.subject[row] as usize == subject {
            row += 1;
        }
        let is_gap = gaps.is_some_and(|gaps| gaps.get(subject).is_some());
        if begin == row {
            let is_absent = absent.get(subject) == Some(&true);
            add(
                subject,
                match (is_gap, is_absent) {
                    (true, _) => Says::Gap,
                    (false, true) => Says::Absent,
                    (false, false) => Says::Nothing,
                },
            );
        } else if !is_gap {
            (begin..row).for_each(|row| add(subject, Says::Answer(row)));
        } else if !stands[answers.status[begin] as usize] {
            add(subject, Says::Gap);
        } else if answers.status[begin] == Status::Fail as u8 {
            (begin..row).for_each(|row| add(subject, Says::FailsWithGap(row)));
        } else {
            add(subject, Says::Answer(begin));
        }
    }
    let none = texts("detail", [ABSENT, NO_ANSWER]);
    let no_gaps = || constant("detail", "", ranks.len());
    let mut pool = answers.detail.with_name("detail".into());
    pool.append(gaps.unwrap_or(&no_gaps()))?;
    pool.append(&none)?;
    pool.append(&texts("detail", with_gap))?;
    part.detail = pool.rechunk().take(&indices(details))?;
    if let Some(mut pool) = answers.fault {
        pool.append(&constant("fault", "", 1))?;
        part.fault = Some(pool.rechunk().take(&indices(faults))?);
    }
    Ok(part)
}

/// Limits texts to this many characters.
fn shortened(details: StringChunked, most: usize) -> StringChunked {
    let is_long = |detail: Option<&str>| detail.is_some_and(|detail| detail.len() > most);
    if !details.iter().any(is_long) {
        return details;
    }
    let short = details
        .iter()
        .map(|detail| shortened_text(detail.unwrap_or_default(), most));
    texts("detail", short)
}

fn shortened_text(detail: &str, most: usize) -> std::borrow::Cow<'_, str> {
    match detail.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &detail[..end]).into(),
        None => detail.into(),
    }
}
