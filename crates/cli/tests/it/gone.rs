//! Functions that are deleted while the scan reads them: neither a finding nor a gap.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::between::{Answer, between};
use crate::harness::{Mock, findings, only_scan, rows, run};

const WORLD: &str = "accounts=3,regions=1,functions=60,seed=4,suspended=0,roleless=0,queues=0";

/// A function, by what its resource policy is in the world.
struct Victim {
    account: String,
    name: String,
    arn: String,
}

/// One function that passes `policy-public`, and one that fails it.
fn victims() -> [Victim; 2] {
    let mock = Mock::start(WORLD);
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let scan = only_scan(out.path());
    ["PASS", "FAIL"].map(|status| {
        let of_check = |(check, arn): (String, String)| (check == "policy-public").then_some(arn);
        let arn = findings(&scan, status)
            .into_iter()
            .find_map(of_check)
            .unwrap();
        let parts: Vec<&str> = arn.split(':').collect();
        Victim {
            account: parts[4].to_owned(),
            name: parts[6].to_owned(),
            arn: arn.clone(),
        }
    })
}

/// Deleted before any of its calls: whatever answered until then, and whatever is read of it at
/// all.
#[test]
fn a_function_that_is_deleted_while_it_is_read_is_gone_and_nothing_else() {
    let calls = [
        "/aliases",
        "/policy",
        "/urls",
        "/event-invoke-config/list",
        "GET /2015-03-31/functions/{} ",
    ];
    for victim in victims() {
        for (more, calls) in [
            (&[][..], &calls[..]),
            (
                &["--checks", "policy-public,failure-destination-missing"][..],
                &calls[..2],
            ),
        ] {
            for call in calls {
                let mock = Mock::start(WORLD);
                let call = call.replace("{}", &victim.name);
                let deleted = AtomicBool::new(false);
                let (account, name, trigger) =
                    (victim.account.clone(), victim.name.clone(), call.clone());
                let url = between(&mock, move |request| {
                    let its_own = request.has(&format!("/functions/{name}/"))
                        || request.has(&format!("/functions/{name} "));
                    if its_own && request.has(&trigger) && !deleted.swap(true, Ordering::SeqCst) {
                        let path = format!("/2015-03-31/functions/{name}");
                        assert!(
                            request
                                .also("DELETE", &path, &account, "us-east-1", "lambda")
                                .status
                                < 300
                        );
                    }
                    request.forward()
                });
                let out = tempfile::tempdir().unwrap();
                let arguments: Vec<&str> = ["--endpoint-url", &url]
                    .into_iter()
                    .chain(more.iter().copied())
                    .collect();
                let (code, said) = run(mock.scan(out.path(), &arguments));
                let what = format!("{} before {call} {more:?}", victim.arn);
                assert_eq!(code, 0, "{what}: {said}");
                assert!(
                    said.contains("1 function was deleted while the scan ran"),
                    "{what}: {said}"
                );
                let scan = only_scan(out.path());
                let of_it = |row: &Vec<String>| row[0] == victim.arn;
                let coverage: Vec<_> =
                    rows(&scan, "coverage", &["resource_arn", "fact", "outcome"])
                        .into_iter()
                        .filter(of_it)
                        .map(|row| row[1..].to_vec())
                        .collect();
                assert_eq!(
                    coverage,
                    [["functions", "gone"].map(str::to_owned).to_vec()],
                    "{what}"
                );
                for table in lambdasweep_tables::TABLES
                    .iter()
                    .filter(|table| table.name != "coverage")
                {
                    for column in table
                        .columns
                        .iter()
                        .filter(|column| ["function_arn", "resource_arn"].contains(&column.name))
                    {
                        assert!(
                            !rows(&scan, table.name, &[column.name]).iter().any(of_it),
                            "{what}: {}",
                            table.name
                        );
                    }
                }
                let left: BTreeSet<_> = rows(&scan, "functions", &["function_arn"])
                    .into_iter()
                    .collect();
                assert_eq!(left.len(), 59, "{what}: the others are read");
                assert!(
                    findings(&scan, "UNKNOWN").is_empty(),
                    "{what}: {:?}",
                    findings(&scan, "UNKNOWN")
                );
            }
        }
    }
}

/// Where AWS says that a function is not there and then does not answer whether that is so, nothing
/// of it passes.
#[test]
fn a_function_that_may_be_gone_passes_nothing() {
    let [victim, _] = victims();
    for fault in [
        "lambda:GetFunction=AccessDeniedException",
        "lambda:GetFunction=ServiceException",
    ] {
        let mock = Mock::with_faults(WORLD, &[fault]);
        let (name, account) = (victim.name.clone(), victim.account.clone());
        let url = between(&mock, move |request| {
            if request.has(&format!("/functions/{name}/policy")) {
                request.also(
                    "DELETE",
                    &format!("/2015-03-31/functions/{name}"),
                    &account,
                    "us-east-1",
                    "lambda",
                );
            }
            request.forward()
        });
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url, "--attempts", "2"]));
        assert_eq!(code, 4, "{fault}: {said}");
        let scan = only_scan(out.path());
        let judged = |status: &str| -> Vec<String> {
            let of_it = |(check, arn): (String, String)| {
                (arn == victim.arn && check.starts_with("policy-")).then_some(check)
            };
            findings(&scan, status)
                .into_iter()
                .filter_map(of_it)
                .collect()
        };
        assert!(
            judged("PASS").is_empty() && judged("FAIL").is_empty(),
            "{fault}"
        );
        assert!(!judged("UNKNOWN").is_empty(), "{fault}");
        // Nothing says of the other functions that they are not there.
        let others = findings(&scan, "UNKNOWN")
            .into_iter()
            .filter(|(check, arn)| check == "policy-public" && *arn != victim.arn);
        assert_eq!(others.count(), 0, "{fault}");
    }
}

/// An error under the code for "there is none", in words that are not AWS's for that, passes
/// nothing unless `GetFunction` proves that the function is there.
#[test]
fn words_that_may_speak_of_the_function_are_proven() {
    let [victim, _] = victims();
    for (faults, passes) in [
        (&["lambda:GetFunction=AccessDeniedException"][..], false),
        (&[][..], true),
    ] {
        let mock = Mock::with_faults(WORLD, faults);
        let policy = format!("/functions/{}/policy", victim.name);
        let url = between(&mock, move |request| {
            if !request.has(&policy) {
                return request.forward();
            }
            let headers =
                "content-type: application/json\r\nx-amzn-errortype: ResourceNotFoundException\r\n"
                    .to_owned();
            Answer {
                status: 404,
                headers,
                body: r#"{"Type":"User","Message":"Function not found"}"#.to_owned(),
            }
        });
        let out = tempfile::tempdir().unwrap();
        let (_, said) = run(mock.scan(
            out.path(),
            &[
                "--endpoint-url",
                &url,
                "--checks",
                "policy-public",
                "--attempts",
                "2",
            ],
        ));
        let scan = only_scan(out.path());
        let of_victim = |status: &str| {
            findings(&scan, status)
                .into_iter()
                .filter(|(_, arn)| *arn == victim.arn)
                .count()
        };
        assert_eq!(
            (of_victim("PASS"), of_victim("UNKNOWN")),
            if passes { (1, 0) } else { (0, 1) },
            "{faults:?}: {said}"
        );
        assert_eq!(
            findings(&scan, "UNKNOWN").len(),
            usize::from(!passes),
            "{faults:?}: the others have answers: {said}"
        );
    }
}
