//! A mock of AWS, for tests: it speaks AWS's protocols over HTTP, keeps state per account and
//! Region, and enforces quotas.
//!
//! One engine serves all services. It is driven by their models: it finds the operation, parses and
//! validates the input, and writes the response in the protocol that the client used. Handlers
//! contain only behaviour.

pub mod call;
mod caller;
mod clock;
mod dispatch;
mod enforce;
mod error;
mod faults;
mod identity;
mod intake;
mod ledger;
mod localstack;
mod model;
mod page;
mod pattern;
mod permission;
pub mod plan;
mod quotas;
mod raw;
mod route;
pub mod seed;
mod server;
mod service;
pub mod services;
pub mod shelf;
mod spec;
pub mod store;
#[cfg(test)]
mod tests;
mod wire;
pub mod world;

pub use faults::{Fault, FaultError};
pub use intake::Limits;
pub use ledger::LedgerEntry;
pub use server::{MockServer, Options};
