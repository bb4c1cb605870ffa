//! Seeded resources match the models too: every read operation is called in a generated
//! organisation, and each response is checked against its shape.
//!
//! The mock returns 500 if a response does not match (`Options::check_answers`).

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_mock::seed::Generated;
use serde_json::{Value, json};

use super::model::Model;
use super::{cases, speak};
use crate::client::Mock;

/// The maximum number of calls of an operation with different values of its first required member.
const MOST: usize = 60;

/// Values found in responses, by the names of members; they identify the resources that can be
/// read.
#[derive(Default)]
struct Found(BTreeMap<String, BTreeSet<String>>);

impl Found {
    fn json(&mut self, name: &str, value: &Value) {
        match value {
            Value::Object(members) => members
                .iter()
                .for_each(|(name, value)| self.json(name, value)),
            Value::Array(items) => items.iter().for_each(|item| self.json(name, item)),
            Value::String(text) if text.len() < 200 => drop(
                self.0
                    .entry(name.to_owned())
                    .or_default()
                    .insert(text.clone()),
            ),
            _ => {}
        }
    }

    /// Adds the texts of elements without child elements.
    fn xml(&mut self, body: &str) {
        for part in body.split('<') {
            if let Some((name, text)) = part
                .split_once('>')
                .filter(|(_, text)| !text.is_empty() && text.len() < 200)
            {
                self.0
                    .entry(name.to_owned())
                    .or_default()
                    .insert(text.to_owned());
            }
        }
    }

    /// Values for a member: those of members with its name, and of names with the same meaning.
    fn values(&self, member: &str) -> Vec<String> {
        let also: &[&str] = match member {
            "AccountId"
            | "ParentId"
            | "ChildId"
            | "TargetId"
            | "ResourceId"
            | "PolicyId"
            | "RootId"
            | "OrganizationalUnitId" => &["Id"],
            "Resource" | "FunctionName" => &["FunctionArn"],
            "Qualifier" | "Name" => &["Version", "Name"],
            "PolicyArn" => &["Arn"],
            "VersionId" => &["DefaultVersionId"],
            "PolicyName" => &["member"],
            _ => &[],
        };
        let names = also.iter().copied().chain([member]);
        names
            .filter_map(|name| self.0.get(name))
            .flatten()
            .cloned()
            .collect()
    }
}

#[test]
fn all_that_a_generated_organisation_holds_can_be_read() {
    let seed = Generated::new(
        "accounts=12,regions=2,functions=150,seed=11"
            .parse()
            .unwrap(),
    );
    let management = seed.management_account().to_owned();
    let mock = Mock::start(seed);
    let mut accounts: BTreeSet<String> = [management.clone()].into();
    let listed = mock.organizations(&management, "ListAccounts", "{}").json();
    accounts.extend(
        listed["Accounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["Id"].as_str().unwrap().to_owned()),
    );
    let (mut calls, mut read) = (0, 0);
    for account in accounts.iter().take(6) {
        for region in ["us-east-1", "eu-west-1"] {
            for model in Model::all()
                .iter()
                .filter(|model| model.name == "lambda" || region == "us-east-1")
            {
                let mut found = Found::default();
                // Once for the lists that need no input, and then with the values from their
                // responses.
                for _ in 0..2 {
                    let (called, succeeded) = read_all(&mock, (account, region), model, &mut found);
                    calls += called;
                    read += succeeded;
                }
            }
        }
    }
    assert!(read > 1_000, "only {read} of {calls} reads found something");
}

/// Calls every read operation; returns the number of calls, and how many found something.
fn read_all(mock: &Mock, who: (&str, &str), model: &Model, found: &mut Found) -> (usize, usize) {
    let (mut calls, mut read) = (0, 0);
    for operation in model.operations().into_iter().filter(|it| {
        ["Get", "List", "Describe"]
            .iter()
            .any(|verb| it.starts_with(verb))
    }) {
        let required = Model::required(model.input(operation));
        let firsts = required
            .first()
            .map_or_else(|| vec![String::new()], |first| found.values(first));
        for (at, first) in firsts.iter().take(MOST).enumerate() {
            let mut input = cases::minimal(model, operation);
            for (place, member) in required.iter().copied().enumerate() {
                let values = found.values(member);
                let value = if place == 0 {
                    Some(first)
                } else {
                    values.get(at % values.len().max(1))
                };
                if let Some(value) = value.filter(|_| input[member].is_string()) {
                    input[member] = json!(value);
                }
            }
            let answer = speak::send_as(mock, who, model, operation, &input);
            assert!(
                answer.status < 500 || answer.status == 501,
                "{}:{operation} {input}: {} {}",
                model.name,
                answer.status,
                answer.body
            );
            calls += 1;
            if answer.status == 200 {
                read += 1;
                match serde_json::from_str(&answer.body) {
                    Ok(body) => found.json("", &body),
                    Err(_) => found.xml(&answer.body),
                }
            }
        }
    }
    (calls, read)
}
