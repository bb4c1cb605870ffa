//! IAM's policy language: policies are parsed, requests are evaluated, and resource policies are reasoned about. Pure: no I/O.
//!
//! What is not modelled yet: policy variables (a value that holds one never matches, and never counts as fixed), and the interplay of several
//! policies (identity policies, boundaries, service control policies). Operators that this crate does not know make a condition
//! *undecidable*: a request does not pass it, and the reasoner answers *unknown*.

mod condition;
mod document;
mod evaluate;
pub mod exposure;
mod glob;
mod parse;

pub use condition::{Condition, Operator, Quantifier};
pub use document::{Document, Effect, Match, Principals, Statement};
pub use evaluate::{Context, Decision, Principal, Request, evaluate};
pub use parse::PolicyError;
