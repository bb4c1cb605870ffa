//! A region of callers: the kinds of callers in it, and what is known of the condition keys that
//! identify them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::identity::{COUNT, Key, Kinds};
use super::keys::{Known, List};
use super::restriction::Restriction;
use crate::document::Principals;
use crate::principal::{is_account, root_account};

/// A region of callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) kinds: Kinds,
    keys: [Option<Arc<Known>>; COUNT],
    /// Identity providers that its federated callers come from.
    pub(super) providers: Vec<String>,
    /// Whether it depends on names of an unknown form.
    pub(super) unknown_names: bool,
    /// Why it cannot be decided who is in it.
    pub(super) undecided: Option<String>,
}

impl Region {
    fn new(kinds: Kinds) -> Self {
        Self {
            kinds,
            keys: Default::default(),
            providers: Vec::new(),
            unknown_names: false,
            undecided: None,
        }
    }

    /// A region of which it is not known who is in it.
    pub(super) fn undecided(why: &str) -> Self {
        Self {
            undecided: Some(why.to_owned()),
            ..Self::new(Kinds::ALL)
        }
    }

    /// What is known of a key.
    pub(super) fn known(&self, key: Key) -> Option<&Known> {
        self.keys[key as usize].as_deref()
    }

    fn key(&mut self, key: Key) -> &mut Known {
        Arc::make_mut(self.keys[key as usize].get_or_insert_default())
    }

    /// The regions that a Principal element opens.
    pub(super) fn of_principals(principals: &Principals) -> Vec<Self> {
        // NotPrincipal excludes only callers of whom every name is listed, so it certainly excludes
        // no one.
        if principals.everyone || principals.negated {
            return vec![Self::new(Kinds::ALL)];
        }
        Self::named(principals)
    }

    /// One region for each kind of name in a Principal element.
    fn named(principals: &Principals) -> Vec<Self> {
        let mut regions = Vec::new();
        let accounts_only = Kinds {
            accounts: true,
            ..Kinds::NONE
        };
        let (mut accounts, mut arns, mut unknown) = (Vec::new(), Vec::new(), false);
        for name in &principals.aws {
            match (
                account_of(name),
                is_account(name) || root_account(name).is_some(),
            ) {
                (Some(account), true) => accounts.push(account.to_owned()),
                (Some(_), false) => arns.extend(roles_of_session(name)),
                // A principal that was deleted: the id is never used again. Source: "AWS JSON
                // policy elements: Principal".
                (None, _) if is_unique_id(name) => {}
                (None, _) => unknown = true,
            }
        }
        if !accounts.is_empty() {
            let mut region = Self::new(accounts_only);
            region.key(Key::PrincipalAccount).one_of(accounts);
            regions.push(region);
        }
        if !arns.is_empty() {
            let mut region = Self::new(accounts_only);
            region.key(Key::PrincipalArn).one_of(arns);
            regions.push(region);
        }
        if unknown || !principals.canonical.is_empty() {
            regions.push(Self {
                unknown_names: true,
                ..Self::new(accounts_only)
            });
        }
        if !principals.services.is_empty() {
            let mut region = Self::new(Kinds {
                services: true,
                ..Kinds::NONE
            });
            region
                .key(Key::PrincipalServiceName)
                .one_of(principals.services.iter().cloned());
            regions.push(region);
        }
        for provider in &principals.federated {
            let region = Self::new(Kinds {
                federated: true,
                ..Kinds::NONE
            });
            regions.push(Self {
                providers: vec![provider.clone()],
                ..region
            });
        }
        regions
    }

    /// What is left of the region outside of a list of principals. Single sessions are not
    /// subtracted, since other sessions of the role remain.
    fn outside(mut self, principals: &Principals) -> Option<Self> {
        if principals.everyone {
            return None;
        }
        let (mut accounts, mut arns) = (Vec::new(), Vec::new());
        for name in &principals.aws {
            if let Some(account) =
                root_account(name).or_else(|| is_account(name).then_some(name.as_str()))
            {
                accounts.push(account.to_owned());
            } else if name.contains(":iam::") {
                arns.push(name.clone());
            }
        }
        if !accounts.is_empty() {
            self.key(Key::PrincipalAccount).none_of(accounts);
        }
        if !arns.is_empty() {
            self.key(Key::PrincipalArn).none_of(arns);
        }
        if !principals.services.is_empty() {
            self.key(Key::PrincipalServiceName)
                .none_of(principals.services.iter().cloned());
        }
        if !self.providers.is_empty() {
            self.providers
                .retain(|provider| !principals.federated.contains(provider));
            self.kinds.federated &= !self.providers.is_empty();
        }
        Some(self)
    }

    /// The part of the region that a restriction leaves; `None` if no one is in it.
    pub(super) fn narrowed(mut self, restriction: &Restriction) -> Option<Self> {
        match restriction {
            Restriction::Anyone => {}
            Restriction::NoOne => return None,
            Restriction::Undecided(why) => self.undecided = Some(why.clone()),
            Restriction::Service { services, others } => {
                self.kinds.services &= services;
                self.kinds.accounts &= others;
                self.kinds.federated &= others;
                self.kinds.anonymous &= others;
            }
            Restriction::Key(key, part) => {
                self.key(*key).add(part);
                let known = self.key(*key);
                if known.is_contradictory() && !key.is_shared() {
                    return None;
                }
                let (never_absent, may_be_present) = (known.never_absent, known.may_be_present());
                if never_absent {
                    key.owners(&mut self.kinds);
                }
                // Every principal of an account has these; not every one is in an organisation.
                if !may_be_present && matches!(key, Key::PrincipalAccount | Key::PrincipalArn) {
                    self.kinds.accounts = false;
                }
            }
        }
        Some(self)
    }

    /// What a Deny statement leaves of the region: the callers that are not among its principals,
    /// and those that do not meet one of its conditions.
    pub(super) fn spared(
        &self,
        principals: Option<&Principals>,
        unmet: &[Restriction],
    ) -> Vec<Self> {
        if unmet
            .iter()
            .any(|it| matches!(it, Restriction::Anyone | Restriction::Undecided(_)))
        {
            // Anyone may fail to meet it.
            return vec![self.clone()];
        }
        let mut left = Vec::new();
        match principals {
            None => {}
            Some(principals) if principals.negated => left.extend(self.inside(principals)),
            Some(principals) => left.extend(self.clone().outside(principals)),
        }
        left.extend(unmet.iter().filter_map(|it| self.clone().narrowed(it)));
        left
    }

    /// Whether all of the region is certainly in another one: every limit of that one applies to
    /// this one.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        let (mine, others) = (self.kinds, other.kinds);
        (others.accounts || !mine.accounts)
            && (others.services || !mine.services)
            && (others.federated || !mine.federated)
            && (others.anonymous || !mine.anonymous)
            && self.unknown_names == other.unknown_names
            && self.undecided == other.undecided
            && (self.providers == other.providers || other.providers.is_empty())
            && self
                .keys
                .iter()
                .zip(&other.keys)
                .all(|(mine, others)| match (mine, others) {
                    (_, None) => true,
                    (None, Some(_)) => false,
                    (Some(mine), Some(others)) => {
                        Arc::ptr_eq(mine, others) || mine.is_within(others)
                    }
                })
    }

    /// The part of the region that a NotPrincipal element excludes.
    fn inside(&self, principals: &Principals) -> Vec<Self> {
        if principals.everyone {
            return vec![self.clone()];
        }
        let mut left = Vec::new();
        // Users, roles and sessions are excluded only together with their account, so the accounts
        // are enough.
        let accounts: Vec<String> = principals
            .aws
            .iter()
            .filter_map(|name| {
                root_account(name).or_else(|| is_account(name).then_some(name.as_str()))
            })
            .map(str::to_owned)
            .collect();
        if !accounts.is_empty() && self.kinds.accounts {
            let mut region = self.clone();
            region.kinds = Kinds {
                accounts: true,
                ..Kinds::NONE
            };
            region.key(Key::PrincipalAccount).one_of(accounts);
            left.push(region);
        }
        if !principals.services.is_empty() && self.kinds.services {
            let mut region = self.clone();
            region.kinds = Kinds {
                services: true,
                ..Kinds::NONE
            };
            region
                .key(Key::PrincipalServiceName)
                .one_of(principals.services.iter().cloned());
            left.push(region);
        }
        let mut providers = principals.federated.clone();
        if !self.providers.is_empty() {
            providers.retain(|provider| self.providers.contains(provider));
        }
        if !providers.is_empty() && self.kinds.federated {
            left.push(Self {
                kinds: Kinds {
                    federated: true,
                    ..Kinds::NONE
                },
                providers,
                ..self.clone()
            });
        }
        left
    }

    /// Whether no one is in the region.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds == Kinds::NONE
            || self.keys[..Key::Subject as usize]
                .iter()
                .flatten()
                .any(|known| known.is_contradictory())
            || (self.kinds
                == Kinds {
                    accounts: true,
                    ..Kinds::NONE
                }
                && self.undecided.is_none()
                && !self.unknown_names
                && !self.has_account())
    }

    /// Whether some account's principals may be in the region.
    fn has_account(&self) -> bool {
        let names_it = |key| self.known(key).is_some_and(|known| !known.may_be_present());
        if names_it(Key::PrincipalAccount) || names_it(Key::PrincipalArn) {
            return false;
        }
        if [Key::PrincipalArn, Key::SourceOwner, Key::CallerAccount]
            .into_iter()
            .all(|key| self.known(key).is_none())
        {
            let by_account = self
                .known(Key::PrincipalAccount)
                .filter(|known| known.never_absent);
            let all_out = |known: &Known| {
                known
                    .candidates()
                    .is_some_and(|all| !all.iter().any(|account| known.allows(account)))
            };
            return !by_account.is_some_and(all_out);
        }
        self.accounts().is_none_or(|accounts| !accounts.is_empty())
    }

    /// The accounts whose principals may be in the region, where these are known.
    pub(super) fn accounts(&self) -> Option<BTreeSet<String>> {
        let (by_account, arns) = (
            self.known(Key::PrincipalAccount),
            self.known(Key::PrincipalArn),
        );
        // Each list of ARNs that are all of known accounts leaves room for these accounts only.
        let all_known = |list: &List| {
            list.values
                .iter()
                .map(|value| value.account().map(str::to_owned))
                .collect::<Option<BTreeSet<String>>>()
        };
        let mut sets: Vec<BTreeSet<String>> = arns
            .into_iter()
            .flat_map(Known::texts)
            .filter_map(all_known)
            .collect();
        if let Some(fixed) = arns.and_then(Known::candidates) {
            sets.push(
                fixed
                    .into_iter()
                    .filter_map(|arn| account_of(&arn.to_ascii_lowercase()).map(str::to_owned))
                    .collect(),
            );
        }
        let surely = |key| self.known(key).filter(|known| known.never_absent);
        let owners = [
            by_account,
            surely(Key::SourceOwner),
            surely(Key::CallerAccount),
        ];
        for fixed in owners.into_iter().flatten().filter_map(Known::candidates) {
            sets.push(fixed.into_iter().map(str::to_owned).collect());
        }
        let (last, others) = sets.split_last()?;
        let possible = |account: &&String| {
            others.iter().all(|set| set.contains(*account))
                && by_account.is_none_or(|known| known.allows(account))
        };
        Some(last.iter().filter(possible).cloned().collect())
    }
}

/// The account that an ARN or an account's id belongs to.
pub(super) fn account_of(name: &str) -> Option<&str> {
    if is_account(name) {
        return Some(name);
    }
    let mut parts = name.splitn(6, ':');
    let account = parts.nth(4)?;
    (name.starts_with("arn:") && is_account(account) && parts.next().is_some()).then_some(account)
}

/// The possible values of `aws:PrincipalArn` in a session, whose ARN does not contain the path of
/// its role; for any other ARN, the ARN itself.
fn roles_of_session(arn: &str) -> Vec<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    if let ["arn", partition, "sts", _, account, resource] = parts[..]
        && let Some(role) = resource
            .strip_prefix("assumed-role/")
            .and_then(|rest| rest.split('/').next())
    {
        return ["", "*/"]
            .iter()
            .map(|path| format!("arn:{partition}:iam::{account}:role/{path}{role}"))
            .collect();
    }
    vec![arn.to_owned()]
}

/// Whether a principal is the unique id of a user or role that no longer exists: the id is never
/// used again.
///
/// Source: "AWS JSON policy elements: Principal".
pub(crate) fn is_unique_id(name: &str) -> bool {
    (name.starts_with("AROA") || name.starts_with("AIDA"))
        && name.len() >= 16
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
