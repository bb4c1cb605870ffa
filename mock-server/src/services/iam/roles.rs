//! Roles: made, read, listed, changed and deleted.

use serde_json::{Value, json};

use super::store::{Role, Store, unique_id};
use super::{documents, encoded, lock, managed, no_entity, page, store, tags, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateRole" => create,
        "GetRole" => get,
        "DeleteRole" => delete,
        "ListRoles" => list,
        "UpdateRole" => update,
        "UpdateRoleDescription" => update_description,
        "UpdateAssumeRolePolicy" => update_trust,
        "ListInstanceProfilesForRole" => list_instance_profiles,
        "PutRolePermissionsBoundary" => put_boundary,
        "DeleteRolePermissionsBoundary" => delete_boundary,
        _ => return None,
    })
}

pub(super) fn arn(call: &Call<'_>, name: &str, role: &Role) -> String {
    format!(
        "arn:{}:iam::{}:role{}{name}",
        call.partition(),
        call.account(),
        role.path
    )
}

/// How much of a role an answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// In the answer to its creation: what was given, and neither a default nor its use. Source:
    /// LocalStack's recordings.
    Created,
    /// In a list: neither tags nor boundary nor use. Source: "ListRoles", IAM API Reference, and
    /// LocalStack's recordings.
    Listed,
    Whole,
}

pub(super) fn shown(call: &Call<'_>, name: &str, role: &Role, told: Told) -> Value {
    let mut shown = json!({
        "Path": role.path,
        "RoleName": name,
        "RoleId": role.id,
        "Arn": arn(call, name, role),
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": encoded(&role.trust),
    });
    if !role.description.is_empty() {
        shown["Description"] = json!(role.description);
    }
    if role.max_session != 0 || told != Told::Created {
        shown["MaxSessionDuration"] = json!(if role.max_session == 0 {
            3600
        } else {
            role.max_session
        });
    }
    if told != Told::Listed {
        shown["Tags"] = tags::shown(&role.tags);
        shown["PermissionsBoundary"] = boundary(role);
    }
    if told == Told::Whole {
        shown["RoleLastUsed"] = last_used(role);
    }
    shown
}

pub(super) fn boundary(role: &Role) -> Value {
    role.boundary.as_ref().map_or(
        Value::Null,
        |arn| json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}),
    )
}

pub(super) fn last_used(role: &Role) -> Value {
    role.last_used.as_ref().map_or_else(
        || json!({}),
        |(at, region)| json!({"LastUsedDate": at, "Region": region}),
    )
}

fn missing(name: &str) -> AwsError {
    no_entity(format!("The role with name {name} cannot be found."))
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let name = text(input, "RoleName").to_owned();
    let given = tags::given(input)?;
    documents::trust(call, text(input, "AssumeRolePolicyDocument"))?;
    let store = store(call);
    let mut store = lock(&store);
    if store
        .roles
        .keys()
        .any(|known| known.eq_ignore_ascii_case(&name))
    {
        return Err(AwsError::new(
            "EntityAlreadyExistsException",
            format!("Role with name {name} already exists."),
        ));
    }
    let path = text(input, "Path");
    // AWS keeps this path for itself. The text is not recorded.
    if path.starts_with("/aws-service-role/") {
        return Err(AwsError::new(
            "InvalidInputException",
            format!("The path {path} is reserved for service-linked roles."),
        ));
    }
    let mut role = Role {
        path: if path.is_empty() {
            "/".to_owned()
        } else {
            path.to_owned()
        },
        id: unique_id(
            "AROA",
            &format!("{}{name}{}", call.account(), call.request_id),
        ),
        trust: text(input, "AssumeRolePolicyDocument").to_owned(),
        description: text(input, "Description").to_owned(),
        boundary: given_boundary(&store, input)?,
        max_session: input
            .get("MaxSessionDuration")
            .and_then(Value::as_u64)
            .unwrap_or(0),
        created: call.now.floor(),
        ..Role::default()
    };
    tags::put(&mut role.tags, given)?;
    store.modified = true;
    let answer = shown(call, &name, &role, Told::Created);
    store.roles.insert(name, role);
    Ok(json!({"Role": answer}))
}

/// There are no instance profiles here, so a role is in none.
fn list_instance_profiles(call: &Call<'_>, input: &Input) -> Answer {
    with(call, input, |_, _| {
        page(input, "InstanceProfiles", std::iter::empty())
    })
}

/// Reads a role.
pub(super) fn with<T>(
    call: &Call<'_>,
    input: &Input,
    then: impl FnOnce(&str, &Role) -> T,
) -> Result<T, AwsError> {
    let name = text(input, "RoleName");
    let store = store(call);
    let store = lock(&store);
    store
        .roles
        .get(name)
        .map(|role| then(name, role))
        .ok_or_else(|| missing(name))
}

/// Changes a role that is not AWS's to change: service-linked roles and those of permission sets
/// are. Source for code and text: issue 331 and pull request 1028 of rebuy-de/aws-nuke.
pub(super) fn change_own<T>(
    call: &Call<'_>,
    input: &Input,
    then: impl FnOnce(&mut Role) -> Result<T, AwsError>,
) -> Result<T, AwsError> {
    if with(call, input, |_, role| {
        ["/aws-service-role/", "/aws-reserved/"]
            .iter()
            .any(|path| role.path.starts_with(path))
    })? {
        let name = text(input, "RoleName");
        let message = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        );
        return Err(AwsError::new("UnmodifiableEntityException", message));
    }
    change(call, input, then)
}

/// Changes a role.
pub(super) fn change<T>(
    call: &Call<'_>,
    input: &Input,
    then: impl FnOnce(&mut Role) -> Result<T, AwsError>,
) -> Result<T, AwsError> {
    let name = text(input, "RoleName");
    let store = store(call);
    let mut store = lock(&store);
    let done = then(store.roles.get_mut(name).ok_or_else(|| missing(name))?)?;
    store.modified = true;
    Ok(done)
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    with(
        call,
        input,
        |name, role| json!({"Role": shown(call, name, role, Told::Whole)}),
    )
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let conflict = |message: &str| Err(AwsError::new("DeleteConflictException", message));
    change_own(call, input, |role| {
        match (role.attached.is_empty(), role.inline.is_empty()) {
            (false, _) => conflict("Cannot delete entity, must detach all policies first."),
            (true, false) => conflict("Cannot delete entity, must delete policies first."),
            (true, true) => Ok(()),
        }
    })?;
    remove(call, &mut lock(&store(call)), text(input, "RoleName"));
    Ok(json!({}))
}

/// Takes a role away. Trust policies of the account that name it show its id from then on: they are
/// kept by id, so that a new role of the same name is not let in. Source: "AWS JSON policy
/// elements: Principal", role principals. Those of other accounts keep the ARN here.
pub(super) fn remove(call: &Call<'_>, store: &mut Store, name: &str) {
    let Some(role) = store.roles.remove(name) else {
        return;
    };
    let (named, by_id) = (
        format!("\"{}\"", arn(call, name, &role)),
        format!("\"{}\"", role.id),
    );
    for other in store
        .roles
        .values_mut()
        .filter(|other| other.trust.contains(&named))
    {
        other.trust = other.trust.replace(&named, &by_id);
    }
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let prefix = text(input, "PathPrefix");
    let roles = store
        .roles
        .iter()
        .filter(|(_, role)| role.path.starts_with(prefix));
    Ok(page(
        input,
        "Roles",
        roles.map(|(name, role)| shown(call, name, role, Told::Listed)),
    ))
}

/// Without a duration, that of one hour comes back; a description that is not given stays. Source:
/// "UpdateRole", IAM API Reference.
fn update(call: &Call<'_>, input: &Input) -> Answer {
    let seconds = input.get("MaxSessionDuration").and_then(Value::as_u64);
    let is_linked = with(call, input, |_, role| {
        role.path.starts_with("/aws-service-role/")
    })?;
    let then = |role: &mut Role| {
        if input.contains_key("Description") {
            role.description = text(input, "Description").to_owned();
        }
        role.max_session = seconds.unwrap_or(0);
        Ok(json!({}))
    };
    // Of a service-linked role the description may be edited. Source: "Edit a service-linked role",
    // IAM User Guide.
    if is_linked && seconds.is_none() {
        change(call, input, then)
    } else {
        change_own(call, input, then)
    }
}

fn update_description(call: &Call<'_>, input: &Input) -> Answer {
    change(call, input, |role| {
        role.description = text(input, "Description").to_owned();
        Ok(())
    })?;
    get(call, input)
}

fn update_trust(call: &Call<'_>, input: &Input) -> Answer {
    with(call, input, |_, _| ())?;
    documents::trust(call, text(input, "PolicyDocument"))?;
    change_own(call, input, |role| {
        role.trust = text(input, "PolicyDocument").to_owned();
        Ok(json!({}))
    })
}

/// The boundary that is asked for, which has to be a policy that is there. Source of the text:
/// ROSA's and SAM's users, who quote it in issues.
fn given_boundary(store: &Store, input: &Input) -> Result<Option<String>, AwsError> {
    let arn = text(input, "PermissionsBoundary");
    if arn.is_empty() {
        return Ok(None);
    }
    super::policies::parsed(arn)?;
    if store.policies.contains_key(arn)
        || managed::find(arn).is_some_and(|policy| !policy.is_of_service())
    {
        return Ok(Some(arn.to_owned()));
    }
    Err(no_entity(format!(
        "Scope ARN: {arn} does not exist or is not attachable."
    )))
}

fn put_boundary(call: &Call<'_>, input: &Input) -> Answer {
    with(call, input, |_, _| ())?;
    let boundary = given_boundary(&lock(&store(call)), input)?;
    change_own(call, input, |role| {
        role.boundary = boundary;
        Ok(json!({}))
    })
}

fn delete_boundary(call: &Call<'_>, input: &Input) -> Answer {
    change_own(call, input, |role| {
        role.boundary = None;
        Ok(json!({}))
    })
}
