//! Who is trusted by the roles, as far as edges need it.

use super::super::assume::opened;
use crate::document::{Document, Effect};
use crate::grants::{Grant, RoleInput};
use crate::principal::{Principal, root_account};
use crate::request::{Context, Request};
use crate::role::escalation::admits;
use crate::verdict::Decision;

/// How many times a trust policy's services are compared with the names in it before it counts as
/// one that was not read. AWS accepts policies of up to 4,096 characters.
const MOST_NAMES: usize = 1 << 20;

/// Who is allowed by a role's trust policy.
pub(super) struct Trusting<'a> {
    pub(super) document: Option<&'a Document>,
    /// Services, and whether they are let in for certain.
    pub(super) services: Vec<(&'a str, bool)>,
    /// Whether it speaks of all principals of the account or of everybody.
    pub(super) of_account: bool,
    /// Whether it speaks of everybody, who need no permission of their own within the account.
    pub(super) of_everyone: bool,
}

impl<'a> Trusting<'a> {
    pub(super) fn of(role: &RoleInput<'a>) -> Self {
        // A trust policy that could not be read may let anybody in.
        let Some(document) = role.trust else {
            return Self {
                document: None,
                services: Vec::new(),
                of_account: true,
                of_everyone: false,
            };
        };
        let allowing = || {
            document
                .statements
                .iter()
                .filter(|it| it.effect == Effect::Allow)
                .filter_map(|it| it.principals.as_ref())
        };
        let is_account =
            |name: &String| name == role.account || root_account(name) == Some(role.account);
        let of_account =
            allowing().any(|it| it.everyone || it.negated || it.aws.iter().any(is_account));
        let of_everyone = allowing().any(|it| it.everyone || it.negated);
        let mut named: Vec<&str> = allowing()
            .flat_map(|it| it.services.iter().map(String::as_str))
            .collect();
        named.sort_unstable();
        named.dedup();
        let names: usize = document
            .statements
            .iter()
            .filter_map(|it| it.principals.as_ref())
            .map(|it| 1 + it.services.len())
            .sum();
        if named.len().saturating_mul(names) > MOST_NAMES {
            return Self {
                document: None,
                services: Vec::new(),
                of_account,
                of_everyone,
            };
        }
        let services = named
            .into_iter()
            .filter_map(|service| Some((service, lets_in(document, role, service)?)))
            .collect();
        Self {
            document: Some(document),
            services,
            of_account,
            of_everyone,
        }
    }

    /// Whether one of some services that a grant admits is let in, and if so whether for certain.
    pub(super) fn admits(&self, services: &[String], grant: Option<&Grant<'_>>) -> Option<bool> {
        if self.document.is_none() {
            return Some(false);
        }
        let admitted = |service: &&String| {
            grant.is_none_or(|grant| admits(grant, std::slice::from_ref(*service)) != Some(false))
        };
        let certain = |service: &String| {
            self.services
                .iter()
                .find(|(name, _)| name == service)
                .map(|(_, certain)| *certain)
        };
        services.iter().filter(admitted).filter_map(certain).max()
    }
}

/// Whether a trust policy allows a service that acts for the role's own account; `true` if it
/// certainly does.
pub(in crate::role::graph) fn lets_in(
    document: &Document,
    role: &RoleInput<'_>,
    service: &str,
) -> Option<bool> {
    let document = opened(document, |condition| {
        condition.key.eq_ignore_ascii_case("aws:SourceAccount")
    });
    let context = Context::default().with("aws:SourceAccount", role.account);
    let principal = Principal::service(service);
    let request = Request {
        principal: &principal,
        action: "sts:AssumeRole",
        resource: role.arn,
        resource_account: None,
        context: &context,
    };
    match document.decide(&request) {
        Decision::Allowed => Some(true),
        Decision::Unknown => Some(false),
        Decision::ExplicitlyDenied | Decision::ImplicitlyDenied => None,
    }
}
