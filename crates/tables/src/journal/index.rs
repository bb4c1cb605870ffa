//! Where in the file the rows of each unit are, and which of its parts count.

use std::collections::BTreeMap;

use super::frame::{Ends, FrameHead};
use crate::TABLES;

/// Rows of one table that one frame holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// The table, by its place in [`TABLES`]: a journal has very many pieces.
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
    /// Where its note is, and how long it is.
    note: Option<(u64, u32)>,
}

/// A unit: its parts while it is read, and all its rows once it is complete.
#[derive(Debug, Default)]
pub(super) struct UnitIndex {
    pub(super) complete: bool,
    parts: BTreeMap<String, Part>,
    pieces: Vec<Piece>,
}

impl UnitIndex {
    /// Adds a frame whose rows begin at `offset`. Nothing where it names a table that there is not.
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
        // What another process left of a part that it did not finish does not count: the part was
        // read again from its beginning.
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

    /// The unit is complete: what this process wrote of it counts, finished or not.
    fn close(&mut self, session: u64) {
        let counting = std::mem::take(&mut self.parts)
            .into_values()
            .filter(|part| part.finished || part.session == session);
        self.pieces = counting.flat_map(|part| part.pieces).collect();
        self.complete = true;
    }

    /// Drops what a process that ended left unfinished. Whether anything is left.
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

    /// Where the note of a finished part is, and how long it is.
    pub(super) fn note(&self, part: &str) -> Option<(u64, u32)> {
        self.parts.get(part).filter(|part| part.finished)?.note
    }
}
