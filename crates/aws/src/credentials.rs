//! Opens a role session for each account, limited by session policies to what a scan reads, and
//! renewed before it expires.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use aws_config::{Region as SdkRegion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime::client::retries::RetryPartition;
use lambdasweep_model::{AccountId, Outcome};
use tokio::sync::RwLock;

use crate::caller::Caller;
use crate::checked::usable;
use crate::connection::{Connection, SCAN_SESSION_NAME};
use crate::error::CallError;
use crate::exchange::Exchange;
use crate::operation::{Member, Operation};
use crate::quota::STS;
use crate::service::Service;

/// Credentials are renewed this long before they expire, so that they are still valid for a call
/// that has to wait.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);

/// New credentials are assumed to be valid for at least this long, regardless of the local clock.
const LAST_AT_LEAST: Duration = Duration::from_secs(10 * 60);

const ASSUME_ROLE: Operation = Operation::new("sts:AssumeRole", &STS)
    .answers_in_xml()
    .sends(&[
        Member::text("Credentials.AccessKeyId"),
        Member::text("Credentials.SecretAccessKey"),
        Member::text("Credentials.SessionToken"),
        Member::text("Credentials.Expiration"),
    ]);

/// Which role to assume in each account, and how.
#[derive(Debug, Clone)]
pub struct RoleToAssume {
    /// The role's name, with its path where it has one.
    pub name: String,
    /// The external id that the roles' trust policies require.
    pub external_id: Option<String>,
    /// The source identity that CloudTrail of the scanned accounts records; the trust policies must
    /// allow `sts:SetSourceIdentity`.
    pub source_identity: Option<String>,
    /// Inline session policies, one for each session that an account is read with. At least one is
    /// required: without it a session could do everything that the role may.
    pub session_policies: Vec<SessionPolicy>,
}

/// An inline session policy: the session may do what both the role *and* this policy allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPolicy {
    /// The services whose calls are made with the session.
    pub services: Vec<&'static str>,
    /// The policy. AWS accepts at most 2,048 characters.
    pub document: String,
}

/// How to enter one account, if that differs from the other accounts.
#[derive(Clone, Default)]
pub struct OwnRole {
    /// The role's ARN, or its name with its path; `None` for the role used for all accounts.
    pub role: Option<String>,
    /// The external id that this role requires; `None` for the one used for all accounts.
    pub external_id: Option<String>,
}

impl std::fmt::Debug for OwnRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnRole")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// How to enter the organisation's accounts.
#[derive(Debug, Clone)]
pub struct Entrance {
    connection: Connection,
    sts: aws_sdk_sts::Client,
    role: Arc<RoleToAssume>,
    own_roles: Arc<BTreeMap<AccountId, OwnRole>>,
}

impl Entrance {
    /// Enters accounts by assuming the role with the connection's own identity.
    pub fn new(connection: &Connection, role: RoleToAssume) -> Self {
        Self {
            connection: connection.clone(),
            sts: aws_sdk_sts::Client::new(&connection.config),
            role: Arc::new(role),
            own_roles: Arc::default(),
        }
    }

    /// Sets individual roles for some accounts.
    #[must_use]
    pub fn with_own_roles(&self, own_roles: BTreeMap<AccountId, OwnRole>) -> Self {
        Self {
            own_roles: Arc::new(own_roles),
            ..self.clone()
        }
    }

    /// Opens a session in an account; in the caller's own account the caller's own credentials are
    /// used, unless a role is set for it.
    ///
    /// # Errors
    /// If the role does not exist or does not trust the caller, or STS fails.
    pub async fn enter(&self, account: &AccountId) -> Result<AccountSession, CallError> {
        let own_role = self
            .own_roles
            .get(account)
            .and_then(|own| own.role.as_ref());
        let by_role = account != self.connection.account() || own_role.is_some();
        let (mut config, mut narrowed) = (self.connection.config.clone(), Vec::new());
        if by_role {
            for (at, policy) in self.role.session_policies.iter().enumerate() {
                let source = Source::Role(Box::new(self.clone()), account.clone(), at);
                let kept = Kept::new(source);
                // The first session shows whether the account can be entered; the others are opened
                // on first use.
                if at == 0 {
                    let mut current = kept.0.current.write().await;
                    let credentials = self.assume(account, policy).await?;
                    current.credentials = Some((credentials, Instant::now()));
                }
                narrowed.push(NarrowedSession {
                    services: policy.services.clone(),
                    config: kept.serve(&self.connection.config),
                });
            }
            // Never the caller's own credentials, which belong to another account.
            config = narrowed
                .first()
                .map_or(config, |session| session.config.clone());
        }
        Ok(AccountSession {
            account: account.clone(),
            config,
            narrowed: narrowed.into(),
            by_role,
        })
    }

    async fn assume(
        &self,
        account: &AccountId,
        policy: &SessionPolicy,
    ) -> Result<Credentials, CallError> {
        let own = self.own_roles.get(account);
        let role = own
            .and_then(|own| own.role.as_deref())
            .unwrap_or(&self.role.name);
        let role_arn = match role.starts_with("arn:") {
            true => role.to_owned(),
            false => format!(
                "arn:{}:iam::{account}:role/{}",
                self.connection.partition(),
                role.trim_start_matches('/')
            ),
        };
        let external_id = own
            .and_then(|own| own.external_id.as_ref())
            .or(self.role.external_id.as_ref());
        // Counts against the quota of the calling account.
        let caller = Caller::new(
            self.connection.pacer(),
            self.connection.account().as_str(),
            self.connection.region(),
        );
        let answer = caller
            .call(&ASSUME_ROLE, || {
                self.sts
                    .assume_role()
                    .role_arn(&role_arn)
                    .role_session_name(SCAN_SESSION_NAME)
                    .policy(&policy.document)
                    .set_external_id(external_id.cloned())
                    .set_source_identity(self.role.source_identity.clone())
                    .send()
            })
            .await
            .map_err(|error| CallError {
                account: account.to_string(),
                region: String::new(),
                ..error
            })?;
        let unusable = || CallError {
            operation: ASSUME_ROLE.name,
            account: account.to_string(),
            region: String::new(),
            outcome: Outcome::Failed,
            code: Some("NoCredentials".to_owned()),
            message: "STS returned no usable credentials".to_owned(),
            attempts: 1,
        };
        let credentials = answer.credentials().ok_or_else(unusable)?;
        let expires = SystemTime::try_from(*credentials.expiration()).map_err(|_| unusable())?;
        Ok(Credentials::new(
            credentials.access_key_id(),
            credentials.secret_access_key(),
            Some(credentials.session_token().to_owned()),
            Some(expires),
            "AssumeRole",
        ))
    }
}

/// Credentials that are kept until they expire, or a service rejects them as expired.
#[derive(Debug, Clone)]
pub(crate) struct Kept(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    current: RwLock<Current>,
    began: Instant,
    /// Whether a service has accepted credentials from here.
    accepted: AtomicBool,
}

/// Where credentials come from.
#[derive(Debug)]
enum Source {
    /// A role session in an account, with one of the session policies.
    Role(Box<Entrance>, AccountId, usize),
    /// The provider of the caller's configuration.
    Own(SharedCredentialsProvider),
}

#[derive(Debug, Default)]
struct Current {
    credentials: Option<(Credentials, Instant)>,
    /// Incremented with each new set of credentials.
    generation: u64,
    /// How often a service has rejected credentials as expired.
    refused: u32,
}

impl Kept {
    fn new(source: Source) -> Self {
        Self(Arc::new(Inner {
            source,
            current: RwLock::default(),
            began: Instant::now(),
            accepted: AtomicBool::new(false),
        }))
    }

    /// Replaces a configuration's credentials provider by this cache.
    pub(crate) fn in_config(config: &SdkConfig) -> SdkConfig {
        match config.credentials_provider() {
            Some(provider) => Self::new(Source::Own(provider)).serve(config),
            None => config.clone(),
        }
    }

    /// The configuration with these credentials. They are cached only here: the SDK's cache would
    /// not learn that they were rejected, and would keep those of finished accounts.
    fn serve(self, config: &SdkConfig) -> SdkConfig {
        let config = config
            .to_builder()
            .identity_cache(aws_config::identity::IdentityCache::no_cache());
        config
            .credentials_provider(SharedCredentialsProvider::new(self))
            .build()
    }

    /// The current credentials if they are valid long enough, else new ones. Concurrent callers
    /// share one renewal.
    async fn get(&self) -> Result<(Credentials, u64), CredentialsError> {
        let kept = |current: &Current| {
            let (credentials, obtained) = current.credentials.as_ref()?;
            lasts(credentials, *obtained).then(|| (credentials.clone(), current.generation))
        };
        if let Some(found) = kept(&*self.0.current.read().await) {
            return Ok(found);
        }
        let mut current = self.0.current.write().await;
        if let Some(found) = kept(&current) {
            return Ok(found);
        }
        let credentials = self.obtain().await?;
        current.generation += 1;
        current.credentials = Some((credentials.clone(), Instant::now()));
        Ok((credentials, current.generation))
    }

    async fn obtain(&self) -> Result<Credentials, CredentialsError> {
        match &self.0.source {
            Source::Role(entrance, account, policy) => {
                let policy = &entrance.role.session_policies[*policy];
                let assumed = entrance.assume(account, policy).await;
                usable(assumed.map_err(CredentialsError::provider_error)?)
            }
            Source::Own(provider) => provider.provide_credentials().await,
        }
    }

    /// Records that a service accepted credentials from here.
    pub(crate) fn accepted(&self) {
        self.0.accepted.store(true, Ordering::Relaxed);
    }

    /// Called when a service rejects credentials of a generation as expired: new ones are obtained
    /// for the next attempt, once for all calls that were signed with the old ones. Returns whether
    /// further attempts make sense: the caller's own credentials that no service ever accepted, and
    /// that do not change when they are loaded again, stay rejected.
    pub(crate) async fn refused(&self, generation: u64) -> bool {
        let accepted = self.0.accepted.load(Ordering::Relaxed);
        let mut current = self.0.current.write().await;
        if current.generation != generation {
            return true;
        }
        // A session lasts at least 15 minutes, so a service that keeps rejecting new ones does not
        // do so because of their age.
        let allowed =
            2 + u32::try_from(self.0.began.elapsed().as_secs() / 300).unwrap_or(u32::MAX - 2);
        if current.refused >= allowed {
            return true;
        }
        current.refused += 1;
        let Some((old, _)) = current.credentials.take() else {
            return true;
        };
        if let Source::Own(provider) = &self.0.source {
            // Credentials from the environment do not change when they are loaded again.
            if let Ok(new) = provider.provide_credentials().await {
                let same = (new.access_key_id(), new.session_token())
                    == (old.access_key_id(), old.session_token());
                current.generation += u64::from(!same);
                current.credentials = Some((new, Instant::now()));
                return accepted || !same;
            }
        }
        true
    }
}

/// Whether credentials are valid long enough for a call that still has to wait. The local clock may
/// be wrong, so credentials that were just obtained count as valid. Source: "AssumeRole", STS API
/// Reference: at least 15 minutes.
fn lasts(credentials: &Credentials, obtained: Instant) -> bool {
    obtained.elapsed() < LAST_AT_LEAST
        || credentials
            .expiry()
            .is_some_and(|expiry| expiry > SystemTime::now() + RENEW_BEFORE)
}

impl ProvideCredentials for Kept {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let (credentials, generation) = self.get().await?;
            Exchange::signed_with(self, generation);
            Ok(credentials)
        })
    }
}

/// A session in one account: makes that account's clients.
#[derive(Debug, Clone)]
pub struct AccountSession {
    account: AccountId,
    /// The configuration for every service that none of the others covers.
    config: SdkConfig,
    /// Role sessions, each limited to some services.
    narrowed: Arc<[NarrowedSession]>,
    by_role: bool,
}

/// A role session that is limited to the reads of some services.
#[derive(Debug)]
struct NarrowedSession {
    services: Vec<&'static str>,
    config: SdkConfig,
}

impl AccountSession {
    /// A session in the caller's own account, with the caller's own credentials.
    pub fn own(connection: &Connection) -> Self {
        Self {
            account: connection.account().clone(),
            config: connection.config.clone(),
            narrowed: Arc::new([]),
            by_role: false,
        }
    }

    /// Whether the account was entered by assuming one of its roles.
    pub fn is_by_role(&self) -> bool {
        self.by_role
    }

    /// The account.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The SDK keeps retry state per partition, and its default partition is per service and
    /// Region, not per account: one throttled account would use up the retries of the others. Each
    /// account and Region gets its own partition.
    fn partition(&self, service: &str, region: &str) -> RetryPartition {
        RetryPartition::custom(format!("{service}-{region}-{}", self.account)).build()
    }

    /// A client of a service in a Region, or of a global service where that is empty. Its calls use
    /// the session whose policy covers the service.
    pub(crate) fn client<S: Service>(&self, region: &str) -> S::Client {
        let config = self.config_for(S::NAME);
        let retries = self.partition(S::NAME, region);
        if region.is_empty() {
            return S::client(config, retries);
        }
        let in_region = config
            .to_builder()
            .region(SdkRegion::new(region.to_owned()));
        S::client(&in_region.build(), retries)
    }

    fn config_for(&self, service: &str) -> &SdkConfig {
        let allows = |it: &&NarrowedSession| it.services.contains(&service);
        let narrowed = self.narrowed.iter().find(allows);
        narrowed.map_or(&self.config, |it| &it.config)
    }
}
