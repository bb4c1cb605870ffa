//! The role of a function: Lambda must be able to assume it, whether IAM is enforced or not.

use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock};
use crate::lambda::{ACCOUNT, REGION, function_input, told, trusting};

const CANNOT: &str = "The role defined for the function cannot be assumed by Lambda.";

fn create(mock: &Mock, name: &str, role: &str) -> Answer {
    mock.rest(
        ACCOUNT,
        REGION,
        "lambda",
        "POST",
        "/2015-03-31/functions",
        &function_input(name, role).to_string(),
    )
}

fn update(mock: &Mock, name: &str, body: &Value) -> Answer {
    mock.rest(
        ACCOUNT,
        REGION,
        "lambda",
        "PUT",
        &format!("/2015-03-31/functions/{name}/configuration"),
        &body.to_string(),
    )
}

#[test]
fn a_role_that_lambda_cannot_assume_is_refused() {
    for enforce_iam in [false, true] {
        let mock = Mock::with(Options {
            enforce_iam,
            ..Options::new(Box::new(Empty))
        });
        let serves = mock.role(
            ACCOUNT,
            "serves",
            &trusting("lambda.amazonaws.com"),
            &json!([]),
        );
        let other = mock.role(ACCOUNT, "other", &trusting("ec2.amazonaws.com"), &json!([]));
        let denies = json!([trusting("lambda.amazonaws.com")[0], {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:*"}]);
        let denies = mock.role(ACCOUNT, "denies", &denies, &json!([]));
        let elsewhere = mock.role(
            "444455556666",
            "serves",
            &trusting("lambda.amazonaws.com"),
            &json!([]),
        );
        let pattern = "failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";
        let malformed =
            |role: &str| format!("1 validation error detected: Value '{role}' at 'role' {pattern}");
        assert_eq!(create(&mock, "f", &serves).status, 201);
        for (role, status, code, message) in [
            (
                "arn:aws:iam::111122223333:role/nobody",
                400,
                "InvalidParameterValueException",
                CANNOT.to_owned(),
            ),
            (
                "arn:aws:iam::111122223333:role/path/serves",
                400,
                "InvalidParameterValueException",
                CANNOT.to_owned(),
            ),
            (
                &other,
                400,
                "InvalidParameterValueException",
                CANNOT.to_owned(),
            ),
            (
                &denies,
                400,
                "InvalidParameterValueException",
                CANNOT.to_owned(),
            ),
            (
                &elsewhere,
                403,
                "AccessDeniedException",
                "Cross-account pass role is not allowed.".to_owned(),
            ),
            ("r1", 400, "ValidationException", malformed("r1")),
            (
                "arn:aws:iam::1111:role/serves",
                400,
                "ValidationException",
                malformed("arn:aws:iam::1111:role/serves"),
            ),
            (
                "arn:aws:iam::111122223333:user/ana",
                400,
                "ValidationException",
                malformed("arn:aws:iam::111122223333:user/ana"),
            ),
        ] {
            for answer in [
                create(&mock, "g", role),
                update(&mock, "f", &json!({"Role": role})),
            ] {
                assert_eq!(
                    (answer.status, answer.header("x-amzn-errortype")),
                    (status, Some(code)),
                    "{role}: {}",
                    answer.body
                );
                assert_eq!(told(&answer), message, "{role}");
            }
        }
        // Rejected calls have changed nothing, and an update without a role does not check the
        // role.
        let function = mock.rest(
            ACCOUNT,
            REGION,
            "lambda",
            "GET",
            "/2015-03-31/functions/f/configuration",
            "",
        );
        assert_eq!(function.json()["Role"], serves.as_str());
        assert_eq!(
            mock.rest(
                ACCOUNT,
                REGION,
                "lambda",
                "GET",
                "/2015-03-31/functions/g",
                ""
            )
            .status,
            404
        );
        mock.iam(
            ACCOUNT,
            "DeleteRolePolicy",
            &[("RoleName", "serves"), ("PolicyName", "own")],
        );
        assert_eq!(
            mock.iam(ACCOUNT, "DeleteRole", &[("RoleName", "serves")])
                .status,
            200
        );
        assert_eq!(update(&mock, "f", &json!({"Timeout": 9})).status, 200);
    }
}

/// Lambda passes the account for which it assumes a role.
#[test]
fn a_role_may_ask_for_the_account_that_lambda_acts_for() {
    let mock = Mock::start(Empty);
    for (name, account, status) in [("own", ACCOUNT, 201), ("other", "444455556666", 400)] {
        let mut trust = trusting("lambda.amazonaws.com");
        trust[0]["Condition"] = json!({"StringEquals": {"aws:SourceAccount": account}});
        let role = mock.role(ACCOUNT, name, &trust, &json!([]));
        assert_eq!(create(&mock, name, &role).status, status, "{name}");
    }
}

/// No code is run: the response is that of a handler that returns nothing.
#[test]
fn a_function_answers_when_it_is_invoked() {
    let mock = Mock::start(Empty);
    let role = mock.role(
        ACCOUNT,
        "serves",
        &trusting("lambda.amazonaws.com"),
        &json!([]),
    );
    create(&mock, "f", &role);
    let invoke = |name: &str, kind: &str| mock.invoke(ACCOUNT, REGION, name, kind);
    let answer = invoke("f", "RequestResponse");
    assert_eq!(
        (
            answer.status,
            answer.body.as_str(),
            answer.header("x-amz-executed-version")
        ),
        (200, "null", Some("$LATEST"))
    );
    assert_eq!(
        (invoke("f", "Event").status, invoke("f", "DryRun").status),
        (202, 204)
    );
    let answer = invoke("g", "RequestResponse");
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (404, Some("ResourceNotFoundException")),
        "{}",
        answer.body
    );
    assert_eq!(
        answer.json()["Message"],
        "Function not found: arn:aws:lambda:eu-west-1:111122223333:function:g:$LATEST"
    );
}

/// The credentials of a function's code are a session of its role, named after the function.
#[test]
fn a_functions_code_has_a_session_of_its_role() {
    let mock = Mock::start(Empty);
    let role = mock.role(
        ACCOUNT,
        "serves",
        &trusting("lambda.amazonaws.com"),
        &json!([]),
    );
    create(&mock, "f", &role);
    let function = "arn:aws:lambda:eu-west-1:111122223333:function:f";
    let key = mock.credentials(&json!({"function": function}));
    let identity = mock.sts(&key, "GetCallerIdentity", &[]);
    assert_eq!(
        identity.element("Arn"),
        Some("arn:aws:sts::111122223333:assumed-role/serves/f"),
        "{}",
        identity.body
    );
    assert!(
        identity
            .element("UserId")
            .is_some_and(|id| id.starts_with("AROA") && id.ends_with(":f")),
        "{}",
        identity.body
    );
    // No credentials are issued for a role that no longer trusts Lambda.
    let trust = crate::client::policy(&trusting("ec2.amazonaws.com"));
    mock.iam(
        ACCOUNT,
        "UpdateAssumeRolePolicy",
        &[("RoleName", "serves"), ("PolicyDocument", &trust)],
    );
    for (body, words) in [
        (
            json!({"function": function}),
            "The role arn:aws:iam::111122223333:role/serves of the function cannot be assumed by Lambda.",
        ),
        (
            json!({"function": "arn:aws:lambda:eu-west-1:111122223333:function:g"}),
            "The function arn",
        ),
        (
            json!({"role": "arn:aws:iam::111122223333:role/nobody"}),
            "The role arn:aws:iam::111122223333:role/nobody does not exist.",
        ),
        (json!({"role": "serves"}), "serves is not an ARN."),
        (
            json!({"role": role, "function": function}),
            "names neither a function nor a role, or both",
        ),
        (json!({}), "names neither a function nor a role, or both"),
        (json!({"user": "ana"}), "unknown field `user`"),
    ] {
        let answer = mock.post("POST", "/_mock/credentials", &body.to_string());
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        assert!(
            answer.json()["message"].as_str().unwrap().contains(words),
            "{body}: {}",
            answer.body
        );
    }
}
