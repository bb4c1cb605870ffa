//! An organisation from a hand-written file: accounts, units, and functions, with short forms for
//! common settings.

use std::any::Any;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use lambdasweep_model::printable;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Place, Planted, Seed, fill, with_regions};

mod problems;
mod roles;
mod stores;

use roles::{ManagedPolicyEntry, RoleEntry};

/// The maximum size of an organisation file.
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
#[serde(rename_all = "kebab-case")]
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
    /// Tables of the services, which parse them.
    #[serde(flatten)]
    sections: BTreeMap<String, Value>,
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
    /// The file is not a valid organisation.
    #[error("{} is not a valid organisation: {reason}", path.display())]
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
    /// If the file cannot be read or is not valid.
    pub fn load(path: &Path) -> Result<Self, FileError> {
        let unreadable = |source| FileError::Unreadable {
            path: shown(path),
            source,
        };
        let mut bytes = Vec::new();
        // The length of a pipe or a device is unknown.
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

    fn account(&self, id: &str) -> Option<&Account> {
        self.account.iter().find(|account| account.id == id)
    }
}

/// A path for an error message, without characters of the file's name that act on a terminal.
fn shown(path: &Path) -> PathBuf {
    PathBuf::from(printable(&path.to_string_lossy()))
}

impl Seed for File {
    fn fill(&self, place: Place<'_>, store: &mut dyn Any) {
        let Place { account, region } = place;
        fill(store, || self.organization());
        fill(store, || self.iam(account));
        fill(store, || self.lambda(account, region));
        fill(store, || with_regions(self.regions(account).into_iter()));
    }

    fn section(&self, name: &str) -> &[Value] {
        let tables = self.sections.get(name).and_then(Value::as_array);
        tables.map(Vec::as_slice).unwrap_or_default()
    }

    /// A file contains no information about faults.
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
            include_str!("../../../../testdata/orgs/tiny.toml")
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
