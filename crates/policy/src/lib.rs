//! IAM's policy language: documents are parsed and checked, requests are evaluated, external access
//! is reasoned about, roles and guardrails are judged. Pure: no I/O.
//!
//! The chapters follow AWS's own documentation of policies:
//!
//! | chapter | what is in it | AWS's pages |
//! | --- | --- | --- |
//! | [`Document`], [`Statement`], [`Principals`], [`Condition`], [`Pattern`] | the elements of a policy | "IAM JSON policy elements reference" |
//! | [`Parsed`], [`problems()`], [`PolicyKind`] | the grammar, and what is wrong with a document | "Grammar of the IAM JSON policy language", "IAM Access Analyzer policy check reference" |
//! | [`Principal`], [`Context`], [`Request`] | a request and its context | "AWS global condition context keys" |
//! | [`evaluate()`], [`Policies`], [`Verdict`] | one request against all policies that apply | "Policy evaluation logic" |
//! | [`exposure`] | all requests at once: who can get in | "The meaning of public", "The confused deputy problem", "Control access to Lambda function URLs" |
//! | [`actions`] | actions, access levels, resource types | "Service Authorization Reference" |
//! | [`grants`], [`role`] | what a role may do: effective grants, administrators, escalation, trust | "IAM roles", pathfinding.cloud |
//! | [`guardrail`] | what service control policies really prevent | "SCP evaluation" |
//! | [`wire`] | the same questions and answers as JSON | |
//!
//! # What is knowingly not modelled
//!
//! - **Policies of other kinds**: access control lists, VPC endpoint policies, KMS grants, session
//!   tags as such (give them as `aws:PrincipalTag/…`).
//! - **Resource control policies** reach the services that AWS listed on the date in
//!   `data/rcp-services.txt`; a service that it lists later is not reached here. AWS-managed KMS
//!   keys are beyond them, which no key's ARN tells: leave them out of a request for such a key.
//! - **A session of a service-linked role** is known by [`Policies::service_linked`] or
//!   [`Principal::session`]; its own ARN does not tell it.
//! - **Time and network**: `aws:CurrentTime`, `aws:SourceIp` and the like are never assumed; a
//!   request that does not give them does not have them.
//! - **A key with several values under an operator without `ForAllValues` or `ForAnyValue`**, which
//!   AWS leaves open: one value that matches is enough, and for a negated operator all have to.
//! - **The own account as principal of a resource-based policy** (other than of roles and keys)
//!   grants nothing by itself here: the identity-based policies decide.
//! - **Several session policies** are alternatives, as several identity-based policies are.
//! - **An ARN that lacks parts** is completed with wildcards in identity-based policies and
//!   permissions boundaries. AWS does not say whether service control policies complete it; here
//!   they do where that allows more.
//! - **A bucket's account** is not in its ARN: without [`Request::resource_account`] a resource
//!   counts as one of the principal's own account.
//! - **External access** ([`exposure`]) does not compare the resources that a statement names with
//!   the resource that it is attached to; takes `NotPrincipal` with `Allow` for everyone; takes
//!   away whole accounts, users, roles and services by a Deny, but no single session; and leaves
//!   denials out of account that would take a statement apart into more than ten regions. Each of
//!   these errs on the open side.
//! - **Users of an identity provider** are known to be anybody's for the providers that AWS and
//!   their own documentation name as shared; whose users any other provider has is unknown.

pub mod actions;
mod compare;
mod condition;
mod document;
mod evaluate;
pub mod exposure;
pub mod grants;
pub mod guardrail;
mod json;
mod names;
mod operator;
mod overlap;
mod parse;
mod partial;
mod pattern;
mod principal;
mod print;
mod problems;
mod request;
pub mod role;
mod verdict;
pub mod wire;

pub use condition::Condition;
pub use document::{Document, Effect, Match, Principals, Statement};
pub use evaluate::{Policies, evaluate};
pub use operator::{Operator, Quantifier};
pub use parse::{Parsed, PolicyError, problems};
pub use pattern::Pattern;
pub use principal::{Kind, Principal, PrincipalError};
pub use problems::{Level, PolicyKind, Problem, UnknownPolicyKind};
pub use request::{Context, Request};
pub use verdict::{Decision, Layer, PolicyRef, StatementRef, Verdict};
