//! Validation of custom endpoints.

use std::net::IpAddr;

use lambdasweep_model::printable;

/// An endpoint that is not accepted. Messages never repeat a user name or password in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is not a URL with a host.
    #[error(
        "{setting}{} is not an endpoint URL: use the form http://host:port or https://host",
        shown(url)
    )]
    NotAUrl {
        /// The option, variable or profile that sets it.
        setting: String,
        /// The value.
        url: String,
    },
    /// It contains a user name or a password.
    #[error(
        "{setting} contains a user name or a password, which endpoints do not support; remove everything before the `@`"
    )]
    Credentials {
        /// The option, variable or profile that sets it.
        setting: String,
    },
    /// It is neither encrypted nor on this machine.
    #[error(
        "{setting} `{url}` is neither encrypted nor on this machine, so that others could read and change the traffic; use https://, or pass --insecure-endpoint"
    )]
    Unencrypted {
        /// The option, variable or profile that sets it.
        setting: String,
        /// The value.
        url: String,
    },
}

/// The value for a message, or nothing if it may contain more than an address.
fn shown(url: &str) -> String {
    if url.contains(['@', '?', '%']) || url.len() > 200 {
        String::new()
    } else {
        format!(" `{}`", printable(url))
    }
}

/// Checks an endpoint. `setting` says where it is configured; `insecure` allows one without TLS
/// that is not on this machine.
pub(crate) fn check(setting: &str, url: &str, insecure: bool) -> Result<(), EndpointError> {
    let setting = setting.to_owned();
    if url.contains('@') {
        return Err(EndpointError::Credentials { setting });
    }
    let Some((encrypted, host)) = parse(url) else {
        return Err(EndpointError::NotAUrl {
            setting,
            url: url.to_owned(),
        });
    };
    if encrypted || insecure || is_loopback(&host) {
        Ok(())
    } else {
        Err(EndpointError::Unencrypted {
            setting,
            url: printable(url),
        })
    }
}

/// Whether the URL is encrypted, and the host that it names.
fn parse(url: &str) -> Option<(bool, String)> {
    let uri: http::Uri = url.parse().ok()?;
    let encrypted = match uri.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let authority = uri.authority()?;
    let host = authority.host();
    let port = authority.as_str().strip_prefix(host)?;
    let fine = port.is_empty()
        || port
            .strip_prefix(':')
            .and_then(|port| port.parse::<u16>().ok())
            .is_some_and(|port| port > 0);
    (fine && !host.is_empty() && uri.query().is_none()).then(|| (encrypted, host.to_owned()))
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{EndpointError, check};

    #[test]
    fn addresses_of_this_machine_and_encrypted_ones_are_accepted() {
        for url in [
            "http://127.0.0.1:4566",
            "http://127.9.8.7",
            "http://localhost:4566/base",
            "http://LOCALHOST",
            "http://[::1]:4566",
            "http://[::ffff:127.0.0.1]:4566",
            "https://vpce-0a1b.lambda.eu-west-1.vpce.amazonaws.com",
            "https://mock.example:8443/",
        ] {
            assert_eq!(check("--endpoint-url", url, false), Ok(()), "{url}");
        }
        assert_eq!(check("--endpoint-url", "http://mock:4566", true), Ok(()));
    }

    #[test]
    fn others_are_refused_without_a_word_of_passwords() {
        for url in [
            "http://mock:4566",
            "http://10.0.0.1",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://0.0.0.0:1",
        ] {
            assert!(
                matches!(
                    check("--endpoint-url", url, false),
                    Err(EndpointError::Unencrypted { .. })
                ),
                "{url}"
            );
        }
        for url in [
            "http://user:PASS@127.0.0.1",
            "https://user:PASS@host",
            "user:PASS@",
            "user:PASS@host:1",
            "https://PASS@host",
        ] {
            let refused = check("AWS_ENDPOINT_URL", url, true)
                .expect_err(url)
                .to_string();
            assert!(
                refused.starts_with("AWS_ENDPOINT_URL ") && !refused.contains("PASS"),
                "{refused}"
            );
        }
        for url in [
            "garbage",
            "",
            " ",
            "localhost:4566",
            "http://",
            "http://:80",
            "http:///x",
            "https://host:0",
            "https://host:65536",
            "https://host:",
            "https://host:port",
            "ftp://host",
            "https://ho st",
            "https://host\n",
            "https://höst",
            "https://host?x=PASS",
            "http://[::1",
            "https://user:PASS%40host",
        ] {
            let refused = check("AWS_ENDPOINT_URL", url, true);
            assert!(
                matches!(refused, Err(EndpointError::NotAUrl { .. })),
                "{url:?}: {refused:?}"
            );
            let refused = refused.expect_err(url).to_string();
            assert!(
                !refused.contains("PASS") && !refused.contains('\n'),
                "{refused}"
            );
        }
    }
}
