//! Settings of an account in IAM apart from roles and policies.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lambdasweep_mock::seed::Empty;

use crate::client::Mock;

const ACCOUNT: &str = "111122223333";

#[test]
fn the_password_policy_is_there_once_it_is_set() {
    let mock = Mock::start(Empty);
    let get = || mock.iam(ACCOUNT, "GetAccountPasswordPolicy", &[]);
    assert_eq!(
        (get().status, get().element("Code")),
        (404, Some("NoSuchEntity"))
    );
    let all = [
        ("MinimumPasswordLength", "14"),
        ("RequireSymbols", "true"),
        ("MaxPasswordAge", "90"),
        ("PasswordReusePrevention", "24"),
    ];
    assert_eq!(
        mock.iam(ACCOUNT, "UpdateAccountPasswordPolicy", &all)
            .status,
        200
    );
    let got = get();
    for (name, value) in [
        ("MinimumPasswordLength", "14"),
        ("RequireSymbols", "true"),
        ("RequireNumbers", "false"),
        ("ExpirePasswords", "true"),
        ("MaxPasswordAge", "90"),
        ("PasswordReusePrevention", "24"),
        ("AllowUsersToChangePassword", "false"),
    ] {
        assert_eq!(got.element(name), Some(value), "{name}: {}", got.body);
    }
    // Omitted settings return to their defaults.
    assert_eq!(
        mock.iam(ACCOUNT, "UpdateAccountPasswordPolicy", &[]).status,
        200
    );
    assert_eq!(
        (
            get().element("MinimumPasswordLength"),
            get().element("ExpirePasswords")
        ),
        (Some("6"), Some("false"))
    );
    assert!(get().element("MaxPasswordAge").is_none());
    assert_eq!(
        mock.iam(ACCOUNT, "DeleteAccountPasswordPolicy", &[]).status,
        200
    );
    assert_eq!(
        mock.iam(ACCOUNT, "DeleteAccountPasswordPolicy", &[])
            .element("Code"),
        Some("NoSuchEntity")
    );
    assert_eq!(get().status, 404);
}

#[test]
fn the_credential_report_is_there_once_it_is_generated() {
    let mock = Mock::start(Empty);
    let none = mock.iam(ACCOUNT, "GetCredentialReport", &[]);
    assert_eq!(
        (none.status, none.element("Code")),
        (410, Some("ReportNotPresent")),
        "{}",
        none.body
    );
    let generate = || mock.iam(ACCOUNT, "GenerateCredentialReport", &[]);
    assert_eq!(generate().element("State"), Some("STARTED"));
    assert_eq!(generate().element("State"), Some("COMPLETE"));
    let report = mock.iam(ACCOUNT, "GetCredentialReport", &[]);
    assert_eq!(report.element("ReportFormat"), Some("text/csv"));
    let content = BASE64_STANDARD
        .decode(report.element("Content").unwrap())
        .unwrap();
    let content = String::from_utf8(content).unwrap();
    let lines: Vec<Vec<&str>> = content
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(
        (lines.len(), lines[0].len(), lines[1].len()),
        (2, 22, 22),
        "{content}"
    );
    assert_eq!(
        lines[1][..2],
        ["<root_account>", "arn:aws:iam::111122223333:root"]
    );
}

#[test]
fn the_summary_counts_and_tells_quotas() {
    let mock = Mock::start(Empty);
    let summary = || mock.iam(ACCOUNT, "GetAccountSummary", &[]).body;
    let entry = |name: &str, number: u64| format!("<key>{name}</key><value>{number}</value>");
    let before = summary();
    assert!(
        before.contains(&entry("RolesQuota", 1_000)) && before.contains(&entry("Policies", 0)),
        "{before}"
    );
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#;
    let made = mock.iam(
        ACCOUNT,
        "CreatePolicy",
        &[("PolicyName", "p"), ("PolicyDocument", document)],
    );
    assert_eq!(made.status, 200);
    assert!(
        summary().contains(&entry("Policies", 1))
            && summary().contains(&entry("PolicyVersionsInUse", 1)),
        "{}",
        summary()
    );
}

#[test]
fn an_alias_takes_the_place_of_another() {
    let mock = Mock::start(Empty);
    let create = |alias: &str| mock.iam(ACCOUNT, "CreateAccountAlias", &[("AccountAlias", alias)]);
    assert_eq!((create("one").status, create("two").status), (200, 200));
    let listed = mock.iam(ACCOUNT, "ListAccountAliases", &[]);
    assert!(
        listed.body.contains("<member>two</member>") && !listed.body.contains("one"),
        "{}",
        listed.body
    );
    assert_eq!(
        mock.iam(ACCOUNT, "DeleteAccountAlias", &[("AccountAlias", "one")])
            .element("Code"),
        Some("NoSuchEntity")
    );
}
