//! Nothing waits for what it does not need, and what was read before an interruption is not read
//! again.

use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use lambdasweep_tables::Scan;

use crate::between::{Call, between};
use crate::harness::{Mock, findings, only_scan, run};

/// A latency at which a Region is read for seconds.
const LATENCY: Duration = Duration::from_millis(30);

/// How many calls of Lambda a mock has seen.
fn calls(mock: &Mock) -> u64 {
    let ledger = mock.server().ledger();
    let of_lambda = ledger.iter().filter(|entry| entry.service == "lambda");
    of_lambda.map(|entry| entry.calls).sum()
}

#[test]
fn an_interruption_within_a_region_costs_few_calls() {
    let world = "accounts=1,regions=1,functions=600,seed=3,suspended=0,roleless=0,skewed=false";
    let undisturbed = Mock::start(world);
    let whole = tempfile::tempdir().unwrap();
    let (code, said) = run(undisturbed.scan(whole.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let all = calls(&undisturbed);

    for share in [0.3, 0.6] {
        let mock = Mock::start(world);
        let seen = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&seen);
        let slow = between(&mock, move |call| {
            std::thread::sleep(LATENCY);
            let answer = call.forward();
            count.fetch_add(1, Ordering::Relaxed);
            answer
        });
        let out = tempfile::tempdir().unwrap();
        let mut child = mock
            .scan(out.path(), &["--scan-id", "s1", "--endpoint-url", &slow])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "about so many calls"
        )]
        let until = (all as f64 * share) as u64;
        let begun = Instant::now();
        while seen.load(Ordering::Relaxed) < until {
            assert!(begun.elapsed() < Duration::from_secs(120), "it hangs");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let before = calls(&mock);
        assert!(Scan::list(out.path()).unwrap().is_empty() && before < all);

        let url = mock.server().endpoint_url();
        let (code, said) = run(mock.scan(out.path(), &["--resume", "s1", "--endpoint-url", &url]));
        assert_eq!(code, 0, "{said}");
        let repeated = calls(&mock) - all;
        assert!(
            repeated * 20 < all,
            "{repeated} of {all} calls were repeated after {before}"
        );
        for status in ["FAIL", "PASS", "UNKNOWN"] {
            assert_eq!(
                findings(&only_scan(out.path()), status),
                findings(&only_scan(whole.path()), status)
            );
        }
    }
}

/// How calls begin that read a queue, and those that list roles; session policies have the names of
/// these operations as well.
const GET_QUEUE: &str = "AmazonSQS.GetQueueAttributes";
const LIST_ROLES: &str = "Action=GetAccountAuthorizationDetails";

/// How much was read to its end.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Seen {
    functions: u64,
    queues: u64,
    /// Calls that list the roles of an account.
    roles: u64,
}

impl Seen {
    fn has(self, other: Self) -> bool {
        self.functions >= other.functions
            && self.queues >= other.queues
            && self.roles >= other.roles
    }
}

/// Counts what was read, and lets calls wait for it.
#[derive(Default)]
struct Watch {
    seen: Mutex<Seen>,
    changed: Condvar,
}

impl Watch {
    /// Takes a call in that was answered: `GetFunction` is the last that is read of a function.
    fn see(&self, call: &Call) {
        let mut seen = self.seen.lock().unwrap();
        seen.functions += u64::from(call.is_get_function());
        seen.queues += u64::from(call.has(GET_QUEUE));
        seen.roles += u64::from(call.has(LIST_ROLES));
        self.changed.notify_all();
    }

    /// Waits until so much was read; whether it was.
    fn wait_for(&self, wanted: Seen) -> bool {
        let limit = Duration::from_secs(60);
        let seen = self.seen.lock().unwrap();
        let waited = self
            .changed
            .wait_timeout_while(seen, limit, |seen| !seen.has(wanted));
        !waited.unwrap().1.timed_out()
    }
}

/// Each of these calls is answered only when everything was read that does not need it. If anything
/// waited for it, that would never be.
#[test]
fn nothing_waits_for_what_it_does_not_need() {
    let world = "accounts=4,regions=2,functions=80,seed=5,suspended=0,roleless=0,skewed=false";
    let mock = Mock::start(world);
    let whole = tempfile::tempdir().unwrap();
    let watch = Arc::new(Watch::default());
    let seeing = Arc::clone(&watch);
    let url = between(&mock, move |call| {
        let answer = call.forward();
        seeing.see(call);
        answer
    });
    let (code, said) = run(mock.scan(whole.path(), &["--endpoint-url", &url]));
    assert_eq!(code, 0, "{said}");
    let whole = only_scan(whole.path());
    let (functions, queues) = (
        count_functions(&whole, ""),
        watch.seen.lock().unwrap().queues,
    );
    let roles = watch.seen.lock().unwrap().roles;
    assert!(
        queues > 0 && roles >= 4,
        "{queues} queues, {roles} lists of roles"
    );
    let management = mock.management_account();
    let owners = crate::harness::rows(&whole, "functions", &["account_id"]);
    let member = &owners.iter().find(|row| row[0] != management).unwrap()[0];
    let of_member = count_functions(&whole, member);
    assert!(of_member > 0 && of_member < functions);

    let of_regions = Seen {
        functions,
        ..Seen::default()
    };
    let of_others = Seen {
        functions: functions - of_member,
        ..Seen::default()
    };
    let role = format!("%3A{member}%3Arole%2F");
    for (held, others) in [
        ("/event-source-mappings", of_regions),
        ("GET /2018-10-31/layers", of_regions),
        ("GET /2020-04-22/code-signing-configs", of_regions),
        // An account that is slow to enter.
        (&role, of_others),
        (
            "AWSOrganizationsV20161128.DescribePolicy",
            Seen {
                queues,
                ..of_regions
            },
        ),
        (
            LIST_ROLES,
            Seen {
                queues,
                ..of_regions
            },
        ),
        (
            GET_QUEUE,
            Seen {
                roles,
                ..of_regions
            },
        ),
    ] {
        let mock = Mock::start(world);
        let watch = Arc::new(Watch::default());
        let (held_calls, in_vain) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (seeing, holding, failing) = (
            Arc::clone(&watch),
            Arc::clone(&held_calls),
            Arc::clone(&in_vain),
        );
        let text = held.to_owned();
        let url = between(&mock, move |call| {
            if call.has(&text) {
                holding.fetch_add(1, Ordering::Relaxed);
                // Once is enough to know.
                if failing.load(Ordering::Relaxed) == 0 && !seeing.wait_for(others) {
                    failing.fetch_add(1, Ordering::Relaxed);
                }
            }
            let answer = call.forward();
            seeing.see(call);
            answer
        });
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
        assert_eq!(code, 0, "{held}: {said}");
        assert!(
            held_calls.load(Ordering::Relaxed) > 0,
            "{held} was not called"
        );
        assert_eq!(
            in_vain.load(Ordering::Relaxed),
            0,
            "something waited for {held}"
        );
    }
}

fn count_functions(scan: &Scan, account: &str) -> u64 {
    let rows = crate::harness::rows(scan, "functions", &["account_id"]);
    rows.iter()
        .filter(|row| row[0].starts_with(account))
        .count() as u64
}
