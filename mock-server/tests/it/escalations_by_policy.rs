//! Escalations by changes of policies, and the condition keys of sessions.

use crate::client::policy;
use crate::escalations::{
    ACCOUNT, ADMIN, ADMINISTRATOR, APP, Account, NO_BOUNDARY, NO_IDENTITY, REGION, allow, denied,
    granted, lets, service,
};
use serde_json::{Value, json};

#[test]
fn a_trust_policy_is_rewritten_but_for_roles_of_aws() {
    let account = Account::new(
        &json!([allow(&json!("iam:*"), "*")]),
        &json!([service("ec2.amazonaws.com")]),
    );
    let trust = policy(&json!([lets(APP)]));
    granted(&account.iam(
        "UpdateAssumeRolePolicy",
        &[("RoleName", "admin"), ("PolicyDocument", &trust)],
    ));
    granted(&account.assume(&account.key, ADMIN));
    account.root(
        "CreateServiceLinkedRole",
        &[("AWSServiceName", "lambda.amazonaws.com")],
    );
    let linked = ("RoleName", "AWSServiceRoleForLambda");
    for (operation, more) in [
        (
            "UpdateAssumeRolePolicy",
            vec![("PolicyDocument", trust.as_str())],
        ),
        (
            "PutRolePolicy",
            vec![("PolicyName", "p"), ("PolicyDocument", trust.as_str())],
        ),
        ("AttachRolePolicy", vec![("PolicyArn", ADMINISTRATOR)]),
        (
            "PutRolePermissionsBoundary",
            vec![("PermissionsBoundary", ADMINISTRATOR)],
        ),
        ("DeleteRolePermissionsBoundary", vec![]),
        ("DeleteRole", vec![]),
    ] {
        let answer = account.iam(operation, &[&[linked], &more[..]].concat());
        assert_eq!(
            (answer.status, answer.element("Code")),
            (400, Some("UnmodifiableEntity")),
            "{operation}: {}",
            answer.body
        );
        let words = "Cannot perform the operation on the protected role 'AWSServiceRoleForLambda' - this role is only modifiable by AWS";
        assert!(
            answer
                .body
                .replace("&apos;", "'")
                .replace("&#39;", "'")
                .contains(words),
            "{}",
            answer.body
        );
    }
}

#[test]
fn versions_of_an_attached_policy_are_made_and_chosen() {
    let grants = json!([allow(
        &json!(["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"]),
        "arn:aws:iam::111122223333:policy/own"
    )]);
    let everything = policy(&json!([allow(&json!("*"), "*")]));
    let small = json!([allow(&json!("logs:*"), "*")]);
    let account = || {
        let account = Account::new(&grants, &json!([service("lambda.amazonaws.com")]));
        let own = account.policy("own", &small);
        account.root(
            "AttachRolePolicy",
            &[("RoleName", "app"), ("PolicyArn", &own)],
        );
        (account, own)
    };
    let (made, own) = account();
    granted(&made.iam(
        "CreatePolicyVersion",
        &[
            ("PolicyArn", &own),
            ("PolicyDocument", &everything),
            ("SetAsDefault", "true"),
        ],
    ));
    assert!(made.is_administrator(&made.key));
    let (chosen, own) = account();
    chosen.root(
        "CreatePolicyVersion",
        &[("PolicyArn", &own), ("PolicyDocument", &everything)],
    );
    assert!(
        !chosen.is_administrator(&chosen.key),
        "a version that is not the default does not count"
    );
    granted(&chosen.iam(
        "SetDefaultPolicyVersion",
        &[("PolicyArn", &own), ("VersionId", "v2")],
    ));
    assert!(chosen.is_administrator(&chosen.key));
    // It may not change another policy.
    let other = chosen.policy("other", &small);
    let (weak, _) = account();
    denied(
        &weak.iam(
            "SetDefaultPolicyVersion",
            &[("PolicyArn", &other), ("VersionId", "v1")],
        ),
        "iam:SetDefaultPolicyVersion",
        NO_IDENTITY,
    );
    let version = [
        ("PolicyArn", other.as_str()),
        ("PolicyDocument", &everything),
        ("SetAsDefault", "true"),
    ];
    denied(
        &weak.iam("CreatePolicyVersion", &version),
        "iam:CreatePolicyVersion",
        NO_IDENTITY,
    );
}

#[test]
fn limits_are_taken_away() {
    let trust = json!([service("lambda.amazonaws.com")]);
    let deny = json!([{"Effect": "Deny", "Action": "iam:*", "NotResource": "arn:aws:iam::111122223333:role/app"}]);
    // A boundary that allows only its own removal or replacement.
    for (operation, more) in [
        ("DeleteRolePermissionsBoundary", vec![]),
        (
            "PutRolePermissionsBoundary",
            vec![("PermissionsBoundary", ADMINISTRATOR)],
        ),
    ] {
        let account = Account::new(&json!([allow(&json!("*"), "*")]), &trust);
        let limit = account.policy(
            "limit",
            &json!([allow(&json!([format!("iam:{operation}")]), "*")]),
        );
        account.root(
            "PutRolePermissionsBoundary",
            &[("RoleName", "app"), ("PermissionsBoundary", &limit)],
        );
        assert!(!account.is_administrator(&account.key));
        granted(&account.iam(operation, &[&[("RoleName", "app")], &more[..]].concat()));
        assert!(account.is_administrator(&account.key), "{operation}");
        let account = Account::new(&json!([allow(&json!("*"), "*")]), &trust);
        let limit = account.policy("limit", &json!([allow(&json!("lambda:*"), "*")]));
        account.root(
            "PutRolePermissionsBoundary",
            &[("RoleName", "app"), ("PermissionsBoundary", &limit)],
        );
        denied(
            &account.iam(operation, &[&[("RoleName", "app")], &more[..]].concat()),
            &format!("iam:{operation}"),
            NO_BOUNDARY,
        );
    }
    // A policy with a Deny statement, attached or inline.
    let account = Account::new(&json!([allow(&json!("*"), "*")]), &trust);
    let denies = account.policy("denies", &deny);
    account.root(
        "AttachRolePolicy",
        &[("RoleName", "app"), ("PolicyArn", &denies)],
    );
    assert!(!account.is_administrator(&account.key));
    granted(&account.iam(
        "DetachRolePolicy",
        &[("RoleName", "app"), ("PolicyArn", &denies)],
    ));
    assert!(account.is_administrator(&account.key));
    let account = Account::new(&json!([allow(&json!("*"), "*")]), &trust);
    account.root(
        "PutRolePolicy",
        &[
            ("RoleName", "app"),
            ("PolicyName", "denies"),
            ("PolicyDocument", &policy(&deny)),
        ],
    );
    assert!(!account.is_administrator(&account.key));
    granted(&account.iam(
        "DeleteRolePolicy",
        &[("RoleName", "app"), ("PolicyName", "denies")],
    ));
    assert!(account.is_administrator(&account.key));
}

#[test]
fn a_session_that_has_expired_does_nothing() {
    let account = Account::new(&json!([allow(&json!("*"), "*")]), &json!([lets(APP)]));
    assert_eq!(account.iam("ListRoles", &[]).status, 200);
    let key = account
        .mock
        .credentials(&json!({"role": APP, "seconds": 0}));
    let answers = [
        account.mock.iam(&key, "ListRoles", &[]),
        account.assume(&key, ADMIN),
        account.create_function(&key, "new", ADMIN),
    ];
    for answer in answers {
        assert_eq!(answer.status, 403, "{}", answer.body);
        assert!(
            answer
                .body
                .contains("The security token included in the request is expired"),
            "{}",
            answer.body
        );
    }
}

/// The condition keys that each session has, and those that it lacks.
#[test]
fn a_session_has_the_keys_that_aws_sets() {
    let always = json!({
        "DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z", "aws:CurrentTime": "2020-01-01T00:00:00Z", "aws:EpochTime": "1577836800"},
        "DateLessThan": {"aws:TokenIssueTime": "2100-01-01T00:00:00Z"},
        "ArnEquals": {"aws:PrincipalArn": APP},
        "StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:PrincipalType": "AssumedRole", "aws:RequestedRegion": REGION, "aws:ResourceAccount": ACCOUNT},
        "StringLike": {"aws:userid": "AROA*:?*"},
        "Bool": {"aws:SecureTransport": "true", "aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"},
        "IpAddress": {"aws:SourceIp": "0.0.0.0/0"},
        "Null": {"aws:username": "true", "aws:MultiFactorAuthAge": "true", "aws:SourceIdentity": "true", "aws:PrincipalOrgID": "true"},
    });
    let statement = |condition: &Value| json!({"Effect": "Allow", "Action": "lambda:GetFunction", "Resource": "*", "Condition": condition});
    // 404 comes from the handler, so the call was allowed.
    let status = |account: &Account, key: &str| {
        account
            .mock
            .rest(key, REGION, "lambda", "GET", "/2015-03-31/functions/f", "")
            .status
    };
    let account = Account::new(
        &json!([statement(&always)]),
        &json!([service("lambda.amazonaws.com")]),
    );
    assert_eq!(status(&account, &account.key), 404);
    account.root(
        "UpdateAssumeRolePolicy",
        &[
            ("RoleName", "app"),
            (
                "PolicyDocument",
                &policy(&json!([lets(ADMIN), service("lambda.amazonaws.com")])),
            ),
        ],
    );
    let admin = account.mock.credentials(&json!({"role": ADMIN}));
    let assumed = account
        .assume(&admin, APP)
        .element("AccessKeyId")
        .unwrap()
        .to_owned();
    assert_eq!(status(&account, &assumed), 404);
    let issued_before = |date: &str| json!({"DateLessThan": {"aws:TokenIssueTime": date}});
    for (condition, by_service, by_assuming) in [
        (issued_before("2020-01-01T00:00:00Z"), 403, 403),
        // Only callers of AssumeRole could have used an MFA device; the key is false because none
        // was used.
        (
            json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            403,
            403,
        ),
        (
            json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            403,
            404,
        ),
        (
            json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}),
            404,
            403,
        ),
        (
            json!({"Null": {"lambda:SourceFunctionArn": "false"}}),
            403,
            403,
        ),
    ] {
        let document = policy(&json!([statement(&condition)]));
        account.root(
            "PutRolePolicy",
            &[
                ("RoleName", "app"),
                ("PolicyName", "own"),
                ("PolicyDocument", &document),
            ],
        );
        assert_eq!(
            (status(&account, &account.key), status(&account, &assumed)),
            (by_service, by_assuming),
            "{condition}"
        );
    }
    // Calls by a function's code have the key with the function's ARN.
    granted(&account.create_function(ACCOUNT, "orders", APP));
    let function = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders");
    let document = policy(&json!([statement(
        &json!({"ArnEquals": {"lambda:SourceFunctionArn": function}})
    )]));
    account.root(
        "PutRolePolicy",
        &[
            ("RoleName", "app"),
            ("PolicyName", "own"),
            ("PolicyDocument", &document),
        ],
    );
    assert_eq!(
        status(
            &account,
            &account.mock.credentials(&json!({"function": function}))
        ),
        404
    );
    // Callers without temporary credentials have none of their keys: SCPs and boundaries do not
    // limit the root user here, but a trust policy does.
    account.root("UpdateAssumeRolePolicy", &[("RoleName", "admin"), ("PolicyDocument", &policy(&json!([{
        "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole", "Condition": {"Null": {"aws:TokenIssueTime": "true", "aws:MultiFactorAuthPresent": "true"}},
    }])))]);
    granted(&account.assume(ACCOUNT, ADMIN));
}
