//! The cases of `testdata/policies`, written from AWS's documentation.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lambdasweep_policy::Document;
use lambdasweep_policy::exposure::{Scope, of_policy};
use lambdasweep_policy::wire::{CheckDefaults, CheckInput, EvaluateInput};
use serde_json::Value;

/// The cases of a folder: the file they stand in, and each with its text.
fn cases(folder: &str) -> Vec<(String, Value)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/policies")
        .join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&path)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let topic = file
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        for line in std::fs::read_to_string(&file).expect("the file").lines() {
            cases.push((topic.clone(), serde_json::from_str(line).expect("a case")));
        }
    }
    cases
}

/// The input of a case: all but what is said of it.
fn input(case: &Value) -> String {
    let mut members = case.as_object().expect("an object").clone();
    for name in ["expect", "source", "why"] {
        members.shift_remove(name);
    }
    Value::Object(members).to_string()
}

fn report(folder: &str, wrong: &[String], count: usize) {
    assert!(
        wrong.is_empty(),
        "{} of {count} cases in {folder} are answered otherwise:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count >= 60, "only {count} cases in {folder}");
}

#[test]
fn requests_are_decided_as_aws_documents_it() {
    let cases = cases("evaluate");
    let mut wrong = Vec::new();
    for (topic, case) in &cases {
        let answer = EvaluateInput::parse(&input(case)).map(|input| input.evaluate());
        let answer = match &answer {
            Ok(answer) => serde_json::to_value(answer).expect("an answer"),
            Err(error) => Value::String(error.to_string()),
        };
        let expect = &case["expect"];
        let decided_by = expect
            .get("decided_by")
            .is_none_or(|wanted| *wanted == answer["decided_by"]);
        if answer["decision"] != expect["decision"] || !decided_by {
            wrong.push(format!(
                "{topic}/{}: {}\n  wanted {expect}\n  got    {answer}",
                case["id"], case["why"]
            ));
        }
    }
    report("evaluate", &wrong, cases.len());
}

fn as_set(value: &Value) -> Vec<String> {
    let mut texts: Vec<String> = value
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| it.as_str().unwrap_or_default().to_owned())
        .collect();
    texts.sort();
    texts
}

fn folded(actions: &Value) -> BTreeMap<String, String> {
    let members = actions.as_object().cloned().unwrap_or_default();
    members
        .iter()
        .map(|(action, exposure)| {
            (
                action.to_ascii_lowercase(),
                exposure.as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

#[test]
fn policies_expose_whom_aws_documents() {
    let cases = cases("check");
    let mut wrong = Vec::new();
    for (topic, case) in &cases {
        let answer =
            CheckInput::parse(&input(case), &CheckDefaults::default()).map(|input| input.check());
        let answer = match &answer {
            Ok(answer) => serde_json::to_value(answer).expect("an answer"),
            Err(error) => Value::String(error.to_string()),
        };
        let fits = case["expect"]
            .as_object()
            .expect("an object")
            .iter()
            .all(|(member, wanted)| match member.as_str() {
                "actions" => folded(wanted) == folded(&answer["actions"]),
                "accounts"
                | "organizations"
                | "source_accounts"
                | "source_organizations"
                | "services" => as_set(wanted) == as_set(&answer[member]),
                _ => *wanted == answer[member],
            });
        if !fits {
            wrong.push(format!(
                "{topic}/{}: {}\n  wanted {}\n  got    {answer}",
                case["id"], case["why"], case["expect"]
            ));
        }
    }
    report("check", &wrong, cases.len());
}

/// To programs `NotAction` is the pattern that takes in what it leaves; to people it is told what
/// that is.
#[test]
fn what_not_action_leaves_is_told() {
    let scope = Scope {
        account: "111122223333",
        organization: None,
        partition: "aws",
    };
    let reason = |actions: &str| {
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"444455556666"}},{actions},"Resource":"*"}}}}"#
        );
        let external = of_policy(&Document::parse(&text).expect("a policy"), &scope);
        (
            external.actions[0].0.clone(),
            external.statements[0].reason.clone(),
        )
    };
    let told = |action: &str, reason: &str| (action.to_owned(), reason.to_owned());
    assert_eq!(
        reason(r#""Action":"*""#),
        told("*", "it allows account 444455556666")
    );
    assert_eq!(
        reason(r#""NotAction":"organizations:*""#),
        told(
            "*",
            "it allows account 444455556666, for every action except organizations:*"
        )
    );
    assert_eq!(
        reason(r#""NotAction":["organizations:*","account:*"]"#),
        told(
            "*",
            "it allows account 444455556666, for every action except organizations:*, account:*"
        )
    );
}
