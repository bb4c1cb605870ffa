//! Ways of roles to more power: accounts by hand, each way beside what looks like it and is none.

use std::collections::BTreeMap;

use lambdasweep_policy::Document;
use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
use lambdasweep_policy::role::{FunctionRole, Graph, Holder, Reached, RoleJudgement, SettledRole, Way, graph, judge};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const NOW: &str = "2026-11-27T12:00:00Z";

/// A role, with its documents.
struct Owned {
    arn: String,
    identity: Vec<(String, Document)>,
    boundary: Option<Document>,
    /// Nothing where it could not be read.
    trust: Option<Document>,
}

/// `role/x` is a role of the account, `policy/x` a policy, `function/x` a function; anything else is itself.
fn arn(short: &str) -> String {
    match short.split_once('/') {
        Some(("role" | "policy" | "user" | "group", _)) => format!("arn:aws:iam::{ACCOUNT}:{short}"),
        Some(("function", name)) => format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"),
        _ => short.to_owned(),
    }
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(words).collect(),
        value => vec![value.as_str().expect("a word").to_owned()],
    }
}

/// `["Allow", actions, resources, conditions]`, or a whole statement.
fn document(statements: &Value) -> Document {
    let statement = |it: &Value| match it {
        Value::Array(parts) => {
            let resources: Vec<String> = parts.get(2).map(words).unwrap_or_else(|| vec!["*".to_owned()]).iter().map(|it| arn(it)).collect();
            let mut statement = json!({"Effect": parts[0], "Action": parts[1], "Resource": resources});
            if let Some(conditions) = parts.get(3) {
                statement["Condition"] = conditions.clone();
            }
            statement
        }
        whole => whole.clone(),
    };
    let statements: Vec<Value> = statements.as_array().expect("statements").iter().map(statement).collect();
    Document::parse(&json!({"Version": "2012-10-17", "Statement": statements}).to_string()).expect("a policy")
}

/// `lambda` and other services by their short names, `account`, `role/x`; or whole statements.
fn trust(value: &Value) -> Document {
    let principal = |short: &str| match short {
        "account" => json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}),
        "*" => json!("*"),
        _ if short.starts_with("role/") => json!({"AWS": arn(short)}),
        _ => json!({"Service": format!("{short}.amazonaws.com")}),
    };
    let statement = |it: &Value| match it {
        Value::String(short) => json!({"Effect": "Allow", "Principal": principal(short), "Action": "sts:AssumeRole"}),
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
    Document::parse(&json!({"Version": "2012-10-17", "Statement": statements}).to_string()).expect("a trust policy")
}

fn owned(name: &str, role: &Value) -> Owned {
    let mut identity = Vec::new();
    if let Some(statements) = role.get("allow") {
        identity.push(("inline".to_owned(), document(statements)));
    }
    for (name, statements) in role.get("attached").and_then(Value::as_object).into_iter().flatten() {
        identity.push((arn(name), document(statements)));
    }
    Owned {
        arn: arn(&format!("role/{name}")),
        identity,
        boundary: role.get("boundary").map(document),
        trust: (role["trust"] != "unread").then(|| trust(&role["trust"])),
    }
}

fn input(role: &Owned) -> RoleInput<'_> {
    RoleInput {
        identity: role.identity.iter().map(|(name, document)| NamedPolicy { name, document: Some(document) }).collect(),
        boundary: role.boundary.as_ref().map(|document| NamedPolicy { name: "boundary", document: Some(document) }),
        trust: role.trust.as_ref(),
        organization: Some("o-a1b2c3d4e5/r-ab12/"),
        ..RoleInput::new(&role.arn, ACCOUNT, "aws")
    }
}

fn graph_of(roles: &[Owned], functions: &[FunctionRole<'_>]) -> Graph {
    let settled: Vec<SettledRole<'_>> = roles.iter().map(|role| SettledRole::new(&input(role), NOW)).collect();
    let inputs: Vec<RoleInput<'_>> = settled.iter().map(SettledRole::input).collect();
    let judgements: Vec<RoleJudgement<'_>> = inputs.iter().map(judge).collect();
    let holders: Vec<Holder<'_, '_>> = inputs.iter().zip(&judgements).map(|(role, judgement)| Holder { role, judgement }).collect();
    graph(&holders, functions, NOW)
}

/// `lambda-003>deployer sts-001>boss`, with `?` behind a path that is open under conditions, and `=everything` or `=user` at the end of some.
fn line(way: &Way) -> String {
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let step = |it: &lambdasweep_policy::role::Step| {
        let doubt = if it.conditional { "?" } else { "" };
        format!("{}{doubt}{}", it.path.id, it.to.as_deref().map(|to| format!(">{}", name(to))).unwrap_or_default())
    };
    let steps: Vec<String> = way.steps.iter().map(step).collect();
    let end = match &way.reached {
        Reached::EveryPermission => " =everything",
        Reached::User => " =user",
        Reached::Role { .. } => "",
    };
    format!("{}{end}{}", steps.join(" "), if way.conditional && !steps.iter().any(|it| it.contains('?')) { " ?" } else { "" })
}

#[test]
fn ways_and_what_looks_like_them() {
    let (mut wrong, mut ways, mut none) = (Vec::new(), 0, 0);
    for text in include_str!("roles/graph.jsonl").lines() {
        let case: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let named = case["roles"].as_object().expect("roles");
        let boss = json!({"allow": [["Allow", "*"]], "trust": case.get("boss").cloned().unwrap_or_else(|| json!("lambda"))});
        let mut roles: Vec<Owned> = named.iter().map(|(name, role)| owned(name, role)).collect();
        if !named.contains_key("boss") && case.get("boss") != Some(&Value::Null) {
            roles.push(owned("boss", &boss));
        }
        let functions: Vec<(String, String)> = case
            .get("functions")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, role)| (arn(&format!("function/{name}")), arn(&format!("role/{}", role.as_str().expect("a role")))))
            .collect();
        let functions: Vec<FunctionRole<'_>> = functions.iter().map(|(arn, role_arn)| FunctionRole { arn, role_arn }).collect();
        let graph = graph_of(&roles, &functions);
        let found: BTreeMap<&str, Vec<String>> = roles
            .iter()
            .zip(&graph.ways)
            .map(|(role, ways)| (role.arn.rsplit('/').next().expect("a name"), ways.iter().map(line).collect()))
            .collect();
        for (name, expected) in case["expect"].as_object().expect("what is expected") {
            let expected = words(expected);
            if expected.is_empty() {
                none += 1
            } else {
                ways += expected.len()
            }
            if found[name.as_str()] != expected {
                wrong.push(format!("{} ({}): {name} has {:?}, not {expected:?}", case["id"], case["why"], found[name.as_str()]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ways >= 30 && none >= 30, "{ways} ways and {none} roles without one");
}
