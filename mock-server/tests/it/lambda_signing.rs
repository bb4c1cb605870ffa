//! Code signing configurations, and which functions have them.

use crate::lambda::{ACCOUNT, INVALID, Lambda, NOT_FOUND, REGION, arn, told};
use crate::lambda_settings::start;
use serde_json::{Value, json};

pub(crate) fn signing(lambda: &Lambda, further: &Value) -> String {
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
    // A configuration that does not exist.
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
