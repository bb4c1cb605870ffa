//! Trusted services, delegated administrators, tags, and the organisation's resource policy.

use serde_json::{Value, json};

use super::{manager, not_found, org_arn, page, read, reader, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "EnableAWSServiceAccess" => enable_access,
        "DisableAWSServiceAccess" => disable_access,
        "ListAWSServiceAccessForOrganization" => list_access,
        "RegisterDelegatedAdministrator" => register,
        "DeregisterDelegatedAdministrator" => deregister,
        "ListDelegatedAdministrators" => list_delegated,
        "ListDelegatedServicesForAccount" => list_services,
        "ListTagsForResource" => list_tags,
        "TagResource" => tag,
        "UntagResource" => untag,
        "DescribeResourcePolicy" => describe_resource_policy,
        "PutResourcePolicy" => put_resource_policy,
        _ => return None,
    })
}

fn enable_access(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    store.service_access.insert(text(input, "ServicePrincipal").to_owned());
    Ok(json!({}))
}

fn disable_access(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    store.service_access.remove(text(input, "ServicePrincipal"));
    Ok(json!({}))
}

fn list_access(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    Ok(page(
        input,
        "EnabledServicePrincipals",
        store.service_access.iter().map(|name| json!({"ServicePrincipal": name, "DateEnabled": call.now.floor()})),
    ))
}

fn register(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let id = text(input, "AccountId").to_owned();
    if !store.accounts.contains_key(&id) {
        return Err(not_found("AccountNotFoundException", "an account"));
    }
    if !store.delegated.entry(id).or_default().insert(text(input, "ServicePrincipal").to_owned()) {
        return Err(AwsError::new(
            "AccountAlreadyRegisteredException",
            "The provided account is already a delegated administrator for your organization.",
        ));
    }
    Ok(json!({}))
}

fn deregister(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let id = text(input, "AccountId");
    let missing =
        || AwsError::new("AccountNotRegisteredException", "The specified account is not a delegated administrator for this AWS service.");
    let services = store.delegated.get_mut(id).ok_or_else(missing)?;
    if !services.remove(text(input, "ServicePrincipal")) {
        return Err(missing());
    }
    if services.is_empty() {
        store.delegated.remove(id);
    }
    Ok(json!({}))
}

fn list_delegated(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let service = text(input, "ServicePrincipal");
    let found = store.delegated.iter().filter(|(_, services)| service.is_empty() || services.contains(service)).filter_map(|(id, _)| {
        let account = store.accounts.get(id)?;
        Some(json!({
            "Id": id,
            "Arn": org_arn(call, &store, "account", id),
            "Email": account.email,
            "Name": account.name,
            "State": account.state,
            "JoinedMethod": account.joined_method,
            "JoinedTimestamp": account.joined,
            "DelegationEnabledDate": call.now.floor(),
        }))
    });
    Ok(page(input, "DelegatedAdministrators", found))
}

fn list_services(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let services = store.delegated.get(text(input, "AccountId"));
    let services = services
        .ok_or_else(|| AwsError::new("AccountNotRegisteredException", "The specified account is not a delegated administrator."))?;
    Ok(page(
        input,
        "DelegatedServices",
        services.iter().map(|name| json!({"ServicePrincipal": name, "DelegationEnabledDate": call.now.floor()})),
    ))
}

fn list_tags(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let tags = store.tags.get(text(input, "ResourceId")).into_iter().flatten();
    Ok(page(input, "Tags", tags.map(|(key, value)| json!({"Key": key, "Value": value}))))
}

fn tag(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let tags = store.tags.entry(text(input, "ResourceId").to_owned()).or_default();
    for tag in input.get("Tags").and_then(Value::as_array).into_iter().flatten() {
        tags.insert(tag["Key"].as_str().unwrap_or_default().to_owned(), tag["Value"].as_str().unwrap_or_default().to_owned());
    }
    Ok(json!({}))
}

fn untag(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    if let Some(tags) = store.tags.get_mut(text(input, "ResourceId")) {
        for key in input.get("TagKeys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            tags.remove(key);
        }
    }
    Ok(json!({}))
}

fn resource_policy(call: &Call<'_>, store: &super::Store, content: &str) -> Value {
    let id = format!("rp-{}", store.id.trim_start_matches("o-"));
    json!({"ResourcePolicy": {"ResourcePolicySummary": {"Id": id, "Arn": org_arn(call, store, "resourcepolicy", &id)}, "Content": content}})
}

fn describe_resource_policy(call: &Call<'_>, _: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let content = store.resource_policy.as_deref().ok_or_else(|| {
        AwsError::new("ResourcePolicyNotFoundException", "We can't find a resource policy request with the parameter that you specified.")
    })?;
    Ok(resource_policy(call, &store, content))
}

fn put_resource_policy(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    store.resource_policy = Some(text(input, "Content").to_owned());
    Ok(resource_policy(call, &store, text(input, "Content")))
}
