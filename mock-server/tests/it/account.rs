//! Account Management: values that were set can be read, and deleted values are gone.

use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock};

const ACCOUNT: &str = "111122223333";

fn call(mock: &Mock, operation: &str, input: &Value) -> Answer {
    mock.rest(
        ACCOUNT,
        "us-east-1",
        "account",
        "POST",
        &format!("/{operation}"),
        &input.to_string(),
    )
}

fn ok(mock: &Mock, operation: &str, input: &Value) -> Answer {
    let answer = call(mock, operation, input);
    assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
    answer
}

#[test]
fn contacts_are_kept_and_deleted() {
    let mock = Mock::start(Empty);
    let kind = json!({"AlternateContactType": "BILLING"});
    let contact = json!({"Name": "Ann", "Title": "CFO", "EmailAddress": "ann@example.com", "PhoneNumber": "+12065550100", "AlternateContactType": "BILLING"});
    assert_eq!(call(&mock, "getAlternateContact", &kind).status, 404);
    assert_eq!(call(&mock, "deleteAlternateContact", &kind).status, 404);
    ok(&mock, "putAlternateContact", &contact);
    assert_eq!(
        ok(&mock, "getAlternateContact", &kind).json()["AlternateContact"],
        contact
    );
    ok(&mock, "deleteAlternateContact", &kind);
    assert_eq!(call(&mock, "getAlternateContact", &kind).status, 404);
    // The alternate contact that every account starts with can be deleted too.
    let kind = json!({"AlternateContactType": "SECURITY"});
    ok(&mock, "deleteAlternateContact", &kind);
    assert_eq!(
        call(&mock, "getAlternateContact", &kind).header("x-amzn-errortype"),
        Some("ResourceNotFoundException")
    );

    let address = json!({"FullName": "Ann", "AddressLine1": "1 Road", "City": "Bern", "PostalCode": "3000", "CountryCode": "CH", "PhoneNumber": "+41310000000"});
    ok(
        &mock,
        "putContactInformation",
        &json!({"ContactInformation": address}),
    );
    assert_eq!(
        ok(&mock, "getContactInformation", &json!({})).json()["ContactInformation"],
        address
    );
    ok(&mock, "putAccountName", &json!({"AccountName": "orders"}));
    let information = ok(&mock, "getAccountInformation", &json!({})).json();
    assert_eq!(
        (&information["AccountName"], &information["AccountId"]),
        (&json!("orders"), &json!(ACCOUNT))
    );
    mock.page("POST", "/_localstack/state/reset");
    assert_ne!(
        ok(&mock, "getContactInformation", &json!({})).json()["ContactInformation"],
        address
    );
}

#[test]
fn regions_come_in_pages_whose_tokens_are_checked() {
    let mock = Mock::start(Empty);
    let all = ok(&mock, "listRegions", &json!({})).json()["Regions"]
        .as_array()
        .unwrap()
        .clone();
    let first = ok(&mock, "listRegions", &json!({"MaxResults": 2})).json();
    let second = ok(
        &mock,
        "listRegions",
        &json!({"MaxResults": 50, "NextToken": first["NextToken"]}),
    )
    .json();
    let pages = [
        first["Regions"].as_array().unwrap().as_slice(),
        second["Regions"].as_array().unwrap(),
    ]
    .concat();
    assert_eq!((pages, second.get("NextToken")), (all, None));
    let refused = call(
        &mock,
        "listRegions",
        &json!({"NextToken": "somewhere else"}),
    );
    assert_eq!(
        (refused.status, refused.header("x-amzn-errortype")),
        (400, Some("ValidationException")),
        "{}",
        refused.body
    );
}
