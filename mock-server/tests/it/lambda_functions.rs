//! Functions: their names, their deletion, and their states. Codes and messages are as recorded
//! from AWS.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::lambda::{ARN, CONFLICT, INVALID, Lambda, NOT_FOUND, PRECONDITION, zip};

const LONG: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

#[test]
fn a_function_is_found_under_all_its_names() {
    let lambda = Lambda::start();
    lambda.function(&format!("{ARN}orders"), &Value::Null);
    lambda.function("111122223333:function:other", &Value::Null);
    for name in [
        "orders",
        "function:orders",
        "111122223333:function:orders",
        &format!("{ARN}orders"),
        &format!("{ARN}orders:$LATEST"),
    ] {
        let qualified = if name.ends_with("$LATEST") {
            format!("{ARN}orders:$LATEST")
        } else {
            format!("{ARN}orders")
        };
        assert_eq!(
            lambda.read(&format!("/{name}"))["Configuration"]["FunctionArn"],
            qualified,
            "{name}"
        );
    }
    assert_eq!(
        lambda.read("/orders?Qualifier=$LATEST")["Configuration"]["FunctionArn"],
        format!("{ARN}orders:$LATEST")
    );
    assert_eq!(
        lambda.read("/other")["Configuration"]["FunctionArn"],
        format!("{ARN}other")
    );
    let elsewhere = "/arn:aws:lambda:ap-southeast-1:111122223333:function:orders";
    for (method, path) in [
        ("GET", elsewhere.to_owned()),
        ("DELETE", elsewhere.to_owned()),
        ("POST", format!("{elsewhere}/invocations")),
    ] {
        let message =
            "Functions from 'ap-southeast-1' are not reachable in this region ('eu-west-1')";
        lambda.refused(&[], (method, &path, &Value::Null), NOT_FOUND, message);
    }
    let foreign = lambda.call(
        "GET",
        "/arn:aws:lambda:eu-west-1:444455556666:function:orders",
        &Value::Null,
    );
    assert_eq!(
        (foreign.status, foreign.header("x-amzn-errortype")),
        (403, Some("AccessDeniedException")),
        "{}",
        foreign.body
    );
    let differs =
        "The derived qualifier from the function name does not match the specified qualifier.";
    for (method, path) in [
        ("GET", "/orders:1?Qualifier=$LATEST"),
        ("DELETE", "/orders:$LATEST?Qualifier=1"),
        ("POST", "/orders:1/invocations?Qualifier=2"),
    ] {
        lambda.refused(&[], (method, path, &Value::Null), INVALID, differs);
    }
    lambda.refused(
        &[],
        ("GET", "/orders?Qualifier=1221", &Value::Null),
        NOT_FOUND,
        &format!("Function not found: {ARN}orders:1221"),
    );
    lambda.refused(
        &[],
        ("GET", "/orders?Qualifier=$latest", &Value::Null),
        NOT_FOUND,
        &format!("Function not found: {ARN}orders:$latest"),
    );
    lambda.refused(
        &[],
        ("GET", &format!("/{LONG}"), &Value::Null),
        NOT_FOUND,
        &format!("Function not found: {ARN}{LONG}"),
    );
    lambda.refused(
        &[],
        ("POST", "/nobody/invocations", &Value::Null),
        NOT_FOUND,
        &format!("Function not found: {ARN}nobody:$LATEST"),
    );
    let too_long = format!(
        "1 validation error detected: Value '{LONG}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64"
    );
    lambda.refused(
        &[],
        ("POST", "", &lambda.input(LONG, &Value::Null)),
        INVALID,
        &too_long,
    );
    lambda.refused(
        &[],
        ("POST", "", &lambda.input("orders", &Value::Null)),
        CONFLICT,
        "Function already exist: orders",
    );
}

#[test]
fn what_can_be_deleted_is_deleted() {
    let lambda = Lambda::start();
    let latest = "$LATEST version cannot be deleted without deleting the function.";
    let alias = "Deletion of aliases is not currently supported.";
    // The error is the same whether the function exists or not.
    for exists in [false, true] {
        if exists {
            lambda.function("orders", &json!({"Publish": true}));
            lambda.done(
                "POST",
                "/orders/aliases",
                &json!({"Name": "live", "FunctionVersion": "1"}),
            );
        }
        lambda.refused(
            &[],
            ("DELETE", "/orders?Qualifier=$LATEST", &Value::Null),
            INVALID,
            latest,
        );
        lambda.refused(
            &[],
            ("DELETE", "/orders:$LATEST", &Value::Null),
            INVALID,
            latest,
        );
        lambda.refused(
            &[],
            ("DELETE", "/orders?Qualifier=live", &Value::Null),
            INVALID,
            alias,
        );
    }
    let referenced = "Unable to delete version because the following aliases reference it: [live]";
    lambda.refused(
        &[],
        ("DELETE", "/orders?Qualifier=1", &Value::Null),
        CONFLICT,
        referenced,
    );
    assert_eq!(
        lambda
            .call("DELETE", "/orders/aliases/live", &Value::Null)
            .status,
        204
    );
    // Deleting a version that does not exist succeeds.
    for path in [
        "/orders?Qualifier=1",
        "/orders?Qualifier=1",
        "/orders:7",
        "/orders",
    ] {
        let answer = lambda.call("DELETE", path, &Value::Null);
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{path}");
    }
    let missing = format!("Function not found: {ARN}orders");
    lambda.refused(
        &[],
        ("DELETE", "/orders", &Value::Null),
        NOT_FOUND,
        &missing,
    );
    lambda.refused(
        &[],
        ("DELETE", "/orders?Qualifier=7", &Value::Null),
        NOT_FOUND,
        &missing,
    );
}

/// The members of a configuration that describe its state.
fn state(configuration: &Value) -> [Option<&str>; 6] {
    [
        "State",
        "StateReason",
        "StateReasonCode",
        "LastUpdateStatus",
        "LastUpdateStatusReason",
        "LastUpdateStatusReasonCode",
    ]
    .map(|name| configuration[name].as_str())
}

const REASON: Option<&str> = Some("The function is being created.");
const PENDING: [Option<&str>; 6] = [Some("Pending"), REASON, Some("Creating"), None, None, None];
const UPDATING: [Option<&str>; 6] = [
    Some("Active"),
    None,
    None,
    Some("InProgress"),
    REASON,
    Some("Creating"),
];
const READY: [Option<&str>; 6] = [Some("Active"), None, None, Some("Successful"), None, None];

#[test]
fn each_change_ends_and_has_its_own_revision() {
    let lambda = Lambda::start();
    let mut revisions = Vec::new();
    let mut see = |configuration: &Value, wanted: [Option<&str>; 6]| {
        assert_eq!(state(configuration), wanted, "{configuration}");
        revisions.push(configuration["RevisionId"].as_str().unwrap().to_owned());
    };
    see(&lambda.function("orders", &Value::Null), PENDING);
    see(&lambda.read("/orders/configuration"), READY);
    see(
        &lambda.done("PUT", "/orders/configuration", &json!({"Timeout": 9})),
        UPDATING,
    );
    see(&lambda.read("/orders")["Configuration"], READY);
    see(
        &lambda.done("PUT", "/orders/code", &json!({"ZipFile": zip("second")})),
        UPDATING,
    );
    see(&lambda.read("/orders/configuration"), READY);
    // An update that changes nothing is also an update.
    see(
        &lambda.done("PUT", "/orders/configuration", &json!({"Timeout": 9})),
        UPDATING,
    );
    see(&lambda.read("/orders/configuration"), READY);
    let count = revisions.len();
    let first = revisions[0].clone();
    let newest = revisions[count - 1].clone();
    revisions.sort();
    revisions.dedup();
    assert_eq!(revisions.len(), count);
    let outdated = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id";
    for (method, path, body) in [
        (
            "PUT",
            "/orders/configuration",
            json!({"Timeout": 8, "RevisionId": first}),
        ),
        (
            "PUT",
            "/orders/code",
            json!({"ZipFile": zip("third"), "RevisionId": first}),
        ),
        ("POST", "/orders/versions", json!({"RevisionId": first})),
    ] {
        lambda.refused(&[], (method, path, &body), PRECONDITION, outdated);
    }
    assert_eq!(
        lambda.read("/orders/configuration")["RevisionId"],
        newest.as_str()
    );
    lambda.done(
        "PUT",
        "/orders/configuration",
        &json!({"Timeout": 8, "RevisionId": newest}),
    );
    // Lists do not contain states.
    let listed = lambda.read("/")["Functions"][0].clone();
    assert_eq!(
        (state(&listed), &listed["RuntimeVersionConfig"]),
        ([None; 6], &Value::Null)
    );
}

#[test]
fn a_function_that_is_being_made_cannot_be_changed_or_invoked() {
    let lambda = Lambda::with_transition(Duration::from_secs(3_600));
    let made = lambda.function("orders", &json!({"Publish": true}));
    assert_eq!(
        (state(&made), &made["Version"], &made["FunctionArn"]),
        (PENDING, &json!("1"), &json!(format!("{ARN}orders")))
    );
    let seen = lambda.read("/orders/configuration");
    assert_eq!(
        (state(&seen), &seen["Version"]),
        (PENDING, &json!("$LATEST"))
    );
    assert_eq!(
        state(&lambda.read("/orders/configuration?Qualifier=1")),
        PENDING
    );
    let pending = "The operation cannot be performed at this time. The function is currently in the following state: Pending";
    for (method, path, body) in [
        ("PUT", "/orders/configuration", json!({"Timeout": 8})),
        ("PUT", "/orders/code", json!({"ZipFile": zip("second")})),
        ("POST", "/orders/versions", json!({})),
        ("POST", "/orders/invocations", json!({})),
        ("POST", "/orders/invocations?Qualifier=1", json!({})),
    ] {
        lambda.refused(&[], (method, path, &body), CONFLICT, pending);
    }
    assert_eq!(lambda.read("/orders/configuration"), seen);
    assert_eq!(lambda.call("DELETE", "/orders", &Value::Null).status, 204);
}

#[test]
fn a_second_update_waits_for_the_first() {
    let lambda = Lambda::with_transition(Duration::from_secs(2));
    lambda.function("orders", &Value::Null);
    let wait = |wanted: [Option<&str>; 6]| {
        let began = Instant::now();
        while state(&lambda.read("/orders/configuration")) != wanted {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "{}",
                lambda.read("/orders/configuration")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        began.elapsed()
    };
    assert!(
        wait(READY) > Duration::from_millis(500),
        "it was ready at once"
    );
    lambda.done("PUT", "/orders/configuration", &json!({"Timeout": 9}));
    let busy = format!(
        "The operation cannot be performed at this time. An update is in progress for resource: {ARN}orders"
    );
    lambda.refused(
        &[],
        ("PUT", "/orders/code", &json!({"ZipFile": zip("second")})),
        CONFLICT,
        &busy,
    );
    lambda.refused(
        &[],
        ("PUT", "/orders/configuration", &json!({"Timeout": 10})),
        CONFLICT,
        &busy,
    );
    lambda.refused(
        &[],
        ("POST", "/orders/versions", &json!({})),
        CONFLICT,
        &busy,
    );
    // The previous code continues to run.
    assert_eq!(
        lambda
            .call("POST", "/orders/invocations", &json!({}))
            .status,
        200
    );
    wait(READY);
    assert_eq!(lambda.read("/orders/configuration")["Timeout"], 9);
    lambda.done("PUT", "/orders/configuration", &json!({"Timeout": 10}));
}

/// Only whole functions can be updated.
#[test]
fn versions_and_aliases_cannot_be_updated() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({"Publish": true}));
    let whole = "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.";
    for (method, path, body) in [
        ("PUT", "/orders:1/configuration", json!({"Timeout": 8})),
        ("PUT", "/orders:1/code", json!({"ZipFile": zip("second")})),
        ("POST", "/orders:1/versions", json!({})),
    ] {
        lambda.refused(&[], (method, path, &body), INVALID, whole);
    }
}

#[test]
fn functions_are_listed_in_pages_with_their_versions_or_without() {
    let lambda = Lambda::start();
    for at in 0..60 {
        lambda.function(&format!("f-{at:02}"), &json!({"Publish": at % 2 == 0}));
    }
    for (query, wanted) in [
        ("", 60),
        ("FunctionVersion=ALL&", 90),
        ("FunctionVersion=ALL&MasterRegion=us-east-1&", 0),
    ] {
        let mut seen = Vec::new();
        let mut marker = String::new();
        loop {
            let page = lambda.read(&format!("/?{query}MaxItems=17{marker}"));
            let functions = page["Functions"].as_array().unwrap();
            assert!(functions.len() <= 17);
            seen.extend(
                functions
                    .iter()
                    .map(|it| it["FunctionArn"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page["NextMarker"].as_str() else {
                break;
            };
            marker = format!("&Marker={next}");
        }
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!((seen.len(), unique.len()), (wanted, wanted), "{query}");
        assert_eq!(
            seen.iter()
                .all(|arn| arn.ends_with(":$LATEST") || arn.ends_with(":1")),
            query.contains("ALL"),
            "{query}"
        );
    }
    assert_eq!(
        lambda.read("/?MaxItems=10000")["Functions"]
            .as_array()
            .map(Vec::len),
        Some(50)
    );
}
