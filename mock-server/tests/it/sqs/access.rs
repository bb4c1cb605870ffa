//! Access to queues: the queue's own policy, other accounts, and IAM if it is enforced.

use serde_json::{Value, json};

use super::{ACCOUNT, INVALID, OTHER, REGION, Sqs, arn, with};
use crate::client::{Answer, policy};
use crate::lambda::trusting;

fn sending(principal: &Value) -> String {
    policy(
        &json!([{"Effect": "Allow", "Principal": principal, "Action": "SQS:SendMessage", "Resource": arn("orders")}]),
    )
}

fn denied(answer: &Answer) -> Option<String> {
    if answer.status != 403 {
        return None;
    }
    assert_eq!(
        (
            answer.header("x-amzn-query-error"),
            answer.json()["__type"].as_str()
        ),
        (
            Some("AccessDenied;Sender"),
            Some("com.amazonaws.sqs#AccessDeniedException")
        ),
        "{}",
        answer.body
    );
    let told = answer.json();
    let message = told["message"].as_str().or(told["Message"].as_str());
    message.map(str::to_owned)
}

#[test]
fn permissions_come_and_go_by_their_labels() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({}));
    let add = |label: &str, accounts: Value| json!({"QueueUrl": url, "Label": label, "AWSAccountIds": accounts, "Actions": ["ReceiveMessage"]});
    sqs.done("AddPermission", &add("cross", json!([OTHER, ACCOUNT])));
    let document = || -> Value {
        let attributes = sqs.attributes(&url, &["Policy"]);
        attributes["Policy"]
            .as_str()
            .map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
    };
    let expected = json!({
        "Version": "2008-10-17",
        "Id": format!("{}/SQSDefaultPolicy", arn("orders")),
        "Statement": [{
            "Sid": "cross",
            "Effect": "Allow",
            "Principal": {"AWS": [format!("arn:aws:iam::{OTHER}:root"), format!("arn:aws:iam::{ACCOUNT}:root")]},
            "Action": "SQS:ReceiveMessage",
            "Resource": arn("orders"),
        }],
    });
    assert_eq!(document(), expected);
    sqs.refused(
        "AddPermission",
        &add("cross", json!([OTHER])),
        with(
            INVALID,
            "Value cross for parameter Label is invalid. Reason: Already exists.",
        ),
    );
    sqs.refused(
        "RemovePermission",
        &json!({"QueueUrl": url, "Label": "none"}),
        with(
            INVALID,
            "Value none for parameter Label is invalid. Reason: can't find label.",
        ),
    );
    sqs.done(
        "RemovePermission",
        &json!({"QueueUrl": url, "Label": "cross"}),
    );
    assert_eq!(document(), Value::Null);
}

/// Whether IAM is enforced or not, another account needs the queue's policy; and other accounts
/// cannot change a queue, whatever the policy says.
#[test]
fn other_accounts_are_let_in_by_the_policy_of_the_queue() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({}));
    let send = json!({"QueueUrl": url, "MessageBody": "x"});
    let read = json!({"QueueUrl": url, "AttributeNames": ["All"]});
    for enforced in [false, true] {
        sqs.mock.server().enforce_iam(enforced);
        sqs.done(
            "SetQueueAttributes",
            &json!({"QueueUrl": url, "Attributes": {"Policy": ""}}),
        );
        let refusal = denied(&sqs.call_as(OTHER, "SendMessage", &send)).unwrap();
        assert_eq!(
            refusal,
            format!(
                "User: arn:aws:iam::{OTHER}:root is not authorized to perform: sqs:sendmessage on resource: {} because no resource-based policy allows the sqs:sendmessage action",
                arn("orders")
            )
        );
        let open = sending(&json!({"AWS": OTHER}));
        sqs.done(
            "SetQueueAttributes",
            &json!({"QueueUrl": url, "Attributes": {"Policy": open}}),
        );
        assert_eq!(sqs.call_as(OTHER, "SendMessage", &send).status, 200);
        assert!(denied(&sqs.call_as(OTHER, "GetQueueAttributes", &read)).is_some());
        let everything = policy(
            &json!([{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]),
        );
        sqs.done(
            "SetQueueAttributes",
            &json!({"QueueUrl": url, "Attributes": {"Policy": everything}}),
        );
        let answer = sqs.call_as(OTHER, "GetQueueAttributes", &read);
        assert_eq!(
            answer.json()["Attributes"]["QueueArn"],
            arn("orders"),
            "{}",
            answer.body
        );
        let change = json!({"QueueUrl": url, "Attributes": {"DelaySeconds": "9"}});
        assert!(denied(&sqs.call_as(OTHER, "SetQueueAttributes", &change)).is_some());
        assert!(denied(&sqs.call_as(OTHER, "DeleteQueue", &json!({"QueueUrl": url}))).is_some());
    }
}

/// The AWS managed key of an account serves no other account, whatever the queue's policy says.
#[test]
fn the_aws_managed_key_admits_its_own_account_only() {
    let sqs = Sqs::start();
    let attributes =
        json!({"KmsMasterKeyId": "alias/aws/sqs", "Policy": sending(&json!({"AWS": OTHER}))});
    let url = sqs.queue("orders", &attributes);
    let send = json!({"QueueUrl": url, "MessageBody": "x"});
    sqs.done("SendMessage", &send);
    let entries = json!({"QueueUrl": url, "Entries": [{"Id": "a", "MessageBody": "x"}]});
    for (operation, input) in [("SendMessage", &send), ("SendMessageBatch", &entries)] {
        let answer = sqs.call_as(OTHER, operation, input);
        assert_eq!(
            (answer.status, answer.json()["__type"].as_str()),
            (400, Some("com.amazonaws.sqs#KmsAccessDenied")),
            "{operation}: {}",
            answer.body
        );
    }
    let plain = json!({"QueueUrl": url, "Attributes": {"KmsMasterKeyId": ""}});
    sqs.done("SetQueueAttributes", &plain);
    assert_eq!(sqs.call_as(OTHER, "SendMessage", &send).status, 200);
}

#[test]
fn roles_need_to_be_allowed_and_not_denied() {
    let sqs = Sqs::enforcing();
    let url = sqs.queue("orders", &json!({}));
    let role = |name: &str, statements: Value| {
        let role = sqs.mock.role(
            ACCOUNT,
            name,
            &trusting("lambda.amazonaws.com"),
            &statements,
        );
        sqs.mock.credentials(&json!({"role": role}))
    };
    let sender = role(
        "sender",
        json!([{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn("orders")}]),
    );
    let nobody = role("nobody", json!([]));
    let send = json!({"QueueUrl": url, "MessageBody": "x"});
    let status = |key: &str| sqs.call_as(key, "SendMessage", &send).status;
    assert_eq!((status(&sender), status(&nobody)), (200, 403));
    let refusal = denied(&sqs.call_as(&nobody, "SendMessage", &send)).unwrap();
    assert!(
        refusal.ends_with("because no identity-based policy allows the sqs:sendmessage action"),
        "{refusal}"
    );
    // A batch needs the same action.
    let batch = json!({"QueueUrl": url, "Entries": [{"Id": "a", "MessageBody": "x"}]});
    assert_eq!(sqs.call_as(&sender, "SendMessageBatch", &batch).status, 200);
    let set = |statements: Value| {
        let body = json!({"QueueUrl": url, "Attributes": {"Policy": policy(&statements)}});
        sqs.done("SetQueueAttributes", &body);
    };
    // Within an account the queue's policy is enough.
    let nobody_arn = format!("arn:aws:iam::{ACCOUNT}:role/nobody");
    set(
        json!([{"Effect": "Allow", "Principal": {"AWS": nobody_arn}, "Action": "sqs:SendMessage", "Resource": arn("orders")}]),
    );
    assert_eq!((status(&sender), status(&nobody)), (200, 200));
    set(
        json!([{"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn("orders"), "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}}]),
    );
    assert_eq!((status(&sender), status(&nobody)), (403, 403));
    let refusal = denied(&sqs.call_as(&sender, "SendMessage", &send)).unwrap();
    assert!(
        refusal.ends_with("with an explicit deny in a resource-based policy"),
        "{refusal}"
    );
}

/// Authorisation queries use queue policies as calls do.
#[test]
fn questions_look_at_the_policy_of_a_queue() {
    let sqs = Sqs::start();
    let url = sqs.queue("orders", &json!({}));
    let role = sqs.mock.role(
        OTHER,
        "sender",
        &trusting("lambda.amazonaws.com"),
        &json!([{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]),
    );
    let question =
        json!({"principal": role, "action": "sqs:SendMessage", "resource": arn("orders")});
    let decision = || {
        let answer = sqs
            .mock
            .post("POST", "/_mock/authorize", &question.to_string());
        answer.json()["decision"].clone()
    };
    assert_eq!(decision(), "implicitly-denied");
    sqs.done(
        "SetQueueAttributes",
        &json!({"QueueUrl": url, "Attributes": {"Policy": sending(&json!({"AWS": role}))}}),
    );
    assert_eq!(decision(), "allowed");
}

/// SQS is Regional: it cannot be used in a Region that the account has disabled.
#[test]
fn a_disabled_region_has_no_queues() {
    let sqs = Sqs::start();
    let headers = [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", "AmazonSQS.ListQueues"),
    ];
    let status = |region: &str| {
        let request = ("POST", "/", headers.as_slice(), "{}");
        sqs.mock.rest_with(ACCOUNT, region, "sqs", request).status
    };
    assert_eq!((status(REGION), status("af-south-1")), (200, 403));
}
