//! The connection to AWS: one configuration, one HTTP client and one connection pool for all accounts, since their endpoints are the same.

use std::sync::Arc;
use std::time::Duration;

use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, Region as SdkRegion, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_http_client::tls;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use lambdasweep_model::{AccountId, Region, partition_of};

use crate::caller::Caller;
use crate::error::CallError;
use crate::operation::{Bucket, Operation};
use crate::pacer::Pacer;

/// The name of every role session that a scan opens, as CloudTrail of the scanned accounts shows it.
pub const SCAN_SESSION_NAME: &str = "lambdasweep";

/// Where to connect, and as whom: as in the AWS CLI.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// The profile of the shared configuration files.
    pub profile: Option<String>,
    /// The Region for STS and for global services.
    pub region: Option<Region>,
    /// Another endpoint for all services; without it `AWS_ENDPOINT_URL` and the profile are honoured.
    pub endpoint_url: Option<String>,
    /// Static credentials (access key id and secret), for mocks.
    pub static_credentials: Option<(String, String)>,
}

/// A connection that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint is no URL.
    #[error("`{0}` is no endpoint URL: it takes the form http://host:port or https://host")]
    Endpoint(String),
    /// There are no credentials.
    #[error("no AWS credentials were found ({0}); set AWS_PROFILE or pass --profile, or run `aws sso login`")]
    NoCredentials(String),
    /// The credentials were refused, or STS could not be reached.
    #[error("cannot find out whose credentials these are: {0}; check --endpoint-url, --profile and the network")]
    Identity(CallError),
    /// STS answered without an account.
    #[error("STS did not say which account the credentials belong to")]
    NoAccount,
}

/// A connection to AWS with the caller's own credentials.
#[derive(Debug, Clone)]
pub struct Connection {
    pub(crate) config: SdkConfig,
    pub(crate) pacer: Arc<Pacer>,
    account: AccountId,
    arn: String,
}

const GET_CALLER_IDENTITY: Operation = Operation::new("sts:GetCallerIdentity", Bucket::Sts);

impl Connection {
    /// Loads the configuration as the AWS CLI does, and asks STS who the caller is.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn open(options: &ConnectOptions, pacer: Arc<Pacer>) -> Result<Self, ConnectError> {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .pool_idle_timeout(Some(Duration::from_secs(30)))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(30))
            .operation_attempt_timeout(Duration::from_secs(60))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http.clone())
            // Every attempt has to pass the pacer, so the SDK makes one only.
            .retry_config(RetryConfig::standard().with_max_attempts(1))
            .timeout_config(timeouts)
            .app_name(AppName::new("lambdasweep").unwrap_or_else(|_| unreachable!("a valid name")));
        if let Some(profile) = &options.profile {
            // A profile that is named wins over credentials in the environment, as in the AWS CLI.
            let region = match &options.region {
                Some(region) => Some(SdkRegion::new(region.to_string())),
                None => DefaultRegionChain::builder().profile_name(profile).build().region().await,
            };
            let from_profile = ProfileFileCredentialsProvider::builder()
                .configure(&ProviderConfig::default().with_http_client(http.clone()).with_region(region))
                .profile_name(profile);
            loader = loader.profile_name(profile).credentials_provider(from_profile.build());
        }
        if let Some(region) = &options.region {
            loader = loader.region(SdkRegion::new(region.to_string()));
        }
        if let Some(url) = &options.endpoint_url {
            check_endpoint(url)?;
            loader = loader.endpoint_url(url);
        }
        if let Some((key, secret)) = &options.static_credentials {
            loader = loader.credentials_provider(aws_credential_types::Credentials::new(key, secret, None, None, "static"));
        }
        let mut config = loader.load().await;
        if config.region().is_none() {
            config = config.into_builder().region(SdkRegion::new("us-east-1")).build();
        }
        if let Some(url) = config.endpoint_url() {
            check_endpoint(url)?;
        }
        let Some(provider) = config.credentials_provider() else {
            return Err(ConnectError::NoCredentials("no provider is configured".to_owned()));
        };
        if let Err(error) = provider.provide_credentials().await {
            let why = attempted(&error);
            let named = options.profile.as_deref().map(|profile| format!("profile {}: {why}", lambdasweep_model::printable(profile)));
            return Err(ConnectError::NoCredentials(named.unwrap_or(why)));
        }

        let sts = aws_sdk_sts::Client::new(&config);
        let identity = Caller::new(&pacer, "", "")
            .call(&GET_CALLER_IDENTITY, || sts.get_caller_identity().send())
            .await
            .map_err(ConnectError::Identity)?;
        let account = identity.account().and_then(|account| account.parse().ok()).ok_or(ConnectError::NoAccount)?;
        let arn = identity.arn().unwrap_or_default().to_owned();
        Ok(Self { config, pacer, account, arn })
    }

    /// The caller's account.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The caller's ARN.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The Region for STS and for global services.
    pub fn region(&self) -> &str {
        self.config.region().map_or("us-east-1", |region| region.as_ref())
    }

    /// The partition that the scan is in.
    pub fn partition(&self) -> &'static str {
        partition_of(self.region())
    }

    /// A client of Organizations with the connection's own credentials.
    pub fn organizations(&self) -> aws_sdk_organizations::Client {
        aws_sdk_organizations::Client::new(&self.config)
    }

    /// The pacer of all calls.
    pub fn pacer(&self) -> &Arc<Pacer> {
        &self.pacer
    }
}

/// Why there are no credentials. The SDK lists every place that it looked in, one a line; those that are not set up say nothing.
fn attempted(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        for line in error.to_string().lines().filter(|line| !line.contains("was not enabled") && !line.ends_with("Attempted:")) {
            let line = lambdasweep_model::printable(line.trim());
            if !said.iter().any(|known| known.contains(&line)) {
                said.push(line);
            }
        }
        next = error.source();
    }
    if said.is_empty() { "none are set up".to_owned() } else { said.join(": ") }
}

fn check_endpoint(url: &str) -> Result<(), ConnectError> {
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let fine =
        host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', ':']) && url.is_ascii() && !url.contains(char::is_whitespace));
    if fine { Ok(()) } else { Err(ConnectError::Endpoint(lambdasweep_model::printable(url))) }
}
