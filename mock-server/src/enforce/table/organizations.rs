//! Organizations. Source: "Actions, resources, and condition keys for AWS Organizations".

use super::Key::{self, Member, PolicyType, Tags};
use super::Resource::{Any, EffectiveTarget, Entity, OwnPolicy};
use super::{Need, Row, need};

const ACCOUNT: super::Resource = Entity("AccountId");
const PARENT: super::Resource = Entity("ParentId");
const POLICY: super::Resource = Entity("PolicyId");
const TARGET: super::Resource = Entity("TargetId");
const SERVICE: &[Key] = &[Member("organizations:ServicePrincipal", "ServicePrincipal")];

/// Tagging what is created. Source: "Tagging AWS Organizations resources".
const TAG: Need = need("organizations:TagResource", Any)
    .with(&[Tags("Tags")])
    .when("Tags");

pub(super) const ROWS: &[Row] = &[
    (
        "AcceptHandshake",
        &[need("organizations:AcceptHandshake", Any)],
    ),
    (
        "AttachPolicy",
        &[
            need("organizations:AttachPolicy", POLICY).with(&[PolicyType]),
            need("organizations:AttachPolicy", TARGET).with(&[PolicyType]),
        ],
    ),
    (
        "CancelHandshake",
        &[need("organizations:CancelHandshake", Any)],
    ),
    (
        "CloseAccount",
        &[need("organizations:CloseAccount", ACCOUNT)],
    ),
    (
        "CreateAccount",
        &[
            need("organizations:CreateAccount", Any).with(&[Tags("Tags")]),
            TAG,
        ],
    ),
    (
        "CreateOrganization",
        &[need("organizations:CreateOrganization", Any)],
    ),
    (
        "CreateOrganizationalUnit",
        &[
            need("organizations:CreateOrganizationalUnit", PARENT).with(&[Tags("Tags")]),
            TAG,
        ],
    ),
    (
        "CreatePolicy",
        &[
            need("organizations:CreatePolicy", Any)
                .with(&[Member("organizations:PolicyType", "Type"), Tags("Tags")]),
            TAG,
        ],
    ),
    (
        "DeclineHandshake",
        &[need("organizations:DeclineHandshake", Any)],
    ),
    (
        "DeleteOrganization",
        &[need("organizations:DeleteOrganization", Any)],
    ),
    (
        "DeleteOrganizationalUnit",
        &[need(
            "organizations:DeleteOrganizationalUnit",
            Entity("OrganizationalUnitId"),
        )],
    ),
    (
        "DeletePolicy",
        &[need("organizations:DeletePolicy", POLICY).with(&[PolicyType])],
    ),
    (
        "DeleteResourcePolicy",
        &[need("organizations:DeleteResourcePolicy", OwnPolicy)],
    ),
    (
        "DeregisterDelegatedAdministrator",
        &[need("organizations:DeregisterDelegatedAdministrator", ACCOUNT).with(SERVICE)],
    ),
    (
        "DescribeAccount",
        &[need("organizations:DescribeAccount", ACCOUNT)],
    ),
    (
        "DescribeCreateAccountStatus",
        &[need("organizations:DescribeCreateAccountStatus", Any)],
    ),
    (
        "DescribeEffectivePolicy",
        &[
            need("organizations:DescribeEffectivePolicy", EffectiveTarget)
                .with(&[Member("organizations:PolicyType", "PolicyType")]),
        ],
    ),
    (
        "DescribeHandshake",
        &[need("organizations:DescribeHandshake", Any)],
    ),
    (
        "DescribeOrganization",
        &[need("organizations:DescribeOrganization", Any)],
    ),
    (
        "DescribeOrganizationalUnit",
        &[need(
            "organizations:DescribeOrganizationalUnit",
            Entity("OrganizationalUnitId"),
        )],
    ),
    (
        "DescribePolicy",
        &[need("organizations:DescribePolicy", POLICY).with(&[PolicyType])],
    ),
    (
        "DescribeResourcePolicy",
        &[need("organizations:DescribeResourcePolicy", Any)],
    ),
    (
        "DetachPolicy",
        &[
            need("organizations:DetachPolicy", POLICY).with(&[PolicyType]),
            need("organizations:DetachPolicy", TARGET).with(&[PolicyType]),
        ],
    ),
    (
        "DisableAWSServiceAccess",
        &[need("organizations:DisableAWSServiceAccess", Any).with(SERVICE)],
    ),
    (
        "DisablePolicyType",
        &[need("organizations:DisablePolicyType", Entity("RootId"))
            .with(&[Member("organizations:PolicyType", "PolicyType")])],
    ),
    (
        "EnableAWSServiceAccess",
        &[need("organizations:EnableAWSServiceAccess", Any).with(SERVICE)],
    ),
    (
        "EnableAllFeatures",
        &[need("organizations:EnableAllFeatures", Any)],
    ),
    (
        "EnablePolicyType",
        &[need("organizations:EnablePolicyType", Entity("RootId"))
            .with(&[Member("organizations:PolicyType", "PolicyType")])],
    ),
    (
        "InviteAccountToOrganization",
        &[
            need("organizations:InviteAccountToOrganization", Any).with(&[Tags("Tags")]),
            TAG,
        ],
    ),
    (
        "LeaveOrganization",
        &[need("organizations:LeaveOrganization", Any)],
    ),
    (
        "ListAWSServiceAccessForOrganization",
        &[need(
            "organizations:ListAWSServiceAccessForOrganization",
            Any,
        )],
    ),
    ("ListAccounts", &[need("organizations:ListAccounts", Any)]),
    (
        "ListAccountsForParent",
        &[need("organizations:ListAccountsForParent", PARENT)],
    ),
    (
        "ListChildren",
        &[need("organizations:ListChildren", PARENT)],
    ),
    (
        "ListCreateAccountStatus",
        &[need("organizations:ListCreateAccountStatus", Any)],
    ),
    (
        "ListDelegatedAdministrators",
        &[need("organizations:ListDelegatedAdministrators", Any).with(SERVICE)],
    ),
    (
        "ListDelegatedServicesForAccount",
        &[need(
            "organizations:ListDelegatedServicesForAccount",
            ACCOUNT,
        )],
    ),
    (
        "ListHandshakesForAccount",
        &[need("organizations:ListHandshakesForAccount", Any)],
    ),
    (
        "ListHandshakesForOrganization",
        &[need("organizations:ListHandshakesForOrganization", Any)],
    ),
    (
        "ListOrganizationalUnitsForParent",
        &[need(
            "organizations:ListOrganizationalUnitsForParent",
            PARENT,
        )],
    ),
    (
        "ListParents",
        &[need("organizations:ListParents", Entity("ChildId"))],
    ),
    (
        "ListPolicies",
        &[need("organizations:ListPolicies", Any)
            .with(&[Member("organizations:PolicyType", "Filter")])],
    ),
    (
        "ListPoliciesForTarget",
        &[need("organizations:ListPoliciesForTarget", TARGET)
            .with(&[Member("organizations:PolicyType", "Filter")])],
    ),
    ("ListRoots", &[need("organizations:ListRoots", Any)]),
    (
        "ListTagsForResource",
        &[need(
            "organizations:ListTagsForResource",
            Entity("ResourceId"),
        )],
    ),
    (
        "ListTargetsForPolicy",
        &[need("organizations:ListTargetsForPolicy", POLICY).with(&[PolicyType])],
    ),
    (
        "MoveAccount",
        &[
            need("organizations:MoveAccount", ACCOUNT),
            need("organizations:MoveAccount", Entity("SourceParentId")),
            need("organizations:MoveAccount", Entity("DestinationParentId")),
        ],
    ),
    (
        "PutResourcePolicy",
        &[
            need("organizations:PutResourcePolicy", OwnPolicy).with(&[Tags("Tags")]),
            TAG,
        ],
    ),
    (
        "RegisterDelegatedAdministrator",
        &[need("organizations:RegisterDelegatedAdministrator", ACCOUNT).with(SERVICE)],
    ),
    (
        "RemoveAccountFromOrganization",
        &[need("organizations:RemoveAccountFromOrganization", ACCOUNT)],
    ),
    (
        "TagResource",
        &[need("organizations:TagResource", Entity("ResourceId")).with(&[Tags("Tags")])],
    ),
    (
        "UntagResource",
        &[need("organizations:UntagResource", Entity("ResourceId"))
            .with(&[Member("aws:TagKeys", "TagKeys")])],
    ),
    (
        "UpdateOrganizationalUnit",
        &[need(
            "organizations:UpdateOrganizationalUnit",
            Entity("OrganizationalUnitId"),
        )],
    ),
    (
        "UpdatePolicy",
        &[need("organizations:UpdatePolicy", POLICY).with(&[PolicyType])],
    ),
];
