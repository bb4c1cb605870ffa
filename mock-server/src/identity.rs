//! The caller of a signed request, determined by its access key. Signatures are not verified.

use http::HeaderMap;

use crate::call::{AwsError, Caller, Session};
use crate::model::Protocol;
use crate::wire;
use crate::world::World;

/// The credential of a signed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) access_key: String,
    pub(crate) region: String,
    pub(crate) service: String,
    /// The session token that came with a temporary key.
    pub(crate) token: Option<String>,
}

/// The credential scope of a request, from its header or its query.
pub(crate) fn credential(headers: &HeaderMap, query: &str) -> Option<Credential> {
    let from_header = headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| {
            let rest = value.split("Credential=").nth(1)?;
            Some(rest.split([',', ' ']).next()?.to_owned())
        });
    let scope = from_header.or_else(|| wire::parameter(query, "X-Amz-Credential"))?;
    // An access key has no slash, so the parts are counted from the end.
    let mut parts = scope.rsplitn(5, '/');
    let (_, service, region, _, access_key) = (
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
    );
    if [service, region, access_key]
        .iter()
        .any(|part| part.is_empty())
    {
        return None;
    }
    let in_header = headers
        .get("x-amz-security-token")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let token = in_header.or_else(|| wire::parameter(query, "X-Amz-Security-Token"));
    Some(Credential {
        access_key: access_key.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        token,
    })
}

/// Why a request has no valid caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfit {
    Missing,
    Unknown,
    Expired,
}

impl Unfit {
    /// The error as a protocol words it. Source: "Common error types" of the services; the query
    /// services and the others name them differently.
    fn error(self, protocol: Protocol) -> AwsError {
        let query = protocol.is_query();
        let (code, message) = match self {
            Self::Missing if query => (
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ),
            Self::Missing => (
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ),
            Self::Unknown if query => (
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            ),
            Self::Unknown => (
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            Self::Expired if query => (
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
            Self::Expired => (
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ),
        };
        AwsError::new(code, message).status(403)
    }
}

/// Operations that can be called without credentials, because the request has another proof of
/// identity.
fn needs_no_signature(operation: &str) -> bool {
    matches!(
        operation,
        "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML"
    )
}

/// Who signed a call of an operation.
///
/// # Errors
/// If the request is not signed, or its temporary credentials were not issued by this mock or have
/// expired.
pub(crate) fn signer(
    world: &World,
    credential: Option<&Credential>,
    operation: &str,
    protocol: Protocol,
    now: f64,
) -> Result<Caller, AwsError> {
    let unfit = |why: Unfit| why.error(protocol);
    let Some(credential) = credential else {
        return if needs_no_signature(operation) {
            Ok(root(ANYBODY, "aws"))
        } else {
            Err(unfit(Unfit::Missing))
        };
    };
    if credential.access_key.starts_with("ASIA") {
        return temporary(world, credential, now).map_err(unfit);
    }
    Ok(of_key(
        &credential.access_key,
        lambdasweep_model::partition_of(&credential.region),
    ))
}

/// The session of temporary credentials: the key must have been issued here, together with the
/// token.
fn temporary(world: &World, credential: &Credential, now: f64) -> Result<Caller, Unfit> {
    let caller = world
        .session(&credential.access_key)
        .ok_or(Unfit::Unknown)?;
    let session: &Session = caller.session.as_ref().ok_or(Unfit::Unknown)?;
    if session.token != credential.token {
        return Err(Unfit::Unknown);
    }
    if session.expires < now {
        Err(Unfit::Expired)
    } else {
        Ok(caller)
    }
}

/// The account of keys that do not belong to a specific account.
const ANYBODY: &str = "000000000000";

/// The owner of a permanent key: a key of twelve digits belongs to that account's root user, any
/// other to the root user of account 000000000000.
pub(crate) fn of_key(access_key: &str, partition: &str) -> Caller {
    let is_account = access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit());
    root(if is_account { access_key } else { ANYBODY }, partition)
}

fn root(account: &str, partition: &str) -> Caller {
    Caller {
        account: account.to_owned(),
        arn: format!("arn:{partition}:iam::{account}:root"),
        user_id: account.to_owned(),
        session: None,
    }
}
