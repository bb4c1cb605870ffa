//! A world with one account as described by a test, in an organisation.

use std::any::Any;
use std::collections::BTreeMap;

use lambdasweep_mock::Options;
use lambdasweep_mock::seed::{Empty, Place, Planted, Seed, fill};
use lambdasweep_mock::services::iam::store::{ManagedPolicy, Role, Store as Iam, unique_id};
use lambdasweep_mock::services::lambda::store::{Function, Store as Lambda};
use lambdasweep_mock::services::organizations::store::{
    Account as Member, Policy, Store as Organization,
};
use serde_json::json;

use super::accounts::{ACCOUNT, Account, ORGANIZATION, name};
use super::{OUTSIDE, REGION};
use crate::client::Mock;

#[derive(Debug)]
struct Given(Account);

/// A mock that enforces IAM in an account.
pub(crate) fn world(account: &Account) -> Mock {
    Mock::with(Options {
        enforce_iam: true,
        ..Options::new(Box::new(Given(account.clone())))
    })
}

/// The path of a role, with a slash at both ends.
fn path(arn: &str) -> &str {
    let from = arn.find('/').unwrap_or(arn.len());
    &arn[from..arn.len() - name(arn).len()]
}

fn managed(arn: &str, versions: BTreeMap<u64, String>) -> (String, ManagedPolicy) {
    let policy = ManagedPolicy {
        name: name(arn).to_owned(),
        path: "/".to_owned(),
        versions,
        default_version: 1,
        ..ManagedPolicy::default()
    };
    (arn.to_owned(), policy)
}

impl Given {
    fn organization(&self) -> Organization {
        let mut ids = ORGANIZATION.split('/');
        let id = ids.next().unwrap_or_default().to_owned();
        let root_id = ids.next().unwrap_or_default().to_owned();
        let member = Member {
            state: "ACTIVE".to_owned(),
            parent: root_id.clone(),
            ..Member::default()
        };
        let accounts = [
            (ACCOUNT.to_owned(), member.clone()),
            ("999999999999".to_owned(), member),
        ]
        .into();
        let mut organization = Organization {
            id,
            root_id,
            management_account: "999999999999".to_owned(),
            accounts,
            ..Organization::default()
        };
        if let Some(scp) = &self.0.scp {
            let kind = "SERVICE_CONTROL_POLICY".to_owned();
            let targets = [organization.root_id.clone(), ACCOUNT.to_owned()].into();
            organization.enabled_policy_types.insert(kind.clone());
            organization.policies.insert(
                "p-scp".to_owned(),
                Policy {
                    kind,
                    content: scp.to_string(),
                    targets,
                    ..Policy::default()
                },
            );
        }
        organization
    }

    fn iam(&self, account: &str) -> Iam {
        let mut store = Iam::default();
        if account != ACCOUNT {
            return store;
        }
        for role in &self.0.roles {
            let mut made = Role {
                path: path(&role.arn).to_owned(),
                id: unique_id("AROA", &role.arn),
                trust: role
                    .trust
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                boundary: role.boundary.as_ref().map(|(arn, _)| arn.clone()),
                ..Role::default()
            };
            for (name, document) in &role.policies {
                if name.starts_with("arn:") {
                    made.attached.insert(name.clone());
                } else {
                    made.inline.insert(name.clone(), document.to_string());
                }
            }
            let attached = role
                .policies
                .iter()
                .filter(|(name, _)| name.starts_with("arn:"));
            for (arn, document) in
                attached.chain(role.boundary.iter().map(|(arn, document)| (arn, document)))
            {
                let stored = role.stored.get(arn).into_iter().flatten();
                let versions = [document]
                    .into_iter()
                    .chain(stored)
                    .map(ToString::to_string);
                store
                    .policies
                    .extend([managed(arn, (1..).zip(versions).collect())]);
            }
            store.roles.insert(name(&role.arn).to_owned(), made);
        }
        store
    }

    fn lambda(&self, account: &str, region: &str) -> Lambda {
        let mut store = Lambda::default();
        for (arn, role) in self
            .0
            .functions
            .iter()
            .filter(|_| account == ACCOUNT && region == REGION)
        {
            let name = arn.rsplit(':').next().unwrap_or_default();
            let configuration = json!({"FunctionName": name, "FunctionArn": arn, "Role": role, "Runtime": "python3.13", "Handler": "f.g", "Version": "$LATEST"});
            let function = Function {
                configuration: configuration
                    .as_object()
                    .cloned()
                    .unwrap_or_default()
                    .into(),
                ..Function::default()
            };
            store.functions.insert(name.to_owned(), function);
        }
        store
    }
}

impl Seed for Given {
    fn fill(&self, place: Place<'_>, store: &mut dyn Any) {
        let Place { account, region } = place;
        assert!(
            ["", ACCOUNT, OUTSIDE].contains(&account),
            "{account} is no account of the test"
        );
        Empty.fill(place, store);
        fill(store, || self.organization());
        fill(store, || self.iam(account));
        fill(store, || self.lambda(account, region));
    }

    fn truth(&self, _: &str) -> Vec<Planted> {
        Vec::new()
    }
}
