//! AWS Organizations, read with the caller's own credentials.

use lambdasweep_aws::{Quota, RetryPartition, SdkConfig, Service, aws_sdk_organizations};

use crate::service::ReadService;

const SOURCE: &str = "Quotas for AWS Organizations";
/// `ListPolicies`, `ListTargetsForPolicy`.
pub(crate) const POLICIES: Quota = Quota::global("Organizations policies", 5.0, SOURCE);
pub(crate) const DESCRIBE_POLICY: Quota =
    Quota::global("Organizations DescribePolicy", 2.0, SOURCE);

/// The service.
pub(crate) const SERVICE: ReadService = ReadService {
    name: Organizations::NAME,
    endpoint_id: "Organizations",
    statements: &[],
};

/// The service's client.
pub(crate) struct Organizations;

impl Service for Organizations {
    type Client = aws_sdk_organizations::Client;

    const NAME: &'static str = "organizations";

    fn client(config: &SdkConfig, retries: RetryPartition) -> Self::Client {
        let config = aws_sdk_organizations::config::Builder::from(config).retry_partition(retries);
        Self::Client::from_conf(config.build())
    }
}
