//! Account Management. Source: "Actions, resources, and condition keys for AWS Account Management".

use super::Key::Member;
use super::Resource::Account;
use super::{Row, need};

const REGION: super::Key = Member("account:TargetRegion", "RegionName");

pub(super) const ROWS: &[Row] = &[
    ("DisableRegion", &[need("account:DisableRegion", Account).with(&[REGION])]),
    ("EnableRegion", &[need("account:EnableRegion", Account).with(&[REGION])]),
    (
        "GetAlternateContact",
        &[need("account:GetAlternateContact", Account).with(&[Member("account:AlternateContactTypes", "AlternateContactType")])],
    ),
    ("GetContactInformation", &[need("account:GetContactInformation", Account)]),
    ("GetRegionOptStatus", &[need("account:GetRegionOptStatus", Account).with(&[REGION])]),
    ("ListRegions", &[need("account:ListRegions", Account)]),
];
