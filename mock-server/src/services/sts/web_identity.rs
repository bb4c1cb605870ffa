//! Roles for those whom an OpenID Connect provider vouches for.
//!
//! A token's signature is not verified, and a provider counts as registered in an account when the
//! role's trust policy names it. Opaque tokens of OAuth providers (`ProviderId`) are refused, as
//! they cannot be read.

use base64::Engine;
use serde_json::{Map, Value, json};

use super::assume_role::{Begin, duration, named_role};
use super::federation::{self, Trust};
use super::policies::SessionPolicies;
use super::session_tags::SessionTags;
use super::text;
use crate::call::{Answer, AwsError, Call, Input};
use lambdasweep_model::Arn;
use lambdasweep_policy::Context;

pub(super) fn assume_role(call: &Call<'_>, input: &Input) -> Answer {
    let claims = claims(text(input, "WebIdentityToken").unwrap_or_default())?;
    let claim = |name: &str| claims.get(name).and_then(Value::as_str);
    let (issuer, subject) = (
        claim("iss").ok_or_else(no_token)?,
        claim("sub").ok_or_else(no_token)?,
    );
    let expires = claims
        .get("exp")
        .and_then(Value::as_f64)
        .ok_or_else(no_token)?;
    if expires <= call.now {
        let message = format!(
            "Token expired: current date/time {} must be before the expiration date/time {expires}",
            call.now.floor()
        );
        return Err(AwsError::new("ExpiredTokenException", message).status(400));
    }
    let (arn, role) = named_role(call, input)?;
    let policies = SessionPolicies::of(input)?;
    let denied = || {
        AwsError::new(
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        )
        .status(403)
    };
    let role = role.ok_or_else(denied)?;
    let audiences = audiences(&claims);
    let role_arn = text(input, "RoleArn").unwrap_or_default();
    match judge(&role.trust, &arn, role_arn, issuer, subject, &audiences) {
        Trust::Allowed => {}
        Trust::Denied => return Err(denied()),
        Trust::NoProvider => {
            let message = format!("No OpenIDConnect provider found in your account for {issuer}");
            return Err(AwsError::new("InvalidIdentityTokenException", message));
        }
    }
    let seconds = duration(
        input,
        &role,
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )?;
    let session_name = text(input, "RoleSessionName").unwrap_or_default();
    let tags = SessionTags::default();
    let begin = Begin {
        arn: &arn,
        role_arn,
        role: &role,
        session_name,
        policies,
        tags,
        source_identity: None,
        seconds,
    };
    let mut answer = begin.issue(call);
    answer["SubjectFromWebIdentityToken"] = json!(subject);
    answer["Provider"] = json!(issuer);
    answer["Audience"] = json!(audiences.first());
    Ok(answer)
}

fn no_token() -> AwsError {
    AwsError::new(
        "InvalidIdentityTokenException",
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

/// What a JSON Web Token says.
fn claims(token: &str) -> Result<Map<String, Value>, AwsError> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(no_token());
    };
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims.trim_end_matches('='))
        .map_err(|_| no_token())?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(claims)) => Ok(claims),
        _ => Err(no_token()),
    }
}

/// For whom a token is: one or several.
fn audiences(claims: &Map<String, Value>) -> Vec<String> {
    match claims.get("aud") {
        Some(Value::Array(several)) => several
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// Whether a trust policy lets in whom an issuer vouches for.
fn judge(
    trust: &str,
    role: &Arn,
    role_arn: &str,
    issuer: &str,
    subject: &str,
    audiences: &[String],
) -> Trust {
    let host = issuer.trim_start_matches("https://");
    let provider = format!(
        "arn:{}:iam::{}:oidc-provider/{host}",
        role.partition, role.account
    );
    let mut context = Context::default()
        .with(&format!("{host}:sub"), subject)
        .with("aws:FederatedProvider", &provider);
    for audience in audiences {
        context = context.with(&format!("{host}:aud"), audience);
    }
    // A policy names a provider by its ARN, or a well-known one by its host.
    federation::judge(
        trust,
        &[&provider, host],
        "sts:AssumeRoleWithWebIdentity",
        role_arn,
        &context,
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Trust, claims, judge};

    const ROLE: &str = "arn:aws:iam::111122223333:role/deploy";

    fn statement(provider: &str, condition: &Value) -> Value {
        json!({"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition})
    }

    #[test]
    fn a_trust_policy_names_the_provider_and_the_subject() {
        let provider = "arn:aws:iam::111122223333:oidc-provider/ci.example.com";
        let right = json!({"StringEquals": {"ci.example.com:aud": "sts.amazonaws.com"}, "StringLike": {"ci.example.com:sub": "repo:team/*"}});
        let cases = [
            (statement(provider, &right), Trust::Allowed),
            (
                statement(
                    provider,
                    &json!({"StringEquals": {"ci.example.com:sub": "repo:other/app"}}),
                ),
                Trust::Denied,
            ),
            (
                statement(
                    "arn:aws:iam::999999999999:oidc-provider/ci.example.com",
                    &right,
                ),
                Trust::NoProvider,
            ),
            (
                statement(
                    "arn:aws:iam::111122223333:oidc-provider/ci.example.org",
                    &right,
                ),
                Trust::NoProvider,
            ),
            (
                json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:*"}),
                Trust::NoProvider,
            ),
        ];
        for (statement, expected) in cases {
            let trust = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
            let arn = ROLE.parse().expect("an ARN");
            let judged = judge(
                &trust,
                &arn,
                ROLE,
                "https://ci.example.com",
                "repo:team/app",
                &["sts.amazonaws.com".to_owned()],
            );
            assert_eq!(judged, expected, "{trust}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for token in ["", "abcd", "a.b", "a.b.c", "a.e30.c.d", "a.W10.c"] {
            assert!(claims(token).is_err(), "{token}");
        }
        assert!(claims("a.e30.c").is_ok_and(|claims| claims.is_empty()));
    }
}
