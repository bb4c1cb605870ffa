//! What was read, as `coverage` tells it. A fact counts as read only where a row says so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lambdasweep_model::Outcome;
use lambdasweep_tables::{Fact, Grain, TablesError, facts};
use polars::prelude::DataFrame;

use crate::check::Scope;
use crate::subject::{Functions, Subject};

/// How reading a fact ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read<'a> {
    Ok,
    Not(Outcome, &'a str),
    /// Nothing is told of it.
    Untold,
    /// Rows tell different things of it.
    Contradicted,
}

/// All that `coverage` tells, by fact and by what a row speaks for.
#[derive(Debug, Default)]
pub(crate) struct Evidence<'a> {
    by_function: HashMap<Fact, HashMap<&'a str, Read<'a>>>,
    /// By account, then by Region; the Region is empty for what is global, both for the
    /// organisation.
    by_unit: HashMap<Fact, BTreeMap<&'a str, BTreeMap<&'a str, Read<'a>>>>,
    /// Accounts whose list of Regions could not be read to its end, and of which the request names
    /// Regions.
    regions_named: BTreeSet<&'a str>,
}

/// A unit that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) why: String,
}

/// How the table `regions` tells of a Region that the request names and the account's own list
/// lacks.
const ASSUMED: &str = "ASSUMED";

impl<'a> Evidence<'a> {
    /// Takes coverage in; and the Regions of the accounts, because one that no coverage speaks of
    /// was not read either.
    pub(crate) fn new(
        coverage: Option<&'a DataFrame>,
        regions: Option<&'a DataFrame>,
    ) -> Result<Self, TablesError> {
        let mut evidence = Self::default();
        if let Some(frame) = coverage {
            let text = |name: &str| Ok::<_, TablesError>(frame.column(name)?.str()?);
            let (accounts, regions, resources) =
                (text("account_id")?, text("region")?, text("resource_arn")?);
            let (facts, outcomes, codes) = (text("fact")?, text("outcome")?, text("error_code")?);
            for row in 0..frame.height() {
                let Some(Ok(fact)) = facts.get(row).map(str::parse::<Fact>) else {
                    continue;
                };
                let read = match outcomes.get(row).map(str::parse::<Outcome>) {
                    Some(Ok(Outcome::Ok)) => Read::Ok,
                    Some(Ok(outcome)) => Read::Not(outcome, codes.get(row).unwrap_or_default()),
                    _ => Read::Untold,
                };
                let resource = resources.get(row).unwrap_or_default();
                let place = if resource.is_empty() {
                    let (account, region) = (
                        accounts.get(row).unwrap_or_default(),
                        regions.get(row).unwrap_or_default(),
                    );
                    evidence
                        .by_unit
                        .entry(fact)
                        .or_default()
                        .entry(account)
                        .or_default()
                        .entry(region)
                        .or_insert(read)
                } else {
                    evidence
                        .by_function
                        .entry(fact)
                        .or_default()
                        .entry(resource)
                        .or_insert(read)
                };
                *place = place.and(read);
            }
        }
        if let Some(frame) = regions {
            let (accounts, regions) = (
                frame.column("account_id")?.str()?,
                frame.column("region")?.str()?,
            );
            let statuses = frame.column("opt_status")?.str()?;
            for row in 0..frame.height() {
                let (account, region) = (
                    accounts.get(row).unwrap_or_default(),
                    regions.get(row).unwrap_or_default(),
                );
                if statuses.get(row) == Some(ASSUMED) {
                    evidence.regions_named.insert(account);
                }
                evidence
                    .by_unit
                    .entry(facts::FUNCTIONS)
                    .or_default()
                    .entry(account)
                    .or_default()
                    .entry(region)
                    .or_insert(Read::Untold);
            }
        }
        Ok(evidence)
    }

    /// Why a check that needs these facts cannot judge the subject; nothing where all were read.
    pub(crate) fn gap(
        &self,
        scope: Scope,
        facts: &[Fact],
        subject: &Subject<'_>,
        functions: &Functions<'_>,
    ) -> Option<String> {
        let (account, region) = (subject.account, subject.region);
        facts.iter().find_map(|&fact| match (fact.grain(), scope) {
            (Grain::Organization, _) => gap(fact, self.unit(fact, "", "")),
            (Grain::Account, _) => gap(fact, self.unit(fact, account, "")),
            // A function was listed, or it would not be judged: that others were not is told of
            // their Region.
            (Grain::AccountRegion, Scope::Function) if fact == facts::FUNCTIONS => {
                match self.unit(fact, account, region) {
                    Read::Not(
                        Outcome::Denied | Outcome::NotFound | Outcome::Throttled | Outcome::Failed,
                        _,
                    ) => None,
                    read => gap(fact, read),
                }
            }
            (
                Grain::AccountRegion,
                Scope::Function | Scope::Layer | Scope::PublishedLayer | Scope::AccountRegion,
            ) => gap(fact, self.unit(fact, account, region)),
            (Grain::Resource(_), Scope::Function) => {
                gap(fact, self.function(fact, account, region, &subject.arn))
            }
            (Grain::Resource(_), Scope::Layer | Scope::PublishedLayer | Scope::AccountRegion) => {
                gap(
                    facts::FUNCTIONS,
                    self.unit(facts::FUNCTIONS, account, region),
                )
                .or_else(|| {
                    self.gap_in_functions(fact, account, functions.of_region(account, region))
                })
            }
            (Grain::AccountRegion, Scope::Role | Scope::Account) => {
                let regions = self.regions_of(account, facts, functions);
                self.gap_in_regions(facts::FUNCTIONS, account, &regions)
                    .or_else(|| self.gap_in_regions(fact, account, &regions))
            }
            // Which versions run tells how grave it is what a role may do, not what it may do.
            (Grain::Resource(_), Scope::Role)
                if fact == facts::VERSIONS && !facts.contains(&facts::FUNCTIONS) =>
            {
                None
            }
            (Grain::Resource(_), Scope::Role | Scope::Account) => self
                .gap_in_regions(
                    facts::FUNCTIONS,
                    account,
                    &self.regions_of(account, facts, functions),
                )
                .or_else(|| self.gap_in_functions(fact, account, functions.of_account(account))),
        })
    }

    /// The Regions of an account that anything speaks of which these facts rest on; an empty one
    /// speaks for all of them, as where the account could not be entered.
    fn regions_of(
        &self,
        account: &str,
        facts: &[Fact],
        functions: &Functions<'a>,
    ) -> BTreeSet<&'a str> {
        let regional = facts
            .iter()
            .filter(|fact| fact.grain() == Grain::AccountRegion)
            .chain([&facts::FUNCTIONS]);
        let told = regional
            .filter_map(|fact| self.by_unit.get(fact)?.get(account))
            .flat_map(|regions| regions.keys().copied());
        told.chain(functions.regions_of(account)).collect()
    }

    /// Why a fact does not count as read for all Regions of an account: it has to be known which
    /// there are, and each has to be read or not be enabled.
    fn gap_in_regions(
        &self,
        fact: Fact,
        account: &str,
        regions: &BTreeSet<&str>,
    ) -> Option<String> {
        if let Some(gap) = gap(facts::REGIONS, self.unit(facts::REGIONS, account, "")) {
            return Some(gap);
        }
        if regions.is_empty() {
            return gap(fact, Read::Untold);
        }
        regions.iter().copied().find_map(|region| {
            match (region, self.unit(facts::FUNCTIONS, account, region)) {
                ("", Read::Untold) => gap(fact, self.unit(fact, account, "")),
                ("", functions) => gap(fact, functions),
                (_, Read::Not(Outcome::RegionDisabled, _)) => None,
                _ => gap(fact, self.unit(fact, account, region))
                    .map(|gap| format!("{gap}, in {region}")),
            }
        })
    }

    fn gap_in_functions<'b>(
        &self,
        fact: Fact,
        account: &str,
        mut functions: impl Iterator<Item = (&'b str, &'b str)>,
    ) -> Option<String> {
        functions.find_map(|(region, arn)| {
            gap(fact, self.function(fact, account, region, arn))
                .map(|gap| format!("{gap}, for {arn}"))
        })
    }

    fn unit(&self, fact: Fact, account: &str, region: &str) -> Read<'a> {
        self.by_unit
            .get(&fact)
            .and_then(|accounts| accounts.get(account)?.get(region))
            .copied()
            .unwrap_or(Read::Untold)
    }

    /// What is told of one function; where nothing is, what is told of all functions of its Region.
    fn function(&self, fact: Fact, account: &str, region: &str, arn: &str) -> Read<'a> {
        let own = self
            .by_function
            .get(&fact)
            .and_then(|reads| reads.get(arn))
            .copied();
        own.unwrap_or_else(|| self.unit(fact, account, region))
    }

    /// Whether a function was deleted while the scan ran. Only the service's own word counts, for
    /// which there is a row.
    pub(crate) fn is_gone(&self, arn: &str) -> bool {
        let of_functions = self.by_function.get(&facts::FUNCTIONS);
        of_functions
            .and_then(|reads| reads.get(arn))
            .is_some_and(|read| matches!(read, Read::Not(Outcome::Gone, _)))
    }

    /// The accounts that anything is told of.
    pub(crate) fn accounts(&self) -> BTreeSet<&'a str> {
        self.by_unit
            .values()
            .flat_map(|accounts| accounts.keys().copied())
            .filter(|account| !account.is_empty())
            .collect()
    }

    /// The accounts and Regions that were to be read: not those that are not enabled, nor those
    /// that the request left out.
    pub(crate) fn regions(&self) -> BTreeSet<(&'a str, &'a str)> {
        let accounts = self.by_unit.get(&facts::FUNCTIONS).into_iter().flatten();
        accounts
            .flat_map(|(account, regions)| {
                regions
                    .iter()
                    .map(move |(region, read)| (*account, *region, read))
            })
            .filter(|(account, region, read)| {
                !account.is_empty() && !region.is_empty() && !read.left_out()
            })
            .map(|(account, region, _)| (account, region))
            .collect()
    }

    /// Any Region of an account, to tell its partition by.
    pub(crate) fn a_region_of(&self, account: &str) -> &'a str {
        let regions = self
            .by_unit
            .get(&facts::FUNCTIONS)
            .and_then(|accounts| accounts.get(account));
        regions
            .and_then(|regions| regions.keys().copied().find(|region| !region.is_empty()))
            .unwrap_or_default()
    }

    /// Units of which it is not even known what there is to judge, because their Regions, or their
    /// functions or layers, could not be listed.
    ///
    /// A Region that is left out by the request is no such unit; an account that is not active is
    /// one. Units that are subjects of the scope themselves are left to [`Self::gap`].
    pub(crate) fn unread_units(&self, scope: Scope) -> Vec<Unread<'a>> {
        let mut unread: BTreeMap<(&'a str, &'a str), String> = BTreeMap::new();
        for fact in [facts::FUNCTIONS, facts::REGIONS] {
            for (&account, regions) in self
                .by_unit
                .get(&fact)
                .into_iter()
                .flatten()
                .filter(|(account, _)| !account.is_empty())
            {
                // The request names the Regions that are to be judged: which others there are
                // changes nothing of what is in these.
                if fact == facts::REGIONS && self.regions_named.contains(account) {
                    continue;
                }
                for (&region, &read) in regions {
                    // Which layers there are is another list's to tell; a Region or an account that
                    // was closed has none.
                    let (fact, read) = match (scope, fact) {
                        (Scope::PublishedLayer, facts::FUNCTIONS)
                            if !region.is_empty() && !read.left_out() =>
                        {
                            (facts::LAYERS, self.unit(facts::LAYERS, account, region))
                        }
                        _ => (fact, read),
                    };
                    let own = match scope {
                        Scope::Account => true,
                        Scope::AccountRegion => !region.is_empty(),
                        Scope::Function | Scope::Layer | Scope::PublishedLayer | Scope::Role => {
                            false
                        }
                    };
                    if own || !region.is_empty() && read.left_out() {
                        continue;
                    }
                    if let Some(why) = gap(fact, read) {
                        unread.entry((account, region)).or_insert(why);
                    }
                }
            }
        }
        unread
            .into_iter()
            .map(|((account, region), why)| Unread {
                account,
                region,
                why,
            })
            .collect()
    }
}

impl Read<'_> {
    /// What two rows for one thing come to, whichever comes first. There should be one; were the
    /// worse of two to count, a Region that was read and is said not to be enabled would be left
    /// out of what an answer rests on.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Not(outcome, code), Self::Not(same, other)) if outcome == same => {
                Self::Not(outcome, code.max(other))
            }
            (read, other) if read == other => read,
            _ => Self::Contradicted,
        }
    }

    const fn left_out(self) -> bool {
        matches!(
            self,
            Self::Not(Outcome::RegionDisabled | Outcome::Skipped, _)
        )
    }
}

/// In words, why a fact does not count as read. AWS's message is left out: it may hold what differs
/// from scan to scan.
fn gap(fact: Fact, read: Read<'_>) -> Option<String> {
    match read {
        Read::Ok => None,
        Read::Not(outcome, "") => Some(format!("{fact} was not read: {outcome}")),
        Read::Not(outcome, code) => Some(format!("{fact} was not read: {outcome} ({code})")),
        Read::Untold => Some(format!("{fact} was not read: nothing tells that it was")),
        Read::Contradicted => Some(format!(
            "{fact} was not read: coverage tells different things of it"
        )),
    }
}
