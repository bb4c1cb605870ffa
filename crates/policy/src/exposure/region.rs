//! A region of callers: what kinds of callers are in it, and what is known of the condition keys that tell who they are.

use crate::condition::{Condition, Operator};
use crate::document::{Principals, Statement};
use crate::principal::{is_account, root_account};

use super::Scope;
use super::keys::Known;
use super::provider;

/// Kinds of callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds {
    /// Principals of AWS accounts.
    pub(super) accounts: bool,
    /// AWS services.
    pub(super) services: bool,
    /// Users of identity providers.
    pub(super) federated: bool,
    /// Callers who sign nothing.
    pub(super) anonymous: bool,
}

impl Kinds {
    const ALL: Self = Self { accounts: true, services: true, federated: true, anonymous: true };
    const NONE: Self = Self { accounts: false, services: false, federated: false, anonymous: false };
}

/// Keys that tell who a caller is. Which kinds of callers have each follows "AWS global condition context keys".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    PrincipalAccount,
    PrincipalArn,
    PrincipalOrgId,
    PrincipalOrgPaths,
    UserId,
    PrincipalIsService,
    PrincipalServiceName,
    SourceAccount,
    SourceArn,
    SourceOrgId,
    SourceOrgPaths,
    SourceOwner,
    EventSourceToken,
    SourceIp,
    SourceVpc,
    SourceVpce,
    SourceVpcArn,
    /// A claim of an identity provider's token that tells whose it is.
    Subject,
    /// A claim that tells for which application it was issued.
    Audience,
}

const KEYS: &[(&str, Key)] = &[
    ("aws:principalaccount", Key::PrincipalAccount),
    ("aws:principalarn", Key::PrincipalArn),
    ("aws:principalorgid", Key::PrincipalOrgId),
    ("aws:principalorgpaths", Key::PrincipalOrgPaths),
    ("aws:userid", Key::UserId),
    ("aws:principalisawsservice", Key::PrincipalIsService),
    ("aws:principalservicename", Key::PrincipalServiceName),
    ("aws:sourceaccount", Key::SourceAccount),
    ("aws:sourcearn", Key::SourceArn),
    ("aws:sourceorgid", Key::SourceOrgId),
    ("aws:sourceorgpaths", Key::SourceOrgPaths),
    ("aws:sourceowner", Key::SourceOwner),
    ("lambda:eventsourcetoken", Key::EventSourceToken),
    ("aws:sourceip", Key::SourceIp),
    ("aws:sourcevpc", Key::SourceVpc),
    ("aws:sourcevpce", Key::SourceVpce),
    ("aws:sourcevpcarn", Key::SourceVpcArn),
];
/// How many keys are told apart.
const COUNT: usize = Key::Audience as usize + 1;

impl Key {
    fn of(condition: &Condition) -> Option<Self> {
        let name = condition.folded_key.as_str();
        KEYS.iter().find(|(known, _)| *known == name).map(|(_, key)| *key).or_else(|| provider::claim(name))
    }

    /// Leaves those kinds of callers out that never have the key.
    fn owners(self, kinds: &mut Kinds) {
        match self {
            Self::PrincipalAccount | Self::PrincipalArn | Self::PrincipalOrgId | Self::PrincipalOrgPaths | Self::UserId => {
                (kinds.services, kinds.federated, kinds.anonymous) = (false, false, false);
            }
            Self::PrincipalServiceName
            | Self::SourceAccount
            | Self::SourceArn
            | Self::SourceOrgId
            | Self::SourceOrgPaths
            | Self::SourceOwner => (kinds.accounts, kinds.federated, kinds.anonymous) = (false, false, false),
            Self::Subject | Self::Audience => (kinds.accounts, kinds.services, kinds.anonymous) = (false, false, false),
            Self::PrincipalIsService
            | Self::EventSourceToken
            | Self::SourceIp
            | Self::SourceVpc
            | Self::SourceVpce
            | Self::SourceVpcArn => {}
        }
    }
}

/// A region of callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) kinds: Kinds,
    keys: [Option<Box<Known>>; COUNT],
    /// Identity providers that its federated callers come from.
    pub(super) providers: Vec<String>,
    /// Names of no known form that it rests on.
    pub(super) unknown_names: bool,
    /// Why it cannot be decided who is in it.
    pub(super) undecided: Option<String>,
}

impl Region {
    fn new(kinds: Kinds) -> Self {
        Self { kinds, keys: Default::default(), providers: Vec::new(), unknown_names: false, undecided: None }
    }

    /// A region of which it is not known who is in it.
    pub(super) fn undecided(why: &str) -> Self {
        Self { undecided: Some(why.to_owned()), ..Self::new(Kinds::ALL) }
    }

    /// What is known of a key.
    pub(super) fn known(&self, key: Key) -> Option<&Known> {
        self.keys[key as usize].as_deref()
    }

    fn key(&mut self, key: Key) -> &mut Known {
        self.keys[key as usize].get_or_insert_default()
    }

    /// The regions that a Principal element opens.
    pub(super) fn of_principals(principals: &Principals) -> Vec<Self> {
        if principals.negated {
            // All but those that are listed.
            return Self::new(Kinds::ALL).outside(principals).into_iter().collect();
        }
        if principals.everyone {
            return vec![Self::new(Kinds::ALL)];
        }
        Self::named(principals)
    }

    /// One region for each kind of name in a Principal element.
    fn named(principals: &Principals) -> Vec<Self> {
        let mut regions = Vec::new();
        let accounts_only = Kinds { accounts: true, ..Kinds::NONE };
        let (mut accounts, mut arns, mut unknown) = (Vec::new(), Vec::new(), false);
        for name in &principals.aws {
            match (account_of(name), is_account(name) || root_account(name).is_some()) {
                (Some(account), true) => accounts.push(account.to_owned()),
                (Some(_), false) => arns.push(role_of_session(name)),
                // A principal that was deleted: nobody has that id any more. Source: "AWS JSON policy elements: Principal".
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
            regions.push(Self { unknown_names: true, ..Self::new(accounts_only) });
        }
        if !principals.services.is_empty() {
            let mut region = Self::new(Kinds { services: true, ..Kinds::NONE });
            region.key(Key::PrincipalServiceName).one_of(principals.services.iter().cloned());
            regions.push(region);
        }
        for provider in &principals.federated {
            let region = Self::new(Kinds { federated: true, ..Kinds::NONE });
            regions.push(Self { providers: vec![provider.clone()], ..region });
        }
        regions
    }

    /// What is left of the region outside of a list of principals. Single sessions are not taken away: others of their role stay.
    fn outside(mut self, principals: &Principals) -> Option<Self> {
        if principals.everyone {
            return None;
        }
        let (mut accounts, mut arns) = (Vec::new(), Vec::new());
        for name in &principals.aws {
            if let Some(account) = root_account(name).or_else(|| is_account(name).then_some(name.as_str())) {
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
            self.key(Key::PrincipalServiceName).none_of(principals.services.iter().cloned());
        }
        if !self.providers.is_empty() {
            self.providers.retain(|provider| !principals.federated.contains(provider));
            self.kinds.federated &= !self.providers.is_empty();
        }
        Some(self)
    }

    /// The part of the region whose callers meet a condition; none where nobody can.
    pub(super) fn met(self, condition: &Condition, variables: bool, scope: &Scope<'_>) -> Option<Self> {
        self.narrowed(condition, true, variables, scope)
    }

    /// The part of the region whose callers meet a condition, or those who do not.
    fn narrowed(mut self, condition: &Condition, holds: bool, variables: bool, scope: &Scope<'_>) -> Option<Self> {
        if condition.operator == Operator::Unknown {
            // Who meets it is not known: all may, and none.
            if holds {
                self.undecided =
                    Some(format!("its condition operator {} is not known", lambdasweep_model::printable(&condition.operator_text)));
            }
            return Some(self);
        }
        let Some(key) = Key::of(condition) else {
            // Anyone may bring about what such a key says; but no value is no value.
            let nobody =
                holds && condition.values.is_empty() && condition.holds_without_key() == Some(false) && !condition.operator.is_negated();
            return (!nobody).then_some(self);
        };
        if key == Key::PrincipalIsService {
            self.is_service(condition, holds);
            return Some(self);
        }
        self.key(key).add(condition, holds, variables, scope)?;
        let known = self.key(key);
        if known.is_contradictory() {
            return None;
        }
        let (never_absent, may_be_present) = (known.never_absent, known.may_be_present());
        if never_absent {
            key.owners(&mut self.kinds);
        }
        if !may_be_present {
            // Every principal of an account has these; an organisation not every one.
            if matches!(key, Key::PrincipalAccount | Key::PrincipalArn) {
                self.kinds.accounts = false;
            }
        }
        Some(self)
    }

    fn is_service(&mut self, condition: &Condition, holds: bool) {
        let meets = |value: &str| match condition.operator {
            Operator::Null => condition.values.iter().any(|wanted| wanted.eq_ignore_ascii_case("false")),
            Operator::Bool => condition.values.iter().any(|wanted| wanted.eq_ignore_ascii_case(value)),
            // Any other operator is not what AWS documents for the key: it is not taken for a bound.
            _ => holds,
        };
        if meets("true") != holds {
            self.kinds.services = false;
        }
        if meets("false") != holds {
            (self.kinds.accounts, self.kinds.federated, self.kinds.anonymous) = (false, false, false);
        }
    }

    /// What a Deny statement leaves of the region.
    pub(super) fn spared(&self, denial: &Statement, variables: bool, scope: &Scope<'_>) -> Vec<Self> {
        let mut left = Vec::new();
        match &denial.principals {
            None => {}
            Some(principals) if principals.negated => left.extend(self.inside(principals)),
            Some(principals) => {
                left.extend(self.clone().outside(principals));
            }
        }
        for condition in &denial.conditions {
            if let Some(region) = self.clone().narrowed(condition, false, variables, scope) {
                left.push(region);
            }
        }
        left
    }

    /// The part of the region that a NotPrincipal element spares.
    fn inside(&self, principals: &Principals) -> Vec<Self> {
        if principals.everyone {
            return vec![self.clone()];
        }
        let mut left = Vec::new();
        // Users, roles and sessions are spared only together with their account, so that the accounts tell all.
        let accounts: Vec<String> = principals
            .aws
            .iter()
            .filter_map(|name| root_account(name).or_else(|| is_account(name).then_some(name.as_str())))
            .map(str::to_owned)
            .collect();
        if !accounts.is_empty() && self.kinds.accounts {
            let mut region = self.clone();
            region.kinds = Kinds { accounts: true, ..Kinds::NONE };
            region.key(Key::PrincipalAccount).one_of(accounts);
            left.push(region);
        }
        if !principals.services.is_empty() && self.kinds.services {
            let mut region = self.clone();
            region.kinds = Kinds { services: true, ..Kinds::NONE };
            region.key(Key::PrincipalServiceName).one_of(principals.services.iter().cloned());
            left.push(region);
        }
        if !principals.federated.is_empty() && self.kinds.federated {
            left.push(Self { kinds: Kinds { federated: true, ..Kinds::NONE }, ..self.clone() });
        }
        left
    }

    /// Whether nobody is in the region.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds == Kinds::NONE
            || self.keys.iter().flatten().any(|known| known.is_contradictory())
            || (self.kinds == Kinds { accounts: true, ..Kinds::NONE }
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
        self.accounts().is_none_or(|accounts| !accounts.is_empty())
    }

    /// The accounts whose principals may be in the region, where these are known.
    pub(super) fn accounts(&self) -> Option<Vec<String>> {
        let by_account = self.known(Key::PrincipalAccount).and_then(Known::candidates);
        let arns = self.known(Key::PrincipalArn);
        let by_arn = arns.and_then(|known| {
            if let Some(fixed) = known.candidates() {
                return Some(fixed.into_iter().filter_map(account_of).map(str::to_owned).collect::<Vec<_>>());
            }
            known.lists().find_map(|values| values.iter().map(fixed_account).collect::<Option<Vec<String>>>())
        });
        let mut accounts = match (by_account, by_arn) {
            (None, None) => return None,
            (Some(accounts), None) => accounts.into_iter().map(str::to_owned).collect(),
            (by_account, Some(mut by_arn)) => {
                if let Some(accounts) = by_account {
                    by_arn.retain(|account| accounts.contains(&account.as_str()));
                }
                by_arn
            }
        };
        // Every list has to leave room for the account.
        accounts.retain(|account| self.known(Key::PrincipalAccount).is_none_or(|known| known.allows(account)));
        let lists: Vec<&Vec<super::keys::Value>> = arns.into_iter().flat_map(Known::lists).collect();
        accounts
            .retain(|account| lists.iter().all(|values| values.iter().any(|value| fixed_account(value).is_none_or(|it| it == *account))));
        accounts.sort_unstable();
        accounts.dedup();
        Some(accounts)
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

/// The account that every ARN has which matches a value; none where it may be any.
pub(super) fn fixed_account(value: &super::keys::Value) -> Option<String> {
    let before = value.text.splitn(6, ':').take(5).map(str::len).sum::<usize>() + 5;
    // As a text, a wildcard before the account may stand for parts of the ARN.
    let plain = value.compared == super::keys::Compared::Arn || !value.text.get(..before)?.contains(['*', '?']);
    let account = value.text.split(':').nth(4)?;
    (plain && is_account(account)).then(|| account.to_owned())
}

/// The role of a session's ARN, as `aws:PrincipalArn` has it; any other ARN as it is.
fn role_of_session(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    if let ["arn", partition, "sts", _, account, resource] = parts[..]
        && let Some(role) = resource.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next())
    {
        return format!("arn:{partition}:iam::{account}:role/{role}");
    }
    arn.to_owned()
}

/// Whether a principal is the unique id of a user or role that does not exist any more.
fn is_unique_id(name: &str) -> bool {
    (name.starts_with("AROA") || name.starts_with("AIDA")) && name.len() >= 16 && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
