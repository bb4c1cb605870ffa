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

use crate::services::{account, iam};

pub use empty::Empty;
pub use file::{File, FileError};
pub use generated::Generated;
pub use spec::{Spec, SpecError};

pub use crate::store::{Place, Planted, Seed, fill, seeded};

/// An account with these Regions.
fn with_regions(regions: impl Iterator<Item = (String, &'static str)>) -> account::Store {
    let status = |(region, status): (String, &str)| (region, status.to_owned());
    let mut account = account::Store::default();
    account.regions = regions.map(status).collect();
    account
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
