//! By which of its names a Principal element names a caller: account, role, session, or everyone.

use crate::document::Principals;
use crate::principal::{Kind, Principal, root_account};

/// By which name a Principal element means who makes a request; it decides what else may limit the
/// grant.
///
/// Source: "Policy evaluation for requests within a single account".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// Not at all.
    No,
    /// By its account: the account's own policies decide further.
    Account,
    /// By its role: boundary and session policies limit the grant.
    Role,
    /// Itself, or everyone: nothing but a denial limits the grant.
    Itself,
}

impl Principals {
    /// By which name this element means a principal.
    pub(crate) fn name(&self, principal: &Principal) -> Named {
        if !self.negated {
            return self.listed(principal);
        }
        // NotPrincipal spares only who is listed by every name that it has: account, role, session.
        // Source: "AWS JSON policy elements: NotPrincipal".
        let has = |name: &str| self.aws.iter().any(|listed| listed == name);
        let account = !principal.account.is_empty()
            && !self.aws.iter().any(|listed| {
                listed == &principal.account || root_account(listed) == Some(&principal.account)
            });
        let role = principal.role_arn.as_deref().is_some_and(|role| !has(role));
        let itself = match principal.kind {
            Kind::User | Kind::Session | Kind::FederatedUser => !has(&principal.name),
            Kind::Root | Kind::Role => false,
            Kind::Service | Kind::Federated | Kind::Anonymous => {
                self.listed(principal) == Named::No
            }
        };
        if !self.everyone && (account || role || itself) {
            Named::Itself
        } else {
            Named::No
        }
    }

    fn listed(&self, principal: &Principal) -> Named {
        if self.everyone {
            return Named::Itself;
        }
        match principal.kind {
            Kind::Anonymous => Named::No,
            Kind::Service => found(self.services.contains(&principal.name)),
            Kind::Federated => found(self.federated.contains(&principal.name)),
            _ => {
                let mut widest = Named::No;
                for listed in &self.aws {
                    // Before the name: a role as the caller is one of its sessions, and its ARN
                    // names the role, not that session.
                    if principal.role_arn.as_ref() == Some(listed) {
                        widest = Named::Role;
                    } else if *listed == principal.name {
                        return Named::Itself;
                    } else if widest == Named::No
                        && (*listed == principal.account
                            || root_account(listed) == Some(&principal.account))
                    {
                        widest = Named::Account;
                    }
                }
                // The root user is the account.
                if principal.kind == Kind::Root && widest == Named::Account {
                    Named::Itself
                } else {
                    widest
                }
            }
        }
    }
}

const fn found(is: bool) -> Named {
    if is { Named::Itself } else { Named::No }
}
