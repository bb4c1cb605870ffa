//! IAM: roles and policies. Source: "Actions, resources, and condition keys for AWS Identity and
//! Access Management (IAM)".

use super::Key::{self, Boundary, Member, Tags};
use super::Resource::{Any, Arns, Listed, NewPolicy, NewRole, Policy, Role, ServiceLinkedRole};
use super::{Row, need};

const ATTACHING: &[Key] = &[Member("iam:PolicyARN", "PolicyArn"), Boundary];

pub(super) const ROWS: &[Row] = &[
    (
        "AttachRolePolicy",
        &[need("iam:AttachRolePolicy", Role).with(ATTACHING)],
    ),
    ("CreateAccountAlias", &[need("iam:CreateAccountAlias", Any)]),
    (
        "CreatePolicy",
        &[
            need("iam:CreatePolicy", NewPolicy).with(&[Tags("Tags")]),
            need("iam:TagPolicy", NewPolicy)
                .with(&[Tags("Tags")])
                .when("Tags"),
        ],
    ),
    (
        "CreatePolicyVersion",
        &[need("iam:CreatePolicyVersion", Policy)],
    ),
    (
        "CreateRole",
        &[
            need("iam:CreateRole", NewRole).with(&[
                Member("iam:PermissionsBoundary", "PermissionsBoundary"),
                Tags("Tags"),
            ]),
            need("iam:TagRole", NewRole)
                .with(&[Tags("Tags")])
                .when("Tags"),
        ],
    ),
    (
        "CreateServiceLinkedRole",
        &[need("iam:CreateServiceLinkedRole", ServiceLinkedRole)
            .with(&[Member("iam:AWSServiceName", "AWSServiceName")])],
    ),
    ("DeleteAccountAlias", &[need("iam:DeleteAccountAlias", Any)]),
    (
        "DeleteAccountPasswordPolicy",
        &[need("iam:DeleteAccountPasswordPolicy", Any)],
    ),
    ("DeletePolicy", &[need("iam:DeletePolicy", Policy)]),
    (
        "DeletePolicyVersion",
        &[need("iam:DeletePolicyVersion", Policy)],
    ),
    (
        "DeleteRole",
        &[need("iam:DeleteRole", Role).with(&[Boundary])],
    ),
    (
        "DeleteRolePermissionsBoundary",
        &[need("iam:DeleteRolePermissionsBoundary", Role).with(&[Boundary])],
    ),
    (
        "DeleteRolePolicy",
        &[need("iam:DeleteRolePolicy", Role).with(&[Boundary])],
    ),
    (
        "DeleteServiceLinkedRole",
        &[need("iam:DeleteServiceLinkedRole", Role)],
    ),
    (
        "DetachRolePolicy",
        &[need("iam:DetachRolePolicy", Role).with(ATTACHING)],
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
    ("GetPolicy", &[need("iam:GetPolicy", Policy)]),
    ("GetPolicyVersion", &[need("iam:GetPolicyVersion", Policy)]),
    ("GetRole", &[need("iam:GetRole", Role).with(&[Boundary])]),
    ("GetRolePolicy", &[need("iam:GetRolePolicy", Role)]),
    (
        "GetServiceLinkedRoleDeletionStatus",
        &[need("iam:GetServiceLinkedRoleDeletionStatus", Any)],
    ),
    ("ListAccountAliases", &[need("iam:ListAccountAliases", Any)]),
    (
        "ListAttachedRolePolicies",
        &[need("iam:ListAttachedRolePolicies", Role)],
    ),
    (
        "ListEntitiesForPolicy",
        &[need("iam:ListEntitiesForPolicy", Policy)],
    ),
    (
        "ListInstanceProfilesForRole",
        &[need("iam:ListInstanceProfilesForRole", Role)],
    ),
    (
        "ListPolicies",
        &[need("iam:ListPolicies", Listed("policy"))],
    ),
    ("ListPolicyTags", &[need("iam:ListPolicyTags", Policy)]),
    (
        "ListPolicyVersions",
        &[need("iam:ListPolicyVersions", Policy)],
    ),
    ("ListRolePolicies", &[need("iam:ListRolePolicies", Role)]),
    ("ListRoleTags", &[need("iam:ListRoleTags", Role)]),
    ("ListRoles", &[need("iam:ListRoles", Listed("role"))]),
    (
        "PutRolePermissionsBoundary",
        &[need("iam:PutRolePermissionsBoundary", Role)
            .with(&[Member("iam:PermissionsBoundary", "PermissionsBoundary")])],
    ),
    (
        "PutRolePolicy",
        &[need("iam:PutRolePolicy", Role).with(&[Boundary])],
    ),
    (
        "SetDefaultPolicyVersion",
        &[need("iam:SetDefaultPolicyVersion", Policy)],
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
        &[need("iam:TagPolicy", Policy).with(&[Tags("Tags")])],
    ),
    (
        "TagRole",
        &[need("iam:TagRole", Role).with(&[Tags("Tags")])],
    ),
    (
        "UntagPolicy",
        &[need("iam:UntagPolicy", Policy).with(&[Member("aws:TagKeys", "TagKeys")])],
    ),
    (
        "UntagRole",
        &[need("iam:UntagRole", Role).with(&[Member("aws:TagKeys", "TagKeys")])],
    ),
    (
        "UpdateAccountPasswordPolicy",
        &[need("iam:UpdateAccountPasswordPolicy", Any)],
    ),
    (
        "UpdateAssumeRolePolicy",
        &[need("iam:UpdateAssumeRolePolicy", Role).with(&[Boundary])],
    ),
    (
        "UpdateRole",
        &[need("iam:UpdateRole", Role).with(&[Boundary])],
    ),
    (
        "UpdateRoleDescription",
        &[need("iam:UpdateRoleDescription", Role).with(&[Boundary])],
    ),
];
