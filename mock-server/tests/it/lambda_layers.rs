//! Layers: versions, packages, policies, and which layers a function may have.

use serde_json::{Value, json};

use crate::lambda::{
    CONFLICT, INVALID, Lambda, NOT_FOUND, OTHER_ACCOUNT, PRECONDITION, REGION, arn, embedded, told,
    zip,
};

pub(crate) fn publish(lambda: &Lambda, name: &str, further: &Value) -> Value {
    let mut body = json!({"Content": {"ZipFile": zip("the package")}});
    body.as_object_mut()
        .unwrap()
        .extend(further.as_object().cloned().unwrap());
    lambda.expect(
        201,
        "POST",
        &format!("/2018-10-31/layers/{name}/versions"),
        &body,
    )
}

pub(crate) fn versions(lambda: &Lambda, name: &str, query: &str) -> Vec<u64> {
    let listed = lambda.expect(
        200,
        "GET",
        &format!("/2018-10-31/layers/{name}/versions{query}"),
        &Value::Null,
    );
    listed["LayerVersions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["Version"].as_u64().unwrap())
        .collect()
}

#[test]
fn a_version_is_published_read_listed_and_its_number_never_used_again() {
    let lambda = Lambda::start();
    let given = json!({"Description": "d", "CompatibleRuntimes": ["python3.13"], "CompatibleArchitectures": ["arm64"], "LicenseInfo": "MIT"});
    let first = publish(&lambda, "common", &given);
    assert_eq!(
        (first["LayerArn"].clone(), first["LayerVersionArn"].clone()),
        (json!(arn("layer:common")), json!(arn("layer:common:1")))
    );
    assert_eq!(first["Content"]["CodeSize"], 111);
    assert_eq!(
        (first["Version"].clone(), first["LicenseInfo"].clone()),
        (json!(1), json!("MIT"))
    );
    // An omitted list is not returned; an empty list is.
    let bare = publish(&lambda, "common", &json!({"CompatibleRuntimes": []}));
    assert_eq!(
        (
            bare["CompatibleRuntimes"].clone(),
            bare.get("CompatibleArchitectures")
        ),
        (json!([]), None)
    );
    assert_eq!(
        lambda.expect(
            200,
            "GET",
            "/2018-10-31/layers/common/versions/1",
            &Value::Null
        ),
        first
    );
    let by_arn = format!(
        "/2018-10-31/layers?find=LayerVersion&Arn={}",
        arn("layer:common:1")
    );
    assert_eq!(lambda.expect(200, "GET", &by_arn, &Value::Null), first);
    let by_layer_arn = format!("/2018-10-31/layers/{}/versions/1", arn("layer:common"));
    assert_eq!(
        lambda.expect(200, "GET", &by_layer_arn, &Value::Null),
        first
    );
    assert_eq!(versions(&lambda, "common", ""), [2, 1]);
    for number in [2, 1, 1, 7] {
        lambda.expect(
            204,
            "DELETE",
            &format!("/2018-10-31/layers/common/versions/{number}"),
            &Value::Null,
        );
    }
    lambda.expect(
        204,
        "DELETE",
        "/2018-10-31/layers/nothing/versions/1",
        &Value::Null,
    );
    assert!(versions(&lambda, "common", "").is_empty());
    assert_eq!(publish(&lambda, "common", &json!({}))["Version"], 3);
}

#[test]
fn what_is_no_version_or_no_archive_is_told() {
    let lambda = Lambda::start();
    publish(&lambda, "common", &json!({}));
    let watched = [
        "/2018-10-31/layers",
        "/2018-10-31/layers/common/versions",
        "/2016-08-19/account-settings",
    ];
    for (path, expected, message) in [
        (
            "common/versions/0",
            INVALID,
            "Layer Version Cannot be less than 1",
        ),
        (
            "common/versions/-1",
            INVALID,
            "Layer Version Cannot be less than 1",
        ),
        (
            "common/versions/2",
            NOT_FOUND,
            "The resource you requested does not exist.",
        ),
        (
            "nothing/versions/1",
            NOT_FOUND,
            "The resource you requested does not exist.",
        ),
    ] {
        lambda.refused(
            &watched,
            ("GET", &format!("/2018-10-31/layers/{path}"), &Value::Null),
            expected,
            message,
        );
    }
    lambda.refused(
        &watched,
        (
            "DELETE",
            "/2018-10-31/layers/common/versions/-1",
            &Value::Null,
        ),
        INVALID,
        "Layer Version Cannot be less than 1",
    );
    let unzippable =
        "Could not unzip uploaded file. Please check your file, then try to upload again.";
    for zip in ["bm90IGEgemlw", &zip("the package")[..40], ""] {
        let body = json!({"Content": {"ZipFile": zip}});
        lambda.refused(
            &watched,
            ("POST", "/2018-10-31/layers/common/versions", &body),
            INVALID,
            unzippable,
        );
    }
    // Rejected requests use no version number.
    assert_eq!(publish(&lambda, "common", &json!({}))["Version"], 2);
}

#[test]
fn a_version_says_where_its_package_is() {
    let lambda = Lambda::start();
    let published = publish(&lambda, "common", &json!({}));
    let location = published["Content"]["Location"].as_str().unwrap();
    let path = &location[location.find("/_mock").unwrap()..];
    let answer = lambda.mock.page("GET", path);
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/zip"))
    );
    assert_eq!(
        (
            answer.header("content-length"),
            answer.body.starts_with("PK")
        ),
        (Some("111"), true)
    );
    // Functions continue to use a deleted version, so its package is kept.
    lambda.expect(
        204,
        "DELETE",
        "/2018-10-31/layers/common/versions/1",
        &Value::Null,
    );
    assert_eq!(lambda.mock.page("GET", path).status, 200);
}

#[test]
fn lists_are_filtered_by_runtime_and_architecture() {
    let lambda = Lambda::start();
    publish(
        &lambda,
        "a",
        &json!({"CompatibleRuntimes": ["python3.13", "nodejs22.x"], "CompatibleArchitectures": ["arm64"]}),
    );
    publish(
        &lambda,
        "a",
        &json!({"CompatibleRuntimes": ["python3.13"], "CompatibleArchitectures": ["x86_64"]}),
    );
    publish(&lambda, "b", &json!({}));
    for (query, newest, of_a) in [
        ("", vec![("a", 2), ("b", 1)], vec![2, 1]),
        ("CompatibleRuntime=python3.13", vec![("a", 2)], vec![2, 1]),
        ("CompatibleRuntime=nodejs22.x", vec![("a", 1)], vec![1]),
        ("CompatibleArchitecture=arm64", vec![("a", 1)], vec![1]),
        (
            "CompatibleRuntime=nodejs22.x&CompatibleArchitecture=x86_64",
            vec![],
            vec![],
        ),
    ] {
        let listed = lambda.expect(
            200,
            "GET",
            &format!("/2018-10-31/layers?{query}"),
            &Value::Null,
        );
        let listed: Vec<(&str, u64)> = listed["Layers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|layer| {
                (
                    layer["LayerName"].as_str().unwrap(),
                    layer["LatestMatchingVersion"]["Version"].as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(listed, newest, "{query}");
        assert_eq!(
            versions(&lambda, "a", &format!("?{query}")),
            of_a,
            "{query}"
        );
    }
}

#[test]
fn a_policy_of_a_version_is_made_of_statements() {
    let lambda = Lambda::start();
    publish(&lambda, "common", &json!({}));
    let path = "/2018-10-31/layers/common/versions/1/policy";
    let permit = |sid: &str, principal: &str| json!({"StatementId": sid, "Action": "lambda:GetLayerVersion", "Principal": principal});
    lambda.refused(
        &[path],
        ("GET", path, &Value::Null),
        NOT_FOUND,
        "No policy is associated with the given resource.",
    );
    let added = lambda.expect(201, "POST", path, &permit("everyone", "*"));
    let text = added["Statement"].as_str().unwrap();
    assert_eq!(
        text,
        format!(
            r#"{{"Sid":"everyone","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion","Resource":"{}"}}"#,
            arn("layer:common:1")
        )
    );
    lambda.expect(201, "POST", path, &permit("account", OTHER_ACCOUNT));
    let mut organization = permit("organization", "*");
    organization["OrganizationId"] = json!("o-a1b2c3d4e5");
    lambda.expect(201, "POST", path, &organization);
    let policy = lambda.expect(200, "GET", path, &Value::Null);
    let statements = embedded(&policy["Policy"])["Statement"].clone();
    assert_eq!(
        statements[1]["Principal"],
        json!({"AWS": "arn:aws:iam::444455556666:root"})
    );
    assert_eq!(
        statements[2]["Condition"],
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
    );

    let taken = "The statement id (everyone) provided already exists. Please provide a new statement id, or remove the existing statement.";
    lambda.refused(
        &[path],
        ("POST", path, &permit("everyone", OTHER_ACCOUNT)),
        CONFLICT,
        taken,
    );
    let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id";
    let revision = |id: &str| format!("{path}?RevisionId={id}");
    lambda.refused(
        &[path],
        ("POST", &revision("wrong"), &permit("new", "*")),
        PRECONDITION,
        stale,
    );
    lambda.refused(
        &[path],
        (
            "DELETE",
            &format!("{path}/everyone?RevisionId=wrong"),
            &Value::Null,
        ),
        PRECONDITION,
        stale,
    );
    let absent = "Statement nobody is not found in resource policy.";
    lambda.refused(
        &[path],
        ("DELETE", &format!("{path}/nobody"), &Value::Null),
        NOT_FOUND,
        absent,
    );
    let mut wrong = permit("wrong", OTHER_ACCOUNT);
    wrong["OrganizationId"] = json!("o-a1b2c3d4e5");
    let message = "OrganizationId can only be specified when the principal is *.";
    lambda.refused(&[path], ("POST", path, &wrong), INVALID, message);
    for (method, number, sid) in [("GET", 2, ""), ("POST", 2, ""), ("DELETE", 2, "/everyone")] {
        let path = format!("/2018-10-31/layers/common/versions/{number}/policy{sid}");
        let body = if method == "POST" {
            permit("everyone", "*")
        } else {
            Value::Null
        };
        let message = format!("Layer version {}:2 does not exist.", arn("layer:common"));
        lambda.refused(&[], (method, &path, &body), NOT_FOUND, &message);
    }
    // The current revision is accepted, and removing the last statement removes the policy.
    let current = policy["RevisionId"].as_str().unwrap();
    lambda.expect(
        204,
        "DELETE",
        &format!("{path}/organization?RevisionId={current}"),
        &Value::Null,
    );
    let next = lambda.expect(200, "GET", path, &Value::Null)["RevisionId"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(next, current);
    lambda.expect(201, "POST", &revision(&next), &permit("more", "*"));
    for sid in ["everyone", "account", "more"] {
        lambda.expect(204, "DELETE", &format!("{path}/{sid}"), &Value::Null);
    }
    lambda.refused(
        &[],
        ("GET", path, &Value::Null),
        NOT_FOUND,
        "No policy is associated with the given resource.",
    );
}

#[test]
fn a_policy_of_a_version_has_a_largest_size() {
    let lambda = Lambda::start();
    publish(&lambda, "common", &json!({}));
    let path = "/2018-10-31/layers/common/versions/1/policy";
    for at in 0..1000 {
        let body = json!({"StatementId": format!("{at:0100}"), "Action": "lambda:GetLayerVersion", "Principal": OTHER_ACCOUNT});
        let before = lambda.get(path).body;
        let answer = lambda.call("POST", path, &body);
        if answer.status == 201 {
            continue;
        }
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (400, Some("PolicyLengthExceededException")),
            "{}",
            answer.body
        );
        assert!(
            told(&answer).ends_with(" is bigger than the limit (20480)."),
            "{}",
            answer.body
        );
        assert_eq!(lambda.get(path).body, before);
        let size = embedded(&serde_json::from_str::<Value>(&before).unwrap()["Policy"])
            .to_string()
            .len();
        assert!((20_480 - 400..=20_480).contains(&size), "{size}");
        return;
    }
    panic!("no limit");
}

#[test]
fn a_function_has_layers_that_are_there_and_go_together() {
    let lambda = Lambda::start();
    for name in ["a", "b", "c", "d", "e", "f"] {
        publish(&lambda, name, &json!({}));
    }
    publish(&lambda, "a", &json!({}));
    lambda.function(
        "orders",
        &json!({"Layers": [arn("layer:a:1"), arn("layer:b:1")]}),
    );
    let configuration = "/2015-03-31/functions/orders/configuration";
    let rows = json!([{"Arn": arn("layer:a:1"), "CodeSize": 111}, {"Arn": arn("layer:b:1"), "CodeSize": 111}]);
    assert_eq!(lambda.read(configuration)["Layers"], rows);
    let many: Vec<String> = ["a", "b", "c", "d", "e", "f"]
        .iter()
        .map(|name| arn(&format!("layer:{name}:1")))
        .collect();
    let same = |one: u64, other: u64| {
        let (one, other) = (
            arn(&format!("layer:a:{one}")),
            arn(&format!("layer:a:{other}")),
        );
        format!(
            "Two different versions of the same layer are not allowed to be referenced in the same function. {one} and {other} are versions of the same layer."
        )
    };
    let elsewhere = arn("layer:a:1").replace(REGION, "us-east-1");
    for (layers, message) in [
        (
            many.clone(),
            "Cannot reference more than 5 layers.".to_owned(),
        ),
        (
            vec![arn("layer:a:1"), arn("layer:b:1"), arn("layer:a:2")],
            same(1, 2),
        ),
        (vec![arn("layer:a:1"), arn("layer:a:1")], same(1, 1)),
        (
            vec![arn("layer:nothing:1")],
            format!("Layer version {} does not exist.", arn("layer:nothing:1")),
        ),
        (
            vec![arn("layer:a:9")],
            format!("Layer version {} does not exist.", arn("layer:a:9")),
        ),
        (
            vec![elsewhere],
            format!(
                "Layers are not in the same region as the function. Layers are expected to be in region {REGION}."
            ),
        ),
    ] {
        lambda.refused(
            &[configuration],
            ("PUT", configuration, &json!({"Layers": layers})),
            INVALID,
            &message,
        );
        let answer = lambda.create("new", &json!({"Layers": layers}));
        assert_eq!((answer.status, told(&answer)), (400, message), "{layers:?}");
        assert_eq!(lambda.get("/2015-03-31/functions/new").status, 404);
    }
    let five = json!(many[1..]);
    lambda.expect(200, "PUT", configuration, &json!({"Layers": five}));
    // A deleted version stays in the functions that use it.
    lambda.expect(
        204,
        "DELETE",
        "/2018-10-31/layers/b/versions/1",
        &Value::Null,
    );
    assert_eq!(
        lambda.read(configuration)["Layers"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
}
