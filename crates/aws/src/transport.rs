//! The way out of this machine: one HTTP client with one pool for all accounts, proxies, and whom
//! it trusts.

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
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::endpoint::is_loopback;
use crate::error::chain;
use crate::exchange::checking;

/// How long an idle connection is kept.
const KEEP_IDLE: Duration = Duration::from_secs(30);

/// The proxies that the environment names, as the AWS CLI reads them: names in lower case win, and
/// `ALL_PROXY` is not read.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
}

/// One proxy.
#[derive(Clone)]
struct Proxy {
    /// The variable that names it.
    setting: &'static str,
    /// Its address without user name and password.
    address: String,
    config: ProxyConfig,
}

/// A variable that does not name a proxy. What it holds is not repeated: it may be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} does not name a proxy: use the form http://host:port or http://user:password@host:port, special characters as %40"
)]
pub struct ProxyError(String);

impl Proxies {
    /// Takes the proxies from variables.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ProxyError> {
        let first = |names: [&'static str; 2]| {
            names
                .into_iter()
                .find_map(|name| Some((name, variable(name)?)))
        };
        let none = first(["no_proxy", "NO_PROXY"])
            .map(|(_, hosts)| hosts)
            .unwrap_or_default();
        let named = |names| first(names).filter(|(_, url)| !url.is_empty());
        let http = named(["http_proxy", "HTTP_PROXY"])
            .map(|(name, url)| Proxy::parse(name, &url, &none, |url| ProxyConfig::http(url)));
        let https = named(["https_proxy", "HTTPS_PROXY"])
            .map(|(name, url)| Proxy::parse(name, &url, &none, |url| ProxyConfig::https(url)));
        Ok(Self {
            http: http.transpose()?,
            https: https.transpose()?,
        })
    }
}

impl Proxy {
    fn parse<E>(
        setting: &'static str,
        url: &str,
        none: &str,
        config: impl Fn(&str) -> Result<ProxyConfig, E>,
    ) -> Result<Self, ProxyError> {
        let unusable = || ProxyError(setting.to_owned());
        let url = if url.contains("://") {
            url.to_owned()
        } else {
            format!("http://{url}")
        };
        let uri: http::Uri = url.parse().map_err(|_| unusable())?;
        let authority = uri.authority().ok_or_else(unusable)?;
        let (host, port) = (authority.host(), authority.port_u16());
        let after_host = authority
            .as_str()
            .rsplit('@')
            .next()
            .and_then(|it| it.strip_prefix(host))
            .ok_or_else(unusable)?;
        if host.is_empty() || (port.is_none() && !after_host.is_empty()) || port == Some(0) {
            return Err(unusable());
        }
        let address = format!(
            "{}://{host}{after_host}",
            uri.scheme_str().unwrap_or("http")
        );
        Ok(Self {
            setting,
            address,
            config: config(&url).map_err(|_| unusable())?.no_proxy(none),
        })
    }

    /// Another attempt would be refused as well.
    fn asks_for_a_password(&self) -> ConnectorError {
        let Self {
            setting, address, ..
        } = self;
        let said = format!(
            "the proxy {address} asks for a user name and a password; write them into {setting} as http://user:password@host:port"
        );
        ConnectorError::user(Hopeless(said).into())
    }
}

/// A file of certificates that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It cannot be read.
    #[error("cannot read the certificates in {path}, which {setting} names: {cause}")]
    Unreadable {
        /// The variable or the profile that names it.
        setting: String,
        /// The file.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// There is no certificate in it.
    #[error("there is no certificate in PEM form in {path}, which {setting} names")]
    NoCertificate {
        /// The variable or the profile that names it.
        setting: String,
        /// The file.
        path: String,
    },
}

/// Trusts the certificates of a file in PEM form, and no others.
///
/// Source: as botocore hands the bundle to its HTTP library, it stands in place of the certificates
/// that are trusted otherwise. A certificate that cannot be understood costs itself only: bundles
/// of operating systems have some.
pub(crate) fn bundle(setting: &str, path: &str) -> Result<TrustStore, TrustError> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let (setting, shown) = (setting.to_owned(), lambdasweep_model::printable(path));
    let unreadable = |cause| TrustError::Unreadable {
        setting: setting.clone(),
        path: shown.clone(),
        cause,
    };
    let bytes = crate::environment::read_bounded(path).map_err(unreadable)?;
    let text = String::from_utf8_lossy(&bytes);
    let (mut trusted, mut found) = (TrustStore::empty(), false);
    for (at, _) in text.match_indices(BEGIN) {
        let Some(length) = text[at..].find(END) else {
            break;
        };
        let pem = &text[at..at + length + END.len()];
        let readable = CertificateDer::from_pem_slice(pem.as_bytes())
            .is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok());
        if readable {
            trusted = trusted.with_pem_certificate(pem);
            found = true;
        }
    }
    if found {
        Ok(trusted)
    } else {
        Err(TrustError::NoCertificate {
            setting,
            path: shown,
        })
    }
}

/// The HTTP client. Without `trusted` it trusts the certificates of the operating system.
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

/// Ways to send a request. The SDK's client knows one proxy for one scheme, so there is a client
/// for each.
struct Routes {
    direct: SharedHttpClient,
    http: Option<(SharedHttpClient, Arc<Proxy>)>,
    https: Option<(SharedHttpClient, Arc<Proxy>)>,
    fips: bool,
}

/// Proxies may hold passwords: nothing of them is shown.
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

/// Whether a host is this machine, or hands out credentials to it alone: no proxy knows the way
/// there.
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

/// A connection that no other attempt can make either: somebody has to change a setting.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Hopeless(String);

/// Says in a sentence why there was no connection, where the SDK's own words do not help.
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
                format!("the proxy {address} opens no connection to {host} ({why}); check {setting} and NO_PROXY").into(),
            );
        }
    } else if fips && told.contains("dns error") && host.contains("-fips.") {
        return ConnectorError::io(
            format!(
                "there is no {host}: AWS has no FIPS endpoint for every service in every Region, and AWS_USE_FIPS_ENDPOINT asks for one"
            )
            .into(),
        );
    }
    error
}

#[cfg(test)]
mod tests {
    use super::{Proxies, bundle, is_near};

    fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, String> {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(it, _)| *it == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Proxies::of(variable).map_err(|error| error.to_string())
    }

    #[test]
    fn proxies_are_those_of_the_environment() {
        let of = |variables: &[(&str, &str)]| {
            proxies(variables).map(|it| {
                (
                    it.http.map(|it| it.address),
                    it.https.map(|it| (it.setting, it.address)),
                )
            })
        };
        assert_eq!(of(&[("ALL_PROXY", "socks5://p:1")]), Ok((None, None)));
        assert_eq!(
            of(&[
                ("HTTPS_PROXY", "http://user:PASS@proxy.example:3128/"),
                ("http_proxy", "proxy.example")
            ]),
            Ok((
                Some("http://proxy.example".to_owned()),
                Some(("HTTPS_PROXY", "http://proxy.example:3128".to_owned()))
            ))
        );
        assert_eq!(
            of(&[
                ("HTTPS_PROXY", "http://a:1"),
                ("https_proxy", "https://b:2")
            ])
            .map(|it| it.1),
            Ok(Some(("https_proxy", "https://b:2".to_owned())))
        );
        assert_eq!(
            of(&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "")]),
            Ok((None, None)),
            "an empty name in lower case turns it off"
        );
        assert_eq!(
            of(&[("https_proxy", "http://[::1]:3128")]).map(|it| it.1),
            Ok(Some(("https_proxy", "http://[::1]:3128".to_owned())))
        );
    }

    #[test]
    fn what_names_no_proxy_is_refused_and_not_repeated() {
        for bad in [
            "socks5://p:PASS1",
            "http://",
            "http://PASS:x",
            "http://u:PASS@",
            "http://u:PASS@h:99999",
            "PASS PASS",
            "http://h:0",
            "://PASS",
        ] {
            for name in ["HTTPS_PROXY", "http_proxy"] {
                let refused = proxies(&[(name, bad)])
                    .err()
                    .unwrap_or_else(|| panic!("{bad}"));
                assert!(
                    refused.starts_with(name) && !refused.contains("PASS"),
                    "{refused}"
                );
            }
        }
    }

    #[test]
    fn no_proxy_stands_between_this_machine_and_its_credentials() {
        for near in [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "169.254.169.254",
            "169.254.170.2",
            "[fd00:ec2::254]",
            "[fd00:ec2::23]",
            "[fe80::1]",
        ] {
            assert!(is_near(near), "{near}");
        }
        for far in [
            "sts.amazonaws.com",
            "10.0.0.1",
            "[fd00:ec2::1]",
            "",
            "169.253.169.254",
        ] {
            assert!(!is_near(far), "{far}");
        }
    }

    #[test]
    fn a_bundle_without_a_certificate_is_refused() {
        let file =
            std::env::temp_dir().join(format!("lambdasweep-bundle-{}.pem", std::process::id()));
        let path = file.to_string_lossy().into_owned();
        for text in [
            "",
            "garbage",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA",
        ] {
            std::fs::write(&file, text).expect("a file");
            let refused = bundle("AWS_CA_BUNDLE", &path).expect_err(text).to_string();
            assert!(
                refused.contains("no certificate in PEM form") && refused.contains("AWS_CA_BUNDLE"),
                "{refused}"
            );
        }
        std::fs::remove_file(&file).expect("removed");
        assert!(
            bundle("AWS_CA_BUNDLE", &path)
                .expect_err("gone")
                .to_string()
                .contains("cannot read")
        );
    }
}
