//! SQS: queues, their attributes, policies and messages, in both protocols.
//!
//! Messages and orders are those that LocalStack's tests recorded from AWS
//! (`tests/aws/services/sqs`), unless a test says otherwise.

use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock};

mod access;
mod attributes;
mod messages;
mod planted;
mod query;

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

    /// A call with an access key, in JSON.
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

    /// The response to a call that must succeed.
    fn done(&self, operation: &str, body: &Value) -> Value {
        let answer = self.call(operation, body);
        assert_eq!(answer.status, 200, "{operation} {body}: {}", answer.body);
        answer.json()
    }

    /// Asserts that a call is rejected with a status, a code in JSON, one in the query protocol,
    /// and a message.
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

    /// A call in the query protocol; the parameters are encoded here.
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

    /// Creates a queue, and returns its URL.
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

/// The host of a URL is ignored: clients of a scan build it from the ARN.
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
