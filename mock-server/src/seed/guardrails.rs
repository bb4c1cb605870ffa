//! The generated organisation's service control policies: guardrails that prevent changes in some
//! units, and others that only seem to.

use serde_json::{Value, json};

use crate::services::organizations::store::{Policy, Store};

/// The dangerous changes to Lambda that are not prevented in an account. In Prod all are prevented.
pub(super) fn missing(unit: &str) -> &'static [&'static str] {
    match unit {
        "ou-a1b2-prod0000" => &[],
        // Below Workloads.
        "ou-a1b2-dev00000" => &[
            "permission-public",
            "permission-outside",
            "layer-public",
            "code-signing-detach",
            "code-signing-weaken",
        ],
        _ => &[
            "function-url-unauthenticated",
            "permission-public",
            "permission-outside",
            "layer-public",
            "code-signing-detach",
            "code-signing-weaken",
        ],
    }
}

/// Whether an account's principals are denied all changes to IAM.
pub(super) fn denies_iam(unit: &str) -> bool {
    unit == "ou-a1b2-sandbox0"
}

/// Adds the policies to an organisation that has the generated units.
pub(super) fn add(store: &mut Store) {
    let deny = |actions: Value, condition: Value| {
        let mut statement = json!({"Effect": "Deny", "Action": actions, "Resource": "*"});
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        statement
    };
    let url = json!([
        "lambda:CreateFunctionUrlConfig",
        "lambda:UpdateFunctionUrlConfig"
    ]);
    let not_iam = || json!({"StringNotEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}});
    let root = store.root_id.clone();
    let policies = [
        (
            "p-guard001",
            "guard-the-organization",
            root.as_str(),
            vec![deny(
                json!(["organizations:LeaveOrganization", "account:CloseAccount"]),
                Value::Null,
            )],
        ),
        (
            "p-urls0001",
            "function-urls-need-iam",
            "ou-a1b2-workload",
            vec![deny(url, not_iam())],
        ),
        (
            "p-perms001",
            "no-permissions-for-everyone",
            "ou-a1b2-prod0000",
            vec![
                deny(
                    json!("lambda:AddPermission"),
                    json!({"StringEquals": {"lambda:Principal": "*"}}),
                ),
                deny(json!("lambda:PutResourcePolicy"), Value::Null),
            ],
        ),
        (
            "p-perms002",
            "no-permissions-for-other-accounts",
            "ou-a1b2-prod0000",
            vec![deny(
                json!("lambda:AddPermission"),
                json!({"StringNotLike": {"lambda:Principal": "*.amazonaws.com"}}),
            )],
        ),
        (
            "p-signing2",
            "code-signing-stays-strict",
            "ou-a1b2-prod0000",
            vec![deny(
                json!([
                    "lambda:UpdateCodeSigningConfig",
                    "lambda:PutFunctionCodeSigningConfig"
                ]),
                Value::Null,
            )],
        ),
        (
            "p-layers01",
            "layers-stay-private",
            "ou-a1b2-prod0000",
            vec![deny(json!("lambda:AddLayerVersionPermission"), Value::Null)],
        ),
        (
            "p-signing1",
            "code-stays-signed",
            "ou-a1b2-prod0000",
            vec![deny(
                json!("lambda:DeleteFunctionCodeSigningConfig"),
                json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/release-*"}}),
            )],
        ),
        // This only looks like a guardrail: an existing URL can still be changed to AuthType NONE.
        (
            "p-urls0002",
            "no-new-function-urls",
            "ou-a1b2-security",
            vec![deny(json!("lambda:CreateFunctionUrlConfig"), Value::Null)],
        ),
        (
            "p-sandbox1",
            "sandbox-without-iam",
            "ou-a1b2-sandbox0",
            vec![deny(
                json!([
                    "iam:Add*",
                    "iam:Attach*",
                    "iam:Create*",
                    "iam:Delete*",
                    "iam:Detach*",
                    "iam:PassRole",
                    "iam:Put*",
                    "iam:Set*",
                    "iam:Update*"
                ]),
                Value::Null,
            )],
        ),
        (
            "p-sandbox2",
            "sandbox-without-queues",
            "ou-a1b2-sandbox0",
            vec![deny(json!("sqs:SendMessage"), Value::Null)],
        ),
    ];
    for (id, name, target, statements) in policies {
        let policy = Policy {
            name: name.to_owned(),
            kind: "SERVICE_CONTROL_POLICY".to_owned(),
            content: json!({"Version": "2012-10-17", "Statement": statements}).to_string(),
            targets: [target.to_owned()].into(),
            ..Policy::default()
        };
        store.policies.insert(id.to_owned(), policy);
    }
}
