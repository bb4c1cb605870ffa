//! Asynchronous invocation settings of a function, its versions and aliases.

use lambdasweep_aws::aws_sdk_lambda::types::FunctionEventInvokeConfig;
use lambdasweep_aws::{CallError, Member, Operation, list};
use lambdasweep_model::Arn;
use lambdasweep_tables::{EventInvokeConfigRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{FunctionTarget, Reading, RegionContext};
use crate::services::lambda::service::{self, Lambda};

const LIST_CONFIGS: Operation =
    Operation::new("lambda:ListFunctionEventInvokeConfigs", &service::REMAINDER)
        .lists("FunctionEventInvokeConfigs", 100_000)
        .sends(&[Member::own("FunctionEventInvokeConfigs[].FunctionArn")])
        .not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::EVENT_INVOKE_CONFIGS,
    operations: &[LIST_CONFIGS],
    further_actions: &[],
    tables: &["event_invoke_configs"],
    needs: &[],
    run: Run::Function(|context, function, reading| Box::pin(read(context, function, reading))),
};

async fn read(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
) -> Result<(), CallError> {
    let id =
        |config: &FunctionEventInvokeConfig| config.function_arn().unwrap_or_default().to_owned();
    let (configs, ended) = list!(
        reading.caller,
        &LIST_CONFIGS,
        context
            .client::<Lambda>()
            .list_function_event_invoke_configs()
            .function_name(&function.name),
        set_marker,
        next_marker,
        function_event_invoke_configs,
        id
    )
    .await;
    for config in &configs {
        let arn = config
            .function_arn()
            .and_then(|arn| arn.parse::<Arn>().ok());
        let Some(arn) = arn.filter(|arn| arn.function_name() == Some(&function.name)) else {
            return Err(reading.unidentified(
                &LIST_CONFIGS,
                "asynchronous invocation settings of the function",
            ));
        };
        let qualifier = arn.qualifier().map(str::to_owned);
        let destinations = config.destination_config();
        let on_success = destinations
            .and_then(|it| it.on_success())
            .and_then(|it| it.destination());
        let on_failure = destinations
            .and_then(|it| it.on_failure())
            .and_then(|it| it.destination());
        for target in on_success.into_iter().chain(on_failure) {
            reading
                .references
                .refer_by_arn(target, "a destination of a function");
        }
        if let Some(qualifier) = &qualifier {
            reading
                .references
                .refer(&function.arn, qualifier, "asynchronous invocation settings");
        }
        reading.batch.push(EventInvokeConfigRow {
            account_id: context.account_id(),
            region: context.region_name(),
            function_arn: function.arn.clone(),
            qualifier: qualifier.unwrap_or_else(|| "$LATEST".to_owned()),
            maximum_event_age_seconds: config.maximum_event_age_in_seconds().map(i64::from),
            maximum_retry_attempts: config.maximum_retry_attempts().map(i64::from),
            on_success_destination_arn: on_success.map(str::to_owned),
            on_success_outside: on_success.and_then(|arn| context.is_outside(arn)),
            on_failure_destination_arn: on_failure.map(str::to_owned),
            on_failure_outside: on_failure.and_then(|arn| context.is_outside(arn)),
        });
    }
    ended
}
