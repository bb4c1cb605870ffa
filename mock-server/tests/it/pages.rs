//! The mock's own pages, the ledger, and unimplemented operations.

use lambdasweep_mock::seed::Empty;
use serde_json::json;

use crate::client::Mock;
use crate::lambda::zip;

#[test]
fn the_mock_tells_what_it_is() {
    let mock = Mock::start(Empty);
    let health = mock.page("GET", "/_localstack/health");
    assert_eq!(health.status, 200);
    let services = health.json()["services"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect::<Vec<_>>();
    for service in ["account", "iam", "lambda", "organizations", "sts"] {
        assert!(services.iter().any(|it| it == service), "{services:?}");
    }
    assert!(mock.page("GET", "/_localstack/info").json()["version"].is_string());
    assert_eq!(mock.page("GET", "/_localstack/nothing").status, 404);
}

#[test]
fn a_reset_forgets_what_clients_did() {
    let mock = Mock::start(Empty);
    let role = mock.role(
        "111122223333",
        "r",
        &json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]),
        &json!([]),
    );
    let function = json!({"FunctionName": "f", "Role": role, "Runtime": "python3.13", "Handler": "f.g", "Code": {"ZipFile": zip("")}});
    let create = || {
        mock.rest(
            "111122223333",
            "eu-west-1",
            "lambda",
            "POST",
            "/2015-03-31/functions",
            &function.to_string(),
        )
    };
    let get = || {
        mock.rest(
            "111122223333",
            "eu-west-1",
            "lambda",
            "GET",
            "/2015-03-31/functions/f",
            "",
        )
    };
    let created = create();
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(get().status, 200);
    let again = create();
    assert_eq!(
        (again.status, again.header("x-amzn-errortype")),
        (409, Some("ResourceConflictException"))
    );
    assert_eq!(mock.page("POST", "/_localstack/state/reset").status, 200);
    assert!(mock.server().ledger().is_empty());
    let gone = get();
    assert_eq!(
        (gone.status, gone.header("x-amzn-errortype")),
        (404, Some("ResourceNotFoundException"))
    );
    assert_eq!(
        gone.json()["Message"],
        "Function not found: arn:aws:lambda:eu-west-1:111122223333:function:f"
    );
}

#[test]
fn the_ledger_counts_by_account_region_operation_and_outcome() {
    let mock = Mock::start(Empty);
    for region in ["eu-west-1", "eu-west-1", "eu-west-2"] {
        mock.rest(
            "111122223333",
            region,
            "lambda",
            "GET",
            "/2015-03-31/functions",
            "",
        );
    }
    mock.rest(
        "444455556666",
        "eu-west-1",
        "lambda",
        "GET",
        "/2015-03-31/functions/f",
        "",
    );
    let lines: Vec<String> = mock
        .server()
        .ledger()
        .into_iter()
        .map(|it| {
            format!(
                "{} {} {}:{} {} {}",
                it.account, it.region, it.service, it.operation, it.outcome, it.calls
            )
        })
        .collect();
    let expected = [
        "111122223333 eu-west-1 lambda:ListFunctions ok 2",
        "111122223333 eu-west-2 lambda:ListFunctions ok 1",
        "444455556666 eu-west-1 lambda:GetFunction ResourceNotFoundException 1",
    ];
    assert_eq!(lines, expected);
    assert_eq!(
        mock.page("GET", "/_mock/ledger")
            .json()
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

/// Each operation of a model without a handler returns an error that says so and names the
/// operation; so does a service without a model.
#[test]
fn what_is_not_implemented_says_so() {
    let mock = Mock::start(Empty);
    let implemented = mock.page("GET", "/_mock/operations").json();
    let modelled: serde_json::Value =
        serde_json::from_str(include_str!("../../models/iam.json")).unwrap();
    let mut refused = 0;
    for operation in modelled["operations"].as_object().unwrap().keys() {
        if implemented["iam"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it == operation)
        {
            continue;
        }
        let answer = mock.query("111122223333", "iam", &format!("Action={operation}"));
        assert_eq!(
            (answer.status, answer.element("Code")),
            (501, Some("InternalFailure")),
            "{operation}: {}",
            answer.body
        );
        assert!(
            answer
                .element("Message")
                .unwrap()
                .contains(&format!("iam:{operation}")),
            "{}",
            answer.body
        );
        refused += 1;
    }
    assert!(refused > 10, "IAM's model holds users and groups");
}

/// Unknown services and operations are rejected in the client's protocol, with one code.
#[test]
fn what_is_unknown_is_refused_in_the_clients_protocol() {
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    let mock = Mock::start(Empty);
    let xml = |service: &str,
               method: &str,
               path: &str,
               headers: &[(&str, &str)],
               body: &str,
               named: &str| {
        let answer = mock.rest_with(
            "111122223333",
            "eu-west-1",
            service,
            (method, path, headers, body),
        );
        assert_eq!(
            (answer.status, answer.element("Code")),
            (501, Some("InternalFailure")),
            "{}",
            answer.body
        );
        assert!(
            answer.element("Message").unwrap().contains(named),
            "{}",
            answer.body
        );
        assert_eq!(answer.header("content-type"), Some("text/xml"));
        answer.body
    };
    let body = xml(
        "ec2",
        "POST",
        "/",
        &[FORM],
        "Action=DescribeVpcs&Version=2016-11-15",
        "ec2:DescribeVpcs",
    );
    assert!(
        body.contains("<Response><Errors><Error><Code>") && body.contains("<RequestID>"),
        "{body}"
    );
    let body = xml(
        "sns",
        "POST",
        "/",
        &[FORM],
        "Version=2010-03-31&Action=ListTopics",
        "sns:ListTopics",
    );
    assert!(
        body.contains("<ErrorResponse><Error><Type>Receiver</Type>"),
        "{body}"
    );
    let body = xml("s3", "GET", "/bucket/key", &[], "", "s3:GET /bucket/key");
    assert!(body.contains("\n<Error><Code>"), "{body}");
    xml(
        "iam",
        "POST",
        "/",
        &[FORM],
        "Version=2010-05-08&Action=NoSuchThing",
        "iam:NoSuchThing",
    );
    xml(
        "iam",
        "POST",
        "/",
        &[FORM],
        "Version=2010-05-08&Action=%3Cb%3E",
        "iam:&lt;b&gt;",
    );

    let json = |service: &str, path: &str, headers: &[(&str, &str)], named: &str| {
        let answer = mock.rest_with(
            "111122223333",
            "eu-west-1",
            service,
            ("POST", path, headers, "{}"),
        );
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (501, Some("InternalFailure")),
            "{}",
            answer.body
        );
        let body = answer.json();
        let message = body["message"]
            .as_str()
            .or_else(|| body["Message"].as_str())
            .unwrap();
        assert!(message.contains(named), "{body}");
        answer.header("content-type").unwrap().to_owned()
    };
    let target = [
        ("x-amz-target", "DynamoDB_20120810.ListTables"),
        ("content-type", "application/x-amz-json-1.0"),
    ];
    assert_eq!(
        json("dynamodb", "/", &target, "dynamodb:ListTables"),
        "application/x-amz-json-1.0"
    );
    assert_eq!(
        json(
            "batch",
            "/v1/describejobs",
            &[],
            "batch:POST /v1/describejobs"
        ),
        "application/json"
    );
    let target = [
        ("x-amz-target", "AWSOrganizationsV20161128.NoSuchThing"),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    assert_eq!(
        json("organizations", "/", &target, "organizations:NoSuchThing"),
        "application/x-amz-json-1.1"
    );
    assert_eq!(
        json(
            "lambda",
            "/1999-01-01/none",
            &[],
            "lambda:POST /1999-01-01/none"
        ),
        "application/json"
    );

    let cbor = [("smithy-protocol", "rpc-v2-cbor")];
    let path = "/service/GraniteServiceVersion20100801/operation/ListMetrics";
    let answer = mock.rest_with(
        "111122223333",
        "eu-west-1",
        "monitoring",
        ("POST", path, &cbor, ""),
    );
    assert_eq!(
        (
            answer.status,
            answer.header("content-type"),
            answer.header("smithy-protocol")
        ),
        (501, Some("application/cbor"), Some("rpc-v2-cbor"))
    );
    assert!(
        answer.body.contains("InternalFailure") && answer.body.contains("monitoring:ListMetrics"),
        "{}",
        answer.body
    );
}

/// The pages that tools for LocalStack request at the start.
#[test]
fn the_pages_of_localstack_answer() {
    let mock = Mock::start(Empty);
    for (method, path, body, status, words) in [
        ("HEAD", "/_localstack/health", "", 200, ""),
        ("POST", "/_localstack/health", "", 400, "invalid request"),
        (
            "POST",
            "/_localstack/health",
            r#"{"action":"none"}"#,
            200,
            "ok",
        ),
        (
            "PUT",
            "/_localstack/health",
            r#"{"features:initScripts":"initialized"}"#,
            200,
            "OK",
        ),
        (
            "GET",
            "/_localstack/health",
            "",
            200,
            r#""initScripts":"initialized""#,
        ),
        (
            "GET",
            "/_localstack/init",
            "",
            200,
            r#""completed":{"BOOT":true,"START":true,"READY":true,"SHUTDOWN":false},"scripts":[]"#,
        ),
        (
            "GET",
            "/_localstack/init/ready",
            "",
            200,
            r#"{"completed":true,"scripts":[]}"#,
        ),
        (
            "GET",
            "/_localstack/init/SHUTDOWN",
            "",
            200,
            r#""completed":false"#,
        ),
        (
            "GET",
            "/_localstack/init/soon",
            "",
            404,
            "no such stage soon",
        ),
        ("GET", "/", "", 200, ""),
        ("HEAD", "/", "", 200, ""),
    ] {
        let answer = mock.post(method, path, body);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert!(
            answer.body.contains(words),
            "{method} {path}: {}",
            answer.body
        );
    }
    // A signed call to the root page is handled as a call.
    assert_eq!(
        mock.query("111122223333", "sts", "Action=GetCallerIdentity")
            .status,
        200
    );
    assert_eq!(
        mock.page("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")
            .status,
        403
    );
}

#[test]
fn a_client_can_end_the_mock() {
    let mock = Mock::start(Empty);
    assert_eq!(
        mock.post("POST", "/_localstack/health", r#"{"action":"kill"}"#)
            .status,
        200
    );
    mock.wait(mock.server().ended());
}

/// Browsers may call from pages of the origins that LocalStack allows, and from no others.
#[test]
fn cors_is_answered_as_localstack_does() {
    let mock = Mock::with(lambdasweep_mock::Options {
        cors_origins: vec!["http://dev.example:3000".to_owned()],
        ..lambdasweep_mock::Options::new(Box::new(Empty))
    });
    let own = format!("http://localhost:{}", mock.server().address().port());
    let call = |method: &str, headers: &[(&str, &str)]| {
        mock.rest_with(
            "111122223333",
            "eu-west-1",
            "lambda",
            (method, "/2015-03-31/functions", headers, ""),
        )
    };
    for origin in [
        own.as_str(),
        "https://app.localstack.cloud",
        "http://dev.example:3000",
    ] {
        for (method, status) in [("OPTIONS", 204), ("GET", 200)] {
            let answer = call(
                method,
                &[
                    ("origin", origin),
                    ("access-control-request-method", "POST"),
                ],
            );
            assert_eq!(
                (answer.status, answer.header("access-control-allow-origin")),
                (status, Some(origin)),
                "{method}"
            );
            assert_eq!(
                answer.header("access-control-allow-credentials"),
                Some("true")
            );
            assert_eq!(
                answer.header("access-control-allow-methods"),
                Some("HEAD,GET,PUT,POST,DELETE,OPTIONS,PATCH")
            );
            assert!(
                answer
                    .header("access-control-allow-headers")
                    .unwrap()
                    .contains("x-amz-security-token")
            );
            assert_eq!(answer.header("vary"), Some("Origin"));
        }
    }
    for foreign in [
        ("origin", "https://evil.example"),
        ("origin", "https://évil.example"),
        ("referer", "https://evil.example/page"),
        ("referer", "https://évil.example/page"),
        ("origin", "http://localhost:1"),
    ] {
        let answer = call("GET", &[foreign]);
        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (403, None)
        );
    }
    // Tools that send neither header are allowed, and get no CORS headers.
    let answer = call("GET", &[]);
    assert_eq!(
        (
            answer.status,
            answer.header("access-control-allow-origin"),
            answer.header("vary")
        ),
        (200, None, None)
    );
    assert_eq!(call("OPTIONS", &[]).status, 204);
}
