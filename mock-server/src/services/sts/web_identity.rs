//! Roles for users of an OpenID Connect provider.
//!
//! A token's signature is not verified, and a provider counts as registered in an account when the
//! role's trust policy names it. Opaque tokens of OAuth providers (`ProviderId`) are rejected, as
//! they cannot be read.

use base64::Engine;
use serde_json::{Map, Value, json};

use super::super::members::one_or_more;
use super::assume_role::{Begin, duration, named_role};
use super::federation::{Session, Trust, check_source_identity, invalid_token};
use super::policies::SessionPolicies;
use super::session_tags::Passed;
use super::text;
use crate::call::{Answer, AwsError, Call, Input};
use lambdasweep_model::Arn;
use lambdasweep_policy::Context;

/// The claims for session tags and for the source identity.
const TAGS: &str = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

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
    let session_name = text(input, "RoleSessionName").unwrap_or_default();
    let (passed, source_identity) = (passed(&claims), claim(SOURCE_IDENTITY));
    check_source_identity(source_identity)?;
    let tags = passed.of_session(None)?;
    let session = Session {
        role_arn,
        name: session_name,
        source_identity,
        passed: &passed,
    };
    match judge(&role.trust, &arn, session, issuer, subject, &audiences) {
        Trust::Allowed => {}
        Trust::Denied => return Err(denied()),
        Trust::NoProvider => {
            return Err(invalid_token(format!(
                "No OpenIDConnect provider found in your account for {issuer}"
            )));
        }
    }
    let seconds = duration(
        input,
        &role,
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )?;
    let source_identity = source_identity.map(str::to_owned);
    let mut answer = Begin {
        arn: &arn,
        role_arn,
        role: &role,
        session_name,
        policies,
        tags,
        source_identity,
        seconds,
    }
    .issue(call);
    answer["SubjectFromWebIdentityToken"] = json!(subject);
    answer["Provider"] = json!(issuer);
    answer["Audience"] = json!(audiences.first());
    Ok(answer)
}

fn no_token() -> AwsError {
    invalid_token(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

/// The claims of a JSON Web Token.
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

/// The audience of a token: one or several.
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

/// The session tags of a token: one claim with two members, or a separate claim for each. Source:
/// "Pass session tags in AWS STS", IAM User Guide.
fn passed(claims: &Map<String, Value>) -> Passed {
    let nested = claims.get(TAGS);
    let of_member = nested
        .and_then(|tags| tags.get("principal_tags"))
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let of_claims = claims.iter().filter_map(|(name, value)| {
        Some((
            name.strip_prefix(TAGS)?.strip_prefix("/principal_tags/")?,
            value,
        ))
    });
    let tags = of_member
        .map(|(key, value)| (key.as_str(), value))
        .chain(of_claims);
    let tag = |(key, value): (&str, &Value)| {
        Some((
            key.to_owned(),
            one_or_more(value).first()?.as_str()?.to_owned(),
        ))
    };
    let keys = nested
        .and_then(|tags| tags.get("transitive_tag_keys"))
        .or_else(|| claims.get(&format!("{TAGS}/transitive_tag_keys")));
    let transitive = keys
        .map(one_or_more)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned);
    Passed {
        tags: tags.filter_map(tag).collect(),
        transitive: transitive.collect(),
    }
}

/// Whether a trust policy allows an identity of an issuer.
fn judge(
    trust: &str,
    role: &Arn,
    session: Session<'_>,
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
    session.judge(
        trust,
        &[&provider, host],
        "sts:AssumeRoleWithWebIdentity",
        context,
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::session_tags::Passed;
    use super::{Session, Trust, claims, judge};

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
            let session = Session {
                role_arn: ROLE,
                name: "deploy",
                source_identity: None,
                passed: &Passed::default(),
            };
            let judged = judge(
                &trust,
                &arn,
                session,
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
