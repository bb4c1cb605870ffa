//! IAM: roles and policies. Source: "Actions, resources, and condition keys for AWS Identity and
//! Access Management (IAM)".

use lambdasweep_policy::Context;

use super::{lock, service_linked_name, store, text};
use crate::call::{Call, Input};
use crate::permission::Key::{self, Member, Tags};
use crate::permission::Resource::{self, Any, Arns};
use crate::permission::{Named, Row, Target, need};

/// The role of `RoleName`, with its path.
const ROLE: Resource = Resource::Of(role, &["RoleName"]);

/// The role of `RoleName` and `Path` that is to be created.
const NEW_ROLE: Resource = Resource::Of(
    |call, input| {
        Named::at(arn(
            call,
            "role",
            path(input, "Path"),
            text(input, "RoleName"),
        ))
        .unmade()
    },
    &["RoleName"],
);

/// The service-linked role that is to be created.
const SERVICE_LINKED_ROLE: Resource = Resource::Of(service_linked_role, &["AWSServiceName"]);

/// The managed policy of `PolicyArn`.
const POLICY: Resource = Resource::Of(
    |_, input| {
        let arn = text(input, "PolicyArn");
        Named::at(arn.to_owned()).said(format!("policy {arn}"))
    },
    &["PolicyArn"],
);

/// The managed policy of `PolicyName` and `Path` that is to be created.
const NEW_POLICY: Resource = Resource::Of(
    |call, input| {
        let name = text(input, "PolicyName");
        let named = Named::at(arn(call, "policy", path(input, "Path"), name)).unmade();
        named.said(format!("policy {name}"))
    },
    &["PolicyName"],
);

/// All policies below `PathPrefix`.
const LISTED_POLICIES: Resource = Resource::Of(
    |call, input| {
        let prefix = path(input, "PathPrefix");
        Named::at(arn(call, "policy", prefix, "")).said(format!("policy path {prefix}"))
    },
    &["PathPrefix"],
);

/// All roles below `PathPrefix`.
const LISTED_ROLES: Resource = Resource::Of(
    |call, input| Named::at(arn(call, "role", path(input, "PathPrefix"), "")).unmade(),
    &["PathPrefix"],
);

/// The permissions boundary of the role of `RoleName`.
const BOUNDARY: Key = Key::Of("iam:PermissionsBoundary", boundary, &["RoleName"]);

fn arn(call: &Call<'_>, kind: &str, path: &str, name: &str) -> String {
    format!(
        "arn:{}:iam::{}:{kind}{path}{name}",
        call.partition(),
        call.account()
    )
}

fn path<'a>(input: &'a Input, member: &str) -> &'a str {
    match text(input, member) {
        "" => "/",
        path => path,
    }
}

/// A missing role is assumed to have the path `/`.
fn role(call: &Call<'_>, input: &Input) -> Named {
    let name = text(input, "RoleName");
    let path = lock(&store(call))
        .roles
        .get(name)
        .map_or_else(|| "/".to_owned(), |role| role.path.clone());
    Named::at(arn(call, "role", &path, name)).said(format!("role {name}"))
}

fn service_linked_role(call: &Call<'_>, input: &Input) -> Named {
    let service = text(input, "AWSServiceName");
    let name = service_linked_name(service, text(input, "CustomSuffix")).unwrap_or_default();
    let path = format!("/aws-service-role/{service}/");
    Named::at(arn(call, "role", &path, &name)).unmade()
}

fn boundary(context: Context, call: &Call<'_>, input: &Input, _: &Target) -> Context {
    let boundary = lock(&store(call))
        .roles
        .get(text(input, "RoleName"))
        .and_then(|role| role.boundary.clone());
    match boundary {
        Some(arn) => context.with("iam:PermissionsBoundary", arn),
        None => context,
    }
}

const ATTACHING: &[Key] = &[Member("iam:PolicyARN", "PolicyArn"), BOUNDARY];

pub(super) const NEEDS: &[Row] = &[
    (
        "AttachRolePolicy",
        &[need("iam:AttachRolePolicy", ROLE).with(ATTACHING)],
    ),
    ("CreateAccountAlias", &[need("iam:CreateAccountAlias", Any)]),
    (
        "CreatePolicy",
        &[
            need("iam:CreatePolicy", NEW_POLICY).with(&[Tags("Tags")]),
            need("iam:TagPolicy", NEW_POLICY)
                .with(&[Tags("Tags")])
                .when("Tags"),
        ],
    ),
    (
        "CreatePolicyVersion",
        &[need("iam:CreatePolicyVersion", POLICY)],
    ),
    (
        "CreateRole",
        &[
            need("iam:CreateRole", NEW_ROLE).with(&[
                Member("iam:PermissionsBoundary", "PermissionsBoundary"),
                Tags("Tags"),
            ]),
            need("iam:TagRole", NEW_ROLE)
                .with(&[Tags("Tags")])
                .when("Tags"),
        ],
    ),
    (
        "CreateServiceLinkedRole",
        &[need("iam:CreateServiceLinkedRole", SERVICE_LINKED_ROLE)
            .with(&[Member("iam:AWSServiceName", "AWSServiceName")])],
    ),
    ("DeleteAccountAlias", &[need("iam:DeleteAccountAlias", Any)]),
    (
        "DeleteAccountPasswordPolicy",
        &[need("iam:DeleteAccountPasswordPolicy", Any)],
    ),
    ("DeletePolicy", &[need("iam:DeletePolicy", POLICY)]),
    (
        "DeletePolicyVersion",
        &[need("iam:DeletePolicyVersion", POLICY)],
    ),
    (
        "DeleteRole",
        &[need("iam:DeleteRole", ROLE).with(&[BOUNDARY])],
    ),
    (
        "DeleteRolePermissionsBoundary",
        &[need("iam:DeleteRolePermissionsBoundary", ROLE).with(&[BOUNDARY])],
    ),
    (
        "DeleteRolePolicy",
        &[need("iam:DeleteRolePolicy", ROLE).with(&[BOUNDARY])],
    ),
    (
        "DeleteServiceLinkedRole",
        &[need("iam:DeleteServiceLinkedRole", ROLE)],
    ),
    (
        "DetachRolePolicy",
        &[need("iam:DetachRolePolicy", ROLE).with(ATTACHING)],
    ),
    (
        "GenerateCredentialReport",
        &[need("iam:GenerateCredentialReport", Any)],
    ),
    (
        "GetAccountAuthorizationDetails",
        &[need("iam:GetAccountAuthorizationDetails", Any)],
    ),
    (
        "GetAccountPasswordPolicy",
        &[need("iam:GetAccountPasswordPolicy", Any)],
    ),
    ("GetAccountSummary", &[need("iam:GetAccountSummary", Any)]),
    (
        "GetContextKeysForCustomPolicy",
        &[need("iam:GetContextKeysForCustomPolicy", Any)],
    ),
    (
        "GetContextKeysForPrincipalPolicy",
        &[need(
            "iam:GetContextKeysForPrincipalPolicy",
            Arns("PolicySourceArn"),
        )],
    ),
    (
        "GetCredentialReport",
        &[need("iam:GetCredentialReport", Any)],
    ),
    ("GetPolicy", &[need("iam:GetPolicy", POLICY)]),
    ("GetPolicyVersion", &[need("iam:GetPolicyVersion", POLICY)]),
    ("GetRole", &[need("iam:GetRole", ROLE).with(&[BOUNDARY])]),
    ("GetRolePolicy", &[need("iam:GetRolePolicy", ROLE)]),
    (
        "GetServiceLinkedRoleDeletionStatus",
        &[need("iam:GetServiceLinkedRoleDeletionStatus", Any)],
    ),
    ("ListAccountAliases", &[need("iam:ListAccountAliases", Any)]),
    (
        "ListAttachedRolePolicies",
        &[need("iam:ListAttachedRolePolicies", ROLE)],
    ),
    (
        "ListEntitiesForPolicy",
        &[need("iam:ListEntitiesForPolicy", POLICY)],
    ),
    (
        "ListInstanceProfilesForRole",
        &[need("iam:ListInstanceProfilesForRole", ROLE)],
    ),
    ("ListPolicies", &[need("iam:ListPolicies", LISTED_POLICIES)]),
    ("ListPolicyTags", &[need("iam:ListPolicyTags", POLICY)]),
    (
        "ListPolicyVersions",
        &[need("iam:ListPolicyVersions", POLICY)],
    ),
    ("ListRolePolicies", &[need("iam:ListRolePolicies", ROLE)]),
    ("ListRoleTags", &[need("iam:ListRoleTags", ROLE)]),
    ("ListRoles", &[need("iam:ListRoles", LISTED_ROLES)]),
    (
        "PutRolePermissionsBoundary",
        &[need("iam:PutRolePermissionsBoundary", ROLE)
            .with(&[Member("iam:PermissionsBoundary", "PermissionsBoundary")])],
    ),
    (
        "PutRolePolicy",
        &[need("iam:PutRolePolicy", ROLE).with(&[BOUNDARY])],
    ),
    (
        "SetDefaultPolicyVersion",
        &[need("iam:SetDefaultPolicyVersion", POLICY)],
    ),
    (
        "SimulateCustomPolicy",
        &[need("iam:SimulateCustomPolicy", Any)],
    ),
    (
        "SimulatePrincipalPolicy",
        &[need("iam:SimulatePrincipalPolicy", Arns("PolicySourceArn"))],
    ),
    (
        "TagPolicy",
        &[need("iam:TagPolicy", POLICY).with(&[Tags("Tags")])],
    ),
    (
        "TagRole",
        &[need("iam:TagRole", ROLE).with(&[Tags("Tags")])],
    ),
    (
        "UntagPolicy",
        &[need("iam:UntagPolicy", POLICY).with(&[Member("aws:TagKeys", "TagKeys")])],
    ),
    (
        "UntagRole",
        &[need("iam:UntagRole", ROLE).with(&[Member("aws:TagKeys", "TagKeys")])],
    ),
    (
        "UpdateAccountPasswordPolicy",
        &[need("iam:UpdateAccountPasswordPolicy", Any)],
    ),
    (
        "UpdateAssumeRolePolicy",
        &[need("iam:UpdateAssumeRolePolicy", ROLE).with(&[BOUNDARY])],
    ),
    (
        "UpdateRole",
        &[need("iam:UpdateRole", ROLE).with(&[BOUNDARY])],
    ),
    (
        "UpdateRoleDescription",
        &[need("iam:UpdateRoleDescription", ROLE).with(&[BOUNDARY])],
    ),
];
