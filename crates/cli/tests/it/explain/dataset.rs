//! A dataset with one function, made by hand.

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

use super::{ACCOUNT, PAY, ROLE};

/// Rows from JSON; members that may be absent may be left out.
pub(super) fn of<R: Row + DeserializeOwned>(values: &[Value]) -> Vec<R> {
    values
        .iter()
        .map(|value| serde_json::from_value(value.clone()).unwrap())
        .collect()
}

pub(super) fn statement(
    qualifier: &str,
    index: i64,
    sid: &str,
    exposure: &str,
    statement: Value,
) -> Value {
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
        "exposure": exposure, "exposure_reason": format!("it is {exposure}"), "invoke_exposure": exposure, "control_exposure": "none", "control_actions": "", "control_levels": "", "door": "none", "named": "", "policy_exposure": exposure, "statement": statement.to_string()})
}

pub(super) fn coverage(fact: &str, region: &str, resource: &str, outcome: &str) -> Value {
    let account = if fact.starts_with("organization") {
        ""
    } else {
        ACCOUNT
    };
    json!({"account_id": account, "region": region, "resource_arn": resource, "fact": fact, "outcome": outcome,
        "error_code": (outcome != "ok").then_some("AccessDeniedException"), "attempts": 1})
}

/// A dataset with one function, which has an alias; some facts may be unread.
pub(super) fn publish(root: &Path, id: &str, unread: &[&str]) {
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
            json!({"function_name": "pay", "role_arn": ROLE, "has_description": false, "package_type": "Zip", "code_size_bytes": 1, "subnet_count": 0, "security_group_count": 0, "layer_count": 0}),
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
        "access_levels": "read", "unlimited_levels": "read", "capabilities": "", "unlimited_capabilities": "", "resource_scope": "all", "resources": "*", "except_resources": "", "condition_keys": "", "narrowed": false,
        "policy": "own", "statement_index": 4});
    write::<RoleGrantRow>(&mut publication, &[grant]);
    let guardrail = json!({"account_id": ACCOUNT, "guardrail": "permission-public", "prevented": "no", "reason": "no policy denies it", "preventing": ""});
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
