//! Amazon Simple Queue Service.

use lambdasweep_aws::{Quota, RetryPartition, SdkConfig, Service, aws_sdk_sqs};

use crate::service::ReadService;

/// All calls that manage queues together.
pub(crate) const SQS: Quota = Quota::regional(
    "SQS",
    50.0,
    "a guess on the careful side; AWS publishes figures for messages only",
);

/// The service.
pub(crate) const SERVICE: ReadService = ReadService {
    name: Sqs::NAME,
    endpoint_id: "SQS",
    statements: &[],
};

/// The service's client.
pub(crate) struct Sqs;

impl Service for Sqs {
    type Client = aws_sdk_sqs::Client;

    const NAME: &'static str = "sqs";

    fn client(config: &SdkConfig, retries: RetryPartition) -> Self::Client {
        let config = aws_sdk_sqs::config::Builder::from(config).retry_partition(retries);
        Self::Client::from_conf(config.build())
    }
}
