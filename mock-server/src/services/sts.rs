//! STS: who one is, and sessions of roles.
//!
//! What differs from AWS on purpose: secrets and tokens of sessions are not checked, as no signature is; and as nothing here hands out an encoded
//! authorization message, `DecodeAuthorizationMessage` takes the Base64 of a JSON object.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use base64::Engine;
use serde_json::{Value, json};

use crate::call::{Answer, AwsError, Call, Caller, Handler, Input, Session};
use crate::services::iam::store::{Role, unique_id};
use lambdasweep_model::Arn;
use lambdasweep_policy::{Context, Decision, Document, Principal, Request};

mod by_service;
mod web_identity;

pub(crate) use by_service::{begun_by_service, hand_over};

/// Finds an operation's handler.
pub(crate) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "AssumeRole" => assume_role,
        "AssumeRoleWithWebIdentity" => web_identity::assume_role,
        "DecodeAuthorizationMessage" => decode_message,
        "GetAccessKeyInfo" => access_key_info,
        "GetCallerIdentity" => caller_identity,
        "GetFederationToken" => federation_token,
        "GetSessionToken" => session_token,
        _ => return None,
    })
}

fn text<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn caller_identity(call: &Call<'_>, _: &Input) -> Answer {
    Ok(json!({"UserId": call.caller.user_id, "Account": call.caller.account, "Arn": call.caller.arn}))
}

fn access_key_info(call: &Call<'_>, input: &Input) -> Answer {
    let key = text(input, "AccessKeyId").unwrap_or_default();
    let account = call.world.session(key).map_or_else(|| "000000000000".to_owned(), |caller| caller.account);
    Ok(json!({"Account": account}))
}

/// Issues credentials that later calls resolve to a caller.
fn issue(call: &Call<'_>, caller: Caller, seconds: u64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "at most 43,200")]
    let expires = (call.now + seconds as f64).floor();
    let key = unique_id("ASIA", call.request_id);
    let key = key.get(..20).unwrap_or(&key).to_owned();
    let session = caller.session.unwrap_or_else(|| Session { role_arn: caller.arn.clone(), knows_mfa: true, ..Session::default() });
    let session = Session { issued: call.now.floor(), expires, ..session };
    call.world.keep_session(key.clone(), Caller { session: Some(session), ..caller }, call.now);
    json!({
        "AccessKeyId": key,
        "SecretAccessKey": format!("mock/{}", unique_id("", call.request_id)),
        "SessionToken": format!("mock-session-{}", unique_id("", call.request_id)),
        "Expiration": expires,
    })
}

/// ARNs of managed policies that are to limit a session.
fn policy_arns(input: &Input) -> Vec<String> {
    let arns = input.get("PolicyArns").and_then(Value::as_array).into_iter().flatten();
    arns.filter_map(|it| it.get("arn")?.as_str()).map(str::to_owned).collect()
}

fn tags(input: &Input) -> BTreeMap<String, String> {
    let tags = input.get("Tags").and_then(Value::as_array).into_iter().flatten();
    tags.map(|tag| (tag["Key"].as_str().unwrap_or_default().to_owned(), tag["Value"].as_str().unwrap_or_default().to_owned())).collect()
}

fn denied(call: &Call<'_>, role_arn: &str) -> AwsError {
    AwsError::new("AccessDenied", format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {role_arn}", call.caller.arn))
        .status(403)
}

/// A role's ARN, and the role if there is one of that name and path.
fn named_role(call: &Call<'_>, input: &Input) -> Result<(Arn, Option<Role>), AwsError> {
    let role_arn = text(input, "RoleArn").unwrap_or_default();
    let invalid = || AwsError::new("ValidationError", format!("{role_arn} is invalid")).status(400);
    let arn: Arn = role_arn.parse().map_err(|_| invalid())?;
    let name = arn.role_name().ok_or_else(invalid)?;
    let iam = call.world.iam(&arn.account);
    let role = iam.lock().unwrap_or_else(PoisonError::into_inner).roles.get(name).cloned();
    let role = role.filter(|role| arn.resource == format!("role{}{name}", role.path));
    Ok((arn, role))
}

/// Issues a session of a role that the caller may assume.
fn begin_session(call: &Call<'_>, input: &Input, arn: &Arn, role: &Role) -> Answer {
    let session_name = text(input, "RoleSessionName").unwrap_or_default();
    let chained = call.caller.session.is_some();
    let longest = match (chained, role.max_session) {
        (true, _) | (false, 0) => 3_600,
        (false, seconds) => seconds,
    };
    let seconds = input.get("DurationSeconds").and_then(Value::as_u64).unwrap_or(3_600);
    if seconds > longest {
        let why = if chained {
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        } else {
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        };
        return Err(AwsError::new("ValidationError", why).status(400));
    }
    if let Some(policy) = text(input, "Policy")
        && let Err(error) = Document::parse(policy)
    {
        return Err(AwsError::new("MalformedPolicyDocumentException", error.to_string()));
    }
    let name = arn.role_name().unwrap_or_default();
    let caller = Caller {
        account: arn.account.clone(),
        arn: format!("arn:{}:sts::{}:assumed-role/{name}/{session_name}", arn.partition, arn.account),
        user_id: format!("{}:{session_name}", role.id),
        session: Some(Session {
            role_arn: text(input, "RoleArn").unwrap_or_default().to_owned(),
            session_name: session_name.to_owned(),
            policy: text(input, "Policy").map(str::to_owned),
            policy_arns: policy_arns(input),
            tags: tags(input),
            source_identity: text(input, "SourceIdentity").map(str::to_owned),
            knows_mfa: call.operation == "AssumeRole",
            ..Session::default()
        }),
    };
    let credentials = issue(call, caller.clone(), seconds);
    let answer = json!({
        "Credentials": credentials,
        "AssumedRoleUser": {"AssumedRoleId": caller.user_id, "Arn": caller.arn},
        "PackedPolicySize": text(input, "Policy").map(|policy| policy.len() * 100 / 2048),
    });
    Ok(answer)
}

fn assume_role(call: &Call<'_>, input: &Input) -> Answer {
    let role_arn = text(input, "RoleArn").unwrap_or_default();
    let (arn, role) = named_role(call, input)?;
    // AWS does not tell a role that is not there from one that lets nobody in.
    let role = role.ok_or_else(|| denied(call, role_arn))?;
    if !call.allowed && !trusts(call, input, &role.trust, role_arn) {
        return Err(denied(call, role_arn));
    }
    let mut answer = begin_session(call, input, &arn, &role)?;
    answer["SourceIdentity"] = json!(text(input, "SourceIdentity"));
    Ok(answer)
}

/// Whether a role's trust policy lets the caller in, under the conditions that it sets.
fn trusts(call: &Call<'_>, input: &Input, trust: &str, role_arn: &str) -> bool {
    let Ok(document) = Document::parse(trust) else { return false };
    let caller = call.caller;
    let principal = match &caller.session {
        // A session that GetSessionToken gave out is no role's.
        Some(session) => Principal::session(&session.role_arn, &session.session_name).or_else(|_| Principal::parse(&caller.arn)),
        None => Principal::parse(&caller.arn),
    };
    let Ok(principal) = principal else { return false };
    let mut context = Context::default().with("sts:RoleSessionName", text(input, "RoleSessionName").unwrap_or_default());
    for (member, key) in [("ExternalId", "sts:ExternalId"), ("SourceIdentity", "sts:SourceIdentity")] {
        if let Some(value) = text(input, member) {
            context = context.with(key, value);
        }
    }
    let organization = {
        let store = call.world.organization().read().unwrap_or_else(PoisonError::into_inner);
        store.accounts.contains_key(&caller.account).then(|| store.id.clone())
    };
    if let Some(organization) = organization {
        context = context.with("aws:PrincipalOrgID", organization);
    }
    let allowed = |action| {
        let request = Request { principal: &principal, action, resource: role_arn, resource_account: None, context: &context };
        document.decide(&request) == Decision::Allowed
    };
    allowed("sts:AssumeRole") && (text(input, "SourceIdentity").is_none() || allowed("sts:SetSourceIdentity"))
}

fn session_token(call: &Call<'_>, input: &Input) -> Answer {
    let seconds = input.get("DurationSeconds").and_then(Value::as_u64).unwrap_or(43_200);
    Ok(json!({"Credentials": issue(call, call.caller.clone(), seconds)}))
}

fn federation_token(call: &Call<'_>, input: &Input) -> Answer {
    let name = text(input, "Name").unwrap_or_default();
    let seconds = input.get("DurationSeconds").and_then(Value::as_u64).unwrap_or(43_200);
    let caller = Caller {
        arn: format!("arn:{}:sts::{}:federated-user/{name}", call.partition(), call.account()),
        user_id: format!("{}:{name}", call.account()),
        account: call.account().to_owned(),
        session: Some(Session {
            role_arn: format!("arn:{}:sts::{}:federated-user/{name}", call.partition(), call.account()),
            policy: text(input, "Policy").map(str::to_owned),
            policy_arns: policy_arns(input),
            tags: tags(input),
            ..Session::default()
        }),
    };
    let user = json!({"FederatedUserId": caller.user_id, "Arn": caller.arn});
    Ok(json!({"Credentials": issue(call, caller, seconds), "FederatedUser": user}))
}

fn decode_message(_: &Call<'_>, input: &Input) -> Answer {
    let invalid = || AwsError::new("InvalidAuthorizationMessageException", "Message is not valid");
    let encoded = text(input, "EncodedMessage").unwrap_or_default().trim_end_matches('=');
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
