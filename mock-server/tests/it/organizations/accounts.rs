//! Accounts, delegated administrators, services and tags.

use serde_json::{Value, json};

use super::{MANAGEMENT, Organization};

#[test]
fn an_address_belongs_to_one_account() {
    let it = Organization::new();
    it.account("orders");
    for email in [
        "orders@example.com",
        "ORDERS@example.com",
        &format!("{MANAGEMENT}@example.com"),
    ] {
        let status = it.call(
            "CreateAccount",
            json!({"Email": email, "AccountName": "again"}),
        )["CreateAccountStatus"]
            .clone();
        assert_eq!(
            (&status["State"], &status["FailureReason"]),
            (&json!("FAILED"), &json!("EMAIL_ALREADY_EXISTS")),
            "{email}"
        );
        assert!(status.get("AccountId").is_none(), "{status}");
        assert_eq!(
            it.call(
                "DescribeCreateAccountStatus",
                json!({"CreateAccountRequestId": status["Id"]})
            )["CreateAccountStatus"],
            status
        );
    }
    assert_eq!(it.all("ListAccounts", &json!({}), "Accounts").len(), 2);
    let listed = |states: Value| {
        it.all(
            "ListCreateAccountStatus",
            &json!({"States": states}),
            "CreateAccountStatuses",
        )
        .len()
    };
    assert_eq!(
        (
            listed(json!(["FAILED"])),
            listed(json!(["SUCCEEDED"])),
            listed(json!(["SUCCEEDED", "FAILED"]))
        ),
        (3, 1, 4)
    );
    let input =
        json!({"Email": "x@example.com", "AccountName": "x", "RoleName": "AWSServiceRoleForX"});
    it.refused(
        "CreateAccount",
        input,
        "InvalidInputException",
        "INVALID_ROLE_NAME",
    );
}

#[test]
fn an_account_is_closed_once_and_never_the_management_account() {
    let it = Organization::new();
    let account = it.account("orders");
    let of = |id: &str| json!({"AccountId": id});
    it.refused(
        "CloseAccount",
        of(MANAGEMENT),
        "ConstraintViolationException",
        "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
    );
    it.call("CloseAccount", of(&account));
    let closed = it.call("DescribeAccount", of(&account))["Account"].clone();
    assert_eq!(
        (&closed["State"], &closed["Status"]),
        (&json!("SUSPENDED"), &json!("SUSPENDED"))
    );
    let message = it.refused(
        "CloseAccount",
        of(&account),
        "AccountAlreadyClosedException",
        "",
    );
    assert_eq!(message, "The provided account is already closed.");
    let register = json!({"AccountId": account, "ServicePrincipal": "ssm.amazonaws.com"});
    let suspended = "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR";
    it.refused(
        "RegisterDelegatedAdministrator",
        register,
        "ConstraintViolationException",
        suspended,
    );
    it.call("RemoveAccountFromOrganization", of(&account));
    it.refused(
        "DescribeAccount",
        of(&account),
        "AccountNotFoundException",
        "",
    );
}

#[test]
fn whoever_leaves_leaves_nothing_behind() {
    let it = Organization::new();
    let (removed, leaver) = (it.account("removed"), it.account("leaver"));
    for account in [&removed, &leaver] {
        it.call(
            "TagResource",
            json!({"ResourceId": account, "Tags": [{"Key": "a", "Value": "b"}]}),
        );
    }
    let of = |id: &str| json!({"AccountId": id});
    it.refused(
        "RemoveAccountFromOrganization",
        of(MANAGEMENT),
        "MasterCannotLeaveOrganizationException",
        "",
    );
    it.refused(
        "LeaveOrganization",
        json!({}),
        "MasterCannotLeaveOrganizationException",
        "",
    );
    let service = json!({"AccountId": removed, "ServicePrincipal": "ssm.amazonaws.com"});
    it.call("RegisterDelegatedAdministrator", service.clone());
    let delegated = "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG";
    it.refused(
        "RemoveAccountFromOrganization",
        of(&removed),
        "ConstraintViolationException",
        delegated,
    );
    it.refused_as(
        &removed,
        "LeaveOrganization",
        &json!({}),
        "ConstraintViolationException",
        delegated,
    );
    it.call("DeregisterDelegatedAdministrator", service);
    it.call("RemoveAccountFromOrganization", of(&removed));
    it.call_as(&leaver, "LeaveOrganization", &json!({}));
    it.refused_as(
        &leaver,
        "DescribeOrganization",
        &json!({}),
        "AWSOrganizationsNotInUseException",
        "",
    );
    let targets = it.all(
        "ListTargetsForPolicy",
        &json!({"PolicyId": "p-FullAWSAccess"}),
        "Targets",
    );
    assert_eq!(
        targets.len(),
        2,
        "the root and the management account: {targets:?}"
    );
    it.refused(
        "ListTagsForResource",
        json!({"ResourceId": removed}),
        "TargetNotFoundException",
        "",
    );
    it.call("DeleteOrganization", json!({}));
}

#[test]
fn delegated_administrators_are_members_and_keep_their_date() {
    let it = Organization::new();
    let account = it.account("security");
    let of =
        |account: &str, service: &str| json!({"AccountId": account, "ServicePrincipal": service});
    let (register, deregister) = (
        "RegisterDelegatedAdministrator",
        "DeregisterDelegatedAdministrator",
    );
    for operation in [register, deregister] {
        let master = "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR";
        let message = it.refused(
            operation,
            of(MANAGEMENT, "ssm.amazonaws.com"),
            "ConstraintViolationException",
            master,
        );
        assert_eq!(
            message,
            "You cannot register master account/yourself as delegated administrator for your organization."
        );
        it.refused(
            operation,
            of("999999999999", "ssm.amazonaws.com"),
            "AccountNotFoundException",
            "",
        );
        let message = it.refused(
            operation,
            of(&account, "nobody.amazonaws.com"),
            "InvalidInputException",
            "UNRECOGNIZED_SERVICE_PRINCIPAL",
        );
        assert_eq!(message, "You specified an unrecognized service principal.");
    }
    it.refused(
        deregister,
        of(&account, "ssm.amazonaws.com"),
        "AccountNotRegisteredException",
        "",
    );
    it.refused(
        "ListDelegatedServicesForAccount",
        json!({"AccountId": account}),
        "AccountNotRegisteredException",
        "",
    );
    it.call(register, of(&account, "ssm.amazonaws.com"));
    it.refused(
        register,
        of(&account, "ssm.amazonaws.com"),
        "AccountAlreadyRegisteredException",
        "",
    );
    it.refused(
        deregister,
        of(&account, "guardduty.amazonaws.com"),
        "AccountNotRegisteredException",
        "",
    );

    let listed = || {
        it.call("ListDelegatedAdministrators", json!({}))["DelegatedAdministrators"][0]["DelegationEnabledDate"].clone()
    };
    let services = || {
        it.call(
            "ListDelegatedServicesForAccount",
            json!({"AccountId": account}),
        )["DelegatedServices"]
            .clone()
    };
    let (before, of_services) = (listed(), services());
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert_eq!((listed(), services()), (before.clone(), of_services));
    // Another service has a later date; the account's date is that of its first service.
    it.call(register, of(&account, "guardduty.amazonaws.com"));
    assert_eq!(listed(), before);
    assert!(
        services()[0]["DelegationEnabledDate"].as_f64() > before.as_f64(),
        "{}",
        services()
    );
    it.refused(
        "ListDelegatedAdministrators",
        json!({"ServicePrincipal": "nobody.amazonaws.com"}),
        "InvalidInputException",
        "UNRECOGNIZED_SERVICE_PRINCIPAL",
    );
}

#[test]
fn access_is_given_to_services_that_organizations_knows() {
    let it = Organization::new();
    for operation in ["EnableAWSServiceAccess", "DisableAWSServiceAccess"] {
        let input = json!({"ServicePrincipal": "nobody.amazonaws.com"});
        it.refused(
            operation,
            input,
            "InvalidInputException",
            "UNRECOGNIZED_SERVICE_PRINCIPAL",
        );
    }
    let dates = || {
        it.call("ListAWSServiceAccessForOrganization", json!({}))["EnabledServicePrincipals"]
            .clone()
    };
    it.call(
        "EnableAWSServiceAccess",
        json!({"ServicePrincipal": "ssm.amazonaws.com"}),
    );
    let enabled = dates();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    it.call(
        "EnableAWSServiceAccess",
        json!({"ServicePrincipal": "ssm.amazonaws.com"}),
    );
    assert_eq!(dates(), enabled);
}

#[test]
fn tags_are_given_to_all_that_is_there_within_their_rules() {
    let it = Organization::new();
    let account = it.account("orders");
    let tag = |count: usize, prefix: &str| {
        let tags: Vec<Value> = (0..count)
            .map(|at| json!({"Key": format!("{prefix}{at}"), "Value": "v"}))
            .collect();
        json!({"ResourceId": account, "Tags": tags})
    };
    it.call("TagResource", tag(50, "k"));
    it.call("TagResource", tag(50, "k"));
    it.refused(
        "TagResource",
        tag(1, "other"),
        "ConstraintViolationException",
        "MAX_TAG_LIMIT_EXCEEDED",
    );
    it.refused(
        "TagResource",
        tag(51, "k"),
        "ConstraintViolationException",
        "MAX_TAG_LIMIT_EXCEEDED",
    );
    it.refused(
        "TagResource",
        tag(1, "aws:"),
        "InvalidInputException",
        "INVALID_SYSTEM_TAGS_PARAMETER",
    );
    it.refused(
        "UntagResource",
        json!({"ResourceId": account, "TagKeys": ["k0", "aws:x"]}),
        "InvalidInputException",
        "INVALID_SYSTEM_TAGS_PARAMETER",
    );
    let twice = json!([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]);
    it.refused(
        "TagResource",
        json!({"ResourceId": account, "Tags": twice}),
        "InvalidInputException",
        "DUPLICATE_TAG_KEY",
    );
    // A request that is rejected for its tags creates nothing.
    for (operation, mut input) in [
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": it.root, "Name": "x"}),
        ),
        (
            "CreateAccount",
            json!({"Email": "x@example.com", "AccountName": "x"}),
        ),
        (
            "CreatePolicy",
            json!({"Name": "x", "Description": "", "Type": "TAG_POLICY", "Content": r#"{"tags":{}}"#}),
        ),
        (
            "InviteAccountToOrganization",
            json!({"Target": {"Type": "ACCOUNT", "Id": "444455556666"}}),
        ),
    ] {
        input["Tags"] = twice.clone();
        it.refused(
            operation,
            input,
            "InvalidInputException",
            "DUPLICATE_TAG_KEY",
        );
    }
    let input =
        json!({"ParentId": it.root, "Name": "tagged", "Tags": [{"Key": "a", "Value": "b"}]});
    let unit = it.call("CreateOrganizationalUnit", input)["OrganizationalUnit"]["Id"].clone();
    assert_eq!(
        it.call("ListTagsForResource", json!({"ResourceId": unit}))["Tags"],
        json!([{"Key": "a", "Value": "b"}])
    );
}
