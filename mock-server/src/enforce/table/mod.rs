//! What each operation needs: actions on resources, with the condition keys that come with them.
//! One file a service.
//!
//! Source: "Actions, resources, and condition keys for AWS services", Service Authorization
//! Reference; where an operation needs another service's action too (`iam:PassRole`), the service's
//! own guide.

use std::collections::HashMap;
use std::sync::LazyLock;

mod account;
mod iam;
mod lambda;
mod organizations;
mod sts;

/// An operation and all that it needs; nothing where AWS lets everyone make the call.
pub(super) type Row = (&'static str, &'static [Need]);

/// An action on a resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// `lambda:GetPolicy`.
    pub(super) action: &'static str,
    pub(super) resource: Resource,
    pub(super) keys: &'static [Key],
    /// The member of the input without which the action is not needed.
    pub(super) when: Option<&'static str>,
}

/// An action that a call always needs.
pub(super) const fn need(action: &'static str, resource: Resource) -> Need {
    Need {
        action,
        resource,
        keys: &[],
        when: None,
    }
}

impl Need {
    /// With condition keys of its own.
    pub(super) const fn with(self, keys: &'static [Key]) -> Self {
        Self { keys, ..self }
    }

    /// Needed only where a member of the input is given.
    pub(super) const fn when(self, member: &'static str) -> Self {
        Self {
            when: Some(member),
            ..self
        }
    }
}

/// How a resource is found from the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    /// `*`: the action has no resource type.
    Any,
    /// The ARNs that a member holds: one, or a list of them.
    Arns(&'static str),
    /// The function of `FunctionName` in any form; its version or alias where `Qualifier` or the
    /// name says so.
    Function,
    /// The layer of `LayerName`.
    Layer,
    /// The version `VersionNumber` of the layer of `LayerName`.
    LayerVersion,
    /// The event source mapping of `UUID`.
    EventSourceMapping,
    /// The role of `RoleName`, with the path that it has.
    Role,
    /// The role of `RoleName` and `Path` that is to be created.
    NewRole,
    /// The role that a service will be linked with.
    ServiceLinkedRole,
    /// The role that a session is asked for, by its ARN, with its trust policy.
    AssumedRole,
    /// The managed policy of `PolicyArn`.
    Policy,
    /// The managed policy of `PolicyName` and `Path` that is to be created.
    NewPolicy,
    /// All roles or policies below `PathPrefix`.
    Listed(&'static str),
    /// The federated user of `Name`.
    FederatedUser,
    /// The account, unit, root or policy of the organisation whose id a member holds.
    Entity(&'static str),
    /// The account of `TargetId`, or the caller's own.
    EffectiveTarget,
    /// The organisation's resource policy.
    OwnPolicy,
    /// The account of `AccountId`, as Account Management names it, or the caller's own.
    Account,
}

/// A condition key, and where its values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A member's value, or its values where it is a list.
    Member(&'static str, &'static str),
    /// Always the same.
    Fixed(&'static str, &'static str),
    /// `aws:RequestTag/…` and `aws:TagKeys` from a member that holds tags.
    Tags(&'static str),
    /// A key that holds the function of `FunctionName`, else that of the mapping.
    FunctionArn(&'static str),
    /// `lambda:FunctionUrlAuthType`: the one that is given, else that of the URL that there is.
    UrlAuthType,
    /// `lambda:SubnetIds`, `lambda:SecurityGroupIds` and `lambda:VpcIds`, from `VpcConfig`.
    Vpc,
    /// `lambda:Principal` and `lambda:FunctionUrlAuthType` of the statement that `StatementId`
    /// names.
    Statement,
    /// `iam:PermissionsBoundary` of the role that `RoleName` names.
    Boundary,
    /// `organizations:PolicyType` of the policy that `PolicyId` names.
    PolicyType,
}

static ROWS: LazyLock<HashMap<(&'static str, &'static str), &'static [Need]>> =
    LazyLock::new(|| {
        [
            ("account", account::ROWS),
            ("iam", iam::ROWS),
            ("lambda", lambda::ROWS),
            ("organizations", organizations::ROWS),
            ("sts", sts::ROWS),
        ]
        .into_iter()
        .flat_map(|(service, rows)| {
            rows.iter()
                .map(move |(operation, needs)| ((service, *operation), *needs))
        })
        .collect()
    });

/// What an operation needs; nothing where the table does not know it.
pub(super) fn needs(service: &str, operation: &str) -> Option<&'static [Need]> {
    ROWS.get(&(service, operation)).copied()
}

/// Whether an action on a role comes with the role's boundary as a key.
pub(super) fn tells_boundary(action: &str) -> bool {
    iam::ROWS
        .iter()
        .flat_map(|(_, needs)| *needs)
        .any(|need| need.action.eq_ignore_ascii_case(action) && need.keys.contains(&Key::Boundary))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ROWS, Resource, needs};
    use crate::model;
    use crate::services::handler;

    #[test]
    fn every_implemented_operation_is_in_the_table_once_and_no_other() {
        let implemented: BTreeSet<(&str, &str)> = model::services()
            .flat_map(|(name, service)| {
                service
                    .operations
                    .keys()
                    .map(move |operation| (name, operation.as_str()))
            })
            .filter(|(service, operation)| handler(service, operation).is_some())
            .collect();
        let listed: BTreeSet<(&str, &str)> = ROWS.keys().copied().collect();
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
        let rows = super::account::ROWS.len()
            + super::iam::ROWS.len()
            + super::lambda::ROWS.len()
            + super::organizations::ROWS.len()
            + super::sts::ROWS.len();
        assert_eq!(rows, listed.len(), "an operation stands there twice");
    }

    /// A member that a row names and the model does not have would never be found.
    #[test]
    fn every_member_that_a_row_names_is_in_the_operations_input() {
        let mut wrong = Vec::new();
        for ((service, operation), needs) in ROWS.iter() {
            let (_, model) = model::services()
                .find(|(name, _)| name == service)
                .expect("a service");
            let Some(operation_model) = model.operations.get(*operation) else {
                continue;
            };
            let shape = operation_model
                .input
                .as_ref()
                .map(|input| model.shape(&input.shape));
            let has = |member: &str| {
                shape.is_some_and(|shape| shape.members.iter().any(|(name, _)| name == member))
            };
            for need in *needs {
                let of_resource = match need.resource {
                    Resource::Arns(member) | Resource::Entity(member) => vec![member],
                    Resource::Function => vec!["FunctionName"],
                    Resource::Layer => vec!["LayerName"],
                    Resource::LayerVersion => vec!["LayerName", "VersionNumber"],
                    Resource::EventSourceMapping => vec!["UUID"],
                    Resource::Role | Resource::NewRole => vec!["RoleName"],
                    Resource::ServiceLinkedRole => vec!["AWSServiceName"],
                    Resource::AssumedRole => vec!["RoleArn"],
                    Resource::Policy => vec!["PolicyArn"],
                    Resource::NewPolicy => vec!["PolicyName"],
                    Resource::Listed(_) => vec!["PathPrefix"],
                    Resource::FederatedUser => vec!["Name"],
                    Resource::EffectiveTarget => vec!["TargetId"],
                    Resource::Account => vec!["AccountId"],
                    Resource::Any | Resource::OwnPolicy => Vec::new(),
                };
                let of_keys = need.keys.iter().flat_map(|key| match *key {
                    super::Key::Member(_, member) | super::Key::Tags(member) => vec![member],
                    super::Key::UrlAuthType => vec!["FunctionName"],
                    super::Key::Vpc => vec!["VpcConfig"],
                    super::Key::Statement => vec!["StatementId"],
                    super::Key::Boundary => vec!["RoleName"],
                    super::Key::PolicyType => vec!["PolicyId"],
                    super::Key::Fixed(..) | super::Key::FunctionArn(_) => Vec::new(),
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
        for ((service, operation), needs) in ROWS.iter() {
            for need in *needs {
                let (prefix, name) = need.action.split_once(':').expect("service:Action");
                assert!(
                    ["account", "iam", "lambda", "organizations", "sts"].contains(&prefix)
                        && !name.is_empty(),
                    "{}",
                    need.action
                );
            }
            let own = format!("{service}:{operation}");
            let other = ["GetLayerVersionByArn", "Invoke"].contains(operation) || needs.is_empty();
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
        assert!(needs("lambda", "NoSuchOperation").is_none());
    }
}
