//! The resources that checks judge: each gets one answer a check.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_model::partition_of;
use lambdasweep_tables::TablesError;
use polars::prelude::DataFrame;

use crate::check::Scope;
use crate::evidence::Evidence;
use crate::frames::Frames;

/// The columns that name a layer.
pub(crate) const LAYER_COLUMNS: [&str; 3] = ["account_id", "region", "layer_version_arn"];

/// The table that tells of a scope's layers.
pub(crate) const fn layers_table(scope: Scope) -> &'static str {
    if matches!(scope, Scope::PublishedLayer) {
        "layers"
    } else {
        "function_layers"
    }
}

/// A resource that a check judges.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject<'a> {
    pub(crate) account: &'a str,
    /// Empty for what is global.
    pub(crate) region: &'a str,
    pub(crate) arn: Cow<'a, str>,
}

/// What a query answers for, as far as it names it: account, Region, ARN. What it does not name is
/// empty.
pub(crate) type Key<'a> = (&'a str, &'a str, &'a str);

impl Subject<'_> {
    /// What a query of the scope names this subject by.
    pub(crate) fn key(&self, scope: Scope) -> Key<'_> {
        match scope {
            Scope::Function | Scope::PublishedLayer | Scope::Role => ("", "", &self.arn),
            Scope::Layer => (self.account, self.region, &self.arn),
            Scope::Account => (self.account, "", ""),
            Scope::AccountRegion => (self.account, self.region, ""),
        }
    }
}

/// The functions by account and Region.
#[derive(Debug, Default)]
pub(crate) struct Functions<'a>(BTreeMap<&'a str, BTreeMap<&'a str, BTreeSet<&'a str>>>);

impl<'a> Functions<'a> {
    /// The functions of the table; those that were deleted while the scan ran are left out.
    pub(crate) fn new(
        frame: Option<&'a DataFrame>,
        evidence: &Evidence<'_>,
    ) -> Result<Self, TablesError> {
        let mut functions = Self::default();
        if let Some(frame) = frame {
            let text = |name: &str| Ok::<_, TablesError>(frame.column(name)?.str()?);
            let (accounts, regions, arns) =
                (text("account_id")?, text("region")?, text("function_arn")?);
            for row in 0..frame.height() {
                let arn = arns.get(row).unwrap_or_default();
                if !evidence.is_gone(arn) {
                    let of = functions
                        .0
                        .entry(accounts.get(row).unwrap_or_default())
                        .or_default();
                    of.entry(regions.get(row).unwrap_or_default())
                        .or_default()
                        .insert(arn);
                }
            }
        }
        Ok(functions)
    }

    /// The functions of an account, each with its Region.
    pub(crate) fn of_account(&self, account: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .get(account)
            .into_iter()
            .flatten()
            .flat_map(|(region, arns)| arns.iter().map(|arn| (*region, *arn)))
    }

    /// The Regions of an account that have functions.
    pub(crate) fn regions_of(&self, account: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .get(account)
            .into_iter()
            .flat_map(|regions| regions.keys().copied())
    }

    /// The functions of an account in a Region, each with the Region.
    pub(crate) fn of_region(
        &self,
        account: &str,
        region: &str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let of = self
            .0
            .get(account)
            .and_then(|regions| regions.get_key_value(region));
        of.into_iter()
            .flat_map(|(region, arns)| arns.iter().map(|arn| (*region, *arn)))
    }
}

/// All subjects of a scope, each once.
pub(crate) fn subjects<'a>(
    scope: Scope,
    frames: &'a Frames,
    functions: &Functions<'a>,
    evidence: &Evidence<'a>,
) -> Result<Vec<Subject<'a>>, TablesError> {
    let mut subjects = BTreeSet::new();
    match scope {
        Scope::Function => {
            for (&account, regions) in &functions.0 {
                for (&region, arns) in regions {
                    subjects.extend(arns.iter().map(|arn| Subject {
                        account,
                        region,
                        arn: Cow::Borrowed(*arn),
                    }));
                }
            }
        }
        Scope::Role => {
            // Of every version that can be invoked, whether something refers to it or not.
            for table in ["functions", "function_versions"] {
                columns(
                    frames,
                    table,
                    ["account_id", "role_arn"],
                    |[account, arn]| {
                        if !arn.is_empty() {
                            subjects.insert(Subject {
                                account,
                                region: "",
                                arn: Cow::Borrowed(arn),
                            });
                        }
                    },
                )?;
            }
        }
        Scope::Layer | Scope::PublishedLayer => columns(
            frames,
            layers_table(scope),
            LAYER_COLUMNS,
            |[account, region, arn]| {
                if !arn.is_empty() {
                    subjects.insert(Subject {
                        account,
                        region,
                        arn: Cow::Borrowed(arn),
                    });
                }
            },
        )?,
        Scope::Account => subjects.extend(evidence.accounts().into_iter().map(|account| Subject {
            account,
            region: "",
            arn: Cow::Owned(unit_arn(account, "", evidence.a_region_of(account))),
        })),
        Scope::AccountRegion => subjects.extend(evidence.regions().into_iter().map(
            |(account, region)| Subject {
                account,
                region,
                arn: Cow::Owned(unit_arn(account, region, region)),
            },
        )),
    }
    Ok(subjects.into_iter().collect())
}

/// Hands the cells of some text columns over, row by row; an absent one is empty. A table that is
/// not there has no rows.
pub(crate) fn columns<'a, const N: usize>(
    frames: &'a Frames,
    table: &str,
    names: [&str; N],
    mut each: impl FnMut([&'a str; N]),
) -> Result<(), TablesError> {
    let Some(frame) = frames.get(table) else {
        return Ok(());
    };
    let mut columns = Vec::with_capacity(N);
    for name in names {
        columns.push(frame.column(name)?.str()?);
    }
    for row in 0..frame.height() {
        let mut cells = [""; N];
        for (cell, column) in cells.iter_mut().zip(&columns) {
            *cell = column.get(row).unwrap_or_default();
        }
        each(cells);
    }
    Ok(())
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
