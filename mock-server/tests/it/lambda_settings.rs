//! Asynchronous invocation, URLs, code signing, tags, recursion and runtime management.

use serde_json::{Value, json};

use crate::lambda::{CONFLICT, INVALID, Lambda, NOT_FOUND, REGION, arn, told};

const ABSENT: &str = "The resource you requested does not exist.";

/// A mock with the function `orders`, its version 1, and the alias `live` for that version.
pub(crate) fn start() -> Lambda {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    lambda.publish("orders", "one");
    lambda.alias("orders", "live", "1");
    lambda
}

fn invocation(name: &str) -> String {
    format!("/2019-09-25/functions/{name}/event-invoke-config")
}

fn no_config(resource: &str) -> String {
    format!(
        "The function {} doesn't have an EventInvokeConfig",
        arn(&format!("function:{resource}"))
    )
}

#[test]
fn asynchronous_invocation_is_put_and_updated() {
    let lambda = start();
    let path = invocation("orders");
    let plain = |answer: Value| {
        let mut answer = answer.as_object().cloned().unwrap();
        assert!(answer.remove("LastModified").unwrap().is_number());
        Value::Object(answer)
    };
    let config = |qualifier: &str, further: Value| {
        let mut config = json!({"DestinationConfig": {"OnSuccess": {}, "OnFailure": {}}, "FunctionArn": arn(&format!("function:orders:{qualifier}"))});
        config
            .as_object_mut()
            .unwrap()
            .extend(further.as_object().cloned().unwrap());
        config
    };
    let put = |path: &str, body: Value| plain(lambda.expect(200, "PUT", path, &body));
    let both = json!({"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60});
    assert_eq!(put(&path, both.clone()), config("$LATEST", both.clone()));
    // PUT replaces the whole configuration; POST changes only the given settings.
    assert_eq!(
        put(&path, json!({"MaximumRetryAttempts": 0})),
        config("$LATEST", json!({"MaximumRetryAttempts": 0}))
    );
    put(&path, both);
    let updated = plain(lambda.expect(200, "POST", &path, &json!({"MaximumRetryAttempts": 0})));
    assert_eq!(
        updated,
        config(
            "$LATEST",
            json!({"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60})
        )
    );
    assert_eq!(
        plain(lambda.read(&format!("{path}?Qualifier=$LATEST"))),
        updated
    );
    for (name, qualifier) in [("orders:1", "1"), ("orders:live", "live")] {
        let once = json!({"MaximumRetryAttempts": 1});
        assert_eq!(
            put(&invocation(name), once.clone()),
            config(qualifier, once.clone())
        );
        assert_eq!(
            put(
                &format!("{}?Qualifier={qualifier}", invocation("orders")),
                once.clone()
            ),
            config(qualifier, once)
        );
    }
    let listed = lambda.read("/2019-09-25/functions/orders/event-invoke-config/list");
    let of: Vec<&str> = listed["FunctionEventInvokeConfigs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["FunctionArn"].as_str().unwrap())
        .collect();
    assert_eq!(
        of,
        ["$LATEST", "1", "live"].map(|it| arn(&format!("function:orders:{it}")))
    );
    lambda.expect(204, "DELETE", &path, &Value::Null);
    for method in ["GET", "DELETE"] {
        lambda.refused(
            &[],
            (method, &path, &Value::Null),
            NOT_FOUND,
            &no_config("orders:$LATEST"),
        );
    }
}

#[test]
fn destinations_of_asynchronous_invocation_are_looked_at() {
    let lambda = start();
    lambda.function("other", &json!({}));
    let path = invocation("orders");
    let to = |side: &str, arn: &str| json!({"DestinationConfig": {side: {"Destination": arn}}});
    let (own, other, nothing) = (
        arn("function:orders"),
        arn("function:other"),
        arn("function:nothing"),
    );
    for (side, destination) in [
        ("OnSuccess", other.as_str()),
        ("OnFailure", "arn:aws:sqs:eu-west-1:111122223333:q"),
        ("OnSuccess", "arn:aws:sns:eu-west-1:111122223333:t"),
        (
            "OnSuccess",
            "arn:aws:events:eu-west-1:111122223333:event-bus/b",
        ),
        ("OnFailure", "arn:aws:s3:::bucket"),
    ] {
        let put = lambda.expect(200, "PUT", &path, &to(side, destination));
        assert_eq!(put["DestinationConfig"][side]["Destination"], destination);
        assert_eq!(
            lambda.read(&path)["DestinationConfig"],
            put["DestinationConfig"]
        );
    }
    let printed = |success: &str, failure: &str| {
        format!(
            "The provided destination config DestinationConfig(onSuccess={success}, onFailure={failure}) is invalid."
        )
    };
    let role = "arn:aws:iam::111122223333:role/r";
    for (body, message) in [
        (
            to("OnSuccess", &nothing),
            format!("The destination ARN {nothing} is invalid."),
        ),
        (
            to("OnFailure", &arn("function:other:7")),
            format!(
                "The destination ARN {} is invalid.",
                arn("function:other:7")
            ),
        ),
        (
            to("OnSuccess", &own),
            "You can't specify the function as a destination for itself.".to_owned(),
        ),
        (
            to("OnFailure", &arn("function:orders:live")),
            "You can't specify the function as a destination for itself.".to_owned(),
        ),
        (
            to("OnSuccess", role),
            printed(&format!("OnSuccess(destination={role})"), "null"),
        ),
        (
            to("OnSuccess", "arn:aws:s3:::bucket"),
            printed("OnSuccess(destination=arn:aws:s3:::bucket)", "null"),
        ),
        (
            json!({"DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": role}}}),
            printed(
                "OnSuccess(destination=null)",
                &format!("OnFailure(destination={role})"),
            ),
        ),
    ] {
        lambda.refused(&[&path], ("PUT", &path, &body), INVALID, &message);
        lambda.refused(&[&path], ("POST", &path, &body), INVALID, &message);
    }
    let at_least = "You must specify at least one of error handling or destination setting.";
    for (method, name) in [("PUT", "orders"), ("PUT", "nothing"), ("POST", "orders")] {
        lambda.refused(
            &[&path],
            (method, &invocation(name), &json!({})),
            INVALID,
            at_least,
        );
    }
    let once = json!({"MaximumRetryAttempts": 1});
    for (method, name) in [
        ("PUT", "nothing"),
        ("POST", "nothing"),
        ("PUT", "orders:nobody"),
        ("PUT", "orders:7"),
    ] {
        lambda.refused(
            &[&path],
            (method, &invocation(name), &once),
            NOT_FOUND,
            "The function doesn't exist.",
        );
    }
    lambda.refused(
        &[],
        (
            "GET",
            "/2019-09-25/functions/nothing/event-invoke-config/list",
            &Value::Null,
        ),
        NOT_FOUND,
        "The function doesn't exist.",
    );
    lambda.refused(
        &[],
        ("POST", &invocation("orders:live"), &once),
        NOT_FOUND,
        &no_config("orders:live"),
    );
    for (name, told) in [
        ("nothing", "nothing:$LATEST"),
        ("orders:nobody", "orders:nobody"),
        ("orders:1221", "orders:1221"),
    ] {
        lambda.refused(
            &[],
            ("GET", &invocation(name), &Value::Null),
            NOT_FOUND,
            &no_config(told),
        );
        lambda.refused(
            &[],
            ("DELETE", &invocation(name), &Value::Null),
            NOT_FOUND,
            &no_config(told),
        );
    }
}

#[test]
fn a_url_belongs_to_a_function_or_an_alias() {
    let lambda = start();
    let path = "/2021-10-31/functions/orders/url";
    let open = json!({"AuthType": "NONE"});
    let members = |answer: &Value| {
        answer
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<std::collections::BTreeSet<_>>()
    };
    let set = |members: &[&str]| {
        members
            .iter()
            .map(|it| (*it).to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    let created = lambda.expect(201, "POST", path, &open);
    assert_eq!(
        members(&created),
        set(&["AuthType", "CreationTime", "FunctionArn", "FunctionUrl"])
    );
    assert_eq!(created["FunctionArn"], arn("function:orders"));
    let url = created["FunctionUrl"].as_str().unwrap();
    assert!(
        url.starts_with("https://") && url.ends_with(&format!(".lambda-url.{REGION}.on.aws/")),
        "{url}"
    );
    let read = lambda.read(path);
    assert_eq!(
        members(&read),
        set(&[
            "AuthType",
            "CreationTime",
            "FunctionArn",
            "FunctionUrl",
            "InvokeMode",
            "LastModifiedTime"
        ])
    );
    assert_eq!(read["InvokeMode"], "BUFFERED");
    let exists = format!(
        "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig exists for this Lambda function",
        arn("function:orders")
    );
    lambda.refused(&[path], ("POST", path, &open), CONFLICT, &exists);
    let alias = "/2021-10-31/functions/orders/url?Qualifier=live";
    let streamed = json!({"AuthType": "AWS_IAM", "InvokeMode": "RESPONSE_STREAM", "Cors": {"AllowOrigins": ["https://example.com"]}});
    let of_alias = lambda.expect(201, "POST", alias, &streamed);
    assert_eq!(
        (
            of_alias["InvokeMode"].clone(),
            of_alias["FunctionArn"].clone()
        ),
        (json!("RESPONSE_STREAM"), json!(arn("function:orders:live")))
    );
    let updated = lambda.expect(200, "PUT", path, &json!({"AuthType": "AWS_IAM"}));
    assert_eq!(
        (updated["AuthType"].clone(), updated.get("InvokeMode")),
        (json!("AWS_IAM"), None)
    );
    assert_eq!(updated["FunctionUrl"], url);
    let listed = lambda.read("/2021-10-31/functions/orders/urls");
    assert_eq!(listed["FunctionUrlConfigs"].as_array().unwrap().len(), 2);
    lambda.expect(204, "DELETE", path, &Value::Null);
    for (method, body) in [
        ("GET", Value::Null),
        ("DELETE", Value::Null),
        ("PUT", open.clone()),
    ] {
        lambda.refused(&[alias], (method, path, &body), NOT_FOUND, ABSENT);
    }
    assert_eq!(
        lambda.read(alias)["Cors"],
        json!({"AllowOrigins": ["https://example.com"]})
    );
    for (method, message) in [
        ("POST", "Function does not exist"),
        ("PUT", "Function does not exist"),
        ("GET", ABSENT),
        ("DELETE", ABSENT),
    ] {
        for name in ["nothing/url", "orders/url?Qualifier=nobody"] {
            let body = if matches!(method, "POST" | "PUT") {
                open.clone()
            } else {
                Value::Null
            };
            lambda.refused(
                &[alias],
                (method, &format!("/2021-10-31/functions/{name}"), &body),
                NOT_FOUND,
                message,
            );
        }
    }
    lambda.refused(
        &[],
        ("GET", "/2021-10-31/functions/nothing/urls", &Value::Null),
        NOT_FOUND,
        "Function does not exist",
    );
}

#[test]
fn recursion_and_runtime_management_have_defaults() {
    let lambda = start();
    let recursion = "/2024-08-31/functions/orders/recursion-config";
    assert_eq!(
        lambda.read(recursion),
        json!({"RecursiveLoop": "Terminate"})
    );
    assert_eq!(
        lambda.expect(200, "PUT", recursion, &json!({"RecursiveLoop": "Allow"})),
        json!({"RecursiveLoop": "Allow"})
    );
    assert_eq!(lambda.read(recursion), json!({"RecursiveLoop": "Allow"}));
    let runtime = "/2021-07-20/functions/orders/runtime-management-config";
    assert_eq!(
        lambda.read(runtime),
        json!({"UpdateRuntimeOn": "Auto", "FunctionArn": arn("function:orders:$LATEST")})
    );
    let version = format!("arn:aws:lambda:{REGION}::runtime:0123456789abcdef");
    for body in [
        json!({"UpdateRuntimeOn": "Manual"}),
        json!({"UpdateRuntimeOn": "Auto", "RuntimeVersionArn": version}),
    ] {
        let answer = lambda.call("PUT", runtime, &body);
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (400, Some("InvalidParameterValueException")),
            "{}",
            told(&answer)
        );
        assert_eq!(lambda.read(runtime)["UpdateRuntimeOn"], "Auto");
    }
    let manual = json!({"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": version});
    lambda.expect(200, "PUT", &format!("{runtime}?Qualifier=1"), &manual);
    assert_eq!(
        lambda.read(&format!("{runtime}?Qualifier=1"))["RuntimeVersionArn"],
        json!(version)
    );
    assert_eq!(lambda.read(runtime)["UpdateRuntimeOn"], "Auto");
    // The setting is deleted together with the alias.
    let live = format!("{runtime}?Qualifier=live");
    lambda.expect(
        200,
        "PUT",
        &live,
        &json!({"UpdateRuntimeOn": "FunctionUpdate"}),
    );
    lambda.expect(204, "DELETE", "/orders/aliases/live", &Value::Null);
    lambda.alias("orders", "live", "1");
    assert_eq!(lambda.read(&live)["UpdateRuntimeOn"], "Auto");
}
