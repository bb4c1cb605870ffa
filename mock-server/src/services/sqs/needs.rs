//! SQS. Source: "Actions, resources, and condition keys for Amazon SQS"; for move tasks
//! "Configuring queue permissions for dead-letter queue redrive", Developer Guide.

use super::{address, queue_arn, text};
use crate::call::{Call, Input};
use crate::permission::Key::{self, Member, Tags};
use crate::permission::Resource::{self, Any, Arns};
use crate::permission::{Named, Row, need};

/// The queue of `QueueUrl`.
const QUEUE: Resource = Resource::Of(
    |call, input| {
        let (account, name) = address(call, text(input, "QueueUrl").unwrap_or_default());
        Named::at(queue_arn(call, account, name))
    },
    &["QueueUrl"],
);

/// The queue of `QueueName`, in the account that owns it.
const NAMED_QUEUE: Resource = Resource::Of(named_queue, &["QueueName", "QueueOwnerAWSAccountId"]);

/// The queue of `QueueName` that is to be created.
const NEW_QUEUE: Resource = Resource::Of(
    |call, input| named_queue(call, input).unmade(),
    &["QueueName"],
);

const SOURCE: Resource = Arns("SourceArn");

const TAGS_OF_QUEUE: &[Key] = &[Tags("tags")];

fn named_queue(call: &Call<'_>, input: &Input) -> Named {
    let account = text(input, "QueueOwnerAWSAccountId").unwrap_or(call.account());
    let name = text(input, "QueueName").unwrap_or_default();
    Named::at(queue_arn(call, account, name))
}

pub(super) const NEEDS: &[Row] = &[
    ("AddPermission", &[need("sqs:AddPermission", QUEUE)]),
    // The handle contains the ARN of the source queue; the handler checks its owner.
    (
        "CancelMessageMoveTask",
        &[need("sqs:CancelMessageMoveTask", Any)],
    ),
    (
        "ChangeMessageVisibility",
        &[need("sqs:ChangeMessageVisibility", QUEUE)],
    ),
    (
        "ChangeMessageVisibilityBatch",
        &[need("sqs:ChangeMessageVisibility", QUEUE)],
    ),
    (
        "CreateQueue",
        &[
            need("sqs:CreateQueue", NEW_QUEUE).with(TAGS_OF_QUEUE),
            need("sqs:TagQueue", NEW_QUEUE)
                .with(TAGS_OF_QUEUE)
                .when("tags"),
        ],
    ),
    ("DeleteMessage", &[need("sqs:DeleteMessage", QUEUE)]),
    ("DeleteMessageBatch", &[need("sqs:DeleteMessage", QUEUE)]),
    ("DeleteQueue", &[need("sqs:DeleteQueue", QUEUE)]),
    (
        "GetQueueAttributes",
        &[need("sqs:GetQueueAttributes", QUEUE)],
    ),
    ("GetQueueUrl", &[need("sqs:GetQueueUrl", NAMED_QUEUE)]),
    (
        "ListDeadLetterSourceQueues",
        &[need("sqs:ListDeadLetterSourceQueues", QUEUE)],
    ),
    (
        "ListMessageMoveTasks",
        &[need("sqs:ListMessageMoveTasks", SOURCE)],
    ),
    ("ListQueueTags", &[need("sqs:ListQueueTags", QUEUE)]),
    ("ListQueues", &[need("sqs:ListQueues", Any)]),
    ("PurgeQueue", &[need("sqs:PurgeQueue", QUEUE)]),
    ("ReceiveMessage", &[need("sqs:ReceiveMessage", QUEUE)]),
    ("RemovePermission", &[need("sqs:RemovePermission", QUEUE)]),
    ("SendMessage", &[need("sqs:SendMessage", QUEUE)]),
    ("SendMessageBatch", &[need("sqs:SendMessage", QUEUE)]),
    (
        "SetQueueAttributes",
        &[need("sqs:SetQueueAttributes", QUEUE)],
    ),
    (
        "StartMessageMoveTask",
        &[
            need("sqs:StartMessageMoveTask", SOURCE),
            need("sqs:ReceiveMessage", SOURCE),
            need("sqs:DeleteMessage", SOURCE),
            need("sqs:GetQueueAttributes", SOURCE),
            need("sqs:SendMessage", Arns("DestinationArn")).when("DestinationArn"),
        ],
    ),
    (
        "TagQueue",
        &[need("sqs:TagQueue", QUEUE).with(&[Tags("Tags")])],
    ),
    (
        "UntagQueue",
        &[need("sqs:UntagQueue", QUEUE).with(&[Member("aws:TagKeys", "TagKeys")])],
    ),
];
