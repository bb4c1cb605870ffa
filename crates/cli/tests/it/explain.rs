//! `lambdasweep explain`: a small dataset that is written by hand, and a scan of a mock.

use std::collections::BTreeMap;
use std::path::Path;

use lambdasweep_model::ScanId;
use lambdasweep_tables::{
    AccountRow, CoverageRow, FunctionQualifierRow, FunctionRow, FunctionUrlRow, GuardrailRow,
    ManifestInfo, OrganizationPolicyRow, OrganizationalUnitRow, PolicyTargetRow, Publication,
    ResourcePolicyStatementRow, RoleGrantRow, RolePolicyRow, RoleRow, Row,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::harness::{Mock, only_scan, program, rows, run};

const ACCOUNT: &str = "111122223333";
const PAY: &str = "arn:aws:lambda:eu-west-1:111122223333:function:pay";
const ROLE: &str = "arn:aws:iam::111122223333:role/service/pay";

/// Rows from JSON; members that may be absent may be left out.
fn of<R: Row + DeserializeOwned>(values: &[Value]) -> Vec<R> {
    values
        .iter()
        .map(|value| serde_json::from_value(value.clone()).unwrap())
        .collect()
}

fn statement(qualifier: &str, index: i64, sid: &str, exposure: &str, statement: Value) -> Value {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let principals = statement["Principal"]
        .as_object()
        .and_then(|it| it.values().next())
        .unwrap_or(&statement["Principal"]);
    let keys: Vec<String> = statement["Condition"]
        .as_object()
        .into_iter()
        .flat_map(|it| it.values())
        .filter_map(Value::as_object)
        .flat_map(|it| it.keys().cloned())
        .collect();
    json!({"account_id": ACCOUNT, "region": "eu-west-1", "resource_type": "function", "resource_arn": PAY, "qualifier": qualifier, "statement_index": index, "sid": sid, "statement_key": sid,
        "effect": statement["Effect"], "principals": text(principals), "actions": statement["Action"], "condition_keys": keys.join(", "),
        "exposure": exposure, "exposure_reason": format!("it is {exposure}"), "door": "none", "named": "", "policy_exposure": exposure, "statement": statement.to_string()})
}

fn coverage(fact: &str, region: &str, resource: &str, outcome: &str) -> Value {
    let account = if fact.starts_with("organization") {
        ""
    } else {
        ACCOUNT
    };
    json!({"account_id": account, "region": region, "resource_arn": resource, "fact": fact, "outcome": outcome,
        "error_code": (outcome != "ok").then_some("AccessDeniedException"), "attempts": 1})
}

/// A dataset with one function, which has an alias; some facts may be unread.
fn publish(root: &Path, id: &str, unread: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let outcome = |fact: &str| {
        if unread.contains(&fact) {
            "denied"
        } else {
            "ok"
        }
    };
    let scan_id: ScanId = id.parse().unwrap();
    let mut publication = Publication::begin(root, &scan_id).unwrap();
    fn write<R: Row>(publication: &mut Publication, values: &[Value]) {
        let mut writer = publication.writer(R::TABLE).unwrap();
        writer.write(&R::frame(&of::<R>(values)).unwrap()).unwrap();
        publication.add(writer).unwrap();
    }
    let unit = json!({"account_id": ACCOUNT, "region": "eu-west-1", "function_arn": PAY});
    let with = |more: Value| {
        let mut value = unit.clone();
        value
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        value
    };
    let account = |id: &str, name: &str, management: bool| json!({"account_id": id, "name": name, "state": "ACTIVE", "ou_path": "/Prod", "ou_id_path": "r-ab12/ou-ab12-prod", "is_management": management, "in_scope": true});
    write::<AccountRow>(
        &mut publication,
        &[
            account(ACCOUNT, "payments\u{1b}[31m", false),
            account("222222222222", "tools", false),
        ],
    );
    write::<OrganizationalUnitRow>(
        &mut publication,
        &[
            json!({"id": "r-ab12", "name": "Root", "path": "/", "organization_id": "o-a1b2c3d4e5", "policy_types": "SERVICE_CONTROL_POLICY"}),
        ],
    );
    let allow =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Sid":"NoDeletes","Effect":"Deny","Action":"lambda:DeleteFunction","Resource":"*"}]}"#;
    let policy = |id: &str, document: &str| json!({"policy_id": id, "name": id, "policy_type": "SERVICE_CONTROL_POLICY", "aws_managed": false, "document": document});
    write::<OrganizationPolicyRow>(
        &mut publication,
        &[policy("p-all", allow), policy("p-deny", deny)],
    );
    let target = |policy: &str, target: &str| json!({"policy_id": policy, "target_id": target, "target_type": ""});
    let targets =
        ["r-ab12", "ou-ab12-prod", ACCOUNT, "222222222222"].map(|place| target("p-all", place));
    write::<PolicyTargetRow>(
        &mut publication,
        &[&targets[..], &[target("p-deny", "ou-ab12-prod")]].concat(),
    );
    write::<FunctionRow>(
        &mut publication,
        &[with(
            json!({"function_name": "pay", "role_arn": ROLE, "package_type": "Zip", "code_size_bytes": 1, "subnet_count": 0, "security_group_count": 0, "layer_count": 0}),
        )],
    );
    write::<FunctionQualifierRow>(
        &mut publication,
        &[with(
            json!({"qualifier": "live", "kind": "alias", "target_version": "1"}),
        )],
    );
    let invoke = |principal: Value, condition: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction", "Resource": PAY, "Condition": condition});
    let statements = [
        statement(
            "",
            0,
            "uploads",
            "service-bounded",
            invoke(
                json!({"Service": "s3.amazonaws.com"}),
                json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
            ),
        ),
        statement(
            "",
            1,
            "org",
            "organization",
            invoke(
                json!("*"),
                json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            ),
        ),
        statement("", 2, "no-guests", "none", {
            let mut deny = invoke(
                json!("*"),
                json!({"StringEquals": {"aws:PrincipalTag/guest": "yes"}}),
            );
            deny["Effect"] = "Deny".into();
            deny
        }),
        {
            let mut open = invoke(
                json!("*"),
                json!({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
            );
            (open["Action"], open["Resource"]) = (
                "lambda:InvokeFunctionUrl".into(),
                format!("{PAY}:live").into(),
            );
            statement("live", 0, "url", "everyone", open)
        },
    ];
    write::<ResourcePolicyStatementRow>(
        &mut publication,
        if unread.contains(&"resource_policies") {
            &[]
        } else {
            &statements
        },
    );
    write::<FunctionUrlRow>(
        &mut publication,
        &[with(
            json!({"qualifier": "live", "function_url": "https://abc.lambda-url.eu-west-1.on.aws/", "auth_type": "NONE", "has_cors": false, "exposure": "latent", "exposure_reason": "one of the two statements is missing"}),
        )],
    );
    let role = json!({"account_id": ACCOUNT, "role_arn": ROLE, "role_name": "pay", "path": "/service/", "role_id": "AROA", "attached_policy_count": 0,
        "inline_policy_count": 1, "trusts_lambda": true, "trusted_principals": "lambda.amazonaws.com", "privilege": "limited",
        "near_administrator_reasons": "", "escalation_ids": "", "conditional_escalation_ids": "", "wildcard_action_levels": "",
        "wildcard_resource_levels": "", "wildcard_weight": 0});
    write::<RoleRow>(&mut publication, &[role]);
    write::<RolePolicyRow>(
        &mut publication,
        &[json!({"account_id": ACCOUNT, "role_arn": ROLE, "kind": "inline", "policy_name": "own"})],
    );
    let grant = json!({"account_id": ACCOUNT, "role_arn": ROLE, "service": "lambda", "action": "lambda:Get*", "except_actions": "", "access_level": "read",
        "access_levels": "read", "resource_scope": "all", "resources": "*", "except_resources": "", "condition_keys": "", "narrowed": false,
        "policy": "own", "statement_index": 4});
    write::<RoleGrantRow>(&mut publication, &[grant]);
    let guardrail = json!({"account_id": ACCOUNT, "guardrail": "permission-public", "prevented": "no", "reason": "no policy denies it"});
    write::<GuardrailRow>(&mut publication, &[guardrail]);
    let facts = [
        ("resource_policies", "eu-west-1", PAY),
        ("aliases", "eu-west-1", PAY),
        ("function_urls", "eu-west-1", PAY),
        ("functions", "eu-west-1", ""),
        ("roles", "", ""),
        ("guardrails", "", ""),
        ("organization", "", ""),
        ("organization_policies", "", ""),
    ];
    write::<CoverageRow>(
        &mut publication,
        &facts.map(|(fact, region, resource)| coverage(fact, region, resource, outcome(fact))),
    );
    let info = ManifestInfo {
        tool_version: String::new(),
        started_at: "2026-11-24T09:00:00Z".to_owned(),
        finished_at: format!("2026-11-24T10:0{}:00Z", unread.len()),
        request: Value::Null,
        coverage: BTreeMap::new(),
        findings: BTreeMap::new(),
    };
    runtime.block_on(publication.finish(info)).unwrap();
}

fn explain(root: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = program(ACCOUNT);
    command.args(["explain", "--out"]).arg(root).args(arguments);
    run(command)
}

#[test]
fn a_function_is_explained_statement_by_statement() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), "read", &[]);
    let (code, said) = explain(root.path(), &["--function", PAY]);
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains('\u{1b}'), "{said:?}");
    insta::assert_snapshot!("explain", said);
    let (code, said) = explain(
        root.path(),
        &["--function", &format!("{PAY}:live"), "--output", "json"],
    );
    assert_eq!(code, 0, "{said}");
    let explanation: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(explanation["exposure"], "everyone");
    let qualifiers: Vec<_> = explanation["resource_policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["qualifier"].as_str().unwrap())
        .collect();
    assert_eq!(qualifiers, ["live"]);
}

#[test]
fn what_was_not_read_is_unknown() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), "read", &[]);
    // Published later, so that it is the one that counts.
    publish(
        root.path(),
        "gaps",
        &["resource_policies", "roles", "guardrails", "organization"],
    );
    let (code, said) = explain(
        root.path(),
        &[
            "--function",
            PAY,
            "--principal",
            "s3.amazonaws.com",
            "--action",
            "lambda:InvokeFunction",
        ],
    );
    assert_eq!(code, 0, "{said}");
    insta::assert_snapshot!("explain_with_gaps", said);
    let (_, said) = explain(
        root.path(),
        &["--function", PAY, "--scan-id", "read", "--output", "json"],
    );
    assert_eq!(
        serde_json::from_str::<Value>(&said).unwrap()["resource_policies"][0]["exposure"],
        "organization"
    );
}

#[test]
fn a_principal_may_as_far_as_the_scan_tells() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), "read", &[]);
    let member = "arn:aws:iam::222222222222:user/ana";
    let role_session = "arn:aws:sts::111122223333:assumed-role/pay/pay";
    let (s3, invoke) = ("s3.amazonaws.com", "lambda:InvokeFunction");
    let source = "aws:SourceAccount=111122223333";
    for (principal, action, more, decision, by, depends_on) in [
        (
            s3,
            invoke,
            &[][..],
            "unknown",
            "resource",
            &["aws:SourceAccount"][..],
        ),
        (
            s3,
            invoke,
            &["--context", source][..],
            "allowed",
            "resource",
            &[],
        ),
        (
            s3,
            invoke,
            &["--context", "aws:SourceAccount=444455556666"],
            "implicitly-denied",
            "",
            &[],
        ),
        (
            s3,
            invoke,
            &["--qualifier", "live", "--context", source],
            "implicitly-denied",
            "",
            &[],
        ),
        (
            "sns.amazonaws.com",
            invoke,
            &[],
            "implicitly-denied",
            "",
            &[],
        ),
        ("*", invoke, &[], "implicitly-denied", "", &[]),
        // The URL tells how it authenticates.
        (
            "*",
            "lambda:InvokeFunctionUrl",
            &["--qualifier", "live"],
            "allowed",
            "resource",
            &[],
        ),
        // Across accounts the user's own policies count, which the scan does not tell.
        (
            member,
            invoke,
            &["--context", "aws:PrincipalTag/guest=no"],
            "unknown",
            "policies of",
            &[],
        ),
        (
            member,
            invoke,
            &["--context", "aws:PrincipalTag/guest=yes"],
            "explicitly-denied",
            "resource",
            &[],
        ),
        // Nobody outside of the organisation is let in, wherever else it may be.
        (
            "arn:aws:iam::999999999999:user/eve",
            invoke,
            &[],
            "implicitly-denied",
            "",
            &[],
        ),
        (
            role_session,
            "lambda:GetFunction",
            &[],
            "allowed",
            "own",
            &[],
        ),
        (
            role_session,
            "lambda:UpdateFunctionCode",
            &[],
            "implicitly-denied",
            "",
            &[],
        ),
        // The resource policy lets it in, but nothing grants it to the role: a Deny of the role may
        // be why.
        (
            role_session,
            invoke,
            &["--context", "aws:PrincipalTag/guest=no"],
            "unknown",
            "policies of",
            &[],
        ),
        // The organisation denies it to everybody in the account, its root user among them.
        (
            "arn:aws:iam::111122223333:root",
            "lambda:DeleteFunction",
            &[],
            "explicitly-denied",
            "p-deny",
            &[],
        ),
        (
            "arn:aws:iam::111122223333:root",
            "lambda:GetFunction",
            &[],
            "allowed",
            "",
            &[],
        ),
    ] {
        let arguments = [
            &[
                "--function",
                PAY,
                "--output",
                "json",
                "--principal",
                principal,
                "--action",
                action,
            ][..],
            more,
        ]
        .concat();
        let (code, said) = explain(root.path(), &arguments);
        assert_eq!(code, 0, "{said}");
        let answer = &serde_json::from_str::<Value>(&said).unwrap()["answer"];
        assert_eq!(answer["decision"], decision, "{arguments:?}: {answer}");
        assert_eq!(
            answer["depends_on"],
            json!(depends_on),
            "{arguments:?}: {answer}"
        );
        let named: Vec<&str> = answer["decided_by"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["policy"].as_str().unwrap())
            .collect();
        assert!(
            if by.is_empty() {
                named.is_empty()
            } else {
                named.iter().any(|name| name.contains(by))
            },
            "{arguments:?}: {answer}"
        );
    }
    let (_, said) = explain(
        root.path(),
        &[
            "--function",
            PAY,
            "--principal",
            role_session,
            "--action",
            invoke,
        ],
    );
    insta::assert_snapshot!(
        "explain_answer",
        said.split("\n\nInvocation").next().unwrap()
    );
}

#[test]
fn what_cannot_be_explained_is_told() {
    let root = tempfile::tempdir().unwrap();
    let other = PAY.replace("pay", "other");
    let elsewhere = PAY.replace("eu-west-1", "us-east-1");
    assert!(
        explain(root.path(), &["--function", PAY])
            .1
            .contains("there is no published scan")
    );
    publish(root.path(), "read", &[]);
    for (arguments, code, word) in [
        (
            &["--function", &other][..],
            1,
            "all functions of its account and Region were read",
        ),
        (
            &["--function", &elsewhere],
            1,
            "the scan did not collect it",
        ),
        (&["--function", ROLE], 1, "the ARN of no function"),
        (
            &["--function", "pay me"],
            2,
            "neither the ARN nor the name of a function",
        ),
        (&["--function", "arn:aws:lambda"], 2, "not a valid ARN"),
        (
            &["--function", "payy"],
            1,
            "no function named payy; did you mean pay?",
        ),
        (
            &["--function", "222222222222:function:pay"],
            1,
            "no function named pay in account 222222222222",
        ),
        (&["--function", "pay:blue"], 1, "no version or alias blue"),
        (
            &["--function", PAY, "--qualifier", "blue"],
            1,
            "no version or alias blue",
        ),
        (
            &["--function", &format!("{PAY}:live"), "--qualifier", "blue"],
            1,
            "--qualifier blue",
        ),
        (&["--function", PAY, "--principal", "*"], 2, "--action"),
        (
            &[
                "--function",
                PAY,
                "--principal",
                "nobody",
                "--action",
                "lambda:InvokeFunction",
            ],
            1,
            "is not a valid principal",
        ),
        (&["--function", PAY, "--scan-id", "nothing"], 1, "nothing"),
        (
            &[
                "--function",
                PAY,
                "--principal",
                "*",
                "--action",
                "a:b",
                "--context",
                "x",
            ],
            2,
            "KEY=VALUE",
        ),
    ] {
        let (found, said) = explain(root.path(), arguments);
        assert_eq!(found, code, "{arguments:?}: {said}");
        assert!(
            said.starts_with("error:") && said.contains(word),
            "{arguments:?}: {said}"
        );
    }
}

/// A name is enough where it is one function's, with a qualifier and an account as in Lambda's API.
#[test]
fn a_function_is_found_by_its_name() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), "read", &[]);
    for (name, like) in [
        ("pay", PAY.to_owned()),
        ("pay:live", format!("{PAY}:live")),
        ("111122223333:function:pay", PAY.to_owned()),
    ] {
        let (code, by_name) = explain(root.path(), &["--function", name]);
        assert_eq!(
            (code, by_name),
            explain(root.path(), &["--function", &like]),
            "{name}"
        );
        assert_eq!(code, 0);
    }
    let mock = Mock::start("accounts=6,regions=3,functions=120,seed=8,suspended=1");
    let out = tempfile::tempdir().unwrap();
    run(mock.scan(out.path(), &["--checks", "runtime-deprecated"]));
    let mut functions: std::collections::BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(
        &only_scan(out.path()),
        "functions",
        &["function_name", "function_arn"],
    ) {
        functions
            .entry(row[0].clone())
            .or_default()
            .push(row[1].clone());
    }
    let (mut one, mut several) = (0, 0);
    for (name, arns) in &functions {
        let (code, said) = explain(out.path(), &["--function", name]);
        if let [arn] = arns.as_slice() {
            assert!(
                code == 0 && said.starts_with(&format!("{arn}\n")),
                "{name}: {said}"
            );
            one += 1;
        } else {
            assert!(
                code == 1 && said.contains(&format!("{} functions are named {name}", arns.len())),
                "{name}: {said}"
            );
            assert!(
                arns.iter()
                    .all(|arn| said.lines().any(|line| line.trim() == arn)),
                "{name}: {said}"
            );
            several += 1;
        }
    }
    assert!(one > 0 && several > 0, "{one} {several}");
    let (code, said) = explain(out.path(), &["--function", "no-such-function-at-all"]);
    assert!(
        code == 1 && said.contains("not all accounts and Regions were read"),
        "{said}"
    );
}

/// At 80 columns nothing is broken but at separators; what is too much is counted, and listed where
/// it is asked for.
#[test]
fn an_explanation_fits_a_narrow_terminal() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), "read", &[]);
    let mut command = program(ACCOUNT);
    command
        .args(["explain", "--function", "pay", "--out"])
        .arg(root.path())
        .env("COLUMNS", "80");
    let (code, said) = run(command);
    assert_eq!(code, 0, "{said}");
    assert!(said.lines().all(|line| line.len() <= 80), "{said}");
    for whole in [
        "lambda:InvokeFunctionUrl",
        "aws:PrincipalOrgID",
        "aws:PrincipalTag/guest",
        "service-bounded",
        "no-guests",
        ROLE,
    ] {
        assert!(said.contains(whole), "{whole} is broken: {said}");
    }

    let mock = Mock::start("accounts=3,regions=1,functions=600,seed=8");
    let out = tempfile::tempdir().unwrap();
    run(mock.scan(
        out.path(),
        &["--checks", "role-administrator,policy-public"],
    ));
    let mut granted: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for row in rows(
        &only_scan(out.path()),
        "role_grants",
        &["role_arn", "action"],
    ) {
        *granted
            .entry(row[0].clone())
            .or_default()
            .entry(row[1].clone())
            .or_default() += 1;
    }
    let functions = rows(
        &only_scan(out.path()),
        "functions",
        &["function_arn", "role_arn"],
    );
    let many = functions
        .iter()
        .find(|row| {
            granted
                .get(&row[1])
                .is_some_and(|actions| actions.len() > 25)
        })
        .unwrap();
    let (_, some) = explain(out.path(), &["--function", &many[0]]);
    assert!(some.contains("more: --all lists them"), "{some}");
    let (_, all) = explain(out.path(), &["--function", &many[0], "--all"]);
    assert!(!all.contains("--all"), "{all}");
    assert!(
        granted[&many[1]]
            .keys()
            .all(|action| all.contains(action.as_str())),
        "{all}"
    );
}

#[test]
fn every_function_of_a_scan_is_explained() {
    let mock = Mock::start("accounts=2,regions=1,functions=60,seed=8");
    let out = tempfile::tempdir().unwrap();
    assert_eq!(run(mock.scan(out.path(), &[])).0, 0);
    let scan = only_scan(out.path());
    let statements = rows(
        &scan,
        "resource_policy_statements",
        &[
            "resource_arn",
            "qualifier",
            "exposure",
            "actions",
            "condition_keys",
        ],
    );
    let functions = rows(&scan, "functions", &["function_arn"]);
    assert!(functions.len() > 20, "{}", functions.len());
    let mut allowed = 0;
    for function in functions.iter().map(|row| &row[0]) {
        let asked = [
            "--function",
            function,
            "--principal",
            "*",
            "--action",
            "lambda:InvokeFunction",
            "--output",
            "json",
        ];
        let (code, said) = explain(out.path(), &asked);
        assert_eq!(code, 0, "{said}");
        let explanation: Value = serde_json::from_str(&said).unwrap();
        let own: Vec<_> = statements
            .iter()
            .filter(|row| row[0] == *function && row[1].is_empty())
            .collect();
        let open = own.iter().any(|row| {
            row[2] == "everyone" && row[3] == "lambda:InvokeFunction" && row[4].is_empty()
        });
        if open {
            assert_eq!(explanation["answer"]["decision"], "allowed", "{said}");
            assert_eq!(explanation["exposure"], "everyone", "{said}");
            allowed += 1;
        }
        if own.is_empty() {
            assert_eq!(
                explanation["answer"]["decision"], "implicitly-denied",
                "{said}"
            );
        }
        assert_eq!(explanation["unknown"], json!([]), "{said}");
    }
    assert!(allowed > 0, "some function is open to everyone");
}
