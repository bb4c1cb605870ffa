//! What lets callers in, what loses events, and replicas, by qualifier.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{REGION, arn, function, start, versions};
use crate::between::{Answer, between};
use crate::harness::{Mock, only_scan, rows, run};

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
        &["resource_arn", "status", "check_id", "detail"],
    )
    .into_iter()
    .filter(|row| row[0] == replica && ["NOT_APPLICABLE", "UNKNOWN"].contains(&row[1].as_str()))
    .map(|row| row[1..].join(" "))
    .collect();
    let has = |status: &str| answers.iter().any(|answer| answer.starts_with(status));
    assert!(has("NOT_APPLICABLE") && !has("UNKNOWN"), "{answers:?}");
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
