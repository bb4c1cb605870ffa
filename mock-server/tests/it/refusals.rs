//! Requests that a service rejects only after checking its own state, early or late: nothing of the
//! request may be kept.

use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock, policy};
use crate::lambda::{ACCOUNT, Lambda, arn, trusting, zip};
use crate::refusals_of_accounts::tagging;

const ROLE: &str = "arn:aws:iam::111122223333:role/serves";
const POLICY: &str = "arn:aws:iam::111122223333:policy/reads";
const NEVER: &str = "00000000-0000-4000-8000-00000000ffff";
const NOT_ZIP: &str = "bm90IGEgemlw";

pub(crate) fn done(answer: &Answer, what: &str) {
    assert!(
        answer.status < 300,
        "{what}: {} {}",
        answer.status,
        answer.body
    );
}

/// Asserts that a call is rejected and changes nothing.
pub(crate) fn refused(mock: &Mock, what: &str, call: impl FnOnce() -> Answer) {
    let before = mock.state();
    let answer = call();
    assert!(
        (400..500).contains(&answer.status),
        "{what}: {} {}",
        answer.status,
        answer.body
    );
    assert_eq!(
        mock.state(),
        before,
        "{what} is refused with {} and has changed something",
        answer.body
    );
}

pub(crate) fn many_tags() -> Value {
    (0..51)
        .map(|at| (format!("k{at}"), json!("v")))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn what_lambda_refuses_leaves_nothing() {
    let lambda = Lambda::start();
    let mock = &lambda.mock;
    let call = |request: &str, body: &Value| {
        let (method, path) = request.split_once(' ').unwrap();
        lambda.call(method, path, body)
    };
    let function = |name: &str| lambda.input(name, &json!({"Publish": true}));
    let url = "/2021-10-31/functions/orders/url";
    let mapping =
        json!({"FunctionName": "orders", "EventSourceArn": "arn:aws:sqs:eu-west-1:111122223333:q"});
    let grant = json!({"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"});
    for (request, body) in [
        ("POST ", function("orders")),
        (
            "POST /orders/aliases",
            json!({"Name": "live", "FunctionVersion": "1"}),
        ),
        ("POST /orders/policy", grant.clone()),
        (&format!("POST {url}"), json!({"AuthType": "NONE"})),
        ("POST /2015-03-31/event-source-mappings", mapping.clone()),
        (
            "POST /2018-10-31/layers/common/versions",
            json!({"Content": {"ZipFile": zip("the package")}}),
        ),
    ] {
        done(&call(request, &body), request);
    }
    let mappings = lambda.read("/2015-03-31/event-source-mappings");
    let mapped = format!(
        "PUT /2015-03-31/event-source-mappings/{}",
        mappings["EventSourceMappings"][0]["UUID"].as_str().unwrap()
    );
    let (tags, of_alias) = (
        format!("/2017-03-31/tags/{}", arn("function:orders")),
        format!("/2017-03-31/tags/{}", arn("function:orders:live")),
    );
    let to_itself = json!({"OnSuccess": {"Destination": arn("function:orders")}});
    for (request, body) in [
        (
            "POST ",
            lambda.input(
                "other",
                &json!({"Code": {"ZipFile": NOT_ZIP}, "Tags": {"a": "b"}}),
            ),
        ),
        ("POST ", function("orders")),
        (&format!("POST {tags}"), json!({"Tags": many_tags()})),
        (
            &format!("POST {tags}"),
            json!({"Tags": {"a": "b", "aws:b": "c"}}),
        ),
        (&format!("POST {of_alias}"), json!({"Tags": {"a": "b"}})),
        (&format!("DELETE {of_alias}?tagKeys=a"), Value::Null),
        (
            "PUT /orders/configuration",
            json!({"Description": "x", "Layers": [arn("layer:nothing:1")]}),
        ),
        (
            "PUT /orders/configuration",
            json!({"Description": "x", "Role": "arn:aws:iam::111122223333:role/nobody"}),
        ),
        (
            "PUT /orders/configuration",
            json!({"Description": "x", "RevisionId": NEVER}),
        ),
        (
            "PUT /orders/configuration",
            json!({"Description": "x", "Environment": {"Variables": {"AWS_REGION": "x"}}}),
        ),
        (
            "PUT /orders/configuration",
            json!({"Description": "x", "Runtime": "python2.7"}),
        ),
        ("PUT /orders/code", json!({"ZipFile": NOT_ZIP})),
        (
            "PUT /orders/code",
            json!({"ZipFile": zip("the package"), "RevisionId": NEVER}),
        ),
        (
            "POST /orders/versions",
            json!({"Description": "x", "CodeSha256": "no hash of it"}),
        ),
        (
            "POST /orders/versions",
            json!({"Description": "x", "RevisionId": NEVER}),
        ),
        (
            "POST /orders/aliases",
            json!({"Name": "next", "FunctionVersion": "9"}),
        ),
        (
            "PUT /orders/aliases/live",
            json!({"Description": "x", "FunctionVersion": "9"}),
        ),
        (
            "PUT /orders/aliases/live",
            json!({"Description": "x", "RevisionId": NEVER}),
        ),
        ("POST /orders/policy", grant),
        (
            "POST /orders/policy",
            json!({"StatementId": "t", "Action": "lambda:InvokeFunction", "Principal": "nobody at all"}),
        ),
        ("DELETE /orders/policy/nothing", Value::Null),
        (
            "PUT /2017-10-31/functions/orders/concurrency",
            json!({"ReservedConcurrentExecutions": 5_000}),
        ),
        (
            "PUT /2019-09-25/functions/orders/event-invoke-config",
            json!({"MaximumRetryAttempts": 1, "DestinationConfig": to_itself}),
        ),
        (
            "PUT /2019-09-30/functions/orders/provisioned-concurrency?Qualifier=1",
            json!({"ProvisionedConcurrentExecutions": 5_000}),
        ),
        (&format!("POST {url}"), json!({"AuthType": "AWS_IAM"})),
        ("POST /2015-03-31/event-source-mappings", mapping),
        (&mapped, json!({"Enabled": false, "FunctionName": "nobody"})),
        (
            "POST /2018-10-31/layers/common/versions",
            json!({"Content": {"ZipFile": NOT_ZIP}}),
        ),
        (
            "POST /2018-10-31/layers/common/versions/9/policy",
            json!({"StatementId": "s", "Action": "lambda:GetLayerVersion", "Principal": "*"}),
        ),
        ("DELETE /orders?Qualifier=1", Value::Null),
    ] {
        refused(mock, &format!("{request} {body}"), || call(request, &body));
    }
    // An accepted call does change the state.
    let before = mock.state();
    lambda.done("POST", &tags, &json!({"Tags": {"a": "b"}}));
    assert_ne!(mock.state(), before);
}

#[test]
fn what_iam_refuses_leaves_nothing() {
    let mock = Mock::start(Empty);
    mock.role(
        ACCOUNT,
        "serves",
        &trusting("lambda.amazonaws.com"),
        &json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]),
    );
    let reads = policy(&json!([{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]));
    let iam =
        |operation: &str, parameters: &[(&str, &str)]| mock.iam(ACCOUNT, operation, parameters);
    done(
        &iam(
            "CreatePolicy",
            &[("PolicyName", "reads"), ("PolicyDocument", &reads)],
        ),
        "a policy",
    );
    done(
        &iam(
            "AttachRolePolicy",
            &[("RoleName", "serves"), ("PolicyArn", POLICY)],
        ),
        "an attachment",
    );
    let numbered: Vec<(String, String)> = (1..=51)
        .flat_map(|at| {
            [
                (format!("Tags.member.{at}.Key"), format!("k{at}")),
                (format!("Tags.member.{at}.Value"), "v".to_owned()),
            ]
        })
        .collect();
    let fifty = &numbered[..100];
    done(&iam("TagRole", &tagging(fifty)), "fifty tags");
    let trust = policy(&trusting("lambda.amazonaws.com"));
    let broken = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Perhaps\"}]}";
    let one_more = [
        ("RoleName", "serves"),
        ("Tags.member.1.Key", "other"),
        ("Tags.member.1.Value", "v"),
        ("Tags.member.2.Key", "k1"),
        ("Tags.member.2.Value", "w"),
    ];
    let twice = [
        ("RoleName", "serves"),
        ("Tags.member.1.Key", "k1"),
        ("Tags.member.1.Value", "w"),
        ("Tags.member.2.Key", "K1"),
        ("Tags.member.2.Value", "w"),
    ];
    for (operation, parameters) in [
        ("TagRole", &one_more[..]),
        ("TagRole", &twice),
        (
            "CreateRole",
            &[
                ("RoleName", "serves"),
                ("AssumeRolePolicyDocument", &trust),
                ("Description", "x"),
            ],
        ),
        (
            "CreateRole",
            &[("RoleName", "other"), ("AssumeRolePolicyDocument", broken)],
        ),
        (
            "UpdateAssumeRolePolicy",
            &[("RoleName", "serves"), ("PolicyDocument", broken)],
        ),
        (
            "PutRolePolicy",
            &[
                ("RoleName", "serves"),
                ("PolicyName", "own"),
                ("PolicyDocument", broken),
            ],
        ),
        (
            "AttachRolePolicy",
            &[
                ("RoleName", "serves"),
                ("PolicyArn", "arn:aws:iam::111122223333:policy/nothing"),
            ],
        ),
        (
            "CreatePolicy",
            &[("PolicyName", "reads"), ("PolicyDocument", &reads)],
        ),
        (
            "CreatePolicyVersion",
            &[
                ("PolicyArn", POLICY),
                ("PolicyDocument", broken),
                ("SetAsDefault", "true"),
            ],
        ),
        (
            "SetDefaultPolicyVersion",
            &[("PolicyArn", POLICY), ("VersionId", "v9")],
        ),
        ("DeletePolicy", &[("PolicyArn", POLICY)]),
        (
            "DeletePolicyVersion",
            &[("PolicyArn", POLICY), ("VersionId", "v1")],
        ),
        ("DeleteRole", &[("RoleName", "serves")]),
        (
            "UpdateRole",
            &[
                ("RoleName", "serves"),
                ("Description", "x"),
                ("MaxSessionDuration", "1"),
            ],
        ),
        (
            "PutRolePermissionsBoundary",
            &[
                ("RoleName", "serves"),
                (
                    "PermissionsBoundary",
                    "arn:aws:iam::111122223333:policy/nothing",
                ),
            ],
        ),
        (
            "DetachRolePolicy",
            &[
                ("RoleName", "serves"),
                ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
            ],
        ),
    ] {
        refused(&mock, operation, || iam(operation, parameters));
    }
    // Sessions that are not started.
    for parameters in [
        [
            ("RoleArn", ROLE),
            ("RoleSessionName", "ann"),
            ("DurationSeconds", "43200"),
        ],
        [
            ("RoleArn", "arn:aws:iam::111122223333:role/nobody"),
            ("RoleSessionName", "ann"),
            ("DurationSeconds", "900"),
        ],
    ] {
        refused(&mock, "AssumeRole", || {
            mock.sts(ACCOUNT, "AssumeRole", &parameters)
        });
    }
}
