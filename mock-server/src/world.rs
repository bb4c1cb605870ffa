//! All state: organisation → accounts → global and Regional stores, made from the seed when first
//! touched.
//!
//! A store that no client has changed may be dropped and made again, so that memory does not grow
//! with the organisation.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockWriteGuard};
use std::time::Duration;

use crate::call::Caller;
use crate::seed::Seed;
use crate::services::{account, iam, lambda, organizations};

/// How much unchanged state is kept: functions and roles, about 4 KB each.
const MOST_WEIGHT: usize = 60_000;
/// How many sessions are kept before those that have expired are swept out.
const SWEEP_SESSIONS_AT: usize = 10_000;

/// Regions and their status.
type Regions = Arc<[(String, String)]>;

/// All state of one mock.
#[derive(Debug)]
pub struct World {
    seed: Box<dyn Seed>,
    organization: OnceLock<RwLock<organizations::store::Store>>,
    /// Counts the times that the organisation was opened for a change.
    changes: AtomicU64,
    iam: Lazy<String, iam::store::Store>,
    lambda: Lazy<(String, String), lambda::store::Store>,
    sessions: RwLock<HashMap<String, Caller>>,
    /// What accounts say about themselves, where a client has said something else than the seed.
    details: RwLock<HashMap<String, account::Details>>,
    /// Changes of the Regions' status, by account and Region.
    regions: RwLock<HashMap<(String, String), String>>,
    /// The Regions of accounts, as the seed says, kept because every Lambda call asks.
    enabled: RwLock<HashMap<String, Regions>>,
    /// How long Lambda's changes take, in seconds.
    transition: f64,
    packages: lambda::packages::Packages,
    invocations: lambda::invocations::Invocations,
}

impl World {
    /// A world that starts as the seed says.
    pub fn new(seed: Box<dyn Seed>) -> Self {
        Self {
            seed,
            organization: OnceLock::new(),
            changes: AtomicU64::new(0),
            iam: Lazy::default(),
            lambda: Lazy::default(),
            sessions: RwLock::default(),
            details: RwLock::default(),
            regions: RwLock::default(),
            enabled: RwLock::default(),
            transition: 0.0,
            packages: lambda::packages::Packages::default(),
            invocations: lambda::invocations::Invocations::default(),
        }
    }

    /// Sets how long it takes until what Lambda makes or updates is ready.
    #[must_use]
    pub fn with_transition(self, transition: Duration) -> Self {
        Self {
            transition: transition.as_secs_f64(),
            ..self
        }
    }

    /// How long it takes until what Lambda makes or updates is ready, in seconds.
    pub fn transition(&self) -> f64 {
        self.transition
    }

    /// The packages that were uploaded, of functions and layers.
    pub fn packages(&self) -> &lambda::packages::Packages {
        &self.packages
    }

    /// What functions answer when they are invoked.
    pub fn invocations(&self) -> &lambda::invocations::Invocations {
        &self.invocations
    }

    /// What the world began as.
    pub fn seed(&self) -> &dyn Seed {
        self.seed.as_ref()
    }

    /// The organisation's state.
    pub fn organization(&self) -> &RwLock<organizations::store::Store> {
        self.organization
            .get_or_init(|| RwLock::new(self.seed.organization()))
    }

    /// The organisation's state, to change it.
    pub fn organization_mut(&self) -> RwLockWriteGuard<'_, organizations::store::Store> {
        let store = self
            .organization()
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        self.changes.fetch_add(1, Ordering::Relaxed);
        store
    }

    /// Another number after every change of the organisation; read it while the organisation is
    /// read.
    pub fn organization_change(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// An account's IAM state.
    pub fn iam(&self, account: &str) -> Arc<Mutex<iam::store::Store>> {
        self.iam.get(&account.to_owned(), || self.seed.iam(account))
    }

    /// An account-Region's Lambda state.
    pub fn lambda(&self, account: &str, region: &str) -> Arc<Mutex<lambda::store::Store>> {
        self.lambda
            .get(&(account.to_owned(), region.to_owned()), || {
                self.seed.lambda(account, region)
            })
    }

    /// What an account's contacts and name were changed to.
    pub fn account_details(&self, account: &str) -> account::Details {
        self.details
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(account)
            .cloned()
            .unwrap_or_default()
    }

    /// Changes an account's contacts or name.
    pub fn change_account(&self, account: &str, change: impl FnOnce(&mut account::Details)) {
        change(
            self.details
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(account.to_owned())
                .or_default(),
        );
    }

    /// The Regions of an account and their status, sorted.
    pub fn regions(&self, account: &str) -> Vec<(String, String)> {
        let changed = self.regions.read().unwrap_or_else(PoisonError::into_inner);
        let seeded = self.seeded_regions(account);
        seeded
            .iter()
            .map(|(region, status)| {
                let status = changed
                    .get(&(account.to_owned(), region.clone()))
                    .unwrap_or(status);
                (region.clone(), status.clone())
            })
            .collect()
    }

    fn seeded_regions(&self, account: &str) -> Regions {
        if let Some(regions) = self
            .enabled
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(account)
        {
            return Arc::clone(regions);
        }
        let mut regions: Vec<(String, String)> = self
            .seed
            .regions(account)
            .into_iter()
            .map(|(region, status)| (region, status.to_owned()))
            .collect();
        regions.sort();
        let regions: Regions = regions.into();
        self.enabled
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(account.to_owned(), Arc::clone(&regions));
        regions
    }

    /// Whether a Region can be used in an account. A Region that the seed does not list can: it may
    /// be a newer one.
    pub fn region_enabled(&self, account: &str, region: &str) -> bool {
        let changed = self.regions.read().unwrap_or_else(PoisonError::into_inner);
        let status = if changed.is_empty() {
            None
        } else {
            changed
                .get(&(account.to_owned(), region.to_owned()))
                .cloned()
        };
        let status = status.or_else(|| {
            self.seeded_regions(account)
                .iter()
                .find(|(name, _)| name == region)
                .map(|(_, status)| status.clone())
        });
        status.as_deref() != Some("DISABLED")
    }

    /// Changes the status of a Region.
    pub fn set_region(&self, account: &str, region: &str, status: &str) {
        self.regions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((account.to_owned(), region.to_owned()), status.to_owned());
    }

    /// Keeps a session under its access key.
    pub fn keep_session(&self, access_key: String, caller: Caller, now: f64) {
        let mut sessions = self
            .sessions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= SWEEP_SESSIONS_AT {
            sessions.retain(|_, caller| {
                caller
                    .session
                    .as_ref()
                    .is_some_and(|session| session.expires > now)
            });
        }
        sessions.insert(access_key, caller);
    }

    /// Whose session an access key is.
    pub fn session(&self, access_key: &str) -> Option<Caller> {
        self.sessions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(access_key)
            .cloned()
    }

    /// The newest session of an ARN that has not expired.
    pub fn session_of(&self, arn: &str, now: f64) -> Option<Caller> {
        let issued = |caller: &Caller| {
            caller
                .session
                .as_ref()
                .filter(|session| session.expires >= now)
                .map(|session| session.issued)
        };
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        let of = sessions
            .values()
            .filter(|caller| caller.arn == arn && issued(caller).is_some());
        of.max_by(|one, other| {
            issued(one)
                .unwrap_or_default()
                .total_cmp(&issued(other).unwrap_or_default())
        })
        .cloned()
    }

    /// A digest of all that calls have made and changed: the same before and after a call that
    /// changes nothing.
    ///
    /// Stores that are as the seed made them are left out, since they come and go as they are
    /// looked at.
    pub fn fingerprint(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let mut digest = Sha256::new();
        let mut add = |what: String| digest.update(what.as_bytes());
        add(format!(
            "{:?}",
            self.organization()
                .read()
                .unwrap_or_else(PoisonError::into_inner)
        ));
        self.iam.describe_modified(&mut add);
        self.lambda.describe_modified(&mut add);
        add(described(&self.sessions));
        add(described(&self.details));
        add(described(&self.regions));
        add(format!("{:?}", self.packages.hashes()));
        digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Forgets all that clients have done.
    pub fn reset(&self) {
        self.iam.clear();
        self.lambda.clear();
        self.sessions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.details
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.regions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.packages.clear();
        self.invocations.clear();
        *self.organization_mut() = self.seed.organization();
    }
}

/// What a map holds, in the order of its keys.
fn described<K: Ord + Debug, V: Debug>(map: &RwLock<HashMap<K, V>>) -> String {
    format!(
        "{:?}",
        map.read()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .collect::<BTreeMap<_, _>>()
    )
}

/// What a store weighs, and whether it has to be kept.
trait Kept {
    fn weight(&self) -> usize;
    fn modified(&self) -> bool;
}

impl Kept for iam::store::Store {
    fn weight(&self) -> usize {
        self.roles.len() + self.policies.len() + 1
    }

    fn modified(&self) -> bool {
        self.modified
    }
}

impl Kept for lambda::store::Store {
    fn weight(&self) -> usize {
        self.functions
            .values()
            .map(|function| 1 + function.versions.len())
            .sum::<usize>()
            + self.layers.len()
            + 1
    }

    fn modified(&self) -> bool {
        self.modified
    }
}

/// Stores that are made when first asked for, and dropped, the longest unused first, when they
/// become too many.
#[derive(Debug)]
struct Lazy<K, S> {
    stores: RwLock<HashMap<K, Entry<S>>>,
    clock: AtomicU64,
}

#[derive(Debug)]
struct Entry<S> {
    store: Arc<Mutex<S>>,
    weight: usize,
    used: AtomicU64,
}

impl<K, S> Default for Lazy<K, S> {
    fn default() -> Self {
        Self {
            stores: RwLock::default(),
            clock: AtomicU64::new(0),
        }
    }
}

impl<K: Clone + Eq + std::hash::Hash, S: Kept> Lazy<K, S> {
    fn get(&self, key: &K, make: impl FnOnce() -> S) -> Arc<Mutex<S>> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        if let Some(entry) = self
            .stores
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
        {
            entry.used.store(now, Ordering::Relaxed);
            return Arc::clone(&entry.store);
        }
        // Made outside of the lock: two may make the same, and one of them is kept.
        let made = make();
        let mut stores = self.stores.write().unwrap_or_else(PoisonError::into_inner);
        if !stores.contains_key(key) {
            let weight = made.weight();
            if stores.values().map(|entry| entry.weight).sum::<usize>() + weight > MOST_WEIGHT {
                evict(&mut stores);
            }
            stores.insert(
                key.clone(),
                Entry {
                    store: Arc::new(Mutex::new(made)),
                    weight,
                    used: AtomicU64::new(now),
                },
            );
        }
        stores
            .get(key)
            .map(|entry| Arc::clone(&entry.store))
            .unwrap_or_else(|| unreachable!("it was just put in"))
    }

    /// Hands out what stores that were changed hold, in the order of their keys.
    fn describe_modified(&self, add: &mut impl FnMut(String))
    where
        K: Ord + Debug,
        S: Debug,
    {
        let stores = self.stores.read().unwrap_or_else(PoisonError::into_inner);
        let sorted: BTreeMap<&K, &Entry<S>> = stores.iter().collect();
        for (key, entry) in sorted {
            let store = entry.store.lock().unwrap_or_else(PoisonError::into_inner);
            if store.modified() {
                add(format!("{key:?}{store:?}"));
            }
        }
    }

    fn clear(&self) {
        self.stores
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Drops unchanged stores that nobody holds, until half of the weight is left.
fn evict<K: Clone + Eq + std::hash::Hash, S: Kept>(stores: &mut HashMap<K, Entry<S>>) {
    let mut total: usize = stores.values().map(|entry| entry.weight).sum();
    let mut ages: Vec<(u64, K)> = stores
        .iter()
        .map(|(key, entry)| (entry.used.load(Ordering::Relaxed), key.clone()))
        .collect();
    ages.sort_unstable_by_key(|(used, _)| *used);
    for (_, key) in ages {
        if total <= MOST_WEIGHT / 2 {
            return;
        }
        let droppable = stores.get(&key).is_some_and(|entry| {
            Arc::strong_count(&entry.store) == 1
                && entry.store.try_lock().is_ok_and(|store| !store.modified())
        });
        if droppable && let Some(entry) = stores.remove(&key) {
            total -= entry.weight;
        }
    }
}
