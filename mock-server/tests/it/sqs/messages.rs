//! Messages: a sent message is received once per visibility timeout, and moves as redrive policies
//! say.

use base64::Engine;
use serde_json::{Value, json};

use super::{INVALID, Sqs, arn, with};

impl Sqs {
    fn send(&self, url: &str, body: &str) -> Value {
        self.done(
            "SendMessage",
            &json!({"QueueUrl": url, "MessageBody": body}),
        )
    }

    /// The bodies and handles of received messages, with a visibility timeout in seconds.
    fn receive(&self, url: &str, timeout: u64) -> Vec<(String, String)> {
        let body =
            json!({"QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": timeout});
        let answer = self.done("ReceiveMessage", &body);
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        let text = |message: &Value, name: &str| message[name].as_str().unwrap().to_owned();
        messages
            .iter()
            .map(|message| (text(message, "Body"), text(message, "ReceiptHandle")))
            .collect()
    }

    fn bodies(&self, url: &str, timeout: u64) -> Vec<String> {
        let received = self.receive(url, timeout).into_iter();
        received.map(|(body, _)| body).collect()
    }
}

#[test]
fn messages_are_received_until_they_are_deleted() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({}));
    let body = json!({
        "QueueUrl": url,
        "MessageBody": "derp",
        "MessageAttributes": {"timestamp": {"StringValue": "1493147359900", "DataType": "Number.java.lang.Long"}},
    });
    let sent = sqs.done("SendMessage", &body);
    // Recorded from AWS by moto.
    assert_eq!(sent["MD5OfMessageBody"], "58fd9edd83341c29f1aebba81c31e257");
    assert_eq!(
        sent["MD5OfMessageAttributes"],
        "2e2e4876d8e0bd6b8c2c8f556831c349"
    );
    let ask = json!({"QueueUrl": url, "MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"]});
    let received = sqs.done("ReceiveMessage", &ask);
    let message = &received["Messages"][0];
    assert_eq!(message["MessageId"], sent["MessageId"]);
    assert_eq!(
        message["MD5OfMessageAttributes"],
        sent["MD5OfMessageAttributes"]
    );
    assert_eq!(
        (
            &message["Body"],
            &message["Attributes"]["ApproximateReceiveCount"],
            &message["Attributes"]["SenderId"]
        ),
        (&json!("derp"), &json!("1"), &json!("111122223333"))
    );
    // It is in flight: nobody else receives it until its receiver makes it visible.
    assert_eq!(sqs.bodies(&url, 30), Vec::<String>::new());
    assert_eq!(
        sqs.attributes(
            &url,
            &[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible"
            ]
        ),
        json!({"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "1"})
    );
    let handle = &message["ReceiptHandle"];
    sqs.done(
        "ChangeMessageVisibility",
        &json!({"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 0}),
    );
    let again = sqs.receive(&url, 30);
    assert_eq!(again.len(), 1);
    sqs.done(
        "DeleteMessage",
        &json!({"QueueUrl": url, "ReceiptHandle": again[0].1}),
    );
    assert_eq!(
        sqs.attributes(&url, &["ApproximateNumberOfMessagesNotVisible"]),
        json!({"ApproximateNumberOfMessagesNotVisible": "0"})
    );
    let broken = json!({"QueueUrl": url, "ReceiptHandle": "x"});
    assert_eq!(sqs.call("DeleteMessage", &broken).status, 400);
}

#[test]
fn messages_that_cannot_be_are_refused() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({"MaximumMessageSize": "1024"}));
    let fifo = sqs.queue("orders.fifo", &json!({"FifoQueue": "true"}));
    let missing = (400, "MissingRequiredParameterException", "MissingParameter");
    for (queue, input, expected) in [
        (
            &url,
            json!({"MessageBody": ""}),
            with(
                missing,
                "The request must contain the parameter MessageBody.",
            ),
        ),
        (
            &url,
            json!({"MessageBody": "x".repeat(1025)}),
            with(
                INVALID,
                "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
            ),
        ),
        (
            &url,
            json!({"MessageBody": "x", "MessageAttributes": {"ErrorDetails": {"DataType": "String", "StringValue": ""}}}),
            with(
                INVALID,
                "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
            ),
        ),
        (
            &url,
            json!({"MessageBody": "x", "MessageGroupId": "group 123"}),
            with(
                INVALID,
                "Value group 123 for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
            ),
        ),
        (
            &fifo,
            json!({"MessageBody": "x"}),
            with(
                missing,
                "The request must contain the parameter MessageGroupId.",
            ),
        ),
        (
            &fifo,
            json!({"MessageBody": "x", "MessageGroupId": "g"}),
            with(
                INVALID,
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ),
        ),
        (
            &fifo,
            json!({"MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 2}),
            with(
                INVALID,
                "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
            ),
        ),
    ] {
        let mut input = input;
        input["QueueUrl"] = json!(queue);
        let before = sqs.mock.state();
        sqs.refused("SendMessage", &input, expected);
        assert_eq!(sqs.mock.state(), before);
    }
    sqs.refused(
        "ReceiveMessage",
        &json!({"QueueUrl": url, "MaxNumberOfMessages": 11}),
        with(INVALID, "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."),
    );
    sqs.refused(
        "ReceiveMessage",
        &json!({"QueueUrl": url, "WaitTimeSeconds": 21}),
        with(INVALID, "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
    );
}

#[test]
fn fifo_queues_keep_the_order_of_groups_and_send_nothing_twice() {
    let sqs = Sqs::start();
    let url = sqs.queue(
        "orders.fifo",
        &json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"}),
    );
    let send = |group: &str, body: &str| {
        sqs.done(
            "SendMessage",
            &json!({"QueueUrl": url, "MessageBody": body, "MessageGroupId": group}),
        )
    };
    let first = send("a", "a1");
    let repeated = send("a", "a1");
    assert_eq!(first["MessageId"], repeated["MessageId"]);
    send("a", "a2");
    send("b", "b1");
    let one = json!({"QueueUrl": url, "MaxNumberOfMessages": 1});
    let received = sqs.done("ReceiveMessage", &one);
    assert_eq!(received["Messages"][0]["Body"], "a1");
    // Later messages of the group wait for it; other groups do not.
    assert_eq!(sqs.bodies(&url, 30), ["b1"]);
    let handle = &received["Messages"][0]["ReceiptHandle"];
    sqs.done(
        "DeleteMessage",
        &json!({"QueueUrl": url, "ReceiptHandle": handle}),
    );
    assert_eq!(sqs.bodies(&url, 30), ["a2"]);
}

#[test]
fn what_is_received_too_often_goes_to_the_dead_letter_queue_and_back() {
    let sqs = Sqs::start();
    let dead = sqs.queue("dead", &json!({}));
    let redrive = json!({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": "2"}).to_string();
    let url = sqs.queue("orders", &json!({"RedrivePolicy": redrive}));
    sqs.refused(
        "StartMessageMoveTask",
        &json!({"SourceArn": arn("orders")}),
        with(
            INVALID,
            "Source queue must be configured as a Dead Letter Queue.",
        ),
    );
    sqs.send(&url, "x");
    assert_eq!(
        (sqs.bodies(&url, 0), sqs.bodies(&url, 0)),
        (vec!["x".to_owned()], vec!["x".to_owned()])
    );
    assert_eq!(sqs.bodies(&url, 0), Vec::<String>::new());
    assert_eq!(sqs.bodies(&dead, 0), ["x"]);
    let started = sqs.done("StartMessageMoveTask", &json!({"SourceArn": arn("dead")}));
    assert!(started["TaskHandle"].is_string());
    let mut listed = sqs.done("ListMessageMoveTasks", &json!({"SourceArn": arn("dead")}));
    let task = listed["Results"][0].as_object_mut().unwrap();
    assert!(task.remove("StartedTimestamp").unwrap().is_u64());
    assert_eq!(
        listed["Results"][0],
        json!({"ApproximateNumberOfMessagesMoved": 1, "ApproximateNumberOfMessagesToMove": 1, "SourceArn": arn("dead"), "Status": "COMPLETED"})
    );
    assert_eq!(sqs.bodies(&url, 0), ["x"]);
    let gone = ("ResourceNotFoundException", "ResourceNotFoundException");
    let text = "The resource that you specified for the DestinationArn parameter doesn't exist.";
    sqs.refused(
        "StartMessageMoveTask",
        &json!({"SourceArn": arn("dead"), "DestinationArn": arn("gone")}),
        (404, gone.0, gone.1, text),
    );
    sqs.refused(
        "CancelMessageMoveTask",
        &json!({"TaskHandle": "x"}),
        with(INVALID, "Value for parameter TaskHandle is invalid."),
    );
    sqs.refused(
        "CancelMessageMoveTask",
        &json!({"TaskHandle": started["TaskHandle"]}),
        with(INVALID, "Only active tasks can be cancelled."),
    );
    // A task with a rate runs for a while, excludes other tasks, and can be cancelled: messages
    // that it has not moved are available again.
    for at in 0..3 {
        sqs.send(&dead, &at.to_string());
    }
    let slow = json!({"SourceArn": arn("dead"), "DestinationArn": arn("orders"), "MaxNumberOfMessagesPerSecond": 1});
    let started = sqs.done("StartMessageMoveTask", &slow);
    sqs.refused(
        "StartMessageMoveTask",
        &slow,
        with(INVALID, "There is already a task running. Only one active task is allowed for a source queue arn at a given time."),
    );
    let listed = sqs.done("ListMessageMoveTasks", &json!({"SourceArn": arn("dead")}));
    assert_eq!(
        (
            &listed["Results"][0]["Status"],
            &listed["Results"][0]["TaskHandle"]
        ),
        (&json!("RUNNING"), &started["TaskHandle"])
    );
    let stopped = sqs.done(
        "CancelMessageMoveTask",
        &json!({"TaskHandle": started["TaskHandle"]}),
    );
    let moved = stopped["ApproximateNumberOfMessagesMoved"]
        .as_u64()
        .unwrap();
    assert_eq!(sqs.bodies(&dead, 0).len() as u64, 3 - moved);
    let unknown = base64::engine::general_purpose::STANDARD
        .encode(json!({"taskId": "none", "sourceArn": arn("dead")}).to_string());
    sqs.refused(
        "CancelMessageMoveTask",
        &json!({"TaskHandle": unknown}),
        (404, gone.0, gone.1, "Task does not exist."),
    );
}

#[test]
fn batches_are_done_entry_by_entry() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({}));
    let entries = json!([
        {"Id": "a", "MessageBody": "one"},
        {"Id": "b", "MessageBody": "two", "DelaySeconds": 901},
        {"Id": "c", "MessageBody": "three"},
    ]);
    let sent = sqs.done(
        "SendMessageBatch",
        &json!({"QueueUrl": url, "Entries": entries}),
    );
    let ids = |answer: &Value, which: &str| -> Vec<String> {
        let entries = answer[which].as_array().unwrap().iter();
        entries
            .map(|entry| entry["Id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        (ids(&sent, "Successful"), ids(&sent, "Failed")),
        (vec!["a".to_owned(), "c".to_owned()], vec!["b".to_owned()])
    );
    assert_ne!(
        sent["Successful"][0]["MessageId"],
        sent["Successful"][1]["MessageId"]
    );
    assert_eq!(sent["Failed"][0]["Code"], "InvalidParameterValue");
    let received = sqs.receive(&url, 30);
    assert_eq!(received.len(), 2);
    let entries = |more: Value| -> Value {
        let of_handle = |(at, (_, handle)): (usize, &(String, String))| {
            let mut entry = json!({"Id": at.to_string(), "ReceiptHandle": handle});
            entry
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            entry
        };
        received.iter().enumerate().map(of_handle).collect()
    };
    let changed = sqs.done(
        "ChangeMessageVisibilityBatch",
        &json!({"QueueUrl": url, "Entries": entries(json!({"VisibilityTimeout": 60}))}),
    );
    assert_eq!(ids(&changed, "Successful").len(), 2);
    let deleted = sqs.done(
        "DeleteMessageBatch",
        &json!({"QueueUrl": url, "Entries": entries(json!({}))}),
    );
    assert_eq!(ids(&deleted, "Successful").len(), 2);
    let many: Value = (0..20)
        .map(|at| json!({"Id": at.to_string(), "MessageBody": "x"}))
        .collect();
    let code = |name: &'static str| format!("AWS.SimpleQueueService.{name}");
    for (entries, name, message) in [
        (
            many,
            "TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10. You have sent 20.",
        ),
        (
            json!([{"Id": "a:b", "MessageBody": "x"}]),
            "InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
        ),
        (
            json!([{"Id": "a", "MessageBody": "x"}, {"Id": "a", "MessageBody": "x"}]),
            "BatchEntryIdsNotDistinct",
            "Id a repeated.",
        ),
        (
            json!([{"Id": "a", "MessageBody": "x".repeat(1_048_576)}, {"Id": "b", "MessageBody": "x"}]),
            "BatchRequestTooLong",
            "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
        ),
    ] {
        let body = json!({"QueueUrl": url, "Entries": entries});
        sqs.refused("SendMessageBatch", &body, (400, name, &code(name), message));
    }
}

#[test]
fn a_purge_empties_a_queue_once_a_minute() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({}));
    sqs.send(&url, "x");
    sqs.done("PurgeQueue", &json!({"QueueUrl": url}));
    assert_eq!(sqs.bodies(&url, 0), Vec::<String>::new());
    sqs.refused(
        "PurgeQueue",
        &json!({"QueueUrl": url}),
        (
            403,
            "PurgeQueueInProgress",
            "AWS.SimpleQueueService.PurgeQueueInProgress",
            "Only one PurgeQueue operation on orders is allowed every 60 seconds.",
        ),
    );
}
