//! Encoded rows for later use: a row's separate texts take many times the memory of the encoded
//! form.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::Row;

/// A row in compact form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Packed<R> {
    bytes: Box<[u8]>,
    row: PhantomData<fn() -> R>,
}

impl<R: Row> Packed<R> {
    /// Packs a row.
    pub fn new(row: &R) -> Self {
        // Writing to memory cannot fail for these rows; if it did, there would be nothing to
        // unpack.
        Self {
            bytes: postcard::to_stdvec(row).unwrap_or_default().into(),
            row: PhantomData,
        }
    }

    /// The row; `None` if it could not be packed.
    pub fn unpack(&self) -> Option<R> {
        postcard::from_bytes(&self.bytes).ok()
    }
}
