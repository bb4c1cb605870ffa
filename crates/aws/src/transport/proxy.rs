//! The proxies from the environment.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::Hopeless;

/// The proxies from the environment, as the AWS CLI reads them: names in lower case take
/// precedence, and `ALL_PROXY` is ignored.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    pub(super) http: Option<Proxy>,
    pub(super) https: Option<Proxy>,
}

/// One proxy.
#[derive(Clone)]
pub(super) struct Proxy {
    /// The variable that names it.
    pub(super) setting: &'static str,
    /// Its address without user name and password.
    pub(super) address: String,
    pub(super) config: ProxyConfig,
}

/// A variable without a valid proxy. Its value is not repeated, since it may contain a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} is not a valid proxy: use the form http://host:port or http://user:password@host:port, special characters as %40"
)]
pub struct ProxyError(String);

impl Proxies {
    /// Reads the proxies from variables.
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

    /// A retry would fail as well.
    pub(super) fn asks_for_a_password(&self) -> ConnectorError {
        let Self {
            setting, address, ..
        } = self;
        let said = format!(
            "the proxy {address} requires a user name and a password; set them in {setting} as http://user:password@host:port"
        );
        ConnectorError::user(Hopeless(said).into())
    }
}
