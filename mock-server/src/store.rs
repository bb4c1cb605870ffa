//! The state of services, and how it is filled before the first call.
//!
//! A service declares the types of its stores, and the world finds a store by its type, so the
//! world has no list of services.

use std::any::Any;
use std::fmt::Debug;

use serde::Serialize;
use serde_json::Value;

use crate::plan::Plan;

/// The place of a store: an account's Region; an account if the Region is empty; the whole world if
/// both are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Twelve digits.
    pub account: &'a str,
    /// `eu-west-1`.
    pub region: &'a str,
}

impl Place<'_> {
    /// The whole world.
    pub const WORLD: Self = Self {
        account: "",
        region: "",
    };
}

/// State of a service in one account, or in one account and Region. It starts empty and is filled
/// by the seed; while no client has changed it, it may be dropped and created again.
pub trait Store: Any + Debug + Default + Send {
    /// Fills it with the seed's content for a place.
    fn fill(&mut self, seed: &dyn Seed, place: Place<'_>)
    where
        Self: Sized,
    {
        seed.fill(place, self);
    }
    /// Its size, in items of about 4 KB.
    fn weight(&self) -> usize;
    /// Whether a client has changed the seed's content.
    fn modified(&self) -> bool;
}

/// State of a service that exists once in a world.
pub trait Part: Any + Debug + Send + Sync {
    /// The initial state.
    fn begin(seed: &dyn Seed) -> Self
    where
        Self: Sized;
    /// Returns to the initial state.
    fn reset(&self, seed: &dyn Seed);
    /// Its content for the world's fingerprint: the same text if and only if no call has changed
    /// anything.
    fn describe(&self) -> String;
}

/// The source of the initial state. It returns the same for the same arguments, at any time and in
/// any order.
pub trait Seed: Send + Sync + Debug {
    /// Fills a newly created store for a place. A store of a type that is unknown to the seed stays
    /// empty.
    fn fill(&self, place: Place<'_>, store: &mut dyn Any);
    /// The planted misconfigurations as of a date (`YYYY-MM-DD`).
    fn truth(&self, as_of: &str) -> Vec<Planted>;
    /// What the world is generated from, for stores that fill themselves.
    fn plan(&self) -> Option<&Plan> {
        None
    }
    /// The tables with a name in a file, for stores that fill themselves.
    fn section(&self, _: &str) -> &[Value] {
        &[]
    }
}

/// A new store, filled by the seed.
pub fn filled<S: Store>(seed: &dyn Seed, place: Place<'_>) -> S {
    let mut store = S::default();
    store.fill(seed, place);
    store
}

/// The seed's own content for a place.
pub fn seeded<S: Default + 'static>(seed: &dyn Seed, place: Place<'_>) -> S {
    let mut store = S::default();
    seed.fill(place, &mut store);
    store
}

/// Replaces a store if it has the type of the given value; used by [`Seed::fill`].
pub fn fill<S: 'static>(store: &mut dyn Any, make: impl FnOnce() -> S) {
    if let Some(store) = store.downcast_mut() {
        *store = make();
    }
}

/// A misconfiguration that the seed planted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Planted {
    /// The account.
    pub account: String,
    /// The Region; empty for roles and accounts.
    pub region: String,
    /// The ARN of the function, role or layer version, or of the account's root user for
    /// misconfigurations of the account.
    pub resource_arn: String,
    /// The name of the misconfiguration (`policy-public`).
    pub misconfiguration: &'static str,
    /// The resource's fault of this kind: a statement, a variable, an alias, a principal, a path;
    /// empty if there can be only one. `None` if the resource has one or more such faults that were
    /// not planted individually.
    pub fault: Option<String>,
}
