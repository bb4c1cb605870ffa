//! IAM's policy language: parses and checks documents, evaluates requests, reasons about external
//! access, and judges roles and guardrails. Pure: no I/O.
//!
//! The chapters follow AWS's documentation of policies:
//!
//! | chapter | what is in it | AWS's pages |
//! | --- | --- | --- |
//! | [`Document`], [`Statement`], [`Principals`], [`Condition`], [`Pattern`] | the elements of a policy | "IAM JSON policy elements reference" |
//! | [`Parsed`], [`problems()`], [`PolicyKind`] | the grammar, and what is wrong with a document | "Grammar of the IAM JSON policy language", "IAM Access Analyzer policy check reference" |
//! | [`Principal`], [`Context`], [`Request`] | a request and its context | "AWS global condition context keys" |
//! | [`evaluate()`], [`Policies`], [`Verdict`] | one request against all policies that apply | "Policy evaluation logic" |
//! | [`exposure`] | all requests at once: who is allowed | "The meaning of public", "The confused deputy problem", "Control access to Lambda function URLs" |
//! | [`actions`] | actions, access levels, resource types | "Service Authorization Reference" |
//! | [`grants`], [`role`] | what a role may do: effective grants, administrators, escalation, trust | "IAM roles", pathfinding.cloud |
//! | [`guardrail`] | what service control policies really prevent | "SCP evaluation" |
//! | [`wire`] | the same questions and answers as JSON | |
//!
//! # What is knowingly not modelled
//!
//! - **Policies of other kinds**: access control lists, VPC endpoint policies, KMS grants, session
//!   tags as such (give them as `aws:PrincipalTag/…`).
//! - **Resource control policies** apply to the services that AWS listed on the date in
//!   `data/rcp-services.txt`; services added later are missing. AWS-managed KMS keys are exempt,
//!   but a key's ARN does not show that: give no such policies with a request for one.
//! - **A session of a service-linked role** is known by [`Policies::service_linked`] or
//!   [`Principal::session`]; its own ARN does not show it.
//! - **Time and network**: `aws:CurrentTime`, `aws:SourceIp` and the like are never assumed: a
//!   request has only the keys that are given.
//! - **A key with several values under an operator without `ForAllValues` or `ForAnyValue`**, which
//!   AWS leaves open: one value that matches is enough, and for a negated operator all have to.
//! - **The resource's own account as principal of a resource-based policy** (other than of roles
//!   and keys) grants nothing by itself here: the identity-based policies decide.
//! - **Several session policies** are alternatives, as several identity-based policies are.
//! - **An ARN that lacks parts** is completed with wildcards in identity-based policies and
//!   permissions boundaries. AWS does not document whether service control policies complete it;
//!   here they do where that allows more.
//! - **A bucket's account** is not in its ARN: without [`Request::resource_account`] a resource
//!   counts as one of the principal's own account.
//! - **External access** ([`exposure`]) does not compare the resources that a statement names with
//!   the resource that it is attached to; treats `NotPrincipal` with `Allow` as everyone; subtracts
//!   whole accounts, users, roles and services for a Deny, but no single session; and ignores
//!   denials that would split a statement into too many regions. Each of these errs on the side of
//!   reporting access.
//! - **Users of an identity provider** can be anyone for the providers that AWS and their own
//!   documentation describe as shared; for any other provider it is unknown who they are.

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
