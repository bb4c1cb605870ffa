//! Attributes of queues.

use serde_json::{Value, json};

use super::{Sqs, arn};
use crate::client::policy;

#[test]
fn queues_begin_with_the_attributes_of_aws() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({}));
    let mut attributes = sqs.attributes(&url, &["All"]);
    for time in ["CreatedTimestamp", "LastModifiedTimestamp"] {
        let value = attributes.as_object_mut().unwrap().remove(time).unwrap();
        assert!(value.as_str().unwrap().parse::<u64>().is_ok(), "{value}");
    }
    let standard = json!({
        "ApproximateNumberOfMessages": "0",
        "ApproximateNumberOfMessagesDelayed": "0",
        "ApproximateNumberOfMessagesNotVisible": "0",
        "DelaySeconds": "0",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "QueueArn": arn("orders"),
        "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true",
        "VisibilityTimeout": "30",
    });
    assert_eq!(attributes, standard);
    let fifo = sqs.queue("orders.fifo", &json!({"FifoQueue": "true"}));
    let names = [
        "ContentBasedDeduplication",
        "DeduplicationScope",
        "FifoQueue",
        "FifoThroughputLimit",
    ];
    let expected = json!({
        "ContentBasedDeduplication": "false",
        "DeduplicationScope": "queue",
        "FifoQueue": "true",
        "FifoThroughputLimit": "perQueue",
    });
    assert_eq!(sqs.attributes(&fifo, &names), expected);
    // Without names there are no attributes, and attributes that a queue does not have are omitted.
    assert_eq!(sqs.attributes(&url, &[]), Value::Null);
    assert_eq!(sqs.attributes(&url, &["FifoQueue", "Policy"]), Value::Null);
}

#[test]
fn attributes_are_set_and_taken_away() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({"DelaySeconds": "5"}));
    let set = |attributes: Value| {
        sqs.done(
            "SetQueueAttributes",
            &json!({"QueueUrl": url, "Attributes": attributes}),
        );
    };
    let encryption = [
        "KmsMasterKeyId",
        "KmsDataKeyReusePeriodSeconds",
        "SqsManagedSseEnabled",
    ];
    set(json!({"KmsMasterKeyId": "testKeyId", "KmsDataKeyReusePeriodSeconds": "6000"}));
    assert_eq!(
        sqs.attributes(&url, &encryption),
        json!({"KmsDataKeyReusePeriodSeconds": "6000", "KmsMasterKeyId": "testKeyId", "SqsManagedSseEnabled": "false"})
    );
    set(
        json!({"KmsMasterKeyId": "", "KmsDataKeyReusePeriodSeconds": "300", "SqsManagedSseEnabled": "false"}),
    );
    assert_eq!(
        sqs.attributes(&url, &["SqsManagedSseEnabled", "DelaySeconds"]),
        json!({"DelaySeconds": "5", "SqsManagedSseEnabled": "false"})
    );
    let document = policy(
        &json!([{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]),
    );
    set(json!({"Policy": document}));
    assert_eq!(
        sqs.attributes(&url, &["Policy"]),
        json!({"Policy": document})
    );
    set(json!({"Policy": ""}));
    assert_eq!(sqs.attributes(&url, &["Policy"]), Value::Null);
}

#[test]
fn attributes_that_cannot_be_are_refused() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({}));
    let fifo = sqs.queue("orders.fifo", &json!({"FifoQueue": "true"}));
    let name = "InvalidAttributeName";
    let value = "InvalidAttributeValue";
    let unknown = (400, name, name, "Unknown Attribute FifoQueue.");
    for (url, attributes, expected) in [
        (&url, json!({"FifoQueue": "true"}), unknown),
        (&url, json!({"FifoQueue": "false"}), unknown),
        (
            &fifo,
            json!({"FifoQueue": "false"}),
            (
                400,
                value,
                value,
                "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
            ),
        ),
        (
            &url,
            json!({"ContentBasedDeduplication": "true"}),
            (
                400,
                name,
                name,
                "Unknown Attribute ContentBasedDeduplication.",
            ),
        ),
        (
            &url,
            json!({"DeduplicationScope": "queue"}),
            (
                400,
                name,
                name,
                "You can specify the DeduplicationScope only when FifoQueue is set to true.",
            ),
        ),
        (
            &url,
            json!({"KmsMasterKeyId": "k", "SqsManagedSseEnabled": "true"}),
            (
                400,
                name,
                name,
                "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
            ),
        ),
        (
            &url,
            json!({"VisibilityTimeout": "43201"}),
            (
                400,
                value,
                value,
                "Invalid value for the parameter VisibilityTimeout.",
            ),
        ),
        (
            &url,
            json!({"Policy": "{}"}),
            (400, value, value, "Invalid value for the parameter Policy."),
        ),
        (
            &url,
            json!({"QueueArn": "x"}),
            (400, name, name, "Unknown Attribute QueueArn."),
        ),
    ] {
        let before = sqs.mock.state();
        let body = json!({"QueueUrl": url, "Attributes": attributes});
        sqs.refused("SetQueueAttributes", &body, expected);
        assert_eq!(sqs.mock.state(), before, "{attributes}");
    }
    let body = json!({"QueueName": "x", "Attributes": {"FifoQueue": "false"}});
    sqs.refused("CreateQueue", &body, unknown);
    let body = json!({"QueueUrl": url, "AttributeNames": ["Foo"]});
    sqs.refused(
        "GetQueueAttributes",
        &body,
        (400, name, name, "Unknown Attribute Foo."),
    );
}
