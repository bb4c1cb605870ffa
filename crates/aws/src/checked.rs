//! Rejects credentials that no request can be signed with when they are loaded, because the SDK
//! would panic.

use std::sync::{Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};

/// Passes on usable credentials only. The result of the first load is returned once without loading
/// again, so that a credential process that asks for an MFA code is run once.
#[derive(Debug)]
pub(crate) struct Checked<P> {
    provider: P,
    first: Mutex<Option<Credentials>>,
}

impl<P: ProvideCredentials> Checked<P> {
    /// Loads credentials for the first time.
    ///
    /// # Errors
    /// If there are none, or they cannot be used.
    pub(crate) async fn load(provider: P) -> Result<Self, CredentialsError> {
        let first = usable(provider.provide_credentials().await?)?;
        Ok(Self {
            provider,
            first: Mutex::new(Some(first)),
        })
    }
}

impl<P: ProvideCredentials> ProvideCredentials for Checked<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let first = self
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        future::ProvideCredentials::new(async move {
            match first {
                Some(first) => Ok(first),
                None => usable(self.provider.provide_credentials().await?),
            }
        })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.provider.fallback_on_interrupt()
    }
}

/// Returns the credentials if a request can be signed with them.
///
/// # Errors
/// If the access key id or the session token is not valid in a header.
pub(crate) fn usable(credentials: Credentials) -> Result<Credentials, CredentialsError> {
    let parts = [
        ("access key id", Some(credentials.access_key_id())),
        ("session token", credentials.session_token()),
    ];
    match parts
        .iter()
        .find(|(_, value)| value.is_some_and(|value| !is_plain(value)))
    {
        None => Ok(credentials),
        Some((part, _)) => Err(CredentialsError::invalid_configuration(format!(
            "the {part} contains a line break, white space or another character that is not valid in a key"
        ))),
    }
}

/// Whether a part of a key has only characters that keys have.
pub(crate) fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;

    use super::usable;

    #[test]
    fn what_cannot_stand_in_a_header_is_refused_and_not_repeated() {
        let made = |key: &str, token: Option<&str>| {
            usable(Credentials::new(
                key,
                "secret",
                token.map(str::to_owned),
                None,
                "test",
            ))
        };
        assert!(
            made("AKIAIOSFODNN7EXAMPLE", None).is_ok()
                && made("111122223333", Some("a/b+c==")).is_ok()
        );
        for bad in [
            "AKIA\n",
            "AK IA",
            "\tAKIA",
            "AKIA\u{0}",
            "AKÏA",
            "",
            "AKIA\u{7f}",
        ] {
            for refused in [made(bad, None), made("AKIAIOSFODNN7EXAMPLE", Some(bad))] {
                let said = format!("{:?}", refused.expect_err(bad));
                assert!(
                    said.contains("line break") && !said.contains("AKIA\\n"),
                    "{said}"
                );
            }
        }
    }
}
