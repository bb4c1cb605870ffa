//! Accounts that tests describe in a few words: roles with their documents, functions with their
//! roles, and the graph of them.

use std::collections::BTreeMap;

use lambdasweep_policy::Document;
use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
use lambdasweep_policy::role::{
    FunctionRole, Graph, Holder, RoleJudgement, SettledRole, graph, judge,
};
use serde_json::{Map, Value, json};

pub(crate) const ACCOUNT: &str = "111122223333";
/// The place of the account in its organisation.
pub(crate) const ORGANIZATION: &str = "o-a1b2c3d4e5/r-ab12/";
const NOW: &str = "2026-11-27T12:00:00Z";

/// A role, with its documents.
#[derive(Debug, Clone, Default)]
pub(crate) struct Role {
    pub(crate) arn: String,
    /// By name, or by ARN where it is a managed policy.
    pub(crate) policies: BTreeMap<String, Value>,
    /// The ARN of the policy, and its document.
    pub(crate) boundary: Option<(String, Value)>,
    /// Versions of managed policies that are kept and do not count, by the policy's ARN.
    pub(crate) stored: BTreeMap<String, Vec<Value>>,
    /// The ARNs of the instance profiles that hold it.
    pub(crate) profiles: Vec<String>,
    /// Nothing where it could not be read.
    pub(crate) trust: Option<Value>,
}

/// An account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    pub(crate) roles: Vec<Role>,
    /// The ARN of each function, and that of the role that it runs as.
    pub(crate) functions: BTreeMap<String, String>,
    /// Whether it is the organisation's management account.
    pub(crate) manages: bool,
    /// A service control policy on it.
    pub(crate) scp: Option<Value>,
}

/// `role/x` is a role of the account, `policy/x` a policy, `function/x` a function; anything else
/// is itself.
pub(crate) fn arn(short: &str) -> String {
    match short.split_once('/') {
        Some(("role" | "policy" | "user" | "group" | "instance-profile", _)) => {
            format!("arn:aws:iam::{ACCOUNT}:{short}")
        }
        Some(("function", name)) => format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"),
        _ => short.to_owned(),
    }
}

/// The name at the end of a role's ARN.
pub(crate) fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

pub(crate) fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(words).collect(),
        value => vec![value.as_str().expect("a word").to_owned()],
    }
}

/// `["Allow", actions, resources, conditions]`, or a whole statement.
pub(crate) fn document(statements: &Value) -> Value {
    let statement = |it: &Value| match it {
        Value::Array(parts) => {
            let resources: Vec<String> = parts
                .get(2)
                .map(words)
                .unwrap_or_else(|| vec!["*".to_owned()])
                .iter()
                .map(|it| arn(it))
                .collect();
            let mut statement =
                json!({"Effect": parts[0], "Action": parts[1], "Resource": resources});
            if let Some(conditions) = parts.get(3) {
                statement["Condition"] = conditions.clone();
            }
            statement
        }
        whole => whole.clone(),
    };
    let statements: Vec<Value> = statements
        .as_array()
        .expect("statements")
        .iter()
        .map(statement)
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// `lambda` and other services by their short names, `account`, `role/x`; or whole statements.
pub(crate) fn trust(value: &Value) -> Value {
    let principal = |short: &str| match short {
        "account" => json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}),
        "*" => json!("*"),
        _ if short.starts_with("role/") => json!({"AWS": arn(short)}),
        _ => json!({"Service": format!("{short}.amazonaws.com")}),
    };
    let statement = |it: &Value| match it {
        Value::String(short) => {
            json!({"Effect": "Allow", "Principal": principal(short), "Action": "sts:AssumeRole"})
        }
        Value::Array(parts) => {
            json!({"Effect": parts[0], "Principal": principal(parts[1].as_str().expect("a principal")), "Action": "sts:AssumeRole", "Condition": parts[2]})
        }
        whole => whole.clone(),
    };
    let statements: Vec<Value> = match value {
        Value::Array(all) => all.iter().map(statement).collect(),
        Value::Null => vec![statement(&json!("lambda"))],
        one => vec![statement(one)],
    };
    json!({"Version": "2012-10-17", "Statement": statements})
}

impl Role {
    fn read(name: &str, role: &Value) -> Self {
        let mut policies = BTreeMap::new();
        if let Some(statements) = role.get("allow") {
            policies.insert("inline".to_owned(), document(statements));
        }
        for (name, statements) in role
            .get("attached")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            policies.insert(arn(name), document(statements));
        }
        Self {
            arn: arn(&format!("role/{name}")),
            policies,
            boundary: role
                .get("boundary")
                .map(|it| (arn(&format!("policy/boundary-of-{name}")), document(it))),
            stored: role
                .get("stored")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, versions)| {
                    (
                        arn(name),
                        versions
                            .as_array()
                            .into_iter()
                            .flatten()
                            .map(document)
                            .collect(),
                    )
                })
                .collect(),
            profiles: role
                .get("profiles")
                .map(words)
                .unwrap_or_default()
                .iter()
                .map(|it| arn(it))
                .collect(),
            trust: (role["trust"] != "unread").then(|| trust(&role["trust"])),
        }
    }
}

impl Account {
    /// Reads a line of `roles/graph.jsonl`. Besides the roles that it names there is an
    /// administrator `boss`, unless it says that there is none.
    pub(crate) fn read(case: &Value) -> Self {
        let named = case["roles"].as_object().expect("roles");
        let mut roles: Vec<Role> = named
            .iter()
            .map(|(name, role)| Role::read(name, role))
            .collect();
        if !named.contains_key("boss") && case.get("boss") != Some(&Value::Null) {
            let trust = case.get("boss").cloned().unwrap_or_else(|| json!("lambda"));
            roles.push(Role::read(
                "boss",
                &json!({"allow": [["Allow", "*"]], "trust": trust}),
            ));
        }
        let functions = case
            .get("functions")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let role = |role: &Value| arn(&format!("role/{}", role.as_str().expect("a role")));
        let functions = functions
            .map(|(name, of)| (arn(&format!("function/{name}")), role(of)))
            .collect();
        Self {
            roles,
            functions,
            manages: case["manages"] == true,
            scp: case.get("scp").map(document),
        }
    }

    /// Reads `roles/planted.jsonl`: an account whose lines are its roles and functions.
    pub(crate) fn of_lines(lines: &[Value]) -> Self {
        let text = |value: &Value| value.as_str().expect("a name").to_owned();
        let (functions, roles): (Vec<&Value>, Vec<&Value>) = lines
            .iter()
            .partition(|line| line.get("function").is_some());
        let roles: Map<String, Value> = roles
            .into_iter()
            .map(|line| (text(&line["role"]), line.clone()))
            .collect();
        let functions: Map<String, Value> = functions
            .into_iter()
            .map(|line| (text(&line["function"]), line["role"].clone()))
            .collect();
        Self::read(&json!({"boss": null, "roles": roles, "functions": functions}))
    }

    /// Its graph; the ways stand in the order of the roles.
    pub(crate) fn graph(&self) -> Graph {
        let parse = |document: &Value| Document::parse(&document.to_string()).expect("a policy");
        let all =
            |policies: &mut dyn Iterator<Item = (&String, &Value)>| -> Vec<(String, Document)> {
                policies
                    .map(|(name, document)| (name.clone(), parse(document)))
                    .collect()
            };
        let parsed: Vec<_> = self
            .roles
            .iter()
            .map(|role| {
                let stored = role.stored.iter().flat_map(|(name, versions)| {
                    versions.iter().map(move |version| (name, version))
                });
                let boundary = role
                    .boundary
                    .iter()
                    .map(|(name, document)| (name, document));
                let policies = [
                    all(&mut role.policies.iter()),
                    all(&mut { boundary }),
                    all(&mut { stored }),
                ];
                (role, policies, role.trust.as_ref().map(parse))
            })
            .collect();
        fn named(policies: &[(String, Document)]) -> Vec<NamedPolicy<'_>> {
            policies
                .iter()
                .map(|(name, document)| NamedPolicy {
                    name,
                    document: Some(document),
                })
                .collect()
        }
        let scp = self.scp.as_ref().map(parse);
        let scps: Vec<Vec<NamedPolicy<'_>>> = scp
            .iter()
            .map(|document| {
                vec![NamedPolicy {
                    name: "p-scp",
                    document: Some(document),
                }]
            })
            .collect();
        let inputs = parsed
            .iter()
            .map(|(role, [identity, boundary, stored], trust)| RoleInput {
                identity: named(identity),
                boundary: named(boundary).pop(),
                stored: named(stored),
                scps: scps.clone(),
                instance_profiles: role.profiles.iter().map(String::as_str).collect(),
                trust: trust.as_ref(),
                organization: Some(ORGANIZATION),
                in_management_account: self.manages,
                ..RoleInput::new(&role.arn, ACCOUNT, "aws")
            });
        let settled: Vec<SettledRole<'_>> =
            inputs.map(|input| SettledRole::new(&input, NOW)).collect();
        let inputs: Vec<RoleInput<'_>> = settled.iter().map(SettledRole::input).collect();
        let judgements: Vec<RoleJudgement<'_>> = inputs.iter().map(judge).collect();
        let holders: Vec<Holder<'_, '_>> = inputs
            .iter()
            .zip(&judgements)
            .map(|(role, judgement)| Holder { role, judgement })
            .collect();
        let functions: Vec<FunctionRole<'_>> = self
            .functions
            .iter()
            .map(|(arn, role_arn)| FunctionRole { arn, role_arn })
            .collect();
        graph(&holders, &functions, NOW)
    }
}
