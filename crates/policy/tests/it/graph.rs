//! Ways of roles to more power: accounts by hand, each way beside what looks like it and is none.

use std::collections::BTreeMap;

use lambdasweep_policy::role::{Reached, Way, catalogue};
use serde_json::{Value, json};

use crate::accounts::{Account, name, words};

/// `lambda-003>deployer sts-001>boss`, with `?` behind a path that is open under conditions, `@pay`
/// behind one that deletes something, and `=everything` or `=user` at the end of some.
fn line(way: &Way) -> String {
    let step = |it: &lambdasweep_policy::role::Step| {
        let doubt = if it.conditional { "?" } else { "" };
        let deleted = it
            .through
            .as_deref()
            .filter(|_| it.path.deletes)
            .map(|arn| format!("@{}", name(arn.rsplit(':').next().unwrap_or(arn))));
        let to = it.to.as_deref().map(|to| format!(">{}", name(to)));
        format!(
            "{}{doubt}{}",
            it.path.id,
            deleted.or(to).unwrap_or_default()
        )
    };
    let steps: Vec<String> = way.steps.iter().map(step).collect();
    let end = match &way.reached {
        Reached::EveryPermission => " =everything",
        Reached::User => " =user",
        Reached::Role { .. } => "",
    };
    format!(
        "{}{end}{}",
        steps.join(" "),
        if way.conditional && !steps.iter().any(|it| it.contains('?')) {
            " ?"
        } else {
            ""
        }
    )
}

#[test]
fn ways_and_what_looks_like_them() {
    let (mut wrong, mut ways, mut none) = (Vec::new(), 0, 0);
    for text in include_str!("roles/graph.jsonl").lines() {
        let case: Value =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let account = Account::read(&case);
        let graph = account.graph();
        let found: BTreeMap<&str, Vec<String>> = account
            .roles
            .iter()
            .zip(&graph.ways)
            .map(|(role, ways)| (name(&role.arn), ways.iter().map(line).collect()))
            .collect();
        for (name, expected) in case["expect"].as_object().expect("what is expected") {
            let expected = words(expected);
            if expected.is_empty() {
                none += 1
            } else {
                ways += expected.len()
            }
            if found[name.as_str()] != expected {
                wrong.push(format!(
                    "{} ({}): {name} has {:?}, not {expected:?}",
                    case["id"],
                    case["why"],
                    found[name.as_str()]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        ways >= 30 && none >= 30,
        "{ways} ways and {none} roles without one"
    );
}

/// All in one account: each way beside a role that looks like it. Roles with ways begin with `w-`,
/// those without with `n-`.
#[test]
fn a_planted_account_is_found_out_exactly() {
    let lines: Vec<Value> = include_str!("roles/planted.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let account = Account::of_lines(&lines);
    let ways = account.graph().ways;
    let found: BTreeMap<&str, Vec<String>> = account
        .roles
        .iter()
        .zip(&ways)
        .map(|(role, ways)| (name(&role.arn), ways.iter().map(line).collect()))
        .collect();
    let (mut wrong, mut ways, mut none) = (Vec::new(), 0, 0);
    for planted in lines
        .iter()
        .filter(|planted| planted.get("expect").is_some())
    {
        let (role, expected) = (
            planted["role"].as_str().expect("a role"),
            words(&planted["expect"]),
        );
        match role.split_once('-').map(|(kind, _)| kind) {
            Some("w") => ways += usize::from(!expected.is_empty()),
            Some("n") => none += usize::from(expected.is_empty()),
            _ => {}
        }
        if found[role] != expected {
            wrong.push(format!(
                "{role} ({}) has {:?}, not {expected:?}",
                planted["why"], found[role]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        ways >= 60 && none >= 60,
        "{ways} roles with ways and {none} without one"
    );
}

/// A path that no edge stands for would be one that nobody is told of.
#[test]
fn every_path_of_the_catalogue_leads_somewhere() {
    for path in catalogue()
        .iter()
        .filter(|path| !path.latent && !path.deletes)
    {
        let statements: Vec<Value> = path
            .needs
            .iter()
            .map(|need| json!(["Allow", need.action]))
            .collect();
        let services = path.passed_to.iter().chain(&path.runs_as);
        let trusts: Vec<Value> = services
            .map(|it| json!(it.trim_end_matches(".amazonaws.com")))
            .chain([json!("account")])
            .collect();
        // A policy of the account is attached to each, so that there is one to write a version of.
        let app = json!({"attached": {"policy/app": statements}});
        let boss = json!({"attached": {"policy/boss": [["Allow", "*"]]}, "trust": trusts});
        let account = Account::read(
            &json!({"roles": {"app": app, "boss": boss}, "functions": {"pay": "boss"}, "manages": true}),
        );
        let ways = account.graph().ways.remove(0);
        assert!(
            ways.iter().any(|way| !way.conditional),
            "{} ({})",
            path.id,
            path.name
        );
    }
}

/// What a role may do in another account is not known here, nor what those may do that can act as
/// it.
#[test]
fn roles_that_lead_to_other_accounts_are_told() {
    let assume = |resource: &str, trust: &str| json!({"allow": [["Allow", "sts:AssumeRole", resource]], "trust": trust});
    let account = Account::read(&json!({"boss": null, "roles": {
        "anywhere": assume("arn:aws:iam::*:role/deploy", "lambda"),
        "denied": {"allow": [["Allow", "sts:AssumeRole"], ["Deny", "sts:*"]]},
        "inside": assume("role/*", "lambda"),
        "over": assume("role/partner", "lambda"),
        "partner": assume("arn:aws:iam::444455556666:role/deploy", "account"),
        "within": assume("role/over", "lambda"),
    }}));
    let graph = account.graph();
    assert!(graph.ways.iter().all(Vec::is_empty), "{:?}", graph.ways);
    // "inside" can act as the partner's; "over" lets nobody in.
    let elsewhere: Vec<&str> = account
        .roles
        .iter()
        .zip(&graph.elsewhere)
        .filter(|(_, elsewhere)| **elsewhere)
        .map(|(role, _)| name(&role.arn))
        .collect();
    assert_eq!(elsewhere, ["anywhere", "inside", "over", "partner"]);
}
