//! The organisation and its units.

use serde_json::json;

use super::{MANAGEMENT, Organization};

#[test]
fn units_are_created_renamed_and_deleted_when_empty() {
    let it = Organization::new();
    let unit = it.unit(&it.root, "Workloads");
    let other = it.unit(&it.root, "Security");
    let below = it.unit(&unit, "Workloads");
    let account = it.account("orders");

    let renamed = it.call(
        "UpdateOrganizationalUnit",
        json!({"OrganizationalUnitId": unit, "Name": "Services"}),
    );
    assert_eq!(renamed["OrganizationalUnit"]["Name"], "Services");
    assert_eq!(
        renamed,
        it.call(
            "DescribeOrganizationalUnit",
            json!({"OrganizationalUnitId": unit})
        )
    );
    // A unit may be renamed to its own name, which is not a duplicate.
    it.call(
        "UpdateOrganizationalUnit",
        json!({"OrganizationalUnitId": unit, "Name": "Services"}),
    );
    let same = "DuplicateOrganizationalUnitException";
    let message = it.refused(
        "UpdateOrganizationalUnit",
        json!({"OrganizationalUnitId": other, "Name": "Services"}),
        same,
        "",
    );
    assert_eq!(message, "An OU with the same name already exists.");
    it.refused(
        "CreateOrganizationalUnit",
        json!({"ParentId": it.root, "Name": "Services"}),
        same,
        "",
    );

    let delete = |unit: &str| json!({"OrganizationalUnitId": unit});
    it.refused(
        "DeleteOrganizationalUnit",
        delete(&unit),
        "OrganizationalUnitNotEmptyException",
        "",
    );
    it.call(
        "MoveAccount",
        json!({"AccountId": account, "SourceParentId": it.root, "DestinationParentId": below}),
    );
    it.refused(
        "DeleteOrganizationalUnit",
        delete(&below),
        "OrganizationalUnitNotEmptyException",
        "",
    );
    it.call(
        "MoveAccount",
        json!({"AccountId": account, "SourceParentId": below, "DestinationParentId": it.root}),
    );
    it.call(
        "TagResource",
        json!({"ResourceId": below, "Tags": [{"Key": "a", "Value": "b"}]}),
    );
    it.call("DeleteOrganizationalUnit", delete(&below));
    it.call("DeleteOrganizationalUnit", delete(&unit));
    for operation in [
        "DescribeOrganizationalUnit",
        "DeleteOrganizationalUnit",
        "UpdateOrganizationalUnit",
    ] {
        it.refused(
            operation,
            delete(&unit),
            "OrganizationalUnitNotFoundException",
            "",
        );
    }
    // A deleted unit cannot be found, and a new unit has another id.
    it.refused(
        "ListTagsForResource",
        json!({"ResourceId": below}),
        "TargetNotFoundException",
        "",
    );
    let targets = it.all(
        "ListTargetsForPolicy",
        &json!({"PolicyId": "p-FullAWSAccess"}),
        "Targets",
    );
    assert!(
        targets
            .iter()
            .all(|target| target["TargetId"] != *unit && target["TargetId"] != *below),
        "{targets:?}"
    );
    assert_ne!(it.unit(&it.root, "Services"), unit);
}

#[test]
fn units_nest_five_deep() {
    let it = Organization::new();
    let deepest = (1..=5).fold(it.root.clone(), |parent, depth| {
        it.unit(&parent, &format!("level {depth}"))
    });
    let input = json!({"ParentId": deepest, "Name": "level 6"});
    let message = it.refused(
        "CreateOrganizationalUnit",
        input,
        "ConstraintViolationException",
        "OU_DEPTH_LIMIT_EXCEEDED",
    );
    assert!(
        message.contains("exceed the max depth allowed"),
        "{message}"
    );
    assert_eq!(
        it.call("ListParents", json!({"ChildId": deepest}))["Parents"][0]["Type"],
        "ORGANIZATIONAL_UNIT"
    );
}

#[test]
fn what_is_not_there_has_an_error_of_its_own() {
    let it = Organization::new();
    let (account, unit) = (it.account("orders"), it.unit(&it.root, "Workloads"));
    let (no_account, no_unit, no_policy, no_root) =
        ("999999999999", "ou-zzzz-zzzzzzzz", "p-zzzzzzzz", "r-zzzz");
    for (operation, input, code, words) in [
        (
            "DescribeAccount",
            json!({"AccountId": no_account}),
            "AccountNotFoundException",
            "You specified an account that doesn't exist.",
        ),
        (
            "CloseAccount",
            json!({"AccountId": no_account}),
            "AccountNotFoundException",
            "",
        ),
        (
            "RemoveAccountFromOrganization",
            json!({"AccountId": no_account}),
            "AccountNotFoundException",
            "",
        ),
        (
            "ListDelegatedServicesForAccount",
            json!({"AccountId": no_account}),
            "AccountNotFoundException",
            "",
        ),
        (
            "MoveAccount",
            json!({"AccountId": no_account, "SourceParentId": it.root, "DestinationParentId": unit}),
            "AccountNotFoundException",
            "",
        ),
        (
            "MoveAccount",
            json!({"AccountId": account, "SourceParentId": no_unit, "DestinationParentId": unit}),
            "SourceParentNotFoundException",
            "",
        ),
        (
            "MoveAccount",
            json!({"AccountId": account, "SourceParentId": it.root, "DestinationParentId": no_unit}),
            "DestinationParentNotFoundException",
            "",
        ),
        (
            "MoveAccount",
            json!({"AccountId": account, "SourceParentId": it.root, "DestinationParentId": it.root}),
            "DuplicateAccountException",
            "",
        ),
        (
            "ListParents",
            json!({"ChildId": no_account}),
            "ChildNotFoundException",
            "",
        ),
        (
            "ListChildren",
            json!({"ParentId": no_unit, "ChildType": "ACCOUNT"}),
            "ParentNotFoundException",
            "",
        ),
        (
            "ListAccountsForParent",
            json!({"ParentId": no_root}),
            "ParentNotFoundException",
            "",
        ),
        (
            "ListOrganizationalUnitsForParent",
            json!({"ParentId": no_root}),
            "ParentNotFoundException",
            "",
        ),
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": no_unit, "Name": "x"}),
            "ParentNotFoundException",
            "",
        ),
        (
            "DescribePolicy",
            json!({"PolicyId": no_policy}),
            "PolicyNotFoundException",
            "We can't find a policy with the PolicyId that you specified.",
        ),
        (
            "UpdatePolicy",
            json!({"PolicyId": no_policy, "Name": "x"}),
            "PolicyNotFoundException",
            "",
        ),
        (
            "DeletePolicy",
            json!({"PolicyId": no_policy}),
            "PolicyNotFoundException",
            "",
        ),
        (
            "ListTargetsForPolicy",
            json!({"PolicyId": no_policy}),
            "PolicyNotFoundException",
            "",
        ),
        (
            "AttachPolicy",
            json!({"PolicyId": no_policy, "TargetId": it.root}),
            "PolicyNotFoundException",
            "",
        ),
        (
            "DetachPolicy",
            json!({"PolicyId": no_policy, "TargetId": it.root}),
            "PolicyNotFoundException",
            "",
        ),
        (
            "AttachPolicy",
            json!({"PolicyId": "p-FullAWSAccess", "TargetId": no_unit}),
            "TargetNotFoundException",
            "You specified a target that doesn't exist.",
        ),
        (
            "DetachPolicy",
            json!({"PolicyId": "p-FullAWSAccess", "TargetId": no_account}),
            "TargetNotFoundException",
            "",
        ),
        (
            "DetachPolicy",
            json!({"PolicyId": "p-FullAWSAccess", "TargetId": no_root}),
            "TargetNotFoundException",
            "",
        ),
        (
            "ListPoliciesForTarget",
            json!({"TargetId": no_unit, "Filter": "SERVICE_CONTROL_POLICY"}),
            "TargetNotFoundException",
            "",
        ),
        (
            "DescribeEffectivePolicy",
            json!({"TargetId": no_account, "PolicyType": "TAG_POLICY"}),
            "TargetNotFoundException",
            "",
        ),
        (
            "TagResource",
            json!({"ResourceId": no_account, "Tags": [{"Key": "a", "Value": "b"}]}),
            "TargetNotFoundException",
            "",
        ),
        (
            "UntagResource",
            json!({"ResourceId": no_policy, "TagKeys": ["a"]}),
            "TargetNotFoundException",
            "",
        ),
        (
            "ListTagsForResource",
            json!({"ResourceId": no_unit}),
            "TargetNotFoundException",
            "",
        ),
        (
            "EnablePolicyType",
            json!({"RootId": no_root, "PolicyType": "TAG_POLICY"}),
            "RootNotFoundException",
            "You specified a root that doesn't exist.",
        ),
        (
            "DisablePolicyType",
            json!({"RootId": no_root, "PolicyType": "TAG_POLICY"}),
            "RootNotFoundException",
            "",
        ),
        (
            "DescribeCreateAccountStatus",
            json!({"CreateAccountRequestId": "car-zzzzzzzzzzzzzzzz"}),
            "CreateAccountStatusNotFoundException",
            "",
        ),
        (
            "DescribeHandshake",
            json!({"HandshakeId": "h-zzzzzzzzzzzzzzzz"}),
            "HandshakeNotFoundException",
            "",
        ),
        (
            "DescribeResourcePolicy",
            json!({}),
            "ResourcePolicyNotFoundException",
            "",
        ),
        (
            "DeleteResourcePolicy",
            json!({}),
            "ResourcePolicyNotFoundException",
            "",
        ),
    ] {
        let message = it.refused(operation, input, code, "");
        assert!(
            words.is_empty() || message == words,
            "{operation}: {message}"
        );
    }
}

#[test]
fn only_the_management_account_changes_things_and_outsiders_see_nothing() {
    let it = Organization::new();
    let member = it.account("orders");
    for (operation, input) in [
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": it.root, "Name": "x"}),
        ),
        (
            "CreateAccount",
            json!({"Email": "x@example.com", "AccountName": "x"}),
        ),
        ("ListAccounts", json!({})),
        ("DeleteOrganization", json!({})),
        (
            "EnableAWSServiceAccess",
            json!({"ServicePrincipal": "ssm.amazonaws.com"}),
        ),
        ("DeletePolicy", json!({"PolicyId": "p-FullAWSAccess"})),
    ] {
        it.refused_as(&member, operation, &input, "AccessDeniedException", "");
        it.refused_as(
            "999999999999",
            operation,
            &input,
            "AWSOrganizationsNotInUseException",
            "",
        );
    }
    // A member may see which organisation it is in.
    assert_eq!(
        it.call_as(&member, "DescribeOrganization", &json!({}))["Organization"]["MasterAccountId"],
        MANAGEMENT
    );
    it.refused_as(
        &member,
        "CreateOrganization",
        &json!({}),
        "AlreadyInOrganizationException",
        "",
    );
    it.refused(
        "DeleteOrganization",
        json!({}),
        "OrganizationNotEmptyException",
        "",
    );
}

#[test]
fn lists_come_in_pages_whose_tokens_are_checked() {
    let it = Organization::new();
    let parent = it.unit(&it.root, "parent");
    let mut made: Vec<String> = (0..23)
        .map(|at| it.unit(&parent, &format!("unit {at}")))
        .collect();
    let mut listed: Vec<String> = it
        .all(
            "ListChildren",
            &json!({"ParentId": parent, "ChildType": "ORGANIZATIONAL_UNIT", "MaxResults": 4}),
            "Children",
        )
        .iter()
        .map(|child| child["Id"].as_str().unwrap().to_owned())
        .collect();
    made.sort();
    listed.sort();
    assert_eq!(listed, made);
    let page = it.call(
        "ListOrganizationalUnitsForParent",
        json!({"ParentId": parent}),
    );
    assert_eq!(
        (
            page["OrganizationalUnits"].as_array().unwrap().len(),
            page["NextToken"].is_string()
        ),
        (20, true)
    );
    let input = json!({"ParentId": parent, "NextToken": "somewhere else"});
    it.refused(
        "ListOrganizationalUnitsForParent",
        input,
        "InvalidInputException",
        "INVALID_NEXT_TOKEN",
    );
}
