//! `lambdasweep plan`.

use std::fmt::Write;

use anyhow::Result;
use lambdasweep_aws::QuotaShare;
use lambdasweep_collect::{Plan, Runner, check_regions};
use lambdasweep_model::{ScanId, printable};
use lambdasweep_report::{counted, grouped};

use crate::arguments::PlanArguments;
use crate::layout::{paragraph, plain, rows};
use crate::{FINE, setup, terminal};

pub(crate) async fn run(arguments: Box<PlanArguments>) -> Result<u8> {
    let registry = setup::registry(arguments.scope.checks.checks_dir.as_deref())?;
    let request = setup::request(
        &arguments.scope,
        &arguments.connection,
        &registry,
        ScanId::at(jiff::Timestamp::now(), 0),
    )?;
    let connection = setup::connect(&arguments.connection, None).await?;
    check_regions(&connection, &request).await?;
    let own = connection.account().clone();
    let runner = Runner::new(
        connection,
        request.clone(),
        setup::external_id(&arguments.connection)?,
        arguments.connection.source_identity.clone(),
    );
    let organization = runner.discover().await?;
    setup::tell_of_organization(&organization, &own);
    let survey = runner.survey(&organization).await?;
    let plan = Plan::new(&survey, &request, arguments.connection.quota_share);
    terminal::result(&if arguments.json {
        as_json(&plan).to_string()
    } else {
        as_text(&plan, &arguments)
    })?;
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
    let (accounts, functions) = (
        counted(plan.accounts, "account"),
        counted(plan.functions, "function"),
    );
    let _ = writeln!(
        out,
        "{accounts}, {}, {functions}",
        counted(plan.regions, "account-Region")
    );
    if plan.regions_uncounted > 0 {
        let uncounted = counted(plan.regions_uncounted, "account-Region");
        paragraph(
            &mut out,
            &format!("The number of functions is unknown in {uncounted}"),
            0,
        );
    }
    for (account, why) in &plan.closed {
        paragraph(
            &mut out,
            &format!("cannot be read: {account}: {}", printable(why)),
            0,
        );
    }
    out.push('\n');
    paragraph(
        &mut out,
        "Minimum number of calls by quota (aliases, published versions, layers, queues and the organisation's policies add to it):",
        0,
    );
    rows(
        &mut out,
        plan.buckets.iter().map(|bucket| {
            [
                plain(&grouped(bucket.calls)).right(),
                plain(bucket.bucket.label()),
            ]
        }),
        2,
    );
    let pace = match arguments.connection.quota_share {
        QuotaShare::Off => "Estimated minimum, limited by AWS's quotas only:".to_owned(),
        QuotaShare::Share(share) => format!("Estimated minimum at a quota share of {share}:"),
    };
    let slowest = plan.slowest.as_ref().map(|(account, region, functions)| {
        format!(
            " (slowest: {account} in {region}, {})",
            counted(*functions, "function")
        )
    });
    out.push('\n');
    paragraph(
        &mut out,
        &format!(
            "{pace} {:.0} s{}",
            plan.floor_seconds,
            slowest.unwrap_or_default()
        ),
        0,
    );
    out
}
