//! What runs is often a published version behind an alias: every version is read with what refers
//! to it, whatever listing it takes.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::between::{Answer, between};
use crate::harness::{Mock, only_scan, rows, run};

/// What is done to the functions of an answer.
type Change = Box<dyn Fn(&mut Vec<Value>) + Send + Sync>;

const REGION: &str = "us-east-1";
const WORLD: &str = "accounts=1,regions=1,functions=3,seed=4,suspended=0,roleless=0";

/// Stands before a mock and changes what ListFunctions lists, page by page.
fn listing(mock: &Mock, change: impl Fn(&mut Vec<Value>) + Send + Sync + 'static) -> String {
    between(mock, move |call| {
        if !call.has("FunctionVersion=ALL") {
            return call.forward();
        }
        call.changed(|page| change(page["Functions"].as_array_mut().unwrap()))
    })
}

fn arn(mock: &Mock, name: &str) -> String {
    format!(
        "arn:aws:lambda:{REGION}:{}:function:{name}",
        mock.management_account()
    )
}

/// Lets Lambda run functions as a role.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// A mock whose management account has two roles that functions can run as.
fn start() -> Mock {
    with_roles(Mock::start(WORLD))
}

fn with_roles(mock: Mock) -> Mock {
    for name in ["small", "old"] {
        mock.iam(
            mock.management_account(),
            &[
                ("Action", "CreateRole"),
                ("RoleName", name),
                ("AssumeRolePolicyDocument", TRUST),
            ],
        );
    }
    mock
}

/// Makes a function, and publishes a version for each of some configurations; `$LATEST` is left as
/// the last one says.
fn function(mock: &Mock, name: &str, configurations: &[Value]) {
    let account = mock.management_account();
    let call = |request: &str, input: &Value| mock.lambda(account, REGION, request, input);
    let mut first = json!({
        "FunctionName": name, "Runtime": "python3.13", "Handler": "index.handler", "Role": role(mock, "small"),
        "Code": {"ZipFile": "UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAYVBLAQIUABQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAABhUEsFBgAAAAABAAEALwAAAB8AAAAAAA=="},
    });
    for (key, value) in configurations[0].as_object().unwrap() {
        first[key] = value.clone();
    }
    call("POST /2015-03-31/functions", &first);
    for configuration in &configurations[1..] {
        call(
            &format!("POST /2015-03-31/functions/{name}/versions"),
            &json!({}),
        );
        call(
            &format!("PUT /2015-03-31/functions/{name}/configuration"),
            configuration,
        );
    }
}

fn role(mock: &Mock, name: &str) -> String {
    format!("arn:aws:iam::{}:role/{name}", mock.management_account())
}

fn versions(out: &Path, function_arn: &str) -> Vec<[String; 3]> {
    let rows = rows(
        &only_scan(out),
        "function_versions",
        &["function_arn", "version", "runs", "runs_reason"],
    );
    let of = rows.into_iter().filter(|row| row[0] == function_arn);
    of.map(|row| [row[1].clone(), row[2].clone(), row[3].clone()])
        .collect()
}

#[test]
fn a_version_runs_where_something_refers_to_it() {
    let mock = start();
    let configurations: Vec<Value> = (0..9)
        .map(|at| json!({"Description": at.to_string()}))
        .collect();
    function(&mock, "orders", &configurations);
    function(&mock, "sender", &[json!({})]);
    let (account, orders) = (mock.management_account(), arn(&mock, "orders"));
    let call = |request: &str, input: Value| mock.lambda(account, REGION, request, &input);
    let weights = json!({"Name": "live", "FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}});
    call("POST /2015-03-31/functions/orders/aliases", weights);
    let mapping = json!({"FunctionName": format!("{orders}:3"), "EventSourceArn": format!("arn:aws:sqs:{REGION}:{account}:q")});
    call("POST /2015-03-31/event-source-mappings", mapping);
    call(
        "PUT /2019-09-30/functions/orders/provisioned-concurrency?Qualifier=4",
        json!({"ProvisionedConcurrentExecutions": 1}),
    );
    call(
        "PUT /2019-09-25/functions/orders/event-invoke-config?Qualifier=5",
        json!({"MaximumRetryAttempts": 0}),
    );
    let destination =
        json!({"DestinationConfig": {"OnSuccess": {"Destination": format!("{orders}:6")}}});
    call(
        "PUT /2019-09-25/functions/sender/event-invoke-config",
        destination,
    );
    let permission = json!({"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceAccount": account});
    call(
        "POST /2015-03-31/functions/orders/policy?Qualifier=7",
        permission,
    );
    let expected = [
        ["$LATEST", "yes", "callers that name no version run it"],
        ["1", "yes", "alias live"],
        ["2", "yes", "alias live"],
        ["3", "yes", "an event source mapping"],
        ["4", "yes", "provisioned concurrency"],
        ["5", "yes", "settings of asynchronous invocation"],
        ["6", "yes", "a destination of a function"],
        ["7", "yes", "its own resource policy"],
        ["8", "no", ""],
    ];
    // What is read only for the sake of versions is read as fully as by a whole scan.
    for more in [&[][..], &["--checks", "runtime-deprecated"]] {
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), more));
        assert_eq!(code, 0, "{said}");
        assert_eq!(versions(out.path(), &orders), expected, "{more:?}");
    }
}

#[test]
fn what_could_refer_to_a_version_and_was_not_read_leaves_it_open() {
    for (operation, unread) in [
        ("ListAliases", "aliases was not read (denied)"),
        (
            "ListEventSourceMappings",
            "event_source_mappings was not read (denied)",
        ),
        (
            "ListProvisionedConcurrencyConfigs",
            "provisioned_concurrency was not read (denied)",
        ),
        (
            "ListFunctionEventInvokeConfigs",
            "event_invoke_configs was not read (denied)",
        ),
        ("GetPolicy", "its resource policy was not read (denied)"),
    ] {
        let mock = with_roles(Mock::with_faults(
            WORLD,
            &[&format!("lambda:{operation}=AccessDeniedException")],
        ));
        function(
            &mock,
            "orders",
            &[json!({"Description": "1"}), json!({"Description": "2"})],
        );
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--checks", "runtime-deprecated"]));
        assert_eq!(code, 4, "{operation}: {said}");
        assert_eq!(
            versions(out.path(), &arn(&mock, "orders"))[1],
            ["1", "unknown", unread],
            "{operation}"
        );
    }
}

#[test]
fn a_version_differs_where_its_role_or_its_secrets_are_others() {
    let mock = start();
    let secret = |value: &str| json!({"Variables": {"DB_PASSWORD": value, "STAGE": "prod"}});
    let configurations = [
        json!({"Role": role(&mock, "old"), "Environment": secret("Vq7xT2mLw9Zp!")}),
        json!({"Role": role(&mock, "small"), "Environment": secret("Old7xT2mLw9Zp!")}),
        json!({"Environment": {"Variables": {"STAGE": "test"}}, "Timeout": 9}),
        json!({"Environment": secret("Vq7xT2mLw9Zp!"), "Timeout": 10}),
        json!({"Timeout": 11}),
    ];
    function(&mock, "orders", &configurations);
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let scan = only_scan(out.path());
    let frame = scan
        .table(lambdasweep_tables::table("function_versions").unwrap())
        .unwrap();
    let (arns, versions) = (
        frame.column("function_arn").unwrap().str().unwrap(),
        frame.column("version").unwrap().str().unwrap(),
    );
    let differs = frame.column("differs").unwrap().bool().unwrap();
    let of =
        (0..frame.height()).filter(|row| arns.get(*row) == Some(arn(&mock, "orders").as_str()));
    let told: Vec<(&str, bool)> = of
        .map(|row| (versions.get(row).unwrap(), differs.get(row).unwrap()))
        .collect();
    // One with another role, one with another secret; one without secrets and one with the same
    // have nothing that $LATEST has not.
    assert_eq!(
        told,
        [
            ("$LATEST", false),
            ("1", true),
            ("2", true),
            ("3", false),
            ("4", false)
        ]
    );
    let variables: BTreeSet<Vec<String>> = rows(
        &scan,
        "function_environment",
        &["function_arn", "version", "name"],
    )
    .into_iter()
    .collect();
    let row =
        |version: &str, name: &str| vec![arn(&mock, "orders"), version.to_owned(), name.to_owned()];
    assert!(
        variables.contains(&row("1", "DB_PASSWORD"))
            && !variables.contains(&row("3", "DB_PASSWORD")),
        "{variables:?}"
    );
}

/// What runs is a version behind the alias `live` with an administrator's role, a deprecated
/// runtime and a secret; `$LATEST` has long been cleaned.
#[test]
fn a_version_behind_an_alias_is_judged_as_what_runs() {
    let mock = start();
    let account = mock.management_account();
    for (name, action) in [
        ("old-admin", "*"),
        ("older-admin", "*"),
        ("small", "logs:PutLogEvents"),
    ] {
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).to_string();
        if name != "small" {
            mock.iam(
                account,
                &[
                    ("Action", "CreateRole"),
                    ("RoleName", name),
                    ("AssumeRolePolicyDocument", TRUST),
                ],
            );
        }
        mock.iam(
            account,
            &[
                ("Action", "PutRolePolicy"),
                ("RoleName", name),
                ("PolicyName", "p"),
                ("PolicyDocument", &policy),
            ],
        );
    }
    let secret = json!({"Variables": {"DB_PASSWORD": "Vq7xT2mLw9Zp!"}});
    let configurations = [
        json!({"Role": role(&mock, "older-admin"), "Runtime": "python3.8", "Environment": secret}),
        json!({"Role": role(&mock, "old-admin"), "Timeout": 5}),
        json!({"Role": role(&mock, "small"), "Runtime": "python3.13", "Environment": {"Variables": {}}}),
    ];
    function(&mock, "settle", &configurations);
    mock.lambda(
        account,
        REGION,
        "POST /2015-03-31/functions/settle/aliases",
        &json!({"Name": "live", "FunctionVersion": "2"}),
    );
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let found = rows(
        &only_scan(out.path()),
        "findings",
        &["resource_arn", "check_id", "fault", "severity", "status"],
    );
    let faults = |resource: &str, check: &str| -> Vec<(&str, &str)> {
        let of = found
            .iter()
            .filter(|row| row[0] == resource && row[1] == check && row[4] == "FAIL");
        of.map(|row| (row[2].as_str(), row[3].as_str())).collect()
    };
    let settle = arn(&mock, "settle");
    assert_eq!(faults(&settle, "runtime-deprecated"), [("2", "medium")]);
    // Version 1 runs nowhere, but whoever may invoke the function can invoke it.
    assert_eq!(
        faults(&settle, "env-secret")
            .iter()
            .map(|fault| fault.0)
            .collect::<Vec<_>>(),
        ["1/DB_PASSWORD", "2/DB_PASSWORD"]
    );
    assert!(
        faults(&settle, "env-secret")[0].1 != faults(&settle, "env-secret")[1].1,
        "{found:?}"
    );
    assert_eq!(
        faults(&role(&mock, "old-admin"), "role-administrator"),
        [("", "critical")]
    );
    assert_eq!(
        faults(&role(&mock, "older-admin"), "role-administrator"),
        [("", "high")]
    );
    assert_eq!(faults(&role(&mock, "small"), "role-administrator"), []);
    // What is explained of a qualifier is what runs there.
    for (qualifier, name) in [("", "small"), (":live", "old-admin"), (":1", "older-admin")] {
        let mut command = crate::harness::program(account);
        command
            .args([
                "explain",
                "--function",
                &format!("{settle}{qualifier}"),
                "--output",
                "json",
                "--out",
            ])
            .arg(out.path());
        let (code, said) = run(command);
        assert!(
            code == 0 && said.contains(&format!("role/{name}\"")),
            "{qualifier}: {said}"
        );
    }
}

fn coverage(out: &Path, fact: &str) -> Vec<[String; 3]> {
    let rows = rows(
        &only_scan(out),
        "coverage",
        &["fact", "resource_arn", "outcome", "error_code", "region"],
    );
    let of = rows
        .into_iter()
        .filter(|row| row[0] == fact && row[4] == REGION);
    of.map(|row| [row[1].clone(), row[2].clone(), row[3].clone()])
        .collect()
}

/// A later page that fails leaves what was listed to be judged, with all its versions: those are
/// asked for function by function.
#[test]
fn a_listing_that_breaks_off_is_completed_for_what_it_listed() {
    let spec = "accounts=1,regions=1,functions=120,seed=5,suspended=0,roleless=0";
    let mock = Mock::start(spec);
    let whole = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(whole.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let url = between(&mock, |call| {
        let mut answer = call.forward();
        if call.has("FunctionVersion=ALL") && call.has("Marker=") {
            (answer.status, answer.body) = (500, r#"{"message":"internal"}"#.to_owned());
        }
        answer
    });
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url, "--attempts", "2"]));
    assert_eq!(code, 4, "{said}");
    let columns = ["function_arn", "version", "role_arn", "runtime"];
    let all: BTreeSet<Vec<String>> = rows(&only_scan(whole.path()), "function_versions", &columns)
        .into_iter()
        .collect();
    let read: BTreeSet<Vec<String>> = rows(&only_scan(out.path()), "function_versions", &columns)
        .into_iter()
        .collect();
    let functions: BTreeSet<String> = rows(&only_scan(out.path()), "functions", &["function_arn"])
        .into_iter()
        .flatten()
        .collect();
    assert!(
        functions.len() > 20 && functions.len() < 120,
        "{}",
        functions.len()
    );
    assert_eq!(
        read,
        all.iter()
            .filter(|row| functions.contains(&row[0]))
            .cloned()
            .collect()
    );
    assert_eq!(coverage(out.path(), "versions"), [["", "ok", ""]]);
    assert_eq!(coverage(out.path(), "functions")[0][1], "failed");

    // What was listed without its name may have been a version of any function.
    let url = listing(&mock, |list| {
        if let Some(published) = list.iter_mut().find(|it| it["Version"] != "$LATEST") {
            published["FunctionArn"] = json!("orders");
        }
    });
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
    assert_eq!(code, 4, "{said}");
    let read: BTreeSet<Vec<String>> = rows(&only_scan(out.path()), "function_versions", &columns)
        .into_iter()
        .collect();
    assert_eq!(read, all);
}

#[test]
fn fewer_functions_than_are_counted_are_a_failure_and_so_are_strays() {
    let mock = Mock::start("accounts=1,regions=1,functions=20,seed=5,suspended=0,roleless=0");
    let changes: [(&str, &str, Change, usize); 5] = [
        ("none of them", "FewerThanCounted", Box::new(Vec::clear), 0),
        (
            "without one",
            "FewerThanCounted",
            Box::new(|list| drop(list.remove(0))),
            19,
        ),
        (
            "no ARN",
            "UnidentifiedItem",
            Box::new(|list| list[0]["FunctionArn"] = json!("orders")),
            19,
        ),
        (
            "of another account",
            "UnidentifiedItem",
            Box::new(|list| {
                list[0]["FunctionArn"] =
                    json!("arn:aws:lambda:us-east-1:999988887777:function:orders:$LATEST")
            }),
            19,
        ),
        (
            "a version that is none",
            "UnidentifiedItem",
            Box::new(|list| list[0]["Version"] = json!("live")),
            19,
        ),
    ];
    for (what, code_told, change, left) in changes {
        let url = listing(&mock, change);
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
        assert_eq!(code, 4, "{what}: {said}");
        let covered = coverage(out.path(), "functions");
        assert_eq!(covered.len(), 1, "{what}: {covered:?}");
        assert_eq!(
            (covered[0][1].as_str(), covered[0][0].as_str()),
            ("failed", ""),
            "{what}: {covered:?}"
        );
        assert!(
            covered[0][2] == code_told || covered[0][2] == "FewerThanCounted",
            "{what}: {covered:?}"
        );
        assert_eq!(
            rows(&only_scan(out.path()), "functions", &["function_arn"]).len(),
            left,
            "{what}"
        );
    }
}

#[test]
fn what_is_listed_twice_is_read_once_and_believed_only_where_both_say_the_same() {
    let mock = Mock::start("accounts=1,regions=1,functions=20,seed=5,suspended=0,roleless=0");
    for conflict in [false, true] {
        let url = listing(&mock, move |list| {
            let mut again = list[0].clone();
            if conflict {
                again["Role"] = json!("arn:aws:iam::999988887777:role/other");
            }
            list.push(again);
        });
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
        assert_eq!(code, if conflict { 4 } else { 0 }, "{said}");
        let arns = rows(&only_scan(out.path()), "functions", &["function_arn"]);
        assert_eq!(
            (arns.len(), arns.iter().collect::<BTreeSet<_>>().len()),
            (20, 20)
        );
        let doubts: Vec<[String; 3]> = coverage(out.path(), "versions")
            .into_iter()
            .filter(|row| !row[0].is_empty())
            .collect();
        let told: Vec<(&str, &str)> = doubts
            .iter()
            .map(|row| (row[1].as_str(), row[2].as_str()))
            .collect();
        assert_eq!(
            told,
            if conflict {
                vec![("failed", "ConflictingDuplicates")]
            } else {
                vec![]
            }
        );
    }
}

#[test]
fn a_version_without_what_aws_always_sends_is_not_believed() {
    let mock = Mock::start("accounts=1,regions=1,functions=20,seed=5,suspended=0,roleless=0");
    for member in ["Role", "Runtime"] {
        let url = listing(&mock, move |list| {
            let zip = list
                .iter_mut()
                .find(|it| it["PackageType"] == "Zip")
                .unwrap();
            zip.as_object_mut().unwrap().remove(member);
        });
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
        assert_eq!(code, 4, "{member}: {said}");
        let doubts = coverage(out.path(), "versions")
            .into_iter()
            .filter(|row| !row[0].is_empty())
            .count();
        assert_eq!(doubts, 1, "{member}");
        assert_eq!(
            rows(&only_scan(out.path()), "functions", &["function_arn"]).len(),
            20
        );
    }
}

/// A door is told once, where it stands open or waits, and never goes unsaid.
#[test]
fn doors_are_told_once() {
    let mock = start();
    let account = mock.management_account();
    let url_only = json!({"StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"});
    let through = json!({"StatementId": "through", "Action": "lambda:InvokeFunction", "Principal": "*", "InvokedViaFunctionUrl": true});
    let open = json!({"StatementId": "open", "Action": "lambda:InvokeFunction", "Principal": "*"});
    for (name, statements, url, expected) in [
        (
            "pair",
            &[&url_only, &through][..],
            Some("NONE"),
            &[("function-url-unauthenticated", "$LATEST", "critical")][..],
        ),
        (
            "leftover",
            &[&url_only, &through],
            None,
            &[
                ("exposure-latent", "through", "medium"),
                ("exposure-latent", "url", "medium"),
            ],
        ),
        (
            "signed",
            &[&url_only, &through],
            Some("AWS_IAM"),
            &[
                ("exposure-latent", "through", "medium"),
                ("exposure-latent", "url", "medium"),
            ],
        ),
        (
            "half",
            &[&url_only],
            Some("NONE"),
            &[("exposure-latent", "function URL", "high")],
        ),
        (
            "bare",
            &[],
            Some("NONE"),
            &[("exposure-latent", "function URL", "medium")],
        ),
        (
            "direct",
            &[&open],
            None,
            &[("policy-public", "open", "critical")],
        ),
        (
            "both",
            &[&open, &url_only],
            Some("NONE"),
            &[
                ("function-url-unauthenticated", "$LATEST", "critical"),
                ("policy-public", "open", "critical"),
            ],
        ),
        ("shut", &[], None, &[]),
    ] {
        function(&mock, name, &[json!({})]);
        for statement in statements {
            mock.lambda(
                account,
                REGION,
                &format!("POST /2015-03-31/functions/{name}/policy"),
                statement,
            );
        }
        if let Some(auth) = url {
            mock.lambda(
                account,
                REGION,
                &format!("POST /2021-10-31/functions/{name}/url"),
                &json!({"AuthType": auth}),
            );
        }
        let out = tempfile::tempdir().unwrap();
        let checks = [
            "--checks",
            "policy-public,function-url-unauthenticated,exposure-latent",
        ];
        let (code, said) = run(mock.scan(out.path(), &checks));
        assert_eq!(code, 0, "{name}: {said}");
        let found = rows(
            &only_scan(out.path()),
            "findings",
            &["check_id", "fault", "severity", "resource_arn", "status"],
        );
        let found: Vec<(&str, &str, &str)> = found
            .iter()
            .filter(|row| row[3] == arn(&mock, name) && row[4] == "FAIL")
            .map(|row| (row[0].as_str(), row[1].as_str(), row[2].as_str()))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

/// An alarm invokes asynchronously, and a destination serves the qualifier that it is set for.
#[test]
fn lost_events_are_told_by_the_qualifier_that_loses_them() {
    let mock = start();
    let account = mock.management_account();
    function(
        &mock,
        "alarm",
        &[json!({"Timeout": 5}), json!({"Timeout": 6})],
    );
    let call = |request: &str, input: Value| mock.lambda(account, REGION, request, &input);
    call(
        "POST /2015-03-31/functions/alarm/aliases",
        json!({"Name": "live", "FunctionVersion": "1"}),
    );
    let alarm = |sid: &str| {
        let principal = "lambda.alarms.cloudwatch.amazonaws.com";
        json!({"StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": principal, "SourceAccount": account})
    };
    call("POST /2015-03-31/functions/alarm/policy", alarm("itself"));
    call(
        "POST /2015-03-31/functions/alarm/policy?Qualifier=live",
        alarm("live"),
    );
    let destination = json!({"DestinationConfig": {"OnFailure": {"Destination": format!("arn:aws:sqs:{REGION}:{account}:failed")}}});
    for (request, lost) in [
        ("GET /2015-03-31/functions/alarm", &["", "live"][..]),
        (
            "PUT /2019-09-25/functions/alarm/event-invoke-config",
            &["live"],
        ),
        (
            "PUT /2019-09-25/functions/alarm/event-invoke-config?Qualifier=live",
            &[],
        ),
    ] {
        call(request, destination.clone());
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--checks", "failure-destination-missing"]));
        assert_eq!(code, 0, "{said}");
        let found = rows(
            &only_scan(out.path()),
            "findings",
            &["resource_arn", "fault", "status"],
        );
        let faults: Vec<&str> = found
            .iter()
            .filter(|row| row[0] == arn(&mock, "alarm") && row[2] == "FAIL")
            .map(|row| row[1].as_str())
            .collect();
        assert_eq!(faults, lost, "{request}");
    }
}

/// A replica of Lambda@Edge has versions and no `$LATEST`.
#[test]
fn replicas_of_lambda_at_edge_are_seen() {
    let mock = Mock::start("accounts=1,regions=1,functions=20,seed=5,suspended=0,roleless=0");
    let account = mock.management_account().to_owned();
    let replica = format!("arn:aws:lambda:{REGION}:{account}:function:us-east-1.viewer");
    let url = between(&mock, move |call| {
        if call.has("us-east-1.viewer") {
            let headers =
                "content-type: application/json\r\nx-amzn-errortype: ResourceNotFoundException\r\n"
                    .to_owned();
            let body = r#"{"Type":"User","Message":"The resource you requested does not exist."}"#
                .to_owned();
            return Answer {
                status: 404,
                headers,
                body,
            };
        }
        if !call.has("FunctionVersion=ALL") {
            return call.forward();
        }
        call.changed(|page| {
            let list = page["Functions"].as_array_mut().unwrap();
            for version in ["3", "12"] {
                let mut listed = list[0].clone();
                listed["FunctionName"] = json!("us-east-1.viewer");
                listed["FunctionArn"] = json!(format!(
                    "arn:aws:lambda:{REGION}:{account}:function:us-east-1.viewer:{version}"
                ));
                listed["Version"] = json!(version);
                listed["MasterArn"] = json!(format!(
                    "arn:aws:lambda:us-east-1:{account}:function:viewer:{version}"
                ));
                listed["CodeSha256"] = json!(format!("code of {version}"));
                list.push(listed);
            }
        })
    });
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url]));
    assert_eq!(code, 0, "{said}");
    let answers: BTreeSet<String> = rows(
        &only_scan(out.path()),
        "findings",
        &["resource_arn", "status"],
    )
    .into_iter()
    .filter(|row| row[0] == replica)
    .map(|row| row[1].clone())
    .collect();
    assert!(
        answers.contains("NOT_APPLICABLE") && !answers.contains("UNKNOWN"),
        "{answers:?}"
    );
    let seen = rows(
        &only_scan(out.path()),
        "functions",
        &["function_arn", "code_sha256"],
    );
    assert!(
        seen.contains(&vec![replica.clone(), "code of 12".to_owned()]),
        "{seen:?}"
    );
    assert_eq!(
        versions(out.path(), &replica),
        [
            ["12", "yes", "CloudFront runs it"],
            ["3", "yes", "CloudFront runs it"]
        ]
    );
}
