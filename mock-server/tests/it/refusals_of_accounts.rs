//! Requests that Account Management and Organizations reject: nothing of the request may be kept.

use crate::client::{Mock, policy};
use crate::lambda::ACCOUNT;
use crate::refusals::{done, refused};
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

pub(crate) fn tagging(tags: &[(String, String)]) -> Vec<(&str, &str)> {
    [("RoleName", "serves")]
        .into_iter()
        .chain(
            tags.iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
        .collect()
}

#[test]
fn what_account_management_refuses_leaves_nothing() {
    let mock = Mock::start(Empty);
    let call = |operation: &str, body: &Value| {
        mock.rest(
            ACCOUNT,
            "us-east-1",
            "account",
            "POST",
            &format!("/{operation}"),
            &body.to_string(),
        )
    };
    let billing = json!({"AlternateContactType": "BILLING", "Name": "Ann", "Title": "CFO", "EmailAddress": "ann@example.com", "PhoneNumber": "1"});
    let address = json!({"FullName": "Ann", "AddressLine1": "1 Road", "City": "Bern", "PostalCode": "3000", "CountryCode": "CH", "PhoneNumber": "+1"});
    let mut foreign = billing.clone();
    foreign["AccountId"] = json!("444455556666");
    for (operation, body) in [
        ("putAlternateContact", foreign),
        (
            "putAccountName",
            json!({"AccountId": "444455556666", "AccountName": "orders"}),
        ),
        (
            "putContactInformation",
            json!({"AccountId": "444455556666", "ContactInformation": address}),
        ),
        (
            "deleteAlternateContact",
            json!({"AlternateContactType": "BILLING"}),
        ),
        ("disableRegion", json!({"RegionName": "us-east-1"})),
    ] {
        refused(&mock, &format!("{operation} {body}"), || {
            call(operation, &body)
        });
    }
    // Accepted calls do change the state.
    for (operation, body) in [
        ("putAlternateContact", billing),
        ("putAccountName", json!({"AccountName": "orders"})),
        (
            "putContactInformation",
            json!({"ContactInformation": address}),
        ),
        (
            "deleteAlternateContact",
            json!({"AlternateContactType": "SECURITY"}),
        ),
    ] {
        let before = mock.state();
        done(&call(operation, &body), operation);
        assert_ne!(mock.state(), before, "{operation}");
    }
}

#[test]
fn what_organizations_refuses_leaves_nothing() {
    let mock = Mock::start(Empty);
    let call =
        |operation: &str, body: &Value| mock.organizations(ACCOUNT, operation, &body.to_string());
    done(&call("CreateOrganization", &json!({})), "an organisation");
    let root = call("ListRoots", &json!({})).json()["Roots"][0]["Id"].clone();
    let unit = call(
        "CreateOrganizationalUnit",
        &json!({"ParentId": root, "Name": "apps"}),
    )
    .json()["OrganizationalUnit"]["Id"]
        .clone();
    done(
        &call(
            "CreateOrganizationalUnit",
            &json!({"ParentId": unit, "Name": "inner"}),
        ),
        "a unit",
    );
    let account = call(
        "CreateAccount",
        &json!({"AccountName": "a", "Email": "a@example.com"}),
    )
    .json()["CreateAccountStatus"]["AccountId"]
        .clone();
    let content = policy(&json!([{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]));
    let made = call("CreatePolicy", &json!({"Name": "p", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content})).json();
    let scp = made["Policy"]["PolicySummary"]["Id"].clone();
    done(
        &call("AttachPolicy", &json!({"PolicyId": scp, "TargetId": unit})),
        "an attachment",
    );
    let tags: Vec<Value> = (0..50)
        .map(|at| json!({"Key": format!("k{at}"), "Value": "v"}))
        .collect();
    done(
        &call("TagResource", &json!({"ResourceId": unit, "Tags": tags})),
        "tags",
    );
    let broken = "{\"Statement\":[]}";
    for (operation, body) in [
        ("CreateOrganization", json!({})),
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": root, "Name": "apps", "Tags": [{"Key": "a", "Value": "b"}]}),
        ),
        (
            "DeleteOrganizationalUnit",
            json!({"OrganizationalUnitId": unit}),
        ),
        (
            "MoveAccount",
            json!({"AccountId": account, "SourceParentId": unit, "DestinationParentId": root}),
        ),
        (
            "TagResource",
            json!({"ResourceId": unit, "Tags": [{"Key": "k1", "Value": "w"}, {"Key": "other", "Value": "w"}]}),
        ),
        (
            "TagResource",
            json!({"ResourceId": account, "Tags": [{"Key": "a", "Value": "w"}, {"Key": "aws:b", "Value": "w"}]}),
        ),
        (
            "UntagResource",
            json!({"ResourceId": unit, "TagKeys": ["k1", "aws:b"]}),
        ),
        (
            "CreatePolicy",
            json!({"Name": "q", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": broken}),
        ),
        (
            "UpdatePolicy",
            json!({"PolicyId": scp, "Name": "new", "Content": broken}),
        ),
        ("AttachPolicy", json!({"PolicyId": scp, "TargetId": unit})),
        ("DetachPolicy", json!({"PolicyId": scp, "TargetId": root})),
        ("DeletePolicy", json!({"PolicyId": scp})),
        (
            "DetachPolicy",
            json!({"PolicyId": "p-FullAWSAccess", "TargetId": account}),
        ),
        (
            "EnablePolicyType",
            json!({"RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY"}),
        ),
        (
            "RemoveAccountFromOrganization",
            json!({"AccountId": ACCOUNT}),
        ),
        ("CloseAccount", json!({"AccountId": ACCOUNT})),
        (
            "RegisterDelegatedAdministrator",
            json!({"AccountId": ACCOUNT, "ServicePrincipal": "guardduty.amazonaws.com"}),
        ),
    ] {
        refused(&mock, &format!("{operation} {body}"), || {
            call(operation, &body)
        });
    }
}
