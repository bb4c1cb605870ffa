//! Organizations. Source: "Actions, resources, and condition keys for AWS Organizations".

use lambdasweep_policy::Context;

use super::{read, text};
use crate::call::{Call, Input};
use crate::permission::Key::{self, Member, Tags};
use crate::permission::Resource::{self, Any};
use crate::permission::{Named, Need, Row, Target, need};

/// The account, unit, root or policy of the organisation whose id is in a request member.
macro_rules! entity {
    ($member:literal) => {
        Resource::Of(|call, input| entity(call, text(input, $member)), &[$member])
    };
}

/// The account of `TargetId`, or the caller's own.
const EFFECTIVE_TARGET: Resource = Resource::Of(
    |call, input| match text(input, "TargetId") {
        "" => entity(call, call.account()),
        id => entity(call, id),
    },
    &["TargetId"],
);

/// The organisation's resource policy.
const OWN_POLICY: Resource = Resource::Of(
    |call, _| {
        let id = read(call).resource_policy_id();
        entity(call, &id)
    },
    &[],
);

/// The type of the policy that `PolicyId` names.
const POLICY_TYPE: Key = Key::Of("organizations:PolicyType", policy_type, &["PolicyId"]);

/// The entity of the organisation with an id. It counts as a resource of the caller's account; the
/// handler checks whether the organisation belongs to another account.
fn entity(call: &Call<'_>, id: &str) -> Named {
    let store = read(call);
    let arn = match store.policies.get(id) {
        Some(policy) => store.policy_arn(id, policy, call.partition()),
        None => {
            let kind = match id.split('-').next().unwrap_or_default() {
                "ou" => "ou",
                "r" => "root",
                "rp" => "resourcepolicy",
                "p" => "policy",
                _ => "account",
            };
            store.arn(kind, id, call.partition())
        }
    };
    Named {
        account: Some(call.account().to_owned()),
        ..Named::at(arn)
    }
}

fn policy_type(context: Context, call: &Call<'_>, input: &Input, _: &Target) -> Context {
    match read(call).policies.get(text(input, "PolicyId")) {
        Some(policy) => context.with("organizations:PolicyType", &policy.kind),
        None => context,
    }
}

const ACCOUNT: Resource = entity!("AccountId");
const PARENT: Resource = entity!("ParentId");
const POLICY: Resource = entity!("PolicyId");
const TARGET: Resource = entity!("TargetId");
const SERVICE: &[Key] = &[Member("organizations:ServicePrincipal", "ServicePrincipal")];

/// Tagging a resource when it is created. Source: "Tagging AWS Organizations resources".
const TAG: Need = need("organizations:TagResource", Any)
    .with(&[Tags("Tags")])
    .when("Tags");

pub(super) const NEEDS: &[Row] = &[
    (
        "AcceptHandshake",
        &[need("organizations:AcceptHandshake", Any)],
    ),
    (
        "AttachPolicy",
        &[
            need("organizations:AttachPolicy", POLICY).with(&[POLICY_TYPE]),
            need("organizations:AttachPolicy", TARGET).with(&[POLICY_TYPE]),
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
            entity!("OrganizationalUnitId"),
        )],
    ),
    (
        "DeletePolicy",
        &[need("organizations:DeletePolicy", POLICY).with(&[POLICY_TYPE])],
    ),
    (
        "DeleteResourcePolicy",
        &[need("organizations:DeleteResourcePolicy", OWN_POLICY)],
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
            need("organizations:DescribeEffectivePolicy", EFFECTIVE_TARGET)
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
            entity!("OrganizationalUnitId"),
        )],
    ),
    (
        "DescribePolicy",
        &[need("organizations:DescribePolicy", POLICY).with(&[POLICY_TYPE])],
    ),
    (
        "DescribeResourcePolicy",
        &[need("organizations:DescribeResourcePolicy", Any)],
    ),
    (
        "DetachPolicy",
        &[
            need("organizations:DetachPolicy", POLICY).with(&[POLICY_TYPE]),
            need("organizations:DetachPolicy", TARGET).with(&[POLICY_TYPE]),
        ],
    ),
    (
        "DisableAWSServiceAccess",
        &[need("organizations:DisableAWSServiceAccess", Any).with(SERVICE)],
    ),
    (
        "DisablePolicyType",
        &[need("organizations:DisablePolicyType", entity!("RootId"))
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
        &[need("organizations:EnablePolicyType", entity!("RootId"))
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
        &[need("organizations:ListParents", entity!("ChildId"))],
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
            entity!("ResourceId"),
        )],
    ),
    (
        "ListTargetsForPolicy",
        &[need("organizations:ListTargetsForPolicy", POLICY).with(&[POLICY_TYPE])],
    ),
    (
        "MoveAccount",
        &[
            need("organizations:MoveAccount", ACCOUNT),
            need("organizations:MoveAccount", entity!("SourceParentId")),
            need("organizations:MoveAccount", entity!("DestinationParentId")),
        ],
    ),
    (
        "PutResourcePolicy",
        &[
            need("organizations:PutResourcePolicy", OWN_POLICY).with(&[Tags("Tags")]),
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
        &[need("organizations:TagResource", entity!("ResourceId")).with(&[Tags("Tags")])],
    ),
    (
        "UntagResource",
        &[need("organizations:UntagResource", entity!("ResourceId"))
            .with(&[Member("aws:TagKeys", "TagKeys")])],
    ),
    (
        "UpdateOrganizationalUnit",
        &[need(
            "organizations:UpdateOrganizationalUnit",
            entity!("OrganizationalUnitId"),
        )],
    ),
    (
        "UpdatePolicy",
        &[need("organizations:UpdatePolicy", POLICY).with(&[POLICY_TYPE])],
    ),
];
