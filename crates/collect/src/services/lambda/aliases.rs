//! Aliases of a function.

use std::collections::BTreeSet;

use lambdasweep_aws::aws_sdk_lambda::types::AliasConfiguration;
use lambdasweep_aws::{CallError, Member, Operation, list};
use lambdasweep_tables::{FunctionQualifierRow, facts};

use crate::collector::{Collector, Run};
use crate::context::{FunctionTarget, Reading, RegionContext};
use crate::services::lambda::service::{self, Lambda};

const LIST_ALIASES: Operation = Operation::new("lambda:ListAliases", &service::REMAINDER)
    .lists("Aliases", 100_000)
    .items_have(&[
        Member::text("Aliases[].Name"),
        Member::text("Aliases[].FunctionVersion"),
    ])
    .sends(&[Member::own("Aliases[].AliasArn")])
    .not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::ALIASES,
    operations: &[LIST_ALIASES],
    further_actions: &[],
    tables: &["function_qualifiers"],
    needs: &[],
    run: Run::Function(|context, function, reading| Box::pin(read(context, function, reading))),
};

async fn read(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
) -> Result<(), CallError> {
    let names = list(context, function, reading).await;
    let ended = names.as_ref().map(|_| ()).map_err(Clone::clone);
    // Set once, since this collector runs once per function.
    let _ = function.aliases.set(names);
    ended
}

async fn list(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
) -> Result<Vec<String>, CallError> {
    let mut names = Vec::new();
    let id = |alias: &AliasConfiguration| alias.name().unwrap_or_default().to_owned();
    let (aliases, ended) = list!(
        reading.caller,
        &LIST_ALIASES,
        context
            .client::<Lambda>()
            .list_aliases()
            .function_name(&function.name),
        set_marker,
        next_marker,
        aliases,
        id
    )
    .await;
    for alias in &aliases {
        let (Some(name), Some(target)) =
            (alias.name().map(str::to_owned), alias.function_version())
        else {
            return Err(reading.unidentified(&LIST_ALIASES, "an alias with its version"));
        };
        let routing = alias
            .routing_config()
            .and_then(|it| it.additional_version_weights());
        let further: BTreeSet<&str> = routing
            .into_iter()
            .flat_map(|weights| weights.keys().map(String::as_str))
            .collect();
        for version in further.iter().chain([&target]) {
            reading
                .references
                .refer(&function.arn, version, &format!("alias {name}"));
        }
        reading.batch.push(FunctionQualifierRow {
            account_id: context.account_id(),
            region: context.region_name(),
            function_arn: function.arn.clone(),
            qualifier: name.clone(),
            kind: "alias".to_owned(),
            target_version: Some(target.to_owned()),
            routing_version: (!further.is_empty())
                .then(|| further.into_iter().collect::<Vec<_>>().join(", ")),
        });
        names.push(name);
    }
    ended.map(|()| names)
}
