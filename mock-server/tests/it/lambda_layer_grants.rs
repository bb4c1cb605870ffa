//! Layers of other accounts, and to whom they are granted.

use crate::client::Mock;
use crate::lambda::{
    ACCOUNT, DENIED, Lambda, OTHER_ACCOUNT, REGION, function_input, told, trusting, zip,
};
use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

#[test]
fn layers_of_another_account_take_a_grant() {
    for enforce_iam in [false, true] {
        let mock = Mock::with(Options {
            enforce_iam,
            ..Options::new(Box::new(Empty))
        });
        let owner = |method: &str, path: &str, body: &Value| {
            mock.rest(
                OTHER_ACCOUNT,
                REGION,
                "lambda",
                method,
                path,
                &body.to_string(),
            )
        };
        let caller =
            |method: &str, path: &str| mock.rest(ACCOUNT, REGION, "lambda", method, path, "");
        let role = mock.role(
            ACCOUNT,
            "serves",
            &trusting("lambda.amazonaws.com"),
            &json!([]),
        );
        for _ in 0..4 {
            let body = json!({"Content": {"ZipFile": zip("the package")}});
            assert_eq!(
                owner("POST", "/2018-10-31/layers/theirs/versions", &body).status,
                201
            );
        }
        let layer = format!("arn:aws:lambda:{REGION}:{OTHER_ACCOUNT}:layer:theirs");
        // The first is granted to the caller, the second to everyone, the third to a third account,
        // the fourth to nobody; there is no fifth.
        for (version, principal) in [(1, ACCOUNT), (2, "*"), (3, "777788889999")] {
            let body = json!({"StatementId": "s", "Action": "lambda:GetLayerVersion", "Principal": principal});
            assert_eq!(
                owner(
                    "POST",
                    &format!("/2018-10-31/layers/theirs/versions/{version}/policy"),
                    &body
                )
                .status,
                201
            );
        }
        for (version, granted) in [(1, true), (2, true), (3, false), (4, false), (5, false)] {
            let mut create = function_input(&format!("f{version}"), &role);
            create["Layers"] = json!([format!("{layer}:{version}")]);
            for answer in [
                caller(
                    "GET",
                    &format!("/2018-10-31/layers/{layer}/versions/{version}"),
                ),
                caller(
                    "GET",
                    &format!("/2018-10-31/layers?find=LayerVersion&Arn={layer}:{version}"),
                ),
                mock.rest(
                    ACCOUNT,
                    REGION,
                    "lambda",
                    "POST",
                    "/2015-03-31/functions",
                    &create.to_string(),
                ),
            ] {
                if granted {
                    assert!(answer.status < 300, "{version}: {}", answer.body);
                    continue;
                }
                assert_eq!(
                    (answer.status, answer.header("x-amzn-errortype")),
                    (DENIED.0, Some(DENIED.1)),
                    "{version}: {}",
                    answer.body
                );
                let message = format!(
                    "User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: lambda:GetLayerVersion on resource: {layer}:{version} because no resource-based policy allows the lambda:GetLayerVersion action"
                );
                assert_eq!(told(&answer), message);
            }
        }
        // Layers shared by others are not listed with the account's own.
        assert_eq!(
            caller("GET", "/2018-10-31/layers").json()["Layers"],
            json!([])
        );
    }
}

/// No policy can allow these: only `lambda:GetLayerVersion` may be granted.
#[test]
fn layers_of_another_account_can_only_be_used() {
    let lambda = Lambda::start();
    let layer = format!("arn:aws:lambda:{REGION}:{OTHER_ACCOUNT}:layer:theirs");
    let permit = json!({"StatementId": "s", "Action": "lambda:GetLayerVersion", "Principal": "*"});
    for (method, path, body, action) in [
        ("GET", "versions", Value::Null, "ListLayerVersions"),
        (
            "POST",
            "versions",
            json!({"Content": {"ZipFile": zip("the package")}}),
            "PublishLayerVersion",
        ),
        ("DELETE", "versions/1", Value::Null, "DeleteLayerVersion"),
        (
            "POST",
            "versions/1/policy",
            permit,
            "AddLayerVersionPermission",
        ),
        (
            "GET",
            "versions/1/policy",
            Value::Null,
            "GetLayerVersionPolicy",
        ),
        (
            "DELETE",
            "versions/1/policy/s",
            Value::Null,
            "RemoveLayerVersionPermission",
        ),
    ] {
        let message = format!(
            "User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: lambda:{action} on resource: {layer} because no resource-based policy allows the lambda:{action} action"
        );
        lambda.refused(
            &[],
            (method, &format!("/2018-10-31/layers/{layer}/{path}"), &body),
            DENIED,
            &message,
        );
    }
}

#[test]
fn an_organization_can_be_granted_a_layer() {
    let mock = Mock::start(Empty);
    let created = mock.organizations(OTHER_ACCOUNT, "CreateOrganization", "{}");
    let organization = created.json()["Organization"]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    let member = mock.organizations(
        OTHER_ACCOUNT,
        "CreateAccount",
        r#"{"AccountName":"m","Email":"m@example.com"}"#,
    );
    let member = member.json()["CreateAccountStatus"]["AccountId"]
        .as_str()
        .map(str::to_owned);
    let body = json!({"Content": {"ZipFile": zip("the package")}}).to_string();
    mock.rest(
        OTHER_ACCOUNT,
        REGION,
        "lambda",
        "POST",
        "/2018-10-31/layers/theirs/versions",
        &body,
    );
    let permit =
        json!({"StatementId": "s", "Action": "lambda:GetLayerVersion", "Principal": "*", "OrganizationId": organization}).to_string();
    assert_eq!(
        mock.rest(
            OTHER_ACCOUNT,
            REGION,
            "lambda",
            "POST",
            "/2018-10-31/layers/theirs/versions/1/policy",
            &permit
        )
        .status,
        201
    );
    let path = format!(
        "/2018-10-31/layers/arn:aws:lambda:{REGION}:{OTHER_ACCOUNT}:layer:theirs/versions/1"
    );
    assert_eq!(
        mock.rest(ACCOUNT, REGION, "lambda", "GET", &path, "")
            .status,
        403
    );
    let member = member.expect("an account");
    assert_eq!(
        mock.rest(&member, REGION, "lambda", "GET", &path, "")
            .status,
        200
    );
}
