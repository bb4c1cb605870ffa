//! Temporary credentials that users request for themselves or for others: `GetSessionToken` and
//! `GetFederationToken`.

use serde_json::{Value, json};

use super::policies::SessionPolicies;
use super::session_tags::Passed;
use super::{issue, text};
use crate::call::{Answer, AwsError, Call, Caller, Input, Session};

/// The default duration of credentials, in seconds.
const TWELVE_HOURS: u64 = 43_200;
/// The maximum duration for a root user, in seconds.
const AN_HOUR: u64 = 3_600;

/// Only long-term credentials can be used to request these temporary ones.
pub(crate) fn by_long_term_credentials(call: &Call<'_>) -> Result<(), AwsError> {
    if call.caller.session.is_none() {
        return Ok(());
    }
    Err(AwsError::new(
        "AccessDenied",
        format!("Cannot call {} with session credentials", call.operation),
    )
    .status(403))
}

/// The duration of the credentials, in seconds: at most an hour for a root user.
fn duration(call: &Call<'_>, input: &Input) -> u64 {
    let seconds = input
        .get("DurationSeconds")
        .and_then(Value::as_u64)
        .unwrap_or(TWELVE_HOURS);
    if call.caller.arn.ends_with(":root") {
        seconds.min(AN_HOUR)
    } else {
        seconds
    }
}

pub(super) fn session_token(call: &Call<'_>, input: &Input) -> Answer {
    by_long_term_credentials(call)?;
    Ok(json!({"Credentials": issue(call, call.caller.clone(), duration(call, input))}))
}

pub(super) fn federation_token(call: &Call<'_>, input: &Input) -> Answer {
    by_long_term_credentials(call)?;
    let policies = SessionPolicies::of(input)?;
    let tags = Passed::of_input(input).of_session(None)?;
    let name = text(input, "Name").unwrap_or_default();
    let packed = policies.percent();
    let arn = format!(
        "arn:{}:sts::{}:federated-user/{name}",
        call.partition(),
        call.account()
    );
    let caller = Caller {
        arn: arn.clone(),
        user_id: format!("{}:{name}", call.account()),
        account: call.account().to_owned(),
        session: Some(Session {
            role_arn: arn,
            policy: policies.inline,
            policy_arns: policies.managed,
            tags: tags.tags,
            ..Session::default()
        }),
    };
    let user = json!({"FederatedUserId": caller.user_id, "Arn": caller.arn});
    let credentials = issue(call, caller, duration(call, input));
    Ok(json!({"Credentials": credentials, "FederatedUser": user, "PackedPolicySize": packed}))
}
