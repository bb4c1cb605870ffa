//! `lambdasweep plan`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::Result;
use lambdasweep_aws::QuotaShare;
use lambdasweep_checks::Check;
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
    let mut known: BTreeMap<BTreeSet<Fact>, (u64, f64)> = BTreeMap::new();
    let mut price = |without: &dyn Fn(&Check) -> bool| {
        let others = checks.iter().copied().filter(|check| !without(check));
        let facts = setup::facts(&arguments.scope, others);
        *known.entry(facts).or_insert_with_key(|facts| {
            let without = of(facts);
            let seconds = plan.floor_seconds - without.floor_seconds;
            (
                plan.calls().saturating_sub(without.calls()),
                seconds.max(0.0),
            )
        })
    };
    let mut prices = Prices::default();
    for check in &checks {
        let (calls, seconds) = price(&|it| it.id == check.id);
        prices.of_checks.push((check.id.clone(), calls, seconds));
    }
    for fact in &request.facts {
        let (calls, seconds) = price(&|it| it.facts.contains(fact));
        let needing = checks.iter().filter(|check| check.facts.contains(fact));
        prices.of_facts.push(Price {
            fact: *fact,
            checks: needing.map(|check| check.id.clone()).collect(),
            calls,
            seconds,
        });
    }
    terminal::result(&if arguments.json {
        as_json(&plan, &prices).to_string()
    } else {
        as_text(&plan, &prices, &arguments)
    })?;
    Ok(FINE)
}

/// What checks and facts add to the scan: calls, and seconds of the minimum time.
#[derive(Default)]
struct Prices {
    /// By check: what no other selected check needs.
    of_checks: Vec<(String, u64, f64)>,
    of_facts: Vec<Price>,
}

/// What a fact adds, and the checks without which it is not read.
struct Price {
    fact: Fact,
    checks: Vec<String>,
    calls: u64,
    seconds: f64,
}

/// The most checks that are named for a fact; one that more checks need is the base of the scan.
const MOST_NAMED: usize = 6;

fn as_json(plan: &Plan, prices: &Prices) -> serde_json::Value {
    serde_json::json!({
        "accounts": plan.accounts,
        "accounts_closed": plan.closed.iter().map(|(account, why)| serde_json::json!({"account_id": account, "reason": why})).collect::<Vec<_>>(),
        "account_regions": plan.regions,
        "account_regions_uncounted": plan.regions_uncounted,
        "functions": plan.functions,
        "calls": plan.buckets.iter().map(|it| (it.bucket.label().to_owned(), it.calls.into())).collect::<serde_json::Map<_, _>>(),
        "floor_seconds": plan.floor_seconds,
        "checks": prices.of_checks.iter().map(|(check, calls, seconds)| serde_json::json!({"check_id": check, "calls_added": calls, "floor_seconds_added": seconds})).collect::<Vec<_>>(),
        "facts": prices.of_facts.iter().map(|it| serde_json::json!({"fact": it.fact.as_str(), "checks": it.checks, "calls_added": it.calls, "floor_seconds_added": it.seconds})).collect::<Vec<_>>(),
        "slowest": plan.slowest.as_ref().map(|(account, region, functions)| serde_json::json!({"account_id": account, "region": region, "functions": functions})),
    })
}

fn as_text(plan: &Plan, prices: &Prices, arguments: &PlanArguments) -> String {
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
fn add_prices(out: &mut String, prices: &Prices) {
    let mut dear: Vec<&Price> = prices.of_facts.iter().collect();
    dear.retain(|it| it.calls > 0 && (1..=MOST_NAMED).contains(&it.checks.len()));
    dear.sort_by(|one, other| (other.calls, one.fact).cmp(&(one.calls, other.fact)));
    if dear.is_empty() {
        return;
    }
    out.push('\n');
    paragraph(
        out,
        "What few checks need, in calls and in seconds of the minimum; --exclude-checks with all checks of a line saves them:",
        0,
    );
    for price in dear {
        let line = format!(
            "{}, {:.1} s: {}",
            counted(price.calls, "call"),
            price.seconds,
            price.checks.join(", ")
        );
        paragraph(out, &line, 2);
    }
}
