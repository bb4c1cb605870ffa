//! `lambdasweep plan`.

use std::fmt::Write;

use anyhow::Result;
use lambdasweep_aws::QuotaShare;
use lambdasweep_collect::{Plan, Runner, check_regions};
use lambdasweep_model::{ScanId, printable};

use crate::arguments::PlanArguments;
use crate::{FINE, setup, terminal};

pub(crate) async fn run(arguments: Box<PlanArguments>) -> Result<u8> {
    let registry = setup::registry(arguments.scope.checks_dir.as_deref())?;
    let request = setup::request(&arguments.scope, &arguments.connection, &registry, ScanId::at(jiff::Timestamp::now(), 0))?;
    let connection = setup::connect(&arguments.connection, None).await?;
    check_regions(&connection, &request).await?;
    let own = connection.account().clone();
    let runner =
        Runner::new(connection, request.clone(), setup::external_id(&arguments.connection)?, arguments.connection.source_identity.clone());
    let organization = runner.discover().await?;
    setup::tell_of_organization(&organization, &own);
    let survey = runner.survey(&organization).await?;
    let plan = Plan::new(&survey, &request, arguments.connection.quota_share);
    terminal::result(&if arguments.json { as_json(&plan).to_string() } else { as_text(&plan, &arguments) })?;
    Ok(FINE)
}

fn as_json(plan: &Plan) -> serde_json::Value {
    serde_json::json!({
        "accounts": plan.accounts,
        "accounts_closed": plan.closed.iter().map(|(account, why)| serde_json::json!({"account_id": account, "reason": why})).collect::<Vec<_>>(),
        "account_regions": plan.regions,
        "account_regions_uncounted": plan.regions_uncounted,
        "functions": plan.functions,
        "calls": plan.buckets.iter().map(|it| (it.bucket.label().to_owned(), it.calls.into())).collect::<serde_json::Map<_, _>>(),
        "floor_seconds": plan.floor_seconds,
        "slowest": plan.slowest.as_ref().map(|(account, region, functions)| serde_json::json!({"account_id": account, "region": region, "functions": functions})),
    })
}

fn as_text(plan: &Plan, arguments: &PlanArguments) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} accounts, {} account-Regions, {} functions", plan.accounts, plan.regions, plan.functions);
    if plan.regions_uncounted > 0 {
        let _ = writeln!(out, "{} account-Regions did not tell how many functions they have", plan.regions_uncounted);
    }
    for (account, why) in &plan.closed {
        let _ = writeln!(out, "cannot be read: {account}: {}", printable(why));
    }
    let _ =
        writeln!(out, "\nCalls by quota (at the least; aliases, published versions, layers and the organisation's policies add to them):");
    for bucket in &plan.buckets {
        let _ = writeln!(out, "{:>10}  {}", bucket.calls, bucket.bucket.label());
    }
    let pace = match arguments.connection.quota_share {
        QuotaShare::Off => "Unpaced, and held back by AWS's quotas alone,".to_owned(),
        QuotaShare::Share(share) => format!("At a quota share of {share}"),
    };
    let _ = write!(out, "\n{pace} the scan takes at least {:.0} s", plan.floor_seconds);
    if let Some((account, region, functions)) = &plan.slowest {
        let _ = write!(out, ": so long takes {region} of {account} with its {functions} functions");
    }
    out.push('\n');
    out
}
