//! The small world of a case: an organisation, with roles and resources that have the case's
//! policies.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::PoisonError;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::call::{AwsError, Call, Caller, Session};
use crate::dispatch::Dispatcher;
use crate::enforce::Origin;
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
use crate::wire::Parsed;
use crate::world::World;

pub(super) const MEMBER: &str = "222222222222";
pub(super) const MANAGEMENT: &str = "111111111111";
pub(super) const OUTSIDE: &str = "999999999999";
pub(super) const REGION: &str = "eu-west-1";
pub(super) const NOW: f64 = 1_795_867_200.0;
pub(super) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Case {
    pub(super) name: String,
    #[serde(default)]
    pub(super) caller: Option<String>,
    #[serde(default)]
    pub(super) identity: Vec<Value>,
    #[serde(default)]
    pub(super) attached: Vec<String>,
    pub(super) boundary: Option<Vec<Value>>,
    pub(super) session: Option<Vec<Value>>,
    pub(super) scp_root: Option<Vec<Value>>,
    pub(super) scp_unit: Option<Vec<Value>>,
    pub(super) scp_account: Option<Vec<Value>>,
    pub(super) extra_scp_unit: Option<Vec<Value>>,
    pub(super) rcp_unit: Option<Vec<Value>>,
    pub(super) scps: Option<bool>,
    pub(super) trust: Option<Vec<Value>>,
    pub(super) function_policy: Option<Vec<Value>>,
    pub(super) alias_policy: Option<Vec<Value>>,
    pub(super) layer_policy: Option<Vec<Value>>,
    pub(super) call: String,
    #[serde(default)]
    pub(super) input: Map<String, Value>,
    pub(super) denied: Option<String>,
}

pub(super) fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

pub(super) fn organization(world: &World, case: &Case) {
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

/// Creates the calling role with the case's policies, and returns a session of it.
pub(super) fn role(world: &World, case: &Case, account: &str, name: &str, path: &str) -> Caller {
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

pub(super) fn resources(world: &World, case: &Case) {
    let iam = world.global::<Iam>(MEMBER);
    let mut iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
    // Regardless of the case's trust policy, the role can be used by a function.
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
    // GetPolicy needs a policy to return.
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

pub(super) fn dispatcher() -> Dispatcher {
    let dispatcher = Dispatcher::new(service::world(Box::new(Empty)), false, Vec::new(), None);
    dispatcher.enforcement.switch(true);
    dispatcher
}

pub(super) fn world_of(case: &Case) -> (Dispatcher, Caller) {
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

pub(super) fn perform(
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
