//! The kinds of resources that checks judge. Tables declare them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use lambdasweep_model::{partition_of, printable};
use lambdasweep_tables::{Fact, Grain, Reference, Subject, TABLES, Table, facts, table};
use serde::de::{Deserialize, Deserializer, Error};

/// The columns that a query reads, by table.
pub(crate) type Reads = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// The columns of every finding that say which resource it is about.
const PLACE: [&str; 2] = ["account_id", "region"];

/// A kind of resource that checks judge, as a table declares it.
#[derive(Clone, Copy)]
pub struct SubjectKind {
    table: &'static Table,
    declared: Subject,
}

/// The rows of a table that name resources of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Naming {
    pub(crate) table: &'static str,
    /// The column that identifies the resource.
    pub(crate) column: &'static str,
    /// Whether the rows have a Region that is the resource's as well.
    pub(crate) has_region: bool,
}

impl SubjectKind {
    /// All kinds, in the order of their tables.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLES.iter().filter_map(|table| {
            let declared = table.subject?;
            Some(Self { table, declared })
        })
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.as_str() == name)
    }

    /// As it is written in front matter, and as findings name the type of their resource.
    pub const fn as_str(self) -> &'static str {
        self.declared.name
    }

    /// The columns with which a query for this kind answers: those of [`Self::key`], then status
    /// and detail.
    pub fn output(self) -> Vec<&'static str> {
        [self.key(), &["status", "detail"]].concat()
    }

    /// The columns by which a query names a resource. An ARN that rows of several accounts may
    /// hold does not say which of the accounts is meant. The ARN that stands for an account is
    /// made by the engine.
    pub(crate) fn key(self) -> &'static [&'static str] {
        match (self.is_unit(), self.has_region()) {
            (true, true) => &["account_id", "region"],
            (true, false) => &["account_id"],
            _ if self.is_shared() => &["account_id", "region", "resource_arn"],
            _ => &["resource_arn"],
        }
    }

    /// The fact that lists the resources.
    pub(crate) fn listing(self) -> Fact {
        self.table
            .facts
            .first()
            .copied()
            .unwrap_or(facts::FUNCTIONS)
    }

    /// Whether the resources lie in Regions.
    pub(crate) fn has_region(self) -> bool {
        has_column(self.table, "region")
    }

    /// Whether it is an account, or an account in a Region: what facts are read for.
    pub(crate) fn is_unit(self) -> bool {
        PLACE.contains(&self.declared.column)
    }

    /// Whether some facts are read for each resource of this kind.
    pub(crate) fn has_own_facts(self) -> bool {
        facts::ALL
            .iter()
            .any(|fact| fact.grain() == Grain::Resource(self.as_str()))
    }

    /// The columns of a table that name such resources as facts are read for them: what lists them,
    /// and what refers to those that are read by reference.
    pub(crate) fn columns_in(self, name: &str) -> Vec<&'static str> {
        if name == self.table.name {
            return vec![self.declared.column];
        }
        let references = table(name).map_or(&[][..], |table| table.references);
        let names = references.iter().filter(|it| {
            self.is_read_by_reference()
                && (it.table, it.target) == (self.table.name, self.declared.column)
        });
        names.map(|it| it.column).collect()
    }

    /// The columns of other tables that refer to such resources, as `table.column`.
    pub(crate) fn named_in_others(self) -> Vec<String> {
        let refers =
            |it: &&Reference| (it.table, it.target) == (self.table.name, self.declared.column);
        let others = TABLES.iter().filter(|table| table.name != self.table.name);
        let columns = others.flat_map(|table| {
            let columns = table.references.iter().filter(refers);
            columns.map(|it| format!("{}.{}", table.name, it.column))
        });
        columns.collect()
    }

    /// Whether the resources are read one by one where others refer to them.
    pub fn is_read_by_reference(self) -> bool {
        is_read_by_reference(self.table)
    }

    /// Whether rows of several accounts may name the same resource.
    fn is_shared(self) -> bool {
        self.table
            .references
            .iter()
            .any(|reference| reference.column == self.declared.column)
    }

    /// Whether those are judged that other rows name, so that one may not exist.
    pub(crate) fn is_judged_where_named(self) -> bool {
        self.declared.in_use
    }

    /// The rows that name the resources which are judged: those of the declaring table, or, where
    /// only resources in use are judged, those that refer to it from the facts of others.
    pub(crate) fn named_by(self) -> Vec<Naming> {
        if !self.declared.in_use {
            return vec![self.own_rows()];
        }
        let refers = |reference: &&Reference| {
            (reference.table, reference.target) == (self.table.name, self.declared.column)
        };
        let others = TABLES
            .iter()
            .filter(|table| !table.facts.contains(&self.listing()));
        others
            .flat_map(|table| {
                table
                    .references
                    .iter()
                    .map(move |reference| (table, reference))
            })
            .filter(|(_, reference)| refers(reference))
            .map(|(table, reference)| Naming {
                table: table.name,
                column: reference.column,
                has_region: self.has_region() && has_column(table, "region"),
            })
            .collect()
    }

    /// The rows of the declaring table.
    pub(crate) fn own_rows(self) -> Naming {
        Naming {
            table: self.table.name,
            column: self.declared.column,
            has_region: self.has_region(),
        }
    }
}

/// A column of a table by whose rows resources of one kind refer to those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) table: &'static str,
    /// The column that names what refers, or the account of what does.
    pub(crate) from: &'static str,
    /// The column that names what it refers to.
    pub(crate) to: &'static str,
}

impl SubjectKind {
    /// How resources of this kind refer to those of another in rows that a query reads.
    pub(crate) fn links(self, other: Self, reads: &Reads) -> Vec<Link> {
        let names = |reference: &&Reference, kind: Self| {
            (reference.table, reference.target) == (kind.table.name, kind.declared.column)
        };
        let mut links = Vec::new();
        for (name, columns) in reads {
            let Some(table) = table(name) else { continue };
            let own = Some(self.declared.column).filter(|_| table.name == self.table.name);
            let from = own.or_else(|| {
                let mut references = table.references.iter();
                Some(references.find(|it| names(it, self))?.column)
            });
            // Rows without the resource that refers count for all resources of their account.
            let from = from.unwrap_or(PLACE[0]);
            if !has_column(table, from) {
                continue;
            }
            let to = table.references.iter().filter(|it| names(it, other));
            let to = to.filter(|it| columns.contains(it.column));
            links.extend(to.map(|it| Link {
                table: table.name,
                from,
                to: it.column,
            }));
        }
        links
    }
}

impl<'de> Deserialize<'de> for SubjectKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| {
            let known: Vec<&str> = Self::all().map(Self::as_str).collect();
            Error::custom(format!(
                "`{}` is not a subject; use one of {}",
                printable(&name),
                known.join(", ")
            ))
        })
    }
}

impl PartialEq for SubjectKind {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for SubjectKind {}

impl fmt::Debug for SubjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for SubjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a table's resources are read one by one where others refer to them, in whichever account
/// they are. All of its rows are there whichever accounts are judged.
pub fn is_read_by_reference(table: &Table) -> bool {
    let own = table.subject.map(|subject| Grain::Resource(subject.name));
    own.is_some() && table.facts.first().map(|fact| fact.grain()) == own
}

fn has_column(table: &Table, name: &str) -> bool {
    table.columns.iter().any(|column| column.name == name)
}

/// The ARN that stands for the organisation, an account, or an account in a Region. `near` is a
/// Region of the same partition, where one is known.
pub(crate) fn unit_arn(account: &str, region: &str, near: &str) -> String {
    let partition = partition_of(near);
    match (account, region) {
        ("", _) => format!("arn:{partition}:organizations:::organization"),
        (account, "") => format!("arn:{partition}:iam::{account}:root"),
        (account, region) => format!("arn:{partition}:lambda:{region}:{account}:function:*"),
    }
}
