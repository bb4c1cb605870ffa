//! Event source mappings: one list per account and Region.

use lambdasweep_aws::aws_sdk_lambda::types::EventSourceMappingConfiguration;
use lambdasweep_aws::{CallError, Member, Operation, list};
use lambdasweep_model::Arn;
use lambdasweep_tables::{EventSourceMappingRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{Reading, RegionContext};
use crate::services::lambda::service::{self, Lambda};

const LIST_MAPPINGS: Operation =
    Operation::new("lambda:ListEventSourceMappings", &service::REMAINDER)
        .lists("EventSourceMappings", 1_000_000)
        .items_have(&[Member::text("EventSourceMappings[].UUID")])
        .sends(&[Member::own("EventSourceMappings[].FunctionArn")]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::EVENT_SOURCE_MAPPINGS,
    operations: &[LIST_MAPPINGS],
    further_actions: &[],
    tables: &["event_source_mappings"],
    needs: &[],
    run: Run::Region(|context, reading| Box::pin(read(context, reading))),
};

async fn read(context: &RegionContext, reading: &mut Reading) -> Result<(), CallError> {
    let mut stray = None;
    let id =
        |mapping: &EventSourceMappingConfiguration| mapping.uuid().unwrap_or_default().to_owned();
    let (mappings, ended) = list!(
        reading.caller,
        &LIST_MAPPINGS,
        context.client::<Lambda>().list_event_source_mappings(),
        set_marker,
        next_marker,
        event_source_mappings,
        id
    )
    .await;
    for mapping in &mappings {
        let arn = mapping
            .function_arn()
            .and_then(|arn| arn.parse::<Arn>().ok());
        let named = arn
            .as_ref()
            .and_then(|arn| Some((arn, arn.function_name()?)));
        let (Some(uuid), Some((arn, name))) = (mapping.uuid(), named) else {
            stray.get_or_insert_with(|| {
                reading.unidentified(&LIST_MAPPINGS, "an event source mapping")
            });
            continue;
        };
        let function_arn = Arn {
            resource: format!("function:{name}"),
            ..arn.clone()
        }
        .to_string();
        let qualifier = arn.qualifier().unwrap_or_default();
        reading
            .references
            .refer(&function_arn, qualifier, "an event source mapping");
        reading.batch.push(EventSourceMappingRow {
            account_id: context.account_id(),
            region: context.region_name(),
            qualifier: qualifier.to_owned(),
            function_arn,
            uuid: uuid.to_owned(),
            event_source_arn: mapping.event_source_arn().map(str::to_owned),
            state: mapping.state().map(str::to_owned),
            on_failure_destination_arn: mapping
                .destination_config()
                .and_then(|it| it.on_failure())
                .and_then(|it| it.destination())
                .map(str::to_owned),
            maximum_record_age_seconds: mapping.maximum_record_age_in_seconds().map(i64::from),
            maximum_retry_attempts: mapping.maximum_retry_attempts().map(i64::from),
            batch_size: mapping.batch_size().map(i64::from),
            kms_key_arn: mapping.kms_key_arn().map(str::to_owned),
        });
    }
    ended.and(stray.map_or(Ok(()), Err))
}
