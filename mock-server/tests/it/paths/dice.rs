//! Random accounts, the same for the same seed: roles with the permissions that paths need, and
//! with similar ones.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::accounts::{Account, Role, arn, document, trust};

const ROLES: usize = 20;
const FUNCTIONS: usize = 4;
const POLICIES: usize = 4;

/// SplitMix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or_default()
    }

    /// True with this probability in percent.
    fn percent(&mut self, times: usize) -> bool {
        self.below(100) < times
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn role(&mut self) -> String {
        format!("role/{}", role_name(self.below(ROLES)))
    }
}

/// Names with a letter in front, so that patterns match some of them.
fn role_name(at: usize) -> String {
    format!("{}{at:02}", ["a", "b", "c"][at % 3])
}

/// Generates an account.
pub(crate) fn account(dice: &mut Dice) -> Account {
    let pool: Vec<Value> = (0..POLICIES).map(|_| policy(dice, "role/none")).collect();
    let roles = (0..ROLES).map(|at| role(dice, at, &pool)).collect();
    let functions = (0..FUNCTIONS)
        .map(|at| {
            (
                arn(&format!("function/{}", ["f0", "f1", "g0", "g1"][at])),
                arn(&dice.role()),
            )
        })
        .collect();
    Account {
        roles,
        functions,
        ..Account::default()
    }
}

fn role(dice: &mut Dice, at: usize, pool: &[Value]) -> Role {
    let own = format!("role/{}", role_name(at));
    let mut policies = BTreeMap::new();
    // Two roles that may do everything, and two that are limited.
    if at < 4 {
        policies.insert("all".to_owned(), document(&json!([["Allow", "*"]])));
    }
    if dice.percent(70) {
        policies.insert("own".to_owned(), policy(dice, &own));
    }
    let mut stored = BTreeMap::new();
    if dice.percent(25) {
        let which = dice.below(pool.len());
        let name = arn(&format!("policy/p{which}"));
        policies.insert(name.clone(), pool[which].clone());
        // The last policy has the maximum number of versions.
        if which == pool.len() - 1 {
            stored.insert(name, vec![document(&json!([["Allow", "s3:GetObject"]])); 4]);
        }
    }
    if at == 3 || dice.percent(10) {
        policies.insert("limit".to_owned(), document(&json!([denial(dice, &own)])));
    }
    let boundary = (at == 2 || dice.percent(18)).then(|| boundary(dice, at));
    Role {
        arn: arn(&own),
        policies,
        boundary,
        stored,
        trust: Some(trusting(dice)),
        ..Role::default()
    }
}

fn trusting(dice: &mut Dice) -> Value {
    let role = dice.role();
    let other = dice.role();
    let by_role = json!({"ArnEquals": {"aws:PrincipalArn": arn(&other)}});
    let statements = match dice.below(20) {
        0..=6 => json!(["lambda"]),
        7..=9 => json!(["lambda", "account"]),
        10..=12 => json!(["lambda", role]),
        13 => json!(["account"]),
        14 => json!(["ec2", role, other]),
        15 => json!([["Allow", "account", {"StringEquals": {"sts:ExternalId": "abc"}}]]),
        16 => {
            json!([["Allow", "account", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}], "glue"])
        }
        17 => json!([["Allow", "*", by_role], "lambda"]),
        18 => json!(["account", "lambda", ["Deny", "*", by_role]]),
        _ => {
            json!([["Allow", "lambda", {"StringEquals": {"aws:SourceAccount": "111122223333"}}], "ec2"])
        }
    };
    trust(&statements)
}

fn policy(dice: &mut Dice, own: &str) -> Value {
    let mut statements = Vec::new();
    for _ in 0..=dice.below(3) {
        grant(dice, own, &mut statements);
    }
    if dice.percent(8) {
        statements.push(denial(dice, own));
    }
    document(&Value::Array(statements))
}

/// Roles as the resource of a statement.
fn roles(dice: &mut Dice, own: &str) -> Value {
    let (one, two) = (dice.role(), dice.role());
    match dice.below(13) {
        0..=4 => json!(one),
        5 | 6 => json!([one, two]),
        7 | 8 => json!(own),
        9 => json!("role/a*"),
        10 => json!("role/?0*"),
        11 => json!("*"),
        _ => json!(dice.one(&[
            "arn:aws:iam",
            "arn:aws:iam::*:role/b0*",
            "arn:aws:iam::444455556666:role/*"
        ])),
    }
}

fn functions(dice: &mut Dice) -> &'static str {
    dice.one(&[
        "*",
        "function/f0",
        "function/f*",
        "function/g1",
        "function/new-*",
        "arn:aws:lambda:*:*:function:n*",
        "arn:aws:lambda",
    ])
}

fn conditions(dice: &mut Dice, own: &str) -> Option<Value> {
    if !dice.percent(16) {
        return None;
    }
    Some(match dice.below(9) {
        0 => json!({"Bool": {"aws:SecureTransport": "true"}}),
        1 => json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        2 => json!({"ArnEquals": {"aws:PrincipalArn": arn(own)}}),
        3 => json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/other-*"}}),
        4 => json!({"DateLessThan": {"aws:CurrentTime": "2024-01-01T00:00:00Z"}}),
        5 => json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        6 => json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        7 => json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}),
        _ => {
            json!({"Bool": {"aws:ViaAWSService": "false"}, "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
        }
    })
}

/// Adds the permissions that a path needs, or some of them.
fn grant(dice: &mut Dice, own: &str, to: &mut Vec<Value>) {
    let mut allow = |actions: Value, resources: Value, conditions: Option<Value>| {
        to.push(conditions.map_or_else(
            || json!(["Allow", actions, resources]),
            |it| json!(["Allow", actions, resources, it]),
        ));
    };
    let condition = conditions(dice, own);
    match dice.below(20) {
        0..=2 => allow(json!("sts:AssumeRole"), roles(dice, own), condition),
        3 => allow(
            json!("iam:UpdateAssumeRolePolicy"),
            roles(dice, own),
            condition,
        ),
        4..=6 => {
            let service = dice.one(&[
                "lambda.amazonaws.com",
                "lambda.*",
                "ec2.amazonaws.com",
                "glue.amazonaws.com",
            ]);
            let passed = dice
                .percent(40)
                .then(|| json!({"StringLike": {"iam:PassedToService": service}}));
            allow(
                json!("iam:PassRole"),
                roles(dice, own),
                passed.or(condition),
            );
            if dice.percent(80) {
                // Often the only allowed name, which an existing function already has.
                let named = functions(dice);
                if dice.percent(40) {
                    let deleted = [named, functions(dice)];
                    allow(
                        json!("lambda:DeleteFunction"),
                        json!(dice.one(&deleted)),
                        conditions(dice, own),
                    );
                }
                allow(json!("lambda:CreateFunction"), json!(named), None);
                let run = dice.one(&[
                    "lambda:InvokeFunction",
                    "lambda:InvokeFunction",
                    "lambda:AddPermission",
                    "lambda:CreateEventSourceMapping",
                ]);
                allow(json!(run), json!(functions(dice)), None);
            } else {
                allow(
                    json!(dice.one(&[
                        "ec2:RunInstances",
                        "glue:CreateDevEndpoint",
                        "ec2:Run*",
                        "glue:CreateJob"
                    ])),
                    json!("*"),
                    None,
                );
            }
        }
        7 => allow(
            json!("lambda:UpdateFunctionCode"),
            json!(functions(dice)),
            condition,
        ),
        8 => allow(
            json!("lambda:UpdateFunctionConfiguration"),
            json!(functions(dice)),
            condition,
        ),
        9 | 10 => allow(
            json!(dice.one(&["iam:PutRolePolicy", "iam:AttachRolePolicy"])),
            roles(dice, own),
            condition,
        ),
        11 => allow(
            json!(["iam:PutRolePolicy", "sts:AssumeRole"]),
            roles(dice, own),
            condition,
        ),
        12 => {
            let policies = [
                "policy/p0",
                "policy/p1",
                "policy/p3",
                "policy/p*",
                "policy/b*",
                "policy/other",
            ];
            let policy = dice.one(&policies);
            allow(
                json!(dice.one(&["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"])),
                json!(policy),
                condition,
            );
            if dice.percent(40) {
                allow(
                    json!("iam:DeletePolicyVersion"),
                    json!(policy),
                    conditions(dice, own),
                );
            }
        }
        13 => {
            let other = dice.role();
            let named = dice.one(&["role/new-*", "role/new-1", "role/*", &other, &other]);
            allow(json!("iam:CreateRole"), json!(named), condition);
            let write = dice.one(&["iam:PutRolePolicy", "iam:AttachRolePolicy"]);
            allow(
                json!(write),
                json!(dice.one(&["role/new-*", "role/old-*", named, &other])),
                None,
            );
            if dice.percent(60) {
                let deleting = ["iam:DeleteRole*", "iam:Delete*", "iam:DeleteRole"];
                allow(
                    json!([dice.one(&deleting), "iam:DetachRolePolicy"]),
                    json!(dice.one(&[&other, "role/*"])),
                    conditions(dice, own),
                );
            }
        }
        14 => allow(
            json!(dice.one(&[
                "iam:DeleteRolePermissionsBoundary",
                "iam:PutRolePermissionsBoundary"
            ])),
            roles(dice, own),
            condition,
        ),
        15 => allow(
            json!(dice.one(&["iam:DetachRolePolicy", "iam:DeleteRolePolicy"])),
            roles(dice, own),
            condition,
        ),
        16 => allow(
            json!(dice.one(&[
                "iam:Get*",
                "iam:List*",
                "iam:PassRole",
                "lambda:CreateFunction"
            ])),
            json!("*"),
            None,
        ),
        17 => allow(
            json!(dice.one(&["lambda:*", "sts:*", "lambda:Update*"])),
            json!(functions(dice)),
            condition,
        ),
        _ => allow(json!(["s3:GetObject", "logs:*"]), json!("*"), condition),
    }
}

fn denial(dice: &mut Dice, own: &str) -> Value {
    let actions = dice.one(&[
        "sts:*",
        "iam:*",
        "iam:PutRolePolicy",
        "iam:PassRole",
        "lambda:*",
        "lambda:UpdateFunctionCode",
        "iam:Attach*",
    ]);
    let resources = if actions.starts_with("lambda") {
        json!(functions(dice))
    } else {
        roles(dice, own)
    };
    match conditions(dice, own) {
        Some(condition) => json!(["Deny", actions, resources, condition]),
        None => json!(["Deny", actions, resources]),
    }
}

/// A separate boundary for each role, so that no two roles refer to one policy with different
/// documents.
fn boundary(dice: &mut Dice, at: usize) -> (String, Value) {
    let statements = match dice.below(8) {
        0 => json!([["Allow", "*"]]),
        1 => json!([["Allow", ["s3:*", "iam:*"]]]),
        2 => json!([["Allow", ["lambda:*", "iam:PassRole", "sts:AssumeRole"]]]),
        3 => json!([[
            "Allow",
            [
                "s3:*",
                "iam:PutRolePolicy",
                "iam:DeleteRolePermissionsBoundary"
            ]
        ]]),
        4 => json!([
            ["Allow", "*"],
            [
                "Deny",
                [
                    "iam:DeleteRolePermissionsBoundary",
                    "iam:CreatePolicyVersion"
                ]
            ]
        ]),
        5 => json!([[
            "Allow",
            [
                "s3:*",
                "iam:CreatePolicyVersion",
                "iam:PutRolePermissionsBoundary"
            ]
        ]]),
        6 => json!([[
            "Allow",
            [
                "logs:*",
                "iam:DetachRolePolicy",
                "iam:AttachRolePolicy",
                "sts:AssumeRole"
            ]
        ]]),
        _ => json!([["Allow", ["s3:*", "logs:*", "iam:PutRolePolicy", "sts:*"]]]),
    };
    (arn(&format!("policy/b{at:02}")), document(&statements))
}
