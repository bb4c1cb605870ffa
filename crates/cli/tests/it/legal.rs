//! What AWS can well answer, beside the faults: denials, resources that are not there, empty lists,
//! a function that goes while it is read. Each has rows of its own that are right.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::campaign::compare::Ended;
use crate::campaign::evidence::Cost;
use crate::campaign::faults::Fault;
use crate::campaign::forms::coded;
use crate::campaign::kinds::{Case, Class, Delivery, Kind};
use crate::campaign::mangle::{Mangle, is_xml, mangled};
use crate::campaign::run::{Job, Outcome};
use crate::campaign::snapshot::Snapshot;
use crate::campaign::{Campaign, SPEC};

const fn kind(name: &'static str, act: fn(&Case<'_>) -> Option<Delivery>) -> Kind {
    Kind {
        name,
        class: Class::Wrong,
        act,
    }
}

static DENIED: Kind = kind("denied", |it| {
    let code = if is_xml(it.call) {
        "AccessDenied"
    } else {
        "AccessDeniedException"
    };
    Some(Delivery::Answer(coded(
        it.call,
        if it.call.service == "organizations" {
            400
        } else {
            403
        },
        code,
        "User is not authorized",
    )))
});
static NOT_THERE: Kind = kind("not-there", |it| {
    Some(Delivery::Answer(coded(
        it.call,
        404,
        "ResourceNotFoundException",
        "It is not there",
    )))
});
static NO_ITEMS: Kind = kind("no-items", |it| {
    Some(Delivery::Answer(mangled(
        it.call,
        it.answer,
        Mangle::Emptied,
        0,
    )?))
});

fn start() -> Campaign {
    Campaign::start(
        Path::new(env!("CARGO_BIN_EXE_lambdasweep")),
        SPEC,
        Duration::from_secs(120),
    )
}

/// Scans with one fault, which strikes.
fn scene(campaign: &Campaign, fault: Fault) -> (Job, Outcome) {
    let job = Job {
        faults: vec![fault],
        seed: 1,
    };
    let outcome = campaign.world.scan(&job);
    assert!(!outcome.struck.is_empty(), "{}", job.faults[0]);
    (job, outcome)
}

/// The statuses that a check gives, and how often.
fn statuses(snapshot: &Snapshot, check: &str) -> BTreeSet<String> {
    snapshot
        .findings
        .iter()
        .filter(|(key, _)| key[0] == check)
        .flat_map(|(_, it)| &it.rows)
        .map(|row| row[0].clone())
        .collect()
}

/// A denial costs what rests on it, where it is: coverage says `denied`, and nothing else differs.
#[test]
fn denials_cost_what_rests_on_them() {
    let campaign = start();
    for (operation, (call, _)) in &campaign.samples {
        if call.service == "organizations" || call.operation == "GetCallerIdentity" {
            continue;
        }
        let (job, outcome) = scene(&campaign, Fault::everywhere(&DENIED, operation).at(call));
        let violations = campaign.world.judge(&campaign.before, &job, &outcome);
        assert!(
            violations.is_empty(),
            "{operation}: {violations:#?}\n{}",
            outcome.said
        );
        assert_eq!(
            outcome.ended,
            Ended::Code(4),
            "{operation}: {}",
            outcome.said
        );
        let snapshot = outcome.snapshot.unwrap();
        let cost = Cost::of(call);
        let gaps: Vec<_> = snapshot
            .coverage
            .iter()
            .filter(|(place, _)| {
                campaign
                    .before
                    .coverage
                    .get(*place)
                    .is_none_or(|it| it.contains("ok"))
            })
            .collect();
        let denied = gaps
            .iter()
            .filter(|(place, outcomes)| cost.covers(place) && outcomes.contains("denied"));
        assert!(denied.count() > 0, "{operation}: {gaps:?}");
    }
}

/// What is said not to be there is not there: there is nothing wrong with it, and nothing is
/// unknown.
#[test]
fn what_is_not_there_is_an_answer() {
    let campaign = start();
    let listed = [
        "lambda:ListFunctionUrlConfigs",
        "lambda:ListFunctionEventInvokeConfigs",
        "lambda:ListCodeSigningConfigs",
        "lambda:ListLayers",
        "lambda:ListAliases",
    ];
    let empty = listed.map(|operation| Fault::everywhere(&NO_ITEMS, operation));
    let gone = ["lambda:GetPolicy", "lambda:GetLayerVersionPolicy"]
        .map(|operation| Fault::everywhere(&NOT_THERE, operation));
    for fault in empty.into_iter().chain(gone) {
        let (job, outcome) = scene(&campaign, fault);
        let what = &job.faults[0];
        assert_eq!(outcome.ended, Ended::Code(0), "{what}: {}", outcome.said);
        let snapshot = outcome.snapshot.unwrap();
        assert!(snapshot.is_complete(), "{what}");
        assert!(
            snapshot.findings.values().all(|it| !it.has("UNKNOWN")),
            "{what}"
        );
        let nothing_wrong: &[&str] = match what.operation.as_str() {
            "lambda:GetPolicy" => &[
                "policy-public",
                "policy-cross-account",
                "policy-confused-deputy",
                "function-url-unauthenticated",
            ],
            "lambda:ListFunctionUrlConfigs" => &["function-url-unauthenticated"],
            "lambda:ListLayers" | "lambda:GetLayerVersionPolicy" => &["layer-public"],
            _ => &[],
        };
        let wrong_before = nothing_wrong
            .iter()
            .filter(|check| statuses(&campaign.before, check).contains("FAIL"));
        assert!(
            nothing_wrong.is_empty() || wrong_before.count() > 0,
            "{what}: the world has some of {nothing_wrong:?}"
        );
        for check in nothing_wrong {
            assert!(
                !statuses(&snapshot, check).contains("FAIL"),
                "{what}: {check}"
            );
        }
        if what.operation == "lambda:ListCodeSigningConfigs" {
            assert!(
                !statuses(&snapshot, "code-signing-absent").contains("PASS"),
                "{what}"
            );
        }
        // What rests on something else is as it was.
        let cost = [Cost {
            account: String::new(),
            region: String::new(),
            function: None,
            ..Cost::of(&outcome.struck[0].call)
        }];
        let others = campaign.before.findings.iter().filter(|(key, it)| {
            !campaign
                .world
                .evidence
                .is_hit(&cost, key, &it.resource_type)
        });
        for (key, answers) in others {
            assert_eq!(snapshot.findings.get(key), Some(answers), "{what}: {key:?}");
        }
    }
}
