//! Invitations. They stay open: nobody accepts them here.

use serde_json::{Value, json};

use super::{fresh_id, manager, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// How long an invitation stands, in seconds. Source: "Managing account invitations", AWS Organizations guide.
const STANDS: f64 = 15.0 * 86_400.0;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    (operation == "InviteAccountToOrganization").then_some(invite as Handler)
}

fn invite(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let party = |name: &str| input.get("Target").and_then(|it| it.get(name)).and_then(Value::as_str).unwrap_or_default();
    let (id, kind) = (party("Id"), party("Type"));
    let fits = match kind {
        "ACCOUNT" => id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()),
        "EMAIL" => id.contains('@'),
        _ => false,
    };
    if !fits {
        return Err(AwsError::new("InvalidInputException", "You specified an invalid value for Target.")
            .member("Reason", "INVALID_PARTY_TYPE_TARGET"));
    }
    if store.accounts.iter().any(|(account, it)| account == id || (kind == "EMAIL" && it.email.eq_ignore_ascii_case(id))) {
        return Err(AwsError::new("HandshakeConstraintViolationException", "The account is already a member of an organization.")
            .member("Reason", "ALREADY_IN_AN_ORGANIZATION"));
    }
    let target = json!({"Id": id, "Type": kind});
    let invited = |handshake: &Value| handshake["Parties"].as_array().is_some_and(|parties| parties.contains(&target));
    if store.handshakes.values().any(invited) {
        return Err(AwsError::new("DuplicateHandshakeException", "A handshake with the same action and target already exists."));
    }
    let handshake_id = format!("h-{}", fresh_id(call, 32));
    let management = store.accounts.get(&store.management_account).cloned().unwrap_or_default();
    let mut resources = vec![
        json!({"Type": "ORGANIZATION", "Value": store.id, "Resources": [
            {"Type": "MASTER_EMAIL", "Value": management.email},
            {"Type": "MASTER_NAME", "Value": management.name},
            {"Type": "ORGANIZATION_FEATURE_SET", "Value": "ALL"},
        ]}),
        json!({"Type": kind, "Value": id}),
    ];
    if input.contains_key("Notes") {
        resources.push(json!({"Type": "NOTES", "Value": text(input, "Notes")}));
    }
    let handshake = json!({
        "Id": handshake_id,
        "Arn": format!("arn:{}:organizations::{}:handshake/{}/invite/{handshake_id}", call.partition(), store.management_account, store.id),
        "Parties": [{"Id": store.id, "Type": "ORGANIZATION"}, target],
        "State": "OPEN",
        "RequestedTimestamp": call.now.floor(),
        "ExpirationTimestamp": call.now.floor() + STANDS,
        "Action": "INVITE",
        "Resources": resources,
    });
    store.handshakes.insert(handshake_id, handshake.clone());
    Ok(json!({"Handshake": handshake}))
}
