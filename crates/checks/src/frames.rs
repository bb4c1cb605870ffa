//! The tables that an evaluation runs over: only the columns and the coverage that it needs.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_tables::{Fact, Grain, TablesError, facts};
use polars::prelude::{BooleanChunked, ChunkCompareEq, ChunkFull, DataFrame};

use crate::check::Check;
use crate::subject::{Link, Naming, SubjectKind};

/// The columns that the engine itself reads, by table.
const OWN: [(&str, &[&str]); 3] = [
    (
        "coverage",
        &[
            "account_id",
            "region",
            "resource_arn",
            "fact",
            "outcome",
            "error_code",
        ],
    ),
    ("regions", &["account_id", "region", "opt_status"]),
    (
        "functions",
        &["account_id", "region", "function_arn", "role_arn"],
    ),
];

/// The facts that the engine itself asks for: without them it is not known what there is to judge.
pub(crate) const OWN_FACTS: [Fact; 3] = [facts::ORGANIZATION, facts::REGIONS, facts::FUNCTIONS];

/// The tables that some checks run over, by name.
#[derive(Debug, Default)]
pub struct Frames {
    columns: BTreeMap<&'static str, BTreeSet<&'static str>>,
    facts: BTreeSet<Fact>,
    frames: BTreeMap<&'static str, DataFrame>,
}

impl Frames {
    /// Room for the tables that an evaluation of these checks needs.
    pub fn new(checks: &[&Check]) -> Self {
        let mut columns: BTreeMap<&'static str, BTreeSet<&'static str>> = BTreeMap::new();
        for (table, own) in OWN {
            columns.entry(table).or_default().extend(own);
        }
        for naming in checks.iter().flat_map(|check| namings(check)) {
            let named = columns.entry(naming.table).or_default();
            named.extend(["account_id", naming.column]);
            named.extend(Some("region").filter(|_| naming.has_region));
        }
        for link in checks.iter().flat_map(|check| links(check)) {
            let linked = columns.entry(link.table).or_default();
            linked.extend([link.from, link.to]);
        }
        for (table, read) in checks.iter().flat_map(|check| &check.reads) {
            columns.entry(table).or_default().extend(read);
        }
        for (name, columns) in &mut columns {
            // Rows count even where none of their columns is read.
            let first = lambdasweep_tables::table(name)
                .and_then(|table| table.columns.first())
                .map(|column| column.name);
            columns.extend(first.filter(|_| columns.is_empty()));
        }
        let facts = checks
            .iter()
            .flat_map(|check| check.facts.iter().copied())
            .chain(checks.iter().map(|check| check.subject.listing()))
            .chain(OWN_FACTS)
            .collect();
        Self {
            columns,
            facts,
            frames: BTreeMap::new(),
        }
    }

    /// The columns that are needed of a table.
    pub fn columns(&self, name: &str) -> Vec<&'static str> {
        self.columns
            .get(name)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// The tables that are needed; the others need not be put in.
    pub fn needed(&self) -> Vec<&'static str> {
        self.columns.keys().copied().collect()
    }

    /// Puts a table in, made of its parts one after the other. Of each part only what is needed is
    /// kept before the next one is taken, so that parts which are made when they are asked for are
    /// never all in memory.
    ///
    /// # Errors
    /// Where a part cannot be made, or lacks a column.
    pub fn insert(
        &mut self,
        name: &'static str,
        parts: impl IntoIterator<Item = Result<DataFrame, TablesError>>,
    ) -> Result<(), TablesError> {
        let Some(columns) = self.columns.get(name) else {
            return Ok(());
        };
        let mut whole: Option<DataFrame> = None;
        for part in parts {
            let mut part = part?.select(columns.iter().copied())?;
            if name == "coverage" {
                part = self.of_these_facts(&part)?;
            }
            match &mut whole {
                Some(whole) => {
                    whole.vstack_mut_owned(part)?;
                }
                None => whole = Some(part),
            }
        }
        if let Some(mut whole) = whole {
            // Rows are looked at one by one, which takes long in a column of many pieces.
            whole.rechunk_mut();
            self.frames.insert(name, whole);
        }
        Ok(())
    }

    /// The rows of coverage that anything here asks for.
    fn of_these_facts(&self, coverage: &DataFrame) -> Result<DataFrame, TablesError> {
        let facts = coverage.column("fact")?.str()?;
        let mut wanted = BooleanChunked::full("wanted".into(), false, coverage.height());
        for fact in &self.facts {
            wanted = wanted | facts.equal(fact.as_str());
        }
        Ok(coverage.filter(&wanted)?)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&DataFrame> {
        self.frames.get(name)
    }
}

/// The kinds of resources that a check's facts are read for one by one.
fn kinds_of_facts(check: &Check) -> impl Iterator<Item = SubjectKind> {
    check.facts.iter().filter_map(|fact| match fact.grain() {
        Grain::Resource(of) => SubjectKind::named(of),
        _ => None,
    })
}

/// How what a check judges refers to resources that are read by reference.
fn links(check: &Check) -> Vec<Link> {
    kinds_of_facts(check)
        .filter(|kind| kind.is_read_by_reference())
        .flat_map(|kind| check.subject.links(kind, &check.reads))
        .collect()
}

/// The rows that name the resources which a check judges, and those which its facts are read for.
fn namings(check: &Check) -> Vec<Naming> {
    kinds_of_facts(check)
        .chain([check.subject])
        .flat_map(|kind| kind.named_by().into_iter().chain([kind.own_rows()]))
        .collect()
}
