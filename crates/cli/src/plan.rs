//! `lambdasweep plan`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::Result;
use lambdasweep_aws::QuotaShare;
use lambdasweep_collect::{Plan, Runner, check_regions};
use lambdasweep_model::{ScanId, printable};
use lambdasweep_report::{counted, grouped};
use lambdasweep_tables::Fact;

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
    let of = |facts: &BTreeSet<Fact>| Plan::new(&survey, facts, arguments.connection.quota_share);
    let plan = of(&request.facts);
    let checks = setup::selected(&registry, &arguments.scope.checks)?;
    // Many checks rest on the same facts.
    let mut known: BTreeMap<BTreeSet<Fact>, Plan> = BTreeMap::new();
    let prices: Vec<Price> = checks
        .iter()
        .map(|check| {
            let others = checks.iter().copied().filter(|it| it.id != check.id);
            let facts = setup::facts(&arguments.scope, others);
            let without = known.entry(facts).or_insert_with_key(|facts| of(facts));
            Price {
                check: check.id.clone(),
                calls: plan.calls().saturating_sub(without.calls()),
                seconds: (plan.floor_seconds - without.floor_seconds).max(0.0),
            }
        })
        .collect();
    terminal::result(&if arguments.json {
        as_json(&plan, &prices).to_string()
    } else {
        as_text(&plan, &prices, &arguments)
    })?;
    Ok(FINE)
}

/// What a check adds to the scan: what no other selected check needs.
struct Price {
    check: String,
    calls: u64,
    /// Seconds of the minimum time.
    seconds: f64,
}

fn as_json(plan: &Plan, prices: &[Price]) -> serde_json::Value {
    serde_json::json!({
        "accounts": plan.accounts,
        "accounts_closed": plan.closed.iter().map(|(account, why)| serde_json::json!({"account_id": account, "reason": why})).collect::<Vec<_>>(),
        "account_regions": plan.regions,
        "account_regions_uncounted": plan.regions_uncounted,
        "functions": plan.functions,
        "calls": plan.buckets.iter().map(|it| (it.bucket.label().to_owned(), it.calls.into())).collect::<serde_json::Map<_, _>>(),
        "floor_seconds": plan.floor_seconds,
        "checks": prices.iter().map(|it| serde_json::json!({"check_id": it.check, "calls_added": it.calls, "floor_seconds_added": it.seconds})).collect::<Vec<_>>(),
        "slowest": plan.slowest.as_ref().map(|(account, region, functions)| serde_json::json!({"account_id": account, "region": region, "functions": functions})),
    })
}

fn as_text(plan: &Plan, prices: &[Price], arguments: &PlanArguments) -> String {
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
    add_prices(&mut out, prices);
    out
}

/// Adds what can be left out to save calls.
fn add_prices(out: &mut String, prices: &[Price]) {
    let mut dear: Vec<&Price> = prices.iter().filter(|it| it.calls > 0).collect();
    dear.sort_by(|one, other| (other.calls, &one.check).cmp(&(one.calls, &other.check)));
    out.push('\n');
    if dear.is_empty() {
        paragraph(
            out,
            "No check adds calls of its own: what each reads, another one reads as well.",
            0,
        );
        return;
    }
    paragraph(
        out,
        "What single checks add, in calls and in seconds of the minimum; --exclude-checks leaves a check out (what each other check reads, another one reads as \
         well):",
        0,
    );
    rows(
        out,
        dear.iter().map(|price| {
            [
                plain(&grouped(price.calls)).right(),
                plain(&format!("{:.1} s", price.seconds)).right(),
                plain(&price.check),
            ]
        }),
        2,
    );
}
