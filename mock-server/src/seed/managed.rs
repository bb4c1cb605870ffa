//! The customer managed policies of generated accounts.

use serde_json::{Value, json};

use super::roles::{BOUNDARY, NO_QUEUES, OPERATIONS, TEAM, policy};
use crate::plan::BEGAN;
use crate::services::iam::store::{ManagedPolicy, Store, unique_id};

/// The customer managed policies that roles refer to.
pub(super) fn add_managed(store: &mut Store, account: &str) {
    let everything = || {
        policy(vec![
            json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        ])
    };
    let some = |actions: Value| {
        policy(vec![
            json!({"Effect": "Allow", "Action": actions, "Resource": "*"}),
        ])
    };
    let items = || {
        some(json!([
            "dynamodb:GetItem",
            "dynamodb:Query",
            "sqs:SendMessage"
        ]))
    };
    let policies = [
        (
            BOUNDARY,
            vec![some(json!([
                "logs:*",
                "dynamodb:*",
                "s3:GetObject",
                "sqs:*",
                "xray:Put*"
            ]))],
            1,
        ),
        (OPERATIONS, vec![items(), everything()], 2),
        (TEAM, vec![everything(), items()], 2),
        (
            NO_QUEUES,
            vec![some(json!([
                "logs:*",
                "ec2:*",
                "dynamodb:*",
                "s3:*",
                "xray:*"
            ]))],
            1,
        ),
    ];
    for (name, versions, default_version) in policies {
        let arn = format!("arn:aws:iam::{account}:policy/{name}");
        let policy = ManagedPolicy {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: unique_id("ANPA", &arn),
            versions: (1..).zip(versions).collect(),
            default_version,
            created: BEGAN,
            ..ManagedPolicy::default()
        };
        store.policies.insert(arn, policy);
    }
}
