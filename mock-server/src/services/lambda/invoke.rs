//! Invocations. No code runs here: a function returns what was set for it, else `null`, like a
//! handler without a return value.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::functions::in_state;
use super::{Target, invalid, lock, not_found, store, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::services::lambda::invocations::Invocations;

/// The largest event, in bytes: of a synchronous invocation, and of an asynchronous one. Source:
/// "Lambda quotas", Lambda Developer Guide.
const MOST_BYTES: usize = 6_291_456;
const MOST_BYTES_OF_EVENT: usize = 1_048_576;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    (operation == "Invoke").then_some(invoke)
}

fn invoke(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let kind = text(input, "InvocationType").unwrap_or("RequestResponse");
    let (version, reserved) = {
        let store = store(call);
        let store = lock(&store);
        let function = target
            .function(call, &store)
            .map_err(|_| missing(call, &target))?;
        let configuration = function.behind(target.plain_qualifier()).at(call.now);
        if let Some(state @ ("Pending" | "Failed" | "Inactive" | "ActiveNonInvocable")) =
            text(&configuration, "State")
        {
            return Err(in_state(state));
        }
        check_tenant(input, configuration.get("TenancyConfig"))?;
        (
            text(&configuration, "Version")
                .unwrap_or("$LATEST")
                .to_owned(),
            function.reserved_concurrency,
        )
    };
    check_payload(input, kind)?;
    match kind {
        "DryRun" => return Ok(json!({"StatusCode": 204})),
        "Event" => return Ok(json!({"StatusCode": 202})),
        _ => {}
    }
    if reserved == Some(0) {
        // Recorded from AWS.
        return Err(AwsError::new("TooManyRequestsException", "Rate Exceeded.")
            .member("Type", "User")
            .member(
                "Reason",
                "ReservedFunctionConcurrentInvocationLimitExceeded",
            ));
    }
    let unqualified = target.unqualified_arn(call);
    let response = call.world.part::<Invocations>().of(&[
        target.arn(call),
        format!("{unqualified}:{version}"),
        unqualified,
    ]);
    let log = format!(
        "START RequestId: {0} Version: {version}\nEND RequestId: {0}\n",
        call.request_id
    );
    Ok(json!({
        "StatusCode": 200,
        "ExecutedVersion": version,
        "FunctionError": response.as_ref().and_then(|it| it.function_error.clone()),
        "LogResult": (text(input, "LogType") == Some("Tail")).then(|| STANDARD.encode(log)),
        "Payload": STANDARD.encode(response.map_or(Value::Null, |it| it.payload).to_string()),
    }))
}

/// Unlike for other operations, the error includes `$LATEST`. Source: recorded from AWS.
fn missing(call: &Call<'_>, target: &Target) -> AwsError {
    not_found(&target.full_arn(call))
}

/// Source of the text: "Lambda tenant isolation mode", Lambda Developer Guide.
fn check_tenant(input: &Input, tenancy: Option<&Value>) -> Result<(), AwsError> {
    let isolated = tenancy.is_some_and(|tenancy| tenancy["TenantIsolationMode"] == "PER_TENANT");
    if isolated && text(input, "TenantId").is_none() {
        return Err(invalid(
            "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again.",
        ));
    }
    Ok(())
}

/// An event must be JSON, and not too large. Source of codes and texts: recorded from AWS, except
/// for the parser's message.
fn check_payload(input: &Input, kind: &str) -> Result<(), AwsError> {
    let payload = text(input, "Payload")
        .and_then(|payload| STANDARD.decode(payload).ok())
        .unwrap_or_default();
    let most = if kind == "Event" {
        MOST_BYTES_OF_EVENT
    } else {
        MOST_BYTES
    };
    if payload.len() > most {
        let message =
            format!("Request must be smaller than {most} bytes for the InvokeFunction operation");
        return Err(AwsError::new("RequestTooLargeException", message).member("Type", "User"));
    }
    if payload.is_empty() {
        return Ok(());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(&payload) {
        Ok(_) => Ok(()),
        Err(error) => {
            let message = format!(
                "Could not parse request body into json: Could not parse payload into json: {error}"
            );
            Err(AwsError::new("InvalidRequestContentException", message).member("Type", "User"))
        }
    }
}
