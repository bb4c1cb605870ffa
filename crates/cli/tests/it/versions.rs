//! What runs is often a published version behind an alias: every version is read with what refers
//! to it, whatever listing it takes.

mod doors;
mod listed;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::between::between;
use crate::harness::{Mock, only_scan, rows, run};

/// What is done to the functions of an answer.
type Change = Box<dyn Fn(&mut Vec<Value>) + Send + Sync>;

const REGION: &str = "us-east-1";
const WORLD: &str = "accounts=1,regions=1,functions=3,seed=4,suspended=0,roleless=0,queues=0";

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
        ["$LATEST", "yes", "callers without a qualifier run it"],
        ["1", "yes", "alias live"],
        ["2", "yes", "alias live"],
        ["3", "yes", "an event source mapping"],
        ["4", "yes", "provisioned concurrency"],
        ["5", "yes", "asynchronous invocation settings"],
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
