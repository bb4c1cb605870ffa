//! Users of identity providers: what limits who they can be.
//!
//! Sources: "Available keys for AWS OIDC federation" (which claims AWS STS has as condition keys,
//! by provider) and "Identity-provider controls for shared OIDC providers" (which providers many
//! organisations share, and which claim identifies the owner of a token), IAM User Guide.

use super::identity::Key;
use super::keys::Known;
use super::region::Region;

/// Providers whose users can be anyone, and the claims that identify whose users they are.
const SHARED: &[(&str, &[Key])] = &[
    ("token.actions.githubusercontent.com", &[Key::Subject]),
    ("vstoken.actions.githubusercontent.com", &[Key::Subject]),
    (
        "oidc-configuration.audit-log.githubusercontent.com",
        &[Key::Subject],
    ),
    ("gitlab.com", &[Key::Subject]),
    ("app.terraform.io", &[Key::Subject]),
    ("agent.buildkite.com", &[Key::Subject]),
    ("oidc.codefresh.io", &[Key::Subject]),
    ("scalr.io", &[Key::Subject]),
    ("studio.datachain.ai/api", &[Key::Subject]),
    ("tokens.cloud.shisho.dev", &[Key::Subject]),
    ("proidc.upbound.io", &[Key::Subject]),
    ("api.pulumi.com/oidc", &[Key::Subject, Key::Audience]),
    ("oidc.vercel.com", &[Key::Subject, Key::Audience]),
    ("sandboxes.cloud", &[Key::Subject, Key::Audience]),
    ("oidc.circleci.com", &[Key::Subject, Key::Audience]),
    ("accounts.google.com", &[Key::Subject, Key::Audience]),
    (
        "cognito-identity.amazonaws.com",
        &[Key::Subject, Key::Audience],
    ),
    ("www.amazon.com", &[Key::Subject, Key::Audience]),
    ("graph.facebook.com", &[Key::Subject, Key::Audience]),
];

/// Claims of single providers that AWS STS has as condition keys, and that name the organisation,
/// the project or the person whose token it is.
///
/// Not listed are names that anyone can choose (branches, environments, workflows, slugs of
/// pipelines), and claims that AWS STS does not have, such as GitHub's `repository_owner`: whether
/// a condition on one holds is not documented, so it limits no one.
const CLAIMS: &[(&str, &[&str])] = &[
    (
        "token.actions.githubusercontent.com",
        &[
            "repository",
            "repository_id",
            "repository_owner_id",
            "enterprise_id",
            "actor",
            "actor_id",
        ],
    ),
    (
        "gitlab.com",
        &[
            "namespace_id",
            "project_id",
            "user_id",
            "user_login",
            "user_email",
        ],
    ),
    (
        "agent.buildkite.com",
        &[
            "organization_slug",
            "organization_id",
            "pipeline_id",
            "cluster_id",
        ],
    ),
    ("accounts.google.com", &["google/organization_number"]),
    ("oidc.circleci.com", &["oidc.circleci.com/project-id"]),
    ("identity.oraclecloud.com", &["rpst_id"]),
];

/// The claim behind a condition key, if it is one of a provider's token.
pub(super) fn claim(key: &str) -> Option<Key> {
    let (host, name) = key.rsplit_once(':')?;
    if !host.contains('.') {
        return None;
    }
    let of_provider = |provider: &str| {
        host.split('/')
            .next()
            .is_some_and(|host| host == provider || host.ends_with(&format!(".{provider}")))
    };
    if CLAIMS
        .iter()
        .any(|(provider, claims)| of_provider(provider) && claims.contains(&name))
    {
        return Some(Key::Tenant);
    }
    match name {
        "sub" | "user_id" | "id" => Some(Key::Subject),
        "aud" | "app_id" | "oaud" => Some(Key::Audience),
        "job_workflow_ref" if host == "token.actions.githubusercontent.com" => Some(Key::Workflow),
        _ => None,
    }
}

/// How far the users of a provider are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Users {
    /// Anyone can be one of them.
    Anybody,
    /// Those of one organisation, repository, application or pool.
    Bounded,
    /// Those of a SAML provider, which the account's own administrators set up.
    OfSaml,
    /// It is not known who the provider's users are.
    Unknown,
    /// Those who run a named workflow; the policy does not show whether others than its owner may
    /// run it.
    OfWorkflow,
}

/// How far a region's users of a provider are limited.
pub(super) fn users(region: &Region, provider: &str) -> Users {
    if provider.contains(":saml-provider/") {
        return Users::OfSaml;
    }
    let host = provider
        .split_once("oidc-provider/")
        .map_or(provider, |(_, host)| host);
    let shared = SHARED.iter().find(|(name, _)| {
        host == *name
            || host
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('/'))
    });
    let claims = shared.map_or(&[Key::Subject][..], |(_, claims)| claims);
    if claims
        .iter()
        .chain(&[Key::Tenant])
        .any(|claim| region.known(*claim).is_some_and(is_bound))
    {
        return Users::Bounded;
    }
    if shared.is_some() {
        // A reusable workflow of a public repository runs for any caller.
        let workflow = region.known(Key::Workflow).is_some_and(is_bound);
        return if workflow {
            Users::OfWorkflow
        } else {
            Users::Anybody
        };
    }
    // The issuer of one EKS cluster: only that cluster's pods have its tokens.
    if host.starts_with("oidc.eks.") {
        Users::Bounded
    } else {
        Users::Unknown
    }
}

/// Whether a claim identifies whose users a region's users are, whatever their provider: the
/// subject does so for all of them, and a provider's own claims for the users of that provider, the
/// only ones that have them.
pub(super) fn is_subject_bound(region: &Region) -> bool {
    [Key::Subject, Key::Tenant]
        .into_iter()
        .any(|claim| region.known(claim).is_some_and(is_bound))
}

/// Whether a claim is bound to an owner: the name of one is fixed.
fn is_bound(known: &Known) -> bool {
    let owner_is_fixed = |text: &str| {
        owner(text).is_some_and(|owner| !owner.is_empty() && !owner.contains(['*', '?']))
    };
    known.never_absent
        && known.texts().any(|list| {
            list.values
                .iter()
                .all(|value| owner_is_fixed(&value.pattern))
        })
}

/// The part of a subject that identifies its owner: `repo:OWNER/…` or `repo:OWNER@ID/…`,
/// `organization:OWNER:…`, `org/OWNER/…`; of any other, the part before a slash.
///
/// Sources: the providers' own documentation of their tokens' subjects, to which "Create a role for
/// OpenID Connect federation" leads.
fn owner(text: &str) -> Option<&str> {
    for (prefix, end) in [
        ("organization:", ':'),
        ("repository_owner:", ':'),
        ("org/", '/'),
    ] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return rest.split(end).next();
        }
    }
    let first = text.split('/').next()?;
    // GitHub's names do not contain this character, so the name is fixed whatever follows it.
    let name = first
        .strip_prefix("repo:")
        .and_then(|rest| rest.split_once('@'))
        .map(|(name, _)| name);
    Some(name.unwrap_or(first))
}
