//! Reads any text as a policy of each kind, decides requests by it and reasons about it: no panic,
//! no unbounded time, and what is printed is read again as it was.
//!
//! `cargo +nightly fuzz run policy -- -dict=fuzz/policy.dict -timeout=5 -max_len=20480`

#![no_main]

use lambdasweep_policy::exposure::{Scope, UrlAuth, doors, of_policy};
use lambdasweep_policy::{Context, Document, Parsed, Policies, PolicyKind, Principal, Request, evaluate};
use libfuzzer_sys::fuzz_target;

const CALLERS: [&str; 5] = [
    "*",
    "s3.amazonaws.com",
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:sts::444455556666:assumed-role/reader/s1",
    "arn:aws:iam::111122223333:root",
];

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for kind in PolicyKind::ALL {
        let parsed = Parsed::of(&text, *kind);
        assert!(parsed.document.is_some() || !parsed.problems.is_empty());
        for problem in &parsed.problems {
            assert!(!problem.to_string().contains(char::is_control));
        }
    }
    let Ok(document) = Document::parse_url_encoded(&text) else { return };
    assert_eq!(Document::parse(&document.to_json()).as_ref(), Ok(&document));
    let scope = Scope { account: "111122223333", organization: Some("o-a1b2c3d4e5"), partition: "aws" };
    of_policy(&document, &scope);
    doors(Some(&document), &scope, Some(UrlAuth::None));
    let context = Context::default()
        .with("aws:SourceArn", "arn:aws:s3:::b")
        .with("aws:SourceIp", "203.0.113.9")
        .with("aws:CurrentTime", "2026-01-01T00:00:00Z")
        .with("aws:TagKeys", "a")
        .with("aws:TagKeys", "b");
    for caller in CALLERS {
        let principal = Principal::parse(caller).expect("a principal");
        let resource = "arn:aws:lambda:eu-west-1:111122223333:function:f";
        let request = Request { principal: &principal, action: "lambda:InvokeFunction", resource, resource_account: None, context: &context };
        let policies = Policies {
            identity: vec![&document],
            boundary: Some(&document),
            resource: Some(&document),
            scps: vec![vec![&document]],
            rcps: vec![vec![&document]],
            ..Policies::default()
        };
        evaluate(&policies, &request);
        evaluate(&Policies { resource: Some(&document), ..Policies::default() }, &request);
    }
});
