//! All state: the stores of the services, found by their type, and the sessions that calls are
//! signed with.
//!
//! A store that no client has changed may be dropped and created again, so that memory does not
//! grow with the organisation.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use crate::caller::Caller;
use crate::shelf::{Held, Kind, Shelf, Single};
use crate::store::{Part, Place, Seed, Store};

/// How many sessions are kept before expired ones are removed.
const SWEEP_SESSIONS_AT: usize = 10_000;

/// All state of one mock.
#[derive(Debug)]
pub struct World {
    seed: Box<dyn Seed>,
    /// The stores of services, by type. They are so few that a linear search is fastest.
    held: Vec<(TypeId, Box<dyn Held>)>,
    sessions: RwLock<HashMap<String, Caller>>,
    /// How long AWS's background changes take, in seconds.
    transition: f64,
}

impl World {
    /// A world with the seed's initial state and these stores.
    pub fn new(seed: Box<dyn Seed>, kinds: impl Iterator<Item = Kind>) -> Self {
        Self {
            seed,
            held: kinds.map(Kind::begin).collect(),
            sessions: RwLock::default(),
            transition: 0.0,
        }
    }

    /// Sets how long it takes until resources that services create or update in the background are
    /// ready.
    #[must_use]
    pub fn with_transition(self, transition: Duration) -> Self {
        Self {
            transition: transition.as_secs_f64(),
            ..self
        }
    }

    /// How long it takes until resources that services create or update are ready, in seconds.
    pub fn transition(&self) -> f64 {
        self.transition
    }

    /// The seed.
    pub fn seed(&self) -> &dyn Seed {
        self.seed.as_ref()
    }

    fn held<H: Held>(&self, id: TypeId) -> &H {
        self.held
            .iter()
            .find(|(known, _)| *known == id)
            .and_then(|(_, held)| (held.as_ref() as &dyn Any).downcast_ref())
            .unwrap_or_else(|| unreachable!("no service declares a store of this type"))
    }

    /// A service's state in an account.
    pub fn global<S: Store>(&self, account: &str) -> Arc<Mutex<S>> {
        self.regional(account, "")
    }

    /// A service's state in an account and Region.
    pub fn regional<S: Store>(&self, account: &str, region: &str) -> Arc<Mutex<S>> {
        self.held::<Shelf<S>>(TypeId::of::<S>())
            .get(self.seed(), Place { account, region })
    }

    /// The single store of a type.
    pub fn part<P: Part>(&self) -> &P {
        self.held::<Single<P>>(TypeId::of::<P>()).get(self.seed())
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

    /// The session of an access key.
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

    /// A digest of everything that calls have created and changed: a call that changes nothing does
    /// not change it.
    ///
    /// Stores that are unchanged since the seed are left out, since they are created and dropped as
    /// needed.
    pub fn fingerprint(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let mut digest = Sha256::new();
        let mut add = |what: String| digest.update(what.as_bytes());
        for (_, held) in &self.held {
            held.describe(self.seed(), &mut add);
        }
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        add(format!("{:?}", sessions.iter().collect::<BTreeMap<_, _>>()));
        digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Resets everything that clients have changed.
    pub fn reset(&self) {
        for (_, held) in &self.held {
            held.reset(self.seed());
        }
        self.sessions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
