//! How calls end that a server answers in ways in which AWS does not: a server of plain sockets, so
//! that it can also break off where it likes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bounds;
mod credentials;
mod errors;
mod pages;
mod server;
mod transport;
