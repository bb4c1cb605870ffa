//! The runtime update mode of a function.

use lambdasweep_aws::{CallError, Member, Operation};
use lambdasweep_tables::{RuntimeManagementRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{FunctionTarget, Reading, RegionContext};
use crate::services::lambda::service::{self, Lambda};

const GET_CONFIG: Operation =
    Operation::new("lambda:GetRuntimeManagementConfig", &service::REMAINDER)
        .sends(&[Member::text("UpdateRuntimeOn"), Member::own("FunctionArn")])
        .not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::RUNTIME_MANAGEMENT,
    operations: &[GET_CONFIG],
    further_actions: &[],
    tables: &["runtime_management"],
    needs: &[],
    run: Run::Function(|context, function, reading| Box::pin(read(context, function, reading))),
};

async fn read(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
) -> Result<(), CallError> {
    let answer = reading
        .caller
        .call(&GET_CONFIG, || {
            context
                .client::<Lambda>()
                .get_runtime_management_config()
                .function_name(&function.name)
                .send()
        })
        .await?;
    reading.batch.push(RuntimeManagementRow {
        account_id: context.account_id(),
        region: context.region_name(),
        function_arn: function.arn.clone(),
        // Auto is AWS's default.
        update_runtime_on: answer
            .update_runtime_on()
            .map_or("Auto", |it| it.as_str())
            .to_owned(),
        runtime_version_arn: answer.runtime_version_arn().map(str::to_owned),
    });
    Ok(())
}
