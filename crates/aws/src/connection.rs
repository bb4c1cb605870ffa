//! The connection to AWS: one configuration, one HTTP client and one connection pool for all
//! accounts, since their endpoints are the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region as SdkRegion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use lambdasweep_model::{AccountId, Region, partition_of, printable};

use crate::caller::Caller;
use crate::checked::Checked;
use crate::credentials::Kept;
use crate::endpoint::{self, EndpointError};
use crate::environment::{RegionSource, Settings, setting, variable};
use crate::error::CallError;
use crate::operation::{Member, Operation};
use crate::pacer::Pacer;
use crate::quota::STS;
use crate::transport::{self, Proxies, ProxyError, TrustError};

/// The name of every role session that a scan opens, as CloudTrail of the scanned accounts shows
/// it.
pub const SCAN_SESSION_NAME: &str = "lambdasweep";

/// The services of this crate that may have their own endpoints, by the ids used in configuration.
const SERVICES: [&str; 2] = ["STS", "Organizations"];

/// Where to connect and with which identity, as in the AWS CLI.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// The profile of the shared configuration files.
    pub profile: Option<String>,
    /// The Region for STS and for global services.
    pub region: Option<Region>,
    /// An endpoint for all services; without it the `AWS_ENDPOINT_URL` variables and the profile
    /// apply.
    pub endpoint_url: Option<String>,
    /// Accepts endpoints that are neither encrypted nor on this machine.
    pub insecure_endpoint: bool,
    /// The ids under which endpoints of the services to read are configured (`Lambda`), besides
    /// those of STS and Organizations.
    pub services: Vec<&'static str>,
    /// Static credentials (access key id and secret), for mocks; with them, AWS settings in the
    /// environment are ignored.
    pub static_credentials: Option<(String, String)>,
}

/// Why a connection could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// An endpoint is not accepted.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A variable does not name a proxy.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The certificates to trust cannot be used.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// A variable, a profile or a configuration file contains an unusable value.
    #[error("{setting}: {problem}")]
    Setting {
        /// The variable, the profile or the file.
        setting: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There are no credentials.
    #[error(
        "no AWS credentials were found ({0}); set AWS_PROFILE or pass --profile, or sign in with `aws login` or `aws sso login`"
    )]
    NoCredentials(String),
    /// The credentials were rejected, or STS could not be reached.
    #[error(
        "cannot determine the caller's identity: {0}; check --endpoint-url, --profile and the network{1}"
    )]
    Identity(Box<CallError>, &'static str),
    /// The response of STS contained no account.
    #[error("STS did not return the account that the credentials belong to")]
    NoAccount,
}

/// A connection to AWS with the caller's own credentials.
#[derive(Debug, Clone)]
pub struct Connection {
    pub(crate) config: SdkConfig,
    pub(crate) pacer: Arc<Pacer>,
    account: AccountId,
    arn: String,
    region_source: RegionSource,
}

const GET_CALLER_IDENTITY: Operation = Operation::new("sts:GetCallerIdentity", &STS)
    .answers_in_xml()
    .sends(&[Member::text("Account"), Member::text("Arn")]);

impl Connection {
    /// Loads the configuration as the AWS CLI does, and asks STS for the caller's identity.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn open(options: &ConnectOptions, pacer: Arc<Pacer>) -> Result<Self, ConnectError> {
        let (config, region_source) = match &options.static_credentials {
            Some((key, secret)) => (isolated(options, key, secret).await?, RegionSource::Option),
            None => configured(options).await?,
        };
        let config = Kept::in_config(&config);
        let sts = aws_sdk_sts::Client::new(&config);
        let identity =
            Caller::new(&pacer, "", "").call(&GET_CALLER_IDENTITY, || sts.get_caller_identity().send()).await.map_err(|error| {
                // Credentials of another partition are unknown in this one.
                let foreign = region_source == RegionSource::Default && error.code.as_deref() == Some("InvalidClientTokenId");
                let hint = if foreign {
                    "; for a partition other than aws, such as aws-cn or aws-us-gov, name one of its Regions with --region"
                } else {
                    ""
                };
                ConnectError::Identity(Box::new(error), hint)
            })?;
        let account = identity
            .account()
            .and_then(|account| account.parse().ok())
            .ok_or(ConnectError::NoAccount)?;
        let arn = identity.arn().unwrap_or_default().to_owned();
        tracing::info!(region = %config.region().map_or("", |region| region.as_ref()), from = %region_source, "Region for STS and global services");
        Ok(Self {
            config,
            pacer,
            account,
            arn,
            region_source,
        })
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
        self.config
            .region()
            .map_or("us-east-1", |region| region.as_ref())
    }

    /// Where that Region is configured.
    pub fn region_source(&self) -> &RegionSource {
        &self.region_source
    }

    /// The partition that the scan is in.
    pub fn partition(&self) -> &'static str {
        partition_of(self.region())
    }

    /// A client of Organizations with the connection's own credentials.
    pub(crate) fn organizations(&self) -> aws_sdk_organizations::Client {
        aws_sdk_organizations::Client::new(&self.config)
    }

    /// The pacer of all calls.
    pub fn pacer(&self) -> &Arc<Pacer> {
        &self.pacer
    }
}

/// Settings that all connections share.
fn loader(http: &SharedHttpClient) -> ConfigLoader {
    // `Caller` limits each attempt as a whole.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        // Every attempt must pass the pacer, so the SDK itself makes only one.
        .retry_config(RetryConfig::standard().with_max_attempts(1))
        .timeout_config(timeouts)
        .app_name(AppName::new("lambdasweep").unwrap_or_else(|_| unreachable!("a valid name")))
}

/// A configuration made from the options alone.
async fn isolated(
    options: &ConnectOptions,
    key: &str,
    secret: &str,
) -> Result<SdkConfig, ConnectError> {
    let http = transport::client(&Proxies::default(), None, false);
    let nothing = EnvConfigFiles::builder()
        .with_contents(EnvConfigFileKind::Config, "")
        .with_contents(EnvConfigFileKind::Credentials, "")
        .build();
    let region = options
        .region
        .as_ref()
        .map_or("us-east-1", Region::as_str)
        .to_owned();
    let mut loader = loader(&http)
        .profile_files(nothing)
        .profile_name("default")
        .region(SdkRegion::new(region))
        .use_fips(false)
        .use_dual_stack(false)
        .credentials_provider(aws_credential_types::Credentials::new(
            key, secret, None, None, "static",
        ));
    if let Some(url) = &options.endpoint_url {
        endpoint::check("--endpoint-url", url, options.insecure_endpoint)?;
        loader = loader.endpoint_url(url);
    }
    Ok(loader.load().await)
}

/// The configuration from the environment, the shared configuration files and the options.
async fn configured(options: &ConnectOptions) -> Result<(SdkConfig, RegionSource), ConnectError> {
    if let Some(url) = &options.endpoint_url {
        endpoint::check("--endpoint-url", url, options.insecure_endpoint)?;
    }
    let settings = Settings::read(options).await?;
    let proxies = Proxies::of(|name| {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    })?;
    let trusted = settings
        .ca_bundle
        .as_ref()
        .map(|(by, path)| transport::bundle(by, path))
        .transpose()?;
    let http = transport::client(&proxies, trusted, settings.fips);
    let region = SdkRegion::new(settings.region.to_string());
    let bare = loader(&http)
        .region(region.clone())
        .use_fips(settings.fips)
        .use_dual_stack(settings.dual_stack)
        .profile_name(&settings.profile)
        .no_credentials()
        .load()
        .await;
    let endpoints = Endpoints::of(options, &settings, &bare)?;
    let credentials = credentials(options, &settings, &http, region).await?;
    let mut config = bare
        .into_builder()
        .service_config(endpoints)
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    config.set_endpoint_url(None);
    Ok((config.build(), settings.region_source))
}

/// The caller's credentials. A profile that is named explicitly takes precedence over credentials
/// in the environment, as in the AWS CLI.
async fn credentials(
    options: &ConnectOptions,
    settings: &Settings,
    http: &SharedHttpClient,
    region: SdkRegion,
) -> Result<Checked<SharedCredentialsProvider>, ConnectError> {
    let provider_config = ProviderConfig::default()
        .with_http_client(http.clone())
        .with_region(Some(region.clone()))
        .with_use_fips(Some(settings.fips))
        .with_use_dual_stack(Some(settings.dual_stack));
    let provider = if options.profile.is_some() {
        let of_profile = ProfileFileCredentialsProvider::builder()
            .configure(&provider_config)
            .profile_name(&settings.profile);
        SharedCredentialsProvider::new(of_profile.build())
    } else {
        // RequestNames last and once: off EC2 nothing answers, and four attempts of the SDK are seconds of
        // silence.
        let second = Duration::from_secs(1);
        let metadata = aws_config::imds::Client::builder()
            .configure(&provider_config)
            .max_attempts(1)
            .connect_timeout(second)
            .read_timeout(second)
            .operation_attempt_timeout(2 * second)
            .operation_timeout(2 * second);
        let metadata = match std::env::var_os("AWS_EC2_METADATA_SERVICE_ENDPOINT") {
            // The SDK would use an empty one as an address.
            Some(empty) if empty.is_empty() => {
                let usual = metadata.endpoint("http://169.254.169.254");
                usual.map_err(|error| {
                    setting(
                        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                        &printable(&error.to_string()),
                    )
                })?
            }
            _ => metadata,
        };
        let chain = DefaultCredentialsChain::builder()
            .profile_name(&settings.profile)
            .imds_client(metadata.build());
        SharedCredentialsProvider::new(
            chain
                .region(region)
                .configure(provider_config)
                .build()
                .await,
        )
    };
    Checked::load(provider).await.map_err(|error| {
        let why = attempted(&error);
        let named = options.profile.is_some() || settings.profile != "default";
        ConnectError::NoCredentials(if named {
            format!("profile {}: {why}", printable(&settings.profile))
        } else {
            why
        })
    })
}

/// Custom endpoints: for some services, and for all others.
#[derive(Debug)]
struct Endpoints {
    by_service: BTreeMap<&'static str, Option<String>>,
    others: Option<String>,
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if key.env() == "AWS_ENDPOINT_URL" {
            self.by_service
                .get(key.service_id())
                .unwrap_or(&self.others)
                .clone()
        } else {
            None
        }
    }
}

impl Endpoints {
    /// Checks every custom endpoint at the start, so that none turns out to be unusable in the
    /// middle of a scan. An empty one stands for AWS's default.
    fn of(
        options: &ConnectOptions,
        settings: &Settings,
        config: &SdkConfig,
    ) -> Result<Self, ConnectError> {
        let endpoint_of = |service: &str| -> Result<Option<String>, ConnectError> {
            if let Some(url) = &options.endpoint_url {
                return Ok(Some(url.clone()));
            }
            let key = ServiceConfigKey::builder()
                .service_id(service)
                .env("AWS_ENDPOINT_URL")
                .profile("endpoint_url")
                .build();
            let set = key
                .ok()
                .and_then(|key| config.service_config()?.load_config(key))
                .filter(|url| !url.is_empty());
            let Some(url) = set else { return Ok(None) };
            let variables = [
                format!("AWS_ENDPOINT_URL_{}", service.to_ascii_uppercase()),
                "AWS_ENDPOINT_URL".to_owned(),
            ];
            let by = variables
                .into_iter()
                .find(|name| std::env::var_os(name).is_some());
            let by = by.unwrap_or_else(|| {
                format!("endpoint_url of profile {}", printable(&settings.profile))
            });
            endpoint::check(&by, &url, options.insecure_endpoint)?;
            Ok(Some(url))
        };
        let by_service = SERVICES
            .into_iter()
            .chain(options.services.iter().copied())
            .map(|service| Ok((service, endpoint_of(service)?)))
            .collect::<Result<_, ConnectError>>()?;
        let endpoints = Self {
            by_service,
            others: endpoint_of("any other")?,
        };
        let any = endpoints.others.is_some() || endpoints.by_service.values().any(Option::is_some);
        for (wanted, name) in [
            (settings.fips, "AWS_USE_FIPS_ENDPOINT"),
            (settings.dual_stack, "AWS_USE_DUALSTACK_ENDPOINT"),
        ] {
            if wanted && any {
                return Err(setting(
                    name,
                    "it cannot be combined with a custom endpoint",
                ));
            }
        }
        // The SDK's own clients, which sign in and assume the roles of profiles, read the variables
        // themselves and fail on an empty one.
        for name in [
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_STS",
            "AWS_ENDPOINT_URL_SSO",
            "AWS_ENDPOINT_URL_SSO_OIDC",
            "AWS_ENDPOINT_URL_SIGNIN",
        ] {
            match std::env::var(name) {
                Ok(url) if !url.is_empty() => {
                    endpoint::check(name, &url, options.insecure_endpoint)?
                }
                Ok(_) if settings.credentials_by_call => {
                    return Err(setting(
                        name,
                        "it is empty, and obtaining the credentials needs a call to AWS; unset it",
                    ));
                }
                _ => variable(name).map(|_| ())?,
            }
        }
        Ok(endpoints)
    }
}

/// Why there are no credentials. The SDK lists every source that it tried, one per line; those that
/// are not configured are left out.
fn attempted(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        for line in error
            .to_string()
            .lines()
            .filter(|line| !line.contains("was not enabled") && !line.ends_with("Attempted:"))
        {
            let line = printable(line.trim());
            if !said.iter().any(|known| known.contains(&line)) {
                said.push(line);
            }
        }
        next = error.source();
    }
    if said.is_empty() {
        "none are configured".to_owned()
    } else {
        said.join(": ")
    }
}
