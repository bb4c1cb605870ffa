//! Reads the organisation's tree: the root and the organizational units below it.

use std::collections::BTreeSet;

use aws_sdk_organizations::types::{
    OrganizationalUnit as SdkUnit, PolicyTypeStatus, PolicyTypeSummary, Root,
};

use super::{Defect, DefectCode, OrganizationalUnit, SOURCE, TREE, is_id};
use crate::caller::Caller;
use crate::error::CallError;
use crate::list;
use crate::operation::{Member, Operation};
use crate::quota::Quota;

const ROOTS: Quota = Quota::global("Organizations ListRoots", 1.0, SOURCE);
const LIST_ROOTS: Operation = Operation::new("organizations:ListRoots", &ROOTS)
    .lists("Roots", 100)
    .items_have(&[Member::text("Roots[].Id")])
    // Without it no policy type would count as enabled.
    .sends(&[Member::list("Roots[].PolicyTypes")]);
const LIST_UNITS: Operation =
    Operation::new("organizations:ListOrganizationalUnitsForParent", &TREE)
        .lists("OrganizationalUnits", 100_000)
        .items_have(&[
            Member::text("OrganizationalUnits[].Id"),
            Member::text("OrganizationalUnits[].Name"),
        ]);

pub(super) async fn list_units(
    client: &aws_sdk_organizations::Client,
    caller: &Caller,
    defects: &mut Vec<Defect>,
) -> Result<Vec<OrganizationalUnit>, CallError> {
    let mut units: Vec<OrganizationalUnit> = Vec::new();
    let id = |root: &Root| root.id().unwrap_or_default().to_owned();
    let (roots, ended) = list!(
        caller,
        &LIST_ROOTS,
        client.list_roots(),
        set_next_token,
        next_token,
        roots,
        id
    )
    .await;
    ended?;
    for root in &roots {
        let Some(id) = root.id().filter(|id| is_id(id, "r-")).map(str::to_owned) else {
            continue;
        };
        let name = root.name().unwrap_or("Root").to_owned();
        let policy_types = root.policy_types().iter().map(policy_type).collect();
        units.push(OrganizationalUnit {
            id_path: id.clone(),
            id,
            parent: None,
            name,
            path: "/".to_owned(),
            policy_types,
        });
    }
    if units.is_empty() {
        return Err(caller.incomplete(&LIST_ROOTS, "the response has no root with a valid id"));
    }
    // Breadth first: a unit's children follow it, and the list grows while it is walked.
    let mut at = 0;
    let mut torn = BTreeSet::new();
    while at < units.len() {
        let parent = units[at].clone();
        for child in list_children(client, caller, &parent.id).await? {
            add_unit(&mut units, &parent, &child, &mut torn, defects);
        }
        at += 1;
    }
    // A unit in two places has no reliable place, and neither has anything below it.
    units.retain(|unit| !unit.id_path.split('/').any(|id| torn.contains(id)));
    Ok(units)
}

/// Adds a unit below its parent. A unit that was listed before is not walked again, since an
/// organisation is a tree. `torn` collects the ids of units that have two parents.
pub(super) fn add_unit(
    units: &mut Vec<OrganizationalUnit>,
    parent: &OrganizationalUnit,
    child: &SdkUnit,
    torn: &mut BTreeSet<String>,
    defects: &mut Vec<Defect>,
) {
    let Some(id) = child.id().filter(|id| is_id(id, "ou-")).map(str::to_owned) else {
        let message = format!(
            "an organizational unit below {} is listed without a valid id",
            parent.id
        );
        defects.push(Defect {
            code: DefectCode::UnidentifiedUnit,
            message,
        });
        return;
    };
    match units.iter().find(|unit| unit.id == id) {
        None => {
            let name = child.name().unwrap_or_default().to_owned();
            let path = format!("{}/{name}", parent.path.trim_end_matches('/'));
            let id_path = format!("{}/{id}", parent.id_path);
            units.push(OrganizationalUnit {
                id,
                parent: Some(parent.id.clone()),
                name,
                path,
                id_path,
                policy_types: Vec::new(),
            });
        }
        Some(known) if known.parent.as_deref() == Some(&parent.id) => {}
        Some(known) => {
            let before = known.parent.as_deref().unwrap_or("nothing");
            let message = format!(
                "the organizational unit {id} is listed below {before} and below {}",
                parent.id
            );
            defects.push(Defect {
                code: DefectCode::ConflictingUnit,
                message,
            });
            torn.insert(id);
        }
    }
}

fn policy_type(summary: &PolicyTypeSummary) -> String {
    let name = summary.r#type().map_or("", |it| it.as_str());
    match summary.status() {
        Some(PolicyTypeStatus::Enabled) => name.to_owned(),
        Some(status) => format!("{name} ({})", status.as_str()),
        None => format!("{name} (UNKNOWN)"),
    }
}

async fn list_children(
    client: &aws_sdk_organizations::Client,
    caller: &Caller,
    parent: &str,
) -> Result<Vec<SdkUnit>, CallError> {
    let send = |token| {
        client
            .list_organizational_units_for_parent()
            .parent_id(parent)
            .set_next_token(token)
            .send()
    };
    let id = |unit: &SdkUnit| unit.id().unwrap_or_default().to_owned();
    let (units, ended) = caller
        .list_with_conflicts(
            &LIST_UNITS,
            send,
            |page| (page.organizational_units, page.next_token),
            id,
        )
        .await;
    ended.map(|()| units)
}
