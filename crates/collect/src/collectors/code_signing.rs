//! Code signing configurations, and by reverse look-up the functions that each is attached to: a few calls instead of one for every function.

use lambdasweep_aws::{Bucket, CallError, Operation};
use lambdasweep_model::{Arn, Fact};
use lambdasweep_tables::{CodeSigningAttachmentRow, CodeSigningConfigRow};

use crate::collector::{Collector, Run};
use crate::context::{Reading, RegionContext};

const LIST_CONFIGS: Operation = Operation::new("lambda:ListCodeSigningConfigs", Bucket::LambdaRemainder);
const LIST_FUNCTIONS: Operation = Operation::new("lambda:ListFunctionsByCodeSigningConfig", Bucket::LambdaRemainder);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: Fact::CodeSigning,
    operations: &[LIST_CONFIGS, LIST_FUNCTIONS],
    further_actions: &[],
    tables: &["code_signing_configs", "code_signing_attachments"],
    needs: &[],
    run: Run::Region(|context, reading| Box::pin(read(context, reading))),
};

async fn read(context: &RegionContext, reading: &mut Reading) -> Result<(), CallError> {
    let (mut arns, mut gap) = (Vec::new(), None);
    let mut marker = None;
    loop {
        let send = || context.lambda.list_code_signing_configs().set_marker(marker.clone()).send();
        let page = reading.caller.call(&LIST_CONFIGS, send).await?;
        for config in &reading.caller.page(&LIST_CONFIGS, page.code_signing_configs, &mut marker, page.next_marker)? {
            let arn = config.code_signing_config_arn().to_owned();
            if arn.parse::<Arn>().is_err() {
                gap = gap.or_else(|| Some(reading.unidentified(&LIST_CONFIGS, "a code signing configuration")));
                continue;
            }
            // Warn is what AWS does where nothing else is set.
            let policy =
                config.code_signing_policies().and_then(|it| it.untrusted_artifact_on_deployment()).map_or("Warn", |it| it.as_str());
            reading.batch.push(CodeSigningConfigRow {
                account_id: context.account_id(),
                region: context.region_name(),
                code_signing_config_arn: arn.clone(),
                untrusted_artifact_on_deployment: policy.to_owned(),
                allowed_publisher_count: config
                    .allowed_publishers()
                    .map_or(0, |it| it.signing_profile_version_arns().len())
                    .try_into()
                    .unwrap_or(i64::MAX),
                last_modified: Some(config.last_modified().to_owned()),
            });
            arns.push(arn);
        }
        if marker.is_none() {
            break;
        }
    }
    for arn in arns {
        list_functions(context, reading, &arn).await?;
    }
    gap.map_or(Ok(()), Err)
}

async fn list_functions(context: &RegionContext, reading: &mut Reading, config_arn: &str) -> Result<(), CallError> {
    let mut marker = None;
    loop {
        let send =
            || context.lambda.list_functions_by_code_signing_config().code_signing_config_arn(config_arn).set_marker(marker.clone()).send();
        let page = reading.caller.call(&LIST_FUNCTIONS, send).await?;
        for function_arn in &reading.caller.page(&LIST_FUNCTIONS, page.function_arns, &mut marker, page.next_marker)? {
            if function_arn.parse::<Arn>().is_err() {
                return Err(reading.unidentified(&LIST_FUNCTIONS, "a function with a code signing configuration"));
            }
            reading.batch.push(CodeSigningAttachmentRow {
                account_id: context.account_id(),
                region: context.region_name(),
                function_arn: function_arn.clone(),
                code_signing_config_arn: config_arn.to_owned(),
            });
        }
        if marker.is_none() {
            return Ok(());
        }
    }
}
