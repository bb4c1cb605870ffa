//! An organisation file with queues, functions that name them, and roles that may or may not send.

use serde_json::{Value, json};

use super::{APP, CENTRAL, LOCKED, MANAGEMENT, PARTNER, REGION, SANDBOX, queue};

fn allow(action: Value, condition: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    statement
}

/// The statements of queues' policies.
pub(super) fn queue_policies() -> Vec<(&'static str, &'static str, Value, Value)> {
    let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}});
    let let_in = |name: &str, account: &str, actions: Value| json!([{"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": queue(account, name), "Condition": organization}]);
    let deny = |name: &str, condition: Value| json!([{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": queue(APP, name), "Condition": condition}]);
    let guard = json!([{"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}}]);
    let mute = json!([{"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{APP}:role/mute")}, "Action": "sqs:SendMessage", "Resource": queue(APP, "open")}]);
    let service = json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}]);
    let none = json!({});
    vec![
        (APP, "failures", none.clone(), json!([])),
        (
            APP,
            "failures.fifo",
            json!({"FifoQueue": "true"}),
            json!([]),
        ),
        (APP, "guarded", none.clone(), guard),
        (APP, "open", none.clone(), mute),
        (APP, "for-the-service", none.clone(), service),
        (
            APP,
            "tls-only",
            none.clone(),
            deny(
                "tls-only",
                json!({"Bool": {"aws:SecureTransport": "false"}}),
            ),
        ),
        (
            APP,
            "own-key",
            json!({"KmsMasterKeyId": format!("arn:aws:kms:{REGION}:{APP}:key/11111111-2222-3333-4444-555555555555")}),
            json!([]),
        ),
        (
            APP,
            "key-of-aws",
            json!({"KmsMasterKeyId": "alias/aws/sqs"}),
            json!([]),
        ),
        (
            CENTRAL,
            "central",
            none.clone(),
            let_in("central", CENTRAL, json!("sqs:SendMessage")),
        ),
        (CENTRAL, "closed", none.clone(), json!([])),
        (
            CENTRAL,
            "key-of-aws",
            json!({"KmsMasterKeyId": "alias/aws/sqs"}),
            let_in("key-of-aws", CENTRAL, json!("sqs:SendMessage")),
        ),
        (
            LOCKED,
            "locked",
            none.clone(),
            let_in("locked", LOCKED, json!("sqs:SendMessage")),
        ),
        (
            PARTNER,
            "partner",
            none.clone(),
            let_in(
                "partner",
                PARTNER,
                json!(["sqs:SendMessage", "sqs:GetQueueAttributes"]),
            ),
        ),
        (
            PARTNER,
            "only-app",
            none.clone(),
            json!([{"Effect": "Allow", "Principal": {"AWS": APP}, "Action": ["sqs:SendMessage", "sqs:GetQueueAttributes"], "Resource": "*"}]),
        ),
        (PARTNER, "closed", none, json!([])),
    ]
}

/// Functions by name: account, role, dead-letter target; and what a scan has to say of it.
pub(super) fn functions() -> Vec<(
    &'static str,
    &'static str,
    &'static str,
    String,
    &'static str,
)> {
    vec![
        (
            "plain",
            APP,
            "sender",
            queue(APP, "failures"),
            "allowed none",
        ),
        (
            "mute",
            APP,
            "mute",
            queue(APP, "failures"),
            "denied none: no statement of the role's policies allows sqs:SendMessage",
        ),
        // Within an account the queue's policy is enough.
        (
            "let-in",
            APP,
            "mute",
            queue(APP, "open"),
            "allowed none: allowed by the queue's policy",
        ),
        // Lambda sends as the role, not as the service.
        (
            "for-the-service",
            APP,
            "mute",
            queue(APP, "for-the-service"),
            "denied none",
        ),
        (
            "bounded",
            APP,
            "bounded",
            queue(APP, "failures"),
            "denied none: no statement of the role's permissions boundary allows sqs:SendMessage",
        ),
        (
            "guarded",
            APP,
            "sender",
            queue(APP, "guarded"),
            "denied none: a statement of the queue's policy denies sqs:SendMessage",
        ),
        (
            "tls-only",
            APP,
            "sender",
            queue(APP, "tls-only"),
            "allowed none",
        ),
        (
            "by-source",
            APP,
            "by-source",
            queue(APP, "failures"),
            "denied none",
        ),
        (
            "by-address",
            APP,
            "by-address",
            queue(APP, "failures"),
            "unknown none: the value of aws:SourceIp is not known",
        ),
        (
            "fifo",
            APP,
            "sender",
            queue(APP, "failures.fifo"),
            "allowed none fifo",
        ),
        (
            "own-key",
            APP,
            "sender",
            queue(APP, "own-key"),
            "allowed unknown",
        ),
        (
            "key-of-aws",
            APP,
            "sender",
            queue(APP, "key-of-aws"),
            "allowed none",
        ),
        (
            "central",
            APP,
            "sender",
            queue(CENTRAL, "central"),
            "allowed none",
        ),
        // The policy of an AWS managed key admits no other account.
        (
            "central-key-of-aws",
            APP,
            "sender",
            queue(CENTRAL, "key-of-aws"),
            "allowed denied",
        ),
        (
            "central-mute",
            APP,
            "mute",
            queue(CENTRAL, "central"),
            "denied none: no statement of the role's policies allows sqs:SendMessage",
        ),
        (
            "central-closed",
            APP,
            "sender",
            queue(CENTRAL, "closed"),
            "denied none: no statement of the queue's policy allows sqs:SendMessage",
        ),
        (
            "partner",
            APP,
            "sender",
            queue(PARTNER, "partner"),
            "allowed none",
        ),
        (
            "partner-closed",
            APP,
            "sender",
            queue(PARTNER, "closed"),
            "unknown unknown: the queue was not read: denied (OutsideOfScan)",
        ),
        (
            "partner-gone",
            APP,
            "sender",
            queue(PARTNER, "retired"),
            "unknown unknown: the queue was not read: denied (OutsideOfScan)",
        ),
        (
            "gone",
            APP,
            "sender",
            queue(APP, "retired"),
            "gone unknown: the queue does not exist",
        ),
        (
            "central-gone",
            APP,
            "sender",
            queue(CENTRAL, "retired"),
            "gone unknown: the queue does not exist",
        ),
        // What one account may read does not tell another one.
        (
            "only-app",
            APP,
            "sender",
            queue(PARTNER, "only-app"),
            "allowed none",
        ),
        (
            "only-app-sandbox",
            SANDBOX,
            "sender",
            queue(PARTNER, "only-app"),
            "unknown unknown: the queue was not read: denied (OutsideOfScan)",
        ),
        (
            "locked",
            APP,
            "sender",
            queue(LOCKED, "locked"),
            "denied none: a statement of the resource control policies of the queue's account denies sqs:SendMessage",
        ),
        (
            "topic",
            APP,
            "sender",
            format!("arn:aws:sns:{REGION}:{APP}:failures"),
            "unknown unknown: only SQS queues are evaluated",
        ),
        (
            "sandbox",
            SANDBOX,
            "sender",
            queue(CENTRAL, "central"),
            "denied none: a statement of the service control policies of the role's account denies sqs:SendMessage",
        ),
        (
            "sandbox-partner",
            SANDBOX,
            "sender",
            queue(PARTNER, "partner"),
            "denied none",
        ),
    ]
}

/// The organisation, with `more` functions that name the same queue.
pub(super) fn organization(more: usize) -> Value {
    let send = || allow(json!("sqs:SendMessage"), Value::Null);
    let role = |account: &str, name: &str, statements: Value, boundary: Value| {
        let mut role = json!({"account": account, "name": name, "statements": statements});
        if !boundary.is_null() {
            role["boundary"] = boundary;
        }
        role
    };
    let under = |key: &str, operator: &str, value: &str| {
        allow(json!("sqs:SendMessage"), json!({operator: {key: value}}))
    };
    let logs = allow(json!("logs:*"), Value::Null);
    let function = |name: &str, account: &str, role: &str, target: &str| {
        json!({"account": account, "region": REGION, "name": name, "role": role,
            "configuration": {"DeadLetterConfig": {"TargetArn": target}}})
    };
    let named = functions();
    let functions: Vec<Value> = named
        .iter()
        .map(|(name, account, role, target, _)| function(name, account, role, target))
        .chain((0..more).map(|at| {
            function(
                &format!("more-{at:03}"),
                APP,
                "sender",
                &queue(APP, "failures"),
            )
        }))
        .collect();
    let queues: Vec<Value> = queue_policies()
        .into_iter()
        .map(|(account, name, attributes, policy)| {
            json!({"account": account, "region": REGION, "name": name, "attributes": attributes, "policy": policy})
        })
        .collect();
    let account = |id: &str, unit: &str| json!({"id": id, "name": id, "unit": unit});
    json!({
        "organization": {"id": "o-a1b2c3d4e5", "management-account": MANAGEMENT},
        "account": [account(MANAGEMENT, "/"), account(APP, "/Workloads"), account(CENTRAL, "/Workloads"), account(SANDBOX, "/Sandbox"), account(LOCKED, "/Locked")],
        "policy": [
            {"name": "no-queues", "targets": ["/Sandbox"], "statements": [{"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}]},
            {"name": "locked", "kind": "RESOURCE_CONTROL_POLICY", "targets": ["/Locked"], "statements": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]},
        ],
        "function": functions,
        "role": [
            role(APP, "sender", json!([send()]), Value::Null),
            role(APP, "mute", json!([logs]), Value::Null),
            role(APP, "bounded", json!([send()]), json!(format!("arn:aws:iam::{APP}:policy/logs-only"))),
            role(APP, "by-source", json!([under("lambda:SourceFunctionArn", "ArnLike", "arn:aws:lambda:*:*:function:*")]), Value::Null),
            role(APP, "by-address", json!([under("aws:SourceIp", "IpAddress", "203.0.113.0/24")]), Value::Null),
            role(SANDBOX, "sender", json!([send()]), Value::Null),
        ],
        "managed-policy": [{"account": APP, "name": "logs-only", "statements": [logs]}],
        "queue": queues,
    })
}
