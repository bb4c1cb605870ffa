//! The facts that a scan can read. Tables declare them; `crate::facts` lists them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use lambdasweep_model::WordError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub mod list;

/// What one outcome in the `coverage` table applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    /// The whole organisation.
    Organization,
    /// One account, all Regions.
    Account,
    /// One account in one Region.
    AccountRegion,
    /// One resource of the subject of that name; for functions, one function with all its versions
    /// and aliases.
    Resource(&'static str),
}

/// A fact that a scan reads: collectors declare that they read it, checks declare that they need
/// it, and `coverage` has its outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    name: &'static str,
    grain: Grain,
}

impl Fact {
    pub(crate) const fn new(name: &'static str, grain: Grain) -> Self {
        Self { name, grain }
    }

    /// The name in tables, files and options.
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// What one row of `coverage` for the fact applies to.
    pub const fn grain(self) -> Grain {
        self.grain
    }
}

// Facts with the same name are equal, so hashing the name is enough.
impl Hash for Fact {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl FromStr for Fact {
    type Err = WordError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let known = list::ALL.iter().copied().find(|fact| fact.name == value);
        known.ok_or_else(|| WordError {
            what: "fact",
            value: value.to_owned(),
            allowed: list::ALL
                .iter()
                .map(|fact| fact.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Grain, list};
    use crate::{TABLES, table};

    #[test]
    fn every_fact_is_read_per_something_that_a_table_lists() {
        let subjects: BTreeSet<&str> = TABLES
            .iter()
            .filter_map(|table| Some(table.subject?.name))
            .collect();
        for fact in list::ALL {
            if let Grain::Resource(subject) = fact.grain() {
                assert!(subjects.contains(subject), "{fact} is read per {subject}");
            }
        }
    }

    #[test]
    fn declarations_name_columns_and_tables_that_exist() {
        let has = |name: &str, column: &str| {
            table(name).is_some_and(|table| table.columns.iter().any(|it| it.name == column))
        };
        for declared in TABLES {
            if let Some(subject) = declared.subject {
                assert!(has(declared.name, subject.column), "{}", declared.name);
            }
            if let Some(column) = declared.kinds {
                assert!(has(declared.name, column), "{}", declared.name);
            }
            for reference in declared.references {
                assert!(has(declared.name, reference.column), "{reference:?}");
                assert!(has(reference.table, reference.target), "{reference:?}");
            }
        }
    }

    #[test]
    fn only_the_tables_of_the_engine_rest_on_no_fact() {
        let own: Vec<&str> = TABLES
            .iter()
            .filter(|table| table.facts.is_empty())
            .map(|table| table.name)
            .collect();
        assert_eq!(own, ["check_results", "checks", "coverage", "findings"]);
    }
}
