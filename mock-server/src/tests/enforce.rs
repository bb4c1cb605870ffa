//! Calls against a small organisation, allowed and denied by each kind of policy. The cases are in
//! `testdata/enforcement`.

use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::call::Caller;
use crate::dispatch::Incoming;
use crate::services::iam::store::Store as Iam;
use crate::services::lambda::store::Store as Lambda;
use crate::services::organizations::store;
use crate::services::organizations::store::Organization;
use crate::wire::RawRequest;

mod world;

use world::{
    Case, LOOPBACK, MEMBER, REGION, dispatcher, document, organization, perform, world_of,
};

const CASES: &[(&str, &str)] = &[
    (
        "layers.toml",
        include_str!("../../../testdata/enforcement/layers.toml"),
    ),
    (
        "operations.toml",
        include_str!("../../../testdata/enforcement/operations.toml"),
    ),
    (
        "roles.toml",
        include_str!("../../../testdata/enforcement/roles.toml"),
    ),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[test]
fn every_case_comes_out_as_it_says() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for (file, text) in CASES {
        let file_cases: File =
            toml::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        for case in &file_cases.case {
            cases += 1;
            let (dispatcher, caller) = world_of(case);
            let answer = perform(&dispatcher, &caller, &case.call, &case.input);
            let denied = case
                .denied
                .as_ref()
                .map(|rest| format!("User: {} is not authorized to perform: {rest}", caller.arn));
            match (answer, denied) {
                (Ok(_), None) => {}
                (Ok(_), Some(_)) => wrong.push(format!("{file}: {}: was allowed", case.name)),
                (Err(error), Some(message))
                    if error.code.starts_with("AccessDenied") && error.message == message => {}
                (Err(error), expected) => {
                    wrong.push(format!(
                        "{file}: {}: {} {}\n    instead of {expected:?}",
                        case.name, error.code, error.message
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cases} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(cases >= 60, "{cases}");
}

/// Nothing is enforced while enforcement is off, and it can be switched while the mock runs.
#[test]
fn nothing_is_enforced_while_it_is_off() {
    let case = Case {
        call: "lambda:ListFunctions".to_owned(),
        ..Case::default()
    };
    let (dispatcher, caller) = world_of(&case);
    assert!(perform(&dispatcher, &caller, &case.call, &case.input).is_err());
    dispatcher.enforcement.switch(false);
    assert!(perform(&dispatcher, &caller, &case.call, &case.input).is_ok());
}

/// Changes of policies take effect with the next call.
#[test]
fn changes_of_policies_count_at_once() {
    let allow = json!({"Effect": "Allow", "Action": "lambda:*", "Resource": "*"});
    let case = Case {
        identity: vec![allow],
        ..Case::default()
    };
    let (dispatcher, caller) = world_of(&case);
    let list = || perform(&dispatcher, &caller, "lambda:ListFunctions", &Map::new());
    assert!(list().is_ok());
    let deny = json!({"Effect": "Deny", "Action": "lambda:ListFunctions", "Resource": "*"});
    let policy = store::Policy {
        kind: "SERVICE_CONTROL_POLICY".to_owned(),
        content: document(&[deny]),
        targets: ["ou-a1b2-work0001".to_owned()].into(),
        ..store::Policy::default()
    };
    dispatcher
        .world
        .part::<Organization>()
        .write()
        .policies
        .insert("p-new".to_owned(), policy);
    let error = list().expect_err("a control policy denies");
    assert!(error.message.ends_with("with an explicit deny in a service control policy: arn:aws:organizations::111111111111:policy/o-a1b2c3d4e5/service_control_policy/p-new"), "{}", error.message);
    dispatcher
        .world
        .part::<Organization>()
        .write()
        .policies
        .remove("p-new");
    assert!(list().is_ok());
    let iam = dispatcher.world.global::<Iam>(MEMBER);
    iam.lock().expect("unpoisoned").roles.remove("app");
    assert_eq!(
        list().expect_err("the role is gone").code,
        "UnrecognizedClientException"
    );
}

/// Tags of a function are returned only to callers that may list them.
#[test]
fn a_function_shows_its_tags_with_the_right_to_list_them_only() {
    let input = json!({"FunctionName": "orders"})
        .as_object()
        .cloned()
        .unwrap_or_default();
    for (action, shown) in [("lambda:*", true), ("lambda:GetFunction", false)] {
        let allow = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        let (dispatcher, caller) = world_of(&Case {
            identity: vec![allow],
            ..Case::default()
        });
        let answer = perform(&dispatcher, &caller, "lambda:GetFunction", &input).expect("allowed");
        assert_eq!(
            (
                answer["Tags"]["team"] == "orders",
                answer["TagsError"]["ErrorCode"] == "AccessDeniedException"
            ),
            (shown, !shown),
            "{answer}"
        );
    }
}

/// Environment variables encrypted with a customer managed key are returned only to callers that
/// may decrypt through Lambda.
#[test]
fn an_environment_is_shown_with_the_right_to_decrypt_only() {
    let via = |service: &str| json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"kms:ViaService": service}}});
    for (right, shown) in [
        (via("lambda.*.amazonaws.com"), true),
        (via("s3.*.amazonaws.com"), false),
    ] {
        let allow = json!({"Effect": "Allow", "Action": "lambda:*", "Resource": "*"});
        let (dispatcher, caller) = world_of(&Case {
            identity: vec![allow, right],
            ..Case::default()
        });
        {
            let lambda = dispatcher.world.regional::<Lambda>(MEMBER, REGION);
            let mut lambda = lambda.lock().expect("unpoisoned");
            let configuration = &mut lambda
                .functions
                .get_mut("orders")
                .expect("a function")
                .configuration;
            let mut members = configuration.read();
            members.insert(
                "Environment".to_owned(),
                json!({"Variables": {"STAGE": "test"}}),
            );
            members.insert(
                "KMSKeyArn".to_owned(),
                json!(
                    "arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555"
                ),
            );
            configuration.write(&members);
        }
        let input = json!({"FunctionName": "orders"})
            .as_object()
            .cloned()
            .unwrap_or_default();
        let perform = |operation: &str, input: &Map<String, Value>| {
            perform(&dispatcher, &caller, operation, input).expect("allowed")
        };
        for environment in [
            &perform("lambda:GetFunction", &input)["Configuration"]["Environment"],
            &perform("lambda:GetFunctionConfiguration", &input)["Environment"],
            &perform("lambda:ListFunctions", &Map::new())["Functions"][0]["Environment"],
        ] {
            let (variable, error) = (
                environment["Variables"]["STAGE"] == "test",
                environment["Error"]["ErrorCode"] == "AccessDeniedException",
            );
            assert_eq!((variable, error), (shown, !shown), "{environment}");
            assert!(
                shown
                    || environment["Error"]["Message"]
                        .as_str()
                        .is_some_and(|it| it.contains(
                            "because no identity-based policy allows the kms:Decrypt action"
                        ))
            );
        }
    }
}

/// Credentials that AssumeRole issues have the requested session policies and tags.
#[test]
fn sessions_carry_their_policies_and_tags() {
    let trust = json!({"Effect": "Allow", "Principal": {"AWS": MEMBER}, "Action": ["sts:AssumeRole", "sts:TagSession"]});
    let case = Case {
        caller: Some("root".to_owned()),
        trust: Some(vec![trust]),
        ..Case::default()
    };
    let (dispatcher, root) = world_of(&case);
    let iam: Arc<Mutex<_>> = dispatcher.world.global::<Iam>(MEMBER);
    let by_tag = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"orders"}}}]}"#;
    {
        let mut iam = iam.lock().expect("unpoisoned");
        let role = iam.roles.get_mut("other").expect("a role");
        role.inline.insert("by-tag".to_owned(), by_tag.to_owned());
        role.boundary = None;
    }
    let assume = |extra: Value| {
        let mut input = json!({"RoleArn": "arn:aws:iam::222222222222:role/team/other", "RoleSessionName": "job"});
        if let (Some(input), Some(extra)) = (input.as_object_mut(), extra.as_object()) {
            input.extend(extra.clone());
        }
        let answer = perform(
            &dispatcher,
            &root,
            "sts:AssumeRole",
            input.as_object().expect("an object"),
        )
        .expect("trusted");
        let key = answer["Credentials"]["AccessKeyId"]
            .as_str()
            .expect("a key")
            .to_owned();
        dispatcher.world.session(&key).expect("a session")
    };
    let list = |caller: &Caller| {
        perform(&dispatcher, caller, "lambda:ListFunctions", &Map::new())
            .map_err(|error| error.message)
    };
    let tags = json!([{"Key": "team", "Value": "orders"}]);
    assert!(list(&assume(json!({"Tags": tags}))).is_ok());
    assert!(
        list(&assume(json!({})))
            .expect_err("without the tag")
            .contains("no identity-based policy")
    );
    let read_only = json!([{"arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}]);
    assert!(
        list(&assume(json!({"Tags": tags, "PolicyArns": read_only})))
            .expect_err("limited")
            .contains("no session policy")
    );
}

/// The error on the wire, in each protocol.
#[test]
fn denials_have_each_protocols_shape() {
    let dispatcher = dispatcher();
    let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*"});
    organization(
        &dispatcher.world,
        &Case {
            extra_scp_unit: Some(vec![deny]),
            ..Case::default()
        },
    );
    let send = |service: &str, method: &str, path: &str, more: (&str, &str), body: &[u8]| {
        let mut headers = http::HeaderMap::new();
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={MEMBER}/20261124/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        headers.insert("authorization", authorization.parse().expect("a header"));
        headers.insert(
            http::HeaderName::from_bytes(more.0.as_bytes()).expect("a name"),
            more.1.parse().expect("a header"),
        );
        let raw = RawRequest {
            method,
            path,
            query: "",
            headers: &headers,
            body,
        };
        let response = dispatcher.answer(&Incoming {
            raw,
            base_url: "http://127.0.0.1",
            address: LOOPBACK,
        });
        let kind = response
            .headers
            .iter()
            .find(|(name, _)| name == "x-amzn-errortype")
            .map(|(_, value)| value.to_str().expect("text").to_owned());
        (
            response.status,
            kind,
            String::from_utf8(response.body).expect("text"),
        )
    };
    let (status, kind, body) = send(
        "lambda",
        "GET",
        "/2015-03-31/functions/",
        ("accept", "*/*"),
        b"",
    );
    assert_eq!(
        (status, kind.as_deref()),
        (403, Some("AccessDeniedException"))
    );
    assert!(body.starts_with(r#"{"Message":"User: arn:aws:iam::222222222222:root is not authorized to perform: lambda:ListFunctions on resource: * with an explicit deny in a service control policy: arn:"#), "{body}");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let (status, _, body) = send(
        "iam",
        "POST",
        "/",
        form,
        b"Action=GetAccountSummary&Version=2010-05-08",
    );
    assert_eq!(status, 403);
    assert!(body.contains("<Code>AccessDenied</Code><Message>User: arn:aws:iam::222222222222:root is not authorized"), "{body}");
    let target = ("x-amz-target", "AWSOrganizationsV20161128.ListRoots");
    let (status, kind, body) = send("organizations", "POST", "/", target, b"{}");
    assert_eq!(
        (status, kind.as_deref()),
        (400, Some("AccessDeniedException")),
        "{body}"
    );
    let (status, kind, body) = send(
        "account",
        "POST",
        "/listRegions",
        ("content-type", "application/json"),
        b"{}",
    );
    assert_eq!(
        (status, kind.as_deref()),
        (403, Some("AccessDeniedException")),
        "{body}"
    );
    let outcomes: Vec<(String, String)> = dispatcher
        .ledger
        .entries()
        .into_iter()
        .map(|entry| (entry.operation, entry.outcome))
        .collect();
    assert_eq!(outcomes.len(), 4);
    assert!(
        outcomes
            .iter()
            .all(|(_, outcome)| outcome.starts_with("AccessDenied")),
        "{outcomes:?}"
    );
}
