//! The whole line, over HTTP: a mock in this process, the program beside it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[expect(dead_code, reason = "the policy engine's tests use more of it")]
#[path = "../../../policy/tests/it/accounts.rs"]
mod accounts;
mod accounts_file;
mod answers;
mod bad_input;
mod between;
mod campaign;
mod connection;
mod enforced;
mod escalations;
mod explain;
mod explain_role;
mod export;
mod faults;
mod gone;
mod harness;
mod identity;
mod interrupted;
mod judge;
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
mod queues;
mod resume;
mod tasks;
mod trusted;
mod truth;
mod unread;
mod versions;
