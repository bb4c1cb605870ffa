//! The initial state of the world: empty, an organisation from a file, or a generated one. Stores
//! are created lazily.

mod build;
mod empty;
mod extras;
mod file;
mod generated;
mod guardrails;
mod guests;
mod layers;
mod managed;
mod powers;
mod roles;
mod settings;
mod ways;

use crate::services::{account, iam};

pub use crate::plan::{Spec, SpecError};
pub use crate::store::{Place, Planted, Seed, fill, seeded};
pub use empty::Empty;
pub use file::{File, FileError};
pub use generated::Generated;

/// The store of an account with these Regions.
fn with_regions(regions: impl Iterator<Item = (String, &'static str)>) -> account::Store {
    let status = |(region, status): (String, &str)| (region, status.to_owned());
    let mut account = account::Store::default();
    account.regions = regions.map(status).collect();
    account
}

/// The role that a scan assumes in an account: AWSLambda_ReadOnlyAccess and the further actions in
/// README.md.
fn scan_role(id_of: &str, principal: &str) -> iam::store::Role {
    let mut role = iam::store::Role::trusting(
        id_of,
        principal,
        "arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess",
    );
    role.inline.insert(
        "lambdasweep-scan".to_owned(),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["account:ListRegions","iam:GetAccountAuthorizationDetails","sqs:GetQueueAttributes"],"Resource":"*"},{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringLike":{"kms:ViaService":"lambda.*.amazonaws.com"}}}]}"#.to_owned(),
    );
    role
}
