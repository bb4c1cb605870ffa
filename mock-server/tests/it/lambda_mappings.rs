//! Event source mappings: the settings of each source, duplicates, and the states of a mapping.

use serde_json::{Value, json};

use crate::lambda::{CONFLICT, INVALID, Lambda, arn};

pub(crate) const MAPPINGS: &str = "/2015-03-31/event-source-mappings";
pub(crate) const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:incoming";
pub(crate) const FIFO: &str = "arn:aws:sqs:eu-west-1:111122223333:incoming.fifo";
const STREAM: &str = "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks";
const TABLE: &str =
    "arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/2026-11-27T00:00:00.000";
const CLUSTER: &str =
    "arn:aws:kafka:eu-west-1:111122223333:cluster/c/0a1b2c3d-0000-4000-8000-000000000000-1";
const BROKER: &str =
    "arn:aws:mq:eu-west-1:111122223333:broker:b:b-0a1b2c3d-0000-4000-8000-000000000000";
const DOCUMENTS: &str = "arn:aws:rds:eu-west-1:111122223333:cluster:documents";

pub(crate) fn start() -> Lambda {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    lambda
}

/// A request for a mapping to `orders`, with further members.
pub(crate) fn of(source: &str, further: Value) -> Value {
    let mut body = json!({"FunctionName": "orders"});
    if !source.is_empty() {
        body["EventSourceArn"] = json!(source);
    }
    body.as_object_mut()
        .unwrap()
        .extend(further.as_object().cloned().unwrap());
    body
}

pub(crate) fn path(mapping: &Value) -> String {
    format!("{MAPPINGS}/{}", mapping["UUID"].as_str().unwrap())
}

/// A mapping without the members that differ in every run.
pub(crate) fn plain(mapping: &Value) -> Value {
    let mut plain = mapping.clone();
    for member in ["UUID", "EventSourceMappingArn", "LastModified"] {
        assert!(
            plain.as_object_mut().unwrap().remove(member).is_some(),
            "{member} is missing"
        );
    }
    plain
}

#[test]
fn a_mapping_has_the_settings_of_its_source() {
    let lambda = start();
    let function = arn("function:orders");
    let stream = |source: &str, position: &str| {
        json!({
            "FunctionArn": function, "EventSourceArn": source, "StartingPosition": position, "State": "Creating",
            "StateTransitionReason": "User action", "LastProcessingResult": "No records processed", "BatchSize": 100,
            "MaximumBatchingWindowInSeconds": 0, "BisectBatchOnFunctionError": false, "DestinationConfig": {"OnFailure": {}},
            "FunctionResponseTypes": [], "MaximumRecordAgeInSeconds": -1, "MaximumRetryAttempts": -1, "ParallelizationFactor": 1,
            "TumblingWindowInSeconds": 0,
        })
    };
    let queue = |source: &str| {
        json!({
            "FunctionArn": function, "EventSourceArn": source, "State": "Creating", "StateTransitionReason": "USER_INITIATED",
            "BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": [],
        })
    };
    let mut given = stream(STREAM, "TRIM_HORIZON");
    given["BatchSize"] = json!(7);
    given["MaximumRetryAttempts"] = json!(0);
    given["FilterCriteria"] = json!({"Filters": [{"Pattern": r#"{"data":{"kind":["order"]}}"#}]});
    for (body, expected) in [
        (of(QUEUE, json!({})), queue(QUEUE)),
        (
            of(FIFO, json!({"FilterCriteria": {"Filters": []}})),
            queue(FIFO),
        ),
        (
            of(TABLE, json!({"StartingPosition": "LATEST"})),
            stream(TABLE, "LATEST"),
        ),
        (
            of(
                STREAM,
                json!({"StartingPosition": "TRIM_HORIZON", "BatchSize": 7, "MaximumRetryAttempts": 0, "FilterCriteria": given["FilterCriteria"]}),
            ),
            given,
        ),
    ] {
        let created = lambda.expect(202, "POST", MAPPINGS, &body);
        assert_eq!(plain(&created), expected);
        let uuid = created["UUID"].as_str().unwrap();
        assert_eq!(
            created["EventSourceMappingArn"],
            arn(&format!("event-source-mapping:{uuid}"))
        );
    }
    let kafka = json!({
        "Topics": ["clicks"], "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:9092"]}},
        "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s"}],
    });
    let created = lambda.expect(202, "POST", MAPPINGS, &of("", kafka.clone()));
    let mut expected = json!({
        "FunctionArn": function, "State": "Creating", "StateTransitionReason": "USER_INITIATED", "LastProcessingResult": "No records processed",
        "BatchSize": 100, "StartingPosition": "TRIM_HORIZON", "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": created["UUID"]},
    });
    expected
        .as_object_mut()
        .unwrap()
        .extend(kafka.as_object().cloned().unwrap());
    assert_eq!(plain(&created), expected);
    let created = lambda.expect(
        202,
        "POST",
        MAPPINGS,
        &of(
            CLUSTER,
            json!({"Topics": ["clicks"], "StartingPosition": "LATEST"}),
        ),
    );
    assert_eq!(
        (
            created["BatchSize"].clone(),
            created["StartingPosition"].clone()
        ),
        (json!(100), json!("LATEST"))
    );
    assert_eq!(
        created["AmazonManagedKafkaEventSourceConfig"],
        json!({"ConsumerGroupId": created["UUID"]})
    );
    // The function is returned with the given qualifier.
    lambda.publish("orders", "one");
    for (given, told) in [
        ("orders:1", "orders:1"),
        ("orders:$LATEST", "orders:$LATEST"),
    ] {
        let mut body = of(QUEUE, json!({}));
        body["FunctionName"] = json!(given);
        assert_eq!(
            lambda.expect(202, "POST", MAPPINGS, &body)["FunctionArn"],
            arn(&format!("function:{told}"))
        );
    }
}

#[test]
fn what_a_source_does_not_take_is_refused() {
    let lambda = start();
    let unsupported = |member: &str| {
        format!("Unsupported '{member}' parameter for given event source mapping type.")
    };
    let required = |member: &str| format!("Required '{member}' parameter is missing.");
    let no_position = "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.";
    let unrecognized = "Unrecognized event source.".to_owned();
    let access = json!([{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s"}]);
    let discard = json!({"OnFailure": {"Destination": QUEUE}});
    let window = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10".to_owned();
    for (body, message) in [
        (of("", json!({})), unrecognized.clone()),
        (of("arn:aws:s3:::bucket", json!({})), unrecognized.clone()),
        (
            of("arn:aws:rds:eu-west-1:111122223333:db:d", json!({})),
            unrecognized,
        ),
        (
            of(QUEUE, json!({"DestinationConfig": discard})),
            "Unsupported DestinationConfig parameter for given event source mapping type."
                .to_owned(),
        ),
        (
            of(QUEUE, json!({"StartingPosition": "LATEST"})),
            unsupported("startingPosition"),
        ),
        (
            of(QUEUE, json!({"ParallelizationFactor": 2})),
            unsupported("parallelizationFactor"),
        ),
        (
            of(QUEUE, json!({"MaximumRetryAttempts": 2})),
            unsupported("maximumRetryAttempts"),
        ),
        (
            of(QUEUE, json!({"Topics": ["clicks"]})),
            unsupported("topics"),
        ),
        (of(QUEUE, json!({"BatchSize": 11})), window.clone()),
        (
            of(FIFO, json!({"BatchSize": 11})),
            "Maximum batch size must be between 1 and 10 inclusive".to_owned(),
        ),
        (
            of(FIFO, json!({"MaximumBatchingWindowInSeconds": 1})),
            "Batching window is not supported for FIFO queues".to_owned(),
        ),
        (of(STREAM, json!({})), no_position.to_owned()),
        (of(TABLE, json!({})), no_position.to_owned()),
        (
            of(
                TABLE,
                json!({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1741010802}),
            ),
            format!("Unsupported starting position for arn type: {TABLE}"),
        ),
        (
            of(STREAM, json!({"StartingPosition": "AT_TIMESTAMP"})),
            no_position.replace("startingPosition", "startingPositionTimestamp"),
        ),
        (
            of(
                STREAM,
                json!({"StartingPosition": "LATEST", "ScalingConfig": {"MaximumConcurrency": 2}}),
            ),
            unsupported("scalingConfig"),
        ),
        (
            of(
                STREAM,
                json!({"StartingPosition": "LATEST", "Queues": ["incoming"]}),
            ),
            unsupported("queues"),
        ),
        (
            of(CLUSTER, json!({"StartingPosition": "LATEST"})),
            required("topics"),
        ),
        (
            of(
                CLUSTER,
                json!({"Topics": ["clicks"], "TumblingWindowInSeconds": 1}),
            ),
            unsupported("tumblingWindowInSeconds"),
        ),
        (
            of(BROKER, json!({"Queues": ["incoming"]})),
            required("sourceAccessConfigurations"),
        ),
        (
            of(BROKER, json!({"SourceAccessConfigurations": access})),
            required("queues"),
        ),
        (
            of(DOCUMENTS, json!({"SourceAccessConfigurations": access})),
            required("documentDBEventSourceConfig"),
        ),
        (
            of(
                "",
                json!({"Topics": ["clicks"], "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:9092"]}}}),
            ),
            required("sourceAccessConfigurations"),
        ),
        (
            of(
                QUEUE,
                json!({"FilterCriteria": {"Filters": [{"Pattern": "simple string"}]}}),
            ),
            "Invalid filter pattern definition.".to_owned(),
        ),
        (
            of(
                QUEUE,
                json!({"FilterCriteria": {"Filters": [{"Pattern": r#"{"eventSource":"aws:sqs"}"#}]}}),
            ),
            "Invalid filter pattern definition.".to_owned(),
        ),
    ] {
        lambda.refused(&[MAPPINGS], ("POST", MAPPINGS, &body), INVALID, &message);
    }
    for name in ["nothing", "orders:7", "orders:nobody"] {
        let mut body = of(QUEUE, json!({}));
        body["FunctionName"] = json!(name);
        lambda.refused(
            &[MAPPINGS],
            ("POST", MAPPINGS, &body),
            INVALID,
            "Function does not exist",
        );
    }
    // The same rules apply to an update, together with the settings that it does not change.
    let mapping = lambda.expect(
        202,
        "POST",
        MAPPINGS,
        &of(
            QUEUE,
            json!({"BatchSize": 20, "MaximumBatchingWindowInSeconds": 1}),
        ),
    );
    for (body, message) in [
        (json!({"MaximumBatchingWindowInSeconds": 0}), window),
        (
            json!({"ParallelizationFactor": 2}),
            unsupported("parallelizationFactor"),
        ),
        (
            json!({"FilterCriteria": {"Filters": [{"Pattern": "null"}]}}),
            "Invalid filter pattern definition.".to_owned(),
        ),
        (
            json!({"FunctionName": "nothing"}),
            "Function does not exist".to_owned(),
        ),
    ] {
        lambda.refused(
            &[MAPPINGS],
            ("PUT", &path(&mapping), &body),
            INVALID,
            &message,
        );
    }
}

#[test]
fn a_source_is_mapped_to_a_function_once() {
    let lambda = start();
    lambda.function("other", &json!({}));
    let rest = |mapping: &Value| {
        format!(
            "Please update or delete the existing mapping with UUID {}",
            mapping["UUID"].as_str().unwrap()
        )
    };
    let queue = lambda.expect(202, "POST", MAPPINGS, &of(QUEUE, json!({})));
    let stream = lambda.expect(
        202,
        "POST",
        MAPPINGS,
        &of(STREAM, json!({"StartingPosition": "LATEST"})),
    );
    let kafka = |servers: Value, topic: &str| {
        of(
            "",
            json!({
                "Topics": [topic], "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": servers}},
                "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s"}],
            }),
        )
    };
    let own = lambda.expect(202, "POST", MAPPINGS, &kafka(json!(["a:1"]), "clicks"));
    let of_own = |servers: &str| {
        format!(
            r#"An event source mapping with event source ("{servers}"), function ("{}"), topics ("clicks") already exists. {}"#,
            arn("function:orders"),
            rest(&own)
        )
    };
    for (body, message) in [
        (
            of(QUEUE, json!({"BatchSize": 1})),
            format!(
                r#"An event source mapping with SQS arn (" {QUEUE} ") and function (" orders ") already exists. {}"#,
                rest(&queue)
            ),
        ),
        (
            of(STREAM, json!({"StartingPosition": "TRIM_HORIZON"})),
            format!(
                r#"The event source arn (" {STREAM} ") and function (" orders ") provided mapping already exists. {}"#,
                rest(&stream)
            ),
        ),
        (kafka(json!(["a:1"]), "clicks"), of_own("a:1")),
        (kafka(json!(["a:1", "b:2"]), "clicks"), of_own("a:1,b:2")),
    ] {
        lambda.refused(&[MAPPINGS], ("POST", MAPPINGS, &body), CONFLICT, &message);
    }
    // A different topic, different servers, or a different function is not a duplicate.
    lambda.expect(202, "POST", MAPPINGS, &kafka(json!(["a:1"]), "views"));
    lambda.expect(202, "POST", MAPPINGS, &kafka(json!(["b:2"]), "clicks"));
    let mut body = of(QUEUE, json!({}));
    body["FunctionName"] = json!("other");
    let other = lambda.expect(202, "POST", MAPPINGS, &body);
    let message = format!(
        r#"An event source mapping with SQS arn (" {QUEUE} ") and function (" orders ") already exists. {}"#,
        rest(&queue)
    );
    lambda.refused(
        &[MAPPINGS],
        ("PUT", &path(&other), &json!({"FunctionName": "orders"})),
        CONFLICT,
        &message,
    );
    // Once it is deleted, another can take its place.
    lambda.expect(202, "DELETE", &path(&queue), &Value::Null);
    lambda.expect(
        202,
        "PUT",
        &path(&other),
        &json!({"FunctionName": "orders"}),
    );
}
