//! What the world holds before the first call: nothing, a file's organisation, or a generated one.
//! Made lazily, store by store.

mod build;
mod chance;
mod empty;
mod file;
mod file_roles;
mod generated;
mod guardrails;
mod layers;
mod roles;
mod spec;
mod synthetic;
mod traits;
mod ways;

use serde::Serialize;

use crate::services::{iam, lambda, organizations};

pub use empty::Empty;
pub use file::{File, FileError};
pub use generated::Generated;
pub use spec::{Spec, SpecError};

/// The source of initial state. Each function is pure: the same arguments give the same store, at
/// any time and in any order.
pub trait Seed: Send + Sync + std::fmt::Debug {
    /// The organisation: accounts, organizational units, policies.
    fn organization(&self) -> organizations::store::Store;
    /// One account's IAM state.
    fn iam(&self, account: &str) -> iam::store::Store;
    /// One account-Region's Lambda state.
    fn lambda(&self, account: &str, region: &str) -> lambda::store::Store;
    /// The opt-in status of each Region in an account, by AWS's names (`ENABLED`,
    /// `ENABLED_BY_DEFAULT`, `DISABLED`, …).
    fn regions(&self, account: &str) -> Vec<(String, &'static str)>;
    /// The misconfigurations that were planted, judged on a date (`YYYY-MM-DD`).
    fn truth(&self, as_of: &str) -> Vec<Planted>;
}

/// A misconfiguration that the seed planted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Planted {
    /// The account.
    pub account: String,
    /// The Region; empty for roles and accounts.
    pub region: String,
    /// The ARN of the function, role or layer version, or of the account's root user for what is
    /// wrong with the account.
    pub resource_arn: String,
    /// What is wrong, by a name of its own (`policy-public`).
    pub misconfiguration: &'static str,
    /// Which of the resource's faults of this kind it is: a statement, a variable, an alias, a
    /// principal, a path; empty where there can be one only. Absent where the resource has one such
    /// fault or several, and which they are was not planted one by one.
    pub fault: Option<String>,
}

/// A kind of misconfiguration, and which fault of that kind, as in [`Planted`].
type Flaw = (&'static str, Option<String>);

/// The role that a scan enters an account by: AWSLambda_ReadOnlyAccess and the actions that
/// README.md names beside it.
fn scan_role(id_of: &str, principal: &str) -> iam::store::Role {
    let mut role = iam::store::Role::trusting(
        id_of,
        principal,
        "arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess",
    );
    role.inline.insert(
        "lambdasweep-scan".to_owned(),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["account:ListRegions","iam:GetAccountAuthorizationDetails"],"Resource":"*"},{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringLike":{"kms:ViaService":"lambda.*.amazonaws.com"}}}]}"#.to_owned(),
    );
    role
}

/// Regions that every account has without asking, those with most use first. Source: "AWS Regions",
/// AWS Account Management guide.
pub(crate) const DEFAULT_REGIONS: [&str; 17] = [
    "us-east-1",
    "eu-west-1",
    "us-west-2",
    "eu-central-1",
    "us-east-2",
    "ap-southeast-1",
    "ap-northeast-1",
    "ap-southeast-2",
    "eu-west-2",
    "us-west-1",
    "ap-south-1",
    "ca-central-1",
    "eu-west-3",
    "eu-north-1",
    "ap-northeast-2",
    "sa-east-1",
    "ap-northeast-3",
];

/// Regions that an account has to opt into.
pub(crate) const OPT_IN_REGIONS: [&str; 3] = ["af-south-1", "eu-south-1", "me-south-1"];
