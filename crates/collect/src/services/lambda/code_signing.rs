//! Code signing configurations, and by reverse lookup the functions that each is attached to: a few
//! calls instead of one per function.

use lambdasweep_aws::aws_sdk_lambda::types::CodeSigningConfig;
use lambdasweep_aws::{CallError, Cost, Member, Operation, list};
use lambdasweep_model::{Arn, Outcome};
use lambdasweep_tables::{CodeSigningAttachmentRow, CodeSigningConfigRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{Reading, RegionContext};
use crate::services::lambda::service::{self, Lambda};

const LIST_CONFIGS: Operation =
    Operation::new("lambda:ListCodeSigningConfigs", &service::REMAINDER)
        .lists("CodeSigningConfigs", 100_000)
        .sends(&[Member::own("CodeSigningConfigs[].CodeSigningConfigArn")]);
const LIST_FUNCTIONS: Operation = Operation::new(
    "lambda:ListFunctionsByCodeSigningConfig",
    &service::REMAINDER,
)
.lists("FunctionArns", 1_000_000)
.sends(&[Member::own("FunctionArns[]")])
.costs(Cost::Unforeseen)
.not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::CODE_SIGNING,
    operations: &[LIST_CONFIGS, LIST_FUNCTIONS],
    further_actions: &[],
    tables: &["code_signing_configs", "code_signing_attachments"],
    needs: &[],
    run: Run::Region(|context, reading| Box::pin(read(context, reading))),
};

async fn read(context: &RegionContext, reading: &mut Reading) -> Result<(), CallError> {
    let arn = |config: &CodeSigningConfig| config.code_signing_config_arn().to_owned();
    let (configs, mut ended) = list!(
        reading.caller,
        &LIST_CONFIGS,
        context.client::<Lambda>().list_code_signing_configs(),
        set_marker,
        next_marker,
        code_signing_configs,
        arn
    )
    .await;
    // All are read even if one fails; the first failure is reported as the reason for the gap.
    for config in &configs {
        let arn = arn(config);
        if arn.parse::<Arn>().is_err() {
            ended = ended.and(Err(
                reading.unidentified(&LIST_CONFIGS, "a code signing configuration")
            ));
            continue;
        }
        let listed = list_functions(context, reading, &arn).await;
        if listed
            .as_ref()
            .is_err_and(|error| error.outcome == Outcome::NotFound)
        {
            // It was deleted since it was listed, which AWS allows only where no function has it
            // ("DeleteCodeSigningConfig", AWS Lambda API Reference).
            continue;
        }
        ended = ended.and(listed);
        // Warn is AWS's default.
        let policy = config
            .code_signing_policies()
            .and_then(|it| it.untrusted_artifact_on_deployment())
            .map_or("Warn", |it| it.as_str());
        let publishers = config
            .allowed_publishers()
            .map_or(0, |it| it.signing_profile_version_arns().len());
        reading.batch.push(CodeSigningConfigRow {
            account_id: context.account_id(),
            region: context.region_name(),
            code_signing_config_arn: arn,
            untrusted_artifact_on_deployment: policy.to_owned(),
            allowed_publisher_count: publishers.try_into().unwrap_or(i64::MAX),
            last_modified: Some(config.last_modified().to_owned()),
        });
    }
    ended
}

async fn list_functions(
    context: &RegionContext,
    reading: &mut Reading,
    config_arn: &str,
) -> Result<(), CallError> {
    let send = |marker| {
        context
            .client::<Lambda>()
            .list_functions_by_code_signing_config()
            .code_signing_config_arn(config_arn)
            .set_marker(marker)
            .send()
    };
    let (functions, mut ended) = reading
        .caller
        .list(
            &LIST_FUNCTIONS,
            send,
            |page| (page.function_arns, page.next_marker),
            String::clone,
        )
        .await;
    for function_arn in functions {
        if function_arn.parse::<Arn>().is_err() {
            ended = ended.and(Err(reading.unidentified(
                &LIST_FUNCTIONS,
                "a function with a code signing configuration",
            )));
            continue;
        }
        reading.batch.push(CodeSigningAttachmentRow {
            account_id: context.account_id(),
            region: context.region_name(),
            function_arn,
            code_signing_config_arn: config_arn.to_owned(),
        });
    }
    ended
}
