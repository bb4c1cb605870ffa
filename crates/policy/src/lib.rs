//! IAM's policy language: policies are parsed, requests are evaluated, and resource policies are reasoned about. Pure: no I/O.

pub mod actions;
mod compare;
mod condition;
mod context;
mod document;
mod evaluate;
pub mod exposure;
pub mod grants;
pub mod guardrail;
mod json;
mod overlap;
mod parse;
mod pattern;
mod principal;
mod print;
mod problems;
pub mod role;
mod verdict;
pub mod wire;

pub use condition::{Condition, Operator, Quantifier};
pub use context::Context;
pub use document::{Document, Effect, Match, Principals, Statement};
pub use evaluate::{Policies, Request, evaluate};
pub use parse::{Parsed, PolicyError};
pub use pattern::Pattern;
pub use principal::{Kind, Principal, PrincipalError};
pub use problems::{Level, PolicyKind, Problem, UnknownPolicyKind, problems};
pub use verdict::{Decision, Layer, PolicyRef, StatementRef, Verdict};
