//! AWS Account Management.

use lambdasweep_aws::{Quota, RetryPartition, SdkConfig, Service, aws_sdk_account};

use crate::service::ReadService;

pub(crate) const LIST_REGIONS: Quota = Quota::global(
    "Account ListRegions",
    5.0,
    "Quotas for AWS Account Management",
);

/// The service.
pub(crate) const SERVICE: ReadService = ReadService {
    name: Account::NAME,
    endpoint_id: "Account",
    statements: &[],
};

/// The service's client.
pub(crate) struct Account;

impl Service for Account {
    type Client = aws_sdk_account::Client;

    const NAME: &'static str = "account";

    fn client(config: &SdkConfig, retries: RetryPartition) -> Self::Client {
        let config = aws_sdk_account::config::Builder::from(config).retry_partition(retries);
        Self::Client::from_conf(config.build())
    }
}
