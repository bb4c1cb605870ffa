//! Function URLs, judged together with the resource policy of what they belong to.

use lambdasweep_aws::aws_sdk_lambda::types::{Cors, FunctionUrlAuthType};
use lambdasweep_aws::{Bucket, CallError, Operation};
use lambdasweep_model::{Arn, Fact, partition_of};
use lambdasweep_policy::exposure::{Scope, UrlExposure, of_function_url};
use lambdasweep_tables::FunctionUrlRow;

use crate::collector::{Collector, Run};
use crate::context::{FunctionTarget, PolicyRead, Reading, RegionContext};

const LIST_CONFIGS: Operation = Operation::new("lambda:ListFunctionUrlConfigs", Bucket::LambdaRemainder);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: Fact::FunctionUrls,
    operations: &[LIST_CONFIGS],
    further_actions: &[],
    tables: &["function_urls"],
    needs: &[Fact::ResourcePolicies],
    run: Run::Function(|context, function, reading| Box::pin(read(context, function, reading))),
};

async fn read(context: &RegionContext, function: &FunctionTarget, reading: &mut Reading) -> Result<(), CallError> {
    let mut marker = None;
    loop {
        let send = || context.lambda.list_function_url_configs().function_name(&function.name).set_marker(marker.clone()).send();
        let page = reading.caller.call(&LIST_CONFIGS, send).await?;
        for config in &reading.caller.page(&LIST_CONFIGS, Some(page.function_url_configs), &mut marker, page.next_marker)? {
            let qualifier =
                config.function_arn().parse::<Arn>().ok().and_then(|arn| arn.qualifier().map(str::to_owned)).unwrap_or_default();
            let (exposure, reason) = judge(context, function, &qualifier, config.auth_type());
            let cors = config.cors();
            reading.batch.push(FunctionUrlRow {
                account_id: context.account_id(),
                region: context.region_name(),
                function_arn: function.arn.clone(),
                qualifier,
                function_url: config.function_url().to_owned(),
                auth_type: config.auth_type().as_str().to_owned(),
                invoke_mode: config.invoke_mode().map(|it| it.as_str().to_owned()),
                has_cors: cors.is_some(),
                cors_any_origin: cors.and_then(any_origin),
                cors_allow_credentials: cors.and_then(Cors::allow_credentials),
                exposure,
                exposure_reason: reason,
            });
        }
        if marker.is_none() {
            return Ok(());
        }
    }
}

fn any_origin(cors: &Cors) -> Option<bool> {
    cors.allow_origins.as_ref().map(|origins| origins.iter().any(|origin| origin == "*"))
}

fn judge(context: &RegionContext, function: &FunctionTarget, qualifier: &str, auth_type: &FunctionUrlAuthType) -> (String, String) {
    if *auth_type == FunctionUrlAuthType::AwsIam {
        return ("iam".to_owned(), "callers have to sign their requests".to_owned());
    }
    if *auth_type != FunctionUrlAuthType::None {
        return ("unknown".to_owned(), "the authorisation type is not known to this release".to_owned());
    }
    let account = context.account_id();
    let scope = Scope {
        account: &account,
        organization: context.scan.organization.id.as_deref(),
        partition: partition_of(context.region.as_str()),
    };
    let (exposure, reason) = match function.policy(qualifier) {
        PolicyRead::Unknown(why) => (UrlExposure::Unknown, why),
        PolicyRead::None => (UrlExposure::Latent, "there is no resource policy, so AWS answers 403".to_owned()),
        PolicyRead::Document(document) => of_function_url(&document, &scope),
    };
    (exposure.as_str().to_owned(), reason)
}
