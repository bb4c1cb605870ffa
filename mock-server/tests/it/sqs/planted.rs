//! Queues of seeds: the faults that a generated organisation reports are those that the mock itself
//! shows, and a file's queues exist.

use std::collections::BTreeSet;

use lambdasweep_mock::seed::{File, Generated, Spec};
use serde_json::{Value, json};

use crate::client::Mock;
use crate::organization_file::{TINY, written};

const ORGANISATION: &str = "accounts=8,regions=2,functions=400,seed=5";

fn world(spec: &str) -> (Mock, String) {
    let generated = Generated::new(spec.parse::<Spec>().unwrap());
    let management = generated.management_account().to_owned();
    (Mock::start(generated), management)
}

fn call(mock: &Mock, key: &str, region: &str, operation: &str, body: &Value) -> (u16, Value) {
    let target = format!("AmazonSQS.{operation}");
    let headers = [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", target.as_str()),
    ];
    let request = ("POST", "/", headers.as_slice(), &*body.to_string());
    let answer = mock.rest_with(key, region, "sqs", request);
    (answer.status, answer.json())
}

/// The response to a GET of Lambda.
fn lambda(mock: &Mock, account: &str, region: &str, path: &str) -> Value {
    let answer = mock.rest(account, region, "lambda", "GET", path, "");
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

/// All functions of a world, with account and Region.
fn functions(mock: &Mock, management: &str) -> Vec<(String, String, Value)> {
    let accounts = mock.organizations(management, "ListAccounts", "{}").json();
    let mut found = Vec::new();
    for account in accounts["Accounts"].as_array().unwrap() {
        let account = account["Id"].as_str().unwrap();
        for region in ["us-east-1", "eu-west-1"] {
            let mut marker = String::new();
            loop {
                let page = lambda(
                    mock,
                    account,
                    region,
                    &format!("/2015-03-31/functions{marker}"),
                );
                for function in page["Functions"].as_array().unwrap() {
                    found.push((account.to_owned(), region.to_owned(), function.clone()));
                }
                let Some(next) = page["NextMarker"].as_str() else {
                    break;
                };
                marker = format!("?Marker={next}");
            }
        }
    }
    found
}

/// The queues that are failure targets of a function.
fn targets(mock: &Mock, account: &str, region: &str, function: &Value) -> BTreeSet<String> {
    let name = function["FunctionName"].as_str().unwrap();
    let path = format!("/2019-09-25/functions/{name}/event-invoke-config/list");
    let configs = lambda(mock, account, region, &path);
    let destinations = configs["FunctionEventInvokeConfigs"]
        .as_array()
        .unwrap()
        .iter();
    destinations
        .map(|config| &config["DestinationConfig"]["OnFailure"]["Destination"])
        .chain([&function["DeadLetterConfig"]["TargetArn"]])
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The fault of a queue as a failure target, determined by calls: whether it exists, and whether
/// the role may send.
fn fault(mock: &Mock, role: &str, arn: &str) -> Option<&'static str> {
    let parts: Vec<&str> = arn.split(':').collect();
    let (region, owner, name) = (parts[3], parts[4], parts[5]);
    let url = format!("https://sqs.{region}.amazonaws.com/{owner}/{name}");
    let read = json!({"QueueUrl": url, "AttributeNames": ["All"]});
    let (status, told) = call(mock, owner, region, "GetQueueAttributes", &read);
    if status == 400 {
        assert_eq!(told["__type"], "com.amazonaws.sqs#QueueDoesNotExist");
        return Some("failure-target-missing");
    }
    assert_eq!(status, 200, "{told}");
    if told["Attributes"]["FifoQueue"] == "true" {
        return Some("failure-target-fifo");
    }
    let is_own = role.split(':').nth(4) == Some(owner);
    if !is_own && told["Attributes"]["KmsMasterKeyId"] == "alias/aws/sqs" {
        // What SendMessage answers in this case is in `access.rs`.
        return Some("failure-target-denied");
    }
    let question = json!({"principal": role, "action": "sqs:SendMessage", "resource": arn});
    let answer = mock.post("POST", "/_mock/authorize", &question.to_string());
    (answer.json()["decision"] != "allowed").then_some("failure-target-denied")
}

#[test]
fn what_is_planted_is_what_the_mock_finds() {
    let (mock, management) = world(&format!("{ORGANISATION},queues=60"));
    let mut found = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    for (account, region, function) in functions(&mock, &management) {
        let role = function["Role"].as_str().unwrap();
        for arn in targets(&mock, &account, &region, &function) {
            kinds.insert(arn.rsplit(':').next().unwrap().to_owned());
            // Nobody in the organisation may read this queue, so its fault is not reported.
            if arn.ends_with(":partner-closed") {
                continue;
            }
            if let Some(fault) = fault(&mock, role, &arn) {
                let function = function["FunctionArn"].as_str().unwrap().to_owned();
                found.insert((function, fault, arn));
            }
        }
    }
    let truth = mock.server().truth("2026-11-24").into_iter();
    let planted: BTreeSet<_> = truth
        .filter(|it| it.misconfiguration.starts_with("failure-target-"))
        .map(|it| (it.resource_arn, it.misconfiguration, it.fault.unwrap()))
        .collect();
    assert_eq!(found, planted);
    let faults: BTreeSet<&str> = planted.iter().map(|(_, fault, _)| *fault).collect();
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert_eq!(kinds.len(), 12, "{kinds:?}");
}

/// The percentage of bad targets affects only the targets, and the permission to send to them.
#[test]
fn bad_targets_change_nothing_else() {
    let (plain, management) = world(&format!("{ORGANISATION},queues=0"));
    let (planted, _) = world(&format!("{ORGANISATION},queues=60"));
    let without_target = |(account, region, mut function): (String, String, Value)| {
        let removed = function.as_object_mut().unwrap().remove("DeadLetterConfig");
        (account, region, function, removed.is_some())
    };
    let of = |mock: &Mock| -> Vec<_> {
        let functions = functions(mock, &management).into_iter();
        functions.map(without_target).collect()
    };
    assert_eq!(of(&plain), of(&planted));
    // Where targets are, and boundaries that keep roles from sending, come with bad targets.
    let of_targets = ["destination-outside", "role-without-boundary"];
    let told = |mock: &Mock| -> Vec<_> {
        let truth = mock.server().truth("2026-11-24").into_iter();
        truth
            .filter(|it| !it.misconfiguration.starts_with("failure-target-"))
            .filter(|it| !of_targets.contains(&it.misconfiguration))
            .collect()
    };
    assert_eq!(told(&plain), told(&planted));
}

#[test]
fn a_file_has_queues() {
    let queue = |more: &str| {
        format!("[[queue]]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\n{more}")
    };
    let load = |more: String| {
        let file = written("queues", format!("{TINY}\n{more}\n"));
        File::load(&file.0).map_err(|error| error.to_string())
    };
    let policy =
        r#"{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*" }"#;
    let more = queue(&format!(
        "name = \"failures\"\nattributes = {{ DelaySeconds = \"3\" }}\npolicy = [{policy}]\ntags = {{ team = \"a\" }}"
    ));
    let mock = Mock::start(load(more).unwrap());
    let url = "https://sqs.eu-west-1.amazonaws.com/222222222222/failures";
    let read = json!({"QueueUrl": url, "AttributeNames": ["DelaySeconds", "Policy"]});
    let (_, told) = call(
        &mock,
        "222222222222",
        "eu-west-1",
        "GetQueueAttributes",
        &read,
    );
    assert_eq!(told["Attributes"]["DelaySeconds"], "3");
    let document: Value =
        serde_json::from_str(told["Attributes"]["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(document["Statement"][0]["Action"], "sqs:SendMessage");
    for (more, words) in [
        (queue("name = \"a b\""), "queue a b: Can only include"),
        (queue("name = \"a.fifo\""), "queue a.fifo: Can only include"),
        (
            queue("name = \"a\"\ncolour = \"red\""),
            "unknown field `colour`",
        ),
        (
            queue("name = \"a\"\nattributes = { DelaySeconds = \"x\" }"),
            "queue a: Invalid value for the parameter DelaySeconds.",
        ),
        (
            queue("name = \"a\"").replace("eu-west-1", "Ireland"),
            "Ireland, which is not a Region",
        ),
        (
            queue("name = \"a\"").replace("222222222222", "2"),
            "queue a is in 2, which is not an account",
        ),
        (
            "[[topic]]\nname = \"a\"".to_owned(),
            "unknown field `topic`; the fields are organization, account",
        ),
    ] {
        let error = load(more).map(|_| ()).unwrap_err();
        assert!(error.contains(words), "{words}: {error}");
    }
}
