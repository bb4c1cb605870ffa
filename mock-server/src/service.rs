//! What a service declares of itself, in the constant `SERVICE` of its module. Adding a service is
//! adding that module and its model; the list of services is generated from the folder.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use lambdasweep_model::Arn;

use crate::call::{AwsError, Handler};
use crate::model::Service;
use crate::permission::{Existing, Need, Row};
use crate::quotas::Quota;
use crate::services::SERVICES;
use crate::shelf::Kind;
use crate::store::Seed;
use crate::world::World;

/// A service as its module declares it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    /// The names that clients sign requests with. Several services may share one.
    pub(crate) signs_as: &'static [&'static str],
    /// What IAM calls it: the prefix of its actions, and the name in its ARNs.
    pub(crate) prefix: &'static str,
    /// Finds the handler of an operation.
    pub(crate) handler: fn(&str) -> Option<Handler>,
    /// What it keeps.
    pub(crate) stores: &'static [Kind],
    /// Whether it is in Regions, so that it cannot be used in those that an account has disabled.
    pub(crate) regional: bool,
    /// AWS's quotas. Operations that none of them counts are not limited.
    pub(crate) quotas: &'static [Quota],
    /// The error with which it throttles.
    pub(crate) throttled: fn() -> AwsError,
    /// What each operation needs.
    pub(crate) needs: &'static [Row],
    /// Code and status where policies deny a call.
    pub(crate) denied: (&'static str, u16),
    /// Code and status where the credentials of a call are worth nothing any more.
    pub(crate) token_invalid: (&'static str, u16),
    /// Whether its refusals name actions in small letters (`sqs:sendmessage`).
    pub(crate) says_actions_in_small_letters: bool,
    /// Whether handlers check what the model asks of values; types are checked for all.
    pub(crate) checks_constraints: bool,
    /// Whether resource control policies reach it.
    pub(crate) has_resource_control_policies: bool,
    /// Whether a call acts in the account that owns the resource which it names, where that is
    /// another one than the caller's.
    pub(crate) acts_for_owner: bool,
    /// What policies look at of a resource of this service; nothing where it is not there.
    pub(crate) resource: fn(&World, &Arn) -> Option<Existing>,
}

impl Spec {
    /// What most services have.
    pub(crate) const DEFAULT: Self = Self {
        signs_as: &[],
        prefix: "",
        handler: |_| None,
        stores: &[],
        regional: true,
        quotas: &[],
        throttled: || AwsError::new("ThrottlingException", "Rate exceeded").status(400),
        needs: &[],
        denied: ("AccessDeniedException", 403),
        token_invalid: ("UnrecognizedClientException", 403),
        says_actions_in_small_letters: false,
        checks_constraints: false,
        has_resource_control_policies: false,
        acts_for_owner: false,
        resource: |_, _| None,
    };
}

/// A service, its name, which is that of its module, and its model.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) name: &'static str,
    pub(crate) spec: Spec,
    text: &'static str,
    /// Read when it is first needed, so that the mock is there at once.
    model: OnceLock<Service>,
}

impl Registered {
    pub(crate) const fn new(name: &'static str, text: &'static str, spec: Spec) -> Self {
        Self {
            name,
            spec,
            text,
            model: OnceLock::new(),
        }
    }

    /// Whether ARNs and actions with this name of a service are its own.
    pub(crate) fn has_arns_of(&self, service: &str) -> bool {
        self.spec.prefix == service
    }

    /// What the service's model says.
    pub(crate) fn model(&self) -> &Service {
        self.model.get_or_init(|| Service::load(self.text))
    }
}

/// All services, sorted by name.
pub(crate) fn all() -> impl Iterator<Item = &'static Registered> {
    SERVICES.iter()
}

/// The service of a name.
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

/// What an operation needs, by the name of its service; nothing where no table knows it.
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
    use std::collections::{BTreeMap, BTreeSet};

    use crate::permission::{Key, Need, Resource};

    fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static [Need])> {
        super::all().flat_map(|service| {
            let needs = service.spec.needs.iter();
            needs.map(|(operation, needs)| (service.name, *operation, *needs))
        })
    }

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
            serde_json::from_str(include_str!("../models/operations.json"))
                .expect("a list of operations by service");
        let modelled: BTreeMap<String, BTreeSet<String>> = super::models()
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
                match (
                    kept,
                    super::named(service).is_some_and(|it| (it.spec.handler)(operation).is_some()),
                ) {
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
        assert_eq!(rows, listed.len(), "an operation stands there twice");
    }

    /// A member that a row names and the model does not have would never be found.
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
