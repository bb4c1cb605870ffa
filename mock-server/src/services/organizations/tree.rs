//! Organizational units, and the tree of parents and children.

use serde_json::{Value, json};

use super::errors::{no_unit, not_found, same_unit, violation};
use super::store::{Store, Unit};
use super::{
    attachments, fresh_id, manager, org_arn, page, policy_types, read, reader, tags, text, write,
};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// The maximum nesting depth of units. Source: "Quotas and service limits for AWS Organizations".
const DEEPEST: usize = 5;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "ListOrganizationalUnitsForParent" => list_units,
        "ListChildren" => list_children,
        "ListParents" => list_parents,
        "DescribeOrganizationalUnit" => describe_unit,
        "CreateOrganizationalUnit" => create_unit,
        "UpdateOrganizationalUnit" => update_unit,
        "DeleteOrganizationalUnit" => delete_unit,
        _ => return None,
    })
}

pub(super) fn parent_exists(store: &Store, id: &str) -> Result<(), AwsError> {
    if store.is_container(id) {
        Ok(())
    } else {
        Err(not_found("ParentNotFoundException", "a parent"))
    }
}

fn unit(call: &Call<'_>, store: &Store, id: &str, unit: &Unit) -> Value {
    let mut path = store.ancestors(&unit.parent);
    path.insert(0, store.id.clone());
    path.push(id.to_owned());
    json!({"Id": id, "Arn": org_arn(call, store, "ou", id), "Name": unit.name, "Path": format!("{}/", path.join("/"))})
}

fn list_units(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let parent = text(input, "ParentId");
    parent_exists(&store, parent)?;
    let below = store.units.iter().filter(|(_, it)| it.parent == parent);
    page(
        input,
        "OrganizationalUnits",
        below.map(|(id, it)| unit(call, &store, id, it)),
    )
}

fn list_children(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let parent = text(input, "ParentId");
    parent_exists(&store, parent)?;
    let kind = text(input, "ChildType");
    let units = store
        .units
        .iter()
        .filter(|(_, it)| kind == "ORGANIZATIONAL_UNIT" && it.parent == parent)
        .map(|(id, _)| id);
    let accounts = store
        .accounts
        .iter()
        .filter(|(_, it)| kind == "ACCOUNT" && it.parent == parent)
        .map(|(id, _)| id);
    page(
        input,
        "Children",
        units
            .chain(accounts)
            .map(|id| json!({"Id": id, "Type": kind})),
    )
}

fn list_parents(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let child = text(input, "ChildId");
    let parent = store
        .accounts
        .get(child)
        .map(|it| &it.parent)
        .or_else(|| store.units.get(child).map(|it| &it.parent));
    let parent = parent.ok_or_else(|| not_found("ChildNotFoundException", "a child"))?;
    let kind = if *parent == store.root_id {
        "ROOT"
    } else {
        "ORGANIZATIONAL_UNIT"
    };
    page(
        input,
        "Parents",
        std::iter::once(json!({"Id": parent, "Type": kind})),
    )
}

fn describe_unit(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let id = text(input, "OrganizationalUnitId");
    let found = store.units.get(id).ok_or_else(no_unit)?;
    Ok(json!({"OrganizationalUnit": unit(call, &store, id, found)}))
}

/// Names are unique below one parent.
fn name_is_free(store: &Store, parent: &str, name: &str, but: &str) -> Result<(), AwsError> {
    let taken = store
        .units
        .iter()
        .any(|(id, unit)| unit.parent == parent && unit.name == name && id != but);
    if taken { Err(same_unit()) } else { Ok(()) }
}

fn create_unit(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let (parent, name) = (
        text(input, "ParentId").to_owned(),
        text(input, "Name").to_owned(),
    );
    parent_exists(&store, &parent)?;
    // The ancestors of the new unit, including the root, are as many as its depth.
    if store.ancestors(&parent).len() > DEEPEST {
        return Err(violation(
            "OU_DEPTH_LIMIT_EXCEEDED",
            "You cannot add an organizational unit to the specified parent because it would exceed the max depth allowed.",
        ));
    }
    name_is_free(&store, &parent, &name, "")?;
    let tags = tags::given(input)?;
    let id = format!(
        "ou-{}-{}",
        store.root_id.trim_start_matches("r-"),
        fresh_id(call, 8)
    );
    store.units.insert(id.clone(), Unit { name, parent });
    store.set_tags(&id, tags);
    policy_types::attach_defaults(&mut store, &id);
    let created = store.units.get(&id).cloned().unwrap_or_default();
    Ok(json!({"OrganizationalUnit": unit(call, &store, &id, &created)}))
}

fn update_unit(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let id = text(input, "OrganizationalUnitId");
    let parent = store.units.get(id).ok_or_else(no_unit)?.parent.clone();
    if input.contains_key("Name") {
        let name = text(input, "Name");
        name_is_free(&store, &parent, name, id)?;
        if let Some(unit) = store.units.get_mut(id) {
            name.clone_into(&mut unit.name);
        }
    }
    let updated = store.units.get(id).ok_or_else(no_unit)?;
    Ok(json!({"OrganizationalUnit": unit(call, &store, id, updated)}))
}

fn delete_unit(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let id = text(input, "OrganizationalUnitId");
    if !store.units.contains_key(id) {
        return Err(no_unit());
    }
    let holds_something = store.units.values().any(|unit| unit.parent == id)
        || store.accounts.values().any(|account| account.parent == id);
    if holds_something {
        return Err(AwsError::new(
            "OrganizationalUnitNotEmptyException",
            "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.",
        ));
    }
    store.units.remove(id);
    attachments::forget(&mut store, id);
    Ok(json!({}))
}
