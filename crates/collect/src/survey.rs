//! The survey: the organisation, each account's Regions, and the number of functions in each
//! Region. It determines what is read, and in which order.

mod globals;

use std::sync::Arc;

use lambdasweep_aws::{AccountSession, CallError, Connection, Entrance};
use lambdasweep_model::{AccountId, Outcome, Region, nearest};
use lambdasweep_tables::{AccountSettingsRow, Batch, CoverageRow, Fact, Form, RegionRow, facts};
use serde::{Deserialize, Serialize};

use crate::collector::{Collector, Run};
use crate::context::{AccountContext, CoverageKey, Reading, ScanContext, in_time};
use crate::notes::{Note, NotedError};
use crate::organization::OrganizationView;
use crate::request::ScanRequest;
use crate::services::account::regions;

pub(crate) use globals::globals;

/// The result of the survey.
#[derive(Debug)]
pub struct Survey {
    /// The accounts in scope, by id.
    pub accounts: Vec<AccountSurvey>,
}

/// The result of the survey for one account.
#[derive(Debug)]
pub struct AccountSurvey {
    /// The account.
    pub account: AccountId,
    /// Why it cannot be read, if it cannot.
    pub closed: Option<String>,
    /// The Regions to read, each with its number of functions if known.
    pub regions: Vec<(Region, Option<u64>)>,
}

/// The name of the part of an account's unit with its Regions, or with the reason why it could not
/// be entered.
pub(crate) const REGIONS: &str = "regions";

/// The code for a Region in a state that this release does not know.
pub const UNKNOWN_REGION_STATUS: &str = "UnknownRegionStatus";

/// An account that was entered or could not be entered.
#[derive(Debug)]
pub(crate) struct EnteredAccount {
    /// The account.
    pub(crate) account: AccountId,
    /// The session; `None` if the account could not be entered.
    pub(crate) session: Option<AccountSession>,
    /// The Regions to read.
    pub(crate) regions: Vec<Region>,
    /// The Regions that are or may be enabled but are not read.
    pub(crate) unread: Vec<String>,
    /// Why the account cannot be read.
    pub(crate) closed: Option<CallError>,
    /// Whether the journal already has coverage for the account's global facts.
    pub(crate) is_accounted_for: bool,
}

/// The journal's note about an account that was entered or could not be entered.
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

    /// The account as it was entered in the interrupted scan, without a session.
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

/// Enters an account and reads its Regions; returns their rows and coverage as well. Other global
/// facts are read by [`globals`].
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

/// Reads one global fact of an account.
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

/// The coverage of an account that cannot be entered: for every global fact, and for the functions
/// of all its Regions.
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

/// Determines which Regions are read, and writes coverage for those that are not. Returns both,
/// without Regions that are not enabled.
fn scope_regions(
    account: &AccountId,
    request: &ScanRequest,
    collectors: &[Collector],
    batch: &mut Batch,
) -> (Vec<Region>, Vec<String>) {
    let mut rows = batch.take::<RegionRow>();
    // Regions that the request names but the list lacks are tried anyway: the list could not be
    // read completely, or AWS omitted them.
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
        // The collector returns only valid names.
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
                UNKNOWN_REGION_STATUS,
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

/// The status of a Region that the request names but the account's list lacks.
pub(crate) const ASSUMED: &str = "ASSUMED";

/// What a Region's status means for reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is read.
    Enabled,
    /// There is nothing to read.
    Disabled,
    /// It is unknown whether there is something to read.
    Unknown,
}

impl Standing {
    /// What a status means. Source: `RegionOptStatus` in the model of AWS Account Management; any
    /// status that AWS may add later is neither.
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
        regions::CONFLICTING => "the list of Regions has different statuses for it".to_owned(),
        regions::NO_STATUS => "the list of Regions has no status for it".to_owned(),
        status => format!("its status {status} is unknown to this release"),
    }
}

/// Writes coverage for the functions of an account whose Regions are unknown: the reason is that of
/// the list.
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

/// Reads a Region's Lambda settings: one call that returns the number of functions.
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

/// Checks the Regions of a request against those that AWS lists for the caller's own account. If
/// the list cannot be read, they are accepted unchecked.
///
/// # Errors
/// If AWS lists Regions and one of the request's is not among them.
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
