//! What generated roles may do with keys, data, logs and other functions, and the faults of functions
//! and layers that follow from the roles of their account.

use std::collections::{BTreeMap, BTreeSet};

use super::roles::{Profile, RoleTraits};
use super::ways::Power;
use crate::plan::Flaw;
use crate::plan::traits::{Special, Traits};

impl RoleTraits {
    /// The faults of what it may do with keys, data and records of what happened.
    pub(super) fn reaches_too_much(self) -> Vec<Flaw> {
        let only = |name| (name, Some(String::new()));
        match self.profile {
            Profile::Decrypter => vec![only("role-decrypts-everywhere")],
            Profile::Mute => vec![only("role-cannot-log")],
            Profile::Blinder => vec![("role-may-blind-audit", Some("stops-trails".to_owned()))],
            Profile::BoundedAdministrator => vec![
                only("role-reads-all-data"),
                ("role-may-blind-audit", Some("deletes-logs".to_owned())),
            ],
            _ if self.reads_all_data() => vec![only("role-reads-all-data")],
            _ => Vec::new(),
        }
    }

    /// Whether it is granted to read data of every bucket or table, and is limited otherwise.
    fn reads_all_data(self) -> bool {
        matches!(
            self.profile,
            Profile::Reader
                | Profile::Stream
                | Profile::OldVersionAdministrator
                | Profile::BoundedAdministrator
        )
    }

    /// Whether it may change every function, read its configuration and its executions, and publish
    /// layers.
    pub(super) fn rules_lambda(self) -> bool {
        matches!(self.profile, Profile::Deployer | Profile::DeniedDeployer)
    }

    /// Whether it may use every key or stop every trail, and do nothing else to all resources.
    fn uses_all_keys_or_trails(self) -> bool {
        matches!(self.profile, Profile::Decrypter | Profile::Blinder)
    }

    /// Whether it may read some secret.
    pub(super) fn reads_secrets(self) -> bool {
        matches!(
            self.profile,
            Profile::SecretReader
                | Profile::Administrator
                | Profile::InlineAdministrator
                | Profile::DefaultVersionAdministrator
                | Profile::PowerUser
        )
    }
}

/// The roles of an account.
pub(super) struct Powers<'a> {
    pub(super) roles: &'a BTreeMap<String, RoleTraits>,
    /// The paths of each to more privilege.
    pub(super) ways: &'a BTreeMap<String, Vec<Option<String>>>,
    pub(super) iam_is_denied: bool,
    /// Those that may change all resources of some kind.
    pub(super) writers: BTreeSet<String>,
}

impl Powers<'_> {
    /// How many roles besides one may change every function.
    pub(super) fn rulers(&self, besides: &str) -> usize {
        let others = self.roles.iter().filter(|(name, _)| *name != besides);
        others.filter(|(_, role)| role.rules_lambda()).count()
    }

    /// Whether a role has much privilege, or can get it.
    fn is_powerful(&self, name: &str) -> bool {
        let has = |role: &RoleTraits| role.power(self.iam_is_denied) != Power::Limited;
        self.roles.get(name).is_some_and(has)
            || self.ways.get(name).is_some_and(|it| !it.is_empty())
    }

    /// The faults of a function that uses these roles, `$LATEST` the first of them.
    pub(super) fn flaws(
        &self,
        traits: &Traits,
        roles: &[String],
        arn: impl Fn(&str) -> String,
    ) -> Vec<Flaw> {
        let Some(own) = roles.first() else {
            return Vec::new();
        };
        let gone = traits.role_is_gone();
        let missing = gone.then(|| ("role-missing", Some(arn(own))));
        let mut flaws: Vec<Flaw> = missing.into_iter().collect();
        let mut only = |name, is: bool| flaws.extend(is.then(|| (name, Some(String::new()))));
        let is_ruled = self.rulers(own) > 0;
        let is_durable = traits.special == Special::Durable;
        // Those who may change all functions may read them, but not decrypt with a customer's key.
        only(
            "durable-data-readable",
            is_durable && is_ruled && !traits.settings.durable_key,
        );
        only("durable-callback-open", is_durable && is_ruled);
        let role = self.roles.get(own);
        only(
            "snapstart-secret-readable",
            traits.special == Special::SnapStart && role.is_some_and(|role| role.reads_secrets()),
        );
        let is_worth_it = self.is_powerful(own)
            || self.writers.contains(own)
            || role.is_some_and(|role| role.uses_all_keys_or_trails());
        only("function-code-open-to-many", is_ruled && is_worth_it);
        only(
            "tenant-broad-role",
            traits.special == Special::Tenants && role.is_some_and(|role| role.reads_all_data()),
        );
        // Those who may change all functions may read them, but not decrypt with a customer's key.
        only(
            "env-readable-broadly",
            is_ruled && traits.secret.is_some() && !traits.customer_key,
        );
        let agent = roles
            .iter()
            .filter(|role| traits.extras.agent && self.is_powerful(role));
        flaws.extend(agent.map(|role| ("agent-tool-privileged", Some(arn(role)))));
        flaws
    }
}
