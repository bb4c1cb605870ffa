//! SQS in the query protocol, whose names are missing in today's models.

use super::{Sqs, arn};

/// The names are those of the last botocore version that used the query protocol for SQS.
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
    // A shape may have its own name, regardless of the member.
    let tagged = sqs.query(
        "TagQueue",
        &[
            ("QueueUrl", url),
            ("Tag.1.Key", "stage"),
            ("Tag.1.Value", "test"),
        ],
    );
    assert_eq!(tagged.status, 200, "{}", tagged.body);
    let tags = sqs.query("ListQueueTags", &[("QueueUrl", url)]);
    assert!(
        tags.body
            .contains("<Tag><Key>stage</Key><Value>test</Value></Tag>"),
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
