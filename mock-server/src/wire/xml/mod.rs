//! XML bodies, by shape: what members are called, what is an attribute, and what stands without a
//! list around it.

mod read;
mod write;

pub(crate) use read::{take, unescaped};
pub(crate) use write::{DECLARATION, Writer, text_element};
