//! Names a region of callers by the widest class in it, and says why.

use std::collections::BTreeSet;

use crate::compare::network;
use crate::document::{Match, Statement};

use super::keys::{Known, Value};
use super::provider::{Users, is_subject_bound, users};
use super::region::{Key, Region, account_of};
use super::{Exposure, Judged, Scope};

/// Who gets in: the widest class with its reason, and everybody who gets in by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Callers {
    widest: Option<(Exposure, String)>,
    pub(super) accounts: BTreeSet<String>,
    pub(super) organizations: BTreeSet<String>,
    pub(super) services: BTreeSet<String>,
    pub(super) services_for_anyone: bool,
    pub(super) bounded_otherwise: bool,
}

impl Callers {
    pub(super) fn exposure(&self) -> Exposure {
        self.widest.as_ref().map_or(Exposure::None, |(exposure, _)| *exposure)
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if let Some((exposure, reason)) = &other.widest {
            self.widen(*exposure, || reason.clone());
        }
        self.accounts.extend(other.accounts.iter().cloned());
        self.organizations.extend(other.organizations.iter().cloned());
        self.services.extend(other.services.iter().cloned());
        self.services_for_anyone |= other.services_for_anyone;
        self.bounded_otherwise |= other.bounded_otherwise;
    }

    fn widen(&mut self, exposure: Exposure, reason: impl FnOnce() -> String) {
        if self.widest.as_ref().is_none_or(|(widest, _)| exposure > *widest) {
            self.widest = Some((exposure, reason()));
        }
    }

    /// What is said of the statement that lets these in; `opens_nothing` where its own principals and conditions let nobody in.
    pub(super) fn judged(&self, statement: &Statement, opens_nothing: bool) -> Judged {
        let (exposure, reason) = match &self.widest {
            Some((exposure, reason)) => (*exposure, reason.clone()),
            None if opens_nothing => (Exposure::None, "nobody can be whom its principals and conditions ask for".to_owned()),
            None if matches!(&statement.actions, Match::Any(actions) if actions.is_empty()) => {
                (Exposure::None, "it names no action".to_owned())
            }
            None => (Exposure::None, "Deny statements take away what it allows".to_owned()),
        };
        Judged { exposure, reason }
    }

    /// Adds a region.
    pub(super) fn add(&mut self, region: &Region, scope: &Scope<'_>) {
        if region.is_empty() {
            return;
        }
        let mut found = Self::default();
        if region.kinds.accounts {
            found.add_accounts(region, scope);
        }
        if region.kinds.services {
            found.add_services(region);
        }
        if region.kinds.federated {
            found.add_federated(region, scope);
        }
        if region.kinds.anonymous {
            found.add_anonymous(region);
        }
        // What cannot be decided is no wider than what was found, but may be narrower: within the account that does not matter.
        if let Some(why) = &region.undecided
            && found.exposure() > Exposure::Account
        {
            found.widest = Some((Exposure::Unknown, why.clone()));
        }
        self.merge(&found);
    }

    fn add_accounts(&mut self, region: &Region, scope: &Scope<'_>) {
        if region.unknown_names {
            self.widen(Exposure::Unknown, || "it names principals of no known form".to_owned());
            return;
        }
        if let Some(accounts) = region.accounts() {
            for account in accounts {
                if account == scope.account {
                    self.widen(Exposure::Account, || "it lets principals of the account itself in".to_owned());
                } else {
                    self.widen(Exposure::Accounts, || format!("it lets account {account} in"));
                    self.accounts.insert(account);
                }
            }
            return;
        }
        if region.known(Key::UserId).is_some_and(is_fixed_user) {
            self.bounded_otherwise = true;
            self.widen(Exposure::Accounts, || "its conditions bound everyone to named users or roles".to_owned());
            return;
        }
        // Of two bounds the narrower one tells: within an organisation, but from named networks only.
        if let Some(organizations) = organizations(region).filter(|_| !is_network_bound(region)) {
            self.widen(Exposure::Organization, || {
                let own = |name: &String| scope.organization.is_some_and(|own| name.split('/').next() == Some(own));
                let whose = if organizations.iter().all(own) { "its own organisation" } else { "an organisation" };
                format!("its conditions bound everyone to {whose} ({})", organizations.join(", "))
            });
            self.organizations.extend(organizations);
            return;
        }
        self.add_by_network(region);
    }

    fn add_anonymous(&mut self, region: &Region) {
        self.add_by_network(region);
    }

    /// Everyone, or those of named networks.
    fn add_by_network(&mut self, region: &Region) {
        if is_network_bound(region) {
            self.bounded_otherwise = true;
            self.widen(Exposure::Accounts, || "its conditions bound everyone to named networks".to_owned());
        } else {
            self.widen(Exposure::Everyone, || {
                "it lets everyone in: no condition with fixed values says from which account, organisation or network".to_owned()
            });
        }
    }

    fn add_services(&mut self, region: &Region) {
        let names = region.known(Key::PrincipalServiceName).and_then(Known::candidates);
        let who = names.as_ref().map_or_else(|| "AWS services".to_owned(), |names| names.join(", "));
        if is_source_bound(region) {
            self.bounded_otherwise |= is_network_bound(region);
            self.widen(Exposure::ServiceBounded, || {
                format!("{who} may call on behalf of the accounts or sources that its conditions name")
            });
        } else {
            self.services_for_anyone = true;
            self.widen(Exposure::ServiceAnySource, || format!("{who} may call on behalf of anyone: no condition bounds the source"));
        }
        match names {
            Some(names) => self.services.extend(names.into_iter().map(str::to_owned)),
            // Where everyone gets in, services are no news.
            None if region.kinds.anonymous && !is_network_bound(region) => {}
            None => {
                self.services.insert("*".to_owned());
            }
        }
    }

    fn add_federated(&mut self, region: &Region, scope: &Scope<'_>) {
        if region.providers.is_empty() {
            // "*" lets the users of every provider in.
            if is_subject_bound(region) {
                self.bounded_otherwise = true;
                self.widen(Exposure::Accounts, || "users of identity providers whom its conditions name get in".to_owned());
            } else {
                self.add_by_network(region);
            }
        }
        for provider in &region.providers {
            let shown = lambdasweep_model::printable(provider);
            let users = users(region, provider);
            self.bounded_otherwise |= matches!(users, Users::Bounded | Users::OfSaml);
            match users {
                Users::Anybody | Users::Unknown if is_network_bound(region) => self.add_by_network(region),
                Users::Anybody => self
                    .widen(Exposure::Everyone, || format!("anybody can be a user of {shown}, and no condition binds whose users get in")),
                Users::Bounded => self.widen(Exposure::Accounts, || format!("users of {shown} whom its conditions name get in")),
                Users::OfSaml if account_of(provider) == Some(scope.account) => {
                    self.widen(Exposure::Account, || format!("users of {shown} get in, which is the account's own identity provider"));
                }
                Users::OfSaml => self.widen(Exposure::Accounts, || format!("users of {shown} get in")),
                Users::Unknown => self.widen(Exposure::Unknown, || format!("it is not known who the users of {shown} are")),
            }
        }
    }
}

/// The organisations, or parts of them, that a region is bounded to.
fn organizations(region: &Region) -> Option<Vec<String>> {
    let is_fixed = |text: &str| text.starts_with("o-") && !text.contains(['*', '?']);
    let by_id = region.known(Key::PrincipalOrgId).and_then(|known| {
        let all = known.lists().find(|list| list.values.iter().all(|value| is_fixed(&value.pattern)))?;
        known
            .never_absent
            .then(|| all.values.iter().map(|value| value.pattern.to_string()).filter(|text| known.allows(text)).collect::<Vec<_>>())
    });
    let by_path = region.known(Key::PrincipalOrgPaths).and_then(|known| {
        // Below a fixed organisation a wildcard stays within it.
        let within = |value: &Value| value.pattern.split_once('/').is_some_and(|(organization, _)| is_fixed(organization));
        let all = known.lists().find(|list| list.values.iter().all(within))?;
        known.never_absent.then(|| all.values.iter().map(|value| value.pattern.to_string()).collect::<Vec<_>>())
    });
    by_path.or(by_id)
}

/// Whether the sources that a service acts for are bounded.
fn is_source_bound(region: &Region) -> bool {
    let fixed = |key| region.known(key).is_some_and(|known| known.never_absent && known.candidates().is_some());
    let paths = region.known(Key::SourceOrgPaths).is_some_and(|known| {
        let within = |value: &Value| {
            value
                .pattern
                .split_once('/')
                .is_some_and(|(organization, _)| organization.starts_with("o-") && !organization.contains(['*', '?']))
        };
        known.never_absent && known.lists().any(|list| list.values.iter().all(within))
    });
    let arns = region
        .known(Key::SourceArn)
        .is_some_and(|known| known.never_absent && known.lists().any(|list| list.values.iter().all(is_bounded_arn)));
    [Key::SourceAccount, Key::SourceOwner, Key::SourceOrgId, Key::EventSourceToken].into_iter().any(fixed)
        || paths
        || arns
        || is_network_bound(region)
}

/// Whether all ARNs that match a value are of one account, or of one name that only one owner can have.
fn is_bounded_arn(value: &Value) -> bool {
    let no_account = || {
        let mut parts = value.pattern.splitn(6, ':');
        let (account, name) = (parts.nth(4), parts.next());
        account == Some("") && value.pattern.is_fixed() && name.is_some_and(|name| !name.is_empty())
    };
    value.account().is_some() || no_account()
}

/// Whether a region is bounded to networks: fixed addresses narrower than what counts as public, VPCs or VPC endpoints.
///
/// Source: "Blocking public access to your Amazon S3 storage": /8 for IPv4 and /32 for IPv6.
fn is_network_bound(region: &Region) -> bool {
    let fixed = |key| region.known(key).is_some_and(|known| known.never_absent && known.candidates().is_some());
    let narrow = |value: &Value| network(&value.pattern).is_some_and(|(address, prefix)| prefix >= if address.is_ipv4() { 8 } else { 32 });
    let addresses =
        region.known(Key::SourceIp).is_some_and(|known| known.never_absent && known.lists().any(|list| list.values.iter().all(narrow)));
    let vpcs = region
        .known(Key::SourceVpcArn)
        .is_some_and(|known| known.never_absent && known.lists().any(|list| list.values.iter().all(|value| value.account().is_some())));
    addresses || vpcs || fixed(Key::SourceVpc) || fixed(Key::SourceVpce)
}

/// Whether `aws:userid` is bound to users and roles that exist: the part before the colon is fixed, or the whole is an account's id.
fn is_fixed_user(known: &Known) -> bool {
    let fixed = |value: &Value| {
        let id = value.pattern.split_once(':').map_or(value.pattern.as_str(), |(id, _)| id);
        !id.is_empty() && !id.contains(['*', '?'])
    };
    known.never_absent && known.lists().any(|list| list.values.iter().all(fixed))
}
