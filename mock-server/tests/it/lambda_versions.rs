//! Published versions and aliases. Codes and messages are as recorded from AWS.

use serde_json::{Value, json};

use crate::lambda::{ARN, CONFLICT, INVALID, Lambda, NOT_FOUND, PRECONDITION, zip};

fn versions(lambda: &Lambda, name: &str) -> Vec<String> {
    let page = lambda.read(&format!("/{name}/versions"));
    page["Versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["Version"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_version_is_published_where_something_has_changed() {
    let lambda = Lambda::start();
    let made = lambda.function("orders", &json!({"Description": "none"}));
    let revision = |path: &str| lambda.read(path)["RevisionId"].clone();
    let before = revision("/orders/configuration");
    let first = lambda.done("POST", "/orders/versions", &json!({"Description": "first"}));
    assert_eq!(
        (
            &first["Version"],
            &first["Description"],
            &first["FunctionArn"]
        ),
        (
            &json!("1"),
            &json!("first"),
            &json!(format!("{ARN}orders:1"))
        )
    );
    assert_eq!(
        (first["State"].as_str(), first["LastUpdateStatus"].as_str()),
        (Some("Active"), Some("Successful"))
    );
    // Publishing gives the version and `$LATEST` new revisions.
    let after = revision("/orders/configuration");
    assert!(first["RevisionId"] != before && after != before && after != first["RevisionId"]);
    // Unchanged code and configuration are not published again, even with a new description.
    assert_eq!(
        lambda.done(
            "POST",
            "/orders/versions",
            &json!({"Description": "second"})
        ),
        first
    );
    lambda.done(
        "PUT",
        "/orders/configuration",
        &json!({"Description": "none"}),
    );
    assert_eq!(
        lambda.done("POST", "/orders/versions", &json!({}))["Version"],
        "1"
    );
    lambda.done(
        "PUT",
        "/orders/configuration",
        &json!({"Description": "changed"}),
    );
    let second = lambda.done("POST", "/orders/versions", &json!({}));
    assert_eq!(
        (&second["Version"], &second["Description"]),
        (&json!("2"), &json!("changed"))
    );
    assert_eq!(
        lambda.read("/orders/configuration?Qualifier=1")["Description"],
        "first"
    );
    let sha = made["CodeSha256"].as_str().unwrap();
    let other = format!(
        "CodeSHA256 (AAAA) is different from current CodeSHA256 in $LATEST ({sha}). Please try again with the CodeSHA256 in $LATEST."
    );
    lambda.refused(
        &[],
        ("POST", "/orders/versions", &json!({"CodeSha256": "AAAA"})),
        INVALID,
        &other,
    );
    lambda.done(
        "POST",
        "/orders/versions",
        &json!({"CodeSha256": sha, "RevisionId": revision("/orders/configuration")}),
    );
    // Publishing together with an update of the code returns the version's ARN.
    let updated = lambda.done(
        "PUT",
        "/orders/code",
        &json!({"ZipFile": zip("second"), "Publish": true}),
    );
    assert_eq!(
        (
            &updated["Version"],
            &updated["FunctionArn"],
            &updated["State"]
        ),
        (
            &json!("3"),
            &json!(format!("{ARN}orders:3")),
            &json!("Pending")
        )
    );
    assert_eq!(
        lambda.read("/orders/configuration?Qualifier=3")["State"],
        "Active"
    );
    // The same code again gives the existing version, which is already active.
    let again = lambda.done(
        "PUT",
        "/orders/code",
        &json!({"ZipFile": zip("second"), "Publish": true}),
    );
    assert_eq!(
        (&again["Version"], &again["State"]),
        (&json!("3"), &json!("Active"))
    );
    assert_eq!(versions(&lambda, "orders"), ["$LATEST", "1", "2", "3"]);
}

#[test]
fn numbers_are_not_given_twice() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({"Publish": true}));
    lambda.done("DELETE", "/orders?Qualifier=1", &Value::Null);
    assert_eq!(
        lambda.done("POST", "/orders/versions", &json!({}))["Version"],
        "2"
    );
    lambda.done("PUT", "/orders/configuration", &json!({"Timeout": 9}));
    assert_eq!(
        lambda.done("POST", "/orders/versions", &json!({}))["Version"],
        "3"
    );
    lambda.done("DELETE", "/orders?Qualifier=2", &Value::Null);
    assert_eq!(versions(&lambda, "orders"), ["$LATEST", "3"]);
    // Numbers are not reused by a function that is created again either.
    lambda.done("DELETE", "/orders", &Value::Null);
    assert_eq!(
        lambda.function("orders", &json!({"Publish": true}))["Version"],
        "4"
    );
    lambda.done("DELETE", "/orders?Qualifier=4", &Value::Null);
    lambda.done("DELETE", "/orders", &Value::Null);
    lambda.function("orders", &Value::Null);
    assert_eq!(
        lambda.done("POST", "/orders/versions", &json!({}))["Version"],
        "5"
    );
}

#[test]
fn versions_are_listed_in_pages_in_the_order_of_their_numbers() {
    let lambda = Lambda::start();
    lambda.function("orders", &Value::Null);
    for at in 1..=60 {
        lambda.done("PUT", "/orders/configuration", &json!({"Timeout": at}));
        lambda.done("POST", "/orders/versions", &json!({}));
    }
    let first = lambda.read("/orders/versions");
    let second = lambda.read(&format!(
        "/orders/versions?Marker={}",
        first["NextMarker"].as_str().unwrap()
    ));
    let pages = [
        first["Versions"].as_array().unwrap(),
        second["Versions"].as_array().unwrap(),
    ];
    let seen: Vec<&str> = pages
        .iter()
        .flat_map(|page| page.iter())
        .map(|it| it["Version"].as_str().unwrap())
        .collect();
    let wanted: Vec<String> = std::iter::once("$LATEST".to_owned())
        .chain((1..=60).map(|at| at.to_string()))
        .collect();
    assert_eq!(
        (seen, second["NextMarker"].as_str()),
        (wanted.iter().map(String::as_str).collect(), None)
    );
}

/// A function with two versions.
fn published(lambda: &Lambda) {
    lambda.function("orders", &json!({"Publish": true}));
    lambda.done("PUT", "/orders/configuration", &json!({"Timeout": 9}));
    lambda.done("POST", "/orders/versions", &json!({}));
}

#[test]
fn an_alias_leads_to_versions_that_are_there() {
    let lambda = Lambda::start();
    published(&lambda);
    let routed = |version: &str, weights: Value| json!({"Name": "live", "FunctionVersion": version, "RoutingConfig": {"AdditionalVersionWeights": weights}});
    let missing = format!("Function not found: {ARN}orders:10");
    let cases = [
        (
            routed("1", json!({"2": 0.1, "10": 0.1})),
            INVALID,
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        ),
        (
            routed("1", json!({"1": 0.1})),
            INVALID,
            "Invalid function version 1. Function version 1 is already included in routing configuration.",
        ),
        (
            routed("$LATEST", json!({"1": 0.1})),
            INVALID,
            "$LATEST is not supported for an alias pointing to more than 1 version",
        ),
        (routed("10", json!({"1": 0.1})), NOT_FOUND, missing.as_str()),
        (routed("1", json!({"10": 0.1})), NOT_FOUND, missing.as_str()),
        (routed("10", json!({})), NOT_FOUND, missing.as_str()),
    ];
    for (body, kind, message) in &cases {
        lambda.refused(&[], ("POST", "/orders/aliases", body), *kind, message);
        // Recorded from AWS: only this error has no type.
        let typed = lambda
            .call("POST", "/orders/aliases", body)
            .json()
            .get("Type")
            .is_some();
        assert_eq!(typed, !message.starts_with("$LATEST"), "{message}");
    }
    let unknown = format!("Function not found: {ARN}nobody:1");
    lambda.refused(
        &[],
        ("POST", "/nobody/aliases", &routed("1", json!({}))),
        NOT_FOUND,
        &unknown,
    );
    assert_eq!(lambda.read("/orders/aliases")["Aliases"], json!([]));
    let made = lambda.call("POST", "/orders/aliases", &routed("1", json!({"2": 0.5})));
    assert_eq!(
        (
            made.status,
            &made.json()["RoutingConfig"]["AdditionalVersionWeights"]["2"]
        ),
        (201, &json!(0.5))
    );
    lambda.refused(
        &[],
        ("POST", "/orders/aliases", &routed("1", json!({}))),
        CONFLICT,
        &format!("Alias already exists: {ARN}orders:live"),
    );
    // The same rules apply to an update, together with the settings that it omits; a rejected
    // update changes nothing.
    let before = lambda.read("/orders/aliases/live");
    for (mut body, kind, message) in cases {
        body.as_object_mut().unwrap().remove("Name");
        if body["RoutingConfig"]["AdditionalVersionWeights"] != json!({}) {
            lambda.refused(&[], ("PUT", "/orders/aliases/live", &body), kind, message);
        }
    }
    lambda.refused(
        &[],
        (
            "PUT",
            "/orders/aliases/live",
            &json!({"FunctionVersion": "$LATEST"}),
        ),
        INVALID,
        "$LATEST is not supported for an alias pointing to more than 1 version",
    );
    let outdated = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id";
    lambda.refused(
        &[],
        (
            "PUT",
            "/orders/aliases/live",
            &json!({"Description": "x", "RevisionId": "00000000-0000-4000-8000-000000000000"}),
        ),
        PRECONDITION,
        outdated,
    );
    assert_eq!(lambda.read("/orders/aliases/live"), before);
}

#[test]
fn an_alias_is_changed_listed_and_deleted() {
    let lambda = Lambda::start();
    published(&lambda);
    for (name, version) in [("live", "1"), ("newest", "$LATEST"), ("next", "2")] {
        lambda.done(
            "POST",
            "/orders/aliases",
            &json!({"Name": name, "FunctionVersion": version}),
        );
    }
    let weights = |weights: Value| json!({"RoutingConfig": {"AdditionalVersionWeights": weights}});
    lambda.done("PUT", "/orders/aliases/live", &weights(json!({"2": 0.25})));
    let names = |query: &str| {
        let page = lambda.read(&format!("/orders/aliases{query}"));
        page["Aliases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["Name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["live", "newest", "next"]);
    assert_eq!(names("?FunctionVersion=1"), ["live"]);
    // Neither version of an alias can be deleted.
    let referenced =
        "Unable to delete version because the following aliases reference it: [live, next]";
    lambda.refused(
        &[],
        ("DELETE", "/orders?Qualifier=2", &Value::Null),
        CONFLICT,
        referenced,
    );
    assert_eq!(
        lambda.read("/orders?Qualifier=live")["Configuration"]["FunctionArn"],
        format!("{ARN}orders:live")
    );
    assert_eq!(
        lambda.read("/orders?Qualifier=newest")["Configuration"]["Version"],
        "$LATEST"
    );
    // Empty weights remove the routing configuration.
    assert_eq!(
        lambda.done("PUT", "/orders/aliases/live", &weights(json!({})))["RoutingConfig"],
        Value::Null
    );
    assert_eq!(
        lambda.done(
            "PUT",
            "/orders/aliases/live",
            &json!({"FunctionVersion": "2"})
        )["FunctionVersion"],
        "2"
    );
    for _ in 0..2 {
        assert_eq!(
            lambda
                .call("DELETE", "/orders/aliases/live", &Value::Null)
                .status,
            204
        );
    }
    lambda.refused(
        &[],
        ("GET", "/orders/aliases/live", &Value::Null),
        NOT_FOUND,
        &format!("Cannot find alias arn: {ARN}orders:live"),
    );
    lambda.refused(
        &[],
        ("PUT", "/orders/aliases/live", &json!({"Description": "x"})),
        NOT_FOUND,
        &format!("Alias not found: {ARN}orders:live"),
    );
    lambda.refused(
        &[],
        ("GET", "/orders?Qualifier=live", &Value::Null),
        NOT_FOUND,
        &format!("Function not found: {ARN}orders:live"),
    );
}

/// Creating a snapshot takes time, although the function itself is ready.
#[test]
fn a_version_whose_snapshot_is_taken_is_pending() {
    let lambda = Lambda::start();
    lambda.function(
        "orders",
        &json!({"SnapStart": {"ApplyOn": "PublishedVersions"}}),
    );
    assert_eq!(
        lambda.read("/orders/configuration")["SnapStart"],
        json!({"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"})
    );
    let version = lambda.done("POST", "/orders/versions", &json!({}));
    assert_eq!(
        (
            version["State"].as_str(),
            version["SnapStart"]["OptimizationStatus"].as_str()
        ),
        (Some("Pending"), Some("On"))
    );
    assert_eq!(
        lambda.read("/orders/configuration?Qualifier=1")["State"],
        "Active"
    );
}

/// On managed instances only published versions can be invoked.
#[test]
fn on_managed_instances_latest_cannot_be_invoked() {
    let lambda = Lambda::start();
    let provider = "arn:aws:lambda:eu-west-1:111122223333:capacity-provider:shared";
    let config =
        json!({"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": provider}});
    lambda.function(
        "orders",
        &json!({"CapacityProviderConfig": config, "Publish": true}),
    );
    let states = ["$LATEST", "1"].map(|version| {
        lambda.read(&format!("/orders/configuration?Qualifier={version}"))["State"].clone()
    });
    assert_eq!(states, [json!("ActiveNonInvocable"), json!("Active")]);
    let state = "The operation cannot be performed at this time. The function is currently in the following state: ActiveNonInvocable";
    lambda.refused(
        &[],
        ("POST", "/orders/invocations", &json!({})),
        CONFLICT,
        state,
    );
    assert_eq!(
        lambda
            .call("POST", "/orders:1/invocations", &json!({}))
            .status,
        200
    );
    assert_eq!(
        lambda.done("PUT", "/orders/configuration", &json!({"Timeout": 9}))["State"],
        "ActiveNonInvocable"
    );
}
