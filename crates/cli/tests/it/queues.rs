//! Queues that functions send to what they fail at: each is read once, in whichever account it is,
//! and whether a role may send there is told exactly.

mod organization;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lambdasweep_tables::{FailureTargetRow, QueueRow, Scan};
use serde_json::{Value, json};

use self::organization::{functions, organization};
use crate::between::{Answer, between};
use crate::harness::{Mock, only_scan, rows, run};

const MANAGEMENT: &str = "111111111111";
const APP: &str = "222222222222";
const CENTRAL: &str = "333333333333";
const SANDBOX: &str = "444444444444";
const LOCKED: &str = "555555555555";
const PARTNER: &str = "999988887777";
const REGION: &str = "eu-west-1";
const FACTS: [&str; 4] = [
    "--checks",
    "policy-public",
    "--facts",
    "queues,failure_targets",
];

fn queue(account: &str, name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{account}:{name}")
}

fn start(folder: &Path, organization: &Value) -> Mock {
    let file = folder.join("organization.json");
    std::fs::write(&file, organization.to_string()).unwrap();
    let mock = Mock::of_file(&file, MANAGEMENT);
    mock.server().enforce_iam(true);
    mock
}

/// Some of what is planted cannot be read.
fn assert_published(code: i32, said: &str) {
    assert!(matches!(code, 0 | 4), "{code}: {said}");
}

/// How often a mock was asked for queues, by the account that asked and the outcome.
fn asked(mock: &Mock) -> BTreeMap<(String, String), u64> {
    let mut asked = BTreeMap::new();
    for entry in mock.server().ledger() {
        if entry.service == "sqs" {
            assert_eq!(entry.operation, "GetQueueAttributes");
            *asked.entry((entry.account, entry.outcome)).or_default() += entry.calls;
        }
    }
    asked
}

fn targets(scan: &Scan) -> Vec<FailureTargetRow> {
    scan.rows_where(&[]).unwrap()
}

fn in_words(row: &FailureTargetRow) -> String {
    let fifo = if row.fifo { " fifo" } else { "" };
    format!("{} {}{fifo}: {}", row.send, row.key, row.send_reason)
}

#[test]
fn each_queue_is_read_once_and_each_target_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let mock = start(folder.path(), &organization(40));
    let (code, said) = run(mock.scan(&folder.path().join("out"), &FACTS));
    assert_published(code, &said);
    let scan = only_scan(&folder.path().join("out"));

    let found: BTreeMap<String, FailureTargetRow> = targets(&scan)
        .into_iter()
        .map(|row| (row.function_arn.rsplit(':').next().unwrap().to_owned(), row))
        .collect();
    for (name, account, role, target, expected) in functions() {
        let row = &found[name];
        let words = in_words(row);
        assert!(
            words.starts_with(expected),
            "{name}: expected {expected}, found {words}"
        );
        assert_eq!(
            (
                row.account_id.as_str(),
                row.purpose.as_str(),
                &row.target_arn
            ),
            (account, "dead-letter", &target)
        );
        assert_eq!(row.role_arn, format!("arn:aws:iam::{account}:role/{role}"));
        assert_eq!(row.queue_arn.is_some(), target.contains(":sqs:"), "{name}");
    }
    assert_eq!(found.len(), functions().len() + 40);

    // However many functions name a queue, its owner is asked once; who does not own it asks once
    // for itself.
    let own = functions()
        .into_iter()
        .filter(|it| it.3.contains(&format!(":sqs:{REGION}:{APP}:")))
        .map(|it| it.3)
        .collect::<BTreeSet<_>>();
    let asked = asked(&mock);
    assert_eq!(own.len(), 9);
    assert_eq!(
        asked.values().sum::<u64>(),
        // Of the account itself, of two others, and of the partner by both accounts.
        9 + 4 + 1 + 4 + 2,
        "{asked:?}"
    );

    let queues: Vec<QueueRow> = scan.rows_where(&[]).unwrap();
    let read: BTreeSet<&str> = queues.iter().map(|row| row.queue_arn.as_str()).collect();
    assert_eq!(read.len(), queues.len());
    assert_eq!(queues.len(), 8 + 3 + 1 + 2, "{read:?}");
    let coverage: BTreeMap<String, (String, String)> = rows(
        &scan,
        "coverage",
        &["resource_arn", "fact", "outcome", "account_id"],
    )
    .into_iter()
    .filter(|row| row[1] == "queues")
    .map(|row| (row[0].clone(), (row[2].clone(), row[3].clone())))
    .collect();
    assert_eq!(coverage.len(), 9 + 4 + 1 + 4);
    for (arn, (outcome, account)) in &coverage {
        assert_eq!(arn.split(':').nth(4), Some(account.as_str()));
        let expected = match (arn.ends_with(":retired"), account.as_str()) {
            (_, PARTNER) if arn.ends_with(":partner") || arn.ends_with(":only-app") => "ok",
            (_, PARTNER) => "denied",
            (true, _) => "gone",
            (false, _) => "ok",
        };
        assert_eq!(outcome, expected, "{arn}");
        assert_eq!(read.contains(arn.as_str()), outcome == "ok", "{arn}");
    }
}

/// What the checks say of each function of the file: missing, fifo, denied.
#[test]
fn the_checks_find_what_is_wrong_with_each_target() {
    const PASS: &str = "PASS PASS PASS";
    const DENIED: &str = "PASS PASS FAIL";
    const GONE: &str = "FAIL PASS NOT_APPLICABLE";
    const NOT_READ: &str = "UNKNOWN PASS UNKNOWN";
    let expected = BTreeMap::from([
        ("plain", PASS),
        ("mute", DENIED),
        ("let-in", PASS),
        ("for-the-service", DENIED),
        ("bounded", DENIED),
        ("guarded", DENIED),
        ("tls-only", PASS),
        ("by-source", DENIED),
        ("by-address", "PASS PASS UNKNOWN"),
        ("fifo", "PASS FAIL NOT_APPLICABLE"),
        ("own-key", "PASS PASS UNKNOWN"),
        ("key-of-aws", PASS),
        ("central", PASS),
        ("central-key-of-aws", DENIED),
        ("central-mute", DENIED),
        ("central-closed", DENIED),
        ("partner", PASS),
        ("partner-closed", NOT_READ),
        ("partner-gone", NOT_READ),
        ("gone", GONE),
        ("central-gone", GONE),
        ("only-app", PASS),
        ("only-app-sandbox", "PASS PASS UNKNOWN"),
        ("locked", DENIED),
        ("topic", PASS),
        ("sandbox", DENIED),
        ("sandbox-partner", DENIED),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let mock = start(folder.path(), &organization(0));
    let checks = [
        "failure-target-missing",
        "failure-target-fifo",
        "failure-target-denied",
    ];
    let (code, said) = run(mock.scan(&folder.path().join("out"), &["--checks", &checks.join(",")]));
    assert_published(code, &said);
    let scan = only_scan(&folder.path().join("out"));
    let mut found: BTreeMap<String, [String; 3]> = BTreeMap::new();
    for row in rows(&scan, "findings", &["check_id", "resource_arn", "status"]) {
        let name = row[1].rsplit(':').next().unwrap().to_owned();
        let at = checks.iter().position(|check| *check == row[0]).unwrap();
        found.entry(name).or_default()[at].clone_from(&row[2]);
    }
    let found: BTreeMap<&str, String> = found
        .iter()
        .map(|(name, statuses)| (name.as_str(), statuses.join(" ")))
        .collect();
    let expected: BTreeMap<&str, String> = expected
        .into_iter()
        .map(|(name, statuses)| (name, statuses.to_owned()))
        .collect();
    assert_eq!(found, expected);
}

/// Without the targets, queues are read all the same, and roles are not.
#[test]
fn queues_alone_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mock = start(folder.path(), &organization(0));
    let facts = ["--checks", "policy-public", "--facts", "queues"];
    let (code, said) = run(mock.scan(&folder.path().join("out"), &facts));
    assert_published(code, &said);
    let scan = only_scan(&folder.path().join("out"));
    let queues: Vec<QueueRow> = scan.rows_where(&[]).unwrap();
    assert_eq!(queues.len(), 8 + 3 + 1 + 2);
    assert!(targets(&scan).is_empty());
    assert_eq!(asked(&mock).values().sum::<u64>(), 9 + 4 + 1 + 4 + 2);
    let statements = rows(
        &scan,
        "resource_policy_statements",
        &["resource_type", "resource_arn", "exposure", "outside"],
    );
    let of_partner: Vec<_> = statements
        .iter()
        .filter(|row| row[0] == "queue" && row[1] == queue(PARTNER, "only-app"))
        .collect();
    assert_eq!(of_partner.len(), 1, "the rows come once: {of_partner:?}");
    assert_eq!(of_partner[0][2], "accounts");
}

/// A destination of an alias is served with the role of the version behind it.
#[test]
fn a_destination_is_judged_by_the_role_of_its_version() {
    let folder = tempfile::tempdir().unwrap();
    let mock = start(folder.path(), &organization(0));
    mock.server().enforce_iam(false);
    let path = "/2015-03-31/functions/mute";
    let lambda = |request: &str, input: Value| mock.lambda(APP, REGION, request, &input);
    lambda(&format!("POST {path}/versions"), json!({}));
    lambda(
        &format!("PUT {path}/configuration"),
        json!({"Role": format!("arn:aws:iam::{APP}:role/sender")}),
    );
    lambda(
        &format!("POST {path}/aliases"),
        json!({"Name": "live", "FunctionVersion": "1"}),
    );
    for (qualifier, side) in [("live", "OnFailure"), ("$LATEST", "OnSuccess")] {
        lambda(
            &format!(
                "PUT /2019-09-25/functions/mute/event-invoke-config?Qualifier={}",
                qualifier.replace('$', "%24")
            ),
            json!({"DestinationConfig": {side: {"Destination": queue(APP, "failures")}}}),
        );
    }
    let (code, said) = run(mock.scan(&folder.path().join("out"), &FACTS));
    assert_published(code, &said);
    let scan = only_scan(&folder.path().join("out"));
    let found: BTreeSet<(String, String, String, String)> = targets(&scan)
        .into_iter()
        .filter(|row| row.function_arn.ends_with(":mute"))
        .map(|row| {
            let role = row.role_arn.rsplit('/').next().unwrap().to_owned();
            (row.qualifier, row.purpose, role, row.send)
        })
        .collect();
    let expected = [
        ("$LATEST", "dead-letter", "sender", "allowed"),
        ("$LATEST", "on-success", "sender", "allowed"),
        ("live", "on-failure", "mute", "denied"),
    ];
    let expected = expected.map(|(qualifier, purpose, role, send)| {
        (
            qualifier.to_owned(),
            purpose.to_owned(),
            role.to_owned(),
            send.to_owned(),
        )
    });
    assert_eq!(found, BTreeSet::from(expected));
}

/// What an account that is scanned may not read, and what is in an account that cannot be entered,
/// is coverage with the reason, and nothing is made up of it.
#[test]
fn queues_that_cannot_be_read_are_unknown() {
    for can_be_entered in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let mut organization = organization(0);
        organization["account"][2]["role"] = json!(can_be_entered);
        let mock = start(folder.path(), &organization);
        if can_be_entered {
            let name = "lambdasweep-scan";
            mock.iam(
                CENTRAL,
                &[
                    ("Action", "DeleteRolePolicy"),
                    ("RoleName", name),
                    ("PolicyName", name),
                ],
            );
        }
        let (code, said) = run(mock.scan(&folder.path().join("out"), &FACTS));
        assert_published(code, &said);
        let scan = only_scan(&folder.path().join("out"));
        let coverage = rows(
            &scan,
            "coverage",
            &["fact", "account_id", "outcome", "error_code", "message"],
        );
        let of_central: Vec<_> = coverage
            .iter()
            .filter(|row| row[0] == "queues" && row[1] == CENTRAL)
            .collect();
        assert_eq!(of_central.len(), 4, "{of_central:?}");
        for row in of_central {
            assert_eq!(row[2], "denied", "{row:?}");
            assert_ne!(row[3], "OutsideOfScan", "{row:?}");
            assert_eq!(
                row[4].contains("sts:AssumeRole"),
                !can_be_entered,
                "{row:?}"
            );
        }
        for row in targets(&scan) {
            if row.target_arn.contains(CENTRAL) {
                assert_eq!(row.send, "unknown", "{row:?}");
                assert!(row.send_reason.contains("was not read: denied"), "{row:?}");
            }
        }
    }
}

/// An account outside of the scan may deny its queues, and the scan is complete. One that could have
/// been read and failed leaves it incomplete.
#[test]
fn a_queue_outside_of_the_scan_counts_unless_it_is_denied() {
    let folder = tempfile::tempdir().unwrap();
    let mock = start(folder.path(), &organization(0));
    let partner = format!("{PARTNER}/partner\"");
    for (status, expected) in [(200, 0), (501, 4)] {
        let partner = partner.clone();
        let url = between(&mock, move |call| {
            let answer = call.forward();
            let strikes = call.has("GetQueueAttributes") && call.has(&partner);
            if strikes && status != 200 {
                let (headers, body) = (String::new(), String::new());
                return Answer {
                    status,
                    headers,
                    body,
                };
            }
            answer
        });
        let out = folder.path().join(status.to_string());
        let (code, said) = run(mock.scan(
            &out,
            &[&FACTS[..], &["--endpoint-url", &url, "--attempts", "2"]].concat(),
        ));
        assert_eq!(code, expected, "{status}: {said}");
        let coverage = rows(&only_scan(&out), "coverage", &["resource_arn", "outcome"]);
        let of_partner: Vec<&str> = coverage
            .iter()
            .filter(|row| row[0] == queue(PARTNER, "partner"))
            .map(|row| row[1].as_str())
            .collect();
        assert_eq!(of_partner, [["ok"], ["failed"]][usize::from(status == 501)]);
    }
}

/// What the generated organisation plants, as the tables tell it.
#[test]
fn planted_targets_are_told_exactly() {
    let mock =
        Mock::start("accounts=14,regions=2,functions=400,seed=6,queues=40,suspended=0,roleless=0");
    mock.server().enforce_iam(true);
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &FACTS));
    assert_published(code, &said);
    let scan = only_scan(out.path());
    let gone: BTreeSet<String> = rows(&scan, "coverage", &["fact", "outcome", "resource_arn"])
        .into_iter()
        .filter(|row| row[0] == "queues" && row[1] == "gone")
        .map(|row| row[2].clone())
        .collect();
    let rows = targets(&scan);
    let kinds: BTreeSet<&str> = rows.iter().map(|row| row.send.as_str()).collect();
    assert_eq!(
        kinds,
        BTreeSet::from(["allowed", "denied", "gone", "unknown"])
    );
    // What is planted is about events that failed; a destination of results may be wrong as well.
    let found: BTreeSet<(&str, String, String)> = rows
        .into_iter()
        .filter(|row| row.purpose != "on-success")
        .filter_map(|row| {
            let flaw = if row.fifo {
                "failure-target-fifo"
            } else if gone.contains(&row.target_arn) {
                "failure-target-missing"
            } else if row.send == "denied" || row.key == "denied" {
                "failure-target-denied"
            } else {
                return None;
            };
            Some((flaw, row.function_arn, row.target_arn))
        })
        .collect();
    let planted: BTreeSet<(&str, String, String)> = mock
        .truth()
        .into_iter()
        .filter(|it| it.misconfiguration.starts_with("failure-target-"))
        .map(|it| (it.misconfiguration, it.resource_arn, it.fault.unwrap()))
        .collect();
    assert!(planted.len() > 60, "{}", planted.len());
    let missed: Vec<_> = planted.difference(&found).collect();
    let made_up: Vec<_> = found.difference(&planted).collect();
    assert!(
        missed.is_empty() && made_up.is_empty(),
        "missed {missed:?}, made up {made_up:?}"
    );
}

/// Wherever a scan is killed while it reads queues, it goes on to the same dataset.
#[test]
fn a_scan_that_is_killed_among_queues_goes_on_to_the_same_dataset() {
    let world = "accounts=8,regions=2,functions=240,seed=6,queues=40,suspended=0,roleless=0";
    let files = |root: &Path| -> Vec<(String, u64, String)> {
        let scan = only_scan(root);
        let files = scan.manifest().files.iter();
        files
            .map(|file| (file.table.clone(), file.rows, file.sha256.clone()))
            .collect()
    };
    let undisturbed = Mock::start(world);
    let whole = tempfile::tempdir().unwrap();
    let (code, said) = run(undisturbed.scan(whole.path(), &FACTS));
    assert_published(code, &said);
    let all: u64 = asked(&undisturbed).values().sum();
    assert!(all > 60, "{all}");
    let expected = files(whole.path());

    for share in [0.0, 0.3, 0.7, 1.0] {
        let mock = Mock::start(world);
        let seen = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&seen);
        let slow = between(&mock, move |call| {
            let is_queue = call.has("GetQueueAttributes");
            if is_queue {
                std::thread::sleep(Duration::from_millis(5));
            }
            let answer = call.forward();
            count.fetch_add(u64::from(is_queue), Ordering::Relaxed);
            answer
        });
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "about so many calls"
        )]
        let until = ((all as f64 * share) as u64).max(1);
        let out = tempfile::tempdir().unwrap();
        let mut first = mock.scan(out.path(), &["--scan-id", "s1", "--endpoint-url", &slow]);
        let mut child = first
            .args(FACTS)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while seen.load(Ordering::Relaxed) < until {
            assert!(begun.elapsed() < Duration::from_secs(120), "it hangs");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if Scan::list(out.path()).unwrap().is_empty() {
            let (code, said) = run(mock.scan(out.path(), &["--resume", "s1"]));
            assert_published(code, &said);
        }
        assert_eq!(files(out.path()), expected, "{share}");
        // What is read again is what was on its way when the scan was killed.
        let again: u64 = asked(&mock).values().sum();
        assert!(again <= all + 8 * 16, "{share}: {again} of {all}");
    }
}
