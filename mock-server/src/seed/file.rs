//! An organisation from a file that people read and write: accounts, units, and functions with short forms for what is common.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{DEFAULT_REGIONS, OPT_IN_REGIONS, Planted, Seed, scan_role};
use crate::services::iam::store::{Role, unique_id};
use crate::services::lambda::store::{Function, Policy};
use crate::services::{iam, lambda, organizations};

/// The largest file that is read as an organisation.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

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
    #[error("{} is no organisation: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
}

impl File {
    /// Reads an organisation.
    ///
    /// # Errors
    /// Where the file cannot be read, or says what cannot be.
    pub fn load(path: &Path) -> Result<Self, FileError> {
        let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
        if std::fs::metadata(path).map_err(unreadable)?.len() > MOST_BYTES {
            return Err(FileError::TooLarge(path.to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let malformed = |reason: String| FileError::Malformed { path: path.to_owned(), reason };
        let file: Self = toml::from_str(&text).map_err(|error| malformed(error.to_string().trim().replace('\n', "; ")))?;
        let known = |id: &str| file.account.iter().any(|account| account.id == id);
        for account in &file.account {
            account.id.parse::<lambdasweep_model::AccountId>().map_err(|error| malformed(error.to_string()))?;
        }
        if !known(&file.organization.management_account) {
            return Err(malformed("the management account is not among the accounts".to_owned()));
        }
        for policy in &file.policy {
            let text = json!({"Version": "2012-10-17", "Statement": policy.statements}).to_string();
            let control = policy.kind.ends_with("_CONTROL_POLICY");
            if let Some(error) = control.then(|| lambdasweep_policy::Document::parse(&text).err()).flatten() {
                return Err(malformed(format!("policy {}: {error}", policy.name)));
            }
            let units = |path: &str| {
                file.account
                    .iter()
                    .any(|account| account.unit.as_deref().is_some_and(|unit| format!("{}/", unit.trim_end_matches('/')).starts_with(path)))
            };
            let there = |target: &&String| {
                if target.starts_with('/') {
                    **target == "/" || units(&format!("{}/", target.trim_end_matches('/')))
                } else {
                    known(target)
                }
            };
            if let Some(target) = policy.targets.iter().find(|target| !there(target)) {
                return Err(malformed(format!("policy {} is for {target}, which is neither an account nor a unit", policy.name)));
            }
        }
        if let Some(function) = file.function.iter().find(|function| !known(&function.account)) {
            return Err(malformed(format!(
                "function {} is in account {}, which is not among the accounts",
                function.name, function.account
            )));
        }
        Ok(file)
    }

    fn account(&self, id: &str) -> Option<&Account> {
        self.account.iter().find(|account| account.id == id)
    }
}

fn unit_id(path: &str) -> String {
    format!("ou-a1b2-{}", unique_id("", path).to_ascii_lowercase().get(..8).unwrap_or("00000000"))
}

fn policy_id(name: &str) -> String {
    format!("p-{}", unique_id("", name).to_ascii_lowercase().get(..8).unwrap_or("00000000"))
}

impl Seed for File {
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
            for name in account.unit.as_deref().unwrap_or_default().split('/').filter(|name| !name.is_empty()) {
                path = format!("{path}/{name}");
                let id = unit_id(&path);
                store.units.entry(id.clone()).or_insert(organizations::store::Unit { name: name.to_owned(), parent });
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
                content: json!({"Version": "2012-10-17", "Statement": policy.statements}).to_string(),
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
            store.roles.insert(self.organization.role_name.clone(), scan_role(&self.organization.role_name, &principal));
        }
        for function in self.function.iter().filter(|function| function.account == account) {
            let name = function.role.clone().unwrap_or_else(|| format!("{}-role", function.name));
            let mut role = Role::trusting(&name, "", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
            role.trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#.to_owned();
            store.roles.insert(name, role);
        }
        store
    }

    fn lambda(&self, account: &str, region: &str) -> lambda::store::Store {
        let mut store = lambda::store::Store::default();
        for entry in self.function.iter().filter(|function| function.account == account && function.region == region) {
            let arn = format!("arn:aws:lambda:{region}:{account}:function:{}", entry.name);
            let role = entry.role.clone().unwrap_or_else(|| format!("{}-role", entry.name));
            let configuration = json!({
                "FunctionName": entry.name,
                "FunctionArn": arn,
                "Role": format!("arn:aws:iam::{account}:role/{role}"),
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
                configuration.insert("Environment".to_owned(), json!({"Variables": entry.environment}));
            }
            configuration.extend(entry.configuration.clone());
            let mut function = Function {
                configuration,
                reserved_concurrency: entry.reserved_concurrency,
                tags: entry.tags.clone(),
                ..Function::default()
            };
            if !entry.policy.is_empty() {
                let document = json!({"Version": "2012-10-17", "Id": "default", "Statement": entry.policy});
                function.policies.insert(String::new(), Policy { document, revision_id: "1".to_owned() });
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
        let disabled = self.account(account).map(|account| account.disabled_regions.as_slice()).unwrap_or_default();
        let status = |region: &&str, status: &'static str| {
            ((*region).to_owned(), if disabled.iter().any(|it| it == region) { "DISABLED" } else { status })
        };
        let default = DEFAULT_REGIONS.iter().map(|region| status(region, "ENABLED_BY_DEFAULT"));
        default.chain(OPT_IN_REGIONS.iter().map(|region| status(region, "DISABLED"))).collect()
    }

    /// A file says what there is, not what is wrong with it.
    fn truth(&self, _: &str) -> Vec<Planted> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{File, Seed};

    fn load(policy: &str) -> Result<File, String> {
        let file = tempfile_with(&format!("{}\n{policy}", include_str!("../../../testdata/orgs/tiny.toml")));
        let loaded = File::load(&file).map_err(|error| error.to_string());
        let _ = std::fs::remove_file(file);
        loaded
    }

    fn tempfile_with(text: &str) -> std::path::PathBuf {
        let name = format!("organisation-{}-{:?}.toml", std::process::id(), std::thread::current().id());
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
        assert!(store.enabled_policy_types.contains("RESOURCE_CONTROL_POLICY"));
        let targets = |name: &str| store.policies.values().find(|policy| policy.name == name).expect("a policy").targets.clone();
        assert_eq!(targets("all"), ["r-a1b2".to_owned(), "222222222222".to_owned()].into());
        let unit = store.units.iter().find(|(_, unit)| unit.name == "Workloads").map(|(id, _)| id.clone()).expect("a unit");
        assert_eq!(targets("no-public-urls"), [unit].into());
    }

    #[test]
    fn policies_for_nobody_and_policies_that_are_none_are_refused() {
        for (policy, problem) in [
            ("targets = [\"/Nowhere\"]\nstatements = []", "neither an account nor a unit"),
            ("targets = [\"999999999999\"]\nstatements = []", "neither an account nor a unit"),
            ("targets = [\"/\"]\nstatements = [{ Effect = \"Forbid\", Action = \"*\", Resource = \"*\" }]", "Effect"),
        ] {
            let error = load(&format!("[[policy]]\nname = \"p\"\n{policy}")).expect_err(policy);
            assert!(error.contains(problem), "{error}");
        }
    }
}
