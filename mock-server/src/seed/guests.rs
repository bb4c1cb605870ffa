//! Roles of generated accounts that Cognito identity pools give to users, some of whom did not sign
//! in.

use serde_json::json;

use super::roles::policy;
use crate::plan::{BEGAN, Flaw, Plan};
use crate::services::iam::store::{Role, unique_id};

/// The name of the role.
pub(super) const NAME: &str = "web-users";

/// Whom the role is for, and what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Users {
    /// Users who signed in; they invoke every function.
    SignedIn,
    /// Users who did not; they invoke every function.
    Guests,
    /// Users who did not; they only send metrics.
    GuestsWithoutFunctions,
}

impl Users {
    fn of(plan: &Plan, account: usize) -> Option<Self> {
        match account % 20 {
            4 => Some(Self::SignedIn),
            9 => Some(Self::Guests),
            14 => Some(Self::GuestsWithoutFunctions),
            _ => None,
        }
        .filter(|_| plan.kind(account) == crate::plan::Kind::Open)
    }
}

/// The role of an account, if it has one.
pub(super) fn role(plan: &Plan, account: usize) -> Option<Role> {
    let users = Users::of(plan, account)?;
    let amr = match users {
        Users::SignedIn => "authenticated",
        Users::Guests | Users::GuestsWithoutFunctions => "unauthenticated",
    };
    let trust = json!({
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:11111111-2222-3333-4444-555555555555"},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr},
        },
    });
    let action = match users {
        Users::SignedIn | Users::Guests => "lambda:InvokeFunction",
        Users::GuestsWithoutFunctions => "mobileanalytics:PutEvents",
    };
    let permissions = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    Some(Role {
        path: "/".to_owned(),
        id: unique_id("AROA", &format!("{}{NAME}", plan.accounts[account])),
        trust: policy(vec![trust]),
        inline: [("app".to_owned(), policy(vec![permissions]))].into(),
        created: BEGAN,
        ..Role::default()
    })
}

/// The fault of each function of an account, if guests may invoke it.
pub(super) fn flaw(plan: &Plan, account: usize) -> Option<Flaw> {
    let is_open = Users::of(plan, account) == Some(Users::Guests);
    let arn = format!("arn:aws:iam::{}:role/{NAME}", plan.accounts[account]);
    is_open.then_some(("guest-identity-may-invoke", Some(arn)))
}
