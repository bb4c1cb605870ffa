//! Tags of functions, mappings and signing configurations.

use crate::lambda::{ACCOUNT, INVALID, Lambda, NOT_FOUND, OTHER_ACCOUNT, REGION, arn, told};
use crate::lambda_settings::start;
use crate::lambda_signing::signing;
use serde_json::{Map, Value, json};

#[test]
fn a_function_is_not_made_with_tags_that_it_cannot_have() {
    let lambda = Lambda::start();
    let reserved = json!({"aws:x": "y"});
    for (given, message) in [
        (tags(0..51), "Number of tags exceeds resource tag limit."),
        (
            reserved,
            "aws: prefixed tag key names are not allowed for external use.",
        ),
    ] {
        let answer = lambda.create("orders", &json!({"Tags": given}));
        assert_eq!((answer.status, told(&answer).as_str()), (400, message));
        assert_eq!(lambda.get("/2015-03-31/functions/orders").status, 404);
    }
    lambda.function("orders", &json!({"Tags": tags(0..50)}));
    assert_eq!(
        lambda.read("/2015-03-31/functions/orders")["Tags"],
        tags(0..50)
    );
}

fn tags(number: std::ops::Range<usize>) -> Value {
    Value::Object(
        number
            .map(|at| (format!("key-{at}"), json!(format!("value-{at}"))))
            .collect::<Map<_, _>>(),
    )
}

#[test]
fn functions_mappings_and_signing_configurations_have_tags() {
    let lambda = start();
    let mapping = json!({"FunctionName": "orders", "EventSourceArn": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:q"), "Tags": {"a": "1"}});
    let mapping = lambda.expect(202, "POST", "/2015-03-31/event-source-mappings", &mapping);
    lambda.expect(
        204,
        "POST",
        &format!("/2017-03-31/tags/{}", arn("function:orders")),
        &json!({"Tags": {"a": "1"}}),
    );
    let config = signing(&lambda, &json!({"Tags": {"a": "1"}}));
    for resource in [
        arn("function:orders"),
        mapping["EventSourceMappingArn"]
            .as_str()
            .unwrap()
            .to_owned(),
        config,
    ] {
        let path = format!("/2017-03-31/tags/{resource}");
        let are = |expected: Value| {
            assert_eq!(
                lambda.expect(200, "GET", &path, &Value::Null),
                json!({"Tags": expected}),
                "{resource}"
            )
        };
        are(json!({"a": "1"}));
        lambda.expect(204, "POST", &path, &json!({"Tags": {"a": "2", "b": ""}}));
        are(json!({"a": "2", "b": ""}));
        lambda.refused(
            &[&path],
            ("POST", &path, &json!({"Tags": {}})),
            INVALID,
            "An error occurred and the request cannot be processed.",
        );
        let many = "Number of tags exceeds resource tag limit.";
        lambda.refused(
            &[&path],
            ("POST", &path, &json!({"Tags": tags(0..51)})),
            INVALID,
            many,
        );
        lambda.refused(
            &[&path],
            ("POST", &path, &json!({"Tags": tags(0..49)})),
            INVALID,
            many,
        );
        let reserved = "aws: prefixed tag key names are not allowed for external use.";
        for key in ["aws:x", "AWS:x"] {
            lambda.refused(
                &[&path],
                ("POST", &path, &json!({"Tags": {"c": "3", key: "y"}})),
                INVALID,
                reserved,
            );
        }
        for (key, value) in [
            ("k".repeat(129), "v".to_owned()),
            (String::new(), "v".to_owned()),
            ("k".to_owned(), "v".repeat(257)),
        ] {
            assert_eq!(
                lambda
                    .call("POST", &path, &json!({"Tags": {"c": "3", key: value}}))
                    .status,
                400
            );
        }
        are(json!({"a": "2", "b": ""}));
        lambda.expect(204, "POST", &path, &json!({"Tags": tags(0..48)}));
        lambda.expect(
            204,
            "DELETE",
            &format!("{path}?tagKeys=a&tagKeys=nothing"),
            &Value::Null,
        );
        assert_eq!(lambda.read(&path)["Tags"].as_object().unwrap().len(), 49);
    }
    // GetFunction returns the tags, and the revision changes when they do.
    let function = lambda.read("/2015-03-31/functions/orders");
    assert_eq!(function["Tags"].as_object().unwrap().len(), 49);
    lambda.expect(
        204,
        "DELETE",
        &format!("/2017-03-31/tags/{}?tagKeys=b", arn("function:orders")),
        &Value::Null,
    );
    assert_ne!(
        lambda.read("/2015-03-31/functions/orders")["Configuration"]["RevisionId"],
        function["Configuration"]["RevisionId"]
    );
}

#[test]
fn what_is_not_there_has_no_tags() {
    let lambda = start();
    let uuid = "0a1b2c3d-0000-4000-8000-000000000000";
    let kept =
        "Tags on function aliases and versions are not supported. Please specify a function ARN.";
    let absent =
        |kind: &str, resource: &str| (NOT_FOUND, format!("{kind} not found: {}", arn(resource)));
    let elsewhere = signing(&lambda, &json!({})).replace(REGION, "us-east-1");
    for (resource, (expected, message)) in [
        (
            arn("function:nothing"),
            absent("Function", "function:nothing"),
        ),
        (arn("function:orders:live"), (INVALID, kept.to_owned())),
        (arn("function:orders:nobody"), (INVALID, kept.to_owned())),
        (arn("function:orders:$LATEST"), (INVALID, kept.to_owned())),
        (
            arn(&format!("event-source-mapping:{uuid}")),
            absent(
                "Event source mapping",
                &format!("event-source-mapping:{uuid}"),
            ),
        ),
        (
            arn("capacity-provider:p"),
            absent("Capacity provider", "capacity-provider:p"),
        ),
        (
            elsewhere.clone(),
            (
                NOT_FOUND,
                format!("Code signing config not found: {elsewhere}"),
            ),
        ),
    ] {
        let path = format!("/2017-03-31/tags/{resource}");
        lambda.refused(&[], ("GET", &path, &Value::Null), expected, &message);
        lambda.refused(
            &[],
            ("POST", &path, &json!({"Tags": {"a": "1"}})),
            expected,
            &message,
        );
        lambda.refused(
            &[],
            ("DELETE", &format!("{path}?tagKeys=a"), &Value::Null),
            expected,
            &message,
        );
    }
    let foreign = arn("function:orders").replace(ACCOUNT, OTHER_ACCOUNT);
    let elsewhere = arn("function:orders").replace(REGION, "us-east-1");
    for (resource, status) in [(foreign, 403), (elsewhere, 404)] {
        assert_eq!(
            lambda.get(&format!("/2017-03-31/tags/{resource}")).status,
            status,
            "{resource}"
        );
    }
}
