//! STS: caller identity, and sessions of roles, users and federated identities.
//!
//! Intentional differences from AWS: root users may assume roles, since every account's key here is
//! its root user's; MFA codes are not checked; since nothing here issues encoded authorization
//! messages, `DecodeAuthorizationMessage` accepts the Base64 of a JSON object; and the packed size
//! of policies and tags, which AWS does not document, is derived from their plain text.

use base64::Engine;
use lambdasweep_model::Arn;
use serde_json::{Value, json};

use crate::call::{Answer, AwsError, Call, Caller, Handler, Input, Session};
use crate::services::iam::store::Role;
use crate::spec::{Quota, Spec};

mod assume_role;
mod by_service;
mod federation;
mod keys;
mod needs;
mod policies;
mod saml;
mod saml_response;
mod session_tags;
mod user_tokens;
mod web_identity;

pub(crate) use by_service::{begun_by_service, hand_over};
pub(crate) use user_tokens::by_long_term_credentials;

/// STS. Source of the quota: "IAM and AWS STS quotas", which does not state a burst.
pub(crate) const SERVICE: Spec = Spec {
    signs_as: &["sts"],
    prefix: "sts",
    handler,
    regional: false,
    quotas: &[Quota::regional(&[], 600.0, 600.0)],
    throttled: || AwsError::new("Throttling", "Rate exceeded").status(400),
    needs: needs::NEEDS,
    denied: ("AccessDenied", 403),
    token_invalid: ("InvalidClientTokenId", 403),
    has_resource_control_policies: true,
    ..Spec::DEFAULT
};

/// Finds an operation's handler.
fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "AssumeRole" => assume_role::assume_role,
        "AssumeRoleWithSAML" => saml::assume_role,
        "AssumeRoleWithWebIdentity" => web_identity::assume_role,
        "DecodeAuthorizationMessage" => decode_message,
        "GetAccessKeyInfo" => access_key_info,
        "GetCallerIdentity" => caller_identity,
        "GetFederationToken" => user_tokens::federation_token,
        "GetSessionToken" => user_tokens::session_token,
        _ => return None,
    })
}

fn text<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn caller_identity(call: &Call<'_>, _: &Input) -> Answer {
    Ok(
        json!({"UserId": call.caller.user_id, "Account": call.caller.account, "Arn": call.caller.arn}),
    )
}

/// The account is part of the key. Keys that do not contain it belong to account 000000000000, as
/// in authentication.
fn access_key_info(call: &Call<'_>, input: &Input) -> Answer {
    let key = text(input, "AccessKeyId").unwrap_or_default();
    let issued = call.world.session(key).map(|caller| caller.account);
    let account = issued
        .or_else(|| keys::account(key))
        .unwrap_or_else(|| "000000000000".to_owned());
    Ok(json!({"Account": account}))
}

/// A session of a role, as a caller.
fn role_session(arn: &Arn, role: &Role, session: Session) -> Caller {
    let (name, session_name) = (arn.role_name().unwrap_or_default(), &session.session_name);
    Caller {
        account: arn.account.clone(),
        arn: format!(
            "arn:{}:sts::{}:assumed-role/{name}/{session_name}",
            arn.partition, arn.account
        ),
        user_id: format!("{}:{session_name}", role.id),
        session: Some(session),
    }
}

/// Issues credentials that later calls resolve to a caller.
fn issue(call: &Call<'_>, caller: Caller, seconds: u64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "at most 129,600")]
    let expires = (call.now + seconds as f64).floor();
    let key = keys::access_key("ASIA", &caller.account, call.request_id);
    let token = keys::session_token(&key);
    let session = caller.session.unwrap_or_else(|| Session {
        role_arn: caller.arn.clone(),
        knows_mfa: true,
        ..Session::default()
    });
    let session = Session {
        token: Some(token.clone()),
        issued: call.now.floor(),
        expires,
        ..session
    };
    call.world.keep_session(
        key.clone(),
        Caller {
            session: Some(session),
            ..caller
        },
        call.now,
    );
    json!({
        "SecretAccessKey": keys::secret_key(&key),
        "SessionToken": token,
        "Expiration": expires,
        "AccessKeyId": key,
    })
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationError", message).status(400)
}

fn decode_message(_: &Call<'_>, input: &Input) -> Answer {
    let invalid = || {
        AwsError::new(
            "InvalidAuthorizationMessageException",
            "Message is not valid",
        )
    };
    let encoded = text(input, "EncodedMessage")
        .unwrap_or_default()
        .trim_end_matches('=');
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(encoded)
        .or_else(|_| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(encoded))
        .map_err(|_| invalid())?;
    let decoded = String::from_utf8(bytes).map_err(|_| invalid())?;
    match serde_json::from_str::<Value>(&decoded) {
        Ok(Value::Object(_)) => Ok(json!({"DecodedMessage": decoded})),
        _ => Err(invalid()),
    }
}
