//! The whole line, over HTTP: a mock in this process, the program beside it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts_file;
mod answers;
mod bad_input;
mod between;
mod campaign;
mod connection;
mod enforced;
mod explain;
mod faults;
mod gone;
mod harness;
mod identity;
mod interrupted;
mod legal;
mod listing;
mod membership;
mod named;
mod network;
mod organization;
mod plan;
mod planted;
mod policy;
mod policy_schemas;
mod resume;
mod truth;
mod unread;
mod versions;
