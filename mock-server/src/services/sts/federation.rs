//! What federated sessions have in common: the trust policy decides, and names the identity
//! provider.

use lambdasweep_policy::{Context, Decision, Document, Principal, Request};

use super::session_tags::Passed;
use crate::call::AwsError;

pub(super) fn invalid_token(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidIdentityTokenException", message)
}

/// Whether a text is a valid session name or source identity.
pub(super) fn is_name(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
}

/// Checks a source identity. Source of the text: "Troubleshoot SAML federation with IAM", IAM User
/// Guide.
pub(super) fn check_source_identity(identity: Option<&str>) -> Result<(), AwsError> {
    if identity.is_none_or(is_name) {
        return Ok(());
    }
    Err(invalid_token(
        "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"",
    ))
}

/// The decision of a trust policy about a federated identity.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trust {
    Allowed,
    Denied,
    /// The policy names no such provider.
    NoProvider,
}

/// A session of a federated identity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Session<'a> {
    pub(super) role_arn: &'a str,
    pub(super) name: &'a str,
    pub(super) source_identity: Option<&'a str>,
    pub(super) passed: &'a Passed,
}

impl Session<'_> {
    /// Whether a trust policy allows the session with its tags and source identity; the policy may
    /// name the provider by any of `providers`, and `context` holds the provider's claims.
    pub(super) fn judge(
        &self,
        trust: &str,
        providers: &[&str],
        action: &str,
        context: Context,
    ) -> Trust {
        let Ok(document) = Document::parse(trust) else {
            return Trust::Denied;
        };
        let named = |name: &&&str| {
            let principals = document
                .statements
                .iter()
                .filter_map(|it| it.principals.as_ref());
            principals
                .flat_map(|principals| &principals.federated)
                .any(|federated| federated == **name)
        };
        let Some(name) = providers.iter().find(named) else {
            return Trust::NoProvider;
        };
        let principal = Principal::federated(name);
        let context = &self.known_to(context);
        let allows = |action| {
            let request = Request {
                principal: &principal,
                action,
                resource: self.role_arn,
                resource_account: None,
                context,
            };
            document.decide(&request) == Decision::Allowed
        };
        let allowed = allows(action)
            && (self.source_identity.is_none() || allows("sts:SetSourceIdentity"))
            && (self.passed.tags.is_empty() || allows("sts:TagSession"));
        if allowed {
            Trust::Allowed
        } else {
            Trust::Denied
        }
    }

    fn known_to(&self, context: Context) -> Context {
        let context = self
            .passed
            .known_to(context.with("sts:RoleSessionName", self.name));
        match self.source_identity {
            Some(identity) => context.with("sts:SourceIdentity", identity),
            None => context,
        }
    }
}
