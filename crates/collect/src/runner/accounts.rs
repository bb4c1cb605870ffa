//! Enters accounts and reads their Regions. Each account-Region is a task that is ready as soon as
//! its account was entered and it is known how many functions it has: none waits for the others.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use futures::StreamExt;
use lambdasweep_aws::{AccountSession, CallError, QuotaShare};
use lambdasweep_model::{AccountId, Region};
use lambdasweep_tables::{AccountRow, AccountSettingsRow, Batch, Journal, RegionRow, Unit, facts};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::{JoinError, JoinSet};

use super::referenced::ReadRegion;
use super::{ACCOUNTS_AT_ONCE, Runner};
use crate::context::{AccountContext, CoverageKey, ScanContext};
use crate::error::CollectError;
use crate::gate::Gate;
use crate::organization::ACTIVE;
use crate::progress::Progress;
use crate::region;
use crate::survey::{EnteredAccount, Found, REGIONS, Standing, enter, settings};

/// How many account-Regions are read at once where no quota holds them back: enough to keep the
/// machine busy.
const UNPACED_REGIONS_AT_ONCE: usize = 32;

/// The part of a Region that its settings are.
const SETTINGS: &str = "settings";

/// An account-Region to read. Tasks are ordered by how long they take, as far as that is known.
pub(super) struct Task {
    session: AccountSession,
    region: Region,
    /// How many functions it says it has; unknown counts as most.
    functions: Option<u64>,
    account_left: Option<Arc<AccountLeft>>,
}

impl Task {
    fn weight(&self) -> u64 {
        self.functions.unwrap_or(u64::MAX)
    }
}

impl Ord for Task {
    fn cmp(&self, other: &Self) -> Ordering {
        self.weight().cmp(&other.weight())
    }
}

impl PartialOrd for Task {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Task {
    fn eq(&self, other: &Self) -> bool {
        self.weight() == other.weight()
    }
}

impl Eq for Task {}

/// Where tasks go that an account leads to: what is global in it, its Regions that are left to read,
/// and what the functions of those refer to that were read before an interruption.
pub(super) type Leads = (
    UnboundedSender<EnteredAccount>,
    UnboundedSender<Task>,
    UnboundedSender<ReadRegion>,
);

/// An account that was entered. It is sent to the reader of global facts when the last of its
/// Region tasks drops this.
pub(super) struct AccountLeft {
    entered: Option<EnteredAccount>,
    /// Whether a Region was not read because the scan failed.
    failed: AtomicBool,
    sender: UnboundedSender<EnteredAccount>,
}

impl Drop for AccountLeft {
    fn drop(&mut self) {
        if let Some(entered) = self.entered.take().filter(|_| !*self.failed.get_mut()) {
            // Nobody listens any more only where reading what is global has failed, which ends the
            // scan.
            let _ = self.sender.send(entered);
        }
    }
}

impl Runner {
    /// Enters the accounts, many at once.
    pub(super) async fn enter_accounts(
        &self,
        scan: &Arc<ScanContext>,
        journal: &Arc<Journal>,
        leads: Leads,
    ) -> Result<(), CollectError> {
        let accounts: Vec<AccountRow> = journal.rows(&Unit::Organization)?;
        let active: Vec<AccountId> = accounts
            .iter()
            .filter(|account| account.in_scope && account.state == ACTIVE)
            .filter_map(|account| account.account_id.parse().ok())
            .collect();
        Progress::add(&self.progress.accounts_total, active.len() as u64);
        let accounts = active
            .into_iter()
            .map(|account| self.account(scan, journal, account, &leads));
        let mut entering = futures::stream::iter(accounts).buffer_unordered(ACCOUNTS_AT_ONCE);
        while let Some(ended) = entering.next().await {
            ended?;
            Progress::add(&self.progress.accounts_done, 1);
        }
        Ok(())
    }

    /// Enters an account, takes a look at the Regions that are left to read, and makes a task of
    /// each. What is global in the account is read when the last of its Regions was, since what
    /// its roles can reach depends on its functions; unless the journal has it.
    async fn account(
        &self,
        scan: &Arc<ScanContext>,
        journal: &Arc<Journal>,
        account: AccountId,
        (entered, ready, read): &Leads,
    ) -> Result<(), CollectError> {
        let complete = journal.contains(&Unit::Account(account.clone()));
        let mut found = self.entered(scan, journal, &account).await?;
        let is_left = |region: &Region| {
            !journal.contains(&Unit::AccountRegion(account.clone(), region.clone()))
        };
        let (mut left, whole): (Vec<_>, Vec<_>) = found.regions.iter().cloned().partition(is_left);
        if found.session.is_none() && found.closed.is_none() && !(complete && left.is_empty()) {
            // The scan goes on in an account that it had entered before.
            match self.entrance.enter(&account).await {
                Ok(session) => found.session = Some(session),
                Err(error) => {
                    self.close_regions(journal, &account, &left, &error).await?;
                    found.closed = Some(error);
                    left.clear();
                }
            }
        }
        Progress::add(&self.progress.regions_total, left.len() as u64);
        let session = found.session.clone();
        let account_left = (!complete).then(|| {
            Arc::new(AccountLeft {
                entered: Some(found),
                failed: AtomicBool::new(false),
                sender: entered.clone(),
            })
        });
        let Some(session) = session else {
            return Ok(());
        };
        for region in whole.into_iter().filter(|_| !complete) {
            // Nobody listens any more only where reading has failed, which ends the scan; likewise
            // below.
            let _ = read.send(ReadRegion::new(&session, region));
        }
        let context = &AccountContext::new(scan, session);
        let looks = left.into_iter().map(async |region| {
            let functions = self.look(journal, context, &region).await?;
            let task = Task {
                session: context.session().clone(),
                region,
                functions,
                account_left: account_left.clone(),
            };
            let _ = ready.send(task);
            Ok::<_, CollectError>(())
        });
        futures::future::try_join_all(looks).await?;
        Ok(())
    }

    /// What is known of an account once it was entered; without a session where the journal has
    /// that.
    async fn entered(
        &self,
        scan: &Arc<ScanContext>,
        journal: &Arc<Journal>,
        account: &AccountId,
    ) -> Result<EnteredAccount, CollectError> {
        let unit = Unit::Account(account.clone());
        let found: Option<Found> = if journal.contains(&unit) {
            Some(Found::default())
        } else {
            journal.note(&unit, REGIONS)?
        };
        let Some(found) = found else {
            let (entered, batch) = enter(
                scan,
                &self.entrance,
                &self.request,
                &self.collectors,
                account,
            )
            .await;
            if let Some(why) = &entered.closed {
                tracing::warn!(%account, "the account cannot be read: {why}");
            }
            Gate::new(journal, &unit)
                .part(REGIONS)
                .finish(batch, Found::of(&entered))
                .await?;
            return Ok(entered);
        };
        let rows: Vec<RegionRow> = journal.rows(&unit)?;
        let in_scope = rows
            .iter()
            .filter(|row| row.in_scope && Standing::of(&row.opt_status) == Standing::Enabled);
        let regions = in_scope.filter_map(|row| row.region.parse().ok()).collect();
        Ok(found.into_entered(account, regions))
    }

    /// Asks a Region how many functions it has, unless the journal knows.
    async fn look(
        &self,
        journal: &Journal,
        context: &AccountContext,
        region: &Region,
    ) -> Result<Option<u64>, CollectError> {
        let unit = Unit::AccountRegion(context.session().account().clone(), region.clone());
        let functions = if journal.finished(&unit).iter().any(|part| part == SETTINGS) {
            let rows: Vec<AccountSettingsRow> = journal.rows(&unit)?;
            let count = rows.first().and_then(|row| row.function_count);
            count.and_then(|count| u64::try_from(count).ok())
        } else {
            let (settings, functions) = settings(&context.in_region(region)).await;
            let part = Gate::new(journal, &unit).part(SETTINGS);
            part.finish(settings, ()).await?;
            functions
        };
        Progress::add(&self.progress.functions_total, functions.unwrap_or(0));
        Ok(functions)
    }

    /// Reads account-Regions, many at once: under quotas each waits on its own most of the time.
    pub(super) async fn read_regions(
        &self,
        scan: &Arc<ScanContext>,
        journal: &Arc<Journal>,
        mut tasks: UnboundedReceiver<Task>,
        read: UnboundedSender<ReadRegion>,
    ) -> Result<(), CollectError> {
        let options = self.connection.pacer().options();
        let at_once = if options.quota_share == QuotaShare::Off {
            UNPACED_REGIONS_AT_ONCE
        } else {
            options.max_in_flight.max(1)
        };
        let mut running: JoinSet<Result<(), CollectError>> = JoinSet::new();
        // The slowest first: they decide when the scan ends.
        let mut waiting = BinaryHeap::new();
        loop {
            while let Ok(task) = tasks.try_recv() {
                waiting.push(task);
            }
            while running.len() < at_once
                && let Some(task) = waiting.pop()
            {
                running.spawn(self.clone().read_region(
                    Arc::clone(scan),
                    Arc::clone(journal),
                    task,
                    read.clone(),
                ));
            }
            tokio::select! {
                Some(task) = tasks.recv() => waiting.push(task),
                Some(ended) = running.join_next() => ended.map_err(stopped)??,
                else => return Ok(()),
            }
        }
    }

    async fn read_region(
        self,
        scan: Arc<ScanContext>,
        journal: Arc<Journal>,
        task: Task,
        read: UnboundedSender<ReadRegion>,
    ) -> Result<(), CollectError> {
        let context = AccountContext::new(&scan, task.session.clone()).in_region(&task.region);
        let (collectors, progress) = (&self.collectors, &self.progress);
        let ended = region::read(&context, collectors, &journal, progress, task.functions).await;
        match (&ended, &task.account_left) {
            (Ok(()), _) => {
                let _ = read.send(ReadRegion::new(&task.session, task.region));
            }
            (Err(_), Some(left)) => left.failed.store(true, Relaxed),
            (Err(_), None) => {}
        }
        Progress::add(&self.progress.regions_done, 1);
        Ok(ended?)
    }

    /// Accounts for Regions of an account that could be entered when the scan began and cannot any
    /// more.
    async fn close_regions(
        &self,
        journal: &Journal,
        account: &AccountId,
        regions: &[Region],
        error: &CallError,
    ) -> Result<(), CollectError> {
        for region in regions {
            let mut batch = Batch::default();
            let covered = CoverageKey {
                account: account.as_str(),
                region: region.as_str(),
                resource: "",
                fact: facts::FUNCTIONS,
            };
            batch.push(covered.row_with(
                error.outcome,
                error.code.clone(),
                Some(error.message.clone()),
                i64::from(error.attempts),
            ));
            let unit = Unit::AccountRegion(account.clone(), region.clone());
            region::close(journal, &unit, batch).await?;
        }
        Ok(())
    }
}

fn stopped(error: JoinError) -> CollectError {
    CollectError::Stopped {
        unit: format!("an account-Region ({error})"),
    }
}
