//! The stores of one type: created from the seed on first use, and dropped, least recently used
//! first, when there are too many.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use crate::store::{Part, Place, Seed, Store, filled};

/// The maximum weight of unchanged state of one type, in functions and roles of about 4 KB each.
const MOST_WEIGHT: usize = 60_000;

/// A type of store that a service declares.
#[derive(Clone, Copy)]
pub struct Kind {
    id: fn() -> TypeId,
    make: fn() -> Box<dyn Held>,
}

impl Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kind({:?})", (self.id)())
    }
}

impl Kind {
    /// A store for each account, or for each account and Region.
    pub const fn store<S: Store>() -> Self {
        Self {
            id: TypeId::of::<S>,
            make: || Box::new(Shelf::<S>::default()),
        }
    }

    /// A store of which there is only one.
    pub const fn part<P: Part>() -> Self {
        Self {
            id: TypeId::of::<P>,
            make: || Box::new(Single::<P>::default()),
        }
    }

    pub(crate) fn begin(self) -> (TypeId, Box<dyn Held>) {
        ((self.id)(), (self.make)())
    }
}

/// The stores of one type in a world.
pub trait Held: Any + Debug + Send + Sync {
    /// Returns what clients have changed, always in the same order.
    fn describe(&self, seed: &dyn Seed, add: &mut dyn FnMut(String));
    /// Resets what clients have changed.
    fn reset(&self, seed: &dyn Seed);
}

/// A single store, created on first use.
#[derive(Debug)]
pub(crate) struct Single<P>(OnceLock<P>);

impl<P> Default for Single<P> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<P: Part> Single<P> {
    pub(crate) fn get(&self, seed: &dyn Seed) -> &P {
        self.0.get_or_init(|| P::begin(seed))
    }
}

impl<P: Part> Held for Single<P> {
    fn describe(&self, seed: &dyn Seed, add: &mut dyn FnMut(String)) {
        add(self.get(seed).describe());
    }

    fn reset(&self, seed: &dyn Seed) {
        self.get(seed).reset(seed);
    }
}

/// The stores of one type, by account and Region.
#[derive(Debug)]
pub(crate) struct Shelf<S> {
    stores: RwLock<HashMap<String, Entry<S>>>,
    clock: AtomicU64,
}

#[derive(Debug)]
struct Entry<S> {
    store: Arc<Mutex<S>>,
    weight: usize,
    used: AtomicU64,
}

impl<S> Default for Shelf<S> {
    fn default() -> Self {
        Self {
            stores: RwLock::default(),
            clock: AtomicU64::new(0),
        }
    }
}

impl<S: Store> Shelf<S> {
    pub(crate) fn get(&self, seed: &dyn Seed, place: Place<'_>) -> Arc<Mutex<S>> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let key = format!("{}/{}", place.account, place.region);
        if let Some(entry) = self
            .stores
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
        {
            entry.used.store(now, Ordering::Relaxed);
            return Arc::clone(&entry.store);
        }
        // Created outside the lock: two threads may create the same store, and one of them is kept.
        let made: S = filled(seed, place);
        let weight = made.weight();
        let mut stores = self.stores.write().unwrap_or_else(PoisonError::into_inner);
        if !stores.contains_key(&key)
            && stores.values().map(|entry| entry.weight).sum::<usize>() + weight > MOST_WEIGHT
        {
            evict(&mut stores);
        }
        let entry = stores.entry(key).or_insert_with(|| Entry {
            store: Arc::new(Mutex::new(made)),
            weight,
            used: AtomicU64::new(now),
        });
        Arc::clone(&entry.store)
    }
}

impl<S: Store> Held for Shelf<S> {
    fn describe(&self, _: &dyn Seed, add: &mut dyn FnMut(String)) {
        let stores = self.stores.read().unwrap_or_else(PoisonError::into_inner);
        let sorted: BTreeMap<&String, &Entry<S>> = stores.iter().collect();
        for (key, entry) in sorted {
            let store = entry.store.lock().unwrap_or_else(PoisonError::into_inner);
            if store.modified() {
                add(format!("{key}{store:?}"));
            }
        }
    }

    fn reset(&self, _: &dyn Seed) {
        self.stores
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Drops unchanged stores that are not in use, until half of the weight is left.
fn evict<S: Store>(stores: &mut HashMap<String, Entry<S>>) {
    let mut total: usize = stores.values().map(|entry| entry.weight).sum();
    let mut ages: Vec<(u64, String)> = stores
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
