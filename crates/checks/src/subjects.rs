//! The resources that checks judge: each gets one answer per check.

use std::collections::HashSet;

use lambdasweep_tables::TablesError;
use polars::prelude::{
    BooleanChunked, ChunkCompareEq, ChunkFilter, ChunkFull, ChunkFullNull, ChunkTake, DataFrame,
    DataFrameJoinOps, IdxCa, IdxSize, IntoColumn, JoinArgs, JoinType, NewChunkedArray,
    StringChunked,
};

use crate::columns::{cells, constant, index, indices, text, texts};
use crate::coverage::Coverage;
use crate::frames::Frames;
use crate::subject::{Naming, SubjectKind, unit_arn};

/// All resources of a kind, each once, by account, Region and ARN.
#[derive(Debug)]
pub(crate) struct Subjects {
    pub(crate) kind: SubjectKind,
    pub(crate) account: StringChunked,
    /// Empty for global resources.
    pub(crate) region: StringChunked,
    pub(crate) arn: StringChunked,
    /// The accounts and Regions that they are in, in order.
    pub(crate) units: Vec<(String, String)>,
    /// The place in `units` of each resource.
    pub(crate) unit_of: Vec<IdxSize>,
    /// Whether each resource is missing in the table that lists such resources; empty where they are
    /// all from that table.
    pub(crate) absent: Vec<bool>,
}

impl Subjects {
    /// The resources of a kind in these tables; those that were deleted while the scan ran are left
    /// out.
    pub(crate) fn new(
        kind: SubjectKind,
        frames: &Frames,
        coverage: &Coverage,
    ) -> Result<Self, TablesError> {
        let places = if kind.is_unit() {
            units(kind, coverage)
        } else {
            let mut all: Option<Places> = None;
            for naming in kind.named_by() {
                let Some(named) = named(naming, frames)? else {
                    continue;
                };
                match &mut all {
                    Some(all) => all.append(&named)?,
                    None => all = Some(named),
                }
            }
            all.unwrap_or_else(Places::empty)
        };
        let mut places = places.sorted()?;
        if kind.has_own_facts() {
            places = places.without(&coverage.gone(kind.listing())?)?;
        }
        let (units, unit_of) = places.units();
        let absent = if kind.is_judged_where_named() {
            places.absent_from(named(kind.own_rows(), frames)?)
        } else {
            Vec::new()
        };
        let Places {
            account,
            region,
            arn,
        } = places;
        Ok(Self {
            kind,
            account,
            region,
            arn,
            units,
            unit_of,
            absent,
        })
    }

    /// The number of resources.
    pub(crate) fn len(&self) -> usize {
        self.arn.len()
    }

    /// The columns that identify the resources in a query, with the resource's number in the column
    /// `subject` and the column `listed`, which is true in every row. Listed resources that are not
    /// judged here have no number: accounts and Regions that are out of scope, not enabled, or
    /// judged with others; roles that no function uses; functions that are gone.
    pub(crate) fn keys(&self, frames: &Frames) -> Result<DataFrame, TablesError> {
        let on = self.kind.key();
        let own = Places {
            account: self.account.clone(),
            region: self.region.clone(),
            arn: self.arn.clone(),
        };
        let numbers = indices((0..index(self.len())).collect());
        let mut keys = own.key(on)?;
        keys.with_column(numbers.with_name("subject".into()).into_column())?;
        if let Some(listed) = named(self.kind.own_rows(), frames)? {
            let listed = listed.key(on)?;
            let mut others = listed.join(&keys, on, on, JoinArgs::new(JoinType::Anti), None)?;
            if others.height() > 0 {
                let none = IdxCa::full_null("subject".into(), others.height());
                others.with_column(none.into_column())?;
                keys.vstack_mut(&others)?;
                keys.rechunk_mut();
            }
        }
        let listed = BooleanChunked::full("listed".into(), true, keys.height());
        keys.with_column(listed.into_column())?;
        Ok(keys)
    }
}

/// Accounts, Regions and ARNs, side by side.
struct Places {
    account: StringChunked,
    region: StringChunked,
    arn: StringChunked,
}

impl Places {
    fn empty() -> Self {
        Self {
            account: texts("", [""; 0]),
            region: texts("", [""; 0]),
            arn: texts("", [""; 0]),
        }
    }

    /// The columns by which a query names them.
    fn key(&self, on: &[&str]) -> Result<DataFrame, TablesError> {
        let column = |name: &&str| {
            let column = match *name {
                "account_id" => &self.account,
                "region" => &self.region,
                _ => &self.arn,
            };
            column.clone().with_name((*name).into()).into_column()
        };
        Ok(DataFrame::new(
            self.arn.len(),
            on.iter().map(column).collect(),
        )?)
    }

    fn append(&mut self, more: &Self) -> Result<(), TablesError> {
        self.account.append(&more.account)?;
        self.region.append(&more.region)?;
        self.arn.append(&more.arn)?;
        Ok(())
    }

    /// Sorted, without duplicates.
    fn sorted(self) -> Result<Self, TablesError> {
        let (account, region, arn) = (cells(&self.account), cells(&self.region), cells(&self.arn));
        let place = |row: IdxSize| {
            let row = row as usize;
            (account[row], region[row], arn[row])
        };
        let mut order: Vec<IdxSize> = (0..index(arn.len())).collect();
        if order.windows(2).all(|pair| place(pair[0]) < place(pair[1])) {
            return Ok(self);
        }
        // Tables are sorted unit by unit, which a stable sort takes advantage of.
        order.sort_by(|a, b| place(*a).cmp(&place(*b)));
        order.dedup_by(|a, b| place(*a) == place(*b));
        let order = indices(order);
        Ok(Self {
            account: self.account.take(&order)?,
            region: self.region.take(&order)?,
            arn: self.arn.take(&order)?,
        })
    }

    /// Whether each is missing among others.
    fn absent_from(&self, listed: Option<Self>) -> Vec<bool> {
        let listed = listed.unwrap_or_else(Self::empty);
        let listed: HashSet<_> = listed.places().collect();
        self.places().map(|it| !listed.contains(&it)).collect()
    }

    /// Account, Region and ARN of each.
    fn places(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let (account, region, arn) = (cells(&self.account), cells(&self.region), cells(&self.arn));
        account
            .into_iter()
            .zip(region)
            .zip(arn)
            .map(|((account, region), arn)| (account, region, arn))
    }

    /// All but those with these ARNs.
    fn without(self, arns: &HashSet<String>) -> Result<Self, TablesError> {
        if arns.is_empty() {
            return Ok(self);
        }
        let keep = cells(&self.arn).into_iter().map(|arn| !arns.contains(arn));
        let keep = BooleanChunked::from_iter_values("keep".into(), keep);
        Ok(Self {
            account: self.account.filter(&keep)?,
            region: self.region.filter(&keep)?,
            arn: self.arn.filter(&keep)?,
        })
    }

    /// The accounts and Regions in order, and for each row the place of its own.
    fn units(&self) -> (Vec<(String, String)>, Vec<IdxSize>) {
        let mut units: Vec<(String, String)> = Vec::new();
        let mut unit_of = Vec::with_capacity(self.arn.len());
        for (account, region) in cells(&self.account).into_iter().zip(cells(&self.region)) {
            let is_same =
                |last: &(String, String)| (last.0.as_str(), last.1.as_str()) == (account, region);
            if !units.last().is_some_and(is_same) {
                units.push((account.to_owned(), region.to_owned()));
            }
            unit_of.push(index(units.len() - 1));
        }
        (units, unit_of)
    }
}

/// The resources that the rows of a table name; `None` if the table is not loaded.
fn named(naming: Naming, frames: &Frames) -> Result<Option<Places>, TablesError> {
    let Some(frame) = frames.get(naming.table) else {
        return Ok(None);
    };
    let arn = text(frame, naming.column)?;
    let region = if naming.has_region {
        text(frame, "region")?.clone()
    } else {
        constant("region", "", frame.height())
    };
    let places = Places {
        account: text(frame, "account_id")?.clone(),
        region,
        arn: arn.clone(),
    };
    // A row without a name has no resource.
    let names = arn.not_equal("") & arn.is_not_null();
    Ok(Some(Places {
        account: places.account.filter(&names)?,
        region: places.region.filter(&names)?,
        arn: places.arn.filter(&names)?,
    }))
}

/// The accounts, or the accounts and Regions, to be read, each with the ARN that stands for it.
fn units(kind: SubjectKind, coverage: &Coverage) -> Places {
    let (mut accounts, mut regions, mut arns) = (Vec::new(), Vec::new(), Vec::new());
    if kind.has_region() {
        for (account, region) in coverage.regions() {
            arns.push(unit_arn(account, region, region));
            accounts.push(account);
            regions.push(region);
        }
    } else {
        for account in coverage.accounts() {
            arns.push(unit_arn(account, "", coverage.a_region_of(account)));
            accounts.push(account);
            regions.push("");
        }
    }
    Places {
        account: texts("account_id", accounts),
        region: texts("region", regions),
        arn: texts("resource_arn", arns),
    }
}
