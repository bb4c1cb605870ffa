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

/// Counts functions that were read to their end, and lets others wait for a number of them.
#[derive(Default)]
struct Functions {
    read: Mutex<u64>,
    changed: Condvar,
}

impl Functions {
    /// Takes a call in: `GetFunction` is the last that is read of a function.
    fn see(&self, call: &Call) {
        let mut path = call.line().split(' ').nth(1).unwrap_or_default().split('/');
        if call.line().starts_with("GET /2015-03-31/functions/") && path.nth(4).is_none() {
            *self.read.lock().unwrap() += 1;
            self.changed.notify_all();
        }
    }

    /// Waits until so many were read; whether they were.
    fn wait_for(&self, functions: u64) -> bool {
        let limit = Duration::from_secs(60);
        let read = self.read.lock().unwrap();
        let waited = self
            .changed
            .wait_timeout_while(read, limit, |read| *read < functions);
        !waited.unwrap().1.timed_out()
    }
}

/// Each of these calls is answered only when all functions were read that do not need it. If
/// anything waited for it, that would never be.
#[test]
fn nothing_waits_for_what_it_does_not_need() {
    let world = "accounts=4,regions=2,functions=80,seed=5,suspended=0,roleless=0,skewed=false";
    let mock = Mock::start(world);
    let whole = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(whole.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let all = count_functions(&only_scan(whole.path()), "");
    let management = mock.management_account();
    let last = only_scan(whole.path());
    let last = crate::harness::rows(&last, "functions", &["account_id"]);
    let member = &last.iter().find(|row| row[0] != management).unwrap()[0];
    let of_member = count_functions(&only_scan(whole.path()), member);
    assert!(of_member > 0 && of_member < all);

    let role = format!("%3A{member}%3Arole%2F");
    for (held, needing) in [
        ("/event-source-mappings", 0),
        ("GET /2018-10-31/layers", 0),
        ("GET /2020-04-22/code-signing-configs", 0),
        // An account that is slow to enter.
        (&role, of_member),
    ] {
        let mock = Mock::start(world);
        let functions = Arc::new(Functions::default());
        let (held_calls, in_vain) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (seeing, holding, failing) = (
            Arc::clone(&functions),
            Arc::clone(&held_calls),
            Arc::clone(&in_vain),
        );
        let text = held.to_owned();
        let url = between(&mock, move |call| {
            if call.has(&text) {
                holding.fetch_add(1, Ordering::Relaxed);
                let in_time = seeing.wait_for(all - needing);
                failing.fetch_add(u64::from(!in_time), Ordering::Relaxed);
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
