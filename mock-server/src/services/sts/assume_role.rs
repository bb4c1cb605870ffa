//! `AssumeRole`, and what it has in common with the operations without credentials.

use std::sync::PoisonError;

use lambdasweep_model::Arn;
use lambdasweep_policy::{Context, Decision, Document, Principal, Request};
use serde_json::{Value, json};

use super::policies::SessionPolicies;
use super::session_tags::{Passed, SessionTags};
use super::{invalid, issue, role_session, text};
use crate::call::{Answer, AwsError, Call, Input, Session};
use crate::services::iam::store::Role;
use crate::services::iam::store::Store as Iam;
use crate::services::organizations::store::Organization;

/// The maximum duration for role chaining and for roles that do not set one, and the default
/// duration, in seconds.
const AN_HOUR: u64 = 3_600;

/// A role's ARN, and the role if there is one of that name and path.
pub(super) fn named_role(call: &Call<'_>, input: &Input) -> Result<(Arn, Option<Role>), AwsError> {
    let role_arn = text(input, "RoleArn").unwrap_or_default();
    let wrong = || invalid(format!("{role_arn} is invalid"));
    let arn: Arn = role_arn.parse().map_err(|_| wrong())?;
    arn.role_name().ok_or_else(wrong)?;
    let iam = call.world.global::<Iam>(&arn.account);
    let role = iam
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .role(&arn)
        .cloned();
    Ok((arn, role))
}

/// The requested duration of a session, in seconds.
///
/// # Errors
/// If it is longer than the role allows, with the message `too_long`.
pub(super) fn duration(input: &Input, role: &Role, too_long: &str) -> Result<u64, AwsError> {
    let longest = if role.max_session == 0 {
        AN_HOUR
    } else {
        role.max_session
    };
    let seconds = input
        .get("DurationSeconds")
        .and_then(Value::as_u64)
        .unwrap_or(AN_HOUR);
    if seconds > longest {
        Err(invalid(too_long))
    } else {
        Ok(seconds)
    }
}

/// A session of a role that is to begin.
pub(super) struct Begin<'a> {
    pub(super) arn: &'a Arn,
    pub(super) role_arn: &'a str,
    pub(super) role: &'a Role,
    pub(super) session_name: &'a str,
    pub(super) policies: SessionPolicies,
    pub(super) tags: SessionTags,
    pub(super) source_identity: Option<String>,
    pub(super) seconds: u64,
}

impl Begin<'_> {
    /// Issues the credentials, and returns the members that all responses have in common.
    pub(super) fn issue(self, call: &Call<'_>) -> Value {
        let packed = (self.policies.are_given() || !self.tags.tags.is_empty())
            .then(|| self.policies.percent());
        let session = Session {
            role_arn: self.role_arn.to_owned(),
            session_name: self.session_name.to_owned(),
            policy: self.policies.inline,
            policy_arns: self.policies.managed,
            tags: self.tags.tags,
            transitive_tags: self.tags.transitive,
            source_identity: self.source_identity.clone(),
            knows_mfa: call.operation == "AssumeRole",
            ..Session::default()
        };
        let caller = role_session(self.arn, self.role, session);
        let credentials = issue(call, caller.clone(), self.seconds);
        json!({
            "Credentials": credentials,
            "AssumedRoleUser": {"AssumedRoleId": caller.user_id, "Arn": caller.arn},
            "PackedPolicySize": packed,
            "SourceIdentity": self.source_identity,
        })
    }
}

fn denied(call: &Call<'_>, action: &str, role_arn: &str) -> AwsError {
    AwsError::new(
        "AccessDenied",
        format!(
            "User: {} is not authorized to perform: {action} on resource: {role_arn}",
            call.caller.arn
        ),
    )
    .status(403)
}

pub(super) fn assume_role(call: &Call<'_>, input: &Input) -> Answer {
    let role_arn = text(input, "RoleArn").unwrap_or_default();
    let (arn, role) = named_role(call, input)?;
    let policies = SessionPolicies::of(input)?;
    let passed = Passed::of_input(input);
    let tags = passed.of_session(call.caller.session.as_ref())?;
    one_time_password(input)?;
    // AWS returns the same error for a missing role and for one that does not trust the caller.
    let role = role.ok_or_else(|| denied(call, "sts:AssumeRole", role_arn))?;
    let source_identity = source_identity(call, input, role_arn)?;
    trusted(
        call,
        input,
        &role.trust,
        &passed,
        source_identity.as_deref(),
    )?;
    let seconds = if call.caller.session.is_some() {
        let seconds = input
            .get("DurationSeconds")
            .and_then(Value::as_u64)
            .unwrap_or(AN_HOUR);
        if seconds > AN_HOUR {
            return Err(invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            ));
        }
        seconds
    } else {
        duration(
            input,
            &role,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )?
    };
    let session_name = text(input, "RoleSessionName").unwrap_or_default();
    Ok(Begin {
        arn: &arn,
        role_arn,
        role: &role,
        session_name,
        policies,
        tags,
        source_identity,
        seconds,
    }
    .issue(call))
}

/// The serial number of an MFA device and its code must be given together.
fn one_time_password(input: &Input) -> Result<(), AwsError> {
    if text(input, "SerialNumber").is_some() == text(input, "TokenCode").is_some() {
        return Ok(());
    }
    let message = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";
    Err(AwsError::new("AccessDenied", message).status(403))
}

/// The source identity. Once set, it is passed on to every following session, and cannot be changed
/// there. Source: "Monitor and control actions taken with assumed roles", IAM User Guide.
fn source_identity(
    call: &Call<'_>,
    input: &Input,
    role_arn: &str,
) -> Result<Option<String>, AwsError> {
    let inherited = call
        .caller
        .session
        .as_ref()
        .and_then(|session| session.source_identity.clone());
    match (inherited, text(input, "SourceIdentity")) {
        (Some(inherited), Some(given)) if inherited != given => {
            Err(denied(call, "sts:SetSourceIdentity", role_arn))
        }
        (inherited, given) => Ok(inherited.or_else(|| given.map(str::to_owned))),
    }
}

/// Checks that a role's trust policy lets the caller assume it with the session's tags and source
/// identity.
fn trusted(
    call: &Call<'_>,
    input: &Input,
    trust: &str,
    passed: &Passed,
    source_identity: Option<&str>,
) -> Result<(), AwsError> {
    let role_arn = text(input, "RoleArn").unwrap_or_default();
    let refused = |action: &str| denied(call, action, role_arn);
    let document = Document::parse(trust).map_err(|_| refused("sts:AssumeRole"))?;
    let caller = call.caller;
    let principal = match &caller.session {
        // A session of GetSessionToken does not belong to a role.
        Some(session) => Principal::session(&session.role_arn, &session.session_name)
            .or_else(|_| Principal::parse(&caller.arn)),
        None => Principal::parse(&caller.arn),
    };
    let principal = principal.map_err(|_| refused("sts:AssumeRole"))?;
    let context = context(call, input, passed, source_identity);
    let allowed = |action| {
        let request = Request {
            principal: &principal,
            action,
            resource: role_arn,
            resource_account: None,
            context: &context,
        };
        document.decide(&request) == Decision::Allowed
    };
    // If all policies were evaluated already, only an inherited source identity remains to be
    // checked, as it is not in the request.
    let inherits = source_identity.is_some() && text(input, "SourceIdentity").is_none();
    for (action, needed) in [
        ("sts:AssumeRole", !call.allowed),
        (
            "sts:SetSourceIdentity",
            source_identity.is_some() && (inherits || !call.allowed),
        ),
        ("sts:TagSession", !passed.tags.is_empty() && !call.allowed),
    ] {
        if needed && !allowed(action) {
            return Err(refused(action));
        }
    }
    Ok(())
}

fn context(
    call: &Call<'_>,
    input: &Input,
    passed: &Passed,
    source_identity: Option<&str>,
) -> Context {
    let mut context = Context::default().with(
        "sts:RoleSessionName",
        text(input, "RoleSessionName").unwrap_or_default(),
    );
    for (key, value) in [
        ("sts:ExternalId", text(input, "ExternalId")),
        ("sts:SourceIdentity", source_identity),
    ] {
        if let Some(value) = value {
            context = context.with(key, value);
        }
    }
    context = passed.known_to(context);
    let organization = {
        let store = call.world.part::<Organization>().read();
        store
            .accounts
            .contains_key(&call.caller.account)
            .then(|| store.id.clone())
    };
    match organization {
        Some(organization) => context.with("aws:PrincipalOrgID", organization),
        None => context,
    }
}
