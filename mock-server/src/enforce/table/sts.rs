//! Security Token Service. Source: "Actions, resources, and condition keys for AWS Security Token
//! Service".

use super::Key::{self, Member, Tags};
use super::Resource::{Any, AssumedRole, FederatedUser};
use super::{Row, need};

const SESSION: &[Key] = &[
    Member("sts:ExternalId", "ExternalId"),
    Member("sts:RoleSessionName", "RoleSessionName"),
    Member("sts:SourceIdentity", "SourceIdentity"),
    Member("sts:TransitiveTagKeys", "TransitiveTagKeys"),
    Tags("Tags"),
];

pub(super) const ROWS: &[Row] = &[
    (
        "AssumeRole",
        &[
            need("sts:AssumeRole", AssumedRole).with(SESSION),
            need("sts:SetSourceIdentity", AssumedRole)
                .with(SESSION)
                .when("SourceIdentity"),
            need("sts:TagSession", AssumedRole)
                .with(SESSION)
                .when("Tags"),
        ],
    ),
    // Nobody has signed the call: the role's trust policy alone decides, in the handler.
    ("AssumeRoleWithSAML", &[]),
    ("AssumeRoleWithWebIdentity", &[]),
    (
        "DecodeAuthorizationMessage",
        &[need("sts:DecodeAuthorizationMessage", Any)],
    ),
    ("GetAccessKeyInfo", &[need("sts:GetAccessKeyInfo", Any)]),
    // Works even where a policy denies it. Source: "GetCallerIdentity", STS API Reference.
    ("GetCallerIdentity", &[]),
    (
        "GetFederationToken",
        &[need("sts:GetFederationToken", FederatedUser).with(&[Tags("Tags")])],
    ),
    // Policies do not control it. Source: "Permissions for GetSessionToken", IAM User Guide.
    ("GetSessionToken", &[]),
];
