//! AWS Lambda.

use lambdasweep_aws::{Quota, RetryPartition, SdkConfig, Service, aws_sdk_lambda};

use crate::service::ReadService;

const SOURCE: &str = "Lambda quotas, AWS Lambda Developer Guide";
pub(crate) const GET_FUNCTION: Quota = Quota::regional("Lambda GetFunction", 100.0, SOURCE);
pub(crate) const GET_POLICY: Quota = Quota::regional("Lambda GetPolicy", 15.0, SOURCE);
/// All other control plane calls together.
pub(crate) const REMAINDER: Quota = Quota::regional("Lambda, all other calls", 15.0, SOURCE);

/// The service.
pub(crate) const SERVICE: ReadService = ReadService {
    name: Lambda::NAME,
    endpoint_id: "Lambda",
    statements: &[
        // Without it Lambda does not return environment variables that are encrypted with a
        // customer managed key.
        r#"{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringLike":{"kms:ViaService":"lambda.*.amazonaws.com*"}}}"#,
    ],
};

/// The service's client.
pub(crate) struct Lambda;

impl Service for Lambda {
    type Client = aws_sdk_lambda::Client;

    const NAME: &'static str = "lambda";

    fn client(config: &SdkConfig, retries: RetryPartition) -> Self::Client {
        let config = aws_sdk_lambda::config::Builder::from(config).retry_partition(retries);
        Self::Client::from_conf(config.build())
    }
}
