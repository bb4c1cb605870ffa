//! The paths of the catalogue, one by one, and the catalogue itself.

use lambdasweep_policy::role::{Caller, EscalationPath, Need, Target, catalogue, judge};
use serde_json::{Value, json};

use crate::roles::{ROLE, document, role};

/// Whether an action has no types of resource.
fn is_on_everything(need: &Need) -> bool {
    lambdasweep_policy::actions::find(&need.action)
        .is_some_and(|action| action.resource_types().next().is_none())
}

/// A resource that a need is about, by its name.
fn resource(need: &Need) -> String {
    let service = need.action.split(':').next().expect("a service");
    let name = match need.target {
        Target::Any if is_on_everything(need) => "*",
        Target::Any => return format!("arn:aws:{service}:eu-west-1:111122223333:thing/one"),
        Target::OwnRole => ROLE,
        Target::OtherRole | Target::AnyRole => "arn:aws:iam::111122223333:role/other",
        Target::OwnPolicy | Target::OwnBoundary | Target::Policy => "p0",
        Target::User => "arn:aws:iam::111122223333:user/one",
        Target::Group => "arn:aws:iam::111122223333:group/one",
        Target::Function => "arn:aws:lambda:eu-west-1:111122223333:function:one",
    };
    name.to_owned()
}

/// One statement for each permission that a path needs; a function may change each.
fn statements(path: &EscalationPath, change: impl Fn(usize, &mut Value)) -> Value {
    let one = |(index, need): (usize, &Need)| {
        let mut statement = json!({"Effect": "Allow", "Action": need.action, "Resource": "*"});
        change(index, &mut statement);
        statement
    };
    path.needs.iter().enumerate().map(one).collect()
}

fn is_open(path: &EscalationPath, statements: &Value) -> Option<bool> {
    let policy = "arn:aws:iam::111122223333:policy/own";
    let text = statements
        .to_string()
        .replace("\"p0\"", &format!("{policy:?}"));
    let identity = document(&serde_json::from_str(&text).expect("statements"));
    let mut role = role(&identity);
    role.identity[0].name = policy;
    judge(&role)
        .escalations
        .iter()
        .find(|escalation| escalation.path.id == path.id)
        .map(|escalation| escalation.conditional)
}

#[test]
fn every_path_is_open_with_all_that_it_needs_and_closed_without_any_of_it() {
    // What is latent depends on what else the role has: the graph's cases are about it.
    for path in catalogue()
        .iter()
        .filter(|path| !path.latent && !path.deletes)
    {
        let id = &path.id;
        assert_eq!(
            is_open(path, &statements(path, |_, _| ())),
            Some(false),
            "{id} on everything"
        );
        let named = |index: usize, statement: &mut Value| {
            statement["Resource"] = json!(resource(&path.needs[index]))
        };
        assert_eq!(
            is_open(path, &statements(path, named)),
            Some(false),
            "{id} on what it needs by name"
        );
        let passed = |_: usize, statement: &mut Value| {
            if statement["Action"] == "iam:PassRole" {
                statement["Condition"] =
                    json!({"StringEquals": {"iam:PassedToService": path.passed_to[0]}});
            }
        };
        assert_eq!(
            is_open(path, &statements(path, passed)),
            Some(false),
            "{id} with its service"
        );
        for (at, need) in path.needs.iter().enumerate() {
            let changed = |change: &dyn Fn(&mut Value)| {
                is_open(
                    path,
                    &statements(path, |index, statement| {
                        if index == at {
                            change(statement)
                        }
                    }),
                )
            };
            assert_eq!(
                changed(&|statement| statement["Action"] = json!("s3:GetObject")),
                None,
                "{id} without {}",
                need.action
            );
            assert_eq!(
                changed(&|statement| statement["Condition"] =
                    json!({"Bool": {"aws:ViaAWSService": "true"}})),
                Some(true),
                "{id} under a condition"
            );
            let mut denied = statements(path, |_, _| ());
            denied.as_array_mut().expect("statements").push(
                json!({"Effect": "Deny", "Action": need.action.to_uppercase(), "Resource": "*"}),
            );
            assert_eq!(
                is_open(path, &denied),
                None,
                "{id} with {} denied",
                need.action
            );
            assert_eq!(
                changed(&|statement| statement["Resource"] = json!("arn:aws:s3:::bucket/*")),
                None,
                "{id} with {} on a bucket",
                need.action
            );
            if need.action == "iam:PassRole" {
                let other = json!({"StringEquals": {"iam:PassedToService": "other.amazonaws.com"}});
                assert_eq!(
                    changed(&|statement| statement["Condition"] = other.clone()),
                    None,
                    "{id} with a role for another service"
                );
                assert_eq!(
                    changed(&|statement| statement["Resource"] = json!(ROLE)),
                    None,
                    "{id} with the role itself"
                );
            }
        }
    }
}

#[test]
fn the_catalogue_is_whole() {
    let ids: Vec<&str> = catalogue().iter().map(|path| path.id.as_str()).collect();
    assert_eq!(ids.iter().filter(|id| !id.starts_with("lsw-")).count(), 91);
    let numbered = |service: &str, count: usize| {
        (1..=count)
            .map(|number| format!("{service}-{number:03}"))
            .collect::<Vec<_>>()
    };
    for expected in [
        numbered("iam", 21),
        numbered("lambda", 6),
        numbered("ecs", 9),
    ]
    .concat()
    {
        assert_eq!(
            ids.iter().filter(|id| **id == expected).count(),
            1,
            "{expected}"
        );
    }
    for path in catalogue() {
        let actions: Vec<&str> = path.needs.iter().map(|need| need.action.as_str()).collect();
        assert_eq!(path.name, actions.join(" + "), "{}", path.id);
        assert_eq!(
            path.passed_to.is_empty(),
            !actions.contains(&"iam:PassRole"),
            "{}",
            path.id
        );
        assert!(
            path.caller == Caller::Any
                || ["iam-", "lsw-iam-", "lsw-sso-"]
                    .iter()
                    .any(|start| path.id.starts_with(start)),
            "{}",
            path.id
        );
        for action in actions {
            // Newer than the table.
            if action != "bedrock-agentcore:CreateHarness" {
                let known = lambdasweep_policy::actions::find(action).expect(action);
                assert_eq!(known.to_string(), action);
            }
        }
    }
}
