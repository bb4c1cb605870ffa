//! Security Token Service. Source: "Actions, resources, and condition keys for AWS Security Token
//! Service".

use serde_json::Value;

use crate::call::{Call, Input};
use crate::permission::Key::{self, Member, Tags};
use crate::permission::Resource::{self, Any, Arns};
use crate::permission::{Named, Row, need};

/// The role that is to be assumed, by its ARN, with its trust policy.
const ASSUMED_ROLE: Resource = Arns("RoleArn");

const FEDERATED_USER: Resource = Resource::Of(federated_user, &["Name"]);

fn federated_user(call: &Call<'_>, input: &Input) -> Named {
    Named::at(format!(
        "arn:{}:sts::{}:federated-user/{}",
        call.partition(),
        call.account(),
        input
            .get("Name")
            .and_then(Value::as_str)
            .unwrap_or_default()
    ))
}

const SESSION: &[Key] = &[
    Member("sts:ExternalId", "ExternalId"),
    Member("sts:RoleSessionName", "RoleSessionName"),
    Member("sts:SourceIdentity", "SourceIdentity"),
    Member("sts:TransitiveTagKeys", "TransitiveTagKeys"),
    Tags("Tags"),
];

pub(super) const NEEDS: &[Row] = &[
    (
        "AssumeRole",
        &[
            need("sts:AssumeRole", ASSUMED_ROLE).with(SESSION),
            need("sts:SetSourceIdentity", ASSUMED_ROLE)
                .with(SESSION)
                .when("SourceIdentity"),
            need("sts:TagSession", ASSUMED_ROLE)
                .with(SESSION)
                .when("Tags"),
        ],
    ),
    // These calls are not signed: only the role's trust policy decides, in the handler.
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
        &[need("sts:GetFederationToken", FEDERATED_USER).with(&[Tags("Tags")])],
    ),
    // Policies do not control it. Source: "Permissions for GetSessionToken", IAM User Guide.
    ("GetSessionToken", &[]),
];
