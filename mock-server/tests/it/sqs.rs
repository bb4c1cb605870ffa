//! SQS: queues, their attributes, policies and messages, in both protocols.
//!
//! Texts and orders are those that LocalStack's tests recorded from AWS
//! (`tests/aws/services/sqs`), unless a test says otherwise.

use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock, policy};

mod access;
mod messages;

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";
const REGION: &str = "eu-west-1";

fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// SQS of a mock.
struct Sqs {
    mock: Mock,
}

impl Sqs {
    fn start() -> Self {
        Self {
            mock: Mock::start(Empty),
        }
    }

    fn enforcing() -> Self {
        Self {
            mock: Mock::with(Options {
                enforce_iam: true,
                ..Options::new(Box::new(Empty))
            }),
        }
    }

    /// A call of a key, in JSON.
    fn call_as(&self, key: &str, operation: &str, body: &Value) -> Answer {
        let target = format!("AmazonSQS.{operation}");
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", target.as_str()),
        ];
        let request = ("POST", "/", headers.as_slice(), &*body.to_string());
        self.mock.rest_with(key, REGION, "sqs", request)
    }

    fn call(&self, operation: &str, body: &Value) -> Answer {
        self.call_as(ACCOUNT, operation, body)
    }

    /// What a call that succeeds answers.
    fn done(&self, operation: &str, body: &Value) -> Value {
        let answer = self.call(operation, body);
        assert_eq!(answer.status, 200, "{operation} {body}: {}", answer.body);
        answer.json()
    }

    /// Holds that a call is refused with a code of JSON, one of the query protocol, and a text.
    fn refused(&self, operation: &str, body: &Value, expected: (u16, &str, &str, &str)) {
        let (status, code, query_code, message) = expected;
        let answer = self.call(operation, body);
        let told = answer.json();
        let header = format!("{query_code};Sender");
        assert_eq!(
            (
                answer.status,
                told["__type"].as_str(),
                answer.header("x-amzn-query-error"),
                told["message"].as_str().or(told["Message"].as_str()),
            ),
            (
                status,
                Some(&*format!("com.amazonaws.sqs#{code}")),
                Some(header.as_str()),
                Some(message)
            ),
            "{operation} {body}"
        );
    }

    /// A call in the query protocol, with parameters that are not encoded yet.
    fn query(&self, operation: &str, parameters: &[(&str, &str)]) -> Answer {
        let encoded =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let mut form = format!("Action={operation}&Version=2012-11-05");
        for (name, value) in parameters {
            form.push_str(&format!("&{name}={}", encoded(value)));
        }
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let request = ("POST", "/", headers.as_slice(), form.as_str());
        self.mock.rest_with(ACCOUNT, REGION, "sqs", request)
    }

    /// Creates a queue, and gives its URL.
    fn queue(&self, name: &str, attributes: &Value) -> String {
        let body = json!({"QueueName": name, "Attributes": attributes});
        let created = self.done("CreateQueue", &body);
        created["QueueUrl"].as_str().unwrap().to_owned()
    }

    fn attributes(&self, url: &str, names: &[&str]) -> Value {
        let body = json!({"QueueUrl": url, "AttributeNames": names});
        self.done("GetQueueAttributes", &body)["Attributes"].take()
    }
}

const INVALID: (u16, &str, &str) = (
    400,
    "InvalidParameterValueException",
    "InvalidParameterValue",
);

fn with<'a>(
    (status, code, query): (u16, &'a str, &'a str),
    message: &'a str,
) -> (u16, &'a str, &'a str, &'a str) {
    (status, code, query, message)
}

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
    // Without names there are no attributes, and what a queue has not is left out.
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

#[test]
fn a_queue_is_created_once() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({"DelaySeconds": "1"}));
    assert_eq!(sqs.queue("orders", &json!({"DelaySeconds": "1"})), url);
    assert_eq!(sqs.queue("orders", &json!({})), url);
    sqs.refused(
        "CreateQueue",
        &json!({"QueueName": "orders", "Attributes": {"DelaySeconds": "2"}}),
        (
            400,
            "QueueNameExists",
            "QueueAlreadyExists",
            "A queue already exists with the same name and a different value for attribute DelaySeconds",
        ),
    );
    let standard =
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
    for name in ["a b", "a.fifo", &"x".repeat(81)] {
        let body = json!({"QueueName": name});
        sqs.refused("CreateQueue", &body, with(INVALID, standard));
    }
    sqs.refused(
        "CreateQueue",
        &json!({"QueueName": "a", "Attributes": {"FifoQueue": "true"}}),
        with(INVALID, "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length"),
    );
}

/// The host of a URL is not looked at: clients of a scan build it from the ARN.
#[test]
fn queues_are_found_by_account_and_name_of_their_url() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({}));
    assert!(url.ends_with("/111122223333/orders"), "{url}");
    for url in [
        url.as_str(),
        "https://sqs.eu-west-1.amazonaws.com/111122223333/orders",
        "https://eu-west-1.queue.amazonaws.com/111122223333/orders",
        "orders",
    ] {
        let found = sqs.attributes(url, &["QueueArn"]);
        assert_eq!(found, json!({"QueueArn": arn("orders")}), "{url}");
    }
    let found = sqs.done("GetQueueUrl", &json!({"QueueName": "orders"}));
    assert_eq!(found, json!({"QueueUrl": url}));
    let gone = (
        400,
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.",
    );
    sqs.done("DeleteQueue", &json!({"QueueUrl": url}));
    sqs.refused("GetQueueAttributes", &json!({"QueueUrl": url}), gone);
    sqs.refused("GetQueueUrl", &json!({"QueueName": "orders"}), gone);
    sqs.refused("DeleteQueue", &json!({"QueueUrl": url}), gone);
    let other_region = sqs.mock.rest_with(
        ACCOUNT,
        "eu-west-2",
        "sqs",
        (
            "POST",
            "/",
            &[
                ("x-amz-target", "AmazonSQS.ListQueues"),
                ("content-type", "application/x-amz-json-1.0"),
            ],
            "{}",
        ),
    );
    assert_eq!(other_region.json(), json!({}));
}

#[test]
fn lists_come_in_pages_where_a_size_is_given() {
    let sqs = Sqs::start();
    for at in 0..5 {
        sqs.queue(&format!("queue-{at}"), &json!({}));
    }
    sqs.queue("other", &json!({}));
    let names = |answer: &Value| -> Vec<String> {
        let urls = answer["QueueUrls"].as_array().unwrap().iter();
        urls.map(|url| url.as_str().unwrap().rsplit('/').next().unwrap().to_owned())
            .collect()
    };
    let all = sqs.done("ListQueues", &json!({"QueueNamePrefix": "queue-"}));
    assert_eq!((names(&all).len(), &all["NextToken"]), (5, &Value::Null));
    let first = sqs.done(
        "ListQueues",
        &json!({"QueueNamePrefix": "queue-", "MaxResults": 2}),
    );
    assert_eq!(names(&first), ["queue-0", "queue-1"]);
    let rest = sqs.done(
        "ListQueues",
        &json!({"QueueNamePrefix": "queue-", "MaxResults": 10, "NextToken": first["NextToken"]}),
    );
    assert_eq!(names(&rest), ["queue-2", "queue-3", "queue-4"]);
    assert_eq!(rest["NextToken"], Value::Null);
}

#[test]
fn tags_are_added_and_taken_away() {
    let sqs = Sqs::start();
    let created = sqs.done(
        "CreateQueue",
        &json!({"QueueName": "orders", "tags": {"team": "orders"}}),
    );
    let url = &created["QueueUrl"];
    let tags = json!({"tag1": "value1", "tag3": ""});
    sqs.done("TagQueue", &json!({"QueueUrl": url, "Tags": tags}));
    let listed = || sqs.done("ListQueueTags", &json!({"QueueUrl": url}));
    assert_eq!(
        listed(),
        json!({"Tags": {"tag1": "value1", "tag3": "", "team": "orders"}})
    );
    let keys = json!(["tag1", "tag3", "team", "none"]);
    sqs.done("UntagQueue", &json!({"QueueUrl": url, "TagKeys": keys}));
    assert_eq!(listed(), json!({}));
}

#[test]
fn dead_letter_queues_are_there_and_of_the_same_kind() {
    let sqs = Sqs::start();
    sqs.queue("dead", &json!({}));
    sqs.queue("dead.fifo", &json!({"FifoQueue": "true"}));
    let redrive = |target: String, most: Value| {
        json!({"deadLetterTargetArn": target, "maxReceiveCount": most}).to_string()
    };
    let right = redrive(arn("dead"), json!(3));
    let url = sqs.queue("orders", &json!({"RedrivePolicy": right}));
    let sources = sqs.done(
        "ListDeadLetterSourceQueues",
        &json!({"QueueUrl": url.replace("orders", "dead")}),
    );
    assert_eq!(sources, json!({"queueUrls": [url]}));
    for (target, most, reason) in [
        (arn("gone"), json!(3), "Dead letter target does not exist."),
        (
            arn("dead.fifo"),
            json!(3),
            "Dead-letter queue must be same type of queue as the source.",
        ),
        (
            arn("dead").replace(ACCOUNT, OTHER),
            json!(3),
            "Dead letter target owner should be same as the source.",
        ),
        (
            arn("dead"),
            json!(0),
            "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.",
        ),
        (
            arn("dead"),
            json!("x"),
            "Invalid value for maxReceiveCount: x, valid values are from 1 to 1000 both inclusive.",
        ),
    ] {
        let given = redrive(target, most);
        let text =
            format!("Value {given} for parameter RedrivePolicy is invalid. Reason: {reason}");
        sqs.refused(
            "SetQueueAttributes",
            &json!({"QueueUrl": url, "Attributes": {"RedrivePolicy": given}}),
            with(INVALID, &text),
        );
    }
    let body = json!({"QueueUrl": url, "Attributes": {"RedrivePolicy": ""}});
    sqs.done("SetQueueAttributes", &body);
    assert_eq!(sqs.attributes(&url, &["RedrivePolicy"]), Value::Null);
}

/// The names are those of the last botocore that spoke the query protocol to SQS.
#[test]
fn the_query_protocol_has_names_of_its_own() {
    let sqs = Sqs::start();
    let created = sqs.query(
        "CreateQueue",
        &[
            ("QueueName", "orders"),
            ("Attribute.1.Name", "DelaySeconds"),
            ("Attribute.1.Value", "7"),
            ("Tag.1.Key", "team"),
            ("Tag.1.Value", "a & b"),
        ],
    );
    assert_eq!(created.status, 200, "{}", created.body);
    let url = created.element("QueueUrl").unwrap();
    assert!(
        created.body.contains("<CreateQueueResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><CreateQueueResult><QueueUrl>"),
        "{}",
        created.body
    );
    let attributes = sqs.query(
        "GetQueueAttributes",
        &[
            ("QueueUrl", url),
            ("AttributeName.1", "DelaySeconds"),
            ("AttributeName.2", "QueueArn"),
        ],
    );
    assert!(
        attributes.body.contains(&format!("<GetQueueAttributesResult><Attribute><Name>DelaySeconds</Name><Value>7</Value></Attribute><Attribute><Name>QueueArn</Name><Value>{}</Value></Attribute></GetQueueAttributesResult>", arn("orders"))),
        "{}",
        attributes.body
    );
    let tags = sqs.query("ListQueueTags", &[("QueueUrl", url)]);
    assert!(
        tags.body
            .contains("<Tag><Key>team</Key><Value>a &amp; b</Value></Tag>"),
        "{}",
        tags.body
    );
    let listed = sqs.query("ListQueues", &[]);
    assert!(
        listed.body.contains(&format!(
            "<ListQueuesResult><QueueUrl>{url}</QueueUrl></ListQueuesResult>"
        )),
        "{}",
        listed.body
    );
    let sent = sqs.query(
        "SendMessageBatch",
        &[
            ("QueueUrl", url),
            ("SendMessageBatchRequestEntry.1.Id", "a"),
            ("SendMessageBatchRequestEntry.1.MessageBody", "hello"),
            ("SendMessageBatchRequestEntry.1.DelaySeconds", "0"),
            (
                "SendMessageBatchRequestEntry.1.MessageAttribute.1.Name",
                "n",
            ),
            (
                "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType",
                "String",
            ),
            (
                "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue",
                "v",
            ),
        ],
    );
    assert!(
        sent.body
            .contains("<SendMessageBatchResult><SendMessageBatchResultEntry><Id>a</Id><MessageId>"),
        "{}",
        sent.body
    );
    let received = sqs.query(
        "ReceiveMessage",
        &[
            ("QueueUrl", url),
            ("MessageAttributeName.1", "All"),
            ("AttributeName.1", "ApproximateReceiveCount"),
        ],
    );
    for part in [
        "<ReceiveMessageResult><Message><MessageId>",
        "<Body>hello</Body>",
        "<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>",
        "<MessageAttribute><Name>n</Name><Value><StringValue>v</StringValue><DataType>String</DataType></Value></MessageAttribute>",
    ] {
        assert!(received.body.contains(part), "{part}: {}", received.body);
    }
    let gone = sqs.query(
        "GetQueueAttributes",
        &[("QueueUrl", "http://x/111122223333/gone")],
    );
    assert_eq!(
        (gone.status, gone.element("Type"), gone.element("Code")),
        (
            400,
            Some("Sender"),
            Some("AWS.SimpleQueueService.NonExistentQueue")
        )
    );
    let missing = sqs.query("SendMessage", &[("QueueUrl", url)]);
    assert_eq!(
        (
            missing.status,
            missing.element("Code"),
            missing.element("Message")
        ),
        (
            400,
            Some("MissingParameter"),
            Some("The request must contain the parameter MessageBody.")
        )
    );
}
