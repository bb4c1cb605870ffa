//! Rooms: a table, the fact that it introduces and its collector are files of their own, and
//! nothing else has to name them. Code that does is on a list, which may only become shorter: a
//! closed list that a new table would have to be added to shows up here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::codegen::declared;

/// What the engine itself rests on, so that any code may name it: which accounts, Regions and
/// functions there are, what was read, and what was found.
const CORE: &[&str] = &[
    "AccountRow",
    "CheckResultRow",
    "CheckRow",
    "CoverageRow",
    "FindingRow",
    "FunctionRow",
    "OrganizationalUnitRow",
    "RegionRow",
    "facts::FUNCTIONS",
    "facts::ORGANIZATION",
    "facts::REGIONS",
];

/// Folders of files that are about certain tables: the tables, their collectors, and what explains
/// a function or a role to a person.
const ROOMS: &[&str] = &[
    "crates/tables/src/tables",
    "crates/tables/src/fact",
    "crates/collect/src/services",
    "crates/cli/src/explain",
    "crates/xtask/src",
];

/// The files outside of these folders that name rows or facts beyond the core, and what they name.
#[rustfmt::skip]
pub const KNOWN: &[(&str, &str)] = &[
    ("crates/checks/src/evidence/mod.rs", "facts::VERSIONS"),
    ("crates/checks/src/export/evidence.rs", "facts::VERSIONS"),
    ("crates/collect/src/collector.rs", "facts::ACCOUNT_SETTINGS, facts::EVENT_INVOKE_CONFIGS, facts::FUNCTION_DETAILS, facts::RESOURCE_POLICIES, facts::VERSIONS"),
    ("crates/collect/src/configuration.rs", "FunctionEnvironmentRow, FunctionLayerRow, FunctionVersionRow"),
    ("crates/collect/src/function.rs", "facts::ALIASES, facts::EVENT_INVOKE_CONFIGS, facts::EVENT_SOURCE_MAPPINGS, facts::FUNCTION_DETAILS, facts::PROVISIONED_CONCURRENCY"),
    ("crates/collect/src/organization.rs", "OrganizationPolicyRow, PolicyTargetRow, facts::ORGANIZATION_POLICIES"),
    ("crates/collect/src/region.rs", "facts::ACCOUNT_SETTINGS, facts::VERSIONS"),
    ("crates/collect/src/runner/accounts.rs", "AccountSettingsRow"),
    ("crates/collect/src/runner/mod.rs", "facts::ORGANIZATION_POLICIES"),
    ("crates/collect/src/statements.rs", "ResourcePolicyNamedRow, ResourcePolicyStatementRow"),
    ("crates/collect/src/survey.rs", "AccountSettingsRow, facts::ACCOUNT_SETTINGS"),
];

/// Each hand-written file outside of the rooms that names rows or facts beyond the core, with what
/// it names, comma-separated. Tests and comments do not count.
pub fn found() -> BTreeMap<String, String> {
    let root = crate::root();
    let words: BTreeSet<String> = declared()
        .into_iter()
        .flat_map(|table| {
            let fact = table.fact.map(|(fact, _, _)| format!("facts::{fact}"));
            fact.into_iter().chain([table.row])
        })
        .filter(|word| !CORE.contains(&word.as_str()))
        .collect();
    let mut files = Vec::new();
    for package in crate::packages() {
        crate::tidy::collect(&package.join("src"), &mut files);
    }
    let shown = |path: &Path| {
        path.strip_prefix(&root)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    files
        .iter()
        .map(|path| (shown(path), path))
        .filter(|(name, _)| !name.ends_with("/tests.rs"))
        .filter(|(name, _)| !ROOMS.iter().any(|room| name.starts_with(room)))
        .filter_map(|(name, path)| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let code = crate::circles::code_of(&text);
            let named: Vec<&str> = words
                .iter()
                .map(String::as_str)
                .filter(|word| names(&code, word))
                .collect();
            (!named.is_empty()).then(|| (name, named.join(", ")))
        })
        .collect()
}

/// The services that code outside of their own folders may name: what every scan reads, and what
/// every call to the mock passes through.
const CORE_SERVICES: &[&str] = &[
    "account",
    "documents",
    "iam",
    "lambda",
    "organizations",
    "sts",
];

/// The code outside of `services` that names a module of another service, as sentences. A service is
/// a room as well: its collectors, or its operations in the mock, are reached by its declarations.
pub fn named_services() -> Vec<String> {
    let root = crate::root();
    let mut named = Vec::new();
    for package in crate::packages() {
        let source = package.join("src");
        let services = source.join("services");
        let mut files = Vec::new();
        crate::tidy::collect(&source, &mut files);
        for path in files {
            if path.starts_with(&services) || path.starts_with(source.join("tests")) {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let modules = modules_of_services(&crate::circles::code_of(&text));
            for module in modules {
                let is_service = services.join(&module).is_dir()
                    || services.join(format!("{module}.rs")).is_file();
                if is_service && !CORE_SERVICES.contains(&module.as_str()) {
                    let file = path.strip_prefix(&root).unwrap_or(&path).display();
                    named.push(format!("{file} names the service {module}"));
                }
            }
        }
    }
    named
}

/// The modules that paths through `services::` name.
fn modules_of_services(code: &str) -> BTreeSet<String> {
    const SERVICES: &str = "services::";
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let first = |path: &str| path.trim().split(|c| !is_part(c)).next().map(str::to_owned);
    let mut modules = BTreeSet::new();
    for (at, _) in code.match_indices(SERVICES) {
        let path = &code[at + SERVICES.len()..];
        match path.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let outer: String = group
                    .chars()
                    .take_while(|c| {
                        depth += i32::from(*c == '{') - i32::from(*c == '}');
                        depth >= 0
                    })
                    .collect();
                modules.extend(outer.split([',', '{', '}']).filter_map(first));
            }
            None => modules.extend(first(path)),
        }
    }
    modules
}

/// Whether code has a word, which does not continue before or behind it.
fn names(code: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let behind = code[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::modules_of_services;

    #[test]
    fn modules_are_found_in_each_form_of_a_path() {
        let code = "use crate::services::{account, iam::{self, store}};\n\
                    use crate::services::sqs::queues;\nlet it = crate::services::sts;";
        let found = modules_of_services(code);
        for module in ["account", "iam", "sqs", "sts"] {
            assert!(found.contains(module), "{module}: {found:?}");
        }
        assert!(!found.contains("queues"));
    }
}
