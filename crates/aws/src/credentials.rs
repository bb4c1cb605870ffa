//! Enters accounts: a role session for each, narrowed to what a scan reads, and renewed before it expires.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

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
use crate::operation::{Bucket, Operation};

/// Credentials are renewed this long before they expire, so that a call that waits its turn still carries good ones.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);

const ASSUME_ROLE: Operation = Operation::new("sts:AssumeRole", Bucket::Sts);

/// Which role to assume in each account, and how.
#[derive(Debug, Clone)]
pub struct RoleToAssume {
    /// The role's name, with its path where it has one.
    pub name: String,
    /// The external id that the roles' trust policies ask for.
    pub external_id: Option<String>,
    /// The source identity that CloudTrail of the scanned accounts records; the trust policies have to allow `sts:SetSourceIdentity`.
    pub source_identity: Option<String>,
    /// An inline session policy: the session may do what the role allows *and* this does.
    pub session_policy: String,
}

/// The way into one account, where it is another one than that into all others.
#[derive(Clone, Default)]
pub struct OwnRole {
    /// The role's ARN, or its name with its path; none for the role of all accounts.
    pub role: Option<String>,
    /// The external id that this role asks for; none for that of all accounts.
    pub external_id: Option<String>,
}

impl std::fmt::Debug for OwnRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnRole").field("role", &self.role).finish_non_exhaustive()
    }
}

/// The way into the organisation's accounts.
#[derive(Debug, Clone)]
pub struct Entrance {
    connection: Connection,
    sts: aws_sdk_sts::Client,
    role: Arc<RoleToAssume>,
    own_roles: Arc<BTreeMap<AccountId, OwnRole>>,
}

impl Entrance {
    /// Enters accounts by assuming that role from the connection's own identity.
    pub fn new(connection: &Connection, role: RoleToAssume) -> Self {
        Self {
            connection: connection.clone(),
            sts: aws_sdk_sts::Client::new(&connection.config),
            role: Arc::new(role),
            own_roles: Arc::default(),
        }
    }

    /// Enters some accounts by roles of their own.
    #[must_use]
    pub fn with_own_roles(&self, own_roles: BTreeMap<AccountId, OwnRole>) -> Self {
        Self { own_roles: Arc::new(own_roles), ..self.clone() }
    }

    /// Opens a session in an account; in the caller's own account the caller's own credentials serve, unless it has a role of its own.
    ///
    /// # Errors
    /// Where the role is not there or does not let the caller in, or STS fails.
    pub async fn enter(&self, account: &AccountId) -> Result<AccountSession, CallError> {
        let own_role = self.own_roles.get(account).and_then(|own| own.role.as_ref());
        let config = if account == self.connection.account() && own_role.is_none() {
            self.connection.config.clone()
        } else {
            let provider = AssumedRole { entrance: self.clone(), account: account.clone(), current: Arc::default() };
            provider.renew().await?;
            // The provider keeps the credentials: a second cache would only keep those of accounts that are done.
            let config = self.connection.config.to_builder().identity_cache(aws_config::identity::IdentityCache::no_cache());
            config.credentials_provider(SharedCredentialsProvider::new(provider)).build()
        };
        Ok(AccountSession { account: account.clone(), config })
    }

    async fn assume(&self, account: &AccountId) -> Result<Credentials, CallError> {
        let own = self.own_roles.get(account);
        let role = own.and_then(|own| own.role.as_deref()).unwrap_or(&self.role.name);
        let role_arn = match role.starts_with("arn:") {
            true => role.to_owned(),
            false => format!("arn:{}:iam::{account}:role/{}", self.connection.partition(), role.trim_start_matches('/')),
        };
        let external_id = own.and_then(|own| own.external_id.as_ref()).or(self.role.external_id.as_ref());
        // Charged to the calling account.
        let caller = Caller::new(self.connection.pacer(), self.connection.account().as_str(), self.connection.region());
        let answer = caller
            .call(&ASSUME_ROLE, || {
                self.sts
                    .assume_role()
                    .role_arn(&role_arn)
                    .role_session_name(SCAN_SESSION_NAME)
                    .policy(&self.role.session_policy)
                    .set_external_id(external_id.cloned())
                    .set_source_identity(self.role.source_identity.clone())
                    .send()
            })
            .await
            .map_err(|error| CallError { account: account.to_string(), region: String::new(), ..error })?;
        let unusable = || CallError {
            operation: ASSUME_ROLE.name,
            account: account.to_string(),
            region: String::new(),
            outcome: Outcome::Failed,
            code: Some("NoCredentials".to_owned()),
            message: "STS answered without credentials that can be used".to_owned(),
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

/// The credentials of one account's role session.
#[derive(Debug, Clone)]
struct AssumedRole {
    entrance: Entrance,
    account: AccountId,
    current: Arc<RwLock<Option<Credentials>>>,
}

impl AssumedRole {
    /// The current credentials where they last long enough, else new ones. Callers that need new ones together ask once.
    async fn renew(&self) -> Result<Credentials, CallError> {
        let good = |credentials: &Option<Credentials>| {
            credentials.clone().filter(|it| it.expiry().is_some_and(|expiry| expiry > SystemTime::now() + RENEW_BEFORE))
        };
        if let Some(credentials) = good(&*self.current.read().await) {
            return Ok(credentials);
        }
        let mut current = self.current.write().await;
        if let Some(credentials) = good(&current) {
            return Ok(credentials);
        }
        let credentials = self.entrance.assume(&self.account).await?;
        *current = Some(credentials.clone());
        Ok(credentials)
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { usable(self.renew().await.map_err(CredentialsError::provider_error)?) })
    }
}

/// A session in one account: makes that account's clients.
#[derive(Debug, Clone)]
pub struct AccountSession {
    account: AccountId,
    config: SdkConfig,
}

impl AccountSession {
    /// A session in the caller's own account, with the caller's own credentials.
    pub fn own(connection: &Connection) -> Self {
        Self { account: connection.account().clone(), config: connection.config.clone() }
    }

    /// The account.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The SDK's retry state is kept per partition, and its default partition knows service and Region but no account: one throttled account
    /// would use up what the others may retry. Each account-Region has its own.
    fn partition(&self, service: &str, region: &str) -> RetryPartition {
        RetryPartition::custom(format!("{service}-{region}-{}", self.account)).build()
    }

    fn in_region(&self, region: &str) -> SdkConfig {
        self.config.to_builder().region(SdkRegion::new(region.to_owned())).build()
    }

    /// A Lambda client for a Region.
    pub fn lambda(&self, region: &str) -> aws_sdk_lambda::Client {
        let config = aws_sdk_lambda::config::Builder::from(&self.in_region(region)).retry_partition(self.partition("lambda", region));
        aws_sdk_lambda::Client::from_conf(config.build())
    }

    /// An IAM client.
    pub fn iam(&self) -> aws_sdk_iam::Client {
        let config = aws_sdk_iam::config::Builder::from(&self.config).retry_partition(self.partition("iam", ""));
        aws_sdk_iam::Client::from_conf(config.build())
    }

    /// A client of the Account service.
    pub fn account_service(&self) -> aws_sdk_account::Client {
        let config = aws_sdk_account::config::Builder::from(&self.config).retry_partition(self.partition("account", ""));
        aws_sdk_account::Client::from_conf(config.build())
    }
}
