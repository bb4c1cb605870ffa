//! The protocols as clients see them: forms of responses, sizes of requests, orders in messages.

use lambdasweep_mock::seed::Empty;
use lambdasweep_mock::{Limits, Options};
use serde_json::{Value, json};

use crate::client::Mock;

const KEY: &str = "111122223333";

/// A call of a query service with an `Accept` header.
fn accepting(mock: &Mock, accept: &str, service: &str, form: &str) -> crate::client::Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", accept),
    ];
    mock.rest_with(KEY, "us-east-1", service, ("POST", "/", &headers, form))
}

#[test]
fn query_services_answer_in_json_where_that_is_accepted() {
    let mock = Mock::start(Empty);
    let trust = json!([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]);
    mock.role(KEY, "reader", &trust, &json!([]));
    let json = |service: &str, form: &str| accepting(&mock, "application/json", service, form);

    let who = json("sts", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(
        (who.status, who.header("content-type")),
        (200, Some("application/json")),
        "{}",
        who.body
    );
    let body = who.json();
    let id = who.header("x-amzn-requestid");
    assert_eq!(
        body["GetCallerIdentityResponse"]["ResponseMetadata"]["RequestId"].as_str(),
        id
    );
    assert_eq!(
        body["GetCallerIdentityResponse"]["GetCallerIdentityResult"]["Account"],
        KEY
    );

    // Times are numbers there.
    let token = json("sts", "Action=GetSessionToken&Version=2011-06-15").json();
    assert!(
        token["GetSessionTokenResponse"]["GetSessionTokenResult"]["Credentials"]["Expiration"]
            .is_number(),
        "{token}"
    );
    let roles = json("iam", "Action=ListRoles&Version=2010-05-08").json()["ListRolesResponse"]["ListRolesResult"].clone();
    assert_eq!(
        (&roles["IsTruncated"], &roles["Roles"][0]["RoleName"]),
        (&json!(false), &json!("reader")),
        "{roles}"
    );
    assert!(roles["Roles"][0]["CreateDate"].is_number(), "{roles}");

    // Operations without an output, and errors.
    let tagged = json(
        "iam",
        "Action=UntagRole&Version=2010-05-08&RoleName=reader&TagKeys.member.1=a",
    )
    .json();
    assert!(
        tagged["UntagRoleResponse"]["ResponseMetadata"]["RequestId"].is_string(),
        "{tagged}"
    );
    let missing = json("iam", "Action=GetRole&Version=2010-05-08&RoleName=nobody");
    assert_eq!(
        (missing.status, missing.header("content-type")),
        (404, Some("application/json"))
    );
    assert_eq!(
        (
            &missing.json()["Error"]["Code"],
            &missing.json()["Error"]["Type"]
        ),
        (&json!("NoSuchEntity"), &json!("Sender"))
    );

    for accept in ["*/*", "text/xml", "text/html, application/json;q=0.9"] {
        let who = accepting(
            &mock,
            accept,
            "sts",
            "Action=GetCallerIdentity&Version=2011-06-15",
        );
        assert_eq!(
            (who.header("content-type"), who.element("Account")),
            (Some("text/xml"), Some(KEY)),
            "{accept}"
        );
    }
}

/// Requests with a function's code get the service's size error, whatever the mock accepts; others
/// get an error with the mock's limit.
#[test]
fn bodies_beyond_the_intake_are_refused_as_the_service_does() {
    let mock = Mock::with(Options {
        limits: Limits {
            body_bytes: 100_000,
            ..Limits::default()
        },
        ..Options::new(Box::new(Empty))
    });
    let large = json!({"Padding": "x".repeat(150_000)}).to_string();
    let call =
        |method: &str, path: &str| mock.rest(KEY, "eu-west-1", "lambda", method, path, &large);
    for (method, path, operation) in [
        ("POST", "/2015-03-31/functions", "CreateFunction"),
        (
            "PUT",
            "/2015-03-31/functions/orders/code",
            "UpdateFunctionCode",
        ),
        (
            "POST",
            "/2018-10-31/layers/shared/versions",
            "PublishLayerVersion",
        ),
    ] {
        let answer = call(method, path);
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (413, Some("RequestEntityTooLargeException")),
            "{}",
            answer.body
        );
        let said: Value = answer.json();
        let text = said["message"]
            .as_str()
            .or_else(|| said["Message"].as_str());
        assert_eq!(
            text,
            Some(
                format!(
                    "Request must be smaller than 70167211 bytes for the {operation} operation"
                )
                .as_str()
            )
        );
    }
    let other = call("PUT", "/2015-03-31/functions/orders/configuration");
    assert_eq!(
        (other.status, &other.json()["message"]),
        (413, &json!("the body is larger than 100000 bytes"))
    );
    assert_eq!(mock.page("GET", "/_localstack/health").status, 200);
}
