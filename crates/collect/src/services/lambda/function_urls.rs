//! Function URLs, judged together with the resource-based policy of the same qualifier.

use std::collections::BTreeMap;

use lambdasweep_aws::aws_sdk_lambda::types::{Cors, FunctionUrlConfig};
use lambdasweep_aws::{CallError, Member, Operation, list};
use lambdasweep_model::Arn;
use lambdasweep_policy::exposure::{UrlAuth, UrlExposure, doors};
use lambdasweep_tables::{FunctionUrlRow, LatentExposureRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{FunctionTarget, PolicyRead, Reading, RegionContext};
use crate::services::lambda::service::{self, Lambda};

const LIST_CONFIGS: Operation =
    Operation::new("lambda:ListFunctionUrlConfigs", &service::REMAINDER)
        .lists("FunctionUrlConfigs", 100_000)
        .sends(&[
            Member::own("FunctionUrlConfigs[].FunctionArn"),
            Member::text("FunctionUrlConfigs[].FunctionUrl"),
            Member::text("FunctionUrlConfigs[].AuthType"),
        ])
        .not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::FUNCTION_URLS,
    operations: &[LIST_CONFIGS],
    further_actions: &[],
    tables: &["function_urls", "latent_exposures"],
    needs: &[facts::RESOURCE_POLICIES],
    run: Run::Function(|context, function, reading| Box::pin(read(context, function, reading))),
};

async fn read(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
) -> Result<(), CallError> {
    let mut urls = BTreeMap::new();
    let ended = list(context, function, reading, &mut urls).await;
    if ended.is_ok() {
        for qualifier in function.qualifiers_with_policy() {
            urls.entry(qualifier).or_insert(None);
        }
    }
    judge(context, function, urls, reading);
    ended
}

/// Lists the URLs by qualifier; a function or an alias has at most one.
async fn list(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &Reading,
    urls: &mut BTreeMap<String, Option<FunctionUrlRow>>,
) -> Result<(), CallError> {
    let id = |config: &FunctionUrlConfig| config.function_arn().to_owned();
    let (configs, ended) = list!(
        reading.caller,
        &LIST_CONFIGS,
        context
            .client::<Lambda>()
            .list_function_url_configs()
            .function_name(&function.name),
        set_marker,
        next_marker,
        function_url_configs,
        id
    )
    .await;
    for config in &configs {
        let Some(arn) = config
            .function_arn()
            .parse::<Arn>()
            .ok()
            .filter(|arn| arn.function_name() == Some(&function.name))
        else {
            return Err(reading.unidentified(&LIST_CONFIGS, "a URL of the function"));
        };
        let qualifier = arn.qualifier().unwrap_or_default().to_owned();
        let cors = config.cors();
        let url = FunctionUrlRow {
            account_id: context.account_id(),
            region: context.region_name(),
            function_arn: function.arn.clone(),
            qualifier: qualifier.clone(),
            function_url: config.function_url().to_owned(),
            auth_type: config.auth_type().as_str().to_owned(),
            invoke_mode: config.invoke_mode().map(|it| it.as_str().to_owned()),
            has_cors: cors.is_some(),
            cors_any_origin: cors.and_then(any_origin),
            cors_allow_credentials: cors.and_then(Cors::allow_credentials),
            exposure: String::new(),
            exposure_reason: String::new(),
        };
        if urls
            .get(&qualifier)
            .is_some_and(|known| known.as_ref() != Some(&url))
        {
            return Err(context.failed(
                &LIST_CONFIGS,
                "ConflictingDuplicates",
                "two URLs are listed for one qualifier".to_owned(),
            ));
        }
        urls.insert(qualifier, Some(url));
    }
    ended
}

fn any_origin(cors: &Cors) -> Option<bool> {
    cors.allow_origins
        .as_ref()
        .map(|origins| origins.iter().any(|origin| origin == "*"))
}

/// Judges qualifiers that have a policy or a URL: who may call the URL, and which exposure is
/// latent.
fn judge(
    context: &RegionContext,
    function: &FunctionTarget,
    urls: BTreeMap<String, Option<FunctionUrlRow>>,
    reading: &mut Reading,
) {
    for (qualifier, url) in urls {
        let policy = function.policy(&qualifier);
        let (document, keys) = match &policy {
            PolicyRead::Document(document, keys) => (Some(document.as_ref()), &**keys),
            PolicyRead::None | PolicyRead::Unknown(_) => (None, &[][..]),
        };
        let auth = url.as_ref().and_then(|url| auth(&url.auth_type));
        let mut doors = doors(document, &context.scope(), auth);
        if let PolicyRead::Unknown(why) = &policy {
            doors.latent.clear();
            doors.url = Some((UrlExposure::Unknown, why.clone()));
        }
        for latent in doors.latent {
            reading.batch.push(LatentExposureRow {
                account_id: context.account_id(),
                region: context.region_name(),
                function_arn: function.arn.clone(),
                qualifier: qualifier.clone(),
                statement_key: latent.statement.and_then(|at| keys.get(at).cloned()),
                half_open: latent.half_open,
                reason: latent.reason,
            });
        }
        if let Some(mut url) = url {
            let not_known = || {
                (
                    UrlExposure::Unknown,
                    "the AuthType is unknown to this release".to_owned(),
                )
            };
            let (exposure, reason) = doors.url.unwrap_or_else(not_known);
            (url.exposure, url.exposure_reason) = (exposure.as_str().to_owned(), reason);
            reading.batch.push(url);
        }
    }
}

fn auth(auth_type: &str) -> Option<UrlAuth> {
    [UrlAuth::None, UrlAuth::AwsIam]
        .into_iter()
        .find(|auth| auth.as_str() == auth_type)
}
