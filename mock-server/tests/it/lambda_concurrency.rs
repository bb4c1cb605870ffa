//! Reserved and provisioned concurrency, and the account's limits.

use serde_json::{Value, json};

use crate::lambda::{CONFLICT, INVALID, Lambda, NOT_FOUND, arn, zip};

const RESERVED: &str = "/2017-10-31/functions/orders/concurrency";
const READ_RESERVED: &str = "/2019-09-30/functions/orders/concurrency";
const LIST: &str = "/2019-09-30/functions/orders/provisioned-concurrency?List=ALL";
const SETTINGS: &str = "/2016-08-19/account-settings";

fn reserve(number: u64) -> Value {
    json!({"ReservedConcurrentExecutions": number})
}

fn provisioned(qualifier: &str) -> String {
    format!("/2019-09-30/functions/orders/provisioned-concurrency?Qualifier={qualifier}")
}

fn provision(number: u64) -> Value {
    json!({"ProvisionedConcurrentExecutions": number})
}

fn unreserved(lambda: &Lambda) -> u64 {
    lambda.read(SETTINGS)["AccountLimit"]["UnreservedConcurrentExecutions"]
        .as_u64()
        .unwrap()
}

#[test]
fn a_hundred_executions_cannot_be_reserved() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    lambda.function("other", &json!({}));
    let other = "/2017-10-31/functions/other/concurrency";
    let below = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].";
    let watched = [READ_RESERVED, SETTINGS];
    for number in [901, 1_000, 1_001] {
        lambda.refused(
            &watched,
            ("PUT", RESERVED, &reserve(number)),
            INVALID,
            below,
        );
        assert_eq!(
            lambda
                .call("PUT", RESERVED, &reserve(number))
                .json()
                .get("Type"),
            None
        );
    }
    assert_eq!(
        lambda.expect(200, "PUT", RESERVED, &reserve(900)),
        reserve(900)
    );
    assert_eq!(
        (lambda.read(READ_RESERVED), unreserved(&lambda)),
        (reserve(900), 100)
    );
    lambda.refused(&watched, ("PUT", other, &reserve(1)), INVALID, below);
    // A function's own reservation is not counted twice; zero can always be reserved.
    lambda.expect(200, "PUT", RESERVED, &reserve(899));
    lambda.expect(200, "PUT", other, &reserve(1));
    lambda.expect(200, "PUT", other, &reserve(0));
    lambda.expect(204, "DELETE", RESERVED, &Value::Null);
    assert_eq!(
        (lambda.read(READ_RESERVED), unreserved(&lambda)),
        (json!({}), 1_000)
    );
}

#[test]
fn concurrency_is_reserved_for_functions_only() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    let only = "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.";
    for qualifier in ["$LATEST", "1"] {
        let path = format!(
            "/2017-10-31/functions/{}:{qualifier}/concurrency",
            arn("function:orders")
        );
        lambda.refused(&[READ_RESERVED], ("PUT", &path, &reserve(1)), INVALID, only);
    }
    let message = format!("Function not found: {}", arn("function:nothing:$LATEST"));
    lambda.refused(
        &[],
        (
            "PUT",
            "/2017-10-31/functions/nothing/concurrency",
            &reserve(0),
        ),
        NOT_FOUND,
        &message,
    );
}

#[test]
fn provisioned_concurrency_takes_a_while() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    lambda.publish("orders", "one");
    let put = lambda.expect(202, "PUT", &provisioned("1"), &provision(5));
    assert_eq!(put["Status"], "IN_PROGRESS");
    let numbers = |config: &Value| {
        ["Requested", "Allocated", "Available"].map(|it| {
            config[format!("{it}ProvisionedConcurrentExecutions")]
                .as_u64()
                .unwrap()
        })
    };
    assert_eq!(numbers(&put), [5, 0, 0]);
    let ready = lambda.read(&provisioned("1"));
    assert_eq!(
        (ready["Status"].clone(), numbers(&ready)),
        (json!("READY"), [5, 5, 5])
    );
    assert_eq!(ready["LastModified"], put["LastModified"]);
    let listed = lambda.read(LIST)["ProvisionedConcurrencyConfigs"].clone();
    assert_eq!(
        (listed[0]["FunctionArn"].clone(), numbers(&listed[0])),
        (json!(arn("function:orders:1")), [5, 5, 5])
    );
    // Existing capacity stays available while more is allocated.
    assert_eq!(
        numbers(&lambda.expect(202, "PUT", &provisioned("1"), &provision(7))),
        [7, 5, 5]
    );
    assert_eq!(
        numbers(&lambda.expect(202, "PUT", &provisioned("1"), &provision(2))),
        [2, 2, 2]
    );
    lambda.expect(204, "DELETE", &provisioned("1"), &Value::Null);
    lambda.expect(204, "DELETE", &provisioned("1"), &Value::Null);
    assert_eq!(
        lambda.read(LIST)["ProvisionedConcurrencyConfigs"],
        json!([])
    );
    let none = (404, "ProvisionedConcurrencyConfigNotFoundException");
    lambda.refused(
        &[],
        ("GET", &provisioned("1"), &Value::Null),
        none,
        "No Provisioned Concurrency Config found for this function",
    );
}

#[test]
fn provisioned_concurrency_is_for_aliases_and_versions_that_are_there() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    lambda.publish("orders", "one");
    let unpublished =
        "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
    lambda.refused(
        &[LIST],
        ("PUT", &provisioned("$LATEST"), &provision(1)),
        INVALID,
        unpublished,
    );
    lambda.alias("orders", "newest", "$LATEST");
    lambda.refused(
        &[LIST],
        ("PUT", &provisioned("newest"), &provision(1)),
        INVALID,
        unpublished,
    );
    for method in ["GET", "DELETE"] {
        let message = "The function resource provided must be an alias or a published version.";
        lambda.refused(
            &[LIST],
            (method, &provisioned("$LATEST"), &Value::Null),
            INVALID,
            message,
        );
    }
    for method in ["GET", "DELETE", "PUT"] {
        let body = if method == "PUT" {
            provision(1)
        } else {
            Value::Null
        };
        for (path, message) in [
            (
                provisioned("nobody"),
                format!("Cannot find alias arn: {}", arn("function:orders:nobody")),
            ),
            (
                provisioned("10"),
                format!("Function not found: {}", arn("function:orders:10")),
            ),
            (
                provisioned("nobody").replace("orders", "nothing"),
                format!("Cannot find alias arn: {}", arn("function:nothing:nobody")),
            ),
            (
                provisioned("1").replace("orders", "nothing"),
                format!("Function not found: {}", arn("function:nothing:1")),
            ),
        ] {
            lambda.refused(&[LIST], (method, &path, &body), NOT_FOUND, &message);
        }
    }
    let message = format!("Function not found: {}", arn("function:nothing"));
    lambda.refused(
        &[],
        ("GET", &LIST.replace("orders", "nothing"), &Value::Null),
        NOT_FOUND,
        &message,
    );
}

#[test]
fn a_version_has_provisioned_concurrency_by_one_way_only() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    lambda.publish("orders", "one");
    lambda.publish("orders", "two");
    lambda.alias("orders", "live", "1");
    let routed = json!({"Name": "routed", "FunctionVersion": "2", "RoutingConfig": {"AdditionalVersionWeights": {"1": 0.1}}});
    lambda.expect(201, "POST", "/2015-03-31/functions/orders/aliases", &routed);
    lambda.expect(202, "PUT", &provisioned("1"), &provision(1));
    let of_version = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version";
    for alias in ["live", "routed"] {
        lambda.refused(
            &[LIST],
            ("PUT", &provisioned(alias), &provision(1)),
            CONFLICT,
            of_version,
        );
    }
    lambda.expect(204, "DELETE", &provisioned("1"), &Value::Null);
    lambda.expect(202, "PUT", &provisioned("live"), &provision(1));
    let of_alias = "Version is pointed by a Provisioned Concurrency alias";
    lambda.refused(
        &[LIST],
        ("PUT", &provisioned("1"), &provision(1)),
        CONFLICT,
        of_alias,
    );
    lambda.expect(202, "PUT", &provisioned("2"), &provision(1));
    lambda.expect(202, "PUT", &provisioned("live"), &provision(2));
    // The configuration is deleted together with the alias.
    lambda.expect(
        204,
        "DELETE",
        "/2015-03-31/functions/orders/aliases/live",
        &Value::Null,
    );
    let message = format!("Cannot find alias arn: {}", arn("function:orders:live"));
    lambda.refused(
        &[],
        ("GET", &provisioned("live"), &Value::Null),
        NOT_FOUND,
        &message,
    );
    let listed = lambda.read(LIST)["ProvisionedConcurrencyConfigs"].clone();
    assert_eq!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["FunctionArn"])
            .collect::<Vec<_>>(),
        [&json!(arn("function:orders:2"))]
    );
}

#[test]
fn reserved_and_provisioned_concurrency_divide_the_account() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    lambda.function("other", &json!({}));
    lambda.publish("orders", "one");
    lambda.publish("orders", "two");
    let watched = [LIST, READ_RESERVED, SETTINGS];
    lambda.expect(
        200,
        "PUT",
        "/2017-10-31/functions/other/concurrency",
        &reserve(200),
    );
    let more = "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [800].";
    lambda.refused(
        &watched,
        ("PUT", &provisioned("1"), &provision(801)),
        INVALID,
        more,
    );
    let below = "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].";
    lambda.refused(
        &watched,
        ("PUT", &provisioned("1"), &provision(701)),
        INVALID,
        below,
    );
    lambda.expect(202, "PUT", &provisioned("1"), &provision(700));
    assert_eq!(unreserved(&lambda), 100);
    lambda.refused(
        &watched,
        ("PUT", &provisioned("2"), &provision(1)),
        INVALID,
        below,
    );
    // A new value for the same version replaces the previous one.
    lambda.expect(202, "PUT", &provisioned("1"), &provision(2));
    let lower = " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].";
    lambda.refused(&watched, ("PUT", RESERVED, &reserve(1)), INVALID, lower);
    lambda.expect(200, "PUT", RESERVED, &reserve(2));
    let greater = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function";
    lambda.refused(
        &watched,
        ("PUT", &provisioned("2"), &provision(1)),
        INVALID,
        greater,
    );
    lambda.refused(
        &watched,
        ("PUT", &provisioned("1"), &provision(3)),
        INVALID,
        greater,
    );
    assert_eq!(unreserved(&lambda), 798);
}

#[test]
fn the_account_counts_the_code_of_versions_and_layers() {
    let lambda = Lambda::start();
    let used = || lambda.read(SETTINGS)["AccountUsage"].clone();
    assert_eq!(used(), json!({"TotalCodeSize": 0, "FunctionCount": 0}));
    lambda.function("orders", &json!({}));
    assert_eq!(used(), json!({"TotalCodeSize": 111, "FunctionCount": 1}));
    lambda.expect(
        200,
        "PUT",
        "/2015-03-31/functions/orders/configuration",
        &json!({"Timeout": 9}),
    );
    assert_eq!(used()["TotalCodeSize"], 111);
    lambda.publish("orders", "one");
    assert_eq!(used(), json!({"TotalCodeSize": 222, "FunctionCount": 1}));
    let content = json!({"Content": {"ZipFile": zip("the package")}});
    for size in [333, 444] {
        lambda.expect(201, "POST", "/2018-10-31/layers/common/versions", &content);
        assert_eq!(used()["TotalCodeSize"], size);
    }
    lambda.expect(
        204,
        "DELETE",
        "/2018-10-31/layers/common/versions/1",
        &Value::Null,
    );
    assert_eq!(used()["TotalCodeSize"], 333);
    let limit = lambda.read(SETTINGS)["AccountLimit"].clone();
    assert_eq!(
        (
            limit["ConcurrentExecutions"].clone(),
            limit["CodeSizeZipped"].clone()
        ),
        (json!(1_000), json!(52_428_800))
    );
}

#[test]
fn what_starts_in_another_way_has_no_provisioned_concurrency() {
    let lambda = Lambda::start();
    lambda.function(
        "orders",
        &json!({"SnapStart": {"ApplyOn": "PublishedVersions"}}),
    );
    lambda.publish("orders", "one");
    lambda.alias("orders", "live", "1");
    let snapshots = "Provisioned concurrency is not supported for SnapStart enabled functions.";
    for qualifier in ["1", "live"] {
        lambda.refused(
            &[LIST],
            ("PUT", &provisioned(qualifier), &provision(1)),
            INVALID,
            snapshots,
        );
    }
    lambda.function(
        "tenants",
        &json!({"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}}),
    );
    lambda.publish("tenants", "one");
    let tenants = "Provisioned concurrency is not supported for functions with tenant isolation.";
    lambda.refused(
        &[],
        (
            "PUT",
            &provisioned("1").replace("orders", "tenants"),
            &provision(1),
        ),
        INVALID,
        tenants,
    );
    let urls = "Function URLs are not supported for functions with tenant isolation.";
    lambda.refused(
        &[],
        (
            "POST",
            "/2021-10-31/functions/tenants/url",
            &json!({"AuthType": "NONE"}),
        ),
        INVALID,
        urls,
    );
}
