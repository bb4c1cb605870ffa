//! An account's place in the organisation, and the control policies that apply to it from the root
//! down.
//!
//! Source: "SCP evaluation" and "RCP evaluation", AWS Organizations User Guide.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use lambdasweep_policy::{Document, Principal};

use super::store::{Organization, Store};
use crate::call::Call;
use crate::services::documents::{Documents, Policy};

const ALLOW_ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// An account's place in the organisation, and the control policies of each level: the root's
/// first, the account's own last.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// The organisation's id; empty for an account outside of it.
    pub(crate) id: String,
    pub(crate) management_account: String,
    /// `o-…/r-…/ou-…/`, in the form of `aws:PrincipalOrgPaths`.
    pub(crate) path: String,
    pub(crate) scps: Vec<Vec<Policy>>,
    pub(crate) rcps: Vec<Vec<Policy>>,
}

impl Place {
    pub(crate) fn is_in_organization(&self) -> bool {
        !self.id.is_empty()
    }
}

/// The caller as a principal for resource-based policies, with its place in the organisation. This
/// locks the organisation: no store of another service may be locked.
pub(crate) fn caller(call: &Call<'_>) -> Option<Principal> {
    let principal = Principal::parse(&call.caller.arn).ok()?;
    let organization = call.world.part::<Organization>().read();
    let Some(account) = organization
        .accounts
        .get(call.account())
        .filter(|_| !organization.id.is_empty())
    else {
        return Some(principal);
    };
    Some(principal.in_organization(&organization.path_to(&account.parent)))
}

/// Places of accounts, cached until the organisation changes.
#[derive(Debug, Default)]
pub(crate) struct Places(RwLock<HashMap<String, (u64, Arc<Place>)>>);

impl Places {
    /// An account's place.
    pub(crate) fn of(&self, call: &Call<'_>, documents: &Documents, account: &str) -> Arc<Place> {
        let organization = call.world.part::<Organization>();
        let store = organization.read();
        // Read under the store's lock, so that it matches the state that is read.
        let change = organization.change();
        if let Some((seen, place)) = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(account)
            && *seen == change
        {
            return Arc::clone(place);
        }
        let place = Arc::new(find(&store, documents, account, call.partition()));
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(account.to_owned(), (change, Arc::clone(&place)));
        place
    }
}

/// The service control policies that apply to an account, level by level, and the management
/// account; `None` if it does not belong to an organisation.
pub(crate) fn control_policies(
    call: &Call<'_>,
    account: &str,
) -> Option<(Vec<Vec<Arc<Document>>>, String)> {
    let place = Places::default().of(call, &Documents::default(), account);
    let level = |policies: &Vec<Policy>| {
        policies
            .iter()
            .map(|policy| Arc::clone(&policy.document))
            .collect()
    };
    place.is_in_organization().then(|| {
        (
            place.scps.iter().map(level).collect(),
            place.management_account.clone(),
        )
    })
}

fn find(store: &Store, documents: &Documents, account: &str, partition: &str) -> Place {
    let Some(found) = store.accounts.get(account).filter(|_| !store.id.is_empty()) else {
        return Place::default();
    };
    let above = store.ancestors(&found.parent);
    let levels: Vec<&str> = above
        .iter()
        .map(String::as_str)
        .chain(std::iter::once(account))
        .collect();
    let attached = |kind: &str| -> Vec<Vec<Policy>> {
        // Attachments of a disabled policy type have no effect.
        if !store.enabled_policy_types.contains(kind) {
            return Vec::new();
        }
        let at = |level: &&str| {
            let policies = store
                .policies
                .iter()
                .filter(|(_, policy)| policy.kind == kind && policy.targets.contains(*level));
            policies
                .map(|(id, policy)| {
                    documents.named(
                        &store.policy_arn(id, policy, partition),
                        Some(&policy.content),
                    )
                })
                .collect()
        };
        levels.iter().map(at).collect()
    };
    let mut rcps = attached("RESOURCE_CONTROL_POLICY");
    // RCPFullAWSAccess is attached to everything and cannot be detached.
    rcps.iter_mut()
        .for_each(|level| level.push(documents.unnamed(ALLOW_ALL)));
    Place {
        id: store.id.clone(),
        management_account: store.management_account.clone(),
        path: store.path_to(&found.parent),
        scps: attached("SERVICE_CONTROL_POLICY"),
        rcps,
    }
}

#[cfg(test)]
mod tests {
    use super::{Documents, find};
    use crate::services::organizations::store::{Account, Policy, Store, Unit};

    fn world() -> Store {
        let mut store = Store {
            id: "o-a1b2c3d4e5".to_owned(),
            management_account: "111111111111".to_owned(),
            root_id: "r-a1b2".to_owned(),
            ..Store::default()
        };
        store.units.insert(
            "ou-1".to_owned(),
            Unit {
                name: "Workloads".to_owned(),
                parent: "r-a1b2".to_owned(),
            },
        );
        store.units.insert(
            "ou-2".to_owned(),
            Unit {
                name: "Prod".to_owned(),
                parent: "ou-1".to_owned(),
            },
        );
        store.accounts.insert(
            "222222222222".to_owned(),
            Account {
                parent: "ou-2".to_owned(),
                ..Account::default()
            },
        );
        store
            .enabled_policy_types
            .insert("SERVICE_CONTROL_POLICY".to_owned());
        for (id, kind, target) in [
            ("p-root", "SERVICE_CONTROL_POLICY", "r-a1b2"),
            ("p-unit", "SERVICE_CONTROL_POLICY", "ou-2"),
            ("p-other", "SERVICE_CONTROL_POLICY", "ou-9"),
            ("p-tags", "TAG_POLICY", "ou-2"),
            ("p-rcp", "RESOURCE_CONTROL_POLICY", "ou-2"),
        ] {
            let policy = Policy {
                kind: kind.to_owned(),
                content: r#"{"Statement":[]}"#.to_owned(),
                targets: [target.to_owned()].into(),
                ..Policy::default()
            };
            store.policies.insert(id.to_owned(), policy);
        }
        store
    }

    fn ids(levels: &[Vec<super::Policy>]) -> Vec<Vec<&str>> {
        let id = |policy: &super::Policy| policy.arn.as_ref().map_or(0, String::len);
        levels
            .iter()
            .map(|level| {
                level
                    .iter()
                    .filter(|it| id(it) > 0)
                    .filter_map(|it| it.arn.as_deref()?.rsplit('/').next())
                    .collect()
            })
            .collect()
    }

    #[test]
    fn policies_are_those_of_the_root_each_unit_and_the_account_where_their_type_is_on() {
        let documents = Documents::default();
        let mut store = world();
        let place = find(&store, &documents, "222222222222", "aws");
        assert_eq!(place.path, "o-a1b2c3d4e5/r-a1b2/ou-1/ou-2/");
        assert_eq!(
            ids(&place.scps),
            [vec!["p-root"], vec![], vec!["p-unit"], vec![]]
        );
        assert!(place.rcps.is_empty(), "the type is not enabled");
        store.enabled_policy_types = ["RESOURCE_CONTROL_POLICY".to_owned()].into();
        let place = find(&store, &documents, "222222222222", "aws");
        assert!(place.scps.is_empty());
        assert_eq!(ids(&place.rcps), [vec![], vec![], vec!["p-rcp"], vec![]]);
        assert!(
            place.rcps.iter().all(|level| !level.is_empty()),
            "every level has the policy that allows all"
        );
    }

    #[test]
    fn an_account_outside_has_no_place() {
        assert!(!find(&world(), &Documents::default(), "999999999999", "aws").is_in_organization());
        assert!(
            !find(
                &Store::default(),
                &Documents::default(),
                "222222222222",
                "aws"
            )
            .is_in_organization()
        );
    }
}
