//! Who calls: read off the access key of a signed request. Signatures are not verified.

use http::HeaderMap;

use crate::call::{AwsError, Caller, Session};
use crate::world::World;

/// What a signed request says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) access_key: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

/// The credential scope of a request, from its header or its query.
pub(crate) fn credential(headers: &HeaderMap, query: &str) -> Option<Credential> {
    let from_header = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let rest = value.split("Credential=").nth(1)?;
        Some(rest.split([',', ' ']).next()?.to_owned())
    });
    let from_query = || query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential=")).map(|value| value.replace("%2F", "/"));
    let scope = from_header.or_else(from_query)?;
    // An access key has no slash, so the parts are counted from the end.
    let mut parts = scope.rsplitn(5, '/');
    let (_, service, region, _, access_key) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(Credential { access_key: access_key.to_owned(), region: region.to_owned(), service: service.to_owned() })
}

/// Who an access key belongs to: a key of twelve digits is that account's root user, one that `sts:AssumeRole` issued is its session, any other
/// is the root user of account 000000000000.
pub(crate) fn caller(world: &World, access_key: &str, partition: &str, now: f64) -> Result<Caller, AwsError> {
    if access_key.starts_with("ASIA")
        && let Some(caller) = world.session(access_key)
    {
        let expired = caller.session.as_ref().is_some_and(|session: &Session| session.expires < now);
        if expired {
            return Err(AwsError::new("ExpiredTokenException", "The security token included in the request is expired").status(403));
        }
        return Ok(caller);
    }
    let is_account = access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit());
    let account = if is_account { access_key } else { "000000000000" };
    Ok(Caller {
        account: account.to_owned(),
        arn: format!("arn:{partition}:iam::{account}:root"),
        user_id: account.to_owned(),
        session: None,
    })
}
