//! The services: one module each, behaviour only. Protocols, validation and errors on the wire are
//! the engine's.

use crate::call::Handler;

pub mod account;
pub mod iam;
pub mod lambda;
mod members;
pub mod organizations;
mod pages;
pub mod sts;

/// Finds the handler of an operation; `service` is the SigV4 signing name.
pub fn handler(service: &str, operation: &str) -> Option<Handler> {
    match service {
        "account" => account::handler(operation),
        "iam" => iam::handler(operation),
        "lambda" => lambda::handler(operation),
        "organizations" => organizations::handler(operation),
        "sts" => sts::handler(operation),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::handler;

    /// What IAM's model holds and the mock does not keep: users, groups, instance profiles,
    /// identity providers and last accesses.
    const NOT_KEPT: &[&str] = &[
        "User",
        "Group",
        "AccessKey",
        "InstanceProfile",
        "OpenIDConnect",
        "SAML",
        "ServiceLastAccessed",
    ];

    #[test]
    fn every_operation_has_a_handler() {
        let listed: BTreeMap<String, Vec<String>> =
            serde_json::from_str(include_str!("../../models/operations.json"))
                .expect("a list of operations by service");
        let modelled: BTreeMap<String, BTreeSet<String>> = crate::model::services()
            .map(|(name, service)| {
                (
                    name.to_owned(),
                    service.operations.keys().cloned().collect(),
                )
            })
            .collect();
        assert!(
            modelled.keys().all(|service| listed.contains_key(service)),
            "a service is not in operations.json"
        );
        let mut wrong = Vec::new();
        for (service, operations) in &modelled {
            let unlisted = operations
                .iter()
                .filter(|operation| !listed[service].contains(operation));
            wrong.extend(unlisted.map(|operation| {
                format!("{service}:{operation} is in the model and not in operations.json")
            }));
            for operation in &listed[service] {
                if !operations.contains(operation) {
                    wrong.push(format!(
                        "{service}:{operation} is in operations.json and not in the model"
                    ));
                }
                // What is about roles too is kept.
                let kept = service != "iam"
                    || operation.contains("Role") && !operation.starts_with("AddRole")
                    || !NOT_KEPT.iter().any(|it| operation.contains(it));
                match (kept, handler(service, operation).is_some()) {
                    (true, false) => wrong.push(format!("{service}:{operation} has no handler")),
                    (false, true) => wrong.push(format!(
                        "{service}:{operation} has a handler though it counts as not kept"
                    )),
                    _ => {}
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
