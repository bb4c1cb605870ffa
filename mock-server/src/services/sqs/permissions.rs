//! Adding and removing statements of a queue's policy.

use serde_json::{Value, json};

use super::super::members;
use super::attributes::object;
use super::store::Queue;
use super::{Target, missing, nothing, required, unfit};
use crate::call::{Answer, Call, Handler, Input};

/// The actions that can be granted. Source: "AddPermission", SQS API Reference.
const ACTIONS: [&str; 9] = [
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "SendMessage",
];

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "AddPermission" => add,
        "RemovePermission" => remove,
        _ => return None,
    })
}

/// A single string if there is only one, else the list.
fn one_or_all(texts: Vec<String>) -> Value {
    match <[String; 1]>::try_from(texts) {
        Ok([one]) => json!(one),
        Err(several) => json!(several),
    }
}

/// The queue's policy, or a new one if it has none.
fn policy(queue: &Queue, arn: &str) -> Value {
    let policy = queue.attributes.get("Policy").and_then(|it| object(it));
    policy.map_or_else(
        || json!({"Version": "2008-10-17", "Id": format!("{arn}/SQSDefaultPolicy"), "Statement": []}),
        Value::Object,
    )
}

/// The statements of a policy, which are a list or a single statement.
fn statements(policy: &Value) -> Vec<Value> {
    members::one_or_more(&policy["Statement"]).to_vec()
}

fn add(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let label = required(input, "Label")?;
    let accounts: Vec<&str> = members::texts(input, "AWSAccountIds").collect();
    let actions: Vec<&str> = members::texts(input, "Actions").collect();
    if accounts.is_empty() {
        return Err(missing("AWSAccountIds"));
    }
    if actions.is_empty() {
        return Err(missing("Actions"));
    }
    if let Some(action) = actions.iter().find(|action| !ACTIONS.contains(action)) {
        return Err(unfit(
            format!("SQS:{action}"),
            "ActionName",
            "Please refer to the appropriate WSDL for a list of valid actions. ",
        ));
    }
    let is_account = |id: &str| id.parse::<lambdasweep_model::AccountId>().is_ok();
    if let Some(account) = accounts.iter().find(|id| !is_account(id)) {
        return Err(unfit(
            format!("[{account}]"),
            "PrincipalId",
            "Unable to verify.",
        ));
    }
    let root = |account: &&str| format!("arn:{}:iam::{account}:root", call.partition());
    let action = |action: &&str| format!("SQS:{action}");
    let statement = json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": one_or_all(accounts.iter().map(root).collect())},
        "Action": one_or_all(actions.iter().map(action).collect()),
        "Resource": target.arn,
    });
    target.change(|queue| {
        let mut policy = policy(queue, &target.arn);
        let mut all = statements(&policy);
        if all.iter().any(|it| it["Sid"] == label) {
            return Err(unfit(label, "Label", "Already exists."));
        }
        all.push(statement);
        policy["Statement"] = json!(all);
        keep(queue, call, Some(policy));
        nothing()
    })
}

fn remove(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let label = required(input, "Label")?;
    target.change(|queue| {
        let mut policy = policy(queue, &target.arn);
        let all = statements(&policy);
        let left: Vec<&Value> = all.iter().filter(|it| it["Sid"] != label).collect();
        if left.len() == all.len() {
            return Err(unfit(label, "Label", "can't find label."));
        }
        let is_empty = left.is_empty();
        policy["Statement"] = json!(left);
        keep(queue, call, Some(policy).filter(|_| !is_empty));
        nothing()
    })
}

fn keep(queue: &mut Queue, call: &Call<'_>, policy: Option<Value>) {
    match policy {
        Some(policy) => queue
            .attributes
            .insert("Policy".to_owned(), policy.to_string()),
        None => queue.attributes.remove("Policy"),
    };
    queue.changed = call.now.floor();
}
