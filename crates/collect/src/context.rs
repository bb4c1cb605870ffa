//! What collectors work with: the account, the Region, a function, and the batch for their rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::civil::Date;
use lambdasweep_aws::{AccountSession, CallError, Caller, Clients, Operation, Pacer, Service};
use lambdasweep_model::{AccountId, Outcome, Region, partition_of};
use lambdasweep_policy::exposure::Scope;
use lambdasweep_policy::{Document, Effect};
use lambdasweep_tables::{Batch, CoverageRow, Fact};
use serde::{Deserialize, Serialize};

use crate::collector::{Collector, Ended};
use crate::configuration::{LATEST, Version};
use crate::organization::OrganizationView;
use crate::references::References;

/// The context that all units of a scan share.
#[derive(Debug)]
pub(crate) struct ScanContext {
    pub(crate) pacer: Arc<Pacer>,
    /// The date that deprecation dates are compared with.
    pub(crate) as_of: Date,
    /// The partition that the scan is in.
    pub(crate) partition: &'static str,
    /// The organisation, as far as it could be read.
    pub(crate) organization: OrganizationView,
}

/// One account that was entered.
#[derive(Debug)]
pub(crate) struct AccountContext {
    pub(crate) scan: Arc<ScanContext>,
    clients: Clients,
    /// The account's functions, available after its Regions were read.
    pub(crate) functions: AccountFunctions,
}

/// The functions of an account.
#[derive(Debug, Default)]
pub(crate) struct AccountFunctions {
    /// Each function with the role of its unpublished version.
    pub(crate) roles: Vec<(String, String)>,
    /// The Regions whose functions were not all listed, including Regions outside of the request;
    /// empty if all were.
    pub(crate) unlisted: Vec<String>,
}

/// One account in one Region.
#[derive(Debug)]
pub(crate) struct RegionContext {
    pub(crate) scan: Arc<ScanContext>,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    clients: Clients,
}

impl AccountContext {
    /// The context of an account that was entered, before its Regions are read.
    pub(crate) fn new(scan: &Arc<ScanContext>, session: AccountSession) -> Self {
        Self {
            scan: Arc::clone(scan),
            clients: Clients::new(session, ""),
            functions: AccountFunctions::default(),
        }
    }

    /// The session in the account.
    pub(crate) fn session(&self) -> &AccountSession {
        self.clients.session()
    }

    /// The client of a global service.
    pub(crate) fn client<S: Service>(&self) -> S::Client {
        self.clients.get::<S>()
    }

    /// The account's id as text.
    pub(crate) fn account_id(&self) -> String {
        self.session().account().to_string()
    }

    /// A caller for the account's global services.
    pub(crate) fn caller(&self) -> Caller {
        Caller::new(&self.scan.pacer, self.session().account().as_str(), "")
    }

    /// The context of one of the account's Regions.
    pub(crate) fn in_region(&self, region: &Region) -> RegionContext {
        RegionContext {
            scan: Arc::clone(&self.scan),
            account: self.session().account().clone(),
            region: region.clone(),
            clients: Clients::new(self.session().clone(), region.as_str()),
        }
    }
}

impl RegionContext {
    /// The context of an account and Region that own a resource, which is read with a session that
    /// may be another account's.
    pub(crate) fn of_owner(
        scan: &Arc<ScanContext>,
        session: AccountSession,
        owner: &AccountId,
        region: &Region,
    ) -> Self {
        Self {
            scan: Arc::clone(scan),
            account: owner.clone(),
            region: region.clone(),
            clients: Clients::new(session, region.as_str()),
        }
    }

    /// The client of a service in the Region.
    pub(crate) fn client<S: Service>(&self) -> S::Client {
        self.clients.get::<S>()
    }

    /// The account's id as text.
    pub(crate) fn account_id(&self) -> String {
        self.account.to_string()
    }

    /// Whether an account is outside the organisation.
    pub(crate) fn is_account_outside(&self, account: &str) -> Option<bool> {
        let (organization, own) = (&self.scan.organization, self.account.as_str());
        organization.is_account_outside(account.to_owned(), own)
    }

    /// The Region's name as text.
    pub(crate) fn region_name(&self) -> String {
        self.region.to_string()
    }

    /// Whether a resource is outside the organisation, by the account in its ARN.
    pub(crate) fn is_outside(&self, arn: &str) -> Option<bool> {
        self.scan
            .organization
            .is_outside(arn, self.account.as_str())
    }

    /// A caller for the account and Region.
    pub(crate) fn caller(&self) -> Caller {
        Caller::new(
            &self.scan.pacer,
            self.account.as_str(),
            self.region.as_str(),
        )
    }

    /// The account and organisation from which policies are evaluated.
    pub(crate) fn scope<'a>(&'a self) -> Scope<'a> {
        Scope {
            account: self.account.as_str(),
            organization: self.scan.organization.id.as_deref(),
            partition: partition_of(self.region.as_str()),
        }
    }

    /// The error for a response that arrived but cannot be trusted.
    pub(crate) fn failed(&self, operation: &Operation, code: &str, message: String) -> CallError {
        CallError {
            operation: operation.name,
            account: self.account_id(),
            region: self.region_name(),
            outcome: Outcome::Failed,
            code: Some(code.to_owned()),
            message,
            attempts: 1,
        }
    }
}

/// One function, and what later collectors need from earlier ones.
#[derive(Debug)]
pub(crate) struct FunctionTarget {
    /// The ARN without a qualifier.
    pub(crate) arn: String,
    /// The name.
    pub(crate) name: String,
    /// Whether the function itself was listed, not only versions of it.
    pub(crate) known: bool,
    /// Whether it is a replica of Lambda@Edge: it has versions, no `$LATEST`, and no settings of
    /// its own.
    pub(crate) is_replica: bool,
    /// Why the list of versions may be incomplete.
    pub(crate) versions_gap: Option<CallError>,
    /// Why its listing cannot be trusted.
    pub(crate) doubt: Option<CallError>,
    /// The aliases, or why they could not be read.
    pub(crate) aliases: OnceLock<Result<Vec<String>, CallError>>,
    /// All versions that were listed: `$LATEST`, then the published ones from the oldest to the
    /// newest.
    pub(crate) versions: Vec<Version>,
    policies: Mutex<BTreeMap<String, PolicyRead>>,
    /// The result for the policies of published versions, after everything of the function was
    /// read.
    pub(crate) version_policies: BTreeMap<String, VersionPolicy>,
}

/// Whether the policy of a published version allows anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum VersionPolicy {
    /// At least one statement allows something.
    Allows,
    /// There is no policy, or none of its statements allows anything.
    AllowsNothing,
    /// It was not read, with the reason.
    Unknown(String),
}

/// The resource policy of a function (empty qualifier), a version or an alias.
#[derive(Debug, Clone)]
pub(crate) enum PolicyRead {
    /// There is none.
    None,
    /// The policy, and the key of each of its statements.
    Document(Arc<Document>, Arc<[String]>),
    /// It could not be read or parsed.
    Unknown(String),
}

impl FunctionTarget {
    pub(crate) fn new(arn: String, known: bool, is_replica: bool) -> Self {
        let name = arn.rsplit(':').next().unwrap_or_default().to_owned();
        Self {
            arn,
            name,
            known,
            is_replica,
            versions_gap: None,
            doubt: None,
            aliases: OnceLock::new(),
            versions: Vec::new(),
            policies: Mutex::default(),
            version_policies: BTreeMap::new(),
        }
    }

    /// The published versions' numbers.
    pub(crate) fn published(&self) -> impl Iterator<Item = &str> {
        self.versions
            .iter()
            .map(|version| &*version.version)
            .filter(|version| *version != LATEST)
    }

    /// Whether it has published versions, or may have some that were not listed.
    pub(crate) fn may_have_published(&self) -> bool {
        self.versions_gap.is_some() || self.published().next().is_some()
    }

    /// Keeps a policy for later collectors.
    pub(crate) fn keep_policy(&self, qualifier: &str, policy: PolicyRead) {
        self.policies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(qualifier.to_owned(), policy);
    }

    /// The qualifiers that have a policy; the function itself is the empty one.
    pub(crate) fn qualifiers_with_policy(&self) -> Vec<String> {
        let policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        let with = policies
            .iter()
            .filter(|(_, policy)| matches!(policy, PolicyRead::Document(..)));
        with.map(|(qualifier, _)| qualifier.clone()).collect()
    }

    /// Keeps the part of the policies that is needed after the whole Region was read, and drops the
    /// rest.
    pub(crate) fn settle_policies(&mut self) {
        let policies = std::mem::take(
            self.policies
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let published: BTreeSet<&str> = self.published().collect();
        let kept = policies
            .into_iter()
            .filter(|(qualifier, _)| published.contains(qualifier.as_str()))
            .map(|(qualifier, policy)| (qualifier, VersionPolicy::of(policy)))
            .collect();
        self.version_policies = kept;
    }

    /// The result for the policy of a published version.
    pub(crate) fn version_policy(&self, version: &str) -> VersionPolicy {
        let known = self.version_policies.get(version).cloned();
        known.unwrap_or_else(|| VersionPolicy::Unknown(POLICY_UNREAD.to_owned()))
    }

    /// The policy of a qualifier.
    pub(crate) fn policy(&self, qualifier: &str) -> PolicyRead {
        let policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        policies
            .get(qualifier)
            .cloned()
            .unwrap_or_else(|| PolicyRead::Unknown(POLICY_UNREAD.to_owned()))
    }
}

const POLICY_UNREAD: &str = "the resource policy was not read";

impl VersionPolicy {
    fn of(policy: PolicyRead) -> Self {
        let allows = |document: &Document| {
            let mut statements = document.statements.iter();
            statements.any(|statement| statement.effect == Effect::Allow)
        };
        match policy {
            PolicyRead::Document(document, _) if allows(&document) => Self::Allows,
            PolicyRead::Document(..) | PolicyRead::None => Self::AllowsNothing,
            PolicyRead::Unknown(why) => Self::Unknown(why),
        }
    }
}

/// A collector's rows, and the caller that counts its attempts.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) caller: Caller,
    pub(crate) batch: Batch,
    /// What refers to published versions of functions.
    pub(crate) references: References,
    doubt: Doubt,
}

/// Whether the responses leave open that the function itself no longer exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doubt {
    /// Not at all.
    None,
    /// A response says that the requested setting does not exist, with a message that AWS also uses
    /// for a function that does not exist.
    Open,
    /// A response says so with another message, which may be about the function.
    Raised,
}

impl Reading {
    pub(crate) fn new(caller: Caller) -> Self {
        Self {
            caller,
            batch: Batch::default(),
            references: References::default(),
            doubt: Doubt::None,
        }
    }

    /// Records that an error was read as "there is none". AWS's usual message does not show whether
    /// the function exists; other messages with the same code may say that it does not.
    pub(crate) fn took_for_none(&mut self, error: &CallError, usual: &str) {
        self.doubt = self.doubt.max(if error.message == usual {
            Doubt::Open
        } else {
            Doubt::Raised
        });
    }

    /// Whether the result is valid only if the function still exists.
    pub(crate) fn doubt(&self) -> Doubt {
        self.doubt
    }

    /// The error for an item that AWS lists without an identifier: the listing is then incomplete.
    pub(crate) fn unidentified(&self, operation: &Operation, what: &str) -> CallError {
        let error = self.caller.incomplete(
            operation,
            &format!("{what} is listed without a valid identifier"),
        );
        CallError {
            code: Some("UnidentifiedItem".to_owned()),
            ..error
        }
    }

    /// Closes the reading: returns its rows and the coverage row with its outcome.
    pub(crate) fn close(mut self, what: CoverageKey<'_>, ended: &Result<(), CallError>) -> Batch {
        let attempts = i64::from(self.caller.attempts());
        self.batch.push(what.row(ended, attempts));
        self.batch
    }
}

/// Runs a collector within the time limit of one reading. Rows that were read until then are kept.
pub(crate) async fn in_time(
    collector: &Collector,
    caller: &Caller,
    reading: Ended<'_>,
) -> Result<(), CallError> {
    let limit = caller.task_limit();
    match tokio::time::timeout(limit, reading).await {
        Ok(ended) => ended,
        Err(_) => Err(caller.overdue(collector.operations.first(), limit)),
    }
}

/// What a coverage row applies to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CoverageKey<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) fact: Fact,
}

impl CoverageKey<'_> {
    /// The coverage row with the outcome.
    pub(crate) fn row(self, ended: &Result<(), CallError>, attempts: i64) -> CoverageRow {
        match ended {
            Ok(()) => self.row_with(Outcome::Ok, None, None, attempts),
            Err(error) => self.row_with(
                error.outcome,
                error.code.clone(),
                Some(error.message.clone()),
                attempts.max(i64::from(error.attempts)),
            ),
        }
    }

    /// A coverage row with that outcome.
    pub(crate) fn row_with(
        self,
        outcome: Outcome,
        code: Option<String>,
        message: Option<String>,
        attempts: i64,
    ) -> CoverageRow {
        CoverageRow {
            account_id: self.account.to_owned(),
            region: self.region.to_owned(),
            resource_arn: self.resource.to_owned(),
            fact: self.fact.as_str().to_owned(),
            outcome: outcome.as_str().to_owned(),
            error_code: code,
            message: message.as_deref().map(shorten),
            attempts,
        }
    }
}

/// Messages come from outside: long texts do not belong in a table. Secrets are removed before the
/// text is cut, so that none is cut in two.
fn shorten(message: &str) -> String {
    let message = lambdasweep_secrets::redact(message);
    match message.char_indices().nth(500) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use lambdasweep_aws::{Caller, Pacer, PacerOptions, QuotaShare};
    use lambdasweep_model::Outcome;

    use super::in_time;
    use crate::services::lambda::aliases::COLLECTOR;

    /// Each call has a time limit; a reading that makes calls without end has one as well.
    #[tokio::test(flavor = "current_thread")]
    async fn a_reading_that_does_not_end_is_a_gap() {
        let limits = |milliseconds| PacerOptions {
            quota_share: QuotaShare::Share(0.5),
            task_timeout: Duration::from_millis(milliseconds),
            ..PacerOptions::default()
        };
        let caller = |milliseconds| {
            Caller::new(
                &Arc::new(Pacer::new(limits(milliseconds))),
                "111122223333",
                "eu-west-1",
            )
        };
        let error = in_time(&COLLECTOR, &caller(10), Box::pin(std::future::pending()))
            .await
            .expect_err("it has no end");
        assert_eq!(
            (error.operation, error.outcome, error.code.as_deref()),
            ("lambda:ListAliases", Outcome::Failed, Some("TimedOut"))
        );
        assert_eq!(error.message, "it was not read within 0.02 seconds");
        assert!(
            in_time(
                &COLLECTOR,
                &caller(60_000),
                Box::pin(std::future::ready(Ok(())))
            )
            .await
            .is_ok()
        );
    }
}
