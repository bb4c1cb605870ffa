//! Folds the rows for each resource into one answer.

use std::borrow::Cow;

use lambdasweep_model::Status;
use lambdasweep_tables::TablesError;
use polars::prelude::{
    ChunkTake, Column, DataFrame, IdxSize, IntoColumn, IntoLazy, NewChunkedArray, StringChunked,
    col, lit,
};

use crate::columns::{constant, index, indices, text};

/// A query's answers, by the number of the resource and the name of the fault. A resource that
/// fails has a row for each fault, any other one row.
#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) subject: Vec<IdxSize>,
    /// Places in `Status::ALL`.
    pub(crate) status: Vec<u8>,
    /// Places in `Severity::ALL`.
    pub(crate) severity: Vec<u8>,
    /// `None` if no row names one.
    pub(crate) fault: Option<StringChunked>,
    pub(crate) detail: StringChunked,
}

impl Answers {
    pub(crate) fn none() -> Self {
        Self {
            subject: Vec::new(),
            status: Vec::new(),
            severity: Vec::new(),
            fault: None,
            detail: constant("detail", "", 0),
        }
    }

    /// Some of the rows.
    pub(crate) fn take(&self, rows: Vec<IdxSize>) -> Result<Self, TablesError> {
        let of = |values: &[u8]| rows.iter().map(|row| values[*row as usize]).collect();
        let (status, severity) = (of(&self.status), of(&self.severity));
        let subject = rows.iter().map(|row| self.subject[*row as usize]).collect();
        let rows = indices(rows);
        // Of one chunk only the views are taken; of several, every text would be copied.
        let take = |texts: &StringChunked| texts.rechunk().take(&rows);
        Ok(Self {
            subject,
            status,
            severity,
            fault: self.fault.as_ref().map(take).transpose()?,
            detail: take(&self.detail)?,
        })
    }
}

impl Answers {
    /// Adds further rows at the end.
    fn append(&mut self, more: Self) -> Result<(), TablesError> {
        let count = more.subject.len();
        if self.fault.is_some() || more.fault.is_some() {
            let none = |count| constant("fault", "", count);
            let faults = self.fault.get_or_insert_with(|| none(self.subject.len()));
            faults.append(&more.fault.unwrap_or_else(|| none(count)))?;
        }
        self.subject.extend(more.subject);
        self.status.extend(more.status);
        self.severity.extend(more.severity);
        self.detail.append(&more.detail)?;
        Ok(())
    }

    /// The rows by resource.
    pub(crate) fn in_order(self) -> Result<Self, TablesError> {
        if self.subject.is_sorted() {
            return Ok(self);
        }
        // A counting sort: numbers are dense.
        let most = self
            .subject
            .iter()
            .max()
            .map_or(0, |most| *most as usize + 1);
        let mut begins = vec![0 as IdxSize; most + 1];
        for subject in &self.subject {
            begins[*subject as usize + 1] += 1;
        }
        for at in 1..begins.len() {
            begins[at] += begins[at - 1];
        }
        let mut order = vec![0 as IdxSize; self.subject.len()];
        for (row, subject) in self.subject.iter().enumerate() {
            let place = &mut begins[*subject as usize];
            order[*place as usize] = index(row);
            *place += 1;
        }
        self.take(order)
    }
}

/// Folds the rows for each resource into one answer. They must be sorted by resource; their order is
/// of no importance otherwise.
pub(crate) fn folded(rows: &Answers) -> Result<Answers, TablesError> {
    let worst = worst(rows);
    let (mut alone, mut failing, mut others_of) = (Vec::new(), Vec::new(), Vec::new());
    for (at, subject) in rows.subject.iter().enumerate() {
        let is_before = at > 0 && rows.subject[at - 1] == *subject;
        // Most resources have one row, which is the answer.
        if !is_before && rows.subject.get(at + 1) != Some(subject) {
            alone.push(index(at));
        } else if rows.status[at] == worst[at] {
            if rows.status[at] == Status::Fail as u8 {
                failing.push(index(at));
            } else {
                others_of.push(index(at));
            }
        }
    }
    let mut all = rows.take(alone)?;
    for folded in [
        faults(&rows.take(failing)?)?,
        others(&rows.take(others_of)?)?,
    ] {
        all.append(folded)?;
    }
    all.in_order()
}

/// For each row the worst status of its resource. Rows must be sorted.
fn worst(rows: &Answers) -> Vec<u8> {
    let mut worst = rows.status.clone();
    for at in 1..worst.len() {
        if rows.subject[at] == rows.subject[at - 1] {
            worst[at] = worst[at].min(worst[at - 1]);
        }
    }
    for at in (1..worst.len()).rev() {
        if rows.subject[at] == rows.subject[at - 1] {
            worst[at - 1] = worst[at];
        }
    }
    worst
}

/// One row for each fault. Several rows of one fault only result from joins: the highest severity
/// counts, and the alphabetically first detail.
fn faults(rows: &Answers) -> Result<Answers, TablesError> {
    let faults = rows.fault.clone();
    let faults = faults.unwrap_or_else(|| constant("fault", "", rows.subject.len()));
    let frame = rows.frame(faults)?;
    let groups = frame
        .lazy()
        .group_by([col("subject"), col("fault")])
        .agg([col("severity").max(), col("detail").min()])
        .sort(["subject", "fault"], Default::default())
        .collect()?;
    let status = vec![Status::Fail as u8; groups.height()];
    Answers::of(&groups, status)
}

/// One row for each resource that does not fail: the alphabetically first detail, and for UNKNOWN
/// the number of further ones.
fn others(rows: &Answers) -> Result<Answers, TablesError> {
    let count = rows.subject.len();
    let mut frame = rows.frame(constant("fault", "", count))?;
    frame.with_column(codes("status", &rows.status))?;
    let given = || col("detail").filter(col("detail").neq(lit("")));
    let groups = frame
        .lazy()
        .group_by([col("subject")])
        .agg([
            col("status").first(),
            col("severity").first(),
            col("fault").first(),
            given().min().alias("detail"),
            given().n_unique().alias("details"),
        ])
        .sort(["subject"], Default::default())
        .collect()?;
    let status = codes_of(&groups, "status")?;
    let mut all = Answers::of(&groups, status)?;
    let details = groups.column("details")?.idx()?;
    let detail = all.detail.iter().zip(details.iter()).zip(&all.status);
    let detail = detail.map(|((detail, details), status)| {
        let detail = detail.unwrap_or_default();
        match details.unwrap_or_default().saturating_sub(1) {
            more if more > 0 && *status == Status::Unknown as u8 => {
                Cow::Owned(format!("{detail} (and {more} more)"))
            }
            _ => Cow::Borrowed(detail),
        }
    });
    all.detail = StringChunked::from_iter_values("detail".into(), detail);
    all.fault = None;
    Ok(all)
}

impl Answers {
    fn frame(&self, fault: StringChunked) -> Result<DataFrame, TablesError> {
        let columns = vec![
            indices(self.subject.clone())
                .with_name("subject".into())
                .into_column(),
            fault.with_name("fault".into()).into_column(),
            codes("severity", &self.severity),
            self.detail.clone().with_name("detail".into()).into_column(),
        ];
        Ok(DataFrame::new(self.subject.len(), columns)?)
    }

    fn of(frame: &DataFrame, status: Vec<u8>) -> Result<Self, TablesError> {
        Ok(Self {
            subject: frame.column("subject")?.idx()?.iter().flatten().collect(),
            status,
            severity: codes_of(frame, "severity")?,
            fault: Some(text(frame, "fault")?.clone()),
            detail: text(frame, "detail")?.clone(),
        })
    }
}

/// Codes as a column. Polars is built without columns of bytes.
fn codes(name: &str, codes: &[u8]) -> Column {
    let codes = codes.iter().map(|code| IdxSize::from(*code)).collect();
    indices(codes).with_name(name.into()).into_column()
}

/// The codes of a column.
fn codes_of(frame: &DataFrame, name: &str) -> Result<Vec<u8>, TablesError> {
    let codes = frame.column(name)?.idx()?.iter().flatten();
    Ok(codes
        .map(|code| u8::try_from(code).unwrap_or(u8::MAX))
        .collect())
}
