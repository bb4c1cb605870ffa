//! Which of a caller's names a Principal element uses: account, role, session, or everyone.

use crate::document::Principals;
use crate::principal::{Kind, Principal, root_account};

/// Which name of the caller a Principal element uses. It decides what else can limit the grant.
///
/// Source: "Policy evaluation for requests within a single account".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// Not at all.
    No,
    /// Its account: the account's own policies decide as well.
    Account,
    /// Its role: boundary and session policies limit the grant.
    Role,
    /// Itself, or everyone: only a denial limits the grant.
    Itself,
}

impl Principals {
    /// Which name of a principal this element uses.
    pub(crate) fn name(&self, principal: &Principal) -> Named {
        if !self.negated {
            return self.listed(principal);
        }
        // NotPrincipal excludes a caller only if all of its names are listed: account, role,
        // session. Source: "AWS JSON policy elements: NotPrincipal".
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
