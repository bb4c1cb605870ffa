//! Layers that the account publishes: each version with its resource-based policy.

use lambdasweep_aws::aws_sdk_lambda::types::{LayerVersionsListItem, LayersListItem};
use lambdasweep_aws::{CallError, Cost, Member, Operation, list};
use lambdasweep_model::{Arn, Outcome};
use lambdasweep_tables::{LayerRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{Reading, RegionContext};
use crate::services::lambda::service::{self, Lambda};
use crate::statements::{Resource, Shared};

const LIST_LAYERS: Operation = Operation::new("lambda:ListLayers", &service::REMAINDER)
    .lists("Layers", 100_000)
    .items_have(&[Member::text("Layers[].LayerName")])
    .sends(&[Member::own("Layers[].LayerArn")]);
const LIST_VERSIONS: Operation = Operation::new("lambda:ListLayerVersions", &service::REMAINDER)
    .lists("LayerVersions", 100_000)
    .items_have(&[Member::number("LayerVersions[].Version")])
    .sends(&[Member::own("LayerVersions[].LayerVersionArn")])
    .costs(Cost::Unforeseen)
    .not_there(&["ResourceNotFoundException"]);
const GET_POLICY: Operation = Operation::new("lambda:GetLayerVersionPolicy", &service::REMAINDER)
    .sends(&[Member::text("Policy")])
    .costs(Cost::Unforeseen)
    .not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::LAYERS,
    operations: &[LIST_LAYERS, LIST_VERSIONS, GET_POLICY],
    further_actions: &[],
    tables: &[
        "layers",
        "resource_policy_statements",
        "resource_policy_named",
    ],
    needs: &[],
    run: Run::Region(|context, reading| Box::pin(read(context, reading))),
};

async fn read(context: &RegionContext, reading: &mut Reading) -> Result<(), CallError> {
    let name = |layer: &LayersListItem| layer.layer_name().unwrap_or_default().to_owned();
    let (layers, mut ended) = list!(
        reading.caller,
        &LIST_LAYERS,
        context.client::<Lambda>().list_layers(),
        set_marker,
        next_marker,
        layers,
        name
    )
    .await;
    // All versions are read even if one fails; the first failure is reported as the reason for the
    // gap.
    for layer in &layers {
        let name = name(layer);
        let read = if name.is_empty() {
            Err(reading.unidentified(&LIST_LAYERS, "a layer"))
        } else {
            read_versions(context, reading, &name).await
        };
        ended = ended.and(read);
    }
    ended
}

async fn read_versions(
    context: &RegionContext,
    reading: &mut Reading,
    name: &str,
) -> Result<(), CallError> {
    let arn = |version: &LayerVersionsListItem| {
        version.layer_version_arn().unwrap_or_default().to_owned()
    };
    let (versions, mut ended) = list!(
        reading.caller,
        &LIST_VERSIONS,
        context
            .client::<Lambda>()
            .list_layer_versions()
            .layer_name(name),
        set_marker,
        next_marker,
        layer_versions,
        arn
    )
    .await;
    for version in &versions {
        ended = ended.and(read_version(context, reading, name, version).await);
    }
    ended
}

async fn read_version(
    context: &RegionContext,
    reading: &mut Reading,
    name: &str,
    version: &LayerVersionsListItem,
) -> Result<(), CallError> {
    let Some(arn) = version
        .layer_version_arn()
        .filter(|arn| arn.parse::<Arn>().is_ok())
    else {
        return Err(reading.unidentified(&LIST_VERSIONS, "a version of a layer"));
    };
    let send = || {
        context
            .client::<Lambda>()
            .get_layer_version_policy()
            .layer_name(name)
            .version_number(version.version())
            .send()
    };
    let (judged, ended) = match reading.caller.call(&GET_POLICY, send).await {
        Ok(answer) => (
            Shared::of(
                context,
                reading,
                Resource::other("published-layer", arn),
                &answer.policy.unwrap_or_default(),
            ),
            Ok(()),
        ),
        // AWS answers so where there is no policy.
        Err(error) if error.outcome == Outcome::NotFound => (Shared::without_policy(), Ok(())),
        Err(error) => (
            Shared::unknown(format!("its policy was not read ({})", error.outcome)),
            Err(error),
        ),
    };
    reading.batch.push(LayerRow {
        account_id: context.account_id(),
        region: context.region_name(),
        layer_version_arn: arn.to_owned(),
        layer_name: name.to_owned(),
        version: version.version(),
        created_at: version.created_date().map(str::to_owned),
        description: version
            .description()
            .filter(|it| !it.is_empty())
            .map(str::to_owned),
        compatible_runtimes: version
            .compatible_runtimes()
            .iter()
            .map(|it| it.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        compatible_architectures: version
            .compatible_architectures()
            .iter()
            .map(|it| it.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        license: version.license_info().map(str::to_owned),
        exposure: judged.exposure.as_str().to_owned(),
        exposure_reason: judged.reason,
        accounts: judged.accounts,
    });
    ended
}
