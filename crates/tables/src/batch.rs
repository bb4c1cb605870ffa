//! The rows of one unit: collected as typed rows, sorted, and encoded for the journal.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::ErrorKind;

use polars::prelude::DataFrame;
use zstd::bulk::Decompressor;

use crate::{Column, Row, Table, TablesError};

/// Rows of several tables, as collectors return them.
#[derive(Default)]
pub struct Batch {
    tables: BTreeMap<&'static str, Box<dyn Rows>>,
}

/// A table, the number of its rows, and the rows.
pub(crate) type EncodedTable = (&'static str, u64, Vec<u8>);

/// Rows of one table and unit, in the pieces in which they were encoded.
pub(crate) type Pieces = Vec<Vec<u8>>;

trait Rows: Send + Sync {
    fn any(&mut self) -> &mut dyn Any;
    fn append(&mut self, other: Box<dyn Rows>);
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    fn len(&self) -> usize;
    fn encode(&mut self) -> Result<Vec<u8>, TablesError>;
    fn visit_texts(&mut self, visit: &mut dyn FnMut(&Column, &mut String));
}

impl<R: Row> Rows for Vec<R> {
    fn any(&mut self) -> &mut dyn Any {
        self
    }

    fn append(&mut self, other: Box<dyn Rows>) {
        if let Ok(mut other) = other.into_any().downcast::<Self>() {
            Vec::append(self, &mut other);
        }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn encode(&mut self) -> Result<Vec<u8>, TablesError> {
        // Sorted, so that a dataset does not depend on the order in which responses arrive.
        self.sort_unstable();
        let plain = postcard::to_stdvec(self)?;
        zstd::bulk::compress(&plain, 1).map_err(TablesError::Compression)
    }

    fn visit_texts(&mut self, visit: &mut dyn FnMut(&Column, &mut String)) {
        for row in self {
            row.visit_texts(visit);
        }
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map()
            .entries(self.tables.iter().map(|(name, rows)| (name, rows.len())))
            .finish()
    }
}

impl Batch {
    /// Adds a row to its table.
    pub fn push<R: Row>(&mut self, row: R) {
        let rows = self
            .tables
            .entry(R::TABLE.name)
            .or_insert_with(|| Box::new(Vec::<R>::new()));
        if let Some(rows) = rows.any().downcast_mut::<Vec<R>>() {
            rows.push(row);
        }
    }

    /// Adds all rows of another batch.
    pub fn merge(&mut self, other: Self) {
        for (name, rows) in other.tables {
            match self.tables.get_mut(name) {
                Some(mine) => mine.append(rows),
                None => {
                    self.tables.insert(name, rows);
                }
            }
        }
    }

    /// Visits every text of every row, with its column.
    pub fn visit_texts(&mut self, visit: &mut dyn FnMut(&Column, &mut String)) {
        for rows in self.tables.values_mut() {
            rows.visit_texts(visit);
        }
    }

    /// The number of rows of a table.
    pub fn len_of(&self, table: &str) -> usize {
        self.tables.get(table).map_or(0, |rows| rows.len())
    }

    /// Removes and returns the rows of one type.
    pub fn take<R: Row>(&mut self) -> Vec<R> {
        self.tables
            .remove(R::TABLE.name)
            .and_then(|rows| rows.into_any().downcast::<Vec<R>>().ok())
            .map_or_else(Vec::new, |rows| *rows)
    }

    /// The number of rows of all tables together.
    pub fn len(&self) -> usize {
        self.tables.values().map(|rows| rows.len()).sum()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of each table, sorted and encoded, with their number.
    pub(crate) fn encode(mut self) -> Result<Vec<EncodedTable>, TablesError> {
        let filled = self.tables.iter_mut().filter(|(_, rows)| rows.len() > 0);
        filled
            .map(|(name, rows)| Ok((*name, rows.len() as u64, rows.encode()?)))
            .collect()
    }
}

/// Decompresses the output of [`zstd::bulk::compress`], which contains its length. A journal has
/// many small pieces: creating a decoder for each would take longer than decoding.
pub(crate) fn decompress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    thread_local! {
        static DECODER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
    }
    let length = zstd::zstd_safe::get_frame_content_size(bytes)
        .ok()
        .flatten()
        .and_then(|length| usize::try_from(length).ok());
    let mut plain = Vec::new();
    plain.try_reserve_exact(length.ok_or(ErrorKind::InvalidData)?)?;
    DECODER.with_borrow_mut(|decoder| {
        let decoder = match decoder {
            Some(decoder) => decoder,
            None => decoder.insert(Decompressor::new()?),
        };
        decoder.decompress_to_buffer(bytes, &mut plain)
    })?;
    Ok(plain)
}

/// Decodes rows that were encoded by a batch.
pub(crate) fn decode_rows<R: Row>(bytes: &[u8]) -> Result<Vec<R>, TablesError> {
    let plain = decompress(bytes).map_err(TablesError::Compression)?;
    Ok(postcard::from_bytes(&plain)?)
}

/// Encodes the rows of a frame as a batch does.
pub(crate) fn encode<R: Row>(frame: &DataFrame) -> Result<Vec<u8>, TablesError> {
    Rows::encode(&mut R::rows(frame)?)
}

/// Decodes the rows of several units, each in pieces, into one frame: unit after unit, and sorted
/// within each.
pub(crate) fn decode<R: Row>(units: &[Pieces]) -> Result<DataFrame, TablesError> {
    let mut rows = Vec::new();
    for pieces in units {
        let begin = rows.len();
        for piece in pieces {
            rows.append(&mut decode_rows::<R>(piece)?);
        }
        if let [_, _, ..] = &pieces[..] {
            // A stable sort is fast if the pieces are sorted.
            rows[begin..].sort();
        }
    }
    R::frame(&rows)
}

/// Finds a table by its name.
pub fn table(name: &str) -> Option<&'static Table> {
    crate::TABLES
        .iter()
        .copied()
        .find(|table| table.name == name)
}
