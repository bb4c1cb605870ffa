//! The states of mappings, and lists of them.

use crate::lambda::{Lambda, NOT_FOUND, arn};
use crate::lambda_mappings::{FIFO, MAPPINGS, QUEUE, of, path, start};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn a_mapping_goes_through_its_states() {
    // Long enough for the calls of a busy machine.
    let takes = Duration::from_millis(400);
    let wait = || std::thread::sleep(takes + Duration::from_millis(20));
    let lambda = Lambda::with_transition(takes);
    lambda.function("orders", &json!({}));
    wait();
    let in_use =
        |verb: &str| format!("Cannot {verb} the event source mapping because it is in use.");
    let created = lambda.expect(
        202,
        "POST",
        MAPPINGS,
        &of(QUEUE, json!({"Tags": {"team": "a"}})),
    );
    let path = path(&created);
    let busy = (400, "ResourceInUseException");
    lambda.refused(
        &[],
        ("DELETE", &path, &Value::Null),
        busy,
        &in_use("delete"),
    );
    lambda.refused(
        &[],
        ("PUT", &path, &json!({"BatchSize": 2})),
        busy,
        &in_use("update"),
    );
    assert_eq!(lambda.read(&path)["State"], "Creating");
    wait();
    let enabled = lambda.read(&path);
    assert_eq!(enabled["State"], "Enabled");
    assert_eq!(
        lambda.read(MAPPINGS)["EventSourceMappings"],
        json!([enabled])
    );
    let state = |body: &Value| {
        let meanwhile = lambda.expect(202, "PUT", &path, body)["State"].clone();
        wait();
        (meanwhile, lambda.read(&path)["State"].clone())
    };
    let states = |meanwhile: &str, then: &str| (json!(meanwhile), json!(then));
    assert_eq!(
        state(&json!({"BatchSize": 2})),
        states("Updating", "Enabled")
    );
    assert_eq!(
        state(&json!({"Enabled": false})),
        states("Disabling", "Disabled")
    );
    assert_eq!(
        state(&json!({"BatchSize": 3})),
        states("Updating", "Disabled")
    );
    assert_eq!(
        state(&json!({"Enabled": true})),
        states("Enabling", "Enabled")
    );
    assert_eq!(lambda.read(&path)["BatchSize"], 3);
    let criteria = json!({"Filters": [{"Pattern": r#"{"body":{"a":["x"]}}"#}]});
    assert_eq!(
        lambda.expect(202, "PUT", &path, &json!({"FilterCriteria": criteria}))["FilterCriteria"],
        criteria
    );
    wait();
    assert_eq!(
        lambda
            .expect(
                202,
                "PUT",
                &path,
                &json!({"FilterCriteria": {"Filters": []}})
            )
            .get("FilterCriteria"),
        None
    );
    wait();
    // Deleting a function does not delete its mappings.
    lambda.call("DELETE", "/2015-03-31/functions/orders", &Value::Null);
    assert_eq!(
        lambda.expect(202, "DELETE", &path, &Value::Null)["State"],
        "Deleting"
    );
    assert_eq!(lambda.read(&path)["State"], "Deleting");
    lambda.refused(
        &[],
        ("DELETE", &path, &Value::Null),
        busy,
        &in_use("delete"),
    );
    wait();
    let absent = "The resource you requested does not exist.";
    for (method, body) in [
        ("GET", Value::Null),
        ("DELETE", Value::Null),
        ("PUT", json!({"Enabled": false})),
    ] {
        lambda.refused(&[], (method, &path, &body), NOT_FOUND, absent);
    }
    assert_eq!(lambda.read(MAPPINGS)["EventSourceMappings"], json!([]));
    let gone = created["EventSourceMappingArn"].as_str().unwrap();
    let message = format!("Event source mapping not found: {gone}");
    lambda.refused(
        &[],
        ("GET", &format!("/2017-03-31/tags/{gone}"), &Value::Null),
        NOT_FOUND,
        &message,
    );
}

#[test]
fn a_mapping_may_begin_disabled() {
    let lambda = start();
    let created = lambda.expect(202, "POST", MAPPINGS, &of(QUEUE, json!({"Enabled": false})));
    assert_eq!(lambda.read(&path(&created))["State"], "Disabled");
}

#[test]
fn mappings_are_listed_by_function_and_source() {
    let lambda = start();
    lambda.function("other", &json!({}));
    lambda.expect(202, "POST", MAPPINGS, &of(QUEUE, json!({})));
    lambda.expect(202, "POST", MAPPINGS, &of(FIFO, json!({})));
    let mut body = of(QUEUE, json!({}));
    body["FunctionName"] = json!("other");
    lambda.expect(202, "POST", MAPPINGS, &body);
    for (query, number) in [
        (String::new(), 3),
        ("FunctionName=orders".to_owned(), 2),
        (format!("FunctionName={}", arn("function:other")), 1),
        (format!("EventSourceArn={QUEUE}"), 2),
        (format!("EventSourceArn={QUEUE}&FunctionName=other"), 1),
        ("FunctionName=nothing".to_owned(), 0),
        (
            "EventSourceArn=arn:aws:sqs:eu-west-1:111122223333:nothing".to_owned(),
            0,
        ),
    ] {
        let listed = lambda.expect(200, "GET", &format!("{MAPPINGS}?{query}"), &Value::Null);
        assert_eq!(
            listed["EventSourceMappings"].as_array().unwrap().len(),
            number,
            "{query}"
        );
    }
    let first = lambda.read(&format!("{MAPPINGS}?MaxItems=2"));
    assert_eq!(first["EventSourceMappings"].as_array().unwrap().len(), 2);
    let next = format!(
        "{MAPPINGS}?MaxItems=2&Marker={}",
        first["NextMarker"].as_str().unwrap()
    );
    assert_eq!(
        lambda.read(&next)["EventSourceMappings"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
