//! AWS Identity and Access Management.

use lambdasweep_aws::{Quota, RetryPartition, SdkConfig, Service, aws_sdk_iam};

use crate::service::ReadService;

pub(crate) const IAM: Quota = Quota::global(
    "IAM",
    15.0,
    "a conservative estimate; AWS publishes no figure",
);

/// The service.
pub(crate) const SERVICE: ReadService = ReadService {
    name: Iam::NAME,
    endpoint_id: "IAM",
    statements: &[],
};

/// The service's client.
pub(crate) struct Iam;

impl Service for Iam {
    type Client = aws_sdk_iam::Client;

    const NAME: &'static str = "iam";

    fn client(config: &SdkConfig, retries: RetryPartition) -> Self::Client {
        let config = aws_sdk_iam::config::Builder::from(config).retry_partition(retries);
        Self::Client::from_conf(config.build())
    }
}
