//! Account Management: the Regions of an account, and its contacts.
//!
//! Every account starts with the same address and a security contact, and no other contacts.
//! Enabling and disabling a Region takes effect immediately.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use serde_json::{Value, json};

use super::members;
use super::pages::Page;
use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::services::organizations::store::Organization;
use crate::shelf::Kind;
use crate::spec::{Quota, Spec};
use crate::world::World;

mod needs;

/// Account Management. Source of the quota: "Quotas for AWS Account Management".
pub(crate) const SERVICE: Spec = Spec {
    signs_as: &["account"],
    prefix: "account",
    handler,
    stores: &[Kind::store::<Store>()],
    regional: false,
    quotas: &[Quota::global(&["ListRegions"], 5.0, 5.0)],
    throttled: || AwsError::new("TooManyRequestsException", "Rate exceeded").status(429),
    needs: needs::NEEDS,
    ..Spec::DEFAULT
};

/// Finds an operation's handler.
fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "DeleteAlternateContact" => delete_alternate_contact,
        "DisableRegion" => disable,
        "EnableRegion" => enable,
        "GetAccountInformation" => information,
        "GetAlternateContact" => alternate_contact,
        "GetContactInformation" => contact,
        "GetRegionOptStatus" => get,
        "ListRegions" => list,
        "PutAccountName" => put_name,
        "PutAlternateContact" => put_alternate_contact,
        "PutContactInformation" => put_contact,
        _ => return None,
    })
}

/// An account's Regions, and the changes that clients have made to its name and contacts.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Store {
    /// The opt-in status of each Region, by AWS's names (`ENABLED`, `ENABLED_BY_DEFAULT`,
    /// `DISABLED`, …).
    pub regions: BTreeMap<String, String>,
    /// The name of an account that does not belong to an organisation.
    name: Option<String>,
    /// The primary contact information, as the API returns it.
    contact: Option<Value>,
    /// Alternate contacts by type, as the API returns them; `None` for a deleted one.
    alternate: BTreeMap<String, Option<Value>>,
    modified: bool,
}

impl crate::store::Store for Store {
    fn weight(&self) -> usize {
        1
    }

    fn modified(&self) -> bool {
        self.modified
    }
}

/// Whether a Region can be used in an account. Regions that the seed does not list can be used:
/// they may be newer ones.
pub(crate) fn is_enabled(world: &World, account: &str, region: &str) -> bool {
    let store = world.global::<Store>(account);
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    store.regions.get(region).map(String::as_str) != Some("DISABLED")
}

fn details(call: &Call<'_>, account: &str) -> Store {
    let store = call.world.global::<Store>(account);
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    store.clone()
}

fn change(call: &Call<'_>, account: &str, change: impl FnOnce(&mut Store)) {
    let store = call.world.global::<Store>(account);
    let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
    store.modified = true;
    change(&mut store);
}

fn text<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

/// The account of a request; only the management account and delegated administrators may name
/// another account.
fn account(call: &Call<'_>, input: &Input) -> Result<String, AwsError> {
    let Some(other) = text(input, "AccountId").filter(|id| *id != call.account()) else {
        return Ok(call.account().to_owned());
    };
    let store = call.world.part::<Organization>().read();
    let is_delegated = store
        .delegated
        .get(call.account())
        .is_some_and(|services| services.contains_key("account.amazonaws.com"));
    if (store.management_account == call.account() || is_delegated)
        && store.accounts.contains_key(other)
    {
        return Ok(other.to_owned());
    }
    Err(AwsError::new(
        "AccessDeniedException",
        "User is not authorized to perform this operation on that account.",
    )
    .status(403))
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    let page = Page::of(
        text(input, "NextToken").filter(|token| !token.is_empty()),
        input.get("MaxResults"),
        50,
        50,
    );
    // AWS's text is not known.
    let page = page.ok_or_else(|| invalid("The NextToken is not valid"))?;
    let wanted: Vec<&str> = members::texts(input, "RegionOptStatusContains").collect();
    let all = details(call, &account).regions;
    let fitting = all
        .iter()
        .filter(|&(_, status)| wanted.is_empty() || wanted.contains(&status.as_str()));
    let (regions, next) = page.of_items(
        fitting.map(|(name, status)| json!({"RegionName": name, "RegionOptStatus": status})),
    );
    Ok(json!({"Regions": regions, "NextToken": next}))
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationException", message).status(400)
}

fn unknown(region: &str) -> AwsError {
    invalid(format!("{region} is not a Region"))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    let name = text(input, "RegionName").unwrap_or_default();
    let regions = details(call, &account).regions;
    let status = regions.get(name).ok_or_else(|| unknown(name))?;
    Ok(json!({"RegionName": name, "RegionOptStatus": status}))
}

fn set(call: &Call<'_>, input: &Input, status: &str) -> Answer {
    let account = account(call, input)?;
    let name = text(input, "RegionName").unwrap_or_default();
    let regions = details(call, &account).regions;
    let before = regions.get(name).ok_or_else(|| unknown(name))?;
    if before == "ENABLED_BY_DEFAULT" {
        return Err(invalid(format!(
            "{name} is enabled by default and cannot be changed"
        )));
    }
    change(call, &account, |store| {
        store.regions.insert(name.to_owned(), status.to_owned());
    });
    Ok(json!({}))
}

fn enable(call: &Call<'_>, input: &Input) -> Answer {
    set(call, input, "ENABLED")
}

fn disable(call: &Call<'_>, input: &Input) -> Answer {
    set(call, input, "DISABLED")
}

/// The account's name: from the organisation, else the one that was set, else its id.
fn name(call: &Call<'_>, account: &str) -> String {
    let store = call.world.part::<Organization>().read();
    let member = store
        .accounts
        .get(account)
        .map(|it| it.name.chars().take(50).collect());
    member
        .or_else(|| details(call, account).name)
        .unwrap_or_else(|| account.to_owned())
}

fn information(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    let (created, state) = {
        let store = call.world.part::<Organization>().read();
        store
            .accounts
            .get(&account)
            .map_or((None, "ACTIVE".to_owned()), |it| {
                (Some(it.joined), it.state.clone())
            })
    };
    // Unlike Organizations, this service has no state for an account whose closure has begun. What
    // AWS returns for such an account is not known.
    let state = if state == "PENDING_CLOSURE" {
        "ACTIVE".to_owned()
    } else {
        state
    };
    Ok(
        json!({"AccountId": account, "AccountName": name(call, &account), "AccountCreatedDate": created, "AccountState": state}),
    )
}

fn put_name(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    let name = text(input, "AccountName").unwrap_or_default();
    let mut store = call.world.part::<Organization>().write();
    match store.accounts.get_mut(&account) {
        Some(member) => name.clone_into(&mut member.name),
        None => change(call, &account, |store| store.name = Some(name.to_owned())),
    }
    Ok(json!({}))
}

fn contact(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    let contact = details(call, &account).contact.unwrap_or_else(|| {
        json!({
            "FullName": name(call, &account),
            "CompanyName": "Example Corp.",
            "AddressLine1": "100 Main Street",
            "City": "Seattle",
            "StateOrRegion": "WA",
            "PostalCode": "98101",
            "CountryCode": "US",
            "PhoneNumber": "+12065550100",
        })
    });
    Ok(json!({"ContactInformation": contact}))
}

fn put_contact(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    change(call, &account, |details| {
        details.contact = input.get("ContactInformation").cloned()
    });
    Ok(json!({}))
}

/// An alternate contact; initially only the security contact exists.
fn alternate(call: &Call<'_>, account: &str, kind: &str) -> Result<Value, AwsError> {
    let changed = details(call, account).alternate.remove(kind);
    let found = changed.unwrap_or_else(|| {
        (kind == "SECURITY").then(|| {
            json!({
                "Name": name(call, account),
                "Title": "Security",
                "EmailAddress": format!("security+{account}@example.com"),
                "PhoneNumber": "+12065550101",
                "AlternateContactType": "SECURITY",
            })
        })
    });
    found.ok_or_else(|| {
        AwsError::new(
            "ResourceNotFoundException",
            "No contact of the inputted alternate contact type found.",
        )
        .status(404)
    })
}

fn alternate_contact(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    let contact = alternate(
        call,
        &account,
        text(input, "AlternateContactType").unwrap_or_default(),
    )?;
    Ok(json!({"AlternateContact": contact}))
}

fn put_alternate_contact(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    let mut contact = input.clone();
    contact.remove("AccountId");
    let kind = text(input, "AlternateContactType")
        .unwrap_or_default()
        .to_owned();
    change(call, &account, |details| {
        details.alternate.insert(kind, Some(Value::Object(contact)));
    });
    Ok(json!({}))
}

fn delete_alternate_contact(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    let kind = text(input, "AlternateContactType").unwrap_or_default();
    alternate(call, &account, kind)?;
    change(call, &account, |details| {
        details.alternate.insert(kind.to_owned(), None);
    });
    Ok(json!({}))
}
