//! Provisioned concurrency: read only for functions with published versions, since `$LATEST` cannot
//! have any.

use lambdasweep_aws::aws_sdk_lambda::types::ProvisionedConcurrencyConfigListItem;
use lambdasweep_aws::{CallError, Member, Operation, list};
use lambdasweep_model::Arn;
use lambdasweep_tables::{ProvisionedConcurrencyRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{FunctionTarget, Reading, RegionContext};
use crate::services::lambda::service::{self, Lambda};

const LIST_CONFIGS: Operation = Operation::new(
    "lambda:ListProvisionedConcurrencyConfigs",
    &service::REMAINDER,
)
.lists("ProvisionedConcurrencyConfigs", 100_000)
.sends(&[Member::own("ProvisionedConcurrencyConfigs[].FunctionArn")])
.not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::PROVISIONED_CONCURRENCY,
    operations: &[LIST_CONFIGS],
    further_actions: &[],
    tables: &["provisioned_concurrency"],
    needs: &[],
    run: Run::Published(|context, function, reading| Box::pin(read(context, function, reading))),
};

async fn read(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
) -> Result<(), CallError> {
    let id = |config: &ProvisionedConcurrencyConfigListItem| {
        config.function_arn().unwrap_or_default().to_owned()
    };
    let (configs, ended) = list!(
        reading.caller,
        &LIST_CONFIGS,
        context
            .client::<Lambda>()
            .list_provisioned_concurrency_configs()
            .function_name(&function.name),
        set_marker,
        next_marker,
        provisioned_concurrency_configs,
        id
    )
    .await;
    for config in &configs {
        let arn = config
            .function_arn()
            .and_then(|arn| arn.parse::<Arn>().ok());
        let Some(qualifier) = arn.as_ref().and_then(Arn::qualifier) else {
            return Err(reading.unidentified(&LIST_CONFIGS, "provisioned concurrency"));
        };
        reading
            .references
            .refer(&function.arn, qualifier, "provisioned concurrency");
        reading.batch.push(ProvisionedConcurrencyRow {
            account_id: context.account_id(),
            region: context.region_name(),
            function_arn: function.arn.clone(),
            qualifier: qualifier.to_owned(),
            requested_executions: config
                .requested_provisioned_concurrent_executions()
                .map(i64::from),
            allocated_executions: config
                .allocated_provisioned_concurrent_executions()
                .map(i64::from),
            available_executions: config
                .available_provisioned_concurrent_executions()
                .map(i64::from),
            status: config.status().map(|it| it.as_str().to_owned()),
        });
    }
    ended
}
