//! Nothing vanishes: what AWS lists without its identity, twice, or in a state that is new is
//! coverage, never a smaller scan.

use serde_json::{Value, json};

use crate::between::{Answer, between};
use crate::harness::{Mock, findings, only_scan, rows, run};

/// What is done to an answer of AWS.
type Change = fn(&mut Value);

/// Coverage that a case has to have: fact, outcome and code, and whether it speaks for an account
/// or a Region of it.
struct ExpectedCoverage(&'static str, &'static str, &'static str);

const WORLD: &str = "accounts=5,regions=2,functions=60,seed=4,suspended=0,roleless=0";

fn list<'a>(answer: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    answer[name].as_array_mut().unwrap()
}

/// Scans the world with one operation's answers changed.
fn scan_with(
    operation: &'static str,
    change: fn(&mut Value),
    more: &[&str],
) -> (i32, String, tempfile::TempDir, Mock) {
    let mock = Mock::start(WORLD);
    let url = between(&mock, move |call| {
        if call.has(operation) {
            Answer {
                status: 200,
                ..call.changed(change)
            }
        } else {
            call.forward()
        }
    });
    let out = tempfile::tempdir().unwrap();
    let arguments: Vec<&str> = ["--endpoint-url", &url]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    let (code, said) = run(mock.scan(out.path(), &arguments));
    (code, said, out, mock)
}

#[test]
fn what_is_listed_without_its_identity_is_coverage() {
    // Not the management account, which is first by no rule; the last of the page.
    let cases: [(&str, &str, Change, ExpectedCoverage); 12] = [
        (
            "an account without an id",
            ".ListAccounts",
            |it| {
                list(it, "Accounts")
                    .last_mut()
                    .unwrap()
                    .as_object_mut()
                    .unwrap()
                    .remove("Id");
            },
            ExpectedCoverage("organization", "failed", "UnidentifiedAccount"),
        ),
        (
            "an account with an id that is none",
            ".ListAccounts",
            |it| {
                list(it, "Accounts").last_mut().unwrap()["Id"] = json!("12");
            },
            ExpectedCoverage("organization", "failed", "UnidentifiedAccount"),
        ),
        (
            "two states of one account",
            ".ListAccounts",
            |it| {
                let mut twin = list(it, "Accounts").last().unwrap().clone();
                (twin["State"], twin["Status"]) = (json!("SUSPENDED"), json!("SUSPENDED"));
                list(it, "Accounts").push(twin);
            },
            ExpectedCoverage("functions", "failed", "ConflictingAccount"),
        ),
        (
            "a state that is new",
            ".ListAccounts",
            |it| {
                list(it, "Accounts").last_mut().unwrap()["State"] = json!("FROZEN");
            },
            ExpectedCoverage("functions", "failed", "UnknownAccountState"),
        ),
        (
            "a unit without an id",
            ".ListOrganizationalUnitsForParent",
            |it| {
                list(it, "OrganizationalUnits")
                    .iter_mut()
                    .for_each(|unit| unit["Id"] = json!(""));
            },
            ExpectedCoverage("organization", "failed", "UnidentifiedUnit"),
        ),
        (
            "units that hold each other",
            ".ListOrganizationalUnitsForParent",
            |it| {
                if it.get("OrganizationalUnits").is_none() {
                    *it = json!({"OrganizationalUnits": []});
                }
                list(it, "OrganizationalUnits")
                    .push(json!({"Id": "ou-circ-11111111", "Name": "Circle", "Arn": "arn:aws:organizations::1:ou/o-1/ou-circ-11111111"}));
            },
            ExpectedCoverage("organization", "failed", "ConflictingUnit"),
        ),
        (
            "no Region",
            "/listRegions",
            |it| list(it, "Regions").clear(),
            ExpectedCoverage("functions", "failed", "IncompleteAnswer"),
        ),
        (
            "no Region that is enabled by default",
            "/listRegions",
            |it| {
                list(it, "Regions")
                    .iter_mut()
                    .for_each(|region| region["RegionOptStatus"] = json!("ENABLED"));
            },
            ExpectedCoverage("regions", "failed", "IncompleteAnswer"),
        ),
        (
            "a Region without a name",
            "/listRegions",
            |it| {
                list(it, "Regions")
                    .last_mut()
                    .unwrap()
                    .as_object_mut()
                    .unwrap()
                    .remove("RegionName");
            },
            ExpectedCoverage("regions", "failed", "UnidentifiedRegion"),
        ),
        (
            "a Region with a name that is none",
            "/listRegions",
            |it| {
                list(it, "Regions").last_mut().unwrap()["RegionName"] = json!("EU (Ireland)");
            },
            ExpectedCoverage("regions", "failed", "UnidentifiedRegion"),
        ),
        (
            "a Region with a status that is new",
            "/listRegions",
            |it| {
                list(it, "Regions").last_mut().unwrap()["RegionOptStatus"] =
                    json!("ENABLED_\u{1b}[2J");
            },
            ExpectedCoverage("functions", "failed", "UnknownRegionStatus"),
        ),
        (
            "a Region with two statuses",
            "/listRegions",
            |it| {
                let twin = json!({"RegionName": "us-east-1", "RegionOptStatus": "DISABLED"});
                list(it, "Regions").push(twin);
            },
            ExpectedCoverage("functions", "failed", "UnknownRegionStatus"),
        ),
    ];
    for (what, operation, change, ExpectedCoverage(fact, outcome, told)) in cases {
        let (code, said, out, _mock) = scan_with(operation, change, &[]);
        assert_eq!(code, 4, "{what}: {said}");
        assert!(
            said.contains(told) && !said.contains('\u{1b}'),
            "{what}: {said}"
        );
        let scan = only_scan(out.path());
        let coverage = rows(
            &scan,
            "coverage",
            &["fact", "outcome", "error_code", "account_id", "region"],
        );
        let gaps: Vec<_> = coverage
            .iter()
            .filter(|row| row[..3] == [fact, outcome, told])
            .collect();
        assert!(!gaps.is_empty(), "{what}: {coverage:?}");
        // An account or a Region that is a gap has no PASS and no FAIL but for what the
        // organisation tells of accounts.
        for gap in gaps.iter().filter(|gap| gap[0] == "functions") {
            let judged = rows(
                &scan,
                "findings",
                &["account_id", "region", "status", "check_id"],
            );
            let of_gap = |row: &&Vec<String>| {
                row[0] == gap[3] && row[1] == gap[4] && row[3] != "guardrail-missing"
            };
            assert!(
                judged.iter().filter(of_gap).all(|row| row[2] == "UNKNOWN"),
                "{what}: {judged:?}"
            );
        }
    }
}

/// What a list has twice is read once: no row stands twice, no role is shared by one function.
#[test]
fn duplicates_are_read_once() {
    let plain = Mock::start(WORLD);
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(plain.scan(out.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let expected = only_scan(out.path());
    for (operation, change) in [
        (
            ".ListAccounts",
            (|it| list(it, "Accounts").extend_from_within(..)) as fn(&mut Value),
        ),
        (".ListRoots", |it| list(it, "Roots").extend_from_within(..)),
        (".ListOrganizationalUnitsForParent", |it| {
            list(it, "OrganizationalUnits").extend_from_within(..)
        }),
        ("/listRegions", |it| {
            list(it, "Regions").extend_from_within(..)
        }),
    ] {
        let (code, said, out, _mock) = scan_with(operation, change, &[]);
        assert_eq!(code, 0, "{operation}: {said}");
        let scan = only_scan(out.path());
        let hashes = |scan: &lambdasweep_tables::Scan| -> Vec<(String, String)> {
            scan.manifest()
                .files
                .iter()
                .map(|file| (file.table.clone(), file.sha256.clone()))
                .collect()
        };
        assert_eq!(hashes(&scan), hashes(&expected), "{operation}");
    }
}

/// The management account and the caller's own are there whether or not they are listed; that the
/// list is not whole is said.
#[test]
fn an_account_that_must_be_there_is_scanned_though_it_is_not_listed() {
    let mock = Mock::start(WORLD);
    let management = mock.management_account().to_owned();
    let url = between(&mock, {
        let management = management.clone();
        move |call| {
            let drop = |it: &mut Value| {
                list(it, "Accounts").retain(|account| account["Id"] != json!(management))
            };
            if call.has(".ListAccounts") {
                call.changed(drop)
            } else {
                call.forward()
            }
        }
    });
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
    assert_eq!(code, 4, "{said}");
    let scan = only_scan(out.path());
    let coverage = rows(&scan, "coverage", &["fact", "outcome", "error_code"]);
    assert!(
        coverage.contains(
            &["organization", "failed", "UnlistedAccount"]
                .map(str::to_owned)
                .to_vec()
        ),
        "{coverage:?}"
    );
    let evaluated = rows(&scan, "checks", &["check_id"]);
    const OUTSIDE: [&str; 7] = [
        "image-from-outside",
        "layer-untrusted-publisher",
        "policy-cross-account",
        "policy-grants-control",
        "env-key-foreign",
        "destination-outside",
        "layer-shared-outside",
    ];
    let truth: Vec<_> = mock
        .truth()
        .into_iter()
        .filter(|it| it.account == management)
        // Whether another account is outside is not known while accounts may be missing.
        .filter(|it| !OUTSIDE.contains(&it.misconfiguration))
        .filter(|it| evaluated.contains(&vec![it.misconfiguration.to_owned()]))
        .map(|it| (it.misconfiguration.to_owned(), it.resource_arn))
        .collect();
    let found = findings(&scan, "FAIL");
    assert!(
        !truth.is_empty() && truth.iter().all(|it| found.contains(it)),
        "{truth:?}"
    );
}

/// Items of other lists without what they are known by: what was read is kept, and the fact is a
/// gap.
#[test]
fn items_without_their_identity_leave_a_gap_in_their_fact() {
    let cases: [(&str, &str, Change, &str); 4] = [
        (
            "a layer",
            "/2018-10-31/layers HTTP",
            |it| {
                list(it, "Layers")
                    .push(json!({"LayerArn": "arn:aws:lambda:us-east-1:111122223333:layer:x"}));
            },
            "layers",
        ),
        (
            "a code signing configuration",
            "/2020-04-22/code-signing-configs",
            |it| {
                if it.get("CodeSigningConfigs").is_some() {
                    let mut odd = json!({"CodeSigningConfigArn": "", "CodeSigningConfigId": "csc-0", "AllowedPublishers": {"SigningProfileVersionArns": []}});
                    odd["CodeSigningPolicies"] = json!({"UntrustedArtifactOnDeployment": "Warn"});
                    odd["LastModified"] = json!("2026-01-01T00:00:00.000+0000");
                    list(it, "CodeSigningConfigs").push(odd);
                }
            },
            "code_signing",
        ),
        (
            "a policy of the organisation",
            ".ListPolicies",
            |it| list(it, "Policies").push(json!({"Name": "x"})),
            "organization_policies",
        ),
        (
            "a target of a policy",
            ".ListTargetsForPolicy",
            |it| list(it, "Targets").push(json!({"Name": "x"})),
            "organization_policies",
        ),
    ];
    for (what, operation, change, fact) in cases {
        let (code, said, out, _mock) = scan_with(operation, change, &[]);
        assert_eq!(code, 4, "{what}: {said}");
        let coverage = rows(&only_scan(out.path()), "coverage", &["fact", "outcome"]);
        assert!(
            coverage.contains(&[fact, "failed"].map(str::to_owned).to_vec()),
            "{what}: {coverage:?}"
        );
    }
}
