//! Service clients: one per session, Region and service.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_smithy_runtime::client::retries::RetryPartition;

use crate::credentials::AccountSession;

/// An AWS service and how its client is made; implemented once for each service that is read.
pub trait Service: 'static {
    /// The client; a clone of it is the same client.
    type Client: Clone + Send + Sync + 'static;

    /// The service in the names of its operations (`lambda` in `lambda:ListFunctions`).
    const NAME: &'static str;

    /// Makes a client.
    fn client(config: &SdkConfig, retries: RetryPartition) -> Self::Client;
}

/// The clients of a session, in one Region or of global services.
#[derive(Debug)]
pub struct Clients {
    session: AccountSession,
    /// Empty for global services.
    region: String,
    made: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
}

impl Clients {
    /// The clients of a session; `region` is empty for global services.
    pub fn new(session: AccountSession, region: &str) -> Self {
        Self {
            session,
            region: region.to_owned(),
            made: Mutex::default(),
        }
    }

    /// The session.
    pub fn session(&self) -> &AccountSession {
        &self.session
    }

    /// The client of a service.
    pub fn get<S: Service>(&self) -> S::Client {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let client = made
            .entry(TypeId::of::<S>())
            .or_insert_with(|| Box::new(self.session.client::<S>(&self.region)));
        match client.downcast_ref::<S::Client>() {
            Some(client) => client.clone(),
            // Each service has its own entry, so this cannot happen.
            None => self.session.client::<S>(&self.region),
        }
    }
}
