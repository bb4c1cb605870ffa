//! Roles are judged: cases by hand, the catalogue's paths one by one, and the evaluator as a
//! witness that no row says too little.

use lambdasweep_policy::grants::{Grant, NamedPolicy, RoleInput, effective};
use lambdasweep_policy::role::{
    Caller, EscalationPath, MayWrite, Need, Target, TargetPolicy, catalogue, judge, may_write,
};
use lambdasweep_policy::{Context, Decision, Document, Policies, Principal, Request, evaluate};
use proptest::prelude::*;
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const ACCOUNT: &str = "111122223333";

pub(crate) fn document(statements: &Value) -> Document {
    Document::parse(&json!({"Version": "2012-10-17", "Statement": statements}).to_string())
        .expect("a policy")
}

pub(crate) fn role<'a>(identity: &'a Document) -> RoleInput<'a> {
    RoleInput {
        identity: vec![NamedPolicy {
            name: "p0",
            document: Some(identity),
        }],
        ..RoleInput::new(ROLE, ACCOUNT, "aws")
    }
}

fn line(row: &Grant<'_>) -> String {
    let narrowed = if row.narrowed() { " narrowed" } else { "" };
    let parts = [
        row.action_text(),
        row.levels.to_string(),
        row.scope.to_string(),
        row.resource_text(),
        row.condition_keys().join(" "),
    ];
    format!("{} | {}{narrowed}", parts.join(" | "), row.source).replace("|  |", "| |")
}

fn words(value: &Value) -> Vec<String> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|word| word.as_str().expect("a word").to_owned())
        .collect()
}

#[test]
fn cases() {
    let mut wrong = Vec::new();
    for text in include_str!("roles/grants.jsonl").lines() {
        let case: Value = serde_json::from_str(text).expect("a case");
        let id = case["id"].as_str().expect("an id");
        let read = |statements: &Value| (!statements.is_null()).then(|| document(statements));
        let mut identity = vec![document(&case["identity"])]
            .into_iter()
            .map(Some)
            .collect::<Vec<_>>();
        identity.extend(case.get("more").map(read));
        let names = case
            .get("names")
            .map_or_else(|| vec!["p0".to_owned(), "p1".to_owned()], words);
        let boundary = case.get("boundary").map(read);
        let levels: Vec<Vec<Option<Document>>> = case
            .get("scps")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|level| {
                level
                    .as_array()
                    .expect("a level")
                    .iter()
                    .map(read)
                    .collect()
            })
            .collect();
        let role = RoleInput {
            identity: identity
                .iter()
                .zip(&names)
                .map(|(document, name)| NamedPolicy {
                    name,
                    document: document.as_ref(),
                })
                .collect(),
            boundary: boundary.as_ref().map(|document| NamedPolicy {
                name: "boundary",
                document: document.as_ref(),
            }),
            scps: levels
                .iter()
                .map(|level| {
                    level
                        .iter()
                        .map(|document| NamedPolicy {
                            name: "scp",
                            document: document.as_ref(),
                        })
                        .collect()
                })
                .collect(),
            ..RoleInput::new(ROLE, ACCOUNT, "aws")
        };
        let judgement = judge(&role);
        let escalations: Vec<String> = judgement
            .escalations
            .iter()
            .map(|it| format!("{}{}", it.path.id, if it.conditional { "?" } else { "" }))
            .collect();
        let rows: Vec<String> = judgement.grants.iter().map(line).collect();
        let near: Vec<String> = judgement.near.iter().map(ToString::to_string).collect();
        let found = [
            ("rows", &rows),
            ("near", &near),
            ("escalations", &escalations),
        ];
        for (member, found) in found {
            if let Some(expected) = case.get(member).map(words)
                && expected != *found
            {
                wrong.push(format!("{id}: {member} {found:#?}, not {expected:#?}"));
            }
        }
        for (member, found) in [
            ("unknown", judgement.unknown.len()),
            ("loose", judgement.loose.len()),
        ] {
            let expected = case.get(member).and_then(Value::as_u64).unwrap_or(0);
            if expected != found as u64 {
                wrong.push(format!(
                    "{id}: {found} reasons why it is {member}, not {expected}"
                ));
            }
        }
        if let Some(expected) = case["privilege"].as_str()
            && expected != judgement.privilege.as_str()
        {
            wrong.push(format!("{id}: {}, not {expected}", judgement.privilege));
        }
        for (member, is_open) in [("with", true), ("without", false)] {
            for path in case.get(member).map(words).unwrap_or_default() {
                if escalations.contains(&path) != is_open {
                    wrong.push(format!("{id}: {path} is open: {}", !is_open));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether an action has no types of resource.
fn is_on_everything(need: &Need) -> bool {
    lambdasweep_policy::actions::find(&need.action)
        .is_some_and(|action| action.resource_types().next().is_none())
}

/// A resource that a need is about, by its name.
fn resource(need: &Need) -> String {
    let service = need.action.split(':').next().expect("a service");
    let name = match need.target {
        Target::Any if is_on_everything(need) => "*",
        Target::Any => return format!("arn:aws:{service}:eu-west-1:111122223333:thing/one"),
        Target::OwnRole => ROLE,
        Target::OtherRole | Target::AnyRole => "arn:aws:iam::111122223333:role/other",
        Target::OwnPolicy | Target::OwnBoundary | Target::Policy => "p0",
        Target::User => "arn:aws:iam::111122223333:user/one",
        Target::Group => "arn:aws:iam::111122223333:group/one",
        Target::Function => "arn:aws:lambda:eu-west-1:111122223333:function:one",
    };
    name.to_owned()
}

/// One statement for each permission that a path needs; a function may change each.
fn statements(path: &EscalationPath, change: impl Fn(usize, &mut Value)) -> Value {
    let one = |(index, need): (usize, &Need)| {
        let mut statement = json!({"Effect": "Allow", "Action": need.action, "Resource": "*"});
        change(index, &mut statement);
        statement
    };
    path.needs.iter().enumerate().map(one).collect()
}

fn is_open(path: &EscalationPath, statements: &Value) -> Option<bool> {
    let policy = "arn:aws:iam::111122223333:policy/own";
    let text = statements
        .to_string()
        .replace("\"p0\"", &format!("{policy:?}"));
    let identity = document(&serde_json::from_str(&text).expect("statements"));
    let mut role = role(&identity);
    role.identity[0].name = policy;
    judge(&role)
        .escalations
        .iter()
        .find(|escalation| escalation.path.id == path.id)
        .map(|escalation| escalation.conditional)
}

#[test]
fn every_path_is_open_with_all_that_it_needs_and_closed_without_any_of_it() {
    // What is latent depends on what else the role has: the graph's cases are about it.
    for path in catalogue()
        .iter()
        .filter(|path| !path.latent && !path.deletes)
    {
        let id = &path.id;
        assert_eq!(
            is_open(path, &statements(path, |_, _| ())),
            Some(false),
            "{id} on everything"
        );
        let named = |index: usize, statement: &mut Value| {
            statement["Resource"] = json!(resource(&path.needs[index]))
        };
        assert_eq!(
            is_open(path, &statements(path, named)),
            Some(false),
            "{id} on what it needs by name"
        );
        let passed = |_: usize, statement: &mut Value| {
            if statement["Action"] == "iam:PassRole" {
                statement["Condition"] =
                    json!({"StringEquals": {"iam:PassedToService": path.passed_to[0]}});
            }
        };
        assert_eq!(
            is_open(path, &statements(path, passed)),
            Some(false),
            "{id} with its service"
        );
        for (at, need) in path.needs.iter().enumerate() {
            let changed = |change: &dyn Fn(&mut Value)| {
                is_open(
                    path,
                    &statements(path, |index, statement| {
                        if index == at {
                            change(statement)
                        }
                    }),
                )
            };
            assert_eq!(
                changed(&|statement| statement["Action"] = json!("s3:GetObject")),
                None,
                "{id} without {}",
                need.action
            );
            assert_eq!(
                changed(&|statement| statement["Condition"] =
                    json!({"Bool": {"aws:ViaAWSService": "true"}})),
                Some(true),
                "{id} under a condition"
            );
            let mut denied = statements(path, |_, _| ());
            denied.as_array_mut().expect("statements").push(
                json!({"Effect": "Deny", "Action": need.action.to_uppercase(), "Resource": "*"}),
            );
            assert_eq!(
                is_open(path, &denied),
                None,
                "{id} with {} denied",
                need.action
            );
            assert_eq!(
                changed(&|statement| statement["Resource"] = json!("arn:aws:s3:::bucket/*")),
                None,
                "{id} with {} on a bucket",
                need.action
            );
            if need.action == "iam:PassRole" {
                let other = json!({"StringEquals": {"iam:PassedToService": "other.amazonaws.com"}});
                assert_eq!(
                    changed(&|statement| statement["Condition"] = other.clone()),
                    None,
                    "{id} with a role for another service"
                );
                assert_eq!(
                    changed(&|statement| statement["Resource"] = json!(ROLE)),
                    None,
                    "{id} with the role itself"
                );
            }
        }
    }
}

#[test]
fn the_catalogue_is_whole() {
    let ids: Vec<&str> = catalogue().iter().map(|path| path.id.as_str()).collect();
    assert_eq!(ids.iter().filter(|id| !id.starts_with("lsw-")).count(), 91);
    let numbered = |service: &str, count: usize| {
        (1..=count)
            .map(|number| format!("{service}-{number:03}"))
            .collect::<Vec<_>>()
    };
    for expected in [
        numbered("iam", 21),
        numbered("lambda", 6),
        numbered("ecs", 9),
    ]
    .concat()
    {
        assert_eq!(
            ids.iter().filter(|id| **id == expected).count(),
            1,
            "{expected}"
        );
    }
    for path in catalogue() {
        let actions: Vec<&str> = path.needs.iter().map(|need| need.action.as_str()).collect();
        assert_eq!(path.name, actions.join(" + "), "{}", path.id);
        assert_eq!(
            path.passed_to.is_empty(),
            !actions.contains(&"iam:PassRole"),
            "{}",
            path.id
        );
        assert!(
            path.caller == Caller::Any
                || ["iam-", "lsw-iam-", "lsw-sso-"]
                    .iter()
                    .any(|start| path.id.starts_with(start)),
            "{}",
            path.id
        );
        for action in actions {
            // Newer than the table.
            if action != "bedrock-agentcore:CreateHarness" {
                let known = lambdasweep_policy::actions::find(action).expect(action);
                assert_eq!(known.to_string(), action);
            }
        }
    }
}

#[test]
fn a_role_may_write_where_its_policies_and_the_targets_let_it() {
    let (own, other) = (
        "arn:aws:sqs:eu-west-1:111122223333:q",
        "arn:aws:sqs:eu-west-1:444455556666:q",
    );
    let send = json!([{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]);
    let nothing = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]);
    let to = |principal: Value, extra: Value| {
        let mut statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": "sqs:*", "Resource": "*"});
        statement
            .as_object_mut()
            .expect("a statement")
            .extend(extra.as_object().expect("members").clone());
        json!([statement])
    };
    let deny = |condition: Value| json!([{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": condition}]);
    let named = to(json!({"AWS": ROLE}), json!({}));
    let cases = [
        ("by the role's policies", &send, own, None, "yes"),
        ("by nobody", &nothing, own, None, "no"),
        (
            "by the target's policy",
            &nothing,
            own,
            Some(named.clone()),
            "yes",
        ),
        (
            "across accounts by the role alone",
            &send,
            other,
            None,
            "no",
        ),
        (
            "across accounts by the target alone",
            &nothing,
            other,
            Some(named.clone()),
            "no",
        ),
        (
            "across accounts by both",
            &send,
            other,
            Some(named.clone()),
            "yes",
        ),
        (
            "across accounts by both, by the account",
            &send,
            other,
            Some(to(json!({"AWS": "111122223333"}), json!({}))),
            "yes",
        ),
        (
            "denied by the target",
            &send,
            own,
            Some(
                json!([{"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]),
            ),
            "no",
        ),
        (
            "denied without TLS",
            &send,
            own,
            Some(deny(json!({"Bool": {"aws:SecureTransport": "false"}}))),
            "yes",
        ),
        (
            "denied from elsewhere",
            &send,
            own,
            Some(deny(
                json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
            )),
            "unknown",
        ),
        (
            "denied from a network",
            &send,
            own,
            Some(deny(json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}}))),
            "unknown",
        ),
        (
            "let in from a network",
            &nothing,
            own,
            Some(to(
                json!("*"),
                json!({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}),
            )),
            "unknown",
        ),
        (
            "let in for an organisation",
            &send,
            other,
            Some(to(
                json!("*"),
                json!({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}),
            )),
            "yes",
        ),
        (
            "let in for another organisation",
            &send,
            other,
            Some(to(
                json!("*"),
                json!({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-other"}}}),
            )),
            "no",
        ),
        (
            "let in as a session",
            &send,
            other,
            Some(to(
                json!({"AWS": "arn:aws:sts::111122223333:assumed-role/app/f"}),
                json!({}),
            )),
            "unknown",
        ),
    ];
    for (name, identity, queue, policy, expected) in cases {
        let (identity, policy) = (document(identity), policy.as_ref().map(document));
        let role = RoleInput {
            organization: Some("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"),
            ..role(&identity)
        };
        let target = policy
            .as_ref()
            .map_or(TargetPolicy::None, TargetPolicy::Document);
        let answer = may_write(&role, "sqs:SendMessage", queue, target);
        assert_eq!(answer.may.as_str(), expected, "{name}: {answer:?}");
        assert_eq!(
            answer.depends_on.is_empty(),
            expected != "unknown",
            "{name}: {answer:?}"
        );
        if expected == "yes" {
            assert_eq!(
                may_write(&role, "sqs:SendMessage", queue, TargetPolicy::Unread).may,
                MayWrite::Unknown,
                "{name}"
            );
        }
        let unread = RoleInput {
            boundary: Some(NamedPolicy {
                name: "b",
                document: None,
            }),
            ..role.clone()
        };
        assert_ne!(
            may_write(&unread, "sqs:SendMessage", queue, target).may,
            MayWrite::Yes,
            "{name} with a boundary that was not read"
        );
    }
}

#[test]
fn wildcards_are_weighed_by_what_they_take_in() {
    let weight = |statements: Value| judge(&role(&document(&statements))).wildcards.weight;
    let allow = |action: &str, resource: &str| json!([{"Effect": "Allow", "Action": action, "Resource": resource}]);
    assert_eq!(weight(allow("*", "*")), 40);
    assert_eq!(
        weight(allow(
            "sqs:SendMessage",
            "arn:aws:sqs:eu-west-1:111122223333:q"
        )),
        0
    );
    assert_eq!(weight(allow("sqs:SendMessage", "*")), 5);
    assert_eq!(
        weight(allow("sqs:Send*", "arn:aws:sqs:eu-west-1:111122223333:q")),
        5
    );
    assert_eq!(
        weight(allow("nosuch:*", "arn:aws:nosuch:eu-west-1:111122223333:q")),
        10
    );
    // Nothing narrower than `*` can be named for it.
    assert_eq!(weight(allow("lambda:ListFunctions", "*")), 0);
    let conditioned = json!([{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]);
    assert_eq!(weight(conditioned), 3);
    assert!(weight(allow("iam:*", "*")) > weight(allow("s3:Get*", "*")));
}

fn pattern() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "*",
        "s3:*",
        "s3:Get*",
        "S3:*Object",
        "s3:GetObject",
        "sqs:Send*",
        "sqs:*",
        "*:SendMessage",
        "s3:?etObject",
        "s3:*t*",
    ])
}

fn place() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "*",
        "arn:aws:s3:::a/*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::a/x",
        "arn:*:q",
        "arn:aws:sqs:*:111122223333:*",
        "arn:aws:s3:::${aws:PrincipalAccount}/*",
        "arn:aws:s3:::a/?",
        "*x",
        "arn:aws:s3",
        "arn:aws",
        "arn:aws:sqs:eu-west-1",
        "arn:aws:s3::${aws:PrincipalAccount}",
        "arn:aws:s3:::${aws:username}/*",
    ])
}

fn statement() -> impl Strategy<Value = Value> {
    let effect = prop::sample::select(vec!["Allow", "Allow", "Allow", "Deny"]);
    let condition = prop::sample::select(vec!["", "", "", "region", "elsewhere"]);
    (
        effect,
        prop::collection::vec(pattern(), 1..3),
        any::<u8>(),
        prop::collection::vec(place(), 1..3),
        any::<u8>(),
        condition,
    )
        .prop_map(
            |(effect, actions, not_action, resources, not_resource, condition)| {
                let mut statement = json!({"Effect": effect});
                statement[if not_action < 40 {
                    "NotAction"
                } else {
                    "Action"
                }] = json!(actions);
                statement[if not_resource < 40 {
                    "NotResource"
                } else {
                    "Resource"
                }] = json!(resources);
                match condition {
                    "region" => {
                        statement["Condition"] =
                            json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
                    }
                    "elsewhere" => {
                        statement["Condition"] =
                            json!({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})
                    }
                    _ => {}
                }
                statement
            },
        )
}

const RESOURCES: [&str; 6] = [
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/x",
    "arn:aws:s3:::a/xy",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::111122223333/x",
    "arn:aws:sqs:eu-west-1:111122223333:q",
];

fn policy() -> impl Strategy<Value = Document> {
    prop::collection::vec(statement(), 1..5).prop_map(|statements| document(&json!(statements)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_the_evaluator_allows_is_in_the_rows(
        identity in prop::collection::vec(policy(), 1..3),
        boundary in prop::option::of(policy()),
        scps in prop::collection::vec(prop::collection::vec(policy(), 1..3), 0..3),
    ) {
        let named = |document| NamedPolicy { name: "p", document: Some(document) };
        let role = RoleInput {
            identity: identity.iter().map(named).collect(),
            boundary: boundary.as_ref().map(named),
            scps: scps.iter().map(|level| level.iter().map(named).collect()).collect(),
            ..RoleInput::new(ROLE, ACCOUNT, "aws")
        };
        let grants = effective(&role);
        let principal = Principal::parse(ROLE).expect("a role");
        let levels = scps.iter().map(|level| level.iter().collect()).collect();
        let policies = Policies { identity: identity.iter().collect(), boundary: boundary.as_ref(), scps: levels, ..Policies::default() };
        for action in ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "sqs:SendMessage", "iam:PassRole"] {
            for resource in RESOURCES {
                for region in ["eu-west-1", "us-east-1"] {
                    let context = Context::default().with("aws:RequestedRegion", region);
                    let request = Request { principal: &principal, action, resource, resource_account: Some(ACCOUNT), context: &context };
                    if evaluate(&policies, &request).decision == Decision::Allowed {
                        let rows: Vec<String> = grants.rows.iter().map(line).collect();
                        prop_assert!(grants.rows.iter().any(|row| row.covers(action, resource)), "{action} {resource} {region}: {rows:#?}");
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_makes_a_judgement_fall_over(
        actions in prop::collection::vec("[a-z:*?${}é]{0,12}|\\PC{0,12}", 1..6),
        resources in prop::collection::vec("[a-z:*?/${}é]{0,12}|\\PC{0,12}", 1..6),
        denied in prop::collection::vec("[a-z:*?${}é]{0,8}", 1..4),
        arn in "\\PC{0,20}",
    ) {
        let all = json!([
            {"Effect": "Allow", "Action": actions, "Resource": resources},
            {"Effect": "Allow", "NotAction": denied, "NotResource": resources},
            {"Effect": "Deny", "NotAction": actions, "Resource": denied},
            {"Effect": "Deny", "Action": denied, "NotResource": resources},
        ]);
        let text = json!({"Version": "2012-10-17", "Statement": all}).to_string();
        if let Ok(policy) = Document::parse(&text) {
            let named = NamedPolicy { name: "p", document: Some(&policy) };
            let input = RoleInput { boundary: Some(named), scps: vec![vec![named]], trust: Some(&policy), ..RoleInput::new(&arn, ACCOUNT, "aws") };
            for role in [RoleInput { identity: vec![named], ..input.clone() }, RoleInput { boundary: None, identity: vec![named], ..input }] {
                let judgement = judge(&role);
                prop_assert!(judgement.grants.iter().all(|row| !row.levels.is_empty()));
                may_write(&role, &actions[0], &resources[0], TargetPolicy::Document(&policy));
            }
        }
    }
}
