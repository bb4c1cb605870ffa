//! The positions of each unit's rows in the file, and its finished parts.

use std::collections::BTreeMap;

use super::frame::{Ends, FrameHead};
use crate::TABLES;

/// Rows of one table that one frame holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// The table, by its index in [`TABLES`], since a journal has very many pieces.
    table: u16,
    pub(super) bytes: u32,
    pub(super) rows: u64,
    pub(super) offset: u64,
}

impl Piece {
    pub(super) fn is_of(&self, table: &str) -> bool {
        TABLES
            .get(usize::from(self.table))
            .is_some_and(|it| it.name == table)
    }
}

/// A part of a unit.
#[derive(Debug, Default)]
struct Part {
    finished: bool,
    session: u64,
    pieces: Vec<Piece>,
    /// The offset and length of its note.
    note: Option<(u64, u32)>,
}

/// A unit: its parts while it is being read, and all its rows after it is complete.
#[derive(Debug, Default)]
pub(super) struct UnitIndex {
    pub(super) complete: bool,
    parts: BTreeMap<String, Part>,
    pieces: Vec<Piece>,
}

impl UnitIndex {
    /// Adds a frame whose rows begin at `offset`. `None` if it names a table that does not exist.
    pub(super) fn add(&mut self, head: &FrameHead, mut offset: u64) -> Option<()> {
        if self.complete {
            return Some(());
        }
        let mut pieces = Vec::with_capacity(head.tables.len());
        for it in &head.tables {
            let table = TABLES.iter().position(|table| table.name == it.name)?;
            pieces.push(Piece {
                table: u16::try_from(table).ok()?,
                bytes: it.bytes,
                rows: it.rows,
                offset,
            });
            offset += u64::from(it.bytes);
            if it.replaces {
                for part in self.parts.values_mut() {
                    part.pieces.retain(|piece| !piece.is_of(&it.name));
                }
            }
        }
        let part = self.parts.entry(head.part.clone()).or_default();
        // Rows of a part that an earlier process did not finish do not count: the part was read
        // again from its beginning.
        if !part.finished && part.session != head.session {
            *part = Part {
                session: head.session,
                ..Part::default()
            };
        }
        part.pieces.append(&mut pieces);
        if head.note > 0 {
            part.note = Some((offset, head.note));
        }
        part.finished |= head.ends != Ends::Nothing;
        if head.ends == Ends::Unit {
            self.close(head.session);
        }
        Some(())
    }

    /// The unit is complete: all its rows written by this process count, finished parts or not.
    fn close(&mut self, session: u64) {
        let counting = std::mem::take(&mut self.parts)
            .into_values()
            .filter(|part| part.finished || part.session == session);
        self.pieces = counting.flat_map(|part| part.pieces).collect();
        self.complete = true;
    }

    /// Drops the unfinished parts of an earlier process. Returns whether anything is left.
    pub(super) fn drop_unfinished(&mut self) -> bool {
        self.parts.retain(|_, part| part.finished);
        self.complete || !self.parts.is_empty()
    }

    /// The pieces of a table.
    pub(super) fn pieces<'a>(&'a self, table: &'a str) -> impl Iterator<Item = Piece> + 'a {
        let of_parts = self.parts.values().flat_map(|part| &part.pieces);
        self.pieces
            .iter()
            .chain(of_parts)
            .filter(|piece| piece.is_of(table))
            .copied()
    }

    /// The finished parts' names, in order.
    pub(super) fn finished(&self) -> impl Iterator<Item = &String> {
        let finished = self.parts.iter().filter(|(_, part)| part.finished);
        finished.map(|(name, _)| name)
    }

    /// The offset and length of the note of a finished part.
    pub(super) fn note(&self, part: &str) -> Option<(u64, u32)> {
        self.parts.get(part).filter(|part| part.finished)?.note
    }
}
