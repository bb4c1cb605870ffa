//! What a plan says holds for the scan that follows, and making it reads nothing but numbers.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Mock, program, run};

#[test]
fn a_plan_tells_what_the_scan_will_call() {
    let mock = Mock::start("accounts=8,regions=2,functions=120,seed=4,suspended=1,roleless=2");
    let plan = |more: &[&str]| {
        let mut command = program(mock.management_account());
        command
            .args(["plan", "--endpoint-url", &mock.server().endpoint_url()])
            .args(more);
        let (code, said) = run(command);
        assert_eq!(code, 0, "{said}");
        said
    };
    let told: Value = serde_json::from_str(&plan(&["--json", "--quota-share", "off"])).unwrap();
    let called: BTreeSet<String> = mock
        .server()
        .ledger()
        .into_iter()
        .filter(|it| it.service == "lambda" || it.service == "iam")
        .map(|it| it.operation)
        .collect();
    assert_eq!(
        called,
        ["GetAccountSettings".to_owned()].into(),
        "a plan counts, and reads no function"
    );
    assert_eq!(
        (&told["accounts"], &told["functions"]),
        (&5.into(), &120.into())
    );
    let prices = told["checks"].as_array().unwrap();
    let price = |check: &str| {
        let price = prices.iter().find(|it| it["check_id"] == check).unwrap();
        price["calls_added"].as_u64().unwrap()
    };
    // Two checks rest on GetRuntimeManagementConfig, a call a function: leaving one of them out saves
    // nothing, and the other one then costs as many calls as there are functions.
    assert_eq!(price("runtime-version-pinned"), 0);
    assert_eq!(price("policy-public"), 0);
    let facts = told["facts"].as_array().unwrap();
    let both = ["runtime-updates-not-auto", "runtime-version-pinned"];
    let management = facts.iter().find(|it| it["fact"] == "runtime_management");
    let management = management.unwrap();
    assert_eq!(
        (&management["checks"], &management["calls_added"]),
        (&both.as_slice().into(), &120.into())
    );
    let text = plan(&[]);
    assert!(text.contains("120 calls, "), "{text}");
    let without: Value = serde_json::from_str(&plan(&[
        "--json",
        "--quota-share",
        "off",
        "--exclude-checks",
        "runtime-version-pinned",
    ]))
    .unwrap();
    let prices = without["checks"].as_array().unwrap();
    let pinned = prices
        .iter()
        .find(|it| it["check_id"] == "runtime-updates-not-auto");
    assert_eq!(pinned.unwrap()["calls_added"], 120);
    let closed = told["accounts_closed"].as_array().unwrap();
    assert_eq!(
        closed.len(),
        3,
        "one is suspended, two have no role: {closed:?}"
    );

    // What the scan calls over what the plan has called; extra calls are for what functions alone
    // do not tell.
    let before: u64 = mock
        .server()
        .ledger()
        .iter()
        .filter(|it| it.operation == "GetFunction")
        .map(|it| it.calls)
        .sum();
    let out = tempfile::tempdir().unwrap();
    run(mock.scan(out.path(), &[]));
    let ledger = mock.server().ledger();
    let calls = |operation: &str| -> u64 {
        ledger
            .iter()
            .filter(|it| it.operation == operation)
            .map(|it| it.calls)
            .sum()
    };
    assert_eq!(
        (before, calls("GetFunction")),
        (0, told["calls"]["Lambda GetFunction"].as_u64().unwrap())
    );
    let (least, made) = (
        told["calls"]["Lambda GetPolicy"].as_u64().unwrap(),
        calls("GetPolicy"),
    );
    assert!(
        (120..=made).contains(&least),
        "planned at least {least}, made {made}"
    );

    // A share of the quotas takes as much longer, and text says it in words.
    let whole = told["floor_seconds"].as_f64().unwrap();
    let half: Value = serde_json::from_str(&plan(&["--json", "--quota-share", "0.5"])).unwrap();
    assert!(
        whole > 0.0 && (half["floor_seconds"].as_f64().unwrap() - 2.0 * whole).abs() < 1e-6,
        "{whole} {half}"
    );
    let text = plan(&["--quota-share", "0.5"]);
    for words in [
        "120 functions",
        "cannot be read",
        "Lambda GetFunction",
        "Estimated minimum at a quota share of 0.5:",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}
