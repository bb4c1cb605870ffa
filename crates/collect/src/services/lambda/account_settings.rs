//! Lambda's limits for an account in a Region, and its number of functions.

use lambdasweep_aws::{CallError, Caller, Member, Operation};
use lambdasweep_tables::{AccountSettingsRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{Reading, RegionContext};
use crate::services::lambda::service::{self, Lambda};

const GET_ACCOUNT_SETTINGS: Operation =
    Operation::new("lambda:GetAccountSettings", &service::REMAINDER).sends(&[
        Member::object("AccountLimit"),
        Member::number("AccountUsage.FunctionCount"),
    ]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::ACCOUNT_SETTINGS,
    operations: &[GET_ACCOUNT_SETTINGS],
    further_actions: &[],
    tables: &["account_settings"],
    needs: &[],
    run: Run::Region(|context, reading| Box::pin(read(context, reading))),
};

/// The number of functions of the account in the Region; `None` if AWS did not return it.
pub(crate) async fn function_count(context: &RegionContext, caller: &Caller) -> Option<u64> {
    let answer = caller
        .call(&GET_ACCOUNT_SETTINGS, || {
            context.client::<Lambda>().get_account_settings().send()
        })
        .await;
    answer
        .ok()?
        .account_usage()
        .and_then(|usage| u64::try_from(usage.function_count()).ok())
}

async fn read(context: &RegionContext, reading: &mut Reading) -> Result<(), CallError> {
    let settings = reading
        .caller
        .call(&GET_ACCOUNT_SETTINGS, || {
            context.client::<Lambda>().get_account_settings().send()
        })
        .await?;
    let limit = settings.account_limit();
    let usage = settings.account_usage();
    reading.batch.push(AccountSettingsRow {
        account_id: context.account_id(),
        region: context.region_name(),
        concurrent_executions: limit.map(|it| i64::from(it.concurrent_executions())),
        unreserved_concurrent_executions: limit
            .and_then(|it| it.unreserved_concurrent_executions())
            .map(i64::from),
        total_code_size_limit_bytes: limit.map(|it| it.total_code_size()),
        total_code_size_bytes: usage.map(|it| it.total_code_size()),
        function_count: usage.map(|it| it.function_count()),
    });
    Ok(())
}
