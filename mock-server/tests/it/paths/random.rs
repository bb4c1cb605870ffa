//! Random accounts: every path that the graph reports as certain is performed, and every role that
//! a search makes an administrator is in the graph.

use serde_json::json;

use super::accounts::Account;
use super::attacker::Attacker;
use super::dice::{self, Dice};
use super::walk::{Proven, walk};
use super::{Outcome, given, search};

/// The number of generated accounts of twenty roles; `PATHS_ACCOUNTS` sets another number, and
/// `PATHS_FIRST` another first account.
const ACCOUNTS: u64 = 30;

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

fn look_into(outcome: &mut Outcome, number: u64, account: &Account) {
    let graph = account.graph();
    assert_eq!(graph.unknown, None, "account {number}");
    for (role, ways) in account.roles.iter().zip(&graph.ways) {
        let of = || {
            format!(
                "account {number}, {}: {} within {:?}",
                role.arn,
                json!(role.policies),
                role.boundary
            )
        };
        for way in ways {
            if way.conditional {
                outcome.count("ways under conditions");
                continue;
            }
            match walk(account, way) {
                Ok(Proven::Walked) => {
                    outcome.count("ways walked");
                    if way.steps.iter().any(|step| step.path.deletes) {
                        outcome.count("of these, ways that delete something");
                    }
                }
                Ok(Proven::Decided) => outcome.count("ways through users decided"),
                Ok(Proven::Needless) => outcome.count("ways of administrators under conditions"),
                Err(error) => outcome.wrong.push(format!(
                    "{}\n  certain by {}, but {error}",
                    of(),
                    way.path.id
                )),
            }
        }
        let mock = given::world(account);
        let attacker = Attacker {
            mock: &mock,
            account,
        };
        let start = attacker.begin(&role.arn).unwrap();
        if attacker.is_administrator(&start) {
            outcome.count("administrators");
            continue;
        }
        match search::from(&attacker, start) {
            Some(_) if !ways.is_empty() => outcome.count("roles found by both"),
            Some(trail) => {
                outcome
                    .wrong
                    .push(format!("{}\n  no way, but {}", of(), trail.join("; ")))
            }
            None if ways.is_empty() => outcome.count("roles found by neither"),
            None => outcome.count("roles whose ways the search does not take"),
        }
    }
}

#[test]
fn random_accounts_are_walked_and_searched() {
    let (accounts, first) = (
        variable("PATHS_ACCOUNTS", ACCOUNTS),
        variable("PATHS_FIRST", 0),
    );
    let mut outcome = Outcome::default();
    for number in first..first + accounts {
        look_into(
            &mut outcome,
            number,
            &dice::account(&mut Dice(number.wrapping_mul(0x2545_f491_4f6c_dd1d))),
        );
    }
    let (wrong, counts) = (&outcome.wrong, &outcome.counts);
    assert!(
        wrong.is_empty(),
        "{}\n{} wrong in {accounts} accounts; {counts:#?}",
        wrong.join("\n"),
        wrong.len()
    );
    let of = |what: &str| outcome.of(what);
    // Neither side of the comparison may become empty.
    let enough = of("ways walked") as u64 >= accounts * 3
        && of("of these, ways that delete something") as u64 * 10 >= accounts
        && of("roles found by both") as u64 >= accounts
        && of("roles found by neither") as u64 >= accounts;
    assert!(enough, "{counts:#?}");
}
