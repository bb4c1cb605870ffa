//! All state: organisation → accounts → global and Regional stores, made from the seed when first touched.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use crate::call::Session;
use crate::seed::Seed;
use crate::services::{iam, lambda, organizations};

/// All state of one mock.
#[derive(Debug)]
pub struct World {
    seed: Box<dyn Seed>,
    organization: OnceLock<RwLock<organizations::store::Store>>,
    iam: Mutex<HashMap<String, Arc<Mutex<iam::store::Store>>>>,
    lambda: Mutex<HashMap<(String, String), Arc<Mutex<lambda::store::Store>>>>,
    /// Sessions issued by `sts:AssumeRole`, by access key id.
    pub sessions: RwLock<HashMap<String, Session>>,
}

impl World {
    /// A world that starts as the seed says.
    pub fn new(seed: Box<dyn Seed>) -> Self {
        Self { seed, organization: OnceLock::new(), iam: Mutex::default(), lambda: Mutex::default(), sessions: RwLock::default() }
    }

    /// The organisation's state.
    pub fn organization(&self) -> &RwLock<organizations::store::Store> {
        self.organization.get_or_init(|| RwLock::new(self.seed.organization()))
    }
}
