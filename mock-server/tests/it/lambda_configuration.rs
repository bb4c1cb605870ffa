//! Configurations of functions: environments, logs, and settings that empty values remove.

use crate::lambda::{INVALID, Lambda};
use serde_json::{Value, json};

#[test]
fn an_environment_is_small_and_leaves_out_what_lambda_sets() {
    let lambda = Lambda::start();
    let variables = |variables: Value| json!({"Environment": {"Variables": variables}});
    // `{"AA":"…"}` takes nine bytes in addition to the value.
    let fits = variables(json!({"AA": "x".repeat(4096 - 9)}));
    lambda.function("orders", &fits);
    let large = json!({"AA": "x".repeat(4096 - 8)});
    let too_large = format!(
        "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {large}"
    );
    let reserved = "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION";
    for (given, message) in [
        (variables(large.clone()), too_large.as_str()),
        (variables(json!({"BB": "c", "AWS_REGION": "x"})), reserved),
    ] {
        lambda.refused(
            &[],
            ("POST", "", &lambda.input("other", &given)),
            INVALID,
            message,
        );
        lambda.refused(
            &[],
            ("PUT", "/orders/configuration", &given),
            INVALID,
            message,
        );
    }
    assert_eq!(
        lambda.read("/orders/configuration")["Environment"],
        fits["Environment"]
    );
    assert_eq!(
        lambda.done("PUT", "/orders/configuration", &variables(json!({})))["Environment"],
        json!({"Variables": {}})
    );
}

#[test]
fn logs_are_configured_part_by_part() {
    let lambda = Lambda::start();
    let text = json!({"LogFormat": "Text", "LogGroup": "/aws/lambda/orders"});
    assert_eq!(
        lambda.function("orders", &Value::Null)["LoggingConfig"],
        text
    );
    let update = |config: Value| {
        lambda.done(
            "PUT",
            "/orders/configuration",
            &json!({"LoggingConfig": config}),
        )["LoggingConfig"]
            .clone()
    };
    let levels = "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the LogFormat to \"Json\" and try again.";
    lambda.refused(
        &[],
        (
            "PUT",
            "/orders/configuration",
            &json!({"LoggingConfig": {"ApplicationLogLevel": "DEBUG"}}),
        ),
        INVALID,
        levels,
    );
    let json_of = |application: &str, system: &str, group: &str| json!({"LogFormat": "JSON", "LogGroup": group, "ApplicationLogLevel": application, "SystemLogLevel": system});
    for (given, wanted) in [
        (
            json!({"LogFormat": "JSON"}),
            json_of("INFO", "INFO", "/aws/lambda/orders"),
        ),
        (
            json!({"ApplicationLogLevel": "DEBUG"}),
            json_of("DEBUG", "INFO", "/aws/lambda/orders"),
        ),
        (
            json!({"LogGroup": "cool_lambda"}),
            json_of("DEBUG", "INFO", "cool_lambda"),
        ),
        (
            json!({"SystemLogLevel": "WARN", "LogFormat": "JSON"}),
            json_of("DEBUG", "WARN", "cool_lambda"),
        ),
        (
            json!({"LogFormat": "Text"}),
            json!({"LogFormat": "Text", "LogGroup": "cool_lambda"}),
        ),
    ] {
        assert_eq!(update(given.clone()), wanted, "{given}");
    }
}

#[test]
fn what_is_given_empty_is_taken_away() {
    let lambda = Lambda::start();
    let network = json!({"SubnetIds": ["subnet-0a"], "SecurityGroupIds": ["sg-0a"]});
    let made = lambda.function(
        "orders",
        &json!({"VpcConfig": network, "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-west-1:111122223333:q"},
            "KMSKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"}),
    );
    assert_eq!(
        (
            &made["VpcConfig"]["SubnetIds"],
            &made["VpcConfig"]["Ipv6AllowedForDualStack"]
        ),
        (&json!(["subnet-0a"]), &json!(false))
    );
    let half = json!({"VpcConfig": {"SubnetIds": ["subnet-0a"], "SecurityGroupIds": []}});
    lambda.refused(
        &[],
        ("PUT", "/orders/configuration", &half),
        INVALID,
        "SubnetIds and SecurityIds must coexist or be both empty list.",
    );
    let nothing = json!({"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []}, "DeadLetterConfig": {"TargetArn": ""}, "KMSKeyArn": "", "Layers": []});
    let emptied = lambda.done("PUT", "/orders/configuration", &nothing);
    assert_eq!(
        emptied["VpcConfig"],
        json!({"VpcId": "", "SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": false})
    );
    for member in ["DeadLetterConfig", "KMSKeyArn", "Layers"] {
        assert_eq!(emptied[member], Value::Null, "{member}");
    }
}
