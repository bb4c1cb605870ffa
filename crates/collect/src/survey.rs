//! The first look: the organisation, each account's Regions, and how many functions each Region
//! has. It decides what there is to read, and in which order.

use std::collections::BTreeSet;
use std::sync::Arc;

use lambdasweep_aws::{AccountSession, CallError, Caller, Connection, Entrance};
use lambdasweep_model::{AccountId, Outcome, Region, nearest};
use lambdasweep_tables::{
    AccountSettingsRow, Batch, CoverageRow, Fact, Form, Journal, RegionRow, Unit, facts,
};
use serde::{Deserialize, Serialize};

use crate::collector::{Collector, Run};
use crate::context::{
    AccountContext, AccountFunctions, CoverageKey, Reading, ScanContext, in_time,
};
use crate::error::CollectError;
use crate::gate::Gate;
use crate::notes::{Note, NotedError};
use crate::organization::OrganizationView;
use crate::request::ScanRequest;
use crate::services::account::regions;
use crate::services::sqs::failure_targets::{queues_of, read_with_roles, targets_of};
use crate::services::sqs::queues::registry::Queues;

/// What the first look found.
#[derive(Debug)]
pub struct Survey {
    /// The accounts in scope, by id.
    pub accounts: Vec<AccountSurvey>,
}

/// What the first look found in one account.
#[derive(Debug)]
pub struct AccountSurvey {
    /// The account.
    pub account: AccountId,
    /// Why it cannot be read, if so.
    pub closed: Option<String>,
    /// The Regions to read, each with its number of functions where that is known.
    pub regions: Vec<(Region, Option<u64>)>,
}

/// The part of an account's unit that its Regions are, or why it could not be entered.
pub(crate) const REGIONS: &str = "regions";

/// An account that was entered, or that could not be.
#[derive(Debug)]
pub(crate) struct EnteredAccount {
    /// The account.
    pub(crate) account: AccountId,
    /// The session; none where the account could not be entered.
    pub(crate) session: Option<AccountSession>,
    /// The Regions to read.
    pub(crate) regions: Vec<Region>,
    /// The Regions that are or may be enabled and are not read.
    pub(crate) unread: Vec<String>,
    /// Why the account cannot be read.
    pub(crate) closed: Option<CallError>,
    /// Whether the journal has that in the coverage of what is global in the account.
    pub(crate) is_accounted_for: bool,
}

/// What the journal notes of an account that was entered, or that could not be.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Found {
    unread: Vec<String>,
    closed: Option<NotedError>,
}

impl Found {
    pub(crate) fn of(entered: &EnteredAccount) -> Self {
        Self {
            unread: entered.unread.clone(),
            closed: entered.closed.as_ref().map(NotedError::of),
        }
    }

    /// The account as it was entered before, without a session.
    pub(crate) fn into_entered(self, account: &AccountId, regions: Vec<Region>) -> EnteredAccount {
        EnteredAccount {
            account: account.clone(),
            session: None,
            regions,
            unread: self.unread,
            is_accounted_for: self.closed.is_some(),
            closed: self.closed.map(NotedError::into_error),
        }
    }
}

impl Note for Found {
    fn visit_texts(&mut self, visit: &mut dyn FnMut(Form, &mut String)) {
        self.unread
            .iter_mut()
            .for_each(|region| visit(Form::Word, region));
        if let Some(error) = &mut self.closed {
            error.visit_texts(visit);
        }
    }
}

/// Enters an account and reads which Regions it has; gives their rows and coverage as well. What
/// else is global in it is left to [`globals`].
pub(crate) async fn enter(
    scan: &Arc<ScanContext>,
    entrance: &Entrance,
    request: &ScanRequest,
    collectors: &[Collector],
    account: &AccountId,
) -> (EnteredAccount, Batch) {
    let session = match entrance.enter(account).await {
        Ok(session) => session,
        Err(error) => return closed(account, collectors, error),
    };
    let context = AccountContext::new(scan, session);
    let mut batch = Batch::default();
    for collector in collectors.iter().filter(|it| it.fact == facts::REGIONS) {
        batch.merge(read(&context, collector).await);
    }
    let (regions, unread) = scope_regions(account, request, collectors, &mut batch);
    let entered = EnteredAccount {
        account: account.clone(),
        session: Some(context.session().clone()),
        regions,
        unread,
        closed: None,
        is_accounted_for: false,
    };
    (entered, batch)
}

/// Reads what is global in an account besides its Regions, as far as it can be entered, and what
/// the organisation tells of it in any case; what the journal has already is left out. Completes
/// the account's unit.
pub(crate) async fn globals(
    scan: &Arc<ScanContext>,
    journal: &Journal,
    collectors: &[Collector],
    entered: EnteredAccount,
    functions: AccountFunctions,
    queues: &Queues,
) -> Result<(), CollectError> {
    let has_targets = collectors
        .iter()
        .any(|collector| matches!(collector.run, Run::WithRoles));
    let account = &entered.account;
    let unit = &Unit::Account(account.clone());
    let (gate, finished) = (Gate::new(journal, unit), journal.finished(unit));
    let context = entered.session.map(|session| {
        let mut context = AccountContext::new(scan, session);
        context.functions = functions;
        context
    });
    for collector in collectors {
        let part = format!("global/{}", collector.fact);
        if finished.contains(&part) {
            continue;
        }
        let covered = covered(account, collector.fact);
        let batch = match (collector.run, &context, &entered.closed) {
            (Run::FromOrganization(run), ..) => {
                let caller = Caller::new(&scan.pacer, account.as_str(), "");
                let mut reading = Reading::new(caller);
                let ended = run(scan, account, &mut reading);
                reading.close(covered, &ended)
            }
            (Run::Account(_), Some(context), _)
                if collector.fact == facts::ROLES && has_targets =>
            {
                let targets = targets_of(journal, account, &entered.regions)?;
                read_with_roles(context, targets, queues).await?
            }
            (Run::Account(_), Some(context), _) if collector.fact != facts::REGIONS => {
                read(context, collector).await
            }
            // Their rows come with those of the roles, as one part.
            (Run::WithRoles, Some(_), _) => continue,
            (Run::Referenced, Some(context), _) if !has_targets => {
                let targets = targets_of(journal, account, &entered.regions)?;
                let named = queues_of(&targets, scan.partition);
                queues.read_all(named, context.session()).await?;
                Batch::default()
            }
            (Run::Account(_) | Run::WithRoles, None, Some(error))
                if collector.fact != facts::REGIONS && !entered.is_accounted_for =>
            {
                let mut batch = Batch::default();
                batch.push(covered.row(&Err(error.clone()), 0));
                batch
            }
            _ => continue,
        };
        gate.part(&part).finish(batch, ()).await?;
    }
    gate.complete(Batch::default(), &BTreeSet::new()).await?;
    Ok(())
}

/// Reads what is global in an account with one collector.
async fn read(context: &AccountContext, collector: &Collector) -> Batch {
    let Run::Account(run) = collector.run else {
        return Batch::default();
    };
    let mut reading = Reading::new(context.caller());
    let caller = reading.caller.fresh();
    let ended = in_time(collector, &caller, run(context, &mut reading)).await;
    reading.close(covered(context.session().account(), collector.fact), &ended)
}

fn covered(account: &AccountId, fact: Fact) -> CoverageKey<'_> {
    CoverageKey {
        account: account.as_str(),
        region: "",
        resource: "",
        fact,
    }
}

/// The coverage of an account that cannot be entered: every global fact, and the functions of all
/// its Regions.
fn closed(
    account: &AccountId,
    collectors: &[Collector],
    error: CallError,
) -> (EnteredAccount, Batch) {
    let mut batch = Batch::default();
    for row in closed_rows(
        account,
        collectors,
        error.outcome,
        error.code.clone(),
        Some(error.message.clone()),
        i64::from(error.attempts),
    ) {
        batch.push(row);
    }
    let entered = EnteredAccount {
        account: account.clone(),
        session: None,
        regions: Vec::new(),
        unread: Vec::new(),
        closed: Some(error),
        is_accounted_for: true,
    };
    (entered, batch)
}

/// Coverage rows that say that an account was not read.
pub(crate) fn closed_rows(
    account: &AccountId,
    collectors: &[Collector],
    outcome: Outcome,
    code: Option<String>,
    message: Option<String>,
    attempts: i64,
) -> Vec<CoverageRow> {
    let global = collectors
        .iter()
        .filter(|collector| collector.is_of_account())
        .map(|collector| collector.fact);
    let row =
        |fact| covered(account, fact).row_with(outcome, code.clone(), message.clone(), attempts);
    global.chain([facts::FUNCTIONS]).map(row).collect()
}

/// Settles which Regions are read, and accounts for those that are not. Gives both, without Regions
/// that are not enabled.
fn scope_regions(
    account: &AccountId,
    request: &ScanRequest,
    collectors: &[Collector],
    batch: &mut Batch,
) -> (Vec<Region>, Vec<String>) {
    let mut rows = batch.take::<RegionRow>();
    // Regions that the request names and the list lacks are tried all the same: the list could not
    // be read to its end, or is not whole.
    let named = request.regions_of(account);
    let unlisted: Vec<&Region> = named
        .iter()
        .filter(|region| rows.iter().all(|row| row.region != region.as_str()))
        .collect();
    rows.extend(unlisted.into_iter().map(|region| RegionRow {
        account_id: account.to_string(),
        region: region.to_string(),
        opt_status: ASSUMED.to_owned(),
        in_scope: true,
    }));
    if rows.is_empty() {
        nothing_to_go_by(account, batch);
    }
    let (mut regions, mut unread) = (Vec::new(), Vec::new());
    if !is_listed(batch) {
        unread.push("Regions that were not listed".to_owned());
    }
    for mut row in rows {
        // The collector gives valid names only.
        let Ok(region) = row.region.parse::<Region>() else {
            continue;
        };
        row.in_scope = request.includes_region(account, &region);
        let closed = match Standing::of(&row.opt_status) {
            Standing::Disabled => Some((Outcome::RegionDisabled, "RegionNotEnabled", None)),
            _ if !row.in_scope => Some((Outcome::Skipped, "OutOfScope", None)),
            Standing::Enabled => None,
            Standing::Unknown => Some((
                Outcome::Failed,
                "UnknownRegionStatus",
                Some(unknown_status(&row.opt_status)),
            )),
        };
        if let Some((outcome, code, message)) = closed {
            if outcome != Outcome::RegionDisabled {
                unread.push(row.region.clone());
            }
            for collector in collectors
                .iter()
                .filter(|it| matches!(it.run, Run::Region(_)) || it.fact == facts::FUNCTIONS)
            {
                let covered = CoverageKey {
                    account: account.as_str(),
                    region: region.as_str(),
                    resource: "",
                    fact: collector.fact,
                };
                batch.push(covered.row_with(outcome, Some(code.to_owned()), message.clone(), 0));
            }
        } else {
            regions.push(region);
        }
        batch.push(row);
    }
    (regions, unread)
}

/// Whether the account's Regions were all listed.
fn is_listed(batch: &mut Batch) -> bool {
    let coverage = batch.take::<CoverageRow>();
    let listed = coverage
        .iter()
        .any(|row| row.fact == facts::REGIONS.as_str() && row.outcome == Outcome::Ok.as_str());
    coverage.into_iter().for_each(|row| batch.push(row));
    listed
}

/// The status of a Region that the request names and the account's list lacks.
pub(crate) const ASSUMED: &str = "ASSUMED";

/// What a Region's status means for reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is read.
    Enabled,
    /// There is nothing to read.
    Disabled,
    /// It cannot be said.
    Unknown,
}

impl Standing {
    /// What a status means. Source: `RegionOptStatus` in the model of AWS Account Management;
    /// whatever else AWS may say one day is neither.
    pub(crate) fn of(status: &str) -> Self {
        match status {
            "ENABLED" | "ENABLED_BY_DEFAULT" | "ENABLING" | ASSUMED => Self::Enabled,
            "DISABLED" | "DISABLING" => Self::Disabled,
            _ => Self::Unknown,
        }
    }
}

fn unknown_status(status: &str) -> String {
    match status {
        regions::CONFLICTING => "the list of Regions tells different statuses of it".to_owned(),
        regions::UNTOLD => "the list of Regions does not tell its status".to_owned(),
        status => format!("its status {status} is not known to this release"),
    }
}

/// Accounts for the functions of an account whose Regions are not known: why they are not read is
/// why the list was not.
fn nothing_to_go_by(account: &AccountId, batch: &mut Batch) {
    for row in batch.take::<CoverageRow>() {
        if row.fact == facts::REGIONS.as_str()
            && let Some(outcome) = row
                .outcome
                .parse()
                .ok()
                .filter(|outcome| *outcome != Outcome::Ok)
        {
            batch.push(covered(account, facts::FUNCTIONS).row_with(
                outcome,
                row.error_code.clone(),
                row.message.clone(),
                row.attempts,
            ));
        }
        batch.push(row);
    }
}

/// Asks a Region for Lambda's settings: one call that tells how many functions there are.
pub(crate) async fn settings(context: &crate::context::RegionContext) -> (Batch, Option<u64>) {
    let mut reading = Reading::new(context.caller());
    let account = context.account_id();
    let covered = CoverageKey {
        account: &account,
        region: context.region.as_str(),
        resource: "",
        fact: facts::ACCOUNT_SETTINGS,
    };
    let collector = crate::services::lambda::account_settings::COLLECTOR;
    let Run::Region(run) = collector.run else {
        return (Batch::default(), None);
    };
    let ended = in_time(
        &collector,
        &reading.caller.fresh(),
        run(context, &mut reading),
    )
    .await;
    let mut batch = reading.close(covered, &ended);
    let rows = batch.take::<AccountSettingsRow>();
    let count = rows
        .first()
        .and_then(|row| row.function_count)
        .and_then(|count| u64::try_from(count).ok());
    for row in rows {
        batch.push(row);
    }
    (batch, count)
}

/// Checks the Regions of a request against those that AWS lists for the caller's own account. Where
/// the list cannot be read, they are taken as they are.
///
/// # Errors
/// Where AWS lists Regions and one of the request's is not among them.
pub async fn check_regions(
    connection: &Connection,
    request: &ScanRequest,
) -> Result<(), crate::request::ScopeError> {
    if request.named_regions().next().is_none() {
        return Ok(());
    }
    let scan = Arc::new(ScanContext {
        pacer: Arc::clone(connection.pacer()),
        as_of: request.as_of,
        partition: connection.partition(),
        organization: OrganizationView::default(),
    });
    let context = AccountContext::new(&scan, AccountSession::own(connection));
    let mut reading = Reading::new(context.caller());
    let Run::Account(run) = crate::services::account::regions::COLLECTOR.run else {
        return Ok(());
    };
    if run(&context, &mut reading).await.is_err() {
        return Ok(());
    }
    let known: Vec<String> = reading
        .batch
        .take::<RegionRow>()
        .into_iter()
        .map(|row| row.region)
        .collect();
    match request
        .named_regions()
        .find(|(_, region)| !known.is_empty() && !known.iter().any(|name| name == region.as_str()))
    {
        None => Ok(()),
        Some((place, region)) => Err(crate::request::ScopeError::UnknownRegion {
            place: place.map(str::to_owned),
            region: region.to_string(),
            hint: nearest(region.as_str(), known.iter().map(String::as_str)).map(str::to_owned),
        }),
    }
}
