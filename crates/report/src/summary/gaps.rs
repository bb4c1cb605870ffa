//! What could not be read, grouped by reason: whole accounts and account-Regions, and single facts
//! of units that were read otherwise.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_model::Outcome;
use lambdasweep_tables::{CoverageRow, facts};

/// How many places are kept for each reason; the rest is only counted.
const MOST_PLACES: usize = 5;

/// How many reasons are kept: error codes come from outside and must not fill the memory.
const MOST_REASONS: usize = 1000;

/// Why something was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reason {
    pub(super) kind: Kind,
    pub(super) outcome: String,
    pub(super) code: Option<String>,
}

/// What was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Organization,
    Account,
    AccountRegion,
    /// A fact of a unit that was read otherwise.
    Fact(String),
}

/// The extent of one reason.
#[derive(Debug, Clone, Default)]
pub(super) struct Gap {
    /// How often.
    pub(super) count: u64,
    /// The first places: account and Region.
    pub(super) places: Vec<(String, String)>,
    /// The number of places, counting consecutive equal ones once.
    pub(super) places_count: u64,
    /// The first message of AWS or lambdasweep.
    pub(super) message: Option<String>,
    last: Option<(String, String)>,
}

/// Everything that could not be read.
#[derive(Debug, Clone, Default)]
pub(super) struct Gaps(BTreeMap<Reason, Gap>);

impl Gaps {
    pub(super) fn add(&mut self, coverage: &[CoverageRow]) {
        let mut whole: BTreeSet<(&str, &str)> = BTreeSet::new();
        // For a whole unit only the most informative fact is reported.
        for fact in [facts::ORGANIZATION, facts::FUNCTIONS] {
            for row in coverage.iter().filter(|row| {
                row.resource_arn.is_empty() && row.fact == fact.as_str() && is_gap(row)
            }) {
                if whole.insert((&row.account_id, &row.region)) {
                    let kind = match (row.account_id.is_empty(), row.region.is_empty()) {
                        (true, _) => Kind::Organization,
                        (_, true) => Kind::Account,
                        _ => Kind::AccountRegion,
                    };
                    self.note(kind, row);
                }
            }
        }
        for row in coverage.iter().filter(|row| {
            is_gap(row) && !whole.contains(&(row.account_id.as_str(), row.region.as_str()))
        }) {
            self.note(Kind::Fact(row.fact.clone()), row);
        }
    }

    fn note(&mut self, kind: Kind, row: &CoverageRow) {
        let mut reason = Reason {
            kind,
            outcome: row.outcome.clone(),
            code: row.error_code.clone(),
        };
        if self.0.len() >= MOST_REASONS && !self.0.contains_key(&reason) {
            reason.code = None;
        }
        let gap = self.0.entry(reason).or_default();
        gap.count += 1;
        if gap
            .last
            .as_ref()
            .is_none_or(|(account, region)| (account, region) != (&row.account_id, &row.region))
        {
            let place = (row.account_id.clone(), row.region.clone());
            gap.places_count += 1;
            if gap.places.len() < MOST_PLACES {
                gap.places.push(place.clone());
            }
            gap.last = Some(place);
        }
        if gap.message.is_none() {
            gap.message.clone_from(&row.message);
        }
    }

    /// The gaps: whole units first, then by extent.
    pub(super) fn sorted(&self) -> Vec<(&Reason, &Gap)> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_by_key(|(reason, gap)| {
            (
                matches!(reason.kind, Kind::Fact(_)),
                std::cmp::Reverse(gap.count),
                *reason,
            )
        });
        all
    }
}

/// Whether a row reports something that should have been read but was not. A Region that is not
/// enabled or not requested is not a gap, nor is a function that was deleted while the scan ran; an
/// account that is not active is one.
fn is_gap(row: &CoverageRow) -> bool {
    match row.outcome.parse() {
        Ok(Outcome::Ok | Outcome::RegionDisabled | Outcome::Gone) => false,
        Ok(Outcome::Skipped) => row.region.is_empty() && row.resource_arn.is_empty(),
        Ok(Outcome::NotFound | Outcome::Denied | Outcome::Throttled | Outcome::Failed) | Err(_) => {
            true
        }
    }
}
