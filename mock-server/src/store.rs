//! Where services keep their state, and what fills it before the first call.
//!
//! A service declares the types of its stores, and the world finds a store by its type: so the
//! world has no list of services.

use std::any::Any;
use std::fmt::Debug;

use serde::Serialize;
use serde_json::Value;

use crate::plan::Plan;

/// What a store is for: an account's Region; an account where the Region is empty; the whole world
/// where both are.
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

/// State of a service in one account, or in one account and Region. It begins empty and is filled
/// by the seed; as long as no client has changed it, it may be dropped and made again.
pub trait Store: Any + Debug + Default + Send {
    /// Fills it with what the seed says of a place.
    fn fill(&mut self, seed: &dyn Seed, place: Place<'_>)
    where
        Self: Sized,
    {
        seed.fill(place, self);
    }
    /// How many things of about 4 KB it holds.
    fn weight(&self) -> usize;
    /// Whether a client has changed what the seed made.
    fn modified(&self) -> bool;
}

/// State of a service that there is once in a world.
pub trait Part: Any + Debug + Send + Sync {
    /// What the world begins with.
    fn begin(seed: &dyn Seed) -> Self
    where
        Self: Sized;
    /// Goes back to what the world began with.
    fn reset(&self, seed: &dyn Seed);
    /// What it holds, for the world's fingerprint: the same text if and only if no call has changed
    /// anything.
    fn describe(&self) -> String;
}

/// The source of initial state. It gives the same for the same arguments, at any time and in any
/// order.
pub trait Seed: Send + Sync + Debug {
    /// Fills a store that was just made for a place. A store of a type that the seed
    /// does not know stays empty.
    fn fill(&self, place: Place<'_>, store: &mut dyn Any);
    /// The misconfigurations that were planted, judged on a date (`YYYY-MM-DD`).
    fn truth(&self, as_of: &str) -> Vec<Planted>;
    /// What the world is generated from, for stores that fill themselves.
    fn plan(&self) -> Option<&Plan> {
        None
    }
    /// The tables of a name in a file, for stores that fill themselves.
    fn section(&self, _: &str) -> &[Value] {
        &[]
    }
}

/// A store as a seed fills it.
pub fn filled<S: Store>(seed: &dyn Seed, place: Place<'_>) -> S {
    let mut store = S::default();
    store.fill(seed, place);
    store
}

/// What a seed itself says of a place.
pub fn seeded<S: Default + 'static>(seed: &dyn Seed, place: Place<'_>) -> S {
    let mut store = S::default();
    seed.fill(place, &mut store);
    store
}

/// Puts something in the place of a store that is of its type: what [`Seed::fill`] is made of.
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
    /// The ARN of the function, role or layer version, or of the account's root user for what is
    /// wrong with the account.
    pub resource_arn: String,
    /// What is wrong, by a name of its own (`policy-public`).
    pub misconfiguration: &'static str,
    /// Which of the resource's faults of this kind it is: a statement, a variable, an alias, a
    /// principal, a path; empty where there can be one only. Absent where the resource has one such
    /// fault or several, and which they are was not planted one by one.
    pub fault: Option<String>,
}
