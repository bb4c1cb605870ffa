//! The organisation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::Value;

use crate::store::{Part, Place, Seed, seeded};

pub use super::handshakes::Handshake;

/// The organisation of a world, behind its lock.
#[derive(Debug)]
pub struct Organization {
    store: RwLock<Store>,
    /// How often it has been locked for writing.
    changes: AtomicU64,
}

impl Organization {
    /// Locks it for reading.
    pub fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks it for writing, which counts as a change.
    pub fn write(&self) -> RwLockWriteGuard<'_, Store> {
        let store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        self.changes.fetch_add(1, Ordering::Relaxed);
        store
    }

    /// A number that differs after every change; call this while holding the read lock.
    pub fn change(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }
}

impl Part for Organization {
    fn begin(seed: &dyn Seed) -> Self {
        Self {
            store: RwLock::new(seeded(seed, Place::WORLD)),
            changes: AtomicU64::new(0),
        }
    }

    fn reset(&self, seed: &dyn Seed) {
        *self.write() = seeded(seed, Place::WORLD);
    }

    fn describe(&self) -> String {
        format!("{:?}", self.read())
    }
}

/// The organisation of a world. Without an id it does not exist yet.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Store {
    /// `o-…`; empty if there is no organisation.
    pub id: String,
    /// The management account.
    pub management_account: String,
    /// `r-…`.
    pub root_id: String,
    /// Organizational units, by id.
    pub units: BTreeMap<String, Unit>,
    /// Accounts, by id.
    pub accounts: BTreeMap<String, Account>,
    /// Policies, by id.
    pub policies: BTreeMap<String, Policy>,
    /// Policy types that the root has enabled.
    pub enabled_policy_types: BTreeSet<String>,
    /// Whether it only has the consolidated billing features, so that there are no policies.
    pub billing_only: bool,
    /// Service principals with trusted access, and since when, in seconds since the epoch.
    pub service_access: BTreeMap<String, f64>,
    /// Delegated administrators: accounts, and for which service principals since when.
    pub delegated: BTreeMap<String, BTreeMap<String, f64>>,
    /// Tags, by resource id.
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Requests to create accounts, by id, as the API returns them.
    pub create_statuses: BTreeMap<String, Value>,
    /// Invitations and requests to approve, by id.
    pub handshakes: BTreeMap<String, Handshake>,
    /// The organisation's resource policy.
    pub resource_policy: Option<String>,
}

/// An organizational unit.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Unit {
    /// The name.
    pub name: String,
    /// The id of the parent root or unit.
    pub parent: String,
}

/// An account.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Account {
    /// The name.
    pub name: String,
    /// The root user's e-mail address.
    pub email: String,
    /// ACTIVE, SUSPENDED, PENDING_CLOSURE, …
    pub state: String,
    /// CREATED or INVITED.
    pub joined_method: String,
    /// Seconds since the epoch.
    pub joined: f64,
    /// The id of the parent root or unit.
    pub parent: String,
}

/// A policy of the organisation.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Policy {
    /// The name.
    pub name: String,
    /// The description.
    pub description: String,
    /// SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY, TAG_POLICY, …
    pub kind: String,
    /// The document.
    pub content: String,
    /// Whether it is an AWS managed policy.
    pub aws_managed: bool,
    /// The ids of the targets that it is attached to.
    pub targets: BTreeSet<String>,
}

impl Store {
    /// ALL or CONSOLIDATED_BILLING.
    pub fn feature_set(&self) -> &'static str {
        if self.billing_only {
            "CONSOLIDATED_BILLING"
        } else {
            "ALL"
        }
    }

    /// Whether an id is that of the root or of a unit.
    pub fn is_container(&self, id: &str) -> bool {
        id == self.root_id || self.units.contains_key(id)
    }

    /// Whether policies can be attached to an id: that of the root, a unit or an account.
    pub fn is_target(&self, id: &str) -> bool {
        self.is_container(id) || self.accounts.contains_key(id)
    }

    /// All that policies can be attached to: the root, units and accounts.
    pub fn targets(&self) -> BTreeSet<String> {
        std::iter::once(&self.root_id)
            .chain(self.units.keys())
            .chain(self.accounts.keys())
            .cloned()
            .collect()
    }

    /// The id that the organisation's resource policy has, or would have.
    pub fn resource_policy_id(&self) -> String {
        format!("rp-{}", self.id.trim_start_matches("o-"))
    }

    /// Sets the tags of a new resource.
    pub fn set_tags(&mut self, id: &str, tags: BTreeMap<String, String>) {
        if !tags.is_empty() {
            self.tags.insert(id.to_owned(), tags);
        }
    }

    /// The ARN of an entity of the organisation, by its kind: `account`, `ou`, `root`, …
    pub fn arn(&self, kind: &str, id: &str, partition: &str) -> String {
        format!(
            "arn:{partition}:organizations::{}:{kind}/{}/{id}",
            self.management_account, self.id
        )
    }

    /// The ARN of a policy, which contains its kind; AWS managed policies belong to no
    /// organisation.
    pub fn policy_arn(&self, id: &str, policy: &Policy, partition: &str) -> String {
        let kind = policy.kind.to_ascii_lowercase();
        if policy.aws_managed {
            format!("arn:{partition}:organizations::aws:policy/{kind}/{id}")
        } else {
            self.arn("policy", &format!("{kind}/{id}"), partition)
        }
    }

    /// Ids from the root down to `parent`, which is the parent of a unit or an account.
    pub fn ancestors(&self, parent: &str) -> Vec<String> {
        let mut chain = vec![parent.to_owned()];
        let mut at = parent;
        while let Some(unit) = self.units.get(at) {
            chain.push(unit.parent.clone());
            at = &unit.parent;
            // The API cannot create a cycle, but a file could contain one.
            if chain.len() > 20 {
                break;
            }
        }
        chain.reverse();
        chain
    }

    /// The path from the organisation to the parent of a unit or an account, in the form of
    /// `aws:PrincipalOrgPaths`: `o-…/r-…/ou-…/`.
    pub fn path_to(&self, parent: &str) -> String {
        format!("{}/{}/", self.id, self.ancestors(parent).join("/"))
    }
}
