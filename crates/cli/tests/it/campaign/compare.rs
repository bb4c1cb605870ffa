//! Compares a scan with faults to the one without, row by row.

use std::collections::BTreeSet;
use std::fmt;

use super::evidence::{Cost, Evidence};
use super::snapshot::{Answers, Key, Snapshot};

/// What a scan may not do, whatever AWS, the network or a proxy answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sort {
    FailToPass,
    PassToFail,
    Vanished,
    Panic,
    Hang,
    Silent,
    NeedlessUnknown,
}

impl Sort {
    pub(crate) const ALL: [Self; 7] = [
        Self::FailToPass,
        Self::PassToFail,
        Self::Vanished,
        Self::Panic,
        Self::Hang,
        Self::Silent,
        Self::NeedlessUnknown,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::FailToPass => "fail_to_pass",
            Self::PassToFail => "pass_to_fail",
            Self::Vanished => "vanished",
            Self::Panic => "panics",
            Self::Hang => "hangs",
            Self::Silent => "silent",
            Self::NeedlessUnknown => "needless_unknown",
        }
    }
}

/// Something that a scan did and may not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) sort: Sort,
    pub(crate) what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.sort.word(), self.what)
    }
}

/// How a scan ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal,
    /// It was stopped because it took too long.
    Hung,
}

/// A scan with faults.
#[derive(Debug)]
pub(crate) struct Faulted<'a> {
    pub(crate) ended: Ended,
    /// What it said.
    pub(crate) said: &'a str,
    /// What it published, if anything.
    pub(crate) snapshot: Option<&'a Snapshot>,
    /// What the calls may cost that were struck.
    pub(crate) costs: &'a [Cost],
    /// Whether trying again overcomes all that was struck, so that nothing may differ.
    pub(crate) overcome: bool,
}

/// All that is wrong with a scan.
pub(crate) fn compare(
    evidence: &Evidence,
    before: &Snapshot,
    faulted: &Faulted<'_>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut add = |sort, what: String| found.push(Violation { sort, what });
    match faulted.ended {
        Ended::Hung => {
            add(Sort::Hang, "the scan did not end".to_owned());
            return found;
        }
        Ended::Signal => add(Sort::Panic, "the scan was ended by a signal".to_owned()),
        Ended::Code(_) if faulted.said.contains("panicked at") => {
            add(Sort::Panic, last_lines(faulted.said))
        }
        Ended::Code(0 | 1 | 4) => {}
        Ended::Code(code) => add(
            Sort::Panic,
            format!("exit code {code}: {}", last_lines(faulted.said)),
        ),
    }
    let Some(after) = faulted.snapshot else {
        match faulted.ended {
            Ended::Code(0 | 4) => add(Sort::Silent, "nothing was published".to_owned()),
            Ended::Code(_) if faulted.overcome || !faulted.costs.iter().any(Cost::is_of_all) => {
                add(
                    Sort::NeedlessUnknown,
                    format!("the scan stopped: {}", last_lines(faulted.said)),
                );
            }
            _ => {}
        }
        return found;
    };
    found.extend(findings(evidence, before, after, faulted));
    found.extend(coverage(before, after, faulted));
    found.extend(tables(before, after));
    if faulted.ended == Ended::Code(0)
        && (before.findings != after.findings || before.tables != after.tables)
    {
        found.push(Violation {
            sort: Sort::Silent,
            what: "exit code 0, and rows differ".to_owned(),
        });
    }
    if faulted.ended == Ended::Code(4) && after.is_complete() {
        found.push(Violation {
            sort: Sort::NeedlessUnknown,
            what: "exit code 4, and nothing is missing".to_owned(),
        });
    }
    found
}

fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said
        .lines()
        .rev()
        .filter(|line| !line.trim().is_empty())
        .take(3)
        .collect();
    lines
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
        .join(" | ")
        .chars()
        .take(400)
        .collect()
}

fn findings(
    evidence: &Evidence,
    before: &Snapshot,
    after: &Snapshot,
    faulted: &Faulted<'_>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let nothing = Answers::default();
    let keys: BTreeSet<&Key> = before
        .findings
        .keys()
        .chain(after.findings.keys())
        .collect();
    for key in keys {
        let (old, new) = (
            before.findings.get(key).unwrap_or(&nothing),
            after.findings.get(key).unwrap_or(&nothing),
        );
        if old == new {
            continue;
        }
        let resource_type = if old.rows.is_empty() {
            &new.resource_type
        } else {
            &old.resource_type
        };
        let hit = !faulted.overcome && evidence.is_hit(faulted.costs, key, resource_type);
        if let Some(sort) = verdict(after, key, old, new, hit) {
            let shown = |answers: &Answers| {
                answers
                    .rows
                    .iter()
                    .map(|row| row.join("/"))
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            found.push(Violation {
                sort,
                what: format!(
                    "{}: {:?} became {:?}",
                    key.join(" "),
                    shown(old),
                    shown(new)
                ),
            });
        }
    }
    found
}

/// What is wrong with another answer than before; nothing where the fault explains it.
fn verdict(after: &Snapshot, key: &Key, old: &Answers, new: &Answers, hit: bool) -> Option<Sort> {
    let [check, account, region, _] = key;
    if new.doubled {
        return Some(Sort::Silent);
    }
    if new.rows.is_empty() {
        // A unit that could not be listed is told of by a row of its own, or by coverage.
        let told = after
            .findings
            .iter()
            .any(|([of_check, of_account, of_region, _], it)| {
                of_check == check
                    && of_account == account
                    && (of_region.is_empty() || of_region == region || region.is_empty())
                    && it.has("UNKNOWN")
            });
        return match told || after.has_gap(account, region) {
            false => Some(Sort::Vanished),
            true => (!hit).then_some(Sort::NeedlessUnknown),
        };
    }
    if new.has("UNKNOWN") {
        return (!hit).then_some(Sort::NeedlessUnknown);
    }
    if old.rows.is_empty() {
        // A resource that there is not.
        return Some(Sort::PassToFail);
    }
    if old.is_clean() {
        return Some(Sort::PassToFail);
    }
    if new.is_clean() {
        return Some(Sort::FailToPass);
    }
    // Where evidence is missing a fault may count as graver or less grave than it is.
    let (before, now) = (old.failing(!hit), new.failing(!hit));
    if now.difference(&before).next().is_some() {
        return Some(Sort::PassToFail);
    }
    (before != now && (!hit || !after.has_gap(account, region))).then_some(Sort::Vanished)
}

/// Gaps where no fault was.
fn coverage(before: &Snapshot, after: &Snapshot, faulted: &Faulted<'_>) -> Vec<Violation> {
    let changed = after
        .coverage
        .iter()
        .filter(|(place, outcomes)| before.coverage.get(*place) != Some(outcomes));
    let needless = changed.filter(|(place, _)| {
        faulted.overcome || !faulted.costs.iter().any(|cost| cost.covers(place))
    });
    needless
        .map(|(place, outcomes)| Violation {
            sort: Sort::NeedlessUnknown,
            what: format!("coverage of {}: {outcomes:?}", place.join(" ")),
        })
        .collect()
}

/// The columns of `failure_targets` that identify a row come first.
const FAILURE_TARGET_KEY: usize = 6;

/// Rows that are gone, or others than before, and no coverage tells of it.
fn tables(before: &Snapshot, after: &Snapshot) -> Vec<Violation> {
    let mut found = Vec::new();
    let none = Vec::new();
    let groups: BTreeSet<&[String; 3]> = before.tables.keys().chain(after.tables.keys()).collect();
    for group in groups {
        let (old, new) = (
            before.tables.get(group).unwrap_or(&none),
            after.tables.get(group).unwrap_or(&none),
        );
        let [table, account, region] = group;
        // A queue is not asked for where what refers to it was not read, in whichever account.
        let of_reference =
            |row: &Vec<String>| table == "queues" || row.iter().any(|cell| cell == "queue");
        let mut old = old.clone();
        if after.has_gaps() {
            old.retain(|row| new.contains(row) || !of_reference(row));
        }
        let mut new = new.clone();
        // Whether a role may send rests on the queue and on the organisation, wherever these are.
        if table == "failure_targets" && after.has_gaps() {
            for row in old.iter_mut().chain(&mut new) {
                row.truncate(FAILURE_TARGET_KEY);
            }
        }
        let (old, new) = (&old, &new);
        if old == new || after.has_gap(account, region) {
            continue;
        }
        let sort = if new.len() < old.len() {
            Sort::Vanished
        } else {
            Sort::Silent
        };
        let row = new
            .iter()
            .find(|row| !old.contains(row))
            .or_else(|| old.iter().find(|row| !new.contains(row)));
        let row = row
            .map(|row| row.join(" ").chars().take(200).collect::<String>())
            .unwrap_or_default();
        found.push(Violation {
            sort,
            what: format!(
                "{table} of {account} {region}: {} rows became {}: {row}",
                old.len(),
                new.len()
            ),
        });
    }
    found
}
