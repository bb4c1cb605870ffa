"""SQS: queues, their attributes, policies and tags, and messages."""

import json

from drive_clients.driver import ACCOUNT, Driver, document

OTHER = "444455556666"
REGION = "eu-west-1"
GONE = "AWS.SimpleQueueService.NonExistentQueue"


def arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def attributes(d: Driver, url: str, *names: str) -> dict:
    return d.call("sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=list(names or ["All"])).get("Attributes", {})


def queue(d: Driver) -> None:
    wanted = {"DelaySeconds": "5", "VisibilityTimeout": "45"}
    url = d.call("sqs", "CreateQueue", QueueName="orders", Attributes=wanted, tags={"team": "orders"})["QueueUrl"]
    d.expect("sqs:GetQueueUrl", d.call("sqs", "GetQueueUrl", QueueName="orders")["QueueUrl"], url)
    d.same("sqs:GetQueueAttributes", attributes(d, url), wanted | {"QueueArn": arn("orders"), "SqsManagedSseEnabled": "true"})
    d.expect("sqs:ListQueueTags", d.call("sqs", "ListQueueTags", QueueUrl=url)["Tags"], {"team": "orders"})
    policy = document({"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sqs:SendMessage", "Resource": arn("orders")})
    changed = {"DelaySeconds": "0", "KmsMasterKeyId": "alias/aws/sqs", "Policy": policy}
    d.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes=changed)
    d.same("sqs:GetQueueAttributes", attributes(d, url), changed | {"SqsManagedSseEnabled": "false"})
    d.call("sqs", "AddPermission", QueueUrl=url, Label="look", AWSAccountIds=[OTHER], Actions=["GetQueueAttributes"])
    labels = [it.get("Sid") for it in json.loads(attributes(d, url, "Policy")["Policy"])["Statement"]]
    d.expect("sqs:AddPermission", labels, [None, "look"])
    d.call("sqs", "RemovePermission", QueueUrl=url, Label="look")
    d.expect("sqs:RemovePermission", len(json.loads(attributes(d, url, "Policy")["Policy"])["Statement"]), 1)
    d.call("sqs", "TagQueue", QueueUrl=url, Tags={"stage": "test"})
    d.call("sqs", "UntagQueue", QueueUrl=url, TagKeys=["team"])
    d.expect("sqs:ListQueueTags", d.call("sqs", "ListQueueTags", QueueUrl=url)["Tags"], {"stage": "test"})
    d.expect("sqs:ListQueues", d.call("sqs", "ListQueues", QueueNamePrefix="ord")["QueueUrls"], [url])
    d.refused("QueueAlreadyExists", "sqs", "CreateQueue", QueueName="orders", Attributes={"DelaySeconds": "9"})
    d.refused("InvalidAttributeName", "sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"ContentBasedDeduplication": "true"})
    d.call("sqs", "DeleteQueue", QueueUrl=url)
    d.refused(GONE, "sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])


def messages(d: Driver) -> None:
    dead = d.call("sqs", "CreateQueue", QueueName="dead")["QueueUrl"]
    redrive = json.dumps({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 1})
    url = d.call("sqs", "CreateQueue", QueueName="work", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    d.expect("sqs:ListDeadLetterSourceQueues", d.call("sqs", "ListDeadLetterSourceQueues", QueueUrl=dead)["queueUrls"], [url])
    note = {"note": {"DataType": "String", "StringValue": "a"}}
    sent = d.call("sqs", "SendMessage", QueueUrl=url, MessageBody="one", MessageAttributes=note)
    received = d.call("sqs", "ReceiveMessage", QueueUrl=url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])["Messages"]
    d.same("sqs:ReceiveMessage", received[0], {"MessageId": sent["MessageId"], "Body": "one", "MessageAttributes": note})
    handle = received[0]["ReceiptHandle"]
    d.call("sqs", "ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=60)
    d.call("sqs", "DeleteMessage", QueueUrl=url, ReceiptHandle=handle)
    entries = [{"Id": name, "MessageBody": name} for name in ("a", "b")]
    d.expect("sqs:SendMessageBatch", len(d.call("sqs", "SendMessageBatch", QueueUrl=url, Entries=entries)["Successful"]), 2)
    received = d.call("sqs", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    handles = [{"Id": str(at), "ReceiptHandle": it["ReceiptHandle"]} for at, it in enumerate(received)]
    visible = [it | {"VisibilityTimeout": 0} for it in handles]
    d.expect("sqs:ChangeMessageVisibilityBatch", len(d.call("sqs", "ChangeMessageVisibilityBatch", QueueUrl=url, Entries=visible)["Successful"]), 2)
    # Received once too often: both are in the dead-letter queue now.
    d.expect("sqs:ReceiveMessage", d.call("sqs", "ReceiveMessage", QueueUrl=url).get("Messages"), None)
    d.expect("sqs:GetQueueAttributes", attributes(d, dead, "ApproximateNumberOfMessages"), {"ApproximateNumberOfMessages": "2"})
    task = d.call("sqs", "StartMessageMoveTask", SourceArn=arn("dead"), MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    d.expect("sqs:ListMessageMoveTasks", d.call("sqs", "ListMessageMoveTasks", SourceArn=arn("dead"))["Results"][0]["Status"], "RUNNING")
    d.call("sqs", "CancelMessageMoveTask", TaskHandle=task)
    received = d.call("sqs", "ReceiveMessage", QueueUrl=dead, MaxNumberOfMessages=10)["Messages"]
    handles = [{"Id": str(at), "ReceiptHandle": it["ReceiptHandle"]} for at, it in enumerate(received)]
    d.call("sqs", "DeleteMessageBatch", QueueUrl=dead, Entries=handles)
    d.call("sqs", "PurgeQueue", QueueUrl=url)
    d.refused("AWS.SimpleQueueService.PurgeQueueInProgress", "sqs", "PurgeQueue", QueueUrl=url)
    for name in (url, dead):
        d.call("sqs", "DeleteQueue", QueueUrl=name)


def drive(d: Driver) -> None:
    for part in (queue, messages):
        d.part(part)
