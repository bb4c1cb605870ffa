//! What was read, as `coverage` tells it. A fact counts as read only where a row says so.

use std::collections::{BTreeMap, HashMap};

use lambdasweep_model::{Fact, Grain, Outcome};
use lambdasweep_tables::TablesError;
use polars::prelude::DataFrame;

/// How reading a fact ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    outcome: Option<Outcome>,
    code: String,
}

/// All that `coverage` tells, by fact and by what a row speaks for.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    by_function: HashMap<Fact, HashMap<String, Read>>,
    /// By account and Region; the Region is empty for what is global, both for the organisation.
    by_unit: BTreeMap<Fact, BTreeMap<(String, String), Read>>,
}

/// A resource that a check judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) account: String,
    /// Empty for roles.
    pub(crate) region: String,
    pub(crate) arn: String,
}

/// A unit that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) why: String,
}

impl Evidence {
    pub(crate) fn new(coverage: Option<&DataFrame>) -> Result<Self, TablesError> {
        let mut evidence = Self::default();
        let Some(frame) = coverage else { return Ok(evidence) };
        let text = |name: &str| Ok::<_, TablesError>(frame.column(name)?.str()?);
        let (accounts, regions, resources) = (text("account_id")?, text("region")?, text("resource_arn")?);
        let (facts, outcomes, codes) = (text("fact")?, text("outcome")?, text("error_code")?);
        for row in 0..frame.height() {
            let Some(Ok(fact)) = facts.get(row).map(str::parse::<Fact>) else { continue };
            let read = Read {
                outcome: outcomes.get(row).and_then(|outcome| outcome.parse().ok()),
                code: codes.get(row).unwrap_or_default().to_owned(),
            };
            let (account, region, resource) =
                (accounts.get(row).unwrap_or_default(), regions.get(row).unwrap_or_default(), resources.get(row).unwrap_or_default());
            if resource.is_empty() {
                keep_worse(evidence.by_unit.entry(fact).or_default().entry((account.to_owned(), region.to_owned())), read);
            } else {
                let known = evidence.by_function.entry(fact).or_default();
                match known.get_mut(resource) {
                    Some(before) if before.is_ok() => *before = read,
                    Some(_) => {}
                    None => {
                        known.insert(resource.to_owned(), read);
                    }
                }
            }
        }
        Ok(evidence)
    }

    /// Why a check that needs these facts cannot judge the function; nothing where all were read.
    pub(crate) fn gap_for_function(&self, facts: &[Fact], subject: &Subject) -> Option<String> {
        facts.iter().find_map(|&fact| {
            let read = match fact.grain() {
                Grain::Function => self.by_function.get(&fact).and_then(|reads| reads.get(&subject.arn)),
                Grain::AccountRegion => self.unit(fact, &subject.account, &subject.region),
                Grain::Account => self.unit(fact, &subject.account, ""),
                Grain::Organization => self.unit(fact, "", ""),
            };
            gap(fact, read)
        })
    }

    /// Why a check cannot judge something of the whole account: every Region has to be read, or not be enabled.
    pub(crate) fn gap_for_account(&self, facts: &[Fact], account: &str) -> Option<String> {
        facts.iter().find_map(|&fact| match fact.grain() {
            Grain::Account => gap(fact, self.unit(fact, account, "")),
            Grain::Organization => gap(fact, self.unit(fact, "", "")),
            Grain::AccountRegion => self.gap_in_units(fact, account),
            Grain::Function => self.gap_in_units(Fact::Functions, account).or_else(|| {
                let mark = format!(":{account}:function:");
                let mut reads =
                    self.by_function.get(&fact).into_iter().flatten().filter(|(arn, _)| arn.contains(&mark)).collect::<Vec<_>>();
                reads.sort_by_key(|(arn, _)| *arn);
                reads.into_iter().find_map(|(arn, read)| gap(fact, Some(read)).map(|gap| format!("{gap}, for {arn}")))
            }),
        })
    }

    fn gap_in_units(&self, fact: Fact, account: &str) -> Option<String> {
        let units: Vec<_> = self.by_unit.get(&fact).into_iter().flatten().filter(|((of, _), _)| of == account).collect();
        if units.is_empty() {
            return gap(fact, None);
        }
        units.into_iter().filter(|(_, read)| read.outcome != Some(Outcome::RegionDisabled)).find_map(|((_, region), read)| {
            gap(fact, Some(read)).map(|gap| if region.is_empty() { gap } else { format!("{gap}, in {region}") })
        })
    }

    fn unit(&self, fact: Fact, account: &str, region: &str) -> Option<&Read> {
        self.by_unit.get(&fact)?.get(&(account.to_owned(), region.to_owned()))
    }

    /// Accounts and Regions whose functions could not be listed, so that it is not even known what there is to judge.
    ///
    /// A Region that is left out by the request is no gap; an account that is not active is one.
    pub(crate) fn unread_units(&self) -> Vec<Unread> {
        let mut unread: Vec<Unread> = Vec::new();
        for fact in [Fact::Functions, Fact::Regions] {
            for ((account, region), read) in self.by_unit.get(&fact).into_iter().flatten() {
                let left_out = !region.is_empty() && matches!(read.outcome, Some(Outcome::RegionDisabled | Outcome::Skipped));
                let known = unread.iter().any(|it| &it.account == account && &it.region == region);
                if let Some(why) = gap(fact, Some(read)).filter(|_| !left_out && !known) {
                    unread.push(Unread { account: account.clone(), region: region.clone(), why });
                }
            }
        }
        unread
    }
}

impl Read {
    fn is_ok(&self) -> bool {
        self.outcome == Some(Outcome::Ok)
    }
}

/// Two rows for one thing should not be; if they are, the one that was not read counts.
fn keep_worse(entry: std::collections::btree_map::Entry<'_, (String, String), Read>, read: Read) {
    entry
        .and_modify(|before| {
            if before.is_ok() {
                *before = read.clone();
            }
        })
        .or_insert(read);
}

/// In words, why a fact does not count as read.
fn gap(fact: Fact, read: Option<&Read>) -> Option<String> {
    match read {
        Some(read) if read.is_ok() => None,
        Some(Read { outcome: Some(outcome), code }) if code.is_empty() => Some(format!("{fact} was not read: {outcome}")),
        Some(Read { outcome: Some(outcome), code }) => Some(format!("{fact} was not read: {outcome} ({code})")),
        _ => Some(format!("{fact} was not read: nothing tells that it was")),
    }
}
