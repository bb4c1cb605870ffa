//! The organisation's policies: read once, judged by account, and unknown where they cannot be
//! read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::harness::{Mock, findings, only_scan, rows, run};

const WORLD: &str = "accounts=24,regions=1,functions=900,seed=21,suspended=0,roleless=1";

/// Guardrails by account and name: whether they hold, and by which policy.
fn guardrails(scan: &lambdasweep_tables::Scan) -> BTreeMap<(String, String), (String, String)> {
    rows(
        scan,
        "guardrails",
        &["account_id", "guardrail", "prevented", "policy_name"],
    )
    .into_iter()
    .map(|row| {
        (
            (row[0].clone(), row[1].clone()),
            (row[2].clone(), row[3].clone()),
        )
    })
    .collect()
}

#[test]
fn policies_are_read_once_and_judged_by_the_accounts_path() {
    let mock = Mock::start(WORLD);
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--checks", "guardrail-missing"]));
    assert_eq!(code, 4, "an account has no role: {said}");
    let scan = only_scan(out.path());
    let places: BTreeMap<String, String> = rows(&scan, "accounts", &["account_id", "ou_path"])
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    let guardrails = guardrails(&scan);
    assert_eq!(
        guardrails.len(),
        24 * 6,
        "also of the account that cannot be entered"
    );
    let mut seen = BTreeSet::new();
    for ((account, guardrail), (prevented, policy)) in &guardrails {
        let place = places[account].as_str();
        seen.insert(place);
        let expected = match (guardrail.as_str(), place) {
            _ if account == mock.management_account() => ("not-applicable", ""),
            ("function-url-unauthenticated", "/Workloads/Prod" | "/Workloads/Dev") => {
                ("yes", "function-urls-need-iam")
            }
            ("permission-public", "/Workloads/Prod") => ("yes", "no-permissions-for-everyone"),
            ("permission-outside", "/Workloads/Prod") => {
                ("yes", "no-permissions-for-other-accounts")
            }
            ("code-signing-weaken", "/Workloads/Prod") => ("yes", "code-signing-stays-strict"),
            ("layer-public", "/Workloads/Prod") => ("yes", "layers-stay-private"),
            ("code-signing-detach", "/Workloads/Prod") => ("yes", "code-stays-signed"),
            _ => ("no", ""),
        };
        assert_eq!(
            (prevented.as_str(), policy.as_str()),
            expected,
            "{guardrail} in {place}"
        );
    }
    assert!(seen.len() >= 5, "{seen:?}");
    let calls = |operation: &str| {
        mock.server()
            .ledger()
            .into_iter()
            .filter(|it| it.operation == operation)
            .map(|it| it.calls)
            .sum::<u64>()
    };
    let policies = rows(
        &scan,
        "organization_policies",
        &["policy_id", "document", "problem"],
    );
    assert_eq!(
        (calls("DescribePolicy"), policies.len()),
        (11, 11),
        "one call a policy"
    );
    assert!(
        policies
            .iter()
            .all(|row| row[1].starts_with('{') && row[2].is_empty()),
        "{policies:?}"
    );
    assert_eq!(
        calls("ListPolicies"),
        1,
        "resource control policies are not enabled"
    );
    let targets = rows(
        &scan,
        "policy_targets",
        &["policy_id", "target_id", "target_type"],
    );
    assert!(
        targets.contains(
            &["p-urls0001", "ou-a1b2-workload", "ORGANIZATIONAL_UNIT"]
                .map(str::to_owned)
                .to_vec()
        )
    );
}

/// A delegated administrator may lack the right. The scan goes on, and what the policies could take
/// away or prevent is unknown.
#[test]
fn policies_that_cannot_be_read_leave_unknown_what_rests_on_them() {
    for fault in [
        "organizations:ListPolicies",
        "organizations:DescribePolicy",
        "organizations:ListTargetsForPolicy",
    ] {
        let mock = Mock::with_faults(WORLD, &[&format!("{fault}=AccessDeniedException")]);
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(
            out.path(),
            &[
                "--checks",
                "guardrail-missing,role-administrator,role-trusts-others,layer-public",
            ],
        ));
        assert_eq!(code, 4, "{said}");
        let scan = only_scan(out.path());
        let outcomes: BTreeSet<String> =
            rows(&scan, "coverage", &["fact", "outcome", "error_code"])
                .into_iter()
                .filter(|row| row[0] == "organization_policies")
                .map(|row| format!("{} {}", row[1], row[2]))
                .collect();
        assert_eq!(
            outcomes,
            ["denied AccessDeniedException".to_owned()].into(),
            "{fault}"
        );
        let management = format!("arn:aws:iam::{}:root", mock.management_account());
        let of = |check: &str, status: &str| -> BTreeSet<String> {
            findings(&scan, status)
                .into_iter()
                .filter(|(id, _)| id == check)
                .map(|(_, arn)| arn)
                .collect()
        };
        // No policy binds the management account, whatever they are.
        assert_eq!(
            of("guardrail-missing", "NOT_APPLICABLE"),
            [management].into(),
            "{fault}"
        );
        assert!(of("guardrail-missing", "FAIL").is_empty(), "{fault}");
        assert_eq!(of("guardrail-missing", "UNKNOWN").len(), 23, "{fault}");
        let administrators: BTreeSet<String> =
            rows(&scan, "roles", &["role_arn", "privilege", "account_id"])
                .into_iter()
                .filter(|row| {
                    row[1] == "administrator"
                        && row[0].contains("/service-role/")
                        && row[2] != mock.management_account()
                })
                .map(|row| row[0].clone())
                .collect();
        let unknown = of("role-administrator", "UNKNOWN");
        assert!(
            administrators.len() > 1 && administrators.is_subset(&unknown),
            "{fault}: {administrators:?} {unknown:?}"
        );
        // What a role's own policies do not allow no other policy adds.
        assert!(
            of("role-administrator", "PASS").len() > 100
                && !of("role-trusts-others", "PASS").is_empty(),
            "{fault}"
        );
        assert!(!of("layer-public", "PASS").is_empty(), "{fault}");
    }
}

#[test]
fn policies_of_a_type_that_the_root_has_not_enabled_bind_nobody() {
    let mock = Mock::start(WORLD);
    mock.organizations(
        "DisablePolicyType",
        &json!({"RootId": "r-a1b2", "PolicyType": "SERVICE_CONTROL_POLICY"}),
    );
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--checks", "guardrail-missing"]));
    assert_eq!(code, 4, "{said}");
    let scan = only_scan(out.path());
    for ((account, _), (prevented, _)) in &guardrails(&scan) {
        assert_eq!(
            prevented,
            if account == mock.management_account() {
                "not-applicable"
            } else {
                "no"
            },
            "{account}"
        );
    }
    assert!(rows(&scan, "organization_policies", &["policy_id"]).is_empty());
    assert!(
        rows(&scan, "guardrails", &["reason"])
            .iter()
            .any(|row| row[0].contains("has not enabled service control policies"))
    );
}

#[test]
fn grants_are_those_of_roles_that_lambda_may_assume_and_those_over_functions() {
    let mock = Mock::start(WORLD);
    let out = tempfile::tempdir().unwrap();
    let (_, said) = run(mock.scan(out.path(), &["--checks", "role-administrator"]));
    let scan = only_scan(out.path());
    let grants = rows(
        &scan,
        "role_grants",
        &[
            "role_arn",
            "service",
            "action",
            "access_level",
            "resource_scope",
            "policy",
            "capabilities",
        ],
    );
    assert!(grants.len() > 500, "{said}");
    // Lambda may not assume this one, but it may change functions; the one that scans may not.
    let of = |role: &str| -> Vec<&str> {
        let rows = grants.iter().filter(|row| row[0].ends_with(role));
        rows.map(|row| row[6].as_str()).collect()
    };
    let over_functions = of(":role/OrganizationAccountAccessRole");
    assert!(
        !over_functions.is_empty()
            && over_functions
                .iter()
                .all(|it| it.contains("changes-functions")),
        "{over_functions:?}"
    );
    assert!(of(":role/lambdasweep-scan").is_empty());
    let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    assert!(
        grants.iter().any(|row| row[1..6]
            == ["logs", "logs:PutLogEvents", "write", "all", basic].map(str::to_owned)),
        "{:?}",
        &grants[..3]
    );
}
