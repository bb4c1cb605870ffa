//! Classifies a region of callers by the widest class in it, with the reason.

use std::collections::BTreeSet;

use crate::document::{Match, Statement};

use super::bounds::{Bounds, listed, organizations, ownerless, places, sources};
use super::identity::Key;
use super::keys::{Known, Value};
use super::provider::{Users, is_subject_bound, users};
use super::region::{Region, account_of};
use super::{Exposure, Judged, Resource};

/// Services that AWS documents to assume a role on behalf of other accounts than the role's, so
/// that a trust policy has to say whose: Amazon Cognito ("Create a role for OpenID Connect
/// federation", IAM User Guide, on identity pools that assume roles of other accounts) and Amazon
/// CloudWatch Logs ("Step 1: Create a destination", Amazon CloudWatch Logs User Guide: it sends log
/// events "on the source account's behalf").
const ACROSS_ACCOUNTS: &[&str] = &["cognito-identity", "logs"];

/// Who is allowed: the widest class with its reason, and all who are allowed by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Callers {
    widest: Option<(Exposure, String)>,
    pub(super) accounts: BTreeSet<String>,
    pub(super) organizations: BTreeSet<String>,
    /// Those on whose behalf a service calls.
    pub(super) source_accounts: BTreeSet<String>,
    pub(super) source_organizations: BTreeSet<String>,
    pub(super) services: BTreeSet<String>,
    pub(super) services_for_anyone: bool,
    pub(super) bounded_otherwise: bool,
}

impl Callers {
    pub(super) fn exposure(&self) -> Exposure {
        self.widest
            .as_ref()
            .map_or(Exposure::None, |(exposure, _)| *exposure)
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        if let Some((exposure, reason)) = other.widest.take() {
            self.widen(exposure, || reason);
        }
        self.accounts.append(&mut other.accounts);
        self.organizations.append(&mut other.organizations);
        self.source_accounts.append(&mut other.source_accounts);
        self.source_organizations
            .append(&mut other.source_organizations);
        self.services.append(&mut other.services);
        self.services_for_anyone |= other.services_for_anyone;
        self.bounded_otherwise |= other.bounded_otherwise;
    }

    fn widen(&mut self, exposure: Exposure, reason: impl FnOnce() -> String) {
        if self
            .widest
            .as_ref()
            .is_none_or(|(widest, _)| exposure > *widest)
        {
            self.widest = Some((exposure, reason()));
        }
    }

    /// The result for the statement that allows these callers; `opens_nothing` if its own
    /// principals and conditions allow no one.
    pub(super) fn judged(&self, statement: &Statement, opens_nothing: bool) -> Judged {
        let (exposure, reason) = match &self.widest {
            Some((exposure, reason)) => (*exposure, format!("{reason}{}", all_but(statement))),
            None if opens_nothing => (
                Exposure::None,
                "no principal can satisfy its Principal and Condition".to_owned(),
            ),
            None if matches!(&statement.actions, Match::Any(actions) if actions.is_empty()) => {
                (Exposure::None, "it names no action".to_owned())
            }
            None => (
                Exposure::None,
                "Deny statements deny everything that it allows".to_owned(),
            ),
        };
        Judged { exposure, reason }
    }

    /// Adds a region.
    pub(super) fn add(&mut self, region: &Region, resource: &Resource<'_>) {
        if region.is_empty() {
            return;
        }
        let mut found = Self::default();
        if region.kinds.accounts {
            found.add_accounts(region, resource);
        }
        if region.kinds.services {
            found.add_services(region, resource);
        }
        if region.kinds.federated {
            found.add_federated(region, resource);
        }
        if region.kinds.anonymous {
            found.add_by_place(region, resource);
        }
        // An undecided region is no wider than what was found, but may be narrower; within the
        // account that does not matter.
        if let Some(why) = &region.undecided
            && found.exposure() > Exposure::Account
        {
            found.widest = Some((Exposure::Unknown, why.clone()));
        }
        self.merge(found);
    }

    fn add_accounts(&mut self, region: &Region, resource: &Resource<'_>) {
        if region.unknown_names {
            self.widen(Exposure::Unknown, || {
                "it names principals in an unknown form".to_owned()
            });
            return;
        }
        if let Some(accounts) = region.accounts() {
            for account in accounts {
                if account == resource.scope.account {
                    self.widen(Exposure::Account, || {
                        "it allows principals of its own account".to_owned()
                    });
                } else {
                    self.widen(Exposure::Accounts, || {
                        format!("it allows account {account}")
                    });
                    self.accounts.insert(account);
                }
            }
            return;
        }
        if region.known(Key::UserId).is_some_and(is_fixed_user) {
            self.bounded_otherwise = true;
            self.widen(Exposure::Accounts, || {
                "its conditions limit callers to named users or roles".to_owned()
            });
            return;
        }
        // Of two limits the narrower one counts: within an organisation, but only from named
        // networks.
        if let Some(organizations) = organizations(region).filter(|_| {
            places(region).is_none_or(|bounds| bounds.exposure >= Exposure::Organization)
        }) {
            self.widen(Exposure::Organization, || {
                let own = |name: &String| {
                    resource
                        .scope
                        .organization
                        .is_some_and(|own| name.split('/').next() == Some(own))
                };
                let whose = if organizations.iter().all(own) {
                    "its own organisation"
                } else {
                    "an organisation"
                };
                format!(
                    "its conditions limit callers to {whose} ({})",
                    organizations.join(", ")
                )
            });
            self.organizations.extend(organizations);
            return;
        }
        self.add_by_place(region, resource);
    }

    /// Everyone, or those who come from named places.
    fn add_by_place(&mut self, region: &Region, resource: &Resource<'_>) {
        let Some(Bounds {
            exposure,
            accounts,
            organizations,
            words,
        }) = places(region)
        else {
            self.widen(Exposure::Everyone, || {
                "it allows everyone: no condition with fixed values limits the account, organisation or network".to_owned()
            });
            return;
        };
        self.bounded_otherwise = true;
        self.widen(exposure, || {
            format!("its conditions limit callers to {words}")
        });
        self.accounts.extend(
            accounts
                .into_iter()
                .filter(|account| account != resource.scope.account),
        );
        self.organizations.extend(organizations);
    }

    fn add_services(&mut self, region: &Region, resource: &Resource<'_>) {
        let names = region
            .known(Key::PrincipalServiceName)
            .and_then(Known::candidates);
        let who = names.as_ref().map_or_else(
            || "AWS services".to_owned(),
            |names| listed(names.iter().copied()),
        );
        let passed_only = names
            .as_ref()
            .is_some_and(|names| !names.iter().any(|name| is_across_accounts(name)));
        if let Some(Bounds {
            accounts,
            organizations,
            words,
            ..
        }) = sources(region)
        {
            self.bounded_otherwise |= places(region).is_some();
            self.widen(Exposure::ServiceBounded, || {
                let own = if accounts.iter().eq([resource.scope.account]) {
                    ", its own account"
                } else {
                    ""
                };
                format!("{who} may call on behalf of {words}{own}")
            });
            self.source_accounts.extend(
                accounts
                    .into_iter()
                    .filter(|account| account != resource.scope.account),
            );
            self.source_organizations.extend(organizations);
        } else if resource.of_role && passed_only {
            // "You can only use the PassRole permission to pass an IAM role to a service that
            // shares the same AWS account": "Grant a user permissions to pass a role to an AWS
            // service", IAM User Guide.
            self.widen(Exposure::ServiceBounded, || {
                format!("{who} may assume it for principals of its account that may pass it: a role can only be passed within its account")
            });
        } else {
            self.services_for_anyone = true;
            self.widen(Exposure::ServiceAnySource, || {
                let arns = ownerless(region);
                let why = if arns.is_empty() {
                    "no condition limits the source".to_owned()
                } else {
                    format!("{} contains no account, and another account may later own a resource of that name", listed(arns.into_iter()))
                };
                format!("{who} may call on behalf of anyone: {why}")
            });
        }
        match names {
            Some(names) => self.services.extend(names.into_iter().map(str::to_owned)),
            // If everyone is allowed, naming services adds nothing.
            None if region.kinds.anonymous && places(region).is_none() => {}
            None => {
                self.services.insert("*".to_owned());
            }
        }
    }

    fn add_federated(&mut self, region: &Region, resource: &Resource<'_>) {
        if region.providers.is_empty() {
            // `*` allows the users of every provider.
            if is_subject_bound(region) {
                self.bounded_otherwise = true;
                self.widen(Exposure::Accounts, || {
                    "it allows the users of identity providers that its conditions name".to_owned()
                });
            } else {
                self.add_by_place(region, resource);
            }
        }
        for provider in &region.providers {
            let shown = lambdasweep_model::printable(provider);
            let users = users(region, provider);
            self.bounded_otherwise |= matches!(users, Users::Bounded | Users::OfSaml);
            match users {
                Users::Anybody | Users::Unknown | Users::OfWorkflow if places(region).is_some() => self.add_by_place(region, resource),
                Users::Anybody => self
                    .widen(Exposure::Everyone, || format!("anyone can become a user of {shown}, and no condition limits which users are allowed")),
                Users::Bounded => self.widen(Exposure::Accounts, || format!("it allows the users of {shown} that its conditions name")),
                Users::OfSaml if account_of(provider) == Some(resource.scope.account) => {
                    self.widen(Exposure::Account, || format!("it allows users of {shown}, the account's own identity provider"));
                }
                Users::OfSaml => self.widen(Exposure::Accounts, || format!("it allows users of {shown}")),
                Users::OfWorkflow => self.widen(Exposure::Unknown, || {
                    format!("it allows users of {shown} who run a workflow that its conditions name, including everyone who may call that workflow")
                }),
                Users::Unknown => self.widen(Exposure::Unknown, || format!("it is not known who the users of {shown} are")),
            }
        }
    }
}

/// The actions that a statement with `NotAction` allows, as text; empty for any other statement.
fn all_but(statement: &Statement) -> String {
    match &statement.actions {
        Match::Any(_) => String::new(),
        Match::Not(spared) if spared.is_empty() => ", for every action".to_owned(),
        Match::Not(spared) => format!(
            ", for every action except {}",
            listed(spared.iter().map(|pattern| pattern.as_str()))
        ),
    }
}

/// Whether a service assumes roles on behalf of other accounts; some have a form for each Region
/// (`logs.eu-west-1.amazonaws.com`).
fn is_across_accounts(service: &str) -> bool {
    let name = service.split('.').next().unwrap_or(service);
    ACROSS_ACCOUNTS.contains(&name)
}

/// Whether `aws:userid` is bound to users and roles that exist: the part before the colon is fixed,
/// or the whole is an account's id.
fn is_fixed_user(known: &Known) -> bool {
    let fixed = |value: &Value| {
        let id = value
            .pattern
            .split_once(':')
            .map_or(value.pattern.as_str(), |(id, _)| id);
        !id.is_empty() && !id.contains(['*', '?'])
    };
    known.never_absent && known.texts().any(|list| list.values.iter().all(fixed))
}
