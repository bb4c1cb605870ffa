//! Tags of the root, units, accounts, policies and the resource policy.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::super::members;
use super::errors::{invalid, no_target, violation};
use super::store::Store;
use super::{page, policy_manager, read, reader, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// How many tags a resource may have. Source: "Tagging AWS Organizations resources".
const MOST: usize = 50;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "ListTagsForResource" => list,
        "TagResource" => tag,
        "UntagResource" => untag,
        _ => return None,
    })
}

fn too_many() -> AwsError {
    violation(
        "MAX_TAG_LIMIT_EXCEEDED",
        "You have exceeded the number of tags allowed on this resource.",
    )
}

/// The tags of a request that creates or tags a resource.
pub(super) fn given(input: &Input) -> Result<BTreeMap<String, String>, AwsError> {
    let mut tags = BTreeMap::new();
    for (key, value) in members::tags(input) {
        if members::is_reserved(key) {
            return Err(system_tag());
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(invalid(
                "DUPLICATE_TAG_KEY",
                "Tag keys must be unique among the tags attached to the same entity.",
            ));
        }
    }
    if tags.len() > MOST {
        Err(too_many())
    } else {
        Ok(tags)
    }
}

fn system_tag() -> AwsError {
    invalid(
        "INVALID_SYSTEM_TAGS_PARAMETER",
        "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for AWS use.",
    )
}

fn exists(store: &Store, id: &str) -> Result<(), AwsError> {
    let is_resource_policy = store.resource_policy.is_some() && store.resource_policy_id() == id;
    if store.is_target(id) || store.policies.contains_key(id) || is_resource_policy {
        Ok(())
    } else {
        Err(no_target())
    }
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let id = text(input, "ResourceId");
    exists(&store, id)?;
    let tags = store.tags.get(id).into_iter().flatten();
    page(
        input,
        "Tags",
        tags.map(|(key, value)| json!({"Key": key, "Value": value})),
    )
}

fn tag(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    policy_manager(call, &store)?;
    let id = text(input, "ResourceId");
    exists(&store, id)?;
    let given = given(input)?;
    let there = store.tags.get(id);
    let keys: BTreeSet<&String> = there
        .into_iter()
        .flat_map(BTreeMap::keys)
        .chain(given.keys())
        .collect();
    if keys.len() > MOST {
        return Err(too_many());
    }
    store.tags.entry(id.to_owned()).or_default().extend(given);
    Ok(json!({}))
}

fn untag(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    policy_manager(call, &store)?;
    let id = text(input, "ResourceId");
    exists(&store, id)?;
    let keys: Vec<&str> = members::texts(input, "TagKeys").collect();
    if keys.iter().any(|key| members::is_reserved(key)) {
        return Err(system_tag());
    }
    if let Some(tags) = store.tags.get_mut(id) {
        tags.retain(|key, _| !keys.contains(&key.as_str()));
    }
    Ok(json!({}))
}
