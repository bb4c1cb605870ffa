//! XML bodies, by shape: it defines the names of members, which members are attributes, and which
//! lists are flattened.

mod read;
mod write;

pub(crate) use read::{take, unescaped};
pub(crate) use write::{DECLARATION, Writer, text_element};
