//! Validates a file: a message for the first error.

use std::collections::BTreeSet;

use lambdasweep_model::{AccountId, Region};
use serde_json::json;

use super::roles::{ManagedPolicyEntry, RoleEntry};
use super::{Account, File, FunctionEntry, PolicyEntry, STATES};
use crate::service;

impl File {
    /// The first error.
    pub(super) fn problem(&self) -> Option<String> {
        let accounts = self
            .account
            .iter()
            .find_map(|account| self.problem_of_account(account));
        let accounts =
            accounts.or_else(|| twice(self.account.iter().map(|it| format!("account {}", it.id))));
        let management = || {
            let missing = self
                .account(&self.organization.management_account)
                .is_none();
            missing.then(|| "the management account is not among the accounts".to_owned())
        };
        let policies = || {
            self.policy
                .iter()
                .find_map(|policy| self.problem_of_policy(policy))
        };
        let policies_twice = || twice(self.policy.iter().map(|it| format!("policy {}", it.name)));
        let functions = || {
            self.function
                .iter()
                .find_map(|function| self.problem_of_function(function))
        };
        let functions_twice = || {
            twice(
                self.function
                    .iter()
                    .map(|it| format!("function {} of {} in {}", it.name, it.account, it.region)),
            )
        };
        let roles = || self.problem_of_roles();
        accounts
            .or_else(management)
            .or_else(policies)
            .or_else(policies_twice)
            .or_else(functions)
            .or_else(functions_twice)
            .or_else(roles)
            .or_else(|| self.problem_of_sections())
    }

    fn problem_of_sections(&self) -> Option<String> {
        let sections = || service::all().filter_map(|service| service.spec.section);
        self.sections.iter().find_map(|(name, tables)| {
            let Some((_, problem)) = sections().find(|(known, _)| known == name) else {
                let known: Vec<&str> = sections().map(|(name, _)| name).collect();
                return Some(format!(
                    "unknown field `{name}`; the fields are organization, account, function, policy, role, managed-policy, {}",
                    known.join(", ")
                ));
            };
            match tables.as_array() {
                Some(tables) => tables.iter().find_map(problem),
                None => Some(format!("{name} is not a list of tables ([[{name}]])")),
            }
        })
    }

    fn problem_of_roles(&self) -> Option<String> {
        let owners = self
            .role
            .iter()
            .map(|it| (&it.account, format!("role {}", it.name)));
        let mut owners = owners.chain(
            self.managed_policy
                .iter()
                .map(|it| (&it.account, format!("managed-policy {}", it.name))),
        );
        if let Some((account, what)) = owners.find(|(account, _)| self.account(account).is_none()) {
            return Some(format!(
                "{what} is in account {account}, which is not among the accounts"
            ));
        }
        let arns: Vec<String> = self
            .managed_policy
            .iter()
            .map(ManagedPolicyEntry::arn)
            .collect();
        let own = |role: &RoleEntry| {
            arns.iter()
                .filter(|arn| arn.split(':').nth(4) == Some(&role.account))
                .cloned()
                .collect::<Vec<_>>()
        };
        let roles = || self.role.iter().find_map(|role| role.problem(&own(role)));
        let names = self
            .role
            .iter()
            .map(|it| format!("role {} of {}", it.name, it.account))
            .chain(arns.iter().cloned());
        self.managed_policy
            .iter()
            .find_map(ManagedPolicyEntry::problem)
            .or_else(roles)
            .or_else(|| twice(names))
    }

    fn problem_of_account(&self, account: &Account) -> Option<String> {
        if let Err(error) = account.id.parse::<AccountId>() {
            return Some(error.to_string());
        }
        if !STATES.contains(&account.state.as_str()) {
            return Some(format!(
                "account {} has the state {}; the states are {}",
                account.id,
                account.state,
                STATES.join(", ")
            ));
        }
        let region = account
            .disabled_regions
            .iter()
            .find(|it| it.parse::<Region>().is_err())?;
        Some(format!(
            "account {} has no Region {region} that could be disabled",
            account.id
        ))
    }

    fn problem_of_policy(&self, policy: &PolicyEntry) -> Option<String> {
        let text = json!({"Version": "2012-10-17", "Statement": policy.statements}).to_string();
        let control = policy.kind.ends_with("_CONTROL_POLICY");
        if let Some(error) = control
            .then(|| lambdasweep_policy::Document::parse(&text).err())
            .flatten()
        {
            return Some(format!("policy {}: {error}", policy.name));
        }
        let below = |path: &str| {
            let units = self
                .account
                .iter()
                .filter_map(|account| account.unit.as_deref());
            units
                .into_iter()
                .any(|unit| format!("{}/", unit.trim_end_matches('/')).starts_with(path))
        };
        let there = |target: &&String| match target.strip_prefix('/') {
            Some("") => true,
            Some(_) => below(&format!("{}/", target.trim_end_matches('/'))),
            None => self.account(target).is_some(),
        };
        let target = policy.targets.iter().find(|target| !there(target))?;
        Some(format!(
            "policy {} is for {target}, which is neither an account nor a unit",
            policy.name
        ))
    }

    fn problem_of_function(&self, function: &FunctionEntry) -> Option<String> {
        let FunctionEntry {
            name,
            account,
            region,
            ..
        } = function;
        if self.account(account).is_none() {
            return Some(format!(
                "function {name} is in account {account}, which is not among the accounts"
            ));
        }
        if region.parse::<Region>().is_err() {
            return Some(format!(
                "function {name} is in {region}, which is not a Region"
            ));
        }
        // Source: FunctionName of CreateFunction, Lambda API Reference.
        if name.is_empty()
            || name.len() > 64
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        {
            return Some(format!(
                "{name} is not a valid function name: use up to 64 letters, digits, hyphens and underscores"
            ));
        }
        let url = function
            .url
            .as_deref()
            .filter(|url| !["NONE", "AWS_IAM"].contains(url))?;
        Some(format!(
            "function {name} has a URL with {url}; use NONE or AWS_IAM"
        ))
    }
}

/// The first duplicate: of two items with the same name a store would keep the last.
fn twice(names: impl Iterator<Item = String>) -> Option<String> {
    let mut seen = BTreeSet::new();
    names.into_iter().find_map(|name| {
        if seen.insert(name.clone()) {
            None
        } else {
            Some(format!("{name} is defined twice"))
        }
    })
}
