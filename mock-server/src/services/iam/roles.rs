//! Roles and their policies.

use serde_json::{Value, json};

use super::store::{Role, unique_id};
use super::{check_document, encoded, lock, no_entity, page, store, tags, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateRole" => create,
        "CreateServiceLinkedRole" => create_service_linked,
        "GetRole" => get,
        "DeleteRole" => delete,
        "ListRoles" => list,
        "UpdateRole" => update,
        "UpdateAssumeRolePolicy" => update_trust,
        "ListRolePolicies" => list_inline,
        "GetRolePolicy" => get_inline,
        "PutRolePolicy" => put_inline,
        "DeleteRolePolicy" => delete_inline,
        "ListAttachedRolePolicies" => list_attached,
        "AttachRolePolicy" => attach,
        "DetachRolePolicy" => detach,
        "ListRoleTags" => list_tags,
        "TagRole" => tag,
        "UntagRole" => untag,
        "ListInstanceProfilesForRole" => list_instance_profiles,
        "PutRolePermissionsBoundary" => put_boundary,
        "DeleteRolePermissionsBoundary" => delete_boundary,
        _ => return None,
    })
}

pub(super) fn arn(call: &Call<'_>, name: &str, role: &Role) -> String {
    format!("arn:{}:iam::{}:role{}{name}", call.partition(), call.account(), role.path)
}

fn shown(call: &Call<'_>, name: &str, role: &Role, whole: bool) -> Value {
    let mut shown = json!({
        "Path": role.path,
        "RoleName": name,
        "RoleId": role.id,
        "Arn": arn(call, name, role),
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": encoded(&role.trust),
        "Description": role.description,
        "MaxSessionDuration": if role.max_session == 0 { 3600 } else { role.max_session },
    });
    if whole {
        shown["Tags"] = json!(tags(&role.tags));
        shown["PermissionsBoundary"] = boundary(role);
        shown["RoleLastUsed"] = last_used(role);
    }
    shown
}

pub(super) fn boundary(role: &Role) -> Value {
    role.boundary.as_ref().map_or(Value::Null, |arn| json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}))
}

pub(super) fn last_used(role: &Role) -> Value {
    role.last_used.as_ref().map_or_else(|| json!({}), |(at, region)| json!({"LastUsedDate": at, "Region": region}))
}

fn missing(name: &str) -> AwsError {
    no_entity(format!("The role with name {name} cannot be found."))
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let name = text(input, "RoleName").to_owned();
    check_document(text(input, "AssumeRolePolicyDocument"))?;
    let store = store(call);
    let mut store = lock(&store);
    if store.roles.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
        return Err(AwsError::new("EntityAlreadyExistsException", format!("Role with name {name} already exists.")));
    }
    store.modified = true;
    let path = text(input, "Path");
    let role = Role {
        path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
        id: unique_id("AROA", &format!("{}{name}{}", call.account(), call.request_id)),
        trust: text(input, "AssumeRolePolicyDocument").to_owned(),
        description: text(input, "Description").to_owned(),
        boundary: Some(text(input, "PermissionsBoundary").to_owned()).filter(|arn| !arn.is_empty()),
        max_session: input.get("MaxSessionDuration").and_then(Value::as_u64).unwrap_or(0),
        created: call.now.floor(),
        tags: given_tags(input).collect(),
        ..Role::default()
    };
    let answer = shown(call, &name, &role, true);
    store.roles.insert(name, role);
    Ok(json!({"Role": answer}))
}

/// What follows `AWSServiceRoleFor`, where it is not the service's own name in capitals. Source: the services' pages on service-linked roles.
const SERVICE_LINKED: &[(&str, &str)] = &[
    ("access-analyzer", "AccessAnalyzer"),
    ("autoscaling", "AutoScaling"),
    ("config", "Config"),
    ("ecs", "ECS"),
    ("elasticloadbalancing", "ElasticLoadBalancing"),
    ("es", "AmazonElasticsearchService"),
    ("guardduty", "AmazonGuardDuty"),
    ("inspector2", "AmazonInspector2"),
    ("lambda", "Lambda"),
    ("organizations", "Organizations"),
    ("rds", "RDS"),
    ("replicator.lambda", "LambdaReplicator"),
    ("securityhub", "SecurityHub"),
    ("spot", "EC2Spot"),
];

/// The name of the role that a service is linked with; nothing where it is no service principal.
pub(crate) fn service_linked_name(service: &str, suffix: &str) -> Option<String> {
    let short = service.strip_suffix(".amazonaws.com").filter(|short| !short.is_empty())?;
    let known = SERVICE_LINKED.iter().find(|(name, _)| *name == short).map(|(_, role)| (*role).to_owned());
    let role = known.unwrap_or_else(|| {
        let capital = |word: &str| word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)).collect::<String>();
        short.split(['-', '.']).map(capital).collect()
    });
    let suffix = if suffix.is_empty() { String::new() } else { format!("_{suffix}") };
    Some(format!("AWSServiceRoleFor{role}{suffix}"))
}

fn create_service_linked(call: &Call<'_>, input: &Input) -> Answer {
    let service = text(input, "AWSServiceName");
    let name = service_linked_name(service, text(input, "CustomSuffix"))
        .ok_or_else(|| AwsError::new("InvalidInputException", format!("{service} is not a service principal.")))?;
    let store = store(call);
    let mut store = lock(&store);
    if store.roles.contains_key(&name) {
        let message = format!("Service role name {name} has been taken in this account, please try a different suffix.");
        return Err(AwsError::new("InvalidInputException", message));
    }
    store.modified = true;
    let statement = json!({"Effect": "Allow", "Principal": {"Service": [service]}, "Action": ["sts:AssumeRole"]});
    let role = Role {
        path: format!("/aws-service-role/{service}/"),
        id: unique_id("AROA", &format!("{}{name}{}", call.account(), call.request_id)),
        trust: json!({"Version": "2012-10-17", "Statement": [statement]}).to_string(),
        description: text(input, "Description").to_owned(),
        created: call.now.floor(),
        ..Role::default()
    };
    let answer = shown(call, &name, &role, true);
    store.roles.insert(name, role);
    Ok(json!({"Role": answer}))
}

/// There are no instance profiles here, so a role is in none.
fn list_instance_profiles(call: &Call<'_>, input: &Input) -> Answer {
    with(call, input, |_, _| page(input, "InstanceProfiles", std::iter::empty()))
}

fn given_tags(input: &Input) -> impl Iterator<Item = (String, String)> {
    let tags = input.get("Tags").and_then(Value::as_array).into_iter().flatten();
    tags.map(|tag| (tag["Key"].as_str().unwrap_or_default().to_owned(), tag["Value"].as_str().unwrap_or_default().to_owned()))
}

/// Reads a role.
fn with<T>(call: &Call<'_>, input: &Input, then: impl FnOnce(&str, &Role) -> T) -> Result<T, AwsError> {
    let name = text(input, "RoleName");
    let store = store(call);
    let store = lock(&store);
    store.roles.get(name).map(|role| then(name, role)).ok_or_else(|| missing(name))
}

/// Changes a role that is not AWS's to change: service-linked roles and those of permission sets are. Source for code and text: issue 331 and pull request
/// 1028 of rebuy-de/aws-nuke.
fn change_own<T>(call: &Call<'_>, input: &Input, then: impl FnOnce(&mut Role) -> Result<T, AwsError>) -> Result<T, AwsError> {
    if with(call, input, |_, role| ["/aws-service-role/", "/aws-reserved/"].iter().any(|path| role.path.starts_with(path)))? {
        let name = text(input, "RoleName");
        let message = format!("Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS");
        return Err(AwsError::new("UnmodifiableEntityException", message));
    }
    change(call, input, then)
}

/// Changes a role.
fn change<T>(call: &Call<'_>, input: &Input, then: impl FnOnce(&mut Role) -> Result<T, AwsError>) -> Result<T, AwsError> {
    let name = text(input, "RoleName");
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    then(store.roles.get_mut(name).ok_or_else(|| missing(name))?)
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    with(call, input, |name, role| json!({"Role": shown(call, name, role, true)}))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    change_own(call, input, |role| {
        if role.attached.is_empty() && role.inline.is_empty() {
            Ok(())
        } else {
            Err(AwsError::new("DeleteConflictException", "Cannot delete entity, must detach all policies first."))
        }
    })?;
    lock(&store(call)).roles.remove(text(input, "RoleName"));
    Ok(json!({}))
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let prefix = text(input, "PathPrefix");
    let roles = store.roles.iter().filter(|(_, role)| role.path.starts_with(prefix));
    Ok(page(input, "Roles", roles.map(|(name, role)| shown(call, name, role, false))))
}

fn update(call: &Call<'_>, input: &Input) -> Answer {
    change(call, input, |role| {
        if input.contains_key("Description") {
            role.description = text(input, "Description").to_owned();
        }
        if let Some(seconds) = input.get("MaxSessionDuration").and_then(Value::as_u64) {
            role.max_session = seconds;
        }
        Ok(json!({}))
    })
}

fn update_trust(call: &Call<'_>, input: &Input) -> Answer {
    check_document(text(input, "PolicyDocument"))?;
    change_own(call, input, |role| {
        role.trust = text(input, "PolicyDocument").to_owned();
        Ok(json!({}))
    })
}

fn list_inline(call: &Call<'_>, input: &Input) -> Answer {
    with(call, input, |_, role| page(input, "PolicyNames", role.inline.keys().map(|name| json!(name))))
}

fn no_policy(input: &Input) -> AwsError {
    no_entity(format!("The role policy with name {} cannot be found.", text(input, "PolicyName")))
}

fn get_inline(call: &Call<'_>, input: &Input) -> Answer {
    let document = with(call, input, |_, role| role.inline.get(text(input, "PolicyName")).cloned())?.ok_or_else(|| no_policy(input))?;
    Ok(json!({"RoleName": text(input, "RoleName"), "PolicyName": text(input, "PolicyName"), "PolicyDocument": encoded(&document)}))
}

fn put_inline(call: &Call<'_>, input: &Input) -> Answer {
    check_document(text(input, "PolicyDocument"))?;
    change_own(call, input, |role| {
        role.inline.insert(text(input, "PolicyName").to_owned(), text(input, "PolicyDocument").to_owned());
        Ok(json!({}))
    })
}

fn delete_inline(call: &Call<'_>, input: &Input) -> Answer {
    change_own(call, input, |role| role.inline.remove(text(input, "PolicyName")).map(|_| json!({})).ok_or_else(|| no_policy(input)))
}

fn list_attached(call: &Call<'_>, input: &Input) -> Answer {
    with(call, input, |_, role| page(input, "AttachedPolicies", role.attached.iter().map(|arn| attached(arn))))
}

pub(super) fn attached(arn: &str) -> Value {
    json!({"PolicyName": arn.rsplit('/').next(), "PolicyArn": arn})
}

fn attach(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    let aws_managed = arn.split(':').nth(4) == Some("aws");
    if !aws_managed && !lock(&store(call)).policies.contains_key(arn) {
        return Err(no_entity(format!("Policy {arn} does not exist or is not attachable.")));
    }
    change_own(call, input, |role| {
        role.attached.insert(arn.to_owned());
        Ok(json!({}))
    })
}

fn detach(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    change_own(
        call,
        input,
        |role| {
            if role.attached.remove(arn) { Ok(json!({})) } else { Err(no_entity(format!("Policy {arn} was not found."))) }
        },
    )
}

fn list_tags(call: &Call<'_>, input: &Input) -> Answer {
    with(call, input, |_, role| page(input, "Tags", tags(&role.tags).into_iter()))
}

fn tag(call: &Call<'_>, input: &Input) -> Answer {
    change(call, input, |role| {
        role.tags.extend(given_tags(input));
        Ok(json!({}))
    })
}

fn untag(call: &Call<'_>, input: &Input) -> Answer {
    change(call, input, |role| {
        for key in input.get("TagKeys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            role.tags.remove(key);
        }
        Ok(json!({}))
    })
}

fn put_boundary(call: &Call<'_>, input: &Input) -> Answer {
    change_own(call, input, |role| {
        role.boundary = Some(text(input, "PermissionsBoundary").to_owned());
        Ok(json!({}))
    })
}

fn delete_boundary(call: &Call<'_>, input: &Input) -> Answer {
    change_own(call, input, |role| {
        role.boundary = None;
        Ok(json!({}))
    })
}
