//! The kinds of event sources, and the settings that a mapping of each accepts.
//!
//! Sources: CreateEventSourceMapping in the Lambda API reference, whose members say which sources
//! they are for; defaults, and texts unless said otherwise, from answers recorded from AWS.

use serde_json::{Map, Value, json};

use super::super::{invalid, text};
use crate::call::{AwsError, Input};

/// A kind of event source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Queue,
    FifoQueue,
    Kinesis,
    DynamoDb,
    ManagedKafka,
    OwnKafka,
    Mq,
    DocumentDb,
}

use Source::{DocumentDb, DynamoDb, FifoQueue, Kinesis, ManagedKafka, Mq, OwnKafka, Queue};

/// Members that are for some sources only.
const ONLY_FOR: &[(&str, &[Source])] = &[
    (
        "StartingPosition",
        &[Kinesis, DynamoDb, ManagedKafka, OwnKafka, DocumentDb],
    ),
    (
        "StartingPositionTimestamp",
        &[Kinesis, ManagedKafka, OwnKafka, DocumentDb],
    ),
    ("ParallelizationFactor", &[Kinesis, DynamoDb]),
    ("TumblingWindowInSeconds", &[Kinesis, DynamoDb]),
    (
        "BisectBatchOnFunctionError",
        &[Kinesis, DynamoDb, ManagedKafka, OwnKafka],
    ),
    (
        "MaximumRecordAgeInSeconds",
        &[Kinesis, DynamoDb, ManagedKafka, OwnKafka],
    ),
    (
        "MaximumRetryAttempts",
        &[Kinesis, DynamoDb, ManagedKafka, OwnKafka],
    ),
    (
        "FunctionResponseTypes",
        &[Kinesis, DynamoDb, ManagedKafka, OwnKafka, Queue, FifoQueue],
    ),
    ("ScalingConfig", &[Queue, FifoQueue]),
    (
        "ProvisionedPollerConfig",
        &[Queue, FifoQueue, ManagedKafka, OwnKafka],
    ),
    ("LoggingConfig", &[ManagedKafka, OwnKafka]),
    ("Topics", &[ManagedKafka, OwnKafka]),
    ("Queues", &[Mq]),
    (
        "SourceAccessConfigurations",
        &[ManagedKafka, OwnKafka, Mq, DocumentDb],
    ),
    ("AmazonManagedKafkaEventSourceConfig", &[ManagedKafka]),
    ("SelfManagedKafkaEventSourceConfig", &[OwnKafka]),
    ("DocumentDBEventSourceConfig", &[DocumentDb]),
];

/// Where discarded records can be sent to.
const DISCARDS: &[Source] = &[Kinesis, DynamoDb, ManagedKafka, OwnKafka];

/// Members that a mapping of a source requires.
const REQUIRED: &[(&str, &[Source])] = &[
    ("SourceAccessConfigurations", &[OwnKafka, Mq, DocumentDb]),
    ("Topics", &[ManagedKafka, OwnKafka]),
    ("Queues", &[Mq]),
    ("DocumentDBEventSourceConfig", &[DocumentDb]),
];

/// A member's name as Lambda's messages write it.
fn lower_camel(member: &str) -> String {
    let mut rest = member.chars();
    rest.next()
        .map(|first| first.to_ascii_lowercase())
        .into_iter()
        .chain(rest)
        .collect()
}

/// Whether a member has a value: `null`, and an empty list or object, only remove a setting.
fn is_given(input: &Input, member: &str) -> bool {
    input.get(member).is_some_and(|value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    })
}

impl Source {
    /// The source that a request or a mapping names.
    pub(super) fn of(input: &Input) -> Option<Self> {
        let Some(arn) = text(input, "EventSourceArn") else {
            return input
                .contains_key("SelfManagedEventSource")
                .then_some(OwnKafka);
        };
        let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
        match arn.split(':').nth(2)? {
            "sqs" if resource.ends_with(".fifo") => Some(FifoQueue),
            "sqs" => Some(Queue),
            "kinesis" => Some(Kinesis),
            "dynamodb" => Some(DynamoDb),
            "kafka" => Some(ManagedKafka),
            "mq" => Some(Mq),
            // DocumentDB shares its ARNs with RDS.
            "rds" if resource.starts_with("cluster:") => Some(DocumentDb),
            _ => None,
        }
    }

    fn is_stream(self) -> bool {
        matches!(self, Kinesis | DynamoDb)
    }

    fn is_queue(self) -> bool {
        matches!(self, Queue | FifoQueue)
    }

    /// The reason for a state that a caller requested.
    pub(super) fn transition_reason(self) -> &'static str {
        if self.is_stream() {
            "User action"
        } else {
            "USER_INITIATED"
        }
    }

    /// Checks a request to create a mapping, except its function.
    pub(super) fn check_new(self, input: &Input) -> Result<(), AwsError> {
        self.check_supported(input)?;
        if let Some((member, _)) = REQUIRED
            .iter()
            .find(|(member, sources)| sources.contains(&self) && !is_given(input, member))
        {
            return Err(invalid(format!(
                "Required '{}' parameter is missing.",
                lower_camel(member)
            )));
        }
        self.check_position(input)?;
        self.check_batch(input)
    }

    /// Rejects settings that are for other sources.
    pub(super) fn check_supported(self, input: &Input) -> Result<(), AwsError> {
        if !DISCARDS.contains(&self) && is_given(input, "DestinationConfig") {
            return Err(invalid(
                "Unsupported DestinationConfig parameter for given event source mapping type.",
            ));
        }
        match ONLY_FOR
            .iter()
            .find(|(member, sources)| !sources.contains(&self) && is_given(input, member))
        {
            // DynamoDB streams do not support a timestamp; the error is about the position instead.
            Some((member, _)) if self == DynamoDb && *member == "StartingPositionTimestamp" => {
                Ok(())
            }
            // Source of the text: what AWS answered in issue 1418 of pulumi/pulumi-aws.
            Some((member, _)) => Err(invalid(format!(
                "Unsupported '{}' parameter for given event source mapping type.",
                lower_camel(member)
            ))),
            None => Ok(()),
        }
    }

    fn check_position(self, input: &Input) -> Result<(), AwsError> {
        let position = text(input, "StartingPosition");
        if position.is_none() && self.is_stream() {
            return Err(invalid(
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
            ));
        }
        if position == Some("AT_TIMESTAMP") {
            if self == DynamoDb {
                let arn = text(input, "EventSourceArn").unwrap_or_default();
                return Err(invalid(format!(
                    "Unsupported starting position for arn type: {arn}"
                )));
            }
            if !is_given(input, "StartingPositionTimestamp") {
                // Modelled on AWS's text for a missing position.
                return Err(invalid(
                    "1 validation error detected: Value null at 'startingPositionTimestamp' failed to satisfy constraint: Member must not be null.",
                ));
            }
        }
        Ok(())
    }

    /// Checks batch size and window together; for an update, with the settings that the mapping
    /// keeps.
    pub(super) fn check_batch(self, settings: &Map<String, Value>) -> Result<(), AwsError> {
        let number = |member: &str| settings.get(member).and_then(Value::as_u64);
        let size = number("BatchSize").unwrap_or(self.batch_size());
        let window = number("MaximumBatchingWindowInSeconds").unwrap_or(0);
        // Source of both texts for FIFO queues: what AWS answered in pull request 1758 of
        // aws/aws-lambda-dotnet, and in issue 20 of pulumi/pulumi-aws-serverless.
        if self == FifoQueue && window > 0 {
            return Err(invalid("Batching window is not supported for FIFO queues"));
        }
        if self == FifoQueue && size > 10 {
            return Err(invalid(
                "Maximum batch size must be between 1 and 10 inclusive",
            ));
        }
        if self == Queue && size > 10 && window == 0 {
            return Err(invalid(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ));
        }
        Ok(())
    }

    fn batch_size(self) -> u64 {
        if self.is_queue() { 10 } else { 100 }
    }

    /// The default values of a mapping.
    pub(super) fn defaults(self, uuid: &str) -> Vec<(&'static str, Value)> {
        let mut defaults = vec![("BatchSize", json!(self.batch_size()))];
        if self.is_queue() || self.is_stream() {
            defaults.extend([
                ("MaximumBatchingWindowInSeconds", json!(0)),
                ("FunctionResponseTypes", json!([])),
            ]);
        }
        if !self.is_queue() {
            defaults.push(("LastProcessingResult", json!("No records processed")));
        }
        if self.is_stream() {
            defaults.extend([
                ("BisectBatchOnFunctionError", json!(false)),
                ("DestinationConfig", json!({"OnFailure": {}})),
                ("MaximumRecordAgeInSeconds", json!(-1)),
                ("MaximumRetryAttempts", json!(-1)),
                ("ParallelizationFactor", json!(1)),
                ("TumblingWindowInSeconds", json!(0)),
            ]);
        }
        match self {
            OwnKafka => defaults.extend([
                ("StartingPosition", json!("TRIM_HORIZON")),
                (
                    "SelfManagedKafkaEventSourceConfig",
                    json!({"ConsumerGroupId": uuid}),
                ),
            ]),
            ManagedKafka => defaults.extend([
                ("StartingPosition", json!("TRIM_HORIZON")),
                (
                    "AmazonManagedKafkaEventSourceConfig",
                    json!({"ConsumerGroupId": uuid}),
                ),
            ]),
            _ => {}
        }
        defaults
    }

    /// Whether two mappings read the same: the same source (for self-managed Kafka, a common
    /// server) and the same topics.
    pub(super) fn reads_the_same(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
        if one.get("Topics").is_some() && one.get("Topics") != other.get("Topics") {
            return false;
        }
        match (one.get("EventSourceArn"), other.get("EventSourceArn")) {
            (Some(one), Some(other)) => one == other,
            (None, None) => servers(one)
                .iter()
                .any(|server| servers(other).contains(server)),
            _ => false,
        }
    }

    /// AWS's message for a mapping that already exists.
    pub(super) fn duplicate(
        self,
        mapping: &Map<String, Value>,
        function_name: &str,
        existing: &str,
    ) -> String {
        let arn = text(mapping, "EventSourceArn").unwrap_or_default();
        let rest = format!("Please update or delete the existing mapping with UUID {existing}");
        match self {
            Queue | FifoQueue => {
                format!(
                    "An event source mapping with SQS arn (\" {arn} \") and function (\" {function_name} \") already exists. {rest}"
                )
            }
            OwnKafka => format!(
                "An event source mapping with event source (\"{}\"), function (\"{}\"), topics (\"{}\") already exists. {rest}",
                servers(mapping).join(","),
                text(mapping, "FunctionArn").unwrap_or_default(),
                texts(mapping.get("Topics")).join(",")
            ),
            _ => {
                format!(
                    "The event source arn (\" {arn} \") and function (\" {function_name} \") provided mapping already exists. {rest}"
                )
            }
        }
    }
}

fn texts(list: Option<&Value>) -> Vec<&str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// The servers of a self-managed Kafka cluster.
fn servers(mapping: &Map<String, Value>) -> Vec<&str> {
    let endpoints = mapping
        .get("SelfManagedEventSource")
        .and_then(|source| source.get("Endpoints"));
    texts(endpoints.and_then(|endpoints| endpoints.get("KAFKA_BOOTSTRAP_SERVERS")))
}
