//! Invitations, and the request to enable all features.
//!
//! An invitation to an e-mail address is never accepted: only members of the organisation have
//! addresses here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::{denied, handshake_violation, invalid, not_found};
use super::store::{Account, Store};
use super::{accounts, fresh_id, manager, page, policy_types, read, reader, tags, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// How long an invitation is valid, in seconds. Source: "Managing account invitations", AWS
/// Organizations guide.
const STANDS: f64 = 15.0 * 86_400.0;
/// How long a request to enable all features is valid, in seconds. Source: "Enabling all features",
/// AWS Organizations guide.
const FEATURES_STAND: f64 = 90.0 * 86_400.0;

const INVITE: &str = "INVITE";
const ENABLE: &str = "ENABLE_ALL_FEATURES";

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "InviteAccountToOrganization" => invite,
        "EnableAllFeatures" => enable_all_features,
        "AcceptHandshake" => accept,
        "DeclineHandshake" => decline,
        "CancelHandshake" => cancel,
        "DescribeHandshake" => describe,
        "ListHandshakesForAccount" => list_for_account,
        "ListHandshakesForOrganization" => list_for_organization,
        _ => return None,
    })
}

/// A request from one party to another.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Handshake {
    /// INVITE or ENABLE_ALL_FEATURES.
    pub action: &'static str,
    /// REQUESTED, OPEN, CANCELED, ACCEPTED or DECLINED; EXPIRED is derived from the time.
    pub state: &'static str,
    /// Who is invited: ACCOUNT or EMAIL, and the id or address. `None` for ENABLE_ALL_FEATURES,
    /// which only the organisation itself receives.
    pub target: Option<(String, String)>,
    /// What the inviting account wrote.
    pub notes: Option<String>,
    /// Tags for the account that joins.
    pub tags: BTreeMap<String, String>,
    /// When it was sent, in seconds since the epoch.
    pub requested: f64,
    /// Until when it can be answered, in seconds since the epoch.
    pub expires: f64,
}

impl Handshake {
    fn state(&self, now: f64) -> &'static str {
        if matches!(self.state, "OPEN" | "REQUESTED") && self.expires <= now {
            "EXPIRED"
        } else {
            self.state
        }
    }

    fn is_waiting(&self, now: f64) -> bool {
        matches!(self.state(now), "OPEN" | "REQUESTED")
    }

    /// Whether an account is the recipient.
    fn is_for(&self, store: &Store, account: &str) -> bool {
        match &self.target {
            Some((kind, id)) => kind == "ACCOUNT" && id == account,
            None => store.management_account == account,
        }
    }

    fn answer(&self, call: &Call<'_>, store: &Store, id: &str) -> Value {
        let management = store
            .accounts
            .get(&store.management_account)
            .cloned()
            .unwrap_or_default();
        let mut parties = vec![json!({"Id": store.id, "Type": "ORGANIZATION"})];
        let mut resources = vec![
            json!({"Type": "ORGANIZATION", "Value": store.id, "Resources": [
                {"Type": "MASTER_EMAIL", "Value": management.email},
                {"Type": "MASTER_NAME", "Value": management.name},
                {"Type": "ORGANIZATION_FEATURE_SET", "Value": store.feature_set()},
            ]}),
        ];
        if let Some((kind, target)) = &self.target {
            parties.push(json!({"Id": target, "Type": kind}));
            resources.push(json!({"Type": kind, "Value": target}));
        }
        if let Some(notes) = &self.notes {
            resources.push(json!({"Type": "NOTES", "Value": notes}));
        }
        let part = self.action.to_ascii_lowercase();
        let arn = format!(
            "arn:{}:organizations::{}:handshake/{}/{part}/{id}",
            call.partition(),
            store.management_account,
            store.id
        );
        json!({
            "Id": id,
            "Arn": arn,
            "Parties": parties,
            "State": self.state(call.now),
            "RequestedTimestamp": self.requested,
            "ExpirationTimestamp": self.expires,
            "Action": self.action,
            "Resources": resources,
        })
    }
}

/// Who is to be invited, as a kind and an id.
fn party(store: &Store, input: &Input) -> Result<(String, String), AwsError> {
    let part = |name: &str| {
        input
            .get("Target")
            .and_then(|it| it.get(name))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (id, kind) = (part("Id"), part("Type"));
    match kind {
        "ACCOUNT" if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) => {}
        "EMAIL" if id.contains('@') => {}
        "EMAIL" => {
            return Err(invalid(
                "INVALID_EMAIL_ADDRESS_TARGET",
                "You specified an invalid email address for the invited account owner.",
            ));
        }
        _ => {
            let message = "You specified the wrong type of entity (account, organization, or email) as a party.";
            return Err(invalid("INVALID_PARTY_TYPE_TARGET", message));
        }
    }
    if store.accounts.iter().any(|(account, it)| {
        account == id || (kind == "EMAIL" && it.email.eq_ignore_ascii_case(id))
    }) {
        return Err(already_member());
    }
    Ok((kind.to_owned(), id.to_owned()))
}

fn already_member() -> AwsError {
    handshake_violation(
        "ALREADY_IN_AN_ORGANIZATION",
        "The provided account is already a member of an organization.",
    )
}

fn invite(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let target = party(&store, input)?;
    let tags = tags::given(input)?;
    if store
        .handshakes
        .values()
        .any(|it| it.action == ENABLE && it.is_waiting(call.now))
    {
        let message = "You can't invite accounts while the organization is in the process of enabling all features.";
        return Err(handshake_violation(
            "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
            message,
        ));
    }
    let waiting = store
        .handshakes
        .values()
        .any(|it| it.target.as_ref() == Some(&target) && it.is_waiting(call.now));
    if waiting {
        return Err(AwsError::new(
            "DuplicateHandshakeException",
            "A handshake with the same action and target already exists.",
        ));
    }
    let handshake = Handshake {
        action: INVITE,
        state: "OPEN",
        target: Some(target),
        notes: input
            .contains_key("Notes")
            .then(|| text(input, "Notes").to_owned()),
        tags,
        requested: call.now.floor(),
        expires: call.now.floor() + STANDS,
    };
    Ok(keep(call, &mut store, handshake))
}

fn keep(call: &Call<'_>, store: &mut Store, handshake: Handshake) -> Value {
    let id = format!("h-{}", fresh_id(call, 32));
    let answer = json!({"Handshake": handshake.answer(call, store, &id)});
    store.handshakes.insert(id, handshake);
    answer
}

/// Starts to enable all features; the management account completes this by accepting the handshake.
/// Invited accounts are not asked here.
fn enable_all_features(call: &Call<'_>, _: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    if !store.billing_only {
        return Err(handshake_violation(
            "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
            "The organization already has all features enabled.",
        ));
    }
    if store
        .handshakes
        .values()
        .any(|it| it.action == ENABLE && it.is_waiting(call.now))
    {
        return Err(handshake_violation(
            "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
            "The organization has already started the process to enable all features.",
        ));
    }
    let handshake = Handshake {
        action: ENABLE,
        state: "REQUESTED",
        requested: call.now.floor(),
        expires: call.now.floor() + FEATURES_STAND,
        ..Handshake::default()
    };
    Ok(keep(call, &mut store, handshake))
}

fn missing() -> AwsError {
    not_found("HandshakeNotFoundException", "a handshake")
}

/// The handshake that a call names, if it can still change to the state `becomes`.
fn answerable<'a>(
    call: &Call<'_>,
    store: &'a Store,
    input: &Input,
    becomes: &str,
) -> Result<(&'a str, &'a Handshake), AwsError> {
    let (id, handshake) = store
        .handshakes
        .get_key_value(text(input, "HandshakeId"))
        .ok_or_else(missing)?;
    let asked = handshake.is_for(store, call.account());
    let permitted = if becomes == "CANCELED" {
        call.account() == store.management_account
    } else {
        asked
    };
    if !permitted {
        return Err(if asked || call.account() == store.management_account {
            denied()
        } else {
            missing()
        });
    }
    match handshake.state(call.now) {
        state if state == becomes => Err(AwsError::new(
            "HandshakeAlreadyInStateException",
            format!(
                "The specified handshake is already {}.",
                becomes.to_lowercase()
            ),
        )),
        "OPEN" | "REQUESTED" => Ok((id, handshake)),
        state => Err(AwsError::new(
            "InvalidHandshakeTransitionException",
            format!(
                "You can't perform the operation on a handshake that is {}.",
                state.to_lowercase()
            ),
        )),
    }
}

fn settle(call: &Call<'_>, store: &mut Store, id: &str, state: &'static str) -> Answer {
    let handshake = store.handshakes.get_mut(id).ok_or_else(missing)?;
    handshake.state = state;
    let settled = handshake.clone();
    Ok(json!({"Handshake": settled.answer(call, store, id)}))
}

fn accept(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    let (id, handshake) = answerable(call, &store, input, "ACCEPTED")?;
    let (id, action, tags) = (id.to_owned(), handshake.action, handshake.tags.clone());
    if action == ENABLE {
        store.billing_only = false;
        policy_types::add_full_access(&mut store);
    } else {
        if store.accounts.contains_key(call.account()) {
            return Err(already_member());
        }
        let account = Account {
            name: call.account().to_owned(),
            email: format!("{}@example.com", call.account()),
            state: "ACTIVE".to_owned(),
            joined_method: "INVITED".to_owned(),
            joined: call.now.floor(),
            parent: String::new(),
        };
        accounts::admit(&mut store, call.account(), account);
        store.set_tags(call.account(), tags);
    }
    settle(call, &mut store, &id, "ACCEPTED")
}

fn decline(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    let id = answerable(call, &store, input, "DECLINED")?.0.to_owned();
    settle(call, &mut store, &id, "DECLINED")
}

fn cancel(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    let id = answerable(call, &store, input, "CANCELED")?.0.to_owned();
    settle(call, &mut store, &id, "CANCELED")
}

fn describe(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    let (id, handshake) = store
        .handshakes
        .get_key_value(text(input, "HandshakeId"))
        .ok_or_else(missing)?;
    if !(handshake.is_for(&store, call.account()) || reader(call, &store).is_ok()) {
        return Err(missing());
    }
    Ok(json!({"Handshake": handshake.answer(call, &store, id)}))
}

fn list(
    call: &Call<'_>,
    store: &Store,
    input: &Input,
    shown: impl Fn(&Handshake) -> bool,
) -> Answer {
    let filter = |name: &str| {
        input
            .get("Filter")
            .and_then(|filter| filter.get(name))
            .and_then(Value::as_str)
    };
    // No handshake has children here.
    let childless = filter("ParentHandshakeId").is_none();
    let fits = |it: &Handshake| {
        childless && filter("ActionType").is_none_or(|action| it.action == action) && shown(it)
    };
    page(
        input,
        "Handshakes",
        store
            .handshakes
            .iter()
            .filter(|(_, it)| fits(it))
            .map(|(id, it)| it.answer(call, store, id)),
    )
}

fn list_for_account(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    list(call, &store, input, |handshake| {
        handshake.is_for(&store, call.account())
    })
}

fn list_for_organization(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    list(call, &store, input, |_| true)
}
