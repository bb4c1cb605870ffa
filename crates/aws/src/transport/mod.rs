//! The network transport: one HTTP client and connection pool for all accounts, proxies, and
//! trusted certificates.

mod proxy;
mod trust;

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

pub(crate) use self::proxy::Proxies;
use self::proxy::Proxy;
pub use self::proxy::ProxyError;
pub use self::trust::TrustError;
pub(crate) use self::trust::bundle;
use crate::endpoint::is_loopback;
use crate::error::chain;
use crate::exchange::checking;

/// How long an idle connection is kept.
const KEEP_IDLE: Duration = Duration::from_secs(30);

/// The HTTP client. Without `trusted` it uses the operating system's certificates.
pub(crate) fn client(
    proxies: &Proxies,
    trusted: Option<TrustStore>,
    fips: bool,
) -> SharedHttpClient {
    let trusted = trusted.unwrap_or_default();
    // Building a context cannot fail: it only takes over the store.
    let context = TlsContext::builder()
        .with_trust_store(trusted)
        .build()
        .unwrap_or_default();
    let through = |proxy: ProxyConfig| {
        let context = context.clone();
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector = Connector::builder()
                .pool_idle_timeout(KEEP_IDLE)
                .proxy_config(proxy.clone());
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
            connector
                .tls_provider(tls::Provider::Rustls(
                    tls::rustls_provider::CryptoMode::Ring,
                ))
                .tls_context(context.clone())
                .build()
        })
    };
    let route = |proxy: &Option<Proxy>| {
        proxy
            .as_ref()
            .map(|it| (through(it.config.clone()), Arc::new(it.clone())))
    };
    checking(SharedHttpClient::new(Routes {
        direct: through(ProxyConfig::disabled()),
        http: route(&proxies.http),
        https: route(&proxies.https),
        fips,
    }))
}

/// The clients that requests are sent with. The SDK's client supports one proxy for one scheme, so
/// there is a client for each.
struct Routes {
    direct: SharedHttpClient,
    http: Option<(SharedHttpClient, Arc<Proxy>)>,
    https: Option<(SharedHttpClient, Arc<Proxy>)>,
    fips: bool,
}

/// Proxies may contain passwords, so nothing of them is shown.
impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes").finish_non_exhaustive()
    }
}

impl HttpClient for Routes {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let route = |way: &Option<(SharedHttpClient, Arc<Proxy>)>| {
            way.as_ref().map(|(client, proxy)| {
                (
                    client.http_connector(settings, components),
                    Arc::clone(proxy),
                )
            })
        };
        SharedHttpConnector::new(Route {
            direct: self.direct.http_connector(settings, components),
            http: route(&self.http),
            https: route(&self.https),
            fips: self.fips,
        })
    }
}

struct Route {
    direct: SharedHttpConnector,
    http: Option<(SharedHttpConnector, Arc<Proxy>)>,
    https: Option<(SharedHttpConnector, Arc<Proxy>)>,
    fips: bool,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").finish_non_exhaustive()
    }
}

impl HttpConnector for Route {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri: Option<http::Uri> = request.uri().parse().ok();
        let host = uri
            .as_ref()
            .and_then(http::Uri::host)
            .unwrap_or_default()
            .to_owned();
        let way = match uri.as_ref().and_then(http::Uri::scheme_str) {
            _ if is_near(&host) => &None,
            Some("https") => &self.https,
            _ => &self.http,
        };
        let (sent, proxy) = match way {
            Some((connector, proxy)) => (connector.call(request), Some(Arc::clone(proxy))),
            None => (self.direct.call(request), None),
        };
        let fips = self.fips;
        HttpConnectorFuture::new(async move {
            match (sent.await, proxy.as_deref()) {
                (Ok(response), Some(proxy)) if response.status().as_u16() == 407 => {
                    Err(proxy.asks_for_a_password())
                }
                (Ok(response), _) => Ok(response),
                (Err(error), proxy) => Err(explain(error, &host, proxy, fips)),
            }
        })
    }
}

/// Whether a host is this machine or a local credentials endpoint, which cannot be reached through
/// a proxy.
fn is_near(host: &str) -> bool {
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    // "Use IMDS", Amazon EC2 User Guide, and "EKS Pod Identities", Amazon EKS User Guide, for the
    // addresses in IPv6.
    let of_aws = |address: Ipv6Addr| {
        matches!(
            address.segments(),
            [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254 | 0x23]
        )
    };
    is_loopback(host)
        || address.is_ok_and(|address| match address.to_canonical() {
            IpAddr::V4(address) => address.is_link_local(),
            IpAddr::V6(address) => address.is_unicast_link_local() || of_aws(address),
        })
}

/// A connection error that no retry can solve: a setting has to be changed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Hopeless(String);

/// Explains why there is no connection, where the SDK's message does not help.
fn explain(error: ConnectorError, host: &str, proxy: Option<&Proxy>, fips: bool) -> ConnectorError {
    let told = chain(&error);
    let host = lambdasweep_model::printable(host);
    if let Some((_, why)) = told.split_once("invalid peer certificate: ") {
        let why = why.split(':').next().unwrap_or(why);
        let hint = if why.starts_with("UnknownIssuer") {
            "; name the certificates to trust with AWS_CA_BUNDLE"
        } else {
            ""
        };
        return ConnectorError::user(
            Hopeless(format!(
                "the certificate of {host} is not trusted ({why}){hint}"
            ))
            .into(),
        );
    }
    if let Some(proxy) = proxy {
        let Proxy {
            setting, address, ..
        } = proxy;
        if told.contains("proxy authorization required") {
            return proxy.asks_for_a_password();
        }
        if let Some((_, why)) = told.split_once("tunnel error: ") {
            return ConnectorError::io(
                format!("the proxy {address} does not connect to {host} ({why}); check {setting} and NO_PROXY").into(),
            );
        }
    } else if fips && told.contains("dns error") && host.contains("-fips.") {
        return ConnectorError::io(
            format!(
                "{host} does not exist: AWS does not have FIPS endpoints for all services in all Regions, and AWS_USE_FIPS_ENDPOINT requires one"
            )
            .into(),
        );
    }
    error
}

#[cfg(test)]
mod tests;
