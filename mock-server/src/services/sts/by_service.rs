//! Sessions that services start: the credentials of a function's code, or of anything else that
//! runs with a role, without a call to STS.

use std::sync::PoisonError;

use lambdasweep_model::{Arn, printable};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{issue, role_session};
use crate::call::{Call, Caller, Session};
use crate::services::iam::store::Store as Iam;
use crate::services::lambda::execution_role::trusts_lambda;
use crate::services::lambda::role_of;
use crate::wire::iso8601;
use crate::world::World;

/// What credentials are requested for: a function, or a role regardless of what uses it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    function: Option<String>,
    role: Option<String>,
    #[serde(default = "an_hour")]
    seconds: u64,
}

const fn an_hour() -> u64 {
    3_600
}

/// A session that a service starts with a role, if the role exists; it has no session policies and
/// no information about MFA.
pub(crate) fn begun_by_service(
    world: &World,
    role_arn: &str,
    session_name: &str,
    now: f64,
) -> Option<Caller> {
    let arn: Arn = role_arn.parse().ok()?;
    let iam = world.global::<Iam>(&arn.account);
    let iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
    let role = iam.role(&arn)?;
    let session = Session {
        role_arn: role_arn.to_owned(),
        session_name: session_name.to_owned(),
        issued: now.floor(),
        ..Session::default()
    };
    Some(role_session(&arn, role, session))
}

/// Issues the credentials that a body requests; the error is a sentence that says what is wrong.
pub(crate) fn hand_over(
    world: &World,
    body: &[u8],
    request_id: &str,
    now: f64,
) -> Result<Value, String> {
    let form =
        r#"send {"function": ARN} or {"role": ARN}, with "seconds" for a time other than an hour"#;
    let asked: Query = serde_json::from_slice(body)
        .map_err(|error| format!("{}: {form}.", printable(&error.to_string())))?;
    let given = match (&asked.function, &asked.role) {
        (Some(arn), None) | (None, Some(arn)) => arn,
        _ => {
            return Err(format!(
                "The body names neither a function nor a role, or both: {form}."
            ));
        }
    };
    let arn: Arn = given
        .parse()
        .map_err(|_| format!("{} is not an ARN.", printable(given)))?;
    let owner = Caller {
        account: arn.account.clone(),
        arn: String::new(),
        user_id: String::new(),
        session: None,
    };
    let region = if arn.region.is_empty() {
        "us-east-1"
    } else {
        &arn.region
    };
    let call = Call {
        world,
        caller: &owner,
        region,
        operation: "",
        request_id,
        base_url: "",
        now,
        allowed: true,
    };
    let caller = if asked.function.is_some() {
        of_function(&call, &arn, given)?
    } else {
        of_role(&call, given)?
    };
    let credentials = issue(&call, caller.clone(), asked.seconds);
    let expires = credentials["Expiration"].as_f64().unwrap_or_default();
    Ok(json!({
        "Arn": caller.arn,
        "AccessKeyId": credentials["AccessKeyId"],
        "SecretAccessKey": credentials["SecretAccessKey"],
        "SessionToken": credentials["SessionToken"],
        "Expiration": iso8601(expires),
    }))
}

fn of_role(call: &Call<'_>, role_arn: &str) -> Result<Caller, String> {
    begun_by_service(call.world, role_arn, "service", call.now)
        .ok_or_else(|| format!("The role {} does not exist.", printable(role_arn)))
}

/// Lambda names sessions after the function. The trust policy is checked again, since it may have
/// changed after the function was created.
fn of_function(call: &Call<'_>, arn: &Arn, given: &str) -> Result<Caller, String> {
    let name = arn
        .function_name()
        .ok_or_else(|| format!("{} is not the ARN of a function.", printable(given)))?;
    let role = role_of(call, given)
        .ok_or_else(|| format!("The function {} does not exist.", printable(given)))?;
    let unusable = || {
        format!(
            "The role {} of the function cannot be assumed by Lambda.",
            printable(&role)
        )
    };
    let role_arn: Arn = role.parse().map_err(|_| unusable())?;
    let caller = begun_by_service(call.world, &role, name, call.now)
        .filter(|_| trusts_lambda(call, &role_arn, &role))
        .ok_or_else(unusable)?;
    // Without the version or alias, as in `lambda:SourceFunctionArn`.
    let function_arn = format!(
        "arn:{}:lambda:{}:{}:function:{name}",
        arn.partition, arn.region, arn.account
    );
    let session = caller.session.map(|session| Session {
        function_arn: Some(function_arn),
        ..session
    });
    Ok(Caller { session, ..caller })
}
