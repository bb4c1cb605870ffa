//! What the sessions have in common that identity providers vouch for: the trust policy decides,
//! and names the provider.

use lambdasweep_policy::{Context, Decision, Document, Principal, Request};

/// What a trust policy says of whom a provider vouches for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trust {
    Allowed,
    Denied,
    /// The policy names no such provider.
    NoProvider,
}

/// Whether a trust policy lets in whom a provider vouches for, the provider by one of its names.
pub(super) fn judge(
    trust: &str,
    providers: &[&str],
    action: &str,
    role_arn: &str,
    context: &Context,
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
    let request = Request {
        principal: &principal,
        action,
        resource: role_arn,
        resource_account: None,
        context,
    };
    if document.decide(&request) == Decision::Allowed {
        Trust::Allowed
    } else {
        Trust::Denied
    }
}
