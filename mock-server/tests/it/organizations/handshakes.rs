//! Invitations.

use serde_json::{Value, json};

use super::{MANAGEMENT, Organization};

const INVITED: &str = "444455556666";

fn invite(it: &Organization) -> Value {
    let input =
        json!({"Target": {"Type": "ACCOUNT", "Id": INVITED}, "Tags": [{"Key": "a", "Value": "b"}]});
    json!({"HandshakeId": it.call("InviteAccountToOrganization", input)["Handshake"]["Id"]})
}

#[test]
fn an_invited_account_joins_by_accepting() {
    let it = Organization::new();
    let handshake = invite(&it);
    let input = json!({"Target": {"Type": "ACCOUNT", "Id": INVITED}});
    it.refused(
        "InviteAccountToOrganization",
        input.clone(),
        "DuplicateHandshakeException",
        "",
    );
    // Only the invited account can respond to it; for others it does not exist.
    it.refused(
        "AcceptHandshake",
        handshake.clone(),
        "AccessDeniedException",
        "",
    );
    it.refused_as(
        "999999999999",
        "AcceptHandshake",
        &handshake,
        "HandshakeNotFoundException",
        "",
    );
    it.refused_as(
        "999999999999",
        "DescribeHandshake",
        &handshake,
        "HandshakeNotFoundException",
        "",
    );
    it.refused_as(
        INVITED,
        "CancelHandshake",
        &handshake,
        "AccessDeniedException",
        "",
    );
    let seen = it.call_as(
        INVITED,
        "ListHandshakesForAccount",
        &json!({"Filter": {"ActionType": "INVITE"}}),
    );
    assert_eq!(
        seen["Handshakes"][0],
        it.call_as(INVITED, "DescribeHandshake", &handshake)["Handshake"]
    );

    assert_eq!(
        it.call_as(INVITED, "AcceptHandshake", &handshake)["Handshake"]["State"],
        "ACCEPTED"
    );
    let account = it.call("DescribeAccount", json!({"AccountId": INVITED}))["Account"].clone();
    assert_eq!(
        (&account["JoinedMethod"], &account["State"]),
        (&json!("INVITED"), &json!("ACTIVE"))
    );
    assert_eq!(
        it.call("ListTagsForResource", json!({"ResourceId": INVITED}))["Tags"],
        json!([{"Key": "a", "Value": "b"}])
    );
    let attached = json!({"TargetId": INVITED, "Filter": "SERVICE_CONTROL_POLICY"});
    assert_eq!(
        it.call("ListPoliciesForTarget", attached)["Policies"][0]["Name"],
        "FullAWSAccess"
    );
    it.refused_as(
        INVITED,
        "AcceptHandshake",
        &handshake,
        "HandshakeAlreadyInStateException",
        "",
    );
    it.refused_as(
        INVITED,
        "DeclineHandshake",
        &handshake,
        "InvalidHandshakeTransitionException",
        "",
    );
    it.refused(
        "CancelHandshake",
        handshake,
        "InvalidHandshakeTransitionException",
        "",
    );
    it.refused(
        "InviteAccountToOrganization",
        input,
        "HandshakeConstraintViolationException",
        "ALREADY_IN_AN_ORGANIZATION",
    );
}

#[test]
fn an_invitation_is_declined_or_cancelled_and_may_be_sent_again() {
    let it = Organization::new();
    let first = invite(&it);
    assert_eq!(
        it.call_as(INVITED, "DeclineHandshake", &first)["Handshake"]["State"],
        "DECLINED"
    );
    let again = invite(&it);
    assert_ne!(again, first);
    assert_eq!(
        it.call("CancelHandshake", again.clone())["Handshake"]["State"],
        "CANCELED"
    );
    it.refused(
        "CancelHandshake",
        again.clone(),
        "HandshakeAlreadyInStateException",
        "",
    );
    it.refused_as(
        INVITED,
        "AcceptHandshake",
        &again,
        "InvalidHandshakeTransitionException",
        "",
    );
    let states: Vec<Value> = it
        .all("ListHandshakesForOrganization", &json!({}), "Handshakes")
        .iter()
        .map(|handshake| handshake["State"].clone())
        .collect();
    assert!(
        states.len() == 2
            && states.contains(&json!("DECLINED"))
            && states.contains(&json!("CANCELED")),
        "{states:?}"
    );
    it.refused(
        "AcceptHandshake",
        json!({"HandshakeId": "h-zzzzzzzzzzzzzzzz"}),
        "HandshakeNotFoundException",
        "",
    );
}

#[test]
fn nobody_is_invited_who_cannot_be() {
    let it = Organization::new();
    for (target, code, reason) in [
        (
            json!({"Type": "ORGANIZATION", "Id": "o-a1b2c3d4e5"}),
            "InvalidInputException",
            "INVALID_PARTY_TYPE_TARGET",
        ),
        (
            json!({"Type": "ACCOUNT", "Id": "a@example.com"}),
            "InvalidInputException",
            "INVALID_PARTY_TYPE_TARGET",
        ),
        (
            json!({"Type": "EMAIL", "Id": "444455556666"}),
            "InvalidInputException",
            "INVALID_EMAIL_ADDRESS_TARGET",
        ),
        (
            json!({"Type": "ACCOUNT", "Id": MANAGEMENT}),
            "HandshakeConstraintViolationException",
            "ALREADY_IN_AN_ORGANIZATION",
        ),
        (
            json!({"Type": "EMAIL", "Id": format!("{MANAGEMENT}@example.com")}),
            "HandshakeConstraintViolationException",
            "ALREADY_IN_AN_ORGANIZATION",
        ),
    ] {
        it.refused(
            "InviteAccountToOrganization",
            json!({"Target": target}),
            code,
            reason,
        );
    }
}
