//! Resource policies of functions, versions and aliases.

use serde_json::{Value, json};

use crate::lambda::{
    CONFLICT, INVALID, Lambda, NOT_FOUND, OTHER_ACCOUNT, PRECONDITION, arn, embedded, told,
};

const POLICY: &str = "/2015-03-31/functions/orders/policy";
const ABSENT: &str = "The resource you requested does not exist.";

fn permit(sid: &str, principal: &str) -> Value {
    json!({"StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": principal})
}

#[test]
fn statements_are_written_as_lambda_writes_them() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    let resource = arn("function:orders");
    for (at, (given, principal, condition)) in [
        (json!({"Principal": "*", "SourceAccount": OTHER_ACCOUNT}), r#""*""#, r#"{"StringEquals":{"AWS:SourceAccount":"444455556666"}}"#),
        (json!({"Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::b"}), r#"{"Service":"s3.amazonaws.com"}"#, r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}"#),
        (json!({"Principal": OTHER_ACCOUNT}), r#"{"AWS":"arn:aws:iam::444455556666:root"}"#, ""),
        (json!({"Principal": "arn:aws:iam::444455556666:role/path/r"}), r#"{"AWS":"arn:aws:iam::444455556666:role/path/r"}"#, ""),
        (json!({"Principal": "arn:aws:sts::444455556666:assumed-role/r/s"}), r#"{"AWS":"arn:aws:sts::444455556666:assumed-role/r/s"}"#, ""),
        (json!({"Principal": "alexa-appkit.amazon.com", "EventSourceToken": "amzn1.ask.skill.x"}), r#"{"Service":"alexa-appkit.amazon.com"}"#, r#"{"StringEquals":{"lambda:EventSourceToken":"amzn1.ask.skill.x"}}"#),
        (
            json!({"Principal": "*", "SourceArn": "arn:aws:s3:::b", "SourceAccount": OTHER_ACCOUNT, "PrincipalOrgID": "o-a1b2c3d4e5", "FunctionUrlAuthType": "NONE", "Action": "lambda:InvokeFunctionUrl"}),
            r#""*""#,
            r#"{"StringEquals":{"AWS:SourceAccount":"444455556666","lambda:FunctionUrlAuthType":"NONE","aws:PrincipalOrgID":"o-a1b2c3d4e5"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}"#,
        ),
        (json!({"Principal": "*", "InvokedViaFunctionUrl": true}), r#""*""#, r#"{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}"#),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = permit(&format!("s{at}"), "");
        body.as_object_mut().unwrap().extend(given.as_object().cloned().unwrap());
        let action = body["Action"].as_str().unwrap().to_owned();
        let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
        let expected = format!(
            r#"{{"Sid":"s{at}","Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"{resource}"{condition}}}"#
        );
        assert_eq!(lambda.expect(201, "POST", POLICY, &body)["Statement"], expected);
        let policy = lambda.expect(200, "GET", POLICY, &Value::Null);
        let text = policy["Policy"].as_str().unwrap();
        assert!(text.starts_with(r#"{"Version":"2012-10-17","Id":"default","Statement":["#), "{text}");
        assert_eq!(embedded(&policy["Policy"])["Statement"][at].to_string(), expected);
    }
}

#[test]
fn what_cannot_be_added_changes_nothing() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    lambda.publish("orders", "one");
    lambda.alias("orders", "live", "1");
    let functions = "/2015-03-31/functions";
    let watched = [
        POLICY,
        "/2015-03-31/functions/orders/policy?Qualifier=1",
        "/2015-03-31/functions/orders/policy?Qualifier=live",
    ];
    let invalid = "The provided principal was invalid. Please check the principal and try again.";
    for principal in [
        "invalid.nonaws.com",
        "amazonaws.com",
        "12345",
        "arn:aws:s3:::bucket",
        "arn:aws:iam::444455556666:group/g",
        "arn:aws-cn:iam::444455556666:role/r",
        "arn:aws:iam::111122223333:role/nobody",
        "AIDAEXAMPLE",
        "**",
    ] {
        lambda.refused(
            &watched,
            ("POST", POLICY, &permit("s", principal)),
            INVALID,
            invalid,
        );
    }
    let mut url = permit("s", "*");
    url["FunctionUrlAuthType"] = json!("NONE");
    lambda.refused(
        &watched,
        ("POST", POLICY, &url),
        INVALID,
        "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
    );
    let body = permit("s", "s3.amazonaws.com");
    for (path, expected, message) in [
        (
            "orders/policy?Qualifier=$LATEST",
            INVALID,
            "We currently do not support adding policies for $LATEST.".to_owned(),
        ),
        (
            "nothing/policy",
            NOT_FOUND,
            format!("Function not found: {}", arn("function:nothing")),
        ),
        (
            "orders/policy?Qualifier=42",
            NOT_FOUND,
            format!("Function not found: {}", arn("function:orders:42")),
        ),
        (
            "orders:nobody/policy",
            NOT_FOUND,
            format!("Cannot find alias arn: {}", arn("function:orders:nobody")),
        ),
        (
            "orders/policy?Qualifier=a-$-b",
            NOT_FOUND,
            format!("Function not found: {}", arn("function:orders:a-$-b")),
        ),
        (
            "orders:live/policy?Qualifier=1",
            INVALID,
            "The derived qualifier from the function name does not match the specified qualifier."
                .to_owned(),
        ),
    ] {
        lambda.refused(
            &watched,
            ("POST", &format!("{functions}/{path}"), &body),
            expected,
            &message,
        );
    }
    lambda.expect(201, "POST", POLICY, &body);
    let taken = "The statement id (s) provided already exists. Please provide a new statement id, or remove the existing statement.";
    lambda.refused(
        &watched,
        ("POST", POLICY, &permit("s", "*")),
        CONFLICT,
        taken,
    );
    // The same statement id may be used in the policies of a version and of an alias, which are
    // separate.
    for qualifier in ["1", "live"] {
        lambda.expect(
            201,
            "POST",
            &format!("{POLICY}?Qualifier={qualifier}"),
            &body,
        );
        let policy = lambda.expect(
            200,
            "GET",
            &format!("{POLICY}?Qualifier={qualifier}"),
            &Value::Null,
        );
        assert_eq!(
            embedded(&policy["Policy"])["Statement"][0]["Resource"],
            arn(&format!("function:orders:{qualifier}"))
        );
    }
}

#[test]
fn a_policy_has_a_revision_of_its_own() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    lambda.publish("orders", "one");
    let alias = lambda.alias("orders", "live", "1");
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id";
    let with = |sid: &str, revision: &Value| {
        let mut body = permit(sid, "s3.amazonaws.com");
        body["RevisionId"] = revision.clone();
        body
    };
    let live = "/2015-03-31/functions/orders/policy?Qualifier=live";
    lambda.refused(
        &[live],
        ("POST", live, &with("s", &json!("wrong"))),
        PRECONDITION,
        stale,
    );
    lambda.expect(201, "POST", live, &with("s", &alias["RevisionId"]));
    let function = lambda.read("/2015-03-31/functions/orders/configuration");
    lambda.expect(201, "POST", POLICY, &permit("s", "s3.amazonaws.com"));
    let revision = lambda.read(POLICY)["RevisionId"].clone();
    assert_ne!(revision, function["RevisionId"]);
    assert_eq!(
        lambda.read("/2015-03-31/functions/orders/configuration")["RevisionId"],
        function["RevisionId"]
    );
    lambda.refused(
        &[POLICY],
        ("POST", POLICY, &with("t", &function["RevisionId"])),
        PRECONDITION,
        stale,
    );
    lambda.expect(201, "POST", POLICY, &with("t", &revision));
    lambda.refused(
        &[POLICY],
        (
            "DELETE",
            &format!("{POLICY}/t?RevisionId={}", revision.as_str().unwrap()),
            &Value::Null,
        ),
        PRECONDITION,
        stale,
    );
    let revision = lambda.read(POLICY)["RevisionId"]
        .as_str()
        .unwrap()
        .to_owned();
    lambda.expect(
        204,
        "DELETE",
        &format!("{POLICY}/t?RevisionId={revision}"),
        &Value::Null,
    );
}

#[test]
fn a_policy_goes_with_its_last_statement() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    let remove = |path: &str| format!("/2015-03-31/functions/{path}");
    let none = "No policy is associated with the given resource.";
    lambda.refused(
        &[POLICY],
        ("DELETE", &remove("orders/policy/s"), &Value::Null),
        NOT_FOUND,
        none,
    );
    lambda.expect(201, "POST", POLICY, &permit("s", "s3.amazonaws.com"));
    lambda.expect(201, "POST", POLICY, &permit("t", "sqs.amazonaws.com"));
    for (path, message) in [
        (
            "orders/policy/nobody",
            "Statement nobody is not found in resource policy.".to_owned(),
        ),
        (
            "nothing/policy/s",
            format!("No policy found for: {}", arn("function:nothing")),
        ),
        (
            "orders/policy/s?Qualifier=nobody",
            format!("Cannot find alias arn: {}", arn("function:orders:nobody")),
        ),
        (
            "orders/policy/s?Qualifier=7",
            format!("Function not found: {}", arn("function:orders:7")),
        ),
    ] {
        lambda.refused(
            &[POLICY],
            ("DELETE", &remove(path), &Value::Null),
            NOT_FOUND,
            &message,
        );
    }
    lambda.expect(204, "DELETE", &remove("orders/policy/s"), &Value::Null);
    let left = embedded(&lambda.read(POLICY)["Policy"]);
    assert_eq!(left["Statement"].as_array().unwrap().len(), 1);
    lambda.expect(204, "DELETE", &remove("orders/policy/t"), &Value::Null);
    lambda.refused(&[], ("GET", POLICY, &Value::Null), NOT_FOUND, ABSENT);
    for path in [
        "nothing/policy",
        "orders/policy?Qualifier=77",
        "orders/policy?Qualifier=nobody",
    ] {
        lambda.refused(&[], ("GET", &remove(path), &Value::Null), NOT_FOUND, ABSENT);
    }
}

#[test]
fn a_policy_has_a_largest_size() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    for at in 0..1000 {
        let before = lambda.get(POLICY).body;
        let answer = lambda.call(
            "POST",
            POLICY,
            &permit(&format!("{at:0100}"), OTHER_ACCOUNT),
        );
        if answer.status == 201 {
            continue;
        }
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (400, Some("PolicyLengthExceededException")),
            "{}",
            answer.body
        );
        let message = told(&answer);
        let size: u64 = message["The final policy size (".len()..]
            .split(')')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(
            message,
            format!("The final policy size ({size}) is bigger than the limit (20480).")
        );
        assert!((20_481..20_481 + 400).contains(&size), "{size}");
        assert_eq!(lambda.get(POLICY).body, before);
        return;
    }
    panic!("no limit");
}

#[test]
fn a_whole_policy_is_put_read_and_deleted() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    let path = format!("/2026-07-09/resource-policy/{}", arn("function:orders"));
    lambda.refused(&[], ("GET", &path, &Value::Null), NOT_FOUND, ABSENT);
    lambda.refused(&[], ("DELETE", &path, &Value::Null), NOT_FOUND, ABSENT);
    lambda.expect(201, "POST", POLICY, &permit("s", "s3.amazonaws.com"));
    let document = json!({"Version": "2012-10-17", "Statement": [{"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "lambda:GetFunction", "Resource": arn("function:orders")}]});
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id";
    let mut body = json!({"Policy": document.to_string(), "RevisionId": "00000000-0000-4000-8000-ffffffffffff"});
    lambda.refused(&[POLICY], ("PUT", &path, &body), PRECONDITION, stale);
    body["RevisionId"] = lambda.read(POLICY)["RevisionId"].clone();
    let put = lambda.expect(200, "PUT", &path, &body);
    assert_eq!(embedded(&put["Policy"]), document);
    // It has replaced the previous policy, for both operations.
    assert_eq!(lambda.read(&path), lambda.read(POLICY));
    assert_eq!(lambda.read(POLICY), put);
    let answer = lambda.call("PUT", &path, &json!({"Policy": "{"}));
    assert_eq!((answer.status, lambda.read(POLICY)), (400, put.clone()));
    lambda.refused(
        &[POLICY],
        (
            "DELETE",
            &format!("{path}?RevisionId=00000000-0000-4000-8000-ffffffffffff"),
            &Value::Null,
        ),
        PRECONDITION,
        stale,
    );
    lambda.expect(
        204,
        "DELETE",
        &format!("{path}?RevisionId={}", put["RevisionId"].as_str().unwrap()),
        &Value::Null,
    );
    lambda.refused(&[], ("GET", POLICY, &Value::Null), NOT_FOUND, ABSENT);
}
