//! The stores that a file fills.

use serde_json::json;

use super::File;
use super::roles::{RoleEntry, TRUSTS_LAMBDA};
use crate::plan::{DEFAULT_REGIONS, OPT_IN_REGIONS};
use crate::seed::scan_role;
use crate::services::iam::store::{Role, unique_id};
use crate::services::lambda::store::{Function, Policy};
use crate::services::{iam, lambda, organizations};

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
    pub(super) fn organization(&self) -> organizations::store::Store {
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

    pub(super) fn iam(&self, account: &str) -> iam::store::Store {
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
        // A role that the file defines replaces the default role that a function would get by its
        // name.
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

    pub(super) fn lambda(&self, account: &str, region: &str) -> lambda::store::Store {
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

    pub(super) fn regions(&self, account: &str) -> Vec<(String, &'static str)> {
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
