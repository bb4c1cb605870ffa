//! An organisation from a file that people read and write: accounts, units, and functions with
//! short forms for what is common.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use lambdasweep_model::{AccountId, Region, printable};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::file_roles::{ManagedPolicyEntry, RoleEntry, TRUSTS_LAMBDA};
use super::{DEFAULT_REGIONS, OPT_IN_REGIONS, Place, Planted, Seed, fill, scan_role, with_regions};
use crate::services::iam::store::{Role, unique_id};
use crate::services::lambda::store::{Function, Policy};
use crate::services::{iam, lambda, organizations};

/// The largest file that is read as an organisation.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The states of an account. Source: AccountState, AWS Organizations API Reference.
const STATES: [&str; 5] = [
    "PENDING_ACTIVATION",
    "ACTIVE",
    "SUSPENDED",
    "PENDING_CLOSURE",
    "CLOSED",
];

/// An organisation from a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    organization: Organization,
    #[serde(default)]
    account: Vec<Account>,
    #[serde(default)]
    function: Vec<FunctionEntry>,
    #[serde(default)]
    policy: Vec<PolicyEntry>,
    #[serde(default)]
    role: Vec<RoleEntry>,
    #[serde(default)]
    managed_policy: Vec<ManagedPolicyEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Organization {
    id: String,
    management_account: String,
    #[serde(default = "role_name")]
    role_name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Account {
    id: String,
    name: String,
    /// A path of names from the root: `/Workloads/Prod`.
    #[serde(default)]
    unit: Option<String>,
    #[serde(default = "active")]
    state: String,
    #[serde(default = "yes")]
    role: bool,
    #[serde(default)]
    disabled_regions: Vec<String>,
}

/// A policy of the organisation, by default a service control policy beside FullAWSAccess.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PolicyEntry {
    name: String,
    #[serde(default = "service_control_policy")]
    kind: String,
    /// Accounts by id, units by their path of names; `/` is the root.
    targets: Vec<String>,
    /// Statements, by the policy language's names.
    statements: Vec<Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FunctionEntry {
    account: String,
    region: String,
    name: String,
    #[serde(default = "runtime")]
    runtime: String,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// Further members of the configuration, by the API's names.
    #[serde(default)]
    configuration: Map<String, Value>,
    /// NONE or AWS_IAM.
    #[serde(default)]
    url: Option<String>,
    /// Statements of the resource policy, by the policy language's names.
    #[serde(default)]
    policy: Vec<Value>,
    #[serde(default)]
    reserved_concurrency: Option<u64>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

fn role_name() -> String {
    "lambdasweep-scan".to_owned()
}

fn service_control_policy() -> String {
    "SERVICE_CONTROL_POLICY".to_owned()
}

fn active() -> String {
    "ACTIVE".to_owned()
}

fn yes() -> bool {
    true
}

fn runtime() -> String {
    "python3.13".to_owned()
}

/// A file that cannot be read as an organisation.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read.
    #[error("cannot read the organisation in {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is larger than any organisation.
    #[error("{} is too large for an organisation", .0.display())]
    TooLarge(PathBuf),
    /// The file is no organisation.
    #[error("{} is not an organisation: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
}

impl File {
    /// Reads an organisation: JSON where the file's name ends with `.json`, TOML otherwise.
    ///
    /// # Errors
    /// Where the file cannot be read, or says what cannot be.
    pub fn load(path: &Path) -> Result<Self, FileError> {
        let unreadable = |source| FileError::Unreadable {
            path: shown(path),
            source,
        };
        let mut bytes = Vec::new();
        // A pipe or a device has no length that could be asked for.
        std::fs::File::open(path)
            .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(FileError::TooLarge(shown(path)));
        }
        let malformed = |reason: String| FileError::Malformed {
            path: shown(path),
            reason: printable(&reason),
        };
        let text =
            String::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8 text".to_owned()))?;
        let one_line = |text: &str| malformed(text.trim().replace('\n', "; "));
        let file: Self = if path
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("json"))
        {
            serde_json::from_str(&text).map_err(|error| one_line(&error.to_string()))?
        } else {
            toml::from_str(&text).map_err(|error| one_line(&error.to_string()))?
        };
        match file.problem() {
            Some(problem) => Err(malformed(problem)),
            None => Ok(file),
        }
    }

    /// What it says that cannot be.
    fn problem(&self) -> Option<String> {
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
                "account {} has the state {}; there are {}",
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
                "{name} is not a function's name: that has up to 64 letters, digits, hyphens and underscores"
            ));
        }
        let url = function
            .url
            .as_deref()
            .filter(|url| !["NONE", "AWS_IAM"].contains(url))?;
        Some(format!(
            "function {name} has a URL with {url}; there are NONE and AWS_IAM"
        ))
    }

    fn account(&self, id: &str) -> Option<&Account> {
        self.account.iter().find(|account| account.id == id)
    }
}

/// A path as an error shows it: what a file is called may act on a terminal.
fn shown(path: &Path) -> PathBuf {
    PathBuf::from(printable(&path.to_string_lossy()))
}

/// What is there more than once: of two with one name a store would keep the last.
fn twice(names: impl Iterator<Item = String>) -> Option<String> {
    let mut seen = BTreeSet::new();
    names.into_iter().find_map(|name| {
        if seen.insert(name.clone()) {
            None
        } else {
            Some(format!("{name} is there twice"))
        }
    })
}

fn unit_id(path: &str) -> String {
    format!(
        "ou-a1b2-{}",
        unique_id("", path)
            .to_ascii_lowercase()
            .get(..8)
            .unwrap_or("00000000")
    )
}

fn policy_id(name: &str) -> String {
    format!(
        "p-{}",
        unique_id("", name)
            .to_ascii_lowercase()
            .get(..8)
            .unwrap_or("00000000")
    )
}

impl File {
    fn organization(&self) -> organizations::store::Store {
        let mut store = organizations::store::Store {
            id: self.organization.id.clone(),
            management_account: self.organization.management_account.clone(),
            root_id: "r-a1b2".to_owned(),
            ..organizations::store::Store::default()
        };
        for account in &self.account {
            let mut parent = store.root_id.clone();
            let mut path = String::new();
            for name in account
                .unit
                .as_deref()
                .unwrap_or_default()
                .split('/')
                .filter(|name| !name.is_empty())
            {
                path = format!("{path}/{name}");
                let id = unit_id(&path);
                store
                    .units
                    .entry(id.clone())
                    .or_insert(organizations::store::Unit {
                        name: name.to_owned(),
                        parent,
                    });
                parent = id;
            }
            store.accounts.insert(
                account.id.clone(),
                organizations::store::Account {
                    name: account.name.clone(),
                    email: format!("aws+{}@example.com", account.id),
                    state: account.state.clone(),
                    joined_method: "CREATED".to_owned(),
                    joined: 1_704_067_200.0,
                    parent,
                },
            );
        }
        organizations::add_full_access(&mut store);
        for policy in &self.policy {
            let target = |target: &String| match target.trim_end_matches('/') {
                "" => store.root_id.clone(),
                path if path.starts_with('/') => unit_id(path),
                account => account.to_owned(),
            };
            let added = organizations::store::Policy {
                name: policy.name.clone(),
                kind: policy.kind.clone(),
                content: json!({"Version": "2012-10-17", "Statement": policy.statements})
                    .to_string(),
                targets: policy.targets.iter().map(target).collect(),
                ..organizations::store::Policy::default()
            };
            store.enabled_policy_types.insert(policy.kind.clone());
            store.policies.insert(policy_id(&policy.name), added);
        }
        store
    }

    fn iam(&self, account: &str) -> iam::store::Store {
        let mut store = iam::store::Store::default();
        if self.account(account).is_some_and(|account| account.role) {
            let principal = format!("arn:aws:iam::{}:root", self.organization.management_account);
            store.roles.insert(
                self.organization.role_name.clone(),
                scan_role(&self.organization.role_name, &principal),
            );
        }
        for function in self
            .function
            .iter()
            .filter(|function| function.account == account)
        {
            let name = function
                .role
                .clone()
                .unwrap_or_else(|| format!("{}-role", function.name));
            let mut role = Role::trusting(
                &name,
                "",
                "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            );
            role.trust = TRUSTS_LAMBDA.to_owned();
            store.roles.insert(name, role);
        }
        // A role that is written down takes the place of one that a function would have by its name
        // alone.
        self.role
            .iter()
            .filter(|it| it.account == account)
            .for_each(|it| it.add_to(&mut store));
        self.managed_policy
            .iter()
            .filter(|it| it.account == account)
            .for_each(|it| it.add_to(&mut store));
        store
    }

    fn lambda(&self, account: &str, region: &str) -> lambda::store::Store {
        let mut store = lambda::store::Store::default();
        for entry in self
            .function
            .iter()
            .filter(|function| function.account == account && function.region == region)
        {
            let arn = format!("arn:aws:lambda:{region}:{account}:function:{}", entry.name);
            let role = entry
                .role
                .clone()
                .unwrap_or_else(|| format!("{}-role", entry.name));
            let written = self
                .role
                .iter()
                .find(|it| it.account == account && it.name == role);
            let role_arn = written.map_or_else(
                || format!("arn:aws:iam::{account}:role/{role}"),
                RoleEntry::arn,
            );
            let configuration = json!({
                "FunctionName": entry.name,
                "FunctionArn": arn,
                "Role": role_arn,
                "Runtime": entry.runtime,
                "Handler": "index.handler",
                "CodeSize": 1024,
                "Timeout": 3,
                "MemorySize": 128,
                "LastModified": "2025-01-01T00:00:00.000+0000",
                "CodeSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                "Version": "$LATEST",
                "PackageType": "Zip",
                "Architectures": ["x86_64"],
                "State": "Active",
                "LastUpdateStatus": "Successful",
                "RevisionId": "1",
            });
            let mut configuration = configuration.as_object().cloned().unwrap_or_default();
            if !entry.environment.is_empty() {
                configuration.insert(
                    "Environment".to_owned(),
                    json!({"Variables": entry.environment}),
                );
            }
            configuration.extend(entry.configuration.clone());
            let mut function = Function {
                configuration: configuration.into(),
                reserved_concurrency: entry.reserved_concurrency,
                tags: entry.tags.clone(),
                ..Function::default()
            };
            if !entry.policy.is_empty() {
                let document =
                    json!({"Version": "2012-10-17", "Id": "default", "Statement": entry.policy});
                function.policies.insert(
                    String::new(),
                    Policy {
                        document,
                        revision_id: "1".to_owned(),
                    },
                );
            }
            if let Some(auth_type) = &entry.url {
                let url = json!({
                    "FunctionUrl": format!("https://{}.lambda-url.{region}.on.aws/", entry.name),
                    "FunctionArn": arn,
                    "AuthType": auth_type,
                    "CreationTime": "2025-01-01T00:00:00Z",
                    "LastModifiedTime": "2025-01-01T00:00:00Z",
                    "InvokeMode": "BUFFERED",
                });
                function.urls.insert(String::new(), url);
            }
            store.functions.insert(entry.name.clone(), function);
        }
        store
    }

    fn regions(&self, account: &str) -> Vec<(String, &'static str)> {
        let disabled = self
            .account(account)
            .map(|account| account.disabled_regions.as_slice())
            .unwrap_or_default();
        let status = |region: &&str, status: &'static str| {
            (
                (*region).to_owned(),
                if disabled.iter().any(|it| it == region) {
                    "DISABLED"
                } else {
                    status
                },
            )
        };
        let default = DEFAULT_REGIONS
            .iter()
            .map(|region| status(region, "ENABLED_BY_DEFAULT"));
        default
            .chain(
                OPT_IN_REGIONS
                    .iter()
                    .map(|region| status(region, "DISABLED")),
            )
            .collect()
    }
}

impl Seed for File {
    fn fill(&self, place: Place<'_>, store: &mut dyn Any) {
        let Place { account, region } = place;
        fill(store, || self.organization());
        fill(store, || self.iam(account));
        fill(store, || self.lambda(account, region));
        fill(store, || with_regions(self.regions(account).into_iter()));
    }

    /// A file says what there is, not what is wrong with it.
    fn truth(&self, _: &str) -> Vec<Planted> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::File;

    fn load(policy: &str) -> Result<File, String> {
        let file = tempfile_with(&format!(
            "{}\n{policy}",
            include_str!("../../../testdata/orgs/tiny.toml")
        ));
        let loaded = File::load(&file).map_err(|error| error.to_string());
        let _ = std::fs::remove_file(file);
        loaded
    }

    fn tempfile_with(text: &str) -> std::path::PathBuf {
        let name = format!(
            "organisation-{}-{:?}.toml",
            std::process::id(),
            std::thread::current().id()
        );
        let path = std::env::temp_dir().join(name.replace(['(', ')'], "-"));
        std::fs::write(&path, text).expect("a folder for temporary files");
        path
    }

    #[test]
    fn policies_reach_accounts_units_and_the_root() {
        let file =
            load("[[policy]]\nname = \"all\"\nkind = \"RESOURCE_CONTROL_POLICY\"\ntargets = [\"/\", \"222222222222\"]\nstatements = []")
                .expect("an organisation");
        let store = file.organization();
        assert!(
            store
                .enabled_policy_types
                .contains("RESOURCE_CONTROL_POLICY")
        );
        let targets = |name: &str| {
            store
                .policies
                .values()
                .find(|policy| policy.name == name)
                .expect("a policy")
                .targets
                .clone()
        };
        assert_eq!(
            targets("all"),
            ["r-a1b2".to_owned(), "222222222222".to_owned()].into()
        );
        let unit = store
            .units
            .iter()
            .find(|(_, unit)| unit.name == "Workloads")
            .map(|(id, _)| id.clone())
            .expect("a unit");
        assert_eq!(targets("no-public-urls"), [unit].into());
    }

    #[test]
    fn policies_for_nobody_and_policies_that_are_none_are_refused() {
        for (policy, problem) in [
            (
                "targets = [\"/Nowhere\"]\nstatements = []",
                "neither an account nor a unit",
            ),
            (
                "targets = [\"999999999999\"]\nstatements = []",
                "neither an account nor a unit",
            ),
            (
                "targets = [\"/\"]\nstatements = [{ Effect = \"Forbid\", Action = \"*\", Resource = \"*\" }]",
                "Effect",
            ),
        ] {
            let error = load(&format!("[[policy]]\nname = \"p\"\n{policy}")).expect_err(policy);
            assert!(error.contains(problem), "{error}");
        }
    }
}
