//! Authorisation queries without a call: the decision is that of the enforcement, even while
//! enforcement is off.

use std::any::Any;

use lambdasweep_mock::seed::{Empty, File, Place, Planted, Seed};
use lambdasweep_mock::services::iam::store::{Role, Store as Iam};
use serde_json::{Value, json};

use crate::client::{Answer, Mock, policy};

const ACCOUNT: &str = "111122223333";
const APP: &str = "arn:aws:iam::111122223333:role/app";
const ADMIN: &str = "arn:aws:iam::111122223333:role/admin";
const ODD: &str = "arn:aws:iam::111122223333:role/odd";

/// An account with a role whose policy has an unknown condition operator: IAM accepts no such
/// policy from a client.
#[derive(Debug)]
struct Odd;

impl Seed for Odd {
    fn fill(&self, place: Place<'_>, store: &mut dyn Any) {
        Empty.fill(place, store);
        let Some(store) = store.downcast_mut::<Iam>() else {
            return;
        };
        let grant = json!([{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*", "Condition": {"NoSuchOperator": {"aws:PrincipalTag/team": "a"}}}]);
        let inline = [("own".to_owned(), policy(&grant))].into();
        let role = Role {
            path: "/".to_owned(),
            trust: policy(&json!([lambda()])),
            inline,
            ..Role::default()
        };
        store.roles.insert("odd".to_owned(), role);
    }

    fn truth(&self, as_of: &str) -> Vec<Planted> {
        Empty.truth(as_of)
    }
}

fn ask(mock: &Mock, question: &Value) -> Answer {
    mock.post("POST", "/_mock/authorize", &question.to_string())
}

fn decision(mock: &Mock, question: &Value) -> (String, Value) {
    let answer = ask(mock, question);
    assert_eq!(answer.status, 200, "{question}: {}", answer.body);
    let answer = answer.json();
    (
        answer["decision"].as_str().unwrap().to_owned(),
        answer["by"].clone(),
    )
}

fn question(principal: &str, action: &str, resource: &str) -> Value {
    json!({"principal": principal, "action": action, "resource": resource})
}

fn lambda() -> Value {
    json!({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
}

fn world() -> Mock {
    let mock = Mock::start(Odd);
    let grants = json!([
        {"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances", "s3:*", "kms:Decrypt"], "Resource": "*"},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ADMIN},
        {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}},
        {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*", "Condition": {"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}},
        {"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*", "Condition": {"ArnEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/limit"}}},
    ]);
    mock.role(ACCOUNT, "app", &json!([lambda()]), &grants);
    let trust =
        json!([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]);
    mock.role(
        ACCOUNT,
        "admin",
        &trust,
        &json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
    );
    mock
}

#[test]
fn each_kind_of_policy_decides_while_enforcement_is_off() {
    let mock = world();
    let bucket = "arn:aws:s3:::invoices";
    let session = "arn:aws:sts::111122223333:assumed-role/app/job";
    for (principal, action, resource, expected, by) in [
        (APP, "ec2:RunInstances", "*", "allowed", Value::Null),
        (session, "ec2:RunInstances", "*", "allowed", Value::Null),
        (
            APP,
            "ec2:StopInstances",
            "*",
            "implicitly-denied",
            json!("identity"),
        ),
        (
            APP,
            "s3:DeleteBucket",
            bucket,
            "explicitly-denied",
            json!("identity"),
        ),
        (
            ODD,
            "sns:Publish",
            "arn:aws:sns:eu-west-1:111122223333:t",
            "unknown",
            Value::Null,
        ),
        (
            APP,
            "ssm:GetParameter",
            "arn:aws:ssm:eu-west-1:111122223333:parameter/p",
            "allowed",
            Value::Null,
        ),
        (APP, "sts:AssumeRole", ADMIN, "allowed", Value::Null),
        (
            APP,
            "sts:AssumeRole",
            "arn:aws:iam::111122223333:role/nobody",
            "implicitly-denied",
            json!("resource"),
        ),
        (
            ADMIN,
            "sts:AssumeRole",
            APP,
            "implicitly-denied",
            json!("resource"),
        ),
        (
            "lambda.amazonaws.com",
            "sts:AssumeRole",
            APP,
            "allowed",
            Value::Null,
        ),
        (
            "lambda.amazonaws.com",
            "sts:AssumeRole",
            ADMIN,
            "implicitly-denied",
            json!("resource"),
        ),
        (APP, "iam:PassRole", ADMIN, "allowed", Value::Null),
        (
            APP,
            "iam:PassRole",
            "arn:aws:iam::444455556666:role/x",
            "implicitly-denied",
            Value::Null,
        ),
        (
            "arn:aws:iam::444455556666:root",
            "IAM:passrole",
            ADMIN,
            "implicitly-denied",
            Value::Null,
        ),
        (
            ADMIN,
            "STS:assumerole",
            APP,
            "implicitly-denied",
            json!("resource"),
        ),
        // The key's default policy delegates access control to the account's own policies.
        (
            APP,
            "kms:Decrypt",
            "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555",
            "allowed",
            Value::Null,
        ),
        (
            "arn:aws:iam::111122223333:user/ana",
            "s3:GetObject",
            bucket,
            "implicitly-denied",
            json!("identity"),
        ),
        (
            "arn:aws:iam::111122223333:root",
            "s3:GetObject",
            bucket,
            "allowed",
            Value::Null,
        ),
        (ACCOUNT, "s3:GetObject", bucket, "allowed", Value::Null),
        (
            "arn:aws:iam::111122223333:user/ana",
            "sts:GetCallerIdentity",
            "*",
            "allowed",
            Value::Null,
        ),
    ] {
        assert_eq!(
            decision(&mock, &question(principal, action, resource)),
            (expected.to_owned(), by),
            "{principal} {action} {resource}"
        );
    }
    let answer = ask(&mock, &question(APP, "s3:DeleteBucket", bucket)).json();
    assert_eq!(answer["decided_by"], json!(["identity[0]#2"]));
}

#[test]
fn the_context_of_a_question_counts_and_so_does_what_the_mock_knows() {
    let mock = world();
    let send = |context: Value| {
        let mut question = question(
            APP,
            "sqs:SendMessage",
            "arn:aws:sqs:eu-west-1:111122223333:q",
        );
        question["context"] = context;
        decision(&mock, &question).0
    };
    assert_eq!(send(json!({})), "implicitly-denied");
    assert_eq!(send(json!({"aws:PrincipalTag/team": "a"})), "allowed");
    assert_eq!(
        send(json!({"aws:PrincipalTag/team": ["b", "a"]})),
        "allowed"
    );
    mock.iam(
        ACCOUNT,
        "TagRole",
        &[
            ("RoleName", "app"),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "a"),
        ],
    );
    assert_eq!(send(json!({})), "allowed");
    assert_eq!(
        send(json!({"AWS:principaltag/team": "b"})),
        "implicitly-denied",
        "the question says otherwise"
    );
    // The boundary of the changed role is a condition key of the call.
    let put = || decision(&mock, &question(APP, "iam:PutRolePolicy", ADMIN)).0;
    assert_eq!(put(), "implicitly-denied");
    let nothing = policy(&json!([{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]));
    mock.iam(
        ACCOUNT,
        "CreatePolicy",
        &[("PolicyName", "limit"), ("PolicyDocument", &nothing)],
    );
    mock.iam(
        ACCOUNT,
        "PutRolePermissionsBoundary",
        &[
            ("RoleName", "admin"),
            (
                "PermissionsBoundary",
                "arn:aws:iam::111122223333:policy/limit",
            ),
        ],
    );
    assert_eq!(put(), "allowed");
    // The boundary of the calling role limits the caller.
    assert_eq!(
        decision(&mock, &question(ADMIN, "s3:GetObject", "arn:aws:s3:::b/k")),
        ("implicitly-denied".to_owned(), json!("boundary"))
    );
}

/// A session's ARN stands for the session that was started with it, including its session policy.
#[test]
fn a_session_that_was_begun_is_limited_by_its_policies() {
    let mock = world();
    let limit = policy(&json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]));
    let parameters = [
        ("RoleArn", ADMIN),
        ("RoleSessionName", "small"),
        ("Policy", &limit),
    ];
    assert_eq!(mock.sts(ACCOUNT, "AssumeRole", &parameters).status, 200);
    let asked = |name: &str, action: &str| {
        decision(
            &mock,
            &question(
                &format!("arn:aws:sts::111122223333:assumed-role/admin/{name}"),
                action,
                "arn:aws:s3:::b/k",
            ),
        )
    };
    assert_eq!(asked("small", "s3:GetObject").0, "allowed");
    assert_eq!(
        asked("small", "s3:PutObject"),
        ("implicitly-denied".to_owned(), json!("session"))
    );
    assert_eq!(asked("other", "s3:PutObject").0, "allowed");
}

/// Resource policies, and control policies of the organisation.
#[test]
fn what_binds_calls_binds_questions() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/orgs/tiny.toml");
    let mock = Mock::start(File::load(file.as_ref()).unwrap());
    let policies = mock.iam("222222222222", "ListRoles", &[]);
    assert_eq!(policies.status, 200, "{}", policies.body);
    mock.role(
        "222222222222",
        "urls",
        &json!([lambda()]),
        &json!([{"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}]),
    );
    let principal = "arn:aws:iam::222222222222:role/urls";
    let function = "arn:aws:lambda:eu-west-1:222222222222:function:checkout";
    let with = |kind: &str| {
        let mut question = question(principal, "lambda:CreateFunctionUrlConfig", function);
        question["context"] = json!({"lambda:FunctionUrlAuthType": kind});
        decision(&mock, &question)
    };
    assert_eq!(with("NONE"), ("explicitly-denied".to_owned(), json!("scp")));
    assert_eq!(with("AWS_IAM").0, "allowed");
    let mut by_service = question("s3.amazonaws.com", "lambda:InvokeFunction", function);
    by_service["context"] = json!({"aws:SourceAccount": "222222222222"});
    assert_eq!(
        decision(&mock, &by_service),
        ("implicitly-denied".to_owned(), json!("resource"))
    );
    let permission = json!({"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceAccount": "222222222222"});
    let added = mock.rest(
        "222222222222",
        "eu-west-1",
        "lambda",
        "POST",
        "/2015-03-31/functions/checkout/policy",
        &permission.to_string(),
    );
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(decision(&mock, &by_service).0, "allowed");
    by_service["context"] = json!({"aws:SourceAccount": "999999999999"});
    assert_eq!(decision(&mock, &by_service).0, "implicitly-denied");
}

/// A query and the corresponding call have the same result.
#[test]
fn questions_and_calls_agree() {
    let mock = world();
    mock.server().enforce_iam(true);
    let key = mock.credentials(&json!({"role": APP}));
    for (action, resource, status) in [
        (
            "sts:AssumeRole",
            ADMIN,
            mock.sts(
                &key,
                "AssumeRole",
                &[("RoleArn", ADMIN), ("RoleSessionName", "job")],
            )
            .status,
        ),
        (
            "iam:GetRole",
            ADMIN,
            mock.iam(&key, "GetRole", &[("RoleName", "admin")]).status,
        ),
        (
            "lambda:ListFunctions",
            "*",
            mock.rest(
                &key,
                "eu-west-1",
                "lambda",
                "GET",
                "/2015-03-31/functions",
                "",
            )
            .status,
        ),
    ] {
        let allowed = decision(&mock, &question(APP, action, resource)).0 == "allowed";
        assert_eq!(allowed, status == 200, "{action}: {status}");
    }
}

#[test]
fn several_questions_are_answered_in_their_order() {
    let mock = world();
    let questions = json!([
        question(APP, "ec2:RunInstances", "*"),
        question(APP, "ec2:StopInstances", "*")
    ]);
    let answers = ask(&mock, &questions).json();
    let decisions: Vec<&str> = answers
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["decision"].as_str().unwrap())
        .collect();
    assert_eq!(decisions, ["allowed", "implicitly-denied"]);
    assert_eq!(ask(&mock, &json!([])).json(), json!([]));
    let wrong = ask(
        &mock,
        &json!([
            question(APP, "ec2:RunInstances", "*"),
            question(APP, "ec2", "*")
        ]),
    );
    assert_eq!(
        (
            wrong.status,
            wrong.json()["message"]
                .as_str()
                .unwrap()
                .starts_with("Question 2: ec2 is not an action")
        ),
        (400, true)
    );
    assert!(
        mock.server()
            .ledger()
            .iter()
            .all(|entry| entry.service != "ec2"),
        "questions are no calls"
    );
}

#[test]
fn what_is_no_question_is_refused_with_one_sentence() {
    let mock = world();
    for (body, words) in [
        ("{".to_owned(), "The body is not JSON"),
        ("3".to_owned(), "The body is neither an object nor a list"),
        ("{}".to_owned(), "missing field `principal`"),
        (json!({"principal": APP, "action": "s3:GetObject", "resource": "*", "conditions": {}}).to_string(), "unknown field `conditions`"),
        (question("somebody", "s3:GetObject", "*").to_string(), "somebody is not a principal"),
        (question("*", "s3:GetObject", "*").to_string(), "* is not a principal"),
        (
            question("arn:aws:iam::111122223333:role/nobody", "s3:GetObject", "*").to_string(),
            "The role arn:aws:iam::111122223333:role/nobody does not exist.",
        ),
        (question("arn:aws:iam::111122223333:role/x/app", "s3:GetObject", "*").to_string(), "does not exist"),
        (question("arn:aws:sts::111122223333:assumed-role/nobody/s", "s3:GetObject", "*").to_string(), "The role of the session"),
        (question("arn:aws:sts::111122223333:federated-user/ana", "s3:GetObject", "*").to_string(), "The session arn"),
        (question(APP, "s3:Get*", "*").to_string(), "s3:Get* is not an action"),
        (question(APP, "GetObject", "*").to_string(), "GetObject is not an action"),
        (question(APP, "s3:GetObject", "bucket").to_string(), "bucket is not a resource"),
        (
            json!({"principal": APP, "action": "s3:GetObject", "resource": "*", "context": {"k": {"a": 1}}}).to_string(),
            "The value of the context key k",
        ),
        (
            json!({"principal": APP, "action": "s3:GetObject", "resource": "*", "context": {"k": [null]}}).to_string(),
            "The value of the context key k",
        ),
    ] {
        let answer = mock.post("POST", "/_mock/authorize", &body);
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words) && message.ends_with('.') && !message.contains('\n'), "{body}: {message}");
    }
    assert_eq!(mock.page("GET", "/_mock/authorize").status, 404);
}
