//! Resources that functions of any account may refer to, such as queues. Each is read once, in the
//! account that owns it where the scan can enter that one, however many functions of however many
//! accounts refer to it.
//!
//! A resource of an account that is not scanned is read once by every account that refers to it:
//! what one account may read and another may not must not depend on which of them came first.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt};
use lambdasweep_aws::{AccountSession, CallError, Caller, Entrance, Operation};
use lambdasweep_model::{AccountId, Outcome, Region};
use lambdasweep_tables::{Batch, CoverageRow, Fact, Form, Journal, TablesError, Unit, facts};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use super::Collector;
use crate::context::{CoverageKey, Reading, RegionContext, ScanContext, in_time};
use crate::gate::Gate;
use crate::notes::{Note, NotedError};

/// How many resources that an account refers to are read at once.
const RESOURCES_AT_ONCE: usize = 16;

/// How the parts begin that have the rows of resources outside of the scan.
const ROWS: &str = "rows";

/// The code of a denial to an account that does not own the resource.
const OUTSIDE: &str = "OutsideOfScan";

/// A resource that functions of any account may refer to, by its ARN.
pub(crate) trait SharedResource: Ord + Send + Sync + 'static {
    /// What is kept of it for decisions about it. The journal holds it, so that a scan that is
    /// resumed decides as one that was not interrupted.
    type Kept: Clone + Serialize + DeserializeOwned + Send;
    /// The collector that reads such resources.
    const COLLECTOR: &'static Collector;
    /// The operation that reads one.
    const OPERATION: &'static Operation;

    /// The ARN.
    fn arn(&self) -> &str;

    /// The account that owns it.
    fn account(&self) -> &AccountId;

    /// Its Region.
    fn region(&self) -> &Region;

    /// Reads it. `context` is that of the account and the Region that own it.
    fn read<'a>(
        &'a self,
        context: &'a RegionContext,
        reading: &'a mut Reading,
    ) -> BoxFuture<'a, Answer<Self>>;

    /// Visits every text in what is kept that comes from AWS, with its form.
    fn visit_texts(kept: &mut Self::Kept, visit: &mut dyn FnMut(Form, &mut String));
}

/// The result of reading a resource.
pub(crate) type Answer<R> = Result<<R as SharedResource>::Kept, CallError>;

/// The resources that a scan's functions refer to.
#[derive(Debug)]
pub(crate) struct SharedResources {
    scan: Arc<ScanContext>,
    journal: Arc<Journal>,
    entrance: Entrance,
    /// A lock for each resource that is being read.
    reading: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Sessions in accounts that own resources that other accounts refer to.
    sessions: Mutex<HashMap<AccountId, Arc<Entering>>>,
}

/// A session that is opened once, by whoever needs it first.
type Entering = OnceCell<Result<AccountSession, CallError>>;

/// The journal's note about a resource that was read. Notes begin with the ending, which can be read
/// without knowing what kind of resource it was.
#[derive(Debug, Serialize, Deserialize)]
struct Noted<K> {
    ending: Ending,
    kept: Option<K>,
}

/// How reading a resource ended.
#[derive(Debug, Serialize, Deserialize)]
struct Ending {
    arn: String,
    attempts: u32,
    error: Option<NotedError>,
}

/// A note that can be written.
struct Writable<R: SharedResource>(Noted<R::Kept>);

impl<R: SharedResource> Serialize for Writable<R> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<R: SharedResource> Note for Writable<R> {
    fn visit_texts(&mut self, visit: &mut dyn FnMut(Form, &mut String)) {
        let Noted { ending, kept } = &mut self.0;
        visit(Form::Identifier, &mut ending.arn);
        if let Some(error) = &mut ending.error {
            error.visit_texts(visit);
        }
        if let Some(kept) = kept {
            R::visit_texts(kept, visit);
        }
    }
}

impl SharedResources {
    pub(crate) fn new(
        scan: &Arc<ScanContext>,
        journal: &Arc<Journal>,
        entrance: &Entrance,
    ) -> Self {
        Self {
            scan: Arc::clone(scan),
            journal: Arc::clone(journal),
            entrance: entrance.clone(),
            reading: Mutex::default(),
            sessions: Mutex::default(),
        }
    }

    /// Reads the resources that an account refers to, unless they have been read.
    ///
    /// # Errors
    /// Where the journal cannot be read or written.
    pub(crate) async fn read_all<R: SharedResource>(
        &self,
        resources: BTreeSet<R>,
        asking: &AccountSession,
    ) -> Result<BTreeMap<String, Answer<R>>, TablesError> {
        futures::stream::iter(resources)
            .map(async |it| Ok((it.arn().to_owned(), self.read(&it, asking).await?)))
            .buffer_unordered(RESOURCES_AT_ONCE)
            .try_collect()
            .await
    }

    async fn read<R: SharedResource>(
        &self,
        resource: &R,
        asking: &AccountSession,
    ) -> Result<Answer<R>, TablesError> {
        let lock = || self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let one = Arc::clone(lock().entry(resource.arn().to_owned()).or_default());
        let answer = {
            let _turn = one.lock().await;
            self.read_in_turn(resource, asking).await
        };
        drop(one);
        // The last one to leave removes the lock: a scan may meet very many resources.
        let mut reading = lock();
        if reading
            .get(resource.arn())
            .is_some_and(|one| Arc::strong_count(one) == 1)
        {
            reading.remove(resource.arn());
        }
        answer
    }

    /// Returns what the journal has of a resource, or reads it.
    async fn read_in_turn<R: SharedResource>(
        &self,
        resource: &R,
        asking: &AccountSession,
    ) -> Result<Answer<R>, TablesError> {
        let owner = resource.account();
        let unit = &Unit::Referenced(owner.clone(), resource.region().clone());
        let owner_is_scanned = self.scan.organization.is_scanned(owner.as_str());
        let reader = if owner_is_scanned {
            owner
        } else {
            asking.account()
        };
        let name = digest(resource.arn());
        let part = format!("{}/{name}/{reader}", R::COLLECTOR.fact);
        let noted = self.journal.note::<Noted<R::Kept>>(unit, &part)?;
        if let Some(answer) = noted.and_then(Noted::into_answer::<R>) {
            return Ok(answer);
        }
        let (mut batch, attempts, answer) = match self.session(reader, asking).await {
            Ok(session) => self.ask(resource, session).await,
            Err(error) => (Batch::default(), error.attempts, Err(error)),
        };
        let gate = Gate::new(&self.journal, unit);
        if !owner_is_scanned && answer.is_ok() {
            // Of several accounts that may read it the first one gives the rows.
            let rows = format!("{ROWS}/{name}");
            let batch = std::mem::take(&mut batch);
            if self.journal.note::<()>(unit, &rows)?.is_none() {
                gate.part(&rows).finish(batch, ()).await?;
            }
        }
        let noted = Noted {
            ending: Ending {
                arn: resource.arn().to_owned(),
                attempts,
                error: answer.as_ref().err().map(NotedError::of),
            },
            kept: answer.as_ref().ok().cloned(),
        };
        gate.part(&part).finish(batch, Writable::<R>(noted)).await?;
        Ok(answer)
    }

    /// The session to read with. Accounts that are entered for the resources of others are entered
    /// once.
    async fn session(
        &self,
        reader: &AccountId,
        asking: &AccountSession,
    ) -> Result<AccountSession, CallError> {
        if reader == asking.account() {
            return Ok(asking.clone());
        }
        let cell = {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(sessions.entry(reader.clone()).or_default())
        };
        cell.get_or_init(|| self.entrance.enter(reader))
            .await
            .clone()
    }

    /// Asks AWS for a resource. Boxed, because the collector's declaration names what leads here.
    fn ask<'a, R: SharedResource>(
        &'a self,
        resource: &'a R,
        session: AccountSession,
    ) -> BoxFuture<'a, (Batch, u32, Answer<R>)> {
        Box::pin(async move {
            let reader = session.account().clone();
            let (owner, region) = (resource.account(), resource.region());
            let context = RegionContext::of_owner(&self.scan, session, owner, region);
            let caller = Caller::new(&self.scan.pacer, reader.as_str(), region.as_str());
            let mut reading = Reading::new(caller);
            let limited = reading.caller.fresh();
            let mut kept = None;
            let ended = in_time(
                R::COLLECTOR,
                &limited,
                Box::pin(async {
                    kept = Some(resource.read(&context, &mut reading).await?);
                    Ok(())
                }),
            )
            .await;
            let answer = ended.and_then(|()| {
                kept.ok_or_else(|| limited.incomplete(R::OPERATION, "nothing was read"))
            });
            if answer.is_err() {
                reading.batch = Batch::default();
            }
            let answer = answer.map_err(|error| {
                if reader == *owner {
                    to_owner(error)
                } else {
                    to_other(error, &reader)
                }
            });
            (reading.batch, reading.caller.attempts(), answer)
        })
    }
}

impl<K> Noted<K> {
    fn into_answer<R: SharedResource<Kept = K>>(self) -> Option<Answer<R>> {
        match (self.ending.error, self.kept) {
            (Some(error), _) => Some(Err(error.into_error())),
            (None, kept) => kept.map(Ok),
        }
    }
}

/// Completes the units of all shared resources, once no account can refer to any more: their
/// coverage says how reading each ended.
///
/// # Errors
/// Where the journal cannot be read or written.
pub(crate) async fn complete(journal: &Journal) -> Result<(), TablesError> {
    for unit in journal.begun() {
        let Unit::Referenced(account, region) = &unit else {
            continue;
        };
        let mut coverage: BTreeMap<(Fact, String), CoverageRow> = BTreeMap::new();
        for part in journal.finished(&unit) {
            let fact = part.split('/').next().unwrap_or_default();
            let Some(fact) = facts::ALL.iter().find(|it| it.as_str() == fact) else {
                continue;
            };
            let Some(ending) = journal.note::<Ending>(&unit, &part)? else {
                continue;
            };
            let row = ending.coverage(account, region.as_str(), *fact);
            let key = (*fact, row.resource_arn.clone());
            // Parts come in the order of the accounts that read. What one of them could read
            // was read.
            let known = coverage.get(&key);
            if known.is_none_or(|known| !is_ok(known) && is_ok(&row)) {
                coverage.insert(key, row);
            }
        }
        let mut last = Batch::default();
        coverage.into_values().for_each(|row| last.push(row));
        Gate::new(journal, &unit)
            .complete(last, &BTreeSet::new())
            .await?;
    }
    Ok(())
}

fn is_ok(row: &CoverageRow) -> bool {
    row.outcome == Outcome::Ok.as_str()
}

impl Ending {
    fn coverage(self, account: &AccountId, region: &str, fact: Fact) -> CoverageRow {
        let covered = CoverageKey {
            account: account.as_str(),
            region,
            resource: &self.arn,
            fact,
        };
        let ended = self.error.map_or(Ok(()), |it| Err(it.into_error()));
        covered.row(&ended, i64::from(self.attempts))
    }
}

/// A name for a resource that shows nothing of its own: names of parts do not pass the gate.
fn digest(arn: &str) -> String {
    let bytes = Sha256::digest(arn);
    bytes
        .iter()
        .take(16)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// What an error means that was returned to the resource's owner: only the owner learns for certain
/// that a resource was deleted.
fn to_owner(error: CallError) -> CallError {
    match error.outcome {
        Outcome::NotFound => CallError {
            outcome: Outcome::Gone,
            ..error
        },
        _ => error,
    }
}

/// What an error means that was returned to another account.
fn to_other(error: CallError, reader: &AccountId) -> CallError {
    match error.outcome {
        Outcome::NotFound => CallError {
            outcome: Outcome::Denied,
            code: Some(OUTSIDE.to_owned()),
            message: format!("the resource does not exist, or account {reader} may not read it"),
            ..error
        },
        Outcome::Denied => CallError {
            code: Some(OUTSIDE.to_owned()),
            ..error
        },
        _ => error,
    }
}
