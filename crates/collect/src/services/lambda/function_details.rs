//! What only `lambda:GetFunction` returns: state, reserved concurrency and tags. It has its own
//! quota, so it does not slow down other calls.
//!
//! Its presigned URL of the code is never stored.

use lambdasweep_aws::{CallError, Member, Operation};
use lambdasweep_tables::{ConcurrencyRow, FunctionStateRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{FunctionTarget, Reading, RegionContext};
use crate::services::lambda::function_tags;
use crate::services::lambda::service::{self, Lambda};

pub(crate) const GET_FUNCTION: Operation =
    Operation::new("lambda:GetFunction", &service::GET_FUNCTION)
        .sends(&[
            Member::own("Configuration.FunctionArn"),
            Member::text("Configuration.FunctionName"),
        ])
        .not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::FUNCTION_DETAILS,
    operations: &[GET_FUNCTION],
    // Without it GetFunction returns no tags.
    further_actions: &["lambda:ListTags"],
    tables: &["function_states", "concurrency"],
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
        .call(&GET_FUNCTION, || {
            context
                .client::<Lambda>()
                .get_function()
                .function_name(&function.name)
                .send()
        })
        .await?;
    let configuration = answer.configuration();
    let code = answer.code();
    reading.batch.push(FunctionStateRow {
        account_id: context.account_id(),
        region: context.region_name(),
        function_arn: function.arn.clone(),
        state: configuration
            .and_then(|it| it.state())
            .map(|it| it.as_str().to_owned()),
        state_reason_code: configuration
            .and_then(|it| it.state_reason_code())
            .map(|it| it.as_str().to_owned()),
        last_update_status: configuration
            .and_then(|it| it.last_update_status())
            .map(|it| it.as_str().to_owned()),
        runtime_version_arn: configuration
            .and_then(|it| it.runtime_version_config())
            .and_then(|it| it.runtime_version_arn())
            .map(str::to_owned),
        repository_type: code.and_then(|it| it.repository_type()).map(str::to_owned),
        resolved_image_uri: code
            .and_then(|it| it.resolved_image_uri())
            .map(str::to_owned),
    });
    reading.batch.push(ConcurrencyRow {
        account_id: context.account_id(),
        region: context.region_name(),
        function_arn: function.arn.clone(),
        reserved_concurrent_executions: answer
            .concurrency()
            .and_then(|it| it.reserved_concurrent_executions())
            .map(i64::from),
    });
    function_tags::push(context, function, &answer, reading);
    Ok(())
}
