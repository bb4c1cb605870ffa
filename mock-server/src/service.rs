//! The services, and their combined declarations.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::Service;
use crate::permission::{Need, Row};
use crate::services::SERVICES;
use crate::spec::Registered;
use crate::store::Seed;
use crate::world::World;

/// All services, sorted by name.
pub(crate) fn all() -> impl Iterator<Item = &'static Registered> {
    SERVICES.iter()
}

/// The service with a name.
pub(crate) fn named(name: &str) -> Option<&'static Registered> {
    all().find(|service| service.name == name)
}

/// The services that requests signed with a name may be for.
pub(crate) fn signed_as(name: &str) -> impl Iterator<Item = &'static Registered> {
    all().filter(move |service| service.spec.signs_as.contains(&name))
}

/// A world with the stores of all services.
pub(crate) fn world(seed: Box<dyn Seed>) -> World {
    World::new(
        seed,
        all().flat_map(|service| service.spec.stores.iter().copied()),
    )
}

/// The permissions that an operation needs, by the name of its service; `None` if no table has it.
pub(crate) fn needs(service: &str, operation: &str) -> Option<&'static [Need]> {
    static NEEDS: LazyLock<HashMap<(&str, &str), &[Need]>> = LazyLock::new(|| {
        let rows = |service: &'static Registered| {
            let of_service =
                move |(operation, needs): &'static Row| ((service.name, *operation), *needs);
            service.spec.needs.iter().map(of_service)
        };
        all().flat_map(rows).collect()
    });
    NEEDS.get(&(service, operation)).copied()
}

/// The names and models of all services, sorted by name.
pub(crate) fn models() -> impl Iterator<Item = (&'static str, &'static Service)> {
    all().map(|service| (service.name, service.model()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::permission::{Key, Need, Resource};

    fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static [Need])> {
        super::all().flat_map(|service| {
            let needs = service.spec.needs.iter();
            needs.map(|(operation, needs)| (service.name, *operation, *needs))
        })
    }

    /// The parts of IAM's model that the mock does not implement: users, groups, instance profiles,
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
        let mut wrong = Vec::new();
        for service in super::all() {
            let name = service.name;
            for operation in service.model().operations.keys() {
                // Operations that also concern roles are implemented.
                let kept = name != "iam"
                    || operation.contains("Role") && !operation.starts_with("AddRole")
                    || !NOT_KEPT.iter().any(|it| operation.contains(it));
                match (kept, (service.spec.handler)(operation).is_some()) {
                    (true, false) => wrong.push(format!("{name}:{operation} has no handler")),
                    (false, true) => wrong.push(format!(
                        "{name}:{operation} has a handler although it counts as not implemented"
                    )),
                    _ => {}
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_implemented_operation_is_in_the_table_once_and_no_other() {
        let implemented: BTreeSet<(&str, &str)> = super::all()
            .flat_map(|service| {
                let operations = service.model().operations.keys();
                let handled = operations.filter(|it| (service.spec.handler)(it).is_some());
                handled.map(|operation| (service.name, operation.as_str()))
            })
            .collect();
        let listed: BTreeSet<(&str, &str)> = rows()
            .map(|(service, operation, _)| (service, operation))
            .collect();
        assert_eq!(
            implemented.difference(&listed).collect::<Vec<_>>(),
            Vec::<&(&str, &str)>::new(),
            "not in the table"
        );
        assert_eq!(
            listed.difference(&implemented).collect::<Vec<_>>(),
            Vec::<&(&str, &str)>::new(),
            "not implemented"
        );
        let rows: usize = super::all().map(|it| it.spec.needs.len()).sum();
        assert_eq!(rows, listed.len(), "an operation is listed twice");
    }

    /// A member that a row names but the model does not have would never be present.
    #[test]
    fn every_member_that_a_row_names_is_in_the_operations_input() {
        let mut wrong = Vec::new();
        for (service, operation, needs) in rows() {
            let model = super::named(service).expect("a service").model();
            let Some(operation_model) = model.operations.get(operation) else {
                continue;
            };
            let shape = operation_model
                .input
                .as_ref()
                .map(|input| model.shape(&input.shape));
            let has = |member: &str| {
                shape.is_some_and(|shape| shape.members.iter().any(|(name, _)| name == member))
            };
            for need in needs {
                let of_resource = match need.resource {
                    Resource::Any => Vec::new(),
                    Resource::Arns(member) => vec![member],
                    Resource::Of(_, members) => members.to_vec(),
                };
                let of_keys = need.keys.iter().flat_map(|key| match *key {
                    Key::Member(_, member) | Key::Tags(member) => vec![member],
                    Key::Of(_, _, members) => members.to_vec(),
                    Key::Fixed(..) => Vec::new(),
                });
                let missing = of_resource
                    .into_iter()
                    .chain(of_keys)
                    .chain(need.when)
                    .filter(|member| !has(member));
                wrong.extend(
                    missing.map(|member| format!("{service}:{operation} has no member {member}")),
                );
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn actions_are_of_a_service_and_mostly_of_the_operations_name() {
        for (service, operation, needs) in rows() {
            for need in needs {
                let (prefix, name) = need.action.split_once(':').expect("service:Action");
                assert!(
                    super::all().any(|it| it.spec.prefix == prefix) && !name.is_empty(),
                    "{}",
                    need.action
                );
            }
            let prefix = super::named(service).expect("a service").spec.prefix;
            let own = format!("{prefix}:{operation}");
            let other = ["GetLayerVersionByArn", "Invoke"].contains(&operation)
                || operation.ends_with("Batch")
                || needs.is_empty();
            assert!(
                other
                    || needs
                        .iter()
                        .any(|need| need.action == own && need.when.is_none()),
                "{own} does not need its own action"
            );
        }
    }

    #[test]
    fn what_is_not_in_the_table_needs_nothing_known() {
        assert!(super::needs("lambda", "NoSuchOperation").is_none());
    }
}
