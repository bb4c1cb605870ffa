//! The parts of a function: code, runtime, environment, network, logs; and its responses. Codes and
//! messages are as recorded from AWS.

use base64::Engine;
use serde_json::{Value, json};

use crate::lambda::{ACCOUNT, ARN, INVALID, Lambda, REGION, zip};

const UNUSABLE: &str =
    "Could not unzip uploaded file. Please check your file, then try to upload again.";
const NO_SOURCE: &str = "Please provide a source for function code.";

#[test]
fn code_that_cannot_be_used_is_refused() {
    let lambda = Lambda::start();
    let image = json!({"PackageType": "Image", "Runtime": null, "Handler": null, "Code": {"ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/orders:v1"}});
    lambda.function("zip", &Value::Null);
    lambda.function("image", &image);
    let (zipped, imaged) = (lambda.read("/zip"), lambda.read("/image"));
    let two = "Please do not provide other FunctionCode parameters when providing a ZipFile.";
    for (code, message) in [
        (json!({"ZipFile": "bm90IGEgemlw"}), UNUSABLE),
        (json!({}), NO_SOURCE),
        (json!({"S3Bucket": "bucket"}), NO_SOURCE),
        (
            json!({"ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/orders:v1"}),
            NO_SOURCE,
        ),
        (
            json!({"ZipFile": zip("first"), "S3Bucket": "bucket", "S3Key": "key"}),
            two,
        ),
    ] {
        lambda.refused(
            &[],
            ("POST", "", &lambda.input("orders", &json!({"Code": code}))),
            INVALID,
            message,
        );
    }
    for (member, value) in [("Runtime", json!("python3.13")), ("Handler", json!("f.g"))] {
        let mut more = image.clone();
        more[member] = value;
        let message = "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.";
        lambda.refused(
            &[],
            ("POST", "", &lambda.input("orders", &more)),
            INVALID,
            message,
        );
    }
    for missing in ["Runtime", "Handler"] {
        let message = "Runtime and Handler are mandatory parameters for functions created with deployment packages.";
        lambda.refused(
            &[],
            ("POST", "", &lambda.input("orders", &json!({missing: null}))),
            INVALID,
            message,
        );
    }
    let no_zip = "Please don't provide ImageUri when updating a function with packageType Zip.";
    let no_image = "Please provide ImageUri when updating a function with packageType Image.";
    lambda.refused(
        &[],
        (
            "PUT",
            "/zip/code",
            &json!({"ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/orders:v2"}),
        ),
        INVALID,
        no_zip,
    );
    lambda.refused(
        &[],
        ("PUT", "/zip/code", &json!({"ZipFile": "bm90IGEgemlw"})),
        INVALID,
        UNUSABLE,
    );
    lambda.refused(&[], ("PUT", "/zip/code", &json!({})), INVALID, NO_SOURCE);
    lambda.refused(
        &[],
        ("PUT", "/image/code", &json!({"ZipFile": zip("first")})),
        INVALID,
        no_image,
    );
    assert_eq!(
        (lambda.read("/zip"), lambda.read("/image")),
        (zipped, imaged)
    );
    assert_eq!(lambda.call("GET", "/orders", &Value::Null).status, 404);
}

/// A package is rejected for its size before it is opened.
#[test]
fn packages_and_requests_that_are_too_large_are_refused() {
    let lambda = Lambda::start();
    let too_large = (413, "RequestEntityTooLargeException");
    let of = |bytes: usize| json!({"ZipFile": "A".repeat(bytes.div_ceil(3) * 4)});
    lambda.function("orders", &Value::Null);
    lambda.refused(
        &[],
        ("PUT", "/orders/code", &of(52_428_801)),
        too_large,
        "Zipped size must be smaller than 52428800 bytes",
    );
    let request = "Request must be smaller than 70167211 bytes for the CreateFunction operation";
    lambda.refused(
        &[],
        (
            "POST",
            "",
            &lambda.input("other", &json!({"Code": of(52_625_500)})),
        ),
        too_large,
        request,
    );
    // The same limits apply to layers.
    let layer = |bytes: usize| json!({"Content": of(bytes)});
    let publish = "/2018-10-31/layers/common/versions";
    lambda.refused(
        &[],
        ("POST", publish, &layer(52_428_801)),
        too_large,
        "Zipped size must be smaller than 52428800 bytes",
    );
    let request =
        "Request must be smaller than 70167211 bytes for the PublishLayerVersion operation";
    lambda.refused(
        &[],
        ("POST", publish, &layer(52_625_500)),
        too_large,
        request,
    );
}

#[test]
fn code_is_served_from_where_a_function_says() {
    let lambda = Lambda::start();
    let fetch = |path: &str| {
        let location = lambda.read(path)["Code"]["Location"]
            .as_str()
            .unwrap()
            .to_owned();
        let path = location
            .strip_prefix("http://")
            .and_then(|rest| rest.find('/').map(|at| rest[at..].to_owned()))
            .unwrap();
        lambda.mock.page("GET", &path)
    };
    lambda.function("orders", &json!({"Publish": true}));
    let updated = lambda.done("PUT", "/orders/code", &json!({"ZipFile": zip("second")}));
    for (path, comment) in [
        ("/orders?Qualifier=1", "the package"),
        ("/orders", "second"),
    ] {
        let answer = fetch(path);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("application/zip")),
            "{path}"
        );
        let wanted = base64::engine::general_purpose::STANDARD
            .decode(zip(comment))
            .unwrap();
        assert_eq!(answer.body.as_bytes(), wanted, "{path}");
        assert_eq!(
            lambda.read(path)["Configuration"]["CodeSize"],
            wanted.len(),
            "{path}"
        );
    }
    // The hash is that of the package: openssl dgst -sha256 -binary | base64.
    lambda.function("small", &json!({"Code": {"ZipFile": zip("")}}));
    assert_eq!(
        lambda.read("/small/configuration")["CodeSha256"],
        "sZtQu6iTy5eNgrNacoWfSUxHJ/S41Fc1HIDCO8RNArs="
    );
    // An empty archive is rejected.
    let empty = json!({"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="});
    lambda.refused(
        &[],
        ("PUT", "/small/code", &empty),
        INVALID,
        "Uploaded file must be a non-empty zip",
    );
    // A dry run returns the result of the change, and leaves the function unchanged.
    let dry = lambda.done(
        "PUT",
        "/orders/code",
        &json!({"ZipFile": zip("third"), "DryRun": true}),
    );
    let now = lambda.read("/orders/configuration");
    assert!(
        dry["CodeSha256"] != updated["CodeSha256"] && now["CodeSha256"] == updated["CodeSha256"]
    );
    // Code in a bucket is accepted without a check, and cannot be downloaded.
    lambda.function(
        "bucket",
        &json!({"Code": {"S3Bucket": "bucket", "S3Key": "key"}}),
    );
    assert_eq!(fetch("/bucket").status, 404);
    lambda.mock.page("POST", "/_localstack/state/reset");
    assert_eq!(
        lambda.mock.page("GET", "/_mock/code/nothing/orders").status,
        404
    );
}

#[test]
fn an_image_has_a_digest_and_a_configuration_of_its_own() {
    let lambda = Lambda::start();
    let made = lambda.function(
        "orders",
        &json!({"PackageType": "Image", "Runtime": null, "Handler": null, "Code": {"ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/orders:v1"},
            "ImageConfig": {"Command": ["a"]}}),
    );
    let digest = made["CodeSha256"].as_str().unwrap().to_owned();
    assert!(
        digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{digest}"
    );
    assert_eq!(
        (
            &made["CodeSize"],
            &made["Runtime"],
            &made["RuntimeVersionConfig"]
        ),
        (&json!(0), &Value::Null, &Value::Null)
    );
    let code = lambda.read("/orders")["Code"].clone();
    assert_eq!(
        code["ResolvedImageUri"],
        format!("1.dkr.ecr.eu-west-1.amazonaws.com/orders@sha256:{digest}")
    );
    assert_eq!(
        made["ImageConfigResponse"],
        json!({"ImageConfig": {"Command": ["a"]}})
    );
    assert_eq!(
        lambda.done("PUT", "/orders/configuration", &json!({"ImageConfig": {}}))["ImageConfigResponse"],
        Value::Null
    );
    let updated = lambda.done(
        "PUT",
        "/orders/code",
        &json!({"ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/orders:v2"}),
    );
    assert!(updated["CodeSha256"] != digest.as_str());
}

#[test]
fn runtimes_that_aws_has_blocked_are_refused() {
    let lambda = Lambda::start();
    for runtime in [
        "java8",
        "go1.x",
        "provided",
        "ruby2.7",
        "nodejs14.x",
        "python3.7",
        "dotnetcore3.1",
        "nodejs12.x",
    ] {
        let message = format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions."
        );
        lambda.refused(
            &[],
            (
                "POST",
                "",
                &lambda.input("orders", &json!({"Runtime": runtime})),
            ),
            INVALID,
            &message,
        );
    }
    lambda.function("orders", &json!({"Runtime": "nodejs20.x"}));
    let message = "The runtime parameter of python2.7 is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.";
    lambda.refused(
        &[],
        (
            "PUT",
            "/orders/configuration",
            &json!({"Runtime": "python2.7"}),
        ),
        INVALID,
        message,
    );
    let snapshot = json!({"SnapStart": {"ApplyOn": "PublishedVersions"}});
    lambda.refused(
        &[],
        ("PUT", "/orders/configuration", &snapshot),
        INVALID,
        "nodejs20.x is not supported for SnapStart enabled functions.",
    );
    assert_eq!(
        lambda.read("/orders/configuration")["Runtime"],
        "nodejs20.x"
    );
    // A different runtime has a different runtime version.
    let version = |path: &str| {
        lambda.read(path)["RuntimeVersionConfig"]["RuntimeVersionArn"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let before = version("/orders/configuration");
    lambda.done(
        "PUT",
        "/orders/configuration",
        &json!({"Runtime": "nodejs22.x"}),
    );
    assert!(
        before.starts_with("arn:aws:lambda:eu-west-1::runtime:")
            && version("/orders/configuration") != before,
        "{before}"
    );
    lambda.done(
        "PUT",
        "/orders/configuration",
        &json!({"Runtime": "nodejs20.x"}),
    );
    assert_eq!(
        lambda.read("/orders/configuration")["SnapStart"]["ApplyOn"],
        "None"
    );
}

#[test]
fn a_function_answers_what_was_set() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({"Publish": true}));
    let set = |body: Value| {
        lambda
            .mock
            .post("POST", "/_mock/invocations", &body.to_string())
    };
    let invoke = |path: &str| {
        let answer = lambda.call(
            "POST",
            &format!("/orders{path}/invocations"),
            &json!({"n": 1}),
        );
        let header = |name: &str| answer.header(name).map(str::to_owned);
        (
            answer.status,
            answer.body.clone(),
            header("x-amz-function-error"),
            header("x-amz-executed-version"),
        )
    };
    let answered = |status, body: &str, error: Option<&str>, version: &str| {
        (
            status,
            body.to_owned(),
            error.map(str::to_owned),
            Some(version.to_owned()),
        )
    };
    assert_eq!(invoke(""), answered(200, "null", None, "$LATEST"));
    assert_eq!(
        set(json!({"function_arn": format!("{ARN}orders"), "payload": {"ok": true}})).status,
        200
    );
    assert_eq!(set(json!({"function_arn": format!("{ARN}orders:1"), "payload": "no", "function_error": "Unhandled"})).status, 200);
    assert_eq!(invoke(""), answered(200, "{\"ok\":true}", None, "$LATEST"));
    assert_eq!(
        invoke(":1"),
        answered(200, "\"no\"", Some("Unhandled"), "1")
    );
    for (body, words) in [
        (
            json!({"function_arn": "orders"}),
            "orders is not the ARN of a function",
        ),
        (json!({"payload": 1}), "missing field `function_arn`"),
        (
            json!({"function_arn": format!("{ARN}orders"), "function_error": "Broken"}),
            "A function_error is Handled or Unhandled.",
        ),
    ] {
        let answer = set(body);
        assert!(
            answer.status == 400 && answer.body.contains(words),
            "{}",
            answer.body
        );
    }
    assert_eq!(lambda.mock.page("DELETE", "/_mock/invocations").status, 200);
    assert_eq!(invoke(":1"), answered(200, "null", None, "1"));
    let broken = lambda.mock.rest(
        ACCOUNT,
        REGION,
        "lambda",
        "POST",
        "/2015-03-31/functions/orders/invocations",
        "not json",
    );
    assert_eq!(
        (broken.status, broken.header("x-amzn-errortype")),
        (400, Some("InvalidRequestContentException")),
        "{}",
        broken.body
    );
    lambda.done(
        "PUT",
        "/2017-10-31/functions/orders/concurrency",
        &json!({"ReservedConcurrentExecutions": 0}),
    );
    let throttled = lambda.call("POST", "/orders/invocations", &json!({}));
    assert_eq!(
        (throttled.status, throttled.json()["Reason"].as_str()),
        (
            429,
            Some("ReservedFunctionConcurrentInvocationLimitExceeded")
        )
    );
}
