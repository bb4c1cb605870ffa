//! Roles are judged: cases by hand.

use lambdasweep_policy::Document;
use lambdasweep_policy::grants::{Grant, NamedPolicy, RoleInput};
use lambdasweep_policy::role::judge;
use serde_json::{Value, json};

pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/app";

pub(crate) const ACCOUNT: &str = "111122223333";

pub(crate) fn document(statements: &Value) -> Document {
    Document::parse(&json!({"Version": "2012-10-17", "Statement": statements}).to_string())
        .expect("a policy")
}

pub(crate) fn role<'a>(identity: &'a Document) -> RoleInput<'a> {
    RoleInput {
        identity: vec![NamedPolicy {
            name: "p0",
            document: Some(identity),
        }],
        ..RoleInput::new(ROLE, ACCOUNT, "aws")
    }
}

pub(crate) fn line(row: &Grant<'_>) -> String {
    let narrowed = if row.narrowed() { " narrowed" } else { "" };
    let parts = [
        row.action_text(),
        row.levels.to_string(),
        row.scope.to_string(),
        row.resource_text(),
        row.condition_keys().join(" "),
    ];
    format!("{} | {}{narrowed}", parts.join(" | "), row.source).replace("|  |", "| |")
}

fn words(value: &Value) -> Vec<String> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|word| word.as_str().expect("a word").to_owned())
        .collect()
}

#[test]
fn cases() {
    let mut wrong = Vec::new();
    for text in include_str!("roles/grants.jsonl").lines() {
        let case: Value = serde_json::from_str(text).expect("a case");
        let id = case["id"].as_str().expect("an id");
        let read = |statements: &Value| (!statements.is_null()).then(|| document(statements));
        let mut identity = vec![document(&case["identity"])]
            .into_iter()
            .map(Some)
            .collect::<Vec<_>>();
        identity.extend(case.get("more").map(read));
        let names = case
            .get("names")
            .map_or_else(|| vec!["p0".to_owned(), "p1".to_owned()], words);
        let boundary = case.get("boundary").map(read);
        let levels: Vec<Vec<Option<Document>>> = case
            .get("scps")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|level| {
                level
                    .as_array()
                    .expect("a level")
                    .iter()
                    .map(read)
                    .collect()
            })
            .collect();
        let role = RoleInput {
            identity: identity
                .iter()
                .zip(&names)
                .map(|(document, name)| NamedPolicy {
                    name,
                    document: document.as_ref(),
                })
                .collect(),
            boundary: boundary.as_ref().map(|document| NamedPolicy {
                name: "boundary",
                document: document.as_ref(),
            }),
            scps: levels
                .iter()
                .map(|level| {
                    level
                        .iter()
                        .map(|document| NamedPolicy {
                            name: "scp",
                            document: document.as_ref(),
                        })
                        .collect()
                })
                .collect(),
            ..RoleInput::new(ROLE, ACCOUNT, "aws")
        };
        let judgement = judge(&role);
        let escalations: Vec<String> = judgement
            .escalations
            .iter()
            .map(|it| format!("{}{}", it.path.id, if it.conditional { "?" } else { "" }))
            .collect();
        let rows: Vec<String> = judgement.grants.iter().map(line).collect();
        let near: Vec<String> = judgement.near.iter().map(ToString::to_string).collect();
        let found = [
            ("rows", &rows),
            ("near", &near),
            ("escalations", &escalations),
        ];
        for (member, found) in found {
            if let Some(expected) = case.get(member).map(words)
                && expected != *found
            {
                wrong.push(format!("{id}: {member} {found:#?}, not {expected:#?}"));
            }
        }
        for (member, found) in [
            ("unknown", judgement.unknown_allows.len()),
            ("loose", judgement.unknown_denies.len()),
        ] {
            let expected = case.get(member).and_then(Value::as_u64).unwrap_or(0);
            if expected != found as u64 {
                wrong.push(format!(
                    "{id}: {found} reasons why it is {member}, not {expected}"
                ));
            }
        }
        if let Some(expected) = case["privilege"].as_str()
            && expected != judgement.privilege.as_str()
        {
            wrong.push(format!("{id}: {}, not {expected}", judgement.privilege));
        }
        for (member, is_open) in [("with", true), ("without", false)] {
            for path in case.get(member).map(words).unwrap_or_default() {
                if escalations.contains(&path) != is_open {
                    wrong.push(format!("{id}: {path} is open: {}", !is_open));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn wildcards_are_weighed_by_what_they_take_in() {
    let weight = |statements: Value| judge(&role(&document(&statements))).wildcards.weight;
    let allow = |action: &str, resource: &str| json!([{"Effect": "Allow", "Action": action, "Resource": resource}]);
    assert_eq!(weight(allow("*", "*")), 40);
    assert_eq!(
        weight(allow(
            "sqs:SendMessage",
            "arn:aws:sqs:eu-west-1:111122223333:q"
        )),
        0
    );
    assert_eq!(weight(allow("sqs:SendMessage", "*")), 5);
    assert_eq!(
        weight(allow("sqs:Send*", "arn:aws:sqs:eu-west-1:111122223333:q")),
        5
    );
    assert_eq!(
        weight(allow("nosuch:*", "arn:aws:nosuch:eu-west-1:111122223333:q")),
        10
    );
    // Nothing narrower than `*` can be named for it.
    assert_eq!(weight(allow("lambda:ListFunctions", "*")), 0);
    let conditioned = json!([{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]);
    assert_eq!(weight(conditioned), 3);
    assert!(weight(allow("iam:*", "*")) > weight(allow("s3:Get*", "*")));
}
