//! Users of identity providers: what bounds them, and what does not.
//!
//! Source: "Create a role for OpenID Connect federation", IAM User Guide, which names the claims that a trust policy has to bind for providers
//! that many organisations share.

use super::keys::Known;
use super::region::{Key, Region};

/// Providers that anybody can be a user of, and which claims tell whose users they are.
const SHARED: &[(&str, &[Key])] = &[
    ("token.actions.githubusercontent.com", &[Key::Subject]),
    ("gitlab.com", &[Key::Subject]),
    ("app.terraform.io", &[Key::Subject]),
    ("agent.buildkite.com", &[Key::Subject]),
    ("oidc.circleci.com", &[Key::Subject, Key::Audience]),
    ("accounts.google.com", &[Key::Subject, Key::Audience]),
    ("cognito-identity.amazonaws.com", &[Key::Subject, Key::Audience]),
    ("www.amazon.com", &[Key::Subject, Key::Audience]),
    ("graph.facebook.com", &[Key::Subject, Key::Audience]),
];

/// The claim that a condition key tells, if it is one of a provider's token.
pub(super) fn claim(key: &str) -> Option<Key> {
    let (host, name) = key.rsplit_once(':')?;
    if !host.contains('.') {
        return None;
    }
    match name {
        "sub" | "user_id" | "id" => Some(Key::Subject),
        "aud" | "app_id" | "oaud" => Some(Key::Audience),
        _ => None,
    }
}

/// How far users of a provider are bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Users {
    /// Anybody can be one of them.
    Anybody,
    /// Those of one organisation, repository, application or pool.
    Bounded,
    /// Those of a SAML provider, which the account's own administrators set up.
    OfSaml,
    /// It is not known who the provider's users are.
    Unknown,
}

/// How far a region's users of a provider are bounded.
pub(super) fn users(region: &Region, provider: &str) -> Users {
    if provider.contains(":saml-provider/") {
        return Users::OfSaml;
    }
    let host = provider.split_once("oidc-provider/").map_or(provider, |(_, host)| host);
    let shared = SHARED.iter().find(|(name, _)| host == *name || host.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')));
    let claims = shared.map_or(&[Key::Subject][..], |(_, claims)| claims);
    if claims.iter().any(|claim| region.known(*claim).is_some_and(is_bound)) {
        return Users::Bounded;
    }
    if shared.is_some() {
        return Users::Anybody;
    }
    // The issuer of one EKS cluster: only that cluster's pods have its tokens.
    if host.starts_with("oidc.eks.") { Users::Bounded } else { Users::Unknown }
}

/// Whether a claim tells whose users a region's users are, whatever their provider: of the claims, the subject alone does so for each of them.
pub(super) fn is_subject_bound(region: &Region) -> bool {
    region.known(Key::Subject).is_some_and(is_bound)
}

/// Whether a claim is bound to an owner: the name of one is fixed.
fn is_bound(known: &Known) -> bool {
    let owner_is_fixed = |text: &str| owner(text).is_some_and(|owner| !owner.is_empty() && !owner.contains(['*', '?']));
    known.never_absent && known.lists().any(|list| list.values.iter().all(|value| owner_is_fixed(&value.pattern)))
}

/// The part of a subject that tells whose it is: `repo:OWNER/…`, `organization:OWNER:…`, `org/OWNER/…`; of any other, what stands before a slash.
///
/// Sources: the providers' own documentation of their tokens' subjects, to which "Create a role for OpenID Connect federation" leads.
fn owner(text: &str) -> Option<&str> {
    for (prefix, end) in [("organization:", ':'), ("repository_owner:", ':'), ("org/", '/')] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return rest.split(end).next();
        }
    }
    text.split('/').next()
}
