//! What was read, by the table `coverage`. A fact counts as read only where a row says so.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lambdasweep_model::Outcome;
use lambdasweep_tables::{Fact, Grain, TablesError, facts};
use polars::prelude::{ChunkCompareEq, DataFrame};

use crate::columns::{cells, text};
use crate::subject::SubjectKind;

/// How reading a fact ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Read {
    Ok,
    /// Not in full, with the error code; empty where there is none.
    Not(Outcome, String),
    /// No row covers it.
    Uncovered,
    /// Rows conflict.
    Conflicting,
}

/// By account, then by Region; the Region is empty for what is global, both for the organisation.
type Units = BTreeMap<String, BTreeMap<String, Read>>;

/// The table `coverage`.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    /// Rows that speak for a whole unit, by fact. These are few.
    units: HashMap<Fact, Units>,
    /// Rows that speak for one resource, by fact: `resource_arn`, `outcome` and `error_code`.
    resources: HashMap<Fact, DataFrame>,
    /// Accounts whose list of Regions could not be read to its end, and of which the request names
    /// Regions.
    regions_named: BTreeSet<String>,
}

/// A unit that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) why: String,
}

/// What the table `regions` says of a Region that the request names and the account's own list
/// lacks.
const ASSUMED: &str = "ASSUMED";

impl Coverage {
    /// Loads coverage and the Regions of the accounts: a Region without coverage was not read.
    pub(crate) fn new(
        coverage: Option<&DataFrame>,
        regions: Option<&DataFrame>,
    ) -> Result<Self, TablesError> {
        let mut this = Self::default();
        if let Some(frame) = coverage {
            let of_unit = text(frame, "resource_arn")?.equal("");
            this.add_units(&frame.filter(&of_unit)?)?;
            this.add_resources(&frame.filter(&!of_unit)?)?;
        }
        if let Some(frame) = regions {
            this.add_regions(frame)?;
        }
        Ok(this)
    }

    fn add_units(&mut self, frame: &DataFrame) -> Result<(), TablesError> {
        let (accounts, regions) = (text(frame, "account_id")?, text(frame, "region")?);
        let (accounts, regions) = (cells(accounts), cells(regions));
        let read = reads(frame)?;
        for (row, fact) in cells(text(frame, "fact")?).into_iter().enumerate() {
            let Ok(fact) = fact.parse::<Fact>() else {
                continue;
            };
            let of_account = self
                .units
                .entry(fact)
                .or_default()
                .entry(accounts[row].to_owned())
                .or_default();
            let read = read(row);
            let known = of_account
                .entry(regions[row].to_owned())
                .or_insert_with(|| read.clone());
            *known = std::mem::replace(known, Read::Uncovered).and(read);
        }
        Ok(())
    }

    fn add_resources(&mut self, frame: &DataFrame) -> Result<(), TablesError> {
        let facts = text(frame, "fact")?;
        for &fact in facts::ALL {
            let rows = facts.equal(fact.as_str());
            if rows.any() {
                let of_fact = frame.select(["resource_arn", "outcome", "error_code"])?;
                self.resources.insert(fact, of_fact.filter(&rows)?);
            }
        }
        Ok(())
    }

    fn add_regions(&mut self, frame: &DataFrame) -> Result<(), TablesError> {
        let (accounts, regions) = (text(frame, "account_id")?, text(frame, "region")?);
        let statuses = cells(text(frame, "opt_status")?);
        let functions = self.units.entry(facts::FUNCTIONS).or_default();
        for (row, (account, region)) in cells(accounts).into_iter().zip(cells(regions)).enumerate()
        {
            if statuses[row] == ASSUMED {
                self.regions_named.insert(account.to_owned());
            }
            functions
                .entry(account.to_owned())
                .or_default()
                .entry(region.to_owned())
                .or_insert(Read::Uncovered);
        }
        Ok(())
    }

    /// How reading a fact of a unit ended.
    pub(crate) fn unit(&self, fact: Fact, account: &str, region: &str) -> &Read {
        self.units
            .get(&fact)
            .and_then(|accounts| accounts.get(account)?.get(region))
            .unwrap_or(&Read::Uncovered)
    }

    /// The rows that speak for single resources.
    pub(crate) fn resources(&self, fact: Fact) -> Option<&DataFrame> {
        self.resources.get(&fact)
    }

    /// The Regions of an account that a fact's rows speak of.
    pub(crate) fn regions_of(&self, fact: Fact, account: &str) -> impl Iterator<Item = &str> {
        let regions = self.units.get(&fact).and_then(|units| units.get(account));
        regions
            .into_iter()
            .flat_map(BTreeMap::keys)
            .map(String::as_str)
    }

    /// The resources that were deleted while the scan ran. Only the service's own word counts, for
    /// which there is a row.
    pub(crate) fn gone(&self, listing: Fact) -> Result<HashSet<String>, TablesError> {
        let Some(frame) = self.resources.get(&listing) else {
            return Ok(HashSet::new());
        };
        let mut ends: HashMap<&str, Read> = HashMap::new();
        let read = reads(frame)?;
        for (row, arn) in cells(text(frame, "resource_arn")?).into_iter().enumerate() {
            let read = read(row);
            let end = ends.entry(arn).or_insert_with(|| read.clone());
            *end = std::mem::replace(end, Read::Uncovered).and(read);
        }
        let gone = ends
            .into_iter()
            .filter(|(_, read)| matches!(read, Read::Not(Outcome::Gone, _)));
        Ok(gone.map(|(arn, _)| arn.to_owned()).collect())
    }

    /// The accounts that coverage speaks of.
    pub(crate) fn accounts(&self) -> BTreeSet<&str> {
        self.units
            .values()
            .flat_map(BTreeMap::keys)
            .map(String::as_str)
            .filter(|account| !account.is_empty())
            .collect()
    }

    /// The accounts and Regions that were to be read: not those that are not enabled, nor those
    /// that the request left out.
    pub(crate) fn regions(&self) -> BTreeSet<(&str, &str)> {
        let accounts = self.units.get(&facts::FUNCTIONS).into_iter().flatten();
        let regions = accounts.flat_map(|(account, regions)| {
            let of_account = regions.iter();
            of_account.map(move |(region, read)| (account.as_str(), region.as_str(), read))
        });
        regions
            .filter(|(account, region, read)| {
                !account.is_empty() && !region.is_empty() && !read.left_out()
            })
            .map(|(account, region, _)| (account, region))
            .collect()
    }

    /// Any Region of an account, from which its partition is known.
    pub(crate) fn a_region_of(&self, account: &str) -> &str {
        self.regions_of(facts::FUNCTIONS, account)
            .find(|region| !region.is_empty())
            .unwrap_or_default()
    }

    /// Units of which it is not even known what there is to judge, because their Regions or their
    /// resources could not be listed.
    ///
    /// A Region that is left out by the request is no such unit; an account that is not active is
    /// one. Units that are judged themselves are left out.
    pub(crate) fn unread_units(&self, kind: SubjectKind) -> Vec<Unread> {
        let mut unread: BTreeMap<(&str, &str), String> = BTreeMap::new();
        for fact in [facts::FUNCTIONS, facts::REGIONS] {
            let accounts = self.units.get(&fact).into_iter().flatten();
            for (account, regions) in accounts.filter(|(account, _)| !account.is_empty()) {
                // The request names the Regions that are to be judged: which others there are
                // changes nothing of what is in these.
                if fact == facts::REGIONS && self.regions_named.contains(account) {
                    continue;
                }
                for (region, read) in regions {
                    let is_judged = kind.is_unit() && (!kind.has_region() || !region.is_empty());
                    if is_judged || !region.is_empty() && read.left_out() {
                        continue;
                    }
                    // Layers are listed apart from functions; an
                    // account that could not be entered has neither.
                    let has_list = kind.listing().grain() == Grain::AccountRegion;
                    let (fact, read) = if has_list && fact == facts::FUNCTIONS && !region.is_empty()
                    {
                        (kind.listing(), self.unit(kind.listing(), account, region))
                    } else {
                        (fact, read)
                    };
                    if let Some(why) = gap(fact, read) {
                        unread.entry((account, region)).or_insert(why);
                    }
                }
            }
        }
        unread
            .into_iter()
            .map(|((account, region), why)| Unread {
                account: account.to_owned(),
                region: region.to_owned(),
                why,
            })
            .collect()
    }
}

/// How reading ended, by the row of a frame with `outcome` and `error_code`.
pub(crate) fn reads(frame: &DataFrame) -> Result<impl Fn(usize) -> Read, TablesError> {
    let (outcomes, codes) = (text(frame, "outcome")?, text(frame, "error_code")?);
    Ok(move |row: usize| match outcomes.get(row).map(str::parse) {
        Some(Ok(Outcome::Ok)) => Read::Ok,
        Some(Ok(outcome)) => Read::Not(outcome, codes.get(row).unwrap_or_default().to_owned()),
        _ => Read::Uncovered,
    })
}

impl Read {
    /// What two rows for one thing come to, whichever comes first. There should be one; were the
    /// worse of two to count, a Region that was read and is said not to be enabled would be left
    /// out of what an answer rests on.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Not(outcome, code), Self::Not(same, other)) if outcome == same => {
                Self::Not(outcome, code.max(other))
            }
            (read, other) if read == other => read,
            _ => Self::Conflicting,
        }
    }

    const fn left_out(&self) -> bool {
        matches!(
            self,
            Self::Not(Outcome::RegionDisabled | Outcome::Skipped, _)
        )
    }
}

/// In words, why a fact does not count as read. AWS's message is left out: it may hold what differs
/// from scan to scan.
pub(crate) fn gap(fact: Fact, read: &Read) -> Option<String> {
    match read {
        Read::Ok => None,
        Read::Not(outcome, code) if code.is_empty() => {
            Some(format!("{fact} was not read: {outcome}"))
        }
        Read::Not(outcome, code) => Some(format!("{fact} was not read: {outcome} ({code})")),
        Read::Uncovered => Some(format!("no coverage record for {fact}")),
        Read::Conflicting => Some(format!("coverage records for {fact} conflict")),
    }
}
