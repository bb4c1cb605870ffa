//! Verifies the escalation paths that the graph of roles finds: each is performed by calls with the
//! role's credentials in a mock that enforces IAM; where the graph finds none, a search over the
//! same calls finds none either.

use std::collections::BTreeMap;

use serde_json::Value;

#[path = "../../../crates/policy/tests/it/accounts.rs"]
mod accounts;
mod attacker;
mod dice;
mod given;
mod random;
mod search;
mod texts;
mod walk;

use accounts::{Account, words};
use attacker::Attacker;
use walk::Proven;

const REGION: &str = "eu-west-1";
/// An account of another owner, which is in no organisation.
const OUTSIDE: &str = "444455556666";

/// Why a conditional path is not performed.
fn skipped(account: &Account) -> &'static str {
    if account.roles.iter().any(|role| role.trust.is_none()) {
        "skipped: whom a trust policy lets in that could not be read"
    } else {
        "skipped: under conditions that no look at policies tells"
    }
}

/// Whether a session can take over a user: the mock has no users, and one allowed action is enough.
fn reaches_a_user(attacker: &Attacker<'_>, session: &attacker::Session) -> bool {
    let on = |action: &str, short: &str| texts::asked(action, &accounts::arn(short));
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

/// The numbers of attempts, and the deviations from the graph.
#[derive(Default)]
struct Outcome {
    wrong: Vec<String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Outcome {
    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn of(&self, what: &str) -> usize {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// Performs the paths of an account's roles, and searches for a path from those that are
    /// expected to have none.
    fn look_into(&mut self, what: &str, account: &Account, expected: &BTreeMap<&str, Vec<String>>) {
        for (role, ways) in account.roles.iter().zip(account.graph().ways) {
            let of_case = format!("{what}: {}", role.arn);
            for way in &ways {
                if way.conditional {
                    self.count(skipped(account));
                    continue;
                }
                match walk::walk(account, way) {
                    Ok(Proven::Walked) if way.steps.iter().any(|step| step.presumed) => {
                        self.count("walked, on a resource that was presumed")
                    }
                    Ok(Proven::Walked) => self.count("walked"),
                    Ok(Proven::Decided) => self.count("decided"),
                    Ok(Proven::Needless) => self
                        .wrong
                        .push(format!("{of_case} is an administrator already")),
                    Err(error) => self
                        .wrong
                        .push(format!("{of_case}: {}: {error}", way.path.id)),
                }
            }
            if !expected
                .get(accounts::name(&role.arn))
                .is_some_and(Vec::is_empty)
            {
                continue;
            }
            let mock = given::world(account);
            let attacker = Attacker {
                mock: &mock,
                account,
            };
            let start = attacker.begin(&role.arn).unwrap();
            if attacker.is_administrator(&start) {
                self.count("skipped: an administrator has nothing to gain");
            } else if let Some(trail) = search::from(&attacker, start.clone()) {
                self.wrong.push(format!(
                    "{of_case} has no way and makes itself an administrator: {}",
                    trail.join("; ")
                ));
            } else if reaches_a_user(&attacker, &start) {
                self.wrong
                    .push(format!("{of_case} has no way and reaches users"));
            } else {
                self.count("lookalikes refused");
            }
        }
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn ways_are_walked_and_lookalikes_lead_nowhere() {
    let mut outcome = Outcome::default();
    for case in lines(include_str!(
        "../../../crates/policy/tests/it/roles/graph.jsonl"
    )) {
        let expected = case["expect"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, expected)| (name.as_str(), words(expected)))
            .collect();
        outcome.look_into(
            &format!("{} ({})", case["id"], case["why"]),
            &Account::read(&case),
            &expected,
        );
    }
    let walked = outcome.of("walked") + outcome.of("walked, on a resource that was presumed");
    assert!(
        outcome.wrong.is_empty(),
        "{}\n{:#?}",
        outcome.wrong.join("\n"),
        outcome.counts
    );
    assert!(
        walked >= 40 && outcome.of("decided") >= 3 && outcome.of("lookalikes refused") >= 35,
        "{:#?}",
        outcome.counts
    );
}

/// The account with a path of each kind, and for each a role that only seems to have it.
#[test]
fn the_planted_account_is_walked() {
    let lines = lines(include_str!(
        "../../../crates/policy/tests/it/roles/planted.jsonl"
    ));
    let expected = lines
        .iter()
        .filter_map(|line| Some((line["role"].as_str()?, words(line.get("expect")?))))
        .collect();
    let mut outcome = Outcome::default();
    outcome.look_into("planted", &Account::of_lines(&lines), &expected);
    let walked = outcome.of("walked") + outcome.of("walked, on a resource that was presumed");
    assert!(
        outcome.wrong.is_empty(),
        "{}\n{:#?}",
        outcome.wrong.join("\n"),
        outcome.counts
    );
    assert!(
        walked >= 60 && outcome.of("decided") >= 3 && outcome.of("lookalikes refused") >= 60,
        "{:#?}",
        outcome.counts
    );
}
