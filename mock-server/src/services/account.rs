//! Account Management: the Regions of an account, and whom AWS writes to about it.
//!
//! Contacts cannot be changed here: every account has the same address and a contact for security matters, and no other contacts.

use std::sync::PoisonError;

use serde_json::{Value, json};

use crate::call::{Answer, AwsError, Call, Handler, Input};

/// Finds an operation's handler.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "DisableRegion" => disable,
        "EnableRegion" => enable,
        "GetAlternateContact" => alternate_contact,
        "GetContactInformation" => contact,
        "GetRegionOptStatus" => get,
        "ListRegions" => list,
        _ => return None,
    })
}

fn text<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

/// The account that is asked about: another one only for the management account.
fn account(call: &Call<'_>, input: &Input) -> Result<String, AwsError> {
    let Some(other) = text(input, "AccountId").filter(|id| *id != call.account()) else { return Ok(call.account().to_owned()) };
    let store = call.world.organization().read().unwrap_or_else(PoisonError::into_inner);
    if store.management_account == call.account() && store.accounts.contains_key(other) {
        return Ok(other.to_owned());
    }
    Err(AwsError::new("AccessDeniedException", "User is not authorized to perform this operation on that account.").status(403))
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    let wanted: Vec<&str> =
        input.get("RegionOptStatusContains").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let most = input.get("MaxResults").and_then(Value::as_u64).and_then(|it| usize::try_from(it).ok()).unwrap_or(50).clamp(1, 50);
    let begin = text(input, "NextToken").and_then(|token| token.strip_prefix("page-")).and_then(|at| at.parse::<usize>().ok()).unwrap_or(0);
    let all = call.world.regions(&account);
    let fitting: Vec<_> = all.into_iter().filter(|(_, status)| wanted.is_empty() || wanted.contains(&status.as_str())).collect();
    let regions: Vec<Value> =
        fitting.iter().skip(begin).take(most).map(|(name, status)| json!({"RegionName": name, "RegionOptStatus": status})).collect();
    let next = (fitting.len() > begin + most).then(|| format!("page-{}", begin + most));
    Ok(json!({"Regions": regions, "NextToken": next}))
}

fn unknown(region: &str) -> AwsError {
    AwsError::new("ValidationException", format!("{region} is not a Region")).status(400)
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    let name = text(input, "RegionName").unwrap_or_default();
    let found = call.world.regions(&account).into_iter().find(|(region, _)| region == name);
    let (name, status) = found.ok_or_else(|| unknown(name))?;
    Ok(json!({"RegionName": name, "RegionOptStatus": status}))
}

fn set(call: &Call<'_>, input: &Input, status: &str) -> Answer {
    let account = account(call, input)?;
    let name = text(input, "RegionName").unwrap_or_default();
    let regions = call.world.regions(&account);
    let (_, before) = regions.iter().find(|(region, _)| region == name).ok_or_else(|| unknown(name))?;
    if before == "ENABLED_BY_DEFAULT" {
        return Err(AwsError::new("ValidationException", format!("{name} is enabled by default and cannot be changed")).status(400));
    }
    call.world.set_region(&account, name, status);
    Ok(json!({}))
}

fn enable(call: &Call<'_>, input: &Input) -> Answer {
    set(call, input, "ENABLED")
}

fn disable(call: &Call<'_>, input: &Input) -> Answer {
    set(call, input, "DISABLED")
}

/// The account's name: the organisation's, else its id.
fn name(call: &Call<'_>, account: &str) -> String {
    let store = call.world.organization().read().unwrap_or_else(PoisonError::into_inner);
    store.accounts.get(account).map_or_else(|| account.to_owned(), |it| it.name.chars().take(50).collect())
}

fn contact(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    Ok(json!({"ContactInformation": {
        "FullName": name(call, &account),
        "CompanyName": "Example Corp.",
        "AddressLine1": "100 Main Street",
        "City": "Seattle",
        "StateOrRegion": "WA",
        "PostalCode": "98101",
        "CountryCode": "US",
        "PhoneNumber": "+12065550100",
    }}))
}

fn alternate_contact(call: &Call<'_>, input: &Input) -> Answer {
    let account = account(call, input)?;
    if text(input, "AlternateContactType") != Some("SECURITY") {
        return Err(AwsError::new("ResourceNotFoundException", "No contact of the inputted alternate contact type found.").status(404));
    }
    Ok(json!({"AlternateContact": {
        "Name": name(call, &account),
        "Title": "Security",
        "EmailAddress": format!("security+{account}@example.com"),
        "PhoneNumber": "+12065550101",
        "AlternateContactType": "SECURITY",
    }}))
}
