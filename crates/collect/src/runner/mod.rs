//! Runs a scan: reads into the journal what it does not have yet, account-Regions with most
//! functions first.

mod accounts;
mod referenced;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt;
use lambdasweep_aws::{
    Account, AccountSession, CallError, Caller, Clients, Connection, Entrance, Organization,
    OwnRole, RoleToAssume, discover,
};
use lambdasweep_model::{AccountId, Outcome};
use lambdasweep_tables::{
    AccountRow, Batch, CoverageRow, Fact, Form, FunctionRow, Journal, Row, TablesError, Unit, facts,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use self::rows::closed_by_organization;
use crate::collector::shared_resources::{self, SharedResources};
use crate::collector::{Collector, needed};
use crate::context::{
    AccountContext, AccountFunctions, CoverageKey, Reading, ScanContext, in_time,
};
use crate::error::CollectError;
use crate::gate::Gate;
use crate::notes::{Note, NotedError};
use crate::organization::OrganizationView;
use crate::progress::Progress;
use crate::request::ScanRequest;
use crate::services::organizations::organization_policies;
use crate::services::organizations::service::Organizations;
use crate::session_policy::session_policies;
use crate::survey::{AccountSurvey, EnteredAccount, Survey, enter, globals, settings};

/// How many accounts are entered at once.
const ACCOUNTS_AT_ONCE: usize = 64;
/// In how many accounts what is global is read at once.
const GLOBALS_AT_ONCE: usize = 32;
/// How many functions these accounts have together at the most; a larger account is read alone. All
/// of an account's roles are held until they are judged, and there are about as many as functions.
const GLOBALS_FUNCTIONS_AT_ONCE: usize = 4_000;

/// The part of the organisation's unit that its accounts and units are.
const ORGANIZATION: &str = "organization";

/// Runs scans.
#[derive(Debug, Clone)]
pub struct Runner {
    connection: Connection,
    entrance: Entrance,
    request: Arc<ScanRequest>,
    collectors: Arc<Vec<Collector>>,
    progress: Arc<Progress>,
}

/// How many functions an account has, as far as they were read.
fn function_count(journal: &Journal, entered: &EnteredAccount) -> u64 {
    let units = entered
        .regions
        .iter()
        .map(|region| Unit::AccountRegion(entered.account.clone(), region.clone()));
    units
        .map(|unit| journal.row_count(FunctionRow::TABLE.name, &unit))
        .sum()
}

/// The functions of an account whose Regions were read.
fn functions_of(
    journal: &Journal,
    entered: &EnteredAccount,
) -> Result<AccountFunctions, TablesError> {
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
            session_policies: session_policies(&facts),
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
        // The request does not ask for the organisation, so failing to read it is not a gap in
        // coverage. Results that depend on it are UNKNOWN all the same.
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
                    let (entered, _) = enter(
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
                            closed: entered.closed.map(|error| error.to_string()),
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
        let unit = &Unit::Organization;
        let is_read = journal.contains(unit)
            || journal
                .finished(unit)
                .iter()
                .any(|part| part == ORGANIZATION);
        if !is_read {
            let organization = match organization {
                Some(organization) => organization,
                None => self.discover().await?,
            };
            let rows = self.organization_rows(&organization);
            Gate::new(journal, unit)
                .part(ORGANIZATION)
                .finish(rows, PolicySource::of(&organization))
                .await?;
        }
        let rows: Vec<AccountRow> = journal.rows(unit)?;
        let places = rows
            .into_iter()
            .filter_map(|row| Some((row.account_id.parse().ok()?, row.ou_path, row.ou_id_path)));
        let runner = self.resolved(places);
        let (entered, entering) = unbounded_channel();
        let (ready, tasks) = unbounded_channel();
        let (read, referring) = unbounded_channel();
        // Policies may still be missing from this view; no Region, and nothing that functions refer
        // to, asks for them.
        let scan = self.context(OrganizationView::of(journal)?);
        let resources = &SharedResources::new(&scan, journal, &runner.entrance);
        tokio::try_join!(
            runner.globals(journal, resources, entering),
            runner.enter_accounts(&scan, journal, (entered, ready, read.clone())),
            runner.read_regions(&scan, journal, tasks, read),
            runner.read_referenced(&scan, journal, resources, referring)
        )?;
        // Only now does no account refer to further resources.
        Ok(shared_resources::complete(journal).await?)
    }

    /// Reads the organisation's policies, unless the journal has them, and then what is global in
    /// the accounts whose Regions were read: it rests on the policies, which have a small quota,
    /// while neither Regions nor what functions refer to have to wait for them.
    async fn globals(
        &self,
        journal: &Arc<Journal>,
        resources: &SharedResources,
        mut entering: UnboundedReceiver<EnteredAccount>,
    ) -> Result<(), CollectError> {
        let unit = &Unit::Organization;
        if !journal.contains(unit) {
            let source: Option<PolicySource> = journal.note(unit, ORGANIZATION)?;
            let policies = self.policies(source.unwrap_or_default()).await;
            Gate::new(journal, unit)
                .complete(policies, &BTreeSet::new())
                .await?;
        }
        let scan = &self.context(OrganizationView::of(journal)?);
        let entered = futures::stream::poll_fn(|context| entering.poll_recv(context));
        let room = &Semaphore::new(GLOBALS_FUNCTIONS_AT_ONCE);
        let mut reading = entered
            .map(|entered| async move {
                let count = function_count(journal, &entered);
                let needed = usize::try_from(count).unwrap_or(usize::MAX);
                let needed = needed.clamp(1, GLOBALS_FUNCTIONS_AT_ONCE);
                #[expect(clippy::cast_possible_truncation, reason = "clamped to a few thousand")]
                let _room = room.acquire_many(needed as u32).await;
                let functions = functions_of(journal, &entered)?;
                globals(
                    scan,
                    journal,
                    &self.collectors,
                    entered,
                    functions,
                    resources,
                )
                .await
            })
            .buffer_unordered(GLOBALS_AT_ONCE);
        while let Some(read) = reading.next().await {
            read?;
        }
        Ok(())
    }

    /// Reads the organisation's policies, where a fact that is asked for needs them.
    async fn policies(&self, source: PolicySource) -> Batch {
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
        let ended = match source.unread.map(NotedError::into_error) {
            Some(error) if in_none(&error) => Ok(()),
            Some(error) => Err(error),
            None => {
                let enabled = source.enabled;
                let own = Clients::new(AccountSession::own(&self.connection), "");
                let client = own.get::<Organizations>();
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
            CoverageKey {
                account: "",
                region: "",
                resource: "",
                fact,
            },
            &ended,
        )
    }
}

/// What reading the organisation's policies needs to know of it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct PolicySource {
    /// Why the organisation was not read.
    unread: Option<NotedError>,
    /// The types of policies that are enabled.
    enabled: Vec<String>,
}

impl PolicySource {
    fn of(organization: &Organization) -> Self {
        let units = organization.units.iter();
        Self {
            unread: organization.unread.as_ref().map(NotedError::of),
            enabled: units
                .flat_map(|unit| unit.policy_types.iter().cloned())
                .collect(),
        }
    }
}

impl Note for PolicySource {
    fn visit_texts(&mut self, visit: &mut dyn FnMut(Form, &mut String)) {
        if let Some(error) = &mut self.unread {
            error.visit_texts(visit);
        }
        self.enabled
            .iter_mut()
            .for_each(|name| visit(Form::Word, name));
    }
}

/// Whether an account is in no organisation: then there is nothing to read, and nothing was missed.
fn in_none(error: &CallError) -> bool {
    error.code.as_deref() == Some("AWSOrganizationsNotInUseException")
}
