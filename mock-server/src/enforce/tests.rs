//! Calls in a small world, allowed and denied by each kind of policy. The cases are in
//! `testdata/enforcement`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Origin;
use crate::call::{AwsError, Call, Caller, Session};
use crate::dispatch::{Dispatcher, Incoming};
use crate::identity;
use crate::seed::Empty;
use crate::service;
use crate::services::iam::store::Store as Iam;
use crate::services::iam::store::{ManagedPolicy, Role};
use crate::services::lambda::store::Store as Lambda;
use crate::services::lambda::store::{Function, Layer, Policy};
use crate::services::organizations::add_full_access;
use crate::services::organizations::store;
use crate::services::organizations::store::Organization;
use crate::wire::{Parsed, RawRequest};
use crate::world::World;

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

const MEMBER: &str = "222222222222";
const MANAGEMENT: &str = "111111111111";
const OUTSIDE: &str = "999999999999";
const REGION: &str = "eu-west-1";
const NOW: f64 = 1_795_867_200.0;
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    name: String,
    #[serde(default)]
    caller: Option<String>,
    #[serde(default)]
    identity: Vec<Value>,
    #[serde(default)]
    attached: Vec<String>,
    boundary: Option<Vec<Value>>,
    session: Option<Vec<Value>>,
    scp_root: Option<Vec<Value>>,
    scp_unit: Option<Vec<Value>>,
    scp_account: Option<Vec<Value>>,
    extra_scp_unit: Option<Vec<Value>>,
    rcp_unit: Option<Vec<Value>>,
    scps: Option<bool>,
    trust: Option<Vec<Value>>,
    function_policy: Option<Vec<Value>>,
    alias_policy: Option<Vec<Value>>,
    layer_policy: Option<Vec<Value>>,
    call: String,
    #[serde(default)]
    input: Map<String, Value>,
    denied: Option<String>,
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn organization(world: &World, case: &Case) {
    let mut it = world.part::<Organization>().write();
    *it = store::Store {
        id: "o-a1b2c3d4e5".to_owned(),
        management_account: MANAGEMENT.to_owned(),
        root_id: "r-a1b2".to_owned(),
        ..store::Store::default()
    };
    for (id, name, parent) in [
        ("ou-a1b2-work0001", "Workloads", "r-a1b2"),
        ("ou-a1b2-prod0001", "Prod", "ou-a1b2-work0001"),
    ] {
        it.units.insert(
            id.to_owned(),
            store::Unit {
                name: name.to_owned(),
                parent: parent.to_owned(),
            },
        );
    }
    for (id, parent) in [
        (MANAGEMENT, "r-a1b2"),
        (MEMBER, "ou-a1b2-prod0001"),
        ("333333333333", "r-a1b2"),
    ] {
        it.accounts.insert(
            id.to_owned(),
            store::Account {
                parent: parent.to_owned(),
                state: "ACTIVE".to_owned(),
                joined_method: "CREATED".to_owned(),
                ..store::Account::default()
            },
        );
    }
    add_full_access(&mut it);
    let mut put =
        |id: &str, kind: &str, target: &str, statements: &Option<Vec<Value>>, instead: bool| {
            let Some(statements) = statements else { return };
            if instead && let Some(full) = it.policies.get_mut("p-FullAWSAccess") {
                full.targets.remove(target);
            }
            let policy = store::Policy {
                name: id.to_owned(),
                kind: kind.to_owned(),
                content: document(statements),
                targets: [target.to_owned()].into(),
                ..store::Policy::default()
            };
            it.policies.insert(id.to_owned(), policy);
            it.enabled_policy_types.insert(kind.to_owned());
        };
    put(
        "p-root",
        "SERVICE_CONTROL_POLICY",
        "r-a1b2",
        &case.scp_root,
        true,
    );
    put(
        "p-unit",
        "SERVICE_CONTROL_POLICY",
        "ou-a1b2-prod0001",
        &case.scp_unit,
        true,
    );
    put(
        "p-extra0001",
        "SERVICE_CONTROL_POLICY",
        "ou-a1b2-prod0001",
        &case.extra_scp_unit,
        false,
    );
    put(
        "p-account",
        "SERVICE_CONTROL_POLICY",
        MEMBER,
        &case.scp_account,
        true,
    );
    put(
        "p-rcp",
        "RESOURCE_CONTROL_POLICY",
        "ou-a1b2-prod0001",
        &case.rcp_unit,
        false,
    );
    if case.scps == Some(false) {
        it.enabled_policy_types.remove("SERVICE_CONTROL_POLICY");
    }
}

/// The role that calls, with the case's policies, and the session of it.
fn role(world: &World, case: &Case, account: &str, name: &str, path: &str) -> Caller {
    let iam = world.global::<Iam>(account);
    let mut iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
    let boundary = case.boundary.as_ref().map(|statements| {
        let arn = format!("arn:aws:iam::{account}:policy/limit");
        let policy = ManagedPolicy {
            versions: [(1, document(statements))].into(),
            default_version: 1,
            ..ManagedPolicy::default()
        };
        iam.policies.insert(arn.clone(), policy);
        arn
    });
    let identity = format!("arn:aws:iam::{account}:policy/own");
    let policy = ManagedPolicy {
        versions: [(1, document(&case.identity))].into(),
        default_version: 1,
        ..ManagedPolicy::default()
    };
    iam.policies.insert(identity.clone(), policy);
    let own = if case.identity.is_empty() {
        None
    } else {
        Some(identity)
    };
    let role = Role {
        path: path.to_owned(),
        id: "AROAAPPAPPAPPAPPAPPAP".to_owned(),
        trust: document(&[]),
        attached: case.attached.iter().cloned().chain(own).collect(),
        boundary,
        tags: BTreeMap::from([("stage".to_owned(), "prod".to_owned())]),
        ..Role::default()
    };
    iam.roles.insert(name.to_owned(), role);
    Caller {
        account: account.to_owned(),
        arn: format!("arn:aws:sts::{account}:assumed-role/{name}/job"),
        user_id: "AROAAPPAPPAPPAPPAPPAP:job".to_owned(),
        session: Some(Session {
            role_arn: format!("arn:aws:iam::{account}:role{path}{name}"),
            session_name: "job".to_owned(),
            policy: case.session.as_ref().map(|statements| document(statements)),
            expires: NOW + 3_600.0,
            ..Session::default()
        }),
    }
}

fn resources(world: &World, case: &Case) {
    let iam = world.global::<Iam>(MEMBER);
    let mut iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
    // Whatever else a case says of it, the role can be a function's.
    let lambda = json!({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"});
    let trust = case
        .trust
        .iter()
        .flatten()
        .cloned()
        .chain([lambda])
        .collect::<Vec<Value>>();
    let trust = document(&trust);
    let role = Role {
        path: "/team/".to_owned(),
        trust,
        boundary: Some("arn:aws:iam::222222222222:policy/limit".to_owned()),
        ..Role::default()
    };
    iam.roles.insert("other".to_owned(), role);
    iam.policies
        .entry("arn:aws:iam::222222222222:policy/limit".to_owned())
        .or_default();
    let lambda = world.regional::<Lambda>(MEMBER, REGION);
    let mut lambda = lambda.lock().unwrap_or_else(PoisonError::into_inner);
    let arn = format!("arn:aws:lambda:{REGION}:{MEMBER}:function:orders");
    let policy = |statements: &Option<Vec<Value>>| {
        let document =
            |statements: &Vec<Value>| json!({"Version": "2012-10-17", "Statement": statements});
        statements.as_ref().map(|statements| Policy {
            document: document(statements),
            revision_id: "1".to_owned(),
        })
    };
    let mut function = Function {
        tags: [("team".to_owned(), "orders".to_owned())].into(),
        ..Function::default()
    };
    function.configuration =
        json!({"FunctionName": "orders", "FunctionArn": arn, "Version": "$LATEST", "Role": "arn:aws:iam::222222222222:role/team/other"})
            .as_object()
            .cloned()
            .unwrap_or_default()
            .into();
    function.aliases.insert(
        "live".to_owned(),
        json!({"AliasArn": format!("{arn}:live"), "Name": "live", "FunctionVersion": "$LATEST"}),
    );
    function.urls.insert(
        String::new(),
        json!({"FunctionArn": arn, "AuthType": "AWS_IAM", "FunctionUrl": "https://x/", "CreationTime": "", "LastModifiedTime": ""}),
    );
    // GetPolicy answers where there is one.
    let own = policy(&case.function_policy).or_else(|| policy(&Some(Vec::new())));
    function
        .policies
        .extend(own.map(|policy| (String::new(), policy)));
    function
        .policies
        .extend(policy(&case.alias_policy).map(|policy| ("live".to_owned(), policy)));
    lambda.functions.insert("orders".to_owned(), function);
    let mapping = json!({"UUID": "11111111-2222-3333-4444-555555555555", "FunctionArn": arn});
    let mapping = mapping.as_object().cloned().unwrap_or_default();
    lambda.event_source_mappings.insert(
        "11111111-2222-3333-4444-555555555555".to_owned(),
        mapping.into(),
    );
    let version = json!({"LayerVersionArn": format!("arn:aws:lambda:{REGION}:{MEMBER}:layer:common:1"), "Version": 1});
    let layer = Layer {
        version: version.as_object().cloned().unwrap_or_default(),
        policy: policy(&case.layer_policy),
    };
    lambda
        .layers
        .insert("common".to_owned(), [(1, layer)].into());
}

fn dispatcher() -> Dispatcher {
    let dispatcher = Dispatcher::new(service::world(Box::new(Empty)), false, Vec::new(), None);
    dispatcher.enforcement.switch(true);
    dispatcher
}

fn world_of(case: &Case) -> (Dispatcher, Caller) {
    let dispatcher = dispatcher();
    let world = &dispatcher.world;
    organization(world, case);
    let caller = match case.caller.as_deref().unwrap_or("app") {
        "app" => role(world, case, MEMBER, "app", "/"),
        "management" => role(world, case, MANAGEMENT, "app", "/"),
        "outside" => role(world, case, OUTSIDE, "app", "/"),
        "linked" => role(
            world,
            case,
            MEMBER,
            "AWSServiceRoleForX",
            "/aws-service-role/x.amazonaws.com/",
        ),
        "root" => identity::of_key(MEMBER, "aws"),
        other => panic!("{}: there is no caller {other}", case.name),
    };
    resources(world, case);
    (dispatcher, caller)
}

fn perform(
    dispatcher: &Dispatcher,
    caller: &Caller,
    call: &str,
    input: &Map<String, Value>,
) -> Result<Value, AwsError> {
    let (service, operation) = call.split_once(':').expect("service:Operation");
    let service = service::named(service).expect("a service");
    let (operation_name, operation) = service
        .model()
        .operations
        .get_key_value(operation)
        .expect("an operation");
    let parsed = Parsed {
        name: operation_name.clone(),
        operation,
        input: input.clone(),
        protocol: service.model().metadata.protocol,
    };
    let call = Call {
        world: &dispatcher.world,
        caller,
        region: REGION,
        operation: operation_name,
        request_id: "00000000-0000-4000-8000-000000000001",
        base_url: "http://127.0.0.1:4566",
        now: NOW,
        allowed: true,
    };
    dispatcher.run(
        service,
        &parsed,
        &call,
        Origin {
            address: LOOPBACK,
            user_agent: Some("aws-cli/2.0"),
        },
    )
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

/// What is off does nothing, and can be switched while the mock runs.
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

/// Changes of policies count with the next call.
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

/// Tags of a function are shown to those who may list them.
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

/// An environment under a customer managed key is shown to those who may decrypt through Lambda.
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

/// Credentials that AssumeRole gives out carry what was asked for.
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
