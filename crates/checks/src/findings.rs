//! Builds the rows of the tables `findings` and `check_results` from the results of checks.
//!
//! The places of findings are sorted once. The rows of the checks, each in that order, are then
//! interleaved, so that findings are never compared with each other.

use lambdasweep_model::{Severity, Status};
use lambdasweep_tables::{CheckResultRow, FindingRow, Row, TablesError};
use polars::prelude::{
    ChunkTake, Column, DataFrame, IdxSize, Int64Chunked, IntoColumn, StringChunked,
};

use crate::answers::digest;
use crate::check::Check;
use crate::columns::{cells, constant, index, indices, texts};
use crate::subjects::Subjects;

/// The places of findings: resources, and units that could not be read.
#[derive(Debug)]
pub(crate) struct Places {
    account: StringChunked,
    region: StringChunked,
    arn: StringChunked,
    kind: Vec<&'static str>,
}

/// Places in order, each once.
#[derive(Debug)]
pub(crate) struct Ranking {
    /// The rank of each place.
    pub(crate) rank: Vec<IdxSize>,
    /// A place of each rank.
    place: Vec<IdxSize>,
    /// The accounts and Regions in order, each with its first rank.
    units: Vec<usize>,
}

/// The findings of one check, by rank and fault.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) check: String,
    pub(crate) rank: Vec<IdxSize>,
    /// Places in [`Status::ALL`].
    pub(crate) status: Vec<u8>,
    /// Places in [`Severity::ALL`].
    pub(crate) severity: Vec<u8>,
    /// `None` if no row names one.
    pub(crate) fault: Option<StringChunked>,
    pub(crate) detail: StringChunked,
}

impl Part {
    pub(crate) fn empty(check: &Check) -> Self {
        Self {
            check: check.id.clone(),
            rank: Vec::new(),
            status: Vec::new(),
            severity: Vec::new(),
            fault: None,
            detail: constant("detail", "", 0),
        }
    }
}

impl Places {
    pub(crate) fn new() -> Self {
        let none = || constant("place", "", 0);
        Self {
            account: none(),
            region: none(),
            arn: none(),
            kind: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.kind.len()
    }

    /// Adds the resources of a kind.
    pub(crate) fn add_subjects(&mut self, subjects: &Subjects) -> Result<(), TablesError> {
        let kinds = vec![subjects.kind.as_str(); subjects.len()];
        self.add(&subjects.account, &subjects.region, &subjects.arn, &kinds)
    }

    /// Adds accounts, Regions, ARNs and resource types.
    pub(crate) fn add(
        &mut self,
        account: &StringChunked,
        region: &StringChunked,
        arn: &StringChunked,
        kind: &[&'static str],
    ) -> Result<(), TablesError> {
        self.account.append(account)?;
        self.region.append(region)?;
        self.arn.append(arn)?;
        self.kind.extend(kind);
        Ok(())
    }

    /// Sorts the places by account, Region, ARN and kind.
    pub(crate) fn ranked(&self) -> Ranking {
        let (account, region) = (cells(&self.account), cells(&self.region));
        let arn = cells(&self.arn);
        let key = |place: IdxSize| {
            let at = place as usize;
            (account[at], region[at], arn[at], self.kind[at])
        };
        let mut order: Vec<IdxSize> = (0..index(self.len())).collect();
        // The places of each kind are already sorted, which a stable sort takes advantage of.
        order.sort_by(|a, b| key(*a).cmp(&key(*b)));
        let mut ranking = Ranking {
            rank: vec![0; self.len()],
            place: Vec::with_capacity(self.len()),
            units: Vec::new(),
        };
        for place in order {
            let last = ranking.place.last().map(|last| key(*last));
            if last != Some(key(place)) {
                if last.is_none_or(|last| (last.0, last.1) != (key(place).0, key(place).1)) {
                    ranking.units.push(ranking.place.len());
                }
                ranking.place.push(place);
            }
            ranking.rank[place as usize] = index(ranking.place.len() - 1);
        }
        ranking
    }
}

/// For each row of the findings, by place and check: the indices of its values in the source
/// columns.
#[derive(Debug)]
struct Interleaved {
    /// The row in the concatenated parts.
    from: Vec<IdxSize>,
    place: Vec<IdxSize>,
    check: Vec<IdxSize>,
    status: Vec<IdxSize>,
    severity: Vec<IdxSize>,
}

/// Interleaves the parts by rank; each is in that order.
fn interleaved(ranking: &Ranking, parts: &[Part]) -> Interleaved {
    let rows = parts.iter().map(|part| part.rank.len()).sum();
    let mut next = vec![0 as IdxSize; ranking.place.len() + 1];
    for rank in parts.iter().flat_map(|part| &part.rank) {
        next[*rank as usize + 1] += 1;
    }
    for at in 1..next.len() {
        next[at] += next[at - 1];
    }
    let zeros = || vec![0 as IdxSize; rows];
    let mut all = Interleaved {
        from: zeros(),
        place: zeros(),
        check: zeros(),
        status: zeros(),
        severity: zeros(),
    };
    let mut row = 0;
    for (number, part) in parts.iter().enumerate() {
        for (at, rank) in part.rank.iter().enumerate() {
            let to = next[*rank as usize] as usize;
            next[*rank as usize] += 1;
            all.from[to] = row;
            all.place[to] = ranking.place[*rank as usize];
            all.check[to] = index(number);
            all.status[to] = part.status[at].into();
            all.severity[to] = part.severity[at].into();
            row += 1;
        }
    }
    all
}

/// The rows of the table `findings`, by place and check.
pub(crate) fn findings(
    places: &Places,
    ranking: &Ranking,
    parts: &[Part],
) -> Result<DataFrame, TablesError> {
    let Interleaved {
        from,
        place,
        check,
        status,
        severity,
    } = interleaved(ranking, parts);
    let rows = from.len();
    let (mut detail, mut fault) = (constant("detail", "", 0), constant("fault", "", 0));
    for part in parts {
        detail.append(&part.detail)?;
        match &part.fault {
            Some(faults) => fault.append(faults)?,
            None => fault.append(&constant("fault", "", part.rank.len()))?,
        };
    }
    let kinds: StringChunked = places.kind.iter().copied().map(Some).collect();
    let ids = texts("check", parts.iter().map(|part| part.check.as_str()));
    let words = texts("status", Status::ALL.iter().map(|it| it.as_str()));
    let severities = texts("severity", Severity::ALL.iter().map(|it| it.as_str()));
    let reports =
        |status: &IdxSize| [Status::Fail, Status::Unknown].contains(&Status::ALL[*status as usize]);
    let reported: Vec<bool> = status.iter().map(reports).collect();
    let (place, from) = (indices(place), indices(from));
    let taken = |column: StringChunked, rows| column.rechunk().take(rows);
    let mut columns = [
        taken(places.account.clone(), &place)?,
        taken(places.region.clone(), &place)?,
        taken(places.arn.clone(), &place)?,
        taken(kinds, &place)?,
        taken(ids, &indices(check))?,
        taken(words, &indices(status))?,
        taken(fault, &from)?,
        taken(severities, &indices(severity))?,
        taken(detail, &from)?,
    ]
    .to_vec();
    columns.push(fingerprints(&columns, &reported));
    let named = columns.into_iter().zip(FindingRow::TABLE.columns);
    let named = named.map(|(texts, column)| texts.with_name(column.name.into()).into_column());
    Ok(DataFrame::new(rows, named.collect())?)
}

/// The fingerprints of FAIL and UNKNOWN rows: digests of check, account, Region, resource and
/// fault.
fn fingerprints(columns: &[StringChunked], reported: &[bool]) -> StringChunked {
    let [account, region, arn, _, check, _, fault, ..] = columns else {
        return StringChunked::default();
    };
    // Most rows have none, so that cells are looked up, not collected.
    let parts = [check, account, region, arn, fault];
    let of = |row: usize| digest(parts.map(|cells| cells.get(row).unwrap_or_default()));
    let ids = reported.iter().enumerate();
    ids.map(|(row, reported)| reported.then(|| of(row)))
        .collect()
}

/// The counts of a check's results in one account and Region.
#[derive(Debug, Clone, Default)]
struct Counts {
    rows: i64,
    severity: u8,
    faults: i64,
    /// Resources by status.
    resources: [i64; Status::ALL.len()],
}

/// Counts the findings: for each account and Region, each check.
fn counted(ranking: &Ranking, parts: &[Part]) -> Vec<Counts> {
    let mut unit_of = vec![0; ranking.place.len()];
    for (unit, first) in ranking.units.iter().enumerate() {
        let end = ranking.units.get(unit + 1).copied();
        unit_of[*first..end.unwrap_or(ranking.place.len())].fill(unit);
    }
    let mut counts = vec![Counts::default(); ranking.units.len() * parts.len()];
    for (number, part) in parts.iter().enumerate() {
        let mut last = None;
        for (at, rank) in part.rank.iter().enumerate() {
            let counts = &mut counts[unit_of[*rank as usize] * parts.len() + number];
            let (status, severity) = (part.status[at], part.severity[at]);
            let is_fail = status == Status::Fail as u8;
            if is_fail && counts.faults == 0 {
                counts.severity = severity;
            } else if is_fail || counts.rows == 0 {
                counts.severity = counts.severity.max(severity);
            }
            counts.rows += 1;
            counts.faults += i64::from(is_fail);
            // The faults of one resource are adjacent.
            counts.resources[usize::from(status)] += i64::from(last != Some(*rank));
            last = Some(*rank);
        }
    }
    counts
}

/// The rows of the table `check_results`.
pub(crate) fn results(
    places: &Places,
    ranking: &Ranking,
    parts: &[Part],
) -> Result<DataFrame, TablesError> {
    let counts = counted(ranking, parts);
    let with_rows: Vec<(usize, &Counts)> = counts
        .iter()
        .enumerate()
        .filter(|(_, counts)| counts.rows > 0)
        .collect();
    let place_of = |at: &usize| ranking.place[ranking.units[at / parts.len()]];
    let of = indices(with_rows.iter().map(|(at, _)| place_of(at)).collect());
    let checks = with_rows
        .iter()
        .map(|(at, _)| parts[at % parts.len()].check.as_str());
    let severities = with_rows
        .iter()
        .map(|(_, counts)| Severity::ALL[usize::from(counts.severity)].as_str());
    let resources = |status: Status| {
        numbers(
            with_rows
                .iter()
                .map(|(_, counts)| counts.resources[status as usize]),
        )
    };
    let columns: [Column; 9] = [
        places.account.take(&of)?.into_column(),
        places.region.take(&of)?.into_column(),
        texts("check", checks).into_column(),
        texts("severity", severities).into_column(),
        numbers(with_rows.iter().map(|(_, counts)| counts.faults)),
        resources(Status::Fail),
        resources(Status::Unknown),
        resources(Status::Pass),
        resources(Status::NotApplicable),
    ];
    let named = columns.into_iter().zip(CheckResultRow::TABLE.columns);
    let named = named.map(|(values, column)| values.with_name(column.name.into()));
    Ok(DataFrame::new(with_rows.len(), named.collect())?)
}

fn numbers(values: impl Iterator<Item = i64>) -> Column {
    Int64Chunked::from_vec("count".into(), values.collect()).into_column()
}
