//! Managed policies: customer managed ones, and responses about AWS managed ones.

use std::collections::BTreeMap;

use lambdasweep_model::Arn;
use serde_json::{Value, json};

use super::store::{ManagedPolicy, Store, unique_id};
use super::{documents, lock, managed, no_entity, page, store, tags, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreatePolicy" => create,
        "GetPolicy" => get,
        "DeletePolicy" => delete,
        "ListPolicies" => list,
        "ListEntitiesForPolicy" => list_entities,
        _ => return None,
    })
}

/// Checks that a text is an ARN. Source: LocalStack's recordings of AttachRolePolicy.
pub(super) fn parsed(arn: &str) -> Result<(), AwsError> {
    let invalid =
        |_| AwsError::new("ValidationError", "Invalid ARN:  Could not be parsed!").status(400);
    arn.parse::<Arn>().map(|_| ()).map_err(invalid)
}

/// The path of a policy: `/`, or `/…/`.
pub(super) fn path_of(arn: &str) -> String {
    let name = arn
        .split_once(":policy/")
        .map(|(_, name)| name)
        .unwrap_or_default();
    name.rsplit_once('/')
        .map_or_else(|| "/".to_owned(), |(path, _)| format!("/{path}/"))
}

/// How many roles a policy is attached to, and of how many it is the permissions boundary.
#[derive(Debug, Default, Clone, Copy)]
struct Use {
    attached: usize,
    bounding: usize,
}

/// The policies that an account's roles have, by ARN.
pub(super) struct Uses<'a>(BTreeMap<&'a str, Use>);

impl<'a> Uses<'a> {
    pub(super) fn of(store: &'a Store) -> Self {
        let mut uses: BTreeMap<&str, Use> = BTreeMap::new();
        for role in store.roles.values() {
            role.attached
                .iter()
                .for_each(|arn| uses.entry(arn).or_default().attached += 1);
            role.boundary
                .iter()
                .for_each(|arn| uses.entry(arn).or_default().bounding += 1);
        }
        Self(uses)
    }

    fn of_policy(&self, arn: &str) -> Use {
        self.0.get(arn).copied().unwrap_or_default()
    }

    /// The ARNs of all policies that are used, in order.
    pub(super) fn arns(&self) -> impl Iterator<Item = &'a str> {
        self.0.keys().copied()
    }
}

/// A policy in a response, with the members that all policies have in common.
fn with_uses(uses: &Uses<'_>, arn: &str, mut shown: Value) -> Value {
    let uses = uses.of_policy(arn);
    shown["Arn"] = json!(arn);
    shown["AttachmentCount"] = json!(uses.attached);
    shown["PermissionsBoundaryUsageCount"] = json!(uses.bounding);
    shown["IsAttachable"] = json!(true);
    shown
}

/// A policy of the account. Lists leave out description and tags. Source: "ListPolicies", IAM API
/// Reference.
pub(super) fn shown(uses: &Uses<'_>, arn: &str, policy: &ManagedPolicy, whole: bool) -> Value {
    let shown = json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default_version),
        "CreateDate": policy.created,
        "UpdateDate": policy.updated.max(policy.created),
    });
    let mut shown = with_uses(uses, arn, shown);
    if whole {
        shown["Tags"] = json!(tags::listed(&policy.tags));
        if !policy.description.is_empty() {
            shown["Description"] = json!(policy.description);
        }
    }
    shown
}

/// An AWS managed policy. The catalogue has no ids, which are generated here, and no descriptions.
pub(super) fn shown_of_aws(
    uses: &Uses<'_>,
    arn: &str,
    policy: managed::Policy,
    whole: bool,
) -> Value {
    let shown = json!({
        "PolicyName": policy.name,
        "PolicyId": unique_id("ANPA", policy.name),
        "Path": policy.path,
        "DefaultVersionId": policy.version,
        "CreateDate": policy.created,
        "UpdateDate": policy.updated,
    });
    let mut shown = with_uses(uses, arn, shown);
    if whole {
        shown["Tags"] = json!([]);
    }
    shown
}

pub(super) fn missing(arn: &str) -> AwsError {
    no_entity(format!("Policy {arn} was not found."))
}

/// Reads a policy of the account.
pub(super) fn with<T>(
    call: &Call<'_>,
    input: &Input,
    then: impl FnOnce(&Store, &ManagedPolicy) -> Result<T, AwsError>,
) -> Result<T, AwsError> {
    let arn = text(input, "PolicyArn");
    parsed(arn)?;
    let store = store(call);
    let store = lock(&store);
    then(&store, store.policies.get(arn).ok_or_else(|| missing(arn))?)
}

/// Changes a customer managed policy. AWS managed policies cannot be changed, regardless of
/// permissions.
pub(super) fn change<T>(
    call: &Call<'_>,
    input: &Input,
    then: impl FnOnce(&mut ManagedPolicy) -> Result<T, AwsError>,
) -> Result<T, AwsError> {
    let arn = text(input, "PolicyArn");
    not_of_aws(call, arn)?;
    let store = store(call);
    let mut store = lock(&store);
    let done = then(store.policies.get_mut(arn).ok_or_else(|| missing(arn))?)?;
    store.modified = true;
    Ok(done)
}

fn not_of_aws(call: &Call<'_>, arn: &str) -> Result<(), AwsError> {
    parsed(arn)?;
    if managed::find(arn).is_none() {
        return Ok(());
    }
    let who = &call.caller.arn;
    let message = format!(
        "User: {who} is not authorized to perform: iam:{} on resource: policy {arn}",
        call.operation
    );
    Err(AwsError::new("AccessDenied", message).status(403))
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let given = tags::given(input)?;
    documents::boundary_or_managed(text(input, "PolicyDocument"))?;
    let path = if text(input, "Path").is_empty() {
        "/"
    } else {
        text(input, "Path")
    };
    let name = text(input, "PolicyName");
    let arn = format!(
        "arn:{}:iam::{}:policy{path}{name}",
        call.partition(),
        call.account()
    );
    let store = store(call);
    let mut store = lock(&store);
    if store
        .policies
        .values()
        .any(|policy| policy.name.eq_ignore_ascii_case(name))
    {
        return Err(AwsError::new(
            "EntityAlreadyExistsException",
            format!("A policy called {name} already exists. Duplicate names are not allowed."),
        ));
    }
    let mut policy = ManagedPolicy {
        name: name.to_owned(),
        path: path.to_owned(),
        id: unique_id("ANPA", &format!("{arn}{}", call.request_id)),
        description: text(input, "Description").to_owned(),
        versions: [(1, text(input, "PolicyDocument").to_owned())].into(),
        default_version: 1,
        created: call.now.floor(),
        ..ManagedPolicy::default()
    };
    tags::put(&mut policy.tags, given)?;
    store.modified = true;
    let mut answer = shown(&Uses::of(&store), &arn, &policy, true);
    // The response to CreatePolicy does not include the description. Source: "create-policy", AWS
    // CLI Command Reference.
    answer["Tags"] = tags::shown(&policy.tags);
    if let Some(answer) = answer.as_object_mut() {
        answer.shift_remove("Description");
    }
    store.policies.insert(arn, policy);
    Ok(json!({"Policy": answer}))
}

fn get(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    if let Some(policy) = managed::find(arn) {
        return Ok(
            json!({"Policy": shown_of_aws(&Uses::of(&lock(&store(call))), arn, policy, true)}),
        );
    }
    with(call, input, |store, policy| {
        Ok(json!({"Policy": shown(&Uses::of(store), arn, policy, true)}))
    })
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    not_of_aws(call, arn)?;
    let store = store(call);
    let mut store = lock(&store);
    let versions = store
        .policies
        .get(arn)
        .ok_or_else(|| missing(arn))?
        .versions
        .len();
    let uses = Uses::of(&store).of_policy(arn);
    if uses.attached + uses.bounding > 0 {
        return Err(AwsError::new(
            "DeleteConflictException",
            "Cannot delete a policy attached to entities.",
        ));
    }
    if versions > 1 {
        return Err(AwsError::new(
            "DeleteConflictException",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is \
             deleted with the policy.",
        ));
    }
    store.modified = true;
    store.policies.remove(arn);
    Ok(json!({}))
}

/// Policies of the account first, then those of AWS.
fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let (scope, prefix) = (text(input, "Scope"), text(input, "PathPrefix"));
    let only_attached = input.get("OnlyAttached") == Some(&json!(true));
    let usage = text(input, "PolicyUsageFilter");
    let uses = Uses::of(&store);
    let is_wanted = |arn: &str, path: &str| {
        let of_it = uses.of_policy(arn);
        let is_used = match usage {
            "PermissionsBoundary" => of_it.bounding > 0,
            "PermissionsPolicy" => of_it.attached > 0,
            _ => true,
        };
        path.starts_with(prefix) && is_used && (!only_attached || of_it.attached > 0)
    };
    let own = store
        .policies
        .iter()
        .filter(|(arn, policy)| scope != "AWS" && is_wanted(arn, &policy.path));
    let own = own.map(|(arn, policy)| shown(&uses, arn, policy, false));
    let of_aws = (scope != "Local")
        .then(|| managed::all().map(|policy| (policy.arn(call.partition()), policy)))
        .into_iter()
        .flatten();
    let of_aws = of_aws.filter(|(arn, policy)| is_wanted(arn, policy.path));
    page(
        input,
        "Policies",
        own.chain(of_aws.map(|(arn, policy)| shown_of_aws(&uses, &arn, policy, false))),
    )
}

fn list_entities(call: &Call<'_>, input: &Input) -> Answer {
    let arn = text(input, "PolicyArn");
    parsed(arn)?;
    let store = store(call);
    let store = lock(&store);
    if managed::find(arn).is_none() && !store.policies.contains_key(arn) {
        return Err(missing(arn));
    }
    let roles = matches!(text(input, "EntityFilter"), "" | "Role");
    let (prefix, usage) = (text(input, "PathPrefix"), text(input, "PolicyUsageFilter"));
    let with = store.roles.iter().filter(|(_, role)| {
        let attached = usage != "PermissionsBoundary" && role.attached.contains(arn);
        let bounded = usage != "PermissionsPolicy" && role.boundary.as_deref() == Some(arn);
        roles && role.path.starts_with(prefix) && (attached || bounded)
    });
    let mut answer = page(
        input,
        "PolicyRoles",
        with.map(|(name, role)| json!({"RoleName": name, "RoleId": role.id})),
    )?;
    answer["PolicyGroups"] = json!([]);
    answer["PolicyUsers"] = json!([]);
    Ok(answer)
}
