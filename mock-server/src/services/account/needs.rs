//! Account Management. Source: "Actions, resources, and condition keys for AWS Account Management".

use serde_json::Value;

use crate::call::{Call, Input};
use crate::permission::Key::{self, Member};
use crate::permission::{Named, Resource, Row, need};
use crate::services::organizations;

/// The account of `AccountId`, or the caller's own.
const ACCOUNT: Resource = Resource::Of(account, &["AccountId"]);

/// An account in the form of Account Management: the caller's own, or a member of the organisation.
/// It counts as a resource of the caller's account.
fn account(call: &Call<'_>, input: &Input) -> Named {
    let partition = call.partition();
    let arn = match input.get("AccountId").and_then(Value::as_str) {
        Some(other) => {
            let store = organizations::read(call);
            format!(
                "arn:{partition}:account::{}:account/{}/{other}",
                store.management_account, store.id
            )
        }
        None => format!("arn:{partition}:account::{}:account", call.account()),
    };
    Named {
        account: Some(call.account().to_owned()),
        ..Named::at(arn)
    }
}

const REGION: Key = Member("account:TargetRegion", "RegionName");

const CONTACT: Key = Member("account:AlternateContactTypes", "AlternateContactType");

pub(super) const NEEDS: &[Row] = &[
    (
        "DeleteAlternateContact",
        &[need("account:DeleteAlternateContact", ACCOUNT).with(&[CONTACT])],
    ),
    (
        "DisableRegion",
        &[need("account:DisableRegion", ACCOUNT).with(&[REGION])],
    ),
    (
        "EnableRegion",
        &[need("account:EnableRegion", ACCOUNT).with(&[REGION])],
    ),
    (
        "GetAccountInformation",
        &[need("account:GetAccountInformation", ACCOUNT)],
    ),
    (
        "GetAlternateContact",
        &[need("account:GetAlternateContact", ACCOUNT).with(&[CONTACT])],
    ),
    (
        "GetContactInformation",
        &[need("account:GetContactInformation", ACCOUNT)],
    ),
    (
        "GetRegionOptStatus",
        &[need("account:GetRegionOptStatus", ACCOUNT).with(&[REGION])],
    ),
    ("ListRegions", &[need("account:ListRegions", ACCOUNT)]),
    ("PutAccountName", &[need("account:PutAccountName", ACCOUNT)]),
    (
        "PutAlternateContact",
        &[need("account:PutAlternateContact", ACCOUNT).with(&[CONTACT])],
    ),
    (
        "PutContactInformation",
        &[need("account:PutContactInformation", ACCOUNT)],
    ),
];
