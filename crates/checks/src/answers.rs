//! Reads the rows that a check's query returns.

use std::borrow::Cow;

use lambdasweep_model::{Status, printable};
use lambdasweep_tables::TablesError;
use polars::prelude::{
    ChunkCompareEq, Column, DataFrame, DataType, IdxSize, NewChunkedArray, StringChunked,
};
use sha2::{Digest, Sha256};

use crate::check::{Check, FURTHER_OUTPUT};
use crate::columns::{index, left_join, text};
use crate::fold::{Answers, folded};

/// The maximum length of a fault's name, in characters; a longer one is truncated and made unique
/// by a digest.
pub(crate) const MOST_FAULT: usize = 200;

/// The code for an invalid status.
const NO_STATUS: u8 = u8::MAX;

/// Makes answers from the rows of a check's query. Of several rows for one resource those with the
/// worst status count: FAIL, then UNKNOWN, PASS, NOT_APPLICABLE. `keys` has the columns that
/// identify the resources.
///
/// # Errors
/// A message, if the query returns something that is not allowed.
pub(crate) fn answers(
    rows: &DataFrame,
    check: &Check,
    keys: &DataFrame,
) -> Result<Answers, String> {
    let words = |error: TablesError| error.to_string();
    let rows = Output::new(rows, check)?.rows(check, keys)?;
    let rows = rows.in_order().map_err(words)?;
    if rows.subject.windows(2).all(|pair| pair[0] < pair[1]) {
        return Ok(rows);
    }
    folded(&rows).map_err(words)
}

/// The columns that a query returns.
struct Output {
    key: Vec<Column>,
    status: StringChunked,
    detail: StringChunked,
    fault: Option<StringChunked>,
    severity: Option<StringChunked>,
}

impl Output {
    fn new(frame: &DataFrame, check: &Check) -> Result<Self, String> {
        let column = |name: &str| {
            // A column of only NULL has a separate type.
            let column = frame
                .column(name)
                .and_then(|column| column.cast(&DataType::String));
            column.map_err(|error| format!("its query returns no text column `{name}`: {error}"))
        };
        let texts = |name: &str| -> Result<StringChunked, String> {
            let column = column(name)?;
            let texts = column.str().map_err(|error| error.to_string())?;
            if texts.null_count() == 0 {
                return Ok(texts.rechunk().into_owned());
            }
            let filled = texts.iter().map(Option::unwrap_or_default);
            Ok(StringChunked::from_iter_values(name.into(), filled))
        };
        let further = |name: &str| match frame.column(name) {
            Ok(_) => texts(name).map(Some),
            Err(_) => Ok(None),
        };
        let [fault, severity] = FURTHER_OUTPUT.map(further);
        Ok(Self {
            key: check
                .subject
                .key()
                .iter()
                .map(|name| column(name))
                .collect::<Result<_, String>>()?,
            status: texts("status")?,
            detail: texts("detail")?,
            fault: fault?,
            severity: severity?,
        })
    }

    /// The rows for resources that are judged.
    fn rows(self, check: &Check, keys: &DataFrame) -> Result<Answers, String> {
        let words = |error: TablesError| error.to_string();
        let matches = self.matches(check, keys).map_err(words)?;
        let (status, severity) = self.codes(check)?;
        // The alphabetically first problem, not that of the first row, so that the message is the
        // same in every scan.
        let mut wrong: Option<String> = None;
        let mut note = |problem: String| {
            if wrong.as_ref().is_none_or(|before| problem < *before) {
                wrong = Some(problem);
            }
        };
        let mut kept: Vec<IdxSize> = Vec::with_capacity(status.len());
        let mut of: Vec<IdxSize> = Vec::with_capacity(status.len());
        for (row, subject, is_listed) in matches {
            match subject {
                _ if status[row as usize] == NO_STATUS => {}
                Some(number) => {
                    kept.push(row);
                    of.push(number);
                }
                None if is_listed => {}
                None => note(self.answers_for_nothing(row as usize, check)),
            }
        }
        for row in (0..status.len()).filter(|row| status[*row] == NO_STATUS) {
            self.wrong_codes(row, check).unwrap_or_else(&mut note);
        }
        if let Some(problem) = wrong {
            return Err(problem);
        }
        let all = Answers {
            subject: Vec::new(),
            fault: self.fault.and_then(|faults| named(&faults, &status)),
            status,
            severity,
            detail: self.detail,
        };
        let is_whole = kept.len() == all.status.len() && kept.is_sorted();
        if is_whole {
            return Ok(Answers { subject: of, ..all });
        }
        let whole = Answers {
            subject: (0..index(all.status.len())).collect(),
            ..all
        };
        let kept = whole.take(kept).map_err(words)?;
        Ok(Answers {
            subject: of,
            ..kept
        })
    }

    /// Each row with the number of its resource, and whether the resource is listed at all.
    fn matches(
        &self,
        check: &Check,
        keys: &DataFrame,
    ) -> Result<Vec<(IdxSize, Option<IdxSize>, bool)>, TablesError> {
        let on = check.subject.key();
        let subjects = keys.column("subject")?.idx()?;
        let count = subjects.len() - subjects.null_count();
        // Most queries return one row for each resource, in the order of the table that lists them.
        if let ([own], [name]) = (self.key.as_slice(), on)
            && own.len() == count
        {
            let known = text(keys, name)?.slice(0, count);
            if own.str()?.equal_missing(&known).all() {
                let each = |number| (number, Some(number), true);
                return Ok((0..index(count)).map(each).collect());
            }
        }
        let joined = left_join(&self.key, keys, on)?;
        let rows = joined.column("row")?.idx()?.iter();
        let subjects = joined.column("subject")?.idx()?.iter();
        let listed = joined.column("listed")?.bool()?.iter();
        let matches = rows.zip(subjects).zip(listed);
        Ok(matches
            .filter_map(|((row, subject), listed)| Some((row?, subject, listed.is_some())))
            .collect())
    }

    /// Status and severity of each row; [`NO_STATUS`] if one of them is invalid.
    fn codes(&self, check: &Check) -> Result<(Vec<u8>, Vec<u8>), String> {
        let default = check.default_severity() as u8;
        let codes = self
            .status
            .iter()
            .map(|it| status_code(it.unwrap_or_default()));
        let mut status: Vec<u8> = codes.collect();
        let Some(severities) = &self.severity else {
            let severity = vec![default; status.len()];
            return Ok((status, severity));
        };
        let severity = severities
            .iter()
            .zip(&mut status)
            .map(|(severity, status)| {
                let severity = severity.unwrap_or_default();
                if severity.is_empty() || *status != Status::Fail as u8 {
                    return default;
                }
                let listed = check.severities.iter().find(|it| it.as_str() == severity);
                listed.map_or_else(
                    || {
                        *status = NO_STATUS;
                        default
                    },
                    |listed| *listed as u8,
                )
            })
            .collect();
        Ok((status, severity))
    }

    /// Describes what is wrong with the status and severity of a row.
    fn wrong_codes(&self, row: usize, check: &Check) -> Result<(), String> {
        let status: Status = self
            .status
            .get(row)
            .unwrap_or_default()
            .parse()
            .map_err(|error| format!("its query returns an invalid status: {error}"))?;
        let severity = self.severity.as_ref().and_then(|it| it.get(row));
        let severity = severity.unwrap_or_default();
        let listed = |severity: &str| check.severities.iter().any(|it| it.as_str() == severity);
        if severity.is_empty() || status != Status::Fail || listed(severity) {
            return Ok(());
        }
        Err(format!(
            "its query returns the severity `{}`, which its front matter does not list",
            printable(severity)
        ))
    }

    fn answers_for_nothing(&self, row: usize, check: &Check) -> String {
        let parts = self
            .key
            .iter()
            .filter_map(|column| column.str().ok()?.get(row));
        let named: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        match named.join(" ").as_str() {
            "" => format!(
                "its query returns a row without a resource: `{}` is empty",
                check.subject.key().first().copied().unwrap_or_default()
            ),
            named => format!(
                "its query returns a row for `{}`, but the scan has no such {}",
                printable(named),
                check.subject
            ),
        }
    }
}

fn status_code(status: &str) -> u8 {
    let known = Status::ALL.iter().find(|it| it.as_str() == status);
    known.map_or(NO_STATUS, |status| *status as u8)
}

/// The names of faults, limited in length. Rows that do not fail have none.
fn named(faults: &StringChunked, status: &[u8]) -> Option<StringChunked> {
    let names = faults.iter().zip(status).map(|(fault, status)| {
        let fault = fault.filter(|_| *status == Status::Fail as u8);
        let fault = fault.unwrap_or_default();
        if fault.len() <= MOST_FAULT {
            return Cow::Borrowed(fault);
        }
        match fault.char_indices().nth(MOST_FAULT) {
            None => Cow::Borrowed(fault),
            Some((end, _)) => Cow::Owned(format!("{}…{}", &fault[..end], digest([fault]))),
        }
    });
    let names = StringChunked::from_iter_values("fault".into(), names);
    Some(names).filter(|names| names.not_equal("").any())
}

/// A digest of texts: sixteen hexadecimal digits.
pub(crate) fn digest<'t>(parts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let mut digits = String::with_capacity(16);
    for byte in hasher.finalize().iter().take(8) {
        for digit in [byte >> 4, byte & 15] {
            digits.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    digits
}
