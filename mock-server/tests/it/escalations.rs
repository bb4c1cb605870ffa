//! Ways in which a role gains power, each walked by calls with the role's own credentials while IAM
//! is enforced; and what looks like one and is refused.

use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock, policy};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";
const APP: &str = "arn:aws:iam::111122223333:role/app";
const ADMIN: &str = "arn:aws:iam::111122223333:role/admin";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

fn service(name: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"Service": name}, "Action": "sts:AssumeRole"})
}

fn lets(principal: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})
}

fn allow(actions: &Value, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

/// An account in which IAM is enforced, with the role `app`, which has some grants, and the role
/// `admin`, which may do everything.
struct Account {
    mock: Mock,
    /// The access key of what runs as `app`.
    key: String,
}

impl Account {
    fn new(grants: &Value, admin_trust: &Value) -> Self {
        let mock = Mock::with(Options {
            enforce_iam: true,
            ..Options::new(Box::new(Empty))
        });
        mock.role(
            ACCOUNT,
            "app",
            &json!([service("lambda.amazonaws.com")]),
            grants,
        );
        mock.role(
            ACCOUNT,
            "admin",
            admin_trust,
            &json!([allow(&json!("*"), "*")]),
        );
        let key = mock.credentials(&json!({"role": APP}));
        Self { mock, key }
    }

    /// With a function `orders` that runs as `admin`.
    fn with_function(grants: &Value) -> Self {
        let account = Self::new(grants, &json!([service("lambda.amazonaws.com")]));
        let made = account.create_function(ACCOUNT, "orders", ADMIN);
        assert_eq!(made.status, 201, "{}", made.body);
        account
    }

    fn iam(&self, operation: &str, parameters: &[(&str, &str)]) -> Answer {
        self.mock.iam(&self.key, operation, parameters)
    }

    fn lambda(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.mock
            .rest(&self.key, REGION, "lambda", method, path, &body.to_string())
    }

    fn create_function(&self, key: &str, name: &str, role: &str) -> Answer {
        let body = json!({
            "FunctionName": name, "Role": role, "Runtime": "python3.13", "Handler": "f.g",
            "Code": {"ZipFile": "UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAYVBLAQIUABQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAABhUEsFBgAAAAABAAEALwAAAB8AAAAAAA=="},
        });
        self.mock.rest(
            key,
            REGION,
            "lambda",
            "POST",
            "/2015-03-31/functions",
            &body.to_string(),
        )
    }

    fn assume(&self, key: &str, role: &str) -> Answer {
        self.mock.sts(
            key,
            "AssumeRole",
            &[("RoleArn", role), ("RoleSessionName", "job")],
        )
    }

    /// A managed policy of the account, made by its root user.
    fn policy(&self, name: &str, statements: &Value) -> String {
        let input = [
            ("PolicyName", name),
            ("PolicyDocument", &policy(statements)),
        ];
        let made = self.mock.iam(ACCOUNT, "CreatePolicy", &input);
        assert_eq!(made.status, 200, "{}", made.body);
        format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
    }

    fn root(&self, operation: &str, parameters: &[(&str, &str)]) {
        let answer = self.mock.iam(ACCOUNT, operation, parameters);
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
    }

    /// Whether credentials are an administrator's: may they make a role of it?
    fn is_administrator(&self, key: &str) -> bool {
        self.mock.iam(key, "ListRoles", &[]).status == 200
            && self
                .mock
                .iam(key, "CreateAccountAlias", &[("AccountAlias", "taken")])
                .status
                == 200
    }
}

fn granted(answer: &Answer) {
    assert!(
        (200..300).contains(&answer.status),
        "{}: {}",
        answer.status,
        answer.body
    );
}

fn denied(answer: &Answer, action: &str, because: &str) {
    assert_eq!(answer.status, 403, "{}", answer.body);
    let words = format!("is not authorized to perform: {action} on resource: ");
    assert!(
        answer.body.contains(&words) && answer.body.contains(because),
        "{action}, {because}: {}",
        answer.body
    );
}

const NO_IDENTITY: &str = "because no identity-based policy allows";
const NO_BOUNDARY: &str = "because no permissions boundary allows";

#[test]
fn a_role_is_passed_to_a_new_function() {
    let run = allow(
        &json!(["lambda:CreateFunction", "lambda:InvokeFunction"]),
        "*",
    );
    let account = Account::new(
        &json!([run, allow(&json!("iam:PassRole"), ADMIN)]),
        &json!([service("lambda.amazonaws.com")]),
    );
    granted(&account.create_function(&account.key, "new", ADMIN));
    assert_eq!(
        account
            .mock
            .invoke(&account.key, REGION, "new", "RequestResponse")
            .body,
        "null"
    );
    let key = account.mock.credentials(
        &json!({"function": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:new")}),
    );
    assert!(!account.is_administrator(&account.key) && account.is_administrator(&key));

    let other_service = json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}});
    for (what, pass, trust, because) in [
        (
            "to another service",
            other_service,
            service("lambda.amazonaws.com"),
            Some(NO_IDENTITY),
        ),
        (
            "another role",
            allow(&json!("iam:PassRole"), APP),
            service("lambda.amazonaws.com"),
            Some(NO_IDENTITY),
        ),
        (
            "that trusts another service",
            allow(&json!("iam:PassRole"), "*"),
            service("ec2.amazonaws.com"),
            None,
        ),
    ] {
        let account = Account::new(&json!([run, pass]), &json!([trust]));
        let answer = account.create_function(&account.key, "new", ADMIN);
        match because {
            Some(because) => denied(&answer, "iam:PassRole", because),
            None => assert_eq!(
                answer.header("x-amzn-errortype"),
                Some("InvalidParameterValueException"),
                "{what}: {}",
                answer.body
            ),
        }
    }
}

#[test]
fn a_function_runs_other_code_or_with_another_role() {
    let account = Account::with_function(&json!([allow(
        &json!("lambda:UpdateFunctionCode"),
        "arn:aws:lambda:*:*:function:orders"
    )]));
    let code = json!({"ZipFile": "UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAYVBLAQIUABQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAABhUEsFBgAAAAABAAEALwAAAB8AAAAAAA=="});
    granted(&account.lambda("PUT", "/2015-03-31/functions/orders/code", &code));
    let configuration = json!({"Role": APP});
    denied(
        &account.lambda(
            "PUT",
            "/2015-03-31/functions/orders/configuration",
            &configuration,
        ),
        "lambda:UpdateFunctionConfiguration",
        NO_IDENTITY,
    );

    let account = Account::with_function(&json!([allow(
        &json!("lambda:UpdateFunctionConfiguration"),
        "*"
    )]));
    granted(&account.lambda(
        "PUT",
        "/2015-03-31/functions/orders/configuration",
        &json!({"Timeout": 9}),
    ));
    denied(
        &account.lambda(
            "PUT",
            "/2015-03-31/functions/orders/configuration",
            &json!({"Role": ADMIN}),
        ),
        "iam:PassRole",
        NO_IDENTITY,
    );
    denied(
        &account.lambda("PUT", "/2015-03-31/functions/orders/code", &code),
        "lambda:UpdateFunctionCode",
        NO_IDENTITY,
    );
}

#[test]
fn a_function_is_run_by_permission_and_by_mapping() {
    let account = Account::with_function(&json!([allow(
        &json!(["lambda:AddPermission", "lambda:CreateEventSourceMapping"]),
        "*"
    )]));
    let invoke = || {
        account
            .mock
            .invoke(&account.key, REGION, "orders", "RequestResponse")
    };
    denied(&invoke(), "lambda:InvokeFunction", NO_IDENTITY);
    let permission =
        json!({"StatementId": "me", "Action": "lambda:InvokeFunction", "Principal": APP});
    granted(&account.lambda("POST", "/2015-03-31/functions/orders/policy", &permission));
    granted(&invoke());
    let mapping = json!({"FunctionName": "orders", "EventSourceArn": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:q")});
    granted(&account.lambda("POST", "/2015-03-31/event-source-mappings", &mapping));
}

#[test]
fn a_role_is_assumed_by_its_trust_alone_or_by_trust_and_grant() {
    let grant = json!([allow(&json!("sts:AssumeRole"), ADMIN)]);
    let root = "arn:aws:iam::111122223333:root";
    for (what, trust, grants, because) in [
        ("named, without a grant", lets(APP), json!([]), None),
        ("the account, with a grant", lets(root), grant.clone(), None),
        (
            "the account, without",
            lets(root),
            json!([]),
            Some("because no identity-based policy allows the sts:AssumeRole action"),
        ),
        (
            "a service, with a grant",
            service("lambda.amazonaws.com"),
            grant.clone(),
            Some("because no role trust policy allows the sts:AssumeRole action"),
        ),
        (
            "a role elsewhere, with a grant",
            lets("arn:aws:iam::444455556666:role/other"),
            grant,
            Some("because no role trust policy allows the sts:AssumeRole action"),
        ),
    ] {
        let account = Account::new(&grants, &json!([service("lambda.amazonaws.com")]));
        account.root(
            "UpdateAssumeRolePolicy",
            &[
                ("RoleName", "admin"),
                ("PolicyDocument", &policy(&json!([trust]))),
            ],
        );
        let answer = account.assume(&account.key, ADMIN);
        match because {
            None => assert!(
                account.is_administrator(
                    answer
                        .element("AccessKeyId")
                        .unwrap_or_else(|| panic!("{what}: {}", answer.body))
                )
            ),
            Some(because) => denied(&answer, "sts:AssumeRole", because),
        }
    }
}

#[test]
fn a_role_changes_its_own_policies() {
    let everything = policy(&json!([allow(&json!("*"), "*")]));
    for (operation, parameters) in [
        (
            "PutRolePolicy",
            vec![
                ("RoleName", "app"),
                ("PolicyName", "more"),
                ("PolicyDocument", everything.as_str()),
            ],
        ),
        (
            "AttachRolePolicy",
            vec![("RoleName", "app"), ("PolicyArn", ADMINISTRATOR)],
        ),
    ] {
        let action = format!("iam:{operation}");
        let account = Account::new(
            &json!([allow(&json!(action), APP)]),
            &json!([service("lambda.amazonaws.com")]),
        );
        assert!(!account.is_administrator(&account.key));
        granted(&account.iam(operation, &parameters));
        assert!(account.is_administrator(&account.key), "{operation}");
        // With a grant on another role only, and under a boundary that does not allow it, it does
        // not.
        let account = Account::new(
            &json!([allow(&json!(action), ADMIN)]),
            &json!([service("lambda.amazonaws.com")]),
        );
        denied(&account.iam(operation, &parameters), &action, NO_IDENTITY);
        let account = Account::new(
            &json!([allow(&json!(action), "*")]),
            &json!([service("lambda.amazonaws.com")]),
        );
        let limit = account.policy("limit", &json!([allow(&json!("lambda:*"), "*")]));
        account.root(
            "PutRolePermissionsBoundary",
            &[("RoleName", "app"), ("PermissionsBoundary", &limit)],
        );
        denied(&account.iam(operation, &parameters), &action, NO_BOUNDARY);
    }
}

#[test]
fn a_role_is_created_with_power_and_assumed() {
    let grants = json!([allow(
        &json!(["iam:CreateRole", "iam:AttachRolePolicy"]),
        "arn:aws:iam::111122223333:role/made-*"
    )]);
    let account = Account::new(&grants, &json!([service("lambda.amazonaws.com")]));
    let trust = policy(&json!([lets(APP)]));
    granted(&account.iam(
        "CreateRole",
        &[("RoleName", "made-1"), ("AssumeRolePolicyDocument", &trust)],
    ));
    granted(&account.iam(
        "AttachRolePolicy",
        &[("RoleName", "made-1"), ("PolicyArn", ADMINISTRATOR)],
    ));
    let session = account.assume(&account.key, "arn:aws:iam::111122223333:role/made-1");
    assert!(
        account.is_administrator(session.element("AccessKeyId").unwrap()),
        "{}",
        session.body
    );
    denied(
        &account.iam(
            "CreateRole",
            &[("RoleName", "other"), ("AssumeRolePolicyDocument", &trust)],
        ),
        "iam:CreateRole",
        NO_IDENTITY,
    );
}

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
    // Another policy is none that it may change.
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
    // A boundary that allows nothing but to remove it, or to put another in its place.
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
    // A policy that denies, attached or inline.
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

/// The keys that each session has, and those that it does not.
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
    // 404 is the handler's answer: the call was allowed.
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
        // Only who assumes a role could have used a device; it says so where none was.
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
    // A function's code says which function it is.
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
    // Who has no temporary credentials has none of their keys: an SCP or a boundary cannot bind the
    // root user here, a trust policy can.
    account.root("UpdateAssumeRolePolicy", &[("RoleName", "admin"), ("PolicyDocument", &policy(&json!([{
        "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole", "Condition": {"Null": {"aws:TokenIssueTime": "true", "aws:MultiFactorAuthPresent": "true"}},
    }])))]);
    granted(&account.assume(ACCOUNT, ADMIN));
}
