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
    let image = code.and_then(|it| it.resolved_image_uri());
    let image_account = image.and_then(registry_account);
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
        resolved_image_uri: image.map(str::to_owned),
        image_outside: image_account
            .as_deref()
            .and_then(|account| context.is_account_outside(account)),
        image_account_id: image_account,
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

/// The account of a registry of Amazon ECR, from the URI of an image in it
/// (`123456789012.dkr.ecr.eu-west-1.amazonaws.com/…`, or `….dkr-ecr.eu-west-1.on.aws/…`). Source:
/// "Amazon ECR private registry", Amazon ECR User Guide.
fn registry_account(uri: &str) -> Option<String> {
    let (account, rest) = uri.split_once('.')?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_registry = rest.starts_with("dkr.ecr") || rest.starts_with("dkr-ecr");
    (is_account && is_registry).then(|| account.to_owned())
}

#[cfg(test)]
mod tests {
    use super::registry_account;

    #[test]
    fn the_account_of_an_image_is_that_of_its_registry() {
        for (uri, account) in [
            (
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:00",
                Some("123456789012"),
            ),
            (
                "123456789012.dkr-ecr.eu-west-1.on.aws/app:1",
                Some("123456789012"),
            ),
            (
                "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/app",
                Some("123456789012"),
            ),
            ("public.ecr.aws/lambda/python:3.13", None),
            ("123456789012.example.com/app", None),
            ("", None),
        ] {
            assert_eq!(registry_account(uri).as_deref(), account, "{uri}");
        }
    }
}
