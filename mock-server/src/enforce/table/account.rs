//! Account Management. Source: "Actions, resources, and condition keys for AWS Account Management".

use super::Key::Member;
use super::Resource::Account;
use super::{Row, need};

const REGION: super::Key = Member("account:TargetRegion", "RegionName");

const CONTACT: super::Key = Member("account:AlternateContactTypes", "AlternateContactType");

pub(super) const ROWS: &[Row] = &[
    (
        "DeleteAlternateContact",
        &[need("account:DeleteAlternateContact", Account).with(&[CONTACT])],
    ),
    (
        "DisableRegion",
        &[need("account:DisableRegion", Account).with(&[REGION])],
    ),
    (
        "EnableRegion",
        &[need("account:EnableRegion", Account).with(&[REGION])],
    ),
    (
        "GetAccountInformation",
        &[need("account:GetAccountInformation", Account)],
    ),
    (
        "GetAlternateContact",
        &[need("account:GetAlternateContact", Account).with(&[CONTACT])],
    ),
    (
        "GetContactInformation",
        &[need("account:GetContactInformation", Account)],
    ),
    (
        "GetRegionOptStatus",
        &[need("account:GetRegionOptStatus", Account).with(&[REGION])],
    ),
    ("ListRegions", &[need("account:ListRegions", Account)]),
    ("PutAccountName", &[need("account:PutAccountName", Account)]),
    (
        "PutAlternateContact",
        &[need("account:PutAlternateContact", Account).with(&[CONTACT])],
    ),
    (
        "PutContactInformation",
        &[need("account:PutContactInformation", Account)],
    ),
];
