//! Ways in which a role escalates its privileges, each performed by calls with the role's own
//! credentials while IAM is enforced; and similar cases that are denied.

use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock, policy};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const APP: &str = "arn:aws:iam::111122223333:role/app";
pub(crate) const ADMIN: &str = "arn:aws:iam::111122223333:role/admin";
pub(crate) const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

pub(crate) fn service(name: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"Service": name}, "Action": "sts:AssumeRole"})
}

pub(crate) fn lets(principal: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})
}

pub(crate) fn allow(actions: &Value, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

/// An account in which IAM is enforced, with the role `app`, which has some grants, and the role
/// `admin`, which may do everything.
pub(crate) struct Account {
    pub(crate) mock: Mock,
    /// The access key of a session of `app`.
    pub(crate) key: String,
}

impl Account {
    pub(crate) fn new(grants: &Value, admin_trust: &Value) -> Self {
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
    pub(crate) fn with_function(grants: &Value) -> Self {
        let account = Self::new(grants, &json!([service("lambda.amazonaws.com")]));
        let made = account.create_function(ACCOUNT, "orders", ADMIN);
        assert_eq!(made.status, 201, "{}", made.body);
        account
    }

    pub(crate) fn iam(&self, operation: &str, parameters: &[(&str, &str)]) -> Answer {
        self.mock.iam(&self.key, operation, parameters)
    }

    pub(crate) fn lambda(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.mock
            .rest(&self.key, REGION, "lambda", method, path, &body.to_string())
    }

    pub(crate) fn create_function(&self, key: &str, name: &str, role: &str) -> Answer {
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

    pub(crate) fn assume(&self, key: &str, role: &str) -> Answer {
        self.mock.sts(
            key,
            "AssumeRole",
            &[("RoleArn", role), ("RoleSessionName", "job")],
        )
    }

    /// Creates a managed policy in the account, as its root user; returns the ARN.
    pub(crate) fn policy(&self, name: &str, statements: &Value) -> String {
        let input = [
            ("PolicyName", name),
            ("PolicyDocument", &policy(statements)),
        ];
        let made = self.mock.iam(ACCOUNT, "CreatePolicy", &input);
        assert_eq!(made.status, 200, "{}", made.body);
        format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
    }

    pub(crate) fn root(&self, operation: &str, parameters: &[(&str, &str)]) {
        let answer = self.mock.iam(ACCOUNT, operation, parameters);
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
    }

    /// Whether credentials are an administrator's: whether they may list roles and create an
    /// account alias.
    pub(crate) fn is_administrator(&self, key: &str) -> bool {
        self.mock.iam(key, "ListRoles", &[]).status == 200
            && self
                .mock
                .iam(key, "CreateAccountAlias", &[("AccountAlias", "taken")])
                .status
                == 200
    }
}

pub(crate) fn granted(answer: &Answer) {
    assert!(
        (200..300).contains(&answer.status),
        "{}: {}",
        answer.status,
        answer.body
    );
}

pub(crate) fn denied(answer: &Answer, action: &str, because: &str) {
    assert_eq!(answer.status, 403, "{}", answer.body);
    let words = format!("is not authorized to perform: {action} on resource: ");
    assert!(
        answer.body.contains(&words) && answer.body.contains(because),
        "{action}, {because}: {}",
        answer.body
    );
}

pub(crate) const NO_IDENTITY: &str = "because no identity-based policy allows";
pub(crate) const NO_BOUNDARY: &str = "because no permissions boundary allows";

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
        // It fails with a grant on another role only, and under a boundary that does not allow it.
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
