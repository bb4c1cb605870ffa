//! Asynchronous invocation, URLs, code signing, tags, recursion and runtime management.

use serde_json::{Map, Value, json};

use crate::lambda::{
    ACCOUNT, CONFLICT, INVALID, Lambda, NOT_FOUND, OTHER_ACCOUNT, REGION, arn, told,
};

const ABSENT: &str = "The resource you requested does not exist.";

/// A mock with the function `orders`, its version 1, and the alias `live` of that.
fn start() -> Lambda {
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
    // To put is to begin anew; to update is to change what is given.
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

fn signing(lambda: &Lambda, further: &Value) -> String {
    let mut body = json!({"AllowedPublishers": {"SigningProfileVersionArns": [format!("arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/p/0123456789")]}});
    body.as_object_mut()
        .unwrap()
        .extend(further.as_object().cloned().unwrap());
    let made = lambda.expect(201, "POST", "/2020-04-22/code-signing-configs", &body);
    made["CodeSigningConfig"]["CodeSigningConfigArn"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn code_signing_configurations_are_attached_to_functions() {
    let lambda = start();
    let config = signing(&lambda, &json!({}));
    let path = format!("/2020-04-22/code-signing-configs/{config}");
    let of = |name: &str| format!("/2020-06-30/functions/{name}/code-signing-config");
    assert_eq!(
        lambda.read(&path)["CodeSigningConfig"]["CodeSigningPolicies"],
        json!({"UntrustedArtifactOnDeployment": "Warn"})
    );
    assert_eq!(lambda.read(&of("orders")), json!({}));
    lambda.expect(204, "DELETE", &of("orders"), &Value::Null);
    assert_eq!(
        lambda.read(&format!("{path}/functions"))["FunctionArns"],
        json!([])
    );
    let attach = json!({"CodeSigningConfigArn": config});
    let attached = json!({"CodeSigningConfigArn": config, "FunctionName": "orders"});
    assert_eq!(lambda.expect(200, "PUT", &of("orders"), &attach), attached);
    assert_eq!(lambda.read(&of("orders")), attached);
    assert_eq!(
        lambda.read(&format!("{path}/functions"))["FunctionArns"],
        json!([arn("function:orders")])
    );
    let answer = lambda.call("DELETE", &path, &Value::Null);
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (409, Some("ResourceConflictException")),
        "{}",
        answer.body
    );
    assert_eq!(lambda.get(&path).status, 200);
    // What is not there.
    let absent = arn("code-signing-config:csc-00000000000000000");
    let gone = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {absent}."
    );
    for name in ["orders", "nothing"] {
        let expected = (404, "CodeSigningConfigNotFoundException");
        lambda.refused(
            &[&of("orders")],
            ("PUT", &of(name), &json!({"CodeSigningConfigArn": absent})),
            expected,
            &gone,
        );
    }
    let function = format!("Function not found: {}", arn("function:nothing"));
    for method in ["GET", "PUT", "DELETE"] {
        let body = if method == "PUT" {
            attach.clone()
        } else {
            Value::Null
        };
        lambda.refused(&[], (method, &of("nothing"), &body), NOT_FOUND, &function);
    }
    let message = format!("The Lambda code signing configuration {absent} can not be found.");
    for (method, rest) in [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("GET", "/functions"),
    ] {
        let body = if method == "PUT" {
            json!({"Description": "d"})
        } else {
            Value::Null
        };
        lambda.refused(
            &[],
            (
                method,
                &format!("/2020-04-22/code-signing-configs/{absent}{rest}"),
                &body,
            ),
            NOT_FOUND,
            &message,
        );
    }
    lambda.expect(204, "DELETE", &of("orders"), &Value::Null);
    lambda.expect(204, "DELETE", &path, &Value::Null);
    assert_eq!(lambda.get(&path).status, 404);
}

#[test]
fn container_images_are_not_signed() {
    let lambda = start();
    let config = signing(&lambda, &json!({}));
    let image = json!({"PackageType": "Image", "Runtime": null, "Handler": null, "Code": {"ImageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/i:1"}});
    lambda.function("picture", &image);
    let path = "/2020-06-30/functions/picture/code-signing-config";
    let message = "Code signing is not supported for functions created with container images.";
    for (method, body) in [
        ("GET", Value::Null),
        ("PUT", json!({"CodeSigningConfigArn": config})),
        ("DELETE", Value::Null),
    ] {
        lambda.refused(&[], (method, path, &body), INVALID, message);
    }
    assert_eq!(
        lambda.read(&format!(
            "/2020-04-22/code-signing-configs/{config}/functions"
        ))["FunctionArns"],
        json!([])
    );
    let mut signed = image;
    signed["CodeSigningConfigArn"] = json!(config);
    let answer = lambda.create("signed", &signed);
    assert_eq!((answer.status, told(&answer).as_str()), (400, message));
    assert_eq!(lambda.get("/2015-03-31/functions/signed").status, 404);
}

#[test]
fn a_function_is_not_made_with_tags_that_it_cannot_have() {
    let lambda = Lambda::start();
    let reserved = json!({"aws:x": "y"});
    for (given, message) in [
        (tags(0..51), "Number of tags exceeds resource tag limit."),
        (
            reserved,
            "aws: prefixed tag key names are not allowed for external use.",
        ),
    ] {
        let answer = lambda.create("orders", &json!({"Tags": given}));
        assert_eq!((answer.status, told(&answer).as_str()), (400, message));
        assert_eq!(lambda.get("/2015-03-31/functions/orders").status, 404);
    }
    lambda.function("orders", &json!({"Tags": tags(0..50)}));
    assert_eq!(
        lambda.read("/2015-03-31/functions/orders")["Tags"],
        tags(0..50)
    );
}

fn tags(number: std::ops::Range<usize>) -> Value {
    Value::Object(
        number
            .map(|at| (format!("key-{at}"), json!(format!("value-{at}"))))
            .collect::<Map<_, _>>(),
    )
}

#[test]
fn functions_mappings_and_signing_configurations_have_tags() {
    let lambda = start();
    let mapping = json!({"FunctionName": "orders", "EventSourceArn": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:q"), "Tags": {"a": "1"}});
    let mapping = lambda.expect(202, "POST", "/2015-03-31/event-source-mappings", &mapping);
    lambda.expect(
        204,
        "POST",
        &format!("/2017-03-31/tags/{}", arn("function:orders")),
        &json!({"Tags": {"a": "1"}}),
    );
    let config = signing(&lambda, &json!({"Tags": {"a": "1"}}));
    for resource in [
        arn("function:orders"),
        mapping["EventSourceMappingArn"]
            .as_str()
            .unwrap()
            .to_owned(),
        config,
    ] {
        let path = format!("/2017-03-31/tags/{resource}");
        let are = |expected: Value| {
            assert_eq!(
                lambda.expect(200, "GET", &path, &Value::Null),
                json!({"Tags": expected}),
                "{resource}"
            )
        };
        are(json!({"a": "1"}));
        lambda.expect(204, "POST", &path, &json!({"Tags": {"a": "2", "b": ""}}));
        are(json!({"a": "2", "b": ""}));
        lambda.refused(
            &[&path],
            ("POST", &path, &json!({"Tags": {}})),
            INVALID,
            "An error occurred and the request cannot be processed.",
        );
        let many = "Number of tags exceeds resource tag limit.";
        lambda.refused(
            &[&path],
            ("POST", &path, &json!({"Tags": tags(0..51)})),
            INVALID,
            many,
        );
        lambda.refused(
            &[&path],
            ("POST", &path, &json!({"Tags": tags(0..49)})),
            INVALID,
            many,
        );
        let reserved = "aws: prefixed tag key names are not allowed for external use.";
        for key in ["aws:x", "AWS:x"] {
            lambda.refused(
                &[&path],
                ("POST", &path, &json!({"Tags": {"c": "3", key: "y"}})),
                INVALID,
                reserved,
            );
        }
        for (key, value) in [
            ("k".repeat(129), "v".to_owned()),
            (String::new(), "v".to_owned()),
            ("k".to_owned(), "v".repeat(257)),
        ] {
            assert_eq!(
                lambda
                    .call("POST", &path, &json!({"Tags": {"c": "3", key: value}}))
                    .status,
                400
            );
        }
        are(json!({"a": "2", "b": ""}));
        lambda.expect(204, "POST", &path, &json!({"Tags": tags(0..48)}));
        lambda.expect(
            204,
            "DELETE",
            &format!("{path}?tagKeys=a&tagKeys=nothing"),
            &Value::Null,
        );
        assert_eq!(lambda.read(&path)["Tags"].as_object().unwrap().len(), 49);
    }
    // A function tells its tags, and has another revision when they change.
    let function = lambda.read("/2015-03-31/functions/orders");
    assert_eq!(function["Tags"].as_object().unwrap().len(), 49);
    lambda.expect(
        204,
        "DELETE",
        &format!("/2017-03-31/tags/{}?tagKeys=b", arn("function:orders")),
        &Value::Null,
    );
    assert_ne!(
        lambda.read("/2015-03-31/functions/orders")["Configuration"]["RevisionId"],
        function["Configuration"]["RevisionId"]
    );
}

#[test]
fn what_is_not_there_has_no_tags() {
    let lambda = start();
    let uuid = "0a1b2c3d-0000-4000-8000-000000000000";
    let kept =
        "Tags on function aliases and versions are not supported. Please specify a function ARN.";
    let absent =
        |kind: &str, resource: &str| (NOT_FOUND, format!("{kind} not found: {}", arn(resource)));
    let elsewhere = signing(&lambda, &json!({})).replace(REGION, "us-east-1");
    for (resource, (expected, message)) in [
        (
            arn("function:nothing"),
            absent("Function", "function:nothing"),
        ),
        (arn("function:orders:live"), (INVALID, kept.to_owned())),
        (arn("function:orders:nobody"), (INVALID, kept.to_owned())),
        (arn("function:orders:$LATEST"), (INVALID, kept.to_owned())),
        (
            arn(&format!("event-source-mapping:{uuid}")),
            absent(
                "Event source mapping",
                &format!("event-source-mapping:{uuid}"),
            ),
        ),
        (
            arn("capacity-provider:p"),
            absent("Capacity provider", "capacity-provider:p"),
        ),
        (
            elsewhere.clone(),
            (
                NOT_FOUND,
                format!("Code signing config not found: {elsewhere}"),
            ),
        ),
    ] {
        let path = format!("/2017-03-31/tags/{resource}");
        lambda.refused(&[], ("GET", &path, &Value::Null), expected, &message);
        lambda.refused(
            &[],
            ("POST", &path, &json!({"Tags": {"a": "1"}})),
            expected,
            &message,
        );
        lambda.refused(
            &[],
            ("DELETE", &format!("{path}?tagKeys=a"), &Value::Null),
            expected,
            &message,
        );
    }
    let foreign = arn("function:orders").replace(ACCOUNT, OTHER_ACCOUNT);
    let elsewhere = arn("function:orders").replace(REGION, "us-east-1");
    for (resource, status) in [(foreign, 403), (elsewhere, 404)] {
        assert_eq!(
            lambda.get(&format!("/2017-03-31/tags/{resource}")).status,
            status,
            "{resource}"
        );
    }
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
    // An alias takes its setting with it.
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
