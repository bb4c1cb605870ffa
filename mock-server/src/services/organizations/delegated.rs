//! Delegated administrators.

use serde_json::json;

use super::errors::{no_account, violation};
use super::service_access::recognized;
use super::store::Store;
use super::{accounts, manager, page, read, reader, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "RegisterDelegatedAdministrator" => register,
        "DeregisterDelegatedAdministrator" => deregister,
        "ListDelegatedAdministrators" => list,
        "ListDelegatedServicesForAccount" => list_services,
        _ => return None,
    })
}

fn not_registered() -> AwsError {
    AwsError::new(
        "AccountNotRegisteredException",
        "The provided account is not a registered delegated administrator for your organization.",
    )
}

/// The account must exist, and must not be the management account.
fn eligible(store: &Store, id: &str) -> Result<(), AwsError> {
    if id == store.management_account {
        return Err(violation(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register master account/yourself as delegated administrator for your organization.",
        ));
    }
    if store.accounts.contains_key(id) {
        Ok(())
    } else {
        Err(no_account())
    }
}

fn register(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let (id, service) = (text(input, "AccountId"), text(input, "ServicePrincipal"));
    eligible(&store, id)?;
    recognized(service)?;
    if store
        .accounts
        .get(id)
        .is_some_and(|account| account.state != "ACTIVE")
    {
        return Err(violation(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register a suspended account as a delegated administrator.",
        ));
    }
    if store
        .delegated
        .get(id)
        .is_some_and(|services| services.contains_key(service))
    {
        return Err(AwsError::new(
            "AccountAlreadyRegisteredException",
            "The provided account is already a delegated administrator for your organization.",
        ));
    }
    store
        .delegated
        .entry(id.to_owned())
        .or_default()
        .insert(service.to_owned(), call.now.floor());
    Ok(json!({}))
}

fn deregister(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let (id, service) = (text(input, "AccountId"), text(input, "ServicePrincipal"));
    eligible(&store, id)?;
    recognized(service)?;
    let services = store.delegated.get_mut(id).ok_or_else(not_registered)?;
    services.remove(service).ok_or_else(not_registered)?;
    if services.is_empty() {
        store.delegated.remove(id);
    }
    Ok(json!({}))
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let service = text(input, "ServicePrincipal");
    if input.contains_key("ServicePrincipal") {
        recognized(service)?;
    }
    let found = store
        .delegated
        .iter()
        .filter(|(_, services)| service.is_empty() || services.contains_key(service))
        .filter_map(|(id, services)| {
            let mut told = accounts::core(call, &store, id, store.accounts.get(id)?);
            // An account has been an administrator since its first registration.
            told["DelegationEnabledDate"] =
                json!(services.values().copied().fold(f64::INFINITY, f64::min));
            Some(told)
        });
    page(input, "DelegatedAdministrators", found)
}

fn list_services(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let id = text(input, "AccountId");
    if !store.accounts.contains_key(id) {
        return Err(no_account());
    }
    let services = store.delegated.get(id).ok_or_else(not_registered)?;
    page(
        input,
        "DelegatedServices",
        services
            .iter()
            .map(|(name, since)| json!({"ServicePrincipal": name, "DelegationEnabledDate": since})),
    )
}
