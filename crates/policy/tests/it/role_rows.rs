//! Rows of grants and requests: no row says too little, with the evaluator as the witness.

use lambdasweep_policy::grants::{NamedPolicy, RoleInput, effective};
use lambdasweep_policy::role::{TargetPolicy, judge, may_write};
use lambdasweep_policy::{Context, Decision, Document, Policies, Principal, Request, evaluate};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::roles::{ACCOUNT, ROLE, document, line};

fn pattern() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "*",
        "s3:*",
        "s3:Get*",
        "S3:*Object",
        "s3:GetObject",
        "sqs:Send*",
        "sqs:*",
        "*:SendMessage",
        "s3:?etObject",
        "s3:*t*",
    ])
}

fn place() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "*",
        "arn:aws:s3:::a/*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::a/x",
        "arn:*:q",
        "arn:aws:sqs:*:111122223333:*",
        "arn:aws:s3:::${aws:PrincipalAccount}/*",
        "arn:aws:s3:::a/?",
        "*x",
        "arn:aws:s3",
        "arn:aws",
        "arn:aws:sqs:eu-west-1",
        "arn:aws:s3::${aws:PrincipalAccount}",
        "arn:aws:s3:::${aws:username}/*",
    ])
}

fn statement() -> impl Strategy<Value = Value> {
    let effect = prop::sample::select(vec!["Allow", "Allow", "Allow", "Deny"]);
    let condition = prop::sample::select(vec!["", "", "", "region", "elsewhere"]);
    (
        effect,
        prop::collection::vec(pattern(), 1..3),
        any::<u8>(),
        prop::collection::vec(place(), 1..3),
        any::<u8>(),
        condition,
    )
        .prop_map(
            |(effect, actions, not_action, resources, not_resource, condition)| {
                let mut statement = json!({"Effect": effect});
                statement[if not_action < 40 {
                    "NotAction"
                } else {
                    "Action"
                }] = json!(actions);
                statement[if not_resource < 40 {
                    "NotResource"
                } else {
                    "Resource"
                }] = json!(resources);
                match condition {
                    "region" => {
                        statement["Condition"] =
                            json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
                    }
                    "elsewhere" => {
                        statement["Condition"] =
                            json!({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})
                    }
                    _ => {}
                }
                statement
            },
        )
}

const RESOURCES: [&str; 6] = [
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/x",
    "arn:aws:s3:::a/xy",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::111122223333/x",
    "arn:aws:sqs:eu-west-1:111122223333:q",
];

fn policy() -> impl Strategy<Value = Document> {
    prop::collection::vec(statement(), 1..5).prop_map(|statements| document(&json!(statements)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_the_evaluator_allows_is_in_the_rows(
        identity in prop::collection::vec(policy(), 1..3),
        boundary in prop::option::of(policy()),
        scps in prop::collection::vec(prop::collection::vec(policy(), 1..3), 0..3),
    ) {
        let named = |document| NamedPolicy { name: "p", document: Some(document) };
        let role = RoleInput {
            identity: identity.iter().map(named).collect(),
            boundary: boundary.as_ref().map(named),
            scps: scps.iter().map(|level| level.iter().map(named).collect()).collect(),
            ..RoleInput::new(ROLE, ACCOUNT, "aws")
        };
        let grants = effective(&role);
        let principal = Principal::parse(ROLE).expect("a role");
        let levels = scps.iter().map(|level| level.iter().collect()).collect();
        let policies = Policies { identity: identity.iter().collect(), boundary: boundary.as_ref(), scps: levels, ..Policies::default() };
        for action in ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "sqs:SendMessage", "iam:PassRole"] {
            for resource in RESOURCES {
                for region in ["eu-west-1", "us-east-1"] {
                    let context = Context::default().with("aws:RequestedRegion", region);
                    let request = Request { principal: &principal, action, resource, resource_account: Some(ACCOUNT), context: &context };
                    if evaluate(&policies, &request).decision == Decision::Allowed {
                        let rows: Vec<String> = grants.rows.iter().map(line).collect();
                        prop_assert!(grants.rows.iter().any(|row| row.covers(action, resource)), "{action} {resource} {region}: {rows:#?}");
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_makes_a_judgement_fall_over(
        actions in prop::collection::vec("[a-z:*?${}é]{0,12}|\\PC{0,12}", 1..6),
        resources in prop::collection::vec("[a-z:*?/${}é]{0,12}|\\PC{0,12}", 1..6),
        denied in prop::collection::vec("[a-z:*?${}é]{0,8}", 1..4),
        arn in "\\PC{0,20}",
    ) {
        let all = json!([
            {"Effect": "Allow", "Action": actions, "Resource": resources},
            {"Effect": "Allow", "NotAction": denied, "NotResource": resources},
            {"Effect": "Deny", "NotAction": actions, "Resource": denied},
            {"Effect": "Deny", "Action": denied, "NotResource": resources},
        ]);
        let text = json!({"Version": "2012-10-17", "Statement": all}).to_string();
        if let Ok(policy) = Document::parse(&text) {
            let named = NamedPolicy { name: "p", document: Some(&policy) };
            let input = RoleInput { boundary: Some(named), scps: vec![vec![named]], trust: Some(&policy), ..RoleInput::new(&arn, ACCOUNT, "aws") };
            for role in [RoleInput { identity: vec![named], ..input.clone() }, RoleInput { boundary: None, identity: vec![named], ..input }] {
                let judgement = judge(&role);
                prop_assert!(judgement.grants.iter().all(|row| !row.levels.is_empty()));
                may_write(&role, &actions[0], &resources[0], TargetPolicy::Document(&policy));
            }
        }
    }
}
