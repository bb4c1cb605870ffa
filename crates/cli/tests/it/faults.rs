//! What AWS could not answer, and what a network does to answers, makes no PASS of a FAIL and loses
//! nothing: a short form of `scripts/campaign`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use crate::campaign::{Campaign, EndedScan, SPEC, kinds};

fn campaign() -> Campaign {
    Campaign::start(
        Path::new(env!("CARGO_BIN_EXE_lambdasweep")),
        SPEC,
        Duration::from_secs(120),
    )
}

#[test]
fn kinds_of_faults_have_names_of_their_own_and_can_be_asked_for() {
    let names: BTreeSet<&str> = kinds().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), kinds().len());
    assert!(names.len() >= 40);
    for name in names {
        assert!(
            Campaign::given(
                &[format!("{name}@lambda:GetPolicy@*/us-east-1/*@first-2")],
                1
            )
            .is_ok(),
            "{name}"
        );
    }
    for wrong in [
        "",
        "nosuch@*@*/*/*@always",
        "204@*@*@always",
        "204@*@*/*@always",
        "204@*@*/*/*@often",
        "204@*@*/*/*@first-0",
    ] {
        assert!(Campaign::given(&[wrong.to_owned()], 1).is_err(), "{wrong}");
    }
}

/// A few of the kinds on two operations, and a few mixtures.
#[test]
fn a_short_campaign_finds_nothing() {
    let campaign = campaign();
    let kinds = "throttle,expired-token,reset-in-body,body-cut-short,404-html,empty-object,member-missing,item-null,item-twice,token-repeated";
    let jobs = campaign
        .grid(kinds, "lambda:GetPolicy,lambda:ListFunctions", 1)
        .and(campaign.mixtures(8, 1));
    assert!(jobs.len() > 8, "each kind on each operation");
    let told = Mutex::new(Vec::new());
    let tell = |it: &EndedScan<'_>| {
        let violations = it.violations(3);
        if !violations.is_empty() {
            told.lock().unwrap().push(format!(
                "{} of {}, {}, {:.1} s: {violations:#?}\n{}",
                it.done,
                it.of,
                (it.repeat)(),
                it.seconds,
                it.said
            ));
        }
    };
    let tally = campaign.run(&jobs, 2, &tell);
    assert_eq!(
        tally.violations(),
        0,
        "{}",
        told.into_inner().unwrap().join("\n")
    );
    assert!(
        tally.faults() > 0 && tally.line().contains("\"fail_to_pass\":0"),
        "{}",
        tally.line()
    );
}
