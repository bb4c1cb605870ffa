//! Roles for users of a SAML provider.
//!
//! A response's signature is not verified, and a provider counts as registered in an account when
//! the role's trust policy names it.
//!
//! Sources: "Configure SAML assertions for the authentication response" and "Troubleshoot SAML
//! federation with IAM", IAM User Guide.

use lambdasweep_policy::Context;
use serde_json::json;

use super::assume_role::{Begin, duration, named_role};
use super::federation::{Session, Trust, check_source_identity, invalid_token, is_name};
use super::policies::SessionPolicies;
use super::saml_response::Assertion;
use super::session_tags::Passed;
use super::text;
use crate::call::{Answer, AwsError, Call, Input};

const ATTRIBUTE: &str = "https://aws.amazon.com/SAML/Attributes/";
/// The audience that a response may have, in addition to the sign-in page of a Region.
const AUDIENCES: &[&str] = &[
    "https://signin.aws.amazon.com/saml",
    "urn:amazon:webservices",
];

fn denied() -> AwsError {
    AwsError::new(
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithSAML",
    )
    .status(403)
}

impl Assertion {
    /// The values of one of AWS's SAML attributes.
    fn values(&self, name: &str) -> &[String] {
        self.attributes
            .get(&format!("{ATTRIBUTE}{name}"))
            .map_or(&[], Vec::as_slice)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values(name).first().map(String::as_str)
    }

    /// Whether the assertion contains the role and the provider, as a pair of ARNs in either order.
    fn offers(&self, role: &str, provider: &str) -> bool {
        self.values("Role").iter().any(|pair| {
            let mut arns: Vec<&str> = pair.split(',').map(str::trim).collect();
            arns.sort_unstable();
            let mut wanted = [role, provider];
            wanted.sort_unstable();
            arns == wanted
        })
    }

    fn passed(&self) -> Passed {
        let prefix = format!("{ATTRIBUTE}PrincipalTag:");
        let tag = |(name, values): (&String, &Vec<String>)| {
            Some((
                name.strip_prefix(&prefix)?.to_owned(),
                values.first()?.clone(),
            ))
        };
        Passed {
            tags: self.attributes.iter().filter_map(tag).collect(),
            transitive: self.values("TransitiveTagKeys").to_vec(),
        }
    }
}

/// Checks that the response is valid, and returns the session's name and source identity.
fn usable<'a>(
    call: &Call<'_>,
    assertion: &'a Assertion,
) -> Result<(&'a str, Option<&'a str>), AwsError> {
    let over = |until: Option<f64>| until.is_some_and(|until| until <= call.now);
    if over(assertion.expires) || over(assertion.session_expires) {
        return Err(AwsError::new(
            "ExpiredTokenException",
            "Token must be redeemed within 5 minutes of issuance",
        )
        .status(400));
    }
    let for_aws = |audience: &String| {
        AUDIENCES.contains(&audience.as_str())
            || audience.ends_with(".signin.aws.amazon.com/saml") && audience.starts_with("https://")
    };
    if !assertion.audiences.iter().any(for_aws) {
        return Err(invalid_token(
            "Response does not contain the required audience.",
        ));
    }
    let name = assertion
        .value("RoleSessionName")
        .ok_or_else(|| invalid_token("RoleSessionName is required in AuthnResponse"))?;
    if !is_name(name) {
        return Err(invalid_token(
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
        ));
    }
    let identity = assertion.value("SourceIdentity");
    check_source_identity(identity)?;
    Ok((name, identity))
}

pub(super) fn assume_role(call: &Call<'_>, input: &Input) -> Answer {
    let assertion = Assertion::read(text(input, "SAMLAssertion").unwrap_or_default());
    let assertion = assertion.ok_or_else(|| invalid_token("Invalid base64 SAMLResponse"))?;
    let (session_name, source_identity) = usable(call, &assertion)?;
    let (arn, role) = named_role(call, input)?;
    let policies = SessionPolicies::of(input)?;
    let passed = assertion.passed();
    let tags = passed.of_session(None)?;
    let (role_arn, provider) = (
        text(input, "RoleArn").unwrap_or_default(),
        text(input, "PrincipalArn").unwrap_or_default(),
    );
    if !assertion.offers(role_arn, provider) {
        return Err(denied());
    }
    let role = role.ok_or_else(denied)?;
    let audience = assertion.audiences.first().map_or("", String::as_str);
    let session = Session {
        role_arn,
        name: session_name,
        source_identity,
        passed: &passed,
    };
    match session.judge(
        &role.trust,
        &[provider],
        "sts:AssumeRoleWithSAML",
        context(&assertion, audience),
    ) {
        Trust::Allowed => {}
        Trust::Denied => return Err(denied()),
        Trust::NoProvider => return Err(invalid_token("Specified provider doesn't exist.")),
    }
    let seconds = seconds(
        call,
        input,
        &assertion,
        duration(
            input,
            &role,
            "Requested DurationSeconds exceeds MaxSessionDuration set for this role.",
        )?,
    );
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
    answer["Subject"] = json!(assertion.subject);
    answer["SubjectType"] = json!(assertion.subject_type);
    answer["Issuer"] = json!(assertion.issuer);
    answer["Audience"] = json!(audience);
    Ok(answer)
}

fn context(assertion: &Assertion, audience: &str) -> Context {
    Context::default()
        .with("SAML:aud", audience)
        .with("SAML:iss", &assertion.issuer)
        .with("SAML:sub", &assertion.subject)
        .with("SAML:sub_type", &assertion.subject_type)
}

/// The duration in seconds: `asked`, limited by what the provider says of the session.
fn seconds(call: &Call<'_>, input: &Input, assertion: &Assertion, asked: u64) -> u64 {
    let said = assertion
        .value("SessionDuration")
        .and_then(|text| text.parse::<u64>().ok())
        .filter(|_| !input.contains_key("DurationSeconds"));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not over yet, and no session lasts a year"
    )]
    let left = assertion
        .session_expires
        .map(|until| (until - call.now).max(0.0) as u64);
    [said, left].into_iter().flatten().fold(asked, u64::min)
}

#[cfg(test)]
mod tests {
    use super::{Assertion, is_name};

    #[test]
    fn a_role_and_its_provider_are_offered_in_either_order() {
        let mut assertion = Assertion::default();
        let (role, provider) = (
            "arn:aws:iam::111122223333:role/r",
            "arn:aws:iam::111122223333:saml-provider/p",
        );
        let name = "https://aws.amazon.com/SAML/Attributes/Role".to_owned();
        for (pair, offered) in [
            (format!("{role},{provider}"), true),
            (format!("{provider}, {role}"), true),
            (role.to_owned(), false),
            (format!("{role},{role}"), false),
            (format!("{role}2,{provider}"), false),
        ] {
            assertion
                .attributes
                .insert(name.clone(), vec!["other".to_owned(), pair.clone()]);
            assert_eq!(assertion.offers(role, provider), offered, "{pair}");
        }
        assert!(
            is_name("ann@example.com")
                && !is_name("a")
                && !is_name("a b")
                && !is_name(&"a".repeat(65))
        );
    }
}
