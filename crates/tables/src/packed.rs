//! Rows that wait: encoded, since a row's texts take many times the memory that they need.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::Row;

/// A row in as little memory as it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Packed<R> {
    bytes: Box<[u8]>,
    row: PhantomData<fn() -> R>,
}

impl<R: Row> Packed<R> {
    /// Packs a row.
    pub fn new(row: &R) -> Self {
        // Only what cannot be written into memory would fail, and then there is nothing to unpack.
        Self {
            bytes: postcard::to_stdvec(row).unwrap_or_default().into(),
            row: PhantomData,
        }
    }

    /// The row; nothing where it could not be packed.
    pub fn unpack(&self) -> Option<R> {
        postcard::from_bytes(&self.bytes).ok()
    }
}
