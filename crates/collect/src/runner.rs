//! Runs a scan: unit after unit into the journal, the slowest account-Regions first, what the
//! journal has already left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;
use lambdasweep_aws::{
    Account, AccountSession, CallError, Caller, Connection, Defect, Entrance, Organization,
    OwnRole, QuotaShare, RoleToAssume, discover,
};
use lambdasweep_model::{AccountId, Outcome, Region};
use lambdasweep_tables::{
    AccountRow, Batch, CoverageRow, Fact, FunctionRow, Journal, OrganizationalUnitRow, RegionRow,
    TablesError, Unit, facts,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::collector::{Collector, Run, needed};
use crate::collectors::organization_policies;
use crate::context::{AccountContext, AccountFunctions, Covered, Reading, ScanContext, in_time};
use crate::error::CollectError;
use crate::gate;
use crate::organization::OrganizationView;
use crate::progress::Progress;
use crate::region;
use crate::request::ScanRequest;
use crate::session_policy::session_policy;
use crate::survey::{
    AccountSurvey, Entered, Standing, Survey, closed_rows, enter, globals, settings,
};

/// How many accounts are entered at once.
const ACCOUNTS_AT_ONCE: usize = 64;
/// In how many accounts what is global is read at once: all of an account's roles are held until
/// they are judged.
const GLOBALS_AT_ONCE: usize = 32;
/// How many account-Regions are read at once where no quota holds them back: enough to keep the
/// machine busy.
const UNPACED_REGIONS_AT_ONCE: usize = 32;

/// How many defects of an organisation are told in words.
const MOST_DEFECTS: usize = 5;

/// Runs scans.
#[derive(Debug, Clone)]
pub struct Runner {
    connection: Connection,
    entrance: Entrance,
    request: Arc<ScanRequest>,
    collectors: Arc<Vec<Collector>>,
    progress: Arc<Progress>,
}

/// An account-Region to read.
struct Task {
    session: AccountSession,
    region: Region,
    /// How many functions it says it has; unknown counts as most.
    functions: Option<u64>,
    account_left: Option<Arc<AccountLeft>>,
}

/// An account that was entered, handed over for what is global in it when the last of its Regions
/// lets go of this.
struct AccountLeft {
    entered: Option<Entered>,
    sender: UnboundedSender<Entered>,
}

impl Drop for AccountLeft {
    fn drop(&mut self) {
        if let Some(entered) = self.entered.take() {
            // Nobody listens any more only where reading what is global has failed, which ends the
            // scan.
            let _ = self.sender.send(entered);
        }
    }
}

/// The functions of an account whose Regions were read.
fn functions_of(journal: &Journal, entered: &Entered) -> Result<AccountFunctions, TablesError> {
    let mut functions = AccountFunctions {
        unlisted: entered.unread.clone(),
        ..AccountFunctions::default()
    };
    for region in &entered.regions {
        let unit = Unit::AccountRegion(entered.account.clone(), region.clone());
        let rows: Vec<FunctionRow> = journal.rows(&unit)?;
        functions
            .roles
            .extend(rows.into_iter().map(|row| (row.function_arn, row.role_arn)));
        let coverage: Vec<CoverageRow> = journal.rows(&unit)?;
        let of_list = |row: &&CoverageRow| {
            row.fact == facts::FUNCTIONS.as_str() && row.resource_arn.is_empty()
        };
        if coverage
            .iter()
            .find(of_list)
            .is_none_or(|row| row.outcome != Outcome::Ok.as_str())
        {
            functions.unlisted.push(region.to_string());
        }
    }
    Ok(functions)
}

impl Runner {
    /// A runner for a request.
    pub fn new(
        connection: Connection,
        request: ScanRequest,
        external_id: Option<String>,
        source_identity: Option<String>,
    ) -> Self {
        let facts: Vec<Fact> = request.facts.iter().copied().collect();
        let role = RoleToAssume {
            name: request.role_name.clone(),
            external_id,
            source_identity,
            session_policy: session_policy(&facts),
        };
        Self {
            entrance: Entrance::new(&connection, role),
            connection,
            collectors: Arc::new(needed(&facts)),
            request: Arc::new(request),
            progress: Arc::default(),
        }
    }

    /// Figures to watch.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Reads the organisation, and checks that what the request names is there. An account that is
    /// in none is scanned alone. Where the credentials may not read the organisation, accounts that
    /// the request names are taken as they are; without such names that is an error: a scan of one
    /// account would pass for one of the organisation.
    ///
    /// # Errors
    /// Where the organisation cannot be read, or the request names what is not in it.
    pub async fn discover(&self) -> Result<Organization, CollectError> {
        self.request.check_partition(self.connection.partition())?;
        let error = match discover(&self.connection).await {
            Ok(mut organization) => {
                self.request.add_listed(&mut organization);
                self.request.check(&organization)?;
                return Ok(organization);
            }
            Err(error) => error,
        };
        let own = self.connection.account();
        let denied = error.outcome == Outcome::Denied && self.request.names_accounts_only();
        if !in_none(&error) && !denied {
            return Err(CollectError::Organization {
                error: Box::new(error),
                account: own.clone(),
            });
        }
        let accounts = self.request.accounts_alone(own)?;
        // Nobody asked for the organisation: that it may not be read is no gap of this scan. What
        // rests on it is UNKNOWN all the same.
        let why = if in_none(&error) {
            error
        } else {
            CallError {
                outcome: Outcome::Skipped,
                ..error
            }
        };
        Ok(Organization::unread(accounts, why))
    }

    /// Takes the first look without reading anything into a journal.
    ///
    /// # Errors
    /// Where a part of it stops unexpectedly.
    pub async fn survey(&self, organization: &Organization) -> Result<Survey, CollectError> {
        let scan = self.context(OrganizationView::default());
        let of_unit = |account: &Account| {
            account
                .parent
                .as_deref()
                .and_then(|parent| organization.unit(parent))
        };
        let runner = &self.resolved(organization.accounts.iter().map(|account| {
            let unit = of_unit(account);
            (
                account.id.clone(),
                unit.map(|unit| unit.path.clone()),
                unit.map(|unit| unit.id_path.clone()),
            )
        }));
        let in_scope: Vec<_> = organization
            .accounts
            .iter()
            .filter(|account| self.request.includes(organization, account))
            .cloned()
            .collect();
        let mut accounts: Vec<AccountSurvey> = futures::stream::iter(in_scope)
            .map(|account| {
                let scan = Arc::clone(&scan);
                async move {
                    if let Some((_, _, message)) = closed_by_organization(&account) {
                        return AccountSurvey {
                            account: account.id,
                            closed: Some(message),
                            regions: Vec::new(),
                        };
                    }
                    let entered = enter(
                        &scan,
                        &runner.entrance,
                        &runner.request,
                        &runner.collectors,
                        &account.id,
                    )
                    .await;
                    let Some(session) = entered.session else {
                        return AccountSurvey {
                            account: account.id,
                            closed: entered.closed,
                            regions: Vec::new(),
                        };
                    };
                    let context = AccountContext::new(&scan, session);
                    let counts =
                        futures::future::join_all(entered.regions.iter().map(|region| async {
                            let (_, count) = settings(&context.in_region(region)).await;
                            (region.clone(), count)
                        }));
                    AccountSurvey {
                        account: account.id,
                        closed: None,
                        regions: counts.await,
                    }
                }
            })
            .buffer_unordered(ACCOUNTS_AT_ONCE)
            .collect()
            .await;
        accounts.sort_by(|a, b| a.account.cmp(&b.account));
        Ok(Survey { accounts })
    }

    /// The runner that enters each account as the file says that lists it, and reads the Regions
    /// that it names: the accounts' places in the organisation decide which line speaks for which.
    fn resolved(
        &self,
        places: impl Iterator<Item = (AccountId, Option<String>, Option<String>)>,
    ) -> Self {
        if self.request.listed.is_empty() {
            return self.clone();
        }
        let mut request = (*self.request).clone();
        let mut own_roles = BTreeMap::new();
        for (account, path, id_path) in places {
            let Some(line) = self
                .request
                .line_of(&account, path.as_deref(), id_path.as_deref())
            else {
                continue;
            };
            if !line.regions.is_empty() {
                request
                    .own_regions
                    .insert(account.clone(), line.regions.clone());
            }
            let external_id = line.external_id.as_ref().map(|id| id.as_str().to_owned());
            own_roles.insert(
                account,
                OwnRole {
                    role: line.role.clone(),
                    external_id,
                },
            );
        }
        Self {
            request: Arc::new(request),
            entrance: self.entrance.with_own_roles(own_roles),
            ..self.clone()
        }
    }

    fn context(&self, organization: OrganizationView) -> Arc<ScanContext> {
        Arc::new(ScanContext {
            pacer: Arc::clone(self.connection.pacer()),
            as_of: self.request.as_of,
            partition: self.connection.partition(),
            organization,
        })
    }

    /// Reads everything that the journal does not have yet.
    ///
    /// # Errors
    /// Where the organisation cannot be read, or the journal cannot be written. An account or a
    /// Region that cannot be read is no error: it becomes coverage.
    pub async fn run(
        &self,
        journal: &Arc<Journal>,
        organization: Option<Organization>,
    ) -> Result<(), CollectError> {
        let organization = if journal.contains(&Unit::Organization) {
            None
        } else {
            let organization = match organization {
                Some(organization) => organization,
                None => self.discover().await?,
            };
            gate::append(
                journal,
                &Unit::Organization,
                self.organization_rows(&organization),
            )?;
            Some(organization)
        };
        let rows: Vec<AccountRow> = journal.rows(&Unit::Organization)?;
        let places = rows
            .into_iter()
            .filter_map(|row| Some((row.account_id.parse().ok()?, row.ou_path, row.ou_id_path)));
        let runner = self.resolved(places);
        let (entered, entering) = unbounded_channel();
        tokio::try_join!(
            runner.globals(journal, organization, entering),
            runner.accounts(journal, entered)
        )?;
        Ok(())
    }

    /// Enters the accounts and reads their Regions, while others read what is global.
    async fn accounts(
        &self,
        journal: &Arc<Journal>,
        entered: UnboundedSender<Entered>,
    ) -> Result<(), CollectError> {
        let accounts: Vec<AccountRow> = journal.rows(&Unit::Organization)?;
        // Policies may still be missing from this view; no Region asks for them.
        let scan = self.context(OrganizationView::of(journal)?);
        let active: Vec<AccountId> = accounts
            .iter()
            .filter(|account| account.in_scope && account.state == "ACTIVE")
            .filter_map(|account| account.account_id.parse().ok())
            .collect();
        Progress::add(&self.progress.accounts_total, active.len() as u64);

        let mut tasks = Vec::new();
        let mut entering = futures::stream::iter(
            active
                .into_iter()
                .map(|account| self.account(&scan, journal, account, &entered)),
        )
        .buffer_unordered(ACCOUNTS_AT_ONCE);
        while let Some(found) = entering.next().await {
            tasks.append(&mut found?);
        }
        drop(entering);
        drop(entered);
        // The slowest first: they decide when the scan ends.
        tasks.sort_by_key(|task| std::cmp::Reverse(task.functions.unwrap_or(u64::MAX)));
        self.read_regions(&scan, journal, tasks).await
    }

    /// Reads the organisation's policies, unless the journal has them, and then what is global in
    /// the accounts that were entered: it rests on the policies, which have a small quota, while no
    /// Region has to wait for them.
    async fn globals(
        &self,
        journal: &Arc<Journal>,
        organization: Option<Organization>,
        mut entering: UnboundedReceiver<Entered>,
    ) -> Result<(), CollectError> {
        if let Some(organization) = organization {
            gate::complete(
                journal,
                &Unit::Organization,
                self.policies(&organization).await,
            )?;
        }
        let scan = &self.context(OrganizationView::of(journal)?);
        let entered = futures::stream::poll_fn(|context| entering.poll_recv(context));
        let mut reading = entered
            .map(|entered| async move {
                let unit = Unit::Account(entered.account.clone());
                let functions = functions_of(journal, &entered)?;
                gate::complete(
                    journal,
                    &unit,
                    globals(scan, &self.collectors, entered, functions).await,
                )
            })
            .buffer_unordered(GLOBALS_AT_ONCE);
        while let Some(read) = reading.next().await {
            read?;
        }
        Ok(())
    }

    /// Enters an account, hands it over for what is global in it unless the journal has that, and
    /// takes a look at the Regions that are left to read.
    async fn account(
        &self,
        scan: &Arc<ScanContext>,
        journal: &Arc<Journal>,
        account: AccountId,
        entered: &UnboundedSender<Entered>,
    ) -> Result<Vec<Task>, CollectError> {
        let unit = Unit::Account(account.clone());
        let left = |regions: Vec<Region>| -> Vec<Region> {
            regions
                .into_iter()
                .filter(|region| {
                    !journal.contains(&Unit::AccountRegion(account.clone(), region.clone()))
                })
                .collect()
        };
        // What is global in it is read when the last of its Regions was: what its roles can reach
        // depends on its functions.
        let mut account_left = None;
        let (session, regions) = if journal.contains(&unit) {
            let rows: Vec<RegionRow> = journal.rows(&unit)?;
            let in_scope = rows
                .iter()
                .filter(|row| row.in_scope && Standing::of(&row.opt_status) == Standing::Enabled);
            let left = left(in_scope.filter_map(|row| row.region.parse().ok()).collect());
            if left.is_empty() {
                (None, left)
            } else {
                match self.entrance.enter(&account).await {
                    Ok(session) => (Some(session), left),
                    Err(error) => {
                        self.close_regions(journal, &account, &left, &error)?;
                        (None, Vec::new())
                    }
                }
            }
        } else {
            let found = enter(
                scan,
                &self.entrance,
                &self.request,
                &self.collectors,
                &account,
            )
            .await;
            if let Some(why) = &found.closed {
                tracing::warn!(%account, "the account cannot be read: {why}");
            }
            let (session, regions) = (found.session.clone(), left(found.regions.clone()));
            account_left = Some(Arc::new(AccountLeft {
                entered: Some(found),
                sender: entered.clone(),
            }));
            (session, regions)
        };
        Progress::add(&self.progress.regions_total, regions.len() as u64);
        let Some(session) = session else {
            Progress::add(&self.progress.accounts_done, 1);
            return Ok(Vec::new());
        };
        let context = AccountContext::new(scan, session);
        let look = async |region: Region| {
            let (settings, functions) = settings(&context.in_region(&region)).await;
            // At once: thousands of Regions wait to be read.
            gate::append(
                journal,
                &Unit::AccountRegion(account.clone(), region.clone()),
                settings,
            )?;
            Progress::add(&self.progress.functions_total, functions.unwrap_or(0));
            Ok(Task {
                session: context.session.clone(),
                region,
                functions,
                account_left: account_left.clone(),
            })
        };
        let tasks = futures::future::try_join_all(regions.into_iter().map(look)).await;
        Progress::add(&self.progress.accounts_done, 1);
        tasks
    }

    /// Reads account-Regions, many at once: under quotas each waits on its own most of the time.
    async fn read_regions(
        &self,
        scan: &Arc<ScanContext>,
        journal: &Arc<Journal>,
        tasks: Vec<Task>,
    ) -> Result<(), CollectError> {
        let options = self.connection.pacer().options();
        let at_once = if options.quota_share == QuotaShare::Off {
            UNPACED_REGIONS_AT_ONCE
        } else {
            options.max_in_flight.max(1)
        };
        let mut running = JoinSet::new();
        let mut waiting = tasks.into_iter();
        loop {
            while running.len() < at_once {
                let Some(task) = waiting.next() else { break };
                let (scan, journal, progress, collectors) = (
                    Arc::clone(scan),
                    Arc::clone(journal),
                    Arc::clone(&self.progress),
                    Arc::clone(&self.collectors),
                );
                running.spawn(async move {
                    let context = AccountContext::new(&scan, task.session).in_region(&task.region);
                    let ended =
                        region::read(&context, &collectors, &journal, &progress, task.functions)
                            .await;
                    Progress::add(&progress.regions_done, 1);
                    drop(task.account_left);
                    ended
                });
            }
            match running.join_next().await {
                None => return Ok(()),
                Some(Ok(ended)) => ended?,
                Some(Err(stopped)) => {
                    return Err(CollectError::Stopped {
                        unit: format!("an account-Region ({stopped})"),
                    });
                }
            }
        }
    }

    /// Accounts for Regions of an account that could be entered when the scan began and cannot any
    /// more.
    fn close_regions(
        &self,
        journal: &Journal,
        account: &AccountId,
        regions: &[Region],
        error: &CallError,
    ) -> Result<(), CollectError> {
        for region in regions {
            let mut batch = Batch::default();
            let covered = Covered {
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
            gate::complete(
                journal,
                &Unit::AccountRegion(account.clone(), region.clone()),
                batch,
            )?;
        }
        Ok(())
    }

    /// Reads the organisation's policies, where a fact that is asked for needs them.
    async fn policies(&self, organization: &Organization) -> Batch {
        let fact = facts::ORGANIZATION_POLICIES;
        if !self
            .collectors
            .iter()
            .any(|collector| collector.fact == fact)
        {
            return Batch::default();
        }
        let mut reading = Reading::new(Caller::new(
            self.connection.pacer(),
            self.connection.account().as_str(),
            "",
        ));
        let ended = match &organization.unread {
            Some(error) if in_none(error) => Ok(()),
            Some(error) => Err(error.clone()),
            None => {
                let enabled: Vec<String> = organization
                    .units
                    .iter()
                    .flat_map(|unit| unit.policy_types.iter().cloned())
                    .collect();
                let client = self.connection.organizations();
                let caller = reading.caller.fresh();
                in_time(
                    &organization_policies::COLLECTOR,
                    &caller,
                    Box::pin(organization_policies::read(&client, &enabled, &mut reading)),
                )
                .await
            }
        };
        if let Err(error) = &ended {
            tracing::warn!(
                "the organisation's policies cannot be read ({error}); what they prevent stays unknown"
            );
        }
        reading.close(
            Covered {
                account: "",
                region: "",
                resource: "",
                fact,
            },
            &ended,
        )
    }

    fn organization_rows(&self, organization: &Organization) -> Batch {
        let mut batch = Batch::default();
        for unit in &organization.units {
            batch.push(OrganizationalUnitRow {
                id: unit.id.clone(),
                parent_id: unit.parent.clone(),
                name: unit.name.clone(),
                path: unit.path.clone(),
                organization_id: organization.id.clone(),
                policy_types: unit.parent.is_none().then(|| unit.policy_types.join(", ")),
            });
        }
        for account in &organization.accounts {
            let in_scope = self.request.includes(organization, account);
            let place = account
                .parent
                .as_deref()
                .and_then(|parent| organization.unit(parent));
            batch.push(AccountRow {
                account_id: account.id.to_string(),
                name: account.name.clone(),
                email: account.email.clone(),
                state: account.state.clone(),
                joined_method: account.joined_method.clone(),
                joined_at: account.joined_at.clone(),
                parent_id: account.parent.clone(),
                ou_path: place.map(|unit| unit.path.clone()),
                ou_id_path: place.map(|unit| unit.id_path.clone()),
                is_management: account.id.as_str() == organization.management_account,
                in_scope,
            });
            if let Some((outcome, code, message)) =
                closed_by_organization(account).filter(|_| in_scope)
            {
                for row in closed_rows(
                    &account.id,
                    &self.collectors,
                    outcome,
                    Some(code.to_owned()),
                    Some(message),
                    0,
                ) {
                    batch.push(row);
                }
                for collector in self
                    .collectors
                    .iter()
                    .filter(|collector| matches!(collector.run, Run::Told(_)))
                {
                    let covered = Covered {
                        account: account.id.as_str(),
                        region: "",
                        resource: "",
                        fact: collector.fact,
                    };
                    batch.push(covered.row_with(outcome, Some(code.to_owned()), None, 0));
                }
            }
        }
        let covered = Covered {
            account: "",
            region: "",
            resource: "",
            fact: facts::ORGANIZATION,
        };
        batch.push(match &organization.unread {
            Some(error) if !in_none(error) => covered.row_with(
                error.outcome,
                error.code.clone(),
                Some(error.message.clone()),
                i64::from(error.attempts),
            ),
            _ => match &organization.defects[..] {
                [] => covered.row_with(Outcome::Ok, None, None, 1),
                [worst, ..] => covered.row_with(
                    Outcome::Failed,
                    Some(worst.code.as_str().to_owned()),
                    Some(joined(&organization.defects)),
                    1,
                ),
            },
        });
        batch
    }
}

/// Why an account is not entered, by what the organisation tells of it: the outcome, its code and a
/// message.
fn closed_by_organization(account: &Account) -> Option<(Outcome, &'static str, String)> {
    match &account.defect {
        Some(defect) => Some((
            Outcome::Failed,
            defect.code.as_str(),
            defect.message.clone(),
        )),
        None if account.is_active() => None,
        None => Some((
            Outcome::Skipped,
            "AccountNotActive",
            format!("the account is {}", account.state),
        )),
    }
}

/// The first defects in one message, and how many more there are.
fn joined(defects: &[Defect]) -> String {
    let shown: Vec<&str> = defects
        .iter()
        .take(MOST_DEFECTS)
        .map(|defect| defect.message.as_str())
        .collect();
    let more = defects.len() - shown.len();
    if more == 0 {
        shown.join("; ")
    } else {
        format!("{}; and {more} more", shown.join("; "))
    }
}

/// Whether an account is in no organisation: then there is nothing to read, and nothing was missed.
fn in_none(error: &CallError) -> bool {
    error.code.as_deref() == Some("AWSOrganizationsNotInUseException")
}
