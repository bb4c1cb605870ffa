//! Who has read which queue: each is read once, in the account that owns it where the scan can
//! enter that one, however many functions of however many accounts refer to it.
//!
//! A queue of an account that is not scanned is read once by every account that refers to it: what
//! one account may read and another may not must not depend on which of them came first.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt};
use lambdasweep_aws::{AccountSession, CallError, Caller, Entrance};
use lambdasweep_model::{AccountId, Outcome};
use lambdasweep_tables::{Batch, CoverageRow, Form, Journal, TablesError, Unit};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use super::{COLLECTOR, GET_ATTRIBUTES, Queue, QueueArn, read};
use crate::context::{CoverageKey, Reading, RegionContext, ScanContext, in_time};
use crate::gate::Gate;
use crate::notes::{Note, NotedError};

/// How many queues of an account are read at once.
const QUEUES_AT_ONCE: usize = 16;

/// How the parts are called that readings of queues are.
const PREFIX: &str = "queue/";

/// The code of a denial to an account that does not own the queue.
const OUTSIDE: &str = "OutsideOfScan";

/// What reading a queue gave.
pub(crate) type Answer = Result<Queue, CallError>;

/// The queues that a scan's functions refer to.
#[derive(Debug)]
pub(crate) struct Queues {
    scan: Arc<ScanContext>,
    journal: Arc<Journal>,
    entrance: Entrance,
    /// A lock for each queue that is asked for at the moment.
    asked: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Sessions in accounts that own queues that other accounts refer to.
    sessions: Mutex<HashMap<AccountId, Arc<Entering>>>,
}

/// A session that is opened once, by whoever needs it first.
type Entering = OnceCell<Result<AccountSession, CallError>>;

/// What the journal keeps of a reading.
#[derive(Debug, Serialize, Deserialize)]
struct Noted {
    arn: String,
    attempts: u32,
    read: Result<Queue, NotedError>,
}

impl Note for Noted {
    fn visit_texts(&mut self, visit: &mut dyn FnMut(Form, &mut String)) {
        visit(Form::Identifier, &mut self.arn);
        match &mut self.read {
            Ok(queue) => queue.policy.visit_texts(visit),
            Err(error) => error.visit_texts(visit),
        }
    }
}

impl Queues {
    pub(crate) fn new(
        scan: &Arc<ScanContext>,
        journal: &Arc<Journal>,
        entrance: &Entrance,
    ) -> Self {
        Self {
            scan: Arc::clone(scan),
            journal: Arc::clone(journal),
            entrance: entrance.clone(),
            asked: Mutex::default(),
            sessions: Mutex::default(),
        }
    }

    /// Reads the queues that an account refers to, unless they have been read.
    ///
    /// # Errors
    /// Where the journal cannot be read or written.
    pub(crate) async fn read_all(
        &self,
        arns: BTreeSet<QueueArn>,
        asking: &AccountSession,
    ) -> Result<BTreeMap<String, Answer>, TablesError> {
        futures::stream::iter(arns)
            .map(async |arn| Ok((arn.text.clone(), self.read(&arn, asking).await?)))
            .buffer_unordered(QUEUES_AT_ONCE)
            .try_collect()
            .await
    }

    async fn read(&self, arn: &QueueArn, asking: &AccountSession) -> Result<Answer, TablesError> {
        let lock = || self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let one = Arc::clone(lock().entry(arn.text.clone()).or_default());
        let answer = {
            let _turn = one.lock().await;
            self.read_in_turn(arn, asking).await
        };
        drop(one);
        // The last one to leave takes the lock away: a scan may meet very many queues.
        let mut asked = lock();
        if asked
            .get(&arn.text)
            .is_some_and(|one| Arc::strong_count(one) == 1)
        {
            asked.remove(&arn.text);
        }
        answer
    }

    /// Gives what the journal has of a queue, or reads it.
    async fn read_in_turn(
        &self,
        arn: &QueueArn,
        asking: &AccountSession,
    ) -> Result<Answer, TablesError> {
        let unit = &Unit::Referenced(arn.account.clone(), arn.region.clone());
        let owner_is_scanned = self.scan.organization.is_scanned(arn.account.as_str());
        let reader = if owner_is_scanned {
            &arn.account
        } else {
            asking.account()
        };
        let name = digest(&arn.text);
        let part = format!("{PREFIX}{name}/{reader}");
        if let Some(noted) = self.journal.note::<Noted>(unit, &part)? {
            return Ok(noted.read.map_err(NotedError::into_error));
        }
        let (mut batch, attempts, answer) = match self.session(reader, asking).await {
            Ok(session) => self.ask(arn, session).await,
            Err(error) => (Batch::default(), error.attempts, Err(error)),
        };
        let gate = Gate::new(&self.journal, unit);
        if !owner_is_scanned && answer.is_ok() {
            // Of several accounts that may read it the first one gives the rows.
            let rows = format!("rows/{name}");
            let batch = std::mem::take(&mut batch);
            if self.journal.note::<()>(unit, &rows)?.is_none() {
                gate.part(&rows).finish(batch, ()).await?;
            }
        }
        let noted = Noted {
            arn: arn.text.clone(),
            attempts,
            read: answer.clone().map_err(|error| NotedError::of(&error)),
        };
        gate.part(&part).finish(batch, noted).await?;
        Ok(answer)
    }

    /// The session to read with. Accounts that are entered for the queues of others are entered
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

    /// Asks AWS for a queue. Boxed, because the collector's declaration names what leads here.
    fn ask<'a>(
        &'a self,
        arn: &'a QueueArn,
        session: AccountSession,
    ) -> BoxFuture<'a, (Batch, u32, Answer)> {
        Box::pin(async move {
            let reader = session.account().clone();
            let context = RegionContext::of_owner(&self.scan, session, &arn.account, &arn.region);
            let caller = Caller::new(&self.scan.pacer, reader.as_str(), arn.region.as_str());
            let mut reading = Reading::new(caller);
            let limited = reading.caller.fresh();
            let mut answer = None;
            let ended = in_time(
                &COLLECTOR,
                &limited,
                Box::pin(async {
                    answer = Some(read(&context, arn, &mut reading).await);
                    Ok(())
                }),
            )
            .await;
            let answer = ended.and(answer.unwrap_or_else(|| {
                let what = "nothing was read";
                Err(limited.incomplete(&GET_ATTRIBUTES, what))
            }));
            if answer.is_err() {
                reading.batch = Batch::default();
            }
            let answer = answer.map_err(|error| {
                if reader == arn.account {
                    to_owner(error)
                } else {
                    to_other(error, &reader)
                }
            });
            (reading.batch, reading.caller.attempts(), answer)
        })
    }
}

/// Completes the units of all queues, once no account can refer to any more: their coverage
/// says how reading each ended.
///
/// # Errors
/// Where the journal cannot be read or written.
pub(crate) async fn complete(journal: &Journal) -> Result<(), TablesError> {
    for unit in journal.begun() {
        let Unit::Referenced(account, region) = &unit else {
            continue;
        };
        let mut coverage: BTreeMap<String, CoverageRow> = BTreeMap::new();
        for part in journal.finished(&unit) {
            if !part.starts_with(PREFIX) {
                continue;
            }
            let Some(noted) = journal.note::<Noted>(&unit, &part)? else {
                continue;
            };
            let row = noted.coverage(account, region.as_str());
            // Parts come in the order of the accounts that read. What one of them could read
            // was read.
            let known = coverage.get(&row.resource_arn);
            if known.is_none_or(|known| !is_ok(known) && is_ok(&row)) {
                coverage.insert(row.resource_arn.clone(), row);
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

impl Noted {
    fn coverage(self, account: &AccountId, region: &str) -> CoverageRow {
        let covered = CoverageKey {
            account: account.as_str(),
            region,
            resource: &self.arn,
            fact: COLLECTOR.fact,
        };
        let ended = self.read.map(|_| ()).map_err(NotedError::into_error);
        covered.row(&ended, i64::from(self.attempts))
    }
}

/// A name for a queue that shows nothing of its own: names of parts do not pass the gate.
fn digest(arn: &str) -> String {
    let bytes = Sha256::digest(arn);
    bytes
        .iter()
        .take(16)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// What an error means that was answered to the queue's owner: nobody else learns for certain that
/// a queue is not there.
fn to_owner(error: CallError) -> CallError {
    match error.outcome {
        Outcome::NotFound => CallError {
            outcome: Outcome::Gone,
            ..error
        },
        _ => error,
    }
}

/// What an error means that was answered to another account.
fn to_other(error: CallError, reader: &AccountId) -> CallError {
    match error.outcome {
        Outcome::NotFound => CallError {
            outcome: Outcome::Denied,
            code: Some(OUTSIDE.to_owned()),
            message: format!("the queue does not exist, or account {reader} may not read it"),
            ..error
        },
        Outcome::Denied => CallError {
            code: Some(OUTSIDE.to_owned()),
            ..error
        },
        _ => error,
    }
}
