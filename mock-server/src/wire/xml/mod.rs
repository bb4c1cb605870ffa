//! XML bodies, by shape: the names of members, which are attributes, and which lists are flattened.

mod read;
mod write;

pub(crate) use read::{take, unescaped};
pub(crate) use write::{DECLARATION, Writer, text_element};
