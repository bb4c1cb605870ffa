//! Effective management policies: those from the root down to an account, merged by their
//! inheritance operators.
//!
//! Source: "Management policy inheritance syntax and examples", AWS Organizations guide. Service
//! control and resource control policies do not merge: the API has no effective policy of their
//! kinds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::errors::{denied, invalid, no_target};
use super::store::Store;
use super::{manager, member, read, reader, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    (operation == "DescribeEffectivePolicy").then_some(describe as Handler)
}

fn describe(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    member(call, &store)?;
    let kind = text(input, "PolicyType");
    let target = if text(input, "TargetId").is_empty() {
        call.account()
    } else {
        text(input, "TargetId")
    };
    if target != call.account() {
        reader(call, &store).map_err(|_| denied())?;
    }
    if store.is_container(target) {
        return Err(invalid(
            "TARGET_NOT_SUPPORTED",
            "You can't perform the specified operation on that target entity.",
        ));
    }
    let account = store.accounts.get(target).ok_or_else(no_target)?;
    let levels = store
        .ancestors(&account.parent)
        .into_iter()
        .chain(std::iter::once(target.to_owned()));
    let content = if store.enabled_policy_types.contains(kind) {
        merge(&store, kind, levels)
    } else {
        None
    };
    let content = content.ok_or_else(|| missing(manager(call, &store).is_ok()))?;
    Ok(json!({"EffectivePolicy": {
        "PolicyContent": content.to_string(),
        "LastUpdatedTimestamp": call.now.floor(),
        "TargetId": target,
        "PolicyType": kind,
    }}))
}

fn missing(manager: bool) -> AwsError {
    let why = if manager {
        "There is no effective policy of this type for the target, or this policy type is not enabled."
    } else {
        "The account does not have an effective policy of this type. Contact the administrator of your organization about attaching a policy of this type to the account."
    };
    AwsError::new("EffectivePolicyNotFoundException", why)
}

/// Merges the policies of a kind, level by level; `None` if none is attached.
fn merge(store: &Store, kind: &str, levels: impl Iterator<Item = String>) -> Option<Value> {
    let mut whole = Node::default();
    let mut any = false;
    for level in levels {
        let attached = store
            .policies
            .values()
            .filter(|policy| policy.kind == kind && policy.targets.contains(&level));
        // Restrictions on child policies bind the levels below, not the level's other policies.
        let mut limits = Vec::new();
        for policy in attached {
            let Ok(Value::Object(content)) = serde_json::from_str(&policy.content) else {
                continue;
            };
            any = true;
            whole.apply(&content, &Operators::all(), &mut Vec::new(), &mut limits);
        }
        for (path, operators) in limits {
            whole.at(&path).allowed = Some(operators);
        }
    }
    any.then(|| whole.value())
}

/// The operators that may be used at a node.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Operators(BTreeSet<String>);

impl Operators {
    fn all() -> Self {
        Self(
            ["@@assign", "@@append", "@@remove"]
                .map(str::to_owned)
                .into(),
        )
    }

    fn of(value: &Value) -> Self {
        let named: Vec<&str> = value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if named.contains(&"@@all") {
            Self::all()
        } else {
            Self(named.into_iter().map(str::to_owned).collect())
        }
    }
}

/// A node of a policy: its value, its children, and the operators that the levels below may use.
#[derive(Debug, Default)]
struct Node {
    value: Option<Value>,
    below: BTreeMap<String, Node>,
    allowed: Option<Operators>,
}

impl Node {
    fn at(&mut self, path: &[String]) -> &mut Self {
        path.iter().fold(self, |node, name| {
            node.below.entry(name.clone()).or_default()
        })
    }

    fn apply(
        &mut self,
        policy: &Map<String, Value>,
        outer: &Operators,
        path: &mut Vec<String>,
        limits: &mut Vec<(Vec<String>, Operators)>,
    ) {
        // A restriction applies to its node and everything below it.
        let allowed = self.allowed.clone().unwrap_or_else(|| outer.clone());
        for (name, given) in policy {
            match name.as_str() {
                "@@operators_allowed_for_child_policies" => {
                    let mut operators = Operators::of(given);
                    operators.0.retain(|operator| allowed.0.contains(operator));
                    limits.push((path.clone(), operators));
                }
                operator if operator.starts_with("@@") => {
                    if allowed.0.contains(operator) {
                        self.operate(operator, given);
                    }
                }
                _ => {
                    if let Value::Object(below) = given {
                        path.push(name.clone());
                        self.below
                            .entry(name.clone())
                            .or_default()
                            .apply(below, &allowed, path, limits);
                        path.pop();
                    }
                }
            }
        }
    }

    fn operate(&mut self, operator: &str, given: &Value) {
        let items = |value: &Value| {
            value
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![value.clone()])
        };
        match operator {
            "@@assign" => self.value = Some(given.clone()),
            "@@append" => {
                let mut values = self.value.as_ref().map(items).unwrap_or_default();
                for value in items(given) {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
                self.value = Some(Value::Array(values));
            }
            _ => {
                let gone = items(given);
                if let Some(Value::Array(values)) = &mut self.value {
                    values.retain(|value| !gone.contains(value));
                }
            }
        }
    }

    fn value(self) -> Value {
        self.value.unwrap_or_else(|| {
            Value::Object(
                self.below
                    .into_iter()
                    .map(|(name, node)| (name, node.value()))
                    .collect(),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::store::{Policy, Store};
    use super::merge;

    /// Merges the policies of the levels, root first.
    fn merged(levels: &[&[Value]]) -> Option<Value> {
        let mut store = Store::default();
        for (depth, policies) in levels.iter().enumerate() {
            for (number, content) in policies.iter().enumerate() {
                let policy = Policy {
                    kind: "TAG_POLICY".to_owned(),
                    content: content.to_string(),
                    targets: [depth.to_string()].into(),
                    ..Policy::default()
                };
                store.policies.insert(format!("p-{depth}{number}"), policy);
            }
        }
        merge(
            &store,
            "TAG_POLICY",
            (0..levels.len()).map(|depth| depth.to_string()),
        )
    }

    fn tag(operators: Value) -> Value {
        json!({"tags": {"team": {"tag_value": operators}}})
    }

    #[test]
    fn operators_work_down_the_tree() {
        let none: &[Value] = &[];
        let cases: &[(&[&[Value]], Option<Value>)] = &[
            (&[none, none], None),
            (
                &[&[tag(json!({"@@assign": ["a"]}))], none],
                Some(tag(json!(["a"]))),
            ),
            (
                &[
                    &[tag(json!({"@@assign": ["a"]}))],
                    &[tag(json!({"@@assign": ["b"]}))],
                ],
                Some(tag(json!(["b"]))),
            ),
            (
                &[
                    &[tag(json!({"@@assign": ["a"]}))],
                    &[tag(json!({"@@append": ["b", "a"]}))],
                ],
                Some(tag(json!(["a", "b"]))),
            ),
            (
                &[
                    &[tag(json!({"@@assign": ["a", "b"]}))],
                    &[tag(json!({"@@remove": ["a"]}))],
                ],
                Some(tag(json!(["b"]))),
            ),
            // Restrictions on child policies do not bind the level that sets them.
            (
                &[
                    &[tag(
                        json!({"@@operators_allowed_for_child_policies": ["@@append"], "@@assign": ["a"]}),
                    )],
                    &[tag(json!({"@@assign": ["b"]}))],
                    &[tag(json!({"@@append": ["c"]}))],
                ],
                Some(tag(json!(["a", "c"]))),
            ),
            // A restriction applies to everything below its node, and lower levels cannot widen it.
            (
                &[
                    &[
                        json!({"tags": {"team": {"@@operators_allowed_for_child_policies": ["@@none"], "tag_value": {"@@assign": ["a"]}}}}),
                    ],
                    &[
                        json!({"tags": {"team": {"@@operators_allowed_for_child_policies": ["@@all"], "tag_value": {"@@assign": ["b"]}}}}),
                    ],
                    &[tag(json!({"@@assign": ["c"]}))],
                ],
                Some(tag(json!(["a"]))),
            ),
        ];
        for (at, (levels, expected)) in cases.iter().enumerate() {
            assert_eq!(merged(levels), *expected, "case {at}");
        }
    }
}
