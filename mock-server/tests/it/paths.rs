//! The ways that the graph of roles finds, proven: each is walked by calls with the credentials of the role in a mock that enforces IAM, and from what only
//! looks like a way a search over the same calls gets nowhere.

use std::collections::BTreeMap;

use serde_json::Value;

#[path = "../../../crates/policy/tests/it/accounts.rs"]
mod accounts;
mod attacker;
mod dice;
mod given;
mod random;
mod search;
mod walk;

use accounts::{Account, words};
use attacker::Attacker;
use walk::Proven;

const REGION: &str = "eu-west-1";
/// An account of somebody else, which is in no organisation.
const OUTSIDE: &str = "444455556666";

/// Why a way that is open under conditions is not walked.
fn skipped(account: &Account) -> &'static str {
    if account.roles.iter().any(|role| role.trust.is_none()) {
        "skipped: whom a trust policy lets in that could not be read"
    } else {
        "skipped: under conditions that no look at policies tells"
    }
}

/// Which users a session reaches: the mock has none, and every action on one is enough.
fn reaches_a_user(attacker: &Attacker<'_>, session: &attacker::Session) -> bool {
    let on = |action: &str, short: &str| attacker::asked(action, &accounts::arn(short));
    let questions = [
        on("iam:CreateAccessKey", "user/made"),
        on("iam:CreateLoginProfile", "user/made"),
        on("iam:UpdateLoginProfile", "user/made"),
        on("iam:PutUserPolicy", "user/made"),
        on("iam:AttachUserPolicy", "user/made"),
        on("iam:AddUserToGroup", "group/made"),
        on("iam:PutGroupPolicy", "group/made"),
        on("iam:AttachGroupPolicy", "group/made"),
    ];
    attacker.decided(&session.arn, &questions).contains(&true)
}

#[test]
fn ways_are_walked_and_lookalikes_lead_nowhere() {
    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::<&str, usize>::new());
    let mut count = |what: &'static str| *counts.entry(what).or_default() += 1;
    for text in include_str!("../../../crates/policy/tests/it/roles/graph.jsonl").lines() {
        let case: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let account = Account::read(&case);
        for (role, ways) in account.roles.iter().zip(account.graph().ways) {
            let of_case = format!("{} ({}): {}", case["id"], case["why"], role.arn);
            for way in &ways {
                if way.conditional {
                    count(skipped(&account));
                    continue;
                }
                match walk::walk(&account, way) {
                    Ok(Proven::Walked) if way.steps.iter().any(|step| step.presumed) => count("walked, on a resource that was presumed"),
                    Ok(Proven::Walked) => count("walked"),
                    Ok(Proven::Decided) => count("decided"),
                    Ok(Proven::Needless) => wrong.push(format!("{of_case} is an administrator already")),
                    Err(error) => wrong.push(format!("{of_case}: {}: {error}", way.path.id)),
                }
            }
            let expected = case["expect"].get(accounts::name(&role.arn)).map(words);
            if !expected.is_some_and(|expected| expected.is_empty()) {
                continue;
            }
            let mock = given::world(&account);
            let attacker = Attacker { mock: &mock, account: &account };
            let start = attacker.begin(&role.arn).unwrap();
            if attacker.is_administrator(&start) {
                count("skipped: an administrator has nothing to gain");
            } else if let Some(trail) = search::from(&attacker, start.clone()) {
                wrong.push(format!("{of_case} has no way and makes itself an administrator: {}", trail.join("; ")));
            } else if reaches_a_user(&attacker, &start) {
                wrong.push(format!("{of_case} has no way and reaches users"));
            } else {
                count("lookalikes refused");
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{counts:#?}", wrong.join("\n"));
    let of = |what: &str| counts.get(what).copied().unwrap_or_default();
    let walked = of("walked") + of("walked, on a resource that was presumed");
    assert!(walked >= 40 && of("decided") >= 3 && of("lookalikes refused") >= 35, "{counts:#?}");
}
