//! An account with a way of each kind, and beside each a role that looks like it: from the wire to
//! the finding, exactly.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_tables::{RoleEscalationRow, RoleEscalationStepRow};
use serde_json::{Value, json};

use crate::accounts::{ACCOUNT, Account, name, words};
use crate::harness::{Mock, only_scan, rows, run};

const MANAGEMENT: &str = "000000000001";

/// The account as an organisation file; each of its roles has a function that executes with it, so
/// that it is judged.
fn organization(account: &Account) -> Value {
    let statements = |document: &Value| document["Statement"].clone();
    let (mut roles, mut policies) = (Vec::new(), BTreeMap::new());
    for role in &account.roles {
        for (arn, document) in role
            .policies
            .iter()
            .filter(|(arn, _)| arn.starts_with("arn:"))
            .chain(role.boundary.iter().map(|(arn, document)| (arn, document)))
        {
            policies.insert(
                name(arn).to_owned(),
                json!({"account": ACCOUNT, "name": name(arn), "statements": statements(document)}),
            );
        }
        let attached: Vec<&String> = role
            .policies
            .keys()
            .filter(|arn| arn.starts_with("arn:"))
            .collect();
        let inline = role
            .policies
            .get("inline")
            .map_or_else(|| json!([]), statements);
        let boundary = role.boundary.as_ref().map(|(arn, _)| arn);
        let trust = role.trust.as_ref().map(statements);
        roles.push(json!({"account": ACCOUNT, "name": name(&role.arn), "trust": trust, "statements": inline, "attached": attached, "boundary": boundary}));
    }
    let mut functions: BTreeMap<String, String> = account
        .functions
        .iter()
        .map(|(arn, role)| {
            (
                arn.rsplit(':').next().unwrap().to_owned(),
                name(role).to_owned(),
            )
        })
        .collect();
    let subjects = account
        .roles
        .iter()
        .map(|role| name(&role.arn))
        .filter(|name| name.starts_with("w-") || name.starts_with("n-"));
    functions.extend(subjects.map(|role| (format!("run-{role}"), role.to_owned())));
    let function = |(function, role): (String, String)| json!({"account": ACCOUNT, "region": "eu-west-1", "name": function, "role": role});
    let account = |id: &str| json!({"id": id, "name": id});
    json!({
        "organization": {"id": "o-a1b2c3d4e5", "management-account": MANAGEMENT},
        "account": [account(MANAGEMENT), account(ACCOUNT)],
        "function": functions.into_iter().map(function).collect::<Vec<_>>(),
        "role": roles,
        "managed-policy": policies.into_values().collect::<Vec<_>>(),
    })
}

#[test]
fn a_planted_account_is_told_exactly() {
    let lines: Vec<Value> = include_str!("../../../policy/tests/it/roles/planted.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("planted.json");
    std::fs::write(&file, organization(&Account::of_lines(&lines)).to_string()).unwrap();
    let mock = Mock::of_file(&file, MANAGEMENT);
    let (code, said) = run(mock.scan(out.path(), &["--checks", "role-privilege-escalation"]));
    assert_eq!(code, 0, "{said}");
    let scan = only_scan(out.path());

    // `sts-001>mid-1 lambda-003>boss-lambda`, and how it ends where no role is acted as.
    let mut found: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut steps: Vec<RoleEscalationStepRow> = scan.rows_where(&[]).unwrap();
    steps.sort_by_key(|step| step.step);
    for step in &steps {
        let to = step
            .to_role_arn
            .as_deref()
            .map(|to| format!(">{}", name(to)))
            .unwrap_or_default();
        found
            .entry((name(&step.role_arn).to_owned(), step.path_id.clone()))
            .or_default()
            .push(format!("{}{to}", step.step_path_id));
        assert!(!step.evidence.is_empty() || step.conditional, "{step:?}");
    }
    let mut ways: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows(
        &scan,
        "role_escalations",
        &["role_arn", "path_id", "reached"],
    ) {
        let steps = &found[&(name(&row[0]).to_owned(), row[1].clone())];
        let end = match row[2].as_str() {
            "every-permission" => " =everything",
            "user" => " =user",
            _ => "",
        };
        ways.entry(name(&row[0]).to_owned())
            .or_default()
            .insert(format!("{}{end}", steps.join(" ")));
    }
    let mut statuses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows(&scan, "findings", &["resource_arn", "status"]) {
        statuses
            .entry(name(&row[0]).to_owned())
            .or_default()
            .insert(row[1].clone());
    }
    for planted in lines.iter().filter(|line| line.get("expect").is_some()) {
        let role = planted["role"].as_str().unwrap();
        let expected: BTreeSet<String> = words(&planted["expect"]).into_iter().collect();
        assert_eq!(
            ways.get(role).cloned().unwrap_or_default(),
            expected,
            "{planted}"
        );
        if let Some(statuses) = statuses.get(role) {
            let status = if expected.is_empty() { "PASS" } else { "FAIL" };
            assert!(
                statuses.contains(status) && statuses.len() == 1,
                "{role}: {statuses:?}"
            );
        } else {
            assert!(role.starts_with("mid-"), "{role} is not judged");
        }
    }
}

/// AWS lists all versions of a policy: one that does not count is a way where the role may choose
/// it.
#[test]
fn a_version_that_is_kept_is_told() {
    const ACCOUNT: &str = "222222222222";
    let file =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/orgs/roles.toml");
    let mock = Mock::of_file(&file, "111111111111");
    let own = format!("arn:aws:iam::{ACCOUNT}:policy/own");
    let allowing = |action: &str| {
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}).to_string()
    };
    let (choose, everything) = (allowing("iam:SetDefaultPolicyVersion"), allowing("*"));
    mock.iam(
        ACCOUNT,
        &[
            ("Action", "CreatePolicy"),
            ("PolicyName", "own"),
            ("PolicyDocument", &choose),
        ],
    );
    for role in ["exporter", "reviewer"] {
        mock.iam(
            ACCOUNT,
            &[
                ("Action", "AttachRolePolicy"),
                ("RoleName", role),
                ("PolicyArn", &own),
            ],
        );
    }
    let ways = || {
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--checks", "role-privilege-escalation"]));
        assert_eq!(code, 0, "{said}");
        let all: Vec<RoleEscalationRow> = only_scan(out.path())
            .rows_where(&[("path_id", "lsw-iam-003")])
            .unwrap();
        all.into_iter()
            .map(|row| (row.role_arn, row.reached, row.conditional))
            .collect::<Vec<_>>()
    };
    assert!(ways().is_empty(), "no version is kept");
    mock.iam(
        ACCOUNT,
        &[
            ("Action", "CreatePolicyVersion"),
            ("PolicyArn", &own),
            ("PolicyDocument", &everything),
        ],
    );
    // The boundary of the reviewer does not let it choose.
    assert_eq!(
        ways(),
        [(
            format!("arn:aws:iam::{ACCOUNT}:role/exporter"),
            "every-permission".to_owned(),
            false
        )]
    );
}
