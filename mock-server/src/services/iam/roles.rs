//! Creates, reads, lists, changes and deletes roles.

use serde_json::{Value, json};

use super::store::{Role, Store, is_path_of_aws, unique_id};
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

/// How much of a role a response contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// In the response to its creation: what was given, without defaults and last use. Source:
    /// LocalStack's recordings.
    Created,
    /// In a list: without tags, boundary and last use. Source: "ListRoles", IAM API Reference, and
    /// LocalStack's recordings.
    Listed,
    Whole,
}

/// The members of every response.
pub(super) fn core(call: &Call<'_>, name: &str, role: &Role) -> Value {
    json!({
        "Path": role.path,
        "RoleName": name,
        "RoleId": role.id,
        "Arn": arn(call, name, role),
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": encoded(&role.trust),
    })
}

pub(super) fn shown(call: &Call<'_>, name: &str, role: &Role, told: Shown) -> Value {
    let mut shown = core(call, name, role);
    if !role.description.is_empty() {
        shown["Description"] = json!(role.description);
    }
    if role.max_session != 0 || told != Shown::Created {
        shown["MaxSessionDuration"] = json!(if role.max_session == 0 {
            3600
        } else {
            role.max_session
        });
    }
    if told != Shown::Listed {
        shown["Tags"] = tags::shown(&role.tags);
        shown["PermissionsBoundary"] = boundary(role);
    }
    if told == Shown::Whole {
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

pub(super) fn missing(name: &str) -> AwsError {
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
    // The text is not recorded.
    if is_path_of_aws(path) {
        return Err(AwsError::new(
            "InvalidInputException",
            format!("The path {path} is reserved for AWS."),
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
    let answer = shown(call, &name, &role, Shown::Created);
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
    then: impl FnOnce(&str, &Role) -> Result<T, AwsError>,
) -> Result<T, AwsError> {
    let name = text(input, "RoleName");
    let store = store(call);
    let store = lock(&store);
    then(name, store.roles.get(name).ok_or_else(|| missing(name))?)
}

/// Checks that a role exists.
pub(super) fn exists(call: &Call<'_>, input: &Input) -> Result<(), AwsError> {
    with(call, input, |_, _| Ok(()))
}

/// Checks that a role is not AWS's own. Source for code and text: issue 331 and pull request 1028
/// of rebuy-de/aws-nuke.
fn not_of_aws(input: &Input, role: &Role) -> Result<(), AwsError> {
    if !is_path_of_aws(&role.path) {
        return Ok(());
    }
    let name = text(input, "RoleName");
    let message = format!(
        "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    );
    Err(AwsError::new("UnmodifiableEntityException", message))
}

/// Changes a role that is not AWS's own.
pub(super) fn change_own<T>(
    call: &Call<'_>,
    input: &Input,
    then: impl FnOnce(&mut Role) -> Result<T, AwsError>,
) -> Result<T, AwsError> {
    change(call, input, |role| {
        not_of_aws(input, role)?;
        then(role)
    })
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
    with(call, input, |name, role| {
        Ok(json!({"Role": shown(call, name, role, Shown::Whole)}))
    })
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let conflict = |message: &str| Err(AwsError::new("DeleteConflictException", message));
    let name = text(input, "RoleName");
    let store = store(call);
    let mut store = lock(&store);
    let role = store.roles.get(name).ok_or_else(|| missing(name))?;
    not_of_aws(input, role)?;
    if !role.attached.is_empty() {
        return conflict("Cannot delete entity, must detach all policies first.");
    }
    if !role.inline.is_empty() {
        return conflict("Cannot delete entity, must delete policies first.");
    }
    remove(call, &mut store, name);
    Ok(json!({}))
}

/// Deletes a role. Trust policies of the account that name it contain its id from then on, so that
/// a new role of the same name is not trusted. Source: "AWS JSON policy elements: Principal", role
/// principals. Trust policies of other accounts keep the ARN here.
pub(super) fn remove(call: &Call<'_>, store: &mut Store, name: &str) {
    let Some(role) = store.roles.remove(name) else {
        return;
    };
    store.modified = true;
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
    page(
        input,
        "Roles",
        roles.map(|(name, role)| shown(call, name, role, Shown::Listed)),
    )
}

/// Handles calls that can change a role's description, which is all that can be changed of a
/// service-linked role. Source: "Edit a service-linked role", IAM User Guide.
fn describe(call: &Call<'_>, input: &Input, then: impl FnOnce(&mut Role)) -> Answer {
    change(call, input, |role| {
        if !role.is_service_linked() || input.contains_key("MaxSessionDuration") {
            not_of_aws(input, role)?;
        }
        if input.contains_key("Description") {
            role.description = text(input, "Description").to_owned();
        }
        then(role);
        Ok(json!({}))
    })
}

/// Without a duration, the default of one hour is restored; without a description, the old one is
/// kept. Source: "UpdateRole", IAM API Reference.
fn update(call: &Call<'_>, input: &Input) -> Answer {
    describe(call, input, |role| {
        role.max_session = input
            .get("MaxSessionDuration")
            .and_then(Value::as_u64)
            .unwrap_or(0)
    })
}

fn update_description(call: &Call<'_>, input: &Input) -> Answer {
    describe(call, input, |_| ())?;
    get(call, input)
}

fn update_trust(call: &Call<'_>, input: &Input) -> Answer {
    exists(call, input)?;
    documents::trust(call, text(input, "PolicyDocument"))?;
    change_own(call, input, |role| {
        role.trust = text(input, "PolicyDocument").to_owned();
        Ok(json!({}))
    })
}

/// The permissions boundary of a request, which must be an existing policy. Source of the text:
/// quoted by users of ROSA and SAM in issues.
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
    exists(call, input)?;
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
