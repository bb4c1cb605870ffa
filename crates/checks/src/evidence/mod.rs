//! Whether everything was read that an answer rests on.

mod references;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use lambdasweep_model::Outcome;
use lambdasweep_tables::{Fact, Grain, TablesError, facts};
use polars::prelude::{ChunkCompareEq, ChunkTake, IntoColumn, StringChunked};

use crate::check::Check;
use crate::columns::{cells, coalesced, indices, left_join, text};
use crate::coverage::{Coverage, Read, gap, reads};
use crate::frames::Frames;
use crate::subject::SubjectKind;
use crate::subjects::Subjects;

/// Per resource, why a fact of it does not count as read; nothing where all were read.
type Gaps = Option<StringChunked>;

/// The first resource of each account and Region of which a fact was not read: its ARN, and why.
type First = BTreeMap<(String, String), (String, String)>;

/// What answers rest on: coverage, and the resources that it has to cover.
pub(crate) struct Evidence<'a> {
    pub(crate) coverage: Coverage,
    frames: &'a Frames,
    subjects: RefCell<HashMap<&'static str, Rc<Subjects>>>,
    resources: RefCell<HashMap<Fact, Gaps>>,
    first: RefCell<HashMap<Fact, Rc<First>>>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(frames: &'a Frames) -> Result<Self, TablesError> {
        Ok(Self {
            coverage: Coverage::new(frames.get("coverage"), frames.get("regions"))?,
            frames,
            subjects: RefCell::default(),
            resources: RefCell::default(),
            first: RefCell::default(),
        })
    }

    /// All resources of a kind.
    pub(crate) fn subjects(&self, kind: SubjectKind) -> Result<Rc<Subjects>, TablesError> {
        if let Some(known) = self.subjects.borrow().get(kind.as_str()) {
            return Ok(Rc::clone(known));
        }
        let made = Rc::new(Subjects::new(kind, self.frames, &self.coverage)?);
        let mut known = self.subjects.borrow_mut();
        known.insert(kind.as_str(), Rc::clone(&made));
        Ok(made)
    }

    /// Why a check cannot judge a resource, for each of a kind: the first fact that was not
    /// read.
    pub(crate) fn gaps(&self, subjects: &Subjects, check: &Check) -> Result<Gaps, TablesError> {
        let mut all = None;
        for &fact in &check.facts {
            let gaps = match fact.grain() {
                Grain::Resource(of) if of == subjects.kind.as_str() => self.of_resources(fact)?,
                Grain::Resource(of) => {
                    // Of the others it counts which there are at all: a role's evidence is that of
                    // every function of its account, not of those that are known to use it.
                    match SubjectKind::named(of).filter(|it| it.is_read_by_reference()) {
                        Some(other) => self.of_references(subjects, fact, other, check)?,
                        None => self.of_units(subjects, &check.facts, fact)?,
                    }
                }
                _ => self.of_units(subjects, &check.facts, fact)?,
            };
            all = coalesced(all, gaps);
        }
        Ok(all)
    }

    /// Why a fact does not count as read for resources of which it is read one by one. A row for
    /// the resource wins over one for its Region.
    fn of_resources(&self, fact: Fact) -> Result<Gaps, TablesError> {
        if let Some(known) = self.resources.borrow().get(&fact) {
            return Ok(known.clone());
        }
        let Some(subjects) = self.resources_of(fact)? else {
            return Ok(None);
        };
        let gaps = self.of_each(fact, &subjects)?;
        self.resources.borrow_mut().insert(fact, gaps.clone());
        Ok(gaps)
    }

    fn of_each(&self, fact: Fact, subjects: &Subjects) -> Result<Gaps, TablesError> {
        let of_unit = |at: usize| {
            let (account, region) = &subjects.units[subjects.unit_of[at] as usize];
            self.coverage.unit(fact, account, region).clone()
        };
        let ends = self.ends(fact, &subjects.arn)?;
        let gaps = ends.into_iter().enumerate().map(|(at, end)| {
            let end = end.unwrap_or_else(|| of_unit(at));
            gap(fact, &end)
        });
        let gaps: StringChunked = gaps.collect();
        Ok(Some(gaps).filter(|gaps| gaps.null_count() < gaps.len()))
    }

    /// How reading a fact ended for each of these resources, where a row speaks for it.
    fn ends(&self, fact: Fact, arns: &StringChunked) -> Result<Vec<Option<Read>>, TablesError> {
        let Some(rows) = self.coverage.resources(fact) else {
            return Ok(vec![None; arns.len()]);
        };
        let arns = arns.clone().with_name("resource_arn".into());
        let covered = left_join(&[arns.clone().into_column()], rows, &["resource_arn"])?;
        let outcomes = text(&covered, "outcome")?;
        if outcomes.null_count() == 0 && outcomes.equal(Outcome::Ok.as_str()).all() {
            return Ok(vec![Some(Read::Ok); arns.len()]);
        }
        let mut ends: Vec<Option<Read>> = vec![None; arns.len()];
        let (row, read) = (covered.column("row")?.idx()?, reads(&covered)?);
        for (at, place) in row.iter().enumerate() {
            let (Some(place), Some(_)) = (place, outcomes.get(at)) else {
                continue;
            };
            let end = &mut ends[place as usize];
            *end = Some(match end.take() {
                None => read(at),
                Some(before) => before.and(read(at)),
            });
        }
        Ok(ends)
    }

    /// The resources of which a fact is read one by one.
    fn resources_of(&self, fact: Fact) -> Result<Option<Rc<Subjects>>, TablesError> {
        let Grain::Resource(of) = fact.grain() else {
            return Ok(None);
        };
        SubjectKind::named(of)
            .map(|kind| self.subjects(kind))
            .transpose()
    }

    /// Why a fact does not count as read, where that is the same for all resources of an account
    /// and Region.
    fn of_units(
        &self,
        subjects: &Subjects,
        facts: &[Fact],
        fact: Fact,
    ) -> Result<Gaps, TablesError> {
        let of_unit = |(account, region): &(String, String)| {
            self.of_unit(subjects.kind, facts, fact, account, region)
        };
        let gaps: StringChunked = subjects
            .units
            .iter()
            .map(of_unit)
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .collect();
        if gaps.null_count() == gaps.len() {
            return Ok(None);
        }
        Ok(Some(gaps.take(&indices(subjects.unit_of.clone()))?))
    }

    fn of_unit(
        &self,
        kind: SubjectKind,
        facts: &[Fact],
        fact: Fact,
        account: &str,
        region: &str,
    ) -> Result<Option<String>, TablesError> {
        let unit = |fact| self.coverage.unit(fact, account, region);
        Ok(match (fact.grain(), kind.has_region()) {
            (Grain::Organization, _) => gap(fact, self.coverage.unit(fact, "", "")),
            (Grain::Account, _) => gap(fact, self.coverage.unit(fact, account, "")),
            // A function that is judged was listed; functions that were not are reported in the row
            // of their Region.
            (Grain::AccountRegion, true) if kind.has_own_facts() && fact == kind.listing() => {
                match unit(fact) {
                    Read::Not(
                        Outcome::Denied | Outcome::NotFound | Outcome::Throttled | Outcome::Failed,
                        _,
                    ) => None,
                    read => gap(fact, read),
                }
            }
            (Grain::AccountRegion, true) => gap(fact, unit(fact)),
            (Grain::Resource(_), true) => {
                let listing = self.listing(fact);
                match gap(listing, unit(listing)) {
                    Some(gap) => Some(gap),
                    None => self.first_in(fact, account, Some(region))?,
                }
            }
            (Grain::AccountRegion, false) => {
                let regions = self.regions_of(account, facts)?;
                self.in_regions(facts::FUNCTIONS, account, &regions)
                    .or_else(|| self.in_regions(fact, account, &regions))
            }
            // Which versions run affects the severity of what a role may do, not what it may do.
            (Grain::Resource(_), false)
                if !kind.is_unit()
                    && fact == facts::VERSIONS
                    && !facts.contains(&facts::FUNCTIONS) =>
            {
                None
            }
            (Grain::Resource(_), false) => {
                let regions = self.regions_of(account, facts)?;
                match self.in_regions(self.listing(fact), account, &regions) {
                    Some(gap) => Some(gap),
                    None => self.first_in(fact, account, None)?,
                }
            }
        })
    }

    /// The fact that lists the resources that a fact is read for.
    fn listing(&self, fact: Fact) -> Fact {
        match fact.grain() {
            Grain::Resource(of) => {
                SubjectKind::named(of).map_or(facts::FUNCTIONS, SubjectKind::listing)
            }
            _ => facts::FUNCTIONS,
        }
    }

    /// The Regions of an account that have coverage for these facts. An empty Region covers all of
    /// them, for instance where the account could not be entered.
    fn regions_of(&self, account: &str, facts: &[Fact]) -> Result<BTreeSet<String>, TablesError> {
        let regional = facts
            .iter()
            .filter(|fact| fact.grain() == Grain::AccountRegion)
            .chain([&facts::FUNCTIONS]);
        let mut regions: BTreeSet<String> = regional
            .flat_map(|fact| self.coverage.regions_of(*fact, account))
            .map(str::to_owned)
            .collect();
        if let Some(functions) = SubjectKind::named("function") {
            let units = &self.subjects(functions)?.units;
            let from = units.partition_point(|(of, _)| of.as_str() < account);
            let own = units[from..].iter().take_while(|(of, _)| of == account);
            regions.extend(own.map(|(_, region)| region.clone()));
        }
        Ok(regions)
    }

    /// Why a fact does not count as read for all Regions of an account: it has to be known which
    /// there are, and each has to be read or not be enabled.
    fn in_regions(&self, fact: Fact, account: &str, regions: &BTreeSet<String>) -> Option<String> {
        let coverage = &self.coverage;
        if let Some(gap) = gap(facts::REGIONS, coverage.unit(facts::REGIONS, account, "")) {
            return Some(gap);
        }
        if regions.is_empty() {
            return gap(fact, &Read::Uncovered);
        }
        regions.iter().find_map(|region| {
            match (
                region.as_str(),
                coverage.unit(facts::FUNCTIONS, account, region),
            ) {
                ("", Read::Uncovered) => gap(fact, coverage.unit(fact, account, "")),
                ("", functions) => gap(fact, functions),
                (_, Read::Not(Outcome::RegionDisabled, _)) => None,
                _ => gap(fact, coverage.unit(fact, account, region))
                    .map(|gap| format!("{gap}, in {region}")),
            }
        })
    }

    /// Why a fact does not count as read for the first resource of an account, or of a Region in
    /// it, for which it does not.
    fn first_in(
        &self,
        fact: Fact,
        account: &str,
        region: Option<&str>,
    ) -> Result<Option<String>, TablesError> {
        let first = self.first(fact)?;
        let from = (account.to_owned(), region.unwrap_or_default().to_owned());
        let found = first.range(from..).next().filter(|((of, place), _)| {
            of == account && region.is_none_or(|region| place == region)
        });
        Ok(found.map(|(_, (arn, gap))| format!("{gap}, for {arn}")))
    }

    fn first(&self, fact: Fact) -> Result<Rc<First>, TablesError> {
        if let Some(known) = self.first.borrow().get(&fact) {
            return Ok(Rc::clone(known));
        }
        let mut first = First::new();
        if let (Some(gaps), Some(subjects)) = (self.of_resources(fact)?, self.resources_of(fact)?) {
            let arns = cells(&subjects.arn);
            for (at, gap) in gaps.iter().enumerate() {
                let Some(gap) = gap else { continue };
                let unit = &subjects.units[subjects.unit_of[at] as usize];
                first
                    .entry(unit.clone())
                    .or_insert_with(|| (arns[at].to_owned(), gap.to_owned()));
            }
        }
        let first = Rc::new(first);
        self.first.borrow_mut().insert(fact, Rc::clone(&first));
        Ok(first)
    }
}
