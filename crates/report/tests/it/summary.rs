//! The closing summary as people see it.

use lambdasweep_model::Severity;
use lambdasweep_report::{AccountName, Style, Summary};
use lambdasweep_tables::FindingRow;

use crate::rows::{counted, coverage, finding, numbered};

const PLAIN: Style = Style {
    colour: false,
    width: 80,
};

fn add(summary: &mut Summary, findings: &[FindingRow]) {
    let (findings, results) = counted(findings);
    summary.add(&findings, &results).unwrap();
}

/// A scan of some accounts, with everything that a summary can tell.
fn a_scan() -> Summary {
    let mut summary = Summary::default();
    for (check, practice) in [
        ("concurrency-unreserved", 8),
        ("env-secret", 11),
        ("function-url-unauthenticated", 4),
        ("role-near-administrator", 1),
        ("runtime-deprecated", 10),
        ("team-names", 20),
    ] {
        summary.practices.insert(check.to_owned(), practice);
    }
    for number in 0..14_u32 {
        let account = format!("1111222233{number:02}");
        let path = if number % 2 == 0 {
            "/Workloads/Production"
        } else {
            "/Workloads/Development/Sandboxes"
        };
        summary.names.insert(
            account.clone(),
            AccountName {
                name: format!("orders-{number}"),
                path: path.to_owned(),
            },
        );
        let mut findings = Vec::new();
        for index in 0..(number * 97) {
            let status = if index % 5 == 0 { "PASS" } else { "FAIL" };
            findings.push(numbered(
                index as usize,
                finding(&account, "concurrency-unreserved", "low", status),
            ));
        }
        // Up to three faults of one resource.
        findings.extend(
            (0..number % 4)
                .map(|_| finding(&account, "function-url-unauthenticated", "critical", "FAIL")),
        );
        findings.extend((0..3).map(|index| {
            numbered(
                index,
                finding(
                    &account,
                    "env-secret",
                    "high",
                    ["FAIL", "UNKNOWN", "PASS"][index],
                ),
            )
        }));
        findings.push(numbered(4, finding(&account, "env-secret", "low", "FAIL")));
        findings.push(finding(
            &account,
            "role-near-administrator",
            "high",
            "NOT_APPLICABLE",
        ));
        findings.push(finding(&account, "runtime-deprecated", "medium", "PASS"));
        add(&mut summary, &findings);
    }
    for number in 20..28 {
        let account = format!("1111222233{number:02}");
        let message = format!(
            "User: arn:aws:sts::999988887777:assumed-role/audit/sweep is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{account}:role/lambdasweep"
        );
        let rows = ["functions", "roles", "regions", "resource_policies"]
            .map(|fact| coverage(&account, "", "", fact, "denied", "AccessDenied", &message));
        summary.add_coverage(&rows);
    }
    summary.add_coverage(&[coverage(
        "111122223330",
        "",
        "",
        "functions",
        "skipped",
        "AccountNotActive",
        "the account is SUSPENDED",
    )]);
    summary.add_coverage(&[
        coverage(
            "111122223300",
            "us-east-1",
            "",
            "functions",
            "throttled",
            "TooManyRequestsException",
            "Rate exceeded",
        ),
        coverage(
            "111122223300",
            "us-east-1",
            "",
            "code_signing",
            "throttled",
            "TooManyRequestsException",
            "Rate exceeded",
        ),
        coverage(
            "111122223300",
            "ap-south-2",
            "",
            "functions",
            "region_disabled",
            "",
            "",
        ),
        coverage("111122223300", "eu-west-1", "", "functions", "ok", "", ""),
    ]);
    let policies: Vec<_> = (0..1234)
        .map(|index| {
            coverage(
                "111122223301",
                "eu-west-1",
                &format!("arn:{index}"),
                "resource_policies",
                "denied",
                "AccessDeniedException",
                "not authorized to perform: lambda:GetPolicy",
            )
        })
        .collect();
    summary.add_coverage(&policies);
    summary.add_coverage(&[coverage(
        "111122223302",
        "eu-west-1",
        "arn:aws:lambda:eu-west-1:111122223302:function:gone",
        "function_details",
        "not_found",
        "ResourceNotFoundException",
        "",
    )]);
    summary.accounts_read = (23, 14);
    summary.regions_read = (238, 237);
    summary.functions = 8_827;
    summary.seconds = 12.34;
    summary.calls = (31_415, 9);
    summary
        .written
        .push("scan 20261124T101500Z-0001 in lambdasweep-out".to_owned());
    let (function, check) = summary.worst();
    let next = [
        format!("lambdasweep explain --function {}", function.unwrap()),
        format!("lambdasweep checks show {}", check.unwrap()),
    ];
    summary.next.extend(next);
    summary.errors.push((
        "my-check".to_owned(),
        "its query failed: no column `functoin_arn`".to_owned(),
    ));
    summary
}

#[test]
fn a_terminal_of_80_columns() {
    insta::assert_snapshot!(a_scan().render(PLAIN));
}

#[test]
fn a_terminal_of_120_columns() {
    insta::assert_snapshot!(a_scan().render(Style {
        width: 120,
        ..PLAIN
    }));
}

/// No id, no name of a check and no word is broken, and every line fits but for what can be copied.
#[test]
fn nothing_breaks_in_the_middle_of_a_narrow_terminal() {
    for width in [80, 100] {
        let text = a_scan().render(Style { width, ..PLAIN });
        assert!(text.is_ascii(), "{text}");
        for line in text.lines() {
            let copied = line.contains("arn:") || line.contains("lambdasweep ");
            assert!(
                copied || line.len() <= usize::from(width),
                "{width}: {line}"
            );
        }
        for whole in [
            "111122223311",
            "function-url-unauthenticated",
            "role-near-administrator",
            "orders-11",
            "Sandboxes",
            "Development",
        ] {
            assert!(text.contains(whole), "{width}: {whole} is broken: {text}");
        }
    }
}

#[test]
fn colours_only_where_they_are_asked_for() {
    assert!(!a_scan().render(PLAIN).contains('\u{1b}'));
    let coloured = a_scan().render(Style {
        colour: true,
        ..PLAIN
    });
    assert!(coloured.contains("\u{1b}["));
    let mut without = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        without.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    without.push_str(rest);
    assert_eq!(
        without,
        a_scan().render(PLAIN),
        "colours change nothing else"
    );
}

#[test]
fn nothing_found_and_all_read() {
    let mut summary = Summary::default();
    let passes = [finding("111122223333", "env-secret", "high", "PASS")];
    add(&mut summary, &passes);
    summary.accounts_read = (1, 1);
    summary.regions_read = (1, 1);
    summary.functions = 1;
    insta::assert_snapshot!(summary.render(PLAIN));
}

#[test]
fn hostile_names() {
    let hostile = "\u{1b}]0;owned\u{7}\u{202e}evil\r\nRead 9 of 9 accounts";
    let mut summary = Summary::default();
    summary.names.insert(
        "111122223333".to_owned(),
        AccountName {
            name: hostile.to_owned(),
            path: format!("/{}", "very-long-".repeat(60)),
        },
    );
    let findings = [
        finding("111122223333", "env-secret", "high", "FAIL"),
        finding(hostile, hostile, hostile, hostile),
    ];
    add(&mut summary, &findings);
    summary.add_coverage(&[
        coverage(
            "111122223333",
            "eu-west-1",
            "",
            "functions",
            "failed",
            hostile,
            hostile,
        ),
        coverage(hostile, hostile, "arn", hostile, hostile, hostile, hostile),
    ]);
    summary.written.push(hostile.to_owned());
    summary
        .errors
        .push((hostile.to_owned(), hostile.to_owned()));
    let text = summary.render(PLAIN);
    assert!(
        !text
            .replace('\n', "")
            .chars()
            .any(lambdasweep_model::acts_on_terminal),
        "{text:?}"
    );
    assert_eq!(text.matches("\nRead ").count(), 1);
    insta::assert_snapshot!(text);
}

/// Whatever strangers send, the summary stays one screen or two.
#[test]
fn many_reasons_and_places_are_counted() {
    let mut summary = Summary::default();
    for number in 0..5000 {
        let account = format!("{number:012}");
        summary.add_coverage(&[coverage(
            &account,
            "",
            "",
            "functions",
            "failed",
            &format!("Code{number}"),
            "no",
        )]);
        summary.add_coverage(&[coverage(
            &account,
            "eu-west-1",
            "",
            "functions",
            "denied",
            "AccessDenied",
            "no",
        )]);
    }
    let text = summary.render(PLAIN);
    assert!(text.lines().count() < 80, "{text}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("5,000 account-Regions: denied (AccessDenied)")
            && text.contains("and 4,995 more"),
        "{text}"
    );
    assert!(
        text.contains("more reasons: see the table coverage"),
        "{text}"
    );
}

#[test]
fn faults_are_counted_from_a_severity_and_resources_by_status() {
    let summary = a_scan();
    assert_eq!(summary.faults_from(Severity::Critical), 19);
    assert_eq!(summary.faults_from(Severity::High), 19 + 14);
    let by_check = summary.by_check();
    assert_eq!(
        (
            by_check["env-secret"]["UNKNOWN"],
            by_check["env-secret"]["FAIL"]
        ),
        (14, 28)
    );
    // Of fourteen accounts, three in four have a resource with one to three faults, the first of
    // each four has none.
    assert_eq!(
        (
            by_check["function-url-unauthenticated"]["faults"],
            by_check["function-url-unauthenticated"]["FAIL"]
        ),
        (19, 10)
    );
    assert_eq!(
        (
            by_check["role-near-administrator"]["NOT_APPLICABLE"],
            by_check["role-near-administrator"]["PASS"]
        ),
        (14, 0)
    );
}
